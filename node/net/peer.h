#ifndef NODE_NET_PEER_H
#define NODE_NET_PEER_H

#include "crypto/curve.h"
#include "node/net/contact.h"
#include "node/net/dial.h"
#include "node/net/heard.h"
#include "node/net/host.h"
#include "node/net/net.h"
#include "proto/session/msg.h"
#include "proto/session/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * peer -- one connection, dialled or accepted, and the session on it.
 *
 * What a peer leaves unread is held in libzmq's pipe and in the kernel: up to
 * PEER_WAITS bytes each, as long as that is not more than PEERS_WAIT for all
 * of them; beyond it each gets one frame at a time.  So memory does not follow
 * slow readers, however much credit they give.
 *
 * A peer is made when a connection is up and freed by peers_reap only, never
 * from within a call of its session.  The contact it came from outlives it.
 */

enum {
	PEERS_MAX = 1024 + CONTACTS_MAX,
	PEER_MEET_MS = 30000,   /* to prove who one is */
	PEER_RETRY_MS = 5,      /* then a full pipe is tried again, */
	PEER_RETRY_MAX = 320,   /* and twice as late each time, up to that */
	PEER_PARTING_MS = 1000, /* for our BYE to arrive */
	PEER_STUCK_MS = 2000,   /* for others to bring what differs */
	PEER_STEADY_MS = 30000, /* after that long a session was worth it */
	/* How often one member may have all heads looked through (PROTOCOL.md,
	 * "Finding what differs"): at once, and each second. */
	PEER_LOOKS = 256,
	PEER_LOOKS_RATE = 4
};

#define PEER_WAITS (512ULL << 10) /* bytes on their way to one peer */
#define PEERS_WAIT (8ULL << 20)   /* to all of them; then one frame each */

struct daemon;

struct peer {
	struct daemon *d;
	struct curvekey key;
	struct net_conn *conn;   /* accepted; NULL once gone */
	struct dial *dial;       /* dialled */
	struct contact *contact; /* of a dialled one */
	struct host_link link;
	struct session *session; /* NULL until a dial is up */
	struct msg_join join;    /* an invite to show */
	uint8_t *entries;        /* of join; NULL for none */
	uint64_t since_ms;
	uint64_t heard_ms;   /* the last frame */
	uint64_t waiting;    /* bytes on their way, when last looked at */
	uint64_t blocked_ms; /* the pipe was full; 0: it is not */
	unsigned retry_ms;   /* of a full pipe, see PEER_RETRY_MS */
	uint64_t over_ms;    /* 0: goes on */
	uint64_t stuck_ms;   /* when it was last stuck */
	bool was_met;
	bool is_new; /* met, and not yet compared with the others */
	bool was_in_step;
	struct session_cursor cursor; /* when it was */
	uint64_t met;                 /* the newest own entry then */
	bool has_cursor;              /* not kept yet */
	int answer;                   /* enum joined, or -1 */
	bool is_lost;                 /* the last frame had no way to go */
	int bye;                      /* enum bye, or -1: no BYE yet */
	bool bye_is_ours;
	bool has_lied;                /* that was for what it did */
	struct session_missing heard; /* what it did not bring, at its end, */
	struct heard_list heard_list; /* and of which feeds, if that is news */
	const char *cut; /* net cut it: net_cause_text; else NULL */
};

/* peer_dial: try a contact's address.  Errors of dial_open; ERR_LIMIT: too
 * many peers. */
int peer_dial(struct daemon *d, struct contact *c);

/* peers_frame, peers_gone: net.h's hooks. */
void peers_frame(void *arg, struct net_conn *conn, const void *p, size_t n);
void peers_gone(void *arg, struct net_conn *conn);

/* peer_step: for a dialled one: take frames, look at the connection. */
void peer_step(struct peer *p);

/* peers_tick: sessions whose time has come, pipes to try again, connections
 * that were met twice or never. */
void peers_tick(struct daemon *d);

/* peer_weigh: look at how much is on its way to this peer.  peer_is_full: as
 * much as may be?  peer_put_off: it is, so do not try again at once. */
void peer_weigh(struct peer *p);
bool peer_is_full(struct peer *p);
void peer_put_off(struct peer *p);

/* peers_due: when peers_tick is to be called, at the latest. */
uint64_t peers_due(const struct daemon *d);

/* peers_heard: remember what the peers tell of and is not here yet; at_once:
 * and not a moment later, because of one that ends. */
void peers_heard(struct daemon *d, bool at_once);

/* peers_settle: make durable what sessions have committed, tell the others,
 * and let those go on that waited for it.  To be called before waiting, and
 * before and after anything else writes to the store. */
void peers_settle(struct daemon *d);

/* peers_reap: free those that are over. */
void peers_reap(struct daemon *d);

/* peers_bye: end all sessions. */
void peers_bye(struct daemon *d, enum bye reason, const char *text);

/* peers_close: free them all, sessions or not. */
void peers_close(struct daemon *d);

/* peer_of: the living peer with this key that is furthest on, or NULL. */
struct peer *peer_of(const struct daemon *d, const struct curvekey *key);

/* peer_is_in_step: with a session that is. */
bool peer_is_in_step(const struct peer *p);

/* peer_is_stuck: with one that has been so for a while: nothing is left to
 * exchange, and nobody else has brought what differs. */
bool peer_is_stuck(const struct peer *p);

/* peer_heard: what it told of and that is not here, or was not at its end. */
struct session_missing peer_heard(const struct peer *p);

/* peer_label: the member's label, or the beginning of the transport key. */
enum { PEER_LABEL = LIMIT_LABEL + 1 };
void peer_label(char out[static PEER_LABEL], const struct peer *p);

#endif
