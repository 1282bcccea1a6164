#include "store/fsck.h"
#include "store/ranks.h"
#include "store/sums.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/db.h"
#include "store/row.h"
#include "tests/ledger.h"
#include "tests/unit.h"

/* A hub (0), a maker (1) with 5 entries and a hospital (2). */
enum { HUB, MAKER, HOSPITAL };

struct fixture {
	struct world w;
	struct ledger l;
	struct fsck_report report;
	struct fsck_problem first;
	size_t problems;
	uint64_t calls, stop_at;
};

static int setup(void **state)
{
	static struct fixture f;
	struct id d;

	memset(&f, 0, sizeof(f));
	world_found(&f.w);
	ledger_found(&f.l, &f.w);
	/* What is meddled with stands in DB_ID; store_byid.c has runs. */
	f.l.s->byid.small = BYID_SMALL;
	world_member(&f.w, ROLE_MAKER);
	world_member(&f.w, ROLE_RECIPIENT);
	world_produce(&f.w, MAKER, 48, "visor/v30");
	d = world_deliver(&f.w, MAKER, HOSPITAL, 40, "visor/v30", true);
	world_receive(&f.w, HOSPITAL, &d, 39, "visor/v30");
	world_produce(&f.w, MAKER, 2, "visor/v30");
	world_produce(&f.w, MAKER, 3, "band");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ledger_release(&f->l);
	world_release(&f->w);
	return 0;
}

static void note_problem(void *arg, const struct fsck_problem *p)
{
	struct fixture *f = arg;

	if (f->problems++ == 0)
		f->first = *p;
}

static int note_progress(void *arg, uint64_t done, uint64_t total)
{
	struct fixture *f = arg;

	assert_true(done <= total);
	return ++f->calls == f->stop_at ? 42 : 0;
}

static int check(struct fixture *f)
{
	struct fsck_hooks hooks = { note_progress, note_problem, f };

	f->problems = 0;
	f->calls = 0;
	return store_fsck(f->l.s, &f->report, &hooks);
}

static void fill(struct fixture *f)
{
	assert_int_equal(ledger_fill(&f->l, &f->w), 0);
}

/* Close the store, change one row behind its back, open it again.  value
 * NULL: drop the row. */
static void meddle(struct fixture *f, enum db_table table, const void *key,
		   size_t key_n, const void *value, size_t value_n)
{
	const struct db_options options = { .may_write = true };
	struct db *db;

	ledger_close(&f->l);
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	if (value == NULL)
		assert_int_equal(db_del(db, table, key, key_n), 0);
	else
		assert_int_equal(db_put(db, table, (struct span){ key, key_n },
					(struct span){ value, value_n }),
				 0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
	assert_int_equal(ledger_open(&f->l, STORE_READ), 0);
}

/* fsck finds exactly this, first. */
static void expect(struct fixture *f, enum fsck_what what, size_t who,
		   uint64_t seq)
{
	static const struct pubkey none;
	const struct pubkey *feed = seq == 0 ? &none : &f->w.who[who].feed;

	assert_int_equal(check(f), 0);
	assert_int_equal(f->report.problems, f->problems);
	assert_true(f->problems >= 1);
	assert_string_equal(fsck_what_text(f->first.what),
			    fsck_what_text(what));
	assert_int_equal(f->first.seq, seq);
	assert_true(pubkey_eq(&f->first.feed, feed));
}

static void place(uint8_t out[static PLACE_SIZE], uint32_t no, uint64_t seq)
{
	place_encode(out, (struct place){ no, seq });
}

static void a_sound_store_has_no_problems(void **state)
{
	struct fixture *f = *state;

	fill(f);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->report.problems, 0);
	assert_int_equal(f->problems, 0);
	assert_int_equal(f->report.feeds, 3);
	assert_int_equal(f->report.entries, 10);
	assert_int_equal(f->report.covered, 0);
	assert_true(f->report.rows > 10);
	assert_int_equal(f->calls, 1);
	assert_int_equal(store_fsck(f->l.s, &f->report, NULL), 0);
}

static void an_empty_store_is_sound(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(check(f), 0);
	assert_int_equal(f->report.problems, 0);
	assert_int_equal(f->report.feeds, 0);
}

static void it_is_not_for_within_a_batch(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(check(f), ERR_STATE);
	store_abort(f->l.s);
}

static void progress_may_stop_it(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 600; i++)
		world_produce(&f->w, MAKER, 1, "band");
	fill(f);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->calls, 3);
	f->stop_at = 2;
	assert_int_equal(check(f), 42);
}

