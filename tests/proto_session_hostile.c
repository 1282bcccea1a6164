#include "proto/session/pack.h"
#include "proto/session/session.h"
#include "proto/session/tree.h"
#include "tests/memnode.h"
#include "tests/unit.h"

/*
 * A session against a peer that says whatever a test wants it to say.
 *
 * node is the founder and runs the session; liar has keys and entries, but its
 * frames are written by hand, and what the session answers waits in box.
 */
struct rig {
	struct memnode node, liar;
	struct mempeer *at, *box;
	uint8_t frame[LIMIT_FRAME]; /* the last one heard */
	struct msg m;               /* and what it says */
};

static struct rig *rig_make(bool is_member, bool is_dialled)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	mem_found(&r->node, 1, false);
	r->node.secret.b[0] = 1;
	mem_newcomer(&r->liar, 2, &r->node);
	if (is_member)
		mem_admit(&r->node, &r->liar.who, false);
	if (is_dialled)
		mem_connect(&r->node, &r->liar, &r->at, &r->box, 5);
	else
		mem_connect(&r->liar, &r->node, &r->box, &r->at, 5);
	session_close(r->box->s);
	r->box->s = NULL;
	session_start(r->at->s, r->node.now_ms);
	return r;
}

static void rig_close(struct rig *r)
{
	mem_disconnect(r->at);
	mem_release(&r->node);
	mem_release(&r->liar);
	free(r);
}

static void say(struct rig *r, const struct msg *m)
{
	uint8_t frame[LIMIT_FRAME];
	size_t n;
	int err = msg_encode(m, frame, sizeof(frame), &n);

	assert_int_equal(err, 0);
	session_recv(r->at->s, frame, n, r->node.now_ms);
	mem_tell(&r->node);
}

/* Take the next frame that the session has sent; false when there is none. */
static bool hear(struct rig *r)
{
	struct memframe f;
	int err;

	if (r->box->in_n == 0)
		return false;
	f = r->box->in[r->box->in_at];
	r->box->in_at = (r->box->in_at + 1) % MEM_QUEUE;
	r->box->in_n--;
	memcpy(r->frame, f.p, f.n);
	err = msg_decode(&r->m, r->frame, f.n);
	free(f.p);
	assert_int_equal(err, 0);
	return true;
}

/* Skip to the next frame of a type. */
static bool hear_type(struct rig *r, enum msg_type type)
{
	while (hear(r))
		if (r->m.type == type)
			return true;
	return false;
}

static struct msg hello_of(const struct memnode *m)
{
	struct msg out = { .type = MSG_HELLO };

	out.u.hello.network = m->network;
	out.u.hello.feed = m->feed;
	out.u.hello.credit = LIMIT_CREDIT_MIN;
	out.u.hello.flags = HELLO_FINDS;
	return out;
}

static struct msg open_of(const struct memnode *m)
{
	struct msg out = { .type = MSG_OPEN };

	out.u.open.raw = m->open;
	out.u.open.raw_n = m->open_n;
	return out;
}

/* Meet as somebody would; what the session said so far is thrown away. */
static void meet(struct rig *r)
{
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);

	say(r, &hello);
	say(r, &open);
	assert_non_null(session_peer(r->at->s));
	while (hear(r))
		;
}

static void assert_bye(const struct rig *r, int bye, const char *why)
{
	if (r->at->bye != bye || !r->at->bye_ours)
		fail_msg("%s: bye %d instead of %d", why, r->at->bye, bye);
	assert_int_equal(session_state(r->at->s), SESSION_CLOSED);
}

static void say_pack(struct rig *r, struct pack *p, enum msg_type type,
		     uint32_t first)
{
	const uint8_t *frame;
	size_t n;

	frame = pack_end(p, &n, type, first);
	session_recv(r->at->s, frame, n, r->node.now_ms);
	mem_tell(&r->node);
}

static void say_head(struct rig *r, const struct pubkey *feed, uint64_t seq,
		     unsigned flags)
{
	struct msg_head row = { .feed = *feed, .seq = seq };
	struct pack p;

	pack_init(&p);
	pack_head(&p, &row);
	say_pack(r, &p, MSG_HEADS, flags);
}

static void say_done(struct rig *r, uint32_t done)
{
	struct pack p;

	pack_init(&p);
	say_pack(r, &p, MSG_RUN, done);
}

/* Put entries from .. to of one of m's feeds into p; *spoil, when not 0, is a
 * seq whose signature is bad. */
static void put_run(struct pack *p, const struct memfeed *f, uint64_t from,
		    uint64_t to, uint64_t spoil)
{
	struct run_writer w;

	pack_run_begin(p, &w, &f->feed, LIMIT_RUN_BYTES);
	for (uint64_t seq = from; seq <= to; seq++) {
		uint8_t raw[LIMIT_ENTRY];
		size_t n = f->raw_n[seq - 1];
		int err;

		memcpy(raw, f->raw[seq - 1], n);
		if (seq == spoil)
			raw[n - 1] ^= 0x10;
		err = run_writer_add(&w, raw, n);
		assert_int_equal(err, 0);
	}
	pack_run_end(p, &w);
}

static void say_run(struct rig *r, const struct memfeed *f, uint64_t from,
		    uint64_t to, uint64_t spoil, uint32_t done)
{
	struct pack p;

	pack_init(&p);
	put_run(&p, f, from, to, spoil);
	say_pack(r, &p, MSG_RUN, done);
}

static void say_push(struct rig *r, const struct memfeed *f, uint64_t from,
		     uint64_t to, uint64_t spoil)
{
	struct pack p;

	pack_init(&p);
	put_run(&p, f, from, to, spoil);
	say_pack(r, &p, MSG_PUSH, 0);
}

/* A frame of each type that is fine by itself. */
static struct msg plain(enum msg_type type, const struct memnode *from)
{
	static const uint8_t want[] = { 0x92, 0xc4, 32, 1,  2,  3,  4,  5,  6,
					7,    8,    9,  10, 11, 12, 13, 14, 15,
					16,   17,   18, 19, 20, 21, 22, 23, 24,
					25,   26,   27, 28, 29, 30, 31, 32, 1 };
	static const uint8_t bin[] = { 0xc4, 1, 0 };
	/* The top has children that are not the receiver's. */
	static const uint8_t top[4 + 1 + TREE_PRINTS] = { 0x93, 1, 0, 0xc4,
							  TREE_PRINTS };
	struct msg m = { .type = type };

	switch (type) {
	case MSG_HELLO:
		return hello_of(from);
	case MSG_OPEN:
		return open_of(from);
	case MSG_HEADS:
		m.u.heads.flags = HEADS_START | HEADS_END;
		break;
	case MSG_FETCH:
		m.u.fetch.count = 1;
		rd_init(&m.u.fetch.rd, want, sizeof(want));
		break;
	case MSG_RUN:
		m.u.run.done = 1;
		break;
	case MSG_PUSH:
		m.u.push.runs.count = 1;
		rd_init(&m.u.push.runs.rd, bin, sizeof(bin));
		break;
	case MSG_CREDIT:
		m.u.credit = 1;
		break;
	case MSG_DIGEST:
	case MSG_JOINED:
	case MSG_BYE:
		break;
	case MSG_JOIN:
		memcpy(m.u.join.label, "m", 2);
		memcpy(m.u.join.place, "FR", 3);
		m.u.join.entries.count = 1;
		rd_init(&m.u.join.entries.rd, bin, sizeof(bin));
		break;
	case MSG_WALK:
		m.u.walk.count = 1;
		rd_init(&m.u.walk.rd, top, sizeof(top));
		break;
	case MSG_LIMITS:
		m.u.limits.is_last = true;
		break;
	case MSG_PROOF:
		m.u.proof.is_last = true;
		m.u.proof.p = bin;
		m.u.proof.n = sizeof(bin);
		break;
	}
	return m;
}

static void nothing_comes_before_hello(void **state)
{
	(void)state;
	for (unsigned type = MSG_OPEN; type <= MSG_PROOF; type++) {
		if (type == MSG_BYE)
			continue;
		struct rig *r = rig_make(true, false);
		struct msg m = plain((enum msg_type)type, &r->liar);

		say(r, &m);
		assert_bye(r, BYE_ORDER, "before HELLO");
		rig_close(r);
	}
}

/* What a frame does to a session that has met its peer, a stranger whom it did
 * not dial, or a member. */
