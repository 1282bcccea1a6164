#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "proto/record.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * world -- a small network in memory, with real keys and real entries.
 *
 * People are numbered; 0 founds the network.  Everything is made from seeds,
 * so a world is the same each time.  Failures are our own mistakes: assert.
 */

enum { WORLD_PEOPLE = 192 };

struct bytes {
	uint8_t *p;
	size_t n;
};

/* A member with one node. */
struct who {
	struct seckey *identity_key, *node_key;
	struct pubkey identity, feed;
	struct id tip;
	struct bytes *entries; /* entries[seq - 1] */
	uint64_t seq;
};

struct world {
	struct id network;
	struct who who[WORLD_PEOPLE];
	size_t n;
	uint64_t now_ms;
	const struct id *seen; /* what the next entries name; NULL: nothing */
};

static inline struct seckey *world_key(uint8_t what, size_t i)
{
	uint8_t seed[SEED_SIZE] = { what, (uint8_t)i, (uint8_t)(i >> 8) };
	struct seckey *key = NULL;
	int err = seckey_from_seed(&key, seed);

	assert(err == 0);
	(void)err;
	return key;
}

static inline void world_keep(struct who *w, const uint8_t *raw, size_t n)
{
	struct bytes *e = realloc(w->entries, (w->seq + 1) * sizeof(*e));

	assert(e != NULL);
	w->entries = e;
	e[w->seq].p = malloc(n);
	assert(e[w->seq].p != NULL);
	memcpy(e[w->seq].p, raw, n);
	e[w->seq].n = n;
	w->seq++;
	w->tip = hash_id(raw, n);
}

/* Sign rec as the next entry of person i; its id. */
static inline struct id world_record(struct world *w, size_t i,
				     const struct record *rec)
{
	static uint8_t facts[LIMIT_ENTRY], raw[LIMIT_ENTRY];
	struct who *who = &w->who[i];
	struct entry_plan plan = { .seq = who->seq + 1,
				   .prev = who->tip,
				   .time_ms = w->now_ms++,
				   .kind = rec->kind,
				   .facts = facts,
				   .seen = w->seen };
	size_t n;
	int err = record_encode(rec, facts, sizeof(facts), &plan.facts_n);

	assert(err == 0);
	err = entry_seal(raw, &n, &plan, who->node_key);
	assert(err == 0);
	(void)err;
	world_keep(who, raw, n);
	return who->tip;
}

static inline void world_open_feed(struct world *w, size_t i,
				   const struct bytes *charter)
{
	struct who *who = &w->who[i];
	uint8_t what[ID_SIZE + KEY_SIZE], transport[KEY_SIZE];
	struct record rec;
	struct sig cert;

	who->tip = w->network;
	memset(transport, (int)i + 1, sizeof(transport));
	memcpy(what, w->network.b, ID_SIZE);
	memcpy(what + ID_SIZE, who->feed.b, KEY_SIZE);
	sign_make(&cert, who->identity_key, "maillon/1 node", what,
		  sizeof(what));
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, who->identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, transport, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	if (charter != NULL)
		record_set_bytes(&rec, FACT_CHARTER, charter->p, charter->n);
	world_record(w, i, &rec);
}

static inline size_t world_person(struct world *w)
{
	struct who *who = &w->who[w->n];

	assert(w->n < WORLD_PEOPLE);
	who->identity_key = world_key(1, w->n);
	who->node_key = world_key(2, w->n);
	who->identity = seckey_pub(who->identity_key);
	who->feed = seckey_pub(who->node_key);
	return w->n++;
}

/* A network with persons 0 to n - 1 as its founders, "hub", "hub1" ... in
 * FR-88. */
static inline void world_found_by(struct world *w, size_t n)
{
	struct charter c = { .name = "World", .currency = "EUR", .quorum = 1 };
	uint8_t buf[LIMIT_CHARTER];
	struct bytes charter = { buf, 0 };
	int err;

	memset(w, 0, sizeof(*w));
	err = crypto_start();
	assert(err == 0);
	w->now_ms = 1585699200000; /* 1 April 2020 */
	c.founders_n = n;
	for (size_t i = 0; i < n; i++) {
		struct founder *f = &c.founders[i];

		f->identity = w->who[world_person(w)].identity;
		snprintf(f->label, sizeof(f->label), "hub");
		if (i > 0)
			snprintf(f->label + 3, sizeof(f->label) - 3, "%zu", i);
		snprintf(f->place, sizeof(f->place), "FR-88");
	}
	err = charter_encode(buf, &charter.n, &c);
	assert(err == 0);
	(void)err;
	w->network = hash_id(buf, charter.n);
	for (size_t i = 0; i < n; i++)
		world_open_feed(w, i, i == 0 ? &charter : NULL);
}

static inline void world_found(struct world *w)
{
	world_found_by(w, 1);
}

/* A person with an open feed whom nobody has admitted. */
static inline size_t world_stranger(struct world *w)
{
	size_t i = world_person(w);

	world_open_feed(w, i, NULL);
	return i;
}

/* `by` admits `who`, labelled p1, p2 ... */
static inline struct id world_admit(struct world *w, size_t by, size_t who,
				    enum role role, bool may_admit)
{
	struct record rec;
	char label[16];

	snprintf(label, sizeof(label), "p%zu", who);
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, w->who[who].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, role);
	record_set_bytes(&rec, FACT_LABEL, label, strlen(label));
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	if (may_admit)
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	return world_record(w, by, &rec);
}

/* A person admitted by person 0. */
static inline size_t world_member(struct world *w, enum role role)
{
	size_t i = world_stranger(w);

	world_admit(w, 0, i, role, false);
	return i;
}

/* One line of goods as a list value, in a buffer good for the next calls. */
static inline struct bytes world_line(uint64_t qty, const char *item)
{
	static uint8_t ring[16][128];
	static unsigned next;
	struct line l = { item, strlen(item), qty };
	struct bytes b = { ring[next++ % 16], 0 };
	int err = lines_encode(b.p, sizeof(ring[0]), &b.n, &l, 1);

	assert(err == 0);
	(void)err;
	return b;
}

static inline void world_set_line(struct record *rec, enum fact f, uint64_t qty,
				  const char *item)
{
	struct bytes b = world_line(qty, item);

	record_set_bytes(rec, f, b.p, b.n);
}

static inline struct id world_produce(struct world *w, size_t i, uint64_t qty,
				      const char *item)
{
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, item);
	return world_record(w, i, &rec);
}

static inline struct id world_deliver(struct world *w, size_t from, size_t to,
				      uint64_t qty, const char *item,
				      bool is_final)
{
	struct record rec;

	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, qty, item);
	record_set_bytes(&rec, FACT_TO, w->who[to].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, is_final);
	return world_record(w, from, &rec);
}

static inline struct id world_receive(struct world *w, size_t who,
				      const struct id *deliver, uint64_t qty,
				      const char *item)
{
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, deliver->b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, qty, item);
	return world_record(w, who, &rec);
}

static inline void world_release(struct world *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct who *who = &w->who[i];

		for (uint64_t k = 0; k < who->seq; k++)
			free(who->entries[k].p);
		free(who->entries);
		seckey_close(who->identity_key);
		seckey_close(who->node_key);
	}
	w->n = 0;
}

#endif
