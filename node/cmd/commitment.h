#ifndef NODE_CMD_COMMITMENT_H
#define NODE_CMD_COMMITMENT_H

#include "node/cmd/recording.h"

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

#endif
