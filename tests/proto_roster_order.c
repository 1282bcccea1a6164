#include "tests/roster_world.h"

#include <stdio.h>
#include <time.h>

/*
 * Random rosters: whatever the order of arrival the answers are the same, and
 * they are those of a second fold, written as plainly as the rules are told.
 */

enum { PEOPLE = 8, FEEDS = 12, SAID = 44, LISTED = 12 };

/* xorshift64*: small, and the same everywhere. */
static uint64_t rng;

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
	size_t by, feed, who; /* people; the author's feed */
	uint64_t seq;
	bool may, has_replaces;
	size_t replaces;
	size_t admits[LISTED], admits_n;
	struct position pins[LISTED]; /* of a release: the first */
	size_t pins_n;
};

/* One person as the plain fold sees it. */
struct seen {
	bool is_placed, stands, may;
	unsigned depth;
	size_t governs, dismissal; /* entries */
	uint64_t counted[FEEDS];
};

struct scenario {
	struct world *w;
	size_t founders;
	size_t owner[FEEDS];
	struct plain plain[WORLD_ENTRIES];
	struct seen seen[PEOPLE];
	bool valid[WORLD_ENTRIES], replaced[WORLD_ENTRIES],
		dismissed[WORLD_ENTRIES];
};

static void say_admit(struct scenario *s, struct plain *p)
{
	struct world_admit how = { .role = (enum role)below(6) };

	p->may = how.may_admit = below(4) > 0;
	if (below(4) == 0)
		for (size_t i = 0; i < s->w->n; i++)
			if (s->plain[i].kind == KIND_ADMIT &&
			    s->plain[i].who == p->who && below(2) == 0) {
				p->has_replaces = true;
				p->replaces = i;
				how.replaces = &s->w->entry[i].id;
			}
	world_admit_as(s->w, p->feed, p->who, &how);
}

static void pick_pins(struct scenario *s, struct plain *p, size_t n)
{
	for (size_t feed = 0; feed < FEEDS && p->pins_n < n; feed++)
		if (s->owner[feed] == p->who || below(12) == 0)
			p->pins[p->pins_n++] =
				world_position(s->w, feed, below(8));
}

static void say_dismiss(struct scenario *s, struct plain *p)
{
	for (size_t i = 0; i < s->w->n && p->admits_n < LISTED; i++)
		if (s->plain[i].kind == KIND_ADMIT &&
		    (s->plain[i].who == p->who ? below(4) > 0 : below(20) == 0))
			p->admits[p->admits_n++] = i;
	if (p->admits_n == 0)
		p->admits[p->admits_n++] = 0;
	pick_pins(s, p, below(5));
	world_dismiss(s->w, p->feed, p->who, p->admits, p->admits_n, p->pins,
		      p->pins_n);
}

static void say_release(struct scenario *s, struct plain *p)
{
	size_t feed = below(FEEDS);

	p->pins[0] = world_position(s->w, feed, below(12));
	world_release(s->w, p->feed, p->who, feed, p->pins[0].seq);
}

static enum kind pick_kind(void)
{
	size_t what = below(10);

	if (what < 4)
		return KIND_ADMIT;
	return what < 9 ? KIND_DISMISS : KIND_RELEASE;
}

/* Those high up dismiss, those below them admit, most of the time. */
static void say_something(struct scenario *s)
{
	struct plain *p = &s->plain[s->w->n];

	*p = (struct plain){ .kind = pick_kind(), .who = below(PEOPLE) };
	if (below(3) == 0)
		p->feed = below(FEEDS);
	else
		p->feed = p->kind == KIND_ADMIT ? 1 + below(5) : below(3);
	p->by = s->owner[p->feed];
	p->seq = s->w->seq[p->feed] + 1;
	if (p->kind == KIND_ADMIT)
		say_admit(s, p);
	else if (p->kind == KIND_DISMISS)
		say_dismiss(s, p);
	else
		say_release(s, p);
}

static void make(struct scenario *s)
{
	memset(s, 0, sizeof(*s));
	s->founders = 1 + below(2);
	s->w = world_open(s->founders);
	for (size_t i = 0; i < FEEDS; i++) {
		s->owner[i] = i < PEOPLE ? i : below(PEOPLE);
		s->plain[s->w->n] = (struct plain){ .kind = KIND_OPEN };
		world_open_as(s->w, i, s->owner[i], s->owner[i]);
	}
	/* something that is likely to hold, then anything */
	for (size_t i = s->founders; i < 4; i++) {
		struct plain *p = &s->plain[s->w->n];

		*p = (struct plain){ .kind = KIND_ADMIT,
				     .may = true,
				     .who = i };
		p->seq = s->w->seq[0] + 1;
		world_admit(s->w, 0, i, true);
	}
	for (size_t i = 0; i < SAID; i++)
		say_something(s);
}

