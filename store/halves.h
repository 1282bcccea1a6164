#ifndef STORE_HALVES_H
#define STORE_HALVES_H

#include "store/db.h"
#include "store/row.h"

#include <stddef.h>
#include <stdint.h>

/*
 * halves -- rows of the index by id on their way into a table: half an id, as
 * two numbers in whose order rows stand, and its place.
 */

struct half_row {
	uint64_t hi, lo;
	struct place at;
};

struct halves {
	struct half_row *row; /* owned */
	size_t n, max;
};

enum { HALF_ROW_SIZE = HALF_SIZE + PLACE_SIZE };

/* half_row_of: a row of half an id.  half_row_encode, _decode: as bytes, the
 * half, no, seq. */
struct half_row half_row_of(const uint8_t half[static HALF_SIZE],
			    struct place at);
void half_row_encode(uint8_t out[static HALF_ROW_SIZE],
		     const struct half_row *row);
struct half_row half_row_decode(const uint8_t p[static HALF_ROW_SIZE]);

int half_row_cmp(const void *a, const void *b);

/* halves_add: ERR_NOMEM.  halves_free: none, and no memory. */
int halves_add(struct halves *h, const struct half_row *row);
void halves_free(struct halves *h);

/* halves_sort: by half. */
void halves_sort(struct halves *h);

/* halves_put: write sorted rows to DB_ID, those of halves that are stored
 * already excepted.  Errors of db. */
int halves_put(const struct halves *h, struct db *db);

#endif
