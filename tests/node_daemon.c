#include "node/net/daemon.h"

#include "crypto/err.h"
#include "node/ctl/ctl.h"
#include "proto/entry.h"
#include "proto/session/msg.h"
#include "store/log.h"
#include "store/store.h"
#include "tests/homeworld.h"
#include "tests/networld.h"
#include "tests/unit.h"

#include <signal.h>
#include <sys/wait.h>

/*
 * A node that is up, in a process of its own, and strangers who speak the
 * protocol to it without being in its roster.
 */

static struct home hub_home;
static struct id network;
static struct curvepair hub_transport;
static char hub_address[LIMIT_ADDRESS + 1];
static pid_t hub_pid;

/* The daemon's stdout is the pipe. */
static void run_hub(int out)
{
	struct daemon_wish wish = { .mode = DAEMON_LIVE };
	struct daemon_result result;
	struct keeper *k;

	dup2(out, STDOUT_FILENO);
	if (freopen("/dev/null", "w", stderr) == NULL ||
	    keeper_open(&k, &hub_home) != 0)
		_exit(1);
	wish.listen[wish.listen_n++] = "tcp://127.0.0.1:*";
	daemon_run(&result, k, &wish);
	keeper_close(k);
	_exit(result.end == DAEMON_STOPPED ? 0 : 2);
}

static int begin(void **state)
{
	char line[LIMIT_ADDRESS + 7] = "";
	size_t n = 0;
	int fd[2];

	(void)state;
	homes_begin();
	home_found(&hub_home, &network, "hub");
	assert_int_equal(home_transport(&hub_home, &hub_transport), 0);
	assert_int_equal(pipe(fd), 0);
	hub_pid = fork();
	if (hub_pid == 0)
		run_hub(fd[1]);
	while (n < sizeof(line) - 1 && read(fd[0], line + n, 1) == 1 &&
	       line[n] != '\n')
		n++;
	line[n] = '\0';
	assert_int_equal(strncmp(line, "ready tcp://", 12), 0);
	snprintf(hub_address, sizeof(hub_address), "%s", line + 6);
	return 0;
}

static int end(void **state)
{
	int code;

	(void)state;
	kill(hub_pid, SIGTERM);
	assert_int_equal(waitpid(hub_pid, &code, 0), hub_pid);
	homes_end();
	return WIFEXITED(code) && WEXITSTATUS(code) == 0 ? 0 : -1;
}

/* Somebody with keys, a feed in this network, and a connection. */
struct stranger {
	struct home home;
	struct pubkey feed;
	uint8_t open[LIMIT_ENTRY];
	size_t open_n;
	struct id tip;
	struct client client;
	struct msg msg; /* the newest; borrows client.last */
};

static bool is_up(struct stranger *s)
{
	uint64_t until = clock_ms() + 5000;

	while (clock_ms() < until && !client_is_up(&s->client))
		world_nap();
	return client_is_up(&s->client);
}

static struct stranger *stranger_new(const char *label, const struct id *net,
				     const struct curvepair *transport)
{
	struct stranger *s = calloc(1, sizeof(*s));
	struct curvepair own;
	struct keeper *k;
	struct entry e;

	assert_non_null(s);
	home_newcomer(&s->home, net, label);
	assert_int_equal(keeper_open(&k, &s->home), 0);
	s->feed = k->feed;
	own = k->transport;
	assert_int_equal(
		store_entry(k->store, &k->feed, 1, s->open, &s->open_n), 0);
	keeper_close(k);
	assert_int_equal(entry_decode(&e, s->open, s->open_n), 0);
	s->tip = entry_id(&e);
	client_open_as(&s->client, transport != NULL ? transport : &own, NULL);
	client_dial(&s->client, hub_address, &hub_transport.pub);
	assert_true(is_up(s));
	return s;
}

static void stranger_close(struct stranger *s)
{
	client_close(&s->client);
	free(s);
}

static void say(struct stranger *s, const struct msg *m)
{
	static uint8_t frame[LIMIT_FRAME];
	size_t n;

	assert_int_equal(msg_encode(m, frame, sizeof(frame), &n), 0);
	assert_int_equal(dial_send(s->client.dial, frame, n), 0);
}

/* The next frame within some seconds; false when none comes. */
static bool hear(struct stranger *s, uint64_t ms)
{
	uint64_t until = clock_ms() + ms;

	while (clock_ms() < until) {
		if (client_has_frame(&s->client)) {
			assert_int_equal(msg_decode(&s->msg, s->client.last,
						    s->client.last_n),
					 0);
			return true;
		}
		world_nap();
	}
	return false;
}

