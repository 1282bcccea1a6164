#include "node/proof/checkpointing.h"

#include "crypto/err.h"
#include "node/proof/logtree.h"
#include "node/proof/treecache.h"
#include "store/private.h"
#include "tests/attest_world.h"
#include "tests/home_world.h"
#include "tests/unit.h"

enum { HUB, MAKER, HOSPITAL };

static const uint64_t noon = 1586865600000; /* 14 April 2020 */

/* A world of three, and a home of one of them in it. */
struct scene {
	struct world w;
	struct home home;
	struct keeper *k;
};

static void make_people(struct world *w)
{
	world_found(w);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_RECIPIENT);
	world_produce(w, MAKER, 60, "visor/v30");
}

static void open_home(struct scene *s, size_t who)
{
	home_world_make(&s->home, &s->w, who);
	assert_int_equal(keeper_create(&s->k, &s->home), 0);
	home_world_fill(s->k, &s->w, who);
}

static void close_home(struct scene *s)
{
	keeper_close(s->k);
	home_world_remove(&s->home);
	world_release(&s->w);
}

static void a_checkpoint_is_due_an_hour_after_the_start_and_the_last(
	void **state)
{
	const uint64_t hour = CHECKPOINT_PERIOD_MS, start = 12345;
	uint64_t next = 0;

	(void)state;
	assert_false(checkpoint_due(&next, start));
	assert_false(checkpoint_due(&next, start + hour - 1));
	assert_true(checkpoint_due(&next, start + hour));
	assert_false(checkpoint_due(&next, start + hour + 1));
	/* A machine that slept makes one, not all that it missed. */
	assert_true(checkpoint_due(&next, start + 9 * hour));
	assert_false(checkpoint_due(&next, start + 10 * hour - 1));
	assert_true(checkpoint_due(&next, start + 10 * hour));
}

static enum attest_fault judge_last(struct scene *s, uint64_t *size)
{
	struct attest_point *points;
	enum attest_fault fault;
	struct attest t;

	assert_int_equal(logtree_load(&t, s->k->store, &s->w.who[HUB].feed), 0);
	assert_int_equal(logtree_roots(&points, &t, s->k->store), 0);
	fault = attest_judge(&t, t.marks_n - 1, points, t.marks_n);
	*size = t.marks[t.marks_n - 1].head.size;
	free(points);
	attest_release(&t);
	return fault;
}

static void a_checkpoint_covers_own_and_admitted_feeds(void **state)
{
	struct checkpointed c;
	struct scene s;
	uint64_t size;

	(void)state;
	make_people(&s.w);
	open_home(&s, HUB);
	assert_true(checkpoint_may(s.k));
	assert_int_equal(checkpoint_make(s.k, &c, noon), 0);
	assert_true(c.is_new);
	assert_int_equal(c.size, 3 + 2 + 1);
	assert_int_equal(judge_last(&s, &size), ATTEST_RIGHT);
	assert_int_equal(size, c.size);
	close_home(&s);
}

/* The leaves that are kept, 0 when what is kept is of no use. */
static uint64_t kept_size(struct scene *s)
{
	struct attest t;
	struct merkle m;

	assert_int_equal(logtree_load(&t, s->k->store, &s->k->feed), 0);
	assert_int_equal(treecache_load(&m, s->k->store, &t), 0);
	attest_release(&t);
	return m.size;
}

/* Write over byte i of the row that is kept, or cut it there. */
static void spoil_kept(struct scene *s, size_t i, bool is_cut)
{
	uint8_t key[4 + KEY_SIZE] = "tree", row[4096];
	size_t n;

	memcpy(key + 4, s->k->feed.b, KEY_SIZE);
	assert_int_equal(store_get(s->k->store, TABLE_META, key, sizeof(key),
				   row, sizeof(row), &n),
			 0);
	assert_true(i < n);
	row[i] ^= 1;
	assert_int_equal(store_begin(s->k->store), 0);
	assert_int_equal(store_put(s->k->store, TABLE_META, key, sizeof(key),
				   row, is_cut ? i : n),
			 0);
	assert_int_equal(store_commit(s->k->store), 0);
}

static void record_more(struct scene *s, uint64_t qty)
{
	struct record rec;
	uint8_t facts[256];
	struct draft d = { KIND_PRODUCE, noon, facts, 0 };
	struct recorded out;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor");
	assert_int_equal(record_encode(&rec, facts, sizeof(facts), &d.facts_n),
			 0);
	assert_int_equal(keeper_record(s->k, &out, &d, 1, NULL), 0);
}

static void the_next_checkpoint_grows_the_tree_that_was_kept(void **state)
{
	struct checkpointed c;
	struct scene s;
	uint64_t size;

	(void)state;
	make_people(&s.w);
	open_home(&s, HUB);
	assert_int_equal(kept_size(&s), 0);
	for (uint64_t i = 1; i <= 9; i++) {
		record_more(&s, i);
		assert_int_equal(checkpoint_make(s.k, &c, noon + i), 0);
		assert_int_equal(kept_size(&s), c.size);
		assert_int_equal(judge_last(&s, &size), ATTEST_RIGHT);
		assert_int_equal(size, c.size);
		/* What was kept is not believed. */
		if (i % 3 == 1)
			spoil_kept(&s, 8 + i, false);
		else if (i % 3 == 2)
			spoil_kept(&s, i, true);
		assert_int_equal(kept_size(&s), i % 3 == 0 ? c.size : 0);
	}
	close_home(&s);
}

