#include "proto/session/session.h"

#include "proto/session/pack.h"
#include "tests/memnode.h"
#include "tests/unit.h"

/* Two nodes and the connection between them; a is the founder, b dials. */
struct pair {
	struct memnode a, b;
	struct mempeer *pa, *pb;
};

/* Take the flags out of the HELLO on its way to p; false when it is not the
 * next frame. */
static bool mem_mute_hello(struct mempeer *p)
{
	struct memframe *f = &p->in[p->in_at];
	uint8_t frame[1024];
	struct msg m;
	size_t n;

	if (p->in_n == 0 || msg_decode(&m, f->p, f->n) != 0 ||
	    m.type != MSG_HELLO)
		return false;
	m.u.hello.flags = 0;
	assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
	assert_int_equal(n, f->n);
	memcpy(f->p, frame, n);
	return true;
}

static void pair_start(struct pair *p)
{
	session_start(p->pa->s, p->a.now_ms);
	session_start(p->pb->s, p->b.now_ms);
	mem_run(p->pa);
}

static void pair_connect(struct pair *p)
{
	mem_connect(&p->b, &p->a, &p->pb, &p->pa, 7);
	pair_start(p);
}

/* The same two, after the connection was lost. */
static void pair_again(struct pair *p)
{
	mem_disconnect(p->pa);
	pair_connect(p);
}

/* b is admitted by a, and nothing has been exchanged. */
static void pair_make(struct pair *p)
{
	mem_found(&p->a, 1, false);
	mem_newcomer(&p->b, 2, &p->a);
	mem_admit(&p->a, &p->b.who, false);
}

static void pair_close(struct pair *p)
{
	mem_disconnect(p->pa);
	mem_release(&p->a);
	mem_release(&p->b);
}

static void assert_in_step(const struct pair *p)
{
	assert_true(mem_same(&p->a, &p->b));
	assert_int_equal(session_state(p->pa->s), SESSION_LIVE);
	assert_int_equal(session_state(p->pb->s), SESSION_LIVE);
	assert_true(session_in_step(p->pa->s));
	assert_true(session_in_step(p->pb->s));
}

/* Both know that only a change can help. */
static void assert_stuck(const struct pair *p)
{
	assert_true(session_is_stuck(p->pa->s));
	assert_true(session_is_stuck(p->pb->s));
	assert_in_range(p->pa->stuck, 1, 2);
	assert_in_range(p->pb->stuck, 1, 2);
}

static void assert_one_differs(const struct mempeer *side,
			       const struct session_differ *want)
{
	struct session_differ got[SESSION_DIFFERS];
	bool roster;

	assert_int_equal(session_differs(side->s, &roster, got), 1);
	assert_int_equal(roster, want->is_evidence);
	assert_true(pubkey_eq(&got[0].feed, &want->feed));
	assert_int_equal(got[0].is_evidence, want->is_evidence);
	assert_int_equal(got[0].here, want->here);
	assert_int_equal(got[0].there, want->there);
}

/* And both name the feed of which a holds so much, and b so much. */
static void assert_differs(const struct pair *p, const struct pubkey *feed,
			   uint64_t at_a, uint64_t at_b)
{
	struct session_differ x = { *feed, false, at_a, at_b };

	assert_one_differs(p->pa, &x);
	x.here = at_b;
	x.there = at_a;
	assert_one_differs(p->pb, &x);
}

static uint64_t frames_in(const struct mempeer *p)
{
	return session_stats(p->s).bytes_in;
}

static void two_members_exchange_all_they_have(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	for (int i = 0; i < 20; i++) {
		mem_produce(&p.a, 10);
		mem_produce(&p.b, 10);
	}
	pair_connect(&p);
	assert_int_equal(p.b.feeds_n, 2);
	assert_in_step(&p);
	assert_int_equal(session_stats(p.pa->s).entries_in, 21);
	assert_int_equal(session_stats(p.pb->s).entries_in, 22);
	assert_int_equal(p.pa->met, 1);
	assert_int_equal(p.pa->in_step, 1);
	assert_memory_equal(session_peer(p.pa->s)->identity.b, p.b.who.b, 32);
	pair_close(&p);
}

static void equal_hellos_are_all_that_is_said(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	pair_again(&p);
	assert_in_step(&p);
	/* One HELLO each way, and days of silence. */
	assert_true(frames_in(p.pa) < 260 && frames_in(p.pb) < 260);
	for (int i = 0; i < 50; i++)
		mem_wait(p.pa, 3600000);
	assert_true(frames_in(p.pa) < 260 && frames_in(p.pb) < 260);
	assert_in_step(&p);
	assert_true(session_due(p.pa->s) == UINT64_MAX);
	pair_close(&p);
}

static void long_feeds_take_many_windows(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	for (int i = 0; i < 120; i++)
		mem_produce(&p.a, 30000);
	pair_connect(&p);
	assert_in_step(&p);
	assert_true(session_stats(p.pb->s).bytes_in > 3 * SESSION_WINDOW);
	/* Where a feed goes on from frame to frame, too. */
	assert_true(p.b.foretold >= 50);
	assert_true(p.b.flushes >= 6);
	pair_close(&p);
}