static void say_hello(struct stranger *s, const struct id *net)
{
	struct msg m = { .type = MSG_HELLO };

	m.u.hello.network = *net;
	m.u.hello.feed = s->feed;
	m.u.hello.credit = LIMIT_CREDIT_MIN;
	bytes_random(m.u.hello.nonce, sizeof(m.u.hello.nonce));
	say(s, &m);
}

/* HELLO, and the `open` that is asked for. */
static void introduce(struct stranger *s)
{
	struct msg m = { .type = MSG_OPEN };

	say_hello(s, &network);
	assert_true(hear(s, 5000));
	assert_int_equal(s->msg.type, MSG_HELLO);
	assert_true(hear(s, 5000));
	assert_int_equal(s->msg.type, MSG_OPEN);
	assert_null(s->msg.u.open.raw);
	m.u.open.raw = s->open;
	m.u.open.raw_n = s->open_n;
	say(s, &m);
}

/* Everything until BYE, whose reason it is; -1 when none comes.  No entry and
 * no head may be among it. */
static int until_bye(struct stranger *s, uint64_t ms)
{
	while (hear(s, ms)) {
		if (s->msg.type == MSG_BYE)
			return (int)s->msg.u.bye.reason;
		assert_int_not_equal(s->msg.type, MSG_RUN);
		assert_int_not_equal(s->msg.type, MSG_PUSH);
		if (s->msg.type == MSG_HEADS)
			assert_int_equal(s->msg.u.heads.rows.count, 0);
	}
	return -1;
}

/* One row of FETCH or HEADS about the hub's own feed. */
static void fill_row(struct msg_list *list, uint8_t *buf, size_t max,
		     bool is_head)
{
	static const uint8_t id[MSG_SHORT] = { 1 };
	struct pubkey feed;
	struct seckey *key;
	struct wr w;

	assert_int_equal(home_seckey(&hub_home, &key, KEY_NODE, NULL), 0);
	feed = seckey_pub(key);
	seckey_close(key);
	wr_init(&w, buf, max);
	wr_array(&w, is_head ? 3 : 2);
	wr_bin(&w, feed.b, KEY_SIZE);
	wr_uint(&w, 1);
	if (is_head)
		wr_bin(&w, id, sizeof(id));
	list->count = 1;
	rd_init(&list->rd, buf, w.n);
}

static void a_stranger_that_fetches_is_sent_away_with_nothing(void **state)
{
	struct stranger *s = stranger_new("fetcher", &network, NULL);
	struct msg m = { .type = MSG_FETCH };
	uint8_t buf[64];

	(void)state;
	introduce(s);
	fill_row(&m.u.fetch, buf, sizeof(buf), false);
	say(s, &m);
	assert_int_equal(until_bye(s, 5000), BYE_DENIED);
	stranger_close(s);
}

static void a_stranger_that_tells_heads_hears_none(void **state)
{
	struct stranger *s = stranger_new("teller", &network, NULL);
	struct msg m = { .type = MSG_HEADS };
	uint8_t buf[64];

	(void)state;
	introduce(s);
	m.u.heads.flags = HEADS_START | HEADS_END;
	fill_row(&m.u.heads.rows, buf, sizeof(buf), true);
	say(s, &m);
	assert_int_equal(until_bye(s, 700), -1);
	stranger_close(s);
}

static void nothing_is_said_before_hello(void **state)
{
	struct stranger *s = stranger_new("early", &network, NULL);
	struct msg m = { .type = MSG_FETCH };
	uint8_t buf[64];

	(void)state;
	fill_row(&m.u.fetch, buf, sizeof(buf), false);
	say(s, &m);
	assert_int_equal(until_bye(s, 5000), BYE_ORDER);
	stranger_close(s);
}

static void a_frame_that_is_none_is_answered_so(void **state)
{
	struct stranger *s = stranger_new("noise", &network, NULL);

	(void)state;
	assert_int_equal(dial_send(s->client.dial, "\xc1\xff", 2), 0);
	assert_int_equal(until_bye(s, 5000), BYE_FORMAT);
	stranger_close(s);
}

static void another_network_is_turned_away(void **state)
{
	struct id other = network;
	struct stranger *s;

	(void)state;
	other.b[4] ^= 1;
	s = stranger_new("foreign", &other, NULL);
	say_hello(s, &other);
	assert_int_equal(until_bye(s, 5000), BYE_NETWORK);
	stranger_close(s);
}

