#include "proto/roster/roster.h"

#include "tests/roster_world.h"

/* Person 0 is the founder unless said otherwise. */

static void founders_are_members_at_depth_zero(void **state)
{
	struct world *w = world_open(2);
	struct roster *r;
	const struct member *m;
	struct id none = roster_digest(r = world_empty(w));

	(void)state;
	assert_int_equal(roster_count(r), 0);
	assert_null(roster_charter(r));
	roster_close(r);
	world_begin(w, 0);
	r = world_roster(w);
	assert_int_equal(roster_count(r), 2);
	assert_true(id_eq(roster_network(r), &w->network));
	assert_non_null(roster_charter(r));
	assert_string_equal(roster_charter(r)->name, "Vosges");
	assert_false(id_eq(&none, &(struct id){ { 0 } }));
	for (size_t i = 0; i < 2; i++) {
		m = world_member(w, r, i);
		assert_non_null(m);
		assert_int_equal(m->depth, 0);
		assert_int_equal(m->role, ROLE_ASSOCIATION);
		assert_true(m->may_admit && m->is_standing);
		assert_true(pubkey_is_zero(&m->admitter));
		assert_true(pubkey_eq(&m->association, &w->who[i]));
		assert_string_equal(m->place, "FR-88");
		assert_true(roster_may_admit(r, &w->who[i]));
	}
	assert_string_equal(world_member(w, r, 0)->label, "f0");
	assert_null(roster_at(r, 2));
	assert_null(roster_feed_at(r, 1));
	assert_true(pubkey_cmp(&roster_at(r, 0)->identity,
			       &roster_at(r, 1)->identity) < 0);
	roster_close(r);
	roster_close(NULL);
	world_close(w);
}

static void admissions_chain_downwards(void **state)
{
	struct world *w = world_open(1);
	struct world_admit association = { ROLE_ASSOCIATION, true, "assoc",
					   NULL };
	struct world_admit courier = { ROLE_COURIER, false, "lea_88", NULL };
	struct roster *r;
	const struct member *m;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		world_begin(w, i);
	world_admit_as(w, 0, 1, &association);
	world_admit(w, 1, 2, true);
	world_admit_as(w, 2, 3, &courier);
	r = world_roster(w);
	assert_int_equal(roster_count(r), 4);
	m = world_member(w, r, 3);
	assert_int_equal(m->depth, 3);
	assert_int_equal(m->role, ROLE_COURIER);
	assert_string_equal(m->label, "lea_88");
	assert_string_equal(m->name, "");
	assert_string_equal(m->place, "FR-88");
	assert_false(m->may_admit);
	assert_true(pubkey_eq(&m->admitter, &w->who[2]));
	/* a maker that admits others does not become an association */
	assert_true(pubkey_eq(&m->association, &w->who[1]));
	m = world_member(w, r, 1);
	assert_true(pubkey_eq(&m->association, &w->who[1]));
	assert_null(world_member(w, r, 4));
	assert_int_equal(world_counted(w, r, 3), UINT64_MAX);
	assert_int_equal(world_counted(w, r, 4), 0);
	assert_true(roster_is_below(r, &w->who[3], &w->who[1]));
	assert_true(roster_is_below(r, &w->who[3], &w->who[0]));
	assert_false(roster_is_below(r, &w->who[1], &w->who[3]));
	assert_false(roster_is_below(r, &w->who[1], &w->who[1]));
	assert_false(roster_is_below(r, &w->who[4], &w->who[0]));
	assert_false(roster_is_below(r, &w->who[3], &w->who[4]));
	roster_close(r);
	world_close(w);
}

