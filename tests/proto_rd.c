#include "proto/rd.h"

#include "crypto/err.h"
#include "proto/limit.h"
#include "tests/unit.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a row: a string literal that may hold zeros. */
#define BYTES(s) s, sizeof(s) - 1

static void every_integer_has_one_form(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		uint64_t max, v;
		int err;
		const char *why;
	} rows[] = {
		{ BYTES("\x00"), 0, 0, 0, "zero" },
		{ BYTES("\x7f"), 127, 127, 0, "largest in one byte" },
		{ BYTES("\x7f"), 126, 0, ERR_LIMIT, "above the maximum" },
		{ BYTES("\xcc\x80"), 128, 128, 0, "smallest of two bytes" },
		{ BYTES("\xcc\x7f"), 255, 0, ERR_FORMAT, "fits in one byte" },
		{ BYTES("\xcc\xff"), 255, 255, 0, "largest of two" },
		{ BYTES("\xcd\x01\x00"), 256, 256, 0, "smallest of three" },
		{ BYTES("\xcd\x00\xff"), 256, 0, ERR_FORMAT, "fits in two" },
		{ BYTES("\xcd\xff\xff"), 65535, 65535, 0, "largest of three" },
		{ BYTES("\xce\x00\x01\x00\x00"), 65536, 65536, 0, "of five" },
		{ BYTES("\xce\x00\x00\xff\xff"), 65536, 0, ERR_FORMAT,
		  "fits in three" },
		{ BYTES("\xce\xff\xff\xff\xff"), UINT64_MAX, 0xffffffff, 0,
		  "largest of five" },
		{ BYTES("\xcf\0\0\0\x01\0\0\0\0"), UINT64_MAX, 1ULL << 32, 0,
		  "smallest of nine" },
		{ BYTES("\xcf\0\0\0\0\xff\xff\xff\xff"), UINT64_MAX, 0,
		  ERR_FORMAT, "fits in five" },
		{ BYTES("\xcf\0\x1f\xff\xff\xff\xff\xff\xff"), LIMIT_SEQ,
		  LIMIT_SEQ, 0, "the largest seq" },
		{ BYTES("\xcf\0\x20\0\0\0\0\0\0"), LIMIT_SEQ, 0, ERR_LIMIT,
		  "one above it" },
		{ BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), UINT64_MAX,
		  UINT64_MAX, 0, "largest of all" },
		{ BYTES("\xe0"), 255, 0, ERR_FORMAT, "negative" },
		{ BYTES("\xd0\x01"), 255, 0, ERR_FORMAT, "signed" },
		{ BYTES("\xd3\0\0\0\0\0\0\0\x01"), 255, 0, ERR_FORMAT,
		  "signed and long" },
		{ BYTES("\xca\0\0\0\0"), 255, 0, ERR_FORMAT, "float" },
		{ BYTES("\xcb\0\0\0\0\0\0\0\0"), 255, 0, ERR_FORMAT, "double" },
		{ BYTES("\x80"), 255, 0, ERR_FORMAT, "an empty map" },
		{ BYTES("\xc0"), 255, 0, ERR_FORMAT, "nil" },
		{ BYTES("\xc2"), 255, 0, ERR_FORMAT, "false" },
		{ BYTES("\xa1"
			"1"),
		  255, 0, ERR_FORMAT, "text" },
		{ BYTES(""), 255, 0, ERR_FORMAT, "nothing" },
		{ BYTES("\xcd\x01"), 65535, 0, ERR_FORMAT, "cut short" },
		{ BYTES("\x01\x01"), 255, 1, ERR_FORMAT, "something after" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rd r;
		uint64_t v;

		rd_init(&r, rows[i].p, rows[i].n);
		v = rd_uint(&r, rows[i].max);
		if (v != rows[i].v || rd_end(&r) != rows[i].err)
			fail_msg("%s: %d", rows[i].why, rd_end(&r));
	}
}

