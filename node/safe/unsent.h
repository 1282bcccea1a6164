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
 * (PROTOCOL.md, "Restore").  So is what stood in a feed of the home beyond the
 * place where it was proved forked, also long after the home has left its key;
 * what was recorded again once is not again.
 */

/* unsent_cut: take the entries of the home's own feed from seq `from`, at least
 * 1, out of its ledger and keep them aside, all or none.  The caller has no
 * batch open.  Errors of the store. */
int unsent_cut(struct keeper *k, uint64_t from);

/* unsent_disputed: take what was put aside of the home's own feeds that forked,
 * the newest and those before it, for recording again; nothing when none did.
 * Errors of the store. */
int unsent_disputed(struct keeper *k);

/* unsent_barred: take what does not count any more, since another identity key
 * has followed, of the home's own feed and those that it wrote before, for
 * recording again.  Errors of the store. */
int unsent_barred(struct keeper *k);

/* unsent_leave: the home's own feed, which was written here, is about to be
 * followed by another one.  In a batch.  Errors of the store. */
int unsent_leave(struct keeper *k);

/* unsent_was_own: did the home write this feed, under a node key that it has
 * left?  Errors of the store count as no. */
bool unsent_was_own(struct keeper *k, const struct pubkey *feed);

/* unsent_is_cut: was the home's own feed cut, and no new one opened yet?  Then
 * its key must not sign.  Errors of the store. */
int unsent_is_cut(struct keeper *k, bool *out);

/* unsent_reissue: record what is kept aside in the keeper's feed.  Errors of
 * keeper_record other than for a record that cannot be issued again, which
 * stays aside. */
int unsent_reissue(struct keeper *k);

#endif
