#include "proto/book/share.h"

#include "tests/unit.h"

static void a_share_is_rounded_down_and_whole_at_the_whole(void **state)
{
	static const struct {
		uint64_t qty, part, whole, want;
	} rows[] = {
		{ 10, 1, 3, 3 },
		{ 10, 2, 3, 6 },
		{ 10, 3, 3, 10 },
		{ 10, 0, 3, 0 },
		{ 0, 2, 3, 0 },
		{ 10, 1, 0, 0 },
		{ 10, 4, 3, 10 },
		{ UINT64_MAX, 1, 2, UINT64_MAX / 2 },
		{ UINT64_MAX, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX - 1 },
		{ UINT64_MAX - 1, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX - 2 },
		{ 1ULL << 63, (1ULL << 63) - 1, 1ULL << 63, (1ULL << 63) - 1 },
		{ 68719476735, 68719476734, 68719476735, 68719476734 },
		{ 7, UINT64_MAX / 2, UINT64_MAX, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			share_of(rows[i].qty,
				 (struct share){ rows[i].part, rows[i].whole }),
			rows[i].want);
}

static void small_shares_are_those_of_ordinary_arithmetic(void **state)
{
	(void)state;
	for (uint64_t whole = 1; whole < 24; whole++)
		for (uint64_t part = 0; part <= whole; part++)
			for (uint64_t qty = 0; qty < 24; qty++)
				assert_int_equal(
					share_of(qty,
						 (struct share){ part, whole }),
					qty * part / whole);
}

static void shares_are_compared_without_rounding(void **state)
{
	static const struct {
		struct share a, b;
		bool more;
	} rows[] = {
		{ { 1, 2 }, { 1, 3 }, true },
		{ { 1, 3 }, { 1, 2 }, false },
		{ { 1, 2 }, { 2, 4 }, false },
		{ { 1, 2 }, { 0, 0 }, true },
		{ { 0, 2 }, { 0, 0 }, false },
		{ { 0, 0 }, { 1, 2 }, false },
		{ { UINT64_MAX - 1, UINT64_MAX },
		  { UINT64_MAX - 2, UINT64_MAX - 1 },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(share_is_more(rows[i].a, rows[i].b),
				 rows[i].more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_share_is_rounded_down_and_whole_at_the_whole),
		UNIT(small_shares_are_those_of_ordinary_arithmetic),
		UNIT(shares_are_compared_without_rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