enum what { ARRAY, MAP, BIN, TEXT };

/* A header, then pad bytes of zero. */
static void headers_have_one_form_and_a_maximum(void **state)
{
	static const struct {
		enum what what;
		const char *p;
		size_t n, pad;
		uint32_t max, count;
		int err;
		const char *why;
	} rows[] = {
		{ ARRAY, BYTES("\x90"), 0, 0, 0, 0, "empty array" },
		{ ARRAY, BYTES("\x9f"), 15, 15, 15, 0, "fifteen" },
		{ ARRAY, BYTES("\x9f"), 15, 14, 0, ERR_LIMIT, "one too many" },
		{ ARRAY, BYTES("\x9f"), 14, 15, 0, ERR_FORMAT, "a lie" },
		{ ARRAY, BYTES("\xdc\x00\x10"), 16, 16, 16, 0, "sixteen" },
		{ ARRAY, BYTES("\xdc\x00\x0f"), 15, 15, 0, ERR_FORMAT, "long" },
		{ ARRAY, BYTES("\xdc\xff\xff"), 65535, 65535, 65535, 0,
		  "most" },
		{ ARRAY, BYTES("\xdd\x00\x01\x00\x00"), 65536, 65536, 65536, 0,
		  "one more" },
		{ ARRAY, BYTES("\xdd\x00\x00\xff\xff"), 65535, 65535, 0,
		  ERR_FORMAT, "long" },
		{ ARRAY, BYTES("\xdd\xff\xff\xff\xff"), 9, UINT32_MAX, 0,
		  ERR_FORMAT, "four thousand millions of nothing" },
		{ ARRAY, BYTES("\x80"), 0, 9, 0, ERR_FORMAT, "a map" },
		{ ARRAY, BYTES("\xa0"), 16, 16, 0, ERR_FORMAT, "a text" },
		{ MAP, BYTES("\x80"), 0, 0, 0, 0, "empty map" },
		{ MAP, BYTES("\x8f"), 30, 15, 15, 0, "fifteen pairs" },
		{ MAP, BYTES("\x8f"), 29, 15, 0, ERR_FORMAT, "half a pair" },
		{ MAP, BYTES("\x8f"), 30, 14, 0, ERR_LIMIT, "one too many" },
		{ MAP, BYTES("\xde\x00\x10"), 32, 16, 16, 0, "sixteen" },
		{ MAP, BYTES("\xde\x00\x0f"), 30, 15, 0, ERR_FORMAT, "long" },
		{ MAP, BYTES("\xdf\x00\x00\x00\x10"), 32, 16, 0, ERR_FORMAT,
		  "very long" },
		{ MAP, BYTES("\xdf\x00\x01\x00\x00"), 131072, 65536, 65536, 0,
		  "sixty-five thousand" },
		{ MAP, BYTES("\x90"), 0, 9, 0, ERR_FORMAT, "an array" },
		{ BIN, BYTES("\xc4\x00"), 0, 0, 0, 0, "no bytes" },
		{ BIN, BYTES("\xc4\xff"), 255, 255, 255, 0, "255" },
		{ BIN, BYTES("\xc4\xff"), 255, 254, 0, ERR_LIMIT, "too many" },
		{ BIN, BYTES("\xc4\xff"), 254, 255, 0, ERR_FORMAT, "cut" },
		{ BIN, BYTES("\xc5\x01\x00"), 256, 256, 256, 0, "256" },
		{ BIN, BYTES("\xc5\x00\xff"), 255, 255, 0, ERR_FORMAT, "long" },
		{ BIN, BYTES("\xc6\x00\x01\x00\x00"), 65536, 65536, 65536, 0,
		  "65536" },
		{ BIN, BYTES("\xc6\x00\x00\xff\xff"), 65535, 65535, 0,
		  ERR_FORMAT, "long" },
		{ BIN, BYTES("\xc6\xff\xff\xff\xff"), 1, 64, 0, ERR_LIMIT,
		  "a claim above the limit is not looked for" },
		{ BIN, BYTES("\xa0"), 0, 9, 0, ERR_FORMAT, "text" },
		{ TEXT, BYTES("\xa0"), 0, 0, 0, 0, "no text" },
		{ TEXT, BYTES("\xbf"), 31, 31, 31, 0, "31" },
		{ TEXT, BYTES("\xbf"), 31, 30, 0, ERR_LIMIT, "too many" },
		{ TEXT, BYTES("\xd9\x20"), 32, 32, 32, 0, "32" },
		{ TEXT, BYTES("\xd9\x1f"), 31, 31, 0, ERR_FORMAT, "long" },
		{ TEXT, BYTES("\xda\x01\x00"), 256, 256, 256, 0, "256" },
		{ TEXT, BYTES("\xda\x00\xff"), 255, 255, 0, ERR_FORMAT,
		  "long" },
		{ TEXT, BYTES("\xdb\x00\x01\x00\x00"), 65536, 65536, 65536, 0,
		  "65536" },
		{ TEXT, BYTES("\xdb\x00\x00\xff\xff"), 65535, 65535, 0,
		  ERR_FORMAT, "long" },
		{ TEXT, BYTES("\xc4\x00"), 0, 9, 0, ERR_FORMAT, "bytes" },
		{ TEXT, BYTES("\xc0"), 32, 32, 0, ERR_FORMAT, "nil" },
	};
	static uint8_t buf[131072 + 5];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = rows[i].n + rows[i].pad;
		size_t got = 0;
		struct rd r;

		memset(buf, 0, sizeof(buf));
		memcpy(buf, rows[i].p, rows[i].n);
		rd_init(&r, buf, n);
		switch (rows[i].what) {
		case ARRAY:
			got = rd_array(&r, rows[i].max);
			break;
		case MAP:
			got = rd_map(&r, rows[i].max);
			break;
		case BIN:
			rd_bin(&r, rows[i].max, &got);
			break;
		case TEXT:
			rd_text(&r, rows[i].max, &got);
			break;
		}
		if (got != rows[i].count || r.err != rows[i].err)
			fail_msg("row %zu, %s: %zu, %d", i, rows[i].why, got,
				 r.err);
		if (rows[i].what == MAP || rows[i].err != 0)
			continue;
		rd_init(&r, buf, n);
		rd_skip(&r, 1);
		if (rd_end(&r) != 0)
			fail_msg("row %zu, %s, skipped", i, rows[i].why);
	}
}

