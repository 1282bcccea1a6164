#include "proto/entry.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <string.h>

static const uint8_t seed[SEED_SIZE] = { 1, 2, 3 };
static struct seckey *key;

static int make_key(void **state)
{
	(void)state;
	if (crypto_start() != 0)
		return -1;
	return seckey_from_seed(&key, seed);
}

static int close_key(void **state)
{
	(void)state;
	seckey_close(key);
	return 0;
}

/* {17: [["visor", 48]]} */
static const uint8_t facts[] = { 0x81, 17,  0x91, 0x92, 0xa5, 'v',
				 'i',  's', 'o',  'r',  48 };

static struct entry_plan plan_of(uint64_t seq)
{
	struct entry_plan plan = { .seq = seq,
				   .prev = { { 9 } },
				   .time_ms = 1585699200000,
				   .kind = 24,
				   .facts = facts,
				   .facts_n = sizeof(facts) };

	return plan;
}

static size_t seal(uint8_t *out, const struct entry_plan *plan)
{
	size_t n;

	assert_int_equal(entry_seal(out, &n, plan, key), 0);
	return n;
}

static void what_is_sealed_is_read_back(void **state)
{
	struct entry_plan plan = plan_of(7);
	struct pubkey pub = seckey_pub(key);
	struct id seen = { { 5 } }, id;
	uint8_t buf[LIMIT_ENTRY];
	struct entry e;
	size_t n;

	(void)state;
	plan.seen = &seen;
	n = seal(buf, &plan);
	assert_int_equal(entry_decode(&e, buf, n), 0);
	assert_true(pubkey_eq(&e.feed, &pub));
	assert_int_equal(e.seq, 7);
	assert_true(id_eq(&e.prev, &plan.prev));
	assert_true(e.time_ms == plan.time_ms);
	assert_int_equal(e.kind, 24);
	assert_int_equal(e.facts_n, sizeof(facts));
	assert_memory_equal(e.facts, facts, sizeof(facts));
	assert_true(e.has_seen);
	assert_true(id_eq(&e.seen, &seen));
	assert_ptr_equal(e.raw, buf);
	assert_int_equal(e.raw_n, n);
	assert_int_equal(entry_verify(&e), 0);
	id = hash_id(buf, n);
	seen = entry_id(&e);
	assert_true(id_eq(&id, &seen));
}

static void every_truncation_is_refused(void **state)
{
	struct entry_plan plan = plan_of(7);
	uint8_t buf[LIMIT_ENTRY];
	struct entry e;
	size_t n = seal(buf, &plan);

	(void)state;
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(entry_decode(&e, buf, cut), ERR_FORMAT);
	buf[n] = 0;
	assert_int_equal(entry_decode(&e, buf, n + 1), ERR_FORMAT);
}

static void no_byte_may_change(void **state)
{
	struct entry_plan plan = plan_of(7);
	uint8_t buf[LIMIT_ENTRY];
	struct entry e;
	size_t n = seal(buf, &plan);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		buf[i] ^= 0x01;
		if (entry_decode(&e, buf, n) == 0)
			assert_int_equal(entry_verify(&e), ERR_SIGNATURE);
		buf[i] ^= 0x01;
	}
	assert_int_equal(entry_decode(&e, buf, n), 0);
	assert_int_equal(entry_verify(&e), 0);
}

static void another_key_is_another_feed(void **state)
{
	struct entry_plan plan = plan_of(7);
	uint8_t buf[LIMIT_ENTRY], other_seed[SEED_SIZE] = { 4 };
	struct seckey *other;
	struct entry e;
	size_t n = seal(buf, &plan);

	(void)state;
	assert_int_equal(seckey_from_seed(&other, other_seed), 0);
	assert_int_equal(entry_decode(&e, buf, n), 0);
	e.feed = seckey_pub(other);
	assert_int_equal(entry_verify(&e), ERR_SIGNATURE);
	seckey_close(other);
}

