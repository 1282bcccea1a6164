#include "crypto/bytes.h"
#include "crypto/sign.h"
#include "node/keeper.h"
#include "proto/entry.h"
#include "proto/evidence/evidence.h"
#include "proto/invite.h"
#include "proto/record.h"
#include "proto/run.h"
#include "proto/session/msg.h"
#include "proto/session/tree.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"
#include "tests/networld.h"

#include <errno.h>

/*
 * rogue -- a member of the network that does not keep to the protocol.
 *
 *   rogue HOME ADDRESS KEY DEED [HOW]
 *
 * HOME is a member's, whose node does not run; KEY is the transport key of the
 * node at ADDRESS, in hex.  It meets that node as the member would, does one
 * misdeed, and tells on one line what came of it:
 *
 *   bye REASON | cut | quiet      frames N bytes N fetched N
 *
 * "quiet": nothing happened within a few seconds.  The bytes are those of RUN
 * and PUSH; of shake-half-a-hand "fetched" counts the connections that the
 * other side has ended; of ask-without-end, which shows the invite link HOW, it
 * counts the answers.  ask-by-bad-names, which shows it too, tells a line for
 * each name instead: what was answered.  forge-certificate and impersonate say
 * HOW the first entry of a feed is false: see there.  fork-below and
 * tell-another-story begin at the entry HOW of its own feed; stay-unequal goes
 * on for HOW ms.  The exit code is 0 whenever the deed was done.
 */

enum {
	PATIENCE_MS = 3000,
	LISTEN_MS = 1500,
	STAY_MS = 20000,
	HALF_MS = 7000 /* longer than half a handshake may take */
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct rogue {
	struct client client;
	const char *dir;     /* HOME */
	const char *address; /* of the node, and its key */
	const char *link;    /* or what else HOW is */
	struct curvekey peer;
	struct id network;
	struct pubkey feed;
	struct seckey *key, *identity;
	struct pubkey founder;
	struct sig founder_cert; /* of the founder's own feed */
	struct pubkey hub;       /* the feed that the other node named */
	struct id theirs;        /* and its roster */
	uint64_t tip_seq;
	struct id tip;
	uint8_t open[LIMIT_ENTRY];
	size_t open_n;
	uint64_t credit; /* that the other side gave */
	struct msg msg;  /* the newest; borrows client.last */
	size_t frames, fetched, made;
	uint64_t bytes;
	int bye; /* its reason, or -1 */
	bool (*answer)(struct rogue *r);
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "rogue: %s\n", what);
	exit(2);
}

/* A founder, and the certificate of one of its feeds. */
static void load_founder(struct rogue *r, struct keeper *k)
{
	const struct roster *all = store_roster(k->store);
	uint8_t raw[LIMIT_ENTRY];
	struct record rec;
	struct entry e;
	size_t n;

	for (size_t i = 0; i < roster_feed_count(all); i++) {
		const struct roster_feed *f = roster_feed_at(all, i);
		const struct member *m = roster_member(all, &f->identity);

		if (m == NULL || m->depth != 0 ||
		    store_entry(k->store, &f->feed, 1, raw, &n) != 0 ||
		    entry_decode(&e, raw, n) != 0 ||
		    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0)
			continue;
		r->founder = m->identity;
		memcpy(r->founder_cert.b, rec.v[FACT_CERT].p, SIG_SIZE);
		return;
	}
	must(false, "no founder");
}

static void load(struct rogue *r, const char *dir)
{
	struct home home;
	struct keeper *k;
	struct entry e;
	struct head head;

	must(home_init(&home, dir) == 0 && keeper_open(&k, &home) == 0,
	     "this home cannot be opened");
	must(store_network(k->store, &r->network), "no network");
	r->feed = k->feed;
	r->client.self = k->transport;
	must(home_seckey(&home, &r->key, KEY_NODE, NULL) == 0 &&
		     home_seckey(&home, &r->identity, KEY_IDENTITY, NULL) == 0,
	     "no keys");
	must(store_entry(k->store, &k->feed, 1, r->open, &r->open_n) == 0 &&
		     entry_decode(&e, r->open, r->open_n) == 0 &&
		     store_head(k->store, &k->feed, &head) == 0,
	     "no feed");
	r->tip_seq = head.seq;
	r->tip = head.id;
	load_founder(r, k);
	keeper_close(k);
}

/* The node may have gone, or its pipe be full: that is an outcome too. */
static bool say_bytes(struct rogue *r, const void *p, size_t n)
{
	uint64_t until = clock_ms() + PATIENCE_MS;

	while (!client_is_down(&r->client) && clock_ms() < until) {
		if (dial_send(r->client.dial, p, n) == 0)
			return true;
		world_nap();
	}
	return false;
}

static bool say(struct rogue *r, const struct msg *m)
{
	static uint8_t frame[LIMIT_FRAME];
	size_t n;

	must(msg_encode(m, frame, sizeof(frame), &n) == 0, "no such frame");
	return say_bytes(r, frame, n);
}

static void note(struct rogue *r)
{
	r->frames++;
	switch (r->msg.type) {
	case MSG_HELLO:
		r->hub = r->msg.u.hello.feed;
		r->theirs = r->msg.u.hello.roster;
		r->credit = r->msg.u.hello.credit;
		break;
	case MSG_RUN:
	case MSG_PUSH:
		r->bytes += r->client.last_n;
		break;
	case MSG_FETCH:
		r->fetched += r->msg.u.fetch.count;
		break;
	case MSG_BYE:
		r->bye = (int)r->msg.u.bye.reason;
		break;
	case MSG_OPEN:
	case MSG_HEADS:
	case MSG_CREDIT:
	case MSG_DIGEST:
	case MSG_JOIN:
	case MSG_JOINED:
	case MSG_WALK:
	case MSG_LIMITS:
	case MSG_PROOF:
		break;
	}
}

static bool say_open(struct rogue *r)
{
	struct msg m = { .type = MSG_OPEN };

	m.u.open.raw = r->open;
	m.u.open.raw_n = r->open_n;
	return say(r, &m);
}

/* Take frames for a while, and answer as the deed wants it.  False once the
 * other side has ended it. */
static bool listen_for(struct rogue *r, uint64_t ms)
{
	uint64_t until = clock_ms() + ms;

	while (clock_ms() < until && r->bye < 0) {
		if (!client_has_frame(&r->client)) {
			if (client_is_down(&r->client))
				return false;
			world_nap();
			continue;
		}
		if (msg_decode(&r->msg, r->client.last, r->client.last_n) != 0)
			continue;
		note(r);
		if (r->msg.type == MSG_OPEN && r->msg.u.open.raw == NULL)
			say_open(r);
		else if (r->answer != NULL && !r->answer(r))
			return false;
	}
	return r->bye < 0;
}

