#include "node/net/net_priv.h"

#include "crypto/err.h"
#include "node/net/flow.h"
#include "node/net/zap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool net_event(void *monitor, int *event, int *value)
{
	uint8_t head[6];
	uint16_t code;
	int32_t number;
	int n = zmq_recv(monitor, head, sizeof(head), ZMQ_DONTWAIT);

	if (n != (int)sizeof(head))
		return false;
	/* The second part is the endpoint; it follows at once. */
	zmq_recv(monitor, NULL, 0, 0);
	memcpy(&code, head, sizeof(code));
	memcpy(&number, head + 2, sizeof(number));
	*event = code;
	*value = number;
	return true;
}

static void forget(struct net *n, struct net_conn *conn)
{
	if (conn->owner != NULL)
		n->hooks.gone(n->hooks.arg, conn);
	conn->owner = NULL;
	conn->has_route = false;
	conn->is_known = false;
}

static void drop(struct net *n, size_t fd)
{
	if (n->conn[fd] == NULL)
		return;
	forget(n, n->conn[fd]);
	free(n->conn[fd]);
	n->conn[fd] = NULL;
	n->count--;
}

void net_cut(struct net_conn *conn)
{
	if (!conn->is_cut)
		flow_cut(&conn->flow);
	conn->is_cut = true;
}

static void cut_for(struct net *n, struct net_conn *conn, enum net_cause cause)
{
	if (!conn->is_cut) {
		conn->why = net_cause_text(cause);
		n->ended[cause].count++;
		memcpy(n->ended[cause].from, conn->address, NET_HOST);
	}
	net_cut(conn);
}

/* Of the connections that nobody vouches for the oldest; NULL when all are
 * known. */
static struct net_conn *oldest_unknown(const struct net *n)
{
	struct net_conn *oldest = NULL;

	for (size_t i = 0; i < n->fd_end; i++) {
		struct net_conn *c = n->conn[i];

		if (c != NULL && !c->is_known && !c->is_cut && !c->is_over &&
		    (oldest == NULL ||
		     c->flow.since_ms < oldest->flow.since_ms))
			oldest = c;
	}
	return oldest;
}

static void accepted(struct net *n, int fd, uint64_t now_ms)
{
	struct flow flow;
	struct net_conn *conn;

	flow_init(&flow, fd, now_ms);
	conn = (size_t)fd < n->fd_end ? calloc(1, sizeof(*conn)) : NULL;
	if (conn == NULL) {
		flow_cut(&flow);
		return;
	}
	drop(n, (size_t)fd);
	conn->flow = flow;
	flow_from(&flow, conn->address, sizeof(conn->address));
	if (n->count >= n->tuning.conns) {
		struct net_conn *oldest = oldest_unknown(n);

		cut_for(n, oldest != NULL ? oldest : conn, NET_CROWDED);
	}
	n->conn[fd] = conn;
	n->count++;
}

/* The frames that it sent before still wait to be read. */
static void ended(struct net *n, size_t fd)
{
	if (n->conn[fd] == NULL)
		return;
	n->conn[fd]->is_over = true;
	n->conn[fd]->flow.fd = -1;
	n->has_over = true;
}

static void drop_ended(struct net *n)
{
	if (!n->has_over)
		return;
	n->has_over = false;
	for (size_t i = 0; i < n->fd_end; i++)
		if (n->conn[i] != NULL && n->conn[i]->is_over) {
			if (!n->conn[i]->has_route)
				cut_for(n, n->conn[i], NET_NOTHING);
			drop(n, i);
		}
}

static void watch(struct net *n, uint64_t now_ms)
{
	int event, value;

	while (net_event(n->monitor, &event, &value)) {
		if (event == ZMQ_EVENT_ACCEPT_FAILED)
			n->ended[NET_STARVED].count++;
		else if ((event & NET_HANDSHAKE_FAILED) != 0)
			n->ended[NET_FAILED].count++;
		else if (event == ZMQ_EVENT_ACCEPTED && value >= 0)
			accepted(n, value, now_ms);
		else if (event == ZMQ_EVENT_DISCONNECTED && value >= 0 &&
			 (size_t)value < n->fd_end)
			ended(n, (size_t)value);
	}
}

/* Take in the routing id and the key of a connection's frame; false when it is
 * not one to talk to.  A frame with another routing id than before is of a
 * later connection on the same descriptor. */
