#ifndef STORE_CUT_H
#define STORE_CUT_H

#include "proto/evidence/evidence.h"
#include "proto/roster/roster_limit.h"
#include "store/state.h"

/*
 * cut -- where feeds end by what was proved: the tables' side of evidence.h.
 */

/* cut_load: tell a roster what is known of forks and ends, once it has all
 * roster entries; *is_damaged is set when something could not be read. */
int cut_load(struct store *s, struct roster *r, bool *is_damaged);

/* cut_end: an `end` entry was appended: keep its proof, if it is one. */
int cut_end(struct store *s, const struct entry *e);

/* cut_opened: a feed is known from now on: so are ends of it. */
int cut_opened(struct store *s);

/* cut_shrink: after solving: leave out of the roster what stands beyond the
 * limits, until nothing does. */
int cut_shrink(struct store *s);

/* cut_apply: put aside what is beyond; nothing of it counts any more. */
int cut_apply(struct store *s);

/* cut_restore: bring back from aside what belongs to a chain that was named;
 * *any tells whether something was appended. */
int cut_restore(struct store *s, bool *any);

/* cut_back: of a feed with a named chain that is not held whole, put aside what
 * is beyond its fork. */
int cut_back(struct store *s, const struct feed_limit *l);

/* cut_refuses: may an entry at this place not be appended? */
bool cut_refuses(const struct store *s, const struct entry *e,
		 const struct id *id);

enum { ASIDE_KEY_SIZE = PLACE_SIZE + HALF_SIZE, EVIDENCE_KEY = KEY_SIZE + 1 };

void evidence_key(uint8_t out[static EVIDENCE_KEY], const struct pubkey *feed,
		  enum evidence_type type);

#endif
