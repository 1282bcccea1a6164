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

/* One audit; the entries a second, and its report. */
static double run_variant(struct bench *b, const struct variant *v,
			  char report[static REPORT + 1])
{
	char home[BENCH_PATH], out[BENCH_PATH];
	const char *args[RUN_ARGS] = { "--home", home,        "audit",
				       "--json", "--threads", v->threads };
	int code;
	double s;

	bench_home(b, home, v->size);
	bench_join(out, b->dir, "audit.json");
	if (v->every_signature)
		args[6] = "--every-signature";
	s = run_command(b, args, out, &code);
	if (code != 0)
		bench_stop("the audit of %s ended with %d", home, code);
	read_report(report, out);
	return (double)bench_plan(b, v->size).entries / s;
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

/* A figure for each variant and the limit of the last, all in turn, so that
 * they see the same weather.  Variants of one ledger give one report. */
static void run_family(struct bench *b, const struct variant *v, size_t n,
		       const char *limit)
{
	enum ledger_size size = v[n - 1].size;
	struct gen_plan plan = bench_plan(b, size);
	bool every = v[n - 1].every_signature;
	char report[REPORT + 1], before[3][REPORT + 1] = { "", "", "" };
	struct figure *f[4], *l;
	char home[BENCH_PATH];
	struct gen g;

	for (size_t i = 0; i < n; i++)
		f[i] = figure_new(&b->figures, v[i].name, "entries/s");
	l = figure_new(&b->figures, limit, "entries/s");
	bench_home(b, home, size);
	gen_load(&g, home, &plan);
	for (unsigned run = 0; run < b->runs; run++) {
		for (size_t i = 0; i < n; i++) {
			char *same = before[v[i].size];

			figure_run(f[i], run_variant(b, &v[i], report));
			if (same[0] != '\0' && strcmp(same, report) != 0)
				bench_stop("two audits of one ledger differ");
			memcpy(same, report, sizeof(report));
		}
		figure_run(l, (double)plan.entries / bare_run(&g, every));
	}
	gen_close(&g);
	figure_end(l);
	for (size_t i = 0; i < n; i++) {
		plan = bench_plan(b, v[i].size);
		figure_end(f[i]);
		figure_note(f[i], "%zu entries, %zu feeds", plan.entries,
			    plan.feeds);
	}
	figure_against(&b->figures, f[n - 1], limit);
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
	struct figure *l;

	run_family(b, chain, 4, "audit_limit_2t_10k");
	l = &b->figures.at[b->figures.n - 1];
	figure_note(l, "BLAKE2b of every entry, Ed25519 of each feed's last "
		       "and every 256th");
	figure_note(l, "an audit verifies each feed's certificate too, and "
		       "hashes eight entries side by side");
	run_family(b, &all, 1, "verify_limit_2t");
	l = &b->figures.at[b->figures.n - 1];
	figure_note(l, "BLAKE2b and Ed25519 of every entry");
}
