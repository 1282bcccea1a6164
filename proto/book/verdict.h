#ifndef PROTO_BOOK_VERDICT_H
#define PROTO_BOOK_VERDICT_H

#include "proto/book/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * verdict -- what associations and recipients said of revisions, in order.
 *
 * PROTOCOL.md, "Findings", DES: an audit holds against it what was made and
 * delivered, and commands warn of it before.  Pure.
 */

struct verdict {
	const char *item; /* borrowed of the record */
	size_t item_n;
	uint64_t time_ms;    /* the record's date */
	uint64_t word;       /* VERDICT_* */
	struct value reason; /* borrowed; n 0: none */
	struct id id;
	struct id target; /* of what this record brought; zero: of all */
	struct pubkey feed, author;
	uint64_t seq;
	bool is_bad;     /* may it not be made from here on? */
	uint64_t kin_ms; /* when a revision of its product was first approved */
};

enum { VERDICT_APPROVED, VERDICT_REJECTED, VERDICT_WITHDRAWN };

/* Zero to begin with. */
struct verdicts {
	struct verdict *at; /* rising (item, time, feed, seq); owned */
	size_t n, max;
	struct verdict *lot; /* those with a target: rising (target, item, time,
			      * feed, seq); owned */
	size_t lots, lots_max;
};

/* verdicts_add: take in an `approve` that acts, in its newest version, in any
 * order.  ERR_DENIED: its author is no association and no recipient, and did
 * not bring these goods; ERR_NOMEM, or the view's.  verdicts_settle: once after
 * the last; cannot fail. */
int verdicts_add(struct verdicts *v, const struct book_view *view,
		 const struct book_record *rec);
void verdicts_settle(struct verdicts *v);
void verdicts_release(struct verdicts *v);

/* verdicts_before: the last verdict on an item before a time, or NULL;
 * *is_known: is there any, at any time?  verdicts_last: the last of all. */
const struct verdict *verdicts_before(const struct verdicts *v, bool *is_known,
				      const char *item, size_t item_n,
				      uint64_t time_ms);
const struct verdict *verdicts_last(const struct verdicts *v, const char *item,
				    size_t item_n);

/* verdicts_lot: the last verdict on what a record brought of an item, or NULL.
 * verdicts_is_last: is that of v->lot[i]? */
const struct verdict *verdicts_lot(const struct verdicts *v,
				   const struct id *target, const char *item,
				   size_t item_n);
bool verdicts_is_last(const struct verdicts *v, size_t i);

/* verdicts_kin: when a revision of this item's product was first approved;
 * UINT64_MAX: never, or the item is no revision. */
uint64_t verdicts_kin(const struct verdicts *v, const char *item,
		      size_t item_n);

#endif
