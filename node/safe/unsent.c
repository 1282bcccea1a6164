#include "node/safe/unsent.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"
#include "proto/wr.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/*
 * Private rows and marks:
 *
 *   PRIVATE "unsent", 8 bytes of the feed, seq(8)  -> an entry kept aside
 *   META    "again", id(32)                        -> the id under which it
 *                                                     was recorded again
 *   META    "wrote", feed(32)                      -> nothing: written here
 */
#define ASIDE "unsent"
#define AGAIN "again"
#define WROTE "wrote"

enum {
	STOP = 1,
	ASIDE_N = sizeof(ASIDE) - 1,
	FEED_N = 8,
	KEY_N = ASIDE_N + FEED_N + 8,
	AGAIN_N = sizeof(AGAIN) - 1 + ID_SIZE,
	WROTE_N = sizeof(WROTE) - 1 + KEY_SIZE,
	FEEDS = 1000, /* of one home; nobody's keys are lost so often */
	AGAINS = 64   /* that one record was recorded again */
};

static void aside_key(uint8_t key[static KEY_N], const struct entry *e)
{
	memcpy(key, ASIDE, ASIDE_N);
	memcpy(key + ASIDE_N, e->feed.b, FEED_N);
	be64_put(key + ASIDE_N + FEED_N, e->seq);
}

static void again_key(uint8_t key[static AGAIN_N], const struct id *id)
{
	memcpy(key, AGAIN, sizeof(AGAIN) - 1);
	memcpy(key + sizeof(AGAIN) - 1, id->b, ID_SIZE);
}

static bool has_row(struct store *s, enum store_table table, const void *key,
		    size_t n)
{
	uint8_t none;

	return store_get(s, table, key, n, &none, 0, &n) != ERR_NOT_FOUND;
}

/* Keep one entry aside.  Writing moves what was lent. */
static int put_aside(void *arg, const uint8_t *raw, size_t n)
{
	struct store *store = arg;
	uint8_t key[KEY_N], copy[LIMIT_ENTRY];
	struct entry e;
	int err = n > sizeof(copy) ? ERR_FORMAT : entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	memcpy(copy, raw, n);
	aside_key(key, &e);
	return store_put(store, TABLE_PRIVATE, key, sizeof(key), copy, n);
}

/* The same, unless it was recorded again before. */
static int put_disputed(void *arg, const uint8_t *raw, size_t n)
{
	uint8_t key[AGAIN_N];
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	id = entry_id(&e);
	again_key(key, &id);
	if (has_row(arg, TABLE_META, key, sizeof(key)))
		return 0;
	return put_aside(arg, raw, n);
}

/* The home's feed before this one: its `open` says so.  ERR_NOT_FOUND when it
 * is the first. */
static int feed_before(struct keeper *k, struct pubkey *feed)
{
	uint8_t raw[LIMIT_ENTRY];
	struct position after;
	struct record rec;
	struct entry e;
	size_t n;
	int err = store_entry(k->store, feed, 1, raw, &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0)
		err = record_decode(&rec, e.kind, e.facts, e.facts_n);
	if (err == 0 && record_positions(&rec, FACT_AFTER, &after, 1) != 1)
		err = ERR_NOT_FOUND;
	if (err == 0)
		*feed = after.feed;
	return err;
}

bool unsent_was_own(struct keeper *k, const struct pubkey *feed)
{
	struct pubkey own;
	bool is_one = store_own(k->store, &own);

	for (int i = 0; is_one && i < FEEDS; i++) {
		is_one = feed_before(k, &own) == 0;
		if (is_one && pubkey_eq(&own, feed))
			return true;
	}
	return false;
}

