#include "store/fsck.h"
#include "tests/ledger_audit.h"
#include "tests/unit.h"
#include "tests/work.h"

/*
 * What it costs to take in one record more of those that belong to one: as much
 * as it did, however many there are.
 */

enum { HUB, CLINIC };

/* What came in with the next entry of person i, in a batch of its own. */
static size_t bring_one(struct ledger *l, const struct world *w, size_t i)
{
	size_t before = calls;

	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(ledger_append_all(l, w, i), 0);
	assert_int_equal(store_commit(l->s), 0);
	return calls - before;
}

static int64_t claimed(struct ledger *l, const struct world *w)
{
	return ledger_figure(l, w, HUB, "visor", COL_CLAIMED);
}

static void check(struct ledger *l, const struct world *w)
{
	struct id rows = ledger_rows(l), audit = ledger_audit(w, NULL);
	struct fsck_report report;

	assert_true(id_eq(&rows, &audit));
	assert_int_equal(store_fsck(l->s, &report, NULL), 0);
	assert_int_equal(report.problems, 0);
}

/* PROTOCOL: only the first 256 refer to anything by it */
static void of_one_feed_so_many_receipts_count(void **state)
{
	static struct world w;
	struct ledger l;
	struct id id;
	size_t full = 0, last = 0, other;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_RECIPIENT);
	id = world_deliver(&w, HUB, CLINIC, 2000, "visor", true);
	ledger_found(&l, &w);
	bring_one(&l, &w, HUB);
	for (size_t i = 1; i <= 3 * LIMIT_REFS; i++) {
		world_receive(&w, CLINIC, &id, 1, "visor");
		last = bring_one(&l, &w, CLINIC);
		if (i == LIMIT_REFS) {
			full = last;
			check(&l, &w);
		}
		if (i == LIMIT_REFS - 1)
			assert_int_equal(claimed(&l, &w), i);
	}
	assert_int_equal(claimed(&l, &w), LIMIT_REFS);
	assert_true(last <= full + full / 10);
	check(&l, &w);
	/* Another feed, of whomever, has its own. */
	other = world_second_node(&w, CLINIC);
	world_receive(&w, other, &id, 1, "visor");
	bring_one(&l, &w, other);
	assert_int_equal(claimed(&l, &w), LIMIT_REFS + 1);
	check(&l, &w);
	ledger_release(&l);
	world_release(&w);
}

/* A record that is issued again so often that it is not seen to be. */
static void what_is_issued_again_too_often_is_silent(void **state)
{
	const struct id lost = { { 7 } };
	static struct world w;
	struct ledger l;
	size_t full = 0, last = 0;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	ledger_found(&l, &w);
	bring_one(&l, &w, HUB);
	for (size_t i = 1; i <= 2 * LIMIT_REFS; i++) {
		struct record rec;

		record_init(&rec, i <= LIMIT_REFS ? KIND_PRODUCE : KIND_SUPPLY);
		world_set_line(&rec, FACT_LINES, 1, "visor");
		record_set_bytes(&rec, FACT_ORPHAN, lost.b, ID_SIZE);
		world_record(&w, CLINIC, &rec);
		last = bring_one(&l, &w, CLINIC);
		if (i == LIMIT_REFS)
			full = last;
	}
	assert_int_equal(ledger_figure(&l, &w, CLINIC, "visor", COL_PRODUCED),
			 1);
	assert_int_equal(ledger_figure(&l, &w, CLINIC, "visor", COL_SUPPLIED),
			 0);
	assert_true(last <= full + full / 10);
	check(&l, &w);
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(of_one_feed_so_many_receipts_count),
		UNIT(what_is_issued_again_too_often_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