/* The plain fold. */

static bool heard(const struct scenario *s, const struct plain *p)
{
	return s->seen[p->by].is_placed &&
	       p->seq <= s->seen[p->by].counted[p->feed];
}

static bool is_under(const struct scenario *s, size_t who, size_t above)
{
	for (size_t i = 0; i < s->w->n; i++)
		if (s->valid[i] && s->plain[i].who == who &&
		    (s->plain[i].by == above ||
		     is_under(s, s->plain[i].by, above)))
			return true;
	return false;
}

/* Is admission i taken away by dismissal p? */
static bool takes(const struct scenario *s, const struct plain *p, size_t i)
{
	const struct plain *a = &s->plain[i];

	if (!s->valid[i] || a->who != p->who || !heard(s, p))
		return false;
	for (size_t k = 0; k < p->admits_n; k++)
		if (p->admits[k] == i)
			return a->by == p->by || is_under(s, a->by, p->by);
	return false;
}

static bool is_before(const struct scenario *s, size_t i, size_t k)
{
	const struct plain *x = &s->plain[i], *y = &s->plain[k];
	int c = pubkey_cmp(&s->w->who[x->by], &s->w->who[y->by]);

	return c < 0 ||
	       (c == 0 && id_cmp(&s->w->entry[i].id, &s->w->entry[k].id) < 0);
}

static void plain_pins(struct scenario *s, struct seen *p, size_t who)
{
	const struct plain *d = &s->plain[p->dismissal];

	for (size_t feed = 0; feed < FEEDS; feed++) {
		p->counted[feed] = 0;
		for (size_t i = 0; i < d->pins_n; i++)
			if (pubkey_eq(&d->pins[i].feed, &s->w->feed[feed]))
				p->counted[feed] = d->pins[i].seq;
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *r = &s->plain[i];

			if (r->kind != KIND_RELEASE || r->who != who ||
			    (r->by != d->by && !is_under(s, d->by, r->by)) ||
			    !heard(s, r) ||
			    !pubkey_eq(&r->pins[0].feed, &s->w->feed[feed]))
				continue;
			if (r->pins[0].seq > p->counted[feed])
				p->counted[feed] = r->pins[0].seq;
		}
	}
}

static void plain_judge(struct scenario *s, size_t who)
{
	struct seen *p = &s->seen[who];
	size_t n = s->w->n, best = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct plain *a = &s->plain[i];

		if (s->valid[i] && a->who == who && a->has_replaces &&
		    s->valid[a->replaces] && s->plain[a->replaces].by == a->by)
			s->replaced[a->replaces] = true;
	}
	p->dismissal = SIZE_MAX;
	for (size_t d = 0; d < n; d++) {
		const struct plain *x = &s->plain[d], *y;
		bool any = false;

		if (x->kind != KIND_DISMISS || x->who != who)
			continue;
		for (size_t i = 0; i < n; i++)
			if (takes(s, x, i))
				any = s->dismissed[i] = true;
		if (!any)
			continue;
		y = p->dismissal == SIZE_MAX ? NULL : &s->plain[p->dismissal];
		if (y == NULL || s->seen[x->by].depth < s->seen[y->by].depth ||
		    (s->seen[x->by].depth == s->seen[y->by].depth &&
		     id_cmp(&s->w->entry[d].id, &s->w->entry[p->dismissal].id) <
			     0))
			p->dismissal = d;
	}
	for (int round = 0; round < 2 && best == SIZE_MAX; round++)
		for (size_t i = 0; i < n; i++)
			if (s->valid[i] && s->plain[i].who == who &&
			    !s->replaced[i] &&
			    s->dismissed[i] == (round == 1) &&
			    (best == SIZE_MAX || is_before(s, i, best)))
				best = i;
	p->governs = best;
	p->stands = !s->dismissed[best];
	p->may = s->plain[best].may;
	for (size_t feed = 0; feed < FEEDS; feed++)
		p->counted[feed] = UINT64_MAX;
	if (!p->stands)
		plain_pins(s, p, who);
}