static void a_fixed_string_of_another_length_leaves_zeros(void **state)
{
	static const char good[] = "\xc4\x03"
				   "abc";
	uint8_t out[3];
	struct rd r;

	(void)state;
	rd_init(&r, good, 5);
	rd_fixed(&r, out, 3);
	assert_int_equal(rd_end(&r), 0);
	assert_memory_equal(out, "abc", 3);
	rd_init(&r, "\xc4\x02zz", 4);
	rd_fixed(&r, out, 3);
	assert_int_equal(rd_end(&r), ERR_FORMAT);
	assert_memory_equal(out, "\0\0\0", 3);
	memset(out, 'x', sizeof(out));
	rd_init(&r, "\xc4\x04zzzz", 6);
	rd_fixed(&r, out, 3);
	assert_int_equal(rd_end(&r), ERR_LIMIT);
	assert_memory_equal(out, "\0\0\0", 3);
}

static void first_error_sticks(void **state)
{
	uint8_t out[2] = { 1, 2 };
	char text[4] = "abc";
	struct rd r;
	size_t n = 9;

	(void)state;
	rd_init(&r, "\x05\x90\xc4\x02xx", 6);
	assert_int_equal(rd_uint(&r, 4), 0);
	assert_int_equal(r.err, ERR_LIMIT);
	assert_int_equal(r.n, 0);
	assert_int_equal(rd_uint(&r, 9), 0);
	assert_int_equal(rd_array(&r, 9), 0);
	assert_int_equal(rd_map(&r, 9), 0);
	assert_null(rd_bin(&r, 9, &n));
	assert_int_equal(n, 0);
	n = 9;
	assert_null(rd_text(&r, 9, &n));
	assert_int_equal(n, 0);
	rd_fixed(&r, out, 2);
	assert_int_equal(out[0] + out[1], 0);
	rd_plain(&r, text, 3);
	assert_string_equal(text, "");
	assert_false(rd_nil(&r));
	rd_skip(&r, 9);
	rd_fail(&r, ERR_FORMAT);
	assert_int_equal(rd_end(&r), ERR_LIMIT);
}

