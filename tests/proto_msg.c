#include "proto/session/msg.h"

#include "crypto/err.h"
#include "proto/entry.h"
#include "proto/session/pack.h"
#include "proto/session/tree.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/* 32 bytes that are easy to see in a dump. */
static void fill(void *out, uint8_t with)
{
	memset(out, with, 32);
}

static struct msg hello(void)
{
	struct msg m = { .type = MSG_HELLO };

	fill(m.u.hello.network.b, 1);
	fill(m.u.hello.feed.b, 2);
	memset(m.u.hello.here.instance, 3, MSG_INSTANCE);
	m.u.hello.here.arrival = 70000;
	memset(m.u.hello.there.instance, 4, MSG_INSTANCE);
	m.u.hello.there.arrival = 300;
	m.u.hello.feeds = 5;
	fill(m.u.hello.frontier.b, 6);
	fill(m.u.hello.roster.b, 7);
	m.u.hello.credit = LIMIT_CREDIT_MIN;
	m.u.hello.flags = 9;
	memset(m.u.hello.nonce, 10, MSG_NONCE);
	m.u.hello.scope.n = 2;
	fill(m.u.hello.scope.who[0].b, 11);
	fill(m.u.hello.scope.who[1].b, 12);
	return m;
}

static struct msg join(void)
{
	static const uint8_t entries[] = { 0xc4, 2, 1, 2, 0xc4, 1, 3 };
	struct msg m = { .type = MSG_JOIN };

	memset(m.u.join.invite, 1, MSG_SHORT);
	fill(m.u.join.proof.b, 2);
	memcpy(m.u.join.label, "maker.88", 9);
	memcpy(m.u.join.place, "FR-88", 6);
	memcpy(m.u.join.name, "Le Fablab", 10);
	m.u.join.entries.count = 2;
	rd_init(&m.u.join.entries.rd, entries, sizeof(entries));
	return m;
}

/* A frame of each type, the list types with a row or two. */
static struct msg sample(enum msg_type type, struct pack *p)
{
	struct msg m = { .type = type };
	struct msg_head head = { .seq = 300, .id = { 9 } };
	struct msg_want want = { .from = 70000 };
	static const uint8_t prints[TREE_PRINTS] = { 1, 2, 3 };
	static const uint8_t limit[1 + 34 + 2] = { 0x93, 0xc4, 32, [35] = 7 };
	struct msg_node node = { .node = 35,
				 .form = PRINTS_CHILDREN,
				 .prints = prints,
				 .prints_n = TREE_PRINTS };
	const uint8_t *frame = p->buf;
	size_t n = 0;
	int err;

	fill(head.feed.b, 1);
	fill(want.feed.b, 2);
	switch (type) {
	case MSG_HELLO:
		return hello();
	case MSG_OPEN:
		m.u.open.raw = (const uint8_t *)"open";
		m.u.open.raw_n = 4;
		return m;
	case MSG_HEADS:
		pack_init(p);
		pack_head(p, &head);
		head.is_short = true;
		pack_head(p, &head);
		frame = pack_end(p, &n, type, HEADS_START | HEADS_FIRST);
		break;
	case MSG_FETCH:
		pack_init(p);
		pack_want(p, &want);
		frame = pack_end(p, &n, type, 0);
		break;
	case MSG_RUN:
		pack_init(p);
		frame = pack_end(p, &n, type, 17);
		break;
	case MSG_PUSH:
		m.u.push.runs.count = 1;
		rd_init(&m.u.push.runs.rd, "\xc4\x01x", 3);
		return m;
	case MSG_CREDIT:
		m.u.credit = 1 << 20;
		return m;
	case MSG_DIGEST:
		m.u.digest.ask = true;
		m.u.digest.feeds = 1000;
		fill(m.u.digest.frontier.b, 3);
		fill(m.u.digest.roster.b, 4);
		m.u.digest.arrival = 70000;
		return m;
	case MSG_JOIN:
		return join();
	case MSG_JOINED:
		m.u.joined = JOINED_EXPIRED;
		return m;
	case MSG_BYE:
		m.u.bye.reason = BYE_NETWORK;
		memcpy(m.u.bye.text, "au revoir", 10);
		return m;
	case MSG_WALK:
		pack_init(p);
		pack_node(p, &node);
		node.node = 2047;
		node.form = PRINTS_HEADS;
		node.prints_n = 0;
		pack_node(p, &node);
		frame = pack_end(p, &n, type, 0);
		break;
	case MSG_LIMITS:
		m.u.limits.is_last = true;
		m.u.limits.rows.count = 1;
		rd_init(&m.u.limits.rows.rd, limit, sizeof(limit));
		return m;
	case MSG_PROOF:
		m.u.proof.p = (const uint8_t *)"proof";
		m.u.proof.n = 5;
		return m;
	}
	err = msg_decode(&m, frame, n);
	assert_int_equal(err, 0);
	return m;
}