static void plain_fold(struct scenario *s)
{
	for (size_t i = 0; i < s->founders; i++) {
		s->seen[i] = (struct seen){ true,     true,     true, 0,
					    SIZE_MAX, SIZE_MAX, { 0 } };
		for (size_t feed = 0; feed < FEEDS; feed++)
			s->seen[i].counted[feed] = UINT64_MAX;
	}
	for (unsigned d = 0; d < PEOPLE; d++) {
		for (size_t i = 0; i < s->w->n; i++) {
			const struct plain *a = &s->plain[i];
			struct seen *by = &s->seen[a->by];
			struct seen *who = &s->seen[a->who];

			if (a->kind != KIND_ADMIT || !by->is_placed ||
			    by->depth != d || !by->may || !heard(s, a) ||
			    (who->is_placed && who->depth <= d))
				continue;
			s->valid[i] = true;
			who->is_placed = true;
			who->depth = d + 1;
		}
		for (size_t i = 0; i < PEOPLE; i++)
			if (s->seen[i].is_placed && s->seen[i].depth == d + 1)
				plain_judge(s, i);
	}
}

static void agrees_with_plain_fold(const struct scenario *s,
				   const struct roster *r)
{
	size_t placed = 0;

	for (size_t i = 0; i < PEOPLE; i++) {
		const struct seen *p = &s->seen[i];
		const struct member *m = roster_member(r, &s->w->who[i]);

		assert_int_equal(m != NULL, p->is_placed);
		if (m == NULL)
			continue;
		placed++;
		assert_int_equal(m->depth, p->depth);
		assert_int_equal(m->is_standing, p->stands);
		assert_int_equal(m->may_admit, p->may);
		if (p->depth > 0)
			assert_true(
				pubkey_eq(&m->admitter,
					  &s->w->who[s->plain[p->governs].by]));
		for (size_t k = 0; k < PEOPLE; k++)
			assert_int_equal(roster_is_below(r, &s->w->who[i],
							 &s->w->who[k]),
					 is_under(s, i, k));
	}
	assert_int_equal(roster_count(r), placed);
	for (size_t feed = 0; feed < FEEDS; feed++) {
		const struct seen *p = &s->seen[s->owner[feed]];

		assert_int_equal(world_counted(s->w, r, feed),
				 p->is_placed ? p->counted[feed] : 0);
	}
}

/* All that a roster answers. */
static void is_the_same(const struct scenario *s, const struct roster *a,
			const struct roster *b)
{
	struct id x = roster_digest(a), y = roster_digest(b);

	assert_memory_equal(&x, &y, sizeof(x));
	assert_int_equal(roster_count(a), roster_count(b));
	for (size_t i = 0; i < roster_count(a); i++) {
		const struct member *m = roster_at(a, i), *n = roster_at(b, i);

		assert_true(pubkey_eq(&m->identity, &n->identity));
		assert_true(pubkey_eq(&m->admitter, &n->admitter));
		assert_true(pubkey_eq(&m->association, &n->association));
		assert_int_equal(m->depth, n->depth);
		assert_int_equal(m->role, n->role);
		assert_int_equal(m->may_admit, n->may_admit);
		assert_int_equal(m->is_standing, n->is_standing);
		for (size_t k = 0; k < PEOPLE; k++)
			assert_int_equal(roster_is_vouched(a, &m->identity,
							   &s->w->who[k]),
					 roster_is_vouched(b, &m->identity,
							   &s->w->who[k]));
	}
	assert_int_equal(roster_feed_count(a), roster_feed_count(b));
	for (size_t i = 0; i < roster_feed_count(a); i++) {
		const struct roster_feed *f = roster_feed_at(a, i);
		const struct roster_feed *g = roster_feed_at(b, i);

		assert_true(pubkey_eq(&f->feed, &g->feed));
		assert_int_equal(f->counted_to, g->counted_to);
		assert_true(id_eq(&f->pin, &g->pin));
	}
}

static void shuffle(size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = below(i), t = order[i - 1];

		order[i - 1] = order[k];
		order[k] = t;
	}
}

/* Told in a random order, solved now and then; and right after every moment
 * at which roster_add says that it needs no solving. */
static struct roster *told_at_random(const struct scenario *s)
{
	size_t order[WORLD_ENTRIES];
	struct roster *r = world_empty(s->w);

	shuffle(order, s->w->n);
	for (size_t i = 0; i < s->w->n; i++) {
		world_tell(s->w, r, order[i]);
		if (below(6) == 0)
			assert_int_equal(roster_solve(r), 0);
	}
	assert_int_equal(roster_solve(r), 0);
	return r;
}

