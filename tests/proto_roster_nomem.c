#include "tests/nomem.h"
#include "tests/rotation_world.h"

/* Everything that is kept and solved, two members dismissed. */
static struct world *eventful(void)
{
	struct world *w = world_open(1);
	size_t admit[3];

	for (size_t i = 0; i < 5; i++)
		world_begin(w, i);
	for (size_t i = 1; i < 3; i++)
		admit[i] = world_admit(w, 0, i, true);
	world_admit(w, 1, 3, false);
	world_admit(w, 2, 3, false);
	for (size_t i = 1; i < 3; i++) {
		world_dismiss_one(w, 0, i, admit[i], i, 2);
		world_release(w, 0, i, 20, 3);
	}
	world_addresses(w, 0, "tcp://a.example:1", NULL);
	world_party(w, 0, 7, "Hospital");
	/* a member's key is followed by one that signs, another's is lost */
	world_open_as(w, 5, 8, 8);
	world_rotate(w, 5,
		     &(struct world_rotate){ .who = 3,
					     .from = 3,
					     .to = 8,
					     .is_signed = true,
					     .feeds = { 3 },
					     .feeds_n = 1,
					     .pins = { 7 },
					     .pins_n = 1,
					     .pin_seq = 2 });
	world_rotate(w, 0,
		     &(struct world_rotate){ .who = 2, .from = 2, .to = 9 });
	world_amendment(w, 0);
	/* many pins, so that room for them is asked for more than once */
	for (size_t i = 0; i < 40; i++)
		world_release(w, 0, 2, i % WORLD_FEEDS, 4 + i);
	return w;
}

static void opening_fails_whole(void **state)
{
	struct world *w = world_open(1);
	struct roster *r = NULL;
	int err = ERR_NOMEM;

	(void)state;
	for (int k = 0; err != 0; k++) {
		nomem_after = k;
		err = roster_open(&r, &w->network);
		nomem_after = -1;
		if (err != 0) {
			assert_int_equal(err, ERR_NOMEM);
			assert_null(r);
		} else {
			assert_true(k > 5);
		}
	}
	roster_close(r);
	world_close(w);
}

static void an_entry_is_taken_in_whole_or_not_at_all(void **state)
{
	struct world *w = eventful();
	struct roster *want = world_roster(w), *r = world_empty(w);
	struct id a = roster_digest(want), b;
	size_t failures = 0;

	(void)state;
	for (size_t i = 0; i < w->n; i++) {
		int err = ERR_NOMEM;

		for (int k = 0; err != 0; k++) {
			bool changed = true;

			nomem_after = k;
			err = roster_add(r, &changed, &w->entry[i].e,
					 &w->entry[i].id);
			nomem_after = -1;
			if (err == 0)
				break;
			assert_int_equal(err, ERR_NOMEM);
			assert_false(changed);
			failures++;
		}
	}
	assert_true(failures > 5);
	assert_int_equal(roster_solve(r), 0);
	b = roster_digest(r);
	assert_memory_equal(&a, &b, sizeof(a));
	roster_close(want);
	roster_close(r);
	world_close(w);
}

static void a_failed_solve_leaves_the_old_answers(void **state)
{
	struct world *w = eventful();
	struct roster *want = world_roster(w), *r = world_empty(w);
	struct id a = roster_digest(want), old, now;
	int err = ERR_NOMEM;
	size_t half = 7;

	(void)state;
	for (size_t i = 0; i < half; i++)
		world_tell(w, r, i);
	assert_int_equal(roster_solve(r), 0);
	old = roster_digest(r);
	assert_int_equal(roster_count(r), 3);
	for (size_t i = half; i < w->n; i++)
		world_tell(w, r, i);
	for (int k = 0; err != 0; k++) {
		nomem_after = k;
		err = roster_solve(r);
		nomem_after = -1;
		now = roster_digest(r);
		if (err == 0) {
			assert_true(k > 10);
			break;
		}
		assert_int_equal(err, ERR_NOMEM);
		assert_memory_equal(&old, &now, sizeof(old));
		assert_int_equal(roster_count(r), 3);
		assert_true(world_stands(w, r, 1));
		assert_int_equal(world_counted(w, r, 1), UINT64_MAX);
		assert_null(world_member(w, r, 3));
	}
	assert_memory_equal(&a, &now, sizeof(a));
	assert_int_equal(world_counted(w, r, 1), 2);
	roster_close(want);
	roster_close(r);
	world_close(w);
}

/* Of three founders one lost its key; what names the next one is said under a
 * later key of the second. */
static void founders_agree_whole_or_not_at_all(void **state)
{
	struct world_rotate next = { .who = 1,
				     .from = 1,
				     .to = 9,
				     .is_signed = true,
				     .feeds = { 1 },
				     .feeds_n = 1 };
	struct world_rotate lost = { .who = 0,
				     .from = 0,
				     .to = 8,
				     .is_signed = true,
				     .pins = { 0 },
				     .pins_n = 1,
				     .pin_seq = 1 };
	struct world *w = world_open(3);
	struct roster *r;
	int err = ERR_NOMEM;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		world_begin(w, i);
	world_open_as(w, 5, 9, 9);
	world_rotate(w, 1, &next);
	world_rotate(w, 0, &lost);
	lost.to = 10;
	world_rotate(w, 0, &lost);
	r = world_roster(w);
	lost.is_signed = false;
	for (size_t to = 8; to < 11; to += 2) {
		lost.to = to;
		world_tell(w, r, world_rotate(w, 1, &lost));
		world_tell(w, r, world_rotate(w, 5, &lost));
		world_tell(w, r, world_rotate(w, 2, &lost));
	}
	for (int k = 0; err != 0; k++) {
		nomem_after = k;
		err = roster_solve(r);
		nomem_after = -1;
		if (err == 0)
			assert_true(k > 20);
		else
			assert_int_equal(err, ERR_NOMEM);
		for (size_t i = 0; i < roster_rotation_count(r); i++)
			if (err == 0)
				assert_int_not_equal(
					roster_rotation_at(r, i).state,
					ROTATION_WAITS);
	}
	roster_close(r);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(opening_fails_whole),
		UNIT(an_entry_is_taken_in_whole_or_not_at_all),
		UNIT(a_failed_solve_leaves_the_old_answers),
		UNIT(founders_agree_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