static void a_frame_of_each_type_survives_the_way(void **state)
{
	(void)state;
	for (unsigned type = MSG_HELLO; type <= MSG_PROOF; type++) {
		uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];
		struct pack p;
		struct msg in = sample((enum msg_type)type, &p), out;
		size_t a_n, b_n;

		assert_int_equal(msg_encode(&in, a, sizeof(a), &a_n), 0);
		assert_int_equal(msg_decode(&out, a, a_n), 0);
		assert_int_equal(out.type, type);
		assert_int_equal(msg_encode(&out, b, sizeof(b), &b_n), 0);
		assert_int_equal(a_n, b_n);
		assert_memory_equal(a, b, a_n);
		assert_int_equal(a[1], MSG_VERSION);
		assert_int_equal(a[2], type);
	}
}

static void fields_stand_where_the_table_says(void **state)
{
	uint8_t frame[LIMIT_FRAME];
	struct msg in = hello(), out;
	size_t n;

	(void)state;
	assert_int_equal(msg_encode(&in, frame, sizeof(frame), &n), 0);
	assert_int_equal(msg_decode(&out, frame, n), 0);
	assert_memory_equal(&out.u.hello, &in.u.hello, sizeof(in.u.hello));
	in = join();
	assert_int_equal(msg_encode(&in, frame, sizeof(frame), &n), 0);
	assert_int_equal(msg_decode(&out, frame, n), 0);
	assert_string_equal(out.u.join.label, "maker.88");
	assert_string_equal(out.u.join.place, "FR-88");
	assert_string_equal(out.u.join.name, "Le Fablab");
	assert_int_equal(out.u.join.entries.count, 2);
}

static void lists_give_their_rows_in_order(void **state)
{
	struct msg_head row = { .seq = 1 };
	struct msg_head got;
	struct pack p;
	struct msg m;
	const uint8_t *frame;
	size_t n;

	(void)state;
	pack_init(&p);
	for (uint32_t i = 0; i < LIMIT_HEADS; i++) {
		row.seq = i + 1;
		pack_head(&p, &row);
	}
	frame = pack_end(&p, &n, MSG_HEADS, 0);
	assert_int_equal(msg_decode(&m, frame, n), 0);
	for (uint32_t i = 0; i < LIMIT_HEADS; i++) {
		assert_true(msg_next_head(&m.u.heads.rows, &got));
		assert_int_equal(got.seq, i + 1);
	}
	assert_false(msg_next_head(&m.u.heads.rows, &got));
}

static void truncation_at_every_byte_is_refused(void **state)
{
	(void)state;
	for (unsigned type = MSG_HELLO; type <= MSG_PROOF; type++) {
		uint8_t frame[LIMIT_FRAME];
		struct pack p;
		struct msg m = sample((enum msg_type)type, &p);
		size_t n;

		assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *exact = malloc(cut > 0 ? cut : 1);

			assert_non_null(exact);
			memcpy(exact, frame, cut);
			assert_int_equal(msg_decode(&m, exact, cut),
					 ERR_FORMAT);
			free(exact);
		}
		frame[n] = 0;
		assert_int_equal(msg_decode(&m, frame, n + 1), ERR_FORMAT);
	}
}

static void an_encoder_stops_at_the_room_it_has(void **state)
{
	(void)state;
	for (unsigned type = MSG_HELLO; type <= MSG_PROOF; type++) {
		uint8_t frame[1024];
		struct pack p;
		struct msg m = sample((enum msg_type)type, &p);
		size_t n, again;

		assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
		assert_int_equal(msg_encode(&m, frame, n, &again), 0);
		for (size_t max = 0; max < n; max++)
			assert_int_equal(msg_encode(&m, frame, max, &again),
					 ERR_LIMIT);
	}
}

