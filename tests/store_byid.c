#include "store/byid.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/fsck.h"
#include "store/state.h"
#include "store/view.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <sys/wait.h>

/*
 * The index by id with small runs, so that a few thousand rows go through all
 * of it: each id is found once and where it stands, by whoever wrote it and by
 * whoever reads, whatever of it is in which table.
 */

enum { SMALL = 8, MAX = 200, BATCH = 20, BATCHES = 150 };

struct fixture {
	struct world w;
	struct ledger l;
	struct byid r;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	world_found(&f->w);
	ledger_found(&f->l, &f->w);
	byid_init(&f->r);
	f->r.small = SMALL;
	f->r.max = MAX;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_abort(f->l.s);
	byid_forget(&f->r);
	ledger_release(&f->l);
	world_release(&f->w);
	free(f);
	return 0;
}

static struct id id_of(uint64_t i)
{
	return hash_id(&i, sizeof(i));
}

static void add(struct fixture *f, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct id id = id_of(i);

		assert_int_equal(byid_add(&f->r, f->l.s->db, &id,
					  (struct place){ 1, i + 1 }),
				 0);
	}
}

static uint64_t rows(struct fixture *f, enum db_table table)
{
	uint64_t n;

	assert_int_equal(db_rows(f->l.s->db, table, &n), 0);
	return n;
}

/* All up to n, and no other; before what the world itself has. */
static void find_all(struct fixture *f, const struct byid *r, uint64_t n)
{
	struct place at;
	bool is_sure;

	for (uint64_t i = 0; i < n; i++) {
		struct id id = id_of(i);

		assert_int_equal(byid_find(r, f->l.s->db, &at, &is_sure, &id),
				 0);
		assert_int_equal(at.seq, i + 1);
	}
	for (uint64_t i = n; i < n + 100; i++) {
		struct id id = id_of(i);

		assert_int_equal(byid_find(r, f->l.s->db, &at, &is_sure, &id),
				 ERR_NOT_FOUND);
	}
}

struct visited {
	uint8_t last[HALF_SIZE];
	uint8_t prefix;
	bool has_prefix;
	uint64_t n;
};

static int visit(void *arg, struct span key, struct span value)
{
	struct visited *v = arg;

	assert_int_equal(key.n, HALF_SIZE);
	assert_int_equal(value.n, PLACE_SIZE);
	assert_true(v->n == 0 || memcmp(v->last, key.p, HALF_SIZE) < 0);
	assert_true(!v->has_prefix || key.p[0] == v->prefix);
	memcpy(v->last, key.p, HALF_SIZE);
	v->n++;
	return 0;
}

/* In rising order, each once, by whatever they begin with. */
static void visit_all(struct fixture *f, uint64_t n)
{
	struct visited all = { .n = 0 };
	struct span nothing = { NULL, 0 };
	uint64_t sum = 0, counted;

	assert_int_equal(byid_each(f->l.s->db, nothing, visit, &all), 0);
	assert_int_equal(all.n, n);
	for (unsigned p = 0; p < 256; p++) {
		struct visited some = { .prefix = (uint8_t)p,
					.has_prefix = true };

		assert_int_equal(byid_each(f->l.s->db,
					   (struct span){ &some.prefix, 1 },
					   visit, &some),
				 0);
		sum += some.n;
	}
	assert_int_equal(sum, n);
	assert_int_equal(byid_rows(f->l.s->db, &counted), 0);
	assert_int_equal(counted, n);
}

static void begin(struct fixture *f)
{
	assert_int_equal(store_begin(f->l.s), 0);
}

static void end(struct fixture *f)
{
	assert_int_equal(byid_flush(&f->r, f->l.s->db), 0);
	assert_int_equal(store_commit(f->l.s), 0);
}

static void what_comes_is_found_at_every_turn(void **state)
{
	struct fixture *f = *state;
	struct byid reader;
	uint64_t before, most = 0;

	byid_init(&reader);
	begin(f);
	before = rows(f, DB_ID);
	store_abort(f->l.s);
	for (uint64_t i = 0; i < BATCHES; i++) {
		begin(f);
		add(f, i * BATCH, (i + 1) * BATCH);
		find_all(f, &f->r, (i + 1) * BATCH);
		end(f);
		begin(f);
		find_all(f, &f->r, (i + 1) * BATCH);
		find_all(f, &reader, (i + 1) * BATCH);
		visit_all(f, before + (i + 1) * BATCH);
		if (rows(f, DB_IDRUN) > most)
			most = rows(f, DB_IDRUN);
		store_abort(f->l.s);
		/* As after a kill, or when another process has written. */
		if (i % 7 == 6)
			byid_forget(&f->r);
	}
	begin(f);
	/* Most went on, many at a time, and old runs are dropped. */
	assert_true(rows(f, DB_ID) >= before + BATCHES * BATCH - MAX);
	assert_true(most > MAX / BATCH && most < 4 * MAX / BATCH);
	assert_int_equal(byid_merge(&f->r, f->l.s->db), 0);
	assert_int_equal(rows(f, DB_IDRUN), 0);
	assert_int_equal(rows(f, DB_ID), before + BATCHES * BATCH);
	find_all(f, &reader, BATCHES * BATCH);
}

