#ifndef PROTO_BOOK_SHARE_H
#define PROTO_BOOK_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * share -- proportional parts of whole numbers, without loss on the way.
 *
 * Products have 128 bits inside, so nothing wraps.  Pure.
 */

/* A part of something: part / whole; whole 0: nothing. */
struct share {
	uint64_t part;
	uint64_t whole;
};

/* share_of: qty * part / whole, rounded down; part is at most whole.  qty
 * itself when they are equal, 0 of nothing. */
uint64_t share_of(uint64_t qty, struct share s);

/* share_is_more: is a more than b? */
bool share_is_more(struct share a, struct share b);

#endif
