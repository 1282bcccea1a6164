#ifndef NODE_CMD_TELL_H
#define NODE_CMD_TELL_H

#include "node/ctl/desk.h"
#include "proto/record.h"

#include <stddef.h>
#include <stdio.h>

/*
 * tell -- records in words, for people.
 */

/* tell_fact: one fact as it would be typed, with names in place of keys and
 * handles where they are known.  Safe for a terminal. */
void tell_fact(FILE *file, struct desk *d, const struct pubkey *author,
	       enum fact fact, const struct value *v);

/* tell_line: the facts of a record on one line, those without interest to
 * people (keys, signatures, commitments) left out. */
void tell_line(FILE *file, struct desk *d, const struct pubkey *author,
	       const struct record *rec);

/* tell_all: every fact on a line of its own, names first. */
void tell_all(FILE *file, struct desk *d, const struct pubkey *author,
	      const struct record *rec);

#endif
