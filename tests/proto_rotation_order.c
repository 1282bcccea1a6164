#include "proto/roster/amendment.h"
#include "tests/rotation_world.h"

#include <limits.h>

/*
 * Random rotations, admissions and dismissals: whatever the order of arrival,
 * the answers are the same, and they are those of a second fold, written as
 * plainly as the rules are told; and what is cut away was never there.
 */

enum { KEYS = 12, OPEN = 20, SAID = 46 };

static uint64_t rng;
static size_t released;

static size_t below(size_t n)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return (size_t)((rng * 0x2545f4914f6cdd1dULL >> 33) % n);
}

/* An entry as it was made. */
struct plain {
	enum kind kind;
	size_t feed, who, from, to;
	uint64_t seq;
	bool may, is_signed;
	size_t admit; /* of a dismissal: the one entry it lists */
	size_t feeds[4], feeds_n, pins[4], pins_n;
	uint64_t pin_seq;
};

/* One key as the plain fold sees it. */
struct seen {
	bool is_placed, stands, may;
	unsigned depth;
	size_t admitter, dismissal; /* a key; an entry */
	size_t chain[KEYS], chain_n;
};

struct scenario {
	struct world *w;
	size_t founders;
	size_t owner[OPEN];
	struct plain plain[WORLD_ENTRIES];
	/* the plain fold */
	size_t root[KEYS]; /* whose later key, or itself */
	bool is_void[WORLD_ENTRIES], was_named[WORLD_ENTRIES];
	bool is_heard[WORLD_ENTRIES]; /* it stood in a member's feed once */
	bool will_void[WORLD_ENTRIES];
	bool named[WORLD_ENTRIES], valid[WORLD_ENTRIES], gone[WORLD_ENTRIES];
	bool agreed[WORLD_ENTRIES], was_agreed[WORLD_ENTRIES];
	struct seen seen[KEYS];
	uint64_t bar[OPEN];
};

static void say_rotate_as(struct scenario *s, size_t feed,
			  struct world_rotate x)
{
	struct plain *p = &s->plain[s->w->n];

	for (size_t i = 0; i < OPEN && x.feeds_n < 3; i++)
		if (s->owner[i] == x.from && below(3) > 0)
			x.feeds[x.feeds_n++] = i;
	for (size_t i = 0; i < OPEN && x.pins_n < 3; i++)
		if (s->owner[i] == x.from && below(3) == 0)
			x.pins[x.pins_n++] = i;
	x.pin_seq = 1 + below(6);
	*p = (struct plain){ .kind = KIND_ROTATE,
			     .feed = feed,
			     .who = x.who,
			     .from = x.from,
			     .to = x.to,
			     .feeds_n = x.feeds_n,
			     .pins_n = x.pins_n,
			     .pin_seq = x.pin_seq };
	p->is_signed = x.is_signed &&
		       (x.old_signer == 0 || x.old_signer - 1 == x.from);
	memcpy(p->feeds, x.feeds, sizeof(p->feeds));
	memcpy(p->pins, x.pins, sizeof(p->pins));
	p->seq = s->w->seq[p->feed] + 1;
	world_rotate(s->w, p->feed, &x);
}

/* Feeds 0 to 5 are of those who are likely to be members. */
static void say_rotate(struct scenario *s)
{
	struct world_rotate x = { .who = below(6) };

	x.from = below(3) > 0 ? x.who : below(KEYS);
	x.to = below(8) > 0 ? 6 + below(KEYS - 6) : below(KEYS);
	x.is_signed = below(2) == 0;
	if (below(10) == 0)
		x.old_signer = 1 + below(KEYS);
	say_rotate_as(s, x.is_signed ? below(OPEN) : below(5), x);
}

static void say_admit(struct scenario *s, size_t feed, size_t who, bool may)
{
	s->plain[s->w->n] = (struct plain){ .kind = KIND_ADMIT,
					    .feed = feed,
					    .who = who,
					    .may = may,
					    .seq = s->w->seq[feed] + 1 };
	world_admit(s->w, feed, who, may);
}

