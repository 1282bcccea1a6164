#ifndef PROTO_SESSION_BITS_H
#define PROTO_SESSION_BITS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * bits -- a set of small numbers, one bit each, that grows as needed.
 *
 * Keyed by our own numbers of feeds, so its size is set by what we hold and
 * not by what a peer says.  Starts as all zero bytes.
 */
struct bits {
	uint64_t *word; /* owned */
	uint32_t words;
	uint32_t count; /* members */
};

enum { BITS_NONE = INT32_MAX }; /* no member; members are below it */

/* bits_release: free it; it is then empty again. */
void bits_release(struct bits *b);

/* bits_set: add no.  ERR_NOMEM. */
int bits_set(struct bits *b, uint32_t no);

/* bits_test: is it a member? */
bool bits_test(const struct bits *b, uint32_t no);

/* bits_fill: add 0 .. end - 1.  ERR_NOMEM. */
int bits_fill(struct bits *b, uint32_t end);

/* bits_clear: remove no, whether it is there or not. */
void bits_clear(struct bits *b, uint32_t no);

/* bits_empty: remove all. */
void bits_empty(struct bits *b);

/* bits_next: the smallest member that is at least from, or BITS_NONE. */
uint32_t bits_next(const struct bits *b, uint32_t from);

#endif
