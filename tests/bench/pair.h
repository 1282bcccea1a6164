#ifndef TESTS_BENCH_PAIR_H
#define TESTS_BENCH_PAIR_H

#include "tests/bench/bench.h"
#include "tests/bench/run.h"
#include "tests/bench/watch.h"

/*
 * pair -- two nodes that know each other, the hub and the auditor, who dials.
 */
struct pair {
	char hub_home[BENCH_PATH], home[BENCH_PATH];
	struct node hub, node;
	struct watch watch;
};

/* pair_make: both hold the same ledger, in homes of their own. */
void pair_make(struct bench *b, struct pair *p, enum ledger_size size);
void pair_remove(struct pair *p);

/* pair_start, pair_stop: run both; the watch is on the auditor's. */
void pair_start(struct bench *b, struct pair *p);
void pair_stop(struct pair *p);

#endif