static void one_frame_carries_many_small_feeds(void **state)
{
	enum { FEEDS = 300 };
	struct memnode *m = calloc(FEEDS, sizeof(*m));
	struct pair p;

	(void)state;
	assert_non_null(m);
	pair_make(&p);
	for (unsigned i = 0; i < FEEDS; i++) {
		mem_newcomer(&m[i], 100 + i, &p.a);
		mem_admit_quietly(&p.a, &m[i].who, false);
		mem_give(&p.a, &m[i], &m[i].feed);
	}
	mem_tell(&p.a);
	pair_connect(&p);
	assert_in_step(&p);
	assert_int_equal(p.b.feeds_n, FEEDS + 2);
	/* FETCH twice and a handful of frames, not one for each feed. */
	assert_true(p.pb->frames < 20);
	/* What is behind the first of a frame is known before its turn. */
	assert_true(p.b.foretold >= SESSION_AHEAD);
	assert_int_equal(p.b.ahead_n, 0);
	for (unsigned i = 0; i < FEEDS; i++)
		mem_release(&m[i]);
	free(m);
	pair_close(&p);
}

/* A network of many feeds, which both hold. */
enum { MANY = 300 };

static struct memnode *many_make(struct pair *p)
{
	struct memnode *m = calloc(MANY, sizeof(*m));

	assert_non_null(m);
	pair_make(p);
	for (unsigned i = 0; i < MANY; i++) {
		mem_newcomer(&m[i], 100 + i, &p->a);
		mem_admit_quietly(&p->a, &m[i].who, false);
		mem_give(&p->a, &m[i], &m[i].feed);
	}
	mem_tell(&p->a);
	pair_connect(p);
	assert_in_step(p);
	return m;
}

static void many_release(struct memnode *m, struct pair *p)
{
	for (unsigned i = 0; i < MANY; i++)
		mem_release(&m[i]);
	free(m);
	pair_close(p);
}

/* Some of the feeds get longer, here and there, and one of them on both sides,
 * here more than there. */
static void many_move(struct memnode *m, struct pair *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct memnode *to = i % 2 == 0 ? &p->a : &p->b;

		mem_produce(&m[i], 20);
		mem_give(to, &m[i], &m[i].feed);
	}
	mem_give(&p->b, &m[0], &m[0].feed);
	mem_produce(&m[0], 20);
	mem_give(&p->a, &m[0], &m[0].feed);
	mem_tell(&p->a);
	mem_tell(&p->b);
}

static uint64_t both_ways(const struct pair *p)
{
	struct session_stats stats = session_stats(p->pa->s);

	return stats.bytes_in + stats.bytes_out;
}

/* Reconnecting costs what changed, not what there is. */
static const struct {
	unsigned changed;
	bool has_cursors;
	uint64_t most; /* bytes both ways, the entries included */
} moves[] = {
	{ 1, false, 1250 },     { 10, false, 3700 },   { 100, false, 31500 },
	{ MANY, false, 90000 }, { 1, true, 950 },      { 10, true, 2300 },
	{ 100, true, 22000 },   { MANY, true, 65000 },
};

static void reconnecting_costs_what_changed(void **state)
{
	struct pair p;
	struct memnode *m = many_make(&p);

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(moves); k++) {
		mem_disconnect(p.pa);
		if (!moves[k].has_cursors)
			p.a.cursors_n = 0;
		many_move(m, &p, moves[k].changed);
		pair_connect(&p);
		assert_in_step(&p);
		assert_in_range(both_ways(&p), 1, moves[k].most);
		assert_int_equal(p.pa->stuck + p.pb->stuck, 0);
	}
	many_release(m, &p);
}

/* Cursors that are not true: of a ledger that was put back, of one that was
 * made anew, from before and from after what is. */
static const struct {
	int64_t arrival; /* added */
	uint32_t end;
	uint8_t instance; /* changed by that */
} wrongs[] = {
	{ -100, 0, 0 }, { -1, 100, 0 },        { 1, 1000, 0 },
	{ 500, 10, 0 }, { -5, UINT32_MAX, 1 }, { 0, UINT32_MAX, 0 },
};

static void a_wrong_cursor_is_harmless(void **state)
{
	struct pair p;
	struct memnode *m = many_make(&p);

	(void)state;
	for (size_t k = 0; k < 2 * ARRAY_LEN(wrongs); k++) {
		struct memnode *at = k % 2 == 0 ? &p.a : &p.b;
		struct session_cursor *c;

		mem_disconnect(p.pa);
		assert_int_equal(at->cursors_n, 1);
		c = &at->cursors[0].at;
		c->peer.arrival = (uint64_t)((int64_t)c->peer.arrival +
					     wrongs[k / 2].arrival);
		c->peer.instance[0] ^= wrongs[k / 2].instance;
		c->end = wrongs[k / 2].end;
		many_move(m, &p, 12);
		/* A peer that lost what came last, and has had as much since
		 * from elsewhere: the numbers are the same. */
		pair_connect(&p);
		assert_in_step(&p);
		assert_int_equal(p.pa->bye, -1);
		assert_int_equal(p.pb->bye, -1);
	}
	many_release(m, &p);
}

/* What came to a ledger before a cursor and was not told then, as after it was
 * put back from an older copy, is found by the digests. */
static void what_a_cursor_hides_the_digests_show(void **state)
{
	struct pair p;
	struct memnode *m = many_make(&p);
	struct memfeed *f;

	(void)state;
	mem_disconnect(p.pa);
	many_move(m, &p, 20);
	for (unsigned i = 2; i < 20; i++) {
		f = mem_feed(i % 2 == 0 ? &p.a : &p.b, &m[i].feed);
		f->arrival = 1;
	}
	pair_connect(&p);
	assert_in_step(&p);
	many_release(m, &p);
}

/* While a peer answers, another brings the same: what follows is taken, even of
 * an answer that leaves out what it follows. */
