#ifndef NODE_CMD_BRANCH_H
#define NODE_CMD_BRANCH_H

#include "node/ctl/desk.h"
#include "node/text/say.h"
#include "proto/value.h"
#include "store/log.h"

/*
 * branch -- entries in dispute: put aside here, or in the proof of a fork.
 */

/* branch_each: visit each of them once, by feed; none that is on the chain that
 * counts.  Valid during the call; other than 0 ends it and is returned. */
int branch_each(struct desk *d, entry_visit *visit, void *arg);

/* branch_find: the one that text names: LABEL/SEQ, FEEDPREFIX/SEQ, an id or 8
 * or more digits of one; and its n bytes.  ERR_NOT_FOUND; ERR_EXISTS: several,
 * and why has their ids; errors of the store. */
int branch_find(struct position *out, uint8_t raw[static LIMIT_ENTRY],
		size_t *n, struct desk *d, const char *text,
		struct reason *why);

/* branch_owner: the identity key that certified a feed whose first entry is in
 * dispute, so that the roster does not know it.  ERR_NOT_FOUND; errors of the
 * store. */
int branch_owner(struct pubkey *out, struct desk *d, const struct pubkey *feed);

/* Why an entry in dispute does not count. */
enum branch_why {
	BRANCH_FORKED,  /* nobody has said yet which chain counts */
	BRANCH_OTHER,   /* another chain of the feed counts */
	BRANCH_AWAITED, /* one was named that is not held here yet */
	BRANCH_ENDED,   /* the member's identity closed the feed before it */
};

/* branch_why: of a place in dispute, and *last, up to where its feed counts. */
enum branch_why branch_why(uint64_t *last, struct desk *d,
			   const struct position *at);

#endif
