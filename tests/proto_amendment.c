#include "proto/roster/amendment.h"

#include "proto/roster/roster_limit.h"

#include "tests/roster_world.h"

#include <stdio.h>

/* What founders say of their charter.  Persons 0 to 2 found the network. */

static struct charter with_name(const struct world *w, const char *name)
{
	struct charter c = w->charter;

	snprintf(c.name, sizeof(c.name), "%s", name);
	return c;
}

static void add_founder(const struct world *w, struct charter *c, size_t who)
{
	struct founder *f = &c->founders[c->founders_n++];

	memset(f, 0, sizeof(*f));
	f->identity = w->who[who];
	snprintf(f->label, sizeof(f->label), "f%zu", who);
	memcpy(f->place, "FR-67", 6);
}

static size_t say(struct world *w, size_t feed, const char *number,
		  const struct charter *c)
{
	uint8_t raw[LIMIT_CHARTER];
	struct record rec;
	size_t n;

	assert_int_equal(charter_encode(raw, &n, c), 0);
	record_init(&rec, KIND_CHARTER);
	record_set_bytes(&rec, FACT_CHARTER, raw, n);
	if (number != NULL)
		record_set_bytes(&rec, FACT_NUMBER, number, strlen(number));
	return world_say(w, feed, &rec);
}

static struct world *begin(size_t founders)
{
	struct world *w = world_open(founders);

	for (size_t i = 0; i < 6; i++)
		world_begin(w, i);
	return w;
}

/* The name in force, and how many amendments led to it. */
static void expect(const struct world *w, const char *name, uint64_t number)
{
	struct roster *r = world_roster(w);
	struct id id;

	assert_string_equal(roster_charter(r)->name, name);
	assert_int_equal(roster_amended(r, &id), number);
	assert_int_equal(id_eq(&id, &w->network), number == 0);
	assert_string_equal(roster_first_charter(r)->name, "Vosges");
	assert_true(id_eq(roster_network(r), &w->network));
	roster_close(r);
}

