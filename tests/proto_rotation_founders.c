#include "proto/roster/amendment.h"
#include "proto/roster/roster_limit.h"
#include "tests/rotation_world.h"

#include <stdio.h>

/*
 * The key of a founder who lost it is for the other founders to name.  Person 0
 * lost it; keys from 8 on are nobody's at first, feeds from 16 on are theirs.
 */

enum { LOST, B, C, D, E, KEY = 8, KEY2, THIEF };
enum { FEED = 16, FEED2, FEED3 };

static const struct world_rotate lost = {
	.who = LOST,
	.from = LOST,
	.to = KEY,
	.pins = { LOST },
	.pins_n = 1,
	.pin_seq = 2,
};

static struct world *begin(size_t founders)
{
	struct world *w = world_open(founders);

	for (size_t i = 0; i < 5; i++)
		world_begin(w, i);
	world_idle(w, LOST);
	world_open_as(w, FEED, KEY, KEY);
	world_open_as(w, FEED2, KEY2, KEY2);
	return w;
}

static void name(struct world *w, size_t feed, const struct world_rotate *x,
		 size_t checkpoints)
{
	world_rotate(w, feed, x);
	for (size_t i = 0; i < checkpoints; i++)
		world_checkpoint(w, feed);
}

static bool is_key(const struct world *w, const struct roster *r, size_t who,
		   size_t key)
{
	return pubkey_eq(&roster_member(r, &w->who[who])->key, &w->who[key]);
}

static bool follows(const struct world *w, size_t who, size_t key)
{
	struct roster *r = world_rotated(w);
	bool is = is_key(w, r, who, key);

	roster_close(r);
	return is;
}

static void say_charter(struct world *w, size_t feed, const struct charter *c)
{
	uint8_t raw[LIMIT_CHARTER];
	struct record rec;
	size_t n;

	assert_int_equal(charter_encode(raw, &n, c), 0);
	record_init(&rec, KIND_CHARTER);
	record_set_bytes(&rec, FACT_CHARTER, raw, n);
	record_set_bytes(&rec, FACT_NUMBER, "1", 1);
	world_say(w, feed, &rec);
}

static void it_takes_more_than_half_of_all_founders(void **state)
{
	static const struct {
		size_t founders, from, to; /* who says it */
		bool counts;
		const char *why;
	} row[] = {
		{ 1, LOST, LOST, false, "a sole founder, of itself" },
		{ 1, LOST, E, false, "and all others, who are none" },
		{ 2, B, B, false, "one of two" },
		{ 2, LOST, B, false, "nobody is heard on its own key" },
		{ 3, B, B, false, "one of three" },
		{ 3, LOST, B, false, "one of three, and itself" },
		{ 3, B, C, true, "two of three" },
		{ 3, C, E, false, "one of three, and two who are none" },
		{ 4, B, C, false, "two of four" },
		{ 4, B, D, true, "three of four" },
		{ 5, B, D, true, "three of five" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = begin(row[i].founders);

		for (size_t by = row[i].from; by <= row[i].to; by++)
			name(w, by, &lost, ROTATION_CHECKPOINTS);
		if (follows(w, LOST, KEY) != row[i].counts)
			fail_msg("%s", row[i].why);
		world_close(w);
	}
}

/* What it waits for is told: first for founders, then for checkpoints. */
static void each_word_waits_for_checkpoints(void **state)
{
	struct world *w = begin(3);
	struct roster *r;

	(void)state;
	name(w, B, &lost, 3);
	r = world_rotated(w);
	assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_WAITS);
	assert_int_equal(roster_rotation_at(r, 0).voices, 1);
	assert_int_equal(roster_rotation_at(r, 0).missing, 9);
	roster_close(r);
	for (size_t i = 0; i < 9; i++)
		world_checkpoint(w, B);
	name(w, C, &lost, 11);
	r = world_rotated(w);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(roster_rotation_at(r, i).state,
				 ROTATION_WAITS);
		assert_int_equal(roster_rotation_at(r, i).voices, 0);
		assert_int_equal(roster_rotation_at(r, i).missing, 1);
	}
	assert_true(is_key(w, r, LOST, LOST));
	assert_int_equal(world_counted(w, r, FEED), 0);
	roster_close(r);
	world_checkpoint(w, C);
	r = world_rotated(w);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(roster_rotation_at(r, i).state,
				 ROTATION_IN_FORCE);
	assert_true(is_key(w, r, LOST, KEY));
	assert_int_equal(world_counted(w, r, FEED), UINT64_MAX);
	assert_int_equal(world_counted(w, r, LOST), 2);
	roster_close(r);
	world_close(w);
}

