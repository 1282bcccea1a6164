#include "tests/bench/curve.h"

#include "crypto/curve.h"
#include "crypto/err.h"
#include "proto/run.h"
#include "tests/bench/lmdb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

/* A frame of the stream: a run's bytes, and the entries that it carries. */
struct frame {
	uint8_t *p;
	size_t n;
	const uint8_t *first; /* in its feed's bytes */
	uint32_t no;
	uint32_t count;
	uint64_t from;
};

struct stream {
	struct frame *at;
	size_t n, max;
};

static void add_frame(struct stream *s, struct run_writer *w,
		      const uint8_t *first, uint32_t no)
{
	struct frame *f;
	size_t n;

	if (s->n == s->max) {
		s->max = 2 * s->max + 64;
		s->at = realloc(s->at, s->max * sizeof(*s->at));
		if (s->at == NULL)
			bench_stop("no memory for frames");
	}
	f = &s->at[s->n++];
	*f = (struct frame){
		.first = first, .no = no, .count = w->count, .from = w->from
	};
	bench_must(run_writer_end(w, &n), "a run");
	f->p = malloc(n);
	if (f->p == NULL)
		bench_stop("no memory for frames");
	memcpy(f->p, w->p, n);
	f->n = n;
}

static void pack_feed(struct stream *s, const struct gen_feed *feed,
		      uint32_t no)
{
	uint8_t buf[LIMIT_RUN_BYTES];
	const uint8_t *first = feed->bytes;
	struct run_writer w;
	size_t at = 0;

	run_writer_init(&w, buf, sizeof(buf), &feed->feed);
	while (at < feed->n) {
		const uint8_t *p = feed->bytes + at;
		uint32_t size;
		int err;

		memcpy(&size, p, sizeof(size));
		err = run_writer_add(&w, p + sizeof(size), size);
		if (err == ERR_LIMIT) {
			add_frame(s, &w, first, no);
			run_writer_init(&w, buf, sizeof(buf), &feed->feed);
			first = p;
			continue;
		}
		bench_must(err, "a run");
		at += sizeof(size) + size;
	}
	add_frame(s, &w, first, no);
}

static void must(int rc)
{
	if (rc < 0)
		bench_stop("ZeroMQ: %s", zmq_strerror(zmq_errno()));
}

static void *open_socket(void *context, int type, const struct curvepair *self,
			 const struct curvekey *server)
{
	void *s = zmq_socket(context, type);
	int is_server = server == NULL, linger = -1;

	if (s == NULL)
		bench_stop("ZeroMQ: %s", zmq_strerror(zmq_errno()));
	must(zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger)));
	if (is_server)
		must(zmq_setsockopt(s, ZMQ_CURVE_SERVER, &is_server,
				    sizeof(is_server)));
	else
		must(zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, server->b, 32));
	must(zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, self->pub.b, 32));
	must(zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, self->secret, 32));
	return s;
}

static _Noreturn void send_all(const struct stream *s, const char *address,
			       const struct curvekey *server)
{
	void *context = zmq_ctx_new();
	struct curvepair self;
	void *socket;

	curvepair_generate(&self);
	socket = open_socket(context, ZMQ_PUSH, &self, server);
	must(zmq_connect(socket, address));
	for (size_t i = 0; i < s->n; i++)
		must(zmq_send(socket, s->at[i].p, s->at[i].n, 0));
	zmq_close(socket);
	zmq_ctx_term(context);
	_exit(0);
}

/* Hash and keep the entries that a frame stands for. */
static size_t take(struct lmdb *l, const struct frame *f)
{
	const uint8_t *p = f->first;
	size_t bytes = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		uint32_t size;
		struct id id;

		memcpy(&size, p, sizeof(size));
		p += sizeof(size);
		id = hash_id(p, size);
		if (id_is_zero(&id))
			bench_stop("a hash of zero");
		lmdb_put(l, f->no, f->from + i, p, size);
		p += size;
		bytes += size;
	}
	return bytes;
}

static double receive_all(struct lmdb *l, const struct stream *s, void *socket)
{
	size_t bytes = 0;
	double at = 0;
	zmq_msg_t msg;

	lmdb_begin(l);
	for (size_t i = 0; i < s->n; i++) {
		must(zmq_msg_init(&msg));
		must(zmq_msg_recv(&msg, socket, 0));
		if (i == 0)
			at = bench_now();
		if (zmq_msg_size(&msg) != s->at[i].n)
			bench_stop("a frame came that was not sent");
		zmq_msg_close(&msg);
		bytes += take(l, &s->at[i]);
		if (bytes < CURVE_BATCH)
			continue;
		lmdb_commit(l);
		lmdb_begin(l);
		bytes = 0;
	}
	lmdb_commit(l);
	return bench_now() - at;
}

static double transfer(const struct stream *s, struct lmdb *l)
{
	void *context, *socket;
	struct curvepair self;
	char address[64];
	size_t n = sizeof(address);
	double seconds;
	int status;
	pid_t pid;
	int ends[2];

	/* The child is made before there is a context, which no fork may
	 * copy; it is told the address when there is one. */
	curvepair_generate(&self);
	if (pipe(ends) != 0)
		bench_stop("no pipe");
	pid = fork();
	if (pid < 0)
		bench_stop("no second process");
	if (pid == 0) {
		if (read(ends[0], address, sizeof(address)) <= 0)
			_exit(1);
		send_all(s, address, &self.pub);
	}
	context = zmq_ctx_new();
	socket = open_socket(context, ZMQ_PULL, &self, NULL);
	must(zmq_bind(socket, "tcp://127.0.0.1:*"));
	must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &n));
	if (write(ends[1], address, sizeof(address)) < 0)
		bench_stop("no pipe");
	seconds = receive_all(l, s, socket);
	close(ends[0]);
	close(ends[1]);
	zmq_close(socket);
	zmq_ctx_term(context);
	waitpid(pid, &status, 0);
	return seconds;
}

double curve_run(const struct bench *b, const struct gen *g)
{
	struct stream s = { .n = 0 };
	char dir[BENCH_PATH];
	struct lmdb *l;
	double seconds;

	for (size_t i = 0; i < g->plan.feeds; i++)
		pack_feed(&s, &g->feeds[i], (uint32_t)i);
	bench_join(dir, b->dir, "bare");
	l = lmdb_open(dir);
	seconds = transfer(&s, l);
	lmdb_close(l);
	gen_remove(dir);
	for (size_t i = 0; i < s.n; i++)
		free(s.at[i].p);
	free(s.at);
	return seconds;
}
