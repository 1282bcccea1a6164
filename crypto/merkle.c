#include "crypto/merkle.h"

#include "crypto/err.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_hash_sha256_BYTES == sizeof(struct sha), "SHA-256");

/* A subtree that a proof is about: leaves [start, start + size). */
struct part {
	uint64_t start;
	uint64_t size;
};

static struct sha hash2(uint8_t prefix, const void *a, size_t a_n,
			const struct sha *b)
{
	crypto_hash_sha256_state st;
	struct sha out;

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, &prefix, 1);
	crypto_hash_sha256_update(&st, a, a_n);
	if (b != NULL)
		crypto_hash_sha256_update(&st, b->b, sizeof(b->b));
	crypto_hash_sha256_final(&st, out.b);
	return out;
}

struct sha merkle_empty(void)
{
	return hash_sha(NULL, 0);
}

struct sha merkle_leaf(const void *p, size_t n)
{
	return hash2(0x00, p, n, NULL);
}

struct sha merkle_node(const struct sha *left, const struct sha *right)
{
	return hash2(0x01, left->b, sizeof(left->b), right);
}

void merkle_init(struct merkle *m)
{
	memset(m, 0, sizeof(*m));
}

size_t merkle_width(uint64_t size)
{
	size_t bits = 0;

	for (; size != 0; size &= size - 1)
		bits++;
	return bits;
}

int merkle_append(struct merkle *m, const struct sha *leaf)
{
	size_t n = merkle_width(m->size);
	struct sha hash = *leaf;

	if (m->size >= MERKLE_SIZE_MAX)
		return ERR_LIMIT;
	/* Like adding one in binary: every trailing 1 is a subtree as large
	 * as the one in hand, and carries. */
	for (uint64_t s = m->size; (s & 1) != 0; s >>= 1)
		hash = merkle_node(&m->range[--n], &hash);
	m->range[n] = hash;
	m->size++;
	return 0;
}

struct sha merkle_root(const struct merkle *m)
{
	size_t n = merkle_width(m->size);
	struct sha root;

	if (n == 0)
		return merkle_empty();
	root = m->range[--n];
	while (n > 0)
		root = merkle_node(&m->range[--n], &root);
	return root;
}

/* The largest power of two below size, which is at least 2. */
static uint64_t split(uint64_t size)
{
	uint64_t k = 1;

	while (k < size - k)
		k <<= 1;
	return k;
}

static unsigned int log2_of(uint64_t power)
{
	unsigned int level = 0;

	while (power > 1) {
		power >>= 1;
		level++;
	}
	return level;
}

/* The hash of part, which starts at a multiple of the power of two that is
 * not below its size.  Recursion goes as deep as the tree is high, at most
 * MERKLE_LEVELS; what a source stores ends it earlier. */
static int hash_part(struct sha *out, const struct merkle_source *source,
		     struct part p)
{
	struct sha left, right;
	uint64_t k;
	int err;

	if ((p.size & (p.size - 1)) == 0) {
		unsigned int level = log2_of(p.size);

		err = source->get(source->cookie, out, level, p.start >> level);
		if (err != ERR_NOT_FOUND || level == 0)
			return err;
	}
	k = split(p.size);
	err = hash_part(&left, source, (struct part){ p.start, k });
	if (err != 0)
		return err;
	err = hash_part(&right, source,
			(struct part){ p.start + k, p.size - k });
	if (err != 0)
		return err;
	*out = merkle_node(&left, &right);
	return 0;
}

int merkle_root_at(struct sha *out, const struct merkle_source *source,
		   uint64_t size)
{
	struct sha root = merkle_empty();
	int err = 0;

	if (size > MERKLE_SIZE_MAX)
		return ERR_LIMIT;
	if (size > 0)
		err = hash_part(&root, source, (struct part){ 0, size });
	if (err == 0)
		*out = root;
	return err;
}

/* Hash the parts that a walk from the root downwards left aside, and put the
 * deepest, which came last, first. */
static int hash_path(struct merkle_path *out,
		     const struct merkle_source *source,
		     const struct part *aside, size_t n)
{
	struct merkle_path path = { 0 };
	int err;

	for (path.n = 0; path.n < n; path.n++) {
		err = hash_part(&path.hash[path.n], source,
				aside[n - 1 - path.n]);
		if (err != 0)
			return err;
	}
	*out = path;
	return 0;
}

