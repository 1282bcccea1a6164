#ifndef NODE_CMD_RECOUNT_H
#define NODE_CMD_RECOUNT_H

#include "node/text/form.h"
#include "proto/record.h"

/*
 * recount -- a stock take whose count is corrected.
 *
 * A stock take holds what was counted and the difference to the book as it was
 * then (PROTOCOL.md, "Kinds").  Whoever miscounted corrects the count alone:
 * the book of then follows from the record, and the difference from both.
 */

/* recount: f is a stock take with another count than `before`, of the same
 * items; make what was found and what was missing fit.  ERR_NOT_FOUND: an item
 * that was not counted before; ERR_LIMIT: a difference beyond a record. */
int recount(struct form *f, const struct record *before);

#endif