static void nothing_new_makes_no_entry(void **state)
{
	struct checkpointed c, again;
	struct head head;
	struct scene s;

	(void)state;
	make_people(&s.w);
	open_home(&s, HUB);
	assert_int_equal(checkpoint_make(s.k, &c, noon), 0);
	assert_int_equal(checkpoint_make(s.k, &again, noon + 1), 0);
	assert_false(again.is_new);
	assert_true(id_eq(&again.id, &c.id));
	assert_int_equal(again.size, c.size);
	assert_int_equal(store_head(s.k->store, &s.k->feed, &head), 0);
	assert_int_equal(head.seq, c.seq);
	close_home(&s);
}

static void what_a_crash_left_open_is_closed(void **state)
{
	struct checkpointed c;
	struct scene s;
	uint64_t size;

	(void)state;
	make_people(&s.w);
	attest_up_to(&s.w, HUB, HUB, 3);
	attest_up_to(&s.w, HUB, MAKER, 2);
	attest_up_to(&s.w, HUB, HOSPITAL, 1);
	open_home(&s, HUB);
	assert_int_equal(checkpoint_make(s.k, &c, noon), 0);
	assert_true(c.is_new);
	assert_int_equal(c.size, 6 + 3); /* and the three attests */
	assert_int_equal(judge_last(&s, &size), ATTEST_RIGHT);
	close_home(&s);
}

/* Another machine of the hub's member, which goes on where the first ended. */
static size_t add_machine(struct world *w)
{
	size_t i = world_person(w);

	seckey_close(w->who[i].identity_key);
	w->who[i].identity_key = world_key(1, HUB);
	w->who[i].identity = w->who[HUB].identity;
	world_open_feed(w, i, NULL);
	return i;
}

/* The facts of the entry at seq of a home's own feed. */
static bool names_before(struct scene *s, uint64_t seq, struct position *out)
{
	uint8_t raw[LIMIT_ENTRY];
	struct record rec;
	struct entry e;
	size_t n;

	assert_int_equal(store_entry(s->k->store, &s->k->feed, seq, raw, &n),
			 0);
	assert_int_equal(entry_decode(&e, raw, n), 0);
	assert_int_equal(e.kind, KIND_CHECKPOINT);
	assert_int_equal(record_decode(&rec, e.kind, e.facts, e.facts_n), 0);
	return record_positions(&rec, FACT_AFTER, out, 1) == 1;
}

static void a_tree_that_follows_another_names_its_last_checkpoint(void **state)
{
	struct position last, at;
	struct checkpointed c;
	struct scene s;
	size_t i;

	(void)state;
	make_people(&s.w);
	attest_up_to(&s.w, HUB, MAKER, 2);
	checkpoint_now(&s.w, HUB);
	last = world_position(&s.w, HUB, s.w.who[HUB].seq);
	i = add_machine(&s.w);
	open_home(&s, i);
	assert_false(checkpoint_may(s.k)); /* not without being asked */
	assert_int_equal(checkpoint_make(s.k, &c, noon), 0);
	assert_int_equal(c.size, 5 + 2 + 1 + 1); /* from the first entry on */
	assert_true(names_before(&s, c.seq, &at));
	assert_true(pubkey_eq(&at.feed, &last.feed));
	assert_int_equal(at.seq, last.seq);
	assert_true(id_eq(&at.id, &last.id));
	assert_true(checkpoint_may(s.k)); /* once it was */
	close_home(&s);
}

static void the_first_tree_names_none(void **state)
{
	struct checkpointed c;
	struct position at;
	struct scene s;

	(void)state;
	make_people(&s.w);
	open_home(&s, HUB);
	assert_int_equal(checkpoint_make(s.k, &c, noon), 0);
	assert_false(names_before(&s, c.seq, &at));
	close_home(&s);
}

static void only_associations_make_checkpoints(void **state)
{
	struct checkpointed c;
	struct scene s;

	(void)state;
	make_people(&s.w);
	open_home(&s, MAKER);
	assert_false(checkpoint_may(s.k));
	assert_int_equal(checkpoint_make(s.k, &c, noon), ERR_DENIED);
	close_home(&s);
}

