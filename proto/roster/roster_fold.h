#ifndef PROTO_ROSTER_ROSTER_FOLD_H
#define PROTO_ROSTER_ROSTER_FOLD_H

#include "proto/record.h"
#include "proto/roster/keys.h"
#include "proto/roster/limits.h"
#include "proto/roster/roster.h"
#include "proto/roster/said.h"
#include "proto/value.h"

/*
 * roster_fold -- the inside of a roster: what was said, and what follows.
 *
 * Only roster*.c include this.  `said` (said.h) holds copies of the entries as
 * they came and is only added to; a fold is rebuilt from it as a whole.
 */

/* One identity that founded, or that somebody said to admit. */
struct person {
	struct member m;
	bool is_placed;      /* m.depth is known */
	struct id dismissal; /* which set the pins, once dismissed */
	/* slices [at, end) of the fold's arrays */
	size_t admitted, admitted_end; /* admissions of it */
	size_t gave, gave_end;         /* those it gave */
	size_t verdict, verdict_end;   /* on it */
	size_t pin, pin_end;           /* of it, once dismissed */
	size_t keys, keys_end;         /* after its first one */
};

/* One admission, valid or not. */
struct admission {
	size_t said; /* the `admit` */
	struct id id;
	size_t author; /* person */
	size_t who;    /* person */
	bool is_valid; /* its author might, and was above */
	bool is_replaced;
	bool is_dismissed;
	bool is_pinned; /* by the dismissal that set the pins */
};

/* One `dismiss` or `release` by somebody who may be placed. */
struct verdict {
	size_t said, author; /* person */
};

struct fold {
	struct person *people; /* rising identity */
	size_t people_n;
	struct admission *admissions; /* by who, author, id */
	size_t admissions_n;
	size_t *gave;             /* admissions by author */
	struct verdict *verdicts; /* by whom they are on, then id */
	size_t verdicts_n;
	struct position *pins; /* by person, then feed; each feed once */
	size_t pins_n, pins_max;
	size_t *members; /* the placed people, rising identity */
	size_t members_n;
	size_t *queue; /* the placed people, least deep first */
	size_t *climb; /* scratch of fold_is_below, people_n each */
	bool *is_seen;
	struct id *ids; /* scratch of fold_judge, LIMIT_PINS each */
	struct position *positions;
	struct feed_limit *limits; /* rising feed */
	size_t limits_n;
	struct id digest;
	struct hasher unlimited; /* the same before the limits, */
	struct hasher keyless;   /* and where members are without keys */
	struct charter charter;  /* in force; no founders: not here yet */
	struct id charter_id;
	uint64_t amended;            /* its number */
	struct sponsored *sponsored; /* limits.h, as added */
	size_t sponsored_n;
	struct edge *edges; /* keys.h; kept from pass to pass */
	size_t edges_n, passes;
	struct alias *aliases; /* rising key */
	size_t aliases_n;
	struct pubkey *keys; /* later keys, by person, in order */
	size_t keys_n, keys_max;
	struct bar *bars; /* rising feed */
	size_t bars_n, bars_max;
};

struct roster {
	struct id network;
	bool has_charter;
	struct charter charter; /* the first one */
	bool is_dirty;
	bool has_early; /* was something said by a feed not open yet? */
	bool has_rotations;

	struct said *said;
	size_t said_n, said_max;
	uint32_t *notes; /* addresses and parties, by kind and key */
	size_t notes_n, notes_max;

	struct roster_feed *feeds;
	size_t feeds_n, feeds_max;
	uint32_t *order; /* the feeds, rising */
	size_t order_max;

	struct feed_limit *limits; /* rising feed; nothing solved in them */
	size_t limits_n, limits_max;
	struct attested *attested;
	size_t attested_n, attested_max;
	struct proof *proofs; /* what was found out of them stays found */
	size_t proofs_n, proofs_max;
	struct tick *ticks;
	size_t ticks_n, ticks_max;

	struct fold fold;
};

/* fold_collect: fill people, admissions and verdicts of an empty fold from
 * what was said and the charter in force, nobody placed yet.  ERR_NOMEM. */
int fold_collect(struct fold *f, const struct roster *r);

/* fold_judge: of a person all of whose admissions are known, whose admitters
 * and those above them are judged: replace, dismiss, pin, settle.
 * ERR_NOMEM. */
int fold_judge(struct fold *f, const struct roster *r, size_t who);

/* roster_fold: rebuild the fold and every feed's counted_to from what was
 * said.  ERR_NOMEM leaves the old answers. */
int roster_fold(struct roster *r);

/* fold_release: free what a fold owns. */
void fold_release(struct fold *f);

/* fold_person: index of an identity among people, SIZE_MAX when absent. */
size_t fold_person(const struct fold *f, const struct pubkey *identity);

/* fold_counted: how far a feed of this person (SIZE_MAX: nobody) counts, and
 * the id of its pin. */
uint64_t fold_counted(const struct fold *f, struct id *pin, size_t person,
		      const struct pubkey *feed);

/* fold_heard: does what was said by this person count? */
bool fold_heard(const struct fold *f, size_t author, const struct said *s);

/* fold_is_below: was `who` validly admitted by above, or below it? */
bool fold_is_below(const struct fold *f, size_t who, size_t above);

/* fold_climb: `who` and all above it into `climb`; how many, 0: not placed. */
size_t fold_climb(const struct fold *f, size_t who);

#endif
