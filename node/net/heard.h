#ifndef NODE_NET_HEARD_H
#define NODE_NET_HEARD_H

#include "crypto/sign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * heard -- what others have told of and that is not here yet, as this home
 * remembers it: on a bad link its ledger is a part for days, whether its node
 * runs or not, and whoever shows figures is to say so.
 *
 * It is remembered as sums, for who shows figures, and feed by feed, because
 * what is to come may come on a stick instead.
 */

struct store;

/* All of it is what one peer says, the one that tells of most, and as of one
 * moment: what is here goes on without it for a while. */
struct heard {
	uint64_t entries;
	uint64_t feeds; /* that they are of */
	uint64_t begun; /* of these, feeds of which the beginning is here */
	uint64_t held_entries; /* that were here then, */
	uint64_t held_feeds;   /* and of so many feeds */
};

/* The same feed by feed: 16 bytes each.  All zero bytes: of none. */
struct heard_list {
	uint8_t *row; /* owned */
	size_t n, max;
	bool is_lost; /* there was no memory for all */
};

/* heard_list_add: a session_told_visit for a list.  heard_list_release: free
 * it. */
void heard_list_add(void *list, const struct pubkey *feed, uint64_t seq);
void heard_list_release(struct heard_list *list);

/* heard_get: all zero when nothing is to come as far as anybody has told, or
 * the row is damaged.  heard_put: remember the sums, and the list too unless it
 * is NULL; a batch of its own unless one is open.  heard_lower: what is here by
 * now is not to come any more; *out is what is left.  Errors of the store. */
int heard_get(struct store *s, struct heard *out);
int heard_put(struct store *s, const struct heard *h,
	      const struct heard_list *list);
int heard_lower(struct store *s, struct heard *out);

/* heard_eq: is the same to come? */
bool heard_eq(const struct heard *a, const struct heard *b);

#endif
