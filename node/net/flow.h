#ifndef NODE_NET_FLOW_H
#define NODE_NET_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * flow -- notice a connection that sends without ever finishing a message.
 *
 * ZeroMQ bounds the size of a part of a message and the number of messages
 * that wait, but not the number of parts: a message of endless parts grows in
 * memory until its last part comes, and nothing in libzmq stops it.  The
 * kernel knows how many bytes a TCP connection brought (TCP_INFO), we know how
 * many we took out as frames; what lies between is held in memory, and above
 * FLOW_MAX the connection is one to cut.
 *
 * The same for the other way: what a peer that reads slowly leaves in libzmq's
 * pipe and in the kernel is what we gave less what was acknowledged.
 *
 * Our frames are one part each, and at most NET_HWM of them wait, so an honest
 * peer stays far below.  Heartbeats are bytes that never reach us: they are
 * allowed for by the age of the connection.
 */

enum {
	FLOW_SEAL = 33,       /* of a CURVE message: name, nonce, MAC, flags */
	FLOW_MAX = 4 << 20,   /* bytes that may lie in between */
	FLOW_QUIET_BPS = 32,  /* heartbeats, bytes a second */
	FLOW_HANDSHAKE = 4096 /* greeting and CURVE commands */
};

struct flow {
	int fd; /* -1: none; libzmq's, never closed here */
	uint64_t since_ms;
	uint64_t taken; /* bytes on the wire of the frames that came out */
	uint64_t given; /* the same of those that went in */
};

/* flow_init: a connection that was just made. */
void flow_init(struct flow *f, int fd, uint64_t now_ms);

/* flow_took: a part of n bytes came out of it. */
void flow_took(struct flow *f, size_t n);

/* flow_gave: a part of n bytes went into it. */
void flow_gave(struct flow *f, size_t n);

/* flow_waits: bytes that are still to be acknowledged, heartbeats and the
 * handshake aside; 0 where the kernel does not tell. */
uint64_t flow_waits(const struct flow *f);

/* flow_is_flood: is more held for it than an honest peer can cause?  False
 * where the kernel does not tell. */
bool flow_is_flood(const struct flow *f, uint64_t now_ms);

/* flow_from: the numeric address of the other end, "" when it is gone. */
void flow_from(const struct flow *f, char *out, size_t max);

/* flow_cut: end the connection under libzmq, which then closes it as if the
 * peer had gone.  The only way: ZeroMQ has no call to drop one client. */
void flow_cut(const struct flow *f);

#endif
