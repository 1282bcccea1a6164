#include "proto/session/digest.h"

#include "crypto/bytes.h"
#include "proto/session/tree.h"
#include "tests/unit.h"

#include <string.h>

static struct pubkey feed_of(unsigned i)
{
	struct pubkey feed = { { 0 } };

	feed.b[0] = (uint8_t)i;
	feed.b[1] = (uint8_t)(i >> 8);
	return feed;
}

static struct id id_of(unsigned i)
{
	struct id id = { { 0 } };

	id.b[31] = (uint8_t)i;
	return id;
}

static void add(struct digest *d, unsigned feed, uint64_t seq, unsigned id)
{
	struct pubkey f = feed_of(feed);
	struct id i = id_of(id);

	digest_add(d, &f, seq, &i);
}

static void drop(struct digest *d, unsigned feed, uint64_t seq, unsigned id)
{
	struct pubkey f = feed_of(feed);
	struct id i = id_of(id);

	digest_remove(d, &f, seq, &i);
}

/* Written down from PROTOCOL.md with b2sum -l 256. */
static void the_bytes_are_those_of_the_protocol(void **state)
{
	struct pubkey feed = feed_of(1);
	struct id id = id_of(2), got = digest_element(&feed, 3, &id);
	uint8_t bytes[15 + 32 + 8 + 32] = "maillon/1 head";
	struct id want;

	(void)state;
	memcpy(bytes + 15, feed.b, 32);
	bytes[15 + 32 + 7] = 3;
	memcpy(bytes + 15 + 40, id.b, 32);
	want = hash_id(bytes, sizeof(bytes));
	assert_memory_equal(got.b, want.b, 32);
}

static void the_wire_form_is_sum_and_count(void **state)
{
	struct pubkey feed = feed_of(1);
	struct id id = id_of(2), got, want;
	uint8_t bytes[40] = { 0 };
	struct digest d;

	(void)state;
	digest_init(&d);
	got = digest_id(&d);
	want = hash_id(bytes, sizeof(bytes));
	assert_memory_equal(got.b, want.b, 32);
	digest_add(&d, &feed, 3, &id);
	memcpy(bytes, digest_element(&feed, 3, &id).b, 32);
	bytes[39] = 1;
	got = digest_id(&d);
	want = hash_id(bytes, sizeof(bytes));
	assert_memory_equal(got.b, want.b, 32);
}

static void the_order_does_not_matter(void **state)
{
	struct digest a, b;

	(void)state;
	digest_init(&a);
	digest_init(&b);
	for (unsigned i = 0; i < 500; i++)
		add(&a, i, i + 1, i);
	for (unsigned i = 500; i-- > 0;)
		add(&b, i, i + 1, i);
	assert_true(digest_eq(&a, &b));
}

static void what_is_taken_out_leaves_no_trace(void **state)
{
	struct digest a, b;

	(void)state;
	digest_init(&a);
	digest_init(&b);
	/* Carries and borrows run through all words on the way. */
	for (unsigned i = 0; i < 500; i++)
		add(&a, i, 1, 0);
	for (unsigned i = 0; i < 500; i++)
		drop(&a, i, 1, 0);
	assert_true(digest_eq(&a, &b));
	drop(&a, 7, 1, 0);
	add(&a, 7, 1, 0);
	assert_true(digest_eq(&a, &b));
}

/* One thing about one head changed. */
static const struct {
	unsigned feed;
	uint64_t seq;
	unsigned id;
} others[] = { { 2, 3, 4 }, { 1, 4, 4 }, { 1, 3, 5 } };

static void every_part_of_a_head_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct digest a, b;
		struct id ia, ib;

		digest_init(&a);
		digest_init(&b);
		add(&a, 1, 3, 4);
		add(&b, others[i].feed, others[i].seq, others[i].id);
		ia = digest_id(&a);
		ib = digest_id(&b);
		assert_false(digest_eq(&a, &b));
		assert_memory_not_equal(ia.b, ib.b, 32);
	}
}

