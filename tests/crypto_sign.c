#include "crypto/sign.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
	const char *seed, *pub, *msg, *sig;
} rfc[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8"
	  "8"
	  "21590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085a"
	  "c"
	  "1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	  "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff"
	  "9"
	  "b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static struct seckey *key_of(const char *seed_hex)
{
	uint8_t seed[SEED_SIZE];
	struct seckey *key = NULL;

	assert_int_equal(hex_decode(seed, 32, seed_hex, 64), 0);
	assert_int_equal(seckey_from_seed(&key, seed), 0);
	return key;
}

static void bare_text_signs_as_rfc_8032_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rfc); i++) {
		struct seckey *key = key_of(rfc[i].seed);
		struct pubkey pub = seckey_pub(key);
		char hex[HEX_SIZE(SIG_SIZE)];
		char msg[2];
		size_t n = strlen(rfc[i].msg) / 2;
		struct sig sig;

		assert_int_equal(hex_decode(msg, n, rfc[i].msg, 2 * n), 0);
		hex_encode(hex, pub.b, KEY_SIZE);
		assert_string_equal(hex, rfc[i].pub);
		assert_int_equal(sign_text(&sig, key, msg, n), 0);
		hex_encode(hex, sig.b, SIG_SIZE);
		assert_string_equal(hex, rfc[i].sig);
		assert_int_equal(sign_text_check(&sig, &pub, msg, n), 0);
		seckey_close(key);
	}
}

/* What openssl pkeyutl signs for "maillon/1 entry", a NUL and "abc". */
static void a_domain_goes_before_the_message_with_a_nul(void **state)
{
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	char hex[HEX_SIZE(SIG_SIZE)];
	struct sig sig;

	(void)state;
	assert_int_equal(sign_make(&sig, key, "maillon/1 entry", "abc", 3), 0);
	hex_encode(hex, sig.b, SIG_SIZE);
	assert_string_equal(
		hex, "9b4d9c8614c4f5110653331def56afead6c26518c87ca85e2d454115"
		     "f63238aa60aa37cf56c32be0510bf16e28a4c6d5f86d744443c336a8"
		     "0164d339d266df09");
	assert_int_equal(sign_check(&sig, &pub, "maillon/1 entry", "abc", 3),
			 0);
	seckey_close(key);
}

static void another_domain_key_or_message_does_not_verify(void **state)
{
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key), other;
	struct sig sig, text;

	(void)state;
	hex_decode(other.b, 32, rfc[1].pub, 64);
	assert_int_equal(sign_make(&sig, key, "one", "abc", 3), 0);
	assert_int_equal(sign_check(&sig, &pub, "two", "abc", 3),
			 ERR_SIGNATURE);
	assert_int_equal(sign_check(&sig, &pub, "on", "eabc", 4),
			 ERR_SIGNATURE);
	assert_int_equal(sign_check(&sig, &pub, "one", "abd", 3),
			 ERR_SIGNATURE);
	assert_int_equal(sign_check(&sig, &pub, "one", "abc", 2),
			 ERR_SIGNATURE);
	assert_int_equal(sign_check(&sig, &other, "one", "abc", 3),
			 ERR_SIGNATURE);
	assert_int_equal(sign_text_check(&sig, &pub, "abc", 3), ERR_SIGNATURE);
	assert_int_equal(sign_text(&text, key, "abc", 3), 0);
	assert_int_equal(sign_check(&text, &pub, "", "abc", 3), ERR_SIGNATURE);
	seckey_close(key);
}

static void bare_text_with_a_nul_is_refused(void **state)
{
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	struct sig sig, before;

	(void)state;
	assert_int_equal(sign_make(&sig, key, "one", "abc", 3), 0);
	before = sig;
	/* The very bytes that were signed, but as text. */
	assert_int_equal(sign_text_check(&sig, &pub, "one\0abc", 7),
			 ERR_FORMAT);
	assert_int_equal(sign_text(&sig, key, "one\0abc", 7), ERR_FORMAT);
	assert_memory_equal(&sig, &before, sizeof(sig));
	seckey_close(key);
}

