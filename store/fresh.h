#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "crypto/hash.h"
#include "store/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * fresh -- the entries of a batch by their ids, in memory: no table has them
 * yet (byid.h).
 */

struct fresh_row {
	struct id id;
	struct place at;
};

struct fresh {
	struct fresh_row *row; /* in the order they came */
	size_t n, max;
	uint32_t *slots; /* index + 1, 0 empty */
	size_t slots_n;  /* a power of two, at least twice n */
};

/* fresh_add: another entry; when one waits whose id begins with the same half
 * that one stays alone.  ERR_NOMEM. */
int fresh_add(struct fresh *f, const struct id *id, struct place at);

/* fresh_find: the entry whose id begins with the same half; NULL when none
 * waits.  Valid until the next call. */
const struct fresh_row *fresh_find(const struct fresh *f, const struct id *id);

/* fresh_clear: none waits, and the room stays.  fresh_forget: it goes. */
void fresh_clear(struct fresh *f);
void fresh_forget(struct fresh *f);

#endif
