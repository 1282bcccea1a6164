#ifndef NODE_CMD_COMMITMENT_H
#define NODE_CMD_COMMITMENT_H

#include "node/cmd/recording.h"

#include <stdbool.h>

/*
 * commitment -- a text about a person, of which only a salted hash is recorded.
 *
 * PROTOCOL.md, "Private commitments".  Salt and value go to the private table
 * of this home (opened.h), where receipts find them.
 */

/* commitment_option: when the option was given, commit to its text as the
 * fact, and keep salt and text.  The last step before recording_end, because
 * what is kept stays.  A command that is repeated under its --key with the
 * same text gives the same commitment.  An exit code, after saying what is
 * wrong. */
int commitment_option(struct recording *r, const char *option, enum fact fact);

/* commitment_set: the same for a text as a fact of any form; the commitment of
 * earlier (NULL: none) stays when it is to this text.  option is what is said
 * to be wrong. */
int commitment_set(struct recording *r, struct form *form,
		   const struct record *earlier, const char *option,
		   enum fact fact, const char *text);

/* commitment_is_of: is the fact of this sort? */
bool commitment_is_of(enum fact fact);

#endif