/* What a cut leaves is what is left when the entries never came. */
static void cut_is_never_having_heard(const struct scenario *s,
				      struct roster *r)
{
	size_t feed = 1 + below(FEEDS - 1);
	uint64_t upto = below(4);
	struct roster *fresh = world_empty(s->w);

	for (size_t i = 0; i < s->w->n; i++)
		if (!pubkey_eq(&s->w->entry[i].e.feed, &s->w->feed[feed]) ||
		    s->w->entry[i].e.seq <= upto)
			world_tell(s->w, fresh, i);
	assert_int_equal(roster_solve(fresh), 0);
	roster_cut(r, &s->w->feed[feed], upto);
	assert_int_equal(roster_solve(r), 0);
	is_the_same(s, r, fresh);
	roster_close(fresh);
}

static void every_order_gives_the_plain_answers(void **state)
{
	static struct scenario s;
	uint64_t start = 0x4d61696c6c6f6eULL;

	(void)state;
	for (uint64_t seed = start; seed < start + 60; seed++) {
		struct roster *first;

		print_message("seed %llu\r", (unsigned long long)seed);
		rng = seed;
		make(&s);
		plain_fold(&s);
		first = world_roster(s.w);
		agrees_with_plain_fold(&s, first);
		for (int i = 0; i < 20; i++) {
			struct roster *r = told_at_random(&s);

			is_the_same(&s, first, r);
			cut_is_never_having_heard(&s, r);
			roster_close(r);
		}
		roster_close(first);
		world_close(s.w);
	}
}

/* Scenarios that never dismiss or place anybody would prove little. */
static void scenarios_are_eventful(void **state)
{
	static struct scenario s;
	size_t placed = 0, out = 0, deep = 0, counted = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		rng = seed * 0x9e3779b97f4a7c15ULL;
		make(&s);
		plain_fold(&s);
		for (size_t i = 0; i < PEOPLE; i++) {
			placed += s.seen[i].is_placed;
			out += s.seen[i].is_placed && !s.seen[i].stands;
			deep += s.seen[i].depth > 1;
		}
		for (size_t i = 0; i < FEEDS; i++) {
			const struct seen *p = &s.seen[s.owner[i]];

			counted += p->is_placed && p->counted[i] > 0 &&
				   p->counted[i] < UINT64_MAX;
		}
		world_close(s.w);
	}
	assert_true(placed > 60 * 6);
	assert_true(out > 60);
	assert_true(deep > 60);
	assert_true(counted > 60);
}

/* A network as large as planned for, made without signatures. */

enum { MANY = 10000 };

struct crowd {
	struct roster *r;
	struct pubkey who[MANY];
	uint64_t seq[MANY];
	uint64_t n;
};

static struct id number(uint64_t a, uint64_t b)
{
	uint64_t x[2] = { a, b };

	return hash_id(x, sizeof(x));
}

/* Entry of person's feed, which has the person's own name. */
static void crowd_say(struct crowd *c, size_t person, struct record *rec)
{
	uint8_t facts[1024];
	struct entry e = { .feed = c->who[person], .kind = rec->kind };
	struct id id = number(1, c->n++);
	bool changed;
	size_t n;

	assert_int_equal(record_encode(rec, facts, sizeof(facts), &n), 0);
	e.seq = ++c->seq[person];
	e.prev = *roster_network(c->r);
	e.facts = facts;
	e.facts_n = n;
	assert_int_equal(roster_readd(c->r, &changed, &e, &id), 0);
	if (rec->kind == KIND_OPEN && person > 0)
		assert_false(changed);
}

static void crowd_open(struct crowd *c, size_t person, const struct world *w)
{
	struct sig cert = { { 1 } };
	struct record rec;

	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, c->who[person].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, c->who[person].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	if (person == 0)
		record_set_bytes(&rec, FACT_CHARTER, w->charter_raw,
				 w->charter_n);
	crowd_say(c, person, &rec);
}

static void crowd_admit(struct crowd *c, size_t by, size_t who)
{
	struct record rec;

	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, c->who[who].b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, "someone", 7);
	record_set_bytes(&rec, FACT_PLACE, "FR", 2);
	record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	crowd_say(c, by, &rec);
}

