#ifndef PROTO_ROSTER_ENROLLED_H
#define PROTO_ROSTER_ENROLLED_H

#include "proto/roster/roster.h"

#include <stdbool.h>

/*
 * enrolled -- keys that sign receipts for a recipient (PROTOCOL.md, "Receipt
 * keys").
 *
 * A member's receipt keys are its identity key and those that `keys` entries
 * name for it.  What matters towards a sender is that the sender cannot have
 * made the key: so somebody else must stand for it.
 */

/* roster_is_enrolled: is key a receipt key of who, for which somebody stands
 * who is neither sender nor below it? */
bool roster_is_enrolled(const struct roster *r, const struct pubkey *who,
			const struct pubkey *key, const struct pubkey *sender);

/* roster_has_key: the same whoever the sender is: has anybody who may enrolled
 * it, or is it the member's own? */
bool roster_has_key(const struct roster *r, const struct pubkey *who,
		    const struct pubkey *key);

#endif
