#ifndef STORE_STANDING_H
#define STORE_STANDING_H

#include "proto/entry.h"
#include "store/state.h"

/*
 * standing -- the roster in memory, and what a change of it does to the book.
 *
 * Roster entries that may change who stands wait in the batch until somebody
 * needs to know (a feed of an unknown identity, the end of the batch), so that
 * a thousand admissions are worked out once.  Then deliveries whose
 * acknowledgements may be graded anew are taken out of the book, the roster is
 * solved, and every feed counts as far as it says.
 */

/* standing_load: make the roster from the roster entries that are stored;
 * while reading or writing.  The old one is replaced on success only. */
int standing_load(struct store *s);

/* standing_opens: may this first entry begin a feed?  Takes it into the roster
 * if so, ERR_DENIED if not.  identity: what its `open` says. */
int standing_opens(struct store *s, struct pubkey *identity,
		   const struct entry *e, const struct id *id);

/* standing_take: another roster entry was appended at this place. */
int standing_take(struct store *s, struct place at, const struct entry *e,
		  const struct id *id);

/* standing_want: how far a feed should count by the roster as it is now.  A
 * feed of which another chain is pinned than the one held counts not at all:
 * where the two part is not known here. */
int standing_want(struct store *s, uint64_t *out, const struct feed_row *row);

/* standing_follow: an entry was appended to a feed; let it count if it should.
 * hot is its record, NULL when it is none. */
int standing_follow(struct store *s, struct feed *feed,
		    const struct book_record *hot);

/* standing_disturb: roster entries are about to be taken out: deliveries that
 * may be graded anew without them are taken out of the book while the roster
 * still says how they were.  The caller settles afterwards. */
int standing_disturb(struct store *s);

/* standing_settle: work off what waits. */
int standing_settle(struct store *s);

/* standing_rebuild: let each feed count as far as the roster says and make the
 * book anew; nothing may wait. */
int standing_rebuild(struct store *s);

/* standing_forget: drop what waits. */
void standing_forget(struct store *s);

#endif
