#ifndef NODE_PROOF_OPENED_H
#define NODE_PROOF_OPENED_H

#include "crypto/hash.h"
#include "proto/attest/receipt.h"
#include "proto/record.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * opened -- what stands behind private commitments, in this home's private
 * table.
 *
 * TABLE_PRIVATE, "open:" and the 32 bytes of the commitment -> the salt and
 * the value, or OPENED_FORGOTTEN in their place.  Whoever records a private
 * fact keeps this row with it (desk_remember); a receipt opens it; without it
 * the fact stays closed.
 */

/* Shorter than a salt. */
#define OPENED_FORGOTTEN "forgotten"

enum {
	OPENED_KEY = 5 + ID_SIZE,
	OPENED_ROW = RECEIPT_SALT + RECEIPT_VALUE /* at most */
};

/* opened_key: the key of the row of a commitment. */
void opened_key(uint8_t out[static OPENED_KEY], const struct id *commitment);

/* opened_find: of a record's facts those that this home can open or has
 * forgotten, rising; they borrow from rows and from rec.  Their number. */
struct opened_rows {
	uint8_t row[RECEIPT_OPENED][OPENED_ROW];
};
size_t opened_find(struct opened out[static RECEIPT_OPENED],
		   struct opened_rows *rows, struct store *s,
		   const struct record *rec);

#endif
