#ifndef PROTO_ROSTER_FOLD_H
#define PROTO_ROSTER_FOLD_H

#include "proto/record.h"
#include "proto/roster.h"

/*
 * roster_fold -- the inside of a roster: what was said, and what follows.
 *
 * Only roster.c and roster_fold.c include this.  `said` holds copies of the
 * entries as they came; the arrays below it are rebuilt by roster_fold.
 */

/* One roster entry, kept whole; rec borrows from bytes. */
struct said {
	struct id id;
	struct pubkey feed;
	uint64_t seq;
	uint8_t *bytes; /* the facts, owned */
	size_t n;
	uint32_t kind;
};

/* One identity while standing is worked out. */
struct person {
	struct member m;
	bool is_placed; /* m.depth is known */
	bool has_dismissal;
	size_t dismissal; /* index of the `dismiss` whose pins bite */
	unsigned dismissal_depth;
};

/* One admission, valid or not yet. */
struct admission {
	size_t said;   /* index of the `admit` */
	size_t author; /* person */
	size_t who;    /* person */
	bool is_valid; /* its author might, and was above */
	bool is_taken; /* dismissed or replaced */
};

struct roster {
	struct id network;
	bool has_charter;
	struct charter charter;
	bool is_dirty;

	struct said *said;
	size_t said_n, said_max;

	struct roster_feed *feeds; /* rising feed */
	size_t feeds_n, feeds_max;

	struct person *people; /* rising identity */
	size_t people_n;
	struct admission *admissions; /* by author, then id */
	size_t admissions_n;
	struct member *members; /* the placed ones, rising identity */
	size_t members_n;
	struct id digest;
};

/* fold_collect: fill people and admissions from what was said and the charter,
 * nobody placed yet.  ERR_NOMEM. */
int fold_collect(struct roster *r);

/* fold_author: the person whose feed said this, SIZE_MAX when nobody's. */
size_t fold_author(const struct roster *r, const struct said *s);

/* roster_fold: rebuild people, admissions, members and every feed's
 * counted_to from what was said.  ERR_NOMEM leaves the old answers. */
int roster_fold(struct roster *r);

/* fold_release: free what roster_fold built. */
void fold_release(struct roster *r);

/* fold_person: index of an identity among people, SIZE_MAX when absent. */
size_t fold_person(const struct roster *r, const struct pubkey *identity);

/* fold_counted: how far a feed of this person counts. */
uint64_t fold_counted(const struct roster *r, size_t person,
		      const struct pubkey *feed);

/* fold_is_below: was `who` validly admitted by above, or below it? */
bool fold_is_below(const struct roster *r, size_t who, size_t above);

/* said_read: decode what was said.  Cannot fail: it was decoded before. */
void said_read(struct record *rec, const struct said *s);

#endif
