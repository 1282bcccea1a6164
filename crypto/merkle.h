#ifndef CRYPTO_MERKLE_H
#define CRYPTO_MERKLE_H

#include "crypto/hash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * merkle -- the hash tree of RFC 6962 section 2.1, over SHA-256.
 *
 *   root of nothing    SHA-256("")
 *   leaf d             SHA-256(00 || d)
 *   node of a tree     SHA-256(01 || left || right), where left holds the
 *                      largest power of two below the size
 *
 * A tree is only ever appended to.  Whoever appends keeps a struct merkle:
 * the roots of the full subtrees, one for each bit set in the size, and no
 * leaf.  Whoever proves gives a struct merkle_source that answers for leaf
 * hashes (or better, for stored subtrees); whoever checks has nothing but the
 * path.  Pure: no I/O, no allocation; threads may share what none changes.
 */

#define MERKLE_SIZE_MAX INT64_MAX /* leaves; what other people's tools hold */

enum {
	MERKLE_LEVELS = 63,  /* bits of a size */
	MERKLE_PATH_MAX = 64 /* hashes of the longest proof */
};

/* A tree as its appender sees it: range[0] is the root of the largest full
 * subtree, and so on for each bit of size that is set, highest first. */
struct merkle {
	uint64_t size; /* leaves */
	struct sha range[MERKLE_LEVELS];
};

/* A proof, of inclusion or consistency: the hashes that a verifier lacks, the
 * deepest first. */
struct merkle_path {
	size_t n;
	struct sha hash[MERKLE_PATH_MAX];
};

/* Where the hashes of a tree come from.  get is asked for the root of the
 * full subtree of leaves [index << level, (index + 1) << level), all of them
 * below the size; level 0 is a leaf hash.  For any other level it may answer
 * ERR_NOT_FOUND: then it is asked for the two halves.  Other errors end the
 * proof and are handed on. */
struct merkle_source {
	int (*get)(void *cookie, struct sha *out, unsigned int level,
		   uint64_t index);
	void *cookie;
};

/* merkle_empty, merkle_leaf, merkle_node: the three hashes above.  Cannot
 * fail. */
struct sha merkle_empty(void);
struct sha merkle_leaf(const void *p, size_t n);
struct sha merkle_node(const struct sha *left, const struct sha *right);

/* merkle_init: the empty tree.  Cannot fail. */
void merkle_init(struct merkle *m);

/* merkle_width: how many entries of range a tree of this size uses. */
size_t merkle_width(uint64_t size);

/* merkle_append: one more leaf, given by its hash.  ERR_LIMIT at
 * MERKLE_SIZE_MAX. */
int merkle_append(struct merkle *m, const struct sha *leaf);

/* merkle_root: the root of what was appended.  Cannot fail. */
struct sha merkle_root(const struct merkle *m);

/* merkle_root_at: the root that the tree had when it held size leaves; a
 * source must hold at least these.  ERR_LIMIT above MERKLE_SIZE_MAX; errors
 * of the source. */
int merkle_root_at(struct sha *out, const struct merkle_source *source,
		   uint64_t size);

/* merkle_prove_inclusion: that the leaf at index is in the tree of size
 * leaves.  ERR_LIMIT if index is not below size or size is above
 * MERKLE_SIZE_MAX; errors of the source. */
int merkle_prove_inclusion(struct merkle_path *out,
			   const struct merkle_source *source, uint64_t index,
			   uint64_t size);

/* merkle_prove_consistency: that the tree of size leaves begins with the
 * leaves of the tree of old; the path is empty when old is 0 or size.
 * ERR_LIMIT if old is above size or size above MERKLE_SIZE_MAX; errors of the
 * source. */
int merkle_prove_consistency(struct merkle_path *out,
			     const struct merkle_source *source, uint64_t old,
			     uint64_t size);

/* merkle_check_inclusion: 0 when path leads from leaf, the hash of the leaf at
 * index, to root, that of size leaves (RFC 9162 section 2.1.3.2); else
 * ERR_SIGNATURE. */
int merkle_check_inclusion(const struct merkle_path *path, uint64_t index,
			   uint64_t size, const struct sha *leaf,
			   const struct sha *root);

/* merkle_check_consistency: 0 when path shows that the tree of size leaves
 * with root extends the tree of old leaves with old_root (RFC 9162 section
 * 2.1.4.2); else ERR_SIGNATURE.  Every tree extends the empty one, whose root
 * must be merkle_empty's. */
int merkle_check_consistency(const struct merkle_path *path, uint64_t old,
			     const struct sha *old_root, uint64_t size,
			     const struct sha *root);

#endif
