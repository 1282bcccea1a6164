#ifndef NODE_PROOF_LOGTREE_H
#define NODE_PROOF_LOGTREE_H

#include "proto/attest/attest.h"
#include "proto/attest/cosigned.h"
#include "proto/attest/witness.h"
#include "proto/limit.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * logtree -- associations' trees and witnesses' words, out of this home's
 * ledger (PROTOCOL.md, "Checkpoints").
 *
 * Errors of all: those of the store, ERR_NOMEM.
 */

/* Where the leaves of trees come from.  Keep a store_view open around its use:
 * it saves a transaction for each of them. */
struct logtree_ids {
	struct store *store;
	uint8_t raw[LIMIT_ENTRY];
};
struct attest_source logtree_source(struct logtree_ids *ids);

/* logtree_load: the tree that a feed says, as far as it counts; empty when it
 * says none.  The caller releases it, after errors too. */
int logtree_load(struct attest *out, struct store *s,
		 const struct pubkey *feed);

/* logtree_roots: the roots at the sizes of all its checkpoints, rising, in
 * memory that the caller frees; tree->marks_n of them. */
int logtree_roots(struct attest_point **out, const struct attest *tree,
		  struct store *s);

/* A list of cosignatures; zero is empty. */
struct logtree_cosigned {
	struct cosigned *at; /* owned */
	size_t n, max;
};

/* logtree_cosigned: add those in one feed that count and verify, of every tree
 * (NULL) or of one, in order of seq. */
int logtree_cosigned(struct logtree_cosigned *out, struct store *s,
		     const struct pubkey *feed, const struct pubkey *tree);

/* logtree_witnesses: add those that count of all members' feeds, for the tree
 * of this feed. */
int logtree_witnesses(struct logtree_cosigned *out, struct store *s,
		      const struct pubkey *tree);

/* logtree_interval: between which times an entry was made, in seconds; 0 where
 * nothing is known (PROTOCOL.md, "Cosignatures"). */
struct logtree_interval {
	uint64_t after_s;  /* not before */
	uint64_t before_s; /* not after */
};
int logtree_interval(struct logtree_interval *out, struct store *s,
		     const struct pubkey *feed, uint64_t seq);

#endif