static void meet(struct rogue *r, const char *address,
		 const struct curvekey *key)
{
	uint64_t until = clock_ms() + PATIENCE_MS;

	client_dial(&r->client, address, key);
	while (clock_ms() < until && !client_is_up(&r->client))
		world_nap();
	must(client_is_up(&r->client), "nobody there");
}

static void fill_hello(struct rogue *r, struct msg *m)
{
	memset(m, 0, sizeof(*m));
	m->type = MSG_HELLO;
	m->u.hello.network = r->network;
	m->u.hello.feed = r->feed;
	m->u.hello.flags = HELLO_FINDS;
	m->u.hello.credit = LIMIT_CREDIT_MIN;
	bytes_random(m->u.hello.nonce, sizeof(m->u.hello.nonce));
}

static void hello(struct rogue *r)
{
	struct msg m;

	fill_hello(r, &m);
	say(r, &m);
	listen_for(r, 300);
	must(r->frames > 0, "no answer to HELLO");
}

/* Rows of HEADS or FETCH. */
static bool say_rows(struct rogue *r, enum msg_type type,
		     const struct pubkey *feeds, size_t n, uint64_t seq)
{
	static uint8_t buf[LIMIT_HEADS * 64];
	struct msg m = { .type = type };
	struct msg_list *list =
		type == MSG_HEADS ? &m.u.heads.rows : &m.u.fetch;
	struct wr w;
	size_t i;

	wr_init(&w, buf, sizeof(buf));
	for (i = 0; i < n; i++) {
		wr_array(&w, type == MSG_HEADS ? 3 : 2);
		wr_bin(&w, feeds[i].b, KEY_SIZE);
		wr_uint(&w, seq);
		if (type == MSG_HEADS)
			wr_bin(&w, r->tip.b, MSG_SHORT);
	}
	list->count = (uint32_t)n;
	rd_init(&list->rd, buf, w.n);
	return say(r, &m);
}

static bool say_run(struct rogue *r, uint32_t done, const void *run, size_t n)
{
	static uint8_t buf[LIMIT_FRAME];
	struct msg m = { .type = MSG_RUN };
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	if (n > 0)
		wr_bin(&w, run, n);
	m.u.run.done = done;
	m.u.run.runs.count = n > 0;
	rd_init(&m.u.run.runs.rd, buf, w.n);
	return say(r, &m);
}

/* One entry after (seq, prev), signed by the node key, with its signature
 * damaged or not, as a run. */
static size_t make_run(struct rogue *r, uint8_t out[static LIMIT_FRAME],
		       uint64_t seq, const struct id *prev, bool is_bad)
{
	static const uint8_t no_facts[] = { 0x80 };
	struct entry_plan plan = {
		.seq = seq,
		.prev = *prev,
		.time_ms = (uint64_t)time(NULL) * 1000 + r->made++,
		.kind = 60000, /* not known: kept, never counted */
		.facts = no_facts,
		.facts_n = sizeof(no_facts),
	};
	uint8_t raw[LIMIT_ENTRY];
	struct run_writer w;
	size_t n;

	must(entry_seal(raw, &n, &plan, r->key) == 0, "cannot sign");
	if (is_bad)
		raw[n - 1] ^= 1;
	run_writer_init(&w, out, LIMIT_FRAME, &r->feed);
	must(run_writer_add(&w, raw, n) == 0 && run_writer_end(&w, &n) == 0,
	     "no run");
	return n;
}

static bool answer_nothing(struct rogue *r)
{
	return r->msg.type != MSG_FETCH ||
	       say_run(r, r->msg.u.fetch.count, NULL, 0);
}

/* A crowd of feeds that nobody has, each promised and never given. */
static void lie_about_tips(struct rogue *r)
{
	struct pubkey feeds[64];
	int i;

	r->answer = answer_nothing;
	for (i = 0; i < 20 && r->bye < 0; i++) {
		bytes_random(feeds, sizeof(feeds));
		say_rows(r, MSG_HEADS, feeds, 64, 1000);
		listen_for(r, 200);
	}
}

/* One entry more of its own, promised and never given, and otherwise all that
 * keeps a session going. */
static bool say_digest(struct rogue *r, bool ask)
{
	struct msg m = { .type = MSG_DIGEST };

	m.u.digest.ask = ask;
	m.u.digest.feeds = 1;
	m.u.digest.frontier = r->network;
	m.u.digest.roster = r->theirs;
	return say(r, &m);
}

static bool answer_steadily(struct rogue *r)
{
	if (r->msg.type == MSG_DIGEST && r->msg.u.digest.ask)
		return say_digest(r, false);
	return answer_nothing(r);
}

static bool list_one_more(struct rogue *r)
{
	uint8_t buf[64];
	struct msg m = { .type = MSG_HEADS };
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_array(&w, 3);
	wr_bin(&w, r->feed.b, KEY_SIZE);
	wr_uint(&w, r->tip_seq + 1);
	wr_bin(&w, r->tip.b, MSG_SHORT);
	m.u.heads.flags = HEADS_START | HEADS_END;
	m.u.heads.rows.count = 1;
	rd_init(&m.u.heads.rows.rd, buf, w.n);
	return say(r, &m);
}

static void stay_unequal(struct rogue *r)
{
	r->answer = answer_steadily;
	list_one_more(r);
	say_digest(r, true);
	listen_for(r,
		   r->link != NULL ? strtoull(r->link, NULL, 10) : LISTEN_MS);
}

static void lie_about_theirs(struct rogue *r)
{
	int i;

	r->answer = answer_nothing;
	for (i = 0; i < 20 && r->bye < 0; i++) {
		say_rows(r, MSG_HEADS, &r->hub, 1, 1000000000u + (unsigned)i);
		listen_for(r, 100);
	}
	listen_for(r, LISTEN_MS);
}

static void offer_and_never_send(struct rogue *r)
{
	say_rows(r, MSG_HEADS, &r->feed, 1, r->tip_seq + 1);
	say_rows(r, MSG_HEADS, &r->hub, 1, 1000000000);
	listen_for(r, LISTEN_MS);
}

/* Ask for everything, read it, and pay for nothing. */
static void never_give_credit(struct rogue *r)
{
	say_rows(r, MSG_FETCH, &r->hub, 1, 1);
	listen_for(r, LISTEN_MS);
}

static void give_endless_credit(struct rogue *r)
{
	struct msg m = { .type = MSG_CREDIT, .u.credit = LIMIT_CREDIT_MAX };
	int i;

	for (i = 0; i < 8; i++)
		say(r, &m);
	listen_for(r, LISTEN_MS);
}

