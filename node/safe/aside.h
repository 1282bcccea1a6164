#ifndef NODE_SAFE_ASIDE_H
#define NODE_SAFE_ASIDE_H

#include "proto/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * aside -- the rows of what a home keeps to record again (unsent.h), and under
 * which ids it was:
 *
 *   PRIVATE "unsent", 8 bytes of the feed, seq(8)  -> the entry
 *   META    "again", id(32)                        -> its id now
 *
 * Errors are those of the store; inside a batch all belongs to it.
 */

struct store;

enum { ASIDE_KEY = 6 + 8 + 8 };

/* One entry that is kept aside. */
struct aside {
	uint8_t key[ASIDE_KEY];
	size_t key_n; /* 0: before the first one */
	uint8_t raw[LIMIT_ENTRY];
	size_t n;
};

/* aside_put: keep an entry; ERR_FORMAT when it is none. */
int aside_put(struct store *s, const uint8_t *raw, size_t n);

/* aside_next: the one after row, by feed and seq.  ERR_NOT_FOUND. */
int aside_next(struct store *s, struct aside *row);

/* aside_drop: it is recorded again under the id `now`. */
int aside_drop(struct store *s, const struct aside *row, const struct id *id,
	       const struct id *now);

/* aside_has: is any of this feed kept? */
int aside_has(struct store *s, bool *out, const struct pubkey *feed);

/* again_was: was an entry with this id recorded again?  again_id: under which
 * id, where that one is here. */
bool again_was(struct store *s, const struct id *id);
bool again_id(struct store *s, struct id *out, const struct id *id);

#endif
