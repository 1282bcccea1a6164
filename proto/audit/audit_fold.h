#ifndef PROTO_AUDIT_AUDIT_FOLD_H
#define PROTO_AUDIT_AUDIT_FOLD_H

#include "proto/audit/audit.h"
#include "proto/audit/audit_index.h"
#include "proto/book/catalog.h"

/*
 * audit_fold -- what the parts of an audit share while it is made; only
 * audit*.c include this.
 */

/* What is needed while folding and not afterwards. */
struct fold {
	struct audit *a;
	const struct audit_crew *crew; /* NULL: nobody to help */
	struct audit_feed *feeds;
	size_t feeds_n;
	struct audit_index *index;
	struct catalog catalog;
	size_t forks_max;
	struct rules *rules; /* audit_rules.h */
};

/* fold_forks: once the roster has all that was said: which feeds end before
 * their newest entries, and leave these out; solves the roster.  find_forks:
 * the findings.  ERR_NOMEM. */
int fold_forks(struct fold *f, const struct audit_proofs *proofs);
int find_forks(struct fold *f);

/* fold_book: every record that counts into a->sum, with the findings about
 * records; and the catalog.  ERR_NOMEM. */
int fold_book(struct fold *f);

/* fold_figures: accounts, items, associations out of a->sum.  ERR_NOMEM. */
int fold_figures(struct fold *f);

/* fold_name: the label of a feed's member, or the beginning of the feed's
 * name. */
void fold_name(const struct fold *f, char *out, size_t max,
	       const struct pubkey *feed);

#endif
