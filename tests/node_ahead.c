#include "node/net/ahead.h"

#include "crypto/err.h"
#include "proto/entry.h"
#include "tests/unit.h"
#include "tests/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/*
 * Runs of many feeds, some of them spoilt, offered and checked in any way: what
 * comes out is what run_check says.
 */

enum {
	RUNS = 40,
	RUN_MAX = 65536, /* whole pages */
	ENTRIES = 12,
	SLOW = 9, /* a long one without a good signature: milliseconds */
	SLOW_ENTRIES = 255
};

static struct {
	uint8_t bytes[RUN_MAX];
	struct run run;
} at[RUNS];
static struct run_room room;

/* Entries of a feed; what is spoilt in every third run differs. */
static void make(size_t i)
{
	static const uint8_t facts[] = { 0x81, 2, 5 };
	uint8_t seed[SEED_SIZE] = { 9, (uint8_t)i }, raw[LIMIT_ENTRY];
	struct id prev = { { 0x5a } };
	struct run_writer w;
	struct seckey *key;
	struct pubkey feed;
	size_t entries = i == SLOW ? SLOW_ENTRIES : ENTRIES, n;

	assert_int_equal(seckey_from_seed(&key, seed), 0);
	feed = seckey_pub(key);
	run_writer_init(&w, at[i].bytes, RUN_MAX, &feed);
	for (uint64_t seq = 1; seq <= entries; seq++) {
		struct entry_plan plan = { .seq = seq,
					   .prev = prev,
					   .time_ms = 1585699200000 + i,
					   .kind = 24,
					   .facts = facts,
					   .facts_n = sizeof(facts) };

		assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
		if (i == SLOW || (i % 3 == 0 && seq > i % ENTRIES))
			raw[n - 1] ^= 0x10;
		prev = hash_id(raw, n);
		assert_int_equal(run_writer_add(&w, raw, n), 0);
	}
	assert_int_equal(run_writer_end(&w, &n), 0);
	if (i % 7 == 1)
		n--;
	assert_int_equal(run_decode(&at[i].run, at[i].bytes, n), 0);
	seckey_close(key);
}

static int make_all(void **state)
{
	(void)state;
	if (crypto_start() != 0)
		return -1;
	for (size_t i = 0; i < RUNS; i++)
		make(i);
	return 0;
}