/* How a body is put together that entry_seal would not sign. */
struct odd {
	unsigned fields;
	unsigned version;
	size_t feed_n, prev_n;
	uint64_t seq, time_ms, kind;
	const char *facts;
	size_t facts_n;
	const char *seen;
	size_t seen_n;
	int err;
	const char *why;
};

#define EMPTY_MAP "\x80", 1
#define SIXTEEN                                     \
	"\xde\x00\x10"                              \
	"\0\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0"          \
	"\x8\0\x9\0\xa\0\xb\0\xc\0\xd\0\xe\0\xf\0", \
		35
#define NIL "\xc0", 1
#define SEEN31                             \
	"\xc4\x1f"                         \
	"0123456789012345678901234567890", \
		33
#define SEEN32                              \
	"\xc4\x20"                          \
	"01234567890123456789012345678901", \
		34

static const struct odd odds[] = {
	{ 8, 1, 32, 32, 1, 0, 0, EMPTY_MAP, NIL, 0, "smallest" },
	{ 8, 1, 32, 32, LIMIT_SEQ, LIMIT_TIME_MS, LIMIT_KIND, EMPTY_MAP, SEEN32,
	  0, "largest" },
	{ 7, 1, 32, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "7 fields" },
	{ 9, 1, 32, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_LIMIT, "9 fields" },
	{ 8, 0, 32, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "version 0" },
	{ 8, 2, 32, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "version 2" },
	{ 8, 1, 31, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "short feed" },
	{ 8, 1, 33, 32, 1, 0, 0, EMPTY_MAP, NIL, ERR_LIMIT, "long feed" },
	{ 8, 1, 32, 31, 1, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "short prev" },
	{ 8, 1, 32, 33, 1, 0, 0, EMPTY_MAP, NIL, ERR_LIMIT, "long prev" },
	{ 8, 1, 32, 32, 0, 0, 0, EMPTY_MAP, NIL, ERR_FORMAT, "seq 0" },
	{ 8, 1, 32, 32, LIMIT_SEQ + 1, 0, 0, EMPTY_MAP, NIL, ERR_LIMIT, "seq" },
	{ 8, 1, 32, 32, 1, LIMIT_TIME_MS + 1, 0, EMPTY_MAP, NIL, ERR_LIMIT,
	  "time" },
	{ 8, 1, 32, 32, 1, 0, LIMIT_KIND + 1, EMPTY_MAP, NIL, ERR_LIMIT,
	  "kind" },
	{ 8, 1, 32, 32, 1, 0, 0, SIXTEEN, NIL, 0, "sixteen facts" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x90", 1, NIL, ERR_FORMAT, "facts a list" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x05", 1, NIL, ERR_FORMAT, "a number" },
	{ 8, 1, 32, 32, 1, 0, 0, "\xa1x", 2, NIL, ERR_FORMAT, "a text" },
	{ 8, 1, 32, 32, 1, 0, 0, "\xff", 1, NIL, ERR_FORMAT, "a negative" },
	{ 8, 1, 32, 32, 1, 0, 0, NIL, NIL, ERR_FORMAT, "no facts" },
	{ 8, 1, 32, 32, 1, 0, 0, "\xde\x00\x00", 3, NIL, ERR_FORMAT,
	  "a long header" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x81\x01\xc0", 3, NIL, ERR_FORMAT,
	  "nil for a fact" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x82\x02\x00\x01\x00", 5, NIL, ERR_FORMAT,
	  "falling keys" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x81\x01\x91\x91\x91\x90", 6, NIL, 0,
	  "six deep" },
	{ 8, 1, 32, 32, 1, 0, 0, "\x81\x01\x91\x91\x91\x91\x90", 7, NIL,
	  ERR_FORMAT, "seven deep" },
	{ 8, 1, 32, 32, 1, 0, 0, EMPTY_MAP, SEEN31, ERR_FORMAT, "short seen" },
	{ 8, 1, 32, 32, 1, 0, 0, EMPTY_MAP, "\x00", 1, ERR_FORMAT,
	  "a number for seen" },
	{ 8, 1, 32, 32, 1, 0, 0, EMPTY_MAP, "", 0, ERR_FORMAT, "no seen" },
	{ 8, 1, 32, 32, 1, 0, 0, EMPTY_MAP, "\xc0\xc0", 2, ERR_FORMAT,
	  "something after" },
};

