#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * db -- LMDB, and nobody else speaks to it.
 *
 * Tables of bytes under bytes, in order of keys; one write transaction at a
 * time, one nested read transaction.  Default flags, so that a commit that
 * returns 0 is on the disk.  The map grows between transactions and follows
 * when another process has grown it.
 *
 * Spans read point into the map.  They are valid until the transaction ends
 * and, in a write transaction, until the next write.
 *
 * Errors: ERR_FORMAT (the file is damaged), ERR_IO, ERR_NOMEM, ERR_FULL (disk),
 * ERR_BUSY (the map is full: abort and begin again; or no reader's slot),
 * ERR_STATE (no transaction of the kind needed).
 */

enum db_table {
	DB_META,     /* layout, rules of the book, network, own feed */
	DB_FEED,     /* no -> feed row */
	DB_NAME,     /* feed -> no */
	DB_ENTRY,    /* no, seq -> the signed bytes */
	DB_ID,       /* half an id -> no, seq */
	DB_IDRUN,    /* turn, serial -> rows that DB_ID lacks (byid.h) */
	DB_ARRIVAL,  /* arrival number -> no */
	DB_ROSTER,   /* no, seq of each roster entry */
	DB_REF,      /* half a target, ref, feed, seq -> no */
	DB_KEY,      /* half a member, tag, feed, seq -> no */
	DB_SENT,     /* member, no, seq of what is delivered to it; zero: of
	                papers entered by third members */
	DB_ITEM,     /* item, 0, feed, seq -> no */
	DB_KIND,     /* kind, no, seq of records that are asked for by kind */
	DB_BOOK,     /* member, outsider, item -> columns */
	DB_TOTAL,    /* scope, association, item -> columns */
	DB_PURSE,    /* member, currency, fund -> columns */
	DB_FUND,     /* above, association, currency, fund -> columns */
	DB_RANK,     /* rows of members (ranks.h) */
	DB_EVIDENCE, /* feed, type -> the proof (evidence.h) */
	DB_ASIDE,    /* no, seq, half an id -> what is in dispute */
	DB_RECENT,   /* no -> its newest entries, not replayed (recent.h) */
	DB_LOCAL,    /* the first of the tables of private.h */
	DB_PRIVATE,
	DB_INVITES,
	DB_PEERS,
	DB_PENDING,
	DB_COUNT
};

struct db; /* opaque */

struct span {
	const uint8_t *p;
	size_t n;
};

struct db_options {
	bool may_write;
	bool may_create;
	bool may_add;     /* tables that are missing in a ledger */
	size_t map_first; /* bytes of a new map; 0: what suits the machine */
};

/* db_open: open the environment in folder dir.  ERR_NOT_FOUND: nothing there;
 * ERR_DENIED.  A file that ends too early, and pages that LMDB cannot go on
 * with, are found when they are touched, by a SIGBUS. */
int db_open(struct db **out, const char *dir, const struct db_options *options);

/* db_close: abandon transactions and free; NULL is fine. */
void db_close(struct db *db);

/* db_begin: start the write transaction, first growing the map until `room`
 * bytes and a quarter of it are free (unless a read is open, or the address
 * space does not allow it). */
int db_begin(struct db *db, size_t room);

/* db_commit: write and sync; the transaction is over whatever is returned. */
int db_commit(struct db *db);
void db_abort(struct db *db);
bool db_is_writing(const struct db *db);

/* db_serial: the number of the commit that reads see, or, when nothing is
 * open or a write is, of the newest in the file. */
uint64_t db_serial(const struct db *db);

/* db_pin: read until db_unpin; nests.  While a write transaction is open,
 * reads see it. */
int db_pin(struct db *db);
void db_unpin(struct db *db);

/* db_is_pinned: is a read open? */
bool db_is_pinned(const struct db *db);

/* db_get: ERR_NOT_FOUND. */
int db_get(struct db *db, enum db_table table, const void *key, size_t key_n,
	   struct span *out);

/* db_put: add or replace.  db_put_new: add; ERR_EXISTS.  db_append: the same
 * for a key above all others of the table, which fills pages to the brim;
 * ERR_EXISTS when it is not. */
int db_put(struct db *db, enum db_table table, struct span key,
	   struct span value);
int db_put_new(struct db *db, enum db_table table, struct span key,
	       struct span value);
int db_append(struct db *db, enum db_table table, struct span key,
	      struct span value);

/* db_del: ERR_NOT_FOUND.  db_clear: drop all rows. */
int db_del(struct db *db, enum db_table table, const void *key, size_t key_n);
int db_clear(struct db *db, enum db_table table);

/* db_rows: how many rows a table has. */
int db_rows(struct db *db, enum db_table table, uint64_t *out);

/* db_space: bytes free on the disk.  ERR_IO. */
int db_space(const struct db *db, uint64_t *out);

/* A place in a table; closed before the transaction ends. */
struct db_walk {
	struct db *db;
	void *cursor; /* NULL: closed */
	struct span key;
	struct span value;
};

/* db_walk_open: stand nowhere yet.  db_walk_seek: the first key not below the
 * one given; db_walk_next: the one after; db_walk_last: the last of all.
 * ERR_NOT_FOUND past the end. */
int db_walk_open(struct db *db, struct db_walk *walk, enum db_table table);
int db_walk_seek(struct db_walk *walk, const void *key, size_t key_n);
int db_walk_next(struct db_walk *walk);
int db_walk_last(struct db_walk *walk);
void db_walk_close(struct db_walk *walk);

/* db_walk_put_new: as db_put_new, and stand there: much faster than that for
 * keys that come in order. */
int db_walk_put_new(struct db_walk *walk, struct span key, struct span value);

/* db_each: visit the rows whose key begins with prefix, in order; a visit that
 * is not 0 ends it and is returned. */
typedef int db_visit(void *arg, struct span key, struct span value);
int db_each(struct db *db, enum db_table table, struct span prefix,
	    db_visit *visit, void *arg);

#endif
