#include "tests/village.h"

/*
 * Of a feed whose first entry is in dispute nobody names a chain, but who may
 * say of a fork which chain counts says how it came about.  Person 0 founds,
 * and person 1 too where there are two founders; ASSO admits LEA and NINO.
 */

enum { SECOND = 1 };

static void resolve(struct world *w, size_t by, size_t of, enum cause cause,
		    const struct sig *proof)
{
	struct position at = world_position(w, of, 1);

	world_resolve(w, by, &at, cause, proof);
}

/* The feed was begun twice, and is gone. */
static struct roster *forked(const struct world *w, size_t of)
{
	struct roster *r = world_roster(w);
	bool changed;

	assert_int_equal(roster_fork(r, &changed, &w->feed[of], 1), 0);
	roster_cut(r, &w->feed[of], 0);
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_limit(r, &w->feed[of])->limit, 0);
	assert_null(roster_feed(r, &w->feed[of]));
	return r;
}

/* -1: nothing was said. */
static int explained(const struct world *w, size_t of, size_t whose)
{
	struct roster *r = forked(w, of);
	enum cause cause;
	int out = roster_explained(r, &cause, &w->feed[of], &w->who[whose])
			  ? (int)cause
			  : -1;

	roster_close(r);
	return out;
}

static void the_association_says_it_or_one_above(void **state)
{
	static const struct {
		size_t by;
		int cause;
	} row[] = {
		{ ASSO, CAUSE_COPIED_MACHINE },
		{ FOUNDER, CAUSE_DISHONESTY },
		{ NINO, -1 },
		{ LEA, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = village();

		assert_int_equal(explained(w, LEA, LEA), -1);
		resolve(w, row[i].by, LEA,
			row[i].cause < 0 ? CAUSE_COPIED_MACHINE
					 : (enum cause)row[i].cause,
			NULL);
		assert_int_equal(explained(w, LEA, LEA), row[i].cause);
		/* Nor of somebody whom nobody admitted, nor of another feed. */
		assert_int_equal(explained(w, LEA, 9), -1);
		assert_int_equal(explained(w, NINO, NINO), -1);
		world_close(w);
	}
}

/* The least deep says it, whoever spoke first. */
static void one_above_goes_before(void **state)
{
	struct world *w = village();

	(void)state;
	resolve(w, ASSO, LEA, CAUSE_DISHONESTY, NULL);
	assert_int_equal(explained(w, LEA, LEA), CAUSE_DISHONESTY);
	resolve(w, FOUNDER, LEA, CAUSE_COPIED_MACHINE, NULL);
	assert_int_equal(explained(w, LEA, LEA), CAUSE_COPIED_MACHINE);
	world_close(w);
}

/* Feed 16 is the founder's second machine. */
static void of_a_founder_the_others_or_its_own_signature(void **state)
{
	enum { TWIN = 16 };
	struct position at;
	struct world *w = village();
	struct sig sig;

	(void)state;
	world_open_as(w, TWIN, FOUNDER, FOUNDER);
	resolve(w, ASSO, TWIN, CAUSE_COPIED_MACHINE, NULL);
	resolve(w, FOUNDER, TWIN, CAUSE_COPIED_MACHINE, NULL);
	assert_int_equal(explained(w, TWIN, FOUNDER), -1);
	at = world_position(w, TWIN, 1);
	sig = world_prove(w, FOUNDER, &at);
	resolve(w, NINO, TWIN, CAUSE_COPIED_MACHINE, &sig);
	assert_int_equal(explained(w, TWIN, FOUNDER), CAUSE_COPIED_MACHINE);
	world_close(w);
	w = world_open(2);
	world_begin(w, FOUNDER);
	world_begin(w, SECOND);
	world_open_as(w, TWIN, FOUNDER, FOUNDER);
	resolve(w, FOUNDER, TWIN, CAUSE_COPIED_MACHINE, NULL);
	assert_int_equal(explained(w, TWIN, FOUNDER), -1);
	resolve(w, SECOND, TWIN, CAUSE_COPIED_MACHINE, NULL);
	assert_int_equal(explained(w, TWIN, FOUNDER), CAUSE_COPIED_MACHINE);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_association_says_it_or_one_above),
		UNIT(one_above_goes_before),
		UNIT(of_a_founder_the_others_or_its_own_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
