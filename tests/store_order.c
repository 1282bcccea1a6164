#include "proto/audit/audit.h"
#include "store/fsck.h"
#include "store/state.h"
#include "tests/history.h"
#include "tests/ledger_audit.h"
#include "tests/ledger_totals.h"
#include "tests/unit.h"

/*
 * The same set of entries, whatever the order in which it came, in whatever
 * batches, some of them given up and begun again: the same balances, byte for
 * byte, equal to a rebuild and to an audit from nothing.  And so where feeds
 * forked or were ended, whenever the proof of it comes.
 */

enum { SEEDS = 4, ORDERS = 6 };

/* How far each feed was brought. */
struct cursor {
	uint64_t held[WORLD_PEOPLE];
};

/* One batch of random pieces of feeds; a feed that may not come yet waits. */
static void bring_some(struct history *h, struct ledger *l, struct cursor *c,
		       uint64_t *x, size_t pieces)
{
	struct cursor before = *c;

	assert_int_equal(store_begin(l->s), 0);
	for (size_t p = 0; p < pieces; p++) {
		size_t who = below(x, h->w.n), n = below(x, 12) + 1;
		int err = 0;

		for (size_t k = 0;
		     k < n && err == 0 && c->held[who] < h->w.who[who].seq;
		     k++) {
			err = ledger_append(l, &h->w, who, c->held[who] + 1);
			if (err == 0)
				c->held[who]++;
		}
		if (err != 0)
			assert_int_equal(err, ERR_DENIED);
		if (below(x, 9) == 0)
			assert_int_equal(store_settle(l->s), 0);
	}
	if (below(x, 4) == 0) {
		store_abort(l->s);
		*c = before;
	} else {
		assert_int_equal(store_commit(l->s), 0);
		if (below(x, 16) == 0)
			ledger_check_totals(l);
	}
}

static uint64_t left(const struct history *h, const struct cursor *c)
{
	uint64_t n = 0;

	/* Later keys may be nobody's, and then their feeds cannot come. */
	for (size_t i = 0; i <= MEMBERS; i++)
		n += h->w.who[i].seq - c->held[i];
	return n;
}

/* Bring what can come, in an order of its own; how much could not. */
static uint64_t bring_all(struct history *h, struct ledger *l, uint64_t order)
{
	uint64_t x = order * 0x2545f4914f6cdd1dULL | 1;
	struct cursor c = { { 0 } };

	/* Feeds whose author was never admitted cannot come at all. */
	for (int i = 0; i < 2000 && left(h, &c) > 0; i++)
		bring_some(h, l, &c, &x, below(&x, 30) + 1);
	for (int i = 0; i < 40; i++)
		bring_some(h, l, &c, &x, 30);
	return left(h, &c);
}

static void tell(void *arg, const struct fsck_problem *p)
{
	(void)arg;
	print_error("%s, seq %d\n", fsck_what_text(p->what), (int)p->seq);
}

static void check_whole(struct ledger *l)
{
	const struct fsck_hooks hooks = { .problem = tell };
	struct id before = ledger_books(l), after;
	struct fsck_report report;

	assert_int_equal(store_fsck(l->s, &report, &hooks), 0);
	assert_int_equal(report.problems, 0);
	ledger_check_totals(l);
	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_book_rebuild(l->s), 0);
	assert_int_equal(store_commit(l->s), 0);
	after = ledger_books(l);
	assert_true(id_eq(&before, &after));
}

/* As in a batch that is large. */
static void filter_targets(struct ledger *l)
{
	assert_int_equal(store_begin(l->s), 0);
	l->s->targets.asked = 1000;
	assert_int_equal(targets_grow(&l->s->targets, l->s->db), 0);
	assert_non_null(l->s->targets.bits);
	assert_int_equal(store_commit(l->s), 0);
}

