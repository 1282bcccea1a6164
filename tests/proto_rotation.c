#include "tests/village.h"

/*
 * A member is its first identity for ever; what its later keys certified is
 * its own.  Person 0 founds, 1 is an association, 2 and 3 are its makers; keys
 * from 8 on are nobody's at first, feeds from 16 on are theirs.
 */

enum { KEY = 8, KEY2, THIEF, LOOSE };
enum { FEED = 16, FEED2, FEED3 };

static const struct world_rotate plain = {
	.who = LEA,
	.from = LEA,
	.to = KEY,
	.is_signed = true,
	.feeds = { LEA },
	.feeds_n = 1,
};

static bool belongs(const struct world *w, const struct roster *r, size_t feed,
		    size_t who)
{
	return pubkey_eq(&roster_feed(r, &w->feed[feed])->identity,
			 &w->who[who]);
}

static uint64_t counted(const struct world *w, size_t feed)
{
	struct roster *r = world_rotated(w);
	uint64_t n = world_counted(w, r, feed);

	roster_close(r);
	return n;
}

static void the_member_goes_on_under_a_signed_key(void **state)
{
	struct world *w = village();
	struct roster *r;
	const struct member *m;
	struct pubkey key;

	(void)state;
	world_rotate(w, LEA, &plain);
	world_open_as(w, FEED, KEY, KEY);
	r = world_rotated(w);
	assert_true(belongs(w, r, FEED, LEA));
	assert_int_equal(world_counted(w, r, FEED), UINT64_MAX);
	assert_int_equal(world_counted(w, r, LEA), UINT64_MAX);
	m = roster_member(r, &w->who[KEY]);
	assert_ptr_equal(m, roster_member(r, &w->who[LEA]));
	assert_true(pubkey_eq(&m->identity, &w->who[LEA]));
	assert_true(pubkey_eq(&m->key, &w->who[KEY]));
	assert_int_equal(roster_count(r), 4);
	assert_true(roster_key_at(r, &key, &w->who[LEA], 1));
	assert_true(pubkey_eq(&key, &w->who[KEY]));
	assert_false(roster_key_at(r, &key, &w->who[LEA], 2));
	assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_IN_FORCE);
	roster_close(r);
	world_close(w);
}

static void an_old_key_makes_no_more_feeds(void **state)
{
	struct world *w = village();

	(void)state;
	world_open_as(w, FEED2, LEA, LEA);
	assert_int_equal(counted(w, FEED2), UINT64_MAX);
	world_rotate(w, LEA, &plain);
	assert_int_equal(counted(w, FEED2), 0);
	assert_int_equal(counted(w, LEA), UINT64_MAX);
	world_close(w);
}

static void a_feed_opened_late_with_the_old_key_is_solved_for(void **state)
{
	struct world *w = village();
	struct roster *r;
	size_t late;

	(void)state;
	world_rotate(w, LEA, &plain);
	r = world_rotated(w);
	late = world_open_as(w, FEED2, LEA, LEA);
	assert_true(world_tell(w, r, late));
	assert_int_equal(roster_solve(r), 0);
	assert_int_equal(world_counted(w, r, FEED2), 0);
	late = world_open_as(w, FEED, KEY, KEY);
	assert_true(world_tell(w, r, late));
	assert_int_equal(roster_solve(r), 0);
	assert_true(belongs(w, r, FEED, LEA));
	roster_close(r);
	world_close(w);
}

static void a_list_may_pin(void **state)
{
	struct world_rotate x = plain;
	struct world *w = village();

	(void)state;
	world_idle(w, LEA);
	world_idle(w, LEA);
	x.feeds_n = 0;
	x.pins[0] = LEA;
	x.pins_n = 1;
	x.pin_seq = 2;
	world_rotate(w, LEA, &x);
	assert_int_equal(counted(w, LEA), 2);
	/* who said it once may let more count */
	x.pin_seq = 3;
	world_rotate(w, NINO, &x);
	assert_int_equal(counted(w, LEA), 3);
	world_close(w);
}

