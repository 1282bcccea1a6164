#ifndef NODE_CMD_PARTIAL_H
#define NODE_CMD_PARTIAL_H

#include "crypto/sign.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * partial -- wherever figures are shown, what they are not of: members who are
 * not followed (followed.h), and entries that others have told of and that are
 * not here yet (node/net/heard.h).
 */

struct store;

/* How much of what others have told of is here. */
struct partial {
	uint64_t feeds;    /* known */
	uint64_t replayed; /* of these, up to their tip */
	uint64_t seen;     /* of the others, those whose newest entries are
	                      here, signed and not replayed */
	uint64_t entries;  /* known */
	uint64_t held;     /* of these */
};

/* partial_look: is it less than all, as far as anybody has told?  Errors of the
 * store count as no.  *out is written in each case. */
bool partial_look(struct partial *out, struct store *s);

/* partial_text: that as one sentence; false when it is all. */
enum { PARTIAL_TEXT = 480 };
bool partial_text(char out[static PARTIAL_TEXT], struct store *s);

/* partial_note: that sentence and followed_note's, on stderr, where they
 * apply. */
void partial_note(struct store *s, const struct roster *roster,
		  const struct pubkey *identity);

#endif
