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

/* standing_counted_to: how far a feed counts, as far as is known now. */
uint64_t standing_counted_to(struct store *s, struct feed *feed);

/* standing_settle: work off what waits. */
int standing_settle(struct store *s);

/* standing_rebuild: let each feed count as far as the roster says and make the
 * book anew; nothing may wait. */
int standing_rebuild(struct store *s);

/* standing_forget: drop what waits. */
void standing_forget(struct store *s);

#endif