static void more_than_half_of_the_founders_amend(void **state)
{
	static const struct {
		size_t founders, voices;
		bool acts;
	} row[] = { { 1, 1, true },  { 2, 1, false }, { 2, 2, true },
		    { 3, 1, false }, { 3, 2, true },  { 4, 2, false },
		    { 4, 3, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = begin(row[i].founders);
		struct charter c = with_name(w, "Alsace");

		for (size_t k = 0; k < row[i].voices; k++)
			say(w, k, "1", &c);
		expect(w, row[i].acts ? "Alsace" : "Vosges", row[i].acts);
		world_close(w);
	}
}

static void one_founder_has_one_voice(void **state)
{
	struct world *w = begin(3);
	struct charter c = with_name(w, "Alsace");

	(void)state;
	/* twice in one feed, and in a second one of the same founder */
	say(w, 0, "1", &c);
	say(w, 0, "1", &c);
	world_open_as(w, WORLD_PEOPLE, 0, 0);
	say(w, WORLD_PEOPLE, "1", &c);
	expect(w, "Vosges", 0);
	say(w, 2, "1", &c);
	expect(w, "Alsace", 1);
	world_close(w);
}

static void others_have_no_voice(void **state)
{
	struct world *w = begin(1);
	struct charter c = with_name(w, "Alsace");

	(void)state;
	world_admit(w, 0, 1, true);
	say(w, 1, "1", &c); /* an association, but no founder */
	say(w, 2, "1", &c); /* nobody */
	world_open_as(w, WORLD_PEOPLE, 0, 3);
	say(w, WORLD_PEOPLE, "1", &c); /* a founder's name, forged */
	expect(w, "Vosges", 0);
	world_close(w);
}

static void at_one_number_the_smallest_id_counts(void **state)
{
	static const char *const name[] = { "Alsace", "Lorraine", "Jura" };
	struct world *w = begin(1);
	struct id least = { { 0xff } };
	const char *want = NULL;

	(void)state;
	memset(least.b, 0xff, sizeof(least.b));
	for (size_t i = 0; i < ARRAY_LEN(name); i++) {
		struct charter c = with_name(w, name[i]);
		struct id id;

		say(w, 0, "1", &c);
		assert_int_equal(charter_id(&id, &c), 0);
		if (id_cmp(&id, &least) < 0) {
			least = id;
			want = name[i];
		}
	}
	expect(w, want, 1);
	world_close(w);
}

static void numbers_follow_one_another(void **state)
{
	struct world *w = begin(1);
	struct charter a = with_name(w, "Alsace");
	struct charter b = with_name(w, "Lorraine");
	struct charter c = with_name(w, "Jura");

	(void)state;
	say(w, 0, "3", &c);
	say(w, 0, "2", &b);
	say(w, 0, NULL, &a);
	say(w, 0, "0", &a);
	say(w, 0, "01", &a);
	expect(w, "Vosges", 0);
	say(w, 0, "1", &a);
	expect(w, "Jura", 3);
	world_close(w);
}

static void what_must_stay_stays(void **state)
{
	struct world *w = begin(2);
	struct charter c = with_name(w, "Alsace");

	(void)state;
	c.founders_n = 1;
	say(w, 0, "1", &c);
	say(w, 1, "1", &c);
	c = with_name(w, "Alsace");
	memcpy(c.currency, "CHF", 4);
	say(w, 0, "1", &c);
	say(w, 1, "1", &c);
	c = with_name(w, "Alsace");
	c.nonce[0] ^= 1;
	say(w, 0, "1", &c);
	say(w, 1, "1", &c);
	c = with_name(w, "Alsace");
	c.created_ms++;
	say(w, 0, "1", &c);
	say(w, 1, "1", &c);
	expect(w, "Vosges", 0);
	world_close(w);
}

static void a_founder_who_is_added_is_one_from_the_first_entry(void **state)
{
	struct world *w = begin(1);
	struct charter c = w->charter;
	struct roster *r;
	size_t admit;

	(void)state;
	admit = world_admit(w, 0, 1, false);
	world_dismiss_one(w, 0, 1, admit, 1, 0);
	world_admit(w, 1, 2, false);
	add_founder(w, &c, 1);
	c.is_public = true;
	c.quorum = 2;
	say(w, 0, "1", &c);
	r = world_roster(w);
	assert_true(roster_charter(r)->is_public);
	assert_int_equal(roster_charter(r)->quorum, 2);
	assert_int_equal(world_member(w, r, 1)->depth, 0);
	assert_true(world_member(w, r, 1)->may_admit);
	assert_true(world_stands(w, r, 1));
	assert_string_equal(world_member(w, r, 1)->place, "FR-67");
	assert_int_equal(world_counted(w, r, 1), UINT64_MAX);
	assert_int_equal(world_member(w, r, 2)->depth, 1);
	roster_close(r);
	/* now it takes both */
	snprintf(c.name, sizeof(c.name), "Alsace");
	say(w, 0, "2", &c);
	expect(w, "Vosges", 1);
	say(w, 1, "2", &c);
	expect(w, "Alsace", 2);
	world_close(w);
}

static void a_fork_silences_what_comes_after_it(void **state)
{
	struct world *w = begin(1);
	struct charter c = with_name(w, "Alsace");
	struct roster *r;
	struct id id;
	bool changed;
	size_t at;

	(void)state;
	at = say(w, 0, "1", &c);
	for (uint64_t past = 0; past < 2; past++) {
		r = world_roster(w);
		assert_int_equal(roster_fork(r, &changed, &w->feed[0],
					     w->entry[at].e.seq + past),
				 0);
		assert_true(changed);
		assert_int_equal(roster_solve(r), 0);
		assert_int_equal(roster_amended(r, &id), past);
		roster_close(r);
	}
	world_close(w);
}

static int count(void *arg, const struct proposal *p)
{
	size_t *n = arg;

	assert_int_equal(p->by_n, 1);
	assert_string_equal(p->charter.name, "Alsace");
	++*n;
	return 0;
}

static void what_is_wanted_next_is_told(void **state)
{
	struct world *w = begin(2);
	struct charter a = with_name(w, "Alsace");
	struct charter later = with_name(w, "Jura");
	struct charter bad = w->charter;
	struct roster *r;
	size_t n = 0;

	(void)state;
	bad.nonce[0] ^= 1;
	say(w, 0, "1", &a);
	say(w, 0, "2", &later);
	say(w, 0, "1", &bad);
	say(w, 3, "1", &later);
	r = world_roster(w);
	assert_int_equal(roster_proposals(r, count, &n), 0);
	assert_int_equal(n, 1);
	roster_close(r);
	say(w, 1, "1", &a);
	r = world_roster(w);
	n = 0;
	/* agreed; what founder 0 wants at number 2 is another matter */
	assert_string_equal(roster_charter(r)->name, "Alsace");
	roster_close(r);
	world_close(w);
}

/* Person 1 or 2, and then 3, become founders, and 3 admits 4. */
static void a_founder_does_not_vouch_for_who_made_it_one(void **state)
{
	(void)state;
	for (size_t founders = 1; founders <= 2; founders++) {
		struct world *w = begin(founders);
		struct charter c = w->charter;
		struct roster *r;
		size_t first = founders, second = 3;

		add_founder(w, &c, first);
		for (size_t i = 0; i < founders; i++)
			say(w, i, "1", &c);
		add_founder(w, &c, second);
		for (size_t i = 0; i <= founders; i++)
			say(w, i, "2", &c);
		world_admit(w, second, 4, false);
		r = world_roster(w);
		assert_int_equal(world_member(w, r, second)->depth, 0);
		/* founder 0 made both; a second founder has its own say */
		assert_int_equal(
			roster_is_vouched(r, &w->who[first], &w->who[0]),
			founders == 2);
		assert_int_equal(
			roster_is_vouched(r, &w->who[second], &w->who[0]),
			founders == 2);
		/* but whom they admit is not beyond its reach */
		assert_false(roster_is_vouched(r, &w->who[4], &w->who[0]));
		assert_true(roster_depends(r, &w->who[4], &w->who[first]));
		/* nor does it hold the other way round */
		assert_true(roster_is_vouched(r, &w->who[0], &w->who[second]));
		assert_false(roster_depends(r, &w->who[0], &w->who[second]));
		assert_true(roster_is_vouched(r, &w->who[4], &w->who[5]));
		roster_close(r);
		world_close(w);
	}
}

/* Any order, and any part told first. */
static void any_order_of_arrival_gives_the_same_charter(void **state)
{
	static const char *const name[] = { "Alsace", "Lorraine", "Jura" };
	struct world *w = begin(3);
	uint32_t rng = 1;
	struct id want;
	struct roster *r;

	(void)state;
	for (size_t i = 0; i < 36; i++) {
		const char number[2] = { (char)('1' + i % 3), '\0' };
		struct charter c = with_name(w, name[i / 3 % 3]);

		if (i / 3 % 3 != 0)
			add_founder(w, &c, 3);
		if (i % 5 != 0)
			say(w, i / 9, number, &c);
	}
	r = world_roster(w);
	want = roster_digest(r);
	assert_true(roster_amended(r, &(struct id){ { 0 } }) >= 2);
	roster_close(r);
	for (size_t round = 0; round < 100; round++) {
		size_t order[WORLD_ENTRIES];
		struct id got;

		for (size_t i = 0; i < w->n; i++)
			order[i] = i;
		for (size_t i = w->n; i > 1; i--) {
			size_t k, swap = order[i - 1];

			rng = rng * 1664525u + 1013904223u;
			k = (rng >> 8) % i;
			order[i - 1] = order[k];
			order[k] = swap;
		}
		r = world_empty(w);
		for (size_t i = 0; i < w->n; i++) {
			if (world_tell(w, r, order[i]) && i % 5 == 0)
				assert_int_equal(roster_solve(r), 0);
		}
		assert_int_equal(roster_solve(r), 0);
		got = roster_digest(r);
		assert_memory_equal(&got, &want, sizeof(want));
		roster_close(r);
	}
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(more_than_half_of_the_founders_amend),
		UNIT(one_founder_has_one_voice),
		UNIT(others_have_no_voice),
		UNIT(at_one_number_the_smallest_id_counts),
		UNIT(numbers_follow_one_another),
		UNIT(what_must_stay_stays),
		UNIT(a_founder_who_is_added_is_one_from_the_first_entry),
		UNIT(a_fork_silences_what_comes_after_it),
		UNIT(what_is_wanted_next_is_told),
		UNIT(a_founder_does_not_vouch_for_who_made_it_one),
		UNIT(any_order_of_arrival_gives_the_same_charter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
