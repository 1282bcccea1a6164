#ifndef NODE_SAFE_UNSENT_H
#define NODE_SAFE_UNSENT_H

#include "node/keeper.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * unsent -- what an old copy of a home recorded and never sent.
 *
 * Its peers hold other entries in those places of its feed, so these can never
 * be on it: they are kept aside in the private table, taken out of the ledger,
 * and recorded once more in the new feed, with their old ids as orphans
 * (PROTOCOL.md, "Restore").
 */

/* unsent_cut: take the entries of the home's own feed from seq `from`, at least
 * 1, out of its ledger and keep them aside, all or none.  The caller has no
 * batch open.  Errors of the store. */
int unsent_cut(struct keeper *k, uint64_t from);

/* unsent_disputed: take what was put aside of the home's own feed, which
 * forked, for recording again; nothing when it was not.  Errors of the
 * store. */
int unsent_disputed(struct keeper *k);

/* unsent_barred: take what the home's own feed holds above seq for recording
 * again: another identity key has followed, and it does not count.  Errors of
 * the store. */
int unsent_barred(struct keeper *k, uint64_t seq);

/* unsent_is_cut: was the home's own feed cut, and no new one opened yet?  Then
 * its key must not sign.  Errors of the store. */
int unsent_is_cut(struct keeper *k, bool *out);

/* unsent_reissue: record what is kept aside in the keeper's feed.  Errors of
 * keeper_record other than for a record that cannot be issued again, which
 * stays aside. */
int unsent_reissue(struct keeper *k);

#endif
