#ifndef PROTO_ROSTER_SAID_H
#define PROTO_ROSTER_SAID_H

#include "proto/record.h"
#include "proto/roster/roster.h"

/*
 * said -- copies of the entries that a roster was given; only roster*.c,
 * keys*.c, rotation.c and amendment.c include it.
 */

/* One roster entry that is not `open`. */
struct said {
	uint32_t kind; /* 0: forgotten again */
	struct id id;
	struct pubkey feed;
	uint64_t seq;
	uint8_t key[KEY_SIZE]; /* `who`; of a charter its id; of an address
	                          the feed; of a party the handle */
	bool is_signed;        /* a `rotate`: by both keys */
	uint32_t proof;        /* a `resolve`: its signature among the roster's
	                          proofs, from 1 */
	uint8_t *bytes;        /* the facts, owned */
	size_t n;
};

/* rotation_ticks: the checkpoints after a `rotate` in its feed, up to a seq. */
size_t rotation_ticks(const struct roster *r, const struct said *s,
		      uint64_t upto);

/* said_read: decode what was said.  Cannot fail: it was decoded before. */
void said_read(struct record *rec, const struct said *s);

/* note_keep: put said[i] in its place among the notes.  ERR_NOMEM.
 * note_forget: leave out those whose said was forgotten. */
int note_keep(struct roster *r, size_t i);
void note_forget(struct roster *r);

#endif
