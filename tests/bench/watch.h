#ifndef TESTS_BENCH_WATCH_H
#define TESTS_BENCH_WATCH_H

#include "node/net/peerlist.h"
#include "tests/bench/run.h"

#include <stdint.h>

/*
 * watch -- look into the home of a node that runs: what is on its disk, whom
 * it talks to.
 */

struct watch {
	struct store *store; /* for reading */
	char socket[128];    /* where the node takes commands */
};

void watch_open(struct watch *w, const char *home);
void watch_close(struct watch *w);

/* watch_entries: how many are committed. */
uint64_t watch_entries(struct watch *w);

/* watch_until: poll until so many are; returns false when it took longer than
 * that many seconds.  each, unless NULL, is called with every look. */
bool watch_until(struct watch *w, uint64_t entries, double seconds,
		 void (*each)(void *arg), void *arg);

/* watch_in_step: wait until the node is in step with a peer; how it stands
 * with it. */
struct peerlist_row watch_in_step(const struct watch *w);

/* watch_pause: sleep for so many microseconds. */
void watch_pause(long us);

/* peer_text: what --peer takes, for a node of person `who`. */
void peer_text(char *out, size_t max, const struct node *n, size_t who);

#endif
