#include "tests/bench/bench.h"

#include "crypto/err.h"
#include "node/keeper.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "tests/bench/gen_priv.h"
#include "tests/bench/lmdb.h"
#include "tests/bench/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Recording: one by one, each on the disk before the next, as people and
 * printers do; and in batches, as imports do.  The limit signs as many entries
 * of the same size and puts them into one table of LMDB in the same batches.
 */

enum {
	ONE_SECONDS = 1, /* of each run one by one */
	ONE_MAX = 2000,  /* and at most this many */
	CSV_WORDS = 64
};

static struct gen_plan tiny(void)
{
	return (struct gen_plan){ 10, 40 };
}

struct drafts {
	uint8_t (*facts)[GEN_ROOM];
	struct draft *at;
	struct recorded *out;
	size_t n;
};

static void drafts_open(struct drafts *d, size_t n)
{
	uint8_t buf[GEN_ROOM];
	struct record rec;

	*d = (struct drafts){ .n = n };
	d->facts = calloc(n, sizeof(*d->facts));
	d->at = calloc(n, sizeof(*d->at));
	d->out = calloc(n, sizeof(*d->out));
	if (d->facts == NULL || d->at == NULL || d->out == NULL)
		bench_stop("no memory for drafts");
	for (size_t i = 0; i < n; i++) {
		gen_produce(&rec, buf, i, i);
		d->at[i] = (struct draft){ .kind = rec.kind,
					   .time_ms = 1585699200000 + i,
					   .facts = d->facts[i] };
		bench_must(record_encode(&rec, d->facts[i], GEN_ROOM,
					 &d->at[i].facts_n),
			   "a draft");
	}
}

static void drafts_close(struct drafts *d)
{
	free(d->facts);
	free(d->at);
	free(d->out);
}

/* A home that has recorded nothing yet. */
static void fresh(struct bench *b, char home[static BENCH_PATH])
{
	struct gen_plan plan = tiny();
	struct gen g = { .feeds = NULL };

	bench_join(home, b->dir, "home-record");
	gen_remove(home);
	gen_home(home, &g, &plan);
	gen_close(&g);
}

static double record_run(struct keeper *k, const struct drafts *d, size_t batch)
{
	double start = bench_now(), s = 0;
	size_t done = 0;

	while (done < d->n && (batch > 1 || s < ONE_SECONDS)) {
		size_t n = d->n - done < batch ? d->n - done : batch;

		bench_must(
			keeper_record(k, d->out + done, d->at + done, n, NULL),
			"recording");
		done += n;
		s = bench_now() - start;
	}
	return (double)done / s;
}

static double limit_run(struct lmdb *l, const struct drafts *d, size_t batch,
			uint32_t no)
{
	struct seckey *key = gen_key(GEN_NODE, GEN_HUB);
	double start = bench_now(), s = 0;
	struct id prev = { { 0 } };
	uint8_t raw[LIMIT_ENTRY];
	size_t done = 0;

	while (done < d->n && (batch > 1 || s < ONE_SECONDS)) {
		size_t end = d->n - done < batch ? d->n : done + batch;

		lmdb_begin(l);
		for (; done < end; done++) {
			const struct draft *draft = &d->at[done];
			struct entry_plan plan = { .seq = done + 1,
						   .prev = prev,
						   .time_ms = draft->time_ms,
						   .kind = draft->kind,
						   .facts = draft->facts,
						   .facts_n = draft->facts_n };
			size_t n;

			bench_must(entry_seal(raw, &n, &plan, key), "signing");
			prev = hash_id(raw, n);
			lmdb_put(l, no, done + 1, raw, n);
		}
		lmdb_commit(l);
		s = bench_now() - start;
	}
	seckey_close(key);
	return (double)done / s;
}

static void run_pair(struct bench *b, const char *name, const char *limit,
		     size_t total, size_t batch)
{
	struct figure *f = figure_new(&b->figures, name, "entries/s");
	struct figure *l = figure_new(&b->figures, limit, "entries/s");
	char home[BENCH_PATH], bare[BENCH_PATH];
	struct keeper *k = NULL;
	struct lmdb *lmdb;
	struct drafts d;
	struct home h;

	drafts_open(&d, total);
	fresh(b, home);
	bench_must(home_init(&h, home), home);
	bench_must(keeper_open(&k, &h), home);
	bench_join(bare, b->dir, "bare");
	lmdb = lmdb_open(bare);
	/* In turn, so that both see the same weather. */
	for (unsigned i = 0; i < b->runs; i++) {
		figure_run(f, record_run(k, &d, batch));
		figure_run(l, limit_run(lmdb, &d, batch, i));
	}
	lmdb_close(lmdb);
	keeper_close(k);
	drafts_close(&d);
	gen_remove(bare);
	figure_end(f);
	figure_end(l);
	figure_note(f,
		    batch == 1 ? "each synced before the next"
			       : "in batches of %zu, each synced",
		    batch);
	figure_note(l, "sign and one put");
	figure_against(&b->figures, f, limit);
}

static void write_csv(const struct bench *b, size_t rows, const char *csv,
		      const char *map)
{
	FILE *f = fopen(map, "w");

	(void)b;
	if (f == NULL)
		bench_stop("cannot write %s", map);
	fputs("[record]\nkind = produce\n[csv]\ndelimiter = auto\n"
	      "[columns]\nitem = item\nquantity = quantity\nlot = lot\n"
	      "when = date\n",
	      f);
	fclose(f);
	f = fopen(csv, "w");
	if (f == NULL)
		bench_stop("cannot write %s", csv);
	fputs("item,quantity,lot,date\n", f);
	for (size_t i = 0; i < rows; i++)
		fprintf(f, "visor/v30,%zu,lot-%zu,2020-04-%02zuT%02zu:%02zuZ\n",
			10 + i % 90, i, 1 + i / 1440 % 30, i / 60 % 24, i % 60);
	fclose(f);
}

static void run_import(struct bench *b)
{
	struct figure *f = figure_new(&b->figures, "import_csv", "entries/s");
	size_t rows = b->is_quick ? 10000 : 50000;
	char csv[BENCH_PATH], map[BENCH_PATH], out[BENCH_PATH];
	char home[BENCH_PATH];

	bench_join(csv, b->dir, "import.csv");
	bench_join(map, b->dir, "import.map");
	bench_join(out, b->dir, "import.txt");
	write_csv(b, rows, csv, map);
	for (unsigned i = 0; i < b->runs; i++) {
		const char *args[] = { "--home", home, "import", "csv",
				       "--map",  map,  csv,      NULL };
		int code;
		double s;

		fresh(b, home);
		s = run_command(b, args, out, &code);
		if (code != 0) {
			bench_say("import_csv: the import ended with %d", code);
			figure_drop(&b->figures, f);
			return;
		}
		figure_run(f, (double)rows / s);
	}
	figure_end(f);
	figure_note(f, "%zu rows, from a cold process", rows);
	figure_against(&b->figures, f, "record_bulk_limit");
}

void bench_record(struct bench *b)
{
	run_pair(b, "record_one", "record_one_limit", ONE_MAX, 1);
	run_pair(b, "record_bulk", "record_bulk_limit",
		 b->is_quick ? 20000 : 100000, KEEPER_DRAFTS);
	run_import(b);
}
