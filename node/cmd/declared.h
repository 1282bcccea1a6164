#ifndef NODE_CMD_DECLARED_H
#define NODE_CMD_DECLARED_H

#include "node/cmd/recording.h"
#include "proto/book/catalog.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * declared -- what the declarations of items say about a record that is being
 * made: odd things are remarked upon (remark.h), none is refused, because a
 * declaration may be wrong, and somebody else's.
 */

/* declared_services: how many of n lines are of items declared as services. */
size_t declared_services(const struct catalog *c, const struct line *lines,
			 size_t n);

/* declared_fits: are all lines of a delivery services where it says that it is
 * one, and none where it does not? */
bool declared_fits(const struct catalog *c, const struct record *rec);

/* declared_remark: services that are put on a shelf or taken off one, an item
 * that is declared anew with less or that somebody above has declared, a
 * verdict on what nobody knows.  Says nothing when the ledger cannot be
 * read. */
void declared_remark(struct recording *r);

#endif
