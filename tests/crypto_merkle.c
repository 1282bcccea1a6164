#include "crypto/merkle.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <string.h>

enum { MOST = 70 }; /* leaves of the trees that are tried exhaustively */

static struct sha leaves[MOST];
static struct sha roots[MOST + 1]; /* as RFC 6962 defines them */

/* A source that counts what it is asked, fails at the k-th time, and has
 * subtrees only when told so. */
struct counting {
	size_t calls;
	size_t fail_at; /* 0: never */
	bool has_nodes;
};

/* MTH of RFC 6962 section 2.1, word for word. */
static struct sha mth(const struct sha *d, size_t n)
{
	struct sha left, right;
	size_t k = 1;

	if (n == 0)
		return hash_sha("", 0);
	if (n == 1)
		return d[0];
	while (2 * k < n)
		k *= 2;
	left = mth(d, k);
	right = mth(d + k, n - k);
	return merkle_node(&left, &right);
}

static int get(void *cookie, struct sha *out, unsigned int level,
	       uint64_t index)
{
	struct counting *c = cookie;

	c->calls++;
	if (c->calls == c->fail_at)
		return ERR_IO;
	assert_true(index < (uint64_t)MOST >> level);
	if (level > 0 && !c->has_nodes)
		return ERR_NOT_FOUND;
	*out = mth(leaves + (index << level), (size_t)1 << level);
	return 0;
}

static struct merkle_source from(struct counting *c)
{
	return (struct merkle_source){ get, c };
}

static void the_three_hashes_are_prefixed(void **state)
{
	struct sha a = hash_sha("a", 1), b = hash_sha("b", 1), want, got;
	uint8_t buf[65] = { 1 };

	(void)state;
	memcpy(buf + 1, a.b, 32);
	memcpy(buf + 33, b.b, 32);
	want = hash_sha(buf, 65);
	got = merkle_node(&a, &b);
	assert_true(sha_eq(&got, &want));
	want = hash_sha("\0abc", 4);
	got = merkle_leaf("abc", 3);
	assert_true(sha_eq(&got, &want));
	want = hash_sha("\0", 1);
	got = merkle_leaf(NULL, 0);
	assert_true(sha_eq(&got, &want));
	want = hash_sha(NULL, 0);
	got = merkle_empty();
	assert_true(sha_eq(&got, &want));
}

static void appending_keeps_the_root_of_rfc_6962(void **state)
{
	struct merkle m;

	(void)state;
	merkle_init(&m);
	for (size_t n = 0; n <= MOST; n++) {
		struct sha root = merkle_root(&m);

		assert_int_equal(m.size, n);
		assert_true(sha_eq(&root, &roots[n]));
		if (n < MOST)
			assert_int_equal(merkle_append(&m, &leaves[n]), 0);
	}
}

/* What a store keeps: the size and merkle_width hashes, no more. */
static void the_range_that_counts_is_one_hash_for_each_bit(void **state)
{
	(void)state;
	assert_int_equal(merkle_width(0), 0);
	assert_int_equal(merkle_width(1), 1);
	assert_int_equal(merkle_width(8), 1);
	assert_int_equal(merkle_width(7), 3);
	assert_int_equal(merkle_width(MERKLE_SIZE_MAX), MERKLE_LEVELS);
	for (size_t n = 0; n < MOST; n++) {
		struct merkle m, again;
		struct sha root;

		merkle_init(&m);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(merkle_append(&m, &leaves[i]), 0);
		memset(&again, 0xee, sizeof(again));
		again.size = m.size;
		memcpy(again.range, m.range,
		       merkle_width(n) * sizeof(struct sha));
		assert_int_equal(merkle_append(&again, &leaves[n]), 0);
		root = merkle_root(&again);
		assert_true(sha_eq(&root, &roots[n + 1]));
	}
}

static void a_full_tree_takes_no_more(void **state)
{
	struct merkle m = { .size = MERKLE_SIZE_MAX - 1 };

	(void)state;
	assert_int_equal(merkle_append(&m, &leaves[0]), 0);
	assert_true(m.size == MERKLE_SIZE_MAX);
	assert_int_equal(merkle_append(&m, &leaves[0]), ERR_LIMIT);
	assert_true(m.size == MERKLE_SIZE_MAX);
}

