#ifndef TESTS_BENCH_RUN_H
#define TESTS_BENCH_RUN_H

#include "tests/bench/bench.h"

#include <stddef.h>
#include <sys/types.h>

/*
 * run -- the real program: commands to their end, and nodes that stay.
 */

enum { RUN_ARGS = 24 };

/* run_command: maillon with these arguments (NULL ends them) to its end, what
 * it prints going to the file out.  Its exit code in *code; returns seconds. */
double run_command(const struct bench *b, const char *const *args,
		   const char *out, int *code);

/* A node that runs. */
struct node {
	pid_t pid;
	int out;           /* its stdout */
	char address[160]; /* where it listens */
	double ready_s;    /* from the start until it said so */
};

/* node_start: `maillon up` in a home, listening on loopback, dialling peer
 * when that is not NULL; returns when it is ready.  What it says goes to a
 * log beside the home. */
void node_start(const struct bench *b, struct node *n, const char *home,
		const char *peer);

/* node_stop: SIGTERM, or SIGKILL, and wait. */
void node_stop(struct node *n);
void node_kill(struct node *n);

/* node_private_kb: memory of its own now: RssAnon, so without the pages of the
 * ledger's file, which the system keeps as long as it has room. */
size_t node_private_kb(const struct node *n);

#endif
