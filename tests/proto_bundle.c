#include "proto/bundle.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "proto/run.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <string.h>

/* A network of one feed: its charter, and runs of its entries. */
static uint8_t charter[LIMIT_CHARTER];
static size_t charter_n;
static uint8_t runs[2][1024];
static size_t runs_n[2];

static const uint8_t evidence[] = { 0x92, 0x91, 0x05, 0x90 };

static void make_runs(struct seckey *key, const struct id *network)
{
	struct pubkey feed = seckey_pub(key);
	struct id prev = *network;
	struct run_writer w[2];
	uint8_t raw[LIMIT_ENTRY];

	for (size_t i = 0; i < 2; i++)
		run_writer_init(&w[i], runs[i], sizeof(runs[i]), &feed);
	for (uint64_t seq = 1; seq <= 3; seq++) {
		struct entry_plan plan = { .seq = seq,
					   .prev = prev,
					   .facts = (const uint8_t *)"\x80",
					   .facts_n = 1 };
		size_t n;

		assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
		assert_int_equal(run_writer_add(&w[seq > 2], raw, n), 0);
		prev = hash_id(raw, n);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(run_writer_end(&w[i], &runs_n[i]), 0);
}

static int make_network(void **state)
{
	uint8_t seed[SEED_SIZE] = { 3 };
	struct charter c;
	struct seckey *key;
	struct id network;

	(void)state;
	memset(&c, 0, sizeof(c));
	memcpy(c.name, "Visors", 7);
	memcpy(c.currency, "EUR", 4);
	c.founders_n = 1;
	memcpy(c.founders[0].label, "lea", 4);
	memcpy(c.founders[0].place, "FR", 3);
	if (crypto_start() != 0 || seckey_from_seed(&key, seed) != 0 ||
	    charter_encode(charter, &charter_n, &c) != 0)
		return -1;
	network = hash_id(charter, charter_n);
	make_runs(key, &network);
	seckey_close(key);
	return 0;
}

/* A file being put together, and where its records begin. */
struct file {
	struct bundle_writer w;
	uint8_t p[8192];
	size_t n;
	size_t at[8];
	size_t records;
};

static int put(struct file *f, enum bundle_type type, const void *body,
	       size_t body_n)
{
	static uint8_t out[BUNDLE_ROOM];
	size_t n = 0;
	int err = type == BUNDLE_END
			  ? bundle_put_end(&f->w, out, &n)
			  : bundle_put(&f->w, out, &n, type, body, body_n);

	if (err != 0)
		return err;
	assert_true(f->n + n <= sizeof(f->p));
	memcpy(f->p + f->n, out, n);
	f->at[f->records++] = f->n + (f->n == 0 ? BUNDLE_MAGIC : 0);
	f->n += n;
	return 0;
}

/* Charter, evidence, two runs, end. */
static void make(struct file *f)
{
	memset(f, 0, sizeof(*f));
	bundle_writer_init(&f->w);
	assert_int_equal(put(f, BUNDLE_CHARTER, charter, charter_n), 0);
	assert_int_equal(put(f, BUNDLE_EVIDENCE, evidence, sizeof(evidence)),
			 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(put(f, BUNDLE_RUN, runs[i], runs_n[i]), 0);
	assert_int_equal(put(f, BUNDLE_END, NULL, 0), 0);
}

static void records_come_back_with_their_places(void **state)
{
	static const struct {
		enum bundle_type type;
		const uint8_t *body;
		const size_t *n;
	} want[] = {
		{ BUNDLE_CHARTER, charter, &charter_n },
		{ BUNDLE_EVIDENCE, evidence, NULL },
		{ BUNDLE_RUN, runs[0], &runs_n[0] },
		{ BUNDLE_RUN, runs[1], &runs_n[1] },
		{ BUNDLE_END, NULL, NULL },
	};
	struct bundle_record rec;
	static struct file f;
	struct bundle b;

	(void)state;
	make(&f);
	assert_memory_equal(f.p, "maillon-bundle/1\n", 17);
	assert_int_equal(bundle_open(&b, f.p, f.n), 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		size_t n = want[i].n != NULL            ? *want[i].n
			   : want[i].type == BUNDLE_END ? 0
							: sizeof(evidence);

		assert_int_equal(bundle_next(&b, &rec), 0);
		assert_int_equal(rec.type, want[i].type);
		assert_int_equal(rec.offset, f.at[i]);
		assert_int_equal(rec.body_n, n);
		if (n > 0)
			assert_memory_equal(rec.body, want[i].body, n);
		else
			assert_null(rec.body);
	}
	assert_int_equal(b.entries, 3);
	assert_int_equal(b.at, f.n);
	assert_int_equal(bundle_next(&b, &rec), ERR_NOT_FOUND);
	assert_int_equal(bundle_next(&b, &rec), ERR_NOT_FOUND);
}

static void records_are_written_in_order(void **state)
{
	static struct file f;

	(void)state;
	memset(&f, 0, sizeof(f));
	bundle_writer_init(&f.w);
	assert_int_equal(put(&f, BUNDLE_RUN, runs[0], runs_n[0]), ERR_STATE);
	assert_int_equal(put(&f, BUNDLE_END, NULL, 0), ERR_STATE);
	assert_int_equal(put(&f, BUNDLE_CHARTER, charter, charter_n), 0);
	assert_int_equal(put(&f, BUNDLE_CHARTER, charter, charter_n),
			 ERR_STATE);
	assert_int_equal(put(&f, BUNDLE_END, NULL, 0), 0);
	assert_int_equal(put(&f, BUNDLE_RUN, runs[0], runs_n[0]), ERR_STATE);
	assert_int_equal(put(&f, BUNDLE_END, NULL, 0), ERR_STATE);
}

static void only_what_can_be_read_is_written(void **state)
{
	static uint8_t out[BUNDLE_ROOM], large[LIMIT_FRAME + 8];
	static struct file f;
	size_t n = 99;

	(void)state;
	memset(&f, 0, sizeof(f));
	bundle_writer_init(&f.w);
	assert_int_equal(put(&f, BUNDLE_CHARTER, charter, charter_n - 1),
			 ERR_FORMAT);
	assert_int_equal(put(&f, BUNDLE_CHARTER, large, LIMIT_CHARTER + 1),
			 ERR_LIMIT);
	assert_int_equal(put(&f, BUNDLE_CHARTER, charter, charter_n), 0);
	assert_int_equal(put(&f, BUNDLE_RUN, runs[0], 60), ERR_FORMAT);
	assert_int_equal(put(&f, BUNDLE_RUN, large, LIMIT_RUN_BYTES + 1),
			 ERR_LIMIT);
	assert_int_equal(put(&f, BUNDLE_EVIDENCE, "\xc0", 1), ERR_FORMAT);
	assert_int_equal(put(&f, BUNDLE_EVIDENCE, "\x01\x01", 2), ERR_FORMAT);
	assert_int_equal(bundle_put(&f.w, out, &n, BUNDLE_END, NULL, 0),
			 ERR_STATE);
	assert_int_equal(n, 99);
}

/* The longest proof that a record holds, and one byte more. */
static void a_record_has_at_most_its_limit(void **state)
{
	static uint8_t out[BUNDLE_ROOM], body[BUNDLE_PROOF + 8];
	static const uint8_t zeros[BUNDLE_PROOF];

	(void)state;
	for (size_t pad = BUNDLE_PROOF - 9; pad <= BUNDLE_PROOF - 5; pad++) {
		struct bundle_writer w;
		size_t n, body_n;
		struct wr wr;

		wr_init(&wr, body, sizeof(body));
		wr_bin(&wr, zeros, pad);
		assert_int_equal(wr_end(&wr, &body_n), 0);
		bundle_writer_init(&w);
		assert_int_equal(bundle_put(&w, out, &n, BUNDLE_CHARTER,
					    charter, charter_n),
				 0);
		assert_int_equal(
			bundle_put(&w, out, &n, BUNDLE_EVIDENCE, body, body_n),
			body_n <= BUNDLE_PROOF - 2 ? 0 : ERR_LIMIT);
	}
}

static void a_record_of_its_limit_is_read(void **state)
{
	static uint8_t file[2 * BUNDLE_ROOM], body[LIMIT_FRAME - 2];
	struct bundle_record rec;
	struct bundle_writer w;
	struct bundle b;
	size_t at, n;

	(void)state;
	body[0] = 0xc5;
	body[1] = (sizeof(body) - 3) >> 8;
	body[2] = (sizeof(body) - 3) & 0xff;
	bundle_writer_init(&w);
	assert_int_equal(
		bundle_put(&w, file, &at, BUNDLE_CHARTER, charter, charter_n),
		0);
	assert_int_equal(bundle_put(&w, file + at, &n, BUNDLE_EVIDENCE, body,
				    sizeof(body)),
			 0);
	assert_int_equal(n, 4 + LIMIT_FRAME);
	assert_int_equal(bundle_open(&b, file, at + n), 0);
	assert_int_equal(bundle_next(&b, &rec), 0);
	assert_int_equal(bundle_next(&b, &rec), 0);
	assert_int_equal(rec.body_n, sizeof(body));
	assert_memory_equal(rec.body, body, sizeof(body));
}

static void other_files_are_no_bundles(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", ERR_FORMAT },
		{ "maillon-bundle/1", ERR_FORMAT },
		{ "maillon-bundle/1\n", 0 },
		{ "maillon-bundle/2\n", ERR_VERSION },
		{ "maillon-bundle/1\r\n", ERR_VERSION },
		{ "maillon-bundle/10\n", ERR_VERSION },
		{ "Maillon-bundle/1\n", ERR_FORMAT },
		{ "maillon-key/1 node 0000000", ERR_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bundle b;

		if (bundle_open(&b, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].err)
			fail_msg("row %zu", i);
	}
}

static void what_came_before_a_truncation_is_given(void **state)
{
	struct bundle_record rec;
	static struct file f;

	(void)state;
	make(&f);
	for (size_t cut = BUNDLE_MAGIC; cut < f.n; cut++) {
		size_t whole = 0, given = 0;
		struct bundle b;

		while (whole + 1 < f.records && f.at[whole + 1] <= cut)
			whole++;
		assert_int_equal(bundle_open(&b, f.p, cut), 0);
		while (bundle_next(&b, &rec) == 0)
			given++;
		assert_int_equal(given, whole);
		assert_int_equal(b.err, ERR_FORMAT);
		assert_int_equal(b.at, f.at[whole]);
		assert_int_equal(bundle_next(&b, &rec), ERR_FORMAT);
	}
}

static void nothing_comes_after_the_end(void **state)
{
	struct bundle_record rec;
	static struct file f;
	struct bundle b;

	(void)state;
	make(&f);
	assert_int_equal(bundle_open(&b, f.p, f.n + 1), 0);
	for (size_t i = 0; i < f.records; i++)
		assert_int_equal(bundle_next(&b, &rec), 0);
	assert_int_equal(bundle_next(&b, &rec), ERR_FORMAT);
	assert_int_equal(b.at, f.n);
}

static void no_byte_may_change(void **state)
{
	static struct file f;

	(void)state;
	make(&f);
	for (size_t i = 0; i < f.n; i++) {
		struct bundle_record rec;
		struct bundle b;

		f.p[i] ^= 0x01;
		if (bundle_open(&b, f.p, f.n) == 0) {
			while (bundle_next(&b, &rec) == 0)
				;
			if (b.err == ERR_NOT_FOUND)
				fail_msg("byte %zu", i);
		}
		f.p[i] ^= 0x01;
	}
}

/* A record as nobody should write it, after a good charter. */
static void only_known_records_in_their_place_are_read(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		int err;
		const char *why;
	} rows[] = {
		{ "\0\0\0\x03\x92\x01\x90", 7, 0, "evidence" },
		{ "\0\0\0\x02\x91\x01", 6, ERR_FORMAT, "no evidence" },
		{ "\0\0\0\x04\x93\x01\x90\x90", 8, ERR_FORMAT, "3 fields" },
		{ "\0\0\0\x03\x92\x02\x90", 7, ERR_FORMAT, "not a run" },
		{ "\0\0\0\x04\x92\x00\xc4\x00", 8, ERR_FORMAT,
		  "another charter" },
		{ "\0\0\0\x03\x92\x04\x90", 7, ERR_VERSION, "type 4" },
		{ "\0\0\0\x07\x95\x09\x01\x01\x01\x01\x01", 11, ERR_VERSION,
		  "type 9 of more fields" },
		{ "\0\0\0\x00", 4, ERR_FORMAT, "nothing" },
		{ "\0\0\0\x03\x92\x01\xc0", 7, ERR_FORMAT, "nil" },
		{ "\0\0\0\x04\x92\x01\x90\x90", 8, ERR_FORMAT, "more" },
		{ "\0\x01\0\x01", 4, ERR_LIMIT, "longer than a frame" },
		{ "\xff\xff\xff\xff", 4, ERR_LIMIT, "four thousand millions" },
		{ "\0\0\0\x03\x92\x03\x00", 7, ERR_FORMAT, "end of 2 fields" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bundle_record rec;
		static struct file f;
		struct bundle b;
		size_t at;
		int err;

		memset(&f, 0, sizeof(f));
		bundle_writer_init(&f.w);
		assert_int_equal(put(&f, BUNDLE_CHARTER, charter, charter_n),
				 0);
		at = f.n;
		memcpy(f.p + f.n, rows[i].p, rows[i].n);
		f.n += rows[i].n;
		assert_int_equal(bundle_open(&b, f.p, f.n), 0);
		assert_int_equal(bundle_next(&b, &rec), 0);
		err = bundle_next(&b, &rec);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		if (err != 0)
			assert_int_equal(b.at, at);
	}
}

static void a_charter_comes_first(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		int err;
		const char *why;
	} rows[] = {
		{ "\0\0\0\x03\x92\x01\x90", 7, ERR_FORMAT, "evidence" },
		{ "\0\0\0\x05\x92\x00\xc4\x01x", 9, ERR_FORMAT,
		  "bytes that are no charter" },
		{ "\0\0\0\x05\x92\x00\xc4\x02x", 9, ERR_FORMAT, "cut short" },
		{ "\0\0\0\x06\x92\x00\xc4\x02\x91\x02", 10, ERR_VERSION,
		  "a charter of version 2" },
		{ "\0\0\0\x05\x92\x00\xc5\x10\x01", 9, ERR_LIMIT,
		  "one that is too long" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t p[64] = "maillon-bundle/1\n";
		struct bundle_record rec;
		struct bundle b;
		int err;

		memcpy(p + BUNDLE_MAGIC, rows[i].p, rows[i].n);
		assert_int_equal(bundle_open(&b, p, BUNDLE_MAGIC + rows[i].n),
				 0);
		err = bundle_next(&b, &rec);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		assert_int_equal(b.at, BUNDLE_MAGIC);
	}
}

/* An end record that counts or checks otherwise. */
static void the_end_agrees_with_all_before(void **state)
{
	struct bundle_record rec;
	static struct file f;
	struct bundle b;
	size_t end;

	(void)state;
	make(&f);
	end = f.at[4];
	/* length(4), array, type, count, then the check. */
	assert_int_equal(f.p[end + 6], 3);
	for (size_t i = end + 6; i < f.n; i += f.n - end - 7) {
		f.p[i] ^= 0x01;
		assert_int_equal(bundle_open(&b, f.p, f.n), 0);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(bundle_next(&b, &rec), 0);
		assert_int_equal(bundle_next(&b, &rec), ERR_SIGNATURE);
		assert_int_equal(b.at, end);
		f.p[i] ^= 0x01;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(records_come_back_with_their_places),
		UNIT(records_are_written_in_order),
		UNIT(only_what_can_be_read_is_written),
		UNIT(a_record_has_at_most_its_limit),
		UNIT(a_record_of_its_limit_is_read),
		UNIT(other_files_are_no_bundles),
		UNIT(what_came_before_a_truncation_is_given),
		UNIT(nothing_comes_after_the_end),
		UNIT(no_byte_may_change),
		UNIT(only_known_records_in_their_place_are_read),
		UNIT(a_charter_comes_first),
		UNIT(the_end_agrees_with_all_before),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
