#include "crypto/bytes.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <string.h>

static void hex_is_lower_case_and_comes_back(void **state)
{
	uint8_t all[256], back[256];
	char text[HEX_SIZE(256)];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	hex_encode(text, all, sizeof(all));
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 506, "fdfeff");
	assert_int_equal(hex_decode(back, 256, text, 512), 0);
	assert_memory_equal(all, back, 256);

	hex_encode(text, all, 0);
	assert_string_equal(text, "");
	assert_int_equal(hex_decode(back, 0, "", 0), 0);
}

static void hex_refuses_every_other_character(void **state)
{
	char text[4];
	uint8_t out[2];

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		for (int i = 0; i < 4; i++) {
			memcpy(text, "5a5a", 4);
			text[i] = (char)c;
			memset(out, 0xff, sizeof(out));
			assert_int_equal(hex_decode(out, 2, text, 4),
					 good ? 0 : ERR_FORMAT);
			if (!good)
				assert_memory_equal(out, "\0\0", 2);
		}
	}
}

static void hex_wants_exactly_two_digits_a_byte(void **state)
{
	uint8_t out[3] = { 7, 7, 7 };

	(void)state;
	for (size_t n = 0; n <= 8; n++)
		assert_int_equal(hex_decode(out, 2, "01020304", n),
				 n == 4 ? 0 : ERR_FORMAT);
	assert_int_equal(out[2], 7);
}

/* RFC 4648 section 10, then the alphabets' last digits. */
static const struct {
	const char *why;
	const char *bytes;
	const char *b64;
	const char *url;
} b64s[] = {
	{ "empty", "", "", "" },
	{ "one byte", "f", "Zg==", "Zg" },
	{ "two bytes", "fo", "Zm8=", "Zm8" },
	{ "three bytes", "foo", "Zm9v", "Zm9v" },
	{ "four bytes", "foob", "Zm9vYg==", "Zm9vYg" },
	{ "five bytes", "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "six bytes", "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "digit 62", "\xfb\xef\xbe", "++++", "----" },
	{ "digit 63", "\xff\xff\xff", "////", "____" },
};

static void base64_is_rfc_4648(void **state)
{
	uint8_t out[6];
	char text[B64_SIZE(6)];
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(b64s); i++) {
		size_t size = strlen(b64s[i].bytes);

		b64_encode(text, b64s[i].bytes, size);
		assert_string_equal(text, b64s[i].b64);
		assert_int_equal(b64_decode(out, size, &n, text, strlen(text)),
				 0);
		assert_int_equal(n, size);
		assert_memory_equal(out, b64s[i].bytes, size);

		b64url_encode(text, b64s[i].bytes, size);
		assert_string_equal(text, b64s[i].url);
		assert_int_equal(
			b64url_decode(out, size, &n, text, strlen(text)), 0);
		assert_int_equal(n, size);
		assert_memory_equal(out, b64s[i].bytes, size);
	}
}

static const struct {
	const char *why;
	const char *text;
	int padded; /* what b64_decode makes of it */
	int url;    /* what b64url_decode makes of it */
} bad64s[] = {
	{ "padding left out", "Zg", ERR_FORMAT, 0 },
	{ "padding where none belongs", "Zg==", 0, ERR_FORMAT },
	{ "half the padding", "Zg=", ERR_FORMAT, ERR_FORMAT },
	{ "too much padding", "Zm8==", ERR_FORMAT, ERR_FORMAT },
	{ "a group of padding", "Zm9v====", ERR_FORMAT, ERR_FORMAT },
	{ "nothing but padding", "====", ERR_FORMAT, ERR_FORMAT },
	{ "three pads", "Z===", ERR_FORMAT, ERR_FORMAT },
	{ "padding inside", "Zg==Zg==", ERR_FORMAT, ERR_FORMAT },
	{ "padding before a digit", "Zm=v", ERR_FORMAT, ERR_FORMAT },
	{ "stray bits, one byte", "Zh==", ERR_FORMAT, ERR_FORMAT },
	{ "the highest stray bit of one byte", "Zo", ERR_FORMAT, ERR_FORMAT },
	{ "stray bits, two bytes", "Zm9=", ERR_FORMAT, ERR_FORMAT },
	{ "the higher stray bit of two bytes", "Zm-", ERR_FORMAT, ERR_FORMAT },
	{ "one digit over", "Zm9vY", ERR_FORMAT, ERR_FORMAT },
	{ "one digit over, without a bit", "Zm9vA", ERR_FORMAT, ERR_FORMAT },
	{ "a space", "Zm 9v===", ERR_FORMAT, ERR_FORMAT },
	{ "a final newline", "Zm8=\n", ERR_FORMAT, ERR_FORMAT },
	{ "a newline for a digit", "Zm9\n", ERR_FORMAT, ERR_FORMAT },
	{ "the other alphabet", "-___", ERR_FORMAT, 0 },
	{ "the common alphabet", "+///", 0, ERR_FORMAT },
};

