#ifndef NODE_NET_AHEAD_H
#define NODE_NET_AHEAD_H

#include "proto/run.h"
#include "proto/session/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ahead -- a second thread checks runs before it is their turn.
 *
 * Frames that have come carry the runs of several feeds, and what run_check
 * says of one depends on its own bytes only, and on the run before it where a
 * feed goes on.  So while runs are appended and batches are written, a helper
 * rebuilds, hashes and verifies the next ones, AHEAD_ROOMS at most.  It is
 * never relied on: a run that the helper is late with, or that was never
 * offered, is checked by the caller, with the same result.  The certificate of
 * an `open` it verifies too.
 *
 * The helper starts with the first offer; with one processor there is none.
 * All functions are called by one thread.
 */

enum { AHEAD_ROOMS = 16 };

struct ahead;

/* ahead_open: ERR_NOMEM. */
int ahead_open(struct ahead **out);

/* ahead_close: ends the helper; NULL is fine. */
void ahead_close(struct ahead *a);

/* ahead_offer: these runs are likely to be checked next, in this order, behind
 * those offered before; each with its own prev, or with none (zero) when it
 * follows the one before it.  What they borrow stays as it is until they are
 * over.  More than SESSION_AHEAD at once are not looked at.  Cannot fail. */
void ahead_offer(struct ahead *a, const struct run *runs, size_t n);

/* ahead_count: how many were offered so far.  ahead_over: the first `upto` of
 * them are over, and what they borrow may go. */
uint64_t ahead_count(const struct ahead *a);
void ahead_over(struct ahead *a, uint64_t upto);

/* What is known of a run. */
struct ahead_known {
	const struct run_entry *at; /* valid until the next call of ahead_ */
	uint32_t good;
	bool is_certified; /* at[0] is an `open`, and roster_certified */
};

/* ahead_check: run_check; all of out but is_certified, which may be false, is
 * written whatever is returned. */
int ahead_check(struct ahead *a, struct ahead_known *out, const struct run *run,
		const struct id *prev);

#endif
