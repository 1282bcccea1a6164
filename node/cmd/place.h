#ifndef NODE_CMD_PLACE_H
#define NODE_CMD_PLACE_H

#include "node/cmd/recording.h"
#include "proto/value.h"

/*
 * place -- records that say something of a place in a feed.
 */

/* place_set: the fact `position`. */
int place_set(struct recording *r, const struct position *at);

/* place_sign: the fact `proof`: the identity's signature of the place under
 * domain; with --passphrase-file when the key is sealed. */
int place_sign(struct recording *r, const struct position *at,
	       const char *domain);

#endif
