#ifndef NODE_CMD_ASKED_H
#define NODE_CMD_ASKED_H

#include "node/ctl/desk.h"
#include "proto/book/demand.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * asked -- what became of a request, for what answers it.
 */

struct asked {
	bool occurred;                   /* false: it was withdrawn */
	struct demand line[LIMIT_LINES]; /* rising item */
	size_t n; /* 0 while it does not count, and when withdrawn */
};

/* asked_load: as far as this node knows; out may be large for a stack.  Errors
 * of the store, ERR_NOMEM. */
int asked_load(struct asked *out, struct desk *d, const struct id *id);

#endif