static void a_missing_entry_is_named(void **state)
{
	struct fixture *f = *state;
	uint8_t key[PLACE_SIZE];

	fill(f);
	place(key, 2, 3);
	meddle(f, DB_ENTRY, key, sizeof(key), NULL, 0);
	expect(f, FSCK_ENTRY, MAKER, 3);
}

static void an_altered_entry_is_named(void **state)
{
	struct fixture *f = *state;
	const struct bytes *b = &f->w.who[MAKER].entries[2];
	uint8_t key[PLACE_SIZE], raw[1000];

	fill(f);
	place(key, 2, 3);
	memcpy(raw, b->p, b->n);
	raw[b->n - 1] ^= 1;
	meddle(f, DB_ENTRY, key, sizeof(key), raw, b->n);
	/* The entry still reads; the one after it does not follow. */
	expect(f, FSCK_INDEX, MAKER, 3);
	assert_int_equal(f->problems >= 2, 1);
	raw[0] ^= 1;
	meddle(f, DB_ENTRY, key, sizeof(key), raw, b->n);
	expect(f, FSCK_ENTRY, MAKER, 3);
}

static void an_entry_of_another_place_is_named(void **state)
{
	struct fixture *f = *state;
	const struct bytes *b = &f->w.who[MAKER].entries[3];
	uint8_t key[PLACE_SIZE];

	fill(f);
	place(key, 2, 3);
	meddle(f, DB_ENTRY, key, sizeof(key), b->p, b->n);
	expect(f, FSCK_ENTRY, MAKER, 3);
}

/* Spoil the signature of the newest entry before anything follows it. */
static void spoil_signature(struct fixture *f)
{
	struct who *who = &f->w.who[MAKER];
	struct bytes *b = &who->entries[who->seq - 1];

	b->p[b->n - 1] ^= 1;
	who->tip = hash_id(b->p, b->n);
}

static void a_signature_that_nothing_covers_is_named(void **state)
{
	struct fixture *f = *state;

	spoil_signature(f);
	fill(f);
	expect(f, FSCK_SIGNATURE, MAKER, 5);
}

static void a_later_signature_covers_an_entry(void **state)
{
	struct fixture *f = *state;

	spoil_signature(f);
	world_produce(&f->w, MAKER, 1, "band");
	spoil_signature(f);
	world_produce(&f->w, MAKER, 1, "band");
	fill(f);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->report.problems, 0);
	assert_int_equal(f->report.covered, 2);
}

static void every_256th_must_be_signed_by_itself(void **state)
{
	struct fixture *f = *state;

	while (f->w.who[MAKER].seq < SIGNED_EVERY)
		world_produce(&f->w, MAKER, 1, "band");
	spoil_signature(f);
	world_produce(&f->w, MAKER, 1, "band");
	fill(f);
	expect(f, FSCK_SIGNATURE, MAKER, SIGNED_EVERY);
}

static void missing_index_rows_are_named(void **state)
{
	struct fixture *f = *state;
	const struct who *who = &f->w.who[HOSPITAL];
	struct id deliver = hash_id(f->w.who[MAKER].entries[2].p,
				    f->w.who[MAKER].entries[2].n);
	uint8_t ref[REF_KEY_SIZE], no[NO_SIZE], key[PLACE_SIZE];

	fill(f);
	meddle(f, DB_ID, who->tip.b, HALF_SIZE, NULL, 0);
	expect(f, FSCK_INDEX, HOSPITAL, 2);
	place(key, 3, 2);
	meddle(f, DB_ID, who->tip.b, HALF_SIZE, key, sizeof(key));
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	place(key, 3, 1);
	meddle(f, DB_ID, who->tip.b, HALF_SIZE, key, sizeof(key));
	expect(f, FSCK_INDEX, HOSPITAL, 2);
	place(key, 3, 2);
	meddle(f, DB_ID, who->tip.b, HALF_SIZE, key, sizeof(key));
	ref_key(ref, &deliver, REF_DELIVER, &who->feed, 2);
	meddle(f, DB_REF, ref, sizeof(ref), NULL, 0);
	expect(f, FSCK_INDEX, HOSPITAL, 2);
	no_encode(no, 2);
	meddle(f, DB_REF, ref, sizeof(ref), no, sizeof(no));
	expect(f, FSCK_INDEX, HOSPITAL, 2);
}

static void rows_too_many_are_found(void **state)
{
	static const struct {
		enum db_table table;
		enum fsck_what what;
	} rows[] = {
		{ DB_NAME, FSCK_HEAD },    { DB_ENTRY, FSCK_ENTRY },
		{ DB_ID, FSCK_INDEX },     { DB_ARRIVAL, FSCK_ARRIVAL },
		{ DB_ROSTER, FSCK_INDEX }, { DB_REF, FSCK_INDEX },
		{ DB_KEY, FSCK_INDEX },    { DB_SENT, FSCK_INDEX },
		{ DB_ITEM, FSCK_INDEX },   { DB_KIND, FSCK_INDEX },
	};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		meddle(f, rows[i].table, "junk", 4, "junk", 4);
		expect(f, rows[i].what, 0, 0);
		assert_int_equal(f->problems, 1);
		meddle(f, rows[i].table, "junk", 4, NULL, 0);
	}
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
}

