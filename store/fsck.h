#ifndef STORE_FSCK_H
#define STORE_FSCK_H

#include "crypto/sign.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * fsck -- read everything back and believe nothing.
 *
 * Every entry: its form, its chain, and every signature: an entry whose own
 * does not verify must be followed by one whose does (PROTOCOL.md, "Run").
 * Every index: both ways, no row missing and none too many.  The book and its
 * sums: equal to those added up from nothing.  Changes nothing; works on a
 * damaged store.
 *
 * All is read as of one moment, so a writer cannot reuse space meanwhile.
 */

enum fsck_what {
	FSCK_ENTRY,     /* an entry is missing or not canonical */
	FSCK_CHAIN,     /* an entry does not follow the one before */
	FSCK_SIGNATURE, /* no valid signature stands for an entry */
	FSCK_HEAD,      /* a feed's row is not what its entries say */
	FSCK_INDEX,     /* an index row is missing, wrong or too many */
	FSCK_ARRIVAL,   /* the arrival order is not one row a feed */
	FSCK_COUNT,     /* a feed counts further, or less far, than it may */
	FSCK_PROOF,     /* a proof of a fork or an end, or a disputed entry */
	FSCK_RECENT,    /* what is kept of a feed beyond its head */
	FSCK_BOOK,      /* a balance is not the sum of its postings */
	FSCK_SUM,       /* a sum, of an association or of all, is not that of
	                   the balances */
	FSCK_PRIVATE    /* a private row that no key opens */
};

/* One thing found wrong; the feed is zero where it is no feed's. */
struct fsck_problem {
	enum fsck_what what;
	struct pubkey feed;
	uint64_t seq;
};

struct fsck_report {
	uint64_t feeds;
	uint64_t entries;  /* read, good or bad */
	uint64_t covered;  /* signed only by a later entry */
	uint64_t rows;     /* of indexes and balances, read */
	uint64_t problems; /* 0: all is well */
};

/* What fsck tells meanwhile; either may be NULL. */
struct fsck_hooks {
	/* progress: `done` of `total` entries; other than 0 stops it. */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	/* problem: of each feed only the first bad entry, and the first
	 * missing row. */
	void (*problem)(void *arg, const struct fsck_problem *p);
	void *arg;
};

/* fsck_what_text: a short English phrase. */
const char *fsck_what_text(enum fsck_what what);

/* store_fsck: check all, outside a batch.  0 whatever was found (see
 * out->problems); ERR_STATE in a batch; what progress returned; ERR_IO,
 * ERR_NOMEM. */
int store_fsck(struct store *s, struct fsck_report *out,
	       const struct fsck_hooks *hooks);

#endif
