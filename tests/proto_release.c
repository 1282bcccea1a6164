#include "tests/village.h"

/*
 * An end that was set too low is raised by a release.  Person 0 founds, 1 is an
 * association, 2 and 3 are its makers; 2 has a second machine, feed 16, and
 * ended the first, feed 2, at its entry 3.
 */

enum { KEY = 8, OTHER = 16, NEWER, END = 3 };

static struct world *two_machines(void)
{
	struct world *w = village();

	world_open_as(w, OTHER, LEA, LEA);
	world_idle(w, LEA);
	return w;
}

static void release(struct world *w, size_t by, size_t who, size_t of,
		    uint64_t to, const char *end)
{
	struct position at = world_position(w, of, to);
	struct record rec;

	record_init(&rec, KIND_RELEASE);
	record_set_bytes(&rec, FACT_WHO, w->who[who].b, KEY_SIZE);
	if (end != NULL)
		record_set_bytes(&rec, FACT_NUMBER, end, strlen(end));
	world_say_of(w, by, &rec, &at);
}

static struct roster *ended(const struct world *w, size_t of, uint64_t seq)
{
	struct position at = world_position(w, of, seq);
	struct roster *r = world_rotated(w);
	bool changed;

	assert_int_equal(roster_end(r, &changed, &at), 0);
	assert_int_equal(roster_solve(r), 0);
	return r;
}

/* Up to where the feed goes, whether the end or the release came first. */
static uint64_t limit(const struct world *w, size_t of, uint64_t seq)
{
	struct position at = world_position(w, of, seq);
	struct roster *r = ended(w, of, seq), *other = world_empty(w);
	const struct feed_limit *l = roster_limit(r, &w->feed[of]);
	struct position tip;
	uint64_t n = l->limit;
	bool changed;

	assert_int_equal(world_counted(w, r, of), n);
	if (n > seq) {
		tip = world_position(w, of, n);
		assert_true(id_eq(&tip.id, &l->tip));
	}
	assert_int_equal(l->end.seq, seq);
	assert_int_equal(roster_end(other, &changed, &at), 0);
	for (size_t i = w->n; i > 0; i--)
		world_tell(w, other, i - 1);
	for (size_t i = 0; i < w->n; i++)
		assert_int_equal(
			roster_checkpointed(other, &changed, &w->entry[i].e),
			0);
	assert_int_equal(roster_solve(other), 0);
	assert_int_equal(roster_limit(other, &w->feed[of])->limit, n);
	roster_close(other);
	roster_close(r);
	return n;
}

static void who_may_raise_an_end(void **state)
{
	static const struct {
		size_t by;
		bool may;
		const char *why;
	} row[] = {
		{ ASSO, true, "it admitted her" },
		{ FOUNDER, true, "above that one" },
		{ OTHER, true, "her other machine" },
		{ NINO, false, "a neighbour" },
		{ LEA, false, "the machine itself" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = two_machines();

		release(w, row[i].by, LEA, LEA, 9, "3");
		if (limit(w, LEA, END) != (row[i].may ? 9 : END))
			fail_msg("%s", row[i].why);
		world_close(w);
	}
}

static void only_that_end_and_upwards(void **state)
{
	static const struct {
		const char *end;
		uint64_t to, limit;
	} row[] = {
		{ "3", 9, 9 }, { "3", 4, 4 },  { "3", 3, 3 },  { "3", 2, 3 },
		{ "2", 9, 3 }, { "4", 9, 3 },  { "03", 9, 3 }, { "x", 9, 3 },
		{ "0", 9, 3 }, { NULL, 9, 3 },
	};
	struct world *w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		w = two_machines();
		release(w, ASSO, LEA, LEA, row[i].to, row[i].end);
		assert_int_equal(limit(w, LEA, END), row[i].limit);
		world_close(w);
	}
	/* of several the highest; one below is another end, and its own */
	w = two_machines();
	release(w, ASSO, LEA, LEA, 5, "3");
	release(w, OTHER, LEA, LEA, 8, "3");
	release(w, FOUNDER, LEA, LEA, 6, "3");
	assert_int_equal(limit(w, LEA, END), 8);
	assert_int_equal(limit(w, LEA, 2), 2);
	release(w, OTHER, LEA, LEA, 4, "2");
	assert_int_equal(limit(w, LEA, 2), 4);
	assert_int_equal(limit(w, LEA, END), 8);
	/* of another member it says nothing */
	release(w, ASSO, NINO, LEA, 20, "3");
	assert_int_equal(limit(w, LEA, END), 8);
	world_close(w);
}

/* One of an end raises no pin, and lets nothing count after a rotation. */
static void a_release_of_an_end_is_of_nothing_else(void **state)
{
	struct world_rotate x = { .who = LEA,
				  .from = LEA,
				  .to = KEY,
				  .is_signed = true,
				  .pins = { LEA },
				  .pins_n = 1,
				  .pin_seq = 2 };
	struct world *w = two_machines();
	struct roster *r;

	(void)state;
	world_dismiss_one(w, ASSO, LEA, 5, LEA, 2);
	release(w, ASSO, LEA, LEA, 5, "3");
	r = world_rotated(w);
	assert_int_equal(world_counted(w, r, LEA), 2);
	roster_close(r);
	release(w, ASSO, LEA, LEA, 5, NULL);
	r = world_rotated(w);
	assert_int_equal(world_counted(w, r, LEA), 5);
	roster_close(r);
	world_close(w);
	w = two_machines();
	world_rotate(w, LEA, &x);
	release(w, ASSO, LEA, LEA, 5, "3");
	r = world_rotated(w);
	assert_int_equal(world_counted(w, r, LEA), 2);
	roster_close(r);
	world_close(w);
}

