#include "tests/vector.h"

#include "proto/audit/audit.h"
#include "proto/audit/sample.h"
#include "proto/bundle.h"
#include "proto/charter.h"
#include "proto/run.h"

/*
 * tests/vectors/book.maillon, a whole network, and what tests/vectors/book.txt
 * says that its book is; a second implementation wrote both.
 */

static const char said[] = "tests/vectors/book.txt";

enum { FEEDS = 8, ENTRIES = 64 };

/* The network, read and audited. */
struct book {
	uint8_t file[16384];
	uint8_t raw[ENTRIES][1024];
	size_t n;
	struct audit_scan scan[FEEDS];
	size_t feeds;
	struct id network;
	struct audit *audit;
};

static struct book b;
static struct vector v;

static size_t read_file(const char *path, uint8_t *out, size_t max)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, max, f);
	assert_true(n < max);
	fclose(f);
	return n;
}

static void take_run(const uint8_t *p, size_t n)
{
	struct audit_scan *s = &b.scan[b.feeds++];
	static uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct run run;
	struct entry e;
	struct id id;

	assert_int_equal(run_decode(&run, p, n), 0);
	scan_init(s, &run.feed, &b.network, true);
	run_walk_init(&walk, &run);
	while (run_walk_next(&walk, &e, &id, buf) == 0) {
		uint8_t *raw = b.raw[b.n++];

		assert_true(e.raw_n <= sizeof(b.raw[0]));
		memcpy(raw, e.raw, e.raw_n);
		assert_int_equal(scan_entry(s, raw, e.raw_n), 0);
	}
	assert_int_equal(scan_end(s), 0);
}

static int by_feed(const void *a, const void *c)
{
	return pubkey_cmp(&((const struct audit_scan *)a)->feed,
			  &((const struct audit_scan *)c)->feed);
}

static int open_book(void **state)
{
	size_t n =
		read_file("tests/vectors/book.maillon", b.file, sizeof(b.file));
	struct bundle_record rec;
	struct bundle bundle;

	(void)state;
	assert_int_equal(bundle_open(&bundle, b.file, n), 0);
	while (bundle_next(&bundle, &rec) == 0) {
		if (rec.type == BUNDLE_CHARTER)
			b.network = hash_id(rec.body, rec.body_n);
		if (rec.type == BUNDLE_RUN)
			take_run(rec.body, rec.body_n);
	}
	assert_true(bundle.has_end);
	qsort(b.scan, b.feeds, sizeof(b.scan[0]), by_feed);
	return audit_open(&b.audit, &b.network, b.scan, b.feeds);
}

static int close_book(void **state)
{
	(void)state;
	audit_close(b.audit);
	for (size_t i = 0; i < b.feeds; i++)
		scan_release(&b.scan[i]);
	return 0;
}

static void the_cut_is_the_one_said(void **state)
{
	struct id id;

	(void)state;
	vector_find(&v, said, "cut");
	vector_hex(&v, "network", id.b, sizeof(id.b));
	assert_true(id_eq(&id, &b.network));
	vector_hex(&v, "cut", id.b, sizeof(id.b));
	assert_true(id_eq(&id, &b.audit->cut));
}

/* What the block says of a column; 0 when nothing. */
static int64_t column(enum column c)
{
	size_t n = strlen(column_name(c));

	for (size_t i = 0; i < v.n; i++)
		if (strncmp(v.line[i], column_name(c), n) == 0 &&
		    v.line[i][n] == ' ')
			return strtoll(v.line[i] + n + 1, NULL, 10);
	return 0;
}

static bool is_zero(const struct account *a)
{
	for (size_t i = 0; i < COL_COUNT; i++)
		if (a->col[i] != 0)
			return false;
	return true;
}

static const struct account *account_said(void)
{
	struct holder holder;

	vector_hex(&v, "member", holder.member.b, KEY_SIZE);
	vector_hex(&v, "outsider", holder.outsider.b, TAG_SIZE);
	for (size_t i = 0; i < b.audit->accounts_n; i++) {
		const struct account *a = &b.audit->accounts[i];

		if (memcmp(&a->holder, &holder, sizeof(holder)) == 0 &&
		    strcmp(a->item, vector_text(&v, "item")) == 0)
			return a;
	}
	fail_msg("no row of %s", vector_text(&v, "item"));
	return NULL;
}