static void one_founder_has_one_voice(void **state)
{
	struct world *w = begin(3);
	struct world_rotate other = lost;

	(void)state;
	other.to = KEY2;
	world_open_as(w, FEED3, B, B);
	name(w, B, &lost, 0);
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, FEED3, &lost, ROTATION_CHECKPOINTS);
	/* and words for different keys do not add up */
	name(w, C, &other, ROTATION_CHECKPOINTS);
	assert_true(follows(w, LOST, LOST));
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	assert_true(follows(w, LOST, KEY));
	world_close(w);
}

/* Of two keys that the old one signed for, and as quickly. */
static void founders_choose_from_what_was_signed(void **state)
{
	struct world_rotate mine = { .who = LOST,
				     .from = LOST,
				     .is_signed = true,
				     .feeds = { LOST },
				     .feeds_n = 1 };
	struct world_rotate named = lost;

	(void)state;
	named.pins_n = 0;
	for (size_t to = KEY; to <= KEY2; to++) {
		struct world *w = begin(3);

		for (mine.to = KEY; mine.to <= KEY2; mine.to++)
			world_rotate(w, LOST, &mine);
		named.to = to;
		name(w, B, &named, 0);
		name(w, C, &named, 0);
		assert_true(follows(w, LOST, to));
		world_close(w);
	}
}

static void the_new_key_is_the_founder(void **state)
{
	struct world *w = begin(3);
	struct world_rotate next = { .who = B,
				     .from = B,
				     .to = KEY2,
				     .pins = { B },
				     .pins_n = 1,
				     .pin_seq = 2 + ROTATION_CHECKPOINTS };
	struct charter c = w->charter;
	struct roster *r;
	struct id id;

	(void)state;
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	c.quorum = 7;
	say_charter(w, LOST, &c); /* beyond the pin: by who has the machine */
	say_charter(w, C, &c);
	r = world_rotated(w);
	assert_int_equal(roster_amended(r, &id), 0);
	roster_close(r);
	say_charter(w, FEED, &c);
	r = world_rotated(w);
	assert_int_equal(roster_amended(r, &id), 1);
	roster_close(r);
	/* and it has a voice on another's key */
	name(w, LOST, &next, ROTATION_CHECKPOINTS);
	name(w, C, &next, ROTATION_CHECKPOINTS);
	assert_true(follows(w, B, B));
	name(w, FEED, &next, ROTATION_CHECKPOINTS);
	assert_true(follows(w, B, KEY2));
	assert_true(follows(w, LOST, KEY));
	world_close(w);
}

/* Two of three decided; that there are five later takes nothing back. */
static void founders_who_are_added_later_undo_nothing(void **state)
{
	struct world *w = begin(3);
	struct charter c = w->charter;
	struct roster *r;
	struct id id;

	(void)state;
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	for (size_t i = D; i <= E; i++) {
		struct founder *f = &c.founders[c.founders_n++];

		memset(f, 0, sizeof(*f));
		f->identity = w->who[i];
		snprintf(f->label, sizeof(f->label), "f%zu", i);
		memcpy(f->place, "FR-67", 6);
	}
	say_charter(w, FEED, &c);
	say_charter(w, B, &c);
	r = world_rotated(w);
	assert_int_equal(roster_amended(r, &id), 1);
	assert_int_equal(roster_charter(r)->founders_n, 5);
	assert_true(is_key(w, r, LOST, KEY));
	assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_IN_FORCE);
	roster_close(r);
	world_close(w);
}