/* What stands in memory follows the tables: a batch that was given up leaves
 * nothing there, and one that is small none of the runs. */
static void a_batch_is_all_there_or_not_at_all(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, 0, BATCH);
	end(f);
	begin(f);
	add(f, BATCH, 2 * BATCH);
	store_abort(f->l.s);
	byid_forget(&f->r);
	begin(f);
	find_all(f, &f->r, BATCH);
	add(f, BATCH, BATCH + 1);
	end(f);
	begin(f);
	assert_int_equal(rows(f, DB_IDRUN), 1);

	find_all(f, &f->r, BATCH + 1);
}

static void small_batches_make_no_runs(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < BATCH; i++) {
		begin(f);
		add(f, i * SMALL, (i + 1) * SMALL);
		end(f);
	}
	begin(f);
	assert_int_equal(rows(f, DB_IDRUN), 0);
	find_all(f, &f->r, BATCH * SMALL);
}

/* A batch of any size goes into several runs. */
static void a_run_is_of_bounded_size(void **state)
{
	struct fixture *f = *state;

	f->r.max = BYID_MAX;
	begin(f);
	add(f, 0, 2 * BYID_RUN + BATCH);
	end(f);
	begin(f);
	assert_int_equal(rows(f, DB_IDRUN), 3);
	find_all(f, &f->r, 2 * BYID_RUN + BATCH);
}

/* Of two ids that share a half the first keeps the row, waiting or stored. */
static void the_first_of_a_half_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct id a = id_of(1), b = a;
	struct place at;
	bool is_sure;

	b.b[HALF_SIZE] ^= 1;
	begin(f);
	add(f, 0, BATCH);
	assert_int_equal(
		byid_add(&f->r, f->l.s->db, &b, (struct place){ 1, 6 }), 0);
	assert_int_equal(byid_find(&f->r, f->l.s->db, &at, &is_sure, &b), 0);
	assert_int_equal(at.seq, 2);
	assert_false(is_sure);
	assert_int_equal(byid_find(&f->r, f->l.s->db, &at, &is_sure, &a), 0);
	assert_true(is_sure);
	end(f);
	begin(f);
	assert_int_equal(byid_merge(&f->r, f->l.s->db), 0);
	assert_int_equal(
		byid_add(&f->r, f->l.s->db, &b, (struct place){ 1, 7 }), 0);
	end(f);
	begin(f);
	assert_int_equal(byid_find(&f->r, f->l.s->db, &at, &is_sure, &b), 0);
	assert_int_equal(at.seq, 2);
}

/* Whoever asks inside a batch finds what has just come, whichever way. */
static int note_found(void *arg, const struct position *at)
{
	*(uint64_t *)arg = at->seq;
	return 0;
}

static void an_entry_is_found_in_the_batch_that_brings_it(void **state)
{
	struct fixture *f = *state;
	struct id made = world_produce(&f->w, 0, 48, "visor");
	struct position at;
	uint64_t seq = 0;

	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
	assert_int_equal(store_find(f->l.s, &made, &at), 0);
	assert_int_equal(at.seq, f->w.who[0].seq);
	assert_int_equal(
		store_find_prefix(f->l.s, made.b, 12, note_found, &seq), 0);
	assert_int_equal(seq, at.seq);
	store_abort(f->l.s);
	assert_int_equal(store_find(f->l.s, &made, &at), ERR_NOT_FOUND);
}

/* So many more made, appended in one batch. */
static void append(struct fixture *f, unsigned n)
{
	while (n-- > 0)
		world_produce(&f->w, 0, 1, "visor");
	begin(f);
	assert_int_equal(ledger_append_all(&f->l, &f->w, 0), 0);
}

static void what_was_given_up_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct position at;

	append(f, 10);
	assert_int_equal(store_commit(f->l.s), 0);
	append(f, 10);
	assert_int_equal(store_find(f->l.s, &f->w.who[0].tip, &at), 0);
	store_abort(f->l.s);
	assert_int_equal(store_find(f->l.s, &f->w.who[0].tip, &at),
			 ERR_NOT_FOUND);
}

