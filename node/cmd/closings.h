#ifndef NODE_CMD_CLOSINGS_H
#define NODE_CMD_CLOSINGS_H

#include "proto/book/closing.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * closings -- the periods that were closed, out of the running book.
 */

struct closings {
	struct closing *at; /* owned, as the store lists them */
	size_t n, max;
};

/* closings_load: all of them.  closings_release in any case.  Errors of the
 * store, ERR_NOMEM. */
int closings_load(struct closings *c, struct store *s);
void closings_release(struct closings *c);

/* closings_within: one of party's that the span [from_ms, to_ms) lies in;
 * NULL: none. */
const struct closing *closings_within(const struct closings *c,
				      const struct pubkey *party,
				      uint64_t from_ms, uint64_t to_ms);

/* closings_sum: the sums that a closing freezes, merged, and their hash.
 * Errors of the store, ERR_NOMEM. */
int closings_sum(struct funds *f, struct sha *hash, const struct closing *c,
		 struct store *s);

#endif
