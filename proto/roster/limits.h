#ifndef PROTO_ROSTER_LIMITS_H
#define PROTO_ROSTER_LIMITS_H

#include "proto/roster/roster_limit.h"

/*
 * limits -- the parts of a fold that say how far feeds go, and what charter is
 * in force; only roster*.c and amendment.c include it.
 */

struct fold;

/* What an association attested of a feed that forked. */
struct attested {
	struct pubkey by; /* the feed of the `attest` */
	uint64_t by_seq;
	struct position at;
};

/* limits_forget: what was attested by a feed above seq was not. */
void limits_forget(struct roster *r, const struct pubkey *feed, uint64_t seq);

/* limits_collect: take over what is known of forks and ends, nothing resolved.
 * ERR_NOMEM. */
int limits_collect(struct fold *f, const struct roster *r);

/* limits_raise: which ends of the feeds of a person whose keys are judged were
 * raised, before its forks are. */
void limits_raise(struct fold *f, const struct roster *r, size_t who);

/* limits_judge: how far the feeds of a person go who is judged, and, for the
 * founders, of them all (ERR_NOMEM). */
void limits_judge(struct fold *f, const struct roster *r, size_t who);
int limits_founders(struct fold *f, const struct roster *r);

/* limits_end: where its identity closed the feed, or where that was raised to;
 * seq 0: nowhere. */
const struct position *limits_end(const struct feed_limit *l);

/* What is known of a signature that came with a `resolve`. */
struct proof_seen {
	struct pubkey key;
	bool is_checked, is_good; /* by that key */
};

/* By the key that certified the feed, and by the one in force. */
struct proof {
	struct proof_seen by[2];
};

/* limits_find: NULL when nothing ends the feed. */
struct feed_limit *limits_find(const struct fold *f, const struct pubkey *feed);

/* limits_undisputed: how far a feed goes before its fork and up to its end,
 * whatever is resolved or released. */
uint64_t limits_undisputed(const struct roster *r, const struct pubkey *feed);

/* A founder whom an amendment added, and the founders who signed that. */
struct sponsored {
	struct pubkey founder;
	struct pubkey by[LIMIT_FOUNDERS];
	size_t by_n;
};

/* fold_depends: is `who` the sender, below it, or there by founders of whom one
 * is?  What it says of others is then no news to the sender. */
bool fold_depends(const struct fold *f, size_t who, size_t sender);

/* fold_sponsored: who wanted this founder; NULL: it was one from the first. */
const struct sponsored *fold_sponsored(const struct fold *f,
				       const struct pubkey *founder);

/* fold_amend: the charter in force of an empty fold.  ERR_NOMEM. */
int fold_amend(struct fold *f, const struct roster *r);

#endif
