#ifndef TESTS_ROSTER_WORLD_H
#define TESTS_ROSTER_WORLD_H

#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/*
 * roster_world -- people who open feeds and admit and dismiss one another, for
 * the tests of the roster.
 *
 * A world keeps the entries that its people made, with as much of them as a
 * roster looks at; a roster is made of any of them in any order.  Person i has
 * the feed i; further feeds are given out from WORLD_PEOPLE on.
 */

enum { WORLD_PEOPLE = 16, WORLD_FEEDS = 24, WORLD_ENTRIES = 256 };

struct world_entry {
	struct entry e;
	struct id id;
	uint8_t facts[2048];
};

struct world {
	struct charter charter;
	uint8_t charter_raw[LIMIT_CHARTER];
	size_t charter_n;
	struct id network;
	struct seckey *key[WORLD_PEOPLE];
	struct pubkey who[WORLD_PEOPLE];
	struct pubkey feed[WORLD_FEEDS];
	uint64_t seq[WORLD_FEEDS];
	struct id tip[WORLD_FEEDS];
	struct world_entry entry[WORLD_ENTRIES];
	size_t n;
};

/* The first `founders` people found the network; nobody has opened a feed. */
static inline struct world *world_open(size_t founders)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(crypto_start(), 0);
	for (size_t i = 0; i < WORLD_PEOPLE; i++) {
		uint8_t seed[SEED_SIZE] = { (uint8_t)(i + 1) };

		assert_int_equal(seckey_from_seed(&w->key[i], seed), 0);
		w->who[i] = seckey_pub(w->key[i]);
	}
	for (size_t i = 0; i < WORLD_FEEDS; i++) {
		uint8_t name[2] = { 'f', (uint8_t)i };
		struct id id = hash_id(name, sizeof(name));

		memcpy(w->feed[i].b, id.b, KEY_SIZE);
	}
	memcpy(w->charter.name, "Vosges", 7);
	memcpy(w->charter.currency, "EUR", 4);
	w->charter.founders_n = founders;
	for (size_t i = 0; i < founders; i++) {
		struct founder *f = &w->charter.founders[i];

		f->identity = w->who[i];
		f->label[0] = 'f';
		f->label[1] = (char)('0' + i);
		memcpy(f->place, "FR-88", 6);
	}
	assert_int_equal(
		charter_encode(w->charter_raw, &w->charter_n, &w->charter), 0);
	w->network = hash_id(w->charter_raw, w->charter_n);
	return w;
}

static inline void world_close(struct world *w)
{
	for (size_t i = 0; i < WORLD_PEOPLE; i++)
		seckey_close(w->key[i]);
	free(w);
}

/* The next entry of a feed; its index. */
static inline size_t world_say(struct world *w, size_t feed,
			       const struct record *rec)
{
	struct world_entry *x = &w->entry[w->n];
	uint8_t name[KEY_SIZE + 8 + sizeof(x->facts)];
	size_t n;

	assert_true(w->n < WORLD_ENTRIES);
	assert_int_equal(record_encode(rec, x->facts, sizeof(x->facts), &n), 0);
	x->e.feed = w->feed[feed];
	x->e.prev = w->seq[feed] == 0 ? w->network : w->tip[feed];
	x->e.seq = ++w->seq[feed];
	x->e.kind = rec->kind;
	x->e.facts = x->facts;
	x->e.facts_n = n;
	memcpy(name, x->e.feed.b, KEY_SIZE);
	memset(name + KEY_SIZE, 0, 8);
	name[KEY_SIZE] = (uint8_t)x->e.seq;
	name[KEY_SIZE + 1] = (uint8_t)(x->e.seq >> 8);
	memcpy(name + KEY_SIZE + 8, x->facts, n);
	x->id = hash_id(name, KEY_SIZE + 8 + n);
	w->tip[feed] = x->id;
	return w->n++;
}

/* Person opens a feed; the certificate is signed by `signer`. */
static inline size_t world_open_as(struct world *w, size_t feed, size_t person,
				   size_t signer)
{
	uint8_t what[ID_SIZE + KEY_SIZE];
	struct record rec;
	struct sig cert;

	memcpy(what, w->network.b, ID_SIZE);
	memcpy(what + ID_SIZE, w->feed[feed].b, KEY_SIZE);
	assert_int_equal(sign_make(&cert, w->key[signer], "maillon/1 node",
				   what, sizeof(what)),
			 0);
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, w->who[person].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, w->feed[feed].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	if (feed == 0)
		record_set_bytes(&rec, FACT_CHARTER, w->charter_raw,
				 w->charter_n);
	return world_say(w, feed, &rec);
}

