#ifndef TESTS_NETWORLD_H
#define TESTS_NETWORLD_H

#include "crypto/curve.h"
#include "crypto/sign.h"
#include "node/net/clock.h"
#include "node/net/dial.h"
#include "node/net/net.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * networld -- a listening net that counts what its hooks see, dials to it, and
 * connections that only pretend to speak ZMTP.
 *
 * Nothing here runs by itself: world_until pumps until a condition holds or
 * the time is over, and says which.
 */

struct world {
	struct net *net;
	struct curvepair self;
	char address[LIMIT_ADDRESS + 1];
	size_t frames, gone;
	size_t last_n; /* of the newest frame */
	struct net_conn *last;
	uint8_t echo; /* answer each frame with itself */
};

static inline void world_frame(void *arg, struct net_conn *conn, const void *p,
			       size_t n)
{
	struct world *w = arg;

	w->frames++;
	w->last = conn;
	w->last_n = n;
	conn->owner = w;
	if (w->echo)
		net_send(w->net, conn, p, n);
}

static inline void world_gone(void *arg, struct net_conn *conn)
{
	struct world *w = arg;

	if (w->last == conn)
		w->last = NULL;
	w->gone++;
}

/* A net of these tunings, or of a running node's when NULL. */
static inline void world_open(struct world *w, const struct net_tuning *tuning)
{
	const struct net_hooks hooks = { w, world_frame, world_gone };
	const struct net_tuning usual = net_tuning();

	assert(crypto_start() == 0);
	memset(w, 0, sizeof(*w));
	curvepair_generate(&w->self);
	assert(net_open(&w->net, &w->self, tuning != NULL ? tuning : &usual,
			&hooks) == 0);
	assert(net_bind(w->net, "tcp://127.0.0.1:*", w->address) == 0);
}

static inline void world_close(struct world *w)
{
	net_close(w->net);
}

static inline void world_nap(void)
{
	const struct timespec pause = { 0, 2 * 1000000L };

	nanosleep(&pause, NULL);
}

typedef bool world_test(void *arg);

static inline bool world_until(struct world *w, world_test *test, void *arg,
			       uint64_t ms)
{
	uint64_t end = clock_ms() + ms;

	while (clock_ms() < end) {
		net_step(w->net, clock_ms());
		if (test(arg))
			return true;
		world_nap();
	}
	return false;
}

/* A client: a net of its own that only dials. */
struct client {
	struct net *net;
	struct curvepair self;
	struct dial *dial;
	size_t frames;
	size_t last_n;
	uint8_t last[LIMIT_FRAME];
};

static inline void client_frame(void *arg, const void *p, size_t n)
{
	struct client *c = arg;

	c->frames++;
	c->last_n = n;
	memcpy(c->last, p, n < sizeof(c->last) ? n : sizeof(c->last));
}

static inline void client_no_frame(void *arg, struct net_conn *conn,
				   const void *p, size_t n)
{
	(void)arg;
	(void)conn;
	(void)p;
	(void)n;
}

static inline void client_no_end(void *arg, struct net_conn *conn)
{
	(void)arg;
	(void)conn;
}

static inline void client_open_as(struct client *c,
				  const struct curvepair *self,
				  const struct net_tuning *tuning)
{
	const struct net_hooks hooks = { c, client_no_frame, client_no_end };
	const struct net_tuning usual = net_tuning();

	memset(c, 0, sizeof(*c));
	c->self = *self;
	assert(net_open(&c->net, &c->self, tuning != NULL ? tuning : &usual,
			&hooks) == 0);
}

static inline void client_open(struct client *c,
			       const struct net_tuning *tuning)
{
	struct curvepair self;

	curvepair_generate(&self);
	client_open_as(c, &self, tuning);
}

static inline void client_dial(struct client *c, const char *address,
			       const struct curvekey *key)
{
	assert(dial_open(&c->dial, c->net, address, key, clock_ms()) == 0);
}

static inline void client_close(struct client *c)
{
	dial_close(c->dial, false);
	net_close(c->net);
}

static inline bool client_is_up(void *arg)
{
	struct client *c = arg;

	return dial_watch(c->dial, clock_ms()) == DIAL_UP;
}

static inline bool client_is_down(void *arg)
{
	struct client *c = arg;

	return dial_watch(c->dial, clock_ms()) == DIAL_DOWN;
}

static inline bool client_has_frame(void *arg)
{
	struct client *c = arg;

	return dial_recv(c->dial, client_frame, c);
}

/* A bare TCP connection to an address of the loopback. */
static inline int raw_connect(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port =
		htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
	assert(fd >= 0);
	assert(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

/* The 64 bytes with which a CURVE client of ZMTP 3.1 begins (RFC 37). */
static inline void raw_greet(int fd)
{
	uint8_t greeting[64] = { 0xff };

	greeting[9] = 0x7f;
	greeting[10] = 3;
	greeting[11] = 1;
	memcpy(greeting + 12, "CURVE", 5);
	assert(send(fd, greeting, sizeof(greeting), MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(greeting));
}

/* Bytes of memory that this process has, resident and in all. */
static inline void world_memory(size_t *resident, size_t *all)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0, rss = 0;

	assert(file != NULL);
	assert(fscanf(file, "%lu %lu", &pages, &rss) == 2);
	fclose(file);
	*resident = (size_t)rss * (size_t)sysconf(_SC_PAGESIZE);
	*all = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

#endif
