#include "proto/roster/amendment.h"
#include "tests/rotation_world.h"

/*
 * Random rotations, admissions and dismissals: whatever the order of arrival,
 * the answers are the same; and what is cut away was never there.
 */

enum { KEYS = 12, OPEN = 20, SAID = 40 };

static uint64_t rng;

static size_t below(size_t n)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return (size_t)((rng * 0x2545f4914f6cdd1dULL >> 33) % n);
}

/* Feeds 0 to 5 are of those who are likely to be members. */
static void say_rotate(struct world *w, const size_t *owner)
{
	struct world_rotate x = { .who = below(6) };

	x.from = below(3) > 0 ? x.who : below(KEYS);
	x.to = below(8) > 0 ? 6 + below(KEYS - 6) : below(KEYS);
	x.is_signed = below(2) == 0;
	if (below(10) == 0)
		x.old_signer = 1 + below(KEYS);
	for (size_t i = 0; i < OPEN && x.feeds_n < 3; i++)
		if (owner[i] == x.from && below(3) > 0)
			x.feeds[x.feeds_n++] = i;
	for (size_t i = 0; i < OPEN && x.pins_n < 3; i++)
		if (owner[i] == x.from && below(3) == 0)
			x.pins[x.pins_n++] = i;
	x.pin_seq = 1 + below(6);
	world_rotate(w, x.is_signed ? below(OPEN) : below(5), &x);
}

static struct world *make(void)
{
	struct world *w = world_open(1 + below(2));
	size_t owner[OPEN], admits[SAID + 8], who[SAID + 8], n = 0;

	for (size_t i = 0; i < OPEN; i++) {
		owner[i] = i < KEYS ? i : below(KEYS);
		world_open_as(w, i, owner[i], owner[i]);
	}
	for (size_t i = 2; i < 6; i++) {
		who[n] = i;
		admits[n++] = world_admit(w, i < 4 ? 0 : 2, i, i < 5);
	}
	for (size_t i = 0; i < SAID; i++) {
		size_t what = below(10), pick = below(n);

		if (what < 5) {
			say_rotate(w, owner);
		} else if (what < 7) {
			who[n] = below(KEYS);
			admits[n] = world_admit(w, below(OPEN), who[n],
						below(2) == 0);
			n++;
		} else if (what < 8) {
			world_dismiss_one(w, below(3), who[pick], admits[pick],
					  below(OPEN), below(5));
		} else if (what < 9) {
			world_amendment(w, below(OPEN));
		}
		if (below(4) == 0)
			for (size_t k = 0; k < ROTATION_CHECKPOINTS; k++)
				if (w->n < WORLD_ENTRIES - 4)
					world_checkpoint(w, below(2) * 2);
		if (w->n > WORLD_ENTRIES - 20)
			break;
	}
	return w;
}

static void is_the_same(const struct roster *a, const struct roster *b)
{
	struct id x = roster_digest(a), y = roster_digest(b);

	assert_memory_equal(&x, &y, sizeof(x));
	assert_int_equal(roster_amended(a, &x), roster_amended(b, &y));
	assert_int_equal(roster_count(a), roster_count(b));
	for (size_t i = 0; i < roster_count(a); i++) {
		const struct member *m = roster_at(a, i), *n = roster_at(b, i);

		assert_true(pubkey_eq(&m->identity, &n->identity));
		assert_true(pubkey_eq(&m->key, &n->key));
		assert_true(pubkey_eq(&m->admitter, &n->admitter));
		assert_int_equal(m->is_standing, n->is_standing);
	}
	assert_int_equal(roster_feed_count(a), roster_feed_count(b));
	for (size_t i = 0; i < roster_feed_count(a); i++) {
		const struct roster_feed *f = roster_feed_at(a, i);
		const struct roster_feed *g = roster_feed_at(b, i);

		assert_true(pubkey_eq(&f->identity, &g->identity));
		assert_int_equal(f->counted_to, g->counted_to);
		assert_true(id_eq(&f->pin, &g->pin));
	}
	assert_int_equal(roster_rotation_count(a), roster_rotation_count(b));
	for (size_t i = 0; i < roster_rotation_count(a); i++)
		assert_int_equal(roster_rotation_at(a, i).state,
				 roster_rotation_at(b, i).state);
}

/* Entries up to a place of one feed, or all; the feeds in a random order that
 * leaves the order inside each as it is. */
static struct roster *told_at_random(const struct world *w, size_t cut_feed,
				     uint64_t cut_to)
{
	struct roster *r = world_empty(w);
	uint64_t next[WORLD_FEEDS] = { 0 };
	size_t left = w->n;
	bool changed;

	while (left > 0) {
		size_t feed = below(OPEN), i = 0;

		if (next[feed] == w->seq[feed])
			continue;
		next[feed]++;
		left--;
		while (w->entry[i].e.seq != next[feed] ||
		       !pubkey_eq(&w->entry[i].e.feed, &w->feed[feed]))
			i++;
		if (feed == cut_feed && next[feed] > cut_to)
			continue;
		world_tell(w, r, i);
		assert_int_equal(
			roster_checkpointed(r, &changed, &w->entry[i].e), 0);
		if (below(8) == 0)
			assert_int_equal(roster_solve(r), 0);
	}
	assert_int_equal(roster_solve(r), 0);
	return r;
}

static size_t in_force, waits, overruled, moved, signed_n;

static void take_note(const struct roster *r)
{
	for (size_t i = 0; i < roster_rotation_count(r); i++) {
		struct rotation x = roster_rotation_at(r, i);

		in_force += x.state == ROTATION_IN_FORCE && !x.is_signed;
		signed_n += x.state == ROTATION_IN_FORCE && x.is_signed;
		waits += x.state == ROTATION_WAITS;
		overruled += x.state == ROTATION_OVERRULED;
	}
	for (size_t i = 0; i < roster_feed_count(r); i++) {
		const struct roster_feed *f = roster_feed_at(r, i);

		moved += !pubkey_eq(&f->identity, &f->certifier) &&
			 f->counted_to > 0;
	}
}

static void every_order_gives_one_answer(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 80; seed++) {
		struct roster *first;
		struct world *w;

		print_message("seed %llu\r", (unsigned long long)seed);
		rng = seed * 0x9e3779b97f4a7c15ULL;
		w = make();
		first = told_at_random(w, SIZE_MAX, 0);
		take_note(first);
		for (int i = 0; i < 8; i++) {
			size_t feed = 1 + below(OPEN - 1);
			uint64_t to = below(6);
			struct roster *r = told_at_random(w, SIZE_MAX, 0);
			struct roster *fresh = told_at_random(w, feed, to);

			is_the_same(first, r);
			roster_cut(r, &w->feed[feed], to);
			assert_int_equal(roster_solve(r), 0);
			is_the_same(fresh, r);
			roster_close(fresh);
			roster_close(r);
		}
		roster_close(first);
		world_close(w);
	}
	print_message("signed %zu, named %zu, waiting %zu, overruled %zu; %zu "
		      "feeds of later keys\n",
		      signed_n, in_force, waits, overruled, moved);
	assert_true(in_force > 5 && signed_n > 20 && waits > 10 &&
		    overruled > 20 && moved > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_order_gives_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
