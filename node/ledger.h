#ifndef NODE_LEDGER_H
#define NODE_LEDGER_H

#include "node/home.h"
#include "store/store.h"

/*
 * ledger -- opening the ledger of a home, whichever version of Maillon wrote
 * it.
 *
 * One of an earlier layout is brought up to date first, under the home's lock,
 * and the person is told, because it takes a while: some twenty seconds for a
 * million entries.
 */

/* ledger_open: as store_open.  ERR_BUSY: it must be brought up to date, and
 * another process holds the lock. */
int ledger_open(struct store **out, const struct home *home,
		enum store_mode mode);

/* ledger_write: the same for whoever holds the lock. */
int ledger_write(struct store **out, const struct home *home,
		 enum store_mode mode);

#endif
