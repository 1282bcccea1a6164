#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "crypto/hash.h"
#include "store/db.h"
#include "store/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * fresh -- rows of the index by id that a batch has not written yet.
 *
 * Ids are random, so each row goes to a page of its own.  Written in their own
 * order many go to one page after the other, which costs half; and what has
 * just arrived is found in memory.
 */

struct fresh_row {
	uint8_t half[HALF_SIZE];
	struct place at;
};

struct fresh {
	struct fresh_row *row;
	size_t n, max;
	uint32_t *slots; /* index + 1, 0 empty */
	size_t slots_n;  /* a power of two, more than twice n */
};

/* How many rows may wait: about a megabyte. */
enum { FRESH_MAX = 16384 };

/* fresh_add: another row, at most FRESH_MAX; when one with this half waits
 * already it keeps its place.  ERR_NOMEM. */
int fresh_add(struct fresh *f, const struct id *id, struct place at);

/* fresh_find: where an id that begins like this one stands; false when none
 * waits. */
bool fresh_find(const struct fresh *f, struct place *out, const struct id *id);

/* fresh_flush: write them, those of halves that are stored already excepted,
 * and forget them.  Errors of db. */
int fresh_flush(struct fresh *f, struct db *db);

/* fresh_forget: drop what was not written. */
void fresh_forget(struct fresh *f);

#endif
