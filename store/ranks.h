#ifndef STORE_RANKS_H
#define STORE_RANKS_H

#include "store/state.h"
#include "store/totals.h"

/*
 * ranks -- the rows that stand for members, for those who do not load the
 * roster: pure functions of the solved roster.
 *
 *   RANK_OF, identity                -> depth, role, association, label
 *   RANK_LABEL, label, 0, identity   -> nothing
 *   RANK_ABOVE, above, association   -> nothing; above is the association
 *                                       itself, one above it, and zero
 */

enum rank_key { RANK_OF, RANK_LABEL, RANK_ABOVE };

enum {
	RANK_KEY_SIZE = 1 + 2 * KEY_SIZE + 1,      /* at most */
	RANK_SIZE = 1 + 1 + KEY_SIZE + LIMIT_LABEL /* at most */
};

/* rank_of_key, rank_label_key, rank_above_key: keys, and prefixes of keys when
 * the last is NULL; their length. */
size_t rank_of_key(uint8_t out[static RANK_KEY_SIZE],
		   const struct pubkey *identity);
size_t rank_label_key(uint8_t out[static RANK_KEY_SIZE], const char *label,
		      const struct pubkey *identity);
size_t rank_above_key(uint8_t out[static RANK_KEY_SIZE],
		      const struct pubkey *above,
		      const struct pubkey *association);

/* rank_decode: a row of RANK_OF.  ERR_FORMAT. */
int rank_decode(struct rank_row *out, const struct pubkey *identity,
		struct span value);

/* ranks_each: visit the rows of one member. */
int ranks_each(struct store *s, const struct member *m, db_visit *visit,
	       void *arg);

/* ranks_put: write the rows of one member who is new, in a batch. */
int ranks_put(struct store *s, const struct pubkey *identity);

/* ranks_rebuild: write all rows anew, in a batch. */
int ranks_rebuild(struct store *s);

#endif
