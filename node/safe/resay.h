#ifndef NODE_SAFE_RESAY_H
#define NODE_SAFE_RESAY_H

#include "node/keeper.h"
#include "proto/entry.h"
#include "proto/value.h"

/*
 * resay -- what an entry says when it is recorded again in another feed
 * (PROTOCOL.md, "Restore" and "Re-issues").
 */

struct resaying {
	struct store *store;
	struct pubkey feed; /* in which it is said again */
	struct pubkey of;   /* of what was said again so far */
	bool is_plain;      /* nothing else stands in it, and it is of one */
	struct id ids[LIMIT_PINS];
	struct position runs[LIMIT_PINS + 1];
	uint8_t room[LIMIT_ENTRY];
	uint8_t facts[LIMIT_ENTRY];
};

/* resay: *d borrows from r and e.  ERR_FORMAT: it is not said again. */
int resay(struct draft *d, struct resaying *r, const struct entry *e);

#endif