static const struct {
	enum msg_type type;
	int stranger, member;
	const char *why;
} turns[] = {
	{ MSG_HELLO, BYE_ORDER, BYE_ORDER, "HELLO comes once" },
	{ MSG_OPEN, BYE_ORDER, BYE_ORDER, "OPEN was answered already" },
	{ MSG_HEADS, -1, -1, "an empty listing" },
	{ MSG_FETCH, BYE_DENIED, -1, "giving is for members" },
	{ MSG_RUN, BYE_ORDER, BYE_ORDER, "nothing was asked for" },
	{ MSG_PUSH, BYE_FORMAT, BYE_FORMAT, "a run of one zero byte" },
	{ MSG_CREDIT, -1, -1, "more credit" },
	{ MSG_DIGEST, BYE_ORDER, BYE_ORDER, "an answer to no question" },
	{ MSG_JOIN, -1, -1, "an invite that is none" },
	{ MSG_JOINED, -1, -1, "what it thinks of us" },
	{ MSG_WALK, -1, -1, "a walk begins" },
	{ MSG_LIMITS, -1, -1, "no feed is known to end" },
	{ MSG_PROOF, -1, -1, "one proof that is none" },
};

static void each_frame_has_its_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(turns); i++) {
		bool is_member = i % 2 == 1;
		struct rig *r = rig_make(is_member, false);
		int want =
			is_member ? turns[i / 2].member : turns[i / 2].stranger;
		struct msg m = plain(turns[i / 2].type, &r->liar);

		meet(r);
		say(r, &m);
		if (want == -1)
			assert_int_equal(r->at->bye, -1);
		else
			assert_bye(r, want, turns[i / 2].why);
		rig_close(r);
	}
}

/* PROTOCOL: Evidence goes before heads and entries, and to everybody who may
 * have these, whatever its scope. */
static void rosters_are_compared_before_heads(void **state)
{
	struct rig *r = rig_make(true, true);
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);

	(void)state;
	assert_true(hear_type(r, MSG_HELLO));
	assert_false(hear(r));
	/* Neither its roster nor its heads are the node's. */
	say(r, &hello);
	say(r, &open);
	do
		assert_true(hear(r));
	while (r->m.type == MSG_OPEN);
	assert_int_equal(r->m.type, MSG_LIMITS);
	assert_true(r->m.u.limits.is_last);
	assert_true(hear(r));
	assert_int_equal(r->m.type, MSG_HEADS);
	assert_int_equal(r->m.u.heads.flags & HEADS_START, HEADS_START);
	rig_close(r);
}

static void an_answer_needs_a_question(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = { .type = MSG_DIGEST };

	(void)state;
	meet(r);
	m.u.digest.ask = true;
	say(r, &m);
	assert_true(hear_type(r, MSG_DIGEST));
	assert_false(r->m.u.digest.ask);
	assert_int_equal(r->at->bye, -1);
	m.u.digest.ask = false;
	say(r, &m);
	assert_bye(r, BYE_ORDER, "an answer");
	rig_close(r);
}

/* PROTOCOL: DIGEST is sent only of what is durable. */
static void a_digest_is_of_what_is_durable(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = { .type = MSG_DIGEST, .u.digest.ask = true };

	(void)state;
	meet(r);
	/* What another peer has brought waits in a batch that is open. */
	r->node.unflushed = 1;
	r->node.is_lazy = true;
	say(r, &m);
	assert_false(hear_type(r, MSG_DIGEST));
	r->node.is_lazy = false;
	session_writable(r->at->s, r->node.now_ms);
	assert_true(hear_type(r, MSG_DIGEST));
	assert_false(r->m.u.digest.ask);
	assert_int_equal(r->node.unflushed, 0);
	rig_close(r);
}

static void hello_names_network_and_another_node(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = hello_of(&r->liar);

	(void)state;
	m.u.hello.network.b[31] ^= 1;
	say(r, &m);
	assert_bye(r, BYE_NETWORK, "another network");
	rig_close(r);
	r = rig_make(true, false);
	m = hello_of(&r->node);
	say(r, &m);
	assert_bye(r, BYE_SELF, "ourselves");
	rig_close(r);
}

static void another_version_is_told_so(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = hello_of(&r->liar);
	uint8_t frame[LIMIT_FRAME];
	size_t n;
	int err = msg_encode(&m, frame, sizeof(frame), &n);

	(void)state;
	assert_int_equal(err, 0);
	frame[1] = 2;
	session_recv(r->at->s, frame, n, 1000);
	assert_bye(r, BYE_VERSION, "version 2");
	assert_true(hear_type(r, MSG_BYE));
	assert_string_equal(r->m.u.bye.text, "this node speaks maillon/1 only");
	rig_close(r);
}

static void the_transport_key_is_that_of_open(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg hello, open;

	(void)state;
	/* The feed is known, with another key than this connection's. */
	mem_give(&r->node, &r->liar, &r->liar.feed);
	mem_tell(&r->node);
	session_close(r->at->s);
	mem_session(r->at, &r->node.transport.pub, false, 5);
	session_start(r->at->s, 1000);
	hello = hello_of(&r->liar);
	say(r, &hello);
	assert_bye(r, BYE_KEY, "a known feed");
	rig_close(r);

	/* It is not known, and its `open` names another key. */
	r = rig_make(true, false);
	session_close(r->at->s);
	mem_session(r->at, &r->node.transport.pub, false, 5);
	session_start(r->at->s, 1000);
	hello = hello_of(&r->liar);
	say(r, &hello);
	assert_true(hear_type(r, MSG_OPEN));
	assert_null(r->m.u.open.raw);
	open = open_of(&r->liar);
	say(r, &open);
	assert_bye(r, BYE_KEY, "an unknown feed");
	rig_close(r);
}

/* Who may be what `open` says: nobody but the holder of both keys. */
static void open_must_be_valid(void **state)
{
	static const char *const why[] = { "a bad signature", "another feed",
					   "another network", "not an open",
					   "no entry at all" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(why); i++) {
		struct rig *r = rig_make(true, false);
		struct msg hello = hello_of(&r->liar);
		struct msg open = open_of(&r->liar);
		uint8_t raw[LIMIT_ENTRY];
		struct memnode other;

		mem_found(&other, 77, false);
		memcpy(raw, open.u.open.raw, open.u.open.raw_n);
		open.u.open.raw = raw;
		if (i == 0)
			raw[open.u.open.raw_n - 1] ^= 0x10;
		if (i == 1)
			open = open_of(&r->node);
		if (i == 2) {
			hello.u.hello.feed = other.feed;
			open = open_of(&other);
		}
		if (i == 3) {
			mem_produce(&r->liar, 10);
			open.u.open.raw = r->liar.feeds[0].raw[1];
			open.u.open.raw_n = r->liar.feeds[0].raw_n[1];
		}
		if (i == 4)
			open.u.open.raw_n = 1;
		say(r, &hello);
		say(r, &open);
		assert_bye(r, BYE_KEY, why[i]);
		mem_release(&other);
		rig_close(r);
	}
}

static void open_is_given_once(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = { .type = MSG_OPEN };

	(void)state;
	meet(r);
	say(r, &m);
	assert_true(hear_type(r, MSG_OPEN));
	assert_memory_equal(r->m.u.open.raw, r->node.open, r->node.open_n);
	say(r, &m);
	assert_bye(r, BYE_ORDER, "asked twice");
	rig_close(r);
}

static void join_comes_once_and_must_be_of_the_peer(void **state)
{
	struct rig *r = rig_make(false, false);
	struct msg m = plain(MSG_JOIN, &r->liar), hello = hello_of(&r->liar);

	(void)state;
	meet(r);
	say(r, &m);
	assert_true(hear_type(r, MSG_JOINED));
	assert_int_equal(r->m.u.joined, JOINED_UNKNOWN);
	say(r, &m);
	assert_bye(r, BYE_ORDER, "a second JOIN");
	rig_close(r);
	/* Its entries stand for OPEN if that has not come. */
	r = rig_make(false, false);
	say(r, &hello);
	say(r, &m);
	assert_bye(r, BYE_KEY, "a JOIN with no entry");
	rig_close(r);
}

static void a_member_that_joins_is_admitted_already(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = plain(MSG_JOIN, &r->liar);

	(void)state;
	meet(r);
	say(r, &m);
	assert_true(hear_type(r, MSG_JOINED));
	assert_int_equal(r->m.u.joined, JOINED_ADMITTED);
	rig_close(r);
}

