#include "tests/bench/bench.h"

#include "tests/bench/curve.h"
#include "tests/bench/lmdb.h"
#include "tests/bench/watch.h"

#include <stdio.h>

/*
 * A whole ledger from one real node to another that has nothing, over CURVE on
 * loopback, both durable: from when the empty node is ready until its disk has
 * every entry.
 */

enum { REPLICATE_S = 600 };

static double replicate_run(struct bench *b, const char *from, const char *home,
			    const struct gen_plan *plan)
{
	struct node hub, node;
	struct watch w;
	char peer[256];
	double at;

	gen_empty(home, plan);
	node_start(b, &hub, from, NULL);
	peer_text(peer, sizeof(peer), &hub, GEN_HUB);
	node_start(b, &node, home, peer);
	at = bench_now();
	watch_open(&w, home);
	if (!watch_until(&w, plan->entries, REPLICATE_S, NULL, NULL))
		bench_stop("replication stopped at %llu of %zu entries",
			   (unsigned long long)watch_entries(&w),
			   plan->entries);
	at = bench_now() - at;
	watch_in_step(&w);
	watch_close(&w);
	node_stop(&node);
	node_stop(&hub);
	return at;
}

void bench_replicate(struct bench *b)
{
	struct figure *f = figure_new(&b->figures, "replicate", "entries/s");
	struct figure *l =
		figure_new(&b->figures, "replicate_limit", "entries/s");
	struct gen_plan plan = bench_plan(b, LEDGER_SMALL);
	char from[BENCH_PATH], home[BENCH_PATH], ledger[BENCH_PATH];
	struct gen g;

	bench_home(b, from, LEDGER_SMALL);
	bench_join(home, b->dir, "home-replica");
	gen_load(&g, from, &plan);
	for (unsigned i = 0; i < b->runs; i++) {
		figure_run(f, (double)plan.entries /
				      replicate_run(b, from, home, &plan));
		figure_run(l, (double)plan.entries / curve_run(b, &g));
	}
	gen_close(&g);
	figure_end(f);
	figure_end(l);
	bench_join(ledger, home, "ledger");
	figure_note(f, "%zu entries, %zu feeds, both durable", plan.entries,
		    plan.feeds);
	figure_note(f, "%.0f bytes of disk an entry at the receiver",
		    (double)lmdb_used(ledger) / (double)plan.entries);
	figure_note(l, "CURVE, BLAKE2b, LMDB; synced every %d KiB",
		    CURVE_BATCH / 1024);
	figure_against(&b->figures, f, "replicate_limit");
}