static void roots_of_the_past_come_from_the_source(void **state)
{
	struct counting c = { 0 }, stored = { .has_nodes = true };
	struct merkle_source a = from(&c), b = from(&stored);

	(void)state;
	for (size_t n = 0; n <= MOST; n++) {
		struct sha root;

		assert_int_equal(merkle_root_at(&root, &a, n), 0);
		assert_true(sha_eq(&root, &roots[n]));
		stored.calls = 0;
		assert_int_equal(merkle_root_at(&root, &b, n), 0);
		assert_true(sha_eq(&root, &roots[n]));
		assert_int_equal(stored.calls, merkle_width(n));
	}
}

/* The turns of a proof of inclusion, from the leaf up: is the sister left or
 * right?  Two sizes with the same turns cannot be told apart by a path. */
static void turns_in(char *out, uint64_t index, uint64_t size)
{
	char down[MERKLE_PATH_MAX];
	size_t n = 0;

	while (size > 1) {
		uint64_t k = 1;

		while (2 * k < size)
			k *= 2;
		if (index < k) {
			down[n++] = 'r';
			size = k;
		} else {
			down[n++] = 'l';
			index -= k;
			size -= k;
		}
	}
	for (size_t i = 0; i < n; i++)
		out[i] = down[n - 1 - i];
	out[n] = '\0';
}

/* The same for consistency; it ends in '=' when the old tree itself is where
 * the climb starts. */
static void turns_cons(char *out, uint64_t old, uint64_t size)
{
	char down[MERKLE_PATH_MAX + 1];
	bool whole = true;
	size_t n = 0;

	while (old != size) {
		uint64_t k = 1;

		while (2 * k < size)
			k *= 2;
		if (old <= k) {
			down[n++] = 'r';
			size = k;
		} else {
			down[n++] = 'l';
			whole = false;
			old -= k;
			size -= k;
		}
	}
	for (size_t i = 0; i < n; i++)
		out[i] = down[n - 1 - i];
	out[n] = whole ? '=' : '\0';
	out[n + 1] = '\0';
}

static int check_in(const struct merkle_path *p, uint64_t index, uint64_t size,
		    size_t leaf, size_t root)
{
	return merkle_check_inclusion(p, index, size, &leaves[leaf],
				      &roots[root]);
}

static void every_leaf_of_every_tree_is_proved(void **state)
{
	struct counting c = { 0 }, stored = { .has_nodes = true };
	struct merkle_source a = from(&c), b = from(&stored);

	(void)state;
	for (size_t n = 1; n <= MOST; n++) {
		for (size_t i = 0; i < n; i++) {
			struct merkle_path p, q;

			assert_int_equal(merkle_prove_inclusion(&p, &a, i, n),
					 0);
			assert_int_equal(merkle_prove_inclusion(&q, &b, i, n),
					 0);
			assert_memory_equal(&p, &q, sizeof(p));
			assert_int_equal(check_in(&p, i, n, i, n), 0);
		}
	}
}

static void a_path_proves_no_other_place(void **state)
{
	struct counting c = { 0 };
	struct merkle_source source = from(&c);
	char turns[MERKLE_PATH_MAX + 2], other[MERKLE_PATH_MAX + 2];

	(void)state;
	for (size_t n = 1; n <= MOST; n++) {
		for (size_t i = 0; i < n; i++) {
			struct merkle_path p;

			assert_int_equal(
				merkle_prove_inclusion(&p, &source, i, n), 0);
			turns_in(turns, i, n);
			for (size_t j = 0; j <= n + 1; j++)
				if (j != i)
					assert_int_equal(
						check_in(&p, j, n, i, n),
						ERR_SIGNATURE);
			assert_int_equal(check_in(&p, i, n, (i + 1) % MOST, n),
					 ERR_SIGNATURE);
			assert_int_equal(check_in(&p, i, n, i, n - 1),
					 ERR_SIGNATURE);
			for (size_t m = n - 1; m <= n + 1; m += 2) {
				other[0] = '\0';
				if (i < m)
					turns_in(other, i, m);
				assert_int_equal(
					check_in(&p, i, m, i, n),
					i < m && strcmp(turns, other) == 0
						? 0
						: ERR_SIGNATURE);
			}
		}
	}
	assert_int_equal(check_in(&(struct merkle_path){ 0 }, 0, 0, 0, 0),
			 ERR_SIGNATURE);
}