/* Under a new identity key the old machines of the member say nothing, and
 * what one of them says beyond its own end is not heard. */
static void the_key_in_force_raises_what_the_old_one_ended(void **state)
{
	struct world_rotate x = { .who = LEA,
				  .from = LEA,
				  .to = KEY,
				  .is_signed = true,
				  .feeds = { LEA, OTHER },
				  .feeds_n = 2 };
	struct position at;
	struct world *w = two_machines();
	struct roster *r;
	bool changed;

	(void)state;
	world_rotate(w, OTHER, &x);
	release(w, OTHER, LEA, LEA, 9, "3");
	assert_int_equal(limit(w, LEA, END), END);
	world_open_as(w, NEWER, KEY, KEY);
	world_idle(w, NEWER);
	release(w, NEWER, LEA, LEA, 9, "3");
	assert_int_equal(limit(w, LEA, END), 9);
	for (uint64_t own = 2; own < 4; own++) {
		r = ended(w, LEA, END);
		at = world_position(w, NEWER, own);
		assert_int_equal(roster_end(r, &changed, &at), 0);
		assert_int_equal(roster_solve(r), 0);
		assert_int_equal(roster_limit(r, &w->feed[LEA])->limit,
				 own == 2 ? END : 9);
		roster_close(r);
	}
	world_close(w);
}

/* Two ended machines do not raise one another. */
static void what_was_raised_raises_nothing(void **state)
{
	struct position at;
	struct world *w = two_machines();
	struct roster *r;
	bool changed;

	(void)state;
	release(w, ASSO, LEA, OTHER, 9, "1");
	release(w, OTHER, LEA, LEA, 9, "3");
	r = ended(w, LEA, END);
	assert_int_equal(roster_limit(r, &w->feed[LEA])->limit, 9);
	at = world_position(w, OTHER, 1);
	assert_int_equal(roster_end(r, &changed, &at), 0);
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_limit(r, &w->feed[OTHER])->limit, 9);
	assert_int_equal(roster_limit(r, &w->feed[LEA])->limit, END);
	roster_close(r);
	world_close(w);
}

/* A fork below what was raised holds all the same. */
static void a_fork_holds_until_it_is_resolved(void **state)
{
	static const struct {
		uint64_t fork, limit;
	} row[] = {
		{ 2, 1 }, { 3, 2 }, { 4, 3 }, { 7, 6 }, { 9, 8 }, { 10, 9 }
	};
	struct world *w = two_machines();

	(void)state;
	release(w, ASSO, LEA, LEA, 9, "3");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct roster *r = ended(w, LEA, END);
		bool changed;

		assert_int_equal(
			roster_fork(r, &changed, &w->feed[LEA], row[i].fork),
			0);
		assert_int_equal(roster_solve(r), 0);
		assert_int_equal(roster_limit(r, &w->feed[LEA])->limit,
				 row[i].limit);
		roster_close(r);
	}
	world_close(w);
}

static void a_chain_that_is_named_ends_where_the_raised_end_is(void **state)
{
	static const uint64_t to[][2] = { { 9, 8 }, { 8, 8 }, { 6, 6 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		struct world *w = two_machines();
		struct position at = world_position(w, LEA, 8);
		struct roster *r;
		bool changed;

		release(w, ASSO, LEA, LEA, to[i][0], "3");
		world_resolve(w, ASSO, &at, CAUSE_COPIED_MACHINE, NULL);
		r = ended(w, LEA, END);
		assert_int_equal(roster_fork(r, &changed, &w->feed[LEA], 5), 0);
		assert_int_equal(roster_solve(r), 0);
		assert_int_equal(roster_limit(r, &w->feed[LEA])->limit,
				 to[i][1]);
		roster_close(r);
		world_close(w);
	}
}

static void a_founder_raises_its_own(void **state)
{
	struct world *w = two_machines();

	(void)state;
	world_open_as(w, NEWER, FOUNDER, FOUNDER);
	release(w, ASSO, FOUNDER, FOUNDER, 9, "2");
	assert_int_equal(limit(w, FOUNDER, 2), 2);
	release(w, NEWER, FOUNDER, FOUNDER, 9, "2");
	assert_int_equal(limit(w, FOUNDER, 2), 9);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(who_may_raise_an_end),
		UNIT(only_that_end_and_upwards),
		UNIT(a_release_of_an_end_is_of_nothing_else),
		UNIT(the_key_in_force_raises_what_the_old_one_ended),
		UNIT(what_was_raised_raises_nothing),
		UNIT(a_fork_holds_until_it_is_resolved),
		UNIT(a_chain_that_is_named_ends_where_the_raised_end_is),
		UNIT(a_founder_raises_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
