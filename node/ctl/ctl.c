/* For struct ucred, which tells who is at the other end of a socket. */
#define _GNU_SOURCE

#include "node/ctl/ctl.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/ctl_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int ctl_path(struct sockaddr_un *addr, const char *path)
{
	size_t n = strlen(path);

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof(addr->sun_path))
		return ERR_LIMIT;
	memcpy(addr->sun_path, path, n + 1);
	return 0;
}

int ctl_is_ours(int fd)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0)
		return ERR_IO;
	return cred.uid == getuid() || cred.uid == 0 ? 0 : ERR_DENIED;
}

int ctl_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return ERR_IO;
	return 0;
}

int ctl_connect(struct ctl *c, const char *path)
{
	struct sockaddr_un addr;
	int err = ctl_path(&addr, path);
	int fd;

	if (err != 0)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_from_errno(errno);
	err = ctl_prepare(fd);
	if (err == 0 &&
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		err = errno == ECONNREFUSED ? ERR_NOT_FOUND
					    : err_from_errno(errno);
	/* Where homes are deep the socket stands in a folder that another
	 * user could have made first: ask who answers. */
	if (err == 0)
		err = ctl_is_ours(fd);
	if (err != 0) {
		close(fd);
		return err;
	}
	*c = (struct ctl){ .fd = fd };
	return 0;
}

void ctl_close(struct ctl *c)
{
	if (c == NULL)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->buf);
	c->fd = -1;
	c->buf = NULL;
	c->buf_n = 0;
}

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait until fd is ready; ERR_BUSY when the time is up. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline_ms - clock_ms();
		int rc;

		if (left <= 0)
			return ERR_BUSY;
		rc = poll(&p, 1, left > 1000 ? 1000 : (int)left);
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return ERR_IO;
	}
}

static int send_all(int fd, const uint8_t *p, size_t n, int64_t deadline_ms)
{
	while (n > 0) {
		ssize_t put = send(fd, p, n, MSG_NOSIGNAL);
		int err = 0;

		if (put > 0) {
			p += put;
			n -= (size_t)put;
		} else if (errno == EAGAIN) {
			err = wait_for(fd, POLLOUT, deadline_ms);
		} else if (errno != EINTR) {
			err = ERR_IO;
		}
		if (err != 0)
			return err;
	}
	return 0;
}

static int receive_all(int fd, uint8_t *p, size_t n, int64_t deadline_ms)
{
	while (n > 0) {
		ssize_t got = recv(fd, p, n, 0);
		int err = 0;

		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if (got == 0) {
			err = ERR_IO;
		} else if (errno == EAGAIN) {
			err = wait_for(fd, POLLIN, deadline_ms);
		} else if (errno != EINTR) {
			err = ERR_IO;
		}
		if (err != 0)
			return err;
	}
	return 0;
}

static int send_request(struct ctl *c, const char *verb, const struct wr *args,
			uint32_t count, int64_t deadline_ms)
{
	size_t n = args == NULL ? 0 : args->n;
	size_t max = CTL_HEAD + CTL_VERB + 16 + n;
	struct wr w;
	int err = args == NULL ? 0 : args->err;
	uint8_t *p;

	if (err != 0 || n > CTL_MAX - CTL_VERB - 16)
		return ERR_LIMIT;
	p = malloc(max);
	if (p == NULL)
		return ERR_NOMEM;
	wr_init(&w, p + CTL_HEAD, max - CTL_HEAD);
	wr_array(&w, 1 + count);
	wr_text(&w, verb, strlen(verb));
	if (n > 0)
		wr_raw(&w, args->p, n);
	err = wr_end(&w, &n);
	if (err == 0) {
		be32_put(p, (uint32_t)n);
		err = send_all(c->fd, p, CTL_HEAD + n, deadline_ms);
	}
	free(p);
	return err;
}

static int receive_reply(struct ctl *c, int64_t deadline_ms)
{
	uint8_t head[CTL_HEAD];
	uint32_t n;
	int err = receive_all(c->fd, head, sizeof(head), deadline_ms);

	if (err != 0)
		return err;
	n = be32_get(head);
	if (n == 0 || n > CTL_MAX)
		return ERR_FORMAT;
	free(c->buf);
	c->buf_n = n;
	c->buf = malloc(n);
	if (c->buf == NULL)
		return ERR_NOMEM;
	return receive_all(c->fd, c->buf, n, deadline_ms);
}

static int read_reply(struct ctl *c, struct rd *reply)
{
	const char *text;
	uint64_t code;
	struct rd r;
	size_t n;

	rd_init(&r, c->buf, c->buf_n);
	if (rd_array(&r, 2) != 2)
		rd_fail(&r, ERR_FORMAT);
	code = rd_uint(&r, CTL_CODE_MAX);
	if (r.err != 0)
		return ERR_FORMAT;
	if (code == 0) {
		*reply = r;
		return 0;
	}
	text = rd_text(&r, CTL_REASON - 1, &n);
	if (rd_end(&r) != 0)
		return ERR_FORMAT;
	memcpy(c->reason, text, n);
	c->reason[n] = '\0';
	return -(int)code;
}

int ctl_call(struct ctl *c, struct rd *reply, const char *verb,
	     const struct wr *args, uint32_t count, int timeout_ms)
{
	int64_t deadline_ms = clock_ms() + timeout_ms;
	int err;

	c->reason[0] = '\0';
	if (c->fd < 0)
		return ERR_IO;
	err = send_request(c, verb, args, count, deadline_ms);
	if (err == 0)
		err = receive_reply(c, deadline_ms);
	if (err != 0) {
		ctl_close(c);
		return err;
	}
	return read_reply(c, reply);
}