static bool answer_badly(struct rogue *r)
{
	static uint8_t run[LIMIT_FRAME];
	size_t n;

	if (r->msg.type != MSG_FETCH)
		return true;
	n = make_run(r, run, r->tip_seq + 1, &r->tip, true);
	return say_run(r, r->msg.u.fetch.count, run, n);
}

static void send_bad_signatures(struct rogue *r)
{
	int i;

	r->answer = answer_badly;
	for (i = 0; i < 20 && r->bye < 0; i++) {
		say_rows(r, MSG_HEADS, &r->feed, 1, r->tip_seq + 1);
		listen_for(r, 100);
	}
}

/* Valid signatures over a chain that follows nothing here, from seq on. */
static bool answer_from_elsewhere(struct rogue *r, uint64_t seq)
{
	static uint8_t run[LIMIT_FRAME];
	struct id elsewhere;
	size_t n;

	if (r->msg.type != MSG_FETCH)
		return true;
	memset(&elsewhere, 7, sizeof(elsewhere));
	n = make_run(r, run, seq, &elsewhere, false);
	return say_run(r, r->msg.u.fetch.count, run, n);
}

static bool answer_from_the_first(struct rogue *r)
{
	return answer_from_elsewhere(r, 1);
}

static bool answer_from_the_next(struct rogue *r)
{
	return answer_from_elsewhere(r, r->tip_seq + 1);
}

/* The same once, and then it stays as if nothing were amiss. */
static void send_one_bad_and_stay(struct rogue *r)
{
	r->answer = answer_badly;
	say_rows(r, MSG_HEADS, &r->feed, 1, r->tip_seq + 1);
	listen_for(r, STAY_MS);
}

/* A feed that is signed well, of another network. */
static void send_another_network(struct rogue *r)
{
	struct seckey *own = r->key;
	struct pubkey feed = r->feed;
	uint8_t seed[SEED_SIZE];

	bytes_random(seed, sizeof(seed));
	must(seckey_from_seed(&r->key, seed) == 0, "no key");
	r->feed = seckey_pub(r->key);
	r->answer = answer_from_the_first;
	say_rows(r, MSG_HEADS, &r->feed, 1, 1);
	listen_for(r, LISTEN_MS);
	seckey_close(r->key);
	r->key = own;
	r->feed = feed;
}

/* One's own feed, as if it had gone on after another entry. */
static void send_another_chain(struct rogue *r)
{
	int i;

	r->answer = answer_from_the_next;
	for (i = 0; i < 20 && r->bye < 0; i++) {
		say_rows(r, MSG_HEADS, &r->feed, 1,
			 r->tip_seq + 1 + (unsigned)i);
		listen_for(r, 100);
	}
}

/* The same entry pushed without end. */
static void replay(struct rogue *r)
{
	static uint8_t run[LIMIT_FRAME], buf[LIMIT_FRAME];
	struct msg m = { .type = MSG_PUSH };
	size_t n = make_run(r, run, r->tip_seq + 1, &r->tip, false);
	struct wr w;
	int i;

	wr_init(&w, buf, sizeof(buf));
	wr_bin(&w, run, n);
	m.u.push.runs.count = 1;
	for (i = 0; i < 100000; i++) {
		rd_init(&m.u.push.runs.rd, buf, w.n);
		if (!say(r, &m) || !listen_for(r, 0))
			break;
	}
	listen_for(r, LISTEN_MS);
}

/* A proof of two entries at one place. */
static bool say_proof_once(struct rogue *r, uint8_t *a, size_t a_n, uint8_t *b,
			   size_t b_n)
{
	static uint8_t proof[LIMIT_EVIDENCE];
	const struct run_writer x = { .p = a, .n = a_n };
	const struct run_writer y = { .p = b, .n = b_n };
	struct msg m = { .type = MSG_PROOF, .u.proof.is_last = true };

	must(evidence_make_fork(proof, &m.u.proof.n, &x, &y) == 0, "no proof");
	m.u.proof.p = proof;
	return say(r, &m);
}

/* The same again and again. */
static void say_proofs(struct rogue *r, uint8_t *a, size_t a_n, uint8_t *b,
		       size_t b_n, int times)
{
	for (int i = 0; i < times; i++)
		if (!say_proof_once(r, a, a_n, b, b_n) || !listen_for(r, 0))
			break;
	listen_for(r, LISTEN_MS);
}

/* Two branches that are one. */
static void prove_nothing(struct rogue *r)
{
	static uint8_t run[LIMIT_FRAME];
	size_t n = make_run(r, run, r->tip_seq + 1, &r->tip, false);

	say_proofs(r, run, n, run, n, 40);
}

static void prove_without_end(struct rogue *r)
{
	static uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];
	size_t a_n = make_run(r, a, r->tip_seq + 1, &r->tip, false);
	size_t b_n = make_run(r, b, r->tip_seq + 1, &r->tip, false);

	say_proofs(r, a, a_n, b, b_n, 20000);
}

/* Two branches whose signatures are bad. */
static void prove_badly(struct rogue *r)
{
	static uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];
	size_t a_n = make_run(r, a, r->tip_seq + 1, &r->tip, true);
	size_t b_n = make_run(r, b, r->tip_seq + 1, &r->tip, true);

	say_proofs(r, a, a_n, b, b_n, 40);
}

/* Two that are signed well, of another network's chain. */
static void prove_another_network(struct rogue *r)
{
	static uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];
	struct id elsewhere;
	size_t a_n, b_n;

	memset(&elsewhere, 7, sizeof(elsewhere));
	a_n = make_run(r, a, 1, &elsewhere, false);
	b_n = make_run(r, b, 1, &elsewhere, false);
	say_proofs(r, a, a_n, b, b_n, 40);
}

/* Ever new pairs, all at one place. */
static void prove_with_many_pairs(struct rogue *r)
{
	static uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];

	for (int i = 0; i < 20000 && r->bye < 0; i++) {
		size_t a_n = make_run(r, a, r->tip_seq + 1, &r->tip, false);
		size_t b_n = make_run(r, b, r->tip_seq + 1, &r->tip, false);

		say_proof_once(r, a, a_n, b, b_n);
		if (!listen_for(r, 0))
			break;
	}
	listen_for(r, LISTEN_MS);
}

static void hello_twice(struct rogue *r)
{
	struct msg m;

	fill_hello(r, &m);
	say(r, &m);
	listen_for(r, LISTEN_MS);
}

static void tell_heads_without_end(struct rogue *r)
{
	static struct pubkey feeds[LIMIT_HEADS];
	size_t i;

	for (i = 0; i < LIMIT_HEADS; i++)
		feeds[i] = r->hub;
	for (i = 0; i < 2200; i++)
		if (!say_rows(r, MSG_HEADS, feeds, LIMIT_HEADS, 1) ||
		    !listen_for(r, 0))
			break;
	listen_for(r, LISTEN_MS);
}