static void one_bit_off_does_not_verify(void **state)
{
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	uint8_t msg[4] = { 1, 2, 3, 4 };
	struct sig sig;

	(void)state;
	assert_int_equal(sign_make(&sig, key, "d", msg, 4), 0);
	for (size_t bit = 0; bit < 8 * SIG_SIZE; bit++) {
		sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sign_check(&sig, &pub, "d", msg, 4),
				 ERR_SIGNATURE);
		sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * KEY_SIZE; bit++) {
		pub.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sign_check(&sig, &pub, "d", msg, 4),
				 ERR_SIGNATURE);
		pub.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(msg); bit++) {
		msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sign_check(&sig, &pub, "d", msg, 4),
				 ERR_SIGNATURE);
		msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(sign_check(&sig, &pub, "d", msg, 4), 0);
	seckey_close(key);
}

/* S + L signs the same for a verifier that does not reduce; it would give
 * one entry two ids. */
static void a_signature_with_s_above_the_order_is_refused(void **state)
{
	static const uint8_t order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0,    0,    0,    0,    0,    0,    0,    0,
		0,    0,    0,    0,    0,    0,    0,    0x10,
	};
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	uint32_t carry = 0;
	struct sig sig;

	(void)state;
	assert_int_equal(sign_make(&sig, key, "d", "m", 1), 0);
	assert_int_equal(sign_check(&sig, &pub, "d", "m", 1), 0);
	for (int i = 0; i < 32; i++) {
		carry += (uint32_t)sig.b[32 + i] + order[i];
		sig.b[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_int_equal(sign_check(&sig, &pub, "d", "m", 1), ERR_SIGNATURE);
	seckey_close(key);
}

/* With the neutral point as key, R = B and S = 1 fit every message. */
static void a_key_of_small_order_is_refused(void **state)
{
	static const char *const small[] = {
		"0100000000000000000000000000000000000000000000000000000000000"
		"000",
		"0000000000000000000000000000000000000000000000000000000000000"
		"000",
		"ecfffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"f7f",
		"0100000000000000000000000000000000000000000000000000000000000"
		"080",
	};
	struct sig sig = { { 0x58 } };

	(void)state;
	memset(sig.b + 1, 0x66, 31);
	sig.b[32] = 1;
	for (size_t i = 0; i < ARRAY_LEN(small); i++) {
		struct pubkey pub;

		assert_int_equal(hex_decode(pub.b, 32, small[i], 64), 0);
		assert_int_equal(sign_check(&sig, &pub, "d", "m", 1),
				 ERR_SIGNATURE);
		assert_int_equal(sign_text_check(&sig, &pub, "m", 1),
				 ERR_SIGNATURE);
		assert_false(pubkey_can_sign(&pub));
	}
}

static void a_key_that_was_made_can_sign_and_a_bit_of_it_cannot(void **state)
{
	uint8_t seed[SEED_SIZE] = { 7 };
	struct seckey *key;
	struct pubkey pub;
	size_t good = 0;

	(void)state;
	assert_int_equal(seckey_from_seed(&key, seed), 0);
	pub = seckey_pub(key);
	assert_true(pubkey_can_sign(&pub));
	/* Half of all strings are points, an eighth of these of the group. */
	for (size_t i = 0; i < 256; i++) {
		pub.b[i / 8] ^= (uint8_t)(1U << i % 8);
		good += pubkey_can_sign(&pub);
		pub.b[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	assert_in_range(good, 1, 40);
	seckey_close(key);
}

static void the_longest_message_is_sign_max_with_its_domain(void **state)
{
	char domain[SIGN_DOMAIN_MAX + 1];
	char *msg = malloc(SIGN_MAX + 1);
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	struct sig sig, before;

	(void)state;
	assert_non_null(msg);
	memset(msg, 'x', SIGN_MAX + 1);
	memset(domain, 'd', SIGN_DOMAIN_MAX);
	domain[SIGN_DOMAIN_MAX] = '\0';
	for (size_t head = 2; head <= SIGN_DOMAIN_MAX + 1;
	     head += SIGN_DOMAIN_MAX - 1) {
		const char *d = domain + SIGN_DOMAIN_MAX + 1 - head;
		size_t most = SIGN_MAX - head;

		assert_int_equal(sign_make(&sig, key, d, msg, most - 1), 0);
		assert_int_equal(sign_check(&sig, &pub, d, msg, most - 1), 0);
		assert_int_equal(sign_make(&sig, key, d, msg, most), 0);
		assert_int_equal(sign_check(&sig, &pub, d, msg, most), 0);
		before = sig;
		assert_int_equal(sign_make(&sig, key, d, msg, most + 1),
				 ERR_LIMIT);
		assert_memory_equal(&sig, &before, sizeof(sig));
		assert_int_equal(sign_check(&sig, &pub, d, msg, most + 1),
				 ERR_LIMIT);
		assert_int_equal(sign_check(&sig, &pub, d, msg, SIZE_MAX),
				 ERR_LIMIT);
	}
	assert_int_equal(sign_text(&sig, key, msg, SIGN_MAX), 0);
	assert_int_equal(sign_text_check(&sig, &pub, msg, SIGN_MAX), 0);
	assert_int_equal(sign_text(&sig, key, msg, SIGN_MAX + 1), ERR_LIMIT);
	assert_int_equal(sign_text_check(&sig, &pub, msg, SIGN_MAX + 1),
			 ERR_LIMIT);
	seckey_close(key);
	free(msg);
}

static void an_empty_message_signs(void **state)
{
	struct seckey *key = key_of(rfc[0].seed);
	struct pubkey pub = seckey_pub(key);
	struct sig sig;

	(void)state;
	assert_int_equal(sign_make(&sig, key, "d", NULL, 0), 0);
	assert_int_equal(sign_check(&sig, &pub, "d", NULL, 0), 0);
	assert_int_equal(sign_check(&sig, &pub, "d", "", 1), ERR_SIGNATURE);
	seckey_close(key);
}

static void a_fresh_key_is_its_seeds_key(void **state)
{
	struct seckey *key = NULL, *other = NULL, *again = NULL;
	struct pubkey a, b, c;
	uint8_t seed[SEED_SIZE];

	(void)state;
	assert_int_equal(seckey_generate(&key), 0);
	assert_int_equal(seckey_generate(&other), 0);
	seckey_seed(key, seed);
	assert_int_equal(seckey_from_seed(&again, seed), 0);
	a = seckey_pub(key);
	b = seckey_pub(other);
	c = seckey_pub(again);
	assert_false(pubkey_eq(&a, &b));
	assert_true(pubkey_eq(&a, &c));
	seckey_close(key);
	seckey_close(other);
	seckey_close(again);
	seckey_close(NULL);
}

static void public_keys_sort_by_their_bytes(void **state)
{
	struct pubkey a = { { 0 } }, b = { { 0 } };

	(void)state;
	assert_true(pubkey_is_zero(&a));
	assert_int_equal(pubkey_cmp(&a, &b), 0);
	b.b[31] = 1;
	assert_false(pubkey_is_zero(&b));
	assert_true(pubkey_cmp(&a, &b) < 0);
	assert_false(pubkey_eq(&a, &b));
	a.b[0] = 0xff;
	assert_true(pubkey_cmp(&a, &b) > 0);
}

/* In a child that may map no more memory. */
static void without_memory_there_is_no_key(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	skip(); /* its shadow needs an address space without limit */
#endif
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 1 << 20, 1 << 20 };
		struct seckey *key = NULL;
		int err = ERR_IO;

		if (setrlimit(RLIMIT_AS, &none) == 0)
			err = seckey_generate(&key);
		_exit(key == NULL ? -err : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), -ERR_NOMEM);
}

static int start(void **state)
{
	(void)state;
	return crypto_start() != 0 || crypto_start() != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(bare_text_signs_as_rfc_8032_says),
		UNIT(a_domain_goes_before_the_message_with_a_nul),
		UNIT(another_domain_key_or_message_does_not_verify),
		UNIT(bare_text_with_a_nul_is_refused),
		UNIT(one_bit_off_does_not_verify),
		UNIT(a_signature_with_s_above_the_order_is_refused),
		UNIT(a_key_of_small_order_is_refused),
		UNIT(a_key_that_was_made_can_sign_and_a_bit_of_it_cannot),
		UNIT(the_longest_message_is_sign_max_with_its_domain),
		UNIT(an_empty_message_signs),
		UNIT(a_fresh_key_is_its_seeds_key),
		UNIT(public_keys_sort_by_their_bytes),
		UNIT(without_memory_there_is_no_key),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
