#ifndef STORE_IDS_H
#define STORE_IDS_H

#include "crypto/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ids -- a set of ids in memory, in the order they were added.
 *
 * Ids are hashes that an author can steer only by trying, so their own bits
 * are hash enough once mixed with a salt.
 */
struct ids {
	struct id *at;
	uint16_t *mark; /* the caller's, for each; 0 when it is added */
	size_t n, max;
	uint32_t *slots; /* index + 1, 0 empty */
	size_t slots_n;
	uint64_t salt;
};

/* ids_init: the empty set.  ids_clear: empty it and free what it held. */
void ids_init(struct ids *set);
void ids_clear(struct ids *set);

bool ids_have(const struct ids *set, const struct id *id);

/* ids_add: *added is false when it was there.  ids_place: and where it stands.
 * ERR_NOMEM. */
int ids_add(struct ids *set, bool *added, const struct id *id);
int ids_place(struct ids *set, size_t *place, bool *added, const struct id *id);

#endif