static void say_dismiss(struct scenario *s)
{
	struct plain *p = &s->plain[s->w->n];
	size_t i = below(s->w->n);

	while (s->plain[i].kind != KIND_ADMIT)
		i = below(s->w->n);
	*p = (struct plain){ .kind = KIND_DISMISS,
			     .feed = below(3),
			     .who = s->plain[i].who,
			     .admit = i,
			     .pins = { below(OPEN) },
			     .pin_seq = below(5) };
	p->seq = s->w->seq[p->feed] + 1;
	world_dismiss_one(s->w, p->feed, p->who, i, p->pins[0], p->pin_seq);
}

/* Of a key that is followed; by the next one, or somebody. */
static void say_release(struct scenario *s)
{
	struct plain *p = &s->plain[s->w->n];
	const struct plain *x = &s->plain[below(s->w->n)];

	for (int i = 0; i < 50 && x->kind != KIND_ROTATE; i++)
		x = &s->plain[below(s->w->n)];
	*p = (struct plain){ .kind = KIND_RELEASE,
			     .feed = below(2) == 0 ? x->to : below(OPEN),
			     .who = x->who,
			     .pins = { below(4) > 0 ? x->from : below(OPEN) },
			     .pin_seq = 1 + below(8) };
	if (below(3) == 0)
		p->feed = below(3);
	p->seq = s->w->seq[p->feed] + 1;
	world_release(s->w, p->feed, p->who, p->pins[0], p->pin_seq);
}

static void say_checkpoints(struct scenario *s, size_t feed)
{
	for (size_t k = 0; k < ROTATION_CHECKPOINTS; k++) {
		if (s->w->n >= WORLD_ENTRIES - 4)
			return;
		s->plain[s->w->n] =
			(struct plain){ .kind = KIND_CHECKPOINT,
					.feed = feed,
					.seq = s->w->seq[feed] + 1 };
		world_checkpoint(s->w, feed);
	}
}

/* Most of the founders name a key of one of them, some of them twice. */
static void say_agreed(struct scenario *s)
{
	struct world_rotate x = { .who = below(s->founders) };

	x.from = below(3) > 0 ? x.who : 6 + below(KEYS - 6);
	x.to = 6 + below(KEYS - 6);
	for (size_t i = 0; i < s->founders + 1; i++) {
		size_t feed = i < s->founders ? i : below(OPEN);

		if (below(6) == 0 || s->w->n >= WORLD_ENTRIES - 40)
			continue;
		say_rotate_as(s, feed, x);
		if (below(6) > 0)
			say_checkpoints(s, feed);
	}
}

static void say_something(struct scenario *s)
{
	size_t what = below(13);

	if (what > 10) {
		say_release(s);
	} else if (what == 10) {
		say_agreed(s);
	} else if (what < 5) {
		say_rotate(s);
	} else if (what < 7) {
		say_admit(s, below(OPEN), below(KEYS), below(2) == 0);
	} else if (what < 8) {
		say_dismiss(s);
	} else if (what < 9) {
		s->plain[s->w->n].kind = KIND_CHARTER;
		world_amendment(s->w, below(OPEN));
	}
	if (below(4) == 0)
		say_checkpoints(s, below(2) * 2);
}

static struct world *make(struct scenario *s)
{
	memset(s, 0, sizeof(*s));
	s->founders = 1 + below(4);
	s->w = world_open(s->founders);
	for (size_t i = 0; i < OPEN; i++) {
		s->owner[i] = i < KEYS ? i : below(KEYS);
		s->plain[s->w->n].kind = KIND_OPEN;
		world_open_as(s->w, i, s->owner[i], s->owner[i]);
	}
	for (size_t i = 2; i < 6; i++)
		say_admit(s, i < 4 ? 0 : 2, i, i < 5);
	for (size_t i = 0; i < SAID && s->w->n < WORLD_ENTRIES - 20; i++)
		say_something(s);
	return s->w;
}

/* The plain fold: the rules as they are told, and no thought of speed. */

static bool heard(const struct scenario *s, const struct plain *p);
static bool is_under(const struct scenario *s, size_t who, size_t above);

static size_t author(const struct scenario *s, const struct plain *p)
{
	return s->root[s->owner[p->feed]];
}

