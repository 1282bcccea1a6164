#include "node/net/dial.h"

#include "crypto/err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINGER_MS = 200,
	TURN_MS = 4000 /* for a name without a connection, then by IPv4 */
};

struct dial {
	struct net *net;
	void *socket;
	void *monitor;
	enum dial_state state;
	struct flow flow;
	uint64_t since_ms;
	char address[LIMIT_ADDRESS + 1];
	struct curvekey peer;
	/* libzmq takes the first address that a name has, of IPv6 if there is
	 * one: at home that is often no way at all, and IPv4 is. */
	bool is_name;
	bool has_turned; /* to IPv4 only */
	bool was_up;
};

/* Does the address name its host by number, so that nothing is looked up? */
static bool is_numeric(const char *address)
{
	static const char tcp[] = "tcp://";
	char host[LIMIT_ADDRESS + 1];
	const char *from, *colon;
	struct in_addr v4;
	size_t n;

	if (strncmp(address, tcp, strlen(tcp)) != 0)
		return true;
	from = address + strlen(tcp);
	colon = strrchr(from, ':');
	if (colon == NULL || from[0] == '[')
		return true;
	n = (size_t)(colon - from);
	if (n >= sizeof(host))
		return true;
	memcpy(host, from, n);
	host[n] = '\0';
	return inet_pton(AF_INET, host, &v4) == 1;
}

static int prepare(struct dial *d)
{
	const struct curvepair *self = net_self(d->net);
	/* As good as never, and yet not -1: with that a name that cannot be
	 * looked up gives no event. */
	int again_ms = 3600 * 1000;
	int wait_ms = DIAL_MS;
	int ipv6 = !d->has_turned;
	int err =
		net_prepare(d->net, d->socket,
			    d->is_name ? NET_THREAD_NAMES : NET_THREAD_LISTEN);

	if (err != 0)
		return err;
	if (zmq_setsockopt(d->socket, ZMQ_RECONNECT_IVL, &again_ms,
			   sizeof(again_ms)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CONNECT_TIMEOUT, &wait_ms,
			   sizeof(wait_ms)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_IPV6, &ipv6, sizeof(ipv6)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_SERVERKEY, d->peer.b,
			   sizeof(d->peer.b)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_PUBLICKEY, self->pub.b,
			   sizeof(self->pub.b)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_SECRETKEY, self->secret,
			   sizeof(self->secret)) != 0)
		return ERR_IO;
	return 0;
}

static int start(struct dial *d, uint64_t now_ms)
{
	int err;

	flow_init(&d->flow, -1, now_ms);
	d->socket = zmq_socket(net_context(d->net), ZMQ_DEALER);
	if (d->socket == NULL)
		return errno == EMFILE ? ERR_BUSY : ERR_IO;
	err = prepare(d);
	if (err != 0)
		return err;
	d->monitor = net_monitor(d->net, d->socket, ZMQ_EVENT_ALL);
	if (d->monitor == NULL)
		return ERR_IO;
	if (zmq_connect(d->socket, d->address) != 0)
		return errno == EINVAL ? ERR_FORMAT : ERR_IO;
	return 0;
}

static void stop(struct dial *d, int linger_ms)
{
	if (d->monitor != NULL) {
		zmq_socket_monitor(d->socket, NULL, 0);
		zmq_close(d->monitor);
	}
	if (d->socket != NULL) {
		zmq_setsockopt(d->socket, ZMQ_LINGER, &linger_ms,
			       sizeof(linger_ms));
		zmq_close(d->socket);
	}
	d->monitor = NULL;
	d->socket = NULL;
}

int dial_open(struct dial **out, struct net *n, const char *address,
	      const struct curvekey *peer, uint64_t now_ms)
{
	struct dial *d = calloc(1, sizeof(*d));
	int err;

	if (d == NULL)
		return ERR_NOMEM;
	d->net = n;
	d->since_ms = now_ms;
	d->peer = *peer;
	d->is_name = !is_numeric(address);
	snprintf(d->address, sizeof(d->address), "%s", address);
	err = start(d, now_ms);
	if (err != 0)
		dial_close(d, false);
	else
		*out = d;
	return err;
}

void dial_close(struct dial *d, bool is_polite)
{
	if (d == NULL)
		return;
	stop(d, is_polite ? LINGER_MS : 0);
	free(d);
}

enum dial_state dial_state(const struct dial *d)
{
	return d->state;
}

size_t dial_poll(const struct dial *d, zmq_pollitem_t out[static DIAL_POLL])
{
	out[0] = (zmq_pollitem_t){ d->socket, 0, ZMQ_POLLIN, 0 };
	out[1] = (zmq_pollitem_t){ d->monitor, 0, ZMQ_POLLIN, 0 };
	return DIAL_POLL;
}

static void learn(struct dial *d, int event, int value, uint64_t now_ms)
{
	switch (event) {
	case ZMQ_EVENT_CONNECTED:
		flow_init(&d->flow, value, now_ms);
		break;
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		if (d->state == DIAL_TRYING)
			d->state = DIAL_UP;
		d->was_up = true;
		break;
	case ZMQ_EVENT_DISCONNECTED:
	case ZMQ_EVENT_CLOSED:
	case ZMQ_EVENT_CONNECT_RETRIED:
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		/* The descriptor may be somebody else's by now. */
		d->flow.fd = -1;
		d->state = DIAL_DOWN;
		break;
	}
}

/* A name that led nowhere is tried once more, by IPv4. */
static void turn(struct dial *d, uint64_t now_ms)
{
	bool is_stuck = d->state == DIAL_TRYING && d->flow.fd < 0 &&
			now_ms - d->since_ms > TURN_MS;

	if (!d->is_name || d->has_turned || d->was_up ||
	    (d->state != DIAL_DOWN && !is_stuck))
		return;
	d->has_turned = true;
	stop(d, 0);
	d->state = start(d, now_ms) == 0 ? DIAL_TRYING : DIAL_DOWN;
}

enum dial_state dial_watch(struct dial *d, uint64_t now_ms)
{
	int event, value;

	while (d->monitor != NULL && net_event(d->monitor, &event, &value))
		learn(d, event, value, now_ms);
	turn(d, now_ms);
	if (d->state == DIAL_TRYING && now_ms - d->since_ms > DIAL_MS)
		d->state = DIAL_DOWN;
	if (d->state == DIAL_UP && flow_is_flood(&d->flow, now_ms)) {
		flow_cut(&d->flow);
		d->state = DIAL_DOWN;
	}
	return d->state;
}

bool dial_recv(struct dial *d, dial_frame *visit, void *arg)
{
	zmq_msg_t part;
	bool is_there;

	zmq_msg_init(&part);
	is_there = zmq_msg_recv(&part, d->socket, ZMQ_DONTWAIT) >= 0;
	if (is_there && zmq_msg_more(&part)) {
		/* Our frames have one part: this is no node of ours. */
		flow_cut(&d->flow);
		d->state = DIAL_DOWN;
		is_there = false;
	}
	if (is_there) {
		flow_took(&d->flow, zmq_msg_size(&part));
		visit(arg, zmq_msg_data(&part), zmq_msg_size(&part));
	}
	zmq_msg_close(&part);
	return is_there;
}

uint64_t dial_waits(const struct dial *d)
{
	return flow_waits(&d->flow);
}

int dial_send(struct dial *d, const void *frame, size_t size)
{
	if (d->state != DIAL_UP)
		return ERR_NOT_FOUND;
	if (zmq_send(d->socket, frame, size, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? ERR_BUSY : ERR_IO;
	flow_gave(&d->flow, size);
	return 0;
}
