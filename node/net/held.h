#ifndef NODE_NET_HELD_H
#define NODE_NET_HELD_H

#include "proto/limit.h"

#include <stddef.h>
#include <stdint.h>

/*
 * held -- frames that came and wait a moment for their turn.
 *
 * While a frame is taken in, the runs of the next ones are checked already
 * (ahead.h).  So up to HELD_FRAMES are taken out of libzmq before the first of
 * them goes to its session.  Frames keep their order, those of different peers
 * as well, and none waits beyond a round of the loop.
 */

enum { HELD_FRAMES = 8 };

struct daemon;
struct peer;

struct held {
	struct {
		struct peer *peer;
		uint64_t runs; /* offered ahead, up to this frame */
		size_t n;
		uint8_t p[LIMIT_FRAME];
	} frame[HELD_FRAMES];
	size_t at, n; /* a ring */
};

/* held_put: a frame came; it is copied.  The oldest one may go to its session
 * for that. */
void held_put(struct daemon *d, struct peer *p, const void *data, size_t n);

/* held_flush: all go to their sessions. */
void held_flush(struct daemon *d);

#endif