static void an_answer_that_came_by_another_way_is_no_loss(void **state)
{
	struct pair p;
	struct memnode *m = many_make(&p);

	(void)state;
	for (unsigned bring = 0; bring <= 3; bring++) {
		uint8_t raw[3][LIMIT_ENTRY];
		const struct memfeed *f;

		mem_disconnect(p.pa);
		mem_produce(&m[0], 20);
		mem_produce(&m[0], 20);
		mem_produce(&m[0], 20);
		mem_give(&p.a, &m[0], &m[0].feed);
		mem_tell(&p.a);
		mem_connect(&p.b, &p.a, &p.pb, &p.pa, 7);
		session_start(p.pb->s, p.b.now_ms);
		session_start(p.pa->s, p.a.now_ms);
		/* Up to FETCH, and not the answer. */
		while (p.pb->asked == 0)
			assert_true(mem_deliver(p.pa) || mem_deliver(p.pb));
		f = mem_feed(&p.a, &m[0].feed);
		for (unsigned i = 0; i < bring; i++) {
			uint64_t at = f->n - 3 + i;
			struct entry e;

			memcpy(raw[i], f->raw[at], f->raw_n[at]);
			assert_int_equal(entry_decode(&e, raw[i], f->raw_n[at]),
					 0);
			mem_append(&p.b, &e);
		}
		mem_run(p.pa);
		mem_tell(&p.b);
		mem_run(p.pa);
		mem_wait(p.pa, SESSION_QUIET_MS);
		assert_in_step(&p);
		assert_int_equal(p.pa->bye, -1);
		assert_int_equal(p.pb->forks + p.pb->asides, 0);
	}
	many_release(m, &p);
}

/* Two associations below the founder, each with makers. */
enum { SIDES = 2, EACH = 12 };

struct sides {
	struct memnode head[SIDES], maker[SIDES][EACH];
};

static struct sides *sides_make(struct pair *p)
{
	struct sides *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	pair_make(p);
	for (unsigned k = 0; k < SIDES; k++) {
		struct memnode *head = &d->head[k];

		mem_newcomer(head, 400 + k, &p->a);
		mem_admit_quietly(&p->a, &head->who, true);
		mem_give(head, &p->a, &p->a.feed);
		for (unsigned i = 0; i < EACH; i++) {
			mem_newcomer(&d->maker[k][i], 500 + 50 * k + i, &p->a);
			mem_admit_quietly(head, &d->maker[k][i].who, false);
			mem_produce(&d->maker[k][i], 10);
		}
		mem_give(&p->a, head, &head->feed);
		for (unsigned i = 0; i < EACH; i++)
			mem_give(&p->a, &d->maker[k][i], &d->maker[k][i].feed);
	}
	mem_tell(&p->a);
	return d;
}

static void sides_release(struct sides *d, struct pair *p)
{
	for (unsigned k = 0; k < SIDES; k++) {
		mem_release(&d->head[k]);
		for (unsigned i = 0; i < EACH; i++)
			mem_release(&d->maker[k][i]);
	}
	free(d);
	pair_close(p);
}

static void follow(struct memnode *m, const struct memnode *whom)
{
	m->scope.who[m->scope.n++] = whom->who;
	if (m->scope.n == 2 &&
	    pubkey_cmp(&m->scope.who[0], &m->scope.who[1]) > 0) {
		struct pubkey first = m->scope.who[1];

		m->scope.who[1] = m->scope.who[0];
		m->scope.who[0] = first;
	}
}

static void assert_both_in_step(const struct pair *p)
{
	assert_true(session_in_step(p->pa->s));
	assert_true(session_in_step(p->pb->s));
	assert_int_equal(p->pa->stuck + p->pb->stuck, 0);
	assert_int_equal(p->pa->bye, -1);
}

/* Whoever dials: what only one follows is not even told. */
static void a_follower_is_told_what_it_follows(void **state)
{
	struct pair p;
	struct sides *d = sides_make(&p);

	(void)state;
	follow(&p.b, &d->head[0]);
	pair_connect(&p);
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_both_in_step(&p);
	/* The founder, two associations, one side's makers, its own. */
	assert_int_equal(p.b.feeds_n, 3 + EACH + 1);
	assert_non_null(mem_feed(&p.a, &p.b.feed));
	/* Live, and after a reconnection, on either side of the scope. */
	for (unsigned k = 0; k < SIDES; k++) {
		for (unsigned live = 0; live < 2; live++) {
			struct memnode *m = &d->maker[k][0];

			if (live == 0)
				mem_disconnect(p.pa);
			mem_produce(m, 10);
			mem_give(&p.a, m, &m->feed);
			mem_tell(&p.a);
			if (live == 0)
				pair_connect(&p);
			mem_run(p.pa);
			mem_wait(p.pa, SESSION_QUIET_MS);
			assert_both_in_step(&p);
		}
	}
	assert_int_equal(mem_feed(&p.b, &d->maker[0][0].feed)->n, 4);
	assert_null(mem_feed(&p.b, &d->maker[1][0].feed));
	/* The founder holds the rest beside it. */
	assert_false(mem_same(&p.a, &p.b));
	/* Who follows more finds what it left out, in spite of its cursor. */
	mem_disconnect(p.pa);
	follow(&p.b, &d->head[1]);
	pair_connect(&p);
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_both_in_step(&p);
	assert_true(mem_same(&p.a, &p.b));
	/* The other side is dialled, and follows some. */
	mem_disconnect(p.pa);
	p.a.scope = (struct msg_scope){ .n = 0 };
	follow(&p.a, &d->head[0]);
	for (unsigned k = 0; k < SIDES; k++) {
		mem_produce(&d->maker[k][1], 10);
		mem_give(&p.b, &d->maker[k][1], &d->maker[k][1].feed);
	}
	mem_tell(&p.b);
	pair_connect(&p);
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_both_in_step(&p);
	assert_int_equal(mem_feed(&p.a, &d->maker[0][1].feed)->n, 3);
	assert_int_equal(mem_feed(&p.a, &d->maker[1][1].feed)->n, 2);
	sides_release(d, &p);
}

