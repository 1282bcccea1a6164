#ifndef PROTO_BOOK_COUNTERSIGN_H
#define PROTO_BOOK_COUNTERSIGN_H

#include "crypto/sign.h"
#include "proto/record.h"

#include <stdbool.h>

/*
 * countersign -- receipts that carry the signature of a receipt key.
 *
 * A hospital without a node signs with a key in its telephone, and somebody
 * else writes the `receive` down for it (PROTOCOL.md, "Receipt keys").  What is
 * signed is all that the receipt says of the goods, so whoever passes it on
 * may lose it but not change it.
 */

/* countersign_make: the signature for a receive whose deliver, accepted,
 * refused and number are set.  ERR_NOMEM. */
int countersign_make(struct sig *out, const struct seckey *key,
		     const struct id *network, const struct record *receive);

/* countersign_check: does the receive carry a valid signature of the key that
 * it names? */
bool countersign_check(const struct id *network, const struct record *receive);

#endif