/* Bytes that are no frame, or none that a node reads. */
static const struct {
	uint8_t bytes[8];
	size_t n;
	int err;
	const char *why;
} bad[] = {
	{ { 0 }, 0, ERR_FORMAT, "nothing" },
	{ { 0xc0 }, 1, ERR_FORMAT, "nil" },
	{ { 0x90 }, 1, ERR_FORMAT, "an empty array" },
	{ { 0x92, 1, 7 }, 3, ERR_FORMAT, "CREDIT without its bytes" },
	{ { 0x94, 1, 7, 1, 1 }, 5, ERR_FORMAT, "CREDIT with one more" },
	{ { 0x93, 1, 7, 0 }, 4, ERR_FORMAT, "CREDIT of nothing" },
	{ { 0x93, 1, 0xcc, 7, 1 }, 5, ERR_FORMAT, "a type in a longer form" },
	{ { 0x93, 2, 7, 1 }, 4, ERR_VERSION, "version 2" },
	{ { 0x93, 0, 7, 1 }, 4, ERR_VERSION, "version 0" },
	{ { 0x93, 1, 0, 1 }, 4, ERR_VERSION, "type 0" },
	{ { 0x93, 1, 15, 1 }, 4, ERR_VERSION, "type 15" },
	{ { 0x94, 1, 13, 2, 0x90 }, 5, ERR_LIMIT, "neither last nor not" },
	{ { 0x94, 1, 14, 1, 0xc4, 0 }, 6, ERR_FORMAT, "a proof of nothing" },
	{ { 0x93, 1, 12, 0x90 }, 4, ERR_FORMAT, "WALK of nothing" },
	{ { 0x94, 1, 3, 8, 0x90 }, 5, ERR_FORMAT, "some, and no beginning" },
	{ { 0x94, 1, 3, 16, 0x90 }, 5, ERR_LIMIT, "flags that nobody knows" },
	{ { 0x93, 1, 3, 1 }, 4, ERR_FORMAT, "HEADS without rows" },
	{ { 0x94, 1, 3, 0, 0x90 }, 5, ERR_FORMAT, "HEADS that says nothing" },
	{ { 0x94, 1, 3, 4, 0x90 }, 5, ERR_FORMAT, "HEADS with flag 4 only" },
	{ { 0x93, 1, 4, 0x90 }, 4, ERR_FORMAT, "FETCH of nothing" },
	{ { 0x94, 1, 5, 0, 0x90 }, 5, ERR_FORMAT, "RUN that does nothing" },
	{ { 0x94, 1, 5, 0xcd, 4, 1, 0x90 }, 7, ERR_LIMIT, "1025 rows done" },
	{ { 0x94, 1, 5, 0, 0x91, 0xc4, 0 }, 7, ERR_FORMAT, "an empty run" },
	{ { 0x94, 1, 5, 0, 0x91, 0xa1, 1 }, 7, ERR_FORMAT, "a run of text" },
	{ { 0x93, 1, 6, 0xc4, 0 }, 5, ERR_FORMAT, "an empty PUSH" },
	{ { 0x93, 1, 10, 8 }, 4, ERR_LIMIT, "a status not known" },
	{ { 0x94, 1, 11, 0xcd, 1, 0, 0xa0 }, 7, ERR_LIMIT, "reason 256" },
	{ { 0x94, 1, 11, 0, 0xa1, 7 }, 6, ERR_FORMAT, "a bell in the text" },
};

static void what_is_no_frame_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct msg m;
		int err = msg_decode(&m, bad[i].bytes, bad[i].n);

		if (err != bad[i].err)
			fail_msg("%s: %d", bad[i].why, err);
	}
}

/* Those that are just inside. */
static const struct {
	uint8_t bytes[8];
	size_t n;
	enum msg_type type;
	const char *why;
} good[] = {
	{ { 0x93, 1, 2, 0xc0 }, 4, MSG_OPEN, "OPEN that asks" },
	{ { 0x93, 1, 2, 0xc4, 0 }, 5, MSG_OPEN, "OPEN of no bytes" },
	{ { 0x93, 1, 7, 1 }, 4, MSG_CREDIT, "CREDIT of one byte" },
	{ { 0x94, 1, 3, 1, 0x90 }, 5, MSG_HEADS, "a listing begins" },
	{ { 0x94, 1, 3, 7, 0x90 }, 5, MSG_HEADS, "and ends" },
	{ { 0x94, 1, 3, 9, 0x90 }, 5, MSG_HEADS, "one of some begins" },
	{ { 0x94, 1, 5, 0xcd, 4, 0, 0x90 }, 7, MSG_RUN, "1024 rows done" },
	{ { 0x93, 1, 10, 7 }, 4, MSG_JOINED, "the last status" },
	{ { 0x94, 1, 11, 0xcc, 255, 0xa0 }, 6, MSG_BYE, "a reason unknown" },
	{ { 0x94, 9, 11, 1, 0xa0 }, 5, MSG_BYE, "BYE of version 9" },
};

