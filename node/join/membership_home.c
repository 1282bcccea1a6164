#include "node/join/membership.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char link_key[] = "join-link";

int membership_keep_link(struct keeper *k, const char *link)
{
	return store_put(k->store, TABLE_META, link_key, sizeof(link_key) - 1,
			 link, strlen(link));
}

int membership_link(struct keeper *k, struct invite *out)
{
	char link[INVITE_SIZE];
	size_t n;
	int err = store_get(k->store, TABLE_META, link_key,
			    sizeof(link_key) - 1, link, sizeof(link), &n);

	if (err == 0)
		err = invite_decode(out, link, n);
	bytes_wipe(link, sizeof(link));
	return err;
}

int membership_drop_link(struct keeper *k)
{
	int err =
		store_del(k->store, TABLE_META, link_key, sizeof(link_key) - 1);

	return err == ERR_NOT_FOUND ? 0 : err;
}

/* Where the ledger of a network is put aside. */
static int aside_path(char out[static HOME_PATH], const struct home *home,
		      const struct id *network)
{
	char hex[HEX_SIZE(4)];
	int n;

	hex_encode(hex, network->b, 4);
	n = snprintf(out, HOME_PATH, "%s-%s", home->ledger, hex);
	return n > 0 && n < HOME_PATH ? 0 : ERR_LIMIT;
}

/* Is there nothing in this ledger but our own `open`? */
static bool is_unused(struct keeper *k)
{
	struct head head;
	uint64_t feeds;

	return store_feed_count(k->store, &feeds) == 0 && feeds <= 1 &&
	       (feeds == 0 ||
		(store_head(k->store, &k->feed, &head) == 0 && head.seq == 1));
}

/* Of which network is the ledger that is here?  ERR_NOT_FOUND: of none. */
static int look(const struct home *home, struct id *network, bool *is_free)
{
	struct keeper *k;
	int err = keeper_open(&k, home);

	if (err != 0)
		return err;
	if (!store_network(k->store, network))
		err = ERR_NOT_FOUND;
	else
		*is_free = is_unused(k);
	keeper_close(k);
	return err;
}

static int move(const char *from, const char *to)
{
	return rename(from, to) == 0 ? 0 : err_from_errno(errno);
}

int membership_switch(const struct home *home, const struct id *network)
{
	char aside[HOME_PATH];
	struct id here;
	bool is_free = false;
	int err = look(home, &here, &is_free);

	if (err == 0 && id_eq(&here, network))
		return 0;
	if (err == 0 && !is_free)
		return ERR_EXISTS;
	if (err == 0) {
		err = aside_path(aside, home, &here);
		if (err == 0)
			err = move(home->ledger, aside);
	}
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	err = aside_path(aside, home, network);
	if (err == 0 && access(aside, F_OK) == 0)
		err = move(aside, home->ledger);
	return err;
}