/* Admissions that have no effect, each alone against person 3. */
static void some_admissions_count_for_nothing(void **state)
{
	static const struct {
		size_t by, who;
		const char *why;
	} rows[] = {
		{ 2, 3, "its author may not admit" },
		{ 5, 3, "its author is nobody's member" },
		{ 5, 5, "nobody admits itself" },
		{ 1, 1, "nor once it is in" },
		{ 1, 0, "upwards" },
		{ 1, 4, "sideways: 4 is as deep as 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_open(1);
		struct roster *before, *after;
		struct id a, b;

		for (size_t k = 0; k < 6; k++)
			world_begin(w, k);
		world_admit(w, 0, 1, true);
		world_admit(w, 0, 4, false);
		world_admit(w, 1, 2, false);
		before = world_roster(w);
		world_admit(w, rows[i].by, rows[i].who, true);
		after = world_roster(w);
		a = roster_digest(before);
		b = roster_digest(after);
		if (!id_eq(&a, &b))
			fail_msg("%s", rows[i].why);
		assert_int_equal(roster_count(after), 4);
		assert_false(roster_standing_admit(
			after, &a, &w->who[rows[i].who], &w->who[rows[i].by]));
		roster_close(before);
		roster_close(after);
		world_close(w);
	}
}

static void those_who_admit_one_another_are_outside(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, 1, 2, true);
	world_admit(w, 2, 3, true);
	world_admit(w, 3, 1, true);
	r = world_roster(w);
	assert_int_equal(roster_count(r), 1);
	roster_close(r);
	/* let in at one place, the circle is a chain */
	world_admit(w, 0, 2, true);
	r = world_roster(w);
	assert_int_equal(roster_count(r), 4);
	assert_int_equal(world_member(w, r, 2)->depth, 1);
	assert_int_equal(world_member(w, r, 3)->depth, 2);
	assert_int_equal(world_member(w, r, 1)->depth, 3);
	roster_close(r);
	world_close(w);
}

/* The smaller identity of two. */
static size_t smaller(const struct world *w, size_t a, size_t b)
{
	return pubkey_cmp(&w->who[a], &w->who[b]) < 0 ? a : b;
}

static void of_several_admitters_the_smallest_governs(void **state)
{
	struct world *w = world_open(1);
	struct world_admit as1 = { ROLE_COURIER, false, "one", NULL };
	struct world_admit as2 = { ROLE_MAKER, true, "two", NULL };
	struct roster *r;
	size_t first, admit1, admit2;
	struct id id;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, 0, 1, true);
	world_admit(w, 0, 2, true);
	admit1 = world_admit_as(w, 1, 3, &as1);
	admit2 = world_admit_as(w, 2, 3, &as2);
	first = smaller(w, 1, 2);
	r = world_roster(w);
	assert_true(
		pubkey_eq(&world_member(w, r, 3)->admitter, &w->who[first]));
	assert_string_equal(world_member(w, r, 3)->label,
			    first == 1 ? "one" : "two");
	assert_true(roster_standing_admit(r, &id, &w->who[3], &w->who[1]));
	assert_true(id_eq(&id, &w->entry[admit1].id));
	roster_close(r);
	/* it is dismissed by that one: the other governs, all counts on */
	world_dismiss_one(w, first, 3, first == 1 ? admit1 : admit2, 3, 1);
	r = world_roster(w);
	assert_true(world_stands(w, r, 3));
	assert_int_equal(world_counted(w, r, 3), UINT64_MAX);
	assert_string_equal(world_member(w, r, 3)->label,
			    first == 1 ? "two" : "one");
	assert_int_equal(world_member(w, r, 3)->may_admit, first == 1);
	assert_false(roster_standing_admit(r, &id, &w->who[3], &w->who[first]));
	roster_close(r);
	/* an admission from higher up governs both away */
	world_admit(w, 0, 3, false);
	r = world_roster(w);
	assert_int_equal(world_member(w, r, 3)->depth, 1);
	assert_string_equal(world_member(w, r, 3)->label, "someone");
	assert_false(roster_standing_admit(r, &id, &w->who[3], &w->who[1]));
	roster_close(r);
	world_close(w);
}

static void a_later_admission_replaces_what_it_names(void **state)
{
	struct world *w = world_open(1);
	struct world_admit may = { ROLE_MAKER, true, "before", NULL };
	struct world_admit not = { ROLE_AUDITOR, false, "after", NULL };
	struct roster *r;
	size_t first, second;
	struct id id;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, 0, 3, true);
	first = world_admit_as(w, 0, 1, &may);
	world_admit(w, 1, 2, false);
	/* somebody else's admission cannot be replaced */
	not .replaces = &w->entry[first].id;
	world_admit_as(w, 3, 1, &not );
	r = world_roster(w);
	assert_string_equal(world_member(w, r, 1)->label, "before");
	assert_non_null(world_member(w, r, 2));
	roster_close(r);
	second = world_admit_as(w, 0, 1, &not );
	r = world_roster(w);
	assert_string_equal(world_member(w, r, 1)->label, "after");
	assert_int_equal(world_member(w, r, 1)->role, ROLE_AUDITOR);
	assert_false(roster_may_admit(r, &w->who[1]));
	/* the right to admit is retroactive, as admission is */
	assert_null(world_member(w, r, 2));
	assert_true(roster_standing_admit(r, &id, &w->who[1], &w->who[0]));
	assert_true(id_eq(&id, &w->entry[second].id));
	roster_close(r);
	/* dismissed, it does not get back what was replaced */
	world_dismiss_one(w, 0, 1, second, 1, 9);
	r = world_roster(w);
	assert_false(world_stands(w, r, 1));
	assert_string_equal(world_member(w, r, 1)->label, "after");
	assert_null(world_member(w, r, 2));
	roster_close(r);
	world_close(w);
}

