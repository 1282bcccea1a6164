#include "crypto/box.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "tests/unit.h"

#include <string.h>

enum { N = 5 };

static const struct secret key = { { 1, 2, 3 } };
static uint8_t sealed[N + BOX_EXTRA];

static int start(void **state)
{
	(void)state;
	if (crypto_start() != 0)
		return -1;
	box_make(sealed, "bread", N, "shelf", 5, &key);
	return 0;
}

static void what_was_put_in_comes_out(void **state)
{
	uint8_t out[N], none[BOX_EXTRA];

	(void)state;
	assert_int_equal(
		box_open(out, sealed, sizeof(sealed), "shelf", 5, &key), 0);
	assert_memory_equal(out, "bread", N);
	box_make(none, NULL, 0, NULL, 0, &key);
	assert_int_equal(box_open(out, none, sizeof(none), NULL, 0, &key), 0);
}

static void key_and_place_must_match(void **state)
{
	struct secret other = key;
	uint8_t out[N];

	(void)state;
	other.b[31] ^= 1;
	assert_int_equal(
		box_open(out, sealed, sizeof(sealed), "shelf", 5, &other),
		ERR_SIGNATURE);
	assert_int_equal(
		box_open(out, sealed, sizeof(sealed), "shelg", 5, &key),
		ERR_SIGNATURE);
	assert_int_equal(
		box_open(out, sealed, sizeof(sealed), "shelf", 4, &key),
		ERR_SIGNATURE);
}

static void no_byte_can_be_changed_or_left_out(void **state)
{
	uint8_t out[N], bad[sizeof(sealed)];

	(void)state;
	for (size_t i = 0; i < 8 * sizeof(sealed); i++) {
		memcpy(bad, sealed, sizeof(bad));
		bad[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_equal(
			box_open(out, bad, sizeof(bad), "shelf", 5, &key),
			ERR_SIGNATURE);
	}
	for (size_t n = 0; n < sizeof(sealed); n++)
		assert_int_equal(box_open(out, sealed, n, "shelf", 5, &key),
				 ERR_SIGNATURE);
}

static void no_two_are_alike(void **state)
{
	uint8_t again[sizeof(sealed)];

	(void)state;
	box_make(again, "bread", N, "shelf", 5, &key);
	assert_memory_not_equal(again, sealed, 24);
	assert_memory_not_equal(again + 24, sealed + 24, N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_was_put_in_comes_out),
		UNIT(key_and_place_must_match),
		UNIT(no_byte_can_be_changed_or_left_out),
		UNIT(no_two_are_alike),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
