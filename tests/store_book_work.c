#include "store/fsck.h"
#include "tests/audit_world.h"
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

/* PROTOCOL: Of corrections of corrections the first 256 count, of a delivery
 * the first 16, one after the other; what corrects the last of them has no
 * effect. */
static void so_many_versions_of_a_record_count(void **state)
{
	static struct world w;
	struct record rec;
	struct ledger l;
	struct id id;
	size_t full = 0, most = 0;

	(void)state;
	world_found(&w);
	id = world_produce(&w, HUB, 60, "visor");
	ledger_found(&l, &w);
	bring_one(&l, &w, HUB);
	for (size_t i = 1; i <= 4 * LIMIT_VERSIONS; i++) {
		size_t one;

		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, i, "visor");
		id = world_correct(&w, HUB, &id, &rec);
		one = bring_one(&l, &w, HUB);
		most = one > most ? one : most;
		if (i == LIMIT_VERSIONS) {
			full = one;
			check(&l, &w);
		}
	}
	assert_int_equal(ledger_figure(&l, &w, HUB, "visor", COL_PRODUCED),
			 LIMIT_VERSIONS);
	assert_true(most <= 2 * full);
	check(&l, &w);
	ledger_release(&l);
	world_release(&w);
}

/* A record that is issued again, and that again, and so on. */
static void what_is_issued_again_and_again_costs_no_more(void **state)
{
	static struct world w;
	struct record rec;
	struct ledger l;
	struct id id;
	size_t full = 0, last = 0;

	(void)state;
	world_found(&w);
	id = world_produce(&w, HUB, 60, "visor");
	ledger_found(&l, &w);
	bring_one(&l, &w, HUB);
	for (size_t i = 1; i <= 2 * LIMIT_LINKS; i++) {
		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, 60, "visor");
		record_set_bytes(&rec, FACT_ORPHAN, id.b, ID_SIZE);
		id = world_record(&w, HUB, &rec);
		last = bring_one(&l, &w, HUB);
		if (i == LIMIT_LINKS)
			full = last;
	}
	assert_int_equal(ledger_figure(&l, &w, HUB, "visor", COL_PRODUCED), 60);
	assert_true(last <= full + full / 10);
	check(&l, &w);
	ledger_release(&l);
	world_release(&w);
}

static unsigned draw(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245U + 12345;
	return (*seed >> 16) % n;
}

/* A delivery that two machines of the hub correct by turns, more often than
 * counts, and receipts of it that two of the clinic's correct: four feeds. */
static void correct_by_turns(struct world *w, unsigned *seed)
{
	struct id sent, got[4], last;
	size_t hub2, clinic2;

	world_member(w, ROLE_RECIPIENT);
	sent = world_deliver(w, HUB, CLINIC, 2000, "visor", true);
	last = sent;
	for (size_t i = 0; i < ARRAY_LEN(got); i++)
		got[i] = world_receive(w, CLINIC, &sent, 1 + i, "visor");
	hub2 = world_second_node(w, HUB);
	clinic2 = world_second_node(w, CLINIC);
	for (size_t i = 0; i < LIMIT_VERSIONS + 64; i++) {
		size_t k = draw(seed, ARRAY_LEN(got));
		struct record rec;

		record_init(&rec, KIND_DELIVER);
		world_set_line(&rec, FACT_LINES, 1000 + i, "visor");
		record_set_bytes(&rec, FACT_TO, w->who[CLINIC].identity.b,
				 KEY_SIZE);
		record_set_uint(&rec, FACT_FINAL, 1);
		last = world_correct(w, draw(seed, 2) ? HUB : hub2, &last,
				     draw(seed, 9) ? &rec : NULL);
		record_init(&rec, KIND_RECEIVE);
		record_set_bytes(&rec, FACT_DELIVER, sent.b, ID_SIZE);
		world_set_line(&rec, FACT_ACCEPTED, 1 + i, "visor");
		got[k] = world_correct(w, draw(seed, 2) ? CLINIC : clinic2,
				       &got[k], &rec);
	}
}

static void long_chains_count_the_same_in_whatever_order_they_come(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 4; seed++) {
		static struct world w;
		uint64_t held[WORLD_PEOPLE] = { 0 };
		unsigned rnd = seed, left = 1;
		struct ledger l;

		world_found(&w);
		correct_by_turns(&w, &rnd);
		ledger_found(&l, &w);
		for (bool is_first = true; left > 0; is_first = false) {
			/* The hub says first who is a member. */
			size_t i = is_first ? HUB : draw(&rnd, (unsigned)w.n);
			struct id rows, audit;

			assert_int_equal(store_begin(l.s), 0);
			for (unsigned n = 3 + draw(&rnd, 60);
			     n > 0 && held[i] < w.who[i].seq; n--)
				assert_int_equal(
					ledger_append(&l, &w, i, ++held[i]), 0);
			assert_int_equal(store_commit(l.s), 0);
			left = 0;
			for (size_t k = 0; k < w.n; k++)
				left += (unsigned)(w.who[k].seq - held[k]);
			rows = ledger_rows(&l);
			audit = ledger_audit(&w, held);
			assert_true(id_eq(&rows, &audit));
		}
		check(&l, &w);
		ledger_release(&l);
		world_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(of_one_feed_so_many_receipts_count),
		UNIT(so_many_versions_of_a_record_count),
		UNIT(what_is_issued_again_and_again_costs_no_more),
		UNIT(long_chains_count_the_same_in_whatever_order_they_come),
		UNIT(what_is_issued_again_too_often_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