static void oversize_and_truncated_frames_are_refused(void **state)
{
	uint8_t big[LIMIT_FRAME + 1] = { 0 };
	struct rig *r = rig_make(true, false);

	(void)state;
	meet(r);
	session_recv(r->at->s, big, sizeof(big), 1000);
	assert_bye(r, BYE_FORMAT, "one byte too long");
	rig_close(r);
	for (unsigned type = MSG_HELLO; type <= MSG_PROOF; type++) {
		uint8_t frame[LIMIT_FRAME], *exact;
		struct msg m;
		size_t n;
		int err;

		r = rig_make(true, false);
		m = plain((enum msg_type)type, &r->liar);
		err = msg_encode(&m, frame, sizeof(frame), &n);
		assert_int_equal(err, 0);
		rig_close(r);
		for (size_t cut = 0; cut < n; cut++) {
			r = rig_make(true, false);
			meet(r);
			exact = malloc(cut > 0 ? cut : 1);
			assert_non_null(exact);
			memcpy(exact, frame, cut);
			session_recv(r->at->s, exact, cut, 1000);
			assert_bye(r, BYE_FORMAT, "cut short");
			free(exact);
			rig_close(r);
		}
	}
}

static void a_run_not_asked_for_ends_it(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	meet(r);
	say_run(r, &r->liar.feeds[0], 1, 1, 0, 0);
	assert_bye(r, BYE_ORDER, "nothing was asked");
	rig_close(r);
	/* One feed was asked for, another comes. */
	r = rig_make(true, false);
	meet(r);
	say_head(r, &r->liar.feed, 1, 0);
	assert_true(hear_type(r, MSG_FETCH));
	say_run(r, &r->node.feeds[0], 1, 1, 0, 0);
	assert_bye(r, BYE_ORDER, "another feed");
	rig_close(r);
	/* One row is under way, two end. */
	r = rig_make(true, false);
	meet(r);
	say_head(r, &r->liar.feed, 1, 0);
	say_done(r, 2);
	assert_bye(r, BYE_ORDER, "two rows");
	rig_close(r);
}

static void answers_keep_the_order_of_the_questions(void **state)
{
	struct rig *r = rig_make(true, false);
	struct memnode c;
	struct msg_head row = { .seq = 1 };
	struct pack p;

	(void)state;
	mem_newcomer(&c, 3, &r->node);
	mem_admit(&r->node, &c.who, false);
	meet(r);
	pack_init(&p);
	row.feed = r->liar.feed;
	pack_head(&p, &row);
	row.feed = c.feed;
	pack_head(&p, &row);
	say_pack(r, &p, MSG_HEADS, 0);
	/* Both end with this frame, and stand in it the wrong way round. */
	pack_init(&p);
	put_run(&p, &c.feeds[0], 1, 1, 0);
	put_run(&p, &r->liar.feeds[0], 1, 1, 0);
	say_pack(r, &p, MSG_RUN, 2);
	assert_bye(r, BYE_ORDER, "the wrong way round");
	mem_release(&c);
	rig_close(r);
}

static void a_row_may_end_without_a_run(void **state)
{
	struct rig *r = rig_make(true, false);
	struct memnode c;
	struct msg_head row = { .seq = 1 };
	struct pack p;

	(void)state;
	mem_newcomer(&c, 3, &r->node);
	mem_admit(&r->node, &c.who, false);
	meet(r);
	pack_init(&p);
	row.feed = r->liar.feed;
	pack_head(&p, &row);
	row.feed = c.feed;
	pack_head(&p, &row);
	say_pack(r, &p, MSG_HEADS, 0);
	say_run(r, &c.feeds[0], 1, 1, 0, 2);
	assert_int_equal(r->at->bye, -1);
	assert_int_equal(r->node.feeds_n, 2);
	/* Once more by its whole name, should another begin like it. */
	say_done(r, 1);
	assert_int_equal(r->at->aside_err, ERR_NOT_FOUND);
	mem_release(&c);
	rig_close(r);
}

static void a_bad_last_signature_loses_nothing_before_it(void **state)
{
	struct rig *r = rig_make(true, false);
	const struct memfeed *f = &r->liar.feeds[0];

	(void)state;
	for (int i = 0; i < 9; i++)
		mem_produce(&r->liar, 10);
	f = &r->liar.feeds[0];
	meet(r);
	say_head(r, &f->feed, 10, 0);
	assert_true(hear_type(r, MSG_FETCH));
	say_run(r, f, 1, 10, 10, 1);
	assert_int_equal(mem_feed(&r->node, &f->feed)->n, 9);
	/* The rest is asked for once more, and once more is bad. */
	assert_true(hear_type(r, MSG_FETCH));
	assert_int_equal(r->m.u.fetch.count, 1);
	say_run(r, f, 10, 10, 10, 1);
	assert_int_equal(r->at->aside_err, ERR_SIGNATURE);
	assert_false(hear_type(r, MSG_FETCH));
	assert_int_equal(r->at->bye, -1);
	assert_int_equal(session_stats(r->at->s).aside, 1);
	/* Announced again, it is asked for again, and now it is good. */
	say_head(r, &f->feed, 10, 0);
	assert_true(hear_type(r, MSG_FETCH));
	say_run(r, f, 10, 10, 0, 1);
	assert_int_equal(mem_feed(&r->node, &f->feed)->n, 10);
	assert_int_equal(session_stats(r->at->s).aside, 0);
	rig_close(r);
}

static void entries_of_another_network_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	struct memnode other;

	(void)state;
	mem_found(&other, 2, false);
	meet(r);
	say_head(r, &other.feed, 1, 0);
	assert_true(hear_type(r, MSG_FETCH));
	say_run(r, &other.feeds[0], 1, 1, 0, 1);
	assert_bye(r, BYE_LIE, "an answer from another network");
	assert_int_equal(r->at->forks, 0);
	assert_int_equal(r->node.feeds_n, 1);
	rig_close(r);
	r = rig_make(true, false);
	meet(r);
	say_push(r, &other.feeds[0], 1, 1, 0);
	assert_bye(r, BYE_LIE, "a push from another network");
	assert_int_equal(r->node.feeds_n, 1);
	mem_release(&other);
	rig_close(r);
}

static void malformed_runs_end_it(void **state)
{
	static const uint8_t body[] = { 0x94, 1, MSG_RUN, 1, 0x91, 0xc4, 1, 0 };
	struct rig *r = rig_make(true, false);
	struct pack p;

	(void)state;
	meet(r);
	say_head(r, &r->liar.feed, 1, 0);
	session_recv(r->at->s, body, sizeof(body), 1000);
	assert_bye(r, BYE_FORMAT, "no run");
	rig_close(r);
	/* A run whose entry is none: time_ms is nil. */
	r = rig_make(true, false);
	meet(r);
	say_head(r, &r->liar.feed, 1, 0);
	pack_init(&p);
	put_run(&p, &r->liar.feeds[0], 1, 1, 0);
	for (size_t i = 0; i < p.n; i++)
		if (p.buf[i] == 0x95) {
			p.buf[i + 1] = 0xc0;
			break;
		}
	say_pack(r, &p, MSG_RUN, 1);
	assert_bye(r, BYE_LIE, "no entry");
	rig_close(r);
}

static void promises_that_come_to_nothing_are_counted(void **state)
{
	struct rig *r = rig_make(true, false);
	struct pubkey feed = { { 0 } };

	(void)state;
	meet(r);
	for (unsigned i = 0; i < 16; i++) {
		feed.b[0] = (uint8_t)i;
		say_head(r, &feed, LIMIT_SEQ, 0);
		assert_true(hear_type(r, MSG_FETCH));
		say_done(r, 1);
		assert_true(hear_type(r, MSG_FETCH));
		say_done(r, 1);
		assert_int_equal(r->at->bye, -1);
	}
	assert_int_equal(session_stats(r->at->s).aside, 16);
	assert_int_equal(session_missing(r->at->s).entries, 0);
	assert_true(session_aside(r->at->s, &feed));
	assert_int_equal(feed.b[0], 0);
	assert_int_equal(r->at->asides, 16);
	/* Not asked for again by itself. */
	assert_false(hear_type(r, MSG_FETCH));
	feed.b[0] = 16;
	say_head(r, &feed, LIMIT_SEQ, 0);
	say_done(r, 1);
	say_done(r, 1);
	assert_bye(r, BYE_LIE, "the seventeenth");
	rig_close(r);
}

