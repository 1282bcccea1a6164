#include "proto/run.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdbool.h>
#include <string.h>

enum { CHAIN_MAX = 900 };

/* A feed, or a part of one. */
struct chain {
	uint64_t from;
	size_t n;
	struct id before; /* what the first entry follows */
	struct id id[CHAIN_MAX];
	size_t raw_n[CHAIN_MAX];
	uint8_t raw[CHAIN_MAX][256];
};

static struct chain chain;
static struct run_room room;
static struct seckey *key;
static struct pubkey feed;

static int make_key(void **state)
{
	uint8_t seed[SEED_SIZE] = { 7 };

	(void)state;
	if (crypto_start() != 0 || seckey_from_seed(&key, seed) != 0)
		return -1;
	feed = seckey_pub(key);
	return 0;
}

static int close_key(void **state)
{
	(void)state;
	seckey_close(key);
	return 0;
}

/* Add one entry; its signature is spoiled when is_bad, and the chain goes on
 * from there. */
static void grow(struct chain *c, bool is_bad)
{
	static const uint8_t facts[] = { 0x81, 2, 5 };
	struct id *prev = c->n == 0 ? &c->before : &c->id[c->n - 1];
	struct entry_plan plan = { .seq = c->from + c->n,
				   .prev = *prev,
				   .time_ms = 1585699200000 + c->n,
				   .kind = 24,
				   .facts = facts,
				   .facts_n = sizeof(facts) };
	uint8_t buf[LIMIT_ENTRY];
	size_t n;

	assert_true(c->n < CHAIN_MAX);
	if (c->n % 3 == 0)
		plan.seen = prev;
	assert_int_equal(entry_seal(buf, &n, &plan, key), 0);
	assert_true(n <= sizeof(c->raw[0]));
	if (is_bad)
		buf[n - 1] ^= 0x10;
	memcpy(c->raw[c->n], buf, n);
	c->raw_n[c->n] = n;
	c->id[c->n] = hash_id(buf, n);
	c->n++;
}

static void start(struct chain *c, uint64_t from)
{
	c->from = from;
	c->n = 0;
	memset(c->before.b, 0x5a, sizeof(c->before.b));
}

/* Entries i to n of the chain as a run; its bytes. */
static size_t write_run(uint8_t *out, size_t max, const struct chain *c,
			size_t i, size_t n)
{
	struct run_writer w;
	size_t len;

	run_writer_init(&w, out, max, &feed);
	for (; i < n; i++)
		assert_int_equal(run_writer_add(&w, c->raw[i], c->raw_n[i]), 0);
	assert_int_equal(run_writer_end(&w, &len), 0);
	return len;
}

static void entries_come_back_byte_for_byte(void **state)
{
	static const size_t counts[] = { 1, 2, 15, 16, 17, 255, 256, 600 };
	static uint8_t out[LIMIT_RUN_BYTES], buf[LIMIT_ENTRY];

	(void)state;
	start(&chain, 120);
	while (chain.n < 600)
		grow(&chain, false);
	for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
		size_t n = write_run(out, sizeof(out), &chain, 0, counts[k]);
		struct run_walk walk;
		struct entry e;
		struct run run;
		struct id id;

		assert_int_equal(run_decode(&run, out, n), 0);
		assert_true(pubkey_eq(&run.feed, &feed));
		assert_int_equal(run.from, 120);
		assert_true(id_eq(&run.prev, &chain.before));
		assert_int_equal(run.count, counts[k]);
		run_walk_init(&walk, &run);
		for (size_t i = 0; i < counts[k]; i++) {
			assert_int_equal(run_walk_next(&walk, &e, &id, buf), 0);
			assert_int_equal(e.raw_n, chain.raw_n[i]);
			assert_memory_equal(e.raw, chain.raw[i], e.raw_n);
			assert_true(id_eq(&id, &chain.id[i]));
		}
		assert_int_equal(run_walk_next(&walk, &e, &id, buf),
				 ERR_NOT_FOUND);
	}
}

