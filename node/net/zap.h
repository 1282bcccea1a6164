#ifndef NODE_NET_ZAP_H
#define NODE_NET_ZAP_H

#include "crypto/curve.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * zap -- who may finish a CURVE handshake: anybody, but not too often.
 *
 * ZeroMQ asks this thread (RFC 27, inproc://zeromq.zap.01) about each client
 * key.  It admits any key and hands it on as User-Id, the hex of its 32 bytes,
 * which is the only thing a peer cannot choose: what a key may do is decided
 * by the session.  Too many handshakes from one address or with one key are
 * refused, so that somebody who reconnects in a circle costs others little.
 *
 * libzmq lets unknown keys in unnoticed when nobody answers here, unless the
 * socket sets ZMQ_ZAP_DOMAIN and ZMQ_ZAP_ENFORCE_DOMAIN (net.c does, and
 * refuses to start otherwise).
 */

#define ZAP_DOMAIN "maillon"

enum {
	ZAP_ADDRESS_BURST = 256, /* handshakes from one address at once */
	ZAP_ADDRESS_RATE = 16,   /* and each second in the long run */
	ZAP_KEY_BURST = 64,      /* the same with one key */
	ZAP_KEY_RATE = 4
};

struct zap; /* opaque */

/* zap_open: start the thread in a ZeroMQ context; before the first bind.
 * ERR_BUSY: the context has a handler already; ERR_NOMEM, ERR_IO. */
int zap_open(struct zap **out, void *zmq_context);

/* zap_close: stop and join it; NULL is fine.  Before the context ends. */
void zap_close(struct zap *z);

/* zap_is_alive: false when the thread has ended; from then on every handshake
 * is refused, so the node had better end too. */
bool zap_is_alive(const struct zap *z);

/* zap_user: the key in a User-Id text.  ERR_FORMAT; NULL is that too. */
int zap_user(struct curvekey *out, const char *text);

#endif