/* A member of five founders is one of them, whoever admitted it before. */
static void who_became_a_founder_is_nobodys_to_name_alone(void **state)
{
	struct world *w = begin(1);
	struct world_rotate x = lost;
	struct charter c = w->charter;

	(void)state;
	x.who = x.from = B;
	x.pins[0] = B;
	world_admit(w, LOST, B, true);
	name(w, LOST, &x, ROTATION_CHECKPOINTS);
	assert_true(follows(w, B, KEY));
	for (size_t i = B; i <= C; i++) {
		struct founder *f = &c.founders[c.founders_n++];

		memset(f, 0, sizeof(*f));
		f->identity = w->who[i];
		snprintf(f->label, sizeof(f->label), "f%zu", i);
		memcpy(f->place, "FR-67", 6);
	}
	say_charter(w, LOST, &c);
	assert_true(follows(w, B, B));
	name(w, C, &x, ROTATION_CHECKPOINTS);
	assert_true(follows(w, B, KEY));
	world_close(w);
}

static void a_wrong_word_is_taken_back_by_an_admission(void **state)
{
	struct world *w = begin(3);
	struct world_rotate right = lost;

	(void)state;
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	world_admit(w, B, KEY, false);
	assert_true(follows(w, LOST, LOST));
	right.to = KEY2;
	name(w, B, &right, ROTATION_CHECKPOINTS);
	name(w, C, &right, ROTATION_CHECKPOINTS);
	assert_true(follows(w, LOST, KEY2));
	world_close(w);
}

static void beyond_a_fork_or_an_end_nobody_is_heard(void **state)
{
	struct world *w = begin(3);
	bool changed;

	(void)state;
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	for (size_t i = 0; i < 4; i++) {
		/* one checkpoint less, or none */
		uint64_t seq = w->seq[C] - i / 2;
		struct position at = world_position(w, C, seq - 1);
		struct roster *r = world_rotated(w);

		if (i % 2 == 0)
			assert_int_equal(
				roster_fork(r, &changed, &w->feed[C], seq), 0);
		else
			assert_int_equal(roster_end(r, &changed, &at), 0);
		assert_int_equal(roster_solve(r), 0);
		assert_true(is_key(w, r, LOST, LOST));
		roster_close(r);
	}
	world_close(w);
}

/* Who stole a key that was followed since has no voice with it. */
static void an_old_key_of_a_founder_has_no_voice(void **state)
{
	struct world *w = begin(3);
	struct world_rotate x = { .who = B,
				  .from = B,
				  .to = KEY2,
				  .is_signed = true,
				  .feeds = { B },
				  .feeds_n = 1 };

	(void)state;
	world_rotate(w, B, &x);
	world_open_as(w, FEED3, B, B); /* by the thief */
	name(w, FEED3, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	assert_true(follows(w, LOST, LOST));
	name(w, FEED2, &lost, ROTATION_CHECKPOINTS);
	assert_true(follows(w, LOST, KEY));
	world_close(w);
}

/* Several words may let more count; the one that lets most is taken. */
static void a_word_may_raise_the_pins(void **state)
{
	struct world *w = begin(3);
	struct world_rotate more = lost;
	struct roster *r;

	(void)state;
	name(w, B, &lost, ROTATION_CHECKPOINTS);
	name(w, C, &lost, ROTATION_CHECKPOINTS);
	more.pin_seq = 5;
	name(w, C, &more, ROTATION_CHECKPOINTS - 1);
	r = world_rotated(w);
	assert_int_equal(world_counted(w, r, LOST), 2);
	roster_close(r);
	world_checkpoint(w, C);
	r = world_rotated(w);
	assert_int_equal(world_counted(w, r, LOST), 5);
	roster_close(r);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(it_takes_more_than_half_of_all_founders),
		UNIT(each_word_waits_for_checkpoints),
		UNIT(one_founder_has_one_voice),
		UNIT(founders_choose_from_what_was_signed),
		UNIT(the_new_key_is_the_founder),
		UNIT(founders_who_are_added_later_undo_nothing),
		UNIT(who_became_a_founder_is_nobodys_to_name_alone),
		UNIT(a_wrong_word_is_taken_back_by_an_admission),
		UNIT(beyond_a_fork_or_an_end_nobody_is_heard),
		UNIT(an_old_key_of_a_founder_has_no_voice),
		UNIT(a_word_may_raise_the_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
