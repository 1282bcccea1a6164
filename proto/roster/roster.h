#ifndef PROTO_ROSTER_ROSTER_H
#define PROTO_ROSTER_ROSTER_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "proto/fact.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * roster -- who is in the network, in what role, and which feeds count.
 *
 * A pure fold of the roster entries (PROTOCOL.md, "Roster"): the same set of
 * entries gives the same roster, whatever the order they came in.  Entries are
 * added as they arrive; roster_solve, which takes time in proportion to the
 * members, must be called before the next question when roster_add has said
 * that something changed.
 *
 * A roster owns copies of all it needs.  Pointers it returns are valid until
 * the next roster_add, roster_cut or roster_solve.  One thread at a time.
 */

struct roster; /* opaque */

/* A person or organisation; once dismissed, entries up to the pins count. */
struct member {
	struct pubkey identity; /* the first one, for ever */
	struct pubkey key;      /* the identity key in force */
	unsigned depth;         /* founders 0 */
	enum role role;
	bool may_admit;
	bool is_standing; /* false once dismissed */
	char label[LIMIT_LABEL + 1];
	char name[LIMIT_NAME + 1]; /* "" when none was given */
	char place[LIMIT_PLACE + 1];
	struct pubkey admitter;    /* zero for a founder */
	struct pubkey association; /* the association it books to */
	struct pubkey dismisser;   /* who set the pins; zero while it stands */
};

/* A node's feed and whose it is. */
struct roster_feed {
	struct pubkey feed;
	struct pubkey identity;  /* whose it is: the member's first one */
	struct pubkey certifier; /* the key that opened it */
	struct curvekey transport;
	uint64_t counted_to; /* entries up to this seq; UINT64_MAX: all */
	struct id pin;       /* only that chain counts; zero: any */
};

/* roster_open: an empty roster of one network, solved.  ERR_NOMEM.
 * roster_close: NULL is fine. */
int roster_open(struct roster **out, const struct id *network);
void roster_close(struct roster *r);

/* roster_add: take in one entry, in any order, at most one of each place of a
 * feed; what says nothing about standing, or is malformed, is ignored.  Sets
 * *changed when roster_solve is needed before the next question; an `open` of a
 * known member needs none: its feed is there at once.  The certificate of an
 * `open` is verified here.  ERR_NOMEM. */
int roster_add(struct roster *r, bool *changed, const struct entry *e,
	       const struct id *id);

/* roster_readd: the same for an entry that roster_add has taken before and
 * that was kept on a disk of ours since: no signature is checked again. */
int roster_readd(struct roster *r, bool *changed, const struct entry *e,
		 const struct id *id);

/* roster_certified: is e an `open` whose certificate is its identity's, so that
 * roster_readd may take it? */
bool roster_certified(const struct id *network, const struct entry *e);

/* roster_cut: forget the entries of feed above seq (a fork was found); solve
 * before the next question. */
void roster_cut(struct roster *r, const struct pubkey *feed, uint64_t seq);

/* roster_solve: work out standing.  ERR_NOMEM leaves the old answers. */
int roster_solve(struct roster *r);

/* roster_network: the network id given to roster_open.  roster_charter: the
 * one in force; NULL until the one whose hash is the network id is here. */
const struct id *roster_network(const struct roster *r);
const struct charter *roster_charter(const struct roster *r);

/* roster_member: by any of its identity keys, NULL when never admitted.
 * roster_count, roster_at: all members in rising order. */
const struct member *roster_member(const struct roster *r,
				   const struct pubkey *identity);
size_t roster_count(const struct roster *r);
const struct member *roster_at(const struct roster *r, size_t i);

/* roster_feed: a feed whose `open` is here and valid, NULL otherwise.  Its
 * identity may be unknown to roster_member: then counted_to is 0. */
const struct roster_feed *roster_feed(const struct roster *r,
				      const struct pubkey *feed);

/* roster_feed_count, roster_feed_at: all opened feeds in rising order. */
size_t roster_feed_count(const struct roster *r);
const struct roster_feed *roster_feed_at(const struct roster *r, size_t i);

/* roster_is_below: was `who` admitted by `above`, or by someone below it?
 * Admissions that were taken away since are among those asked.  roster_above:
 * visit all of whom that is so, once each; other than 0 ends it. */
bool roster_is_below(const struct roster *r, const struct pubkey *who,
		     const struct pubkey *above);
typedef int roster_visit(void *arg, const struct member *m);
int roster_above(const struct roster *r, const struct pubkey *who,
		 roster_visit *visit, void *arg);

/* roster_is_vouched: is this an identity key of a founder, or of somebody whom
 * others than sender and those below it admitted; and named by none of these
 * (PROTOCOL.md, "Vouching")?  What makes an acknowledgement grade A. */
bool roster_is_vouched(const struct roster *r, const struct pubkey *key,
		       const struct pubkey *sender);

/* roster_may_admit: does it stand and may admit?  Its feeds travel first. */
bool roster_may_admit(const struct roster *r, const struct pubkey *identity);

/* roster_standing_admit: the admission of who by author that stands, which a
 * later one replaces and a dismissal takes away; false when there is none. */
bool roster_standing_admit(const struct roster *r, struct id *out,
			   const struct pubkey *who,
			   const struct pubkey *author);

/* roster_party_name: the public name that author gave an outsider, with its
 * NUL; of several the one in the smallest entry id.  False when none. */
bool roster_party_name(const struct roster *r, char out[static LIMIT_NAME + 1],
		       const struct pubkey *author, const struct tag *outsider);

/* roster_addresses: the newest addresses of a feed's node into out as
 * NUL-terminated texts; their count. */
size_t roster_addresses(const struct roster *r, const struct pubkey *feed,
			char out[static LIMIT_ADDRESSES][LIMIT_ADDRESS + 1]);

/* roster_reader: r once more, for another thread to ask while r itself is asked
 * and nothing is added to it.  Borrows all from r; roster_reader_close before
 * r changes or ends; NULL is fine.  ERR_NOMEM. */
int roster_reader(struct roster **out, const struct roster *r);
void roster_reader_close(struct roster *reader);

/* roster_digest: a digest of everything solved, to compare two rosters. */
struct id roster_digest(const struct roster *r);

#endif