static void a_decoder_may_fail_the_reader_itself(void **state)
{
	struct rd r;

	(void)state;
	rd_init(&r, "\x01", 1);
	rd_fail(&r, ERR_CHAIN);
	assert_int_equal(rd_uint(&r, 9), 0);
	assert_int_equal(rd_end(&r), ERR_CHAIN);
}

static void nil_is_consumed_only_when_it_is_there(void **state)
{
	struct rd r;

	(void)state;
	rd_init(&r, "\xc0\x01", 2);
	assert_true(rd_nil(&r));
	assert_false(rd_nil(&r));
	assert_int_equal(rd_uint(&r, 9), 1);
	assert_false(rd_nil(&r));
	assert_int_equal(rd_end(&r), 0);
	rd_init(&r, NULL, 0);
	assert_false(rd_nil(&r));
	assert_int_equal(rd_end(&r), 0);
}

static const struct {
	const char *p;
	size_t n;
	bool is_valid, is_plain;
	const char *why;
} texts[] = {
	{ BYTES(""), true, true, "nothing" },
	{ BYTES("Visi\xc3\xa8re n\xc2\xb0 3"), true, true, "French" },
	{ BYTES("\xf0\x9f\x98\xb7"), true, true, "beyond 16 bits" },
	{ BYTES("\xf4\x8f\xbf\xbf"), true, true, "the last" },
	{ BYTES("\x90\x90\x80\x80"), false, false, "no first byte" },
	{ BYTES("\xf4\x90\x80\x80"), false, false, "above U+10FFFF" },
	{ BYTES("\xf5\x80\x80\x80"), false, false, "far above" },
	{ BYTES("\xc1\xbf"), false, false, "two bytes for one" },
	{ BYTES("\xe0\x9f\xbf"), false, false, "three bytes for two" },
	{ BYTES("\xe0\xa0\x80"), true, true, "first of three" },
	{ BYTES("\xf0\x8f\xbf\xbf"), false, false, "four bytes for three" },
	{ BYTES("\xf0\x90\x80\x80"), true, true, "first of four" },
	{ BYTES("\xed\xa0\x80"), false, false, "surrogate" },
	{ BYTES("\xed\xbf\xbf"), false, false, "last surrogate" },
	{ BYTES("\xed\x9f\xbf"), true, true, "before the surrogates" },
	{ BYTES("\xee\x80\x80"), true, true, "after the surrogates" },
	{ BYTES("\x80"), false, false, "continuation alone" },
	{ BYTES("\xc3"), false, false, "cut short" },
	{ BYTES("\xe2\x82"), false, false, "cut in three" },
	{ BYTES("\xc3"
		"a"),
	  false, false, "no continuation" },
	{ BYTES("\xff"), false, false, "never in UTF-8" },
	{ BYTES("\x1f"), true, false, "control" },
	{ BYTES(" ~"), true, true, "either end of printable ASCII" },
	{ BYTES("\x7f"), true, false, "delete" },
	{ BYTES("a\0b"), true, false, "zero" },
	{ BYTES("\xc2\x80"), true, false, "C1 begins" },
	{ BYTES("\xc2\x9f"), true, false, "C1 ends" },
	{ BYTES("\xc2\xa0"), true, true, "no-break space" },
	{ BYTES("\xc2\xad"), true, false, "soft hyphen" },
	{ BYTES("\xcd\x8f"), true, false, "grapheme joiner" },
	{ BYTES("\xd8\x9c"), true, false, "Arabic letter mark" },
	{ BYTES("\xe1\x85\x9f"), true, false, "Hangul filler" },
	{ BYTES("\xe1\x9e\xb4"), true, false, "Khmer inherent vowel" },
	{ BYTES("\xe1\xa0\x8e"), true, false, "Mongolian separator" },
	{ BYTES("\xe2\x80\x8a"), true, true, "hair space" },
	{ BYTES("\xe2\x80\x8b"), true, false, "zero width space" },
	{ BYTES("\xe2\x80\x8f"), true, false, "right-to-left mark" },
	{ BYTES("\xe2\x80\x90"), true, true, "hyphen" },
	{ BYTES("\xe2\x80\xa8"), true, false, "line separator" },
	{ BYTES("\xe2\x80\xae"), true, false, "right-to-left override" },
	{ BYTES("\xe2\x80\xaf"), true, true, "narrow no-break space" },
	{ BYTES("\xe2\x81\xa0"), true, false, "word joiner" },
	{ BYTES("\xe2\x81\xaf"), true, false, "nominal digit shapes" },
	{ BYTES("\xe3\x85\xa4"), true, false, "Hangul filler" },
	{ BYTES("\xef\xbb\xbf"), true, false, "byte order mark" },
	{ BYTES("\xef\xbe\xa0"), true, false, "half-width filler" },
	{ BYTES("\xef\xbf\xaf"), true, true, "before the specials" },
	{ BYTES("\xef\xbf\xb0"), true, false, "specials" },
	{ BYTES("\xef\xbf\xbd"), true, false, "replacement character" },
	{ BYTES("\xf0\x9d\x85\xb3"), true, false, "musical control" },
	{ BYTES("\xf3\xa0\x80\x81"), true, false, "language tag" },
	{ BYTES("\xf3\xa1\x80\x80"), true, true, "after the tags" },
};