/* One feed is asked for nine times; whoever goes on about it lies on. */
static void a_feed_given_up_is_a_lie_again(void **state)
{
	struct rig *r = rig_make(true, false);
	int i;

	(void)state;
	meet(r);
	for (i = 0; i < 9; i++) {
		say_head(r, &r->node.feed, LIMIT_SEQ - 1, 0);
		while (hear_type(r, MSG_FETCH))
			say_done(r, 1);
	}
	for (; i < 16; i++) {
		say_head(r, &r->node.feed, LIMIT_SEQ - 1, 0);
		assert_false(hear_type(r, MSG_FETCH));
		assert_int_equal(r->at->bye, -1);
	}
	say_head(r, &r->node.feed, LIMIT_SEQ - 1, 0);
	assert_bye(r, BYE_LIE, "the seventeenth, about a feed given up");
	rig_close(r);
}

static void pushes_without_end_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	const struct memfeed *f = &r->liar.feeds[0];
	int i;

	(void)state;
	meet(r);
	say_push(r, f, 1, 1, 0);
	for (i = 0; i < 60000; i++)
		say_push(r, f, 1, 1, 0);
	assert_int_equal(r->at->bye, -1);
	/* An entry that is new begins the count again. */
	mem_produce(&r->liar, 1);
	f = &r->liar.feeds[0];
	say_push(r, f, 2, 2, 0);
	for (i = 0; i < 65536; i++)
		say_push(r, f, 2, 2, 0);
	assert_int_equal(r->at->bye, -1);
	say_push(r, f, 2, 2, 0);
	assert_bye(r, BYE_FLOOD, "the same without end");
	rig_close(r);
}

static void more_bytes_than_granted_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	uint64_t paid = 0, one;

	(void)state;
	meet(r);
	say_push(r, &r->liar.feeds[0], 1, 1, 0);
	one = session_stats(r->at->s).bytes_in;
	/* The same again is nothing, and has to be paid for all the same. */
	r->node.is_lazy = true;
	r->node.unflushed = 1;
	paid = session_stats(r->at->s).bytes_in;
	say_push(r, &r->liar.feeds[0], 1, 1, 0);
	one = session_stats(r->at->s).bytes_in - paid;
	paid = 2 * one;
	while (paid + one <= SESSION_WINDOW) {
		assert_int_equal(r->at->bye, -1);
		say_push(r, &r->liar.feeds[0], 1, 1, 0);
		paid += one;
	}
	assert_int_equal(r->at->bye, -1);
	say_push(r, &r->liar.feeds[0], 1, 1, 0);
	assert_bye(r, BYE_CREDIT, "above the window");
	rig_close(r);
}

static void credit_has_a_ceiling(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = { .type = MSG_CREDIT };

	(void)state;
	meet(r);
	m.u.credit = LIMIT_CREDIT_MAX - LIMIT_CREDIT_MIN;
	say(r, &m);
	assert_int_equal(r->at->bye, -1);
	m.u.credit = 1;
	say(r, &m);
	assert_bye(r, BYE_CREDIT, "above the ceiling");
	rig_close(r);
}

static void no_byte_is_given_beyond_the_credit(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg credit = { .type = MSG_CREDIT };
	uint64_t given = 0;
	struct msg_want row = { .from = 1 };
	struct pack p;

	(void)state;
	for (int i = 0; i < 30; i++)
		mem_produce(&r->node, 20000);
	meet(r);
	row.feed = r->node.feed;
	pack_init(&p);
	pack_want(&p, &row);
	say_pack(r, &p, MSG_FETCH, 0);
	while (hear_type(r, MSG_RUN))
		given += 1;
	/* Two frames are paid for at first, and then one at a time. */
	assert_int_equal(given, 2);
	credit.u.credit = LIMIT_FRAME;
	say(r, &credit);
	given = 0;
	while (hear_type(r, MSG_RUN))
		given++;
	assert_int_equal(given, 1);
	rig_close(r);
}

/* Of a feed of 32 entries, of which three fill a frame or are small. */
static const struct {
	uint64_t from, to, last;
} asked_parts[] = {
	{ 2, 2, 2 },    { 1, 1, 1 },    { 1, 5, 5 },           { 28, 30, 30 },
	{ 30, 31, 31 }, { 31, 99, 32 }, { 30, LIMIT_SEQ, 32 }, { 3, 0, 32 },
};

static void a_row_ends_where_it_says(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg credit = { .type = MSG_CREDIT, .u.credit = 1 << 20 };

	(void)state;
	for (int i = 0; i < 30; i++)
		mem_produce(&r->node, i < 8 ? 20000 : 20);
	meet(r);
	say(r, &credit);
	for (size_t i = 0; i < ARRAY_LEN(asked_parts); i++) {
		struct msg_want row = { .feed = r->node.feed,
					.from = asked_parts[i].from,
					.to = asked_parts[i].to };
		uint64_t at = row.from;
		uint32_t done = 0;
		struct pack p;

		pack_init(&p);
		pack_want(&p, &row);
		say_pack(r, &p, MSG_FETCH, 0);
		while (done == 0 && hear_type(r, MSG_RUN)) {
			struct msg_list runs = r->m.u.run.runs;
			const uint8_t *raw;
			struct run run;
			size_t n;

			done = r->m.u.run.done;
			while (msg_next_bin(&runs, &raw, &n)) {
				assert_int_equal(run_decode(&run, raw, n), 0);
				assert_int_equal(run.from, at);
				at += run.count;
			}
		}
		assert_int_equal(done, 1);
		assert_int_equal(at - 1, asked_parts[i].last);
	}
	rig_close(r);
}

static void rows_under_way_are_limited(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg_want row = { .from = 1 };
	struct pack p;

	(void)state;
	meet(r);
	r->box->pipe = 0;
	for (int k = 0; k < 3; k++) {
		pack_init(&p);
		for (int i = 0; i < (k < 2 ? LIMIT_HEADS : 1); i++)
			pack_want(&p, &row);
		say_pack(r, &p, MSG_FETCH, 0);
		if (k < 2)
			assert_int_equal(r->at->bye, -1);
	}
	assert_bye(r, BYE_FLOOD, "row 1025");
	rig_close(r);
}

static void unknown_feeds_are_answered_with_nothing(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg_want row = { .from = 1 };
	struct pack p;

	(void)state;
	meet(r);
	pack_init(&p);
	for (int i = 0; i < LIMIT_HEADS; i++)
		pack_want(&p, &row);
	say_pack(r, &p, MSG_FETCH, 0);
	assert_true(hear_type(r, MSG_RUN));
	assert_int_equal(r->m.u.run.done, LIMIT_HEADS);
	assert_int_equal(r->m.u.run.runs.count, 0);
	rig_close(r);
}

/* n rows of feeds that nobody has, in full frames. */
static void say_rows(struct rig *r, uint32_t n, unsigned flags)
{
	struct msg_head row = { .seq = 9 };
	uint32_t at = 0;

	while (at < n) {
		struct pack p;

		pack_init(&p);
		while (at < n && p.count < LIMIT_HEADS) {
			memcpy(row.feed.b, &at, sizeof(at));
			row.feed.b[8] = 0x77;
			pack_head(&p, &row);
			at++;
		}
		say_pack(r, &p, MSG_HEADS, flags);
	}
}

static void wanted_feeds_have_a_ceiling(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	meet(r);
	say_rows(r, SESSION_WANTED_MAX - 1, 0);
	assert_int_equal(session_stats(r->at->s).wanted,
			 SESSION_WANTED_MAX - 1);
	say_rows(r, SESSION_WANTED_MAX + 5000, 0);
	assert_int_equal(session_stats(r->at->s).wanted, SESSION_WANTED_MAX);
	assert_int_equal(r->at->bye, -1);
	rig_close(r);
}

static void a_stranger_has_a_lower_ceiling(void **state)
{
	struct rig *r = rig_make(false, false);

	(void)state;
	meet(r);
	say_rows(r, 2000, 0);
	assert_int_equal(session_stats(r->at->s).wanted, 0);
	say_rows(r, 2000, HEADS_FIRST);
	assert_int_equal(session_stats(r->at->s).wanted, SESSION_STRANGER_MAX);
	rig_close(r);
}

static void heads_without_end_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg_head row = { .seq = 1 };

	(void)state;
	meet(r);
	row.feed = r->node.feed;
	for (uint32_t n = 0; n < 1 << 20; n += LIMIT_HEADS) {
		struct pack p;

		assert_int_equal(r->at->bye, -1);
		pack_init(&p);
		for (int i = 0; i < LIMIT_HEADS; i++)
			pack_head(&p, &row);
		say_pack(r, &p, MSG_HEADS, 0);
	}
	assert_int_equal(r->at->bye, -1);
	say_head(r, &row.feed, 1, 0);
	assert_bye(r, BYE_FLOOD, "a row more");
	rig_close(r);
}

