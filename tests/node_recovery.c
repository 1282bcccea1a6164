#include "node/safe/recovery.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <string.h>

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void make(uint8_t seed[static SEED_SIZE],
		 char code[static RECOVERY_SIZE])
{
	for (unsigned i = 0; i < SEED_SIZE; i++)
		seed[i] = (uint8_t)(i * 37 + 11);
	recovery_encode(code, seed);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

static void a_code_comes_back_however_it_is_written(void **state)
{
	uint8_t seed[SEED_SIZE], back[SEED_SIZE] = { 0 };
	char code[RECOVERY_SIZE], other[2 * RECOVERY_SIZE];
	unsigned group;
	size_t n = 0;

	(void)state;
	make(seed, code);
	assert_int_equal(strlen(code), RECOVERY_SIZE - 1);
	assert_int_equal(recovery_decode(back, &group, code), 0);
	assert_memory_equal(back, seed, SEED_SIZE);
	for (size_t i = 0; code[i] != '\0'; i++) {
		char c = code[i];

		if (c == '-')
			continue;
		if (c >= 'A')
			c = (char)(c - 'A' + 'a');
		other[n++] = c == '0' ? 'o' : c == '1' ? 'l' : c;
		other[n++] = ' ';
	}
	other[n] = '\0';
	memset(back, 0, sizeof(back));
	assert_int_equal(recovery_decode(back, &group, other), 0);
	assert_memory_equal(back, seed, SEED_SIZE);
}

/* Every wrong character in every place: its group is named. */
static void any_single_wrong_character_is_located(void **state)
{
	uint8_t seed[SEED_SIZE], back[SEED_SIZE];
	char code[RECOVERY_SIZE];

	(void)state;
	make(seed, code);
	for (size_t i = 0; code[i] != '\0'; i++) {
		char right = code[i];

		if (right == '-')
			continue;
		for (const char *c = letters; *c != '\0'; c++) {
			unsigned group = 0;

			if (*c == right)
				continue;
			code[i] = *c;
			assert_int_equal(recovery_decode(back, &group, code),
					 ERR_SIGNATURE);
			assert_int_equal(group, i / (RECOVERY_GROUP + 1) + 1);
		}
		code[i] = right;
	}
}

static void neighbours_and_groups_exchanged_are_noticed(void **state)
{
	uint8_t seed[SEED_SIZE], back[SEED_SIZE];
	char code[RECOVERY_SIZE], bad[RECOVERY_SIZE];
	unsigned group;

	(void)state;
	make(seed, code);
	for (size_t i = 0; i + 2 < RECOVERY_SIZE; i++) {
		if (code[i] == '-' || code[i + 1] == '-' ||
		    code[i] == code[i + 1])
			continue;
		memcpy(bad, code, sizeof(bad));
		bad[i] = code[i + 1];
		bad[i + 1] = code[i];
		assert_int_equal(recovery_decode(back, &group, bad),
				 ERR_SIGNATURE);
		assert_int_equal(group, i / (RECOVERY_GROUP + 1) + 1);
	}
	for (unsigned g = 0; g + 1 < RECOVERY_GROUPS; g++) {
		size_t at = (size_t)g * (RECOVERY_GROUP + 1);

		memcpy(bad, code, sizeof(bad));
		memcpy(bad + at, code + at + 6, RECOVERY_GROUP);
		memcpy(bad + at + 6, code + at, RECOVERY_GROUP);
		assert_int_equal(recovery_decode(back, &group, bad),
				 ERR_SIGNATURE);
		assert_int_equal(group, g + 1);
	}
}

static void what_is_no_code_is_refused(void **state)
{
	uint8_t seed[SEED_SIZE], back[SEED_SIZE];
	char code[RECOVERY_SIZE], bad[RECOVERY_SIZE + 8];
	unsigned group;

	(void)state;
	make(seed, code);
	for (size_t n = 0; n + 1 < RECOVERY_SIZE; n++) {
		memcpy(bad, code, n);
		bad[n] = '\0';
		assert_int_equal(recovery_decode(back, &group, bad),
				 ERR_FORMAT);
		assert_in_range(group, 1, RECOVERY_GROUPS);
	}
	memcpy(bad, code, sizeof(code));
	bad[7] = 'U';
	assert_int_equal(recovery_decode(back, &group, bad), ERR_FORMAT);
	assert_int_equal(group, 2);
	memcpy(bad, code, sizeof(code));
	memcpy(bad + RECOVERY_SIZE - 1, "-0", 3);
	assert_int_equal(recovery_decode(back, &group, bad), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_comes_back_however_it_is_written),
		cmocka_unit_test(any_single_wrong_character_is_located),
		cmocka_unit_test(neighbours_and_groups_exchanged_are_noticed),
		cmocka_unit_test(what_is_no_code_is_refused),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