static void text_is_utf8_and_plain_text_is_visible(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		uint8_t buf[32];
		char out[32];
		struct rd r;
		size_t n;

		buf[0] = (uint8_t)(0xa0 + texts[i].n);
		memcpy(buf + 1, texts[i].p, texts[i].n);
		rd_init(&r, buf, texts[i].n + 1);
		rd_text(&r, 31, &n);
		if ((rd_end(&r) == 0) != texts[i].is_valid)
			fail_msg("%s: valid?", texts[i].why);
		if (utf8_is_plain(texts[i].p, texts[i].n) != texts[i].is_plain)
			fail_msg("%s: plain?", texts[i].why);
		memset(out, 'x', sizeof(out));
		rd_init(&r, buf, texts[i].n + 1);
		rd_plain(&r, out, 31);
		if (rd_end(&r) != (texts[i].is_plain ? 0 : ERR_FORMAT))
			fail_msg("%s: rd_plain", texts[i].why);
		assert_int_equal(strlen(out),
				 texts[i].is_plain ? texts[i].n : 0);
	}
}

/* Text is looked at in steps of eight bytes: what is wrong with it is seen in
 * every place of texts of every length. */
static void every_place_of_a_text_is_looked_at(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		bool is_plain, is_valid;
		const char *why;
	} rows[] = {
		{ BYTES(" "), true, true, "the first" },
		{ BYTES("~"), true, true, "the last" },
		{ BYTES("\x1f"), false, true, "below the first" },
		{ BYTES("\x7f"), false, true, "above the last" },
		{ BYTES("\0"), false, true, "zero" },
		{ BYTES("\x80"), false, false, "a stray byte" },
		{ BYTES("\xff"), false, false, "no byte of UTF-8" },
		{ BYTES("\xc3\xa9"), true, true, "two bytes" },
		{ BYTES("\xc2\x9f"), false, true, "a control of two bytes" },
		{ BYTES("\xe2\x80\x8b"), false, true, "invisible" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t before = 0; before < 20; before++)
			for (size_t after = 0; after < 20; after++) {
				size_t n = before + rows[i].n + after, got;
				uint8_t buf[64];
				struct rd r;

				memset(buf, 'x', sizeof(buf));
				buf[0] = 0xd9;
				buf[1] = (uint8_t)n;
				memcpy(buf + 2 + before, rows[i].p, rows[i].n);
				if (utf8_is_plain((char *)buf + 2, n) !=
				    rows[i].is_plain)
					fail_msg("%s: %zu, %zu", rows[i].why,
						 before, after);
				if (n < 32)
					continue; /* a shorter form */
				rd_init(&r, buf, n + 2);
				rd_text(&r, 64, &got);
				if ((rd_end(&r) == 0) != rows[i].is_valid)
					fail_msg("%s: %zu, %zu", rows[i].why,
						 before, after);
			}
}