static inline size_t world_begin(struct world *w, size_t person)
{
	return world_open_as(w, person, person, person);
}

/* An admission as it is said. */
struct world_admit {
	enum role role;
	bool may_admit;
	const char *label;
	const struct id *replaces;
};

static inline size_t world_admit_as(struct world *w, size_t feed, size_t who,
				    const struct world_admit *how)
{
	const char *label = how->label == NULL ? "someone" : how->label;
	struct record rec;

	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, w->who[who].b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, how->role);
	record_set_bytes(&rec, FACT_LABEL, label, strlen(label));
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	if (how->may_admit)
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	if (how->replaces != NULL)
		record_set_bytes(&rec, FACT_REPLACES, how->replaces->b,
				 ID_SIZE);
	return world_say(w, feed, &rec);
}

/* A maker, or somebody who may admit. */
static inline size_t world_admit(struct world *w, size_t by, size_t who,
				 bool may_admit)
{
	struct world_admit how = { .may_admit = may_admit };

	return world_admit_as(w, by, who, &how);
}

static inline int world_position_cmp(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct position *)a)->feed,
			  &((const struct position *)b)->feed);
}

static inline int world_id_cmp(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* A pin or the position of a release; its id says nothing here but what it is
 * of. */
static inline struct position world_position(const struct world *w, size_t feed,
					     uint64_t seq)
{
	struct position at = { w->feed[feed], seq, { { 0 } } };

	at.id.b[0] = (uint8_t)feed;
	at.id.b[1] = (uint8_t)seq;
	at.id.b[31] = 1;
	return at;
}

static inline void world_put_position(struct wr *wr, const struct position *at)
{
	wr_array(wr, 3);
	wr_bin(wr, at->feed.b, KEY_SIZE);
	wr_uint(wr, at->seq);
	wr_bin(wr, at->id.b, ID_SIZE);
}

/* A dismissal of some admissions (entries of the world), with pins. */
static inline size_t world_dismiss(struct world *w, size_t feed, size_t who,
				   const size_t *admits, size_t admits_n,
				   struct position *pins, size_t pins_n)
{
	uint8_t ids_raw[1024], pins_raw[1024];
	struct id ids[16];
	struct record rec;
	struct wr a, b;

	assert_true(admits_n <= ARRAY_LEN(ids));
	for (size_t i = 0; i < admits_n; i++)
		ids[i] = w->entry[admits[i]].id;
	qsort(ids, admits_n, sizeof(ids[0]), world_id_cmp);
	wr_init(&a, ids_raw, sizeof(ids_raw));
	wr_array(&a, (uint32_t)admits_n);
	for (size_t i = 0; i < admits_n; i++)
		wr_bin(&a, ids[i].b, ID_SIZE);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, w->who[who].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, ids_raw, a.n);
	wr_init(&b, pins_raw, sizeof(pins_raw));
	if (pins_n > 0) {
		qsort(pins, pins_n, sizeof(pins[0]), world_position_cmp);
		wr_array(&b, (uint32_t)pins_n);
		for (size_t i = 0; i < pins_n; i++)
			world_put_position(&b, &pins[i]);
		record_set_bytes(&rec, FACT_PINS, pins_raw, b.n);
	}
	return world_say(w, feed, &rec);
}

/* One admission, and one pin at (pin_feed, seq) unless seq is 0. */
static inline size_t world_dismiss_one(struct world *w, size_t by, size_t who,
				       size_t admit, size_t pin_feed,
				       uint64_t seq)
{
	struct position pin = world_position(w, pin_feed, seq);

	return world_dismiss(w, by, who, &admit, 1, &pin, seq == 0 ? 0 : 1);
}

/* A record that is about a place. */
static inline size_t world_say_of(struct world *w, size_t feed,
				  struct record *rec, const struct position *at)
{
	uint8_t raw[128];
	struct wr wr;

	wr_init(&wr, raw, sizeof(raw));
	world_put_position(&wr, at);
	record_set_bytes(rec, FACT_POSITION, raw, wr.n);
	return world_say(w, feed, rec);
}

static inline size_t world_release_at(struct world *w, size_t feed, size_t who,
				      const struct position *at)
{
	struct record rec;

	record_init(&rec, KIND_RELEASE);
	record_set_bytes(&rec, FACT_WHO, w->who[who].b, KEY_SIZE);
	return world_say_of(w, feed, &rec, at);
}

