#ifndef PROTO_RUN_H
#define PROTO_RUN_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/entry.h"
#include "proto/limit.h"
#include "proto/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * run -- consecutive entries of one feed, without what follows from position
 * (PROTOCOL.md, "Run").
 *
 *   [feed, from, prev, [tail...]]   tail = [time_ms, kind, facts, seen | nil,
 *                                           sig]
 *
 * The feed, seq and prev of each entry are implied, so a usual entry shrinks
 * from 250 bytes to 140, and whoever reads a run rebuilds the exact bytes and
 * hashes them: a run cannot carry a chain that does not hold.  Frames and
 * bundle files carry runs.  Nothing here allocates.
 */

/* A run being written into the caller's buffer. */
struct run_writer {
	uint8_t *p;
	size_t max;         /* ceiling, bytes */
	struct pubkey feed; /* whose entries */
	uint64_t from;      /* seq of the first */
	struct id prev;     /* id of the entry before the first */
	struct id tip;      /* id of the newest added */
	size_t head_n;      /* bytes before the array of tails */
	size_t n;           /* bytes so far */
	uint32_t count;     /* entries so far */
	bool is_brief;      /* for whoever asked for it: set after init */
};

/* run_writer_init: an empty run of feed in [buf, buf + max); a max above
 * LIMIT_RUN_BYTES counts as that.  Borrows buf.  Cannot fail. */
void run_writer_init(struct run_writer *w, void *buf, size_t max,
		     const struct pubkey *feed);

/* run_writer_add: append the entry of these raw bytes.  The first may stand
 * anywhere in the feed.  ERR_LIMIT when it does not fit any more (the run so
 * far is whole), ERR_CHAIN when it is of another feed or does not follow, and
 * the errors of entry_decode.  Signatures are not checked. */
int run_writer_add(struct run_writer *w, const void *raw, size_t n);

/* run_writer_end: close it; its bytes in *n.  ERR_STATE when it is empty. */
int run_writer_end(struct run_writer *w, size_t *n);

/* A run received.  Borrows the bytes it was read from. */
struct run {
	struct pubkey feed;
	uint64_t from;        /* seq of the first entry, at least 1 */
	struct id prev;       /* what the first entry follows */
	uint32_t count;       /* 1 to LIMIT_RUN */
	const uint8_t *tails; /* not checked yet */
	size_t tails_n;
};

/* run_decode: read the head of a run.  ERR_FORMAT, ERR_LIMIT. */
int run_decode(struct run *out, const void *p, size_t n);

/* run_decode_answer: the same of an answer to a question: *is_brief, of the
 * feed only the first RUN_BRIEF bytes are known and of prev nothing, the rest
 * is 0 and follows from what was asked. */
enum { RUN_BRIEF = 8 };
int run_decode_answer(struct run *out, bool *is_brief, const void *p, size_t n);

/* A place in a run while it is walked. */
struct run_walk {
	struct rd rd;
	struct pubkey feed;
	uint64_t seq;   /* of the next entry */
	struct id prev; /* of the next entry */
	uint32_t left;
};

/* run_walk_init: stand before the first entry.  Cannot fail. */
void run_walk_init(struct run_walk *walk, const struct run *run);

/* run_walk_next: rebuild the next entry in buf, which *e then borrows, and
 * give its id.  What comes out is canonical and follows the one before; its
 * signature is not checked.  ERR_NOT_FOUND after the last; ERR_FORMAT,
 * ERR_LIMIT, after which the walk is over. */
int run_walk_next(struct run_walk *walk, struct entry *e, struct id *id,
		  uint8_t buf[static LIMIT_ENTRY]);

/* An entry of a run, rebuilt. */
struct run_entry {
	struct entry entry;
	struct id id;
};

/* Room for the entries of a run that is checked, until the next one is.  About
 * half a megabyte, so there is one for all runs of a thread. */
struct run_room {
	struct run_entry at[LIMIT_RUN];
	/* What a tail implies is at most 80 bytes; and any entry may turn out
	 * to be of the largest size while it is rebuilt. */
	uint8_t bytes[LIMIT_RUN_BYTES + LIMIT_RUN * 80 + LIMIT_ENTRY];
};

/* run_check: how many entries from the start may be committed: those up to
 * the last valid signature.  room->at holds them then.
 *
 * prev is what the receiver holds at from - 1 (the network id before seq 1);
 * the caller has checked from.  0 when all are good; else why the rest is
 * not: ERR_CHAIN (nothing is good then), ERR_FORMAT, ERR_LIMIT, ERR_SIGNATURE.
 * *good is written in each case, and what it counts may be committed whatever
 * is returned.  An honest run costs one signature, and one more for every seq
 * divisible by SIGNED_EVERY; a bad one at most 2 * SIGNED_EVERY more. */
int run_check(struct run_room *room, uint32_t *good, const struct run *run,
	      const struct id *prev);

#endif
