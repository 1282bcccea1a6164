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
	ahead_over(a, ahead_count(a));
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
	ahead_over(a, ahead_count(a));
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
		ahead_over(a, ahead_count(a));
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
	ahead_over(a, ahead_count(a));
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
	ahead_over(a, ahead_count(a));
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

/* What an offer borrows may go once it is over: the helper has let go. */
static void an_offer_that_is_over_is_let_go(void **state)
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
		ahead_over(a, ahead_count(a));
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

/* One feed in four runs, the last three without what they follow; the `bad`th
 * ends with a signature that is not good. */
static void make_long(struct run run[static 4], uint8_t (*bytes)[RUN_MAX],
		      unsigned bad)
{
	static const uint8_t facts[] = { 0x81, 2, 5 };
	uint8_t seed[SEED_SIZE] = { 10 }, raw[LIMIT_ENTRY];
	struct id prev = { { 0x5a } };
	struct run_writer w;
	struct seckey *key;
	struct pubkey feed;
	size_t n;

	assert_int_equal(seckey_from_seed(&key, seed), 0);
	feed = seckey_pub(key);
	for (uint64_t k = 0; k < 4; k++) {
		run_writer_init(&w, bytes[k], RUN_MAX, &feed);
		for (uint64_t i = 1; i <= ENTRIES; i++) {
			struct entry_plan plan = { .seq = k * ENTRIES + i,
						   .prev = prev,
						   .time_ms = 1585699200000 + i,
						   .kind = 24,
						   .facts = facts,
						   .facts_n = sizeof(facts) };

			assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
			if (k == bad && i == ENTRIES)
				raw[n - 1] ^= 0x10;
			prev = hash_id(raw, n);
			assert_int_equal(run_writer_add(&w, raw, n), 0);
		}
		assert_int_equal(run_writer_end(&w, &n), 0);
		assert_int_equal(run_decode(&run[k], bytes[k], n), 0);
	}
	seckey_close(key);
}

/* How many of the runs of a long feed the helper has checked. */
static unsigned check_long(struct ahead *a, unsigned bad, long us)
{
	static uint8_t bytes[4][RUN_MAX];
	const struct run_entry *own;
	struct ahead_known got;
	struct run run[4], told[4];
	unsigned helped = 0;
	uint32_t want;

	make_long(run, bytes, bad);
	ahead_check(a, &got, &at[2].run, &at[2].run.prev);
	own = got.at;
	memcpy(told, run, sizeof(told));
	for (size_t k = 1; k < 4; k++)
		told[k].prev = (struct id){ { 0 } };
	ahead_offer(a, told, 2);
	ahead_offer(a, told + 2, 2);
	pause_us(us);
	for (size_t k = 0; k < 4; k++) {
		int err = ahead_check(a, &got, &run[k], &run[k].prev);

		helped += got.at != own;
		assert_int_equal(
			err, run_check(&room, &want, &run[k], &run[k].prev));
		assert_int_equal(got.good, want);
	}
	ahead_over(a, ahead_count(a));
	return helped;
}

static void a_feed_goes_on_from_run_to_run(void **state)
{
	unsigned most = 0;
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	for (int i = 0; i < 100 && most < 4; i++) {
		unsigned helped = check_long(a, 4, 20000);

		most = helped > most ? helped : most;
	}
	assert_int_equal(most, sysconf(_SC_NPROCESSORS_ONLN) == 1 ? 0 : 4);
	/* Behind one that is not good to its end the next is the caller's. */
	assert_true(check_long(a, 1, 20000) <= 3);
	for (long us = 0; us < 1000; us += 50)
		check_long(a, 4, us);
	ahead_close(a);
}

/* What the helper took for the entry before, or was told, is not what is: its
 * result is of no use, as when a frame begins a feed that the session passes
 * over. */
static void a_guess_that_was_wrong_is_dropped(void **state)
{
	static uint8_t bytes[4][RUN_MAX];
	const struct id nothing = { { 0 } }, other = { { 1 } };
	struct run run[4], told[2];
	struct ahead_known got;
	struct ahead *a;
	uint32_t want;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	make_long(run, bytes, 4);
	for (int is_told = 0; is_told < 2; is_told++) {
		memcpy(told, run, sizeof(told));
		if (!is_told)
			told[1].prev = nothing;
		ahead_offer(a, told, 2);
		pause_us(20000);
		assert_int_equal(ahead_check(a, &got, &run[0], &run[0].prev),
				 0);
		told[1].prev = other;
		assert_int_equal(ahead_check(a, &got, &told[1], &other),
				 run_check(&room, &want, &told[1], &other));
		assert_int_equal(got.good, 0);
		ahead_over(a, ahead_count(a));
	}
	ahead_close(a);
}

/* Frame after frame, always a few of them ahead, more than there is room for
 * in all. */
static void frames_come_one_after_the_other(void **state)
{
	enum { FRAMES = 200, PER_FRAME = 7, WAITING = 5 };
	uint64_t end[FRAMES + WAITING];
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	for (size_t i = 0; i < FRAMES + WAITING; i++) {
		for (size_t k = 0; k < PER_FRAME; k++)
			ahead_offer(a, &at[(i * PER_FRAME + k) % RUNS].run, 1);
		end[i] = ahead_count(a);
		if (i < WAITING)
			continue;
		/* Some frames end before all of them was looked at. */
		for (size_t k = 0; k < PER_FRAME - i % 3; k++) {
			size_t run = ((i - WAITING) * PER_FRAME + k) % RUNS;

			assert_checked(a, run, &at[run].run.prev);
		}
		ahead_over(a, end[i - WAITING]);
	}
	assert_true(ahead_count(a) == 0 || ahead_count(a) > SESSION_AHEAD);
	ahead_close(a);
}

/* Offers beyond that are not looked at, rather than in the place of others:
 * the one in the first place would be run 16. */
static void no_more_is_offered_than_there_is_room_for(void **state)
{
	struct ahead *a;

	(void)state;
	assert_int_equal(ahead_open(&a), 0);
	for (size_t i = 0; i < (size_t)2 * SESSION_AHEAD; i++) {
		if (i == SESSION_AHEAD - 1)
			pause_us(20000);
		ahead_offer(a, &at[i % RUNS].run, 1);
	}
	assert_true(ahead_count(a) < SESSION_AHEAD);
	for (size_t i = SESSION_AHEAD % RUNS; i < RUNS; i++)
		assert_checked(a, i, &at[i].run.prev);
	ahead_over(a, ahead_count(a));
	ahead_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_out_is_what_a_check_says),
		cmocka_unit_test(what_was_not_offered_is_checked_too),
		cmocka_unit_test(what_was_begun_is_waited_for),
		cmocka_unit_test(another_prev_is_no_chain),
		cmocka_unit_test(the_certificate_of_an_open_is_verified),
		cmocka_unit_test(an_offer_that_is_over_is_let_go),
		cmocka_unit_test(a_feed_goes_on_from_run_to_run),
		cmocka_unit_test(a_guess_that_was_wrong_is_dropped),
		cmocka_unit_test(frames_come_one_after_the_other),
		cmocka_unit_test(no_more_is_offered_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, make_all, NULL);
}