/* 0 founds with 6; 0 admits 1, 1 admits 2, 2 admits 3; 6 admits 4; who may
 * take away the admission of `who`? */
static void dismissal_is_for_the_author_and_those_above(void **state)
{
	static const struct {
		size_t by, who;
		bool works;
		const char *why;
	} rows[] = {
		{ 2, 3, true, "by the author" },
		{ 1, 3, true, "by who is above the author" },
		{ 0, 3, true, "by the founder far above" },
		{ 4, 3, false, "by a stranger of higher rank" },
		{ 5, 3, false, "by somebody who is not in" },
		{ 3, 3, false, "by itself" },
		{ 3, 2, false, "by one below" },
		{ 6, 1, false, "by another founder" },
		{ 1, 1, false, "by itself, higher up" },
	};
	size_t admit[5];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_open(1);
		struct roster *r;

		/* the second founder is person 6 */
		w->charter.founders[1] = w->charter.founders[0];
		w->charter.founders[1].identity = w->who[6];
		w->charter.founders_n = 2;
		assert_int_equal(charter_encode(w->charter_raw, &w->charter_n,
						&w->charter),
				 0);
		w->network = hash_id(w->charter_raw, w->charter_n);
		for (size_t k = 0; k < 7; k++)
			world_begin(w, k);
		admit[1] = world_admit(w, 0, 1, true);
		admit[2] = world_admit(w, 1, 2, true);
		admit[3] = world_admit(w, 2, 3, true);
		admit[4] = world_admit(w, 6, 4, true);
		world_dismiss_one(w, rows[i].by, rows[i].who,
				  admit[rows[i].who], rows[i].who, 1);
		r = world_roster(w);
		if (world_stands(w, r, rows[i].who) == rows[i].works)
			fail_msg("%s", rows[i].why);
		assert_int_equal(world_counted(w, r, rows[i].who),
				 rows[i].works ? 1 : UINT64_MAX);
		roster_close(r);
		world_close(w);
	}
}

static void nothing_dismisses_a_founder(void **state)
{
	struct world *w = world_open(2);
	struct roster *r;
	size_t admit;

	(void)state;
	world_begin(w, 0);
	world_begin(w, 1);
	admit = world_admit(w, 0, 1, true); /* of no effect */
	world_dismiss_one(w, 0, 1, admit, 1, 0);
	r = world_roster(w);
	assert_true(world_stands(w, r, 1));
	assert_int_equal(world_counted(w, r, 1), UINT64_MAX);
	roster_close(r);
	world_close(w);
}

static void a_dismissal_takes_what_it_lists_and_no_more(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t of2, of3, other;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	of2 = world_admit(w, 0, 2, false);
	of3 = world_admit(w, 0, 3, false);
	/* lists the admission of another member */
	world_dismiss_one(w, 0, 2, of3, 2, 0);
	r = world_roster(w);
	assert_true(world_stands(w, r, 2) && world_stands(w, r, 3));
	roster_close(r);
	/* a second admission by the same author stands on */
	other = world_admit(w, 0, 2, false);
	world_dismiss_one(w, 0, 2, of2, 2, 0);
	r = world_roster(w);
	assert_true(world_stands(w, r, 2));
	roster_close(r);
	world_dismiss_one(w, 0, 2, other, 2, 0);
	r = world_roster(w);
	assert_false(world_stands(w, r, 2));
	roster_close(r);
	world_close(w);
}

