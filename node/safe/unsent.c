#include "node/safe/unsent.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define ASIDE "unsent"

enum { STOP = 1, KEY_N = sizeof(ASIDE) - 1 + 8 };

/* Keep one entry aside.  Writing moves what was lent. */
static int put_aside(void *arg, const uint8_t *raw, size_t n)
{
	struct store *store = arg;
	uint8_t key[KEY_N] = ASIDE, copy[LIMIT_ENTRY];
	struct entry e;
	int err = n > sizeof(copy) ? ERR_FORMAT : entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	memcpy(copy, raw, n);
	be64_put(key + sizeof(ASIDE) - 1, e.seq);
	return store_put(store, TABLE_PRIVATE, key, sizeof(key), copy, n);
}

int unsent_cut(struct keeper *k, uint64_t from)
{
	struct pubkey own = k->feed;
	int err = store_begin(k->store);

	if (err == 0)
		err = store_entries(k->store, &own, from, put_aside, k->store);
	if (err == 0)
		err = store_take_back(k->store, &own, from);
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

int unsent_disputed(struct keeper *k)
{
	const struct feed_limit *l;
	struct pubkey own;
	int err;

	if (!store_own(k->store, &own))
		return 0;
	l = roster_limit(store_roster(k->store), &own);
	if (l == NULL || l->fork == 0)
		return 0;
	err = store_begin(k->store);
	if (err == 0)
		err = store_disputed(k->store, &own, put_aside, k->store);
	if (err == ERR_NOT_FOUND)
		err = 0;
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

int unsent_barred(struct keeper *k, uint64_t seq)
{
	struct pubkey own = k->feed;
	/* Its `open` is not said again. */
	uint64_t from = seq == 0 ? 2 : seq + 1;
	int err = store_begin(k->store);

	if (err == 0)
		err = store_entries(k->store, &own, from, put_aside, k->store);
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

static int is_of_own(void *arg, const uint8_t *key, size_t key_n,
		     const uint8_t *value, size_t value_n)
{
	const struct pubkey *own = arg;
	struct entry e;

	(void)key;
	(void)key_n;
	return entry_decode(&e, value, value_n) == 0 && pubkey_eq(&e.feed, own)
		       ? STOP
		       : 0;
}

int unsent_is_cut(struct keeper *k, bool *out)
{
	struct pubkey own;
	int err = 0;

	if (store_own(k->store, &own))
		err = store_each(k->store, TABLE_PRIVATE, ASIDE,
				 sizeof(ASIDE) - 1, is_of_own, &own);
	*out = err == STOP;
	return err == STOP ? 0 : err;
}

/* The facts of an entry as they are said again.  ERR_FORMAT: not again. */
static int say_again(struct draft *d, uint8_t room[static LIMIT_ENTRY],
		     const struct entry *e)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct id id = entry_id(e);
	struct record rec;
	int err;

	if (rule == NULL || e->kind == KIND_OPEN || e->kind == KIND_ADDRESS ||
	    (!rule->is_recorded && !rule->is_roster))
		return ERR_FORMAT;
	err = record_decode(&rec, e->kind, e->facts, e->facts_n);
	if (err != 0)
		return ERR_FORMAT;
	if (rule->is_recorded && !record_has(&rec, FACT_ORPHAN))
		record_set_bytes(&rec, FACT_ORPHAN, id.b, ID_SIZE);
	if (rule->is_recorded && !record_has(&rec, FACT_WHEN))
		record_set_uint(&rec, FACT_WHEN, e->time_ms);
	d->kind = e->kind;
	d->time_ms = e->time_ms;
	d->facts = room;
	err = record_encode(&rec, room, LIMIT_ENTRY, &d->facts_n);
	return err == 0 ? 0 : ERR_FORMAT;
}

struct again {
	uint8_t key[KEY_N];
	size_t key_n;
	uint8_t raw[LIMIT_ENTRY];
	size_t n;
	uint8_t facts[LIMIT_ENTRY];
	uint64_t after; /* rows up to this seq are done with */
};

static int first_row(void *arg, const uint8_t *key, size_t key_n,
		     const uint8_t *value, size_t value_n)
{
	struct again *a = arg;

	if (key_n != KEY_N || value_n > sizeof(a->raw) ||
	    be64_get(key + sizeof(ASIDE) - 1) <= a->after)
		return 0;
	memcpy(a->key, key, key_n);
	memcpy(a->raw, value, value_n);
	a->n = value_n;
	a->after = be64_get(key + sizeof(ASIDE) - 1);
	return STOP;
}

static int reissue_one(struct keeper *k, struct again *a)
{
	struct draft d = { .kind = 0 };
	struct recorded at;
	struct entry e;
	int err = entry_decode(&e, a->raw, a->n);

	if (err == 0)
		err = say_again(&d, a->facts, &e);
	if (err == 0)
		err = keeper_record(k, &at, &d, 1, NULL);
	/* It stays aside, and the rest goes on. */
	if (err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_VERSION)
		return 0;
	/* Recorded before under the same key. */
	if (err == ERR_EXISTS)
		err = 0;
	return err == 0 ? store_del(k->store, TABLE_PRIVATE, a->key, KEY_N)
			: err;
}

int unsent_reissue(struct keeper *k)
{
	struct again *a = calloc(1, sizeof(*a));
	int err = a != NULL ? STOP : ERR_NOMEM;

	while (err == STOP) {
		err = store_each(k->store, TABLE_PRIVATE, ASIDE,
				 sizeof(ASIDE) - 1, first_row, a);
		if (err == STOP) {
			err = reissue_one(k, a);
			err = err == 0 ? STOP : err;
		}
	}
	free(a);
	return err;
}
