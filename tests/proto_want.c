#include "proto/session/want.h"

#include "crypto/err.h"
#include "proto/session/bits.h"
#include "tests/unit.h"

#include <string.h>

static const struct secret salt = { { 1, 2, 3 } };

static struct pubkey feed_of(uint32_t i)
{
	struct pubkey feed = { { 0 } };

	memcpy(feed.b, &i, sizeof(i));
	return feed;
}

static int add(struct wants *w, uint32_t i, enum want_list list)
{
	struct pubkey feed = feed_of(i);

	return wants_add(w, &feed, i, list, 1000);
}

static struct want *find(struct wants *w, uint32_t i)
{
	struct pubkey feed = feed_of(i);

	return wants_find(w, &feed);
}

static void an_empty_table_holds_nothing(void **state)
{
	struct wants w;

	(void)state;
	wants_init(&w, &salt);
	assert_null(find(&w, 1));
	assert_null(wants_head(&w, WANT_REST));
	assert_int_equal(wants_total(&w), 0);
	wants_release(&w);
	wants_release(&w);
}

static void rows_keep_their_order(void **state)
{
	struct want *row;
	struct wants w;
	uint32_t i = 0;

	(void)state;
	wants_init(&w, &salt);
	for (uint32_t k = 0; k < 300; k++)
		assert_int_equal(add(&w, k, WANT_REST), 0);
	for (row = wants_head(&w, WANT_REST); row != NULL;
	     row = wants_next(&w, row))
		assert_int_equal(row->target, i++);
	assert_int_equal(i, 300);
	assert_int_equal(w.count[WANT_REST], 300);
	wants_release(&w);
}

static void every_row_is_found_through_growth_and_loss(void **state)
{
	struct wants w;

	(void)state;
	wants_init(&w, &salt);
	for (uint32_t k = 0; k < 900; k++)
		assert_int_equal(add(&w, k, WANT_REST), 0);
	for (uint32_t k = 0; k < 900; k += 3)
		wants_drop(&w, find(&w, k));
	for (uint32_t k = 0; k < 900; k++)
		assert_int_equal(find(&w, k) != NULL, k % 3 != 0);
	/* Freed rows are used again. */
	for (uint32_t k = 0; k < 900; k += 3)
		assert_int_equal(add(&w, k, WANT_FIRST), 0);
	assert_int_equal(w.max, 1024);
	assert_int_equal(w.used, 900);
	for (uint32_t k = 0; k < 900; k++)
		assert_int_equal(find(&w, k)->target, k);
	for (uint32_t k = 0; k < 900; k++)
		wants_drop(&w, find(&w, k));
	/* The last one takes the memory with it. */
	assert_int_equal(w.max, 0);
	assert_null(w.row);
}

static void rows_move_between_lists_and_to_the_front(void **state)
{
	struct wants w;

	(void)state;
	wants_init(&w, &salt);
	for (uint32_t k = 0; k < 5; k++)
		assert_int_equal(add(&w, k, WANT_REST), 0);
	/* From the middle, the end and the beginning. */
	wants_move(&w, find(&w, 2), WANT_ASKED);
	wants_move(&w, find(&w, 4), WANT_ASKED);
	wants_move(&w, find(&w, 0), WANT_ASKED);
	wants_move_first(&w, find(&w, 3), WANT_ASKED);
	assert_int_equal(wants_head(&w, WANT_REST)->target, 1);
	assert_null(wants_next(&w, wants_head(&w, WANT_REST)));
	assert_int_equal(wants_head(&w, WANT_ASKED)->target, 3);
	assert_int_equal(w.count[WANT_ASKED], 4);
	wants_move_first(&w, find(&w, 1), WANT_ASIDE);
	assert_null(wants_head(&w, WANT_REST));
	assert_int_equal(wants_total(&w), 5);
	wants_release(&w);
}

static void the_ceiling_is_the_callers(void **state)
{
	struct wants w;

	(void)state;
	wants_init(&w, &salt);
	for (uint32_t k = 0; k < 1000; k++)
		assert_int_equal(add(&w, k, WANT_REST), 0);
	assert_int_equal(add(&w, 1000, WANT_REST), ERR_LIMIT);
	wants_drop(&w, find(&w, 500));
	assert_int_equal(add(&w, 1000, WANT_REST), 0);
	wants_release(&w);
}

static void bits_count_their_members(void **state)
{
	struct bits b = { .word = NULL };

	(void)state;
	assert_int_equal(bits_next(&b, 0), BITS_NONE);
	bits_clear(&b, 5);
	assert_int_equal(bits_set(&b, 0), 0);
	assert_int_equal(bits_set(&b, 63), 0);
	assert_int_equal(bits_set(&b, 64), 0);
	assert_int_equal(bits_set(&b, 5000), 0);
	assert_int_equal(bits_set(&b, 64), 0);
	assert_int_equal(b.count, 4);
	assert_true(bits_test(&b, 63) && bits_test(&b, 5000));
	assert_false(bits_test(&b, 62) || bits_test(&b, 1 << 20));
	assert_int_equal(bits_next(&b, 0), 0);
	assert_int_equal(bits_next(&b, 1), 63);
	assert_int_equal(bits_next(&b, 64), 64);
	assert_int_equal(bits_next(&b, 65), 5000);
	assert_int_equal(bits_next(&b, 5001), BITS_NONE);
	bits_clear(&b, 63);
	bits_clear(&b, 63);
	assert_int_equal(b.count, 3);
	bits_empty(&b);
	assert_int_equal(b.count, 0);
	assert_int_equal(bits_next(&b, 0), BITS_NONE);
	bits_release(&b);
}

static void bits_fill_to_the_end_named(void **state)
{
	struct bits b = { .word = NULL };

	(void)state;
	for (uint32_t end = 62; end < 67; end++) {
		assert_int_equal(bits_fill(&b, end), 0);
		assert_int_equal(b.count, end);
		assert_true(bits_test(&b, end - 1));
		assert_false(bits_test(&b, end));
	}
	bits_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(an_empty_table_holds_nothing),
		UNIT(rows_keep_their_order),
		UNIT(every_row_is_found_through_growth_and_loss),
		UNIT(rows_move_between_lists_and_to_the_front),
		UNIT(the_ceiling_is_the_callers),
		UNIT(bits_count_their_members),
		UNIT(bits_fill_to_the_end_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
