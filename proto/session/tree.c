#include "proto/session/tree.h"

#include "crypto/bytes.h"

#include <assert.h>
#include <string.h>

void tree_init(struct digest_tree *t)
{
	memset(t, 0, sizeof(*t));
}

unsigned tree_bucket(const struct pubkey *feed)
{
	return (unsigned)feed->b[0] << 2 | feed->b[1] >> 6;
}

void tree_add(struct digest_tree *t, const struct pubkey *feed, uint64_t seq,
	      const struct id *id)
{
	digest_add(&t->bucket[tree_bucket(feed)], feed, seq, id);
}

static void print(uint8_t *out, const struct digest *d,
		  const struct secret *key)
{
	/* PROTOCOL: The fingerprint of a node is the first 8 bytes of the
	 * BLAKE2b-128 of "maillon/1 heads" || 00 || sum || count, keyed by the
	 * nonces of the dialler and of the other side, one after the other. */
	uint8_t wire[sizeof(d->sum) + 8];
	struct tag tag;

	memcpy(wire, d->sum, sizeof(d->sum));
	be64_put(wire + sizeof(d->sum), d->count);
	tag = hash_tag(key, "maillon/1 heads", wire, sizeof(wire));
	memcpy(out, tag.b, TREE_PRINT);
}

void tree_top(const struct digest_tree *t, uint8_t out[static TREE_PRINTS],
	      const struct secret *key)
{
	for (unsigned i = 0; i < TREE_RADIX; i++) {
		struct digest sum;

		digest_init(&sum);
		for (unsigned k = 0; k < TREE_RADIX; k++)
			digest_merge(&sum, &t->bucket[i * TREE_RADIX + k]);
		print(out + (size_t)i * TREE_PRINT, &sum, key);
	}
}

void tree_node(const struct digest_tree *t, uint8_t out[static TREE_PRINTS],
	       const struct secret *key, unsigned i)
{
	assert(i < TREE_RADIX);
	for (unsigned k = 0; k < TREE_RADIX; k++)
		print(out + (size_t)k * TREE_PRINT,
		      &t->bucket[i * TREE_RADIX + k], key);
}

void buckets_empty(struct buckets *b)
{
	memset(b, 0, sizeof(*b));
}

void buckets_add(struct buckets *b, unsigned bucket)
{
	assert(bucket < TREE_BUCKETS);
	b->word[bucket / 64] |= 1ULL << bucket % 64;
}

bool buckets_has(const struct buckets *b, unsigned bucket)
{
	return (b->word[bucket / 64] >> bucket % 64 & 1) != 0;
}

unsigned buckets_count(const struct buckets *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TREE_BUCKETS; i++)
		n += buckets_has(b, i);
	return n;
}
