#ifndef NODE_NET_DAEMON_PRIV_H
#define NODE_NET_DAEMON_PRIV_H

#include "node/ctl/ctl.h"
#include "node/net/contact.h"
#include "node/net/daemon.h"
#include "node/net/held.h"
#include "node/net/host.h"
#include "node/net/lan.h"
#include "node/net/log.h"
#include "node/net/net.h"
#include "node/net/peer.h"
#include "node/net/throttle.h"

/*
 * daemon_priv -- the inside of a daemon, shared by its files:
 *
 *   daemon.c           the beginning, the loop, the end
 *   daemon_ctl.c       commands at the control socket
 *   daemon_renew.c     when this home is an old copy
 *   daemon_follow.c    whom a newcomer has wished to follow
 *   daemon_goal.c      has `up --once` or `join` come to its end?
 *   daemon_address.c   where this node is reached, and telling others
 *   daemon_lan.c       who says to be on the local network
 *   peer.c             connections and their sessions
 *   peer_settle.c      what all sessions are told
 */

enum { DAEMON_CTLS = 32 }; /* commands at once */

struct daemon {
	struct keeper *keeper;
	const struct daemon_wish *wish;
	struct daemon_result *result;
	struct log log;
	struct net *net;
	struct host *host;
	struct contacts contacts;
	struct lan *lan;          /* NULL: not wanted, or not here */
	enum lan_state lan_state; /* as logged */
	struct peer *peer[PEERS_MAX];
	size_t peer_n;
	struct held held;
	uint64_t serial;
	uint8_t open[LIMIT_ENTRY]; /* our feed's first entry */
	size_t open_n;
	uint64_t now_ms; /* of this round, clock_ms */
	uint64_t started_ms;
	uint64_t published_ms;      /* when contacts were last looked for */
	uint64_t checkpoint_ms;     /* when one is due, 0 at the start */
	uint64_t ended[NET_CAUSES]; /* connections, as logged */
	uint64_t waiting;           /* of all peers, see peer.h */
	uint64_t weighed_ms;        /* when that was last looked at */
	struct throttle looks;      /* through all heads, by whose sake */
	struct heard heard;         /* as kept */
	uint64_t heard_of;          /* serial of the peer that told of it, */
	uint32_t heard_told;        /* as of session_missing, */
	uint64_t heard_at;          /* and our arrival then */
	uint64_t list_ms;           /* when its list may be written again */
	uint64_t heard_ms;          /* when that was looked at; 0: it is due */
	uint64_t admitted_ms;       /* join: since then; 0 not yet */
	struct id wish_roster;      /* in which those wished for were not */
	bool is_over;
	bool has_wish; /* of whom to follow, see follow.h */
	bool is_twice; /* a peer was met that may be there already */
	int signal_fd;
	int ctl_fd;
	struct ctl_conn ctl[DAEMON_CTLS];
	char bound[DAEMON_LISTEN][LIMIT_ADDRESS + 1];
	bool is_public[DAEMON_LISTEN]; /* others may be told */
	size_t bound_n;
	bool has_published; /* our addresses are in the ledger */
};

/* daemon_end: leave the loop after this round. */
void daemon_end(struct daemon *d, enum daemon_end end, int err);

/* daemon_is_in: is this home's member in the roster? */
bool daemon_is_in(const struct daemon *d);

/* daemon_random: 32 random bits. */
uint32_t daemon_random(void);

/* daemon_renew: a peer has shown that this home is an old copy of itself: end
 * all sessions and go on under a new node key. */
void daemon_renew(struct daemon *d);

/* daemon_reissue: a feed that this home wrote before its newest was cut: what
 * it had recorded there is recorded again. */
void daemon_reissue(struct daemon *d);

/* ctl_step: take commands that wait, go on with those that are here.  revents
 * are those of the connections. */
void daemon_ctl_step(struct daemon *d, const short revents[static DAEMON_CTLS]);

/* daemon_follow: once in step with somebody, follow those that were wished for:
 * all sessions end, and begin again. */
void daemon_follow(struct daemon *d);

/* daemon_goal: end the loop if what the mode waits for has come or cannot. */
void daemon_goal(struct daemon *d);

/* daemon_listen: bind what the wish says and print it.  False when the loop is
 * over before it began. */
bool daemon_listen(struct daemon *d);

/* daemon_addresses: where this node can be reached, best first; the count. */
size_t daemon_addresses(const struct daemon *d,
			char out[static LIMIT_ADDRESSES][LIMIT_ADDRESS + 1]);

/* daemon_lan_open: look around on the local network if the wish says so, and
 * be seen if this node listens for others. */
void daemon_lan_open(struct daemon *d);

/* daemon_lan_step: take up the hints that came. */
void daemon_lan_step(struct daemon *d);

/* daemon_is_loopback: an address that only this machine has. */
bool daemon_is_loopback(const char *address);

/* daemon_publish: record an `address` entry when what was given to announce or
 * to listen on is not what the ledger says. */
void daemon_publish(struct daemon *d);

#endif