/* Two that follow different ones agree on what both follow. */
static void followers_of_different_ones_end_in_step(void **state)
{
	struct pair p;
	struct sides *d = sides_make(&p);

	(void)state;
	pair_connect(&p);
	assert_in_step(&p);
	mem_disconnect(p.pa);
	follow(&p.a, &d->head[0]);
	follow(&p.b, &d->head[1]);
	for (unsigned i = 0; i < EACH; i++) {
		mem_produce(&d->maker[0][i], 10);
		mem_give(&p.a, &d->maker[0][i], &d->maker[0][i].feed);
		mem_produce(&d->maker[1][i], 10);
		mem_give(&p.b, &d->maker[1][i], &d->maker[1][i].feed);
	}
	mem_produce(&p.a, 10);
	mem_tell(&p.b);
	for (unsigned k = 0; k < 2; k++) {
		pair_connect(&p);
		mem_wait(p.pa, SESSION_QUIET_MS);
		assert_both_in_step(&p);
		assert_int_equal(mem_feed(&p.b, &p.a.feed)->n,
				 mem_feed(&p.a, &p.a.feed)->n);
		for (unsigned i = 0; i < EACH; i++) {
			assert_int_equal(
				mem_feed(&p.b, &d->maker[0][i].feed)->n, 2);
			assert_int_equal(
				mem_feed(&p.a, &d->maker[1][i].feed)->n, 2);
		}
		if (k == 0)
			mem_disconnect(p.pa);
	}
	sides_release(d, &p);
}

/* One that knows neither walks nor cursors is listed to. */
static void a_peer_of_few_words_ends_in_step(void **state)
{
	struct pair p;
	struct memnode *m = many_make(&p);

	(void)state;
	mem_disconnect(p.pa);
	many_move(m, &p, 10);
	mem_connect(&p.b, &p.a, &p.pb, &p.pa, 7);
	session_start(p.pb->s, p.b.now_ms);
	session_start(p.pa->s, p.a.now_ms);
	assert_true(mem_mute_hello(p.pa));
	assert_true(mem_deliver(p.pa));
	assert_true(mem_mute_hello(p.pb));
	mem_run(p.pa);
	assert_in_step(&p);
	many_release(m, &p);
}

static void a_move_is_pushed_with_its_entries(void **state)
{
	struct pair p;
	uint64_t before;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	before = frames_in(p.pb);
	mem_produce(&p.a, 50);
	assert_false(session_in_step(p.pa->s));
	mem_run(p.pa);
	/* One frame brought it; DIGEST waits until it is quiet. */
	assert_true(mem_same(&p.a, &p.b));
	assert_true(frames_in(p.pb) - before < 300);
	assert_int_equal(session_due(p.pa->s), p.a.now_ms + SESSION_QUIET_MS);
	mem_wait(p.pa, SESSION_QUIET_MS - 1);
	assert_false(session_in_step(p.pa->s));
	mem_wait(p.pa, 1);
	assert_in_step(&p);
	pair_close(&p);
}

static void a_big_move_is_a_hint_first(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	mem_produce(&p.a, SESSION_PUSH_MAX);
	mem_run(p.pa);
	assert_true(mem_same(&p.a, &p.b));
	/* Asked for, so counted among what was wanted. */
	assert_int_equal(p.pb->asked, 2);
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_in_step(&p);
	pair_close(&p);
}

static void a_burst_is_pushed_in_a_row(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	for (int i = 0; i < 30; i++) {
		mem_produce(&p.b, 100);
		mem_run(p.pa);
	}
	assert_true(mem_same(&p.a, &p.b));
	assert_int_equal(p.pa->asked, 1);
	pair_close(&p);
}

/* While the pipe is full, moves become one. */
static void a_blocked_peer_costs_no_queue(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	p.pb->pipe = 0;
	for (int i = 0; i < 200; i++)
		mem_produce(&p.a, 10);
	assert_int_equal(p.pb->in_n, 0);
	p.pb->pipe = MEM_QUEUE;
	session_writable(p.pa->s, p.a.now_ms);
	assert_int_equal(p.pb->in_n, 1);
	mem_run(p.pa);
	assert_true(mem_same(&p.a, &p.b));
	pair_close(&p);
}

/* What a peer brought is not told back to it. */
static void nothing_echoes(void **state)
{
	struct pair p;
	uint64_t before;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	before = frames_in(p.pb);
	mem_produce(&p.b, 50);
	mem_run(p.pa);
	assert_int_equal(frames_in(p.pb), before);
	pair_close(&p);
}

/* First single entries, whose credit is not given back at once, then more than
 * a window of them. */
static void credit_kept_back_strands_no_answer(void **state)
{
	(void)state;
	for (int first = 14; first < 20; first++) {
		struct pair p;

		pair_make(&p);
		pair_connect(&p);
		for (int i = 0; i < first; i++) {
			mem_produce(&p.a, 30000);
			mem_run(p.pa);
		}
		assert_true(mem_same(&p.a, &p.b));
		for (int i = 0; i < 60; i++)
			mem_produce(&p.a, 30000);
		mem_run(p.pa);
		assert_true(mem_same(&p.a, &p.b));
		pair_close(&p);
	}
}

static void a_put_off_flush_holds_back_digest_and_credit(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	for (int i = 0; i < 80; i++)
		mem_produce(&p.a, 30000);
	p.b.is_lazy = true;
	pair_connect(&p);
	/* The window and not a byte more. */
	assert_true(session_stats(p.pa->s).bytes_out <
		    SESSION_WINDOW + LIMIT_FRAME);
	assert_false(session_in_step(p.pa->s));
	p.b.is_lazy = false;
	session_writable(p.pb->s, p.b.now_ms);
	mem_run(p.pa);
	assert_in_step(&p);
	pair_close(&p);
}

