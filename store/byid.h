#ifndef STORE_BYID_H
#define STORE_BYID_H

#include "store/db.h"
#include "store/fresh.h"
#include "store/halves.h"
#include "store/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * byid -- the index by id: half an id -> place.
 *
 * Ids are hashes, so the rows of a batch go all over the table DB_ID, where
 * each costs a page.  What a large batch brings is therefore written in order
 * as one run, a row of DB_IDRUN, and goes to DB_ID in turns: each turn takes
 * one slice, a sixteenth of all ids, out of all runs at once, so that a page
 * gets many rows.  A small batch writes to DB_ID directly.
 *
 * The key of a run is the turn at which it was written and a serial number.
 * So it says which slices of it were taken since, and when all were, it is
 * dropped; a row may stand in both tables and says the same in both.
 *
 * Whoever looks for an id searches the runs, which are a dozen or two.  For
 * large batches a Bloom filter says of most ids that no run has them.
 */

enum {
	BYID_SLICES = 16, /* by an id's first hex digit */
	BYID_SMALL = 256, /* rows of a batch that make no run */
	BYID_RUN = 16384, /* rows of a run at most */
	BYID_MAX = 65536, /* rows that wait in runs, or so */
	BYID_KEY_SIZE = 8 + 4
};

struct byid {
	struct fresh batch; /* in no table yet */
	uint64_t *filter;   /* NULL: not made, a run may have any id */
	uint64_t filtered;  /* rows that went into it */
	size_t small, max;  /* BYID_SMALL, _MAX; tests make them small */
};

/* byid_init: nothing in memory.  byid_forget: the same again, after a batch
 * that was given up or when another process wrote. */
void byid_init(struct byid *b);
void byid_forget(struct byid *b);

/* byid_add: another row of the batch that is open; when one with this half
 * waits already it keeps its place.  ERR_NOMEM, errors of db. */
int byid_add(struct byid *b, struct db *db, const struct id *id,
	     struct place at);

/* byid_load: make the filter, before many are looked for.  A large batch does
 * it by itself.  ERR_NOMEM, ERR_FORMAT, errors of db. */
int byid_load(struct byid *b, struct db *db);

/* byid_find: where an id that begins like this stands; *is_sure: it is this
 * one, otherwise the entry has to be looked at.  Reading or writing.
 * ERR_NOT_FOUND, ERR_FORMAT. */
int byid_find(const struct byid *b, struct db *db, struct place *out,
	      bool *is_sure, const struct id *id);

/* byid_flush: write what the batch has added.  byid_merge: bring all to
 * DB_ID, to change it there.  Errors of db, ERR_NOMEM. */
int byid_flush(struct byid *b, struct db *db);
int byid_merge(struct byid *b, struct db *db);

/* byid_each: visit the rows (half, place) that begin with prefix, in rising
 * order, once each; a visit that is not 0 ends it and is returned.  Those of a
 * batch only after byid_flush. */
int byid_each(struct db *db, struct span prefix, db_visit *visit, void *arg);

/* byid_rows: how many ids have a row, in whichever table. */
int byid_rows(struct db *db, uint64_t *out);

#endif
