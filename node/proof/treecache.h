#ifndef NODE_PROOF_TREECACHE_H
#define NODE_PROOF_TREECACHE_H

#include "crypto/merkle.h"
#include "proto/attest/attest.h"
#include "store/store.h"

/*
 * treecache -- one's own tree as it was at the last checkpoint, so that the
 * next one costs what is new and not all that was ever attested.
 *
 * Kept in TABLE_META and never believed: what does not give the root that a
 * checkpoint of the tree has is as good as nothing.
 */

/* treecache_load: the tree as far as it is kept, empty when it is not, or not
 * this one's.  Errors of the store. */
int treecache_load(struct merkle *out, struct store *s,
		   const struct attest *tree);

/* treecache_save: keep it, in a batch of its own.  Errors of the store. */
int treecache_save(struct store *s, const struct pubkey *feed,
		   const struct merkle *tree);

#endif
