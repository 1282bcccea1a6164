#ifndef NODE_SAFE_RENEWAL_H
#define NODE_SAFE_RENEWAL_H

#include "node/keeper.h"
#include "proto/value.h"

#include <stdbool.h>

/*
 * renewal -- what a home does when it turns out to be an old copy of itself.
 *
 * Its node key has signed entries that are not here any more, so whatever it
 * signed next would stand in a place that is taken.  Then that key never signs
 * again: a new one opens a feed after the old one, whose lost entries come
 * back from peers (PROTOCOL.md, "Restore").
 *
 * The new key is written beside the old one first, the ledger says which feed
 * is the home's own, and the file is put in its place last; renewal_finish
 * completes one that was cut.
 */

/* renewal_finish: when opening: let the ledger's own feed and the key file
 * agree.  0 also when there is nothing to do; errors of home_seckey, ERR_IO. */
int renewal_finish(struct keeper *k);

/* renewal_look: does the mark beside the home tell of entries that are not
 * here?  *after is then the last position known.  Errors of the store. */
int renewal_look(struct keeper *k, bool *is_old, struct position *after);

/* renewal_is_overtaken: does another feed of this member say that it follows
 * this home's, after entries that are not here?  Whoever opened it had them,
 * so the home is an old copy, and a peer may well hold that feed and not what
 * was lost.  *after is then the last such position, *differs the lowest at
 * which another entry stands here, 0 for none. */
bool renewal_is_overtaken(struct keeper *k, struct position *after,
			  uint64_t *differs);

/* renewal_met: a peer was in step with this home when its feed went up to
 * `upto` (or its newest entry, if that is less), so what it had signed by then
 * is on its feed.  A home that was put back may be an old copy that does not
 * know it, so renewal_begin leaves nothing behind in the old feed that nobody
 * is known to hold.  Errors of the store. */
int renewal_met(struct keeper *k, uint64_t upto);

/* renewal_is_forked: was another copy of this home running too?  Then its feed
 * was cut, and its key must not sign. */
bool renewal_is_forked(struct keeper *k);

/* renewal_begin: go on under a new node key after `after`, or, where it is
 * NULL, after what others hold of the old feed.  ERR_STATE, ERR_SIGNATURE: the
 * identity key is sealed, and no or the wrong passphrase was given; then the
 * keeper is as it was and must not sign.  The errors of the store and of
 * keyfile_create. */
int renewal_begin(struct keeper *k, const struct position *after);

/* renewal_sealed: say what ERR_STATE or ERR_SIGNATURE of keeper_open needs.
 * EXIT_DENIED. */
int renewal_sealed(int err);

#endif
