#include "crypto/bytes.h"
#include "crypto/curve.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "node/net/clock.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/run.h"
#include "proto/session/msg.h"
#include "proto/wr.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

/*
 * crowd -- many readers of a network that all may read, none of whom holds a
 * ledger: they ask for all that is told and drop what comes.
 *
 *   crowd ADDRESS KEY NETWORK COUNT SLOW
 *
 * KEY is the transport key of the node at ADDRESS, in hex.  The first SLOW of
 * COUNT read SLOW_BPS bytes a second, though they give credit for all there is
 * and their kernel holds next to nothing; the others read what comes.  A line
 * "met N done N slow N" whenever that changes: who was answered, fast ones that
 * have all, bytes that the slow ones have read.  Ends with SIGTERM, when its
 * stdin does, or after CROWD_S.
 */

enum {
	CROWD_MAX = 512,
	CROWD_S = 300,
	SLOW_BPS = 1024,
	WINDOW = 1 << 20,
	SLOW_WINDOW = 48 << 20,
	SLOW_KERNEL = 4096, /* bytes of its receive buffer */
	GRANT = WINDOW / 4,
	FEEDS = 8 /* that there are at most */
};

struct known {
	struct pubkey feed;
	uint64_t held, told; /* seq */
};

struct reader {
	void *socket;
	struct pubkey feed;
	uint8_t open[LIMIT_ENTRY];
	size_t open_n;
	bool is_slow, is_met, is_done;
	uint64_t bytes, since_ms;
	uint64_t grant; /* read and not paid for yet */
	uint32_t owed;  /* rows of FETCH without an answer */
	struct known known[FEEDS];
	size_t known_n;
};

struct crowd {
	struct id network;
	struct curvekey key;
	const char *address;
	void *context;
	struct reader *reader;
	size_t n;
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "crowd: %s\n", what);
	exit(2);
}

static void say(struct reader *r, const struct msg *m)
{
	static uint8_t frame[LIMIT_FRAME];
	size_t n;

	must(msg_encode(m, frame, sizeof(frame), &n) == 0, "no such frame");
	zmq_send(r->socket, frame, n, ZMQ_DONTWAIT);
}

/* The first entry of a feed that nobody has. */
static void make_open(struct crowd *c, struct reader *r,
		      const struct curvepair *transport)
{
	static uint8_t facts[1024];
	uint8_t what[ID_SIZE + KEY_SIZE];
	struct entry_plan plan = { .seq = 1,
				   .prev = c->network,
				   .time_ms = 1,
				   .kind = KIND_OPEN,
				   .facts = facts };
	struct seckey *key = NULL;
	struct record rec;
	struct sig cert;

	must(seckey_generate(&key) == 0, "no key");
	r->feed = seckey_pub(key);
	memcpy(what, c->network.b, ID_SIZE);
	memcpy(what + ID_SIZE, r->feed.b, KEY_SIZE);
	must(sign_make(&cert, key, "maillon/1 node", what, sizeof(what)) == 0,
	     "no certificate");
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, r->feed.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, transport->pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	must(record_encode(&rec, facts, sizeof(facts), &plan.facts_n) == 0 &&
		     entry_seal(r->open, &r->open_n, &plan, key) == 0,
	     "no open");
	seckey_close(key);
}