static void limits_without_end_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = { .type = MSG_LIMITS };

	(void)state;
	meet(r);
	/* Without a row, and not the last one: each counts for one row. */
	for (uint32_t n = 0; n < 1 << 20; n++)
		say(r, &m);
	assert_int_equal(r->at->bye, -1);
	say(r, &m);
	assert_bye(r, BYE_FLOOD, "one more");
	rig_close(r);
}

/* Whose node was given another key since says its list with its first words:
 * before its `open` is here nothing would be given to it. */
static void a_list_is_answered_once_it_is_known_who_tells_it(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);
	struct msg m = plain(MSG_LIMITS, &r->liar);

	(void)state;
	say(r, &hello);
	say(r, &m);
	assert_false(hear_type(r, MSG_LIMITS));
	say(r, &open);
	assert_true(hear_type(r, MSG_LIMITS));
	assert_true(r->m.u.limits.is_last);
	rig_close(r);
}

static void listings_do_not_nest(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	meet(r);
	say_head(r, &r->node.feed, 1, HEADS_START);
	assert_int_equal(r->at->bye, -1);
	say_head(r, &r->node.feed, 1, HEADS_START);
	assert_bye(r, BYE_ORDER, "START in a listing");
	rig_close(r);
	r = rig_make(true, false);
	meet(r);
	say_head(r, &r->node.feed, 1, HEADS_END);
	assert_bye(r, BYE_ORDER, "END of no listing");
	rig_close(r);
}

/* Meeting, with HELLOs that differ, counts as one. */
static void walks_without_end_end_it(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = plain(MSG_WALK, &r->liar);

	(void)state;
	r->node.looks_max = 256;
	meet(r);
	for (int i = 0; i < 127; i++) {
		say(r, &m);
		assert_true(hear_type(r, MSG_WALK));
		assert_int_equal(r->m.u.walk.count, TREE_RADIX);
	}
	say(r, &m);
	assert_bye(r, BYE_FLOOD, "walk 128");
	rig_close(r);
}

/* A listing of nothing is answered with all heads. */
static void listings_without_end_end_it(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	r->node.looks_max = 256;
	meet(r);
	for (int i = 0; i < 128; i++) {
		struct msg m = { .type = MSG_HEADS };

		assert_int_equal(r->at->bye, -1);
		m.u.heads.flags = HEADS_START | HEADS_END;
		say(r, &m);
	}
	assert_bye(r, BYE_FLOOD, "listing 128");
	rig_close(r);
}

/* Nor is one let in whose budget is used up, unless there is nothing to do. */
static void a_hello_that_differs_counts(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	r->node.looks_max = 1;
	meet(r);
	assert_bye(r, BYE_FLOOD, "HELLO");
	rig_close(r);
}

/* What both follow is looked for before it is known who asks. */
static void a_scope_counts_at_hello(void **state)
{
	(void)state;
	for (uint32_t max = 7; max <= 8; max++) {
		struct rig *r = rig_make(true, false);
		struct msg hello = hello_of(&r->liar);

		hello.u.hello.scope.n = 1;
		hello.u.hello.scope.who[0] = r->liar.who;
		r->node.looks_max = max;
		say(r, &hello);
		if (max == 8)
			assert_int_equal(r->at->bye, -1);
		else
			assert_bye(r, BYE_FLOOD, "HELLO with a scope");
		rig_close(r);
	}
}

static void walks_do_not_nest(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg m = plain(MSG_WALK, &r->liar);

	(void)state;
	meet(r);
	r->box->pipe = 0;
	say(r, &m);
	assert_int_equal(r->at->bye, -1);
	say(r, &m);
	assert_bye(r, BYE_ORDER, "the top before the answer");
	rig_close(r);
}

static void a_stranger_walks_in_vain(void **state)
{
	struct rig *r = rig_make(false, false);
	struct msg m = plain(MSG_WALK, &r->liar);

	(void)state;
	meet(r);
	say(r, &m);
	assert_true(hear_type(r, MSG_HEADS));
	assert_int_equal(r->m.u.heads.flags & HEADS_START, HEADS_START);
	assert_int_equal(r->m.u.heads.rows.count, 0);
	assert_false(hear_type(r, MSG_WALK));
	rig_close(r);
}

/* Say what stands below a node: of heads, or of those not known. */
static void say_node(struct rig *r, uint32_t node, enum msg_prints form,
		     const void *prints, size_t n)
{
	struct msg_node row = { node, form, prints, n };
	struct pack p;

	pack_init(&p);
	pack_node(&p, &row);
	say_pack(r, &p, MSG_WALK, 0);
}

/* Where the founder's only feed is. */
static uint32_t node_of(const struct rig *r, unsigned depth)
{
	return tree_node(&r->node.feed, depth);
}

static void heads_that_look_alike_are_not_told(void **state)
{
	static const uint8_t none[TREE_PRINT];
	struct rig *r = rig_make(true, false);
	uint8_t print[TREE_PRINT];

	(void)state;
	meet(r);
	/* A node of which the other side has nothing: ours is told. */
	say_node(r, node_of(r, 2), PRINTS_HEADS, NULL, 0);
	assert_true(hear_type(r, MSG_HEADS));
	assert_int_equal(r->m.u.heads.flags & HEADS_SOME, HEADS_SOME);
	assert_int_equal(r->m.u.heads.rows.count, 1);
	while (hear(r))
		;
	/* A head that is not here: that is said. */
	say_node(r, node_of(r, 2) ^ 1, PRINTS_HEADS, none, sizeof(none));
	assert_true(hear_type(r, MSG_WALK));
	assert_int_equal(r->m.u.walk.count, 1);
	assert_true(hear_type(r, MSG_HEADS));
	assert_int_equal(r->m.u.heads.rows.count, 0);
	while (hear(r))
		;
	/* Asked for the children of a node, the session gives away the
	 * fingerprint of its head; said again, there is nothing to tell. */
	{
		static const uint8_t zero[TREE_PRINTS];
		struct msg_node row;

		say_node(r, node_of(r, 1), PRINTS_CHILDREN, zero, sizeof(zero));
		assert_true(hear_type(r, MSG_WALK));
		while (msg_next_node(&r->m.u.walk, &row))
			if (row.node == node_of(r, 2))
				memcpy(print, row.prints, TREE_PRINT);
	}
	say_node(r, node_of(r, 2), PRINTS_HEADS, print, sizeof(print));
	assert_false(hear_type(r, MSG_WALK));
	rig_close(r);
}

static void what_is_not_known_is_told_and_no_more(void **state)
{
	static const uint8_t other[TREE_PRINT] = { 1 };
	struct rig *r = rig_make(true, false);

	(void)state;
	meet(r);
	/* Nothing here looks like it: no row, and a listing is awaited. */
	say_node(r, node_of(r, 2), PRINTS_UNKNOWN, other, sizeof(other));
	assert_false(hear_type(r, MSG_HEADS));
	assert_false(session_in_step(r->at->s));
	assert_int_equal(r->at->bye, -1);
	rig_close(r);
}

/* A row of a feed in short, which nothing here, or more than one feed, begins
 * with, is passed over. */
static void a_short_name_of_nothing_is_passed_over(void **state)
{
	struct rig *r = rig_make(true, false);
	struct msg_head row = { .is_short = true, .seq = 9 };
	struct msg_want want = { .is_short = true, .from = 1 };
	struct pack p;

	(void)state;
	meet(r);
	pack_init(&p);
	pack_head(&p, &row);
	say_pack(r, &p, MSG_HEADS, HEADS_START | HEADS_END | HEADS_SOME);
	assert_false(hear_type(r, MSG_FETCH));
	pack_init(&p);
	pack_want(&p, &want);
	memcpy(want.feed.b, r->node.feed.b, MSG_SHORT);
	pack_want(&p, &want);
	say_pack(r, &p, MSG_FETCH, 0);
	assert_true(hear_type(r, MSG_RUN));
	assert_int_equal(r->m.u.run.done, 2);
	assert_int_equal(r->m.u.run.runs.count, 1);
	assert_int_equal(r->at->bye, -1);
	rig_close(r);
}

