#include "store/upgrade.h"

#include "crypto/err.h"
#include "proto/entry.h"
#include "store/log.h"

#include <string.h>

enum { TRIES = 4 }; /* how often a batch begins again for a larger map */

static const enum db_table derived[] = {
	DB_FEED,  DB_NAME,  DB_ID,   DB_IDRUN, DB_ARRIVAL, DB_ROSTER,
	DB_REF,   DB_KEY,   DB_SENT, DB_ITEM,  DB_KIND,    DB_BOOK,
	DB_TOTAL, DB_PURSE, DB_FUND, DB_RANK,
};

int upgrade_clear(struct db *db)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
		if (err == 0)
			err = db_clear(db, derived[i]);
	return err;
}

/* Append the entry at a place.  ERR_NOT_FOUND: nothing stands there. */
static int refill_one(struct store *s, struct place at, size_t *bytes)
{
	uint8_t key[PLACE_SIZE], raw[LIMIT_ENTRY];
	struct span value;
	struct entry e;
	struct id id;
	int err;

	place_encode(key, at);
	err = db_get(s->db, DB_ENTRY, key, sizeof(key), &value);
	if (err == 0 && value.n > sizeof(raw))
		err = ERR_FORMAT;
	if (err != 0)
		return err;
	/* Writing moves what was lent. */
	memcpy(raw, value.p, value.n);
	err = entry_decode(&e, raw, value.n);
	if (err != 0)
		return ERR_FORMAT;
	id = entry_id(&e);
	err = store_append(s, &e, &id);
	if (err == 0)
		*bytes += value.n;
	/* All of them were taken in before. */
	switch (err) {
	case ERR_CHAIN:
	case ERR_EXISTS:
	case ERR_CONFLICT:
	case ERR_DENIED:
	case ERR_NOT_FOUND:
		return ERR_FORMAT;
	}
	return err;
}

static int first_aside(void *arg, struct span key, struct span value)
{
	struct entry e;
	int err = entry_decode(&e, value.p, value.n);

	(void)key;
	if (err == 0)
		*(struct pubkey *)arg = e.feed;
	return err == 0 ? 1 : ERR_FORMAT;
}

/* A feed that was cut before its first entry keeps its number, under which what
 * it had stands aside.  ERR_NOT_FOUND: there is no such feed. */
static int refill_empty(struct store *s, uint32_t no)
{
	uint8_t key[NO_SIZE];
	struct pubkey name;
	struct feed *feed;
	int err;

	no_encode(key, no);
	err = db_each(s->db, DB_ASIDE, (struct span){ key, sizeof(key) },
		      first_aside, &name);
	if (err == 0)
		return ERR_NOT_FOUND;
	if (err == 1)
		err = feeds_new(&s->feeds, &feed, &name);
	if (err != 0)
		return err;
	feed->row.tip = s->network;
	feed->row.arrival = ++s->feeds.arrival;
	return feeds_mark(&s->feeds, feed);
}

/* As many entries as one batch holds, from *at on, which moves on. */
static int refill_some(struct store *s, struct place *at, bool *is_done)
{
	size_t bytes = 0;
	int err = 0;

	while (err == 0 && bytes < STORE_BATCH_MAX / 2) {
		err = refill_one(s, *at, &bytes);
		if (err == 0)
			at->seq++;
		if (err != ERR_NOT_FOUND)
			continue;
		if (at->seq == 1)
			err = refill_empty(s, at->no);
		if (err != 0 && err != ERR_NOT_FOUND)
			return err;
		*is_done = at->seq == 1 && err == ERR_NOT_FOUND;
		*at = (struct place){ at->no + 1, 1 };
		if (*is_done)
			return 0;
		err = 0;
	}
	return err;
}

static int refill_batch(struct store *s, struct place *at, bool *is_done)
{
	struct place from = *at;
	int err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++) {
		*at = from;
		err = store_begin(s);
		if (err == 0)
			err = refill_some(s, at, is_done);
		if (err == 0)
			err = store_commit(s);
		if (err != 0)
			store_abort(s);
	}
	return err;
}

/* Feeds that end before their newest entry. */
static int limit(struct store *s)
{
	int err = store_begin(s);

	s->limits_moved = true;
	if (err == 0)
		return store_commit(s);
	return err;
}

int upgrade_refill(struct store *s)
{
	struct place at = { 1, 1 };
	bool is_done = !s->has_network;
	int err = 0;

	s->is_refilled = true;
	while (err == 0 && !is_done)
		err = refill_batch(s, &at, &is_done);
	s->is_refilled = false;
	return err == 0 && s->has_network ? limit(s) : err;
}