static void one_history(uint64_t seed)
{
	static struct history h;
	struct id first = { { 0 } }, roster = { { 0 } }, want;

	history_make(&h, seed, false, 0);
	want = ledger_audit(&h.w, NULL);
	for (uint64_t order = 1; order <= ORDERS; order++) {
		struct ledger l;
		struct id books, digest, rows;

		ledger_found(&l, &h.w);
		if (order % 3 == 2) {
			l.s->touched_max = 3;
			l.s->deltas_max = 3;
		}
		if (order % 3 == 0)
			l.s->regrade_max = 20;
		if (order % 2 == 0)
			filter_targets(&l);
		assert_int_equal(bring_all(&h, &l, seed * 1000 + order), 0);
		books = ledger_books(&l);
		rows = ledger_rows(&l);
		digest = roster_digest(store_roster(l.s));
		if (order == 1) {
			first = books;
			roster = digest;
		}
		assert_true(id_eq(&digest, &roster));
		if (!id_eq(&books, &first))
			fail_msg("seed %d: order %d has other balances",
				 (int)seed, (int)order);
		if (!id_eq(&rows, &want))
			fail_msg("seed %d: not what the audit has", (int)seed);
		check_whole(&l);
		ledger_release(&l);
	}
	world_release(&h.w);
}

static struct id state_of(struct ledger *l)
{
	struct id ids[2] = { roster_digest(store_roster(l->s)),
			     ledger_books(l) };

	return hash_id(ids, sizeof(ids));
}

/* In an order of its own, and again until nothing moves any more. */
static void bring_cut(struct ledger *l, const struct history *h, uint64_t order)
{
	uint64_t x = order * 0x2545f4914f6cdd1dULL | 1;
	size_t all = history_pieces(h), still = 0;
	struct id last = { { 0 } };

	for (size_t i = 0; i < 60; i++) {
		assert_int_equal(store_begin(l->s), 0);
		for (size_t k = 1 + below(&x, 6); k > 0; k--)
			history_bring(l, h, below(&x, all), 1 + below(&x, 30));
		if (below(&x, 6) == 0)
			store_abort(l->s);
		else
			assert_int_equal(store_commit(l->s), 0);
	}
	for (size_t i = 0; still < 3; i++) {
		struct id now;

		assert_true(i < 40);
		for (size_t k = 0; k < all; k++) {
			assert_int_equal(store_begin(l->s), 0);
			history_bring(l, h, (k + order) % all, SIZE_MAX);
			assert_int_equal(store_commit(l->s), 0);
		}
		now = state_of(l);
		still = id_eq(&now, &last) ? still + 1 : 0;
		last = now;
	}
}

/* What is the same in every order. */
struct outcome {
	struct id cut, roster, books;
};

static void compare(const struct outcome *a, const struct outcome *b,
		    uint64_t seed, uint64_t order)
{
	if (!id_eq(&a->roster, &b->roster))
		fail_msg("seed %d, order %d: another roster", (int)seed,
			 (int)order);
	if (!id_eq(&a->cut, &b->cut))
		fail_msg("seed %d, order %d: another cut", (int)seed,
			 (int)order);
	if (!id_eq(&a->books, &b->books))
		fail_msg("seed %d, order %d: another book", (int)seed,
			 (int)order);
}

static void one_cut_history(uint64_t seed)
{
	static struct history h;
	struct outcome first, now;

	history_make(&h, seed, true, 0);
	for (uint64_t order = 1; order <= ORDERS; order++) {
		struct id rows, audited;
		struct ledger l;

		ledger_found(&l, &h.w);
		if (order % 3 == 2) {
			l.s->touched_max = 3;
			l.s->deltas_max = 3;
		}
		if (order % 3 == 0)
			l.s->regrade_max = 20;
		bring_cut(&l, &h, seed * 1000 + order);
		now.cut = ledger_cut(&l, &h.w, &audited, true);
		now.roster = roster_digest(store_roster(l.s));
		now.books = ledger_books(&l);
		rows = ledger_rows(&l);
		if (order == 1)
			first = now;
		compare(&first, &now, seed, order);
		if (!id_eq(&rows, &audited))
			fail_msg("seed %d, order %d: not what the audit has",
				 (int)seed, (int)order);
		check_whole(&l);
		ledger_release(&l);
	}
	history_release(&h);
}

static void nor_does_it_where_feeds_forked_or_ended(void **state)
{
	/* Most of these have found something. */
	static const uint64_t seeds[] = { 1, 2, 3, 10, 37 };
	const char *text = getenv("MAILLON_SEEDS");
	uint64_t more = text != NULL ? strtoull(text, NULL, 10) : 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		one_cut_history(seeds[i]);
	for (uint64_t seed = 1; seed <= more; seed++)
		one_cut_history(seed);
}

static void order_of_arrival_does_not_matter(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		one_history(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(order_of_arrival_does_not_matter),
		UNIT(nor_does_it_where_feeds_forked_or_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