static void what_is_just_a_frame_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct msg m;
		int err = msg_decode(&m, good[i].bytes, good[i].n);

		if (err != 0 || m.type != good[i].type)
			fail_msg("%s: %d", good[i].why, err);
	}
}

/* HELLO with one number changed. */
static const struct {
	uint64_t arrival, feeds, credit, flags;
	int err;
} hellos[] = {
	{ 0, 1, LIMIT_CREDIT_MIN, 0, 0 },
	{ 1, 1, LIMIT_CREDIT_MIN, 0, 0 },
	{ LIMIT_SEQ, 1, LIMIT_CREDIT_MIN, 0, 0 },
	{ LIMIT_SEQ + 1, 1, LIMIT_CREDIT_MIN, 0, ERR_LIMIT },
	{ 1, INT32_MAX, LIMIT_CREDIT_MIN, 0, 0 },
	{ 1, (uint64_t)INT32_MAX + 1, LIMIT_CREDIT_MIN, 0, ERR_LIMIT },
	{ 1, 0, LIMIT_CREDIT_MIN - 1, 0, ERR_LIMIT },
	{ 1, 0, LIMIT_CREDIT_MAX, 0, 0 },
	{ 1, 0, LIMIT_CREDIT_MAX + 1, 0, ERR_LIMIT },
	{ 1, 0, LIMIT_CREDIT_MIN, UINT32_MAX, 0 },
};

/* Rows of WALK, two in a frame. */
static const struct {
	uint64_t node[2];
	unsigned form;
	size_t prints_n;
	int err;
	const char *why;
} nodes[] = {
	{ { 1, 32 }, 1, 4, 0, "the top and its first child" },
	{ { 1, 1 }, 1, 4, ERR_FORMAT, "a node twice" },
	{ { 33, 32 }, 1, 4, ERR_FORMAT, "nodes that fall" },
	{ { 1, 2 }, 1, 4, ERR_FORMAT, "no node" },
	{ { 0, 1 }, 1, 4, ERR_FORMAT, "nor this" },
	{ { 1, 0x7fffffff }, 1, 4, 0, "the last of the deepest" },
	{ { 1, 0x80000000 }, 1, 4, ERR_FORMAT, "one deeper" },
	{ { 1, 0x100000000 }, 1, 4, ERR_LIMIT, "much deeper" },
	{ { 1, 32 }, 0, 128, 0, "children of both" },
	{ { 1, 32 }, 0, 124, ERR_FORMAT, "31 children" },
	{ { 1, 0x3ffffff }, 0, 128, 0, "children at the bottom" },
	{ { 1, 0x7fffffff }, 0, 128, ERR_FORMAT, "children below it" },
	{ { 1, 32 }, 1, 0, 0, "no heads" },
	{ { 1, 32 }, 1, 5, ERR_FORMAT, "a head and a quarter" },
	{ { 1, 32 }, 1, 96, 0, "24 heads" },
	{ { 1, 32 }, 1, 100, ERR_LIMIT, "one more" },
	{ { 1, 32 }, 2, 4, 0, "some that are not known" },
	{ { 1, 32 }, 2, 96, 0, "24 of them" },
	{ { 1, 32 }, 2, 100, ERR_LIMIT, "and one more" },
	{ { 0x3ffffff, 0x40000000 }, 1, 100, ERR_LIMIT, "just above" },
	{ { 0x40000000, 0x40000001 }, 1, 4096, 0, "1024 at the bottom" },
	{ { 0x40000000, 0x40000001 }, 1, 4100, ERR_LIMIT, "and one more" },
	{ { 0x40000000, 0x40000001 }, 2, 4096, 0, "1024 not known" },
	{ { 1, 32 }, 3, 4, ERR_LIMIT, "a form that is none" },
};

