#ifndef STORE_UPGRADE_H
#define STORE_UPGRADE_H

#include "store/state.h"

/*
 * upgrade -- everything but the entries, made anew from the entries.
 *
 * What a node cannot get again is the entries and what only this home knows
 * (private.h): their tables never change their form, but that private rows were
 * not sealed before layout 5.  All other tables follow from them, so a ledger
 * of an earlier layout is brought up to date by emptying those and appending
 * each entry once more, feed by feed in the order of their numbers.  It takes
 * many batches; a ledger that was left half made says so, and the next upgrade
 * begins again.
 */

/* upgrade_clear: empty what follows from the entries; in a write transaction of
 * the db. */
int upgrade_clear(struct db *db);

/* upgrade_refill: append every entry once more; no batch is open, and the
 * store's memory is that of an empty ledger.  ERR_FORMAT: an entry is damaged,
 * and then the ledger stays half made. */
int upgrade_refill(struct store *s);

/* upgrade_private: seal the private rows that are not; no batch is open. */
int upgrade_private(struct store *s);

#endif
