#include "proto/attest/witness.h"

#include <stdlib.h>

bool witness_may(const struct roster *roster, const struct pubkey *member,
		 const struct pubkey *log)
{
	const struct member *m = roster_member(roster, member);

	/* PROTOCOL: A cosignature counts when its author is an association, a
	 * recipient or an auditor, and not the member whose tree it is. */
	return m != NULL && !pubkey_eq(member, log) &&
	       (m->role == ROLE_ASSOCIATION || m->role == ROLE_RECIPIENT ||
		m->role == ROLE_AUDITOR);
}

static int by_member(const void *a, const void *b)
{
	const struct witnessed *x = a, *y = b;
	int c = pubkey_cmp(&x->member, &y->member);

	if (c != 0)
		return c;
	return x->time_s < y->time_s ? -1 : x->time_s > y->time_s;
}

static int by_time(const void *a, const void *b)
{
	const struct witnessed *x = a, *y = b;

	return x->time_s < y->time_s ? -1 : x->time_s > y->time_s;
}

/* Leave one word of each member, and sort by time; how many. */
static size_t settle(struct witnessed *w, size_t n, bool is_newest)
{
	size_t out = 0;

	if (n > 0)
		qsort(w, n, sizeof(*w), by_member);
	for (size_t i = 0; i < n; i++) {
		bool is_again =
			out > 0 && pubkey_eq(&w[out - 1].member, &w[i].member);

		if (!is_again)
			w[out++] = w[i];
		else if (is_newest)
			w[out - 1] = w[i];
	}
	if (out > 0)
		qsort(w, out, sizeof(*w), by_time);
	return out;
}

bool witnessed_by(uint64_t *time_s, struct witnessed *w, size_t n,
		  unsigned quorum)
{
	size_t want = quorum == 0 ? 1 : quorum;

	n = settle(w, n, false);
	if (n < want)
		return false;
	*time_s = w[want - 1].time_s;
	return true;
}

bool witnessed_since(uint64_t *time_s, struct witnessed *w, size_t n,
		     unsigned quorum)
{
	size_t want = quorum == 0 ? 1 : quorum;

	n = settle(w, n, true);
	if (n < want)
		return false;
	*time_s = w[n - want].time_s;
	return true;
}