/* One process has in memory what it wrote, another writes more. */
static void what_another_process_wrote_is_found(void **state)
{
	struct fixture *f = *state;
	struct position at;
	int status;
	pid_t pid;

	append(f, 5);
	assert_int_equal(store_commit(f->l.s), 0);
	assert_non_null(f->l.s->byid.filter);
	for (unsigned i = 0; i < 5; i++)
		world_produce(&f->w, 0, 1, "visor");
	pid = fork();
	if (pid == 0) {
		struct ledger other = f->l;

		if (ledger_open(&other, STORE_WRITE) != 0 ||
		    store_begin(other.s) != 0 ||
		    ledger_append_all(&other, &f->w, 0) != 0 ||
		    store_commit(other.s) != 0)
			_exit(1);
		store_close(other.s);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	begin(f);
	assert_int_equal(store_find(f->l.s, &f->w.who[0].tip, &at), 0);
	assert_int_equal(at.seq, f->w.who[0].seq);
}

/* A ledger in runs: forty things made, in batches of ten. */
static void fill(struct fixture *f, size_t max)
{
	f->l.s->byid.small = 2;
	f->l.s->byid.max = max;
	for (unsigned i = 0; i < 4; i++) {
		append(f, 10);
		assert_int_equal(store_commit(f->l.s), 0);
	}
}

static uint64_t problems(struct fixture *f)
{
	struct fsck_report report;

	assert_int_equal(store_fsck(f->l.s, &report, NULL), 0);
	assert_int_equal(report.entries, f->w.who[0].seq);
	return report.problems;
}

static int note_newest(void *arg, struct span key, struct span value)
{
	struct bytes *row = arg;

	memcpy(row[0].p, key.p, key.n);
	memcpy(row[1].p, value.p, value.n);
	row[0].n = key.n;
	row[1].n = value.n;
	return 0;
}

static void put(struct fixture *f, const struct bytes *row, size_t n)
{
	struct db *db = f->l.s->db;

	assert_int_equal(db_begin(db, 0), 0);
	if (n == 0)
		assert_int_equal(db_del(db, DB_IDRUN, row[0].p, row[0].n), 0);
	else
		assert_int_equal(db_put(db, DB_IDRUN,
					(struct span){ row[0].p, row[0].n },
					(struct span){ row[1].p, n }),
				 0);
	assert_int_equal(db_commit(db), 0);
}

static void fsck_reads_runs(void **state)
{
	struct fixture *f = *state;
	uint8_t key[BYID_KEY_SIZE], value[100 * HALF_ROW_SIZE];
	struct bytes row[2] = { { key, 0 }, { value, 0 } };
	size_t n;

	/* Nothing of them is in the table yet. */
	fill(f, MAX);
	assert_int_equal(db_pin(f->l.s->db), 0);
	assert_true(rows(f, DB_IDRUN) > 1);
	assert_int_equal(db_each(f->l.s->db, DB_IDRUN, (struct span){ NULL, 0 },
				 note_newest, row),
			 0);
	db_unpin(f->l.s->db);
	n = row[1].n;
	assert_int_equal(problems(f), 0);
	/* A row less, half a row, one that says another place, no run. */
	put(f, row, n - HALF_ROW_SIZE);
	assert_true(problems(f) > 0);
	put(f, row, n - 1);
	assert_true(problems(f) > 0);
	value[n - 1] ^= 1;
	put(f, row, n);
	assert_true(problems(f) > 0);
	value[n - 1] ^= 1;
	put(f, row, 0);
	assert_true(problems(f) > 0);
	/* A row too many, behind all others. */
	memset(value + n, 0xff, HALF_ROW_SIZE);
	put(f, row, n + HALF_ROW_SIZE);
	assert_true(problems(f) > 0);
	put(f, row, n);
	assert_int_equal(problems(f), 0);
}

/* The same by a process that has nothing of it in memory. */
static void a_reader_finds_entries_in_runs(void **state)
{
	struct fixture *f = *state;
	const struct who *who = &f->w.who[0];

	fill(f, 15);
	assert_int_equal(problems(f), 0);
	ledger_close(&f->l);
	assert_int_equal(ledger_open(&f->l, STORE_READ), 0);
	for (uint64_t seq = 1; seq <= who->seq; seq++) {
		const struct bytes *b = &who->entries[seq - 1];
		struct id id = hash_id(b->p, b->n);
		struct position at;
		uint64_t found = 0;

		assert_int_equal(store_find(f->l.s, &id, &at), 0);
		assert_int_equal(at.seq, seq);
		assert_int_equal(store_find_prefix(f->l.s, id.b, 2 * ID_SIZE,
						   note_found, &found),
				 0);
		assert_int_equal(found, seq);
	}
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_comes_is_found_at_every_turn),
		FRESH(a_batch_is_all_there_or_not_at_all),
		FRESH(small_batches_make_no_runs),
		FRESH(a_run_is_of_bounded_size),
		FRESH(the_first_of_a_half_keeps_it),
		FRESH(an_entry_is_found_in_the_batch_that_brings_it),
		FRESH(what_was_given_up_is_forgotten),
		FRESH(what_another_process_wrote_is_found),
		FRESH(fsck_reads_runs),
		FRESH(a_reader_finds_entries_in_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
