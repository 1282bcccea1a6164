#ifndef TESTS_LEDGER_TOTALS_H
#define TESTS_LEDGER_TOTALS_H

#include "proto/grow.h"
#include "store/deltas.h"
#include "store/totals.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/*
 * ledger_totals -- what the store keeps in sum, against the balances, the
 * records about money and the roster, gone through one by one.
 */

/* One association that is asked about; NULL for all. */
struct naive {
	struct ledger *l;
	const struct member *of;
	bool is_booked; /* those who book to it, not those below it */
	struct books sums;
	struct funds funds;
	struct book_view view;
	size_t n;
};

static inline bool naive_has(const struct naive *x, const struct pubkey *who)
{
	const struct roster *r = store_roster(x->l->s);
	const struct member *m = roster_member(r, who);

	if (x->of == NULL)
		return true;
	if (m == NULL)
		return false;
	if (x->is_booked)
		return pubkey_eq(&m->association, &x->of->identity);
	return pubkey_eq(who, &x->of->identity) ||
	       roster_is_below(r, who, &x->of->identity);
}

static inline int naive_balance(void *arg, const struct holder *holder,
				const char *item, size_t item_n,
				const int64_t col[static COL_COUNT])
{
	struct naive *x = arg;
	struct span key = { (const uint8_t *)item, item_n };

	if (!naive_has(x, &holder->member))
		return 0;
	return deltas_add(&x->sums.stock, key, col, false);
}

static inline int naive_total(void *arg, const char *item, size_t item_n,
			      const int64_t col[static COL_COUNT])
{
	struct naive *x = arg;
	struct span key = { (const uint8_t *)item, item_n };
	struct delta *row = deltas_find(&x->sums.stock, key);

	assert_non_null(row);
	assert_memory_equal(row->col, col, sizeof(row->col));
	x->n++;
	return 0;
}

static inline void naive_stock(struct naive *x, enum total_scope scope)
{
	size_t rows = 0;

	x->n = 0;
	books_init(&x->sums);
	assert_int_equal(store_balances(x->l->s, naive_balance, x), 0);
	assert_int_equal(
		store_totals_of(x->l->s, scope,
				x->of == NULL ? NULL : &x->of->identity,
				naive_total, x),
		0);
	for (size_t i = 0; i < x->sums.stock.n; i++)
		rows += !columns_are_zero(x->sums.stock.at[i].col);
	assert_int_equal(x->n, rows);
	books_clear(&x->sums);
}

static inline int naive_record(void *arg, const struct book_record *rec)
{
	struct naive *x = arg;

	if (!naive_has(x, &rec->author))
		return 0;
	return funds_add(&x->funds, &x->view, rec);
}

static inline int naive_fund(void *arg, const struct fund *f)
{
	struct naive *x = arg;

	for (size_t i = 0; i < x->funds.n; i++)
		if (fund_is_same(&x->funds.at[i], f)) {
			assert_int_equal(x->funds.at[i].donated, f->donated);
			assert_int_equal(x->funds.at[i].spent, f->spent);
			x->n++;
			return 0;
		}
	fail_msg("a fund that nobody gave to");
	return 0;
}

static inline void naive_money(struct naive *x)
{
	struct store *s = x->l->s;

	x->n = 0;
	assert_int_equal(store_view_open(s, &x->view), 0);
	assert_int_equal(store_kind(s, KIND_DONATE, naive_record, x), 0);
	assert_int_equal(store_kind(s, KIND_SPEND, naive_record, x), 0);
	store_view_close(s);
	funds_sort(&x->funds);
	funds_merge(&x->funds);
	assert_int_equal(store_funds(s, x->of == NULL ? NULL : &x->of->identity,
				     naive_fund, x),
			 0);
	assert_int_equal(x->n, x->funds.n);
	funds_release(&x->funds);
}

static inline int naive_association(void *arg, const struct rank_row *row)
{
	struct naive *x = arg;
	const struct member *m =
		roster_member(store_roster(x->l->s), &row->identity);

	assert_true(naive_has(x, &row->identity));
	assert_int_equal(row->role, ROLE_ASSOCIATION);
	assert_int_equal(row->depth, m->depth);
	assert_string_equal(row->label, m->label);
	assert_true(pubkey_eq(&row->association, &m->association));
	x->n++;
	return 0;
}

static inline void naive_ranks(struct naive *x)
{
	const struct roster *r = store_roster(x->l->s);
	size_t n = 0;

	x->n = 0;
	for (size_t i = 0; i < roster_count(r); i++)
		n += roster_at(r, i)->role == ROLE_ASSOCIATION &&
		     naive_has(x, &roster_at(r, i)->identity);
	assert_int_equal(
		store_associations(x->l->s,
				   x->of == NULL ? NULL : &x->of->identity,
				   naive_association, x),
		0);
	assert_int_equal(x->n, n);
}

/* Everything that is kept, for all and for each association. */
static inline void ledger_check_totals(struct ledger *l)
{
	const struct roster *r = store_roster(l->s);
	struct naive x = { .l = l };

	if (r == NULL)
		return;
	naive_stock(&x, TOTAL_ALL);
	naive_money(&x);
	naive_ranks(&x);
	for (size_t i = 0; i < roster_count(r); i++) {
		x.of = roster_at(r, i);
		if (x.of->role != ROLE_ASSOCIATION)
			continue;
		x.is_booked = true;
		naive_stock(&x, TOTAL_BOOKED);
		x.is_booked = false;
		naive_stock(&x, TOTAL_UNDER);
		naive_money(&x);
		naive_ranks(&x);
	}
}

#endif