static void plain_text_fits_its_room(void **state)
{
	char out[4];
	struct rd r;

	(void)state;
	rd_init(&r,
		"\xa3"
		"abc",
		4);
	rd_plain(&r, out, 3);
	assert_int_equal(rd_end(&r), 0);
	assert_string_equal(out, "abc");
	rd_init(&r,
		"\xa4"
		"abcd",
		5);
	rd_plain(&r, out, 3);
	assert_int_equal(rd_end(&r), ERR_LIMIT);
	assert_string_equal(out, "");
}

static void skipping_checks_depth_keys_and_form(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		unsigned depth;
		int err;
		const char *why;
	} rows[] = {
		{ BYTES("\x05"), 0, 0, "an integer needs no depth" },
		{ BYTES("\xa1"
			"x"),
		  0, 0, "nor does a text" },
		{ BYTES("\xc4\x01x"), 0, 0, "nor bytes" },
		{ BYTES("\x90"), 0, ERR_FORMAT, "an array does" },
		{ BYTES("\x80"), 0, ERR_FORMAT, "and a map" },
		{ BYTES("\x90"), 1, 0, "one is enough" },
		{ BYTES("\x91\x90"), 1, ERR_FORMAT, "two containers" },
		{ BYTES("\x91\x90"), 2, 0, "in depth two" },
		{ BYTES("\x81\x01\x80"), 1, ERR_FORMAT, "a map in a map" },
		{ BYTES("\x81\x01\x80"), 2, 0, "in depth two" },
		{ BYTES("\x91\x91\x91\x91\x91\x90"), 6, 0, "six" },
		{ BYTES("\x91\x91\x91\x91\x91\x91\x90"), 6, ERR_FORMAT,
		  "seven" },
		{ BYTES("\x82\x01\x00\x02\x00"), 1, 0, "rising keys" },
		{ BYTES("\x82\x00\x00\x01\x00"), 1, 0, "from zero" },
		{ BYTES("\x82\x02\x00\x01\x00"), 1, ERR_FORMAT, "falling" },
		{ BYTES("\x82\x01\x00\x01\x00"), 1, ERR_FORMAT, "twice" },
		{ BYTES("\x81\xa1"
			"a\x00"),
		  1, ERR_FORMAT, "a text as key" },
		{ BYTES("\x81\xcc\x01\x00"), 1, ERR_FORMAT, "a long key" },
		{ BYTES("\xc0"), 9, ERR_FORMAT, "nil" },
		{ BYTES("\x91\xc0"), 9, ERR_FORMAT, "nil inside" },
		{ BYTES("\xc1"), 9, ERR_FORMAT, "never used" },
		{ BYTES("\xc2"), 9, ERR_FORMAT, "false" },
		{ BYTES("\xc3"), 9, ERR_FORMAT, "true" },
		{ BYTES("\xc7\x01\x01x"), 9, ERR_FORMAT, "extension" },
		{ BYTES("\xd4\x01x"), 9, ERR_FORMAT, "fixed extension" },
		{ BYTES("\xca\0\0\0\0"), 9, ERR_FORMAT, "float" },
		{ BYTES("\xd0\x81"), 9, ERR_FORMAT, "signed" },
		{ BYTES("\xff"), 9, ERR_FORMAT, "negative" },
		{ BYTES("\xa1\xff"), 9, ERR_FORMAT, "not UTF-8" },
		{ BYTES("\x92\x01"), 9, ERR_FORMAT, "cut short" },
		{ BYTES(""), 9, ERR_FORMAT, "nothing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rd r;

		rd_init(&r, rows[i].p, rows[i].n);
		rd_skip(&r, rows[i].depth);
		if (rd_end(&r) != rows[i].err)
			fail_msg("%s: %d", rows[i].why, rd_end(&r));
	}
}

