#ifndef STORE_FEEDS_H
#define STORE_FEEDS_H

#include "store/db.h"
#include "store/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * feeds -- the rows of feeds that a write batch works on, in memory.
 *
 * Appending moves the head of its feed and the arrival order each time; the
 * rows change here and are written once, by feeds_flush.  Outside a batch the
 * table is read directly.  Rows stay known between batches as long as nobody
 * else writes and they are few.
 */

/* A row being worked on.  Stays where it is until feeds_forget. */
struct feed {
	struct feed_row row;
	uint64_t stored_arrival; /* its row in the arrival table, 0 none */
	bool is_dirty;
	bool is_all;    /* do all its entries count, said the roster ... */
	uint64_t epoch; /* ... when the store's epoch was this */
};

struct feeds {
	struct db *db;
	uint64_t arrival; /* newest number given out */
	uint32_t last_no; /* newest feed */
	struct feed **at; /* by number, NULL: not in memory */
	size_t at_n;      /* numbers that `at` has room for */
	size_t known;     /* rows in memory */
	uint32_t *slots;  /* hash of feed -> number, 0 empty */
	size_t slots_n;   /* a power of two, more than twice `known` */
	uint64_t salt;    /* nobody can choose keys that collide */
	uint32_t *dirty;  /* numbers of dirty rows */
	size_t dirty_n, dirty_max;
};

/* feeds_init: nothing in memory. */
void feeds_init(struct feeds *f, struct db *db);

/* feeds_start: a batch begins; reads the newest numbers. */
int feeds_start(struct feeds *f);

/* feeds_forget: drop what is in memory, written or not. */
void feeds_forget(struct feeds *f);

/* feeds_end: the batch was written; drop what is in memory if it is much. */
void feeds_end(struct feeds *f);

/* feeds_hold, feeds_hold_no: the row for working on.  ERR_NOT_FOUND. */
int feeds_hold(struct feeds *f, struct feed **out, const struct pubkey *feed);
int feeds_hold_no(struct feeds *f, struct feed **out, uint32_t no);

/* feeds_new: begin a feed, at seq 0. */
int feeds_new(struct feeds *f, struct feed **out, const struct pubkey *feed);

/* feeds_mark: the row was changed. */
int feeds_mark(struct feeds *f, struct feed *feed);

/* feeds_find, feeds_find_no: a copy of the row as it is now, in a batch or
 * not.  ERR_NOT_FOUND. */
int feeds_find(struct feeds *f, struct feed_row *out,
	       const struct pubkey *feed);
int feeds_find_no(struct feeds *f, struct feed_row *out, uint32_t no);

/* feeds_newest: the newest arrival number, in a batch or not. */
int feeds_newest(struct feeds *f, uint64_t *out);

/* feeds_flush: write the dirty rows and the arrival order. */
int feeds_flush(struct feeds *f);

#endif