/* Without what whoever asked for it knows: 24 bytes of the feed, and prev. */
static void a_brief_run_leaves_out_what_was_asked(void **state)
{
	static uint8_t whole[LIMIT_RUN_BYTES], out[LIMIT_RUN_BYTES];
	struct run_writer w;
	struct run run;
	bool is_brief;
	uint32_t good;
	size_t n, len;

	(void)state;
	start(&chain, 7);
	while (chain.n < 20)
		grow(&chain, false);
	len = write_run(whole, sizeof(whole), &chain, 0, 20);
	assert_int_equal(run_decode_answer(&run, &is_brief, whole, len), 0);
	assert_false(is_brief);
	run_writer_init(&w, out, sizeof(out), &feed);
	w.is_brief = true;
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(
			run_writer_add(&w, chain.raw[i], chain.raw_n[i]), 0);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(n, len - 24 - 33);
	assert_int_equal(run_decode(&run, out, n), ERR_FORMAT);
	assert_int_equal(run_decode_answer(&run, &is_brief, out, n), 0);
	assert_true(is_brief);
	assert_memory_equal(run.feed.b, feed.b, RUN_BRIEF);
	assert_int_equal(run.feed.b[RUN_BRIEF], 0);
	assert_int_equal(run.from, 7);
	run.feed = feed;
	run.prev = chain.before;
	assert_int_equal(run_check(&room, &good, &run, &run.prev), 0);
	assert_int_equal(good, 20);
	for (size_t cut = 0; cut < 20; cut++)
		assert_int_not_equal(
			run_decode_answer(&run, &is_brief, out, cut), 0);
}

static void a_run_starts_anywhere(void **state)
{
	static uint8_t out[LIMIT_RUN_BYTES];
	struct run run;
	uint32_t good;
	size_t n;

	(void)state;
	start(&chain, 1);
	for (int i = 0; i < 9; i++)
		grow(&chain, false);
	n = write_run(out, sizeof(out), &chain, 5, 8);
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run.from, 6);
	assert_int_equal(run_check(&room, &good, &run, &chain.id[4]), 0);
	assert_int_equal(good, 3);
	assert_int_equal(run_check(&room, &good, &run, &chain.id[3]),
			 ERR_CHAIN);
	assert_int_equal(good, 0);
}

static void the_ceiling_is_exact(void **state)
{
	static const size_t counts[] = { 1, 2, 14, 15, 16, 17, 40 };
	static uint8_t full[LIMIT_RUN_BYTES], out[LIMIT_RUN_BYTES];

	(void)state;
	start(&chain, 1);
	while (chain.n < 40)
		grow(&chain, false);
	for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
		size_t last = counts[k] - 1, n, want;
		struct run_writer w;

		want = write_run(full, sizeof(full), &chain, 0, counts[k]);
		n = write_run(out, want, &chain, 0, counts[k]);
		assert_int_equal(n, want);
		assert_memory_equal(out, full, n);

		memset(out, 0xee, sizeof(out));
		run_writer_init(&w, out, want - 1, &feed);
		for (size_t i = 0; i < last; i++)
			assert_int_equal(run_writer_add(&w, chain.raw[i],
							chain.raw_n[i]),
					 0);
		assert_int_equal(
			run_writer_add(&w, chain.raw[last], chain.raw_n[last]),
			ERR_LIMIT);
		assert_int_equal(out[want - 1], 0xee);
		if (last == 0) {
			assert_int_equal(run_writer_end(&w, &n), ERR_STATE);
			continue;
		}
		assert_int_equal(run_writer_end(&w, &n), 0);
		want = write_run(full, sizeof(full), &chain, 0, last);
		assert_int_equal(n, want);
		assert_memory_equal(out, full, n);
	}
}

static void no_room_is_a_limit_and_no_crash(void **state)
{
	uint8_t out[128];

	(void)state;
	start(&chain, 1);
	grow(&chain, false);
	for (size_t max = 0; max < sizeof(out); max++) {
		struct run_writer w;
		size_t n;

		run_writer_init(&w, out, max, &feed);
		assert_int_equal(
			run_writer_add(&w, chain.raw[0], chain.raw_n[0]),
			ERR_LIMIT);
		assert_int_equal(run_writer_end(&w, &n), ERR_STATE);
	}
}