static void entries_up_to_the_pin_count_and_admit(void **state)
{
	struct world *w = world_open(1);
	struct position pins[2];
	struct roster *r;
	size_t admit;
	uint64_t upto;
	struct id want;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		world_begin(w, i);
	world_open_as(w, 20, 1, 1); /* two more machines of person 1 */
	world_open_as(w, 21, 1, 1);
	admit = world_admit(w, 0, 1, true);
	world_admit(w, 1, 2, false);
	upto = w->seq[1];
	world_admit(w, 1, 3, false); /* one too late */
	world_admit(w, 20, 4, false);
	pins[0] = world_position(w, 1, upto);
	pins[1] = world_position(w, 20, 2);
	want = pins[0].id;
	r = world_roster(w);
	assert_int_equal(roster_count(r), 5);
	roster_close(r);
	world_dismiss(w, 0, 1, &admit, 1, pins, 2);
	r = world_roster(w);
	assert_false(world_stands(w, r, 1));
	assert_false(roster_may_admit(r, &w->who[1]));
	assert_true(world_member(w, r, 1)->may_admit);
	assert_int_equal(world_counted(w, r, 1), upto);
	assert_true(id_eq(&roster_feed(r, &w->feed[1])->pin, &want));
	assert_int_equal(world_counted(w, r, 20), 2);
	/* PROTOCOL: Feeds that are not pinned count for nothing. */
	assert_int_equal(world_counted(w, r, 21), 0);
	assert_true(id_is_zero(&roster_feed(r, &w->feed[21])->pin));
	assert_true(id_is_zero(&roster_feed(r, &w->feed[0])->pin));
	assert_true(world_stands(w, r, 2));
	assert_true(pubkey_eq(&world_member(w, r, 2)->admitter, &w->who[1]));
	assert_null(world_member(w, r, 3));
	assert_true(world_stands(w, r, 4));
	roster_close(r);
	world_close(w);
}

static void of_several_dismissals_the_smallest_sets_the_pins(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t admit, low, high;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		world_begin(w, i);
	world_admit(w, 0, 1, true);
	admit = world_admit(w, 1, 2, false);
	low = world_dismiss_one(w, 1, 2, admit, 2, 5);
	high = world_dismiss_one(w, 1, 2, admit, 2, 7);
	r = world_roster(w);
	assert_int_equal(world_counted(w, r, 2),
			 id_cmp(&w->entry[low].id, &w->entry[high].id) < 0 ? 5
									   : 7);
	roster_close(r);
	/* whoever is less deep comes first, whatever the id */
	world_dismiss_one(w, 0, 2, admit, 2, 3);
	r = world_roster(w);
	assert_int_equal(world_counted(w, r, 2), 3);
	roster_close(r);
	world_close(w);
}

