#include "tests/nomem.h"

#include "crypto/err.h"
#include "crypto/sign.h"
#include "store/fsck.h"
#include "store/private.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <string.h>

/*
 * Each allocation of ours fails once: it is said, every row is still what it
 * was, and the same again then succeeds.
 */

static const char *const rows[][2] = { { "a", "first" },
				       { "b", "" },
				       { "c", "third, which stays" } };

static void put_all(struct ledger *l)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(store_put(l->s, TABLE_PRIVATE, rows[i][0], 1,
					   rows[i][1], strlen(rows[i][1])),
				 0);
}

static int count_row(void *arg, const uint8_t *key, size_t key_n,
		     const uint8_t *value, size_t value_n)
{
	size_t *n = arg;

	assert_int_equal(key_n, 1);
	assert_int_equal(key[0], rows[*n][0][0]);
	assert_int_equal(value_n, strlen(rows[*n][1]));
	assert_memory_equal(value, rows[*n][1], value_n);
	++*n;
	return 0;
}

static void check(struct ledger *l)
{
	struct fsck_report report;
	size_t n = 0;

	assert_int_equal(
		store_each(l->s, TABLE_PRIVATE, NULL, 0, count_row, &n), 0);
	assert_int_equal(n, ARRAY_LEN(rows));
	assert_int_equal(store_fsck(l->s, &report, NULL), 0);
	assert_int_equal(report.problems, 0);
}

static int shred(struct ledger *l)
{
	int err = store_shred_begin(l->s);

	return err == 0 ? store_shred(l->s) : err;
}

static int put_one(struct ledger *l)
{
	return store_put(l->s, TABLE_PRIVATE, "a", 1, "first", 5);
}

static int read_all(struct ledger *l)
{
	struct fsck_report report;
	char out[32];
	size_t n = 0;
	int err = store_get(l->s, TABLE_PRIVATE, "a", 1, out, sizeof(out), &n);

	n = 0;
	if (err == 0)
		err = store_each(l->s, TABLE_PRIVATE, NULL, 0, count_row, &n);
	if (err == 0)
		err = store_fsck(l->s, &report, NULL);
	if (err == 0)
		assert_int_equal(report.problems, 0);
	return err;
}

static void nothing_is_lost_when_memory_is(void **state)
{
	static int (*const deeds[])(struct ledger * l) = { put_one, read_all,
							   shred };
	struct ledger l;
	struct world w;

	(void)state;
	assert_int_equal(crypto_start(), 0);
	world_found(&w);
	ledger_found(&l, &w);
	put_all(&l);
	for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
		int failed = 0, err = ERR_NOMEM;

		while (err != 0) {
			nomem_after = failed++;
			err = deeds[i](&l);
			if (err != 0)
				assert_int_equal(err, ERR_NOMEM);
			nomem_after = -1;
			check(&l);
		}
		assert_true(failed > 1);
	}
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nothing_is_lost_when_memory_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