static void parts_add_up_to_the_whole(void **state)
{
	struct digest whole, part[32], sum;

	(void)state;
	digest_init(&whole);
	digest_init(&sum);
	for (unsigned i = 0; i < 32; i++)
		digest_init(&part[i]);
	for (unsigned i = 0; i < 1000; i++) {
		add(&whole, i, i + 1, i);
		add(&part[i % 32], i, i + 1, i);
	}
	for (unsigned i = 0; i < 32; i++)
		digest_merge(&sum, &part[i]);
	assert_true(digest_eq(&sum, &whole));
	digest_subtract(&sum, &part[5]);
	assert_int_equal(sum.count, whole.count - part[5].count);
	digest_merge(&sum, &part[5]);
	assert_true(digest_eq(&sum, &whole));
}

static void the_sum_wraps_at_2_to_the_256(void **state)
{
	struct digest a, one = { .sum = { [31] = 1 } };

	(void)state;
	memset(&a, 0xff, sizeof(a));
	a.count = 0;
	digest_merge(&a, &one);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(a.sum[i], 0);
	digest_subtract(&a, &one);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(a.sum[i], 0xff);
}

static void a_node_is_the_first_bits_behind_a_one(void **state)
{
	const struct pubkey feed = { { 0x08, 0x7f, 0xff, 0xff } };
	const struct pubkey ones = { { 0xff, 0xff, 0xff, 0xff } };

	(void)state;
	assert_int_equal(tree_node(&feed, 0), TREE_TOP);
	assert_int_equal(tree_node(&feed, 1), 32 + 1);
	assert_int_equal(tree_node(&feed, 2), (32 + 1) * 32 + 1);
	for (unsigned d = 0; d <= TREE_DEPTH; d++) {
		uint64_t first = 1ULL << TREE_BITS * d;

		assert_int_equal(tree_node(&ones, d), 2 * first - 1);
		assert_int_equal(tree_depth(first), d);
		assert_int_equal(tree_depth(2 * first - 1), d);
		if (d > 0)
			assert_int_equal(tree_node(&feed, d) / TREE_RADIX,
					 tree_node(&feed, d - 1));
	}
}

static void other_numbers_are_no_nodes(void **state)
{
	static const uint64_t bad[] = { 0,          2,          31,
					64,         1023,       2048,
					1ULL << 31, 1ULL << 35, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_true(tree_depth(bad[i]) > TREE_DEPTH);
}

static void prints_are_of_sums_and_differ_by_session(void **state)
{
	const struct secret key = { { 1 } }, other = { { 2 } };
	uint8_t wire[40], a[TREE_PRINT], b[TREE_PRINT];
	struct pubkey feed = { { 8 } };
	struct id id = id_of(1);
	struct id element;
	struct digest sum;
	struct tag want;

	(void)state;
	digest_init(&sum);
	for (unsigned i = 0; i < 100; i++) {
		feed.b[1] = (uint8_t)i;
		digest_add(&sum, &feed, 1, &id);
	}
	memcpy(wire, sum.sum, 32);
	be64_put(wire + 32, sum.count);
	want = hash_tag(&key, "maillon/1 heads", wire, sizeof(wire));
	tree_print(a, &sum, &key);
	tree_print(b, &sum, &other);
	assert_memory_equal(a, want.b, TREE_PRINT);
	assert_memory_not_equal(a, b, TREE_PRINT);
	/* That of a single head is that of the set of it. */
	digest_init(&sum);
	digest_add(&sum, &feed, 7, &id);
	tree_print(a, &sum, &key);
	element = digest_element(&feed, 7, &id);
	tree_print_head(b, &element, &key);
	assert_memory_equal(a, b, TREE_PRINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_bytes_are_those_of_the_protocol),
		UNIT(the_wire_form_is_sum_and_count),
		UNIT(the_order_does_not_matter),
		UNIT(what_is_taken_out_leaves_no_trace),
		UNIT(every_part_of_a_head_counts),
		UNIT(parts_add_up_to_the_whole),
		UNIT(the_sum_wraps_at_2_to_the_256),
		UNIT(a_node_is_the_first_bits_behind_a_one),
		UNIT(other_numbers_are_no_nodes),
		UNIT(prints_are_of_sums_and_differ_by_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
