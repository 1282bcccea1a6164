#ifndef NODE_CMD_BRANCH_H
#define NODE_CMD_BRANCH_H

#include "node/ctl/desk.h"
#include "node/text/say.h"
#include "proto/value.h"
#include "store/log.h"

/*
 * branch -- entries in dispute: put aside here, or in the proof of a fork.
 */

/* branch_each: visit them all, by feed; those that stand in both twice.  Valid
 * during the call; other than 0 ends it and is returned. */
int branch_each(struct desk *d, entry_visit *visit, void *arg);

/* branch_find: the one that text names: LABEL/SEQ, FEEDPREFIX/SEQ, an id or 8
 * or more digits of one.  ERR_NOT_FOUND; ERR_EXISTS: several, and why has their
 * ids; errors of the store. */
int branch_find(struct position *out, struct desk *d, const char *text,
		struct reason *why);

#endif
