#ifndef TESTS_LEDGER_AUDIT_H
#define TESTS_LEDGER_AUDIT_H

#include "proto/audit/audit.h"
#include "tests/audit_world.h"
#include "tests/ledger.h"
#include "tests/unit.h"

/*
 * ledger_audit -- the balances that a store keeps, and those that an audit adds
 * up from nothing of the same entries, as digests that are equal when all rows
 * are.
 */

/* The balances in the store, without its totals. */
static inline struct id ledger_rows(struct ledger *l)
{
	struct hasher x;

	hasher_init(&x);
	assert_int_equal(store_balances(l->s, ledger_hash_row, &x), 0);
	return hasher_id(&x);
}

static inline bool ledger_is_zero(const int64_t col[static COL_COUNT])
{
	for (size_t i = 0; i < COL_COUNT; i++)
		if (col[i] != 0)
			return false;
	return true;
}

/* The same rows by an audit of the first held[i] entries of each person i;
 * NULL: of all. */
static inline struct id ledger_audit(const struct world *w,
				     const uint64_t *held)
{
	static struct audited x;
	struct hasher h;

	memset(&x, 0, sizeof(x));
	for (size_t i = 0; i < w->n; i++) {
		const struct who *who = &w->who[i];
		uint64_t n = held == NULL ? who->seq : held[i];
		struct audit_scan *s = &x.scan[x.n];

		if (n == 0)
			continue;
		x.n++;
		scan_init(s, &who->feed, &w->network, false);
		for (uint64_t k = 0; k < n; k++)
			assert_int_equal(scan_entry(s, who->entries[k].p,
						    who->entries[k].n),
					 0);
		assert_int_equal(scan_end(s), 0);
	}
	qsort(x.scan, x.n, sizeof(x.scan[0]), audited_by_feed);
	assert_int_equal(audit_open(&x.audit, &w->network, x.scan, x.n), 0);
	hasher_init(&h);
	for (size_t i = 0; i < x.audit->accounts_n; i++) {
		const struct account *a = &x.audit->accounts[i];

		if (!ledger_is_zero(a->col))
			ledger_hash_row(&h, &a->holder, a->item,
					strlen(a->item), a->col);
	}
	audited_close(&x);
	return hasher_id(&h);
}

#endif
