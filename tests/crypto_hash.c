#include "crypto/hash.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_hex(const void *p, size_t n, const char *hex)
{
	char text[HEX_SIZE(64)];

	hex_encode(text, p, n);
	assert_string_equal(text, hex);
}

/* What `printf abc | b2sum -l 256` says. */
static void ids_are_those_of_b2sum(void **state)
{
	struct id id = hash_id("abc", 3);

	(void)state;
	assert_hex(id.b, 32,
		   "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d"
		   "52319");
	id = hash_id(NULL, 0);
	assert_hex(id.b, 32,
		   "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12"
		   "fe3a8");
}

static void pieces_hash_like_the_whole(void **state)
{
	uint8_t data[300];
	struct id whole;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	whole = hash_id(data, sizeof(data));
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		struct hasher h;
		struct id id;

		hasher_init(&h);
		hasher_add(&h, data, cut);
		hasher_add(&h, data + cut, sizeof(data) - cut);
		id = hasher_id(&h);
		assert_true(id_eq(&id, &whole));
	}
}

/* Golden values from another implementation (Python's hashlib). */
static void tags_and_macs_are_keyed_over_domain_nul_value(void **state)
{
	struct secret secret;
	struct tag tag;
	struct id mac;

	(void)state;
	for (int i = 0; i < 32; i++)
		secret.b[i] = (uint8_t)i;
	tag = hash_tag(&secret, "maillon/1 handle", "Marie", 5);
	assert_hex(tag.b, 16, "686168cc30bc49c6179b55c6b186725b");
	mac = hash_mac(&secret, "maillon/1 handle", "Marie", 5);
	assert_hex(mac.b, 32,
		   "4fc783ba216ad5c20fada099d09ea98ef95afcf5903406a4fd398db5cd5"
		   "62efa");
	tag = hash_tag(&secret, "maillon/1 handle", NULL, 0);
	assert_hex(tag.b, 16, "fa48b4e41098d0627579dc7be6763487");
	mac = hash_mac(&secret, "maillon/1 handle", NULL, 0);
	assert_hex(mac.b, 32,
		   "10d51bfd17fadfd00d945a3788ae09b471c0f80cf683308aa495006c542"
		   "d0069");
}

static void key_domain_and_value_all_count(void **state)
{
	struct secret secret = { { 1 } }, other = { { 2 } };
	struct tag a = hash_tag(&secret, "ab", "c", 1);
	struct tag b;

	(void)state;
	b = hash_tag(&other, "ab", "c", 1);
	assert_memory_not_equal(a.b, b.b, TAG_SIZE);
	b = hash_tag(&secret, "a", "bc", 2);
	assert_memory_not_equal(a.b, b.b, TAG_SIZE);
	b = hash_tag(&secret, "ab", "d", 1);
	assert_memory_not_equal(a.b, b.b, TAG_SIZE);
	b = hash_tag(&secret, "ab", "c", 1);
	assert_memory_equal(a.b, b.b, TAG_SIZE);
}

/* FIPS 180-4's examples. */
static void sha_is_sha_256(void **state)
{
	struct sha sha = hash_sha("abc", 3);

	(void)state;
	assert_hex(sha.b, 32,
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20"
		   "015ad");
	sha = hash_sha(NULL, 0);
	assert_hex(sha.b, 32,
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b785"
		   "2b855");
}

static void files_hash_like_their_bytes(void **state)
{
	static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, 100000 };
	char path[] = "/tmp/crypto_hash.XXXXXX";
	uint8_t *data = calloc(1, 100000);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(data);
	data[99999] = 3;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct sha want = hash_sha(data, sizes[i]), got;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, data, sizes[i], 0),
				 (ssize_t)sizes[i]);
		assert_int_equal(hash_sha_file(&got, path), 0);
		assert_memory_equal(got.b, want.b, 32);
	}
	free(data);
	close(fd);
	unlink(path);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	struct sha sha, before;

	(void)state;
	memset(&sha, 0x77, sizeof(sha));
	before = sha;
	assert_int_equal(hash_sha_file(&sha, "tests/no such file"),
			 ERR_NOT_FOUND);
	assert_int_equal(hash_sha_file(&sha, "Makefile/x"), ERR_NOT_FOUND);
	assert_int_equal(hash_sha_file(&sha, "tests"), ERR_IO);
	assert_memory_equal(sha.b, before.b, 32);
}

static void a_file_of_somebody_else_is_denied(void **state)
{
	char path[] = "/tmp/crypto_hash.XXXXXX";
	int fd = mkstemp(path);
	struct sha sha;
	int err;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0), 0);
	close(fd);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	err = hash_sha_file(&sha, path);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	unlink(path);
	assert_int_equal(err, ERR_DENIED);
}

static void ids_sort_by_their_bytes(void **state)
{
	struct id a = { { 0 } }, b = { { 0 } };

	(void)state;
	assert_true(id_is_zero(&a));
	assert_true(id_eq(&a, &b));
	assert_int_equal(id_cmp(&a, &b), 0);
	b.b[31] = 1;
	assert_false(id_is_zero(&b));
	assert_false(id_eq(&a, &b));
	assert_true(id_cmp(&a, &b) < 0);
	a.b[0] = 0x80; /* bytes are unsigned, and the first one decides */
	assert_true(id_cmp(&a, &b) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(ids_are_those_of_b2sum),
		UNIT(pieces_hash_like_the_whole),
		UNIT(tags_and_macs_are_keyed_over_domain_nul_value),
		UNIT(key_domain_and_value_all_count),
		UNIT(sha_is_sha_256),
		UNIT(files_hash_like_their_bytes),
		UNIT(a_file_that_cannot_be_read_says_why),
		UNIT(a_file_of_somebody_else_is_denied),
		UNIT(ids_sort_by_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