static int check_cons(const struct merkle_path *p, size_t m, size_t n)
{
	return merkle_check_consistency(p, m, &roots[m], n, &roots[n]);
}

static void every_tree_extends_every_smaller_one(void **state)
{
	struct counting c = { 0 }, stored = { .has_nodes = true };
	struct merkle_source a = from(&c), b = from(&stored);

	(void)state;
	for (size_t n = 0; n <= MOST; n++) {
		for (size_t m = 0; m <= n; m++) {
			struct merkle_path p, q;

			assert_int_equal(merkle_prove_consistency(&p, &a, m, n),
					 0);
			assert_int_equal(merkle_prove_consistency(&q, &b, m, n),
					 0);
			assert_memory_equal(&p, &q, sizeof(p));
			assert_int_equal(check_cons(&p, m, n), 0);
			assert_int_equal(p.n == 0, m == 0 || m == n);
		}
	}
}

static void a_consistency_proof_proves_no_other_sizes(void **state)
{
	struct counting c = { 0 };
	struct merkle_source source = from(&c);
	char turns[MERKLE_PATH_MAX + 2], other[MERKLE_PATH_MAX + 2];

	(void)state;
	for (size_t n = 2; n < MOST; n++) {
		for (size_t m = 1; m < n; m++) {
			struct merkle_path p;

			assert_int_equal(
				merkle_prove_consistency(&p, &source, m, n), 0);
			turns_cons(turns, m, n);
			/* The sizes may be off only where no path can tell. */
			for (size_t x = m - 1; x <= m + 1; x++) {
				for (size_t y = n - 1; y <= n + 1; y++) {
					bool same = x > 0 && x < y;

					if (same)
						turns_cons(other, x, y);
					same = same &&
					       strcmp(turns, other) == 0;
					assert_int_equal(
						merkle_check_consistency(
							&p, x, &roots[m], y,
							&roots[n]),
						same ? 0 : ERR_SIGNATURE);
				}
			}
			/* The roots may not be off at all. */
			assert_int_equal(merkle_check_consistency(&p, m,
								  &roots[m - 1],
								  n, &roots[n]),
					 ERR_SIGNATURE);
			assert_int_equal(
				merkle_check_consistency(&p, m, &roots[m], n,
							 &roots[n + 1]),
				ERR_SIGNATURE);
			assert_int_equal(merkle_check_consistency(&p, m,
								  &roots[n], n,
								  &roots[m]),
					 ERR_SIGNATURE);
		}
	}
}

static void the_empty_tree_is_extended_by_all_with_no_path(void **state)
{
	struct merkle_path none = { 0 }, one = { .n = 1 };

	(void)state;
	assert_int_equal(check_cons(&none, 0, 5), 0);
	assert_int_equal(check_cons(&one, 0, 5), ERR_SIGNATURE);
	assert_int_equal(check_cons(&none, 0, 0), 0);
	assert_int_equal(check_cons(&one, 0, 0), ERR_SIGNATURE);
	assert_int_equal(check_cons(&one, 5, 5), ERR_SIGNATURE);
	assert_int_equal(
		merkle_check_consistency(&none, 0, &roots[1], 5, &roots[5]),
		ERR_SIGNATURE);
	assert_int_equal(
		merkle_check_consistency(&none, 5, &roots[5], 5, &roots[4]),
		ERR_SIGNATURE);
	assert_int_equal(
		merkle_check_consistency(&none, 6, &roots[6], 5, &roots[5]),
		ERR_SIGNATURE);
	assert_int_equal(
		merkle_check_consistency(&none, 2, &roots[1], 1, &roots[1]),
		ERR_SIGNATURE);
	/* Between different sizes something must be shown. */
	assert_int_equal(
		merkle_check_consistency(&none, 4, &roots[4], 5, &roots[4]),
		ERR_SIGNATURE);
	assert_int_equal(
		merkle_check_consistency(&none, 3, &roots[3], 5, &roots[3]),
		ERR_SIGNATURE);
}