static void a_run_has_at_most_its_limit_of_bytes(void **state)
{
	static uint8_t out[2 * LIMIT_RUN_BYTES];
	size_t n, added = 0;
	struct run_writer w;
	struct run run;

	(void)state;
	start(&chain, 1);
	while (chain.n < CHAIN_MAX)
		grow(&chain, false);
	run_writer_init(&w, out, sizeof(out), &feed);
	while (added < chain.n &&
	       run_writer_add(&w, chain.raw[added], chain.raw_n[added]) == 0)
		added++;
	assert_in_range(added, 500, CHAIN_MAX - 1);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_in_range(n, LIMIT_RUN_BYTES - 256, LIMIT_RUN_BYTES);
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run.count, added);
}

/* An entry with a fact of so many bytes; 143 more than that in all. */
static size_t seal_padded(uint8_t *raw, uint64_t seq, const struct id *prev,
			  size_t pad)
{
	static const uint8_t zeros[LIMIT_ENTRY];
	static uint8_t facts[LIMIT_ENTRY];
	struct entry_plan plan = { .seq = seq, .prev = *prev, .facts = facts };
	struct wr wr;
	size_t n;

	wr_init(&wr, facts, sizeof(facts));
	wr_map(&wr, 1);
	wr_uint(&wr, 1);
	wr_bin(&wr, zeros, pad);
	assert_int_equal(wr_end(&wr, &plan.facts_n), 0);
	assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
	return n;
}

static void the_largest_entry_fits_and_the_largest_run_is_read(void **state)
{
	static uint8_t raw[LIMIT_ENTRY];
	static uint8_t out[LIMIT_RUN_BYTES];
	size_t pad = LIMIT_ENTRY - 143, n;
	struct id prev = { { 4 } };
	struct run_writer w;
	struct run run;
	uint32_t good;

	(void)state;
	n = seal_padded(raw, 1, &prev, pad);
	assert_int_equal(n, LIMIT_ENTRY);
	run_writer_init(&w, out, sizeof(out), &feed);
	assert_int_equal(run_writer_add(&w, raw, n), 0);
	n = seal_padded(raw, 2, &w.tip, 300);
	assert_int_equal(run_writer_add(&w, raw, n), 0);
	do
		n = seal_padded(raw, 3, &w.tip, pad--);
	while (run_writer_add(&w, raw, n) == ERR_LIMIT);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(n, LIMIT_RUN_BYTES);
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run_check(&room, &good, &run, &prev), 0);
	assert_int_equal(good, 3);
	assert_int_equal(run_decode(&run, out, n + 1), ERR_LIMIT);
}

static void only_what_follows_is_added(void **state)
{
	static uint8_t out[LIMIT_RUN_BYTES];
	struct run_writer w;
	struct pubkey other = feed;
	size_t n;

	(void)state;
	start(&chain, 1);
	for (int i = 0; i < 4; i++)
		grow(&chain, false);
	run_writer_init(&w, out, sizeof(out), &feed);
	assert_int_equal(run_writer_end(&w, &n), ERR_STATE);
	assert_int_equal(run_writer_add(&w, chain.raw[0], chain.raw_n[0]), 0);
	assert_int_equal(run_writer_add(&w, chain.raw[0], chain.raw_n[0]),
			 ERR_CHAIN);
	assert_int_equal(run_writer_add(&w, chain.raw[2], chain.raw_n[2]),
			 ERR_CHAIN);
	assert_int_equal(run_writer_add(&w, chain.raw[1], chain.raw_n[1] - 1),
			 ERR_FORMAT);
	chain.raw[1][70] ^= 1; /* inside prev */
	assert_int_equal(run_writer_add(&w, chain.raw[1], chain.raw_n[1]),
			 ERR_CHAIN);
	chain.raw[1][70] ^= 1;
	assert_int_equal(run_writer_add(&w, chain.raw[1], chain.raw_n[1]), 0);
	assert_int_equal(run_writer_end(&w, &n), 0);

	other.b[0] ^= 1;
	run_writer_init(&w, out, sizeof(out), &other);
	assert_int_equal(run_writer_add(&w, chain.raw[0], chain.raw_n[0]),
			 ERR_CHAIN);
}