static void forged_signatures_are_nothing(void **state)
{
	static const size_t forged[][2] = { { 1 + THIEF, 0 },
					    { 0, 1 + THIEF },
					    { 1 + KEY, 1 + LEA } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forged); i++) {
		struct world_rotate x = plain;
		struct world *w = village();
		struct roster *r;

		x.old_signer = forged[i][0];
		x.new_signer = forged[i][1];
		world_rotate(w, LEA, &x);
		world_open_as(w, FEED, KEY, KEY);
		r = world_rotated(w);
		assert_null(roster_member(r, &w->who[KEY]));
		assert_int_equal(world_counted(w, r, FEED), 0);
		assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_VOID);
		roster_close(r);
		world_close(w);
	}
}

static void an_admission_goes_before(void **state)
{
	struct world_rotate x = plain;
	struct world *w = village();
	struct roster *r;

	(void)state;
	x.to = NINO;
	world_rotate(w, LEA, &x);
	world_rotate(w, LEA, &plain);
	r = world_rotated(w);
	assert_true(belongs(w, r, NINO, NINO));
	assert_true(
		pubkey_eq(&roster_member(r, &w->who[LEA])->key, &w->who[KEY]));
	roster_close(r);
	/* also one that comes later */
	world_admit(w, FOUNDER, KEY, false);
	world_open_as(w, FEED, KEY, KEY);
	r = world_rotated(w);
	assert_true(belongs(w, r, FEED, KEY));
	assert_int_equal(roster_count(r), 5);
	assert_true(
		pubkey_eq(&roster_member(r, &w->who[LEA])->key, &w->who[LEA]));
	roster_close(r);
	/* not by somebody who may not */
	world_close(w);
	w = village();
	world_rotate(w, LEA, &plain);
	world_admit(w, NINO, KEY, false);
	world_open_as(w, FEED, KEY, KEY);
	r = world_rotated(w);
	assert_true(belongs(w, r, FEED, LEA));
	roster_close(r);
	world_close(w);
}

static void keys_make_a_chain_and_no_ring(void **state)
{
	struct world_rotate x = plain, y = plain;
	struct world *w = village();
	struct roster *r;

	(void)state;
	world_rotate(w, LEA, &x);
	world_open_as(w, FEED, KEY, KEY);
	world_open_as(w, FEED2, KEY2, KEY2);
	x.from = KEY;
	x.to = KEY2;
	x.feeds[1] = FEED;
	x.feeds_n = 2;
	world_rotate(w, FEED, &x);
	y.from = KEY2;
	y.to = KEY;
	world_rotate(w, FEED2, &y);
	y.to = LEA;
	world_rotate(w, FEED2, &y);
	r = world_rotated(w);
	assert_true(
		pubkey_eq(&roster_member(r, &w->who[LEA])->key, &w->who[KEY2]));
	assert_true(belongs(w, r, FEED, LEA));
	assert_true(belongs(w, r, FEED2, LEA));
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(world_counted(w, r, i == 0 ? LEA : FEED),
				 UINT64_MAX);
	roster_close(r);
	/* what a later step does not list counts no more */
	world_open_as(w, FEED3, KEY, KEY);
	assert_int_equal(counted(w, FEED3), 0);
	world_close(w);
}

