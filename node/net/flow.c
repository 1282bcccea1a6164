#include "node/net/flow.h"

#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void flow_init(struct flow *f, int fd, uint64_t now_ms)
{
	*f = (struct flow){ .fd = fd, .since_ms = now_ms };
}

/* A part on the wire: a ZMTP header (RFC 23) and what CURVE makes of it. */
static size_t on_wire(size_t n)
{
	size_t body = n + FLOW_SEAL;

	return body + (body > 255 ? 9 : 2);
}

void flow_took(struct flow *f, size_t n)
{
	f->taken += on_wire(n);
}

void flow_gave(struct flow *f, size_t n)
{
	f->given += on_wire(n);
}

/* False when the kernel does not know as much as up to that field. */
static bool ask(const struct flow *f, struct tcp_info *info, size_t end)
{
	socklen_t size = sizeof(*info);

	return f->fd >= 0 &&
	       getsockopt(f->fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0 &&
	       size >= end;
}

uint64_t flow_waits(const struct flow *f)
{
	struct tcp_info info;

	if (!ask(f, &info,
		 offsetof(struct tcp_info, tcpi_bytes_acked) +
			 sizeof(info.tcpi_bytes_acked)))
		return 0;
	return f->given > info.tcpi_bytes_acked
		       ? f->given - info.tcpi_bytes_acked
		       : 0;
}

bool flow_is_flood(const struct flow *f, uint64_t now_ms)
{
	struct tcp_info info;
	uint64_t age_s =
		now_ms > f->since_ms ? (now_ms - f->since_ms) / 1000 : 0;

	if (!ask(f, &info,
		 offsetof(struct tcp_info, tcpi_bytes_received) +
			 sizeof(info.tcpi_bytes_received)))
		return false;
	return info.tcpi_bytes_received >
	       f->taken + FLOW_HANDSHAKE + FLOW_MAX + age_s * FLOW_QUIET_BPS;
}

void flow_from(const struct flow *f, char *out, size_t max)
{
	static const char mapped[] = "::ffff:";
	struct sockaddr_storage at;
	socklen_t size = sizeof(at);
	size_t skip = strlen(mapped);

	if (f->fd < 0 ||
	    getpeername(f->fd, (struct sockaddr *)&at, &size) != 0 ||
	    getnameinfo((struct sockaddr *)&at, size, out, (socklen_t)max, NULL,
			0, NI_NUMERICHOST) != 0) {
		*out = '\0';
		return;
	}
	if (strncmp(out, mapped, skip) == 0)
		memmove(out, out + skip, strlen(out + skip) + 1);
}

void flow_cut(const struct flow *f)
{
	if (f->fd >= 0)
		shutdown(f->fd, SHUT_RDWR);
}