static struct feed_row maker_row(struct fixture *f)
{
	return (struct feed_row){ .no = 2,
				  .feed = f->w.who[MAKER].feed,
				  .identity = f->w.who[MAKER].identity,
				  .tip = f->w.who[MAKER].tip,
				  .seq = 5,
				  .counted = 5,
				  .arrival = 8 };
}

static void put_maker_row(struct fixture *f, const struct feed_row *row)
{
	uint8_t no[NO_SIZE], value[FEED_ROW_SIZE];

	no_encode(no, row->no);
	feed_row_encode(value, row);
	meddle(f, DB_FEED, no, sizeof(no), value, sizeof(value));
}

static void wrong_feed_rows_are_named(void **state)
{
	struct fixture *f = *state;
	struct feed_row row = maker_row(f);

	fill(f);
	put_maker_row(f, &row);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	row.tip.b[0] ^= 1;
	put_maker_row(f, &row);
	expect(f, FSCK_HEAD, MAKER, 5);
	row = maker_row(f);
	row.counted = 4;
	put_maker_row(f, &row);
	expect(f, FSCK_COUNT, MAKER, 4);
	row = maker_row(f);
	row.arrival = 9;
	put_maker_row(f, &row);
	expect(f, FSCK_ARRIVAL, MAKER, 5);
	row = maker_row(f);
	row.seq = 6;
	put_maker_row(f, &row);
	expect(f, FSCK_ENTRY, MAKER, 6);
	row = maker_row(f);
	put_maker_row(f, &row);
	meddle(f, DB_NAME, row.feed.b, KEY_SIZE, "\0\0\0\1", 4);
	expect(f, FSCK_HEAD, MAKER, 5);
}

static void a_wrong_balance_is_found(void **state)
{
	struct fixture *f = *state;
	struct holder h = { .member = f->w.who[MAKER].identity };
	uint8_t key[BOOK_KEY_SIZE], value[COLUMNS_SIZE];
	int64_t col[COL_COUNT];
	size_t n = book_key(key, &h, "band", 4);

	fill(f);
	assert_int_equal(store_balance(f->l.s, &h, "band", 4, col), 0);
	col[COL_ON_HAND]++;
	columns_encode(value, col);
	meddle(f, DB_BOOK, key, n, value, sizeof(value));
	expect(f, FSCK_BOOK, 0, 0);
	meddle(f, DB_BOOK, key, n, NULL, 0);
	expect(f, FSCK_BOOK, 0, 0);
	col[COL_ON_HAND]--;
	columns_encode(value, col);
	meddle(f, DB_BOOK, key, n, value, sizeof(value));
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	meddle(f, DB_TOTAL, "\0band", 5, value, sizeof(value) - 1);
	expect(f, FSCK_SUM, 0, 0);
	meddle(f, DB_TOTAL, "\0band", 5, value, sizeof(value));
	meddle(f, DB_TOTAL, "\0bane", 5, value, sizeof(value));
	expect(f, FSCK_SUM, 0, 0);
}

static bool sums_hold(struct fixture *f)
{
	bool out;

	assert_int_equal(store_sums_hold(f->l.s, store_roster(f->l.s), &out),
			 0);
	return out;
}

/* One more on hand, a row that is not there, and one too many; then as it
 * was. */
static void expect_sum(struct fixture *f, enum db_table table,
		       const uint8_t *key, size_t n, const int64_t *right)
{
	int64_t col[COL_COUNT];
	uint8_t value[COLUMNS_SIZE];

	memcpy(col, right, sizeof(col));
	assert_true(sums_hold(f));
	col[COL_ON_HAND]++;
	columns_encode(value, col);
	meddle(f, table, key, n, value, sizeof(value));
	expect(f, FSCK_SUM, 0, 0);
	assert_false(sums_hold(f));
	meddle(f, table, key, n, NULL, 0);
	expect(f, FSCK_SUM, 0, 0);
	assert_false(sums_hold(f));
	col[COL_ON_HAND]--;
	columns_encode(value, col);
	meddle(f, table, key, n, value, sizeof(value));
	meddle(f, table, key, n - 1, value, sizeof(value));
	expect(f, FSCK_SUM, 0, 0);
	assert_false(sums_hold(f));
	meddle(f, table, key, n - 1, NULL, 0);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	assert_true(sums_hold(f));
}

