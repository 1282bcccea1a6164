#include "crypto/text.h"

#include "tests/unit.h"

#include <string.h>

static void cutting_goes_through_every_piece(void **state)
{
	struct text rest = { "a,,bc,d", 7 }, piece = { NULL, 99 };

	(void)state;
	assert_true(text_cut(&rest, &piece, ','));
	assert_true(text_is(piece, "a"));
	assert_true(text_cut(&rest, &piece, ','));
	assert_true(text_is(piece, ""));
	assert_true(text_cut(&rest, &piece, ','));
	assert_true(text_is(piece, "bc"));
	assert_false(text_cut(&rest, &piece, ','));
	assert_true(text_is(piece, "bc"));
	assert_true(text_is(rest, "d"));

	rest = (struct text){ "x\n", 2 };
	assert_true(text_cut(&rest, &piece, '\n'));
	assert_int_equal(rest.n, 0);
	assert_false(text_cut(&rest, &piece, '\n'));
	rest = (struct text){ NULL, 0 };
	assert_false(text_cut(&rest, &piece, '\n'));
}

static void cutting_never_looks_past_the_end(void **state)
{
	struct text rest = { "ab,", 2 }, piece;

	(void)state;
	assert_false(text_cut(&rest, &piece, ','));
	assert_int_equal(rest.n, 2);
}

static void is_compares_the_whole_text(void **state)
{
	struct text t = { "abc", 3 };

	(void)state;
	assert_true(text_is(t, "abc"));
	assert_false(text_is(t, "ab"));
	assert_false(text_is(t, "abcd"));
	assert_false(text_is(t, "abd"));
	assert_false(text_is((struct text){ "a\0b", 3 }, "a"));
}

static void skipping_needs_the_whole_prefix(void **state)
{
	struct text t = { "index 5", 7 };

	(void)state;
	assert_false(text_skip(&t, "extra "));
	assert_false(text_skip(&t, "index 55"));
	assert_int_equal(t.n, 7);
	assert_true(text_skip(&t, ""));
	assert_true(text_skip(&t, "index "));
	assert_true(text_is(t, "5"));
	assert_true(text_skip(&t, "5"));
	assert_int_equal(t.n, 0);
}

/* Encode as RFC 3629 says, to try every code point there is. */
static size_t put_utf8(uint8_t out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (uint8_t)(0xc0 | cp >> 6);
		out[1] = (uint8_t)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (uint8_t)(0xe0 | cp >> 12);
		out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | cp >> 18);
	out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (cp & 0x3f));
	return 4;
}

static void every_scalar_value_and_no_other_is_read(void **state)
{
	uint8_t b[4];

	(void)state;
	for (uint32_t cp = 0; cp < 0x120000; cp++) {
		bool good = cp < 0xd800 || (cp > 0xdfff && cp < 0x110000);
		size_t n = put_utf8(b, cp);
		uint32_t got = 0xabcdef;

		assert_int_equal(utf8_step(&got, b, n), good ? n : 0);
		assert_int_equal(got, good ? cp : 0xabcdef);
		if (n > 1)
			assert_int_equal(utf8_step(&got, b, n - 1), 0);
	}
}

static const struct {
	const char *why;
	const char *bytes;
} bad_utf8[] = {
	{ "a continuation first", "\x80" },
	{ "the last continuation first", "\xbf" },
	{ "NUL in two bytes", "\xc0\x80" },
	{ "a letter in two bytes", "\xc1\x81" },
	{ "a slash in three bytes", "\xe0\x80\xaf" },
	{ "U+07FF in three bytes", "\xe0\x9f\xbf" },
	{ "U+FFFF in four bytes", "\xf0\x8f\xbf\xbf" },
	{ "no continuation", "\xc3(" },
	{ "a letter for the third byte", "\xe2\x82(" },
	{ "a start for the second byte", "\xe2\xe2\x82\xac" },
	{ "five bytes", "\xf8\x88\x80\x80\x80" },
	{ "the start of five, cut to four", "\xf8\x90\x80\x80" },
	{ "six bytes", "\xfc\x84\x80\x80\x80\x80" },
	{ "byte fe", "\xfe" },
	{ "byte ff", "\xff" },
	{ "a low surrogate", "\xed\xbf\xbf" },
	{ "above U+10FFFF", "\xf4\x90\x80\x80" },
};

static void what_is_not_utf8_is_refused(void **state)
{
	uint32_t cp;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_utf8); i++)
		if (utf8_step(&cp, bad_utf8[i].bytes,
			      strlen(bad_utf8[i].bytes)) != 0)
			fail_msg("%s", bad_utf8[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(cutting_goes_through_every_piece),
		UNIT(cutting_never_looks_past_the_end),
		UNIT(is_compares_the_whole_text),
		UNIT(skipping_needs_the_whole_prefix),
		UNIT(every_scalar_value_and_no_other_is_read),
		UNIT(what_is_not_utf8_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
