#include "node/safe/aside.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <string.h>

#define ASIDE "unsent"
#define AGAIN "again"

enum {
	STOP = 1,
	ASIDE_N = sizeof(ASIDE) - 1,
	FEED_N = 8,
	AGAIN_N = sizeof(AGAIN) - 1 + ID_SIZE
};

_Static_assert(ASIDE_N + FEED_N + 8 == ASIDE_KEY, "a row is named by these");

static void again_key(uint8_t key[static AGAIN_N], const struct id *id)
{
	memcpy(key, AGAIN, sizeof(AGAIN) - 1);
	memcpy(key + sizeof(AGAIN) - 1, id->b, ID_SIZE);
}

/* Writing moves what was lent. */
int aside_put(struct store *s, const uint8_t *raw, size_t n)
{
	uint8_t key[ASIDE_KEY], copy[LIMIT_ENTRY];
	struct entry e;
	int err = n > sizeof(copy) ? ERR_FORMAT : entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	memcpy(copy, raw, n);
	memcpy(key, ASIDE, ASIDE_N);
	memcpy(key + ASIDE_N, e.feed.b, FEED_N);
	be64_put(key + ASIDE_N + FEED_N, e.seq);
	return store_put(s, TABLE_PRIVATE, key, sizeof(key), copy, n);
}

static int take_row(void *arg, const uint8_t *key, size_t key_n,
		    const uint8_t *value, size_t value_n)
{
	struct aside *row = arg;

	if (key_n != ASIDE_KEY || value_n > sizeof(row->raw) ||
	    (row->key_n > 0 && memcmp(key, row->key, ASIDE_KEY) <= 0))
		return 0;
	memcpy(row->key, key, key_n);
	row->key_n = key_n;
	memcpy(row->raw, value, value_n);
	row->n = value_n;
	return STOP;
}

int aside_next(struct store *s, struct aside *row)
{
	int err = store_each(s, TABLE_PRIVATE, ASIDE, ASIDE_N, take_row, row);

	return err == 0 ? ERR_NOT_FOUND : err == STOP ? 0 : err;
}

int aside_drop(struct store *s, const struct aside *row, const struct id *id,
	       const struct id *now)
{
	uint8_t key[AGAIN_N];
	int err;

	again_key(key, id);
	err = store_put(s, TABLE_META, key, sizeof(key), now->b, ID_SIZE);
	return err == 0 ? store_del(s, TABLE_PRIVATE, row->key, row->key_n)
			: err;
}

static int is_of(void *arg, const uint8_t *key, size_t key_n,
		 const uint8_t *value, size_t value_n)
{
	const struct pubkey *feed = arg;
	struct entry e;

	(void)key;
	(void)key_n;
	return entry_decode(&e, value, value_n) == 0 && pubkey_eq(&e.feed, feed)
		       ? STOP
		       : 0;
}

int aside_has(struct store *s, bool *out, const struct pubkey *feed)
{
	struct pubkey key = *feed;
	int err = store_each(s, TABLE_PRIVATE, ASIDE, ASIDE_N, is_of, &key);

	*out = err == STOP;
	return err == STOP ? 0 : err;
}

bool again_was(struct store *s, const struct id *id)
{
	uint8_t key[AGAIN_N], none;
	size_t n;

	again_key(key, id);
	return store_get(s, TABLE_META, key, sizeof(key), &none, 0, &n) !=
	       ERR_NOT_FOUND;
}

bool again_id(struct store *s, struct id *out, const struct id *id)
{
	uint8_t key[AGAIN_N];
	struct position at;
	size_t n;

	again_key(key, id);
	return store_get(s, TABLE_META, key, sizeof(key), out->b, ID_SIZE,
			 &n) == 0 &&
	       n == ID_SIZE && store_find(s, out, &at) == 0;
}
