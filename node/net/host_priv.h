#ifndef NODE_NET_HOST_PRIV_H
#define NODE_NET_HOST_PRIV_H

#include "node/net/host.h"

/*
 * host_priv -- what host.c (the heads and the batch) does for host_ops.c (the
 * sessions' calls), and host_cursor.c (what is remembered of peers) for it.
 */

/* host_roster: the store's. */
const struct roster *host_roster(const struct host *h);

/* host_instance: read the name of this copy of the ledger; it is given one when
 * it has none. */
int host_instance(struct host *h);

/* host_begin: a batch for what sessions bring; the one that is open goes on.
 * Errors of store_begin. */
int host_begin(struct host *h);

/* host_show: let the sessions see where the feed stands now; has_roster: with
 * the roster solved anew. */
int host_show(struct host *h, const struct pubkey *feed, uint64_t origin,
	      bool has_roster);

/* host_lose: the batch is lost to err, which is returned. */
int host_lose(struct host *h, int err);

#endif
