#ifndef PROTO_BOOK_GLIMPSE_H
#define PROTO_BOOK_GLIMPSE_H

#include "proto/limit.h"
#include "proto/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * glimpse -- what records say of goods that nothing is known about but
 * themselves: how much was made, sent and accepted of each item.
 *
 * No book: what they refer to, correct or issue again is not looked at, so that
 * it is the same sum in any order, and no figure of an audit.  What is issued
 * again is left out all the same: it was said before.  A sum of 2^26 records
 * does not overflow.
 */

enum { GLIMPSE_ITEMS = 1024 }; /* rows at most */

struct glimpse_row {
	char item[LIMIT_ITEM + 1];
	uint64_t produced;  /* lines of `produce` */
	uint64_t delivered; /* lines of `deliver` */
	uint64_t received;  /* accepted by `receive` */
};

struct glimpse {
	struct glimpse_row *at; /* rising item; owned */
	size_t n, max;
	bool is_cut; /* there are more items, whose sums are left out */
};

/* glimpse_add: take in a record of any kind.  ERR_NOMEM. */
int glimpse_add(struct glimpse *g, const struct record *rec);

/* glimpse_release: free; a zeroed one is fine. */
void glimpse_release(struct glimpse *g);

#endif