/* Is this a release of who by `by`, or by somebody above that one? */
static bool is_release(const struct scenario *s, const struct plain *p,
		       size_t who, size_t by)
{
	size_t a = author(s, p);

	return p->kind == KIND_RELEASE && p->who == who &&
	       s->seen[a].is_placed && s->seen[a].depth < s->seen[who].depth &&
	       (a == by || is_under(s, by, a)) && heard(s, p);
}

static uint64_t counted(const struct scenario *s, size_t who, size_t feed)
{
	const struct seen *m = &s->seen[who];
	uint64_t n = UINT64_MAX;

	if (!m->is_placed)
		return 0;
	if (!m->stands) {
		const struct plain *d = &s->plain[m->dismissal];

		n = d->pins[0] == feed ? d->pin_seq : 0;
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *p = &s->plain[i];

			if (p->pins[0] == feed && p->pin_seq > n &&
			    is_release(s, p, who, author(s, d)))
				n = p->pin_seq;
		}
	}
	return n < s->bar[feed] ? n : s->bar[feed];
}

static bool heard(const struct scenario *s, const struct plain *p)
{
	return p->seq <= counted(s, author(s, p), p->feed);
}

static bool is_under(const struct scenario *s, size_t who, size_t above)
{
	for (size_t i = 0; i < s->w->n; i++)
		if (s->valid[i] && s->plain[i].who == who &&
		    (author(s, &s->plain[i]) == above ||
		     is_under(s, author(s, &s->plain[i]), above)))
			return true;
	return false;
}

static bool id_before(const struct scenario *s, size_t i, size_t k)
{
	return id_cmp(&s->w->entry[i].id, &s->w->entry[k].id) < 0;
}

static bool is_signed(const struct scenario *s, size_t i)
{
	return s->plain[i].is_signed && s->is_heard[i];
}

static bool is_twin(const struct plain *a, const struct plain *b)
{
	return a->who == b->who && a->from == b->from && a->to == b->to;
}

static bool is_named(const struct scenario *s, size_t i)
{
	const struct plain *p = &s->plain[i];
	const struct seen *m = &s->seen[p->who];
	size_t by = author(s, p), n = 0;

	if (m->depth == 0)
		return s->agreed[i];
	if (!s->seen[by].is_placed ||
	    (by != m->admitter && !is_under(s, m->admitter, by)) ||
	    !heard(s, p))
		return false;
	for (size_t k = 0; k < s->w->n; k++) {
		const struct plain *x = &s->plain[k];

		if (x->kind == KIND_ROTATE && is_signed(s, k) && is_twin(x, p))
			return true;
		n += x->kind == KIND_CHECKPOINT && x->feed == p->feed &&
		     x->seq > p->seq && heard(s, x);
	}
	return n >= ROTATION_CHECKPOINTS;
}

static bool is_in(const struct seen *m, size_t key)
{
	for (size_t i = 0; i < m->chain_n; i++)
		if (m->chain[i] == key)
			return true;
	return false;
}

/* Does rotation i go before k, which may be none? */
static bool goes_before(const struct scenario *s, const bool *named, size_t i,
			size_t k)
{
	unsigned x, y;

	if (k == SIZE_MAX || named[i] != named[k])
		return k == SIZE_MAX || named[i];
	x = s->seen[author(s, &s->plain[i])].depth;
	y = s->seen[author(s, &s->plain[k])].depth;
	if (named[i] && x != y)
		return x < y;
	return id_before(s, i, k);
}

static void plain_chain(struct seen *m, const struct scenario *s,
			const bool *named, size_t who)
{
	size_t best;

	m->chain[0] = who;
	m->chain_n = 1;
	do {
		best = SIZE_MAX;
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *p = &s->plain[i];

			if (p->kind == KIND_ROTATE && p->who == who &&
			    p->from == m->chain[m->chain_n - 1] &&
			    !s->is_void[i] && (is_signed(s, i) || named[i]) &&
			    p->to != who && s->root[p->to] == who &&
			    !is_in(m, p->to) && goes_before(s, named, i, best))
				best = i;
		}
		if (best != SIZE_MAX)
			m->chain[m->chain_n++] = s->plain[best].to;
	} while (best != SIZE_MAX);
}

