#ifndef NODE_SAFE_RECOVERY_H
#define NODE_SAFE_RECOVERY_H

#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

/*
 * recovery -- the identity's seed as a code to write down.
 *
 * 14 groups of 5 characters in Crockford's base32: 4 that say something and
 * one that checks the group and its place, so that any one wrong character is
 * found and its group named.  13 groups hold the seed, the last a hash of it.
 */

enum {
	RECOVERY_GROUPS = 14,
	RECOVERY_GROUP = 5,
	RECOVERY_SIZE = RECOVERY_GROUPS * (RECOVERY_GROUP + 1)
};

/* recovery_encode: the code with dashes between the groups and a NUL; the
 * caller wipes it.  Cannot fail. */
void recovery_encode(char out[static RECOVERY_SIZE],
		     const uint8_t seed[static SEED_SIZE]);

/* recovery_decode: the seed of a code; small letters, spaces and dashes do not
 * matter, O is 0, I and L are 1.  ERR_SIGNATURE: *group, from 1, is the first
 * that is wrong; 0 when each fits and they do not together.  ERR_FORMAT:
 * *group is the one with another character or the last one begun; ERR_LIMIT:
 * there are more than 14. */
int recovery_decode(uint8_t seed[static SEED_SIZE], unsigned *group,
		    const char *text);

#endif