static void every_form_is_skipped(void **state)
{
	uint8_t map[3 + 17 * 2] = { 0xde, 0, 17 };
	struct rd r;

	(void)state;
	for (uint8_t i = 0; i < 17; i++)
		map[3 + 2 * i] = i;
	rd_init(&r, map, sizeof(map));
	rd_skip(&r, 1);
	assert_int_equal(rd_end(&r), 0);
	rd_init(&r, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9);
	rd_skip(&r, 0);
	assert_int_equal(rd_end(&r), 0);
}

/* Reading again judges nothing, but what is not there it does not touch: each
 * beginning stands in a block of its own size. */
static void reading_again_stays_inside(void **state)
{
	static const struct {
		const char *p;
		size_t n, text_n;
		const char *why;
	} rows[] = {
		{ BYTES("\x07"), 0, "small" },
		{ BYTES("\xce\0\x01\0\0"), 0, "integer" },
		{ BYTES("\xa3xyz"), 3, "short text" },
		{ BYTES("\xd9\x03xyz"), 3, "text" },
		{ BYTES("\xda\0\x03xyz"), 3, "long text" },
		{ BYTES("\xc4\x02\0\x01"), 2, "bytes" },
		{ BYTES("\xc6\0\0\0\x02\0\x01"), 2, "many bytes" },
		{ BYTES("\x92\xa1z\x81\x02\xc4\x01\0"), 1, "containers" },
		{ BYTES("\xdc\0\x02\xc0\xdd\0\0\0\x01\xa1z"), 1, "arrays" },
		{ BYTES("\xde\0\x01\0\xdf\0\0\0\x01\0\xa1z"), 1, "maps" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t n = 0; n <= rows[i].n; n++) {
			uint8_t *exact = malloc(n + (n == 0));
			size_t text_n = 1;
			struct rd r;

			assert_non_null(exact);
			memcpy(exact, rows[i].p, n);
			rd_init(&r, exact, n);
			rd_again(&r, &text_n);
			if (rd_end(&r) != (n < rows[i].n ? ERR_FORMAT : 0) ||
			    text_n != (n < rows[i].n ? 0 : rows[i].text_n))
				fail_msg("%s: %zu", rows[i].why, n);
			free(exact);
		}
}

/* What rd accepts, msgpack-c must accept and pack to the same bytes. */
static bool is_accepted(const uint8_t *p, size_t n)
{
	msgpack_unpacked msg;
	msgpack_sbuffer out;
	msgpack_packer pk;
	size_t off = 0, again;
	struct rd r;

	rd_init(&r, p, n);
	rd_skip(&r, LIMIT_DEPTH);
	if (rd_end(&r) != 0)
		return false;
	rd_init(&r, p, n);
	rd_again(&r, &again);
	assert_int_equal(rd_end(&r), 0);
	msgpack_unpacked_init(&msg);
	assert_int_equal(msgpack_unpack_next(&msg, (const char *)p, n, &off),
			 MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(off, n);
	msgpack_sbuffer_init(&out);
	msgpack_packer_init(&pk, &out, msgpack_sbuffer_write);
	assert_int_equal(msgpack_pack_object(&pk, msg.data), 0);
	assert_int_equal(out.size, n);
	assert_memory_equal(out.data, p, n);
	msgpack_sbuffer_destroy(&out);
	msgpack_unpacked_destroy(&msg);
	return true;
}

static void msgpack_c_agrees_on_all_of_one_and_two_bytes(void **state)
{
	unsigned accepted = 0;

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		uint8_t p[2] = { (uint8_t)a, 0 };

		accepted += is_accepted(p, 1);
		for (unsigned b = 0; b < 256; b++) {
			p[1] = (uint8_t)b;
			accepted += is_accepted(p, 2);
		}
	}
	/* Of one byte: 128 integers, and three that are empty.  Of two: 128
	 * integers, 128 texts, empty bytes, and 131 arrays of one of these. */
	assert_int_equal(accepted, 131 + 128 + 128 + 1 + 131);
}

/* A small value, usually canonical: types are drawn, not bytes. */
static size_t draw(uint8_t *p, size_t max, unsigned depth, uint32_t *seed)
{
	static const uint8_t heads[] = { 0x00, 0x7f, 0xcc, 0xcd, 0xce, 0xcf,
					 0xa0, 0xa3, 0xd9, 0xc4, 0xc5, 0x81,
					 0x82, 0x92, 0x93, 0xdc, 0xde, 0xc0 };
	size_t n = 1, args;
	uint8_t head;

	if (max < 16)
		return 0;
	*seed = *seed * 1664525 + 1013904223;
	head = heads[(*seed >> 16) % ARRAY_LEN(heads)];
	p[0] = head;
	args = head == 0xcc || head == 0xd9 || head == 0xc4 ? 1
	       : head == 0xcd || head == 0xc5               ? 2
	       : head == 0xce                               ? 4
	       : head == 0xcf                               ? 8
	       : head == 0xa3                               ? 3
							    : 0;
	for (size_t i = 0; i < args; i++) {
		*seed = *seed * 1664525 + 1013904223;
		p[n++] = head == 0xc4 ? 0 : (uint8_t)(*seed >> 25);
	}
	if (depth > 0 && (head & 0xe0) == 0x80)
		for (unsigned i = 0; i < (head & 3U); i++) {
			if (head < 0x90)
				p[n++] = (uint8_t)(i * 2);
			n += draw(p + n, max - n, depth - 1, seed);
		}
	return n;
}

static void msgpack_c_agrees_on_what_was_drawn(void **state)
{
	unsigned accepted = 0;
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t buf[256];
		size_t n = draw(buf, sizeof(buf), 4, &seed);

		accepted += is_accepted(buf, n);
	}
	assert_in_range(accepted, 10000, 99000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_integer_has_one_form),
		UNIT(headers_have_one_form_and_a_maximum),
		UNIT(a_fixed_string_of_another_length_leaves_zeros),
		UNIT(first_error_sticks),
		UNIT(a_decoder_may_fail_the_reader_itself),
		UNIT(nil_is_consumed_only_when_it_is_there),
		UNIT(text_is_utf8_and_plain_text_is_visible),
		UNIT(every_place_of_a_text_is_looked_at),
		UNIT(plain_text_fits_its_room),
		UNIT(skipping_checks_depth_keys_and_form),
		UNIT(every_form_is_skipped),
		UNIT(reading_again_stays_inside),
		UNIT(msgpack_c_agrees_on_all_of_one_and_two_bytes),
		UNIT(msgpack_c_agrees_on_what_was_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
