#ifndef NODE_NET_NET_H
#define NODE_NET_NET_H

#include "crypto/curve.h"
#include "node/net/flow.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

/*
 * net -- the ZeroMQ side of a node: its context, the thread that is asked
 * about keys, and the ROUTER socket that others dial.  Dialling is dial.h's.
 *
 * A connection is known by the file descriptor under it, which ZeroMQ tells
 * both in the monitor's events and with each message, so that its end is
 * noticed and one connection can be cut.  Who is there is the CURVE key that
 * ZAP hands on as User-Id; the routing id is only ever an address to answer
 * to.  One thread.
 *
 * Bounded whatever comes: at most `conns` connections (of those that were not
 * accepted as known the oldest makes room), NET_HWM frames waiting each way,
 * LIMIT_FRAME + NET_OVER bytes a frame, also before the handshake is done; half
 * a handshake is dropped after handshake_ms, a connection that never sends a
 * frame after silent_ms, one that floods by flow.h.
 */

enum {
	NET_HWM = 32, /* frames: a SESSION_WINDOW and what goes with it */
	NET_BACKLOG = 512,
	NET_OVER = 4096,   /* bytes too many that still come, to be named */
	NET_HOST = 48,     /* a numeric address and a NUL */
	NET_ROUTE = 5,     /* bytes of a routing id that libzmq made */
	NET_FRAMES = 64,   /* frames that one net_step takes at most */
	NET_SWEEP_MS = 200 /* between looks at what connections hold */
};

/* Times that tests shorten; milliseconds. */
struct net_tuning {
	int handshake_ms;
	int heartbeat_ms; /* between pings */
	int timeout_ms;   /* no answer: the connection is dead */
	int ttl_ms;       /* the same, asked of the other side */
	int silent_ms;    /* accepted, and not one frame */
	size_t conns;     /* accepted connections at once */
};

/* net_tuning: the values of a node that runs. */
struct net_tuning net_tuning(void);

/* A connection that was accepted; net's, until `gone` was called. */
struct net_conn {
	struct flow flow;
	bool has_route; /* a frame came: the rest is filled in */
	uint8_t route[NET_ROUTE];
	struct curvekey peer;   /* its User-Id */
	char address[NET_HOST]; /* where it comes from, to show */
	bool is_known;          /* set by the owner: not one to make room */
	bool is_cut;            /* it will be gone soon */
	const char *why;        /* it was, net_cause_text; NULL: by the owner */
	bool is_over; /* gone, once the frames that it left are read */
	void *owner;  /* the owner's, NULL at first */
};

/* Called from net_step. */
struct net_hooks {
	void *arg;
	/* frame: one came; p is valid during the call. */
	void (*frame)(void *arg, struct net_conn *conn, const void *p,
		      size_t n);
	/* gone: a connection with an owner ended; conn is freed afterwards. */
	void (*gone)(void *arg, struct net_conn *conn);
};

struct net; /* opaque */

/* net_open: a context with its ZAP thread and an unbound ROUTER.  self and
 * hooks are copied.  ERR_VERSION: a libzmq before 4.3.3, without CURVE or that
 * does not enforce ZAP; ERR_NOMEM, ERR_IO. */
int net_open(struct net **out, const struct curvepair *self,
	     const struct net_tuning *tuning, const struct net_hooks *hooks);

/* net_close: all dials are closed before.  Waits a moment for frames on their
 * way.  NULL is fine. */
void net_close(struct net *n);

/* net_bind: listen at address, host and port may be "*"; the real one goes into
 * bound.  ERR_FORMAT: not an address; ERR_EXISTS: the port is taken;
 * ERR_NOT_FOUND: the host is not this machine's; ERR_DENIED, ERR_IO. */
int net_bind(struct net *n, const char *address,
	     char bound[static LIMIT_ADDRESS + 1]);

/* net_poll: what to wait for with zmq_poll; how many were written. */
enum { NET_POLL = 2 };
size_t net_poll(const struct net *n, zmq_pollitem_t out[static NET_POLL]);

/* net_step: take what came and look after the connections, through the hooks;
 * true when there may be more at once. */
bool net_step(struct net *n, uint64_t now_ms);

/* net_send: one frame, copied.  ERR_BUSY: the pipe is full; ERR_NOT_FOUND: the
 * connection is gone (or has_route is false); ERR_IO. */
int net_send(struct net *n, struct net_conn *conn, const void *frame,
	     size_t size);

/* net_cut: end a connection; what is still in its pipe may be lost. */
void net_cut(struct net_conn *conn);

/* net_is_safe: false when the ZAP thread has died.  net_count: connections. */
bool net_is_safe(const struct net *n);
size_t net_count(const struct net *n);

/* Why connections were not taken, or ended here. */
enum net_cause {
	NET_STARVED, /* no file descriptor was left for it */
	NET_FAILED,  /* it did not get through the handshake */
	NET_CROWDED, /* the oldest that nobody vouches for made room */
	NET_STRANGE, /* no frame of ours, or a routing id of its own */
	NET_FLOOD,   /* more came than an honest peer can send */
	NET_SILENT,  /* not one frame */
	NET_NOTHING, /* it ended without one that libzmq let through */
	NET_CAUSES
};

/* net_ended: how often.  net_ended_from: the address of the newest, or "" when
 * nobody knows.  net_cause_text: a word for the log. */
uint64_t net_ended(const struct net *n, enum net_cause cause);
const char *net_ended_from(const struct net *n, enum net_cause cause);
const char *net_cause_text(enum net_cause cause);

/* For dial.h.  libzmq looks names up in a socket's I/O thread: a second one is
 * for addresses with a name, so that a slow name server holds up nobody. */
enum { NET_THREAD_LISTEN = 1, NET_THREAD_NAMES = 2 };

void *net_context(const struct net *n);
const struct curvepair *net_self(const struct net *n);
const struct net_tuning *net_tuned(const struct net *n);

/* net_prepare: the options that all our sockets share.  ERR_IO. */
int net_prepare(const struct net *n, void *socket, uint64_t threads);

/* net_monitor: a PAIR that tells these events of a socket; NULL on failure.
 * net_event: the next event and its value without waiting; false for none. */
void *net_monitor(struct net *n, void *socket, int events);
bool net_event(void *monitor, int *event, int *value);

#endif
