#ifndef PROTO_BOOK_CLOSING_H
#define PROTO_BOOK_CLOSING_H

#include "proto/book/book.h"
#include "proto/book/fund.h"
#include "proto/calendar.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * closing -- periods of an association's accounts that were closed.
 *
 * PROTOCOL.md, "Periods": a `period` record says how far each feed had been
 * read and the hash of the balances at the end of the period.  Anybody makes
 * the same balances again out of the records that are covered, through a view
 * that shows no others; a record for the same accounts that is dated inside
 * and not covered is late.
 */

struct closing {
	struct pubkey party; /* the association */
	struct period period;
	struct sha balances;   /* as the record says */
	struct position at;    /* the record */
	struct position *runs; /* rising feed, owned */
	size_t runs_n;
};

/* closing_of: the period that a record closes, when it does: *is_any is false
 * for another kind, for a record that was withdrawn or is issued again
 * elsewhere, and for one by nobody who may record money.  closing_release out
 * after *is_any.  The error is the view's, or ERR_NOMEM. */
int closing_of(const struct book_view *view, const struct book_record *rec,
	       struct closing *out, bool *is_any);

/* closing_ever: the same of the record as it was first written, withdrawn since
 * or not: what was closed stays closed. */
int closing_ever(const struct book_view *view, const struct book_record *rec,
		 struct closing *out, bool *is_any);

/* closing_release: free; a zeroed one is fine. */
void closing_release(struct closing *c);

/* closing_covers: had this place been read? */
bool closing_covers(const struct closing *c, const struct pubkey *feed,
		    uint64_t seq);

/* closing_date: when a record of money is dated, as far as periods go: a
 * statement when its own one ends.  False when it says no such thing. */
bool closing_date(uint64_t *out, const struct book_record *rec);

/* closing_is_late: is rec about the same accounts, dated inside, and not
 * covered?  The error is the view's. */
int closing_is_late(const struct closing *c, const struct book_view *view,
		    const struct book_record *rec, bool *out);

/* What was covered, and nothing else. */
struct closing_past {
	const struct closing *closing;
	const struct book_view *view;
};

/* closing_view: the view as it was; borrows past. */
struct book_view closing_view(struct closing_past *past);

/* closing_add: take rec into the sums if it is covered, dated before the
 * end, and money of the association.  The error is the view's, or ERR_NOMEM. */
int closing_add(struct funds *f, struct closing_past *past,
		const struct book_record *rec);

/* closing_hash: of the sums of all that was added; sorts and merges f.
 * ERR_NOMEM. */
int closing_hash(struct sha *out, const struct closing *c,
		 const struct id *network, struct funds *f);

/* record_date: when it happened: its `when`, else its time. */
uint64_t record_date(const struct book_record *rec);

#endif