/* Wait for a frame of this type; false once it is over. */
static bool hear(struct rogue *r, enum msg_type type)
{
	uint64_t until = clock_ms() + PATIENCE_MS;

	while (clock_ms() < until && r->bye < 0) {
		zmq_pollitem_t items[DIAL_POLL];

		if (!client_has_frame(&r->client)) {
			if (client_is_down(&r->client))
				return false;
			zmq_poll(items, (int)dial_poll(r->client.dial, items),
				 100);
			continue;
		}
		if (msg_decode(&r->msg, r->client.last, r->client.last_n) != 0)
			continue;
		note(r);
		if (r->msg.type == type)
			return true;
	}
	return false;
}

/* Be there anew, as oneself. */
static void come_again(struct rogue *r)
{
	const struct curvepair self = r->client.self;
	uint64_t until = clock_ms() + PATIENCE_MS;
	struct msg m;

	client_close(&r->client);
	client_open_as(&r->client, &self, NULL);
	client_dial(&r->client, r->address, &r->peer);
	while (clock_ms() < until && !client_is_up(&r->client) &&
	       !client_is_down(&r->client))
		world_nap();
	fill_hello(r, &m);
	r->bye = -1;
	if (say(r, &m))
		hear(r, MSG_HELLO);
}

/* Say a frame and have it answered, again and again, and come again whenever
 * one is sent away, until that has no use any more. */
static void ask_for_work(struct rogue *r, const struct msg *m,
			 enum msg_type answer)
{
	uint64_t until = clock_ms() + STAY_MS;
	int in_vain = 0;

	while (in_vain < 3 && clock_ms() < until) {
		size_t before = r->fetched;

		if (before > 0 || in_vain > 0)
			come_again(r);
		while (clock_ms() < until && say(r, m) && hear(r, answer))
			r->fetched++;
		in_vain = r->fetched == before ? in_vain + 1 : 0;
	}
}

/* The top of the tree, with fingerprints that are none. */
static void walk_without_end(struct rogue *r)
{
	static const uint8_t prints[TREE_PRINTS];
	static uint8_t top[2 * TREE_PRINTS];
	struct msg m = { .type = MSG_WALK, .u.walk.count = 1 };
	struct wr w;

	wr_init(&w, top, sizeof(top));
	wr_array(&w, 3);
	wr_uint(&w, TREE_TOP);
	wr_uint(&w, PRINTS_CHILDREN);
	wr_bin(&w, prints, sizeof(prints));
	rd_init(&m.u.walk.rd, top, w.n);
	ask_for_work(r, &m, MSG_WALK);
}

/* A listing of nothing, which is answered with all that is here. */
static void list_without_end(struct rogue *r)
{
	struct msg m = { .type = MSG_HEADS };

	m.u.heads.flags = HEADS_START | HEADS_END;
	ask_for_work(r, &m, MSG_HEADS);
}

/* Lists of no evidence, so that all that is here is looked through and given,
 * again and again. */
static void tell_of_no_evidence(struct rogue *r)
{
	uint64_t until = clock_ms() + STAY_MS / 2;
	struct msg m = { .type = MSG_LIMITS, .u.limits.is_last = true };

	while (clock_ms() < until && say(r, &m) && listen_for(r, 0))
		r->fetched++;
	listen_for(r, LISTEN_MS);
}

/* HELLO and BYE in turn, as one who follows itself only. */
static void meet_and_part(struct rogue *r)
{
	const struct curvepair self = r->client.self;
	uint64_t until = clock_ms() + STAY_MS / 2;
	struct msg bye = { .type = MSG_BYE }, m;

	fill_hello(r, &m);
	m.u.hello.scope.n = MSG_SCOPE;
	for (uint8_t i = 0; i < MSG_SCOPE; i++)
		m.u.hello.scope.who[i].b[0] = i + 1;
	while (clock_ms() < until) {
		client_close(&r->client);
		client_open_as(&r->client, &self, NULL);
		client_dial(&r->client, r->address, &r->peer);
		while (!client_is_up(&r->client) && !client_is_down(&r->client))
			world_nap();
		r->fetched += say(r, &m) && hear(r, MSG_HELLO);
		say(r, &bye);
		world_nap();
	}
}

static void send_too_much(struct rogue *r)
{
	static uint8_t big[LIMIT_FRAME + 1];

	say_bytes(r, big, sizeof(big));
	listen_for(r, LISTEN_MS);
}

static void send_far_too_much(struct rogue *r)
{
	static uint8_t big[2 * LIMIT_FRAME];

	say_bytes(r, big, sizeof(big));
	listen_for(r, LISTEN_MS);
}

static void *strange_dealer(void *context, const struct rogue *r,
			    const struct curvepair *as, const char *routing_id,
			    const char *from);

/* A message of endless parts: libzmq keeps them until the last has come. */
static void send_parts_without_end(struct rogue *r)
{
	static uint8_t part[LIMIT_FRAME];
	void *context = zmq_ctx_new();
	void *s = strange_dealer(context, r, &r->client.self, NULL, "");
	struct msg m;
	zmq_msg_t same;
	size_t n;

	fill_hello(r, &m);
	must(msg_encode(&m, part, sizeof(part), &n) == 0, "no HELLO");
	zmq_send(s, part, n, 0);
	for (int i = 0; i < 4000; i++) {
		zmq_msg_init_data(&same, part, sizeof(part), NULL, NULL);
		zmq_msg_send(&same, s, i < 3999 ? ZMQ_SNDMORE : 0);
	}
	listen_for(r, PATIENCE_MS);
	zmq_close(s);
	zmq_ctx_term(context);
}

static void send_half(struct rogue *r)
{
	uint8_t frame[LIMIT_FRAME];
	struct msg m;
	size_t n;

	fill_hello(r, &m);
	must(msg_encode(&m, frame, sizeof(frame), &n) == 0, "no HELLO");
	say_bytes(r, frame, n / 2);
	listen_for(r, LISTEN_MS);
}

/* A DEALER of its own making: with this key, routing id, and source. */
static void *strange_dealer(void *context, const struct rogue *r,
			    const struct curvepair *as, const char *routing_id,
			    const char *from)
{
	char address[LIMIT_ADDRESS + 32];
	int linger = 0;
	void *s = zmq_socket(context, ZMQ_DEALER);

	must(s != NULL, "no socket");
	snprintf(address, sizeof(address), "tcp://%s%s", from,
		 r->address + strlen("tcp://"));
	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, r->peer.b, sizeof(r->peer.b));
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, as->pub.b, sizeof(as->pub.b));
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, as->secret, sizeof(as->secret));
	if (routing_id != NULL)
		zmq_setsockopt(s, ZMQ_ROUTING_ID, routing_id,
			       strlen(routing_id));
	must(zmq_connect(s, address) == 0, "no such address");
	return s;
}

