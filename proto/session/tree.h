#ifndef PROTO_SESSION_TREE_H
#define PROTO_SESSION_TREE_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/session/digest.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * tree -- digests of heads by the first bits of their feeds (PROTOCOL.md,
 * "Walk").
 *
 * The first ten bits of a feed name its bucket, the first five the node above
 * it.  Two nodes that compare these sums find the buckets in which their
 * heads differ, in one exchange and without a list of all heads.  40 KiB; it
 * is built from the heads when needed (3 ms for 10,000) and not kept.
 */

enum {
	TREE_RADIX = 32,
	TREE_BUCKETS = TREE_RADIX * TREE_RADIX,
	TREE_PRINT = 8,                       /* bytes of a fingerprint */
	TREE_PRINTS = TREE_RADIX * TREE_PRINT /* of a node's children */
};

struct digest_tree {
	struct digest bucket[TREE_BUCKETS];
};

/* A set of buckets. */
struct buckets {
	uint64_t word[TREE_BUCKETS / 64];
};

/* tree_init: no heads. */
void tree_init(struct digest_tree *t);

/* tree_bucket: which bucket a feed is in. */
unsigned tree_bucket(const struct pubkey *feed);

/* tree_add: a head joins the set. */
void tree_add(struct digest_tree *t, const struct pubkey *feed, uint64_t seq,
	      const struct id *id);

/* tree_top, tree_node: fingerprints of the 32 nodes below the top, or of the 32
 * buckets below node i.  key makes them different in each session, so nobody
 * can prepare heads that look alike. */
void tree_top(const struct digest_tree *t, uint8_t out[static TREE_PRINTS],
	      const struct secret *key);
void tree_node(const struct digest_tree *t, uint8_t out[static TREE_PRINTS],
	       const struct secret *key, unsigned i);

/* buckets_empty, buckets_add, buckets_has, buckets_count: the usual. */
void buckets_empty(struct buckets *b);
void buckets_add(struct buckets *b, unsigned bucket);
bool buckets_has(const struct buckets *b, unsigned bucket);
unsigned buckets_count(const struct buckets *b);

#endif
