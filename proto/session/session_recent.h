#ifndef PROTO_SESSION_SESSION_RECENT_H
#define PROTO_SESSION_SESSION_RECENT_H

#include "proto/session/session_priv.h"

/*
 * session_recent -- the newest entries of feeds, before their history
 * (PROTOCOL.md, "Recent entries"); only proto/session*.c include it.
 */

/* recent_is_known: does the peer know rows of FETCH with an end? */
bool recent_is_known(const struct session *s);

/* recent_look: is it time for the newest entries? */
void recent_look(struct session *s);

/* recent_is_seen: were those of a row asked for, or are they kept? */
bool recent_is_seen(struct session *s, const struct want *row);

/* recent_ask: what to ask of a row for, of which so much is held; false: all
 * that is to come. */
bool recent_ask(const struct session *s, struct msg_want *out, struct want *row,
		uint64_t held);

/* recent_take: a part of the answer.  recent_done: it is over. */
void recent_take(struct session *s, struct want *row, const struct run *run);
void recent_done(struct session *s, struct want *row);

/* recent_join: what is kept of a feed follows its head now, or goes. */
void recent_join(struct session *s, const struct pubkey *feed);

#endif