/* Sit at addresses that others might have, one of them as long as those that
 * libzmq gives. */
static void squat_routing_ids(struct rogue *r)
{
	static const char *const ids[] = { "hub", "lea", "lea", "mallory",
					   "squat" };
	void *context = zmq_ctx_new(), *s[ARRAY_LEN(ids)];
	uint8_t frame[LIMIT_FRAME];
	struct msg m;
	size_t n;

	fill_hello(r, &m);
	must(msg_encode(&m, frame, sizeof(frame), &n) == 0, "no HELLO");
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		s[i] = strange_dealer(context, r, &r->client.self, ids[i], "");
		zmq_send(s[i], frame, n, 0);
	}
	listen_for(r, LISTEN_MS);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		while (zmq_recv(s[i], frame, sizeof(frame), ZMQ_DONTWAIT) >= 0)
			r->frames++;
		zmq_close(s[i]);
	}
	zmq_ctx_term(context);
}

/* Handshakes with ever new keys, from an address that nobody else has. */
static void knock_without_end(struct rogue *r)
{
	void *context = zmq_ctx_new(), *s[100];
	struct curvepair pair;

	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < ARRAY_LEN(s); i++) {
			curvepair_generate(&pair);
			s[i] = strange_dealer(context, r, &pair, NULL,
					      "127.0.0.2:0;");
		}
		listen_for(r, 300);
		for (size_t i = 0; i < ARRAY_LEN(s); i++)
			zmq_close(s[i]);
	}
	zmq_ctx_term(context);
}

/* Greetings, and then not a word, until they are sent away. */
static void shake_half_a_hand(struct rogue *r)
{
	int fd[200];

	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = raw_connect(r->address);
		raw_greet(fd[i]);
	}
	listen_for(r, HALF_MS);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		uint8_t buf[256];
		ssize_t n;

		do
			n = recv(fd[i], buf, sizeof(buf), MSG_DONTWAIT);
		while (n > 0);
		r->fetched += n == 0 || errno != EAGAIN;
		close(fd[i]);
	}
}

/* Somebody new; who only signs has no socket. */
struct stranger {
	void *socket;
	struct curvepair pair;
	struct seckey *identity, *node;
	const char *label, *name; /* what it wants to be called */
	const char *lie;          /* about whose feed it is, or NULL */
	int joined, bye;          /* what it was told, or -1 */
};

static void stranger_init(struct stranger *x, void *context,
			  const struct rogue *r)
{
	uint8_t seed[SEED_SIZE];

	x->label = "knock";
	x->name = "";
	x->lie = NULL;
	x->joined = x->bye = -1;
	curvepair_generate(&x->pair);
	bytes_random(seed, sizeof(seed));
	must(seckey_from_seed(&x->identity, seed) == 0, "no key");
	bytes_random(seed, sizeof(seed));
	must(seckey_from_seed(&x->node, seed) == 0, "no key");
	x->socket = context == NULL ? NULL
				    : strange_dealer(context, r, &x->pair, NULL,
						     "127.0.0.3:0;");
}

static void stranger_release(struct stranger *x)
{
	if (x->socket != NULL)
		zmq_close(x->socket);
	seckey_close(x->identity);
	seckey_close(x->node);
}

static void stranger_say(const struct stranger *x, const struct msg *m)
{
	static uint8_t frame[LIMIT_FRAME];
	size_t n;

	must(msg_encode(m, frame, sizeof(frame), &n) == 0, "no such frame");
	zmq_send(x->socket, frame, n, ZMQ_DONTWAIT);
}

static void make_cert(struct sig *out, const struct seckey *by,
		      const struct id *network, const struct pubkey *feed)
{
	uint8_t claim[ID_SIZE + KEY_SIZE];

	memcpy(claim, network->b, ID_SIZE);
	memcpy(claim + ID_SIZE, feed->b, KEY_SIZE);
	must(sign_make(out, by, "maillon/1 node", claim, sizeof(claim)) == 0,
	     "no certificate");
}

/* Whose feed it says it is, and what is to prove it. */
static struct pubkey claim_feed(struct sig *cert, const struct stranger *x,
				const struct rogue *r)
{
	struct pubkey feed = seckey_pub(x->node);
	struct id elsewhere = r->network;

	elsewhere.b[0] ^= 1;
	if (x->lie == NULL) {
		make_cert(cert, x->identity, &r->network, &feed);
		return seckey_pub(x->identity);
	}
	if (strcmp(x->lie, "mine") == 0) { /* true, for comparison */
		make_cert(cert, r->identity, &r->network, &feed);
		return seckey_pub(r->identity);
	}
	if (strcmp(x->lie, "mine-elsewhere") == 0) {
		make_cert(cert, r->identity, &elsewhere, &feed);
		return seckey_pub(r->identity);
	}
	if (strcmp(x->lie, "founder-by-me") == 0)
		make_cert(cert, r->identity, &r->network, &feed);
	else if (strcmp(x->lie, "founder-by-noise") == 0)
		bytes_random(cert->b, SIG_SIZE);
	else if (strcmp(x->lie, "founder-by-its-own") == 0)
		*cert = r->founder_cert; /* of another feed */
	else
		must(false, "no such lie");
	return r->founder;
}

static size_t stranger_open(const struct stranger *x, const struct rogue *r,
			    uint8_t raw[static LIMIT_ENTRY])
{
	uint8_t facts[512];
	struct entry_plan plan = { .seq = 1,
				   .prev = r->network,
				   .time_ms = (uint64_t)time(NULL) * 1000,
				   .kind = KIND_OPEN,
				   .facts = facts };
	struct record rec;
	struct pubkey who;
	struct sig cert;
	size_t n;

	who = claim_feed(&cert, x, r);
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, who.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, x->pair.pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	must(record_encode(&rec, facts, sizeof(facts), &plan.facts_n) == 0 &&
		     entry_seal(raw, &n, &plan, x->node) == 0,
	     "no first entry");
	return n;
}

/* HELLO at once, and what it takes to ask once it is answered. */
static void stranger_hello(const struct stranger *x, struct rogue *r)
{
	struct msg m;

	fill_hello(r, &m);
	m.u.hello.feed = seckey_pub(x->node);
	stranger_say(x, &m);
}

