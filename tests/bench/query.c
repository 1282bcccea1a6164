#include "tests/bench/bench.h"

#include "tests/bench/lmdb.h"
#include "tests/bench/run.h"

#include <stdio.h>
#include <sys/stat.h>

/*
 * What a person waits for who only looks: commands from a cold process, on the
 * largest ledger; and what the ledger takes of the disk.
 */

enum { QUERIES = 20 };

static void run_query(struct bench *b, const char *name,
		      const char *const *query, const char *what)
{
	struct figure *f = figure_new(&b->figures, name, "ms");
	struct gen_plan plan = bench_plan(b, LEDGER_10K);
	char home[BENCH_PATH], out[BENCH_PATH];
	const char *args[RUN_ARGS] = { "--home", home };
	struct stat st = { .st_size = 0 };

	for (size_t i = 0; query[i] != NULL; i++)
		args[2 + i] = query[i];
	bench_home(b, home, LEDGER_10K);
	bench_join(out, b->dir, "query.json");
	for (size_t i = 0; i < QUERIES; i++) {
		int code;
		double s = run_command(b, args, out, &code);

		if (code != 0)
			bench_stop("%s ended with %d", query[0], code);
		figure_run(f, 1000 * s);
	}
	stat(out, &st);
	figure_end(f);
	figure_note(f, "%s, cold process, %zu entries; prints %lld bytes", what,
		    plan.entries, (long long)st.st_size);
}

static void run_disk(struct bench *b)
{
	static const enum ledger_size sizes[] = { LEDGER_SMALL, LEDGER_1K,
						  LEDGER_10K };
	struct figure *f =
		figure_new(&b->figures, "disk_bytes_per_entry", "bytes");

	for (size_t i = 0; i < 3; i++) {
		struct gen_plan plan = bench_plan(b, sizes[i]);
		char home[BENCH_PATH], ledger[BENCH_PATH];
		struct gen g;

		bench_home(b, home, sizes[i]);
		bench_join(ledger, home, "ledger");
		figure_run(f, (double)lmdb_used(ledger) / (double)plan.entries);
		if (sizes[i] != LEDGER_SMALL)
			continue;
		gen_load(&g, home, &plan);
		figure_note(f, "%.0f of them the entry itself",
			    (double)g.bytes / (double)plan.entries);
		gen_close(&g);
	}
	figure_end(f);
	figure_note(f, "pages in use, with indexes, roster and book; 1,000 and "
		       "10,000 feeds");
}

void bench_query(struct bench *b)
{
	static const char *const totals[] = { "totals", NULL };
	static const char *const under[] = { "totals", "--under", "asso-007",
					     NULL };
	static const char *const json[] = { "totals", "--json", NULL };
	static const char *const log[] = { "log",    "--author", "asso-007",
					   "--kind", "admit",    "--json",
					   NULL };

	run_disk(b);
	run_query(b, "totals_ms", totals, "totals");
	run_query(b, "totals_under_ms", under, "one association's");
	run_query(b, "totals_json_ms", json, "those of every association too");
	run_query(b, "log_query_ms", log, "one association's admissions");
}
