#ifndef PROTO_ROSTER_ROSTER_LIMIT_H
#define PROTO_ROSTER_ROSTER_LIMIT_H

#include "proto/roster/roster.h"
#include "proto/value.h"

/*
 * roster_limit -- feeds that end before their newest entry, and where
 * (PROTOCOL.md, "Forks and ends").
 *
 * A part of the roster: who may say which chain of a forked feed counts follows
 * from it, and what is heard of a feed follows from that.
 */

/* Why a feed forked, FACT_CAUSE. */
enum cause { CAUSE_COPIED_MACHINE, CAUSE_DISHONESTY };

/* How far a feed goes of which a proof is known (evidence.h). */
struct feed_limit {
	struct pubkey feed;
	uint64_t fork;       /* the lowest seq known in dispute, 0: none */
	struct position end; /* its identity closed it there; seq 0: not */
	/* What follows, once solved: */
	struct position raised; /* the end, by a release; seq 0: not */
	uint64_t limit;         /* the feed ends there */
	struct id tip; /* the entry there, when a chain was named; else zero */
	struct id
		named; /* the `resolve` that did; zero: none, or an `attest` */
	enum cause cause; /* what that says */
};

/* feed_is_healed: a `resolve` that counts put the fork down to a copied
 * machine. */
static inline bool feed_is_healed(const struct feed_limit *l)
{
	return !id_is_zero(&l->named) && l->cause == CAUSE_COPIED_MACHINE;
}

/* roster_fork, roster_end: a feed forked at seq; its identity closed it at a
 * place.  The caller has checked the proof.  Of several the lowest holds.
 * *changed: solve before the next question.  ERR_NOMEM. */
int roster_fork(struct roster *r, bool *changed, const struct pubkey *feed,
		uint64_t seq);
int roster_end(struct roster *r, bool *changed, const struct position *at);

/* roster_attested: an `attest`, to be added once for each of its places after
 * a fork was added: what it says of feeds that forked.  Others are ignored.
 * ERR_NOMEM. */
int roster_attested(struct roster *r, bool *changed, const struct entry *e);

/* roster_has_forks: is there any? */
bool roster_has_forks(const struct roster *r);

/* roster_limit: how far a feed goes, NULL when nothing ends it;
 * roster_limit_count, roster_limit_at: all of them in rising order. */
const struct feed_limit *roster_limit(const struct roster *r,
				      const struct pubkey *feed);
size_t roster_limit_count(const struct roster *r);
const struct feed_limit *roster_limit_at(const struct roster *r, size_t i);

/* roster_explained: what the `resolve` that counts says of a fork of the first
 * entry of a feed, of which no chain can be named, and whose `open` names this
 * key.  False: nothing was said. */
bool roster_explained(const struct roster *r, enum cause *out,
		      const struct pubkey *feed,
		      const struct pubkey *certifier);

/* roster_digest_of: roster_digest of the same roster with the limits of those
 * feeds only that are kept, and with members without later keys. */
typedef bool roster_keep(void *arg, const struct pubkey *feed);
struct id roster_digest_of(const struct roster *r, roster_keep *keep,
			   void *arg);

#endif
