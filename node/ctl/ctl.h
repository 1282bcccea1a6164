#ifndef NODE_CTL_CTL_H
#define NODE_CTL_CTL_H

#include "proto/rd.h"
#include "proto/wr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ctl -- the control socket: how commands reach the daemon of their home.
 *
 * A Unix stream socket.  Each message is a u32 big-endian length and that many
 * bytes of canonical msgpack, at most CTL_MAX:
 *
 *   request  [verb, value...]
 *   reply    [0, value]  or  [-err, sentence]
 *
 * One request at a time per connection; replies come in order.  The peer's
 * uid must be ours or root's (SO_PEERCRED), whatever the file modes are.
 * The server half never blocks: a poll loop drives it.
 */

enum {
	CTL_MAX = 1024 * 1024, /* bytes of a message */
	CTL_VERB = 32,         /* bytes of a verb */
	CTL_REASON = 512,      /* bytes of an error's sentence, with the NUL */
	CTL_LATER = 1          /* a handler's "the answer comes later" */
};

/* The client's end: a connection and the newest reply. */
struct ctl {
	int fd; /* -1 when closed */
	uint8_t *buf;
	size_t buf_n;
	char reason[CTL_REASON]; /* the daemon's sentence, after an error */
};

/* ctl_connect: connect to the socket at path.  ERR_NOT_FOUND: nobody listens
 * there; ERR_DENIED: not ours; ERR_BUSY: its queue is full; ERR_IO. */
int ctl_connect(struct ctl *c, const char *path);

/* ctl_call: send a request and wait for its reply.  args holds `count` values
 * already encoded, NULL for none.  On success *reply stands before the reply's
 * value and borrows from c until the next call.  Negative: the daemon's own
 * error, with its sentence in c->reason ("" when it gave none), or ERR_BUSY
 * after timeout_ms, ERR_IO when the daemon went away, ERR_LIMIT, ERR_FORMAT,
 * ERR_NOMEM; after these the connection is of no more use. */
int ctl_call(struct ctl *c, struct rd *reply, const char *verb,
	     const struct wr *args, uint32_t count, int timeout_ms);

/* ctl_close: NULL-safe, and may be repeated. */
void ctl_close(struct ctl *c);

/* The server's end of one connection. */
struct ctl_conn {
	int fd; /* -1 when closed */
	uint8_t *in;
	size_t in_n, in_max;
	uint8_t *out;
	size_t out_n, out_at;
	bool is_waiting; /* a handler returned CTL_LATER */
};

/* What a handler is given and what it fills in. */
struct ctl_request {
	struct ctl_conn *conn;   /* to answer later */
	char verb[CTL_VERB + 1]; /* plain */
	struct rd args;          /* before the first value; ask rd_end() */
	uint32_t count;          /* how many there are */
};

struct ctl_reply {
	struct wr value;         /* exactly one value; none counts as 0 */
	char reason[CTL_REASON]; /* a sentence for an error; may stay "" */
};

/* A handler returns 0, a negative enum err, or CTL_LATER: then nothing more
 * is read from the connection until ctl_answer. */
typedef int ctl_handler(void *arg, struct ctl_request *req,
			struct ctl_reply *reply);

/* ctl_listen: bind path and listen, non-blocking, mode 0600.  A socket left
 * behind is replaced: the caller holds the home's lock.  ERR_LIMIT: path too
 * long; ERR_DENIED, ERR_IO.  The caller closes the fd and unlinks. */
int ctl_listen(int *fd, const char *path);

/* ctl_accept: the next connection.  ERR_NOT_FOUND: none waits; ERR_DENIED:
 * one of another user, which was closed; ERR_BUSY: no file descriptor left;
 * ERR_IO. */
int ctl_accept(struct ctl_conn *c, int listen_fd);

/* ctl_conn_events: what to poll for, POLLIN or POLLOUT; 0 while it waits for
 * ctl_answer. */
short ctl_conn_events(const struct ctl_conn *c);

/* ctl_conn_step: read, call the handler, write, as far as it goes without
 * blocking.  Negative when the connection is over (ERR_NOT_FOUND: closed by
 * the other side, ERR_FORMAT, ERR_LIMIT, ERR_IO, ERR_NOMEM): close it then. */
int ctl_conn_step(struct ctl_conn *c, short revents, ctl_handler *handler,
		  void *arg);

/* ctl_answer: what a handler promised with CTL_LATER: err 0 and one encoded
 * value (n 0 counts as the value 0), or a negative err and reason (may be
 * NULL).  ERR_STATE when the connection waits for nothing, ERR_NOMEM. */
int ctl_answer(struct ctl_conn *c, int err, const void *value, size_t n,
	       const char *reason);

/* ctl_conn_close: NULL-safe, and may be repeated. */
void ctl_conn_close(struct ctl_conn *c);

#endif
