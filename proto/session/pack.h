#ifndef PROTO_SESSION_PACK_H
#define PROTO_SESSION_PACK_H

#include "proto/run.h"
#include "proto/session/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * pack -- a frame that is filled with a list until it is full.
 *
 * Rows and runs are written where they will stand; what precedes them in the
 * frame is put in front at the end, when their number is known.  64 KiB: keep
 * it on a stack, one at a time.  Nothing is allocated.
 */
struct pack {
	uint8_t buf[LIMIT_FRAME];
	size_t n;       /* end of the elements in buf */
	uint32_t count; /* elements */
};

/* pack_init: empty. */
void pack_init(struct pack *p);

/* pack_head, pack_want: add a row of HEADS, FETCH; as many as a frame may have
 * always fit.  pack_node: one of WALK, when pack_room is at least PACK_NODE
 * bytes beside its fingerprints. */
enum { PACK_NODE = 16 };
void pack_head(struct pack *p, const struct msg_head *row);
void pack_want(struct pack *p, const struct msg_want *row);
void pack_node(struct pack *p, const struct msg_node *row);

/* pack_room: bytes that a run may still take. */
size_t pack_room(const struct pack *p);

/* pack_run_begin: make w write a run of feed, of at most max bytes, where the
 * next element will stand.  pack_run_end: take in what w has written; a run
 * without entries is left out. */
void pack_run_begin(struct pack *p, struct run_writer *w,
		    const struct pubkey *feed, size_t max);
void pack_run_end(struct pack *p, struct run_writer *w);

/* pack_end: the finished frame, *n bytes inside p, of the type that the
 * elements are for.  first is HEADS's flags or RUN's done. */
const uint8_t *pack_end(struct pack *p, size_t *n, enum msg_type type,
			uint32_t first);

#endif
