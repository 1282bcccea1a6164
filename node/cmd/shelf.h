#ifndef NODE_CMD_SHELF_H
#define NODE_CMD_SHELF_H

#include "node/cmd/remark.h"
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

/* shelf_remark: remark upon what is taken beyond what its holder has now, by a
 * record `after` that takes the place of `before`; NULL for none.  Nothing for
 * who is not admitted yet, whose book does not count.  Cannot fail: a store
 * that cannot be read gives no warning. */
void shelf_remark(struct remarks *out, struct desk *d,
		  const struct record *before, const struct record *after);

/* shelf_on_hand: the running balance of one item of our own, or of an outsider
 * of our book when `outsider` is not zero.  Errors of store_balance. */
int shelf_on_hand(struct desk *d, const struct tag *outsider, const char *item,
		  size_t item_n, int64_t *out);

#endif
