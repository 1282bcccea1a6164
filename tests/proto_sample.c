#include "proto/audit/sample.h"

#include "tests/unit.h"

#include <string.h>

static void a_rank_is_the_documented_hash(void **state)
{
	struct id cut = { { 1, 2, 3 } }, seeded = hash_id("7-19", 4), want, got;
	uint8_t subject[5] = { 9, 8, 7, 6, 5 }, all[17 + 32 + 32 + 5];

	(void)state;
	memcpy(all, "maillon/1 sample", 17);
	memcpy(all + 17, cut.b, 32);
	memcpy(all + 49, seeded.b, 32);
	memcpy(all + 81, subject, 5);
	want = hash_id(all, sizeof(all));
	got = sample_rank(&cut, "7-19", subject, sizeof(subject));
	assert_true(id_eq(&got, &want));
}

static void a_rank_depends_on_all_it_is_made_of(void **state)
{
	struct id cut = { { 1 } }, other = { { 2 } };
	struct id ranks[4] = {
		sample_rank(&cut, "a", "x", 1),
		sample_rank(&other, "a", "x", 1),
		sample_rank(&cut, "ax", "", 0),
		sample_rank(&cut, "a", "y", 1),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(id_eq(&ranks[i], &ranks[k]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_rank_is_the_documented_hash),
		UNIT(a_rank_depends_on_all_it_is_made_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