/* By hand, because msg_join has no room for a name that is too long. */
static void stranger_ask(const struct stranger *x, struct rogue *r,
			 const struct invite *inv)
{
	static uint8_t frame[LIMIT_FRAME];
	uint8_t raw[LIMIT_ENTRY], number[INVITE_ID];
	struct pubkey feed = seckey_pub(x->node);
	struct pubkey who = seckey_pub(x->identity);
	struct id proof = invite_proof(inv->secret, &r->network, &feed, &who,
				       &x->pair.pub);
	struct msg m = { .type = MSG_OPEN };
	size_t n = stranger_open(x, r, raw);
	struct wr w;

	m.u.open.raw = raw;
	m.u.open.raw_n = n;
	stranger_say(x, &m);
	invite_id(number, inv->secret);
	wr_init(&w, frame, sizeof(frame));
	wr_array(&w, 8);
	wr_uint(&w, MSG_VERSION);
	wr_uint(&w, MSG_JOIN);
	wr_bin(&w, number, sizeof(number));
	wr_bin(&w, proof.b, ID_SIZE);
	wr_text(&w, x->label, strlen(x->label));
	wr_text(&w, "FR-88", 5);
	wr_text(&w, x->name, strlen(x->name));
	wr_array(&w, 1);
	wr_bin(&w, raw, n);
	must(wr_end(&w, &n) == 0, "no JOIN");
	zmq_send(x->socket, frame, n, ZMQ_DONTWAIT);
}

static void stranger_listen(struct stranger *x, struct rogue *r,
			    const struct invite *inv)
{
	static uint8_t frame[LIMIT_FRAME];
	struct msg m;
	int n;

	while ((n = zmq_recv(x->socket, frame, sizeof(frame), ZMQ_DONTWAIT)) >=
	       0) {
		if (n > (int)sizeof(frame) ||
		    msg_decode(&m, frame, (size_t)n) != 0)
			continue;
		r->frames++;
		if (m.type == MSG_OPEN && m.u.open.raw == NULL)
			stranger_ask(x, r, inv);
		else if (m.type == MSG_JOINED && m.u.joined != JOINED_STRANGER)
			x->joined = (int)m.u.joined;
		else if (m.type == MSG_BYE)
			x->bye = (int)m.u.bye.reason;
		r->fetched += m.type == MSG_JOINED;
	}
}

/* With names that the program of an honest newcomer would not send. */
static void ask_by_bad_names(struct rogue *r)
{
	static const char *const names[][2] = {
		{ "mia", "mia@exemple.fr" },
		{ "mia", "Mia 06 12 34 56 78" },
		{ "mia", "Mia FR14 2004 1010 0505 0001 3M02 606" },
		{ "06.12.34.56.78", "" },
		{ "mia", "Mia\033[2J" },
		{ "mia", "Mia\nadmitted" },
		{ "mia", "Mia\xe2\x80\xae" }, /* written from the right */
		{ "mia", "Mia\xff" },
		{ "mia", "Mia, who has a name of more than sixty-four bytes, "
			 "which is too long" },
		{ "mia-of-more-than-thirty-two-bytes", "" },
		{ "mi a", "" },
		{ "", "" },
	};
	struct invite inv;

	must(r->link != NULL &&
		     invite_decode(&inv, r->link, strlen(r->link)) == 0,
	     "no such link");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		uint64_t until = clock_ms() + PATIENCE_MS;
		void *context = zmq_ctx_new();
		struct stranger x;

		stranger_init(&x, context, r);
		x.label = names[i][0];
		x.name = names[i][1];
		stranger_hello(&x, r);
		while (clock_ms() < until && x.joined < 0 && x.bye < 0) {
			stranger_listen(&x, r, &inv);
			world_nap();
		}
		printf("name %zu joined %d bye %d\n", i, x.joined, x.bye);
		stranger_release(&x);
		zmq_ctx_term(context);
	}
}

/* Ten thousand who are nobody yet, from one address, with one link. */
static void ask_without_end(struct rogue *r)
{
	struct stranger x[100];
	struct invite inv;

	must(r->link != NULL &&
		     invite_decode(&inv, r->link, strlen(r->link)) == 0,
	     "no such link");
	for (int round = 0; round < 100; round++) {
		uint64_t now = clock_ms(), until = now + 100;
		/* Until the first have come so far, however slow all is. */
		uint64_t first = round < 5 ? now + 4000 : until;
		void *context = zmq_ctx_new();

		for (size_t i = 0; i < ARRAY_LEN(x); i++) {
			stranger_init(&x[i], context, r);
			stranger_hello(&x[i], r);
		}
		while (clock_ms() < (r->fetched < 8 ? first : until)) {
			for (size_t i = 0; i < ARRAY_LEN(x); i++)
				stranger_listen(&x[i], r, &inv);
			world_nap();
		}
		for (size_t i = 0; i < ARRAY_LEN(x); i++)
			stranger_release(&x[i]);
		zmq_ctx_term(context);
	}
}

/* The next entry of a stranger's feed: ten thousand pieces, or that the rogue
 * is an association and may admit. */
static size_t stranger_sign(const struct stranger *x,
			    uint8_t raw[static LIMIT_ENTRY],
			    const struct rogue *r, struct entry_plan *plan)
{
	static const uint8_t lines[] = "\x91\x92\xa5visor\xcd\x27\x10";
	uint8_t facts[512];
	struct pubkey who = seckey_pub(r->identity);
	struct record rec;
	struct entry e;
	size_t n;

	record_init(&rec, plan->kind);
	if (plan->kind == KIND_PRODUCE) {
		record_set_bytes(&rec, FACT_LINES, lines, sizeof(lines) - 1);
	} else {
		record_set_bytes(&rec, FACT_WHO, who.b, KEY_SIZE);
		record_set_uint(&rec, FACT_ROLE, ROLE_ASSOCIATION);
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
		record_set_bytes(&rec, FACT_LABEL, "boss", 4);
		record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	}
	plan->facts = facts;
	must(record_encode(&rec, facts, sizeof(facts), &plan->facts_n) == 0 &&
		     entry_seal(raw, &n, plan, x->node) == 0 &&
		     entry_decode(&e, raw, n) == 0,
	     "cannot sign");
	plan->prev = entry_id(&e);
	plan->seq++;
	return n;
}

/* A feed that is not whose it says it is. */
static struct {
	struct stranger x;
	struct pubkey feed;
	uint8_t run[LIMIT_FRAME];
	size_t n;
} forged;

static void forge_feed(struct rogue *r)
{
	uint8_t raw[LIMIT_ENTRY];
	struct run_writer w;
	struct entry_plan plan = { .seq = 2,
				   .time_ms = (uint64_t)time(NULL) * 1000 };
	struct entry e;
	size_t n = stranger_open(&forged.x, r, raw);

	must(entry_decode(&e, raw, n) == 0, "no first entry");
	forged.feed = e.feed;
	plan.prev = entry_id(&e);
	run_writer_init(&w, forged.run, sizeof(forged.run), &forged.feed);
	must(run_writer_add(&w, raw, n) == 0, "no run");
	plan.kind = KIND_ADMIT;
	n = stranger_sign(&forged.x, raw, r, &plan);
	must(run_writer_add(&w, raw, n) == 0, "no run");
	plan.kind = KIND_PRODUCE;
	n = stranger_sign(&forged.x, raw, r, &plan);
	must(run_writer_add(&w, raw, n) == 0 &&
		     run_writer_end(&w, &forged.n) == 0,
	     "no run");
}

