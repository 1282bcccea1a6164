#include "tests/bench/bench.h"

#include "crypto/bytes.h"
#include "store/store.h"
#include "tests/bench/run.h"
#include "tests/bench/watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

/*
 * What a connected peer with whom nothing happens takes of a node's memory,
 * beyond what the same connection takes of libzmq with CURVE.
 */

enum { PEERS = 200, SETTLE_US = 3000000, ROUNDS = 3 };

static size_t own_kb(void)
{
	const struct node self = { .pid = getpid() };

	return node_private_kb(&self);
}

/* As net_prepare does. */
static void *bare_socket(void *context, int type)
{
	static const int options[][2] = {
		{ ZMQ_SNDHWM, 32 },
		{ ZMQ_RCVHWM, 32 },
		{ ZMQ_LINGER, 0 },
		{ ZMQ_HEARTBEAT_IVL, 15000 },
		{ ZMQ_HEARTBEAT_TIMEOUT, 45000 },
	};
	void *s = zmq_socket(context, type);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		zmq_setsockopt(s, options[i][0], &options[i][1], sizeof(int));
	return s;
}

/* Hear where, connect, say one word, and stay until the pipe closes. */
static _Noreturn void bare_dial(const char *key, int until)
{
	char address[64] = "", own[41], secret[41], byte;
	void *context;

	if (read(until, address, sizeof(address) - 1) <= 0)
		_exit(1);
	context = zmq_ctx_new();
	zmq_curve_keypair(own, secret);
	for (size_t i = 0; i < PEERS; i++) {
		void *s = bare_socket(context, ZMQ_DEALER);

		zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, key, 40);
		zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, own, 40);
		zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret, 40);
		zmq_connect(s, address);
		zmq_send(s, "a", 1, 0);
	}
	while (read(until, &byte, 1) > 0)
		continue;
	_exit(0);
}

static void bare_meet(void *router)
{
	char route[8], word[8];

	for (size_t i = 0; i < PEERS; i++) {
		int n = zmq_recv(router, route, sizeof(route), 0);

		zmq_recv(router, word, sizeof(word), 0);
		zmq_send(router, route, n > 0 ? (size_t)n : 0, ZMQ_SNDMORE);
		zmq_send(router, "b", 1, 0);
	}
}

/* In a process of its own, which writes KiB for each connection to out. */
static _Noreturn void bare_serve(int out)
{
	char key[41], secret[41], address[64] = "";
	size_t size = sizeof(address), before;
	int pipes[2], yes = 1;
	void *context, *router;
	double kb;

	zmq_curve_keypair(key, secret);
	if (pipe(pipes) != 0)
		_exit(1);
	/* Before there is a thread of ZeroMQ's. */
	if (fork() == 0) {
		close(pipes[1]);
		bare_dial(key, pipes[0]);
	}
	context = zmq_ctx_new();
	zmq_ctx_set(context, ZMQ_IO_THREADS, 2);
	router = bare_socket(context, ZMQ_ROUTER);
	zmq_setsockopt(router, ZMQ_CURVE_SERVER, &yes, sizeof(yes));
	zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret, 40);
	if (zmq_bind(router, "tcp://127.0.0.1:*") != 0 ||
	    zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, address, &size) != 0)
		_exit(1);
	before = own_kb();
	if (write(pipes[1], address, strlen(address)) <= 0)
		_exit(1);
	bare_meet(router);
	watch_pause(SETTLE_US);
	kb = (double)(own_kb() - before) / PEERS;
	_exit(write(out, &kb, sizeof(kb)) == sizeof(kb) ? 0 : 1);
}

static double bare_kb(void)
{
	int out[2];
	double kb = 0;
	pid_t pid;

	if (pipe(out) != 0)
		bench_stop("no pipe");
	pid = fork();
	if (pid == 0)
		bare_serve(out[1]);
	close(out[1]);
	if (read(out[0], &kb, sizeof(kb)) != sizeof(kb))
		bench_stop("bare connections did not come about");
	close(out[0]);
	waitpid(pid, NULL, 0);
	return kb;
}

/* tests/tool/crowd.c, which stands beside the program. */
struct crowd {
	pid_t pid;
	int in, out;
};

static void crowd_start(const struct bench *b, struct crowd *c,
			const struct node *n, const struct watch *w)
{
	const struct roster *r = store_roster(w->store);
	char path[BENCH_PATH + 8], key[65], network[65], count[16];
	struct id id;
	int in[2], out[2];

	store_network(w->store, &id);
	hex_encode(network, id.b, sizeof(id.b));
	hex_encode(key, roster_feed_at(r, 0)->transport.b, 32);
	snprintf(count, sizeof(count), "%d", PEERS);
	snprintf(path, sizeof(path), "%.*scrowd",
		 (int)(strlen(b->maillon) - strlen("maillon")), b->maillon);
	if (pipe(in) != 0 || pipe(out) != 0)
		bench_stop("no pipe");
	c->pid = fork();
	if (c->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execl(path, path, n->address, key, network, count, "0",
		      (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
}

/* Until all have been answered and have what there is. */
static bool crowd_wait(const struct crowd *c)
{
	char line[64], text[256];
	FILE *f = fdopen(c->out, "r");
	bool is_there = false;

	snprintf(line, sizeof(line), "met %d done %d ", PEERS, PEERS);
	while (f != NULL && !is_there && fgets(text, sizeof(text), f) != NULL)
		is_there = strncmp(text, line, strlen(line)) == 0;
	return is_there;
}

static void crowd_stop(struct crowd *c)
{
	close(c->in);
	kill(c->pid, SIGTERM);
	waitpid(c->pid, NULL, 0);
}

/* A network that anybody may read, with next to nothing in it. */
static void make_home(const struct bench *b, char home[static BENCH_PATH])
{
	const char *init[] = { "--home", home,      "init",  "--label",
			       "hub",    "--place", "FR-88", NULL };
	const char *found[] = { "--home",        home, "found", "Idle",
				"--public-read", NULL };
	char out[BENCH_PATH];
	int code;

	bench_join(home, b->dir, "home-idle");
	bench_join(out, b->dir, "idle.txt");
	gen_remove(home);
	run_command(b, init, out, &code);
	if (code == 0)
		run_command(b, found, out, &code);
	if (code != 0)
		bench_stop("no network for idle peers");
}

static double peer_kb(const struct bench *b, const char *home)
{
	struct crowd c;
	struct watch w;
	struct node n;
	size_t before;
	double kb;

	node_start(b, &n, home, NULL);
	watch_open(&w, home);
	watch_pause(SETTLE_US / 3);
	before = node_private_kb(&n);
	crowd_start(b, &c, &n, &w);
	if (!crowd_wait(&c))
		bench_stop("the idle peers did not come about");
	watch_pause(SETTLE_US);
	kb = (double)(node_private_kb(&n) - before) / PEERS;
	crowd_stop(&c);
	watch_close(&w);
	node_stop(&n);
	return kb;
}

void bench_idle(struct bench *b)
{
	struct figure *f = figure_new(&b->figures, "peer_idle_kb", "KiB");
	char home[BENCH_PATH];
	double bare = 0;

	make_home(b, home);
	for (size_t i = 0; i < ROUNDS; i++) {
		bare = bare_kb();
		figure_run(f, peer_kb(b, home) - bare);
	}
	figure_end(f);
	figure_note(f,
		    "of each of %d readers that have all there is, beyond the "
		    "%.1f of a bare CURVE connection",
		    PEERS, bare);
}
