#ifndef PROTO_SESSION_SESSION_DIFFER_H
#define PROTO_SESSION_SESSION_DIFFER_H

#include "proto/session/bits.h"
#include "proto/session/msg_list.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * session_differ -- what a peer's last listings show to be otherwise here; only
 * proto/session*.c include it.
 *
 * A few feeds are enough to name; how much else differs the digests show.
 */

enum { DIFFERS = 8 };

/* A feed of which the peer holds another head, or other evidence. */
struct differ {
	struct pubkey feed;
	bool is_evidence;
	uint64_t seq; /* of its head, or of the fork; 0: there is none there */
	uint64_t end; /* of evidence */
	uint8_t id[MSG_SHORT]; /* of the head */
};

struct differs {
	struct differ row[DIFFERS];
	uint32_t n;
	struct bits unseen; /* owned: feeds that its listing has not named */
};

struct session;
struct session_head;

/* differ_begin: the peer begins a listing of all its heads; differ_row: a row
 * of any listing, and what is held; differ_end: that listing is over. */
void differ_begin(struct session *s);
void differ_row(struct session *s, const struct session_head *mine,
		const struct msg_head *row);
void differ_end(struct session *s);

/* differ_limits: the peer begins to tell of its evidence; differ_limit: of this
 * feed, of which here there may be another. */
void differ_limits(struct session *s);
void differ_limit(struct session *s, const struct msg_limit *row);

/* differ_tell: the session is stuck: say on what. */
void differ_tell(struct session *s);

#endif
