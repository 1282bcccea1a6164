#include "node/safe/renewal.h"

#include "crypto/err.h"
#include "node/safe/mark.h"
#include "node/safe/unsent.h"
#include "proto/record.h"
#include "store/private.h"
#include "tests/home_world.h"
#include "tests/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct world world;
static struct home home;

static int make_home(void **state)
{
	struct keeper *k;

	(void)state;
	world_found(&world);
	home_world_make(&home, &world, 0);
	if (keeper_create(&k, &home) != 0)
		return -1;
	home_world_fill(k, &world, 0);
	keeper_close(k);
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	home_world_remove(&home);
	world_release(&world);
	return 0;
}

static struct keeper *open_keeper(void)
{
	struct keeper *k = NULL;

	assert_int_equal(keeper_open(&k, &home), 0);
	return k;
}

/* It had no mark so far; a peer has been in step with it since. */
static struct keeper *open_sure(void)
{
	struct keeper *k = open_keeper();

	assert_int_equal(renewal_met(k, UINT64_MAX), 0);
	return k;
}

static struct recorded produce(struct keeper *k, uint64_t qty)
{
	struct draft d = { KIND_PRODUCE, 1585699300000, NULL, 0 };
	uint8_t room[128];
	struct recorded out;
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor/v30");
	assert_int_equal(record_encode(&rec, room, sizeof(room), &d.facts_n),
			 0);
	d.facts = room;
	assert_int_equal(keeper_record(k, &out, &d, 1, NULL), 0);
	return out;
}

static void pretend(const struct mark_place *place)
{
	struct pubkey feed = world.who[0].feed;
	struct mark *m;

	assert_int_equal(mark_open(&m, &home, &world.network, &feed), 0);
	assert_int_equal(mark_put(m, place), 0);
	mark_close(m);
}

static void what_is_recorded_is_in_the_mark(void **state)
{
	struct keeper *k = open_keeper();
	struct mark_place p;
	struct recorded at = produce(k, 1);

	(void)state;
	assert_int_equal(mark_get(k->mark, &p), 0);
	assert_int_equal(p.seq, at.seq);
	assert_true(id_eq(&p.id, &at.id));
	assert_false(p.is_ended);
	keeper_close(k);
}

static void a_mark_that_agrees_or_is_behind_changes_nothing(void **state)
{
	struct keeper *k = open_keeper();
	struct recorded first = produce(k, 1);
	struct mark_place p = { first.seq, first.id, false };

	(void)state;
	produce(k, 2);
	keeper_close(k);
	pretend(&p);
	k = open_keeper();
	assert_true(pubkey_eq(&k->feed, &world.who[0].feed));
	keeper_close(k);
}

static void open_fails_to_be_the_old_one(const struct mark_place *p)
{
	struct keeper *k;
	struct head head;
	struct pubkey feed;

	pretend(p);
	k = open_keeper();
	feed = k->feed;
	assert_false(pubkey_eq(&feed, &world.who[0].feed));
	assert_int_equal(store_head(k->store, &feed, &head), 0);
	assert_int_equal(head.seq, 1);
	assert_int_equal(produce(k, 3).seq, 2);
	keeper_close(k);
	/* And it stays so. */
	k = open_keeper();
	assert_true(pubkey_eq(&feed, &k->feed));
	keeper_close(k);
}

static void a_mark_ahead_ends_the_key(void **state)
{
	struct mark_place p = { 100, { { 1 } }, false };

	(void)state;
	open_fails_to_be_the_old_one(&p);
}

static void a_mark_with_another_id_ends_the_key(void **state)
{
	struct keeper *k = open_sure();
	struct mark_place p = { produce(k, 1).seq, { { 1 } }, false };

	(void)state;
	keeper_close(k);
	open_fails_to_be_the_old_one(&p);
}

static void an_ended_mark_ends_the_key(void **state)
{
	struct keeper *k = open_sure();
	struct recorded at = produce(k, 1);
	struct mark_place p = { at.seq, at.id, true };

	(void)state;
	keeper_close(k);
	open_fails_to_be_the_old_one(&p);
}

/* The ledger was written and the key file was not put in its place yet. */
static void a_renewal_that_was_cut_is_finished(void **state)
{
	struct position after = { .seq = 1 };
	char key[HOME_PATH], next[HOME_PATH + 8], was[HOME_PATH + 8];
	struct keeper *k = open_keeper();
	struct pubkey feed;

	(void)state;
	assert_int_equal(home_key_path(&home, key, KEY_NODE), 0);
	snprintf(next, sizeof(next), "%s.next", key);
	snprintf(was, sizeof(was), "%s.was", key);
	assert_int_equal(link(key, was), 0);
	after.feed = k->feed;
	assert_int_equal(renewal_begin(k, &after), 0);
	feed = k->feed;
	keeper_close(k);
	assert_int_equal(rename(key, next), 0);
	assert_int_equal(rename(was, key), 0);
	k = open_keeper();
	assert_true(pubkey_eq(&feed, &k->feed));
	assert_int_equal(access(next, F_OK), -1);
	keeper_close(k);
}

