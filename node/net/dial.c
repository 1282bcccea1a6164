#include "node/net/dial.h"

#include "crypto/err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINGER_MS = 200 };

struct dial {
	void *socket;
	void *monitor;
	enum dial_state state;
	struct flow flow;
	uint64_t since_ms;
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

static int prepare(struct dial *d, struct net *n, const char *address,
		   const struct curvekey *peer)
{
	const struct curvepair *self = net_self(n);
	/* As good as never, and yet not -1: with that a name that cannot be
	 * looked up gives no event. */
	int again_ms = 3600 * 1000;
	int wait_ms = DIAL_MS;
	int err = net_prepare(n, d->socket,
			      is_numeric(address) ? NET_THREAD_LISTEN
						  : NET_THREAD_NAMES);

	if (err != 0)
		return err;
	if (zmq_setsockopt(d->socket, ZMQ_RECONNECT_IVL, &again_ms,
			   sizeof(again_ms)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CONNECT_TIMEOUT, &wait_ms,
			   sizeof(wait_ms)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_SERVERKEY, peer->b,
			   sizeof(peer->b)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_PUBLICKEY, self->pub.b,
			   sizeof(self->pub.b)) != 0 ||
	    zmq_setsockopt(d->socket, ZMQ_CURVE_SECRETKEY, self->secret,
			   sizeof(self->secret)) != 0)
		return ERR_IO;
	return 0;
}

int dial_open(struct dial **out, struct net *n, const char *address,
	      const struct curvekey *peer, uint64_t now_ms)
{
	struct dial *d = calloc(1, sizeof(*d));
	int err = ERR_IO;

	if (d == NULL)
		return ERR_NOMEM;
	d->since_ms = now_ms;
	flow_init(&d->flow, -1, now_ms);
	d->socket = zmq_socket(net_context(n), ZMQ_DEALER);
	if (d->socket == NULL) {
		err = errno == EMFILE ? ERR_BUSY : ERR_IO;
		goto done;
	}
	err = prepare(d, n, address, peer);
	if (err != 0)
		goto done;
	d->monitor = net_monitor(n, d->socket, ZMQ_EVENT_ALL);
	if (d->monitor == NULL)
		err = ERR_IO;
	else if (zmq_connect(d->socket, address) != 0)
		err = errno == EINVAL ? ERR_FORMAT : ERR_IO;
done:
	if (err != 0)
		dial_close(d, false);
	else
		*out = d;
	return err;
}

void dial_close(struct dial *d, bool is_polite)
{
	int linger_ms = is_polite ? LINGER_MS : 0;

	if (d == NULL)
		return;
	if (d->monitor != NULL) {
		zmq_socket_monitor(d->socket, NULL, 0);
		zmq_close(d->monitor);
	}
	if (d->socket != NULL) {
		zmq_setsockopt(d->socket, ZMQ_LINGER, &linger_ms,
			       sizeof(linger_ms));
		zmq_close(d->socket);
	}
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

enum dial_state dial_watch(struct dial *d, uint64_t now_ms)
{
	int event, value;

	while (net_event(d->monitor, &event, &value))
		learn(d, event, value, now_ms);
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
