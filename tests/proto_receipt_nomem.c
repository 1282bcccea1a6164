#include "crypto/err.h"
#include "proto/attest/receipt.h"
#include "tests/attest_world.h"
#include "tests/nomem.h"
#include "tests/unit.h"

#include <stdio.h>

enum { TRIES = 200 }; /* more allocations than anything here makes */

static size_t read_file(char *buf, size_t max, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, max, f);
	fclose(f);
	return n;
}

/* What each test repeats, one more allocation at a time, until it works. */
static void until_it_works(int (*once)(void *arg), void *arg)
{
	int failed = 0;

	for (int k = 0; k < TRIES; k++) {
		int err;

		nomem_after = k;
		err = once(arg);
		nomem_after = -1;
		if (err == 0) {
			assert_true(failed > 0);
			return;
		}
		assert_int_equal(err, ERR_NOMEM);
		failed++;
	}
	fail_msg("it never works");
}

static int read_and_judge(void *arg)
{
	static char text[8192], policy[8192];
	struct receipt_verdict verdict;
	enum receipt_part part;
	struct trust *t = NULL;
	struct receipt r;
	unsigned line;
	size_t n, policy_n;
	int after = nomem_after;
	int err;

	(void)arg;
	nomem_after = -1; /* stdio's own */
	n = read_file(text, sizeof(text), "tests/vectors/receipt.tlog-proof");
	policy_n = read_file(policy, sizeof(policy),
			     "tests/vectors/receipt.policy");
	nomem_after = after;
	err = trust_decode(&t, policy, policy_n, &line);
	if (err != 0)
		return err;
	err = receipt_read(&r, &part, text, n);
	if (err == 0) {
		err = receipt_judge(&verdict, &r, t);
		/* Short of memory it is refused, never believed. */
		if (err == 0 && verdict.part == PART_QUORUM)
			err = ERR_NOMEM;
		if (err == 0)
			assert_int_equal(verdict.part, PART_NONE);
		receipt_release(&r);
	}
	trust_close(t);
	return err;
}

static void reading_survives_each_failing_allocation(void **state)
{
	(void)state;
	until_it_works(read_and_judge, NULL);
}

static int fold_and_check(void *arg)
{
	struct world *w = arg;
	const struct attest_source source = world_source(w);
	const struct who *hub = &w->who[0];
	struct attest_point at = { .size = 4 };
	struct attest a;
	int err = 0;

	attest_init(&a, &w->network, &hub->feed);
	for (uint64_t i = 0; i < hub->seq && err == 0; i++) {
		struct id id = hash_id(hub->entries[i].p, hub->entries[i].n);
		struct entry e;

		assert_int_equal(
			entry_decode(&e, hub->entries[i].p, hub->entries[i].n),
			0);
		err = attest_take(&a, &e, &id);
	}
	if (err == 0)
		err = attest_roots(&a, &source, &at, 1);
	if (err == 0) {
		assert_int_equal(a.size, 4);
		assert_int_equal(a.marks_n, 1);
		assert_int_equal(attest_judge(&a, 0, &at, 1), ATTEST_RIGHT);
	}
	attest_release(&a);
	return err;
}

static void folding_survives_each_failing_allocation(void **state)
{
	struct world w;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	attest_up_to(&w, 0, 0, 2);
	attest_up_to(&w, 0, 0, 3);
	attest_up_to(&w, 0, 1, 1);
	checkpoint_now(&w, 0);
	until_it_works(fold_and_check, &w);
	world_release(&w);
}

/* The place of an entry that a failed growth left out is not lost for ever. */
static void what_failed_to_be_added_can_be_added_again(void **state)
{
	struct position at = { .seq = 3 };
	struct id network = { { 1 } };
	struct pubkey feed = { { 2 } };
	struct attest a;

	(void)state;
	for (int k = 0; k < 2; k++) {
		attest_init(&a, &network, &feed);
		nomem_after = k;
		assert_int_equal(attest_add(&a, &at), ERR_NOMEM);
		nomem_after = -1;
		assert_int_equal(a.size, 0);
		assert_int_equal(attest_to(&a, &at.feed), 0);
		assert_int_equal(attest_add(&a, &at), 0);
		assert_int_equal(a.size, 3);
		attest_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(reading_survives_each_failing_allocation),
		UNIT(folding_survives_each_failing_allocation),
		UNIT(what_failed_to_be_added_can_be_added_again),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
