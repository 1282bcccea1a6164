#ifndef NODE_NET_FOLLOW_H
#define NODE_NET_FOLLOW_H

#include "proto/roster/roster.h"
#include "proto/session/scope.h"

#include <stdbool.h>

/*
 * follow -- whom a node follows (PROTOCOL.md, "Scope"): everybody, unless `up
 * --follow` has said otherwise, which its home remembers.
 */

struct store;

/* follow_get: what this home remembers; everybody when it is nothing, or
 * damaged.  follow_put: remember it.  Errors of the store. */
int follow_get(struct store *s, struct msg_scope *out);
int follow_put(struct store *s, const struct msg_scope *scope);

/* follow_add: one more; twice is once.  ERR_LIMIT. */
int follow_add(struct msg_scope *scope, const struct pubkey *who);

/* follow_has: are a member's feeds within a scope?  by is the member whose
 * scope it is, NULL when that is not known. */
bool follow_has(const struct msg_scope *scope, const struct roster *r,
		const struct pubkey *by, const struct member *m);

#endif