/* Cursors that a peer may claim; the founder holds `arrival` entries. */
static void a_forged_cursor_only_costs_bytes(void **state)
{
	static const int64_t off[] = { -1000, -1, 0, 1, 1000 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(off); i++) {
		struct rig *r = rig_make(true, false);
		struct msg hello = hello_of(&r->liar);
		struct msg open = open_of(&r->liar);
		int64_t at = (int64_t)r->node.arrival + off[i / 2];

		if (i % 2 == 0)
			memcpy(hello.u.hello.there.instance, r->node.instance,
			       MSG_INSTANCE);
		hello.u.hello.there.arrival = at > 0 ? (uint64_t)at : 0;
		hello.u.hello.here.arrival = UINT32_MAX;
		say(r, &hello);
		say(r, &open);
		assert_int_equal(r->at->bye, -1);
		/* It keeps no cursor of this peer: nothing is told yet. */
		assert_false(hear_type(r, MSG_HEADS));
		/* And what is asked for is given, as ever. */
		say_head(r, &r->liar.feed, 1, HEADS_START | HEADS_END);
		assert_true(hear_type(r, MSG_HEADS));
		assert_int_equal(r->at->bye, -1);
		rig_close(r);
	}
}

static void the_roster_is_asked_for_before_the_rest(void **state)
{
	struct rig *r = rig_make(true, true);
	struct pubkey rest = { { 1 } }, first = { { 2 } };
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);
	struct msg_want row;

	(void)state;
	say(r, &hello);
	say(r, &open);
	say_head(r, &rest, 5, HEADS_START);
	for (int i = 0; i < 2; i++) {
		assert_true(hear_type(r, MSG_FETCH));
		say_done(r, 1);
	}
	say_head(r, &first, 5, HEADS_FIRST);
	say_head(r, &rest, 6, 0);
	say_head(r, &r->node.feed, 100, HEADS_END);
	/* First comes alone, then our own; the rest waits for both. */
	assert_true(hear_type(r, MSG_FETCH));
	assert_true(msg_next_want(&r->m.u.fetch, &row));
	assert_memory_equal(row.feed.b, first.b, MSG_SHORT);
	assert_int_equal(r->m.u.fetch.count, 0);
	assert_true(hear_type(r, MSG_FETCH));
	assert_true(msg_next_want(&r->m.u.fetch, &row));
	assert_memory_equal(row.feed.b, r->node.feed.b, MSG_SHORT);
	assert_false(hear_type(r, MSG_FETCH));
	say_done(r, 2);
	assert_true(hear_type(r, MSG_FETCH));
	assert_true(msg_next_want(&r->m.u.fetch, &row));
	assert_memory_equal(row.feed.b, rest.b, KEY_SIZE);
	assert_int_equal(row.from, 1);
	rig_close(r);
}

static const struct {
	uint64_t held, from, to, spoil;
	int bye, aside;
	uint64_t after;
	const char *why;
} pushes[] = {
	{ 3, 4, 5, 0, -1, 0, 5, "what follows is taken" },
	{ 3, 1, 3, 0, -1, 0, 3, "what is held is nothing" },
	{ 3, 1, 3, 3, -1, 0, 3, "not even looked at" },
	{ 3, 2, 6, 0, -1, 0, 6, "what overlaps is taken in part" },
	{ 3, 6, 8, 0, -1, 0, 3, "a gap is a row of HEADS" },
	{ 3, 4, 5, 5, BYE_LIE, 0, 4, "a tip has a valid signature" },
	{ 0, 1, 8, 0, -1, 0, 8, "a whole feed" },
};

/* Most feeds are there long before all history is. */
static void long_feeds_are_asked_for_last(void **state)
{
	struct rig *r = rig_make(true, true);
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);
	struct msg_head row = { .seq = SESSION_LONG + 1 };
	struct msg_want want;
	struct pack p;

	(void)state;
	say(r, &hello);
	say(r, &open);
	while (hear(r))
		;
	pack_init(&p);
	for (uint8_t i = 1; i <= 4; i++) {
		row.feed.b[0] = i;
		row.seq = SESSION_LONG + i % 2;
		pack_head(&p, &row);
	}
	say_pack(r, &p, MSG_HEADS, HEADS_START | HEADS_END);
	assert_true(hear_type(r, MSG_FETCH));
	for (uint8_t i = 2; i <= 4; i += 2) {
		assert_true(msg_next_want(&r->m.u.fetch, &want));
		assert_int_equal(want.feed.b[0], i);
	}
	assert_false(msg_next_want(&r->m.u.fetch, &want));
	assert_true(hear_type(r, MSG_FETCH));
	assert_true(msg_next_want(&r->m.u.fetch, &want));
	assert_int_equal(want.feed.b[0], 1);
	/* What is to come is known, whatever was claimed. */
	assert_int_equal(session_missing(r->at->s).entries,
			 4 * SESSION_LONG + 2);
	rig_close(r);
}

/* Announce feeds that are told apart by their first byte, from `first` on. */
static void say_long(struct rig *r, uint8_t first, unsigned n, uint64_t seq)
{
	struct msg_head row = { .seq = seq };
	struct pack p;

	pack_init(&p);
	for (unsigned i = 0; i < n; i++) {
		row.feed.b[0] = (uint8_t)(first + i);
		pack_head(&p, &row);
	}
	say_pack(r, &p, MSG_HEADS, 0);
}

/* How many feeds all that is asked for now is of. */
static uint32_t asked_now(struct rig *r)
{
	uint32_t n = 0;

	while (hear_type(r, MSG_FETCH))
		n += r->m.u.fetch.count;
	return n;
}

static void few_long_feeds_are_under_way(void **state)
{
	struct rig *r = rig_make(true, true);
	struct msg hello = hello_of(&r->liar), open = open_of(&r->liar);

	(void)state;
	say(r, &hello);
	say(r, &open);
	while (hear(r))
		;
	say_long(r, 1, 40, SESSION_LONG + 1);
	assert_int_equal(asked_now(r), 16);
	/* The longest wait for all of these. */
	say_long(r, 100, 5, SESSION_LONGEST + 1);
	assert_int_equal(asked_now(r), 0);
	/* What moves now waits for none that is not under way. */
	say_long(r, 200, 3, 1);
	assert_int_equal(asked_now(r), 3);
	/* One ends, and comes to nothing: it is asked for again, alone, in the
	 * end; another has its place at once. */
	say_done(r, 1);
	assert_int_equal(asked_now(r), 1);
	say_done(r, 10);
	assert_int_equal(asked_now(r), 10);
	say_done(r, 18);
	assert_int_equal(asked_now(r), 13);
	/* And of the longest still fewer. */
	say_done(r, 14);
	assert_int_equal(asked_now(r), 2);
	say_done(r, 1);
	assert_int_equal(asked_now(r), 1);
	assert_int_equal(r->at->bye, -1);
	rig_close(r);
}

static void a_push_is_a_hint_with_its_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pushes); i++) {
		struct rig *r = rig_make(true, false);
		const struct memfeed *f;

		for (int k = 0; k < 9; k++)
			mem_produce(&r->liar, 10);
		f = &r->liar.feeds[0];
		meet(r);
		if (pushes[i].held > 0)
			say_push(r, f, 1, pushes[i].held, 0);
		say_push(r, f, pushes[i].from, pushes[i].to, pushes[i].spoil);
		if (r->at->bye != pushes[i].bye ||
		    mem_feed(&r->node, &f->feed)->n != pushes[i].after)
			fail_msg("%s: bye %d, held %d", pushes[i].why,
				 r->at->bye,
				 (int)mem_feed(&r->node, &f->feed)->n);
		assert_int_equal(hear_type(r, MSG_FETCH), i == 4);
		rig_close(r);
	}
}

static void a_push_that_forks_is_set_aside(void **state)
{
	struct rig *r = rig_make(true, false);
	struct memnode twin;

	(void)state;
	mem_newcomer(&twin, 2, &r->node);
	mem_produce(&r->liar, 10);
	mem_produce(&twin, 11);
	mem_produce(&twin, 12);
	meet(r);
	say_push(r, &r->liar.feeds[0], 1, 2, 0);
	say_push(r, &twin.feeds[0], 3, 3, 0);
	assert_int_equal(r->at->forks, 1);
	/* It is the peer's own feed: that is for the peer to mend. */
	assert_false(hear_type(r, MSG_FETCH));
	assert_int_equal(r->at->aside_err, ERR_CONFLICT);
	/* With the overlap it shows in the same way. */
	say_push(r, &twin.feeds[0], 2, 3, 0);
	assert_int_equal(r->at->forks, 2);
	assert_int_equal(r->at->bye, -1);
	assert_int_equal(mem_feed(&r->node, &r->liar.feed)->n, 2);
	mem_release(&twin);
	rig_close(r);
}