int merkle_prove_inclusion(struct merkle_path *out,
			   const struct merkle_source *source, uint64_t index,
			   uint64_t size)
{
	struct part aside[MERKLE_PATH_MAX];
	struct part p = { 0, size };
	size_t n = 0;

	if (index >= size || size > MERKLE_SIZE_MAX)
		return ERR_LIMIT;
	while (p.size > 1) {
		uint64_t k = split(p.size);

		if (index - p.start < k) {
			aside[n++] = (struct part){ p.start + k, p.size - k };
			p.size = k;
		} else {
			aside[n++] = (struct part){ p.start, k };
			p.start += k;
			p.size -= k;
		}
	}
	return hash_path(out, source, aside, n);
}

int merkle_prove_consistency(struct merkle_path *out,
			     const struct merkle_source *source, uint64_t old,
			     uint64_t size)
{
	struct part aside[MERKLE_PATH_MAX];
	struct part p = { 0, size };
	size_t n = 0;

	if (old > size || size > MERKLE_SIZE_MAX)
		return ERR_LIMIT;
	/* Walk to the subtree that ends where the old tree ended. */
	while (old > 0 && p.start + p.size != old) {
		uint64_t k = split(p.size);

		if (old - p.start <= k) {
			aside[n++] = (struct part){ p.start + k, p.size - k };
			p.size = k;
		} else {
			aside[n++] = (struct part){ p.start, k };
			p.start += k;
			p.size -= k;
		}
	}
	/* A verifier knows that subtree if it is the whole old tree. */
	if (p.start > 0)
		aside[n++] = p;
	return hash_path(out, source, aside, n);
}

/* Where a verifier stands: the numbers of the node in hand and of the last
 * node of its level. */
struct climb {
	uint64_t node;
	uint64_t last;
};

/* Does the hash that comes next stand left of the node in hand?  A last node
 * without a sister rises unchanged to the level where it has one. */
static bool climb_is_left(struct climb *c)
{
	if ((c->node & 1) == 0 && c->node != c->last)
		return false;
	while ((c->node & 1) == 0 && c->node != 0) {
		c->node >>= 1;
		c->last >>= 1;
	}
	return true;
}

static void climb_up(struct climb *c)
{
	c->node >>= 1;
	c->last >>= 1;
}

int merkle_check_inclusion(const struct merkle_path *path, uint64_t index,
			   uint64_t size, const struct sha *leaf,
			   const struct sha *root)
{
	struct climb c = { index, size - 1 };
	struct sha hash = *leaf;

	if (index >= size || path->n > MERKLE_PATH_MAX)
		return ERR_SIGNATURE;
	for (size_t i = 0; i < path->n; i++) {
		if (c.last == 0)
			return ERR_SIGNATURE;
		if (climb_is_left(&c))
			hash = merkle_node(&path->hash[i], &hash);
		else
			hash = merkle_node(&hash, &path->hash[i]);
		climb_up(&c);
	}
	return c.last == 0 && sha_eq(&hash, root) ? 0 : ERR_SIGNATURE;
}

int merkle_check_consistency(const struct merkle_path *path, uint64_t old,
			     const struct sha *old_root, uint64_t size,
			     const struct sha *root)
{
	struct sha before, now, empty = merkle_empty();
	struct climb c = { old - 1, size - 1 };
	size_t i = 0;

	if (old > size || path->n > MERKLE_PATH_MAX)
		return ERR_SIGNATURE;
	if (old == size)
		return path->n == 0 && sha_eq(old_root, root) ? 0
							      : ERR_SIGNATURE;
	if (old == 0)
		return path->n == 0 && sha_eq(old_root, &empty) ? 0
								: ERR_SIGNATURE;
	while ((c.node & 1) != 0)
		climb_up(&c);
	/* Both climb from the subtree that ends where the old tree ended: the
	 * old tree itself if that is full (then node is 0). */
	if (c.node == 0)
		before = *old_root;
	else if (path->n > 0)
		before = path->hash[i++];
	else
		return ERR_SIGNATURE;
	now = before;
	for (; i < path->n; i++) {
		if (c.last == 0)
			return ERR_SIGNATURE;
		if (climb_is_left(&c)) {
			before = merkle_node(&path->hash[i], &before);
			now = merkle_node(&path->hash[i], &now);
		} else {
			now = merkle_node(&now, &path->hash[i]);
		}
		climb_up(&c);
	}
	return c.last == 0 && sha_eq(&before, old_root) && sha_eq(&now, root)
		       ? 0
		       : ERR_SIGNATURE;
}
