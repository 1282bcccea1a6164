#ifndef STORE_KEYCHANGE_H
#define STORE_KEYCHANGE_H

#include "proto/entry.h"
#include "store/state.h"

/*
 * keychange -- what a rotation of identity keys does to what is stored.
 *
 * A feed's row names the member it belongs to.  When the key that opened it
 * becomes a later key of a member, or no longer is one, its rows by member are
 * written anew.
 */

/* keychange_load: give a solved roster the checkpoints that its rotations wait
 * for, and solve it again.  *is_damaged: an entry cannot be read. */
int keychange_load(struct store *s, struct roster *r, bool *is_damaged);

/* keychange_awaits: may a rotation wait for this checkpoint? */
bool keychange_awaits(const struct store *s, const struct entry *e);

/* keychange_is_due: does the feed belong to somebody else than the roster says?
 * keychange_feed: let it belong there; if it is due, the feed counts for
 * nothing as yet. */
bool keychange_is_due(const struct store *s, const struct feed_row *row);
int keychange_feed(struct store *s, struct feed *feed);

#endif