static void a_push_is_short(void **state)
{
	struct rig *r = rig_make(true, false);

	(void)state;
	mem_produce(&r->liar, 4000);
	meet(r);
	say_push(r, &r->liar.feeds[0], 1, 2, 0);
	assert_bye(r, BYE_FORMAT, "above 4096 bytes");
	rig_close(r);
}

static void a_stranger_pushes_nothing_in(void **state)
{
	struct rig *r = rig_make(false, false);

	(void)state;
	meet(r);
	say_push(r, &r->liar.feeds[0], 1, 1, 0);
	assert_int_equal(r->node.feeds_n, 1);
	assert_int_equal(r->at->bye, -1);
	rig_close(r);
}

static void nobody_s_feeds_cost_a_stranger_its_session(void **state)
{
	struct rig *r = rig_make(false, false);
	struct memnode *c = calloc(1, sizeof(*c));

	(void)state;
	assert_non_null(c);
	meet(r);
	for (unsigned i = 0; i < 17; i++) {
		mem_newcomer(c, 100 + i, &r->node);
		say_head(r, &c->feed, 1, HEADS_FIRST);
		assert_true(hear_type(r, MSG_FETCH));
		say_run(r, &c->feeds[0], 1, 1, 0, 1);
		mem_release(c);
	}
	assert_bye(r, BYE_LIE, "seventeen feeds of nobody");
	assert_int_equal(r->node.feeds_n, 1);
	free(c);
	rig_close(r);
}

/* A maker with 41 entries, of which 40 are announced, and a peer that knows
 * rows with an end: by now the newest entries come first. */
enum { MAKER_ALL = 41, MAKER_TOLD = 40, TIP = MAKER_TOLD - 7 };

static void maker(struct rig *r, struct memnode *m, unsigned seed, size_t size)
{
	mem_newcomer(m, seed, &r->node);
	if (!mem_counts(&r->node, &m->feed) &&
	    roster_member(r->node.roster, &m->who) == NULL)
		mem_admit(&r->node, &m->who, false);
	while (mem_feed(m, &m->feed)->n < MAKER_ALL)
		mem_produce(m, mem_feed(m, &m->feed)->n == 4 ? size : 10);
}

/* The rows of the next FETCH, of which there is one: is it this? */
static void asked(struct rig *r, const struct pubkey *feed, uint64_t from,
		  uint64_t to)
{
	struct msg_want row;

	assert_true(hear_type(r, MSG_FETCH));
	assert_int_equal(r->m.u.fetch.count, 1);
	assert_true(msg_next_want(&r->m.u.fetch, &row));
	assert_memory_equal(&row.feed, feed, row.is_short ? MSG_SHORT : 32);
	assert_int_equal(row.from, from);
	assert_int_equal(row.to, to);
}

static struct rig *rig_recent(void)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct msg hello, open;

	assert_non_null(r);
	mem_found(&r->node, 1, false);
	r->node.recent_ms = 1;
	r->node.recent_min = 1;
	mem_newcomer(&r->liar, 2, &r->node);
	mem_admit(&r->node, &r->liar.who, false);
	mem_connect(&r->liar, &r->node, &r->box, &r->at, 5);
	session_close(r->box->s);
	r->box->s = NULL;
	session_start(r->at->s, r->node.now_ms);
	hello = hello_of(&r->liar);
	hello.u.hello.flags |= HELLO_PARTS;
	open = open_of(&r->liar);
	say(r, &hello);
	say(r, &open);
	while (hear(r))
		;
	return r;
}

/* A feed of which very much is to come is asked for in part; the maker's waits
 * behind it until it is time. */
static void tell_maker_behind(struct rig *r, const struct memnode *m,
			      uint64_t seq)
{
	static const struct pubkey endless = { { 7 } };

	say_head(r, &endless, LIMIT_SEQ, 0);
	asked(r, &endless, 1, 1024);
	say_head(r, &m->feed, seq, 0);
	assert_false(hear_type(r, MSG_FETCH));
	r->node.now_ms += 1;
	say_done(r, 1);
}

static void tell_maker_up_to(struct rig *r, const struct memnode *m,
			     uint64_t seq)
{
	tell_maker_behind(r, m, seq);
	asked(r, &m->feed, 1, 1);
}

static void tell_maker(struct rig *r, const struct memnode *m)
{
	tell_maker_up_to(r, m, MAKER_TOLD);
}

static void the_newest_entries_are_asked_for_and_kept(void **state)
{
	struct rig *r = rig_recent();
	const struct memfeed *f;
	struct memnode m;
	struct run kept;

	(void)state;
	maker(r, &m, 3, 10);
	f = mem_feed(&m, &m.feed);
	tell_maker(r, &m);
	say_run(r, f, 1, 1, 0, 1);
	asked(r, &m.feed, TIP, MAKER_TOLD);
	say_run(r, f, TIP, MAKER_TOLD, 0, 1);
	assert_true(mem_recent(mem_feed(&r->node, &m.feed), &kept));
	assert_int_equal(kept.from, TIP);
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, 1);
	/* What leads up to them, and they are not sent again. */
	asked(r, &m.feed, 2, TIP - 1);
	say_run(r, f, 2, TIP - 1, 0, 1);
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, MAKER_TOLD);
	assert_null(mem_feed(&r->node, &m.feed)->recent);
	assert_int_equal(r->at->bye, -1);
	mem_release(&m);
	rig_close(r);
}

/* More is to come than may be under way at once: 1024, and half of the nine
 * that have come. */
static void they_wait_for_history_that_comes_in_parts(void **state)
{
	enum { ALL = 1100, NEWEST = ALL - 7, PART = 1 + 1024 + 9 / 2 };
	struct rig *r = rig_recent();
	const struct memfeed *f;
	struct memnode m;
	struct run kept;

	(void)state;
	maker(r, &m, 3, 10);
	f = mem_feed(&m, &m.feed);
	while (f->n < ALL)
		mem_produce(&m, 10);
	tell_maker_up_to(r, &m, ALL);
	say_run(r, f, 1, 1, 0, 1);
	asked(r, &m.feed, NEWEST, ALL);
	say_run(r, f, NEWEST, ALL, 0, 1);
	asked(r, &m.feed, 2, PART);
	for (uint64_t from = 2; from <= PART; from += 200) {
		uint64_t to = from + 199 < PART ? from + 199 : PART;

		say_run(r, f, from, to, 0, to == PART);
	}
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, PART);
	assert_true(mem_recent(mem_feed(&r->node, &m.feed), &kept));
	assert_int_equal(kept.from, NEWEST);
	asked(r, &m.feed, PART + 1, NEWEST - 1);
	say_run(r, f, PART + 1, NEWEST - 1, 0, 1);
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, ALL);
	assert_null(mem_feed(&r->node, &m.feed)->recent);
	assert_int_equal(r->at->bye, -1);
	mem_release(&m);
	rig_close(r);
}

/* Those that are kept from the last session, when more is told by now. */
static void newer_ones_are_asked_for(void **state)
{
	struct rig *r = rig_recent();
	struct memfeed *held;
	struct run_writer w;
	struct memnode m;

	(void)state;
	mem_newcomer(&m, 3, &r->node);
	mem_admit(&r->node, &m.who, false);
	mem_give(&r->node, &m, &m.feed);
	while (mem_feed(&m, &m.feed)->n < MAKER_ALL)
		mem_produce(&m, 10);
	held = mem_feed(&r->node, &m.feed);
	assert_int_equal(held->n, 1);
	held->recent = malloc(SESSION_RECENT_BYTES);
	assert_non_null(held->recent);
	run_writer_init(&w, held->recent, SESSION_RECENT_BYTES, &m.feed);
	for (uint64_t seq = TIP - 1; seq < MAKER_TOLD; seq++) {
		const struct memfeed *f = mem_feed(&m, &m.feed);

		assert_int_equal(
			run_writer_add(&w, f->raw[seq - 1], f->raw_n[seq - 1]),
			0);
	}
	assert_int_equal(run_writer_end(&w, &held->recent_n), 0);
	tell_maker_behind(r, &m, MAKER_TOLD);
	asked(r, &m.feed, TIP, MAKER_TOLD);
	mem_release(&m);
	rig_close(r);
}