/* What a rotation lets count of a feed. */
static uint64_t leaves(const struct plain *p, size_t feed)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->pins_n; i++)
		if (p->pins[i] == feed)
			n = p->pin_seq;
	for (size_t i = 0; i < p->feeds_n; i++)
		if (p->feeds[i] == feed)
			n = UINT64_MAX;
	return n;
}

/* How far the chain lets a feed count. */
static uint64_t plain_bar(const struct scenario *s, const struct seen *m,
			  const bool *named, size_t feed)
{
	uint64_t bar = UINT64_MAX;
	bool is_past = false;

	for (size_t c = 0; c + 1 < m->chain_n; c++) {
		uint64_t best = 0;

		is_past = is_past || m->chain[c] == s->owner[feed];
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *p = &s->plain[i];
			uint64_t n;

			if (p->kind != KIND_ROTATE || p->who != m->chain[0] ||
			    p->from != m->chain[c] ||
			    p->to != m->chain[c + 1] ||
			    !(is_signed(s, i) || named[i]))
				continue;
			n = leaves(p, feed);
			best = n > best ? n : best;
		}
		if (is_past && best < bar)
			bar = best;
	}
	return is_in(m, s->owner[feed]) ? bar : 0;
}

/* How far a feed is heard while nobody is placed, and a word in it. */
static uint64_t early(const struct scenario *s, size_t feed)
{
	struct seen m = { 0 };

	plain_chain(&m, s, s->was_agreed, s->root[s->owner[feed]]);
	return plain_bar(s, &m, s->was_agreed, feed);
}

/* Is rotation i the word of founder v, and ripe? */
static bool is_word(const struct scenario *s, size_t i, size_t v)
{
	const struct plain *p = &s->plain[i];
	uint64_t upto;
	size_t n = 0;

	if (p->kind != KIND_ROTATE || s->is_void[i] || author(s, p) != v ||
	    p->who == v)
		return false;
	upto = early(s, p->feed);
	if (p->seq > upto)
		return false;
	for (size_t k = 0; k < s->w->n; k++) {
		const struct plain *x = &s->plain[k];

		if (x->kind == KIND_ROTATE && is_signed(s, k) && is_twin(x, p))
			return true;
		n += x->kind == KIND_CHECKPOINT && x->feed == p->feed &&
		     x->seq > p->seq && x->seq <= upto;
	}
	return n >= ROTATION_CHECKPOINTS;
}

/* Which keys of founders the others have named. */
static void plain_agree(struct scenario *s)
{
	static bool word[WORLD_ENTRIES][KEYS];
	size_t n = s->w->n;

	for (size_t i = 0; i < n; i++)
		for (size_t v = 0; v < s->founders; v++)
			word[i][v] = is_word(s, i, v);
	for (size_t i = 0; i < n; i++) {
		size_t voices = 0;

		if (s->plain[i].kind != KIND_ROTATE ||
		    s->plain[i].who >= s->founders)
			continue;
		for (size_t v = 0; v < s->founders; v++) {
			bool said = false;

			for (size_t k = 0; k < n; k++)
				said = said ||
				       (word[k][v] &&
					is_twin(&s->plain[k], &s->plain[i]));
			voices += said;
		}
		for (size_t v = 0; v < s->founders; v++)
			if (2 * voices > s->founders && word[i][v])
				s->agreed[i] = true;
	}
}

/* Does this release what a rotation barred? */
static bool unbars(const struct scenario *s, const struct plain *p, size_t who)
{
	const struct seen *m = &s->seen[who];

	if (p->kind != KIND_RELEASE || p->who != who)
		return false;
	if (author(s, p) == who)
		return s->owner[p->feed] == m->chain[m->chain_n - 1] &&
		       heard(s, p);
	return m->depth > 0 && is_release(s, p, who, m->admitter);
}

static void plain_release(struct scenario *s, size_t who)
{
	for (size_t i = 0; i < s->w->n; i++) {
		const struct plain *p = &s->plain[i];
		size_t feed = p->pins[0];

		if (unbars(s, p, who) && s->root[s->owner[feed]] == who &&
		    is_in(&s->seen[who], s->owner[feed]) &&
		    p->pin_seq > s->bar[feed]) {
			s->bar[feed] = p->pin_seq;
			released++;
		}
	}
}

