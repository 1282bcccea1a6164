#ifndef PROTO_SESSION_DIGEST_H
#define PROTO_SESSION_DIGEST_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * digest -- a fingerprint of a set of feed heads (PROTOCOL.md, "Digest").
 *
 *   element = BLAKE2b-256("maillon/1 head" || 00 || feed || seq be64 || id)
 *   digest  = (sum of the elements mod 2^256, their count)
 *   wire    = BLAKE2b-256(sum be256 || count be64)
 *
 * Sums make a head that moves cost two hashes whatever the number of feeds,
 * and sums of parts add up to the sum of the whole, so a tree over feed ids
 * keeps one struct digest a node.  Nobody can steer a sum who controls only
 * one element per admitted feed: admission is the defence, as for all else.
 *
 * Equal wire forms mean equal sets of (feed, seq, id).  Nothing here fails or
 * allocates; no function checks that what is removed was ever added.
 */
struct digest {
	uint8_t sum[32]; /* big-endian */
	uint64_t count;  /* heads in the set */
};

/* digest_init: the empty set. */
void digest_init(struct digest *d);

/* digest_element: what a head adds to the sum. */
struct id digest_element(const struct pubkey *feed, uint64_t seq,
			 const struct id *id);

/* digest_add, digest_remove: the head of one feed joins or leaves the set. */
void digest_add(struct digest *d, const struct pubkey *feed, uint64_t seq,
		const struct id *id);
void digest_remove(struct digest *d, const struct pubkey *feed, uint64_t seq,
		   const struct id *id);

/* digest_put, digest_take: the same where the element is known: a fifth of the
 * time. */
void digest_put(struct digest *d, const struct id *element);
void digest_take(struct digest *d, const struct id *element);

/* digest_merge, digest_subtract: the set of another digest joins or leaves;
 * the two sets have no feed in common, or the one holds all of the other. */
void digest_merge(struct digest *d, const struct digest *other);
void digest_subtract(struct digest *d, const struct digest *other);

/* digest_id: the wire form. */
struct id digest_id(const struct digest *d);

/* digest_eq: the same sum and count. */
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