/* Somebody else's feed over one's own connection: the key of the connection
 * is what counts, whatever HELLO says. */
static void a_feed_cannot_be_borrowed(void **state)
{
	struct curvepair mine;
	struct stranger *s;

	(void)state;
	curvepair_generate(&mine);
	s = stranger_new("thief", &network, &mine);
	introduce(s);
	assert_int_equal(until_bye(s, 5000), BYE_KEY);
	stranger_close(s);
}

static void the_hubs_own_feed_cannot_be_borrowed(void **state)
{
	struct stranger *s = stranger_new("mirror", &network, NULL);
	struct seckey *key;

	(void)state;
	assert_int_equal(home_seckey(&hub_home, &key, KEY_NODE, NULL), 0);
	s->feed = seckey_pub(key);
	seckey_close(key);
	say_hello(s, &network);
	assert_int_equal(until_bye(s, 5000), BYE_SELF);
	stranger_close(s);
}

static void a_join_without_an_invite_is_unknown(void **state)
{
	struct stranger *s = stranger_new("guesser", &network, NULL);
	struct msg m = { .type = MSG_JOIN };
	uint8_t buf[LIMIT_ENTRY + 8];
	struct wr w;

	(void)state;
	say_hello(s, &network);
	wr_init(&w, buf, sizeof(buf));
	wr_bin(&w, s->open, s->open_n);
	bytes_random(m.u.join.invite, sizeof(m.u.join.invite));
	snprintf(m.u.join.label, sizeof(m.u.join.label), "guesser");
	snprintf(m.u.join.place, sizeof(m.u.join.place), "FR");
	m.u.join.entries.count = 1;
	rd_init(&m.u.join.entries.rd, buf, w.n);
	say(s, &m);
	do
		assert_true(hear(s, 5000));
	while (s->msg.type != MSG_JOINED);
	assert_int_equal((int)s->msg.u.joined, JOINED_UNKNOWN);
	stranger_close(s);
}

/* Whoever is sent away in the same moment is forgotten in the same moment. */
static void many_are_sent_away_at_once(void **state)
{
	struct stranger *s[8];

	(void)state;
	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
		char label[16];

		snprintf(label, sizeof(label), "noise%zu", i);
		s[i] = stranger_new(label, &network, NULL);
	}
	kill(hub_pid, SIGSTOP);
	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		assert_int_equal(dial_send(s[i]->client.dial, "\xc1\xff", 2),
				 0);
	kill(hub_pid, SIGCONT);
	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		assert_int_equal(until_bye(s[i], 5000), BYE_FORMAT);
	/* They were given a second to read that. */
	assert_int_equal(until_bye(s[0], 1500), -1);
	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		stranger_close(s[i]);
}

/* A command that comes in the middle of all that is answered. */
static void commands_are_answered_meanwhile(void **state)
{
	struct ctl c;
	struct rd r;

	(void)state;
	assert_int_equal(ctl_connect(&c, hub_home.socket), 0);
	assert_int_equal(ctl_call(&c, &r, "status", NULL, 0, 5000), 0);
	assert_int_equal(rd_array(&r, 5), 5);
	assert_int_equal(rd_uint(&r, 10), DAEMON_LIVE);
	assert_int_equal(rd_uint(&r, 1), 1);
	assert_int_equal(ctl_call(&c, &r, "addresses", NULL, 0, 5000), 0);
	assert_int_equal(rd_array(&r, 8), 1);
	assert_int_equal(ctl_call(&c, &r, "nonsense", NULL, 0, 5000),
			 ERR_NOT_FOUND);
	assert_true(strlen(c.reason) > 0);
	ctl_close(&c);
	assert_int_equal(ctl_connect(&c, hub_home.socket), 0);
	assert_int_equal(ctl_call(&c, &r, "accept", NULL, 0, 5000), ERR_FORMAT);
	ctl_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_stranger_that_fetches_is_sent_away_with_nothing),
		UNIT(a_stranger_that_tells_heads_hears_none),
		UNIT(nothing_is_said_before_hello),
		UNIT(a_frame_that_is_none_is_answered_so),
		UNIT(another_network_is_turned_away),
		UNIT(a_feed_cannot_be_borrowed),
		UNIT(the_hubs_own_feed_cannot_be_borrowed),
		UNIT(a_join_without_an_invite_is_unknown),
		UNIT(many_are_sent_away_at_once),
		UNIT(commands_are_answered_meanwhile),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