static bool answer_forged(struct rogue *r)
{
	return r->msg.type != MSG_FETCH ||
	       say_run(r, r->msg.u.fetch.count, forged.run, forged.n);
}

/* A member brings a feed of another one, so it says, whose certificate is
 * false.  It is offered twice, and then pushed. */
static void forge_certificate(struct rogue *r)
{
	static uint8_t buf[LIMIT_FRAME];
	struct msg m = { .type = MSG_PUSH };
	struct wr w;

	must(r->link != NULL, "how?");
	stranger_init(&forged.x, NULL, r);
	forged.x.lie = r->link;
	forge_feed(r);
	r->answer = answer_forged;
	for (int i = 0; i < 2 && r->bye < 0; i++) {
		say_rows(r, MSG_HEADS, &forged.feed, 1, 3);
		listen_for(r, 500);
	}
	wr_init(&w, buf, sizeof(buf));
	wr_bin(&w, forged.run, forged.n);
	m.u.push.runs.count = 1;
	rd_init(&m.u.push.runs.rd, buf, w.n);
	say(r, &m);
	listen_for(r, 500);
	stranger_release(&forged.x);
}

/* A run of one `open` by a stranger's key. */
static size_t open_run(struct rogue *r, const struct stranger *x,
		       uint8_t out[static LIMIT_FRAME])
{
	uint8_t raw[LIMIT_ENTRY];
	struct pubkey feed = seckey_pub(x->node);
	struct run_writer w;
	size_t n = stranger_open(x, r, raw);

	run_writer_init(&w, out, LIMIT_FRAME, &feed);
	must(run_writer_add(&w, raw, n) == 0 && run_writer_end(&w, &n) == 0,
	     "no run");
	return n;
}

/* Ever new feeds of its own, each of two first entries. */
static void prove_many_feeds(struct rogue *r)
{
	static uint8_t a[LIMIT_FRAME], b[LIMIT_FRAME];
	struct stranger x;

	for (int i = 0; i < 4000 && r->bye < 0; i++) {
		size_t a_n, b_n;

		stranger_init(&x, NULL, r);
		x.lie = "mine";
		a_n = open_run(r, &x, a);
		curvepair_generate(&x.pair);
		b_n = open_run(r, &x, b);
		stranger_release(&x);
		if (!say_proof_once(r, a, a_n, b, b_n) || !listen_for(r, 0))
			break;
		r->fetched++;
	}
	listen_for(r, LISTEN_MS);
}

/* The second entry of a feed: eight addresses that lead to one listener, whose
 * port is HOW. */
static size_t sign_addresses(struct rogue *r, const struct stranger *x,
			     uint8_t raw[static LIMIT_ENTRY],
			     const struct id *open)
{
	uint8_t facts[LIMIT_ENTRY], list[LIMIT_ENTRY];
	struct entry_plan plan = { .seq = 2,
				   .prev = *open,
				   .time_ms = (uint64_t)time(NULL) * 1000,
				   .kind = KIND_ADDRESS,
				   .facts = facts };
	struct record rec;
	struct wr w;
	size_t n;

	must(r->link != NULL, "which port?");
	wr_init(&w, list, sizeof(list));
	wr_array(&w, LIMIT_ADDRESSES);
	for (int i = 1; i <= LIMIT_ADDRESSES; i++) {
		char address[LIMIT_ADDRESS + 1];
		int length = snprintf(address, sizeof(address),
				      "tcp://127.0.0.%d:%s", i, r->link);

		wr_text(&w, address, (size_t)length);
	}
	record_init(&rec, KIND_ADDRESS);
	record_set_bytes(&rec, FACT_ADDRESSES, list, w.n);
	must(record_encode(&rec, facts, sizeof(facts), &plan.facts_n) == 0 &&
		     entry_seal(raw, &n, &plan, x->node) == 0,
	     "no addresses");
	return n;
}

/* Twenty nodes of its own, so it says, all of them where somebody else is. */
static void publish_a_victim(struct rogue *r)
{
	for (int i = 0; i < 20; i++) {
		static uint8_t run[LIMIT_FRAME], buf[LIMIT_FRAME];
		uint8_t first[LIMIT_ENTRY], second[LIMIT_ENTRY];
		struct msg m = { .type = MSG_PUSH, .u.push.runs.count = 1 };
		struct run_writer w;
		struct stranger x;
		struct pubkey feed;
		struct entry e;
		struct id id;
		struct wr wr;
		size_t n;

		stranger_init(&x, NULL, r);
		x.lie = "mine";
		feed = seckey_pub(x.node);
		n = stranger_open(&x, r, first);
		must(entry_decode(&e, first, n) == 0, "no first entry");
		id = entry_id(&e);
		run_writer_init(&w, run, sizeof(run), &feed);
		must(run_writer_add(&w, first, n) == 0, "no run");
		n = sign_addresses(r, &x, second, &id);
		must(run_writer_add(&w, second, n) == 0 &&
			     run_writer_end(&w, &n) == 0,
		     "no run");
		stranger_release(&x);
		wr_init(&wr, buf, sizeof(buf));
		wr_bin(&wr, run, n);
		rd_init(&m.u.push.runs.rd, buf, wr.n);
		if (!say(r, &m) || !listen_for(r, 0))
			break;
	}
	listen_for(r, LISTEN_MS);
}

/* Its own feed up to the entry HOW, and what it might have said from there on,
 * entry by entry; and as runs the two that stand in one place. */
enum { STORY = 5, STORY_MAX = 32 };

static struct {
	uint64_t seq, end;
	uint8_t entry[STORY_MAX + 1][LIMIT_ENTRY]; /* by seq */
	size_t entry_n[STORY_MAX + 1];
	uint8_t run[LIMIT_FRAME], other[LIMIT_FRAME];
	size_t run_n, other_n;
} split;

static void one_run(const struct rogue *r, uint8_t out[static LIMIT_FRAME],
		    size_t *n, uint64_t from, uint64_t to)
{
	struct run_writer w;

	run_writer_init(&w, out, LIMIT_FRAME, &r->feed);
	for (; from <= to; from++)
		must(run_writer_add(&w, split.entry[from],
				    split.entry_n[from]) == 0,
		     "no run");
	must(run_writer_end(&w, n) == 0, "no run");
}