/* Call verify with every path that is one change away from p. */
static void assert_only(const struct merkle_path *p,
			int (*verify)(const struct merkle_path *, size_t,
				      size_t),
			size_t a, size_t b)
{
	struct merkle_path q = *p;

	for (size_t bit = 0; bit < 256 * p->n; bit++) {
		uint8_t *byte = &q.hash[bit / 256].b[bit % 256 / 8];

		*byte ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
		*byte ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t i = 0; i < p->n; i++) { /* dropped */
		q = *p;
		memmove(&q.hash[i], &q.hash[i + 1],
			(q.n - i - 1) * sizeof(struct sha));
		q.n--;
		assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
	}
	for (size_t i = 0; i <= p->n; i++) { /* added */
		q = *p;
		memmove(&q.hash[i + 1], &q.hash[i],
			(q.n - i) * sizeof(struct sha));
		q.hash[i] = roots[1];
		q.n++;
		assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
	}
	for (size_t i = 0; i < p->n; i++) { /* swapped */
		for (size_t j = 0; j < i; j++) {
			q = *p;
			q.hash[i] = p->hash[j];
			q.hash[j] = p->hash[i];
			assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
		}
	}
	q = *p;
	q.n = MERKLE_PATH_MAX;
	assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
	q.n = MERKLE_PATH_MAX + 1;
	assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
	q.n = SIZE_MAX;
	assert_int_equal(verify(&q, a, b), ERR_SIGNATURE);
}

static int verify_in(const struct merkle_path *p, size_t index, size_t size)
{
	return check_in(p, index, size, index, size);
}

static void a_changed_path_proves_nothing(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 8, 13, 64, 65, 70 };
	struct counting c = { 0 };
	struct merkle_source source = from(&c);

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		for (size_t i = 0; i<sizes[s]; i += sizes[s]> 13 ? 7 : 1) {
			struct merkle_path p;

			assert_int_equal(merkle_prove_inclusion(&p, &source, i,
								sizes[s]),
					 0);
			assert_only(&p, verify_in, i, sizes[s]);
			assert_int_equal(merkle_prove_consistency(&p, &source,
								  i, sizes[s]),
					 0);
			assert_only(&p, check_cons, i, sizes[s]);
		}
	}
}

static void what_is_not_in_the_tree_cannot_be_proved(void **state)
{
	struct counting c = { 0 };
	struct merkle_source source = from(&c);
	struct merkle_path p;
	struct sha root;

	(void)state;
	assert_int_equal(merkle_prove_inclusion(&p, &source, 0, 0), ERR_LIMIT);
	assert_int_equal(merkle_prove_inclusion(&p, &source, 5, 5), ERR_LIMIT);
	assert_int_equal(merkle_prove_inclusion(&p, &source, 0,
						(uint64_t)MERKLE_SIZE_MAX + 1),
			 ERR_LIMIT);
	assert_int_equal(merkle_prove_consistency(&p, &source, 6, 5),
			 ERR_LIMIT);
	assert_int_equal(merkle_prove_consistency(
				 &p, &source, 0, (uint64_t)MERKLE_SIZE_MAX + 1),
			 ERR_LIMIT);
	assert_int_equal(
		merkle_root_at(&root, &source, (uint64_t)MERKLE_SIZE_MAX + 1),
		ERR_LIMIT);
	assert_int_equal(c.calls, 0);
}

static void an_error_of_the_source_is_handed_on(void **state)
{
	struct merkle_path p, untouched;
	struct sha root, before = { { 7 } };

	(void)state;
	memset(&untouched, 0x55, sizeof(untouched));
	for (size_t k = 1;; k++) {
		struct counting c = { .fail_at = k };
		struct merkle_source source = from(&c);
		int err;

		p = untouched;
		err = merkle_prove_inclusion(&p, &source, 5, 13);
		if (err == 0) {
			assert_true(k > 13);
			break;
		}
		assert_int_equal(err, ERR_IO);
		assert_memory_equal(&p, &untouched, sizeof(p));
		c.calls = 0;
		err = merkle_prove_consistency(&p, &source, 5, 13);
		if (c.calls >= k) {
			assert_int_equal(err, ERR_IO);
			assert_memory_equal(&p, &untouched, sizeof(p));
		}
		c.calls = 0;
		root = before;
		assert_int_equal(merkle_root_at(&root, &source, 13), ERR_IO);
		assert_true(sha_eq(&root, &before));
	}
}

