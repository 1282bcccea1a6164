#include "node/net/net.h"

#include "crypto/err.h"
#include "node/net/dial.h"
#include "proto/form.h"
#include "tests/networld.h"
#include "tests/unit.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { RAW = 40 };

static struct net_tuning quick(void)
{
	struct net_tuning t = net_tuning();

	t.handshake_ms = 300;
	t.heartbeat_ms = 100;
	t.timeout_ms = 300;
	t.ttl_ms = 300;
	t.silent_ms = 300;
	return t;
}

static bool has_none(void *arg)
{
	return net_count(arg) == 0;
}

static bool has_raw(void *arg)
{
	return net_count(arg) == RAW;
}

static bool has_frames(void *arg)
{
	const struct world *w = arg;

	return w->frames > 0;
}

static bool has_gone(void *arg)
{
	const struct world *w = arg;

	return w->gone > 0;
}

/* A client that is up and has sent one frame, so that it can be answered. */
static struct net_conn *meet(struct world *w, struct client *c)
{
	size_t before = w->frames;

	client_open(c, NULL);
	client_dial(c, w->address, &w->self.pub);
	assert_true(world_until(w, client_is_up, c, 5000));
	assert_int_equal(dial_send(c->dial, "hello", 5), 0);
	while (w->frames == before)
		net_step(w->net, clock_ms());
	return w->last;
}

static void addresses_come_back_as_people_write_them(void **state)
{
	struct world w;
	char bound[LIMIT_ADDRESS + 1];

	(void)state;
	world_open(&w, NULL);
	assert_int_equal(strncmp(w.address, "tcp://127.0.0.1:", 16), 0);
	assert_true(address_is_valid(w.address, strlen(w.address)));
	assert_int_equal(net_bind(w.net, "tcp://*:*", bound), 0);
	assert_true(address_is_valid(bound, strlen(bound)));
	world_close(&w);
}

static void what_cannot_be_bound_is_told_apart(void **state)
{
	static const struct {
		const char *address;
		int err;
		const char *why;
	} rows[] = {
		{ "tcp://192.0.2.1:4787", ERR_NOT_FOUND, "another's host" },
		{ "tcp://127.0.0.1", ERR_FORMAT, "no port" },
		{ "nonsense", ERR_FORMAT, "no address" },
		{ "", ERR_FORMAT, "nothing" },
	};
	char bound[LIMIT_ADDRESS + 1];
	struct world w, other;

	(void)state;
	world_open(&w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (net_bind(w.net, rows[i].address, bound) != rows[i].err)
			fail_msg("%s", rows[i].why);
	world_open(&other, NULL);
	assert_int_equal(net_bind(other.net, w.address, bound), ERR_EXISTS);
	world_close(&other);
	world_close(&w);
}

static void a_whole_frame_passes_both_ways(void **state)
{
	static uint8_t frame[LIMIT_FRAME];
	struct world w;
	struct client c;

	(void)state;
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7);
	world_open(&w, NULL);
	w.echo = 1;
	meet(&w, &c);
	assert_true(world_until(&w, client_has_frame, &c, 5000));
	assert_int_equal(dial_send(c.dial, frame, sizeof(frame)), 0);
	assert_true(world_until(&w, client_has_frame, &c, 5000));
	assert_int_equal(c.last_n, sizeof(frame));
	assert_memory_equal(c.last, frame, sizeof(frame));
	client_close(&c);
	world_close(&w);
}

static void a_frame_above_the_limit_ends_the_connection(void **state)
{
	static uint8_t frame[LIMIT_FRAME + NET_OVER + 1];
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	meet(&w, &c);
	/* One that is a little too long still comes, to be named. */
	assert_int_equal(dial_send(c.dial, frame, sizeof(frame) - 1), 0);
	assert_int_equal(dial_send(c.dial, frame, sizeof(frame)), 0);
	assert_true(world_until(&w, has_gone, &w, 5000));
	assert_int_equal(w.frames, 2);
	client_close(&c);
	world_close(&w);
}

/* Before any key was shown: a command that announces 8 GB, and 64 MB of it. */
static void a_huge_frame_before_the_handshake_takes_no_memory(void **state)
{
	static const uint8_t head[] = { 0x06, 0, 0, 0, 2, 0, 0, 0, 0 };
	static uint8_t piece[65536];
	size_t rss, all, rss_after, all_after;
	struct world w;
	size_t sent = 0;
	int fd;

	(void)state;
	world_open(&w, NULL);
	world_memory(&rss, &all);
	fd = raw_connect(w.address);
	raw_greet(fd);
	assert_int_equal(send(fd, head, sizeof(head), MSG_NOSIGNAL),
			 sizeof(head));
	while (sent < (64 << 20) &&
	       send(fd, piece, sizeof(piece), MSG_NOSIGNAL) > 0) {
		net_step(w.net, clock_ms());
		sent += sizeof(piece);
	}
	world_memory(&rss_after, &all_after);
	assert_true(sent < (64 << 20));
	assert_true(rss_after < rss + (8 << 20));
	assert_true(all_after < all + ((size_t)1 << 30));
	assert_true(world_until(&w, has_none, w.net, 5000));
	close(fd);
	world_close(&w);
}

