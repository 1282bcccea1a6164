#ifndef TESTS_BENCH_CURVE_H
#define TESTS_BENCH_CURVE_H

#include "tests/bench/bench.h"

/*
 * curve -- replication with nothing around it.
 *
 * One process sends the runs of a whole ledger over CURVE on loopback, in the
 * frames that a node would send; the other hashes each entry and puts it into
 * LMDB, in batches of as many bytes as a node's.
 */

enum { CURVE_BATCH = 1 << 20 }; /* bytes of entries between two commits */

/* curve_run: the seconds from the first frame to the last commit. */
double curve_run(const struct bench *b, const struct gen *g);

#endif