static void take_over_invite(struct memnode *m, const struct memnode *from,
			     uint8_t buf[static LIMIT_ENTRY + 8])
{
	struct wr w;
	size_t n;
	int err;

	wr_init(&w, buf, LIMIT_ENTRY + 8);
	wr_bin(&w, m->open, m->open_n);
	err = wr_end(&w, &n);
	assert_int_equal(err, 0);
	m->join = (struct msg_join){ .proof = from->secret,
				     .label = "maker",
				     .place = "FR-88",
				     .entries = { .count = 1 } };
	rd_init(&m->join.entries.rd, buf, n);
	m->has_join = true;
}

static void an_automatic_invite_admits_at_once(void **state)
{
	uint8_t buf[LIMIT_ENTRY + 8];
	struct pair p;

	(void)state;
	mem_found(&p.a, 1, false);
	mem_newcomer(&p.b, 2, &p.a);
	p.a.is_auto = true;
	mem_produce(&p.b, 10);
	take_over_invite(&p.b, &p.a, buf);
	pair_connect(&p);
	assert_int_equal(p.pb->joined, JOINED_ADMITTED);
	assert_in_step(&p);
	assert_int_equal(p.a.feeds_n, 2);
	pair_close(&p);
}

static void who_waits_is_told_when_accepted(void **state)
{
	uint8_t buf[LIMIT_ENTRY + 8];
	struct pair p;

	(void)state;
	mem_found(&p.a, 1, false);
	mem_newcomer(&p.b, 2, &p.a);
	take_over_invite(&p.b, &p.a, buf);
	pair_connect(&p);
	assert_int_equal(p.pb->joined, JOINED_WAITING);
	assert_int_equal(session_state(p.pb->s), SESSION_JOINING);
	assert_int_equal(session_state(p.pa->s), SESSION_JOINING);
	assert_int_equal(p.b.feeds_n, 1);
	mem_wait(p.pa, 24 * 3600000);
	mem_admit(&p.a, &p.b.who, false);
	mem_run(p.pa);
	assert_int_equal(p.pb->joined, JOINED_ADMITTED);
	assert_in_step(&p);
	pair_close(&p);
}

static void a_wrong_secret_is_no_invite(void **state)
{
	uint8_t buf[LIMIT_ENTRY + 8];
	struct pair p;

	(void)state;
	mem_found(&p.a, 1, false);
	mem_newcomer(&p.b, 2, &p.a);
	take_over_invite(&p.b, &p.a, buf);
	p.b.join.proof.b[0] ^= 1;
	pair_connect(&p);
	assert_int_equal(p.pb->joined, JOINED_UNKNOWN);
	assert_int_equal(p.a.feeds_n, 1);
	assert_int_equal(p.b.feeds_n, 1);
	pair_close(&p);
}

static void a_stranger_is_told_and_gets_nothing(void **state)
{
	struct pair p;

	(void)state;
	mem_found(&p.a, 1, false);
	mem_newcomer(&p.b, 2, &p.a);
	pair_connect(&p);
	assert_int_equal(p.pb->joined, JOINED_STRANGER);
	assert_int_equal(session_state(p.pb->s), SESSION_JOINING);
	assert_int_equal(session_stats(p.pa->s).entries_out, 0);
	mem_admit(&p.a, &p.b.who, false);
	mem_run(p.pa);
	assert_int_equal(p.pb->joined, JOINED_ADMITTED);
	assert_in_step(&p);
	pair_close(&p);
}

static void a_stranger_pulls_from_a_public_network(void **state)
{
	struct pair p;

	(void)state;
	mem_found(&p.a, 1, true);
	mem_newcomer(&p.b, 2, &p.a);
	mem_produce(&p.a, 10);
	pair_connect(&p);
	assert_in_step(&p);
	assert_int_equal(p.a.feeds_n, 1);
	/* And again, when it knows whom it asks and is still not known. */
	for (unsigned i = 0; i < 3; i++) {
		mem_disconnect(p.pa);
		mem_produce(&p.a, 10);
		pair_connect(&p);
		assert_in_step(&p);
		assert_int_equal(p.a.feeds_n, 1);
	}
	pair_close(&p);
}

/* The founder admits c, who then meets b without the founder: b learns of the
 * admission from c itself. */
static void a_member_brings_its_own_admission(void **state)
{
	struct memnode c;
	struct pair p, q;

	(void)state;
	memset(&q, 0, sizeof(q));
	pair_make(&p);
	pair_connect(&p);
	mem_newcomer(&c, 3, &p.a);
	mem_disconnect(p.pa);
	mem_admit(&p.a, &c.who, false);
	mem_give(&c, &p.a, &p.a.feed);
	mem_give(&c, &p.b, &p.b.feed);
	mem_tell(&c);
	mem_connect(&c, &p.b, &q.pb, &q.pa, 9);
	pair_start(&q);
	assert_true(mem_same(&c, &p.b));
	assert_true(session_in_step(q.pa->s) && session_in_step(q.pb->s));
	assert_int_equal(p.b.feeds_n, 3);
	mem_disconnect(q.pa);
	mem_release(&c);
	mem_release(&p.a);
	mem_release(&p.b);
}