static void split_feed(struct rogue *r)
{
	const struct stranger self = { .node = r->key };
	struct entry_plan plan = { .kind = KIND_PRODUCE,
				   .time_ms = (uint64_t)time(NULL) * 1000 };
	struct home home;
	struct keeper *k;
	struct entry e;

	split.seq = r->link == NULL ? 0 : strtoull(r->link, NULL, 10);
	split.end = split.seq + STORY - 1;
	must(split.seq > 1 && split.end <= STORY_MAX &&
		     home_init(&home, r->dir) == 0 &&
		     keeper_open(&k, &home) == 0,
	     "where?");
	for (uint64_t i = 1; i <= split.seq; i++)
		must(store_entry(k->store, &r->feed, i, split.entry[i],
				 &split.entry_n[i]) == 0,
		     "no such entry");
	keeper_close(k);
	one_run(r, split.run, &split.run_n, split.seq, split.seq);
	must(entry_decode(&e, split.entry[split.seq],
			  split.entry_n[split.seq]) == 0,
	     "no such entry");
	plan.prev = e.prev;
	for (plan.seq = split.seq; plan.seq <= split.end;) {
		uint64_t at = plan.seq;

		split.entry_n[at] =
			stranger_sign(&self, split.entry[at], r, &plan);
	}
	one_run(r, split.other, &split.other_n, split.seq, split.seq);
}

/* It proves that it signed two entries at one place. */
static void fork_below(struct rogue *r)
{
	split_feed(r);
	say_proofs(r, split.run, split.run_n, split.other, split.other_n, 1);
}

static bool answer_split(struct rogue *r)
{
	static uint8_t run[LIMIT_FRAME];
	struct msg_list rows = r->msg.u.fetch;
	struct msg_want want;
	size_t n;

	if (r->msg.type != MSG_FETCH)
		return true;
	while (msg_next_want(&rows, &want)) {
		bool is_there = want.from <= split.end &&
				memcmp(want.feed.b, r->feed.b, MSG_SHORT) == 0;

		if (is_there)
			one_run(r, run, &n, want.from, split.end);
		say_run(r, 1, run, is_there ? n : 0);
	}
	return true;
}

/* Its feed, as if it had gone another way: told from wherever it is asked. */
static void tell_another_story(struct rogue *r)
{
	split_feed(r);
	r->answer = answer_split;
	for (int i = 0; i < 3 && r->bye < 0; i++) {
		say_rows(r, MSG_HEADS, &r->feed, 1, split.end);
		listen_for(r, 500);
	}
}

/* Somebody connects as a node of another's, with a certificate that is
 * false. */
static void impersonate(struct rogue *r)
{
	uint64_t until = clock_ms() + PATIENCE_MS;
	void *context = zmq_ctx_new();
	struct invite inv = { .label = "" };
	struct stranger x;

	must(r->link != NULL, "how?");
	stranger_init(&x, context, r);
	x.lie = r->link;
	stranger_hello(&x, r);
	while (clock_ms() < until && x.joined < 0 && x.bye < 0) {
		stranger_listen(&x, r, &inv);
		world_nap();
	}
	r->bye = x.bye;
	stranger_release(&x);
	zmq_ctx_term(context);
}

static const struct deed {
	const char *name;
	bool has_met; /* after HELLO, not instead of it */
	void (*act)(struct rogue *r);
} deeds[] = {
	{ "lie-about-tips", true, lie_about_tips },
	{ "stay-unequal", true, stay_unequal },
	{ "lie-about-theirs", true, lie_about_theirs },
	{ "offer-and-never-send", true, offer_and_never_send },
	{ "never-give-credit", true, never_give_credit },
	{ "give-endless-credit", true, give_endless_credit },
	{ "send-bad-signatures", true, send_bad_signatures },
	{ "send-one-bad-and-stay", true, send_one_bad_and_stay },
	{ "send-another-network", true, send_another_network },
	{ "send-another-chain", true, send_another_chain },
	{ "replay", true, replay },
	{ "prove-nothing", true, prove_nothing },
	{ "prove-without-end", true, prove_without_end },
	{ "prove-badly", true, prove_badly },
	{ "prove-another-network", true, prove_another_network },
	{ "prove-with-many-pairs", true, prove_with_many_pairs },
	{ "hello-twice", true, hello_twice },
	{ "tell-heads-without-end", true, tell_heads_without_end },
	{ "walk-without-end", true, walk_without_end },
	{ "list-without-end", true, list_without_end },
	{ "tell-of-no-evidence", true, tell_of_no_evidence },
	{ "meet-and-part", false, meet_and_part },
	{ "send-too-much", true, send_too_much },
	{ "send-far-too-much", true, send_far_too_much },
	{ "send-nothing-but-too-much", false, send_far_too_much },
	{ "send-parts-without-end", false, send_parts_without_end },
	{ "send-half", false, send_half },
	{ "squat-routing-ids", false, squat_routing_ids },
	{ "knock-without-end", false, knock_without_end },
	{ "shake-half-a-hand", false, shake_half_a_hand },
	{ "ask-without-end", false, ask_without_end },
	{ "ask-by-bad-names", false, ask_by_bad_names },
	{ "prove-many-feeds", true, prove_many_feeds },
	{ "publish-a-victim", true, publish_a_victim },
	{ "forge-certificate", true, forge_certificate },
	{ "impersonate", false, impersonate },
	{ "fork-below", true, fork_below },
	{ "tell-another-story", true, tell_another_story },
};

static const struct deed *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].name, name) == 0)
			return &deeds[i];
	must(false, "no such deed");
	return NULL;
}

static void tell(struct rogue *r)
{
	if (r->bye >= 0)
		printf("bye %d", r->bye);
	else
		printf("%s", client_is_down(&r->client) ? "cut" : "quiet");
	printf(" frames %zu bytes %llu fetched %zu\n", r->frames,
	       (unsigned long long)r->bytes, r->fetched);
}

int main(int argc, char **argv)
{
	static struct rogue r = { .bye = -1 };
	const struct deed *deed;
	struct curvepair self;
	struct curvekey key;

	must(argc == 5 || argc == 6,
	     "usage: rogue HOME ADDRESS KEY DEED [HOW]");
	must(crypto_start() == 0, "no randomness");
	must(hex_decode(key.b, sizeof(key.b), argv[3], strlen(argv[3])) == 0,
	     "no such key");
	deed = find(argv[4]);
	r.dir = argv[1];
	r.address = argv[2];
	r.link = argc == 6 ? argv[5] : NULL;
	r.peer = key;
	load(&r, argv[1]);
	self = r.client.self;
	client_open_as(&r.client, &self, NULL);
	meet(&r, argv[2], &key);
	if (deed->has_met)
		hello(&r);
	deed->act(&r);
	tell(&r);
	client_close(&r.client);
	seckey_close(r.key);
	seckey_close(r.identity);
	return 0;
}
