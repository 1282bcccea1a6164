#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "tests/bench/figure.h"
#include "tests/bench/gen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bench -- what the families of figures share.
 *
 * Each family measures its figures with the real program where a person would
 * wait for it, and with bare loops of library calls beside it.  A family that
 * cannot measure says why on stderr and leaves its figures out; what is our
 * own mistake stops the run.
 */

enum { BENCH_PATH = 512 };

struct bench {
	bool is_quick;
	unsigned runs;            /* of each rate */
	char dir[BENCH_PATH];     /* build/bench: homes, scratch */
	char maillon[BENCH_PATH]; /* the program */
	struct figures figures;
};

/* The ledgers, made when first asked for and kept. */
enum ledger_size {
	LEDGER_SMALL, /* replication, signatures: 1,000 feeds */
	LEDGER_1K,    /* 1,000 feeds */
	LEDGER_10K,   /* 10,000 feeds */
	LEDGER_100K   /* 100,000 feeds, of few entries */
};

/* bench_plan: how large a ledger is in this run. */
struct gen_plan bench_plan(const struct bench *b, enum ledger_size size);

/* bench_home: the path of the home of the hub with that ledger. */
void bench_home(struct bench *b, char out[static BENCH_PATH],
		enum ledger_size size);

/* bench_join: the path of name in folder dir. */
void bench_join(char out[static BENCH_PATH], const char *dir, const char *name);

/* bench_now: CLOCK_MONOTONIC in seconds. */
double bench_now(void);

/* bench_stop: say what is wrong and end the program. */
_Noreturn void bench_stop(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* bench_must: err is 0, or the program ends with what failed. */
void bench_must(int err, const char *what);

/* bench_say: a line of progress on stderr. */
void bench_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The families. */
void bench_audit(struct bench *b);
void bench_record(struct bench *b);
void bench_query(struct bench *b);
void bench_replicate(struct bench *b);
void bench_node(struct bench *b);
void bench_reconnect(struct bench *b);
void bench_idle(struct bench *b);

#endif
