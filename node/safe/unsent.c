#include "node/safe/unsent.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASIDE "unsent"

enum { BATCH = 1 << 20, STOP = 1, TRIES = 8, KEY_N = sizeof(ASIDE) - 1 + 8 };

/* Where the new ledger grows, and where the old one goes. */
static int paths(const struct home *home, char next[static HOME_PATH],
		 char old[static HOME_PATH])
{
	int a = snprintf(next, HOME_PATH, "%s.next", home->ledger);
	int b = snprintf(old, HOME_PATH, "%s.old", home->ledger);

	return a < HOME_PATH && b < HOME_PATH ? 0 : ERR_LIMIT;
}

/* A ledger's folder holds files only. */
static void drop(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

int unsent_finish(const struct home *home)
{
	char next[HOME_PATH], old[HOME_PATH];
	int err = paths(home, next, old);

	if (err != 0)
		return err;
	if (access(home->ledger, F_OK) != 0 && access(old, F_OK) == 0)
		return rename(old, home->ledger) == 0 ? 0
						      : err_from_errno(errno);
	drop(next);
	drop(old);
	return 0;
}

/* The copying of a ledger. */
struct copy {
	struct store *from, *to;
	struct pubkey own;
	uint64_t cut; /* of the own feed: from here on aside */
	size_t bytes; /* in the batch */
	uint64_t moved;
	bool is_denied;
	enum store_table table;
};

static int flush(struct copy *c)
{
	int err = store_commit(c->to);

	c->bytes = 0;
	return err == 0 ? store_begin(c->to) : err;
}

static int copy_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct copy *c = arg;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	if (e.seq >= c->cut && pubkey_eq(&e.feed, &c->own))
		return STOP;
	id = entry_id(&e);
	err = store_append(c->to, &e, &id);
	if (err == ERR_DENIED) {
		c->is_denied = true;
		return STOP;
	}
	if (err != 0)
		return err;
	c->moved++;
	c->bytes += n;
	return c->bytes >= BATCH ? flush(c) : 0;
}

/* One feed, from where the new ledger has it. */
static int copy_feed(void *arg, const struct head *head)
{
	struct copy *c = arg;
	int err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++) {
		struct head there = { .seq = 0 };

		err = store_head(c->to, &head->feed, &there);
		if (err != 0 && err != ERR_NOT_FOUND)
			return err;
		if (there.seq >= head->seq)
			return 0;
		err = store_entries(c->from, &head->feed, there.seq + 1,
				    copy_entry, c);
		if (err == STOP)
			err = 0;
		if (err == ERR_BUSY) {
			store_abort(c->to);
			c->bytes = 0;
			if (store_begin(c->to) != 0)
				return ERR_IO;
		}
	}
	return err;
}

/* Feeds wait for the roster that others make, so it takes some rounds. */
static int copy_feeds(struct copy *c)
{
	int err;

	do {
		c->moved = 0;
		c->is_denied = false;
		err = store_heads(c->from, copy_feed, c);
		if (err == 0)
			err = flush(c);
	} while (err == 0 && c->is_denied && c->moved > 0);
	return err;
}

static int copy_row(void *arg, const uint8_t *key, size_t key_n,
		    const uint8_t *value, size_t value_n)
{
	struct copy *c = arg;

	c->bytes += key_n + value_n;
	return store_put(c->to, c->table, key, key_n, value, value_n);
}

static int copy_tables(struct copy *c)
{
	static const enum store_table all[] = { TABLE_META, TABLE_PRIVATE,
						TABLE_INVITES, TABLE_PEERS,
						TABLE_PENDING };
	int err = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && err == 0; i++) {
		c->table = all[i];
		err = store_each(c->from, all[i], NULL, 0, copy_row, c);
		if (err == 0)
			err = flush(c);
	}
	return err;
}

static int put_aside(void *arg, const uint8_t *raw, size_t n)
{
	struct copy *c = arg;
	uint8_t key[KEY_N] = ASIDE;
	struct entry e;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	be64_put(key + sizeof(ASIDE) - 1, e.seq);
	return store_put(c->to, TABLE_PRIVATE, key, sizeof(key), raw, n);
}

/* What others did stays proved.  What proves a fork of our own feed was told to
 * nobody, or comes again. */
static int copy_proof(void *arg, const uint8_t *raw, size_t n)
{
	struct copy *c = arg;
	struct evidence proof;
	int err = evidence_decode(&proof, raw, n);

	if (err != 0 || pubkey_eq(&proof.feed, &c->own))
		return err;
	err = store_evidence(c->to, raw, n);
	return err == ERR_EXISTS || err == ERR_DENIED ? 0 : err;
}

static int copy_all(struct copy *c)
{
	struct id network;
	int err = store_begin(c->to);

	if (err == 0 && !store_network(c->from, &network))
		err = ERR_STATE;
	if (err == 0)
		err = store_init(c->to, &network);
	if (err == 0)
		err = store_set_own(c->to, &c->own);
	if (err == 0)
		err = copy_feeds(c);
	if (err == 0)
		err = store_evidence_each(c->from, copy_proof, c);
	if (err == 0)
		err = copy_tables(c);
	if (err == 0)
		err = store_entries(c->from, &c->own, c->cut, put_aside, c);
	if (err == 0)
		return store_commit(c->to);
	store_abort(c->to);
	return err;
}

static int swap(struct keeper *k, const char *next, const char *old)
{
	const char *ledger = k->home.ledger;
	int err;

	store_close(k->store);
	k->store = NULL;
	if (rename(ledger, old) != 0)
		return err_from_errno(errno);
	if (rename(next, ledger) != 0) {
		err = err_from_errno(errno);
		return rename(old, ledger) == 0 ? err : ERR_IO;
	}
	err = file_sync_dir(ledger);
	if (err == 0)
		err = store_open(&k->store, ledger, STORE_WRITE);
	if (err == 0)
		drop(old);
	return err;
}

int unsent_cut(struct keeper *k, uint64_t from)
{
	struct copy c = { .from = k->store, .own = k->feed, .cut = from };
	char next[HOME_PATH], old[HOME_PATH];
	int err = paths(&k->home, next, old);

	if (err != 0)
		return err;
	drop(next);
	drop(old);
	err = store_open(&c.to, next, STORE_CREATE);
	if (err == 0)
		err = copy_all(&c);
	store_close(c.to);
	if (err != 0) {
		drop(next);
		return err;
	}
	return swap(k, next, old);
}

static int note_disputed(void *arg, const uint8_t *raw, size_t n)
{
	uint8_t copy[LIMIT_ENTRY];

	/* Writing moves what was lent. */
	if (n > sizeof(copy))
		return ERR_FORMAT;
	memcpy(copy, raw, n);
	return put_aside(arg, copy, n);
}

int unsent_disputed(struct keeper *k)
{
	const struct feed_limit *l;
	struct copy c = { .from = k->store, .to = k->store };
	struct pubkey own;
	int err;

	if (!store_own(k->store, &own))
		return 0;
	l = roster_limit(store_roster(k->store), &own);
	if (l == NULL || l->fork == 0)
		return 0;
	err = store_begin(k->store);
	if (err == 0)
		err = store_disputed(k->store, &own, note_disputed, &c);
	if (err == ERR_NOT_FOUND)
		err = 0;
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
