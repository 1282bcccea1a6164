#include "crypto/err.h"
#include "proto/session/bits.h"
#include "proto/session/want.h"
#include "tests/nomem.h"
#include "tests/unit.h"

#include <string.h>

static struct pubkey feed_of(uint32_t i)
{
	struct pubkey feed = { { 0 } };

	memcpy(feed.b, &i, sizeof(i));
	return feed;
}

/* The k-th allocation fails, k = 0, 1, ... until none is left to fail; what was
 * there before stays, and the same call works when memory is back. */
static void a_table_survives_each_failing_growth(void **state)
{
	const struct secret salt = { { 1 } };

	(void)state;
	for (int k = 0; k < 8; k++) {
		struct wants w;
		unsigned failed = 0;

		wants_init(&w, &salt);
		nomem_after = k;
		for (uint32_t i = 0; i < 500; i++) {
			struct pubkey feed = feed_of(i);
			int err = wants_add(&w, &feed, i, WANT_REST, 1000);

			if (err != 0) {
				assert_int_equal(err, ERR_NOMEM);
				assert_null(wants_find(&w, &feed));
				failed++;
				i--;
			}
		}
		nomem_after = -1;
		assert_int_equal(failed, 1);
		for (uint32_t i = 0; i < 500; i++) {
			struct pubkey feed = feed_of(i);

			assert_int_equal(wants_find(&w, &feed)->target, i);
		}
		wants_release(&w);
	}
}

static void a_set_survives_each_failing_growth(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		struct bits b = { .word = NULL };
		unsigned failed = 0;

		nomem_after = k;
		for (uint32_t i = 0; i < 5000; i++) {
			if (bits_set(&b, i) == 0)
				continue;
			assert_int_equal(b.count, i);
			failed++;
			i--;
		}
		nomem_after = -1;
		assert_int_equal(failed, 1);
		assert_int_equal(b.count, 5000);
		bits_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_table_survives_each_failing_growth),
		UNIT(a_set_survives_each_failing_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
