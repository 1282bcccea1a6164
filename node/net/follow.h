#ifndef NODE_NET_FOLLOW_H
#define NODE_NET_FOLLOW_H

#include "node/text/say.h"
#include "proto/roster/roster.h"
#include "proto/session/scope.h"

#include <stdbool.h>

/*
 * follow -- whom a node follows (PROTOCOL.md, "Scope"): everybody, unless
 * --follow of `up` or `join` has said otherwise, which its home remembers.
 *
 * Who joins names members before there is a roster to find them in.  Until it
 * has come the home follows its own member only, so that nothing comes but what
 * makes the roster, and remembers the names as its wish.
 */

struct keeper;
struct store;

/* Members by name, as given. */
enum { FOLLOW_NAME = 128 };
struct follow_wish {
	uint32_t n;
	char who[MSG_SCOPE][FOLLOW_NAME + 1];
};

/* follow_get: what this home remembers; everybody when it is nothing, or
 * damaged.  follow_put: remember it.  Errors of the store. */
int follow_get(struct store *s, struct msg_scope *out);
int follow_put(struct store *s, const struct msg_scope *scope);

/* follow_wish_get: n is 0 when none is left.  follow_wish_put: remember it, and
 * follow who alone until it is settled; with n 0 forget it.  Errors of the
 * store. */
int follow_wish_get(struct store *s, struct follow_wish *out);
int follow_wish_put(struct store *s, const struct follow_wish *wish,
		    const struct pubkey *who);

/* follow_settle: follow those that the wish names, by the keeper's roster, and
 * forget the wish; nothing to do is fine.  Errors of party_resolve, and why
 * says which; ERR_DENIED: it names somebody outside; errors of the store. */
int follow_settle(struct keeper *k, struct reason *why);

/* follow_add: one more; twice is once.  ERR_LIMIT. */
int follow_add(struct msg_scope *scope, const struct pubkey *who);

/* follow_has: are a member's feeds within a scope?  by is the member whose
 * scope it is, NULL when that is not known. */
bool follow_has(const struct msg_scope *scope, const struct roster *r,
		const struct pubkey *by, const struct member *m);

#endif