static void only_the_canonical_body_is_read(void **state)
{
	static const uint8_t zeros[33];
	uint8_t buf[512];
	struct entry e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		const struct odd *o = &odds[i];
		struct wr w;
		size_t n;

		wr_init(&w, buf, sizeof(buf));
		wr_array(&w, o->fields);
		wr_uint(&w, o->version);
		wr_bin(&w, zeros, o->feed_n);
		wr_uint(&w, o->seq);
		wr_bin(&w, zeros, o->prev_n);
		wr_uint(&w, o->time_ms);
		wr_uint(&w, o->kind);
		wr_raw(&w, o->facts, o->facts_n);
		wr_raw(&w, o->seen, o->seen_n);
		wr_raw(&w, zeros, 32);
		wr_raw(&w, zeros, 32);
		assert_int_equal(wr_end(&w, &n), 0);
		if (entry_decode(&e, buf, n) != o->err)
			fail_msg("%s: %d", o->why, entry_decode(&e, buf, n));
	}
}

static void a_failure_leaves_the_result_alone(void **state)
{
	struct entry e = { .seq = 77 };

	(void)state;
	assert_int_equal(entry_decode(&e, "", 0), ERR_FORMAT);
	assert_int_equal(e.seq, 77);
}

/* A fact of so many bytes that the entry gets n. */
static struct entry_plan plan_of_size(uint8_t *buf, size_t n)
{
	static const uint8_t pad[LIMIT_ENTRY];
	struct entry_plan plan = plan_of(1);
	struct wr w;

	/* All but the bytes of the fact: 8 fields, and 2 headers. */
	n -= 1 + 1 + 34 + 1 + 34 + 9 + 1 + 1 + SIG_SIZE + 1 + 1 + 3;
	wr_init(&w, buf, LIMIT_ENTRY);
	wr_map(&w, 1);
	wr_uint(&w, 1);
	wr_bin(&w, pad, n);
	assert_int_equal(wr_end(&w, &plan.facts_n), 0);
	plan.facts = buf;
	return plan;
}

static void an_entry_has_at_most_its_limit(void **state)
{
	static uint8_t space[LIMIT_ENTRY], buf[LIMIT_ENTRY + 1];
	struct entry_plan plan;
	struct entry e;
	size_t n = 0;

	(void)state;
	for (size_t want = LIMIT_ENTRY - 1; want <= LIMIT_ENTRY; want++) {
		plan = plan_of_size(space, want);
		assert_int_equal(entry_seal(buf, &n, &plan, key), 0);
		assert_int_equal(n, want);
		assert_int_equal(entry_decode(&e, buf, n), 0);
	}
	plan = plan_of_size(space, LIMIT_ENTRY + 1);
	assert_int_equal(entry_seal(buf, &n, &plan, key), ERR_LIMIT);
	assert_int_equal(n, LIMIT_ENTRY);
	assert_int_equal(entry_decode(&e, buf, LIMIT_ENTRY + 1), ERR_LIMIT);
}

static void nothing_is_signed_that_a_reader_would_refuse(void **state)
{
	static const struct {
		uint64_t seq, time_ms;
		uint32_t kind;
		const char *facts;
		int err;
	} rows[] = {
		{ 0, 0, 24, "\x80", ERR_FORMAT },
		{ LIMIT_SEQ + 1, 0, 24, "\x80", ERR_LIMIT },
		{ 1, LIMIT_TIME_MS + 1, 24, "\x80", ERR_LIMIT },
		{ 1, 0, LIMIT_KIND + 1, "\x80", ERR_LIMIT },
		{ 1, 0, 24, "\x90", ERR_FORMAT },
		{ 1, 0, 24, "\xc0", ERR_FORMAT },
		{ 1, 0, 24, "\x80\x80", ERR_FORMAT },
		{ 1, 0, 24, "", ERR_FORMAT },
	};
	uint8_t buf[LIMIT_ENTRY];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct entry_plan plan = {
			.seq = rows[i].seq,
			.time_ms = rows[i].time_ms,
			.kind = rows[i].kind,
			.facts = (const uint8_t *)rows[i].facts,
			.facts_n = strlen(rows[i].facts)
		};
		size_t n = 99;

		assert_int_equal(entry_seal(buf, &n, &plan, key), rows[i].err);
		assert_int_equal(n, 99);
	}
}