static void of_two_the_admitter_chooses(void **state)
{
	struct world_rotate thief = plain, named = plain;
	struct world *w = village();
	struct roster *r;
	struct pubkey before, now;
	size_t other;

	(void)state;
	thief.to = THIEF;
	thief.feeds_n = 0;
	world_rotate(w, LEA, &plain);
	world_rotate(w, NINO, &thief);
	r = world_rotated(w);
	before = roster_member(r, &w->who[LEA])->key;
	roster_close(r);
	other = pubkey_eq(&before, &w->who[KEY]) ? THIEF : KEY;
	named.to = other;
	named.is_signed = false;
	world_rotate(w, ASSO, &named);
	r = world_rotated(w);
	now = roster_member(r, &w->who[LEA])->key;
	assert_true(pubkey_eq(&now, &w->who[other]));
	assert_null(roster_member(r, &before));
	roster_close(r);
	/* who is nobody's admitter chooses nothing */
	world_close(w);
	w = village();
	world_rotate(w, LEA, &plain);
	world_rotate(w, NINO, &thief);
	named.to = other;
	world_rotate(w, NINO, &named);
	r = world_rotated(w);
	assert_false(pubkey_eq(&roster_member(r, &w->who[LEA])->key,
			       &w->who[other]) &&
		     !pubkey_eq(&before, &w->who[other]));
	roster_close(r);
	world_close(w);
}

static const struct world_rotate lost = {
	.who = LEA,
	.from = LEA,
	.to = KEY,
	.pins = { LEA },
	.pins_n = 1,
	.pin_seq = 1,
};

/* A world in which ASSO said so, and made n checkpoints since. */
static struct world *lost_world(size_t by, size_t n)
{
	struct world *w = village();

	world_open_as(w, FEED, KEY, KEY);
	world_idle(w, LEA);
	for (size_t i = 0; i < ROTATION_CHECKPOINTS; i++)
		world_checkpoint(w, by); /* those before do not count */
	world_rotate(w, by, &lost);
	for (size_t i = 0; i < n; i++)
		world_checkpoint(w, by);
	return w;
}

static void a_lost_key_waits_for_checkpoints(void **state)
{
	(void)state;
	for (size_t n = ROTATION_CHECKPOINTS - 1; n < ROTATION_CHECKPOINTS + 2;
	     n++) {
		struct world *w = lost_world(ASSO, n);
		struct roster *r = world_rotated(w);
		bool in_force = n >= ROTATION_CHECKPOINTS;
		struct rotation x = roster_rotation_at(r, 0);

		assert_int_equal(belongs(w, r, FEED, LEA), in_force);
		assert_int_equal(world_counted(w, r, FEED),
				 in_force ? UINT64_MAX : 0);
		assert_int_equal(world_counted(w, r, LEA),
				 in_force ? 1 : UINT64_MAX);
		assert_int_equal(x.state,
				 in_force ? ROTATION_IN_FORCE : ROTATION_WAITS);
		assert_int_equal(x.missing, in_force ? 0 : 1);
		assert_int_equal(roster_count(r), 4);
		/* what is cut away was never there */
		roster_cut(r, &w->feed[ASSO], w->seq[ASSO] - 2);
		assert_int_equal(roster_solve(r), 0);
		assert_false(belongs(w, r, FEED, LEA));
		roster_close(r);
		world_close(w);
	}
}