static void rows_of_a_walk_keep_their_limits(void **state)
{
	static const uint8_t prints[8192];
	static uint8_t frame[LIMIT_FRAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		struct msg m;
		struct wr w;
		size_t n;
		int err;

		wr_init(&w, frame, sizeof(frame));
		wr_array(&w, 3);
		wr_uint(&w, 1);
		wr_uint(&w, MSG_WALK);
		wr_array(&w, 2);
		for (size_t k = 0; k < 2; k++) {
			wr_array(&w, 3);
			wr_uint(&w, nodes[i].node[k]);
			wr_uint(&w, nodes[i].form);
			wr_bin(&w, prints, nodes[i].prints_n);
		}
		assert_int_equal(wr_end(&w, &n), 0);
		err = msg_decode(&m, frame, n);
		if (err != nodes[i].err)
			fail_msg("%s: %d", nodes[i].why, err);
	}
}

static void a_feed_is_whole_or_its_first_eight_bytes(void **state)
{
	static uint8_t frame[128];

	(void)state;
	for (size_t len = 0; len <= 33; len++) {
		static const uint8_t feed[40] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
		bool is_good = len == MSG_SHORT || len == KEY_SIZE;
		struct msg_want row;
		struct msg m;
		struct wr w;
		size_t n;

		wr_init(&w, frame, sizeof(frame));
		wr_array(&w, 3);
		wr_uint(&w, 1);
		wr_uint(&w, MSG_FETCH);
		wr_array(&w, 1);
		wr_array(&w, 2);
		wr_bin(&w, feed, len);
		wr_uint(&w, 1);
		assert_int_equal(wr_end(&w, &n), 0);
		assert_int_equal(msg_decode(&m, frame, n) == 0, is_good);
		if (!is_good)
			continue;
		assert_true(msg_next_want(&m.u.fetch, &row));
		assert_int_equal(row.is_short, len == MSG_SHORT);
		assert_int_equal(row.feed.b[8], len == MSG_SHORT ? 0 : 9);
	}
}

/* Rows of FETCH; n is how many elements. */
static const struct {
	uint64_t from, to;
	uint32_t n;
	int err;
	const char *why;
} parts[] = {
	{ 1, 1, 3, 0, "the first entry alone" },
	{ 5, 4, 3, ERR_FORMAT, "it ends before it begins" },
	{ 5, 5, 3, 0, "where it begins" },
	{ 5, 6, 3, 0, "or after" },
	{ 1, 0, 3, ERR_FORMAT, "at nothing" },
	{ 0, 1, 3, ERR_FORMAT, "from nothing" },
	{ 1, LIMIT_SEQ, 3, 0, "the last there can be" },
	{ 1, LIMIT_SEQ + 1, 3, ERR_LIMIT, "one more" },
	{ 1, 0, 2, 0, "without an end" },
	{ 1, 0, 1, ERR_FORMAT, "without a beginning" },
	{ 1, 2, 4, ERR_LIMIT, "with something else" },
};

static void a_row_of_fetch_may_say_where_it_ends(void **state)
{
	static const uint8_t feed[KEY_SIZE] = { 1 };
	static uint8_t frame[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct msg_want row;
		struct pack p;
		struct msg m;
		struct wr w;
		size_t n;
		int err;

		wr_init(&w, frame, sizeof(frame));
		wr_array(&w, 3);
		wr_uint(&w, 1);
		wr_uint(&w, MSG_FETCH);
		wr_array(&w, 1);
		wr_array(&w, parts[i].n);
		wr_bin(&w, feed, sizeof(feed));
		if (parts[i].n > 1)
			wr_uint(&w, parts[i].from);
		if (parts[i].n > 2)
			wr_uint(&w, parts[i].to);
		if (parts[i].n > 3)
			wr_uint(&w, 1);
		assert_int_equal(wr_end(&w, &n), 0);
		err = msg_decode(&m, frame, n);
		if (err != parts[i].err)
			fail_msg("%s: %d", parts[i].why, err);
		if (err != 0)
			continue;
		assert_true(msg_next_want(&m.u.fetch, &row));
		assert_int_equal(row.from, parts[i].from);
		assert_int_equal(row.to, parts[i].to);
		/* It is written as it was read. */
		pack_init(&p);
		pack_want(&p, &row);
		assert_memory_equal(pack_end(&p, &n, MSG_FETCH, 0), frame, n);
	}
}

