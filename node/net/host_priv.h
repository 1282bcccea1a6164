#ifndef NODE_NET_HOST_PRIV_H
#define NODE_NET_HOST_PRIV_H

#include "node/net/host.h"

/*
 * host_priv -- what the parts of a host do for each other: host.c has the heads
 * and the batch, host_ops.c the sessions' calls, host_cursor.c what is
 * remembered of peers, host_view.c what is followed.
 */

/* host_roster: the store's. */
const struct roster *host_roster(const struct host *h);

/* host_instance: read the name of this copy of the ledger; it is given one when
 * it has none. */
int host_instance(struct host *h);

/* host_view.c.  host_sees: may link's session see feed number no?
 * host_view_leave, _enter: the head of a feed goes, or is there.
 * host_view_place: what of the roster decides who sees a feed of m, or of
 * nobody; host_view_new: a feed enters that had no head, or had another place.
 * host_view_again: the roster has changed, and all such feeds have entered; or
 * is_anew, all heads are others.  host_digest: of the roster, as the link's
 * session is to see it.  host_follows: may these entries be taken?
 * Only ERR_NOMEM. */
int host_view_open(struct host *h);
void host_view_close(struct host *h);
bool host_sees(const struct host_link *link, uint32_t no);
void host_view_leave(struct host *h, uint32_t no);
void host_view_enter(struct host *h, uint32_t no);
void host_view_place(const struct host *h, struct host_row *row,
		     const struct member *m);
int host_view_new(struct host *h, uint32_t no);
int host_view_again(struct host *h, bool is_anew);
struct id host_digest(struct host_link *link);
bool host_follows(const struct host *h, const struct run *run);

/* host_begin: a batch for what sessions bring; the one that is open goes on.
 * Errors of store_begin. */
int host_begin(struct host *h);

/* host_show: let the sessions see where the feed stands now; has_roster: with
 * the roster solved anew. */
int host_show(struct host *h, const struct pubkey *feed, uint64_t origin,
	      bool has_roster);

/* host_turn: the same of feeds that were cut, or got entries back, while
 * something was taken in about others. */
int host_turn(struct host *h);

/* host_proved: what a proof that was taken in has changed; origin as of
 * host_show. */
int host_proved(struct host *h, const struct host_proof *proof, size_t bytes);

/* host_lose: the batch is lost to err, which is returned. */
int host_lose(struct host *h, int err);

#endif