/* Answers to the row that asks for the newest entries: one run or two. */
static const struct {
	uint64_t from[2], to[2], spoil;
	int bye;
	uint64_t kept; /* from there, 0: nothing */
	const char *why;
} newest[] = {
	{ { TIP }, { MAKER_TOLD }, 0, -1, TIP, "what was asked for" },
	{ { TIP, 36 }, { 35, MAKER_TOLD }, 0, -1, 36, "in two runs" },
	{ { TIP }, { MAKER_TOLD }, MAKER_TOLD, -1, 0, "a bad signature" },
	{ { TIP }, { MAKER_TOLD - 1 }, 0, -1, 0, "it ends before" },
	{ { 0 }, { 0 }, 0, -1, 0, "nothing" },
	{ { TIP - 1 }, { MAKER_TOLD }, 0, BYE_ORDER, 0, "one more before" },
	{ { TIP + 1 }, { MAKER_TOLD }, 0, BYE_ORDER, 0, "one less" },
	{ { TIP }, { MAKER_ALL }, 0, BYE_ORDER, 0, "one more after" },
	{ { TIP, 35 }, { 35, MAKER_TOLD }, 0, BYE_ORDER, 0, "one twice" },
	{ { TIP, 37 }, { 35, MAKER_TOLD }, 0, BYE_ORDER, 0, "with a gap" },
	{ { TIP, TIP },
	  { MAKER_TOLD, MAKER_TOLD },
	  0,
	  BYE_ORDER,
	  TIP,
	  "all of it twice" },
	{ { 1 }, { 1 }, 0, BYE_ORDER, 0, "the first entry again" },
};

static void answers_of_newest_entries_keep_to_the_question(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(newest); i++) {
		struct rig *r = rig_recent();
		const struct memfeed *f;
		struct memnode m;
		struct run kept = { .from = 0 };
		struct pack p;

		maker(r, &m, 3, 10);
		f = mem_feed(&m, &m.feed);
		tell_maker(r, &m);
		say_run(r, f, 1, 1, 0, 1);
		asked(r, &m.feed, TIP, MAKER_TOLD);
		pack_init(&p);
		for (int k = 0; k < 2; k++)
			if (newest[i].from[k] != 0)
				put_run(&p, f, newest[i].from[k],
					newest[i].to[k], newest[i].spoil);
		say_pack(r, &p, MSG_RUN, 1);
		if (r->at->bye != newest[i].bye)
			fail_msg("%s: bye %d", newest[i].why, r->at->bye);
		mem_recent(mem_feed(&r->node, &m.feed), &kept);
		if (kept.from != newest[i].kept)
			fail_msg("%s: kept from %d", newest[i].why,
				 (int)kept.from);
		/* Whatever it was, history is asked for. */
		if (newest[i].bye == -1)
			asked(r, &m.feed, 2, kept.from > 0 ? kept.from - 1 : 0);
		mem_release(&m);
		rig_close(r);
	}
}

static void more_than_the_first_entry_ends_it(void **state)
{
	struct rig *r = rig_recent();
	struct memnode m;

	(void)state;
	maker(r, &m, 3, 10);
	tell_maker(r, &m);
	say_run(r, mem_feed(&m, &m.feed), 1, 2, 0, 1);
	assert_bye(r, BYE_ORDER, "two entries for one");
	mem_release(&m);
	rig_close(r);
}

/* What was kept is of another branch than what leads up to it. */
static void what_does_not_follow_is_dropped_and_asked_for(void **state)
{
	struct rig *r = rig_recent();
	struct memnode m, twin;
	struct run kept;

	(void)state;
	maker(r, &m, 3, 10);
	maker(r, &twin, 3, 11);
	tell_maker(r, &m);
	say_run(r, mem_feed(&m, &m.feed), 1, 1, 0, 1);
	asked(r, &m.feed, TIP, MAKER_TOLD);
	say_run(r, mem_feed(&twin, &m.feed), TIP, MAKER_TOLD, 0, 1);
	assert_true(mem_recent(mem_feed(&r->node, &m.feed), &kept));
	asked(r, &m.feed, 2, TIP - 1);
	say_run(r, mem_feed(&m, &m.feed), 2, TIP - 1, 0, 1);
	assert_null(mem_feed(&r->node, &m.feed)->recent);
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, TIP - 1);
	assert_int_equal(r->at->forks, 0);
	asked(r, &m.feed, TIP, 0);
	say_run(r, mem_feed(&m, &m.feed), TIP, MAKER_TOLD, 0, 1);
	assert_int_equal(mem_feed(&r->node, &m.feed)->n, MAKER_TOLD);
	assert_int_equal(r->at->bye, -1);
	mem_release(&m);
	mem_release(&twin);
	rig_close(r);
}

static void newest_entries_that_do_not_come_are_counted(void **state)
{
	struct rig *r = rig_recent();
	struct memnode m[17];

	(void)state;
	/* The one that is endless has come to nothing once. */
	for (unsigned i = 0; i < ARRAY_LEN(m); i++) {
		maker(r, &m[i], 3 + i, 10);
		if (i == 0)
			tell_maker(r, &m[i]);
		else
			say_head(r, &m[i].feed, MAKER_TOLD, 0);
	}
	for (unsigned i = 0; i < ARRAY_LEN(m); i++) {
		assert_int_equal(r->at->bye, -1);
		say_run(r, mem_feed(&m[i], &m[i].feed), 1, 1, 0, 1);
	}
	/* Sixteen are borne. */
	say_done(r, 16);
	assert_int_equal(r->at->bye, -1);
	say_done(r, 1);
	assert_bye(r, BYE_LIE, "the seventeenth");
	for (unsigned i = 0; i < ARRAY_LEN(m); i++)
		mem_release(&m[i]);
	rig_close(r);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_newest_entries_are_asked_for_and_kept),
		UNIT(they_wait_for_history_that_comes_in_parts),
		UNIT(newer_ones_are_asked_for),
		UNIT(answers_of_newest_entries_keep_to_the_question),
		UNIT(more_than_the_first_entry_ends_it),
		UNIT(what_does_not_follow_is_dropped_and_asked_for),
		UNIT(newest_entries_that_do_not_come_are_counted),
		UNIT(nothing_comes_before_hello),
		UNIT(each_frame_has_its_turn),
		UNIT(rosters_are_compared_before_heads),
		UNIT(an_answer_needs_a_question),
		UNIT(a_digest_is_of_what_is_durable),
		UNIT(hello_names_network_and_another_node),
		UNIT(another_version_is_told_so),
		UNIT(the_transport_key_is_that_of_open),
		UNIT(open_must_be_valid),
		UNIT(open_is_given_once),
		UNIT(join_comes_once_and_must_be_of_the_peer),
		UNIT(a_member_that_joins_is_admitted_already),
		UNIT(oversize_and_truncated_frames_are_refused),
		UNIT(a_run_not_asked_for_ends_it),
		UNIT(answers_keep_the_order_of_the_questions),
		UNIT(a_row_may_end_without_a_run),
		UNIT(a_bad_last_signature_loses_nothing_before_it),
		UNIT(entries_of_another_network_end_it),
		UNIT(malformed_runs_end_it),
		UNIT(promises_that_come_to_nothing_are_counted),
		UNIT(a_feed_given_up_is_a_lie_again),
		UNIT(pushes_without_end_end_it),
		UNIT(more_bytes_than_granted_end_it),
		UNIT(credit_has_a_ceiling),
		UNIT(no_byte_is_given_beyond_the_credit),
		UNIT(a_row_ends_where_it_says),
		UNIT(rows_under_way_are_limited),
		UNIT(unknown_feeds_are_answered_with_nothing),
		UNIT(wanted_feeds_have_a_ceiling),
		UNIT(a_stranger_has_a_lower_ceiling),
		UNIT(heads_without_end_end_it),
		UNIT(limits_without_end_end_it),
		UNIT(a_list_is_answered_once_it_is_known_who_tells_it),
		UNIT(listings_do_not_nest),
		UNIT(walks_without_end_end_it),
		UNIT(listings_without_end_end_it),
		UNIT(a_hello_that_differs_counts),
		UNIT(a_scope_counts_at_hello),
		UNIT(walks_do_not_nest),
		UNIT(a_stranger_walks_in_vain),
		UNIT(heads_that_look_alike_are_not_told),
		UNIT(what_is_not_known_is_told_and_no_more),
		UNIT(a_short_name_of_nothing_is_passed_over),
		UNIT(a_forged_cursor_only_costs_bytes),
		UNIT(the_roster_is_asked_for_before_the_rest),
		UNIT(long_feeds_are_asked_for_last),
		UNIT(few_long_feeds_are_under_way),
		UNIT(a_push_is_a_hint_with_its_entries),
		UNIT(a_push_that_forks_is_set_aside),
		UNIT(a_push_is_short),
		UNIT(a_stranger_pushes_nothing_in),
		UNIT(nobody_s_feeds_cost_a_stranger_its_session),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
