#include "proto/session/tree.h"

#include "crypto/bytes.h"

#include <assert.h>
#include <string.h>

uint32_t tree_node(const struct pubkey *feed, unsigned depth)
{
	assert(depth <= TREE_DEPTH);
	/* PROTOCOL: the top is 1, and the children of n are 32n to 32n + 31 */
	return (uint32_t)1 << TREE_BITS * depth |
	       (uint32_t)((uint64_t)be32_get(feed->b) >>
			  (32 - TREE_BITS * depth));
}

unsigned tree_depth(uint64_t node)
{
	unsigned depth = 0;

	for (; node >= TREE_RADIX && depth <= TREE_DEPTH; node /= TREE_RADIX)
		depth++;
	return node == TREE_TOP ? depth : TREE_DEPTH + 1;
}

void tree_print(uint8_t out[static TREE_PRINT], const struct digest *d,
		const struct secret *key)
{
	/* PROTOCOL: The fingerprint of a set of heads is the first 4 bytes of
	 * the BLAKE2b-128 of "maillon/1 heads" || 00 || sum || count, keyed by
	 * the nonces of the dialler and of the other side, one after the
	 * other. */
	uint8_t wire[sizeof(d->sum) + 8];
	struct tag tag;

	memcpy(wire, d->sum, sizeof(d->sum));
	be64_put(wire + sizeof(d->sum), d->count);
	tag = hash_tag(key, "maillon/1 heads", wire, sizeof(wire));
	memcpy(out, tag.b, TREE_PRINT);
}

void tree_print_head(uint8_t out[static TREE_PRINT], const struct id *element,
		     const struct secret *key)
{
	struct digest one;

	digest_init(&one);
	digest_put(&one, element);
	tree_print(out, &one, key);
}
