#ifndef NODE_IMPORT_TAGSET_H
#define NODE_IMPORT_TAGSET_H

#include "crypto/hash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * tagset -- a number for each of many tags, in memory.
 *
 * For tags that this home made: they are keyed hashes, so their bytes spread
 * by themselves and nobody outside can choose them to collide.  A slot has 24
 * bytes and between half and three quarters of them are in use, after the
 * first few.  All zero is an empty set.
 */

struct tagset_slot {
	struct tag tag;
	uint64_t value; /* 0: free */
};

struct tagset {
	struct tagset_slot *slot; /* owned */
	size_t max;               /* slots, a power of two */
	size_t n;                 /* in use */
};

/* tagset_put: value (not 0) for a tag that has none yet.  ERR_EXISTS: it has
 * one, which stays; ERR_NOMEM. */
int tagset_put(struct tagset *s, const struct tag *tag, uint64_t value);

/* tagset_get: its value, 0 when it has none.  Cannot fail. */
uint64_t tagset_get(const struct tagset *s, const struct tag *tag);

/* tagset_release: NULL-safe, and may be repeated. */
void tagset_release(struct tagset *s);

#endif