/* The same node key on two machines: different entries at one seq. */
static void a_fork_is_told_and_does_not_loop(void **state)
{
	struct memnode twin;
	struct pair p;
	uint64_t before;

	(void)state;
	pair_make(&p);
	mem_newcomer(&twin, 2, &p.a);
	pair_connect(&p);
	mem_disconnect(p.pa);
	/* b goes on with seq 2; the twin has another seq 2 and a 3. */
	mem_produce(&p.b, 10);
	mem_produce(&twin, 11);
	mem_produce(&twin, 12);
	mem_give(&p.a, &twin, &twin.feed);
	pair_connect(&p);
	assert_true(p.pb->forks >= 1 || p.pa->forks >= 1);
	assert_int_equal(p.pb->aside_err, ERR_CONFLICT);
	assert_true(p.pa->stuck + p.pb->stuck >= 1);
	assert_false(session_in_step(p.pa->s));
	assert_int_equal(session_state(p.pa->s), SESSION_LIVE);
	assert_stuck(&p);
	assert_differs(&p, &p.b.feed, 3, 2);
	/* Other feeds go on. */
	before = p.b.feeds[1].n;
	mem_produce(&p.a, 10);
	mem_run(p.pa);
	assert_int_equal(p.b.feeds[1].n, before + 1);
	for (int i = 0; i < 20; i++)
		mem_wait(p.pa, 500);
	before = frames_in(p.pa) + frames_in(p.pb);
	for (int i = 0; i < 20; i++)
		mem_wait(p.pa, 500);
	assert_int_equal(frames_in(p.pa) + frames_in(p.pb), before);
	mem_release(&twin);
	pair_close(&p);
}

static void heads_of_one_seq_and_two_ids_are_a_fork(void **state)
{
	struct memnode twin;
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_newcomer(&twin, 2, &p.a);
	mem_produce(&p.b, 10);
	mem_produce(&twin, 11);
	mem_give(&p.a, &twin, &twin.feed);
	pair_connect(&p);
	assert_int_equal(p.pa->forks, 1);
	assert_int_equal(p.pb->forks, 1);
	assert_int_equal(session_stats(p.pa->s).aside, 1);
	pair_close(&p);
	mem_release(&twin);
}

/* As when somebody names another chain. */
static void cut(struct memnode *m, const struct pubkey *feed, uint64_t seq)
{
	struct memfeed *f = mem_feed(m, feed);

	while (f->n > seq)
		free(f->raw[--f->n]);
	f->arrival = ++m->arrival;
}

/* The other chain is looked for, and when it comes there is nothing left from
 * which it parts. */
static void what_is_cut_while_it_is_looked_for_comes(void **state)
{
	struct memnode c, twin;
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_newcomer(&c, 3, &p.a);
	mem_newcomer(&twin, 3, &p.a);
	mem_admit(&p.a, &c.who, false);
	mem_give(&p.b, &p.a, &p.a.feed);
	mem_produce(&c, 10);
	mem_produce(&twin, 11);
	mem_give(&p.a, &c, &c.feed);
	mem_give(&p.b, &twin, &c.feed);
	p.b.proves = true;
	mem_connect(&p.b, &p.a, &p.pb, &p.pa, 7);
	session_start(p.pa->s, p.a.now_ms);
	session_start(p.pb->s, p.b.now_ms);
	while (p.pb->asked == 0)
		assert_true(mem_deliver(p.pa) || mem_deliver(p.pb));
	cut(&p.b, &c.feed, 1);
	mem_run(p.pa);
	for (int i = 0; i < 5; i++)
		mem_wait(p.pa, SESSION_QUIET_MS);
	assert_int_equal(mem_feed(&p.b, &c.feed)->n, 2);
	assert_in_step(&p);
	pair_close(&p);
	mem_release(&twin);
	mem_release(&c);
}

/* What the other side held once it may not hold any more. */
static void what_both_held_before_a_cut_is_told_again(void **state)
{
	struct memnode c;
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_newcomer(&c, 3, &p.a);
	mem_admit(&p.a, &c.who, false);
	mem_give(&p.a, &c, &c.feed);
	pair_connect(&p);
	for (int i = 0; i < 4; i++) {
		mem_produce(&c, 10);
		mem_give(&p.a, &c, &c.feed);
		mem_tell(&p.a);
		mem_run(p.pa);
	}
	assert_int_equal(mem_feed(&p.b, &c.feed)->n, 5);
	cut(&p.a, &c.feed, 4);
	cut(&p.b, &c.feed, 3);
	mem_tell(&p.a);
	for (int i = 0; i < 5; i++)
		mem_wait(p.pa, SESSION_QUIET_MS);
	assert_int_equal(p.pa->stuck + p.pb->stuck, 0);
	assert_int_equal(mem_feed(&p.b, &c.feed)->n, 4);
	assert_in_step(&p);
	pair_close(&p);
	mem_release(&c);
}

/* A node that lost its last entries gets them back from who holds them. */
static void own_entries_come_back_first(void **state)
{
	struct memnode old;
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_produce(&p.b, 10);
	mem_produce(&p.b, 10);
	pair_connect(&p);
	mem_disconnect(p.pa);
	mem_newcomer(&old, 2, &p.a);
	mem_release(&p.b);
	p.b = old;
	pair_connect(&p);
	assert_in_step(&p);
	assert_int_equal(p.b.feeds[0].n, 3);
	pair_close(&p);
}

static void mem_fail(struct memnode *m, enum mem_op op, int after, int err)
{
	m->fail_op = op;
	m->fail_after = after;
	m->fail_err = err;
	m->fail_more = 0;
}

static const struct {
	int err;
	int bye;
	int aside;
	const char *why;
} commits[] = {
	{ ERR_FULL, BYE_TROUBLE, 0, "a full disk is ours, and ends it" },
	{ ERR_IO, BYE_TROUBLE, 0, "so does a broken one" },
	{ ERR_DENIED, -1, ERR_DENIED, "nobody's feed is set aside" },
	{ ERR_CONFLICT, -1, ERR_CONFLICT, "a forked one too" },
	{ ERR_EXISTS, -1, ERR_NOT_FOUND, "not needed, says the host" },
};