static void every_row_is_as_said_and_there_is_no_other(void **state)
{
	size_t rows = 0, accounts = 0;

	(void)state;
	vector_open(&v, said);
	while (vector_next(&v)) {
		const struct account *a;

		if (strcmp(vector_text(&v, "name"), "row") != 0)
			continue;
		a = account_said();
		for (size_t c = 0; c < COL_COUNT; c++)
			assert_int_equal(a->col[c], column((enum column)c));
		rows++;
	}
	for (size_t i = 0; i < b.audit->accounts_n; i++)
		accounts += !is_zero(&b.audit->accounts[i]);
	assert_int_equal(rows, 6);
	assert_int_equal(accounts, rows);
}

/* The record of the block, which closes a period. */
static struct record record_said(const struct id *id)
{
	struct record rec = { .kind = 0 };

	for (size_t i = 0; i < b.feeds; i++)
		for (size_t k = 0; k < b.scan[i].n; k++) {
			const struct scanned *s = &b.scan[i].at[k];
			struct entry e;

			if (!id_eq(&s->id, id))
				continue;
			assert_int_equal(entry_decode(&e, s->raw, s->raw_n), 0);
			assert_int_equal(e.kind, KIND_PERIOD);
			assert_int_equal(
				record_decode(&rec, e.kind, e.facts, e.facts_n),
				0);
			return rec;
		}
	fail_msg("no record that closes %s", vector_text(&v, "period"));
	return rec;
}

/* Does the audit, which makes the balances anew, find others? */
static bool is_disputed(const struct id *id)
{
	for (size_t i = 0; i < b.audit->findings.n; i++)
		if (b.audit->findings.at[i].code == FIN_07 &&
		    id_eq(&b.audit->findings.at[i].proof[0].id, id))
			return true;
	return false;
}

static void what_was_frozen_is_the_hash_of_what_is_said(void **state)
{
	size_t count[2] = { 0 };

	(void)state;
	vector_open(&v, said);
	while (vector_next(&v)) {
		uint8_t array[512];
		struct sha sha, own;
		struct record rec;
		struct id id;
		bool is_right;
		size_t n;

		if (strcmp(vector_text(&v, "name"), "period") != 0)
			continue;
		vector_hex(&v, "record", id.b, sizeof(id.b));
		rec = record_said(&id);
		n = vector_hex(&v, "array", array, sizeof(array));
		vector_hex(&v, "balances", sha.b, sizeof(sha.b));
		is_right = vector_uint(&v, "right") == 1;
		own = hash_sha(array, n);
		assert_int_equal(sha_eq(&own, &sha), is_right);
		assert_int_equal(is_disputed(&id), !is_right);
		assert_memory_equal(rec.v[FACT_BALANCES].p, sha.b,
				    sizeof(sha.b));
		count[is_right]++;
	}
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], 1);
}

static void ranks_are_as_said_and_rise(void **state)
{
	static const char *const of[] = { "deliveries", "holders" };
	static const size_t count[] = { 5, 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		struct id last = { { 0 } };
		size_t n = 0;

		vector_open(&v, said);
		while (vector_next(&v)) {
			uint8_t subject[64];
			struct id want, rank;
			size_t size;

			if (strcmp(vector_text(&v, "name"), of[i]) != 0)
				continue;
			size = vector_hex(&v, "subject", subject,
					  sizeof(subject));
			vector_hex(&v, "rank", want.b, sizeof(want.b));
			rank = sample_rank(&b.audit->cut,
					   vector_text(&v, "seed"), subject,
					   size);
			assert_true(id_eq(&rank, &want));
			assert_true(id_cmp(&last, &rank) < 0);
			last = rank;
			n++;
		}
		assert_int_equal(n, count[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_cut_is_the_one_said),
		UNIT(every_row_is_as_said_and_there_is_no_other),
		UNIT(what_was_frozen_is_the_hash_of_what_is_said),
		UNIT(ranks_are_as_said_and_rise),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, open_book, close_book);
}
