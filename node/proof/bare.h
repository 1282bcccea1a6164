#ifndef NODE_PROOF_BARE_H
#define NODE_PROOF_BARE_H

#include "proto/record.h"

#include <stdio.h>

/*
 * bare -- what a record says, to somebody who has no ledger: no labels, no
 * names of outsiders, only the facts.
 */

/* bare_facts: a line for each fact of a decoded record but those that hide
 * something.  Safe for a terminal. */
void bare_facts(FILE *file, const struct record *rec);

#endif
