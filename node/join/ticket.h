#ifndef NODE_JOIN_TICKET_H
#define NODE_JOIN_TICKET_H

#include "crypto/sign.h"
#include "proto/fact.h"
#include "proto/invite.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ticket -- the inviter's half of an invite: what was promised, to be kept.
 *
 * A row of TABLE_INVITES by the invite's id.  It remembers who used it, after
 * the last use too, so that somebody else with the same link is told that it
 * was used, and the same person may ask again.
 */

enum {
	TICKET_USES = 256, /* most uses of one invite */
	TICKET_DAYS = 366, /* and its longest life */
	TICKET_VERSION = 1
};

struct ticket {
	uint8_t secret[INVITE_SECRET];
	enum role role;
	bool is_auto;
	uint64_t expires_s; /* since 1970 UTC */
	uint32_t uses;      /* 1 to TICKET_USES */
	uint32_t used;      /* how many of `by` */
	struct pubkey by[TICKET_USES];
};

struct store;

/* ticket_get: the invite with this id.  ERR_NOT_FOUND, ERR_FORMAT (damaged),
 * ERR_VERSION, and the errors of store_get. */
int ticket_get(struct ticket *out, struct store *s,
	       const uint8_t id[static INVITE_ID]);

/* ticket_put: keep it, under the id of its secret.  Errors of store_put. */
int ticket_put(const struct ticket *t, struct store *s);

/* ticket_was_used_by: has this identity used it? */
bool ticket_was_used_by(const struct ticket *t, const struct pubkey *identity);

/* ticket_use: note that identity used it.  ERR_LIMIT when it is used up; 0 if
 * it was noted before. */
int ticket_use(struct ticket *t, const struct pubkey *identity);

#endif