static bool know(struct net *n, struct net_conn *conn, zmq_msg_t *route,
		 zmq_msg_t *part)
{
	static const char mapped[] = "::ffff:";
	const uint8_t *id = zmq_msg_data(route);
	const char *from;

	/* A routing id of the client's own choice serves only to squat. */
	if (zmq_msg_size(route) != NET_ROUTE || id[0] != 0)
		return false;
	if (conn->has_route && memcmp(conn->route, id, NET_ROUTE) == 0)
		return true;
	forget(n, conn);
	if (zap_user(&conn->peer, zmq_msg_gets(part, "User-Id")) != 0)
		return false;
	from = zmq_msg_gets(part, "Peer-Address");
	if (from != NULL && strncmp(from, mapped, strlen(mapped)) == 0)
		from += strlen(mapped);
	snprintf(conn->address, sizeof(conn->address), "%s",
		 from != NULL ? from : "");
	memcpy(conn->route, id, NET_ROUTE);
	conn->has_route = true;
	return true;
}

/* Read and forget the rest of a message of many parts. */
static void skip(void *socket)
{
	zmq_msg_t part;
	int more = 1;

	while (more) {
		zmq_msg_init(&part);
		if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0)
			break;
		more = zmq_msg_more(&part);
		zmq_msg_close(&part);
	}
}

static void deliver(struct net *n, zmq_msg_t *route, zmq_msg_t *part,
		    uint64_t now_ms)
{
	bool is_whole = !zmq_msg_more(part);
	int fd = zmq_msg_get(part, ZMQ_SRCFD);
	struct net_conn *conn;

	if (!is_whole)
		skip(n->router);
	/* Its ACCEPTED was told before the frame came, and so was the end of
	 * an earlier connection on the same descriptor. */
	watch(n, now_ms);
	if (fd < 0 || (size_t)fd >= n->fd_end || n->conn[fd] == NULL)
		return;
	conn = n->conn[fd];
	if (!is_whole || !know(n, conn, route, part)) {
		cut_for(n, conn, NET_STRANGE);
		return;
	}
	flow_took(&conn->flow, zmq_msg_size(part));
	if (!conn->is_cut)
		n->hooks.frame(n->hooks.arg, conn, zmq_msg_data(part),
			       zmq_msg_size(part));
}

static bool take(struct net *n, uint64_t now_ms)
{
	zmq_msg_t route, part;
	bool is_there;

	zmq_msg_init(&route);
	zmq_msg_init(&part);
	is_there = zmq_msg_recv(&route, n->router, ZMQ_DONTWAIT) >= 0 &&
		   zmq_msg_recv(&part, n->router, ZMQ_DONTWAIT) >= 0;
	if (is_there)
		deliver(n, &route, &part, now_ms);
	zmq_msg_close(&route);
	zmq_msg_close(&part);
	return is_there;
}

static void sweep(struct net *n, uint64_t now_ms)
{
	uint64_t silent_ms = (uint64_t)n->tuning.silent_ms;

	for (size_t i = 0; i < n->fd_end; i++) {
		struct net_conn *c = n->conn[i];

		if (c == NULL || c->is_cut)
			continue;
		if (flow_is_flood(&c->flow, now_ms))
			cut_for(n, c, NET_FLOOD);
		else if (!c->has_route && now_ms - c->flow.since_ms > silent_ms)
			cut_for(n, c, NET_SILENT);
	}
	n->sweep_ms = now_ms;
}

size_t net_poll(const struct net *n, zmq_pollitem_t out[static NET_POLL])
{
	out[0] = (zmq_pollitem_t){ n->router, 0, ZMQ_POLLIN, 0 };
	out[1] = (zmq_pollitem_t){ n->monitor, 0, ZMQ_POLLIN, 0 };
	return NET_POLL;
}

bool net_step(struct net *n, uint64_t now_ms)
{
	size_t taken = 0;

	watch(n, now_ms);
	while (taken < NET_FRAMES && take(n, now_ms))
		taken++;
	if (taken < NET_FRAMES)
		drop_ended(n);
	if (now_ms - n->sweep_ms >= NET_SWEEP_MS)
		sweep(n, now_ms);
	return taken == NET_FRAMES;
}

int net_send(struct net *n, struct net_conn *conn, const void *frame,
	     size_t size)
{
	if (!conn->has_route || conn->is_cut)
		return ERR_NOT_FOUND;
	if (zmq_send(n->router, conn->route, NET_ROUTE,
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
		if (errno == EAGAIN)
			return ERR_BUSY;
		return errno == EHOSTUNREACH ? ERR_NOT_FOUND : ERR_IO;
	}
	/* The pipe was looked at with the routing id: this takes what it is
	 * given. */
	if (zmq_send(n->router, frame, size, ZMQ_DONTWAIT) < 0)
		return ERR_IO;
	flow_gave(&conn->flow, size);
	return 0;
}
