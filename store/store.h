#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * store -- one home's ledger on disk.
 *
 * A handle holds the LMDB environment of the home's `ledger` folder, the
 * roster in memory, and at most one write batch.  What a batch writes is
 * durable when store_commit returns 0 and gone otherwise; reads inside it see
 * it.  Reads outside a batch take a short read transaction each, so they see
 * what was committed when they began.  A visitor called by a read may read
 * on, and must not write.
 *
 * One thread at a time per handle, one handle per process (LMDB's rule), not
 * across fork.  One process writes: it holds the lock (lock.h) before it opens
 * for writing.  Others may read meanwhile.
 *
 * Every value read back is checked for its form: damaged files give
 * ERR_FORMAT, never a crash.  Roster entries that no longer decode are left
 * out of the roster, and then nothing may be written (store_is_damaged).
 *
 * Errors of all functions here, unless said otherwise: ERR_FORMAT (damaged),
 * ERR_IO, ERR_NOMEM; of those that write also ERR_FULL (the disk), ERR_BUSY
 * (the map must grow first: abort, begin again and repeat) and ERR_STATE
 * (called outside a batch, or opened for reading).
 */

struct store; /* opaque */

enum store_mode {
	STORE_READ,    /* others may be writing */
	STORE_GLANCE,  /* the same; there is no roster until store_refresh */
	STORE_WRITE,   /* exists already */
	STORE_UPGRADE, /* the same; one of an earlier layout is made anew */
	STORE_CREATE   /* for writing, made if missing; the folder 0700 */
};

/* store_open: open the ledger in folder dir.  ERR_NOT_FOUND: none there.
 * ERR_VERSION: another layout; an earlier one is opened by STORE_UPGRADE, which
 * makes everything but the entries anew.  ERR_DENIED: not readable (LMDB's
 * readers too must write its lock file).  ERR_BUSY: no reader's slot left.
 * A book of other rules than ours is rebuilt (STORE_READ: ERR_VERSION). */
int store_open(struct store **out, const char *dir, enum store_mode mode);

/* store_is_later: does the ledger in folder dir have a layout to come, which no
 * mode opens? */
bool store_is_later(const char *dir);

/* store_close: abandon a batch, free all; NULL is fine. */
void store_close(struct store *s);

/* store_is_damaged: was something left out of the roster on opening? */
bool store_is_damaged(const struct store *s);

/* store_init: say which network this home belongs to; once, in a batch.
 * ERR_EXISTS when it is another already; 0 when it is this one. */
int store_init(struct store *s, const struct id *network);

/* store_network: false when store_init was never called. */
bool store_network(const struct store *s, struct id *out);

/* store_set_own: which feed is written by this home, in a batch; it is taken
 * in before its author is admitted.  store_own: false when there is none. */
int store_set_own(struct store *s, const struct pubkey *feed);
bool store_own(const struct store *s, struct pubkey *out);

/* store_begin: start a batch.  Grows the map when it is nearly full.
 * ERR_FULL when less than STORE_FREE_MIN of disk is free, ERR_FORMAT when the
 * store is damaged, ERR_STATE when a batch is open. */
int store_begin(struct store *s);

/* store_commit: bring roster and book up to date, write, sync.  0 only after
 * the disk has it.  After a failure the batch is gone, as by store_abort. */
int store_commit(struct store *s);

/* store_abort: drop the batch; roster and caches are what they were.  Cannot
 * fail; without a batch it does nothing.  (When even memory for the old roster
 * is missing there is none until the next store_begin or store_refresh.) */
void store_abort(struct store *s);

/* store_in_batch: is a batch open? */
bool store_in_batch(const struct store *s);

/* store_refresh: for a reader: take over what the writer has committed since,
 * so that store_roster, store_network and store_own are current.  Pointers
 * into the roster end. */
int store_refresh(struct store *s);

/* store_roster: the solved roster; NULL before store_init.  Inside a batch it
 * includes the batch's entries as of the last store_settle.  Valid until
 * the next call that writes, settles, aborts or refreshes. */
const struct roster *store_roster(const struct store *s);

/* store_settle: inside a batch, solve the roster and bring the book up to date
 * with all that was appended so far; store_commit does it too. */
int store_settle(struct store *s);

/* Free disk space, bytes, below which nothing is written any more. */
#define STORE_FREE_MIN (64ULL << 20)

/* Bytes of entries that one batch may take; its callers see to it. */
#define STORE_BATCH_MAX (4ULL << 20)

#endif
