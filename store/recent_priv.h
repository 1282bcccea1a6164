#ifndef STORE_RECENT_PRIV_H
#define STORE_RECENT_PRIV_H

#include "store/row.h"

/*
 * recent_priv -- what store/ does about recent entries when something moves;
 * only store/ includes it.
 */

struct store;

/* recent_passed: the head of feed no is at seq now: drop a run that ends there
 * or before, and of a feed of which nothing is left.  Costs next to nothing
 * while no runs are kept. */
int recent_passed(struct db *db, uint32_t no, uint64_t seq);

/* recent_settle: drop the runs that the roster does not let stand any more, if
 * it has changed since the last call. */
int recent_settle(struct store *s);

#endif
