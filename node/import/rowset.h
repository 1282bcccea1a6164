#ifndef NODE_IMPORT_ROWSET_H
#define NODE_IMPORT_ROWSET_H

#include <stddef.h>
#include <stdint.h>

/*
 * rowset -- the rows of an import, kept until all are read and then sorted.
 *
 * A row is its place, its time and its encoded facts: 24 bytes and the facts,
 * which have about 90 for one line of goods between two parties.  Facts lie in
 * blocks that never move.  All zero is an empty set.
 */

enum {
	ROWSET_MAX = 1 << 24, /* rows of one import */
	ROWSET_BLOCK = 256 * 1024
};

/* What comes first at the same instant. */
enum rank {
	RANK_SAYS,  /* what an item is, what is asked for */
	RANK_GIVES, /* adds to a stock or a fund */
	RANK_TAKES  /* everything else */
};

struct row {
	uint64_t when_ms; /* 0: undated */
	const uint8_t *facts;
	uint32_t line;
	uint16_t facts_n;
	uint8_t file;
	uint8_t rank; /* enum rank */
};

struct rowset_block; /* opaque */

struct rowset {
	struct row *row; /* owned */
	size_t n;
	size_t max;
	struct rowset_block *block; /* owned: the newest of a list */
	size_t bytes;               /* of memory in all */
};

/* rowset_add: keep a copy of row and of its facts.  ERR_LIMIT: ROWSET_MAX;
 * ERR_NOMEM. */
int rowset_add(struct rowset *s, const struct row *row);

/* rowset_text, rowset_bytes: keep a text, or bytes, for as long as the set.
 * NULL: no memory. */
const char *rowset_text(struct rowset *s, const char *text);
const void *rowset_bytes(struct rowset *s, const void *p, size_t n);

/* rowset_sort: by time, rank, file and line; undated rows first.  The same
 * rows give the same order.  Cannot fail. */
void rowset_sort(struct rowset *s);

/* rowset_release: NULL-safe, and may be repeated. */
void rowset_release(struct rowset *s);

/* rank_of: the rank of a kind's records. */
enum rank rank_of(uint32_t kind);

#endif
