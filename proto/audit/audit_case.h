#ifndef PROTO_AUDIT_AUDIT_CASE_H
#define PROTO_AUDIT_AUDIT_CASE_H

#include "proto/audit/audit_fold.h"

/*
 * audit_case -- one time that a rule did not hold, before it is told.
 *
 * A rule may fail for a hundred thousand records of one member.  Each is a
 * case, which is small; those of one code, member and item become one finding,
 * with the sum of their amounts and the earliest entries.  Only audit*.c
 * include this.
 */

struct audit_case {
	enum finding_code code;
	uint32_t feed, at;        /* the entry: number of its feed, seq - 1 */
	const struct member *who; /* whom it is about; NULL: nobody */
	const char *item;         /* borrowed of the entry; NULL: none */
	size_t item_n;
	uint64_t amount;
};

struct cases {
	struct audit_case *at; /* owned */
	size_t n, max;
};

/* cases_add: copy one to the end.  ERR_NOMEM. */
int cases_add(struct cases *all, const struct audit_case *one);

/* cases_join: all of more as well, which stays as it is.  ERR_NOMEM. */
int cases_join(struct cases *all, const struct cases *more);

/* cases_tell: make findings of them; their order does not matter, and of an
 * entry that stands there twice under one finding one is taken.  ERR_NOMEM. */
int cases_tell(struct fold *f, struct cases *all);

/* cases_release: free; a zeroed one is fine. */
void cases_release(struct cases *all);

#endif
