#ifndef PROTO_ROSTER_ROTATION_H
#define PROTO_ROSTER_ROTATION_H

#include "proto/evidence/evidence.h"
#include "proto/record.h"
#include "proto/roster/roster.h"

/*
 * rotation -- identity keys that follow one another (PROTOCOL.md, "Rotation").
 *
 * A part of the roster: a member is named for ever by its first identity, and
 * what a later key certified belongs to it.  A member's keys form a chain; the
 * last one is in force.
 */

#define DOMAIN_ROTATE "maillon/1 rotate"

/* What both keys sign: network || who || identity || successor || H(feeds) ||
 * H(pins). */
enum { ROTATION_CLAIM = ID_SIZE + 3 * KEY_SIZE + 2 * ID_SIZE };
void rotation_claim(uint8_t out[static ROTATION_CLAIM],
		    const struct id *network, const struct record *rec);

/* rotation_is_signed: did the old key and the new one both sign it? */
bool rotation_is_signed(const struct id *network, const struct record *rec);

/* What became of a `rotate`. */
enum rotation_state {
	ROTATION_VOID,      /* by nobody who may, or of a member's key */
	ROTATION_WAITS,     /* for checkpoints of its author, or founders */
	ROTATION_OVERRULED, /* another one counts in its place */
	ROTATION_IN_FORCE
};

struct rotation {
	struct id id;
	struct position at; /* where it stands; no id */
	struct pubkey who, from, to;
	bool is_signed;   /* by both keys, and by somebody in the roster */
	unsigned missing; /* checkpoints it waits for */
	size_t voices;    /* founders who must still say the same */
	enum rotation_state state;
};

/* roster_rotation_count, roster_rotation_at: all `rotate` entries known, in
 * rising order of (who, id). */
size_t roster_rotation_count(const struct roster *r);
struct rotation roster_rotation_at(const struct roster *r, size_t i);

/* roster_checkpointed: a `checkpoint`, to be added once for each place, in the
 * order of its feed, after the `rotate` entries of its feed.  Those that no
 * rotation waits for are ignored.  ERR_NOMEM. */
int roster_checkpointed(struct roster *r, bool *changed, const struct entry *e);

/* roster_awaits: does a rotation wait for a checkpoint that stands there? */
bool roster_awaits(const struct roster *r, const struct pubkey *feed,
		   uint64_t seq);

/* roster_has_rotations: is any `rotate` known? */
bool roster_has_rotations(const struct roster *r);

/* roster_key_at: the i-th key of a member's chain, 0 the first; false beyond
 * the last, or when it is no member. */
bool roster_key_at(const struct roster *r, struct pubkey *out,
		   const struct pubkey *member, size_t i);

/* roster_is_barred: does a rotation end this feed before its newest entry,
 * and where?  UINT64_MAX: no. */
uint64_t roster_barred(const struct roster *r, const struct pubkey *feed);

/* roster_check_end: 0 when the identity that certified the feed, or one that
 * follows it in the chain, closed it there.  ERR_SIGNATURE; ERR_NOT_FOUND: the
 * feed is not known. */
int roster_check_end(const struct roster *r, const struct evidence *e);

#endif