int unsent_cut(struct keeper *k, uint64_t from)
{
	struct pubkey own;
	struct head head;
	int err = store_own(k->store, &own) ? store_head(k->store, &own, &head)
					    : ERR_NOT_FOUND;

	if (err != 0 || head.seq < from)
		return err == ERR_NOT_FOUND ? 0 : err;
	err = store_begin(k->store);
	if (err == 0)
		err = store_entries(k->store, &own, from, put_aside, k->store);
	if (err == 0)
		err = store_take_back(k->store, &own, from);
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

static int take_disputed(struct keeper *k, const struct pubkey *feed)
{
	const struct feed_limit *l = roster_limit(store_roster(k->store), feed);
	int err;

	if (l == NULL || l->fork == 0)
		return 0;
	err = store_begin(k->store);
	if (err == 0)
		err = store_disputed(k->store, feed, put_disputed, k->store);
	if (err == ERR_NOT_FOUND)
		err = 0;
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

static void wrote_key(uint8_t key[static WROTE_N], const struct pubkey *feed)
{
	memcpy(key, WROTE, sizeof(WROTE) - 1);
	memcpy(key + sizeof(WROTE) - 1, feed->b, KEY_SIZE);
}

int unsent_leave(struct keeper *k)
{
	uint8_t key[WROTE_N];
	struct pubkey own;

	if (!store_own(k->store, &own))
		return 0;
	wrote_key(key, &own);
	return store_put(k->store, TABLE_META, key, sizeof(key), "", 0);
}

static int take_barred(struct keeper *k, const struct pubkey *feed)
{
	uint64_t upto = roster_barred(store_roster(k->store), feed);
	/* Its `open` is not said again. */
	uint64_t from = upto == 0 ? 2 : upto + 1;
	int err;

	if (upto == UINT64_MAX)
		return 0;
	err = store_begin(k->store);
	if (err == 0)
		err = store_entries(k->store, feed, from, put_disputed,
				    k->store);
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

/* Of a feed that another machine wrote, which was stolen perhaps, nothing is
 * said again. */
int unsent_barred(struct keeper *k)
{
	struct pubkey feed = k->feed;
	uint8_t key[WROTE_N];
	int err = take_barred(k, &feed), more = feed_before(k, &feed);

	for (int i = 0; err == 0 && more == 0 && i < FEEDS; i++) {
		wrote_key(key, &feed);
		if (has_row(k->store, TABLE_META, key, sizeof(key)))
			err = take_barred(k, &feed);
		more = feed_before(k, &feed);
	}
	return err != 0 || more == ERR_NOT_FOUND ? err : more;
}

int unsent_disputed(struct keeper *k)
{
	struct pubkey feed;
	int err = 0, more = store_own(k->store, &feed) ? 0 : ERR_NOT_FOUND;

	for (int i = 0; err == 0 && more == 0 && i < FEEDS; i++) {
		err = take_disputed(k, &feed);
		more = feed_before(k, &feed);
	}
	return err != 0 || more == ERR_NOT_FOUND ? err : more;
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
		err = store_each(k->store, TABLE_PRIVATE, ASIDE, ASIDE_N,
				 is_of_own, &own);
	*out = err == STOP;
	return err == STOP ? 0 : err;
}

/* The id under which a record was recorded again.  False: it was not. */
static bool next_id(struct store *s, struct id *out, const struct id *id)
{
	uint8_t key[AGAIN_N];
	struct position at;
	size_t n;

	again_key(key, id);
	return store_get(s, TABLE_META, key, sizeof(key), out->b, ID_SIZE,
			 &n) == 0 &&
	       n == ID_SIZE && store_find(s, out, &at) == 0;
}

static bool is_among(const struct id *ids, size_t n, const struct id *id)
{
	while (n > 0 && !id_eq(&ids[n - 1], id))
		n--;
	return n > 0;
}

static int in_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

struct admits {
	struct id ids[LIMIT_PINS];
	size_t n;
	uint8_t room[LIMIT_PINS * (ID_SIZE + 2) + 8];
};

/* Which admissions a dismissal takes away: those recorded again, too. */
static int name_admits(struct store *s, struct admits *a, struct record *rec)
{
	struct wr w;
	size_t n;
	int err;

	a->n = record_ids(rec, FACT_ADMITS, a->ids, LIMIT_PINS);
	for (size_t i = 0; i < a->n; i++) {
		struct id next;

		if (a->n < LIMIT_PINS && next_id(s, &next, &a->ids[i]) &&
		    !is_among(a->ids, a->n, &next))
			a->ids[a->n++] = next;
	}
	qsort(a->ids, a->n, sizeof(*a->ids), in_order);
	wr_init(&w, a->room, sizeof(a->room));
	wr_array(&w, (uint32_t)a->n);
	for (size_t i = 0; i < a->n; i++)
		wr_bin(&w, a->ids[i].b, ID_SIZE);
	err = wr_end(&w, &n);
	if (err == 0)
		record_set_bytes(rec, FACT_ADMITS, a->room, n);
	return err;
}

/* The newest record of what this one refers to. */
static void name_newest(struct store *s, struct id *id, struct record *rec,
			enum fact fact)
{
	struct id next;

	*id = record_id(rec, fact);
	for (int i = 0; i < AGAINS && next_id(s, &next, id); i++)
		*id = next;
	record_set_bytes(rec, fact, id->b, ID_SIZE);
}

struct again {
	struct store *store;
	uint8_t key[KEY_N]; /* rows up to this one are done with */
	size_t key_n;
	uint8_t raw[LIMIT_ENTRY];
	size_t n;
	uint8_t facts[LIMIT_ENTRY];
	struct admits admits;
};

/* PROTOCOL: The id of a record that is not here is a name of its re-issue only
 * if the re-issue refers to nothing else. */
static bool is_nameless(struct again *a, const struct record *rec)
{
	struct id target = record_id(rec, FACT_TARGET), next, own;
	struct position at;
	struct record to;
	struct entry e;
	enum ref ref;
	size_t n;

	return next_id(a->store, &next, &target) &&
	       store_find(a->store, &next, &at) == 0 &&
	       store_entry(a->store, &at.feed, at.seq, a->facts, &n) == 0 &&
	       entry_decode(&e, a->facts, n) == 0 &&
	       record_decode(&to, e.kind, e.facts, e.facts_n) == 0 &&
	       reissue_own(&to, &ref, &own);
}

/* A signed rotation counts wherever it stands; under another id it might go
 * before one that it does not go before. */
static bool is_known_rotation(struct store *s, const struct record *rec)
{
	const struct roster *r = store_roster(s);
	struct pubkey who = record_key(rec, FACT_WHO);
	struct pubkey from = record_key(rec, FACT_IDENTITY);
	struct pubkey to = record_key(rec, FACT_SUCCESSOR);

	for (size_t i = 0; i < roster_rotation_count(r); i++) {
		struct rotation x = roster_rotation_at(r, i);

		if (x.is_signed && pubkey_eq(&x.who, &who) &&
		    pubkey_eq(&x.from, &from) && pubkey_eq(&x.to, &to))
			return true;
	}
	return false;
}

/* The facts of an entry as they are said again.  ERR_FORMAT: not again. */
static int say_again(struct draft *d, struct again *a, const struct entry *e)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct id id = entry_id(e), newest;
	struct record rec;
	int err;

	if (rule == NULL || e->kind == KIND_OPEN || e->kind == KIND_ADDRESS ||
	    (!rule->is_recorded && !rule->is_roster))
		return ERR_FORMAT;
	err = record_decode(&rec, e->kind, e->facts, e->facts_n);
	if (err != 0 ||
	    (e->kind == KIND_ROTATE && is_known_rotation(a->store, &rec)))
		return ERR_FORMAT;
	if (rule->is_recorded && !record_has(&rec, FACT_ORPHAN))
		record_set_bytes(&rec, FACT_ORPHAN, id.b, ID_SIZE);
	if (rule->is_recorded && !record_has(&rec, FACT_WHEN))
		record_set_uint(&rec, FACT_WHEN, e->time_ms);
	if (e->kind == KIND_ADMIT && record_has(&rec, FACT_REPLACES))
		name_newest(a->store, &newest, &rec, FACT_REPLACES);
	if (e->kind == KIND_CORRECT ||
	    (e->kind == KIND_ATTACH && is_nameless(a, &rec)))
		name_newest(a->store, &newest, &rec, FACT_TARGET);
	if (e->kind == KIND_DISMISS)
		err = name_admits(a->store, &a->admits, &rec);
	d->kind = e->kind;
	d->time_ms = e->time_ms;
	d->facts = a->facts;
	if (err == 0)
		err = record_encode(&rec, a->facts, LIMIT_ENTRY, &d->facts_n);
	return err == 0 ? 0 : ERR_FORMAT;
}

static bool is_after(const struct again *a, const uint8_t *key, size_t n)
{
	int c = memcmp(key, a->key, n < a->key_n ? n : a->key_n);

	return c > 0 || (c == 0 && n > a->key_n);
}

static int first_row(void *arg, const uint8_t *key, size_t key_n,
		     const uint8_t *value, size_t value_n)
{
	struct again *a = arg;

	if (key_n > sizeof(a->key) || value_n > sizeof(a->raw) ||
	    (a->key_n > 0 && !is_after(a, key, key_n)))
		return 0;
	memcpy(a->key, key, key_n);
	a->key_n = key_n;
	memcpy(a->raw, value, value_n);
	a->n = value_n;
	return STOP;
}

/* It is in the feed: not again. */
static int done_with(struct keeper *k, const struct again *a,
		     const struct entry *e, const struct id *now)
{
	struct id id = entry_id(e);
	uint8_t key[AGAIN_N];
	int err;

	again_key(key, &id);
	err = store_put(k->store, TABLE_META, key, sizeof(key), now->b,
			ID_SIZE);
	return err == 0 ? store_del(k->store, TABLE_PRIVATE, a->key, a->key_n)
			: err;
}

static int reissue_one(struct keeper *k, struct again *a)
{
	struct draft d = { .kind = 0 };
	struct recorded at;
	struct entry e;
	int err = entry_decode(&e, a->raw, a->n);

	if (err == 0)
		err = say_again(&d, a, &e);
	if (err == 0)
		err = keeper_record(k, &at, &d, 1, NULL);
	/* It stays aside, and the rest goes on. */
	if (err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_VERSION)
		return 0;
	/* Recorded before under the same key. */
	if (err == ERR_EXISTS)
		at.id = entry_id(&e);
	if (err == ERR_EXISTS)
		err = 0;
	return err == 0 ? done_with(k, a, &e, &at.id) : err;
}

int unsent_reissue(struct keeper *k)
{
	struct again *a = calloc(1, sizeof(*a));
	int err = a != NULL ? STOP : ERR_NOMEM;

	if (a != NULL)
		a->store = k->store;
	while (err == STOP) {
		err = store_each(k->store, TABLE_PRIVATE, ASIDE, ASIDE_N,
				 first_row, a);
		if (err == STOP) {
			err = reissue_one(k, a);
			err = err == 0 ? STOP : err;
		}
	}
	free(a);
	return err;
}
