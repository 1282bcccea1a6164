#include "node/safe/unsent.h"

#include "crypto/err.h"
#include "node/safe/aside.h"
#include "node/safe/resay.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* META, with the feed: nothing; it was written here. */
#define WROTE "wrote"

enum {
	WROTE_N = sizeof(WROTE) - 1 + KEY_SIZE,
	FEEDS = 1000 /* of one home; nobody's keys are lost so often */
};

static int put_aside(void *arg, const uint8_t *raw, size_t n)
{
	return aside_put(arg, raw, n);
}

/* The same, unless it was recorded again before. */
static int put_disputed(void *arg, const uint8_t *raw, size_t n)
{
	struct id id = hash_id(raw, n);

	return again_was(arg, &id) ? 0 : aside_put(arg, raw, n);
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
	uint8_t key[WROTE_N], none;
	size_t n;
	int err = take_barred(k, &feed), more = feed_before(k, &feed);

	for (int i = 0; err == 0 && more == 0 && i < FEEDS; i++) {
		wrote_key(key, &feed);
		if (store_get(k->store, TABLE_META, key, sizeof(key), &none, 0,
			      &n) != ERR_NOT_FOUND)
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

int unsent_is_cut(struct keeper *k, bool *out)
{
	struct pubkey own;

	*out = false;
	return store_own(k->store, &own) ? aside_has(k->store, out, &own) : 0;
}

struct again {
	struct aside row;
	struct resaying resaying;
	struct id id;
};

static int done_with(struct keeper *k, const struct again *a,
		     const struct id *now)
{
	int err = store_begin(k->store);

	if (err == 0)
		err = aside_drop(k->store, &a->row, &a->id, now);
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

/* It is in the feed: not again. */
static int drop(void *arg, struct store *s, const struct recorded *at)
{
	const struct again *a = arg;

	return aside_drop(s, &a->row, &a->id, &at->id);
}

static int reissue_one(struct keeper *k, struct again *a)
{
	struct keeper_also also = { drop, a };
	struct draft d = { .kind = 0 };
	struct recorded at;
	struct entry e;
	int err = entry_decode(&e, a->row.raw, a->row.n);

	if (err != 0)
		return 0;
	a->id = entry_id(&e);
	err = resay(&d, &a->resaying, &e);
	if (err == 0)
		err = keeper_record_also(k, &at, &d, &also);
	/* It stays aside, and the rest goes on. */
	if (err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_VERSION)
		return 0;
	/* Recorded before under the same key. */
	if (err == ERR_EXISTS || (err == 0 && at.was_there))
		return done_with(k, a, &at.id);
	return err;
}

int unsent_reissue(struct keeper *k)
{
	struct again *a = calloc(1, sizeof(*a));
	struct head head;
	int err = a != NULL ? 0 : ERR_NOMEM;

	if (err == 0) {
		a->resaying.store = k->store;
		a->resaying.feed = k->feed;
		a->resaying.is_plain =
			store_head(k->store, &k->feed, &head) == 0 &&
			head.seq == 1;
	}
	while (err == 0) {
		err = aside_next(k->store, &a->row);
		if (err == 0)
			err = reissue_one(k, a);
	}
	free(a);
	return err == ERR_NOT_FOUND ? 0 : err;
}
