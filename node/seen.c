#include "node/seen.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/entry.h"
#include "proto/kind.h"
#include "proto/roster/roster.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <string.h>

#define SAID "seen" /* the checkpoint that the newest entry of ours names */

enum {
	ROW_SIZE = 8 + ID_SIZE,
	KEY_ROOM = 5 + KEY_SIZE,
	FEEDS_MAX = 64 /* of one member; more is a finding of the audit */
};

/* How far one feed was looked through. */
struct mark {
	uint64_t seq;         /* entries up to this one */
	struct id checkpoint; /* zero when there is none */
};

static void mark_key(uint8_t out[static KEY_ROOM], const struct pubkey *feed)
{
	memcpy(out, "seen:", 5);
	memcpy(out + 5, feed->b, KEY_SIZE);
}

static int mark_load(struct store *s, struct mark *m, const struct pubkey *feed)
{
	uint8_t key[KEY_ROOM], row[ROW_SIZE];
	size_t n;
	int err;

	*m = (struct mark){ 0 };
	mark_key(key, feed);
	err = store_get(s, TABLE_META, key, sizeof(key), row, sizeof(row), &n);
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err == 0 && n != sizeof(row))
		err = ERR_FORMAT;
	if (err != 0)
		return err;
	m->seq = be64_get(row);
	memcpy(m->checkpoint.b, row + 8, ID_SIZE);
	return 0;
}

static int mark_save(struct store *s, const struct mark *m,
		     const struct pubkey *feed)
{
	uint8_t key[KEY_ROOM], row[ROW_SIZE];

	mark_key(key, feed);
	be64_put(row, m->seq);
	memcpy(row + 8, m->checkpoint.b, ID_SIZE);
	return store_put(s, TABLE_META, key, sizeof(key), row, sizeof(row));
}

static int look(void *arg, const uint8_t *raw, size_t n)
{
	struct mark *m = arg;
	struct entry e;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	m->seq = e.seq;
	if (e.kind == KIND_CHECKPOINT)
		m->checkpoint = entry_id(&e);
	return 0;
}

/* The newest checkpoint of one feed, looking at what is new only. */
static int look_through(struct store *s, struct mark *m,
			const struct head *head)
{
	int err = mark_load(s, m, &head->feed);

	/* A feed that a fork has cut may be shorter than it was. */
	if (err == 0 && m->seq > head->seq)
		*m = (struct mark){ 0 };
	if (err != 0 || m->seq == head->seq)
		return err;
	err = store_entries(s, &head->feed, m->seq + 1, look, m);
	return err == 0 ? mark_save(s, m, &head->feed) : err;
}

/* The feeds of an identity, copied: writing ends what the roster lends. */
static size_t feeds_of(struct store *s, struct pubkey out[static FEEDS_MAX],
		       const struct pubkey *identity)
{
	const struct roster *r = store_roster(s);
	size_t n = 0;

	for (size_t i = 0; i < roster_feed_count(r) && n < FEEDS_MAX; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);

		if (pubkey_eq(&f->identity, identity))
			out[n++] = f->feed;
	}
	return n;
}

/* Of the feeds of one identity, the checkpoint in that which moved last. */
static int newest(struct store *s, struct id *out,
		  const struct pubkey *identity)
{
	struct pubkey feeds[FEEDS_MAX];
	size_t n = feeds_of(s, feeds, identity);
	uint64_t arrival = 0;

	*out = (struct id){ { 0 } };
	for (size_t i = 0; i < n; i++) {
		struct head head;
		struct mark m;
		int err = store_head(s, &feeds[i], &head);

		if (err == ERR_NOT_FOUND)
			continue;
		if (err == 0)
			err = look_through(s, &m, &head);
		if (err != 0)
			return err;
		if (!id_is_zero(&m.checkpoint) && head.arrival >= arrival) {
			arrival = head.arrival;
			*out = m.checkpoint;
		}
	}
	return 0;
}

int seen_next(struct store *s, const struct pubkey *identity, struct id *out,
	      bool *has_seen)
{
	const struct roster *r = store_roster(s);
	const struct member *m = r == NULL ? NULL : roster_member(r, identity);
	struct pubkey admitter;
	struct id said, found;
	size_t n = 0;
	int err;

	*has_seen = false;
	if (m == NULL || pubkey_is_zero(&m->admitter))
		return 0;
	/* A copy: the roster's memory is not ours over the writes below. */
	admitter = m->admitter;
	err = newest(s, &found, &admitter);
	if (err != 0 || id_is_zero(&found))
		return err;
	err = store_get(s, TABLE_META, SAID, strlen(SAID), said.b, ID_SIZE, &n);
	if (err == 0 && n == ID_SIZE && id_eq(&said, &found))
		return 0;
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	err = store_put(s, TABLE_META, SAID, strlen(SAID), found.b, ID_SIZE);
	if (err == 0) {
		*out = found;
		*has_seen = true;
	}
	return err;
}
