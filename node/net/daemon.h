#ifndef NODE_NET_DAEMON_H
#define NODE_NET_DAEMON_H

#include "crypto/curve.h"
#include "node/keeper.h"
#include "node/net/unequal.h"
#include "proto/invite.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * daemon -- the loop of a node that is up: sockets, sessions, commands, time.
 *
 * One thread polls the ZeroMQ sockets, the control socket and the signals;
 * nothing in it blocks but the disk.  What sessions commit in one round is
 * written once, then the other sessions are told, then credit is given.
 *
 * `up` runs it until it is told to stop, `up --once` until this node is in
 * step with its peers, `join` until the inviter has answered and, if that was
 * yes, the roster has come.  The control socket is served in all three, so
 * commands work meanwhile.
 *
 * The control verbs beside those of desk.h:
 *   status     -> [mode, standing 0|1, ms up, connections, starved]
 *   peers      -> rows of peerlist.h
 *   addresses  -> [address...] to put into an invite
 *   invite     role, uses, days, auto 0|1, [address...] -> link
 *   accept     identity, role | nil, may_admit 0|1
 *                            -> [feed, seq, id, label, renamed 0|1]
 *   join       -> enum joined: how this home stands
 *   stop       -> 0, and the daemon ends
 */

enum { DAEMON_LISTEN = 8, DAEMON_NAMED = 32 };

enum daemon_mode { DAEMON_LIVE, DAEMON_ONCE, DAEMON_JOIN };

/* A peer that was named. */
struct daemon_peer {
	struct curvekey key;
	char address[LIMIT_ADDRESS + 1];
};

struct daemon_wish {
	enum daemon_mode mode;
	uint64_t timeout_ms;  /* of DAEMON_ONCE and DAEMON_JOIN */
	uint64_t patience_ms; /* with who owes a frame; 0: the protocol's */
	const char *listen[DAEMON_LISTEN];
	size_t listen_n;
	bool is_lan;   /* find others, and be found, on the local network */
	bool may_move; /* a port that is taken: any other will do */
	const char *announce[LIMIT_ADDRESSES]; /* where others reach us */
	size_t announce_n;
	struct daemon_peer named[DAEMON_NAMED];
	size_t named_n;
	const struct invite *invite; /* to show to its node; NULL for none */
};

/* How it ended. */
enum daemon_end {
	DAEMON_STOPPED,     /* by a signal or the verb */
	DAEMON_DONE,        /* in step, or admitted */
	DAEMON_ANSWERED,    /* join: by the inviter, and not by yes */
	DAEMON_ALONE,       /* no peer known */
	DAEMON_UNREACHABLE, /* a peer did not answer */
	DAEMON_DENIED,      /* a peer does not have us in its roster */
	DAEMON_OTHER,       /* a peer is of another network or version */
	DAEMON_UNEQUAL,     /* with `peer` nothing more can be exchanged */
	DAEMON_LATE,        /* the time is over */
	DAEMON_SEALED,      /* an old copy, and no key for a certificate: err */
	DAEMON_BIND,        /* cannot listen; `address` says where */
	DAEMON_TROUBLE      /* see err */
};

struct daemon_result {
	enum daemon_end end;
	int err;                         /* of BIND and TROUBLE */
	int joined;                      /* what the inviter answered, or -1 */
	unsigned bye;                    /* of OTHER */
	char address[LIMIT_ADDRESS + 1]; /* of a peer, or where to listen */
	char peer[LIMIT_LABEL + 1];      /* of UNEQUAL */
	struct unequal unequal;
};

/* daemon_run: with the keeper's home; prints `ready ADDRESS` on stdout for each
 * bound one.  SIGINT and SIGTERM are blocked from then on. */
void daemon_run(struct daemon_result *out, struct keeper *k,
		const struct daemon_wish *wish);

#endif
