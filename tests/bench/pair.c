#include "tests/bench/pair.h"

void pair_make(struct bench *b, struct pair *p, enum ledger_size size)
{
	struct gen_plan plan = bench_plan(b, size);
	char from[BENCH_PATH];

	bench_home(b, from, size);
	bench_join(p->hub_home, b->dir, "pair-hub");
	bench_join(p->home, b->dir, "pair-auditor");
	gen_copy(p->hub_home, from, &plan, GEN_HUB);
	gen_copy(p->home, from, &plan, gen_auditor(&plan));
}

void pair_remove(struct pair *p)
{
	gen_remove(p->hub_home);
	gen_remove(p->home);
}

void pair_start(struct bench *b, struct pair *p)
{
	char peer[256];

	node_start(b, &p->hub, p->hub_home, NULL);
	peer_text(peer, sizeof(peer), &p->hub, GEN_HUB);
	node_start(b, &p->node, p->home, peer);
	watch_open(&p->watch, p->home);
}

void pair_stop(struct pair *p)
{
	watch_close(&p->watch);
	node_stop(&p->node);
	node_stop(&p->hub);
}
