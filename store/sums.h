#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "store/state.h"
#include "store/totals.h"

/*
 * sums -- how totals follow from balances, and funds from purses.
 *
 * A balance goes into several sums: everybody's, that of the association which
 * its holder books to, and those of all associations above (totals.h).  The
 * roster decides, so when it moves who was there before, all sums are made
 * anew from the balances.
 */

enum {
	TOTAL_KEY_SIZE = 1 + KEY_SIZE + LIMIT_ITEM,     /* at most */
	FUND_KEY_SIZE = 2 * KEY_SIZE + 3 + LIMIT_LABEL, /* at most */
	PURSE_KEY_SIZE = KEY_SIZE + 3 + LIMIT_LABEL     /* at most */
};

/* total_key: scope, party unless the scope is TOTAL_ALL, item; or without the
 * item; its length. */
size_t total_key(uint8_t out[static TOTAL_KEY_SIZE], enum total_scope scope,
		 const struct pubkey *party, struct span item);

/* sums_add: what balances and purses add up to, into sums. */
int sums_add(struct books *sums, const struct roster *roster,
	     const struct books *of);

/* sums_stored: the same of all that is stored. */
int sums_stored(struct store *s, const struct roster *roster,
		struct books *sums);

#endif