static void the_head_of_a_run_is_checked(void **state)
{
	static const struct {
		uint32_t fields;
		size_t feed_n, prev_n;
		uint64_t from;
		uint32_t count;
		size_t pad;
		int err;
		const char *why;
	} rows[] = {
		{ 4, 32, 32, 1, 1, 1, 0, "smallest" },
		{ 4, 32, 32, 1, LIMIT_RUN, LIMIT_RUN, 0, "most entries" },
		{ 4, 32, 32, 1, LIMIT_RUN + 1, LIMIT_RUN + 1, ERR_LIMIT,
		  "one more" },
		{ 4, 32, 32, 1, 9, 8, ERR_FORMAT, "more than there are bytes" },
		{ 4, 32, 32, 1, 0, 0, ERR_FORMAT, "no entries" },
		{ 4, 32, 32, 0, 1, 1, ERR_FORMAT, "from 0" },
		{ 4, 32, 32, LIMIT_SEQ, 1, 1, 0, "the last seq" },
		{ 4, 32, 32, LIMIT_SEQ, 2, 2, ERR_LIMIT, "beyond it" },
		{ 4, 32, 32, LIMIT_SEQ + 1, 1, 1, ERR_LIMIT, "from beyond it" },
		{ 4, 31, 32, 1, 1, 1, ERR_FORMAT, "a short feed" },
		{ 4, 32, 31, 1, 1, 1, ERR_FORMAT, "a short prev" },
		{ 3, 32, 32, 1, 1, 1, ERR_FORMAT, "3 fields" },
		{ 5, 32, 32, 1, 1, 1, ERR_LIMIT, "5 fields" },
	};
	static const uint8_t zeros[LIMIT_RUN + 1];
	uint8_t buf[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run run = { .count = 77 };
		struct wr w;
		size_t n;
		int err;

		wr_init(&w, buf, sizeof(buf));
		wr_array(&w, rows[i].fields);
		wr_bin(&w, zeros, rows[i].feed_n);
		wr_uint(&w, rows[i].from);
		wr_bin(&w, zeros, rows[i].prev_n);
		wr_array(&w, rows[i].count);
		wr_raw(&w, zeros, rows[i].pad);
		assert_int_equal(wr_end(&w, &n), 0);
		err = run_decode(&run, buf, n);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		if (err != 0)
			assert_int_equal(run.count, 77);
	}
}

static void the_tails_of_a_run_are_checked(void **state)
{
	static const struct {
		const char *p; /* all but the signature */
		size_t n, sig_n;
		int err;
		const char *why;
	} rows[] = {
		{ "\x95\x00\x00\x80\xc0", 5, 64, 0, "smallest" },
		{ "\x94\x00\x00\x80\xc0", 5, 64, ERR_FORMAT, "4 fields" },
		{ "\x96\x00\x00\x80\xc0", 5, 64, ERR_LIMIT, "6 fields" },
		{ "\x95\x00\x00\x80\xc0", 5, 63, ERR_FORMAT, "short sig" },
		{ "\x95\x00\x00\x80\xc0", 5, 65, ERR_LIMIT, "long sig" },
		{ "\x95\x00\x00\x90\xc0", 5, 64, ERR_FORMAT, "facts a list" },
		{ "\x95\x00\x00\x05\xc0", 5, 64, ERR_FORMAT, "a number" },
		{ "\x95\x00\x00\x80\x05", 5, 64, ERR_FORMAT, "seen a number" },
		{ "\x95\x00\x00\x80\x80", 5, 64, ERR_FORMAT, "seen a map" },
		{ "\x95\x00\x00\x80\xc4\x01x", 7, 64, ERR_FORMAT, "short" },
		{ "\x95\xcc\x05\x00\x80\xc0", 6, 64, ERR_FORMAT, "long time" },
		{ "\x95\x00\xce\x00\x01\x00\x00\x80\xc0", 9, 64, ERR_LIMIT,
		  "kind" },
		{ "\x95\x00\x00\x81\x01\x91\x91\x91\x90\xc0", 10, 64, 0,
		  "deep" },
		{ "\x95\x00\x00\x81\x01\x91\x91\x91\x91\x90\xc0", 11, 64,
		  ERR_FORMAT, "deeper" },
	};
	static const uint8_t zeros[65];
	uint8_t bytes[512], buf[LIMIT_ENTRY];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_walk walk;
		struct entry e;
		struct run run;
		struct id id;
		struct wr w;
		size_t n;
		int err;

		wr_init(&w, bytes, sizeof(bytes));
		wr_array(&w, 4);
		wr_bin(&w, zeros, 32);
		wr_uint(&w, 1);
		wr_bin(&w, zeros, 32);
		wr_array(&w, 1);
		wr_raw(&w, rows[i].p, rows[i].n);
		wr_bin(&w, zeros, rows[i].sig_n);
		assert_int_equal(wr_end(&w, &n), 0);
		assert_int_equal(run_decode(&run, bytes, n), 0);
		run_walk_init(&walk, &run);
		err = run_walk_next(&walk, &e, &id, buf);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		if (err != 0)
			assert_int_equal(run_walk_next(&walk, &e, &id, buf),
					 err);
	}
}