static void plain_keys(struct scenario *s, size_t who)
{
	for (size_t i = 0; i < s->w->n; i++)
		if (s->plain[i].kind == KIND_ROTATE && s->plain[i].who == who)
			s->named[i] = is_named(s, i);
	plain_chain(&s->seen[who], s, s->named, who);
	for (size_t feed = 0; feed < OPEN; feed++)
		if (s->root[s->owner[feed]] == who)
			s->bar[feed] =
				plain_bar(s, &s->seen[who], s->named, feed);
	plain_release(s, who);
}

static bool takes(const struct scenario *s, const struct plain *d, size_t who)
{
	const struct plain *a = &s->plain[d->admit];
	size_t by = author(s, d);

	return d->kind == KIND_DISMISS && d->who == who &&
	       s->seen[by].depth < s->seen[who].depth && heard(s, d) &&
	       s->valid[d->admit] &&
	       (author(s, a) == by || is_under(s, author(s, a), by));
}

static void plain_judge(struct scenario *s, size_t who)
{
	struct seen *m = &s->seen[who];
	size_t best = SIZE_MAX;

	m->dismissal = SIZE_MAX;
	for (size_t i = 0; i < s->w->n; i++) {
		unsigned x, y;

		if (!takes(s, &s->plain[i], who))
			continue;
		s->gone[s->plain[i].admit] = true;
		x = s->seen[author(s, &s->plain[i])].depth;
		y = m->dismissal == SIZE_MAX
			    ? UINT_MAX
			    : s->seen[author(s, &s->plain[m->dismissal])].depth;
		if (x < y || (x == y && id_before(s, i, m->dismissal)))
			m->dismissal = i;
	}
	for (size_t i = 0; i < s->w->n; i++) {
		int c;

		if (!s->valid[i] || s->plain[i].who != who)
			continue;
		if (best == SIZE_MAX || s->gone[best] != s->gone[i]) {
			best = best == SIZE_MAX || s->gone[best] ? i : best;
			continue;
		}
		c = pubkey_cmp(&s->w->who[author(s, &s->plain[i])],
			       &s->w->who[author(s, &s->plain[best])]);
		if (c < 0 || (c == 0 && id_before(s, i, best)))
			best = i;
	}
	m->stands = !s->gone[best];
	m->may = s->plain[best].may;
	m->admitter = author(s, &s->plain[best]);
	plain_keys(s, who);
}

/* One pass; what it found of admitted later keys is void from now on. */
static bool plain_pass(struct scenario *s)
{
	bool found = false;

	memset(s->seen, 0, sizeof(s->seen));
	memset(s->valid, 0, sizeof(s->valid));
	memset(s->gone, 0, sizeof(s->gone));
	memset(s->bar, 0xff, sizeof(s->bar));
	memset(s->named, 0, sizeof(s->named));
	for (size_t i = 0; i < s->founders; i++)
		s->seen[i] = (struct seen){ .is_placed = true,
					    .stands = true,
					    .may = true };
	for (size_t i = 0; i < s->founders; i++)
		plain_keys(s, i);
	for (unsigned d = 0; d < KEYS; d++) {
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *a = &s->plain[i];
			struct seen *by = &s->seen[author(s, a)];
			struct seen *who = &s->seen[a->who];

			if (a->kind != KIND_ADMIT || !by->is_placed ||
			    by->depth != d || !by->may || !heard(s, a) ||
			    (who->is_placed && who->depth <= d))
				continue;
			for (size_t k = 0; k < s->w->n; k++)
				if (s->plain[k].kind == KIND_ROTATE &&
				    s->plain[k].to == a->who &&
				    s->root[a->who] != a->who) {
					found = found || !s->is_void[k];
					s->will_void[k] = true;
				}
			if (s->root[a->who] != a->who)
				continue;
			s->valid[i] = true;
			who->is_placed = true;
			who->depth = d + 1;
		}
		for (size_t i = 0; i < KEYS; i++)
			if (s->seen[i].is_placed && s->seen[i].depth == d + 1)
				plain_judge(s, i);
	}
	return found;
}