static void what_commit_answers_is_obeyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commits); i++) {
		struct pair p;

		pair_make(&p);
		mem_fail(&p.b, MEM_COMMIT, 0, commits[i].err);
		pair_connect(&p);
		if (p.pb->bye != commits[i].bye ||
		    (commits[i].aside != 0 &&
		     p.pb->aside_err != commits[i].aside))
			fail_msg("%s: bye %d, aside %d", commits[i].why,
				 p.pb->bye, p.pb->aside_err);
		if (commits[i].bye != -1) {
			assert_int_equal(p.pa->bye, commits[i].bye);
			assert_int_equal(session_state(p.pa->s),
					 SESSION_CLOSED);
		}
		pair_close(&p);
	}
}

static void denied_feeds_are_asked_for_when_the_roster_moves(void **state)
{
	struct memnode c;
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	mem_newcomer(&c, 3, &p.a);
	/* b hears of c's feed before it hears that c is a member. */
	mem_admit_quietly(&p.a, &c.who, false);
	mem_give(&p.a, &c, &c.feed);
	mem_fail(&p.b, MEM_COMMIT, 0, ERR_DENIED);
	mem_tell(&p.a);
	mem_run(p.pa);
	assert_int_equal(p.pb->aside_err, ERR_DENIED);
	for (int i = 0; i < 3; i++) {
		session_roster(p.pb->s, p.b.now_ms);
		mem_run(p.pa);
	}
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_in_step(&p);
	mem_release(&c);
	pair_close(&p);
}

/* Each call of each kind fails once; that ends the session with BYE and no
 * more, and the next session makes up for it. */
static void trouble_of_ours_ends_the_session_only(void **state)
{
	uint8_t buf[LIMIT_ENTRY + 8];
	unsigned failed[MEM_OPS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2 * MEM_OPS * 12; i++) {
		enum mem_op op = (enum mem_op)(i / 2 % MEM_OPS);
		struct memnode *m;
		struct pair p;

		mem_found(&p.a, 1, false);
		mem_newcomer(&p.b, 2, &p.a);
		p.a.is_auto = true;
		for (int k = 0; k < 3; k++) {
			mem_produce(&p.a, 20000);
			mem_produce(&p.b, 10);
		}
		take_over_invite(&p.b, &p.a, buf);
		m = i % 2 == 0 ? &p.a : &p.b;
		mem_fail(m, op, (int)(i / 2 / MEM_OPS), ERR_IO);
		pair_connect(&p);
		if (m->fail_err == 0) {
			failed[op]++;
			assert_int_equal((m == &p.a ? p.pa : p.pb)->bye,
					 BYE_TROUBLE);
			pair_again(&p);
		}
		m->fail_err = 0;
		assert_in_step(&p);
		pair_close(&p);
	}
	for (unsigned op = 0; op < MEM_OPS; op++)
		assert_true(failed[op] > 0);
}

static void who_is_dismissed_gets_nothing_more(void **state)
{
	struct pair p;
	uint64_t given;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	assert_in_step(&p);
	p.pb->pipe = 0;
	mem_produce(&p.a, 10);
	mem_dismiss(&p.a, &p.b.who);
	given = session_stats(p.pa->s).entries_out;
	p.pb->pipe = MEM_QUEUE;
	session_writable(p.pa->s, p.a.now_ms);
	mem_run(p.pa);
	mem_produce(&p.a, 10);
	mem_wait(p.pa, 1000);
	assert_int_equal(session_stats(p.pa->s).entries_out, given);
	assert_int_equal(session_state(p.pa->s), SESSION_JOINING);
	assert_int_equal(p.pb->joined, JOINED_STRANGER);
	pair_close(&p);
}

/* What one side did not get for a reason that has gone away, it gets when the
 * two look again. */
static void the_stuck_look_again_after_five_minutes(void **state)
{
	struct memnode c;
	struct pubkey feed;
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_newcomer(&c, 3, &p.a);
	mem_admit(&p.a, &c.who, false);
	mem_give(&p.a, &c, &c.feed);
	pair_connect(&p);
	mem_produce(&c, 20000);
	mem_give(&p.a, &c, &c.feed);
	/* It is asked for in short, by its whole name, and as it is told. */
	mem_fail(&p.a, MEM_READ, 0, ERR_NOT_FOUND);
	p.a.fail_more = 100;
	mem_tell(&p.a);
	mem_run(p.pa);
	assert_int_equal(p.pb->aside_err, ERR_NOT_FOUND);
	for (int i = 0; i < 3; i++)
		mem_wait(p.pa, SESSION_QUIET_MS);
	p.a.fail_err = 0;
	assert_stuck(&p);
	assert_true(session_aside(p.pb->s, &feed));
	assert_true(pubkey_eq(&feed, &c.feed));
	assert_differs(&p, &c.feed, 2, 1);
	assert_false(mem_same(&p.a, &p.b));
	mem_wait(p.pa, SESSION_STUCK_MS - 4 * SESSION_QUIET_MS);
	assert_false(mem_same(&p.a, &p.b));
	mem_wait(p.pa, 4 * SESSION_QUIET_MS);
	mem_wait(p.pa, SESSION_QUIET_MS);
	assert_in_step(&p);
	pair_close(&p);
	mem_release(&c);
}

