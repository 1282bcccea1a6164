#ifndef NODE_NET_DIAL_H
#define NODE_NET_DIAL_H

#include "crypto/curve.h"
#include "node/net/flow.h"
#include "node/net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * dial -- one outgoing connection: a DEALER that connects once.
 *
 * libzmq's own reconnecting is off: it would hammer a peer that refuses, and
 * the session above must begin again with HELLO each time.  Who wants another
 * try closes the dial and opens a new one, when it likes.  A name that leads
 * nowhere is tried once more by IPv4 alone, within the same DIAL_MS.
 */

enum dial_state {
	DIAL_TRYING, /* no connection, or no handshake yet */
	DIAL_UP,     /* the other side has the key that was asked for */
	DIAL_DOWN    /* over, for whatever reason; stays so */
};

enum { DIAL_MS = 10000 }; /* for connecting and the handshake */

struct dial; /* opaque */

/* dial_open: begin to connect to address, whose key is peer.  ERR_FORMAT: not
 * an address; ERR_BUSY: too many sockets; ERR_NOMEM, ERR_IO. */
int dial_open(struct dial **out, struct net *n, const char *address,
	      const struct curvekey *peer, uint64_t now_ms);

/* dial_close: with is_polite frames on their way still go out, for a moment;
 * NULL is fine. */
void dial_close(struct dial *d, bool is_polite);

enum dial_state dial_state(const struct dial *d);

/* dial_poll: what to wait for with zmq_poll; how many were written. */
enum { DIAL_POLL = 2 };
size_t dial_poll(const struct dial *d, zmq_pollitem_t out[static DIAL_POLL]);

/* dial_watch: look at how the connection stands, and end it when it takes too
 * long or floods. */
enum dial_state dial_watch(struct dial *d, uint64_t now_ms);

/* dial_recv: take the next frame and show it to the visitor; false when there
 * is none. */
typedef void dial_frame(void *arg, const void *p, size_t n);
bool dial_recv(struct dial *d, dial_frame *visit, void *arg);

/* dial_waits: see flow_waits. */
uint64_t dial_waits(const struct dial *d);

/* dial_send: one frame, copied.  ERR_BUSY: the pipe is full; ERR_NOT_FOUND:
 * not up; ERR_IO. */
int dial_send(struct dial *d, const void *frame, size_t size);

#endif
