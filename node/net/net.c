#include "node/net/net.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/net/net_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
	/* ZMQ_ZAP_ENFORCE_DOMAIN: zmq.h hides its number behind a draft
	 * switch, the library takes it.  Without it an unknown key is let in
	 * when no ZAP handler answers. */
	ENFORCE_DOMAIN = 93,
	IO_THREADS = 2, /* see NET_THREAD_NAMES */
	FDS_WANTED = 4096,
	FDS_OTHERS = 128, /* not for accepted connections */
	LINGER_MS = 200
};

struct net_tuning net_tuning(void)
{
	return (struct net_tuning){
		.handshake_ms = 5000,
		.heartbeat_ms = 15000,
		.timeout_ms = 45000,
		.ttl_ms = 60000,
		.silent_ms = 15000,
		.conns = 1024,
	};
}

static int check_library(void)
{
	int major, minor, patch;

	/* Before 4.3.3 one unauthenticated peer could crash or starve it. */
	zmq_version(&major, &minor, &patch);
	if (major * 10000 + minor * 100 + patch < 40303 ||
	    zmq_has("curve") != 1)
		return ERR_VERSION;
	return 0;
}

static int set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0
		       ? 0
		       : ERR_IO;
}

int net_prepare(const struct net *n, void *socket, uint64_t threads)
{
	const struct net_tuning *t = &n->tuning;
	/* What is on the wire is larger by what CURVE adds (RFC 26). */
	int64_t frame_max = LIMIT_FRAME + NET_OVER + FLOW_SEAL;
	const int options[][2] = {
		{ ZMQ_LINGER, 0 },
		{ ZMQ_IPV6, 1 },
		/* With 1 a dealer forgets what came in before the end. */
		{ ZMQ_IMMEDIATE, 0 },
		{ ZMQ_SNDHWM, NET_HWM },
		{ ZMQ_RCVHWM, NET_HWM },
		{ ZMQ_HANDSHAKE_IVL, t->handshake_ms },
		{ ZMQ_HEARTBEAT_IVL, t->heartbeat_ms },
		{ ZMQ_HEARTBEAT_TIMEOUT, t->timeout_ms },
		{ ZMQ_HEARTBEAT_TTL, t->ttl_ms },
	};
	int err = 0;

	for (size_t i = 0; err == 0 && i < sizeof(options) / sizeof(options[0]);
	     i++)
		err = set_int(socket, options[i][0], options[i][1]);
	if (err == 0 && (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max,
					sizeof(frame_max)) != 0 ||
			 zmq_setsockopt(socket, ZMQ_AFFINITY, &threads,
					sizeof(threads)) != 0))
		err = ERR_IO;
	return err;
}

/* The server's half of CURVE, and that nobody gets in unasked. */
static int prepare_router(struct net *n)
{
	int err = net_prepare(n, n->router, NET_THREAD_LISTEN);

	if (err == 0)
		err = set_int(n->router, ZMQ_ROUTER_MANDATORY, 1);
	if (err == 0)
		err = set_int(n->router, ZMQ_BACKLOG, NET_BACKLOG);
	if (err == 0)
		err = set_int(n->router, ZMQ_CURVE_SERVER, 1);
	if (err != 0)
		return err;
	if (zmq_setsockopt(n->router, ZMQ_CURVE_SECRETKEY, n->self.secret,
			   sizeof(n->self.secret)) != 0)
		return ERR_IO;
	if (zmq_setsockopt(n->router, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN,
			   strlen(ZAP_DOMAIN)) != 0 ||
	    set_int(n->router, ENFORCE_DOMAIN, 1) != 0)
		return ERR_VERSION;
	return 0;
}

/* A table row for each file descriptor that we may get. */
static int make_table(struct net *n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return ERR_IO;
	if (limit.rlim_cur < FDS_WANTED) {
		limit.rlim_cur = limit.rlim_max < FDS_WANTED ? limit.rlim_max
							     : FDS_WANTED;
		setrlimit(RLIMIT_NOFILE, &limit);
		if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
			return ERR_IO;
	}
	n->fd_end = limit.rlim_cur < 65536 ? (size_t)limit.rlim_cur : 65536;
	if (n->tuning.conns + FDS_OTHERS > n->fd_end)
		n->tuning.conns = n->fd_end > 2 * (size_t)FDS_OTHERS
					  ? n->fd_end - FDS_OTHERS
					  : n->fd_end / 2;
	n->conn = calloc(n->fd_end, sizeof(struct net_conn *));
	return n->conn != NULL ? 0 : ERR_NOMEM;
}

void *net_monitor(struct net *n, void *socket, int events)
{
	char name[64];
	int linger = 0;
	void *monitor;

	snprintf(name, sizeof(name), "inproc://maillon.monitor.%u",
		 n->serial++);
	if (zmq_socket_monitor(socket, name, events) != 0)
		return NULL;
	monitor = zmq_socket(n->context, ZMQ_PAIR);
	if (monitor == NULL)
		return NULL;
	if (zmq_setsockopt(monitor, ZMQ_LINGER, &linger, sizeof(linger)) == 0 &&
	    zmq_connect(monitor, name) == 0)
		return monitor;
	zmq_close(monitor);
	return NULL;
}

