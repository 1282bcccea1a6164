#ifndef NODE_CMD_PARTIAL_H
#define NODE_CMD_PARTIAL_H

#include "crypto/sign.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * partial -- wherever figures are shown, what they are not of: members who are
 * not followed (followed.h), and entries that others have told of and that are
 * not here yet (node/net/heard.h).
 */

struct store;

/* partial_text: how much of what others have told of is here, as one sentence;
 * false when it is all, as far as anybody has told. */
enum { PARTIAL_TEXT = 320 };
bool partial_text(char out[static PARTIAL_TEXT], struct store *s);

/* partial_note: that sentence and followed_note's, on stderr, where they
 * apply. */
void partial_note(struct store *s, const struct roster *roster,
		  const struct pubkey *identity);

#endif