/* A feed of which the one holds nothing, for it was nobody's there. */
static void the_stuck_name_a_feed_that_one_side_lacks(void **state)
{
	struct memnode c;
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	mem_newcomer(&c, 3, &p.a);
	mem_admit(&p.a, &c.who, false);
	mem_run(p.pa);
	mem_produce(&c, 5);
	mem_give(&p.a, &c, &c.feed);
	mem_fail(&p.b, MEM_COMMIT, 0, ERR_DENIED);
	p.b.fail_more = 20;
	mem_tell(&p.a);
	for (int i = 0; i < 10; i++)
		mem_wait(p.pa, SESSION_QUIET_MS);
	assert_stuck(&p);
	assert_differs(&p, &c.feed, 2, 0);
	pair_close(&p);
	mem_release(&c);
}

/* The same heads, and evidence that the one does not take. */
static void the_stuck_name_the_feed_of_evidence(void **state)
{
	struct session_differ x = { .is_evidence = true, .here = 9 };
	struct pair p;
	bool changed;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	x.feed = p.b.feed;
	assert_int_equal(roster_fork(p.a.roster, &changed, &p.b.feed, 9), 0);
	assert_int_equal(roster_solve(p.a.roster), 0);
	p.a.has_news = true;
	mem_tell(&p.a);
	for (int i = 0; i < 10; i++)
		mem_wait(p.pa, SESSION_QUIET_MS);
	assert_stuck(&p);
	assert_one_differs(p.pa, &x);
	x.here = 0;
	x.there = 9;
	assert_one_differs(p.pb, &x);
	pair_close(&p);
}

static void silence_ends_it_only_when_something_is_owed(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	mem_connect(&p.b, &p.a, &p.pb, &p.pa, 7);
	session_start(p.pb->s, 1000);
	assert_int_equal(session_due(p.pb->s), 1000 + SESSION_SILENCE_MS);
	session_tick(p.pb->s, 1000 + SESSION_SILENCE_MS - 1);
	assert_int_equal(session_state(p.pb->s), SESSION_HELLO);
	session_tick(p.pb->s, 1000 + SESSION_SILENCE_MS);
	assert_int_equal(session_state(p.pb->s), SESSION_CLOSED);
	assert_int_equal(p.pb->bye, BYE_TIMEOUT);
	assert_true(p.pb->bye_ours);
	assert_true(session_due(p.pb->s) == UINT64_MAX);
	pair_close(&p);
}

static void patience_is_as_long_as_was_said(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	p.b.silence_ms = 2000;
	mem_connect(&p.b, &p.a, &p.pb, &p.pa, 7);
	session_start(p.pb->s, 1000);
	assert_int_equal(session_due(p.pb->s), 3000);
	session_tick(p.pb->s, 2999);
	assert_int_equal(session_state(p.pb->s), SESSION_HELLO);
	session_tick(p.pb->s, 3000);
	assert_int_equal(p.pb->bye, BYE_TIMEOUT);
	pair_close(&p);
}

static void bye_is_heard_with_its_reason(void **state)
{
	struct pair p;

	(void)state;
	pair_make(&p);
	pair_connect(&p);
	session_bye(p.pa->s, BYE_DONE, "good night");
	mem_run(p.pa);
	assert_int_equal(p.pb->bye, BYE_DONE);
	assert_false(p.pb->bye_ours);
	assert_true(p.pa->bye_ours);
	/* Nothing more comes out of it. */
	mem_produce(&p.a, 10);
	mem_produce(&p.b, 10);
	mem_wait(p.pa, 1000);
	session_roster(p.pa->s, 5000);
	session_writable(p.pa->s, 5000);
	session_bye(p.pa->s, BYE_DONE, "again");
	assert_int_equal(p.pb->in_n, 0);
	pair_close(&p);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(two_members_exchange_all_they_have),
		UNIT(equal_hellos_are_all_that_is_said),
		UNIT(long_feeds_take_many_windows),
		UNIT(one_frame_carries_many_small_feeds),
		UNIT(reconnecting_costs_what_changed),
		UNIT(a_wrong_cursor_is_harmless),
		UNIT(what_a_cursor_hides_the_digests_show),
		UNIT(an_answer_that_came_by_another_way_is_no_loss),
		UNIT(a_peer_of_few_words_ends_in_step),
		UNIT(a_follower_is_told_what_it_follows),
		UNIT(followers_of_different_ones_end_in_step),
		UNIT(a_move_is_pushed_with_its_entries),
		UNIT(a_big_move_is_a_hint_first),
		UNIT(a_burst_is_pushed_in_a_row),
		UNIT(a_blocked_peer_costs_no_queue),
		UNIT(nothing_echoes),
		UNIT(credit_kept_back_strands_no_answer),
		UNIT(a_put_off_flush_holds_back_digest_and_credit),
		UNIT(an_automatic_invite_admits_at_once),
		UNIT(who_waits_is_told_when_accepted),
		UNIT(a_wrong_secret_is_no_invite),
		UNIT(a_stranger_is_told_and_gets_nothing),
		UNIT(a_stranger_pulls_from_a_public_network),
		UNIT(a_member_brings_its_own_admission),
		UNIT(a_fork_is_told_and_does_not_loop),
		UNIT(heads_of_one_seq_and_two_ids_are_a_fork),
		UNIT(what_is_cut_while_it_is_looked_for_comes),
		UNIT(what_both_held_before_a_cut_is_told_again),
		UNIT(own_entries_come_back_first),
		UNIT(what_commit_answers_is_obeyed),
		UNIT(denied_feeds_are_asked_for_when_the_roster_moves),
		UNIT(trouble_of_ours_ends_the_session_only),
		UNIT(who_is_dismissed_gets_nothing_more),
		UNIT(the_stuck_look_again_after_five_minutes),
		UNIT(the_stuck_name_a_feed_that_one_side_lacks),
		UNIT(the_stuck_name_the_feed_of_evidence),
		UNIT(silence_ends_it_only_when_something_is_owed),
		UNIT(patience_is_as_long_as_was_said),
		UNIT(bye_is_heard_with_its_reason),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