static int get_none(void *cookie, struct sha *out, unsigned int level,
		    uint64_t index)
{
	(void)cookie;
	(void)out;
	(void)level;
	(void)index;
	return ERR_NOT_FOUND;
}

static void a_leaf_that_the_source_lacks_is_not_found(void **state)
{
	const struct merkle_source source = { get_none, NULL };
	struct merkle_path p;
	struct sha root;

	(void)state;
	assert_int_equal(merkle_root_at(&root, &source, 13), ERR_NOT_FOUND);
	assert_int_equal(merkle_prove_inclusion(&p, &source, 5, 13),
			 ERR_NOT_FOUND);
}

/* A tree of equal leaves, so that a subtree's root depends on its level only
 * and the largest size there is can be tried. */
static int get_level(void *cookie, struct sha *out, unsigned int level,
		     uint64_t index)
{
	const struct sha *levels = cookie;

	assert_true(level < MERKLE_LEVELS);
	assert_true(index <= (uint64_t)MERKLE_SIZE_MAX >> level);
	*out = levels[level];
	return 0;
}

static void the_largest_tree_fits_into_a_path(void **state)
{
	static const uint64_t max = MERKLE_SIZE_MAX;
	const uint64_t at[] = { 0,       1,       (max >> 1) - 1, max >> 1,
				max - 3, max - 2, max - 1 };
	struct sha levels[MERKLE_LEVELS], root, old;
	struct merkle_source source = { get_level, levels };

	(void)state;
	levels[0] = merkle_leaf("x", 1);
	for (size_t i = 1; i < MERKLE_LEVELS; i++)
		levels[i] = merkle_node(&levels[i - 1], &levels[i - 1]);
	assert_int_equal(merkle_root_at(&root, &source, max), 0);
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		struct merkle_path p;

		assert_int_equal(
			merkle_prove_inclusion(&p, &source, at[i], max), 0);
		assert_true(p.n <= MERKLE_PATH_MAX);
		assert_int_equal(merkle_check_inclusion(&p, at[i], max,
							&levels[0], &root),
				 0);
		p.hash[p.n - 1].b[0] ^= 1;
		assert_int_equal(merkle_check_inclusion(&p, at[i], max,
							&levels[0], &root),
				 ERR_SIGNATURE);
		assert_int_equal(merkle_root_at(&old, &source, at[i]), 0);
		assert_int_equal(
			merkle_prove_consistency(&p, &source, at[i], max), 0);
		assert_true(p.n <= MERKLE_PATH_MAX);
		assert_int_equal(
			merkle_check_consistency(&p, at[i], &old, max, &root),
			0);
		p.hash[0].b[0] ^= 1;
		if (p.n > 0)
			assert_int_equal(merkle_check_consistency(
						 &p, at[i], &old, max, &root),
					 ERR_SIGNATURE);
	}
}

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOST; i++) {
		uint8_t data[4];

		be32_put(data, (uint32_t)i);
		leaves[i] = merkle_leaf(data, sizeof(data));
	}
	for (size_t n = 0; n <= MOST; n++)
		roots[n] = mth(leaves, n);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_three_hashes_are_prefixed),
		UNIT(appending_keeps_the_root_of_rfc_6962),
		UNIT(the_range_that_counts_is_one_hash_for_each_bit),
		UNIT(a_full_tree_takes_no_more),
		UNIT(roots_of_the_past_come_from_the_source),
		UNIT(every_leaf_of_every_tree_is_proved),
		UNIT(a_path_proves_no_other_place),
		UNIT(every_tree_extends_every_smaller_one),
		UNIT(a_consistency_proof_proves_no_other_sizes),
		UNIT(the_empty_tree_is_extended_by_all_with_no_path),
		UNIT(a_changed_path_proves_nothing),
		UNIT(what_is_not_in_the_tree_cannot_be_proved),
		UNIT(an_error_of_the_source_is_handed_on),
		UNIT(a_leaf_that_the_source_lacks_is_not_found),
		UNIT(the_largest_tree_fits_into_a_path),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