static void half_a_handshake_is_dropped(void **state)
{
	struct net_tuning tuning = quick();
	struct world w;
	int fd[RAW];

	(void)state;
	/* Not by the sweep that ends whoever is silent after it. */
	tuning.silent_ms = 60000;
	world_open(&w, &tuning);
	for (int i = 0; i < RAW; i++) {
		fd[i] = raw_connect(w.address);
		if (i % 2 == 0)
			raw_greet(fd[i]);
	}
	assert_true(world_until(&w, has_raw, w.net, 5000));
	assert_true(world_until(&w, has_none, w.net, 3000));
	for (int i = 0; i < RAW; i++)
		close(fd[i]);
	world_close(&w);
}

static void who_never_says_anything_is_cut(void **state)
{
	struct net_tuning tuning = quick();
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, &tuning);
	client_open(&c, NULL);
	client_dial(&c, w.address, &w.self.pub);
	assert_true(world_until(&w, client_is_up, &c, 5000));
	assert_int_equal(net_count(w.net), 1);
	assert_true(world_until(&w, has_none, w.net, 3000));
	assert_true(world_until(&w, client_is_down, &c, 3000));
	client_close(&c);
	world_close(&w);
}

/* Frames go out until the pipe says stop, and meanwhile others get theirs. */
static void who_does_not_read_holds_up_nobody(void **state)
{
	static uint8_t frame[LIMIT_FRAME];
	struct world w;
	struct client lazy, busy;
	struct net_conn *to_lazy, *to_busy;
	size_t sent = 0;
	int err = 0;

	(void)state;
	world_open(&w, NULL);
	to_lazy = meet(&w, &lazy);
	to_busy = meet(&w, &busy);
	alarm(30); /* a send that waits fails the test */
	while (sent < 10000 && err == 0) {
		err = net_send(w.net, to_lazy, frame, sizeof(frame));
		sent += err == 0;
	}
	assert_int_equal(err, ERR_BUSY);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(net_send(w.net, to_busy, frame, 100), 0);
		assert_true(world_until(&w, client_has_frame, &busy, 5000));
	}
	alarm(0);
	client_close(&lazy);
	client_close(&busy);
	world_close(&w);
}

static void a_dialled_peer_that_does_not_read_is_told_too(void **state)
{
	static uint8_t frame[LIMIT_FRAME];
	struct world w;
	struct client c;
	size_t sent = 0;
	int err = 0;

	(void)state;
	world_open(&w, NULL);
	meet(&w, &c);
	alarm(30);
	while (sent < 10000 && err == 0) {
		err = dial_send(c.dial, frame, sizeof(frame));
		sent += err == 0;
	}
	alarm(0);
	assert_int_equal(err, ERR_BUSY);
	client_close(&c);
	world_close(&w);
}

struct sending {
	struct world *w;
	struct net_conn *conn;
};

static bool finds_nobody(void *arg)
{
	const struct sending *s = arg;

	return net_send(s->w->net, s->conn, "x", 1) == ERR_NOT_FOUND;
}

/* libzmq tells of the end a moment before it takes the pipe away. */
static void nothing_is_sent_to_who_is_gone(void **state)
{
	struct world w;
	struct client c;
	struct net_conn copy;
	struct sending sending = { &w, &copy };

	(void)state;
	world_open(&w, NULL);
	copy = *meet(&w, &c);
	client_close(&c);
	assert_true(world_until(&w, has_gone, &w, 5000));
	assert_true(world_until(&w, finds_nobody, &sending, 5000));
	copy.has_route = false;
	assert_int_equal(net_send(w.net, &copy, "x", 1), ERR_NOT_FOUND);
	world_close(&w);
}

/* Carries bytes both ways until it is told to freeze. */
struct relay {
	pthread_t thread;
	int listener;
	char address[64];
	char to[LIMIT_ADDRESS + 1];
	atomic_bool is_frozen, is_over;
};

static bool carry(int from, int to)
{
	uint8_t buf[4096];
	ssize_t n = recv(from, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == 0)
		return false;
	return n < 0 || send(to, buf, (size_t)n, MSG_NOSIGNAL) == n;
}

