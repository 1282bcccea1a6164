#ifndef PROTO_ATTEST_ATTEST_H
#define PROTO_ATTEST_ATTEST_H

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/sign.h"
#include "proto/attest/treehead.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/value.h"

#include <stddef.h>
#include <stdint.h>

/*
 * attest -- an association's tree, as the `attest` and `checkpoint` entries of
 * one feed say it (PROTOCOL.md, "Checkpoints").
 *
 * The fold takes the entries of the feed in order and keeps runs: consecutive
 * entries of one feed, in the order attested.  The leaves themselves are ids
 * of entries, which come from whoever holds them: a struct attest_source.
 * What it does not hold ends what can be rebuilt; that is no fault.
 *
 * Owns its arrays, which grow with the entries taken.  One thread.
 */

/* Entries [from, to] of one feed; the first of them is leaf `first`. */
struct attest_run {
	struct pubkey feed;
	uint64_t from, to;
	struct id id; /* of the entry at to */
	uint64_t first;
};

/* One `checkpoint` entry. */
struct attest_mark {
	struct position at;
	uint64_t said; /* leaves that the attests before it name */
	struct treehead head;
	struct sig sig; /* not verified */
};

/* How far one feed is attested. */
struct attest_top {
	struct pubkey feed;
	uint64_t to;
};

struct attest {
	struct id network;
	struct pubkey feed;
	uint64_t size; /* leaves that the runs name */
	struct attest_run *runs;
	size_t runs_n, runs_max;
	struct attest_top *tops; /* rising feed */
	size_t tops_n, tops_max;
	struct attest_mark *marks; /* in order of seq */
	size_t marks_n, marks_max;
};

/* Where ids come from.  id: of the entry at a place; ERR_NOT_FOUND when it is
 * not held; other errors end the rebuilding and are handed on. */
struct attest_source {
	void *cookie;
	int (*id)(void *cookie, struct id *out, const struct pubkey *feed,
		  uint64_t seq);
};

/* attest_init: the tree of feed, empty.  attest_release: free. */
void attest_init(struct attest *a, const struct id *network,
		 const struct pubkey *feed);
void attest_release(struct attest *a);

/* attest_take: the next entry of the feed; all kinds may come, in order of
 * seq.  Malformed facts say nothing.  ERR_NOMEM. */
int attest_take(struct attest *a, const struct entry *e, const struct id *id);

/* attest_add: one more run, up to and with this place; nothing when the feed
 * is attested that far already.  ERR_NOMEM, ERR_LIMIT. */
int attest_add(struct attest *a, const struct position *to);

/* attest_to: up to which seq a feed is attested, 0 when not at all. */
uint64_t attest_to(const struct attest *a, const struct pubkey *feed);

/* attest_find: the leaf that the entry at a place is.  ERR_NOT_FOUND. */
int attest_find(const struct attest *a, uint64_t *index,
		const struct pubkey *feed, uint64_t seq);

/* attest_leaves: call visit with the hash of each leaf below `end`, in order,
 * as far as they are held; their number in *held.  A run whose last entry is
 * not here, or is another one than was attested, is not held.  Other than 0
 * from visit ends it and is returned. */
typedef int attest_visit(void *arg, const struct sha *leaf);
int attest_leaves(const struct attest *a, const struct attest_source *source,
		  uint64_t end, uint64_t *held, attest_visit *visit, void *arg);

/* attest_grow: tree is this one when it had tree->size leaves, or empty: append
 * all that are above.  ERR_NOT_FOUND: not all are held; other errors of the
 * source.  After an error tree is between. */
int attest_grow(const struct attest *a, const struct attest_source *source,
		struct merkle *tree);

/* A size, and the root of the tree when it had that many leaves. */
struct attest_point {
	uint64_t size;
	bool is_known; /* its leaves are held */
	struct sha root;
};

/* attest_roots: the roots at n sizes, which are rising (repeats are fine), in
 * one pass over the leaves.  Errors of the source. */
int attest_roots(const struct attest *a, const struct attest_source *source,
		 struct attest_point *points, size_t n);

/* attest_point_at: the point of a size, among n rising ones; NULL. */
const struct attest_point *attest_point_at(const struct attest_point *points,
					   size_t n, uint64_t size);

/* What is wrong with a checkpoint; the first that holds. */
enum attest_fault {
	ATTEST_RIGHT,
	ATTEST_UNCHECKED, /* entries that it covers are not here */
	ATTEST_ROLLBACK,  /* smaller than one before it */
	ATTEST_SPLIT,     /* another root than one before it of that size */
	ATTEST_WRONG      /* size, root or signature is not the tree's */
};

/* attest_judge: checkpoint i, given the roots at least at its own size. */
enum attest_fault attest_judge(const struct attest *a, size_t i,
			       const struct attest_point *points, size_t n);

/* attest_encode: the facts of one `attest` entry for as many of the n places,
 * rising by feed, as fit in one; *used of them.  ERR_FORMAT: n is 0. */
enum { ATTEST_FACTS = LIMIT_ENTRY - 256 }; /* bytes of facts */
int attest_encode(uint8_t out[static ATTEST_FACTS], size_t *out_n,
		  const struct position *places, size_t n, size_t *used);

/* attest_checkpoint: the facts of a `checkpoint`; after may be NULL, else the
 * last checkpoint of the tree before. */
int attest_checkpoint(uint8_t out[static 256], size_t *out_n,
		      const struct treehead *head, const struct sig *sig,
		      const struct position *after);

#endif