/* 1 and 2 are admitted by 0, 3 by 1; 3 was dismissed by 1 at 2. */
static void a_release_raises_a_pin(void **state)
{
	static const struct {
		size_t by, of;
		uint64_t seq, counted;
		const char *why;
	} rows[] = {
		{ 1, 3, 4, 4, "by the one who dismissed" },
		{ 0, 3, 4, 4, "by who is above that one" },
		{ 2, 3, 4, 2, "by another of the same depth" },
		{ 3, 3, 4, 2, "by the dismissed one itself" },
		{ 4, 3, 4, 2, "by one who is not in" },
		{ 1, 3, 1, 2, "it never lowers" },
		{ 1, 20, 6, 2, "it raises its own feed only" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_open(1);
		struct roster *r;
		size_t admit;

		for (size_t k = 0; k < 5; k++)
			world_begin(w, k);
		world_open_as(w, 20, 3, 3);
		world_admit(w, 0, 1, true);
		world_admit(w, 0, 2, true);
		admit = world_admit(w, 1, 3, false);
		world_dismiss_one(w, 1, 3, admit, 3, 2);
		world_release(w, rows[i].by, 3, rows[i].of, rows[i].seq);
		r = world_roster(w);
		if (world_counted(w, r, 3) != rows[i].counted)
			fail_msg("%s: %d", rows[i].why,
				 (int)world_counted(w, r, 3));
		assert_int_equal(world_counted(w, r, 20),
				 rows[i].of == 20 ? 6 : 0);
		assert_false(world_stands(w, r, 3));
		roster_close(r);
		world_close(w);
	}
}

static void of_two_chains_at_one_pin_the_smaller_id_counts(void **state)
{
	struct world *w = world_open(1);
	struct position at = world_position(w, 1, 5);
	struct roster *r;
	size_t admit;

	(void)state;
	world_begin(w, 0);
	world_begin(w, 1);
	admit = world_admit(w, 0, 1, false);
	world_dismiss_one(w, 0, 1, admit, 1, 5);
	at.id.b[2] = 1; /* larger */
	world_release_at(w, 0, 1, &at);
	r = world_roster(w);
	assert_int_equal(roster_feed(r, &w->feed[1])->pin.b[2], 0);
	roster_close(r);
	at.id.b[0] = 0; /* smaller */
	world_release_at(w, 0, 1, &at);
	r = world_roster(w);
	assert_int_equal(roster_feed(r, &w->feed[1])->pin.b[2], 1);
	assert_int_equal(world_counted(w, r, 1), 5);
	roster_close(r);
	world_close(w);
}

/* Releases of one another by those who were dismissed: each asks whether the
 * other's counts. */
static void the_dismissed_cannot_release_one_another(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t admit[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	for (size_t i = 1; i < 4; i++)
		admit[i] = world_admit(w, 0, i, true);
	for (size_t i = 1; i < 4; i++)
		for (size_t k = 1; k < 4; k++)
			world_release(w, i, k, k, 99);
	for (size_t i = 1; i < 4; i++)
		world_dismiss_one(w, 0, i, admit[i], i, 2);
	r = world_roster(w);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(world_counted(w, r, i), 2);
	roster_close(r);
	world_close(w);
}

static void another_of_the_same_depth_takes_back_in(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t admit;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, 0, 1, true);
	world_admit(w, 0, 2, true);
	admit = world_admit(w, 1, 3, false);
	world_idle(w, 3);
	world_dismiss_one(w, 1, 3, admit, 3, 1);
	r = world_roster(w);
	assert_int_equal(world_counted(w, r, 3), 1);
	roster_close(r);
	world_admit(w, 2, 3, false); /* world_roster tells it in both orders */
	r = world_roster(w);
	assert_true(world_stands(w, r, 3));
	assert_int_equal(world_counted(w, r, 3), UINT64_MAX);
	assert_true(pubkey_eq(&world_member(w, r, 3)->admitter, &w->who[2]));
	roster_close(r);
	world_close(w);
}

static void nobody_comes_back_by_its_own_protege(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t admit;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	admit = world_admit(w, 0, 1, true);
	world_admit(w, 1, 2, true);
	world_admit(w, 2, 1, true);
	world_dismiss_one(w, 0, 1, admit, 1, 2);
	r = world_roster(w);
	assert_false(world_stands(w, r, 1));
	assert_int_equal(world_member(w, r, 1)->depth, 1);
	assert_true(world_stands(w, r, 2));
	/* taken away or not, it is what makes 2 stand below 0 */
	assert_true(roster_is_below(r, &w->who[2], &w->who[0]));
	roster_close(r);
	world_close(w);
}

static void who_is_vouched_for(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t by1, by2, by4;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		world_begin(w, i);
	world_admit(w, 0, 1, true);
	world_admit(w, 0, 2, true);
	world_admit(w, 1, 4, true); /* below 1 */
	by1 = world_admit(w, 1, 3, false);
	r = world_roster(w);
	assert_true(roster_is_vouched(r, &w->who[0], &w->who[1]));
	assert_false(roster_is_vouched(r, &w->who[3], &w->who[1]));
	assert_false(roster_is_vouched(r, &w->who[3], &w->who[0]));
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[2]));
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[4]));
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[9]));
	assert_false(roster_is_vouched(r, &w->who[5], &w->who[2]));
	roster_close(r);
	/* by one below the sender: no better than by the sender */
	by4 = world_admit(w, 4, 5, false);
	r = world_roster(w);
	assert_false(roster_is_vouched(r, &w->who[5], &w->who[1]));
	assert_true(roster_is_vouched(r, &w->who[5], &w->who[2]));
	roster_close(r);
	by2 = world_admit(w, 2, 3, false);
	r = world_roster(w);
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[1]));
	assert_false(roster_is_vouched(r, &w->who[3], &w->who[0]));
	roster_close(r);
	/* who takes the word back no longer vouches */
	world_dismiss_one(w, 2, 3, by2, 3, 0);
	r = world_roster(w);
	assert_false(roster_is_vouched(r, &w->who[3], &w->who[1]));
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[2]));
	roster_close(r);
	(void)by1;
	(void)by4;
	world_close(w);
}

