#ifndef PROTO_ROSTER_AMENDMENT_H
#define PROTO_ROSTER_AMENDMENT_H

#include "proto/roster/roster.h"

/*
 * amendment -- how the founders change their charter (PROTOCOL.md,
 * "Amendments").
 *
 * A part of the roster: roster_charter is the charter in force, which the
 * amendments agreed so far have made of the first one.
 */

/* roster_first_charter: the one whose hash is the network id, which a bundle
 * and a founder's `open` carry; NULL until it is here. */
const struct charter *roster_first_charter(const struct roster *r);

/* roster_amended: the number of the amendment in force, 0 for none, and the id
 * of the charter in force: the network's, for none. */
uint64_t roster_amended(const struct roster *r, struct id *charter);

/* amendment_keeps: may `next` follow `now`: is it about the same network, and
 * are all founders still there? */
bool amendment_keeps(const struct charter *now, const struct charter *next);

/* roster_depends: is who the sender, below it, or there by an amendment that
 * one of those signed? */
bool roster_depends(const struct roster *r, const struct pubkey *who,
		    const struct pubkey *sender);

/* A charter that some founders want next, too few of them so far. */
struct proposal {
	struct id id; /* of its bytes */
	struct charter charter;
	struct pubkey by[LIMIT_FOUNDERS]; /* who signed it, rising */
	size_t by_n;
};

typedef int proposal_visit(void *arg, const struct proposal *p);

/* roster_proposals: each charter that founders want next, in rising order of
 * id; stop when visit does not return 0, and return that.  ERR_NOMEM. */
int roster_proposals(const struct roster *r, proposal_visit *visit, void *arg);

#endif
