#ifndef NODE_NET_HEARD_H
#define NODE_NET_HEARD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * heard -- what others have told of and that is not here yet, as this home
 * remembers it: on a bad link its ledger is a part for days, whether its node
 * runs or not, and whoever shows figures is to say so.
 */

struct store;

/* All of it is what one peer says, the one that tells of most. */
struct heard {
	uint64_t entries;
	uint64_t feeds; /* that they are of */
	uint64_t begun; /* of these, feeds of which the beginning is here */
};

/* heard_get: all zero when nothing is to come as far as anybody has told, or
 * the row is damaged.  heard_put: remember it; a batch of its own unless one is
 * open.  Errors of the store. */
int heard_get(struct store *s, struct heard *out);
int heard_put(struct store *s, const struct heard *h);

bool heard_eq(const struct heard *a, const struct heard *b);

#endif