static void plain_roots(struct scenario *s)
{
	for (size_t key = 0; key < KEYS; key++) {
		size_t best = SIZE_MAX;

		s->root[key] = key;
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *p = &s->plain[i];

			if (p->kind != KIND_ROTATE || p->to != key ||
			    p->who == key || s->is_void[i] ||
			    !(is_signed(s, i) || s->was_named[i]))
				continue;
			if (best == SIZE_MAX ||
			    (is_signed(s, i) != is_signed(s, best)
				     ? is_signed(s, i)
				     : id_before(s, i, best)))
				best = i;
		}
		if (best != SIZE_MAX)
			s->root[key] = s->plain[best].who;
	}
}

/* Whose the feeds of a key are: of the member in whose chain it is. */
static size_t member_of(const struct scenario *s, size_t key)
{
	return is_in(&s->seen[s->root[key]], key) ? s->root[key] : key;
}

static void plain_fold(struct scenario *s)
{
	bool again = true;

	for (size_t key = 0; key < KEYS; key++)
		s->root[key] = key;
	for (int pass = 0; pass < 16 && again; pass++) {
		if (pass > 0)
			plain_roots(s);
		memset(s->seen, 0, sizeof(s->seen));
		memcpy(s->was_agreed, s->agreed, sizeof(s->agreed));
		memset(s->agreed, 0, sizeof(s->agreed));
		plain_agree(s);
		again = plain_pass(s) || pass == 0;
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *p = &s->plain[i];

			if (p->kind != KIND_ROTATE)
				continue;
			if (s->will_void[i] || (s->root[p->to] == p->to &&
						s->seen[p->to].is_placed)) {
				again = again || !s->is_void[i];
				s->is_void[i] = true;
			}
			if (p->is_signed && !s->is_heard[i] &&
			    s->seen[member_of(s, s->owner[p->feed])].is_placed)
				again = s->is_heard[i] = true;
			again = again || s->was_named[i] != s->named[i];
			s->was_named[i] = s->named[i];
		}
	}
}

static void agrees_with_plain_fold(const struct scenario *s,
				   const struct roster *r)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct seen *m = &s->seen[i];
		const struct member *x = roster_member(r, &s->w->who[i]);
		struct pubkey key;

		if (!m->is_placed) {
			assert_true(x == NULL ||
				    !pubkey_eq(&x->identity, &s->w->who[i]));
			continue;
		}
		assert_non_null(x);
		assert_int_equal(x->depth, m->depth);
		assert_int_equal(x->is_standing, m->stands);
		assert_int_equal(x->may_admit, m->may);
		for (size_t k = 0; k < m->chain_n; k++) {
			assert_true(roster_key_at(r, &key, &s->w->who[i], k));
			assert_true(pubkey_eq(&key, &s->w->who[m->chain[k]]));
		}
		assert_false(roster_key_at(r, &key, &s->w->who[i], m->chain_n));
	}
	for (size_t feed = 0; feed < OPEN; feed++) {
		size_t who = s->root[s->owner[feed]];

		assert_int_equal(world_counted(s->w, r, feed),
				 counted(s, who, feed));
	}
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

static size_t in_force, waits, overruled, moved, signed_n, agreed;

static void take_note(const struct roster *r)
{
	for (size_t i = 0; i < roster_rotation_count(r); i++) {
		struct rotation x = roster_rotation_at(r, i);

		in_force += x.state == ROTATION_IN_FORCE && !x.is_signed;
		signed_n += x.state == ROTATION_IN_FORCE && x.is_signed;
		waits += x.state == ROTATION_WAITS;
		agreed += x.state == ROTATION_IN_FORCE && !x.is_signed &&
			  roster_member(r, &x.who)->depth == 0;
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
		static struct scenario s;
		struct roster *first;
		struct world *w;

		print_message("seed %llu\r", (unsigned long long)seed);
		rng = seed * 0x9e3779b97f4a7c15ULL;
		w = make(&s);
		plain_fold(&s);
		first = told_at_random(w, SIZE_MAX, 0);
		agrees_with_plain_fold(&s, first);
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
	print_message("signed %zu, named %zu (%zu of founders), waiting %zu, "
		      "overruled %zu; %zu feeds of later keys, %zu releases\n",
		      signed_n, in_force, agreed, waits, overruled, moved,
		      released);
	assert_true(agreed > 5 && released > 8);
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
