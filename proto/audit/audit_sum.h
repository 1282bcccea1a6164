#ifndef PROTO_AUDIT_AUDIT_SUM_H
#define PROTO_AUDIT_AUDIT_SUM_H

#include "proto/audit/finding.h"
#include "proto/book/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_sum -- add postings up by holder and item, and watch stock go by.
 *
 * Beside the sums it keeps every change of stock with its place, so that after
 * the last posting each holder's balance can be followed through each feed
 * (PROTOCOL.md, "QTY-01").  Parts of a ledger may be added up apart, one
 * thread each, and joined.
 */

/* The stock of one item with one holder. */
struct account {
	struct holder holder;
	char item[LIMIT_ITEM + 1];
	int64_t col[COL_COUNT];
};

struct audit_sum; /* opaque */

/* sum_open, sum_close: ERR_NOMEM; NULL is fine. */
int sum_open(struct audit_sum **out);
void sum_close(struct audit_sum *s);

/* sum_expect: about n accounts will come.  ERR_NOMEM. */
int sum_expect(struct audit_sum *s, size_t n);

/* sum_count: accounts so far. */
size_t sum_count(const struct audit_sum *s);

/* sum_add: take a posting in; feed is the number of p->feed, in the order of
 * feeds.  ERR_NOMEM. */
int sum_add(struct audit_sum *s, const struct posting *p, uint32_t feed);

/* sum_join: take in all of `part`, which is empty afterwards.  ERR_NOMEM. */
int sum_join(struct audit_sum *s, struct audit_sum *part);

/* A balance that went below zero. */
struct shortfall {
	const struct account *account;
	uint64_t amount; /* how far below, at the worst */
	uint32_t feed;   /* where it was first below */
	uint64_t seq;
};

/* sum_shortfalls: visit every account whose balance fell below zero somewhere
 * in a feed of its member, all that came in from other feeds counted in its
 * favour from the start, or ends below zero.  is_own tells whether a feed is
 * the member's.  Call once, after the last posting.  Stops with what visit
 * returns when that is not 0; ERR_NOMEM. */
int sum_shortfalls(struct audit_sum *s,
		   bool (*is_own)(void *arg, uint32_t feed,
				  const struct pubkey *member),
		   int (*visit)(void *arg, const struct shortfall *f),
		   void *arg);

/* sum_accounts: all accounts by rising (member, outsider, item); their count
 * in *n.  Owned by s; call it last, nothing can be added after.  Cannot
 * fail. */
const struct account *sum_accounts(struct audit_sum *s, size_t *n);

#endif