/* Honest entries of the old feed turn up: who may let them count. */
static void a_release_raises_what_a_rotation_leaves(void **state)
{
	static const struct {
		size_t by;
		uint64_t to, counts;
		const char *why;
	} row[] = {
		{ ASSO, 4, 4, "who named the key" },
		{ FOUNDER, 4, 4, "above that one" },
		{ FEED, 4, 4, "herself, under the key in force" },
		{ NINO, 4, 2, "a neighbour" },
		{ LEA, 4, 2, "who has the old machine" },
		{ FEED2, 4, 2, "who has the old key" },
		{ ASSO, 1, 2, "nothing is lowered" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = village();
		struct world_rotate x = lost;

		world_open_as(w, FEED, KEY, KEY);
		world_open_as(w, FEED2, LEA, LEA);
		x.pin_seq = 2;
		world_idle(w, LEA);
		world_rotate(w, ASSO, &x);
		world_release(w, row[i].by, LEA, LEA, row[i].to);
		for (size_t k = 0; k < ROTATION_CHECKPOINTS; k++)
			world_checkpoint(w, ASSO);
		if (counted(w, LEA) != row[i].counts)
			fail_msg("%s: %llu", row[i].why,
				 (unsigned long long)counted(w, LEA));
		world_close(w);
	}
}

/* A founder has nobody above it, and a feed of no key of hers stays out. */
static void a_release_makes_nothing_hers(void **state)
{
	struct world_rotate x = {
		.who = FOUNDER, .from = FOUNDER, .to = KEY, .is_signed = true
	};
	struct world *w = village();

	(void)state;
	world_open_as(w, FEED, KEY, KEY);
	world_rotate(w, FOUNDER, &x);
	assert_int_equal(counted(w, FOUNDER), 0);
	world_release(w, FEED, FOUNDER, FOUNDER, 3);
	assert_int_equal(counted(w, FOUNDER), 3);
	assert_int_equal(counted(w, FEED), UINT64_MAX);
	world_release(w, FEED, FOUNDER, FEED, 1);
	assert_int_equal(counted(w, FEED), UINT64_MAX);
	world_close(w);
}

/* Of a feed that forked, what is not in dispute is heard. */
static void a_release_beyond_a_fork_is_not_heard(void **state)
{
	struct world *w = village();
	struct world_rotate x = plain;
	struct roster *r;
	bool changed;

	(void)state;
	x.feeds_n = 0;
	world_rotate(w, LEA, &x);
	world_open_as(w, FEED, KEY, KEY);
	world_idle(w, FEED);
	world_release(w, FEED, LEA, LEA, 2);
	for (uint64_t fork = 3; fork < 5; fork++) {
		r = world_rotated(w);
		assert_int_equal(roster_fork(r, &changed, &w->feed[FEED], fork),
				 0);
		assert_int_equal(roster_solve(r), 0);
		assert_int_equal(world_counted(w, r, LEA), fork == 3 ? 0 : 2);
		roster_close(r);
	}
	world_close(w);
}

static void only_who_is_above_replaces_a_lost_key(void **state)
{
	static const struct {
		size_t by;
		bool counts;
		const char *why;
	} row[] = {
		{ ASSO, true, "it admitted her" },
		{ FOUNDER, true, "above that one" },
		{ NINO, false, "a neighbour" },
		{ LEA, false, "nobody signed for the new key" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct world *w = lost_world(row[i].by, ROTATION_CHECKPOINTS);
		struct roster *r = world_rotated(w);

		if (belongs(w, r, FEED, LEA) != row[i].counts)
			fail_msg("%s", row[i].why);
		roster_close(r);
		world_close(w);
	}
}

static void a_dismissed_association_replaces_nothing(void **state)
{
	struct world *w = lost_world(ASSO, ROTATION_CHECKPOINTS);

	(void)state;
	world_dismiss_one(w, FOUNDER, ASSO, 4, ASSO, 3);
	assert_int_equal(counted(w, FEED), 0);
	world_close(w);
}

/* An association cannot take hold of somebody whom others admit. */
static void who_is_admitted_elsewhere_is_nobodys_new_key(void **state)
{
	struct world *w = lost_world(ASSO, ROTATION_CHECKPOINTS);
	struct roster *r;

	(void)state;
	world_admit(w, FOUNDER, KEY, false);
	r = world_rotated(w);
	assert_true(belongs(w, r, FEED, KEY));
	assert_int_equal(world_counted(w, r, LEA), UINT64_MAX);
	roster_close(r);
	world_close(w);
}

static void the_associations_word_goes_before_a_thiefs(void **state)
{
	struct world_rotate thief = plain;
	struct world *w = lost_world(ASSO, ROTATION_CHECKPOINTS);
	struct roster *r;

	(void)state;
	thief.to = THIEF;
	world_rotate(w, LEA, &thief);
	world_open_as(w, FEED2, THIEF, THIEF);
	r = world_rotated(w);
	assert_true(belongs(w, r, FEED, LEA));
	assert_true(belongs(w, r, FEED2, THIEF));
	assert_int_equal(world_counted(w, r, FEED2), 0);
	assert_int_equal(world_counted(w, r, LEA), 1);
	roster_close(r);
	world_close(w);
}

static void an_association_admits_under_its_new_key(void **state)
{
	struct world_rotate x = { .who = ASSO,
				  .from = ASSO,
				  .to = KEY,
				  .is_signed = true,
				  .feeds = { ASSO },
				  .feeds_n = 1 };
	struct world *w = village();
	struct roster *r;

	(void)state;
	world_open_as(w, FEED, KEY, KEY);
	world_rotate(w, ASSO, &x);
	world_admit(w, FEED, LOOSE, false);
	world_admit(w, FEED, NINO, false);
	r = world_rotated(w);
	assert_non_null(roster_member(r, &w->who[LOOSE]));
	assert_true(pubkey_eq(&roster_member(r, &w->who[LOOSE])->admitter,
			      &w->who[ASSO]));
	assert_true(roster_is_below(r, &w->who[LOOSE], &w->who[ASSO]));
	assert_true(roster_is_below(r, &w->who[LOOSE], &w->who[KEY]));
	assert_false(roster_is_vouched(r, &w->who[LOOSE], &w->who[ASSO]));
	roster_close(r);
	world_close(w);
}

/* What the new key says is heard once it is in force, and not before. */
static void a_lost_association_goes_on_under_the_key_named(void **state)
{
	struct world_rotate x = { .who = ASSO,
				  .from = ASSO,
				  .to = KEY,
				  .pins = { ASSO },
				  .pins_n = 1,
				  .pin_seq = 3 };
	struct world_rotate y = { .who = LOOSE, .from = LOOSE, .to = KEY2 };
	struct world *w = village();
	struct roster *r;

	(void)state;
	world_open_as(w, FEED, KEY, KEY);
	world_open_as(w, FEED2, KEY2, KEY2);
	world_admit(w, FEED, LOOSE, false);
	world_rotate(w, FOUNDER, &x);
	/* and it names the lost key of whom it admitted meanwhile */
	world_rotate(w, FEED, &y);
	for (int i = 0; i < ROTATION_CHECKPOINTS; i++)
		world_checkpoint(w, FEED);
	for (int i = 0; i < ROTATION_CHECKPOINTS - 1; i++)
		world_checkpoint(w, FOUNDER);
	r = world_rotated(w);
	assert_null(roster_member(r, &w->who[LOOSE]));
	assert_non_null(roster_member(r, &w->who[LEA]));
	roster_close(r);
	world_checkpoint(w, FOUNDER);
	r = world_rotated(w);
	assert_true(pubkey_eq(&roster_member(r, &w->who[LOOSE])->admitter,
			      &w->who[ASSO]));
	assert_true(belongs(w, r, FEED2, LOOSE));
	/* LEA and NINO were admitted at 2 and 3 */
	assert_non_null(roster_member(r, &w->who[NINO]));
	roster_close(r);
	world_close(w);
}

/* Nobody keeps a key from somebody by naming it for another. */
static void a_word_without_weight_is_in_nobodys_way(void **state)
{
	(void)state;
	for (uint64_t seq = 1; seq < 9; seq++) {
		struct world_rotate x = { .who = NINO,
					  .from = NINO,
					  .to = KEY,
					  .pins = { NINO },
					  .pins_n = 1,
					  .pin_seq = seq };
		struct world *w = lost_world(ASSO, ROTATION_CHECKPOINTS);
		struct roster *r;

		world_rotate(w, NINO, &x); /* its id is another each time */
		r = world_rotated(w);
		assert_true(belongs(w, r, FEED, LEA));
		roster_close(r);
		world_close(w);
	}
}

static void one_key_follows_for_one_member(void **state)
{
	struct world_rotate x = plain, y = plain;
	struct world *w = village();
	struct roster *r;
	bool is_lea;

	(void)state;
	y.who = y.from = NINO;
	y.feeds[0] = NINO;
	world_rotate(w, LEA, &x);
	world_rotate(w, NINO, &y);
	world_open_as(w, FEED, KEY, KEY);
	r = world_rotated(w);
	is_lea = belongs(w, r, FEED, LEA);
	assert_true(is_lea || belongs(w, r, FEED, NINO));
	assert_true(
		pubkey_eq(&roster_member(r, &w->who[is_lea ? NINO : LEA])->key,
			  &w->who[is_lea ? NINO : LEA]));
	assert_int_equal(world_counted(w, r, is_lea ? NINO : LEA), UINT64_MAX);
	roster_close(r);
	world_close(w);
}

static void a_founder_signs_for_itself(void **state)
{
	struct world_rotate x = { .who = FOUNDER,
				  .from = FOUNDER,
				  .to = KEY,
				  .is_signed = true,
				  .feeds = { FOUNDER },
				  .feeds_n = 1 };
	struct world *w = village();
	struct roster *r;

	(void)state;
	world_open_as(w, FEED, KEY, KEY);
	world_rotate(w, FOUNDER, &x);
	world_admit(w, FEED, LOOSE, false);
	world_open_as(w, FEED2, FOUNDER, FOUNDER);
	world_admit(w, FEED2, THIEF, true);
	r = world_rotated(w);
	assert_int_equal(roster_member(r, &w->who[LOOSE])->depth, 1);
	assert_null(roster_member(r, &w->who[THIEF]));
	assert_true(pubkey_eq(&roster_member(r, &w->who[KEY])->identity,
			      &w->who[FOUNDER]));
	roster_close(r);
	world_close(w);
}

static void digests_tell_of_rotations(void **state)
{
	struct world *w = village();
	struct roster *r = world_rotated(w);
	struct id a = roster_digest(r), b;

	(void)state;
	roster_close(r);
	world_rotate(w, LEA, &plain);
	r = world_rotated(w);
	b = roster_digest(r);
	assert_false(id_eq(&a, &b));
	roster_close(r);
	world_close(w);
}

/* A feed that nobody is told of says nothing: else who holds it would see
 * another roster than who does not. */
static void a_feed_of_nobody_says_nothing(void **state)
{
	struct world *w = village();
	struct roster *r = world_rotated(w);
	struct id before = roster_digest(r), after;
	bool changed;

	(void)state;
	roster_close(r);
	world_open_as(w, FEED3, LOOSE, LOOSE);
	world_rotate(w, FEED3, &plain);
	r = world_rotated(w);
	assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_VOID);
	assert_false(roster_rotation_at(r, 0).is_signed);
	assert_int_equal(roster_fork(r, &changed, &w->feed[FEED3], 2), 0);
	assert_int_equal(roster_solve(r), 0);
	after = roster_digest(r);
	assert_true(id_eq(&before, &after));
	roster_close(r);
	/* Once it is somebody's, all of it is heard. */
	world_admit(w, ASSO, LOOSE, false);
	r = world_rotated(w);
	assert_int_equal(roster_rotation_at(r, 0).state, ROTATION_IN_FORCE);
	before = roster_digest(r);
	assert_int_equal(roster_fork(r, &changed, &w->feed[FEED3], 2), 0);
	assert_int_equal(roster_solve(r), 0);
	after = roster_digest(r);
	assert_false(id_eq(&before, &after));
	roster_close(r);
	world_close(w);
}

/* A feed of the first key may be ended by a later one, not the other way. */
static void a_later_key_ends_older_feeds(void **state)
{
	struct world *w = village();
	struct position at = world_position(w, LEA, 1);
	static const struct {
		size_t feed, by;
		bool may;
	} row[] = { { LEA, LEA, true },   { LEA, KEY, true },
		    { FEED, KEY, true },  { FEED, LEA, false },
		    { LEA, NINO, false }, { NINO, KEY, false } };
	struct roster *r;

	(void)state;
	world_rotate(w, LEA, &plain);
	world_open_as(w, FEED, KEY, KEY);
	r = world_rotated(w);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint8_t claim[PLACE_CLAIM], raw[EVIDENCE_END_MAX];
		struct evidence e;
		struct sig sig;
		size_t n;

		at = world_position(w, row[i].feed, 1);
		place_claim(claim, &w->network, &at);
		assert_int_equal(sign_make(&sig, w->key[row[i].by], DOMAIN_END,
					   claim, sizeof(claim)),
				 0);
		assert_int_equal(evidence_make_end(raw, &n, &at, &sig), 0);
		assert_int_equal(evidence_decode(&e, raw, n), 0);
		assert_int_equal(roster_check_end(r, &e) == 0, row[i].may);
	}
	roster_close(r);
	world_close(w);
}