int net_open(struct net **out, const struct curvepair *self,
	     const struct net_tuning *tuning, const struct net_hooks *hooks)
{
	const int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED |
			   ZMQ_EVENT_DISCONNECTED | NET_HANDSHAKE_FAILED;
	struct net *n = calloc(1, sizeof(*n));
	int err = check_library();

	if (n == NULL)
		return ERR_NOMEM;
	n->self = *self;
	n->tuning = *tuning;
	n->hooks = *hooks;
	if (err != 0 || (err = make_table(n)) != 0)
		goto done;
	err = ERR_IO;
	n->context = zmq_ctx_new();
	if (n->context == NULL ||
	    zmq_ctx_set(n->context, ZMQ_IO_THREADS, IO_THREADS) != 0)
		goto done;
	err = zap_open(&n->zap, n->context);
	if (err != 0)
		goto done;
	err = ERR_IO;
	n->router = zmq_socket(n->context, ZMQ_ROUTER);
	if (n->router == NULL || (err = prepare_router(n)) != 0)
		goto done;
	n->monitor = net_monitor(n, n->router, events);
	err = n->monitor != NULL ? 0 : ERR_IO;
done:
	if (err != 0)
		net_close(n);
	else
		*out = n;
	return err;
}

void net_close(struct net *n)
{
	if (n == NULL)
		return;
	if (n->monitor != NULL) {
		zmq_socket_monitor(n->router, NULL, 0);
		zmq_close(n->monitor);
	}
	if (n->router != NULL) {
		set_int(n->router, ZMQ_LINGER, LINGER_MS);
		zmq_close(n->router);
	}
	zap_close(n->zap);
	if (n->context != NULL)
		zmq_ctx_term(n->context);
	for (size_t i = 0; n->conn != NULL && i < n->fd_end; i++)
		free(n->conn[i]);
	free(n->conn);
	bytes_wipe(&n->self, sizeof(n->self));
	free(n);
}

/* libzmq speaks IPv6 for all when IPv6 is on: "[::ffff:127.0.0.1]" is not what
 * a person would type. */
static int address_text(char out[static LIMIT_ADDRESS + 1], const char *given)
{
	static const char mapped[] = "tcp://[::ffff:";
	size_t n = strlen(given);
	const char *rest, *end;

	if (n > LIMIT_ADDRESS)
		return ERR_LIMIT;
	memcpy(out, given, n + 1);
	if (strncmp(given, mapped, strlen(mapped)) != 0)
		return 0;
	rest = given + strlen(mapped);
	end = strchr(rest, ']');
	if (end != NULL && strchr(rest, '.') != NULL)
		snprintf(out, LIMIT_ADDRESS + 1, "tcp://%.*s%s",
			 (int)(end - rest), rest, end + 1);
	return 0;
}

static int bind_error(int code)
{
	switch (code) {
	case EADDRINUSE:
		return ERR_EXISTS;
	case EADDRNOTAVAIL:
	case ENODEV:
		return ERR_NOT_FOUND;
	case EACCES:
		return ERR_DENIED;
	case EINVAL:
	case EPROTONOSUPPORT:
	case ENOCOMPATPROTO:
		return ERR_FORMAT;
	}
	return ERR_IO;
}

int net_bind(struct net *n, const char *address,
	     char bound[static LIMIT_ADDRESS + 1])
{
	char endpoint[LIMIT_ADDRESS + 32];
	size_t size = sizeof(endpoint);
	int rc = zmq_bind(n->router, address);

	/* A kernel without IPv6 cannot bind "*" the usual way. */
	if (rc != 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) &&
	    strncmp(address, "tcp://*:", 8) == 0 &&
	    set_int(n->router, ZMQ_IPV6, 0) == 0)
		rc = zmq_bind(n->router, address);
	if (rc != 0)
		return bind_error(errno);
	if (zmq_getsockopt(n->router, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
		return ERR_IO;
	return address_text(bound, endpoint);
}

void *net_context(const struct net *n)
{
	return n->context;
}

const struct curvepair *net_self(const struct net *n)
{
	return &n->self;
}

const struct net_tuning *net_tuned(const struct net *n)
{
	return &n->tuning;
}

bool net_is_safe(const struct net *n)
{
	return zap_is_alive(n->zap);
}

size_t net_count(const struct net *n)
{
	return n->count;
}

uint64_t net_ended(const struct net *n, enum net_cause cause)
{
	return n->ended[cause].count;
}

const char *net_ended_from(const struct net *n, enum net_cause cause)
{
	return n->ended[cause].from;
}

const char *net_cause_text(enum net_cause cause)
{
	static const char *const text[NET_CAUSES] = {
		[NET_STARVED] = "no-descriptors",
		[NET_FAILED] = "handshake-failed",
		[NET_CROWDED] = "too-many-connections",
		[NET_STRANGE] = "not-our-protocol",
		[NET_FLOOD] = "flood",
		[NET_SILENT] = "silent",
		[NET_NOTHING] = "no-frame",
	};

	return text[cause];
}