static void begin(struct crowd *c, struct reader *r)
{
	struct msg m = { .type = MSG_HELLO };
	struct curvepair pair;
	int linger = 0, hwm = 2, kernel = SLOW_KERNEL;

	curvepair_generate(&pair);
	make_open(c, r, &pair);
	r->socket = zmq_socket(c->context, ZMQ_DEALER);
	must(r->socket != NULL, "no socket");
	zmq_setsockopt(r->socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(r->socket, ZMQ_RCVHWM, &hwm, sizeof(hwm));
	if (r->is_slow)
		zmq_setsockopt(r->socket, ZMQ_RCVBUF, &kernel, sizeof(kernel));
	zmq_setsockopt(r->socket, ZMQ_CURVE_SERVERKEY, c->key.b, 32);
	zmq_setsockopt(r->socket, ZMQ_CURVE_PUBLICKEY, pair.pub.b, 32);
	zmq_setsockopt(r->socket, ZMQ_CURVE_SECRETKEY, pair.secret, 32);
	must(zmq_connect(r->socket, c->address) == 0, "no such address");
	m.u.hello.network = c->network;
	m.u.hello.feed = r->feed;
	m.u.hello.credit = r->is_slow ? SLOW_WINDOW : WINDOW;
	bytes_random(m.u.hello.nonce, sizeof(m.u.hello.nonce));
	r->since_ms = clock_ms();
	say(r, &m);
}

static struct known *known_of(struct reader *r, const struct pubkey *feed,
			      size_t bytes)
{
	size_t i = 0;

	while (i < r->known_n &&
	       memcmp(r->known[i].feed.b, feed->b, bytes) != 0)
		i++;
	must(i < FEEDS, "too many feeds");
	if (i == r->known_n) {
		r->known[i].feed = *feed;
		r->known_n++;
	}
	return &r->known[i];
}

/* Ask for all that was told and did not come; one question at a time. */
static void fetch(struct reader *r)
{
	static uint8_t buf[FEEDS * 48];
	struct msg m = { .type = MSG_FETCH };
	struct wr w;

	if (r->owed > 0)
		return;
	wr_init(&w, buf, sizeof(buf));
	for (size_t i = 0; i < r->known_n; i++) {
		if (r->known[i].told <= r->known[i].held)
			continue;
		wr_array(&w, 2);
		wr_bin(&w, r->known[i].feed.b, KEY_SIZE);
		wr_uint(&w, r->known[i].held + 1);
		m.u.fetch.count++;
	}
	r->is_done = m.u.fetch.count == 0;
	if (r->is_done)
		return;
	r->owed = m.u.fetch.count;
	rd_init(&m.u.fetch.rd, buf, w.n);
	say(r, &m);
}

static void note_heads(struct reader *r, struct msg_list rows)
{
	struct msg_head row;

	while (msg_next_head(&rows, &row))
		known_of(r, &row.feed, KEY_SIZE)->told = row.seq;
}

static void note_runs(struct reader *r, struct msg_list runs)
{
	const uint8_t *p;
	struct known *k;
	struct run run;
	bool is_brief;
	size_t n;

	while (msg_next_bin(&runs, &p, &n)) {
		must(run_decode_answer(&run, &is_brief, p, n) == 0, "no run");
		k = known_of(r, &run.feed, RUN_BRIEF);
		/* What was pushed may lie further on than what is held. */
		if (run.from <= k->held + 1 &&
		    k->held < run.from + run.count - 1)
			k->held = run.from + run.count - 1;
	}
}

/* The dialler lists first: the other side then tells what it has. */
static void say_nothing_held(struct reader *r)
{
	struct msg m = { .type = MSG_HEADS };

	m.u.heads.flags = HEADS_START | HEADS_END;
	say(r, &m);
}

static void pay(struct reader *r, size_t n)
{
	struct msg m = { .type = MSG_CREDIT };

	r->grant += n;
	if (r->grant < GRANT)
		return;
	m.u.credit = r->grant;
	r->grant = 0;
	say(r, &m);
}

static void hear(struct reader *r, const void *p, size_t n)
{
	static struct msg m;
	struct msg open = { .type = MSG_OPEN };

	r->bytes += n;
	if (msg_decode(&m, p, n) != 0)
		return;
	if (m.type == MSG_BYE) {
		fprintf(stderr, "crowd: BYE %s\n", m.u.bye.text);
		return;
	}
	if (m.type == MSG_OPEN && m.u.open.raw == NULL) {
		open.u.open.raw = r->open;
		open.u.open.raw_n = r->open_n;
		say(r, &open);
		say_nothing_held(r);
	} else if (m.type == MSG_HEADS) {
		r->is_met = true;
		note_heads(r, m.u.heads.rows);
		fetch(r);
	} else if (m.type == MSG_RUN || m.type == MSG_PUSH) {
		note_runs(r, m.u.run.runs);
		if (m.type == MSG_RUN)
			r->owed -= m.u.run.done;
		fetch(r);
		pay(r, n);
	}
}

/* Frames of whoever may read now; true when there was one. */
static bool read_one(struct reader *r, uint64_t now_ms)
{
	uint64_t may = 4096 + (now_ms - r->since_ms) * SLOW_BPS / 1000;
	zmq_msg_t part;
	bool is_there;

	if (r->is_slow && r->bytes > may)
		return false;
	zmq_msg_init(&part);
	is_there = zmq_msg_recv(&part, r->socket, ZMQ_DONTWAIT) >= 0;
	if (is_there)
		hear(r, zmq_msg_data(&part), zmq_msg_size(&part));
	zmq_msg_close(&part);
	return is_there;
}

static void tell(const struct crowd *c)
{
	static size_t met, done;
	static uint64_t slow;
	size_t met_now = 0, done_now = 0;
	uint64_t slow_now = 0;

	for (size_t i = 0; i < c->n; i++) {
		met_now += c->reader[i].is_met;
		done_now += !c->reader[i].is_slow && c->reader[i].is_done;
		slow_now += c->reader[i].is_slow ? c->reader[i].bytes : 0;
	}
	if (met_now == met && done_now == done && slow_now == slow)
		return;
	met = met_now;
	done = done_now;
	slow = slow_now;
	printf("met %zu done %zu slow %llu\n", met, done,
	       (unsigned long long)slow);
	fflush(stdout);
}

static bool is_over(uint64_t end_ms)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
	char c;

	return clock_ms() >= end_ms ||
	       (poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &c, 1) <= 0);
}

int main(int argc, char **argv)
{
	const struct timespec pause = { 0, 2 * 1000000L };
	uint64_t end_ms = clock_ms() + CROWD_S * 1000;
	struct crowd c = { .n = 0 };
	size_t slow;

	must(argc == 6, "usage: crowd ADDRESS KEY NETWORK COUNT SLOW");
	must(crypto_start() == 0, "no randomness");
	c.address = argv[1];
	must(hex_decode(c.key.b, 32, argv[2], strlen(argv[2])) == 0 &&
		     hex_decode(c.network.b, 32, argv[3], strlen(argv[3])) == 0,
	     "a key and a network in hex");
	c.n = strtoul(argv[4], NULL, 10);
	slow = strtoul(argv[5], NULL, 10);
	must(c.n > 0 && c.n <= CROWD_MAX && slow <= c.n, "how many?");
	c.context = zmq_ctx_new();
	c.reader = calloc(c.n, sizeof(*c.reader));
	must(c.context != NULL && c.reader != NULL, "no memory");
	for (size_t i = 0; i < c.n; i++) {
		c.reader[i].is_slow = i < slow;
		begin(&c, &c.reader[i]);
	}
	while (!is_over(end_ms)) {
		bool is_busy = false;

		for (size_t i = 0; i < c.n; i++)
			is_busy = read_one(&c.reader[i], clock_ms()) || is_busy;
		tell(&c);
		if (!is_busy)
			nanosleep(&pause, NULL);
	}
	return 0;
}