static void an_entry_follows_one_place(void **state)
{
	struct id id = { { 9 } }, other = { { 8 } };
	uint8_t buf[LIMIT_ENTRY];
	struct entry_plan plan = plan_of(7);
	struct entry e;
	size_t n = seal(buf, &plan);

	(void)state;
	assert_int_equal(entry_decode(&e, buf, n), 0);
	assert_int_equal(entry_follows(&e, 6, &id), 0);
	assert_int_equal(entry_follows(&e, 6, &other), ERR_CHAIN);
	assert_int_equal(entry_follows(&e, 5, &id), ERR_CHAIN);
	assert_int_equal(entry_follows(&e, 7, &id), ERR_CHAIN);
	plan.seq = 1;
	n = seal(buf, &plan);
	assert_int_equal(entry_decode(&e, buf, n), 0);
	assert_int_equal(entry_follows(&e, 0, &id), 0);
}

static void a_tail_and_its_place_give_the_entry_back(void **state)
{
	static const uint64_t seqs[] = { 1, 127, 128, 65536, LIMIT_SEQ };
	struct id seen = { { 3 } };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(seqs); i++) {
		struct entry_plan plan = plan_of(seqs[i / 2]);
		uint8_t buf[LIMIT_ENTRY], again[LIMIT_ENTRY];
		struct entry_tail tail;
		struct entry e;
		size_t n, again_n;

		plan.seen = i % 2 == 0 ? NULL : &seen;
		n = seal(buf, &plan);
		assert_int_equal(entry_decode(&e, buf, n), 0);
		tail = entry_tail(&e);
		assert_int_equal(entry_rebuild(again, &again_n, &e.feed, e.seq,
					       &e.prev, &tail),
				 0);
		assert_int_equal(again_n, n);
		assert_memory_equal(again, buf, n);
	}
}

static void an_entry_that_is_rebuilt_has_the_same_limit(void **state)
{
	static uint8_t space[LIMIT_ENTRY], buf[LIMIT_ENTRY], out[LIMIT_ENTRY];
	struct entry_plan plan = plan_of_size(space, LIMIT_ENTRY);
	struct entry_tail tail;
	struct entry e;
	size_t n;

	(void)state;
	assert_int_equal(entry_seal(buf, &n, &plan, key), 0);
	assert_int_equal(entry_decode(&e, buf, n), 0);
	tail = entry_tail(&e);
	n = 99;
	assert_int_equal(entry_rebuild(out, &n, &e.feed, 127, &e.prev, &tail),
			 0);
	assert_int_equal(n, LIMIT_ENTRY);
	n = 99;
	assert_int_equal(entry_rebuild(out, &n, &e.feed, 128, &e.prev, &tail),
			 ERR_LIMIT);
	assert_int_equal(n, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_is_sealed_is_read_back),
		UNIT(every_truncation_is_refused),
		UNIT(no_byte_may_change),
		UNIT(another_key_is_another_feed),
		UNIT(only_the_canonical_body_is_read),
		UNIT(a_failure_leaves_the_result_alone),
		UNIT(an_entry_has_at_most_its_limit),
		UNIT(nothing_is_signed_that_a_reader_would_refuse),
		UNIT(an_entry_follows_one_place),
		UNIT(a_tail_and_its_place_give_the_entry_back),
		UNIT(an_entry_that_is_rebuilt_has_the_same_limit),
	};

	return cmocka_run_group_tests(tests, make_key, close_key);
}
