#ifndef TESTS_LEDGER_CUT_H
#define TESTS_LEDGER_CUT_H

#include "proto/audit/audit.h"
#include "proto/evidence/evidence.h"
#include "proto/run.h"
#include "store/evidence.h"
#include "tests/ledger.h"
#include "tests/ledger_totals.h"
#include "tests/unit.h"

/*
 * ledger_cut -- an audit of what a store holds, proofs that feeds end
 * included; and such proofs.
 */

/* A proof of the two entries of a feed at one seq. */
static inline void ledger_prove(uint8_t *out, size_t *n, const struct bytes *a,
				const struct bytes *b)
{
	static uint8_t x[LIMIT_RUN_BYTES], y[LIMIT_RUN_BYTES];
	struct run_writer p, q;
	struct entry e;
	size_t len;

	assert_int_equal(entry_decode(&e, a->p, a->n), 0);
	run_writer_init(&p, x, sizeof(x), &e.feed);
	run_writer_init(&q, y, sizeof(y), &e.feed);
	assert_int_equal(run_writer_add(&p, a->p, a->n), 0);
	assert_int_equal(run_writer_add(&q, b->p, b->n), 0);
	assert_int_equal(run_writer_end(&p, &len), 0);
	assert_int_equal(run_writer_end(&q, &len), 0);
	assert_int_equal(evidence_make_fork(out, n, &p, &q), 0);
}

/* What was read of the store. */
struct gathered {
	struct ledger *l;
	const struct world *w;
	struct audit_scan scan[WORLD_PEOPLE];
	size_t n;
	uint8_t bytes[4 << 20];
	size_t used;
	struct audit_proof proof[32];
	size_t proofs;
};

static inline const uint8_t *gather_keep(struct gathered *g, const uint8_t *p,
					 size_t n)
{
	uint8_t *at = g->bytes + g->used;

	assert_true(g->used + n <= sizeof(g->bytes));
	memcpy(at, p, n);
	g->used += n;
	return at;
}

static inline int gather_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct gathered *g = arg;

	return scan_entry(&g->scan[g->n], gather_keep(g, raw, n), n);
}

static inline int gather_proof(void *arg, const uint8_t *raw, size_t n)
{
	struct gathered *g = arg;

	assert_true(g->proofs < sizeof(g->proof) / sizeof(g->proof[0]));
	g->proof[g->proofs++] =
		(struct audit_proof){ gather_keep(g, raw, n), n };
	return 0;
}

static inline int gather_head(void *arg, const struct head *head)
{
	struct gathered *g = arg;
	const struct roster *r = store_roster(g->l->s);
	const struct roster_feed *f = roster_feed(r, &head->feed);

	/* Whose admission is gone is in no cut. */
	if (f == NULL || roster_member(r, &f->identity) == NULL)
		return 0;
	scan_init(&g->scan[g->n], &head->feed, &g->w->network, false);
	assert_int_equal(
		store_entries(g->l->s, &head->feed, 1, gather_entry, g), 0);
	assert_int_equal(scan_end(&g->scan[g->n++]), 0);
	return 0;
}

static inline struct id gather_books(const struct audit *a)
{
	struct hasher x;

	hasher_init(&x);
	for (size_t i = 0; i < a->accounts_n; i++) {
		const struct account *at = &a->accounts[i];
		bool is_zero = true;

		for (size_t c = 0; c < COL_COUNT; c++)
			is_zero = is_zero && at->col[c] == 0;
		if (!is_zero)
			ledger_hash_row(&x, &at->holder, at->item,
					strlen(at->item), at->col);
	}
	return hasher_id(&x);
}

/* The digest of the cut, and that of the balances (ledger_rows).  Findings that
 * accuse somebody of more than a fork fail the test, unless they may be. */
static inline struct id ledger_cut(struct ledger *l, const struct world *w,
				   struct id *books, bool may_accuse)
{
	static struct gathered g;
	struct audit_proofs proofs = { g.proof, 0 };
	const struct audit_given given = { .proofs = &proofs };
	struct audit *a;
	struct id cut;

	g.l = l;
	g.w = w;
	g.n = g.used = g.proofs = 0;
	assert_int_equal(store_heads(l->s, gather_head, &g), 0);
	assert_int_equal(store_evidence_each(l->s, gather_proof, &g), 0);
	proofs.n = g.proofs;
	assert_int_equal(
		audit_open_with(&a, &w->network, g.scan, g.n, &given, NULL), 0);
	*books = gather_books(a);
	cut = a->cut;
	for (size_t i = 0; i < a->findings.n && !may_accuse; i++)
		if (a->findings.at[i].code != LOG_10 &&
		    finding_severity(a->findings.at[i].code) == SEVERITY_BREACH)
			fail_msg("%s", finding_name(a->findings.at[i].code));
	audit_close(a);
	for (size_t i = 0; i < g.n; i++)
		scan_release(&g.scan[i]);
	return cut;
}

#endif
