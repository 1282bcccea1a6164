#include "store/targets.h"

#include "store/state.h"
#include "tests/ledger.h"
#include "tests/unit.h"

/* What refers to a made-up id. */
static void put_ref(struct store *s, struct id *target, uint64_t i)
{
	uint8_t key[REF_KEY_SIZE], no[NO_SIZE];
	struct pubkey feed = { { 1 } };

	*target = hash_id(&i, sizeof(i));
	ref_key(key, target, REF_DELIVER, &feed, i + 1);
	no_encode(no, 1);
	assert_int_equal(db_put(s->db, DB_REF,
				(struct span){ key, sizeof(key) },
				(struct span){ no, sizeof(no) }),
			 0);
}

static void no_is_certain_and_yes_is_rare(void **state)
{
	enum { ROWS = 3000, OTHERS = 3000 };
	struct targets t = { .bits = NULL };
	struct world w;
	struct ledger l;
	size_t wrong = 0, other = 0;
	struct id id;

	(void)state;
	world_found(&w);
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	for (uint64_t i = 0; i < ROWS / 2; i++)
		put_ref(l.s, &id, i);
	/* Not made yet: anything may be. */
	assert_true(targets_have(&t, &(struct id){ { 9 } }, REF_DELIVER));
	for (int i = 0; i < 255; i++)
		assert_int_equal(targets_grow(&t, l.s->db), 0);
	assert_null(t.bits);
	assert_int_equal(targets_grow(&t, l.s->db), 0);
	assert_non_null(t.bits);
	assert_int_equal(t.rows, ROWS / 2);
	for (uint64_t i = ROWS / 2; i < ROWS; i++) {
		put_ref(l.s, &id, i);
		targets_add(&t, id.b, REF_DELIVER);
	}
	for (uint64_t i = 0; i < ROWS; i++) {
		id = hash_id(&i, sizeof(i));
		assert_true(targets_have(&t, &id, REF_DELIVER));
		other += targets_have(&t, &id, REF_CORRECT) +
			 targets_have(&t, &id, REF_ORPHAN);
	}
	for (uint64_t i = ROWS; i < ROWS + OTHERS; i++) {
		id = hash_id(&i, sizeof(i));
		wrong += targets_have(&t, &id, REF_DELIVER);
	}
	assert_true(wrong < OTHERS / 10);
	assert_true(other < 2 * ROWS / 10);
	targets_forget(&t);
	assert_true(targets_have(&t, &(struct id){ { 9 } }, REF_DELIVER));
	store_abort(l.s);
	ledger_release(&l);
	world_release(&w);
}

/* The filter is made anew before it says yes too often. */
static void it_widens_with_the_table(void **state)
{
	struct targets t = { .bits = NULL, .asked = 1000 };
	struct world w;
	struct ledger l;
	uint64_t mask;

	(void)state;
	world_found(&w);
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(targets_grow(&t, l.s->db), 0);
	mask = t.mask;
	t.rows = (mask + 1) / 8 - 1;
	assert_int_equal(targets_grow(&t, l.s->db), 0);
	assert_int_equal(t.rows, (mask + 1) / 8 - 1);
	t.rows++;
	assert_int_equal(targets_grow(&t, l.s->db), 0);
	assert_int_equal(t.rows, 0);
	targets_forget(&t);
	store_abort(l.s);
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(no_is_certain_and_yes_is_rare),
		UNIT(it_widens_with_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