static void *relay_run(void *arg)
{
	struct relay *r = arg;
	int in = accept(r->listener, NULL, NULL);
	int out = raw_connect(r->to);
	bool goes_on = true;

	while (goes_on && !atomic_load(&r->is_over)) {
		struct pollfd fds[2] = { { in, POLLIN, 0 },
					 { out, POLLIN, 0 } };

		if (atomic_load(&r->is_frozen)) {
			world_nap();
			continue;
		}
		poll(fds, 2, 10);
		goes_on = carry(in, out) && carry(out, in);
	}
	close(in);
	close(out);
	return NULL;
}

static void relay_open(struct relay *r, const char *to)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);

	memset(r, 0, sizeof(*r));
	snprintf(r->to, sizeof(r->to), "%s", to);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&at, sizeof(at)),
			 0);
	assert_int_equal(listen(r->listener, 1), 0);
	getsockname(r->listener, (struct sockaddr *)&at, &n);
	snprintf(r->address, sizeof(r->address), "tcp://127.0.0.1:%u",
		 (unsigned)ntohs(at.sin_port));
	assert_int_equal(pthread_create(&r->thread, NULL, relay_run, r), 0);
}

static void a_line_that_goes_dead_is_noticed_at_both_ends(void **state)
{
	struct net_tuning tuning = quick();
	struct world w;
	struct client c;
	struct relay r;

	(void)state;
	world_open(&w, &tuning);
	relay_open(&r, w.address);
	client_open(&c, &tuning);
	client_dial(&c, r.address, &w.self.pub);
	assert_true(world_until(&w, client_is_up, &c, 5000));
	assert_int_equal(dial_send(c.dial, "hello", 5), 0);
	assert_true(world_until(&w, has_frames, &w, 5000));
	atomic_store(&r.is_frozen, true);
	assert_true(world_until(&w, has_gone, &w, 3000));
	assert_true(world_until(&w, client_is_down, &c, 3000));
	atomic_store(&r.is_over, true);
	pthread_join(r.thread, NULL);
	close(r.listener);
	client_close(&c);
	world_close(&w);
}

static void heartbeats_keep_a_quiet_line(void **state)
{
	struct net_tuning tuning = quick();
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, &tuning);
	client_open(&c, &tuning);
	client_dial(&c, w.address, &w.self.pub);
	assert_true(world_until(&w, client_is_up, &c, 5000));
	assert_int_equal(dial_send(c.dial, "hello", 5), 0);
	assert_false(world_until(&w, has_gone, &w, 1500));
	assert_int_equal(dial_watch(c.dial, clock_ms()), DIAL_UP);
	client_close(&c);
	world_close(&w);
}

/* A DEALER with what ours never sets. */
static void *strange_dealer(void *context, const struct world *w,
			    const char *routing_id)
{
	struct curvepair pair;
	int linger = 0;
	void *s = zmq_socket(context, ZMQ_DEALER);

	curvepair_generate(&pair);
	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, w->self.pub.b, 32);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, pair.pub.b, 32);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, pair.secret, 32);
	if (routing_id != NULL)
		zmq_setsockopt(s, ZMQ_ROUTING_ID, routing_id,
			       strlen(routing_id));
	assert_int_equal(zmq_connect(s, w->address), 0);
	return s;
}

static void a_routing_id_of_ones_own_is_no_way_in(void **state)
{
	void *context = zmq_ctx_new();
	struct world w;
	void *s;

	(void)state;
	world_open(&w, NULL);
	s = strange_dealer(context, &w, "TREASURER");
	zmq_send(s, "hello", 5, 0);
	assert_false(world_until(&w, has_frames, &w, 700));
	zmq_close(s);
	zmq_ctx_term(context);
	world_close(&w);
}

static void a_message_of_two_parts_is_no_frame(void **state)
{
	void *context = zmq_ctx_new();
	struct world w;
	void *s;

	(void)state;
	world_open(&w, NULL);
	s = strange_dealer(context, &w, NULL);
	zmq_send(s, "hello", 5, ZMQ_SNDMORE);
	zmq_send(s, "world", 5, 0);
	assert_false(world_until(&w, has_frames, &w, 700));
	zmq_close(s);
	zmq_ctx_term(context);
	world_close(&w);
}

/* One message of 300 MB in parts of a lawful size: high-water marks count
 * messages, and the size of a message is no limit of libzmq's. */
static void send_parts(const struct world *w)
{
	static uint8_t part[60000];
	void *context = zmq_ctx_new();
	void *s = strange_dealer(context, w, NULL);

	for (int i = 0; i < 5000; i++)
		zmq_send(s, part, sizeof(part), ZMQ_SNDMORE);
	zmq_send(s, part, 1, 0);
	sleep(30);
}

