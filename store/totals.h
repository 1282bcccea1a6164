#ifndef STORE_TOTALS_H
#define STORE_TOTALS_H

#include "proto/book/book.h"
#include "proto/book/fund.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * totals -- sums of the running book that the store keeps, and as much of the
 * roster as their readers need.
 *
 * All is in step with the log, like balances (book.h), and takes time in
 * proportion to what is shown: neither the entries nor the members are gone
 * through, and the roster need not be in memory (STORE_GLANCE).
 */

/* Whose balances a sum is made of. */
enum total_scope {
	TOTAL_ALL,    /* everybody's; no party */
	TOTAL_BOOKED, /* of all who book to an association */
	TOTAL_UNDER   /* of an association and all whom roster_is_below says to
	                 be below it */
};

/* col: one value per enum column.  The item is not NUL-terminated; all is
 * valid during the call.  Other than 0 ends the visit and is returned. */
typedef int total_visit(void *arg, const char *item, size_t item_n,
			const int64_t col[static COL_COUNT]);

/* store_sums_hold: are all sums, of goods and of money, those of the balances
 * as they are stored, by this roster?  ERR_NOMEM. */
int store_sums_hold(struct store *s, const struct roster *roster, bool *out);

/* store_totals: per item, the sum over all holders, in rising order of item. */
int store_totals(struct store *s, total_visit *visit, void *arg);

/* store_totals_of: the same over those in scope; a party that is no
 * association has no sums. */
int store_totals_of(struct store *s, enum total_scope scope,
		    const struct pubkey *party, total_visit *visit, void *arg);

/* store_funds: what is in the funds, in rising order of party, currency and
 * label, of records by all, or by `under` and those below it, an association.
 * The place of a fund is left zero. */
typedef int fund_visit(void *arg, const struct fund *f);
int store_funds(struct store *s, const struct pubkey *under, fund_visit *visit,
		void *arg);

/* What the roster says of a member, in short. */
struct rank_row {
	struct pubkey identity;
	struct pubkey association; /* that it books to */
	unsigned depth;
	enum role role;
	char label[LIMIT_LABEL + 1];
};

/* store_rank: of one member.  ERR_NOT_FOUND. */
int store_rank(struct store *s, struct rank_row *out,
	       const struct pubkey *identity);

/* store_rank_named: of the member with this label.  ERR_NOT_FOUND; ERR_EXISTS
 * when several have it. */
int store_rank_named(struct store *s, struct rank_row *out, const char *label);

/* store_associations: all associations, or `under` and those below it, in
 * rising order of identity. */
typedef int rank_visit(void *arg, const struct rank_row *r);
int store_associations(struct store *s, const struct pubkey *under,
		       rank_visit *visit, void *arg);

#endif
