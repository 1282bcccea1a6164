#ifndef TESTS_ROTATION_WORLD_H
#define TESTS_ROTATION_WORLD_H

#include "proto/roster/rotation.h"
#include "tests/roster_world.h"

/*
 * rotation_world -- people of a roster_world whose identity keys follow one
 * another; a key is a person's number, whether it is anybody's yet or not.
 */

struct world_rotate {
	size_t who, from, to;
	bool is_signed;
	size_t old_signer, new_signer; /* 0: from, to; else one more */
	size_t feeds[4], feeds_n;      /* that go on */
	size_t pins[4], pins_n;        /* up to pin_seq */
	uint64_t pin_seq;
};

static inline void world_sign(struct record *rec, enum fact fact,
			      struct sig *sig, const struct world *w, size_t by)
{
	uint8_t claim[ROTATION_CLAIM];

	rotation_claim(claim, &w->network, rec);
	assert_int_equal(
		sign_make(sig, w->key[by], DOMAIN_ROTATE, claim, sizeof(claim)),
		0);
	record_set_bytes(rec, fact, sig->b, SIG_SIZE);
}

static inline int world_feed_cmp(const void *a, const void *b)
{
	return pubkey_cmp(a, b);
}

static inline size_t world_rotate(struct world *w, size_t feed,
				  const struct world_rotate *x)
{
	uint8_t feeds_raw[256], pins_raw[512];
	struct position pins[4];
	struct pubkey feeds[4];
	struct record rec;
	struct sig cert, proof;
	struct wr a, b;

	record_init(&rec, KIND_ROTATE);
	record_set_bytes(&rec, FACT_WHO, w->who[x->who].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_IDENTITY, w->who[x->from].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_SUCCESSOR, w->who[x->to].b, KEY_SIZE);
	wr_init(&a, feeds_raw, sizeof(feeds_raw));
	wr_array(&a, (uint32_t)x->feeds_n);
	for (size_t i = 0; i < x->feeds_n; i++)
		feeds[i] = w->feed[x->feeds[i]];
	qsort(feeds, x->feeds_n, sizeof(feeds[0]), world_feed_cmp);
	for (size_t i = 0; i < x->feeds_n; i++)
		wr_bin(&a, feeds[i].b, KEY_SIZE);
	if (x->feeds_n > 0)
		record_set_bytes(&rec, FACT_FEEDS, feeds_raw, a.n);
	wr_init(&b, pins_raw, sizeof(pins_raw));
	wr_array(&b, (uint32_t)x->pins_n);
	for (size_t i = 0; i < x->pins_n; i++)
		pins[i] = world_position(w, x->pins[i], x->pin_seq);
	qsort(pins, x->pins_n, sizeof(pins[0]), world_position_cmp);
	for (size_t i = 0; i < x->pins_n; i++)
		world_put_position(&b, &pins[i]);
	if (x->pins_n > 0)
		record_set_bytes(&rec, FACT_PINS, pins_raw, b.n);
	if (x->is_signed) {
		world_sign(&rec, FACT_CERT, &cert, w,
			   x->old_signer == 0 ? x->from : x->old_signer - 1);
		world_sign(&rec, FACT_PROOF, &proof, w,
			   x->new_signer == 0 ? x->to : x->new_signer - 1);
	}
	return world_say(w, feed, &rec);
}

static inline size_t world_checkpoint(struct world *w, size_t feed)
{
	uint8_t root[32] = { 1 }, sig[SIG_SIZE] = { 1 };
	struct record rec;

	record_init(&rec, KIND_CHECKPOINT);
	record_set_uint(&rec, FACT_SIZE, 1);
	record_set_bytes(&rec, FACT_ROOT, root, sizeof(root));
	record_set_bytes(&rec, FACT_NOTE_SIG, sig, sizeof(sig));
	return world_say(w, feed, &rec);
}

/* The first amendment: another quorum. */
static inline size_t world_amendment(struct world *w, size_t feed)
{
	struct charter next = w->charter;
	uint8_t raw[LIMIT_CHARTER];
	struct record rec;
	size_t n;

	next.quorum = w->charter.quorum + 1;
	assert_int_equal(charter_encode(raw, &n, &next), 0);
	record_init(&rec, KIND_CHARTER);
	record_set_bytes(&rec, FACT_CHARTER, raw, n);
	record_set_bytes(&rec, FACT_NUMBER, "1", 1);
	return world_say(w, feed, &rec);
}

/* Everything, checkpoints after all else. */
static inline struct roster *world_rotated(const struct world *w)
{
	struct roster *r = world_empty(w);
	bool changed;

	for (size_t i = 0; i < w->n; i++)
		if (w->entry[i].e.kind != KIND_CHECKPOINT)
			world_tell(w, r, i);
	for (size_t i = 0; i < w->n; i++)
		assert_int_equal(
			roster_checkpointed(r, &changed, &w->entry[i].e), 0);
	assert_int_equal(roster_solve(r), 0);
	return r;
}

#endif
