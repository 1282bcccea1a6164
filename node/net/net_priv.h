#ifndef NODE_NET_NET_PRIV_H
#define NODE_NET_NET_PRIV_H

#include "node/net/net.h"
#include "node/net/zap.h"

/*
 * net_priv -- what net.c (making and ending) and net_step.c (running) share.
 */

#define NET_HANDSHAKE_FAILED                    \
	(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |  \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

/* Connections that ended for one cause. */
struct net_ends {
	uint64_t count;
	char from[NET_HOST]; /* where the newest came from */
};

struct net {
	void *context;
	struct zap *zap;
	void *router;
	void *monitor;
	struct curvepair self;
	struct net_tuning tuning;
	struct net_hooks hooks;
	struct net_conn **conn; /* by file descriptor */
	size_t fd_end;          /* of conn */
	size_t count;
	bool has_over; /* some connection is */
	struct net_ends ended[NET_CAUSES];
	uint64_t sweep_ms;
	unsigned serial;
};

#endif
