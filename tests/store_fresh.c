#include "store/fresh.h"

#include "crypto/err.h"
#include "store/state.h"
#include "store/view.h"
#include "tests/ledger.h"
#include "tests/unit.h"

static struct id id_of(uint64_t i)
{
	return hash_id(&i, sizeof(i));
}

static struct place stored(struct store *s, const struct id *id)
{
	struct place at = { 0, 0 };
	struct span value;

	if (db_get(s->db, DB_ID, id->b, HALF_SIZE, &value) == 0)
		assert_int_equal(place_decode(&at, value), 0);
	return at;
}

static void what_waits_is_found_and_then_written(void **state)
{
	enum { ROWS = 1000 };
	struct fresh f = { .row = NULL };
	struct place at;
	struct world w;
	struct ledger l;
	struct id id = id_of(0);

	(void)state;
	world_found(&w);
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	assert_false(fresh_find(&f, &at, &id));
	for (uint64_t i = 0; i < ROWS; i++) {
		id = id_of(i);
		assert_int_equal(fresh_add(&f, &id, (struct place){ 1, i + 1 }),
				 0);
	}
	for (uint64_t i = 0; i < ROWS; i++) {
		id = id_of(i);
		assert_true(fresh_find(&f, &at, &id));
		assert_int_equal(at.seq, i + 1);
		assert_int_equal(stored(l.s, &id).no, 0);
	}
	assert_int_equal(fresh_flush(&f, l.s->db), 0);
	for (uint64_t i = 0; i < ROWS; i++) {
		id = id_of(i);
		assert_false(fresh_find(&f, &at, &id));
		assert_int_equal(stored(l.s, &id).seq, i + 1);
	}
	fresh_forget(&f);
	store_abort(l.s);
	ledger_release(&l);
	world_release(&w);
}

/* Of two ids that share a half the first keeps the row, waiting or stored. */
static void the_first_of_a_half_keeps_it(void **state)
{
	struct fresh f = { .row = NULL };
	struct id a = id_of(1), b = a;
	struct place at;
	struct world w;
	struct ledger l;

	(void)state;
	b.b[HALF_SIZE] ^= 1;
	world_found(&w);
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(fresh_add(&f, &a, (struct place){ 1, 5 }), 0);
	assert_int_equal(fresh_add(&f, &b, (struct place){ 1, 6 }), 0);
	assert_true(fresh_find(&f, &at, &b));
	assert_int_equal(at.seq, 5);
	assert_int_equal(fresh_flush(&f, l.s->db), 0);
	assert_int_equal(stored(l.s, &a).seq, 5);
	assert_int_equal(fresh_add(&f, &b, (struct place){ 1, 7 }), 0);
	assert_int_equal(fresh_flush(&f, l.s->db), 0);
	assert_int_equal(stored(l.s, &a).seq, 5);
	fresh_forget(&f);
	store_abort(l.s);
	ledger_release(&l);
	world_release(&w);
}

/* Whoever asks inside a batch finds what has just come, whichever way. */
static int note_found(void *arg, const struct position *at)
{
	*(uint64_t *)arg = at->seq;
	return 0;
}

static void an_entry_is_found_in_the_batch_that_brings_it(void **state)
{
	struct world w;
	struct ledger l;
	struct position at;
	uint64_t seq = 0;
	struct id made;

	(void)state;
	world_found(&w);
	made = world_produce(&w, 0, 48, "visor");
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(ledger_append_all(&l, &w, 0), 0);
	assert_int_equal(store_find(l.s, &made, &at), 0);
	assert_int_equal(at.seq, w.who[0].seq);
	assert_int_equal(store_find_prefix(l.s, made.b, 12, note_found, &seq),
			 0);
	assert_int_equal(seq, at.seq);
	store_abort(l.s);
	assert_int_equal(store_find(l.s, &made, &at), ERR_NOT_FOUND);
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_waits_is_found_and_then_written),
		UNIT(the_first_of_a_half_keeps_it),
		UNIT(an_entry_is_found_in_the_batch_that_brings_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