static void hello_keeps_its_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hellos); i++) {
		struct msg m = hello(), out;
		uint8_t frame[512];
		size_t n;

		m.u.hello.here.arrival = hellos[i].arrival;
		m.u.hello.there.arrival = hellos[i].arrival;
		m.u.hello.feeds = hellos[i].feeds;
		m.u.hello.credit = hellos[i].credit;
		m.u.hello.flags = (uint32_t)hellos[i].flags;
		assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
		assert_int_equal(msg_decode(&out, frame, n), hellos[i].err);
	}
}

static void a_scope_rises_and_ends(void **state)
{
	uint8_t frame[1024];
	struct msg m = hello(), out;
	size_t n;

	(void)state;
	m.u.hello.scope.n = MSG_SCOPE;
	for (unsigned i = 0; i < MSG_SCOPE; i++)
		fill(m.u.hello.scope.who[i].b, (uint8_t)i);
	assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
	assert_int_equal(msg_decode(&out, frame, n), 0);
	assert_true(scope_eq(&m.u.hello.scope, &out.u.hello.scope));
	out.u.hello.scope.n--;
	assert_false(scope_eq(&m.u.hello.scope, &out.u.hello.scope));
	/* One more than there may be. */
	frame[n - MSG_SCOPE * 34 - 1]++;
	assert_int_equal(msg_decode(&out, frame, n), ERR_LIMIT);
	m.u.hello.scope.who[3] = m.u.hello.scope.who[2];
	assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
	assert_int_equal(msg_decode(&out, frame, n), ERR_FORMAT);
}

static const struct {
	const char *label, *place, *name;
	uint32_t entries;
	int err;
} joins[] = {
	{ "m", "FR", "", 1, 0 },
	{ "m", "FR", "", LIMIT_PENDING, 0 },
	{ "m", "FR", "", LIMIT_PENDING + 1, ERR_LIMIT },
	{ "m", "FR", "", 0, ERR_FORMAT },
	{ "", "FR", "", 1, ERR_FORMAT },
	{ "deadbeef", "FR", "", 1, ERR_FORMAT },
	{ "m m", "FR", "", 1, ERR_FORMAT },
	{ "m", "Vosges", "", 1, ERR_FORMAT },
	{ "m", "FR-974", "\xe2\x80\xae", 1, ERR_FORMAT },
	{ "m", "FR-974", "\xc3\xa9", 1, 0 },
};

static void join_holds_its_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
		uint8_t frame[1024], bins[64];
		struct msg m = join(), out;
		struct wr w;
		size_t n;

		wr_init(&w, bins, sizeof(bins));
		for (uint32_t k = 0; k < joins[i].entries; k++)
			wr_bin(&w, "e", 1);
		assert_int_equal(wr_end(&w, &n), 0);
		m.u.join.entries.count = joins[i].entries;
		rd_init(&m.u.join.entries.rd, bins, n);
		strncpy(m.u.join.label, joins[i].label, LIMIT_LABEL);
		strncpy(m.u.join.place, joins[i].place, LIMIT_PLACE);
		strncpy(m.u.join.name, joins[i].name, LIMIT_NAME);
		assert_int_equal(msg_encode(&m, frame, sizeof(frame), &n), 0);
		assert_int_equal(msg_decode(&out, frame, n), joins[i].err);
	}
}

/* Frames of a list with n rows, written without pack's assertions. */
static int decode_rows(enum msg_type type, uint32_t rows, uint64_t seq)
{
	static uint8_t frame[LIMIT_FRAME];
	uint8_t feed[32] = { 0 };
	struct msg m;
	struct wr w;
	size_t n;

	wr_init(&w, frame, sizeof(frame));
	wr_array(&w, type == MSG_HEADS ? 4 : 3);
	wr_uint(&w, 1);
	wr_uint(&w, type);
	if (type == MSG_HEADS)
		wr_uint(&w, 0);
	wr_array(&w, rows);
	for (uint32_t i = 0; i < rows; i++) {
		wr_array(&w, type == MSG_HEADS ? 3 : 2);
		wr_bin(&w, feed, sizeof(feed));
		wr_uint(&w, seq);
		if (type == MSG_HEADS)
			wr_bin(&w, feed, MSG_SHORT);
	}
	assert_int_equal(wr_end(&w, &n), 0);
	return msg_decode(&m, frame, n);
}

