#ifndef STORE_FSCK_PRIV_H
#define STORE_FSCK_PRIV_H

#include "store/fsck.h"
#include "store/state.h"

/*
 * fsck_priv -- the inside of fsck: what fsck.c and fsck_book.c share.
 */
struct fsck {
	struct store *s;
	const struct fsck_hooks *hooks; /* or NULL */
	struct fsck_report report;
	uint64_t done, total;        /* entries, for progress */
	uint64_t rows;               /* entries that the feeds' rows speak of */
	uint64_t expected[DB_COUNT]; /* index rows found where they should be */
	bool is_holed; /* something could not be read to its end */
};

/* fsck_say: one thing is wrong; feed NULL when it is no feed's. */
void fsck_say(struct fsck *f, enum fsck_what what, const struct pubkey *feed,
	      uint64_t seq);

/* fsck_id_is_shared: does the place in `held` have an entry whose id begins
 * with key, too? */
bool fsck_id_is_shared(struct fsck *f, struct span key, struct span held);

/* fsck_want: how far a feed should count. */
int fsck_want(struct fsck *f, uint64_t *out, const struct feed_row *row);

/* fsck_cut: the proofs that feeds end, and what stands aside. */
int fsck_cut(struct fsck *f);

/* fsck_recent: what is kept of feeds beyond their heads. */
int fsck_recent(struct fsck *f);

/* fsck_book: compare balances and totals with a sum from nothing. */
int fsck_book(struct fsck *f);

#endif
