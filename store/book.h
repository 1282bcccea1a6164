#ifndef STORE_BOOK_H
#define STORE_BOOK_H

#include "proto/book/book.h"
#include "proto/value.h"
#include "store/store.h"
#include "store/totals.h"

#include <stddef.h>
#include <stdint.h>

/*
 * book -- the running book: balances that are always in step with the log.
 *
 * Balances are the sum of the postings of all roots (proto/book/book.h).  When
 * an entry begins or ceases to count, the postings of the roots that it
 * touches are taken out as they were and put in as they are.  So balances
 * depend on the set of entries only, not on the order of their arrival, and
 * are equal to those of a rebuild; store_fsck checks that.
 *
 * Inside a batch all of this reflects the last store_settle.
 */

/* col: one value per enum column.  The item is not NUL-terminated; all is
 * valid during the call.  Other than 0 ends the visit and is returned. */
typedef int balance_visit(void *arg, const struct holder *holder,
			  const char *item, size_t item_n,
			  const int64_t col[static COL_COUNT]);

/* store_balances: every row that is not all zero, in rising order of member,
 * outsider and item. */
int store_balances(struct store *s, balance_visit *visit, void *arg);

/* store_balances_of: the rows of one member and the outsiders of its book. */
int store_balances_of(struct store *s, const struct pubkey *member,
		      balance_visit *visit, void *arg);

/* store_balance: one row; all zero when there is none.  ERR_LIMIT: an item of
 * no bytes or of more than LIMIT_ITEM. */
int store_balance(struct store *s, const struct holder *holder,
		  const char *item, size_t item_n,
		  int64_t out[static COL_COUNT]);

/* store_view_open: records that count, for book_delivery, book_newest and the
 * like.  What the view lends is valid until store_view_close, which must
 * follow soon (a reader keeps LMDB from reusing space) and, inside a batch,
 * before the next write.  Views may be nested. */
int store_view_open(struct store *s, struct book_view *out);
void store_view_close(struct store *s);

/* store_record: the record that counts at a place of a feed; call between
 * store_view_open and _close, which bound what out borrows.  ERR_NOT_FOUND
 * when none is there, when it does not count, or when its idempotency key
 * belongs to another. */
int store_record(struct store *s, const struct pubkey *feed, uint64_t seq,
		 struct book_record *out);

/* store_key_find: the entry that holds a member's idempotency key: the
 * smallest (feed, seq) of those that count, else the smallest of those held.
 * ERR_NOT_FOUND. */
int store_key_find(struct store *s, const struct pubkey *member,
		   const struct tag *key, struct position *out);

/* store_items: item declarations that count, in order of (item, feed, seq). */
int store_items(struct store *s, book_visit *visit, void *arg);

/* store_kind: records of one kind that count, in order of feeds' local numbers
 * and seq: design, approve, request, campaign, donate, spend, bank or period;
 * of another kind none are found. */
int store_kind(struct store *s, uint32_t kind, book_visit *visit, void *arg);

/* store_addressed: deliveries that count and are addressed to member, and
 * corrections that address one to it (shown as they are), in order of feeds'
 * local numbers and seq. */
int store_addressed(struct store *s, const struct pubkey *member,
		    book_visit *visit, void *arg);

/* store_book_rebuild: all balances anew from the entries, in a batch. */
int store_book_rebuild(struct store *s);

#endif
