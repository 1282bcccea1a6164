#ifndef TESTS_BENCH_LMDB_H
#define TESTS_BENCH_LMDB_H

#include <stddef.h>
#include <stdint.h>

/*
 * lmdb -- LMDB with nothing around it: what a bare loop writes to, and what a
 * file of it holds.
 */

struct lmdb; /* opaque */

/* lmdb_open: a new environment in folder dir, made anew, default flags. */
struct lmdb *lmdb_open(const char *dir);
void lmdb_close(struct lmdb *l);

/* lmdb_begin, lmdb_put, lmdb_commit: one table, key (no, seq); a commit is
 * synced. */
void lmdb_begin(struct lmdb *l);
void lmdb_put(struct lmdb *l, uint32_t no, uint64_t seq, const void *p,
	      size_t n);
void lmdb_commit(struct lmdb *l);

/* lmdb_used: bytes of the pages in use in the environment in folder dir. */
size_t lmdb_used(const char *dir);

#endif