/* What is said of a fork, proof (NULL: none) being the identity's signature. */
static inline size_t world_resolve(struct world *w, size_t feed,
				   const struct position *at, enum cause cause,
				   const struct sig *proof)
{
	struct record rec;

	record_init(&rec, KIND_RESOLVE);
	record_set_uint(&rec, FACT_CAUSE, cause);
	if (proof != NULL)
		record_set_bytes(&rec, FACT_PROOF, proof->b, SIG_SIZE);
	return world_say_of(w, feed, &rec, at);
}

/* The person's signature under that. */
static inline struct sig world_prove(const struct world *w, size_t person,
				     const struct position *at)
{
	uint8_t claim[PLACE_CLAIM];
	struct sig sig;

	place_claim(claim, &w->network, at);
	assert_int_equal(sign_make(&sig, w->key[person], DOMAIN_RESOLVE, claim,
				   sizeof(claim)),
			 0);
	return sig;
}

static inline size_t world_release(struct world *w, size_t feed, size_t who,
				   size_t of, uint64_t seq)
{
	struct position at = world_position(w, of, seq);

	return world_release_at(w, feed, who, &at);
}

/* One address, or two. */
static inline size_t world_addresses(struct world *w, size_t feed,
				     const char *a, const char *b)
{
	uint8_t raw[256];
	struct record rec;
	struct wr wr;

	wr_init(&wr, raw, sizeof(raw));
	wr_array(&wr, b == NULL ? 1 : 2);
	wr_text(&wr, a, strlen(a));
	if (b != NULL)
		wr_text(&wr, b, strlen(b));
	record_init(&rec, KIND_ADDRESS);
	record_set_bytes(&rec, FACT_ADDRESSES, raw, wr.n);
	return world_say(w, feed, &rec);
}

static inline size_t world_party(struct world *w, size_t feed, uint8_t handle,
				 const char *name)
{
	struct tag tag = { { handle } };
	struct record rec;

	record_init(&rec, KIND_PARTY);
	record_set_bytes(&rec, FACT_OUTSIDER, tag.b, TAG_SIZE);
	record_set_bytes(&rec, FACT_NAME, name, strlen(name));
	return world_say(w, feed, &rec);
}

/* Something in a feed that is none of the roster's business. */
static inline size_t world_idle(struct world *w, size_t feed)
{
	uint8_t raw[64];
	struct record rec;
	struct wr wr;

	wr_init(&wr, raw, sizeof(raw));
	wr_array(&wr, 1);
	wr_array(&wr, 2);
	wr_text(&wr, "visor", 5);
	wr_uint(&wr, 1);
	record_init(&rec, KIND_PRODUCE);
	record_set_bytes(&rec, FACT_LINES, raw, wr.n);
	return world_say(w, feed, &rec);
}

/* Give a roster one entry. */
static inline bool world_tell(const struct world *w, struct roster *r, size_t i)
{
	bool changed;

	assert_int_equal(
		roster_add(r, &changed, &w->entry[i].e, &w->entry[i].id), 0);
	return changed;
}

static inline struct roster *world_empty(const struct world *w)
{
	struct roster *r;

	assert_int_equal(roster_open(&r, &w->network), 0);
	return r;
}

/* The roster of all that was said, which is the same told backwards. */
static inline struct roster *world_roster(const struct world *w)
{
	struct roster *r = world_empty(w), *back = world_empty(w);
	struct id a, b;

	for (size_t i = 0; i < w->n; i++)
		world_tell(w, r, i);
	for (size_t i = w->n; i > 0; i--)
		world_tell(w, back, i - 1);
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(roster_solve(back), 0);
	a = roster_digest(r);
	b = roster_digest(back);
	assert_memory_equal(&a, &b, sizeof(a));
	roster_close(back);
	return r;
}

/* How far a feed counts: 0 for one that is not open. */
static inline uint64_t world_counted(const struct world *w,
				     const struct roster *r, size_t feed)
{
	const struct roster_feed *f = roster_feed(r, &w->feed[feed]);

	return f == NULL ? 0 : f->counted_to;
}

static inline const struct member *world_member(const struct world *w,
						const struct roster *r,
						size_t person)
{
	return roster_member(r, &w->who[person]);
}

static inline bool world_stands(const struct world *w, const struct roster *r,
				size_t person)
{
	const struct member *m = world_member(w, r, person);

	return m != NULL && m->is_standing;
}

#endif