static void what_came_before_a_truncation_is_good(void **state)
{
	static uint8_t out[LIMIT_RUN_BYTES];
	size_t ends[6], n;
	struct run run;
	uint32_t good;

	(void)state;
	start(&chain, 1);
	for (size_t i = 0; i < 5; i++)
		grow(&chain, false);
	for (size_t i = 1; i <= 5; i++)
		ends[i] = write_run(out, sizeof(out), &chain, 0, i);
	n = ends[5];
	for (size_t cut = 0; cut < n; cut++) {
		uint32_t whole = 0;

		while (whole < 5 && ends[whole + 1] <= cut)
			whole++;
		if (run_decode(&run, out, cut) != 0) {
			assert_true(cut < ends[1]);
			continue;
		}
		assert_int_equal(run_check(&room, &good, &run, &chain.before),
				 ERR_FORMAT);
		assert_int_equal(good, whole);
	}
	out[n] = 0;
	assert_int_equal(run_decode(&run, out, n + 1), 0);
	assert_int_equal(run_check(&room, &good, &run, &chain.before),
			 ERR_FORMAT);
	assert_int_equal(good, 4);
}

/* The first n entries that the room holds are those of the chain. */
static void assert_own(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct run_entry *x = &room.at[i];

		assert_int_equal(x->entry.seq, chain.from + i);
		assert_int_equal(x->entry.raw_n, chain.raw_n[i]);
		assert_memory_equal(x->entry.raw, chain.raw[i], chain.raw_n[i]);
		assert_true(id_eq(&x->id, &chain.id[i]));
	}
}

static void nothing_that_was_changed_is_good(void **state)
{
	static uint8_t out[LIMIT_RUN_BYTES];
	struct run run;
	uint32_t good;
	size_t n;

	(void)state;
	start(&chain, 1);
	for (size_t i = 0; i < 4; i++)
		grow(&chain, false);
	n = write_run(out, sizeof(out), &chain, 0, 4);
	for (size_t i = 0; i < n; i++) {
		out[i] ^= 0x02;
		if (run_decode(&run, out, n) == 0) {
			assert_true(run_check(&room, &good, &run,
					      &chain.before) < 0);
			assert_own(good);
		}
		out[i] ^= 0x02;
	}
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run_check(&room, &good, &run, &chain.before), 0);
}