static void base64_has_one_text_for_each_value(void **state)
{
	uint8_t out[8];
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad64s); i++) {
		const char *text = bad64s[i].text;
		size_t len = strlen(text);
		int padded = b64_decode(out, sizeof(out), &n, text, len);
		int url = b64url_decode(out, sizeof(out), &n, text, len);

		if (padded != bad64s[i].padded || url != bad64s[i].url)
			fail_msg("%s: %d, %d", bad64s[i].why, padded, url);
	}
}

/* Every group of four whose last two characters are any bytes at all. */
static void base64_decoded_and_encoded_is_the_same_text(void **state)
{
	char text[5] = "Zm??", again[B64_SIZE(3)];
	uint8_t out[3];
	size_t n, accepted = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (int d = 0; d < 256; d++) {
			text[2] = (char)c;
			text[3] = (char)d;
			if (b64_decode(out, 3, &n, text, 4) != 0)
				continue;
			b64_encode(again, out, n);
			assert_memory_equal(text, again, 5);
			accepted++;
		}
	}
	/* 64 * 64 whole groups, and 16 digits may stand before one "=";
	 * "Zm==" has stray bits. */
	assert_int_equal(accepted, 64 * 64 + 16);
}

static void base64_stops_at_the_limit_without_writing(void **state)
{
	uint8_t out[6];
	size_t n;

	(void)state;
	for (size_t max = 0; max <= 6; max++) {
		memset(out, 0xaa, sizeof(out));
		n = 99;
		assert_int_equal(b64_decode(out, max, &n, "Zm9vYmE=", 8),
				 max < 5 ? ERR_LIMIT : 0);
		assert_int_equal(n, max < 5 ? 99 : 5);
		assert_int_equal(out[0], max < 5 ? 0xaa : 'f');
		assert_int_equal(b64url_decode(out, max, &n, "Zm9vYmE", 7),
				 max < 5 ? ERR_LIMIT : 0);
	}
	/* What is wrong is wrong however long it is. */
	assert_int_equal(b64_decode(NULL, 0, &n, "Zm9vYmE=", 8), ERR_LIMIT);
	assert_int_equal(b64_decode(NULL, 0, &n, "Zm9vYm!=", 8), ERR_FORMAT);
	assert_int_equal(b64_decode(NULL, 0, &n, "", 0), 0);
	assert_int_equal(n, 0);
}

static const struct {
	const char *why;
	const char *text;
	uint64_t max;
	uint64_t want;
	int err;
} decs[] = {
	{ "zero", "0", 0, 0, 0 },
	{ "one digit", "7", 9, 7, 0 },
	{ "all there is", "18446744073709551615", UINT64_MAX, UINT64_MAX, 0 },
	{ "one above it", "18446744073709551616", UINT64_MAX, 0, ERR_LIMIT },
	{ "ten times it", "99999999999999999999", UINT64_MAX, 0, ERR_LIMIT },
	{ "very long", "1000000000000000000000000", 5, 0, ERR_LIMIT },
	{ "below the maximum", "99", 100, 99, 0 },
	{ "the maximum", "100", 100, 100, 0 },
	{ "above the maximum", "101", 100, 0, ERR_LIMIT },
	{ "nothing", "", 9, 0, ERR_FORMAT },
	{ "a leading zero", "01", 9, 0, ERR_FORMAT },
	{ "two zeros", "00", 9, 0, ERR_FORMAT },
	{ "plus", "+1", 9, 0, ERR_FORMAT },
	{ "minus", "-1", 9, 0, ERR_FORMAT },
	{ "a space before", " 1", 9, 0, ERR_FORMAT },
	{ "a newline after", "1\n", 9, 0, ERR_FORMAT },
	{ "a letter", "1a", 9, 0, ERR_FORMAT },
	{ "long, then a letter", "99999999999999999999x", 9, 0, ERR_FORMAT },
	{ "the character before 0", "/", 9, 0, ERR_FORMAT },
	{ "the character after 9", ":", 9, 0, ERR_FORMAT },
};

