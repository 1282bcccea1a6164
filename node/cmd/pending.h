#ifndef NODE_CMD_PENDING_H
#define NODE_CMD_PENDING_H

#include "node/text/json.h"
#include "proto/invite.h"
#include "proto/roster/rotation.h"

/*
 * pending -- identity keys that are to follow another one, once founders or
 * checkpoints that are missing have come (PROTOCOL.md, "Rotation").
 */

enum { PENDING_TEXT = 160 };

/* pending_next: the one at *at or after it, each pair of member and key once;
 * *at goes on behind it, and begins at 0.  False when there is none. */
bool pending_next(struct rotation *out, size_t *at, const struct roster *r);

/* pending_find: of this member (NULL: any), to this key (NULL: any). */
bool pending_find(struct rotation *out, const struct roster *r,
		  const struct pubkey *who, const struct pubkey *to);

/* pending_text: what it waits for.  pending_json: the same, {"key",
 * "checkpoints", "founders"}. */
void pending_text(char out[static PENDING_TEXT], const struct rotation *x);
json_t *pending_json(const struct rotation *x);

#endif