static void a_message_without_end_is_cut(void **state)
{
	size_t rss, peak = 0, all, open = 0, before;
	uint64_t end;
	struct world w;
	int ready[2];
	pid_t pid;

	(void)state;
	/* The child must not inherit a running context. */
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (read(ready[0], &w, sizeof(w)) == (ssize_t)sizeof(w))
			send_parts(&w);
		_exit(0);
	}
	world_open(&w, NULL);
	world_memory(&rss, &all);
	assert_int_equal(write(ready[1], &w, sizeof(w)), sizeof(w));
	end = clock_ms() + 10000;
	do {
		size_t now;

		before = open;
		net_step(w.net, clock_ms());
		open = net_count(w.net);
		world_memory(&now, &all);
		peak = now > peak ? now : peak;
		world_nap();
	} while (clock_ms() < end && w.frames == 0 && open >= before);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(w.frames, 0);
	assert_true(peak < rss + (128 << 20));
	close(ready[0]);
	close(ready[1]);
	world_close(&w);
}

static bool is_within_four(void *arg)
{
	const struct world *w = arg;

	return net_count(w->net) <= 4;
}

static void who_is_known_stays_when_it_gets_full(void **state)
{
	struct net_tuning tuning = net_tuning();
	struct client known, others[6];
	struct world w;

	(void)state;
	tuning.conns = 4;
	world_open(&w, &tuning);
	meet(&w, &known)->is_known = true;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		client_open(&others[i], NULL);
		client_dial(&others[i], w.address, &w.self.pub);
		assert_true(world_until(&w, client_is_up, &others[i], 5000));
	}
	assert_true(world_until(&w, client_is_down, &others[0], 3000));
	assert_true(world_until(&w, is_within_four, &w, 3000));
	assert_int_equal(dial_watch(known.dial, clock_ms()), DIAL_UP);
	assert_int_equal(dial_watch(others[5].dial, clock_ms()), DIAL_UP);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		client_close(&others[i]);
	client_close(&known);
	world_close(&w);
}

static void a_dial_that_cannot_work_ends(void **state)
{
	static const struct {
		const char *address;
		const char *why;
	} rows[] = {
		{ "tcp://127.0.0.1:1", "nobody listens" },
		{ "tcp://[::1]:1", "nor there" },
		{ "tcp://no-such-host.invalid:1", "a name of nobody" },
	};
	struct curvekey nobody;
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	memset(&nobody, 7, sizeof(nobody));
	client_open(&c, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		client_dial(&c, rows[i].address, &w.self.pub);
		if (!world_until(&w, client_is_down, &c, 5000))
			fail_msg("%s", rows[i].why);
		assert_int_equal(dial_send(c.dial, "x", 1), ERR_NOT_FOUND);
		dial_close(c.dial, true);
	}
	client_dial(&c, w.address, &nobody);
	assert_true(world_until(&w, client_is_down, &c, 5000));
	dial_close(c.dial, false);
	assert_int_equal(
		dial_open(&c.dial, c.net, "nonsense", &nobody, clock_ms()),
		ERR_FORMAT);
	c.dial = NULL;
	client_close(&c);
	world_close(&w);
}

static void a_name_is_looked_up(void **state)
{
	char address[LIMIT_ADDRESS + 1];
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	snprintf(address, sizeof(address), "tcp://localhost%s",
		 strrchr(w.address, ':'));
	client_open(&c, NULL);
	client_dial(&c, address, &w.self.pub);
	assert_true(world_until(&w, client_is_up, &c, 5000));
	client_close(&c);
	world_close(&w);
}

static void what_was_said_before_closing_arrives(void **state)
{
	struct world w;
	struct client c;

	(void)state;
	world_open(&w, NULL);
	meet(&w, &c);
	assert_int_equal(dial_send(c.dial, "goodbye", 7), 0);
	dial_close(c.dial, true);
	c.dial = NULL;
	assert_true(world_until(&w, has_gone, &w, 5000));
	assert_int_equal(w.frames, 2);
	assert_int_equal(w.last_n, 7);
	client_close(&c);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_message_without_end_is_cut),
		UNIT(addresses_come_back_as_people_write_them),
		UNIT(what_cannot_be_bound_is_told_apart),
		UNIT(a_whole_frame_passes_both_ways),
		UNIT(a_frame_above_the_limit_ends_the_connection),
		UNIT(a_huge_frame_before_the_handshake_takes_no_memory),
		UNIT(half_a_handshake_is_dropped),
		UNIT(who_never_says_anything_is_cut),
		UNIT(who_does_not_read_holds_up_nobody),
		UNIT(a_dialled_peer_that_does_not_read_is_told_too),
		UNIT(nothing_is_sent_to_who_is_gone),
		UNIT(a_line_that_goes_dead_is_noticed_at_both_ends),
		UNIT(heartbeats_keep_a_quiet_line),
		UNIT(a_routing_id_of_ones_own_is_no_way_in),
		UNIT(a_message_of_two_parts_is_no_frame),
		UNIT(who_is_known_stays_when_it_gets_full),
		UNIT(a_dial_that_cannot_work_ends),
		UNIT(a_name_is_looked_up),
		UNIT(what_was_said_before_closing_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
