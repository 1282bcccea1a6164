#ifndef NODE_SAFE_NEWKEY_H
#define NODE_SAFE_NEWKEY_H

#include "node/keeper.h"

/*
 * newkey -- a member that goes on under a new identity key (PROTOCOL.md,
 * "Rotation").
 *
 * The new key is written beside the old one first, sealed as that is, the
 * `rotate` is recorded, and the file is put in its place last; newkey_finish
 * completes what was cut.  The member's other machines adopt it.
 */

/* newkey_make: make one, which the old one signs.  ERR_STATE, ERR_SIGNATURE:
 * the old one is sealed, and no or the wrong passphrase was given; ERR_DENIED:
 * it is not in force any more; ERR_LIMIT: more than LIMIT_PINS feeds, or
 * LIMIT_ROTATIONS keys; the errors of keyfile_create and keeper_record. */
int newkey_make(struct keeper *k, struct recorded *out, const char *passphrase,
		uint64_t now_ms);

/* newkey_adopt: the key that another machine of the member made becomes that of
 * this home; sealed when `seal` is not NULL.  When the feed of this home has
 * ceased to count (*is_late), it goes on under a new node key and records
 * again what does not count; k->home.passphrase opens the new key then.
 * ERR_NOT_FOUND: nobody's key, as far as is known here; ERR_DENIED: of another
 * member, or not in force any more; the errors of keyfile_create and
 * renewal_begin. */
int newkey_adopt(struct keeper *k, bool *is_late,
		 const uint8_t seed[static SEED_SIZE], const char *seal);

/* newkey_finish: when opening: let the key file agree with the ledger.  0 also
 * when there is nothing to do.  ERR_IO. */
int newkey_finish(struct keeper *k);

#endif
