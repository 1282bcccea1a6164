#include "crypto/seal.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "tests/unit.h"

#include <string.h>

enum { N = 5 };

static uint8_t sealed[N + SEAL_EXTRA];

static int start(void **state)
{
	(void)state;
	if (crypto_start() != 0)
		return -1;
	return seal_make(sealed, "bread", N, "test", "correct horse");
}

static void what_was_sealed_comes_back(void **state)
{
	uint8_t out[N];

	(void)state;
	assert_int_equal(
		seal_open(out, sealed, sizeof(sealed), "test", "correct horse"),
		0);
	assert_memory_equal(out, "bread", N);
}

static void passphrase_and_use_must_match(void **state)
{
	uint8_t out[N];

	(void)state;
	assert_int_equal(
		seal_open(out, sealed, sizeof(sealed), "test", "correct horsf"),
		ERR_SIGNATURE);
	assert_int_equal(
		seal_open(out, sealed, sizeof(sealed), "tesu", "correct horse"),
		ERR_SIGNATURE);
}

/* The costs are tried at their ends only: a large one takes a while. */
static void no_byte_can_be_changed_or_left_out(void **state)
{
	uint8_t out[N], bad[sizeof(sealed)];

	(void)state;
	for (size_t n = 0; n < SEAL_EXTRA; n += 7)
		assert_int_equal(
			seal_open(out, sealed, n, "test", "correct horse"),
			ERR_SIGNATURE);
	assert_int_equal(seal_open(out, sealed, sizeof(sealed) - 1, "test",
				   "correct horse"),
			 ERR_SIGNATURE);
	for (size_t i = 0; i < sizeof(sealed); i += i < 8 ? 1 : 9) {
		memcpy(bad, sealed, sizeof(bad));
		bad[i] ^= i < 8 ? 0x80 : 1;
		assert_int_equal(seal_open(out, bad, sizeof(bad), "test",
					   "correct horse"),
				 ERR_SIGNATURE);
	}
	memcpy(bad, sealed, sizeof(bad));
	be32_put(bad, 0);
	assert_int_equal(
		seal_open(out, bad, sizeof(bad), "test", "correct horse"),
		ERR_SIGNATURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_comes_back),
		cmocka_unit_test(passphrase_and_use_must_match),
		cmocka_unit_test(no_byte_can_be_changed_or_left_out),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
