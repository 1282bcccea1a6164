#include "tests/bench/bench.h"

#include "crypto/err.h"
#include "node/ctl/ctl.h"
#include "node/ctl/desk_wire.h"
#include "proto/record.h"
#include "store/log.h"
#include "store/store.h"
#include "tests/bench/gen_priv.h"
#include "tests/bench/pair.h"
#include "tests/bench/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A node that runs: how soon it is ready, what memory it takes and how
 * long an entry is on its way.
 */

enum { STARTS = 5, SETTLE_US = 3000000, FILL_S = 900, ROUNDS = 5 };

static void run_start(struct bench *b, const char *home)
{
	struct figure *f = figure_new(&b->figures, "start_ms", "ms");
	struct gen_plan plan = bench_plan(b, LEDGER_10K);
	struct node n;

	for (size_t i = 0; i < STARTS; i++) {
		node_start(b, &n, home, NULL);
		figure_run(f, 1000 * n.ready_s);
		node_stop(&n);
	}
	figure_end(f);
	figure_note(f, "until it listens; %zu entries, %zu feeds", plan.entries,
		    plan.feeds);
}

static void run_idle(struct bench *b, struct pair *p)
{
	struct figure *f = figure_new(&b->figures, "private_mb_idle", "MB");
	struct gen_plan plan = bench_plan(b, LEDGER_10K);

	watch_pause(SETTLE_US);
	figure_run(f, (double)node_private_kb(&p->hub) / 1024);
	figure_run(f, (double)node_private_kb(&p->node) / 1024);
	figure_end(f);
	figure_note(f, "%zu entries, %zu feeds, one peer", plan.entries,
		    plan.feeds);
}

struct memory {
	const struct node *node;
	size_t kb;
};

static void look_at_memory(void *arg)
{
	struct memory *m = arg;
	size_t kb = node_private_kb(m->node);

	if (kb > m->kb)
		m->kb = kb;
}

/* An empty node takes everything; half way it is killed and starts again. */
static void run_fill(struct bench *b, struct pair *p)
{
	struct figure *start =
		figure_new(&b->figures, "start_after_kill_ms", "ms");
	struct figure *f =
		figure_new(&b->figures, "private_mb_receiving", "MB");
	struct gen_plan plan = bench_plan(b, LEDGER_10K);
	struct memory m = { &p->node, 0 };
	double at = bench_now();
	char peer[256];
	uint64_t before;

	gen_empty(p->home, &plan);
	pair_start(b, p);
	peer_text(peer, sizeof(peer), &p->hub, GEN_HUB);
	for (uint64_t part = 1; part <= 4; part++) {
		if (!watch_until(&p->watch, plan.entries / 5 * part, FILL_S,
				 look_at_memory, &m))
			bench_stop("the node did not fill");
		watch_close(&p->watch);
		node_kill(&p->node);
		watch_open(&p->watch, p->home);
		before = watch_entries(&p->watch);
		node_start(b, &p->node, p->home, peer);
		figure_run(start, 1000 * p->node.ready_s);
		if (watch_entries(&p->watch) < before)
			bench_stop("what was committed is gone after a kill");
	}
	if (!watch_until(&p->watch, plan.entries, FILL_S, look_at_memory, &m))
		bench_stop("the node did not fill");
	at = bench_now() - at;
	watch_in_step(&p->watch);
	look_at_memory(&m);
	pair_stop(p);
	figure_end(start);
	figure_note(start, "SIGKILL while receiving");
	figure_run(f, (double)m.kb / 1024);
	figure_end(f);
	figure_note(f, "the most while %zu entries came in, in %.0f s",
		    plan.entries, at);
}

/* Ask a running node to record, as a command does. */
static struct recorded record_there(struct ctl *c, size_t n)
{
	uint8_t facts[GEN_ROOM], buf[GEN_ROOM], args[1024];
	struct draft draft = { .kind = KIND_PRODUCE,
			       .time_ms = 1585699200000 + n,
			       .facts = facts };
	struct recorded out;
	struct record rec;
	struct rd reply;
	struct wr w;
	size_t bad;

	gen_produce(&rec, buf, n, n);
	bench_must(record_encode(&rec, facts, sizeof(facts), &draft.facts_n),
		   "a draft");
	wr_init(&w, args, sizeof(args));
	wire_put_drafts(&w, &draft, 1);
	bench_must(ctl_call(c, &reply, "record", &w, 1, 10000), "recording");
	bench_must(wire_get_recorded(&reply, &out, 1, &bad), "recording");
	return out;
}

static double latency(struct ctl *c, struct watch *w, size_t n)
{
	double at = bench_now(), end = at + 10;
	struct recorded made = record_there(c, n);
	struct head head = { .seq = 0 };

	while (head.seq < made.seq) {
		bench_must(store_head(w->store, &made.feed, &head), "a head");
		if (bench_now() > end)
			bench_stop("an entry did not arrive");
		if (head.seq < made.seq)
			watch_pause(20);
	}
	return 1000 * (bench_now() - at);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void run_latency(struct bench *b, struct pair *p)
{
	struct figure *p50 = figure_new(&b->figures, "latency_ms_p50", "ms");
	struct figure *p99 = figure_new(&b->figures, "latency_ms_p99", "ms");
	size_t each = b->is_quick ? 100 : 400;
	double *ms = calloc(each, sizeof(*ms));
	struct watch hub;
	struct ctl c;

	if (ms == NULL)
		bench_stop("no memory");
	pair_start(b, p);
	watch_in_step(&p->watch);
	watch_open(&hub, p->hub_home);
	bench_must(ctl_connect(&c, hub.socket), hub.socket);
	watch_close(&hub);
	for (size_t r = 0; r < ROUNDS; r++) {
		for (size_t i = 0; i < each; i++)
			ms[i] = latency(&c, &p->watch, r * each + i);
		qsort(ms, each, sizeof(*ms), by_value);
		figure_run(p50, ms[each / 2]);
		figure_run(p99, ms[each * 99 / 100]);
	}
	ctl_close(&c);
	pair_stop(p);
	free(ms);
	figure_end(p50);
	figure_end(p99);
	figure_note(p50,
		    "from asking a node to record, synced there, to synced "
		    "at its peer");
	figure_note(p99, "%d rounds of %zu", ROUNDS, each);
}

void bench_node(struct bench *b)
{
	struct pair p;

	pair_make(b, &p, LEDGER_10K);
	run_start(b, p.hub_home);
	pair_start(b, &p);
	watch_in_step(&p.watch);
	run_idle(b, &p);
	pair_stop(&p);
	run_fill(b, &p);
	pair_remove(&p);
	pair_make(b, &p, LEDGER_SMALL);
	run_latency(b, &p);
	pair_remove(&p);
}
