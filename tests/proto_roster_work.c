#include "tests/roster_world.h"
#include "tests/work.h"

/*
 * What it costs to fold a roster again, with what anybody may have said.
 */

enum { FOUNDER, LEA, MANY = 100 };

/* Names the founder's entry 9, with a signature that may be no good. */
static void resolve(struct world *w, size_t by, size_t signer)
{
	struct position at = world_position(w, FOUNDER, 9);
	struct sig sig = world_prove(w, signer, &at);

	world_resolve(w, by, &at, CAUSE_COPIED_MACHINE, &sig);
}

/* What the founder's feed goes up to, and the signatures looked at. */
static uint64_t limit(struct roster *r, const struct world *w, size_t *cost)
{
	size_t before = checks;

	assert_int_equal(roster_solve(r), 0);
	*cost = checks - before;
	return roster_limit(r, &w->feed[FOUNDER])->limit;
}

/* A sole founder's word about its own feed counts whoever brings it, so anybody
 * may bring what looks like it. */
static void each_proof_is_checked_once(void **state)
{
	struct world *w = world_open(1);
	struct roster *r = world_empty(w);
	size_t cost, told;
	bool changed;

	(void)state;
	world_begin(w, FOUNDER);
	world_begin(w, LEA);
	world_admit(w, FOUNDER, LEA, false);
	for (size_t i = 0; i < MANY; i++)
		resolve(w, LEA, LEA);
	for (told = 0; told < w->n; told++)
		world_tell(w, r, told);
	/* Nobody asks as long as nothing is in dispute. */
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_fork(r, &changed, &w->feed[FOUNDER], 7), 0);
	assert_int_equal(limit(r, w, &cost), 6);
	assert_int_equal(cost, MANY);
	/* And again only about what is new. */
	world_admit(w, FOUNDER, 2, false);
	world_tell(w, r, told++);
	assert_int_equal(limit(r, w, &cost), 6);
	assert_int_equal(cost, 0);
	resolve(w, LEA, FOUNDER);
	world_tell(w, r, told++);
	assert_int_equal(limit(r, w, &cost), 9);
	assert_int_equal(cost, 1);
	roster_close(r);
	world_close(w);
}

/* Of the feed of a member, and of one of several founders, it says nothing. */
static void where_others_say_it_no_proof_is_checked(void **state)
{
	struct world *w = world_open(2);
	struct roster *r = world_empty(w);
	bool changed;
	size_t cost;

	(void)state;
	world_begin(w, FOUNDER);
	world_begin(w, 1);
	resolve(w, 1, FOUNDER);
	for (size_t i = 0; i < w->n; i++)
		world_tell(w, r, i);
	assert_int_equal(roster_fork(r, &changed, &w->feed[FOUNDER], 7), 0);
	assert_int_equal(limit(r, w, &cost), 9);
	assert_int_equal(cost, 0);
	roster_close(r);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(each_proof_is_checked_once),
		UNIT(where_others_say_it_no_proof_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
