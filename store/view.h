#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/state.h"

/*
 * view -- records out of the tables, for the book and for those who ask.
 *
 * A record counts when its feed counts that far, it is of a recording kind and
 * decodable, and its idempotency key, if any, is its own.  What is lent is
 * valid as spans are (db.h); call these while reading or writing.
 */

/* view_of: the book's view of a store. */
struct book_view view_of(struct store *s);

/* view_load: the record at seq of a feed, counted or not.  id may be NULL when
 * it is not known.  ERR_NOT_FOUND: no entry there, or not a record. */
int view_load(struct store *s, struct book_record *out,
	      const struct feed_row *feed, uint64_t seq, const struct id *id);

/* view_entry: the raw bytes at a place, decoded.  ERR_NOT_FOUND; ERR_FORMAT
 * when they are not an entry of that place. */
int view_entry(struct store *s, struct entry *out, const struct feed_row *feed,
	       uint64_t seq);

/* view_place: where an id stands, and the feed's row; the entry is read and
 * its id is compared.  ERR_NOT_FOUND. */
int view_place(struct store *s, struct feed_row *feed, struct entry *e,
	       const struct id *id);

/* view_counts: does a loaded record of this feed count? */
int view_counts(struct store *s, bool *out, const struct book_record *rec,
		const struct feed_row *feed);

/* Who used an idempotency key. */
struct holding {
	struct pubkey feed;
	uint32_t no;
	uint64_t seq;
};

/* view_holder: of one member's entries with a key the first that counts, in
 * order of (feed, seq), and after the place `after` when that is not NULL.
 * ERR_NOT_FOUND. */
int view_holder(struct store *s, struct holding *out,
		const struct pubkey *member, const struct tag *tag,
		const struct holding *after);

/* view_is_reissued: is any record, counted or not, a re-issue of id? */
int view_is_reissued(struct store *s, bool *out, const struct id *id);

/* view_is_target: does any record, counted or not, refer to id in a way that
 * makes it belong to it? */
int view_is_target(struct store *s, bool *out, const struct id *id);

#endif
