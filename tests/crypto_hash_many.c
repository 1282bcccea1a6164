/* With what is inside, so that each processor's way is tested on one that has
 * several. */
#include "crypto/hash_many.c"

#include "tests/unit.h"

#include <stdlib.h>

enum { LONGEST = 600, MOST = 3 * LANES };

static uint8_t data[MOST][LONGEST];

static void fill(void)
{
	uint32_t x = 1;

	for (size_t k = 0; k < MOST; k++)
		for (size_t i = 0; i < LONGEST; i++) {
			x = x * 1664525 + 1013904223;
			data[k][i] = (uint8_t)(x >> 24);
		}
}

static void assert_ids(const struct id *ids, const struct message *at, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct id alone = hash_id(at[k].p, at[k].n);

		assert_true(id_eq(&ids[k], &alone));
	}
}

/* Messages of n bytes and a few more, each of its own bytes. */
static void cut(struct message *at, size_t count, size_t n)
{
	for (size_t k = 0; k < count; k++)
		at[k] = (struct message){ data[k], (n + k * 37) % LONGEST };
}

static void together_they_hash_as_alone(void **state)
{
	struct message at[MOST];
	struct id ids[MOST];

	(void)state;
	for (size_t count = 0; count <= MOST; count++)
		for (size_t n = 0; n < LONGEST; n += 7) {
			cut(at, count, n);
			hash_ids(ids, at, count);
			assert_ids(ids, at, count);
		}
}

static void an_empty_message_has_no_place(void **state)
{
	struct message at[MOST] = { { NULL, 0 } };
	struct id ids[MOST];

	(void)state;
	hash_ids(ids, at, MOST);
	assert_ids(ids, at, MOST);
}

#if defined(__x86_64__)
static void check_way(compressor *way)
{
	struct message at[LANES];
	struct id ids[LANES];

	for (size_t n = 0; n < LONGEST; n++) {
		cut(at, LANES, n);
		hash_lanes(ids, at, way);
		assert_ids(ids, at, LANES);
	}
}
#endif

/* Lengths at the borders of blocks among them. */
static void each_width_hashes_as_alone(void **state)
{
	(void)state;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		check_way(compress_avx2);
	if (__builtin_cpu_supports("avx512f"))
		check_way(compress_avx512);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(together_they_hash_as_alone),
		UNIT(an_empty_message_has_no_place),
		UNIT(each_width_hashes_as_alone),
	};

	fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
