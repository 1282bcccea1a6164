#ifndef NODE_CMD_SHELF_H
#define NODE_CMD_SHELF_H

#include "node/ctl/desk.h"
#include "proto/record.h"

#include <stddef.h>
#include <stdint.h>

/*
 * shelf -- is there as much on the shelf as a record takes from it?
 *
 * Recording beyond one's stock is allowed, because what is missing may be a
 * record not made yet; the person is told, and the audit will show it.
 */

/* An item of which more goes than is there. */
struct shortage {
	char item[LIMIT_ITEM + 1];
	uint64_t takes;
	int64_t on_hand;
};

struct shelf {
	struct shortage row[LIMIT_LINES];
	size_t n;
};

/* shelf_look: what the record takes beyond what its holder has now.  Empty for
 * who is not admitted yet, whose book does not count.  Cannot fail: a store
 * that cannot be read gives no warning. */
void shelf_look(struct shelf *out, struct desk *d, const struct record *rec);

/* shelf_warn: one line for each. */
void shelf_warn(const struct shelf *s);

/* shelf_on_hand: the running balance of one item of our own, or of an outsider
 * of our book when `outsider` is not zero.  Errors of store_balance. */
int shelf_on_hand(struct desk *d, const struct tag *outsider, const char *item,
		  size_t item_n, int64_t *out);

#endif