static void a_dismissal_vouches_for_what_it_pins(void **state)
{
	struct world *w = world_open(1);
	struct position pin;
	struct roster *r;
	size_t both[2];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, 0, 1, true);
	world_admit(w, 0, 2, true);
	both[0] = world_admit(w, 1, 3, false);
	both[1] = world_admit(w, 2, 3, false);
	/* each takes back its own: of the one that set the pins */
	world_dismiss_one(w, 1, 3, both[0], 3, 1);
	world_dismiss_one(w, 2, 3, both[1], 3, 1);
	r = world_roster(w);
	assert_int_equal(world_counted(w, r, 3), 1);
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[1]) !=
		    roster_is_vouched(r, &w->who[3], &w->who[2]));
	roster_close(r);
	/* the founder takes both, and both vouch for what is left */
	pin = world_position(w, 3, 1);
	world_dismiss(w, 0, 3, both, 2, &pin, 1);
	r = world_roster(w);
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[1]));
	assert_true(roster_is_vouched(r, &w->who[3], &w->who[2]));
	assert_false(roster_is_vouched(r, &w->who[3], &w->who[0]));
	roster_close(r);
	world_close(w);
}

static void the_newest_addresses_are_told(void **state)
{
	char out[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	struct world *w = world_open(1);
	struct roster *r;
	bool changed;

	(void)state;
	world_begin(w, 0);
	world_begin(w, 1);
	world_addresses(w, 0, "tcp://old.example:1", "tcp://[::1]:2");
	r = world_roster(w);
	assert_int_equal(roster_addresses(r, &w->feed[0], out), 2);
	assert_string_equal(out[0], "tcp://old.example:1");
	assert_string_equal(out[1], "tcp://[::1]:2");
	assert_int_equal(roster_addresses(r, &w->feed[1], out), 0);
	roster_close(r);
	world_addresses(w, 1, "tcp://other.example:1", NULL);
	world_addresses(w, 0, "tcp://new.example:3", NULL);
	r = world_roster(w);
	assert_int_equal(roster_addresses(r, &w->feed[0], out), 1);
	assert_string_equal(out[0], "tcp://new.example:3");
	roster_cut(r, &w->feed[0], 2);
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_addresses(r, &w->feed[0], out), 2);
	roster_close(r);
	/* where a node is reached has nothing to do with standing */
	r = world_empty(w);
	assert_int_equal(
		roster_add(r, &changed, &w->entry[2].e, &w->entry[2].id), 0);
	assert_false(changed);
	roster_close(r);
	world_close(w);
}

static void outsiders_have_the_names_their_author_gave(void **state)
{
	char out[LIMIT_NAME + 1], again[LIMIT_NAME + 1];
	struct world *w = world_open(1);
	struct tag tag = { { 7 } }, other = { { 8 } };
	struct roster *r;
	size_t a, b, admit;

	(void)state;
	world_begin(w, 0);
	world_begin(w, 1);
	admit = world_admit(w, 0, 1, false);
	world_addresses(w, 1, "tcp://a.example:1", NULL);
	a = world_party(w, 1, 7, "Hospital");
	r = world_roster(w);
	assert_true(roster_party_name(r, out, &w->who[1], &tag));
	assert_string_equal(out, "Hospital");
	assert_false(roster_party_name(r, out, &w->who[0], &tag));
	assert_false(roster_party_name(r, out, &w->who[1], &other));
	roster_close(r);
	b = world_party(w, 1, 7, "Town hall");
	world_party(w, 0, 7, "Somebody else");
	r = world_roster(w);
	assert_true(roster_party_name(r, again, &w->who[1], &tag));
	assert_string_equal(again, id_cmp(&w->entry[a].id, &w->entry[b].id) < 0
					   ? "Hospital"
					   : "Town hall");
	roster_close(r);
	world_dismiss_one(w, 0, 1, admit, 1, 1);
	r = world_roster(w);
	assert_false(roster_party_name(r, out, &w->who[1], &tag));
	roster_close(r);
	world_close(w);
}

