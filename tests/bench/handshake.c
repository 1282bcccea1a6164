#include "tests/bench/handshake.h"

#include "crypto/bytes.h"
#include "crypto/curve.h"
#include "tests/bench/watch.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <zmq.h>

enum { HANDSHAKE_MS = 10000, ACK_US = 200000 };

static void must(int rc)
{
	if (rc < 0)
		bench_stop("ZeroMQ: %s", zmq_strerror(zmq_errno()));
}

/* Split what --peer takes, ADDRESS#KEY. */
static void aim(char address[static 256], struct curvekey *key,
		const struct node *n, size_t who)
{
	char *hash;

	peer_text(address, 256, n, who);
	hash = strchr(address, '#');
	if (hash == NULL || hex_decode(key->b, 32, hash + 1, 64) != 0)
		bench_stop("an address without a key: %s", address);
	*hash = '\0';
}

/* The descriptor of the connection, once its handshake is over. */
static int shaken(void *monitor)
{
	uint16_t event = 0;
	int fd = -1;

	while (event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
		uint8_t head[6];

		must(zmq_recv(monitor, head, sizeof(head), 0));
		must(zmq_recv(monitor, NULL, 0, 0)); /* the endpoint */
		memcpy(&event, head, sizeof(event));
		if (event == ZMQ_EVENT_CONNECTED)
			memcpy(&fd, head + 2, sizeof(fd));
	}
	return fd;
}

/* Both ways; what we sent is counted once the other end has it. */
static size_t passed(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	watch_pause(ACK_US);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		bench_stop("the kernel does not count a connection's bytes");
	return (size_t)(info.tcpi_bytes_acked + info.tcpi_bytes_received);
}

size_t handshake_bytes(const struct node *n, size_t who)
{
	static const char watched[] = "inproc://handshake";
	const int wait_ms = HANDSHAKE_MS, linger_ms = 0;
	void *context = zmq_ctx_new();
	void *socket = zmq_socket(context, ZMQ_DEALER);
	void *monitor = zmq_socket(context, ZMQ_PAIR);
	struct curvepair self;
	struct curvekey key;
	char address[256];
	size_t bytes;

	aim(address, &key, n, who);
	curvepair_generate(&self);
	must(zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof(int)));
	must(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key.b, 32));
	must(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, self.pub.b, 32));
	must(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, self.secret, 32));
	must(zmq_socket_monitor(socket, watched,
				ZMQ_EVENT_CONNECTED |
					ZMQ_EVENT_HANDSHAKE_SUCCEEDED));
	must(zmq_setsockopt(monitor, ZMQ_RCVTIMEO, &wait_ms, sizeof(int)));
	must(zmq_connect(monitor, watched));
	must(zmq_connect(socket, address));
	bytes = passed(shaken(monitor));
	must(zmq_socket_monitor(socket, NULL, 0));
	zmq_close(monitor);
	zmq_close(socket);
	zmq_ctx_term(context);
	return bytes;
}
