#ifndef STORE_TARGETS_H
#define STORE_TARGETS_H

#include "crypto/hash.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * targets -- says of an id, without a look at the disk, that nothing refers to
 * it in some way.
 *
 * Nearly all that arrives is referred to by nothing yet, or in one way only (a
 * delivery by its receipt), and is asked about several times.  A Bloom filter
 * over the table of references answers that: no is certain, yes is right in
 * more than nine of ten cases.  It is made once a batch has become large (it
 * costs a walk through the table), and then follows the table; a batch that is
 * given up leaves bits behind, which do no harm.
 */
struct targets {
	uint64_t *bits; /* NULL: not made, anything may be a target */
	uint64_t mask;  /* of the number of a bit */
	uint64_t rows;  /* that it was made of */
	uint64_t asked; /* entries of this batch */
};

/* targets_forget: another process wrote, or the store is closed. */
void targets_forget(struct targets *t);

/* targets_start: a batch begins. */
void targets_start(struct targets *t);

/* targets_grow: one more entry is coming: make the filter, or a wider one,
 * when it is time.  ERR_NOMEM, errors of db. */
int targets_grow(struct targets *t, struct db *db);

/* targets_add: a row was added: something refers in this way (enum ref) to what
 * begins with this half. */
void targets_add(struct targets *t, const uint8_t *half, unsigned ref);

/* targets_have: may something refer to id in this way? */
bool targets_have(const struct targets *t, const struct id *id, unsigned ref);

#endif
