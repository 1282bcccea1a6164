#ifndef PROTO_SESSION_SCOPE_H
#define PROTO_SESSION_SCOPE_H

#include "crypto/sign.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * scope -- whom a node follows (PROTOCOL.md, "Scope"): these members and all
 * below them, in rising order; none is everybody.
 */

enum { MSG_SCOPE = 8 };

struct msg_scope {
	struct pubkey who[MSG_SCOPE];
	uint32_t n;
};

/* scope_eq: do both follow the same? */
bool scope_eq(const struct msg_scope *a, const struct msg_scope *b);

/* scope_read, scope_write: as it stands in HELLO. */
void scope_read(struct rd *r, struct msg_scope *out);
void scope_write(struct wr *w, const struct msg_scope *s);

#endif