static void a_feed_is_opened_by_a_certified_first_entry(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	size_t at;

	(void)state;
	world_begin(w, 0);
	world_admit(w, 0, 1, false);
	world_open_as(w, 20, 1, 2); /* certified by somebody else */
	world_open_as(w, 21, 1, 1);
	world_idle(w, 22);
	world_open_as(w, 22, 1, 1); /* too late: seq 2 */
	at = world_open_as(w, 23, 1, 1);
	w->entry[at].e.prev.b[0] ^= 1; /* of another network */
	r = world_roster(w);
	assert_null(roster_feed(r, &w->feed[20]));
	assert_non_null(roster_feed(r, &w->feed[21]));
	assert_null(roster_feed(r, &w->feed[22]));
	assert_null(roster_feed(r, &w->feed[23]));
	assert_int_equal(roster_feed_count(r), 2);
	assert_true(
		pubkey_eq(&roster_feed(r, &w->feed[21])->identity, &w->who[1]));
	assert_memory_equal(&roster_feed(r, &w->feed[21])->transport,
			    &w->feed[21], KEY_SIZE);
	roster_close(r);
	/* one that was checked before it was kept is not checked again */
	r = world_empty(w);
	assert_int_equal(roster_readd(r, &(bool){ false }, &w->entry[2].e,
				      &w->entry[2].id),
			 0);
	assert_non_null(roster_feed(r, &w->feed[20]));
	roster_close(r);
	world_close(w);
}

static void the_charter_is_the_one_that_hashes_to_the_network(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;

	(void)state;
	world_begin(w, 0);
	/* the same entry in a network of another id */
	w->network.b[0] ^= 1;
	r = world_empty(w);
	w->entry[0].e.prev = w->network;
	assert_int_equal(roster_readd(r, &(bool){ false }, &w->entry[0].e,
				      &w->entry[0].id),
			 0);
	assert_null(roster_charter(r));
	roster_close(r);
	world_close(w);
}

static void malformed_and_other_entries_are_ignored(void **state)
{
	struct world *w = world_open(1);
	struct roster *r;
	struct id before, after;
	size_t admit;
	bool changed;

	(void)state;
	world_begin(w, 0);
	admit = world_admit(w, 0, 1, false);
	r = world_roster(w);
	before = roster_digest(r);
	w->entry[admit].e.facts_n--;
	assert_int_equal(roster_add(r, &changed, &w->entry[admit].e,
				    &w->entry[admit].id),
			 0);
	assert_false(changed);
	assert_false(world_tell(w, r, world_idle(w, 0)));
	assert_int_equal(roster_solve(r), 0);
	after = roster_digest(r);
	assert_true(id_eq(&before, &after));
	roster_close(r);
	world_close(w);
}

static void an_open_of_a_known_member_needs_no_solving(void **state)
{
	struct world *w = world_open(1);
	struct roster *r = world_empty(w);
	size_t admit, open, early, again;

	(void)state;
	assert_true(world_tell(w, r, world_begin(w, 0)));
	admit = world_admit(w, 0, 1, true);
	assert_true(world_tell(w, r, admit));
	assert_int_equal(roster_solve(r), 0);
	open = world_begin(w, 1);
	assert_false(world_tell(w, r, open));
	assert_int_equal(world_counted(w, r, 1), UINT64_MAX);
	/* the same open once more changes nothing */
	assert_false(world_tell(w, r, open));
	assert_int_equal(roster_feed_count(r), 2);
	/* one whose feed has already been heard does */
	again = world_open_as(w, 20, 1, 1);
	early = world_admit(w, 20, 2, false);
	assert_true(world_tell(w, r, early));
	assert_int_equal(roster_solve(r), 0);
	assert_null(world_member(w, r, 2));
	assert_true(world_tell(w, r, again));
	assert_int_equal(roster_solve(r), 0);
	assert_non_null(world_member(w, r, 2));
	/* a dismissed member's feed opens at its pin */
	assert_true(world_tell(w, r, world_dismiss_one(w, 0, 1, admit, 21, 4)));
	assert_int_equal(roster_solve(r), 0);
	assert_false(world_tell(w, r, world_open_as(w, 21, 1, 1)));
	assert_int_equal(world_counted(w, r, 21), 4);
	assert_int_equal(roster_feed(r, &w->feed[21])->pin.b[0], 21);
	roster_close(r);
	world_close(w);
}

