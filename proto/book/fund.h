#ifndef PROTO_BOOK_FUND_H
#define PROTO_BOOK_FUND_H

#include "proto/book/book.h"
#include "proto/limit.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * fund -- what was given to associations and what they spent.
 *
 * PROTOCOL.md, "Funds": a pure sum over gifts and spendings, so it depends on
 * the set of records that count and on the roster alone.  An audit and whoever
 * keeps a running book add the same records to the same sum.
 */

/* One association's fund in one currency, or one record's part of it. */
struct fund {
	struct pubkey party;         /* the association */
	char label[LIMIT_LABEL + 1]; /* "" for money of no fund */
	char currency[4];
	int64_t donated; /* minor units */
	int64_t spent;
	struct position at; /* of the record; the first one's in a sum */
};

/* What is being added up. */
struct funds {
	struct fund *at; /* owned */
	size_t n, max;
};

/* fund_keeper: the author as one who may record money, for the association that
 * it books to; NULL when it may not. */
const struct member *fund_keeper(const struct roster *roster,
				 const struct pubkey *author);

/* fund_emit: post what a gift or a spending, as it is, does to the money in
 * its author's hands, whoever that is: nothing when it never was money. */
int fund_emit(const struct book_record *rec, book_emit *emit, void *arg);

/* fund_of: what a gift or a spending does, when it does anything: *is_any is
 * false when it was withdrawn, is issued again elsewhere, is by nobody who may
 * record money, or is a gift that never was money.  The error is the view's. */
int fund_of(const struct book_view *view, const struct book_record *rec,
	    struct fund *out, bool *is_any);

/* funds_add: take in a record that counts, of any kind, in any order.
 * ERR_NOMEM, or the view's. */
int funds_add(struct funds *f, const struct book_view *view,
	      const struct book_record *rec);

/* funds_sort: put the parts in order of party, fund, currency, place.
 * funds_merge: then make each fund one row. */
void funds_sort(struct funds *f);
void funds_merge(struct funds *f);

/* fund_is_same: are two parts of one fund?  fund_balance: what is left. */
bool fund_is_same(const struct fund *a, const struct fund *b);
int64_t fund_balance(const struct fund *f);

/* funds_release: free; a zeroed one is fine. */
void funds_release(struct funds *f);

#endif
