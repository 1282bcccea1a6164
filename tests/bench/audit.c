#include "tests/bench/bench.h"

#include "proto/entry.h"
#include "tests/bench/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The audit as a person runs it, from a cold process to the printed line, and
 * beside it what nobody can do without: the hash of every entry, and a
 * signature of each feed and of every 256th entry.
 */

enum { REPORT = 64 };

struct variant {
	const char *name;
	enum ledger_size size;
	const char *threads;
	bool every_signature;
};

/* The report's hash out of the line that was printed. */
static void read_report(char out[static REPORT + 1], const char *path)
{
	static const char key[] = "\"report\":\"";
	char tail[256];
	FILE *f = fopen(path, "r");
	size_t n = 0;
	char *at;

	if (f != NULL && fseek(f, -200, SEEK_END) == 0)
		n = fread(tail, 1, sizeof(tail) - 1, f);
	tail[n] = '\0';
	if (f != NULL)
		fclose(f);
	at = strstr(tail, key);
	if (at == NULL || strlen(at) < sizeof(key) + REPORT)
		bench_stop("the audit printed no report");
	memcpy(out, at + sizeof(key) - 1, REPORT);
	out[REPORT] = '\0';
}

/* Runs of one variant; its report, which is the same in each. */
static void run_variant(struct bench *b, const struct variant *v,
			struct figure *f, char report[static REPORT + 1])
{
	char home[BENCH_PATH], out[BENCH_PATH];
	struct gen_plan plan = bench_plan(b, v->size);

	bench_home(b, home, v->size);
	bench_join(out, b->dir, "audit.json");
	for (unsigned i = 0; i < b->runs; i++) {
		const char *args[] = { "--home",
				       home,
				       "audit",
				       "--json",
				       "--threads",
				       v->threads,
				       v->every_signature ? "--every-signature"
							  : NULL,
				       NULL };
		char again[REPORT + 1];
		int code;
		double s = run_command(b, args, out, &code);

		if (code != 0)
			bench_stop("the audit of %s ended with %d", home, code);
		read_report(again, out);
		if (i > 0 && strcmp(report, again) != 0)
			bench_stop("two audits of %s differ", home);
		memcpy(report, again, sizeof(again));
		figure_run(f, (double)plan.entries / s);
	}
	figure_end(f);
	figure_note(f, "%zu entries, %zu feeds", plan.entries, plan.feeds);
}

/* One feed of the bare loop. */
struct bare {
	const struct gen *g;
	atomic_size_t next;
	atomic_int bad;
	bool every_signature;
};

static void bare_feed(struct bare *w, const struct gen_feed *f)
{
	struct entry e;
	uint64_t seq = 1;

	for (size_t at = 0; at < f->n; seq++) {
		const uint8_t *p = f->bytes + at + sizeof(uint32_t);
		bool is_last = seq == f->entries;
		uint32_t size;
		struct id id;

		memcpy(&size, f->bytes + at, sizeof(size));
		at += sizeof(size) + size;
		id = hash_id(p, size);
		if (is_last && !id_eq(&id, &f->tip))
			atomic_store(&w->bad, 1);
		if (!w->every_signature && !is_last && seq % 256 != 0)
			continue;
		if (entry_decode(&e, p, size) != 0 || entry_verify(&e) != 0)
			atomic_store(&w->bad, 1);
	}
}

static void *bare_work(void *arg)
{
	struct bare *w = arg;
	size_t i = atomic_fetch_add(&w->next, 1);

	while (i < w->g->plan.feeds) {
		bare_feed(w, &w->g->feeds[i]);
		i = atomic_fetch_add(&w->next, 1);
	}
	return NULL;
}

static double bare_run(const struct gen *g, bool every_signature)
{
	struct bare w = { .g = g, .every_signature = every_signature };
	double at = bench_now();
	pthread_t helper;

	if (pthread_create(&helper, NULL, bare_work, &w) != 0)
		bench_stop("no second thread");
	bare_work(&w);
	pthread_join(helper, NULL);
	if (atomic_load(&w.bad))
		bench_stop("an entry of our own does not verify");
	return bench_now() - at;
}

static void run_limit(struct bench *b, const char *name, enum ledger_size size,
		      bool every_signature)
{
	struct figure *f = figure_new(&b->figures, name, "entries/s");
	struct gen_plan plan = bench_plan(b, size);
	struct gen g;

	gen_open(&g, &plan);
	for (unsigned i = 0; i < b->runs; i++)
		figure_run(f, (double)plan.entries /
				      bare_run(&g, every_signature));
	figure_end(f);
	figure_note(f, every_signature ? "every signature, every hash"
				       : "every hash, a signature a feed and "
					 "every 256th");
	gen_close(&g);
}

void bench_audit(struct bench *b)
{
	static const struct variant chain[] = {
		{ "audit_chain_1t_1k", LEDGER_1K, "1", false },
		{ "audit_chain_2t_1k", LEDGER_1K, "2", false },
		{ "audit_chain_1t_10k", LEDGER_10K, "1", false },
		{ "audit_chain_2t_10k", LEDGER_10K, "2", false },
	};
	static const struct variant all = { "audit_signatures_2t", LEDGER_SMALL,
					    "2", true };
	char report[2][REPORT + 1];
	struct figure *f = NULL;

	for (size_t i = 0; i < 4; i++) {
		f = figure_new(&b->figures, chain[i].name, "entries/s");
		run_variant(b, &chain[i], f, report[i % 2]);
		if (i % 2 == 1 && strcmp(report[0], report[1]) != 0)
			bench_stop("one thread and two differ");
	}
	run_limit(b, "audit_limit_2t_10k", LEDGER_10K, false);
	figure_against(&b->figures, f, "audit_limit_2t_10k");
	f = figure_new(&b->figures, all.name, "entries/s");
	run_variant(b, &all, f, report[0]);
	run_limit(b, "verify_limit_2t", LEDGER_SMALL, true);
	figure_against(&b->figures, f, "verify_limit_2t");
}
