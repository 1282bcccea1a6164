#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "store/db.h"
#include "store/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * fresh -- rows of the index by id in memory, which the table does not have
 * yet (byid.h).
 *
 * Written in their own order many go to one page after the other, which costs
 * half; and what has just arrived is found in memory.
 */

/* Half an id as two numbers, the first of which says its place in the order. */
struct half {
	uint64_t hi, lo;
};

struct half half_of(const uint8_t bytes[static HALF_SIZE]);
void half_put(uint8_t out[static HALF_SIZE], struct half half);

struct fresh_row {
	struct half half;
	struct place at;
};

struct fresh {
	struct fresh_row *row;
	size_t n, max;
	uint32_t *slots; /* index + 1, 0 empty */
	size_t slots_n;  /* a power of two, more than twice n */
};

/* fresh_add: another row; when one with this half waits already it keeps its
 * place.  ERR_NOMEM. */
int fresh_add(struct fresh *f, struct half half, struct place at);

/* fresh_find: where an id that begins like this stands; false when none
 * waits. */
bool fresh_find(const struct fresh *f, struct place *out, struct half half);

/* fresh_flush: write them to the table, and forget them.  Errors of db. */
int fresh_flush(struct fresh *f, struct db *db);

/* fresh_cmp: the order of the table, of two rows.  fresh_sort: bring rows into
 * it.  fresh_put: write rows that are in it, those of halves that are stored
 * already excepted.  Errors of db. */
int fresh_cmp(const void *a, const void *b);
void fresh_sort(struct fresh_row *row, size_t n);
int fresh_put(const struct fresh_row *row, size_t n, struct db *db);

/* fresh_forget: drop what was not written. */
void fresh_forget(struct fresh *f);

#endif
