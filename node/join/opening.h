#ifndef NODE_JOIN_OPENING_H
#define NODE_JOIN_OPENING_H

#include "node/join/membership.h"
#include "node/keeper.h"

/*
 * opening -- the first entry of this node's feed.
 */

/* opening_append: in a batch of the keeper's store, make its feed the home's
 * own and begin it with the `open` that start describes.  ERR_STATE,
 * ERR_SIGNATURE: the identity key is sealed, and no or the wrong passphrase
 * was given; the errors of the store.  The caller ends the batch. */
int opening_append(struct keeper *k, const struct membership_start *start);

#endif
