#include "node/net/host_priv.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/private.h"

#include <string.h>

/*
 * Where this copy of the ledger was in step with others.
 *
 *   META   "instance"          -> own feed, 8 random bytes
 *   PEERS  "c", transport key  -> own instance, the peer's, arrival, end
 *
 * A home that goes on under a new node key, because it was an old copy, is
 * another copy of the ledger from then on, and what it remembers of others is
 * of no more use.
 */

enum { CURSOR_KEY = 1 + 32, CURSOR_ROW = 2 * MSG_INSTANCE + 8 + 4 };

static const char instance_key[] = "instance";

int host_instance(struct host *h)
{
	struct store *s = h->keeper->store;
	uint8_t row[KEY_SIZE + MSG_INSTANCE];
	size_t n;
	int err = store_get(s, TABLE_META, instance_key, strlen(instance_key),
			    row, sizeof(row), &n);

	if (err != 0 && err != ERR_NOT_FOUND && err != ERR_LIMIT)
		return err;
	if (err != 0 || n != sizeof(row) ||
	    memcmp(row, h->keeper->feed.b, KEY_SIZE) != 0) {
		memcpy(row, h->keeper->feed.b, KEY_SIZE);
		bytes_random(row + KEY_SIZE, MSG_INSTANCE);
		/* On a disk that is full the name is good for this run. */
		store_put(s, TABLE_META, instance_key, strlen(instance_key),
			  row, sizeof(row));
	}
	memcpy(h->instance, row + KEY_SIZE, MSG_INSTANCE);
	return 0;
}

static void cursor_key(uint8_t out[static CURSOR_KEY],
		       const struct curvekey *peer)
{
	out[0] = 'c';
	memcpy(out + 1, peer->b, sizeof(peer->b));
}

void host_cursor(struct host *h, struct session_cursor *out,
		 const struct curvekey *peer)
{
	uint8_t key[CURSOR_KEY], row[CURSOR_ROW];
	const uint8_t *at = row;
	size_t n;

	memset(out, 0, sizeof(*out));
	cursor_key(key, peer);
	/* Without one heads are compared: no error is worth more than that. */
	if (store_get(h->keeper->store, TABLE_PEERS, key, sizeof(key), row,
		      sizeof(row), &n) != 0 ||
	    n != sizeof(row) || memcmp(row, h->instance, MSG_INSTANCE) != 0)
		return;
	at += MSG_INSTANCE;
	memcpy(out->peer.instance, at, MSG_INSTANCE);
	at += MSG_INSTANCE;
	out->peer.arrival = be64_get(at);
	out->end = be32_get(at + 8);
}

int host_keep(struct host *h, const struct session_cursor *cursor,
	      const struct curvekey *peer)
{
	uint8_t key[CURSOR_KEY], row[CURSOR_ROW];
	uint8_t *at = row;

	cursor_key(key, peer);
	memcpy(at, h->instance, MSG_INSTANCE);
	at += MSG_INSTANCE;
	memcpy(at, cursor->peer.instance, MSG_INSTANCE);
	at += MSG_INSTANCE;
	be64_put(at, cursor->peer.arrival);
	be32_put(at + 8, cursor->end);
	return store_put(h->keeper->store, TABLE_PEERS, key, sizeof(key), row,
			 sizeof(row));
}