static void a_chain_has_an_end(void **state)
{
	struct world *w = village();
	struct seckey *key[LIMIT_ROTATIONS + 3];
	struct roster *r;
	struct pubkey out;
	size_t n = LIMIT_ROTATIONS + 2;

	(void)state;
	for (size_t i = 0; i <= n; i++) {
		uint8_t seed[SEED_SIZE] = { 77, (uint8_t)i };

		assert_int_equal(seckey_from_seed(&key[i], seed), 0);
	}
	w->who[KEY] = w->who[LEA];
	for (size_t i = 0; i < n; i++) {
		struct world_rotate x = plain;
		struct seckey *old = w->key[KEY], *next = w->key[KEY2];

		x.from = KEY;
		x.to = KEY2;
		w->key[KEY] = i == 0 ? w->key[LEA] : key[i - 1];
		w->who[KEY] = seckey_pub(w->key[KEY]);
		w->key[KEY2] = key[i];
		w->who[KEY2] = seckey_pub(key[i]);
		world_rotate(w, LEA, &x);
		w->key[KEY] = old;
		w->key[KEY2] = next;
	}
	r = world_rotated(w);
	assert_true(roster_key_at(r, &out, &w->who[LEA], LIMIT_ROTATIONS));
	assert_false(roster_key_at(r, &out, &w->who[LEA], LIMIT_ROTATIONS + 1));
	roster_close(r);
	for (size_t i = 0; i <= n; i++)
		seckey_close(key[i]);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_member_goes_on_under_a_signed_key),
		UNIT(an_old_key_makes_no_more_feeds),
		UNIT(a_feed_opened_late_with_the_old_key_is_solved_for),
		UNIT(a_list_may_pin),
		UNIT(forged_signatures_are_nothing),
		UNIT(an_admission_goes_before),
		UNIT(keys_make_a_chain_and_no_ring),
		UNIT(of_two_the_admitter_chooses),
		UNIT(a_lost_key_waits_for_checkpoints),
		UNIT(a_release_raises_what_a_rotation_leaves),
		UNIT(a_release_makes_nothing_hers),
		UNIT(a_release_beyond_a_fork_is_not_heard),
		UNIT(only_who_is_above_replaces_a_lost_key),
		UNIT(a_dismissed_association_replaces_nothing),
		UNIT(who_is_admitted_elsewhere_is_nobodys_new_key),
		UNIT(the_associations_word_goes_before_a_thiefs),
		UNIT(an_association_admits_under_its_new_key),
		UNIT(a_lost_association_goes_on_under_the_key_named),
		UNIT(a_word_without_weight_is_in_nobodys_way),
		UNIT(one_key_follows_for_one_member),
		UNIT(a_founder_signs_for_itself),
		UNIT(digests_tell_of_rotations),
		UNIT(a_feed_of_nobody_says_nothing),
		UNIT(a_later_key_ends_older_feeds),
		UNIT(a_chain_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
