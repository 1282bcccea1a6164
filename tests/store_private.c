#include "store/private.h"

#include "crypto/err.h"
#include "tests/ledger.h"
#include "tests/unit.h"

static int setup(void **state)
{
	static struct ledger l;

	ledger_init(&l);
	*state = &l;
	return ledger_open(&l, STORE_CREATE);
}

static int teardown(void **state)
{
	ledger_release(*state);
	return 0;
}

static void rows_are_kept_apart_by_table(void **state)
{
	struct ledger *l = *state;
	char out[16];
	size_t n;

	for (enum store_table t = TABLE_META; t <= TABLE_PENDING; t++) {
		char value = (char)('a' + t);

		assert_int_equal(store_put(l->s, t, "k", 1, &value, 1), 0);
	}
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_READ), 0);
	for (enum store_table t = TABLE_META; t <= TABLE_PENDING; t++) {
		assert_int_equal(
			store_get(l->s, t, "k", 1, out, sizeof(out), &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(out[0], 'a' + (int)t);
	}
}

static void a_row_is_replaced_and_dropped(void **state)
{
	struct ledger *l = *state;
	char out[16];
	size_t n;

	assert_int_equal(store_put(l->s, TABLE_PEERS, "k", 1, "one", 3), 0);
	assert_int_equal(store_put(l->s, TABLE_PEERS, "k", 1, "", 0), 0);
	assert_int_equal(store_get(l->s, TABLE_PEERS, "k", 1, out, 16, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_del(l->s, TABLE_PEERS, "k", 1), 0);
	assert_int_equal(store_get(l->s, TABLE_PEERS, "k", 1, out, 16, &n),
			 ERR_NOT_FOUND);
	assert_int_equal(store_del(l->s, TABLE_PEERS, "k", 1), ERR_NOT_FOUND);
}

static void keys_and_values_have_a_ceiling(void **state)
{
	struct ledger *l = *state;
	static uint8_t big[TABLE_VALUE_MAX + 1], out[TABLE_VALUE_MAX];
	uint8_t key[TABLE_KEY_MAX + 1] = { 1 };
	size_t n;

	memset(big, 'x', sizeof(big));
	assert_int_equal(store_put(l->s, TABLE_PENDING, key, 0, big, 1),
			 ERR_LIMIT);
	assert_int_equal(store_put(l->s, TABLE_PENDING, key, 1, big, 1), 0);
	assert_int_equal(store_put(l->s, TABLE_PENDING, key, TABLE_KEY_MAX, big,
				   TABLE_VALUE_MAX),
			 0);
	assert_int_equal(
		store_put(l->s, TABLE_PENDING, key, TABLE_KEY_MAX + 1, big, 1),
		ERR_LIMIT);
	assert_int_equal(store_put(l->s, TABLE_PENDING, key, 1, big,
				   TABLE_VALUE_MAX + 1),
			 ERR_LIMIT);
	assert_int_equal(store_get(l->s, TABLE_PENDING, key, TABLE_KEY_MAX, out,
				   TABLE_VALUE_MAX, &n),
			 0);
	assert_int_equal(n, TABLE_VALUE_MAX);
	assert_memory_equal(out, big, n);
	n = 0;
	assert_int_equal(store_get(l->s, TABLE_PENDING, key, TABLE_KEY_MAX, out,
				   TABLE_VALUE_MAX - 1, &n),
			 ERR_LIMIT);
	assert_int_equal(n, TABLE_VALUE_MAX);
	assert_int_equal(store_get(l->s, TABLE_PENDING, key, 0, out, 1, &n),
			 ERR_NOT_FOUND);
	assert_int_equal(store_del(l->s, TABLE_PENDING, key, TABLE_KEY_MAX + 1),
			 ERR_NOT_FOUND);
}

static void in_a_batch_rows_share_its_fate(void **state)
{
	struct ledger *l = *state;
	char out[16];
	size_t n;

	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_put(l->s, TABLE_META, "k", 1, "v", 1), 0);
	assert_int_equal(store_get(l->s, TABLE_META, "k", 1, out, 16, &n), 0);
	assert_int_equal(store_del(l->s, TABLE_META, "none", 4), ERR_NOT_FOUND);
	store_abort(l->s);
	assert_int_equal(store_get(l->s, TABLE_META, "k", 1, out, 16, &n),
			 ERR_NOT_FOUND);
	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_put(l->s, TABLE_META, "k", 1, "v", 1), 0);
	assert_int_equal(store_commit(l->s), 0);
	assert_int_equal(store_get(l->s, TABLE_META, "k", 1, out, 16, &n), 0);
}

static int spell(void *arg, const uint8_t *key, size_t key_n,
		 const uint8_t *value, size_t value_n)
{
	char *out = arg;

	snprintf(out + strlen(out), 100 - strlen(out), "%.*s=%.*s ", (int)key_n,
		 (const char *)key, (int)value_n, (const char *)value);
	return value_n == 0 ? 9 : 0;
}

static void rows_are_listed_by_prefix(void **state)
{
	struct ledger *l = *state;
	char out[100] = "";

	store_put(l->s, TABLE_INVITES, "b", 1, "3", 1);
	store_put(l->s, TABLE_INVITES, "ab", 2, "2", 1);
	store_put(l->s, TABLE_INVITES, "a", 1, "1", 1);
	assert_int_equal(store_each(l->s, TABLE_INVITES, NULL, 0, spell, out),
			 0);
	assert_string_equal(out, "a=1 ab=2 b=3 ");
	out[0] = '\0';
	assert_int_equal(store_each(l->s, TABLE_INVITES, "a", 1, spell, out),
			 0);
	assert_string_equal(out, "a=1 ab=2 ");
	out[0] = '\0';
	store_put(l->s, TABLE_INVITES, "aa", 2, "", 0);
	assert_int_equal(store_each(l->s, TABLE_INVITES, "a", 1, spell, out),
			 9);
	assert_string_equal(out, "a=1 aa= ");
	assert_int_equal(store_each(l->s, TABLE_INVITES, "c", 1, spell, out),
			 0);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(rows_are_kept_apart_by_table),
		FRESH(a_row_is_replaced_and_dropped),
		FRESH(keys_and_values_have_a_ceiling),
		FRESH(in_a_batch_rows_share_its_fate),
		FRESH(rows_are_listed_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
