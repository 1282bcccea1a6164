#include "tests/nomem.h"

#include "crypto/err.h"
#include "store/fsck.h"
#include "store/lock.h"
#include "tests/ledger.h"
#include "tests/unit.h"

/*
 * Each allocation of ours fails once.  It is said, nothing is left behind, and
 * the same again then succeeds with the same result.
 */

static void make_world(struct world *w)
{
	struct record rec;
	uint8_t key[TAG_SIZE] = { 5 };
	struct id d;

	world_found(w);
	for (int i = 0; i < 5; i++)
		world_member(w, ROLE_MAKER);
	for (size_t i = 1; i < w->n; i++) {
		d = world_deliver(w, i, 1 + i % 5, 40, "visor/v30", true);
		world_receive(w, 1 + i % 5, &d, 39, "visor/v30");
		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, i, "visor/v30");
		record_set_bytes(&rec, FACT_KEY, key, TAG_SIZE);
		world_record(w, i, &rec);
	}
}

/* Try with the k-th allocation failing; true when nothing failed any more. */
static bool try_fill(struct ledger *l, const struct world *w, int k)
{
	int err;

	nomem_after = k;
	err = ledger_fill(l, w);
	if (nomem_after >= 0) {
		nomem_after = -1;
		assert_int_equal(err, 0);
		return true;
	}
	/* Some failures are survived: the error of the rest is what counts. */
	if (err != 0)
		assert_int_equal(err, ERR_NOMEM);
	assert_false(store_in_batch(l->s));
	return false;
}

static void a_batch_survives_missing_memory(void **state)
{
	struct id want = { { 0 } }, books;
	struct fsck_report report;
	struct world w;
	bool is_done = false;

	(void)state;
	make_world(&w);
	for (int k = 0; !is_done; k++) {
		struct ledger l;

		ledger_found(&l, &w);
		is_done = try_fill(&l, &w, k);
		assert_int_equal(ledger_fill(&l, &w), 0);
		books = ledger_books(&l);
		if (k == 0)
			want = books;
		assert_true(id_eq(&books, &want));
		assert_int_equal(store_fsck(l.s, &report, NULL), 0);
		assert_int_equal(report.problems, 0);
		ledger_release(&l);
		assert_true(k < 2000);
	}
	world_release(&w);
}

static void opening_survives_missing_memory(void **state)
{
	struct world w;
	struct ledger l;
	int err = ERR_NOMEM, k = 0;

	(void)state;
	make_world(&w);
	ledger_found(&l, &w);
	assert_int_equal(ledger_fill(&l, &w), 0);
	ledger_close(&l);
	for (; err == ERR_NOMEM && k < 1000; k++) {
		nomem_after = k;
		err = ledger_open(&l, STORE_WRITE);
		nomem_after = -1;
		if (err != 0)
			assert_null(l.s);
	}
	assert_int_equal(err, 0);
	assert_true(k > 3);
	ledger_release(&l);
	world_release(&w);
}

static void checking_survives_missing_memory(void **state)
{
	struct fsck_report report;
	struct world w;
	struct ledger l;
	int err = ERR_NOMEM, k = 0;

	(void)state;
	make_world(&w);
	ledger_found(&l, &w);
	assert_int_equal(ledger_fill(&l, &w), 0);
	for (; err == ERR_NOMEM && k < 1000; k++) {
		nomem_after = k;
		err = store_fsck(l.s, &report, NULL);
		nomem_after = -1;
	}
	assert_int_equal(err, 0);
	assert_int_equal(report.problems, 0);
	assert_true(k > 1);
	ledger_release(&l);
	world_release(&w);
}

static void an_abort_without_memory_is_mended_later(void **state)
{
	struct world w;
	struct ledger l;

	(void)state;
	make_world(&w);
	ledger_found(&l, &w);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(ledger_append_all(&l, &w, 0), 0);
	nomem_after = 0;
	store_abort(l.s);
	nomem_after = -1;
	assert_null(store_roster(l.s));
	assert_int_equal(store_refresh(l.s), 0);
	assert_non_null(store_roster(l.s));
	assert_int_equal(roster_count(store_roster(l.s)), 0);
	assert_int_equal(ledger_fill(&l, &w), 0);
	ledger_release(&l);
	world_release(&w);
}

static void a_lock_survives_missing_memory(void **state)
{
	char path[2 * LEDGER_PATH];
	struct lock *lock = NULL;
	struct ledger l;

	(void)state;
	ledger_init(&l);
	snprintf(path, sizeof(path), "%s/lock", l.root);
	nomem_after = 0;
	assert_int_equal(lock_take(&lock, path), ERR_NOMEM);
	nomem_after = -1;
	assert_null(lock);
	assert_int_equal(lock_take(&lock, path), 0);
	lock_release(lock);
	ledger_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_batch_survives_missing_memory),
		UNIT(opening_survives_missing_memory),
		UNIT(checking_survives_missing_memory),
		UNIT(an_abort_without_memory_is_mended_later),
		UNIT(a_lock_survives_missing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
