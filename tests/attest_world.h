#ifndef TESTS_ATTEST_WORLD_H
#define TESTS_ATTEST_WORLD_H

#include "crypto/err.h"
#include "crypto/merkle.h"
#include "proto/attest/attest.h"
#include "proto/attest/cosigned.h"
#include "tests/world.h"

#include <assert.h>
#include <string.h>

/*
 * attest_world -- a world in which people attest, checkpoint and cosign.
 */

static inline struct position world_position(const struct world *w, size_t i,
					     uint64_t seq)
{
	const struct bytes *b = &w->who[i].entries[seq - 1];

	return (struct position){ w->who[i].feed, seq, hash_id(b->p, b->n) };
}

/* Where a world's ids come from. */
static inline int world_id(void *cookie, struct id *out,
			   const struct pubkey *feed, uint64_t seq)
{
	const struct world *w = cookie;

	for (size_t i = 0; i < w->n; i++) {
		if (!pubkey_eq(&w->who[i].feed, feed))
			continue;
		if (seq == 0 || seq > w->who[i].seq)
			return ERR_NOT_FOUND;
		*out = world_position(w, i, seq).id;
		return 0;
	}
	return ERR_NOT_FOUND;
}

static inline struct attest_source world_source(struct world *w)
{
	return (struct attest_source){ w, world_id };
}

static inline void say_attest(struct world *w, size_t by,
			      const struct position *at)
{
	static uint8_t facts[ATTEST_FACTS];
	struct record rec;
	size_t n, used;
	int err = attest_encode(facts, &n, at, 1, &used);

	assert(err == 0);
	err = record_decode(&rec, KIND_ATTEST, facts, n);
	assert(err == 0);
	(void)err;
	world_record(w, by, &rec);
}

/* `by` attests the entries of person i up to seq. */
static inline void attest_up_to(struct world *w, size_t by, size_t i,
				uint64_t seq)
{
	struct position at = world_position(w, i, seq);

	say_attest(w, by, &at);
}

/* The tree that person `by` has said. */
static inline void fold_tree(struct attest *a, const struct world *w, size_t by)
{
	const struct who *who = &w->who[by];

	attest_init(a, &w->network, &who->feed);
	for (uint64_t i = 0; i < who->seq; i++) {
		struct entry e;
		struct id id;
		int err =
			entry_decode(&e, who->entries[i].p, who->entries[i].n);

		assert(err == 0);
		id = entry_id(&e);
		err = attest_take(a, &e, &id);
		assert(err == 0);
		(void)err;
	}
}

static inline void add_leaf(struct merkle *m, const struct world *w, size_t i,
			    uint64_t seq)
{
	struct position at = world_position(w, i, seq);
	struct sha leaf = merkle_leaf(at.id.b, ID_SIZE);
	int err = merkle_append(m, &leaf);

	assert(err == 0);
	(void)err;
}

/* The true head of that tree; of leaves that are not there, a made-up one. */
static inline struct treehead head_now(struct world *w, size_t by)
{
	const struct attest_source source = world_source(w);
	struct treehead h = { w->network, w->who[by].feed, 0, { { 0 } } };
	struct attest_point at;
	struct attest a;
	int err;

	fold_tree(&a, w, by);
	at.size = h.size = a.size;
	err = attest_roots(&a, &source, &at, 1);
	assert(err == 0);
	(void)err;
	if (at.is_known)
		h.root = at.root;
	attest_release(&a);
	return h;
}

static inline void say_checkpoint(struct world *w, size_t by,
				  const struct treehead *h,
				  const struct sig *sig)
{
	uint8_t facts[256];
	struct record rec;
	size_t n;
	int err = attest_checkpoint(facts, &n, h, sig, NULL);

	assert(err == 0);
	err = record_decode(&rec, KIND_CHECKPOINT, facts, n);
	assert(err == 0);
	(void)err;
	world_record(w, by, &rec);
}

static inline struct treehead checkpoint_now(struct world *w, size_t by)
{
	struct treehead h = head_now(w, by);
	struct sig sig;
	int err = treehead_sign(&sig, &h, w->who[by].node_key);

	assert(err == 0);
	(void)err;
	say_checkpoint(w, by, &h, &sig);
	return h;
}

/* The entry borrows the world. */
static inline struct entry say_cosign(struct world *w, size_t by,
				      const struct cosigned *c)
{
	uint8_t facts[512];
	struct record rec;
	struct entry e;
	size_t n;
	int err = cosigned_encode(facts, &n, c);

	assert(err == 0);
	err = record_decode(&rec, KIND_COSIGN, facts, n);
	assert(err == 0);
	world_record(w, by, &rec);
	err = entry_decode(&e, w->who[by].entries[w->who[by].seq - 1].p,
			   w->who[by].entries[w->who[by].seq - 1].n);
	assert(err == 0);
	(void)err;
	return e;
}

/* `by` cosigns what it is shown at this time. */
static inline struct cosigned cosign_now(struct world *w, size_t by,
					 const struct treehead *h,
					 uint64_t time_s)
{
	struct cosigned c = { .head = *h, .time_s = time_s };
	int err;

	c.witness = w->who[by].feed;
	err = treehead_cosign(&c.sig, h, w->who[by].node_key, time_s);
	assert(err == 0);
	(void)err;
	say_cosign(w, by, &c);
	return c;
}

#endif