static void pause_us(long us)
{
	struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

static void assert_checked(struct ahead *a, size_t i, const struct id *prev)
{
	struct ahead_known got;
	int err = ahead_check(a, &got, &at[i].run, prev);
	uint32_t want;

	assert_int_equal(err, run_check(&room, &want, &at[i].run, prev));
	assert_int_equal(got.good, want);
	assert_false(got.is_certified);
	for (uint32_t k = 0; k < want; k++) {
		assert_true(id_eq(&got.at[k].id, &room.at[k].id));
		assert_int_equal(got.at[k].entry.raw_n, room.at[k].entry.raw_n);
		assert_memory_equal(got.at[k].entry.raw, room.at[k].entry.raw,
				    got.at[k].entry.raw_n);
	}
}

/* Offer runs [from, RUNS), then check each step-th of them. */
static void offer_and_check(struct ahead *a, size_t from, size_t step)
{
	struct run runs[RUNS] = { { .from = 0 } };

	for (size_t i = from; i < RUNS; i++)
		runs[i - from] = at[i].run;
	ahead_offer(a, runs, RUNS - from);
	/* The offer was copied. */
	memset(runs, 0, sizeof(runs));
	for (size_t i = from; i < RUNS; i += step)
		assert_checked(a, i, &at[i].run.prev);
	ahead_offer(a, NULL, 0);
}

static void what_comes_out_is_what_a_check_says(void **state)
{
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	for (int round = 0; round < 20; round++)
		for (size_t step = 1; step < 8; step++)
			offer_and_check(a, (size_t)round, step);
	ahead_close(a);
}

static void what_was_not_offered_is_checked_too(void **state)
{
	struct run run = at[2].run;
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	assert_checked(a, 4, &at[4].run.prev);
	ahead_offer(a, &run, 1);
	assert_checked(a, 5, &at[5].run.prev);
	assert_checked(a, 2, &at[2].run.prev);
	/* The same once more, and one from the offer before. */
	assert_checked(a, 2, &at[2].run.prev);
	ahead_offer(a, NULL, 0);
	assert_checked(a, 2, &at[2].run.prev);
	ahead_close(a);
}

/* The caller comes while the helper is at it, or when it is done. */
static void what_was_begun_is_waited_for(void **state)
{
	struct run runs[] = { at[SLOW].run, at[2].run };
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	for (long us = 0; us < 3000; us += 300) {
		ahead_offer(a, runs, ARRAY_LEN(runs));
		pause_us(us);
		assert_checked(a, SLOW, &at[SLOW].run.prev);
		assert_checked(a, 2, &at[2].run.prev);
		ahead_offer(a, NULL, 0);
	}
	ahead_close(a);
}

static void another_prev_is_no_chain(void **state)
{
	const struct id other = { { 1 } };
	struct ahead_known got;
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	ahead_offer(a, &at[2].run, 1);
	pause_us(5000);
	assert_int_equal(ahead_check(a, &got, &at[2].run, &other), ERR_CHAIN);
	assert_int_equal(got.good, 0);
	ahead_offer(a, NULL, 0);
	ahead_close(a);
}

/* The run of a person's first entry, and what the helper says of it. */
static bool is_certified(struct ahead *a, const struct world *w, size_t i)
{
	static uint8_t bytes[RUN_MAX];
	const struct bytes *open = &w->who[i].entries[0];
	struct ahead_known got;
	struct run_writer writer;
	struct run run;
	size_t n;

	run_writer_init(&writer, bytes, RUN_MAX, &w->who[i].feed);
	assert_int_equal(run_writer_add(&writer, open->p, open->n), 0);
	assert_int_equal(run_writer_end(&writer, &n), 0);
	assert_int_equal(run_decode(&run, bytes, n), 0);
	ahead_offer(a, &run, 1);
	pause_us(20000);
	assert_int_equal(ahead_check(a, &got, &run, &w->network), 0);
	assert_int_equal(got.good, 1);
	ahead_offer(a, NULL, 0);
	return got.is_certified;
}

static void the_certificate_of_an_open_is_verified(void **state)
{
	bool was_seen = sysconf(_SC_NPROCESSORS_ONLN) == 1;
	struct ahead *a;
	struct world w;
	size_t honest, thief;

	(void)state;
	world_found(&w);
	honest = world_member(&w, ROLE_MAKER);
	thief = world_person(&w);
	w.who[thief].identity = w.who[honest].identity;
	world_open_feed(&w, thief, NULL);
	w.who[thief].identity = seckey_pub(w.who[thief].identity_key);
	assert_int_equal(ahead_open(&a), 0);
	/* Where much else runs the helper may be late, but not always. */
	for (int i = 0; i < 100 && !was_seen; i++)
		was_seen = is_certified(a, &w, honest);
	assert_true(was_seen);
	assert_false(is_certified(a, &w, thief));
	ahead_close(a);
	world_release(&w);
}

/* What an offer borrows may go once it is forgotten: the helper has let go. */
static void an_offer_that_is_forgotten_is_let_go(void **state)
{
	struct run run = at[SLOW].run;
	size_t offset = (size_t)(run.tails - at[SLOW].bytes);
	struct ahead *a;
	void *p;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	assert_int_equal(posix_memalign(&p, RUN_MAX, RUN_MAX), 0);
	memcpy(p, at[SLOW].bytes, RUN_MAX);
	run.tails = (uint8_t *)p + offset;
	for (long us = 0; us < 400; us += 4) {
		ahead_offer(a, &run, 1);
		pause_us(us);
		ahead_offer(a, NULL, 0);
		assert_int_equal(mprotect(p, RUN_MAX, PROT_NONE), 0);
		pause_us(us);
		assert_int_equal(mprotect(p, RUN_MAX, PROT_READ | PROT_WRITE),
				 0);
	}
	free(p);
	offer_and_check(a, 0, 1);
	/* Closed with an offer that is still open. */
	ahead_offer(a, &at[SLOW].run, 1);
	ahead_close(a);
	ahead_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_out_is_what_a_check_says),
		cmocka_unit_test(what_was_not_offered_is_checked_too),
		cmocka_unit_test(what_was_begun_is_waited_for),
		cmocka_unit_test(another_prev_is_no_chain),
		cmocka_unit_test(the_certificate_of_an_open_is_verified),
		cmocka_unit_test(an_offer_that_is_forgotten_is_let_go),
	};

	return cmocka_run_group_tests(tests, make_all, NULL);
}
