#ifndef STORE_RECENT_H
#define STORE_RECENT_H

#include "proto/run.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * recent -- the newest entries of feeds whose history is not here yet
 * (PROTOCOL.md, "Recent entries").
 *
 * On a slow link what a feed says last is there long before what leads up to
 * it.  Such a run is signed and its chain holds, but what it follows is not
 * known: no head, digest, roster, book or audit is of it.  There is one run a
 * feed, of a few entries, and a feed's number stands for it: so its first entry
 * is held, and its identity was a member when the run came.
 *
 * A run goes by itself, in the batch in which the feed's head reaches its end,
 * or the roster says that the feed ends before, or that it is nobody's.
 */

enum {
	RECENT_MAX = 8,     /* entries of a run */
	RECENT_BYTES = 4096 /* of a run; of longer ones the newest that fit */
};

/* store_recent_put: keep these entries of one feed, consecutive and checked
 * (run_check); in a batch.  What is kept of the feed already is replaced.
 *   ERR_EXISTS: as much, or more, is held or kept
 *   ERR_DENIED: nothing of the feed is held, it is nobody's or the home's own
 *   ERR_CONFLICT: the feed ends before
 *   ERR_LIMIT: the newest entry alone is too long
 *   ERR_CHAIN: they are not consecutive entries of one feed
 * These leave the batch usable. */
int store_recent_put(struct store *s, const struct run_entry *at, size_t n);

/* store_recent: what is kept of a feed; *out borrows buf.  ERR_NOT_FOUND. */
int store_recent(struct store *s, struct run *out, const struct pubkey *feed,
		 uint8_t buf[static RECENT_BYTES]);

/* store_recent_drop: forget it; nothing to forget is fine.  In a batch. */
int store_recent_drop(struct store *s, const struct pubkey *feed);

/* store_recent_each: all runs, by number of feed; a run is valid during the
 * call, which ends the visit by returning other than 0. */
typedef int recent_visit(void *arg, const struct run *run);
int store_recent_each(struct store *s, recent_visit *visit, void *arg);

/* store_recent_count: of how many feeds there is one. */
int store_recent_count(struct store *s, uint64_t *out);

#endif
