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

static void a_bucket_is_the_first_ten_bits(void **state)
{
	struct pubkey feed = { { 0xff, 0x7f } };

	(void)state;
	assert_int_equal(tree_bucket(&feed), 0x3fd);
	feed.b[0] = 0;
	feed.b[1] = 0x3f;
	assert_int_equal(tree_bucket(&feed), 0);
	feed.b[1] = 0x40;
	assert_int_equal(tree_bucket(&feed), 1);
	feed.b[0] = 8;
	assert_int_equal(tree_bucket(&feed), TREE_RADIX + 1);
}

static void one_head_changes_one_print_of_each_level(void **state)
{
	static struct digest_tree t;
	const struct secret key = { { 1 } };
	uint8_t top[2][TREE_PRINTS], node[2][TREE_PRINTS];
	struct pubkey feed = { { 8, 0x40 } };
	struct id id = id_of(1);

	(void)state;
	tree_init(&t);
	tree_top(&t, top[0], &key);
	tree_node(&t, node[0], &key, 1);
	tree_add(&t, &feed, 1, &id);
	tree_top(&t, top[1], &key);
	tree_node(&t, node[1], &key, 1);
	for (size_t i = 0; i < TREE_RADIX; i++) {
		size_t at = i * TREE_PRINT;

		assert_int_equal(memcmp(top[0] + at, top[1] + at, TREE_PRINT) !=
					 0,
				 i == 1);
		assert_int_equal(
			memcmp(node[0] + at, node[1] + at, TREE_PRINT) != 0,
			i == 1);
	}
}

/* The sum of the buckets below a node is the node's, so equal prints there need
 * no look below. */
static void prints_are_of_sums_and_differ_by_session(void **state)
{
	static struct digest_tree t;
	const struct secret key = { { 1 } }, other = { { 2 } };
	uint8_t wire[40], a[TREE_PRINTS], b[TREE_PRINTS];
	struct digest sum;
	struct tag want;

	(void)state;
	tree_init(&t);
	digest_init(&sum);
	for (unsigned i = 0; i < 100; i++) {
		struct pubkey feed = { { 8, (uint8_t)(i << 2) } };
		struct id id = id_of(i);

		tree_add(&t, &feed, 1, &id);
		digest_add(&sum, &feed, 1, &id);
	}
	tree_top(&t, a, &key);
	tree_top(&t, b, &other);
	memcpy(wire, sum.sum, 32);
	be64_put(wire + 32, sum.count);
	want = hash_tag(&key, "maillon/1 heads", wire, sizeof(wire));
	assert_memory_equal(a + TREE_PRINT, want.b, TREE_PRINT);
	assert_memory_not_equal(a + TREE_PRINT, b + TREE_PRINT, TREE_PRINT);
}

static void buckets_are_a_set(void **state)
{
	struct buckets b;

	(void)state;
	buckets_empty(&b);
	assert_int_equal(buckets_count(&b), 0);
	buckets_add(&b, 0);
	buckets_add(&b, 63);
	buckets_add(&b, 64);
	buckets_add(&b, TREE_BUCKETS - 1);
	buckets_add(&b, 64);
	assert_int_equal(buckets_count(&b), 4);
	assert_true(buckets_has(&b, 64) && !buckets_has(&b, 65));
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
		UNIT(a_bucket_is_the_first_ten_bits),
		UNIT(one_head_changes_one_print_of_each_level),
		UNIT(prints_are_of_sums_and_differ_by_session),
		UNIT(buckets_are_a_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
