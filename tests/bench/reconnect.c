#include "tests/bench/handshake.h"
#include "tests/bench/pair.h"

/*
 * What it costs two nodes to meet again, by the number of feeds that they
 * hold: bytes of frames both ways until both say that they hold the same,
 * without the CURVE handshake and, where something has changed, beside the
 * entries that travel.
 */

enum { CHANGED = 10 };

static double meet(struct bench *b, struct pair *p)
{
	struct peerlist_row row;

	pair_start(b, p);
	row = watch_in_step(&p->watch);
	pair_stop(p);
	return (double)(row.bytes_in + row.bytes_out);
}

static void run_same(struct bench *b, struct pair *p, struct figure *f,
		     size_t feeds)
{
	for (unsigned i = 0; i < b->runs; i++)
		figure_run(f, meet(b, p));
	figure_end(f);
	figure_note(f,
		    "%zu feeds, nothing changed; frames both ways, without "
		    "the CURVE handshake",
		    feeds);
}

/* The hub has more of some feeds; the auditor remembers where they were in
 * step, or not. */
static void run_changed(struct bench *b, struct pair *p, struct figure *f,
			const struct gen_plan *plan, bool has_cursor)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < b->runs; i++) {
		bytes = gen_append(p->hub_home, plan, i * CHANGED, CHANGED);
		if (!has_cursor)
			gen_forget(p->home);
		figure_run(f, meet(b, p) - (double)bytes);
	}
	figure_end(f);
	figure_note(f,
		    "%zu feeds, %d of them one entry longer, %s; beside the "
		    "%zu bytes of those entries",
		    plan->feeds, CHANGED,
		    has_cursor ? "with a cursor" : "without a cursor", bytes);
}

static const struct {
	enum ledger_size size;
	const char *name[3]; /* nothing changed, with a cursor, without */
} sizes[] = {
	{ LEDGER_10K,
	  { "reconnect_same_bytes", "reconnect_10_bytes_cursor",
	    "reconnect_10_bytes_digest" } },
	{ LEDGER_1K,
	  { "reconnect_same_bytes_1k", "reconnect_10_bytes_cursor_1k",
	    "reconnect_10_bytes_digest_1k" } },
	{ LEDGER_100K,
	  { "reconnect_same_bytes_100k", "reconnect_10_bytes_cursor_100k",
	    "reconnect_10_bytes_digest_100k" } },
};

static void run_size(struct bench *b, enum ledger_size size,
		     const char *const *name)
{
	struct gen_plan plan = bench_plan(b, size);
	struct figure *f[3];
	struct pair p;

	for (size_t i = 0; i < 3; i++)
		f[i] = figure_new(&b->figures, name[i], "bytes");
	pair_make(b, &p, size);
	run_same(b, &p, f[0], plan.feeds);
	run_changed(b, &p, f[1], &plan, true);
	run_changed(b, &p, f[2], &plan, false);
	pair_remove(&p);
}

/* Apart, as the figures above are what this protocol is to answer for. */
static void run_handshake(struct bench *b)
{
	struct figure *f =
		figure_new(&b->figures, "reconnect_handshake_bytes", "bytes");
	char home[BENCH_PATH];
	struct node n;

	bench_home(b, home, LEDGER_SMALL);
	node_start(b, &n, home, NULL);
	for (unsigned i = 0; i < b->runs; i++)
		figure_run(f, (double)handshake_bytes(&n, GEN_HUB));
	node_stop(&n);
	figure_end(f);
	figure_note(f, "bytes of TCP both ways before the first frame: "
		       "greeting, CURVE, READY");
}

void bench_reconnect(struct bench *b)
{
	run_handshake(b);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (sizes[i].size != LEDGER_100K || !b->is_quick)
			run_size(b, sizes[i].size, sizes[i].name);
}
