#ifndef NODE_SAFE_HELDKEY_H
#define NODE_SAFE_HELDKEY_H

#include "crypto/sign.h"
#include "proto/roster/roster.h"

#include <stdbool.h>

/*
 * heldkey -- which of its member's identity keys a home has.
 *
 * The ledger of the home remembers it, since the key itself may be sealed, and
 * keys/identity.pub says whose home it is: the member's first key.
 */

struct store;

/* heldkey_put: the home has this key from now on.  Errors of the store. */
int heldkey_put(struct store *s, const struct pubkey *key);

/* heldkey_is_behind: does the home of this member have another key than the
 * one in force, as far as is known?  r NULL: no network yet. */
bool heldkey_is_behind(struct store *s, const struct roster *r,
		       const struct pubkey *member);

#endif
