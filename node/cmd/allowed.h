#ifndef NODE_CMD_ALLOWED_H
#define NODE_CMD_ALLOWED_H

#include "node/ctl/desk.h"
#include "proto/fact.h"

/*
 * allowed -- which members may record what, before it is signed.
 *
 * Whatever a command refuses here the book ignores if it is signed all the
 * same (PROTOCOL.md, "Funds", "Demand").
 */

/* ALLOWED: the bit of a role. */
#define ALLOWED(role) (1u << (role))

/* allowed_member: is this home's member admitted, in good standing, and its
 * feed one that goes on?  EXIT_AGAIN while it waits, EXIT_DENIED once it was
 * dismissed or another key has followed, after saying so.  allowed_as: the same
 * where there is no desk; r NULL: no network yet. */
int allowed_member(const struct desk *d);
int allowed_as(const struct roster *r, const struct pubkey *identity,
	       const struct pubkey *feed);

/* allowed_feed: does this home's feed go on?  EXIT_DENIED when another identity
 * key has followed that which opened it.  allowed_warn: say so, or that this
 * member has a newer identity key elsewhere, but go on. */
int allowed_feed(const struct roster *r, const struct pubkey *feed);
void allowed_warn(struct store *s, const struct pubkey *identity,
		  const struct pubkey *feed);

/* allowed_role: and of one of the roles?  Else EXIT_DENIED after the sentence
 * who, which is translated already. */
int allowed_role(const struct desk *d, unsigned roles, const char *who);

#endif