static int count_row(void *arg, const uint8_t *key, size_t key_n,
		     const uint8_t *value, size_t value_n)
{
	(void)key;
	(void)key_n;
	(void)value;
	(void)value_n;
	(*(size_t *)arg)++;
	return 0;
}

static size_t rows(struct keeper *k, const char *prefix)
{
	size_t n = 0;

	assert_int_equal(store_each(k->store, TABLE_PRIVATE, prefix,
				    strlen(prefix), count_row, &n),
			 0);
	return n;
}

/* What stands in the home's feed; it borrows raw. */
static struct record record_at(struct keeper *k, uint64_t seq,
			       uint8_t raw[static LIMIT_ENTRY])
{
	struct record rec;
	struct entry e;
	size_t n;

	assert_int_equal(store_entry(k->store, &k->feed, seq, raw, &n), 0);
	assert_int_equal(entry_decode(&e, raw, n), 0);
	assert_int_equal(record_decode(&rec, e.kind, e.facts, e.facts_n), 0);
	return rec;
}

static bool issues(struct keeper *k, uint64_t seq, const struct id *id)
{
	uint8_t raw[LIMIT_ENTRY];
	struct record rec = record_at(k, seq, raw);
	struct id orphan = record_id(&rec, FACT_ORPHAN);

	return id_eq(&orphan, id);
}

static void what_is_cut_is_recorded_again_with_its_old_id(void **state)
{
	struct keeper *k = open_sure();
	struct recorded first = produce(k, 1), second = produce(k, 2);
	struct position after = { first.feed, first.seq, first.id };
	struct position at;
	uint8_t raw[LIMIT_ENTRY];
	struct record rec;
	struct head head;
	struct id orphan;
	uint64_t before, now;

	(void)state;
	produce(k, 4);
	assert_int_equal(store_put(k->store, TABLE_PRIVATE, "kept", 4, "x", 1),
			 0);
	assert_int_equal(store_entry_count(k->store, &before), 0);
	assert_int_equal(unsent_cut(k, second.seq), 0);
	assert_int_equal(store_head(k->store, &k->feed, &head), 0);
	assert_int_equal(head.seq, first.seq);
	assert_true(id_eq(&head.id, &first.id));
	assert_int_equal(store_find(k->store, &second.id, &at), ERR_NOT_FOUND);
	assert_int_equal(store_entry_count(k->store, &now), 0);
	assert_int_equal(now, before - 2);
	assert_int_equal(rows(k, "unsent"), 2);
	assert_int_equal(rows(k, "kept"), 1);
	assert_int_equal(renewal_begin(k, &after), 0);
	assert_int_equal(unsent_reissue(k), 0);
	assert_int_equal(rows(k, "unsent"), 0);
	assert_int_equal(store_head(k->store, &k->feed, &head), 0);
	assert_int_equal(head.seq, 3);
	rec = record_at(k, 2, raw);
	orphan = record_id(&rec, FACT_ORPHAN);
	assert_true(id_eq(&orphan, &second.id));
	assert_int_equal(record_uint(&rec, FACT_WHEN), 1585699300000);
	keeper_close(k);
}

/* Nobody could say how far the feed goes when they were signed. */
static void what_is_unsure_is_not_left_with_the_key(void **state)
{
	struct keeper *k = open_keeper();
	struct recorded first = produce(k, 1);
	struct pubkey own = k->feed;
	struct head head;

	(void)state;
	keeper_close(k);
	k = open_keeper();
	produce(k, 2);
	assert_int_equal(renewal_begin(k, NULL), 0);
	assert_int_equal(unsent_reissue(k), 0);
	assert_int_equal(store_head(k->store, &own, &head), 0);
	assert_int_equal(head.seq, first.seq - 1);
	assert_int_equal(store_head(k->store, &k->feed, &head), 0);
	assert_int_equal(head.seq, 3);
	keeper_close(k);
}

/* The mark was put back with the card, and nothing shows that it is old: what
 * nobody was met with may stand elsewhere on the feed. */
