#ifndef NODE_CMD_WALK_H
#define NODE_CMD_WALK_H

#include "crypto/sign.h"
#include "proto/entry.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * walk -- all entries of some feeds, in the order (feed, seq), a piece at a
 * time.
 *
 * The ledger is not held open while the caller looks at an entry, so it may
 * print and wait for a slow reader as long as it likes.
 */

/* walk_want: is this feed to be walked?  walk_visit: an entry, valid during the
 * call; other than 0 ends the walk and is returned. */
typedef int walk_want(void *arg, const struct pubkey *feed);
typedef int walk_visit(void *arg, const struct entry *e);

struct walker {
	walk_want *want; /* NULL: all */
	walk_visit *visit;
	void *arg;
};

/* walk: the entries as they were held when the walk began.  Errors of the
 * store, ERR_NOMEM. */
int walk(struct store *s, const struct walker *w);

#endif
