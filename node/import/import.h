#ifndef NODE_IMPORT_IMPORT_H
#define NODE_IMPORT_IMPORT_H

#include "node/ctl/desk.h"
#include "node/import/csv.h"
#include "node/import/csvmap.h"
#include "node/import/rejects.h"
#include "node/import/rowform.h"
#include "node/import/rowset.h"
#include "node/import/tagset.h"
#include "proto/book/catalog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * import -- tables of other programs into this node's feed.
 *
 *   code = import_add(im, MAP, FILE, DIR);    each file: map, header, columns
 *   code = import_read(im);                   all rows; rejects files
 *   code = import_record(im);                 in order of time, in batches
 *   import_close(im);
 *
 * Nothing is recorded before every file has been read to its end.  A row that
 * is in the ledger already under its key is counted and left alone, so an
 * import that was broken off is simply started again.  Memory grows with the
 * rows that are new: see rowset.h and tagset.h, about 170 bytes each.
 *
 * All functions return exit codes, after saying what is wrong.
 */

enum { IMPORT_FILES = 64 };

struct import_file {
	const char *path; /* borrowed, like map_path */
	const char *map_path;
	struct csvmap map;
	struct csv csv;
	struct rejects rejects;
	uint64_t rows;     /* read, header and empty lines apart */
	uint64_t skipped;  /* by [when] */
	uint64_t unusable; /* cannot be recorded */
	uint64_t repeats;  /* of an earlier row */
	uint64_t there;    /* recorded by an earlier import */
	uint64_t fresh;    /* to be recorded */
	uint64_t recorded;
};

/* What opens a commitment, until it is recorded. */
struct import_secret {
	struct id made;
	const void *row; /* in rows */
	size_t n;
};

struct import {
	struct desk *desk; /* borrowed */
	bool is_dry;       /* nothing is written, rejects files included */
	struct import_file *file; /* owned; IMPORT_FILES */
	size_t file_n;
	struct rowform *row;
	struct rowset rows;
	struct catalog catalog; /* owned */
	unsigned long services; /* rows that deliver one as goods */
	struct tagset seen;     /* keys of the rows that were usable */
	struct tagset known;    /* handles that stand in `name` */
	const char **name;      /* as party_resolve reads them; in rows */
	size_t name_n, name_max;
	struct import_secret *secret; /* owned; sorted by import_record */
	size_t secret_n, secret_max;
};

/* import_open: EXIT_DONE, EXIT_AGAIN for want of memory, or that the store
 * cannot be read. */
int import_open(struct import *im, struct desk *desk, bool is_dry);

/* import_close: NULL-safe, and may be repeated.  Rejects files that were not
 * finished do not appear. */
void import_close(struct import *im);

/* import_add: the next file, its map, and the folder for its rejects, NULL for
 * its own.  EXIT_INPUT: the file or the map cannot be opened; EXIT_CONFIG: the
 * map is wrong, or asks for columns that the file does not have; EXIT_DATA: no
 * header; EXIT_USAGE: too many files. */
int import_add(struct import *im, const char *map_path, const char *path,
	       const char *rejects_dir);

/* import_read: read all files.  EXIT_CREATE, EXIT_IO, EXIT_AGAIN (memory),
 * EXIT_DATA: more than ROWSET_MAX rows. */
int import_read(struct import *im);

/* import_record: names first, then the rows, in order.  Errors of desk_record;
 * what was recorded until then stays, and is said. */
int import_record(struct import *im);

#endif
