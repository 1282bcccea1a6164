#ifndef NODE_SEEN_H
#define NODE_SEEN_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <stdbool.h>

/*
 * seen -- the newest checkpoint of one's association, for the next entry.
 *
 * An entry names in `seen` the newest checkpoint that its author knew in the
 * feeds of whoever admitted the member, unless the entry before did already:
 * so nobody can make an entry and say later that it was made before that
 * checkpoint.  How far the feeds were looked through is kept in TABLE_META.
 */

struct store;

/* seen_next: what the next entry of this home is to say, in a batch that will
 * append it: *has_seen, and the id of the checkpoint.  Marks it as said.
 * Errors of the store. */
int seen_next(struct store *s, const struct pubkey *identity, struct id *out,
	      bool *has_seen);

#endif