static void decimals_have_one_form(void **state)
{
	char text[DEC_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(decs); i++) {
		uint64_t v = 12345;
		int err = dec_decode(&v, decs[i].max, decs[i].text,
				     strlen(decs[i].text));

		if (err != decs[i].err ||
		    v != (err == 0 ? decs[i].want : 12345))
			fail_msg("%s: %d", decs[i].why, err);
		if (err != 0)
			continue;
		assert_int_equal(dec_encode(text, v), strlen(decs[i].text));
		assert_string_equal(text, decs[i].text);
	}
}

static void big_endian_starts_with_the_highest_byte(void **state)
{
	static const uint8_t bytes[8] = { 0x81, 0x02, 0x03, 0x04,
					  0x05, 0x06, 0x07, 0xf8 };
	uint8_t out[9] = { 0 };

	(void)state;
	assert_int_equal(be32_get(bytes), 0x81020304);
	assert_true(be64_get(bytes) == 0x81020304050607f8);
	be64_put(out + 1, 0x81020304050607f8);
	assert_memory_equal(out + 1, bytes, 8);
	be32_put(out, 0x81020304);
	assert_memory_equal(out, bytes, 4);
	assert_int_equal(out[4], 0x04); /* not written */
}

static void sums_and_products_say_when_they_wrap(void **state)
{
	uint64_t v = 5;

	(void)state;
	assert_true(add_u64(&v, UINT64_MAX - 1, 1));
	assert_true(v == UINT64_MAX);
	v = 5;
	assert_false(add_u64(&v, UINT64_MAX, 1));
	assert_false(add_u64(&v, 1, UINT64_MAX));
	assert_int_equal(v, 5);
	assert_true(mul_u64(&v, UINT64_C(0xffffffff), UINT64_C(0x100000001)));
	assert_true(v == UINT64_MAX);
	v = 5;
	assert_false(mul_u64(&v, UINT64_C(1) << 32, UINT64_C(1) << 32));
	assert_false(mul_u64(&v, 2, UINT64_C(1) << 63));
	assert_int_equal(v, 5);
	assert_true(mul_u64(&v, UINT64_MAX, 0));
	assert_int_equal(v, 0);
	assert_true(mul_u64(&v, 0, UINT64_MAX));
	assert_int_equal(v, 0);
	assert_true(mul_u64(&v, UINT64_MAX, 1));
	assert_true(v == UINT64_MAX);
}

static void wiping_leaves_zeros_and_random_does_not(void **state)
{
	uint8_t a[33], zero[33] = { 0 };

	(void)state;
	memset(a, 0, sizeof(a));
	bytes_random(a, 32);
	assert_memory_not_equal(a, zero, 32);
	assert_int_equal(a[32], 0);
	a[32] = 9;
	bytes_wipe(a, 32);
	assert_memory_equal(a, zero, 32);
	assert_int_equal(a[32], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(hex_is_lower_case_and_comes_back),
		UNIT(hex_refuses_every_other_character),
		UNIT(hex_wants_exactly_two_digits_a_byte),
		UNIT(base64_is_rfc_4648),
		UNIT(base64_has_one_text_for_each_value),
		UNIT(base64_decoded_and_encoded_is_the_same_text),
		UNIT(base64_stops_at_the_limit_without_writing),
		UNIT(decimals_have_one_form),
		UNIT(big_endian_starts_with_the_highest_byte),
		UNIT(sums_and_products_say_when_they_wrap),
		UNIT(wiping_leaves_zeros_and_random_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