static int keep_total(void *arg, const char *item, size_t item_n,
		      const int64_t col[static COL_COUNT])
{
	if (item_n == 4 && memcmp(item, "band", 4) == 0)
		memcpy(arg, col, COL_COUNT * sizeof(*col));
	return 0;
}

static void a_wrong_sum_of_an_association_is_found(void **state)
{
	static const enum total_scope scopes[] = { TOTAL_ALL, TOTAL_BOOKED,
						   TOTAL_UNDER };
	struct fixture *f = *state;
	const struct pubkey *hub = &f->w.who[HUB].identity;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		uint8_t key[TOTAL_KEY_SIZE];
		size_t n =
			total_key(key, scopes[i], hub,
				  (struct span){ (const uint8_t *)"band", 4 });
		int64_t col[COL_COUNT] = { 0 };

		assert_int_equal(store_totals_of(f->l.s, scopes[i], hub,
						 keep_total, col),
				 0);
		assert_int_equal(col[COL_ON_HAND], 3);
		expect_sum(f, DB_TOTAL, key, n, col);
	}
}

static void a_wrong_rank_is_found(void **state)
{
	struct fixture *f = *state;
	struct pubkey nobody = { { 7 } };
	uint8_t key[RANK_KEY_SIZE], value[RANK_SIZE] = { 1, ROLE_MAKER };
	size_t n = rank_label_key(key, "p1", &f->w.who[MAKER].identity);

	fill(f);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	meddle(f, DB_RANK, key, n, NULL, 0);
	expect(f, FSCK_BOOK, 0, 0);
	meddle(f, DB_RANK, key, n, value, 0);
	assert_int_equal(check(f), 0);
	assert_int_equal(f->problems, 0);
	meddle(f, DB_RANK, key, rank_of_key(key, &nobody), value, RANK_SIZE);
	expect(f, FSCK_BOOK, 0, 0);
	meddle(f, DB_RANK, key, rank_of_key(key, &nobody), NULL, 0);
	n = rank_of_key(key, &f->w.who[MAKER].identity);
	meddle(f, DB_RANK, key, n, value, RANK_SIZE);
	expect(f, FSCK_BOOK, 0, 0);
}

static void a_wrong_fund_is_found(void **state)
{
	struct fixture *f = *state;
	uint8_t value[COLUMNS_SIZE] = { 1 };
	uint8_t key[FUND_KEY_SIZE] = { 0 };

	fill(f);
	meddle(f, DB_PURSE, key, KEY_SIZE + 3, value, sizeof(value));
	expect(f, FSCK_BOOK, 0, 0);
	meddle(f, DB_PURSE, key, KEY_SIZE + 3, NULL, 0);
	assert_true(sums_hold(f));
	meddle(f, DB_FUND, key, 2 * KEY_SIZE + 3, value, sizeof(value));
	expect(f, FSCK_SUM, 0, 0);
	assert_false(sums_hold(f));
}

static void damage_of_the_roster_stops_writing(void **state)
{
	struct fixture *f = *state;
	uint8_t key[PLACE_SIZE];

	fill(f);
	place(key, 1, 2);
	meddle(f, DB_ENTRY, key, sizeof(key), "junk", 4);
	assert_true(store_is_damaged(f->l.s));
	expect(f, FSCK_ENTRY, HUB, 2);
	ledger_close(&f->l);
	assert_int_equal(ledger_open(&f->l, STORE_WRITE), 0);
	assert_int_equal(store_begin(f->l.s), ERR_FORMAT);
}

static void every_problem_has_a_text(void **state)
{
	(void)state;
	for (enum fsck_what w = FSCK_ENTRY; w <= FSCK_PRIVATE; w++)
		assert_true(strlen(fsck_what_text(w)) > 0);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_sound_store_has_no_problems),
		FRESH(an_empty_store_is_sound),
		FRESH(it_is_not_for_within_a_batch),
		FRESH(progress_may_stop_it),
		FRESH(a_missing_entry_is_named),
		FRESH(an_altered_entry_is_named),
		FRESH(an_entry_of_another_place_is_named),
		FRESH(a_signature_that_nothing_covers_is_named),
		FRESH(a_later_signature_covers_an_entry),
		FRESH(every_256th_must_be_signed_by_itself),
		FRESH(missing_index_rows_are_named),
		FRESH(rows_too_many_are_found),
		FRESH(wrong_feed_rows_are_named),
		FRESH(a_wrong_balance_is_found),
		FRESH(a_wrong_sum_of_an_association_is_found),
		FRESH(a_wrong_rank_is_found),
		FRESH(a_wrong_fund_is_found),
		FRESH(damage_of_the_roster_stops_writing),
		FRESH(every_problem_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
