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
 * Each node of the tree has 32 children, by the next five bits of the feeds;
 * its fingerprint is that of all heads below it.  Two sides that compare
 * fingerprints find the heads that differ in a few exchanges, whatever the
 * number of heads.  No tree is kept: sums are made from the heads for the nodes
 * that are asked about (1 ms for all of 10,000).
 *
 * A node is a number: 1 is the top, and the children of n are 32n to 32n + 31.
 */

enum {
	TREE_BITS = 5,
	TREE_RADIX = 1 << TREE_BITS,
	TREE_DEPTH = 6,                        /* below are heads only */
	TREE_TOP = 1,                          /* the node above all others */
	TREE_PRINT = 4,                        /* bytes of a fingerprint */
	TREE_PRINTS = TREE_RADIX * TREE_PRINT, /* of a node's children */
	TREE_FEW = 24 /* heads that are told apart, not split */
};

/* tree_node: the node at that depth (0: the top) above a feed. */
uint32_t tree_node(const struct pubkey *feed, unsigned depth);

/* tree_depth: of a node; above TREE_DEPTH when there is no such node. */
unsigned tree_depth(uint64_t node);

/* tree_print: the fingerprint of the heads in d, which may be a single one.
 * key makes it another in each session, so nobody can prepare heads that look
 * alike. */
void tree_print(uint8_t out[static TREE_PRINT], const struct digest *d,
		const struct secret *key);

/* tree_print_head: the same of one head (digest_element). */
void tree_print_head(uint8_t out[static TREE_PRINT], const struct id *element,
		     const struct secret *key);

#endif