static void lists_keep_their_limits(void **state)
{
	static const enum msg_type types[] = { MSG_HEADS, MSG_FETCH };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		assert_int_equal(decode_rows(types[i], LIMIT_HEADS, 1), 0);
		assert_int_equal(decode_rows(types[i], LIMIT_HEADS + 1, 1),
				 ERR_LIMIT);
		assert_int_equal(decode_rows(types[i], 1, 0), ERR_FORMAT);
		assert_int_equal(decode_rows(types[i], 1, LIMIT_SEQ), 0);
		assert_int_equal(decode_rows(types[i], 1, LIMIT_SEQ + 1),
				 ERR_LIMIT);
	}
}

static void a_frame_has_a_greatest_size(void **state)
{
	static uint8_t frame[LIMIT_FRAME + 1];
	struct msg m;

	(void)state;
	assert_int_equal(msg_decode(&m, frame, LIMIT_FRAME), ERR_FORMAT);
	assert_int_equal(msg_decode(&m, frame, LIMIT_FRAME + 1), ERR_LIMIT);
}

/* An entry of the greatest size, alone in its frame. */
static void the_longest_run_fits_a_frame(void **state)
{
	uint8_t seed[SEED_SIZE] = { 1 }, raw[LIMIT_ENTRY];
	static uint8_t facts[LIMIT_ENTRY];
	struct entry_plan plan = { .seq = 1, .kind = 60000, .facts = facts };
	struct seckey *key;
	const uint8_t *frame;
	struct run_writer w;
	struct pubkey feed;
	struct pack p;
	struct msg m;
	struct wr wr;
	size_t n, size = LIMIT_ENTRY - 300;

	(void)state;
	assert_int_equal(seckey_from_seed(&key, seed), 0);
	feed = seckey_pub(key);
	wr_init(&wr, facts, sizeof(facts));
	wr_map(&wr, 1);
	wr_uint(&wr, 2);
	memset(raw, 0, sizeof(raw));
	wr_bin(&wr, raw, size);
	assert_int_equal(wr_end(&wr, &plan.facts_n), 0);
	assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
	pack_init(&p);
	pack_run_begin(&p, &w, &feed, LIMIT_RUN_BYTES);
	assert_int_equal(run_writer_add(&w, raw, n), 0);
	pack_run_end(&p, &w);
	frame = pack_end(&p, &n, MSG_RUN, MSG_ROWS_MAX);
	assert_int_equal(msg_decode(&m, frame, n), 0);
	assert_true(n > size && n <= LIMIT_FRAME);
	/* A run without an entry leaves nothing. */
	pack_init(&p);
	pack_run_begin(&p, &w, &feed, LIMIT_RUN_BYTES);
	pack_run_end(&p, &w);
	assert_int_equal(p.count, 0);
	frame = pack_end(&p, &n, MSG_RUN, 1);
	assert_int_equal(msg_decode(&m, frame, n), 0);
	seckey_close(key);
}

static void every_reason_has_a_phrase(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= BYE_COUNT; i++) {
		assert_non_null(bye_text(i));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(bye_text(i), bye_text(k));
	}
	assert_string_equal(bye_text(BYE_COUNT), bye_text(255));
	for (unsigned i = 0; i <= JOINED_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(joined_text((enum joined)i),
						joined_text((enum joined)k));
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_frame_of_each_type_survives_the_way),
		UNIT(fields_stand_where_the_table_says),
		UNIT(lists_give_their_rows_in_order),
		UNIT(truncation_at_every_byte_is_refused),
		UNIT(an_encoder_stops_at_the_room_it_has),
		UNIT(what_is_no_frame_is_refused),
		UNIT(what_is_just_a_frame_is_read),
		UNIT(a_row_of_fetch_may_say_where_it_ends),
		UNIT(hello_keeps_its_limits),
		UNIT(a_scope_rises_and_ends),
		UNIT(rows_of_a_walk_keep_their_limits),
		UNIT(a_feed_is_whole_or_its_first_eight_bytes),
		UNIT(join_holds_its_forms),
		UNIT(lists_keep_their_limits),
		UNIT(a_frame_has_a_greatest_size),
		UNIT(the_longest_run_fits_a_frame),
		UNIT(every_reason_has_a_phrase),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