static void a_witness_cosigns_once(void **state)
{
	struct logtree_cosigned all = { .at = NULL };
	struct cosign_result c, again;
	struct scene s;

	(void)state;
	make_people(&s.w);
	attest_up_to(&s.w, HUB, MAKER, 2);
	checkpoint_now(&s.w, HUB);
	open_home(&s, HOSPITAL);
	assert_int_equal(cosign_make(s.k, &c, &s.w.who[HUB].feed, noon), 0);
	assert_int_equal(c.answer, COSIGN_DONE);
	assert_int_equal(c.size, 2);
	assert_int_equal(c.seq, 2);
	assert_int_equal(cosign_make(s.k, &again, &s.w.who[HUB].feed, noon), 0);
	assert_int_equal(again.answer, COSIGN_ALREADY);
	assert_true(id_eq(&again.id, &c.id));
	assert_int_equal(
		logtree_witnesses(&all, s.k->store, &s.w.who[HUB].feed), 0);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.at[0].time_s, noon / 1000);
	free(all.at);
	close_home(&s);
}

static void say_head(struct world *w, const struct treehead *h)
{
	struct sig sig;

	treehead_sign(&sig, h, w->who[HUB].node_key);
	say_checkpoint(w, HUB, h, &sig);
}

static void shows_none(struct world *w)
{
	attest_up_to(w, HUB, MAKER, 2);
}

static void shows_another_root(struct world *w)
{
	struct treehead h;

	attest_up_to(w, HUB, MAKER, 2);
	h = head_now(w, HUB);
	h.root.b[0] ^= 1;
	say_head(w, &h);
}

static void shows_what_is_not_here(struct world *w)
{
	struct position at = world_position(w, MAKER, 2);

	at.seq = 3;
	say_attest(w, HUB, &at);
	checkpoint_now(w, HUB);
}

static void goes_back(struct world *w)
{
	struct treehead old, h;

	attest_up_to(w, HUB, MAKER, 1);
	old = head_now(w, HUB);
	attest_up_to(w, HUB, MAKER, 2);
	h = checkpoint_now(w, HUB);
	cosign_now(w, HOSPITAL, &h, 1000);
	say_head(w, &old);
}

/* The hospital has cosigned what only it was shown. */
static void shows_another_past(struct world *w)
{
	struct treehead h;

	attest_up_to(w, HUB, MAKER, 1);
	h = checkpoint_now(w, HUB);
	h.root.b[0] ^= 1;
	cosign_now(w, HOSPITAL, &h, 1000);
	attest_up_to(w, HUB, MAKER, 2);
	checkpoint_now(w, HUB);
}

static void shows_two_at_one_size(struct world *w)
{
	struct treehead h;

	attest_up_to(w, HUB, MAKER, 1);
	h = checkpoint_now(w, HUB);
	h.root.b[0] ^= 1;
	cosign_now(w, HOSPITAL, &h, 1000);
}

static void a_witness_refuses_what_does_not_extend(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		enum cosign_answer answer;
		const char *why;
	} rows[] = {
		{ shows_none, COSIGN_NOTHING, "attested, not closed" },
		{ shows_another_root, COSIGN_WRONG, "not its entries'" },
		{ shows_what_is_not_here, COSIGN_UNCHECKED, "not here yet" },
		{ goes_back, COSIGN_SMALLER, "fewer than before" },
		{ shows_another_past, COSIGN_SPLIT, "longer, another past" },
		{ shows_two_at_one_size, COSIGN_SPLIT, "another root" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cosign_result c;
		struct head before, after;
		struct scene s;

		make_people(&s.w);
		rows[i].make(&s.w);
		open_home(&s, HOSPITAL);
		assert_int_equal(store_head(s.k->store, &s.k->feed, &before),
				 0);
		assert_int_equal(cosign_make(s.k, &c, &s.w.who[HUB].feed, noon),
				 0);
		if (c.answer != rows[i].answer)
			fail_msg("%s: %d", rows[i].why, (int)c.answer);
		assert_int_equal(store_head(s.k->store, &s.k->feed, &after), 0);
		assert_int_equal(before.seq, after.seq);
		close_home(&s);
	}
}

static void who_is_no_witness_is_denied(void **state)
{
	struct cosign_result c;
	struct scene s;

	(void)state;
	make_people(&s.w);
	attest_up_to(&s.w, HUB, MAKER, 2);
	checkpoint_now(&s.w, HUB);
	open_home(&s, MAKER);
	assert_int_equal(cosign_make(s.k, &c, &s.w.who[HUB].feed, noon),
			 ERR_DENIED);
	close_home(&s);
	make_people(&s.w);
	attest_up_to(&s.w, HUB, MAKER, 2);
	checkpoint_now(&s.w, HUB);
	open_home(&s, HUB);
	assert_int_equal(cosign_make(s.k, &c, &s.w.who[HUB].feed, noon),
			 ERR_DENIED);
	close_home(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_checkpoint_is_due_an_hour_after_the_start_and_the_last),
		UNIT(a_checkpoint_covers_own_and_admitted_feeds),
		UNIT(the_next_checkpoint_grows_the_tree_that_was_kept),
		UNIT(nothing_new_makes_no_entry),
		UNIT(what_a_crash_left_open_is_closed),
		UNIT(a_tree_that_follows_another_names_its_last_checkpoint),
		UNIT(the_first_tree_names_none),
		UNIT(only_associations_make_checkpoints),
		UNIT(a_witness_cosigns_once),
		UNIT(a_witness_refuses_what_does_not_extend),
		UNIT(who_is_no_witness_is_denied),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
