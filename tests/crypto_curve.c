#include "crypto/curve.h"

#include "crypto/bytes.h"
#include "tests/unit.h"

#include <string.h>

/* RFC 7748 section 6.1: Alice and Bob. */
static const struct {
	const char *secret, *pub;
} rfc[] = {
	{ "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a" },
	{ "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f" },
};

static void public_keys_are_those_of_rfc_7748(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rfc); i++) {
		struct curvepair pair;
		uint8_t secret[32];
		char hex[HEX_SIZE(32)];

		assert_int_equal(hex_decode(secret, 32, rfc[i].secret, 64), 0);
		curvepair_from_secret(&pair, secret);
		hex_encode(hex, pair.pub.b, 32);
		assert_string_equal(hex, rfc[i].pub);
		assert_memory_equal(pair.secret, secret, 32);
	}
}

static void a_fresh_pair_is_its_secrets_pair(void **state)
{
	struct curvepair a, b, again;

	(void)state;
	curvepair_generate(&a);
	curvepair_generate(&b);
	assert_memory_not_equal(&a.pub, &b.pub, sizeof(a.pub));
	assert_memory_not_equal(a.secret, b.secret, sizeof(a.secret));
	curvepair_from_secret(&again, a.secret);
	assert_memory_equal(&again, &a, sizeof(a));

	/* The secret may lie in the pair that is filled. */
	memset(&a.pub, 0, sizeof(a.pub));
	curvepair_from_secret(&a, a.secret);
	assert_memory_equal(&again, &a, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(public_keys_are_those_of_rfc_7748),
		UNIT(a_fresh_pair_is_its_secrets_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