static void what_nobody_was_met_with_is_not_left_with_the_key(void **state)
{
	struct keeper *k = open_sure();
	struct pubkey own = k->feed;
	struct recorded met = produce(k, 1), unmet;
	struct head head;

	(void)state;
	assert_int_equal(renewal_met(k, met.seq), 0);
	unmet = produce(k, 2);
	/* What came after they were in step is not what they held then. */
	assert_int_equal(renewal_met(k, met.seq), 0);
	keeper_close(k);
	k = open_keeper();
	assert_true(pubkey_eq(&own, &k->feed));
	assert_int_equal(renewal_begin(k, NULL), 0);
	assert_int_equal(unsent_reissue(k), 0);
	assert_int_equal(store_head(k->store, &own, &head), 0);
	assert_int_equal(head.seq, met.seq);
	assert_int_equal(store_head(k->store, &k->feed, &head), 0);
	assert_int_equal(head.seq, 2);
	assert_true(issues(k, 2, &unmet.id));
	/* So it is with each key, as long as nobody is met. */
	own = k->feed;
	assert_int_equal(renewal_begin(k, NULL), 0);
	assert_int_equal(unsent_reissue(k), 0);
	assert_int_equal(store_head(k->store, &own, &head), 0);
	assert_int_equal(head.seq, 1);
	assert_true(issues(k, 2, &unmet.id));
	keeper_close(k);
}

/* The new key could not be certified, or the power went. */
static void a_feed_that_was_cut_is_not_written_again(void **state)
{
	struct keeper *k = open_keeper();
	struct pubkey own = k->feed;
	struct mark_place p;
	struct recorded first = produce(k, 1);

	(void)state;
	produce(k, 2);
	assert_int_equal(unsent_cut(k, first.seq + 1), 0);
	/* Even if the mark knows nothing of it. */
	p = (struct mark_place){ first.seq, first.id, false };
	assert_int_equal(mark_put(k->mark, &p), 0);
	keeper_close(k);
	k = open_keeper();
	assert_false(pubkey_eq(&own, &k->feed));
	assert_int_equal(rows(k, "unsent"), 0);
	keeper_close(k);
}

/* An admission has no orphan, so twice would be two. */
static void admit(struct keeper *k, size_t who)
{
	struct draft d = { KIND_ADMIT, 1585699300000, NULL, 0 };
	uint8_t room[256];
	struct recorded out;
	struct record rec;

	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, world.who[who].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, "nino", 4);
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	assert_int_equal(record_encode(&rec, room, sizeof(room), &d.facts_n),
			 0);
	d.facts = room;
	assert_int_equal(keeper_record(k, &out, &d, 1, NULL), 0);
}

static int count_admission(void *arg, const uint8_t *raw, size_t n)
{
	size_t *count = arg;
	struct entry e;

	assert_int_equal(entry_decode(&e, raw, n), 0);
	*count += e.kind == KIND_ADMIT;
	return 0;
}

static size_t admissions(struct keeper *k)
{
	size_t n = 0;

	assert_int_equal(
		store_entries(k->store, &k->feed, 1, count_admission, &n), 0);
	return n;
}

/* Killed at any moment, a home records each thing again once. */
static void what_is_recorded_again_is_so_once_whatever_is_cut(void **state)
{
	enum { ADMISSIONS = 40, KILLS = 60 };
	struct keeper *k = open_sure();
	uint64_t from = produce(k, 1).seq + 1;
	struct timespec nap = { .tv_sec = 0 };

	(void)state;
	for (size_t i = 0; i < ADMISSIONS; i++)
		admit(k, 1 + i % 2);
	assert_int_equal(unsent_cut(k, from), 0);
	keeper_close(k);
	for (unsigned i = 0; i < KILLS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			(void)keeper_open(&k, &home);
			_exit(0);
		}
		nap.tv_nsec = 3000000 + 700000 * (i % 16);
		nanosleep(&nap, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	k = open_keeper();
	assert_int_equal(rows(k, "unsent"), 0);
	assert_int_equal(admissions(k), ADMISSIONS);
	keeper_close(k);
}

int main(void)
{
#define HOME(f) cmocka_unit_test_setup_teardown(f, make_home, remove_home)
	const struct CMUnitTest tests[] = {
		HOME(what_is_recorded_is_in_the_mark),
		HOME(a_mark_that_agrees_or_is_behind_changes_nothing),
		HOME(a_mark_ahead_ends_the_key),
		HOME(a_mark_with_another_id_ends_the_key),
		HOME(an_ended_mark_ends_the_key),
		HOME(a_renewal_that_was_cut_is_finished),
		HOME(what_is_cut_is_recorded_again_with_its_old_id),
		HOME(what_is_unsure_is_not_left_with_the_key),
		HOME(what_nobody_was_met_with_is_not_left_with_the_key),
		HOME(a_feed_that_was_cut_is_not_written_again),
		HOME(what_is_recorded_again_is_so_once_whatever_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