static void what_the_last_valid_signature_covers_is_good(void **state)
{
	static const struct {
		uint64_t from;
		size_t n;
		uint64_t bad[4]; /* from, to; from, to */
		uint32_t good;
		int err;
		const char *why;
	} rows[] = {
		{ 1, 9, { 0 }, 9, 0, "all are good" },
		{ 1, 9, { 4, 4 }, 9, 0, "one in the middle is covered" },
		{ 1, 9, { 1, 8 }, 9, 0, "all but the last" },
		{ 1, 9, { 9, 9 }, 8, ERR_SIGNATURE, "the last" },
		{ 1, 9, { 5, 9 }, 4, ERR_SIGNATURE, "the second half" },
		{ 1, 9, { 1, 3, 7, 9 }, 6, ERR_SIGNATURE, "both ends" },
		{ 1, 9, { 1, 9 }, 0, ERR_SIGNATURE, "all" },
		{ 1, 1, { 1, 1 }, 0, ERR_SIGNATURE, "the only one" },
		{ 250, 20, { 0 }, 20, 0, "across 256" },
		{ 250,
		  20,
		  { 256, 256 },
		  6,
		  ERR_SIGNATURE,
		  "256 must be valid, whatever follows" },
		{ 250, 20, { 255, 256 }, 5, ERR_SIGNATURE, "and 255" },
		{ 250, 20, { 250, 256 }, 0, ERR_SIGNATURE, "and all before" },
		{ 256, 3, { 256, 256 }, 0, ERR_SIGNATURE, "256 first" },
		{ 250, 7, { 256, 256 }, 6, ERR_SIGNATURE, "256 last" },
		{ 250, 7, { 250, 255 }, 7, 0, "256 last and good" },
		{ 1, 300, { 257, 300 }, 256, ERR_SIGNATURE, "256 holds" },
		{ 1,
		  300,
		  { 257, 270, 300, 300 },
		  299,
		  ERR_SIGNATURE,
		  "one after it" },
		{ 1, 300, { 1, 255 }, 300, 0, "256 and the last cover all" },
		{ 1, 600, { 512, 512 }, 511, ERR_SIGNATURE, "the second one" },
		{ 1,
		  600,
		  { 257, 512 },
		  256,
		  ERR_SIGNATURE,
		  "nothing between the first and the second" },
		{ 513, 255, { 513, 767 }, 0, ERR_SIGNATURE, "none must be" },
	};
	static uint8_t out[LIMIT_RUN_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint64_t *b = rows[i].bad;
		struct run run;
		uint32_t good;
		size_t n;
		int err;

		start(&chain, rows[i].from);
		while (chain.n < rows[i].n) {
			uint64_t seq = chain.from + chain.n;

			grow(&chain, (seq >= b[0] && seq <= b[1]) ||
					     (seq >= b[2] && seq <= b[3]));
		}
		n = write_run(out, sizeof(out), &chain, 0, chain.n);
		assert_int_equal(run_decode(&run, out, n), 0);
		err = run_check(&room, &good, &run, &chain.before);
		if (err != rows[i].err || good != rows[i].good)
			fail_msg("%s: %u, %d", rows[i].why, good, err);
		assert_own(good);
	}
}

static void what_came_before_a_malformed_tail_is_good(void **state)
{
	static uint8_t out[LIMIT_RUN_BYTES];
	size_t end, n;
	struct run run;
	uint32_t good;

	(void)state;
	start(&chain, 1);
	for (size_t i = 0; i < 9; i++)
		grow(&chain, i == 4);
	end = write_run(out, sizeof(out), &chain, 0, 6);
	n = write_run(out, sizeof(out), &chain, 0, 9);
	out[end] = 0x94; /* the header of the seventh tail */
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run_check(&room, &good, &run, &chain.before),
			 ERR_FORMAT);
	assert_int_equal(good, 6);
	end = write_run(out, sizeof(out), &chain, 0, 5);
	n = write_run(out, sizeof(out), &chain, 0, 9);
	out[end] = 0x94;
	assert_int_equal(run_decode(&run, out, n), 0);
	assert_int_equal(run_check(&room, &good, &run, &chain.before),
			 ERR_FORMAT);
	assert_int_equal(good, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(entries_come_back_byte_for_byte),
		UNIT(a_brief_run_leaves_out_what_was_asked),
		UNIT(a_run_starts_anywhere),
		UNIT(the_ceiling_is_exact),
		UNIT(no_room_is_a_limit_and_no_crash),
		UNIT(a_run_has_at_most_its_limit_of_bytes),
		UNIT(the_largest_entry_fits_and_the_largest_run_is_read),
		UNIT(only_what_follows_is_added),
		UNIT(the_head_of_a_run_is_checked),
		UNIT(the_tails_of_a_run_are_checked),
		UNIT(what_came_before_a_truncation_is_good),
		UNIT(nothing_that_was_changed_is_good),
		UNIT(what_the_last_valid_signature_covers_is_good),
		UNIT(what_came_before_a_malformed_tail_is_good),
	};

	return cmocka_run_group_tests(tests, make_key, close_key);
}