static void a_cut_forgets_what_was_said_behind_it(void **state)
{
	struct world *w = world_open(1);
	struct roster *r, *same;
	struct id a, b;
	size_t n;

	(void)state;
	world_begin(w, 0);
	world_begin(w, 1);
	world_begin(w, 2);
	world_admit(w, 0, 1, true);
	world_admit(w, 1, 2, false);
	n = w->n;
	same = world_roster(w);
	world_admit(w, 1, 3, false);
	world_party(w, 1, 7, "Hospital");
	r = world_roster(w);
	assert_int_equal(roster_count(r), 4);
	roster_cut(r, &w->feed[1], w->entry[n - 1].e.seq);
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_count(r), 3);
	assert_false(roster_party_name(r, (char[LIMIT_NAME + 1]){ 0 },
				       &w->who[1], &(struct tag){ { 7 } }));
	a = roster_digest(r);
	b = roster_digest(same);
	assert_true(id_eq(&a, &b));
	/* cut at 0 the feed was never opened; the others are still there */
	roster_cut(r, &w->feed[1], 0);
	assert_int_equal(roster_solve(r), 0);
	assert_null(roster_feed(r, &w->feed[1]));
	assert_non_null(roster_feed(r, &w->feed[0]));
	assert_non_null(roster_feed(r, &w->feed[2]));
	assert_int_equal(roster_feed_count(r), 2);
	assert_null(world_member(w, r, 2));
	assert_true(world_stands(w, r, 1));
	/* the other branch may come instead */
	world_tell(w, r, 1);
	world_tell(w, r, n - 1);
	assert_int_equal(roster_solve(r), 0);
	a = roster_digest(r);
	assert_true(id_eq(&a, &b));
	roster_close(same);
	roster_close(r);
	world_close(w);
}

static void digests_differ_when_rosters_do(void **state)
{
	struct world *w = world_open(2);
	struct id seen[16];
	size_t n = 0, admit = 0, second = 0;

	(void)state;
	/* after each of these steps the roster is another one */
	for (size_t step = 0; step < 8; step++) {
		struct roster *r;

		if (step == 0) {
			for (size_t i = 0; i < 4; i++)
				world_begin(w, i);
		} else if (step == 1) {
			admit = world_admit(w, 0, 2, false);
		} else if (step == 2) {
			second = world_admit(w, 1, 2, false);
		} else if (step == 3) {
			world_dismiss_one(w, 0, 2, admit, 2, 1);
		} else if (step == 4) {
			world_dismiss_one(w, 1, 2, second, 2, 1);
		} else if (step == 5) {
			world_release(w, 0, 2, 2, 2);
			world_release(w, 1, 2, 2, 2);
		} else if (step == 6) {
			world_release(w, 0, 2, 3, 2);
			world_release(w, 1, 2, 3, 2);
		} else {
			struct world_admit again = {
				.replaces = &w->entry[admit].id
			};

			world_admit_as(w, 0, 2, &again);
		}
		r = world_roster(w);
		seen[n++] = roster_digest(r);
		for (size_t i = 0; i + 1 < n; i++)
			if (id_eq(&seen[i], &seen[n - 1]))
				fail_msg("steps %d and %d", (int)i, (int)step);
		roster_close(r);
	}
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(founders_are_members_at_depth_zero),
		UNIT(admissions_chain_downwards),
		UNIT(some_admissions_count_for_nothing),
		UNIT(those_who_admit_one_another_are_outside),
		UNIT(of_several_admitters_the_smallest_governs),
		UNIT(a_later_admission_replaces_what_it_names),
		UNIT(dismissal_is_for_the_author_and_those_above),
		UNIT(nothing_dismisses_a_founder),
		UNIT(a_dismissal_takes_what_it_lists_and_no_more),
		UNIT(entries_up_to_the_pin_count_and_admit),
		UNIT(of_several_dismissals_the_smallest_sets_the_pins),
		UNIT(a_release_raises_a_pin),
		UNIT(of_two_chains_at_one_pin_the_smaller_id_counts),
		UNIT(the_dismissed_cannot_release_one_another),
		UNIT(another_of_the_same_depth_takes_back_in),
		UNIT(nobody_comes_back_by_its_own_protege),
		UNIT(who_is_vouched_for),
		UNIT(a_dismissal_vouches_for_what_it_pins),
		UNIT(the_newest_addresses_are_told),
		UNIT(outsiders_have_the_names_their_author_gave),
		UNIT(a_feed_is_opened_by_a_certified_first_entry),
		UNIT(the_charter_is_the_one_that_hashes_to_the_network),
		UNIT(malformed_and_other_entries_are_ignored),
		UNIT(an_open_of_a_known_member_needs_no_solving),
		UNIT(a_cut_forgets_what_was_said_behind_it),
		UNIT(digests_differ_when_rosters_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
