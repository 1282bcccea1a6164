#include "node/net/zap.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/net/clock.h"
#include "node/net/throttle.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#define ENDPOINT "inproc://zeromq.zap.01"
#define STOP     "inproc://maillon.zap.stop"

enum {
	FRAMES = 7, /* of a CURVE request */
	FRAME_MAX = 256
};

struct zap {
	pthread_t thread;
	void *server;  /* REP; the thread's once it runs */
	void *stopped; /* PAIR; the thread's end */
	void *stop;    /* PAIR; ours */
	atomic_bool is_alive;
	struct throttle by_address;
	struct throttle by_key;
};

/* A request (RFC 27): version, request id, domain, address, routing id,
 * mechanism, credentials. */
struct request {
	size_t count;
	size_t n[FRAMES];
	uint8_t frame[FRAMES][FRAME_MAX];
};

/* Read all frames; false when the context ends.  Those too many or too long
 * leave a request that is refused. */
static bool request_recv(struct request *r, void *socket)
{
	int more = 1;
	size_t size = sizeof(more);

	r->count = 0;
	while (more != 0) {
		size_t i = r->count < FRAMES ? r->count : FRAMES - 1;
		int n = zmq_recv(socket, r->frame[i], FRAME_MAX, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 ||
		    zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
			return false;
		r->n[i] = n <= FRAME_MAX ? (size_t)n : 0;
		r->count++;
	}
	return true;
}

static bool frame_is(const struct request *r, size_t i, const char *text)
{
	return r->n[i] == strlen(text) &&
	       memcmp(r->frame[i], text, r->n[i]) == 0;
}

static bool may_enter(struct zap *z, const struct request *r)
{
	uint64_t now_ms = clock_ms();

	if (r->count != FRAMES || !frame_is(r, 0, "1.0") ||
	    !frame_is(r, 2, ZAP_DOMAIN) || !frame_is(r, 5, "CURVE") ||
	    r->n[6] != sizeof(struct curvekey))
		return false;
	return throttle_take(&z->by_address, r->frame[3],
			     throttle_part(r->frame[3], r->n[3]), now_ms) &&
	       throttle_take(&z->by_key, r->frame[6], r->n[6], now_ms);
}

static bool reply(struct zap *z, const struct request *r, bool is_in)
{
	char user[HEX_SIZE(sizeof(struct curvekey))] = "";
	const char *text[] = { is_in ? "200" : "400",
			       is_in ? "" : "too many handshakes", user };

	if (is_in)
		hex_encode(user, r->frame[6], sizeof(struct curvekey));
	if (zmq_send(z->server, "1.0", 3, ZMQ_SNDMORE) < 0 ||
	    zmq_send(z->server, r->frame[1], r->n[1], ZMQ_SNDMORE) < 0)
		return false;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (zmq_send(z->server, text[i], strlen(text[i]), ZMQ_SNDMORE) <
		    0)
			return false;
	return zmq_send(z->server, "", 0, 0) >= 0;
}

static void *run(void *arg)
{
	struct zap *z = arg;
	struct request r;

	for (;;) {
		zmq_pollitem_t items[] = { { z->server, 0, ZMQ_POLLIN, 0 },
					   { z->stopped, 0, ZMQ_POLLIN, 0 } };

		if (zmq_poll(items, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (items[1].revents != 0)
			break;
		if (!request_recv(&r, z->server) ||
		    !reply(z, &r, may_enter(z, &r)))
			break;
	}
	zmq_close(z->server);
	zmq_close(z->stopped);
	atomic_store(&z->is_alive, false);
	return NULL;
}

static void *socket_at(void *context, int type, const char *endpoint,
		       bool is_server)
{
	int linger = 0;
	void *socket = zmq_socket(context, type);

	if (socket == NULL)
		return NULL;
	if (zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof(linger)) == 0 &&
	    (is_server ? zmq_bind(socket, endpoint)
		       : zmq_connect(socket, endpoint)) == 0)
		return socket;
	zmq_close(socket);
	return NULL;
}

int zap_open(struct zap **out, void *zmq_context)
{
	struct zap *z = calloc(1, sizeof(*z));
	int err = ERR_IO;

	if (z == NULL)
		return ERR_NOMEM;
	throttle_init(&z->by_address, ZAP_ADDRESS_BURST, ZAP_ADDRESS_RATE);
	throttle_init(&z->by_key, ZAP_KEY_BURST, ZAP_KEY_RATE);
	atomic_init(&z->is_alive, true);
	z->server = socket_at(zmq_context, ZMQ_REP, ENDPOINT, true);
	if (z->server == NULL && errno == EADDRINUSE)
		err = ERR_BUSY;
	if (z->server == NULL)
		goto done;
	z->stopped = socket_at(zmq_context, ZMQ_PAIR, STOP, true);
	z->stop = socket_at(zmq_context, ZMQ_PAIR, STOP, false);
	if (z->stopped == NULL || z->stop == NULL ||
	    pthread_create(&z->thread, NULL, run, z) != 0)
		goto done;
	*out = z;
	return 0;
done:
	if (z->server != NULL)
		zmq_close(z->server);
	if (z->stopped != NULL)
		zmq_close(z->stopped);
	if (z->stop != NULL)
		zmq_close(z->stop);
	free(z);
	return err;
}

void zap_close(struct zap *z)
{
	if (z == NULL)
		return;
	zmq_send(z->stop, "", 0, ZMQ_DONTWAIT);
	pthread_join(z->thread, NULL);
	zmq_close(z->stop);
	free(z);
}

bool zap_is_alive(const struct zap *z)
{
	return atomic_load(&z->is_alive);
}

int zap_user(struct curvekey *out, const char *text)
{
	if (text == NULL)
		return ERR_FORMAT;
	return hex_decode(out->b, sizeof(out->b), text, strlen(text));
}
