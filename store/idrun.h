#ifndef STORE_IDRUN_H
#define STORE_IDRUN_H

#include "store/halves.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * idrun -- the runs of the index by id, as they stand in DB_IDRUN (byid.h).
 */

struct idrun {
	uint64_t turn; /* when it was written */
	uint32_t serial;
	const uint8_t *p; /* HALF_ROW_SIZE each, in rising order; lent */
	size_t n;         /* how many */
};

/* idrun_newest: the run written last, which says whose turn it is; without one
 * all begins anew, with turn and serial 0.  ERR_FORMAT, errors of db. */
int idrun_newest(struct db *db, struct idrun *out);

/* idrun_each: visit all runs, in order; a visit that is not 0 ends it and is
 * returned.  ERR_FORMAT, errors of db. */
typedef int idrun_visit(void *arg, const struct idrun *run);
int idrun_each(struct db *db, idrun_visit *visit, void *arg);

/* idrun_is_taken: at this turn, has DB_ID what the run says of ids that begin
 * with this byte? */
bool idrun_is_taken(const struct idrun *run, uint64_t turn, uint8_t first);

/* idrun_waiting: how many of its rows, or so, DB_ID lacks at this turn. */
size_t idrun_waiting(const struct idrun *run, uint64_t turn);

/* idrun_bound: the first row that is not below these n bytes; run->n: none. */
size_t idrun_bound(const struct idrun *run, const uint8_t *p, size_t n);

/* idrun_put: write sorted rows as a run behind all others. */
int idrun_put(struct db *db, const struct halves *rows, uint64_t turn,
	      uint32_t serial);

/* idrun_drop: drop the runs of which DB_ID has all at this turn. */
int idrun_drop(struct db *db, uint64_t turn);

#endif