static struct crowd *crowd_make(const struct world *w)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->r = world_empty(w);
	for (size_t i = 0; i < MANY; i++) {
		struct id id = number(2, i);

		memcpy(c->who[i].b, id.b, KEY_SIZE);
	}
	c->who[0] = w->who[0];
	crowd_open(c, 0, w);
	assert_int_equal(roster_solve(c->r), 0);
	for (size_t i = 1; i < MANY; i++)
		crowd_open(c, i, w);
	return c;
}

#ifdef __has_feature
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif

/* Milliseconds of processor that a solve may take: what a quadratic one needs
 * many times over, on this machine and on a slow one. */
static double patience_ms(void)
{
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer) || \
	!defined(__OPTIMIZE__)
	return 5000;
#else
	return 200;
#endif
}

static void solve_in_time(struct crowd *c, const char *what)
{
	clock_t start = clock();
	double ms;

	assert_int_equal(roster_solve(c->r), 0);
	ms = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC;
	print_message("%s: solved in %.1f ms\n", what, ms);
	if (ms > patience_ms())
		fail_msg("%s: %.0f ms", what, ms);
}

static void crowd_close(struct crowd *c)
{
	roster_close(c->r);
	free(c);
}

static void ten_thousand_are_admitted_in_time(void **state)
{
	struct world *w = world_open(1);
	struct crowd *c = crowd_make(w);

	(void)state;
	for (size_t i = 1; i < MANY; i++)
		crowd_admit(c, i <= 100 ? 0 : 1 + i % 100, i);
	solve_in_time(c, "a hundred associations");
	assert_int_equal(roster_count(c->r), MANY);
	assert_int_equal(roster_member(c->r, &c->who[9999])->depth, 2);
	crowd_close(c);
	world_close(w);
}

static void a_chain_of_ten_thousand_is_followed(void **state)
{
	struct world *w = world_open(1);
	struct crowd *c = crowd_make(w);
	struct id id = number(1, 0);
	uint8_t raw[64];
	struct record rec;
	struct wr wr;

	(void)state;
	for (size_t i = 1; i < MANY; i++)
		crowd_admit(c, i - 1, i);
	/* the founder dismisses the last one, so all of it is climbed */
	id = number(1, c->n - 1);
	wr_init(&wr, raw, sizeof(raw));
	wr_array(&wr, 1);
	wr_bin(&wr, id.b, ID_SIZE);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, c->who[MANY - 1].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, raw, wr.n);
	crowd_say(c, 0, &rec);
	solve_in_time(c, "a chain");
	assert_int_equal(roster_count(c->r), MANY);
	assert_int_equal(roster_member(c->r, &c->who[MANY - 1])->depth,
			 MANY - 1);
	assert_false(roster_member(c->r, &c->who[MANY - 1])->is_standing);
	assert_true(roster_is_below(c->r, &c->who[MANY - 2], &c->who[0]));
	assert_false(roster_is_below(c->r, &c->who[0], &c->who[MANY - 2]));
	crowd_close(c);
	world_close(w);
}

/* Levels of ten, each admitted by all ten above: 10^200 ways up. */
static void many_admitters_on_every_level_are_climbed_once(void **state)
{
	struct world *w = world_open(1);
	struct crowd *c = crowd_make(w);
	clock_t start;

	(void)state;
	for (size_t i = 1; i <= 10; i++)
		crowd_admit(c, 0, i);
	for (size_t i = 11; i <= 2000; i++)
		for (size_t k = 1; k <= 10; k++)
			crowd_admit(c, (i - 1) / 10 * 10 - 10 + k, i);
	solve_in_time(c, "ten admitters each");
	assert_int_equal(roster_member(c->r, &c->who[2000])->depth, 200);
	start = clock();
	assert_false(roster_is_below(c->r, &c->who[2000], &c->who[5000]));
	assert_true(roster_is_below(c->r, &c->who[2000], &c->who[1]));
	assert_true(roster_is_below(c->r, &c->who[2000], &c->who[10]));
	assert_false(roster_is_vouched(c->r, &c->who[2000], &c->who[0]));
	assert_true(roster_is_vouched(c->r, &c->who[2000], &c->who[1999]));
	assert_true((double)(clock() - start) * 1000 / CLOCKS_PER_SEC <
		    patience_ms());
	crowd_close(c);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_order_gives_the_plain_answers),
		UNIT(scenarios_are_eventful),
		UNIT(ten_thousand_are_admitted_in_time),
		UNIT(a_chain_of_ten_thousand_is_followed),
		UNIT(many_admitters_on_every_level_are_climbed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
