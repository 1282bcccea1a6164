#include "node/ctl/ctl.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/ctl_wire.h"
#include "node/file.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 16, ROOM_FIRST = 4096, REPLY_FRAME = 16 };

/* The folder of the socket must be ours, or somebody else could put another
 * socket in the place of this one. */
static int check_folder(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	struct stat st;
	int err;

	if (slash == NULL || slash == path)
		return ERR_DENIED;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	err = file_make_dirs(dir);
	if (err != 0)
		return err;
	if (lstat(dir, &st) != 0)
		return err_from_errno(errno);
	if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ERR_DENIED;
	return 0;
}

int ctl_listen(int *fd, const char *path)
{
	struct sockaddr_un addr;
	mode_t mask;
	int err = ctl_path(&addr, path);
	int s;

	if (err == 0)
		err = check_folder(path);
	if (err != 0)
		return err;
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	if (s < 0)
		return err_from_errno(errno);
	err = ctl_prepare(s);
	unlink(path);
	mask = umask(0177);
	if (err == 0 && bind(s, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		err = err_from_errno(errno);
	umask(mask);
	if (err == 0 && listen(s, BACKLOG) != 0)
		err = err_from_errno(errno);
	if (err != 0) {
		close(s);
		return err;
	}
	*fd = s;
	return 0;
}

int ctl_accept(struct ctl_conn *c, int listen_fd)
{
	int fd = accept(listen_fd, NULL, NULL);
	int err;

	if (fd < 0 &&
	    (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
		return ERR_NOT_FOUND;
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE ? ERR_BUSY : ERR_IO;
	err = ctl_prepare(fd);
	if (err == 0)
		err = ctl_is_ours(fd);
	if (err != 0) {
		close(fd);
		return err;
	}
	*c = (struct ctl_conn){ .fd = fd };
	return 0;
}

void ctl_conn_close(struct ctl_conn *c)
{
	if (c == NULL)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct ctl_conn){ .fd = -1 };
}

short ctl_conn_events(const struct ctl_conn *c)
{
	if (c->out_n > 0)
		return POLLOUT;
	return c->is_waiting ? 0 : POLLIN;
}

/* How many bytes the message that is arriving needs in all; 4 until its
 * length is known. */
static int message_size(const struct ctl_conn *c, size_t *out)
{
	uint32_t n;

	*out = CTL_HEAD;
	if (c->in_n < CTL_HEAD)
		return 0;
	n = be32_get(c->in);
	if (n > CTL_MAX)
		return ERR_LIMIT;
	*out = CTL_HEAD + (size_t)n;
	return 0;
}

/* Memory follows the bytes that came, not the length that was announced. */
static int make_room(struct ctl_conn *c)
{
	size_t max = c->in_max == 0 ? ROOM_FIRST : 2 * c->in_max;
	uint8_t *p;

	if (c->in_n < c->in_max)
		return 0;
	p = realloc(c->in, max);
	if (p == NULL)
		return ERR_NOMEM;
	c->in = p;
	c->in_max = max;
	return 0;
}

/* Read on until one message is whole (*whole) or no more is there. */
static int read_message(struct ctl_conn *c, bool *whole)
{
	*whole = false;
	for (;;) {
		size_t size, want;
		ssize_t got;
		int err = message_size(c, &size);

		if (err == 0 && c->in_n > 0 && c->in_n == size) {
			*whole = c->in_n > CTL_HEAD;
			return *whole ? 0 : ERR_FORMAT;
		}
		if (err == 0)
			err = make_room(c);
		if (err != 0)
			return err;
		want = size - c->in_n;
		if (want > c->in_max - c->in_n)
			want = c->in_max - c->in_n;
		got = recv(c->fd, c->in + c->in_n, want, 0);
		if (got > 0)
			c->in_n += (size_t)got;
		else if (got == 0)
			return ERR_NOT_FOUND;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return ERR_IO;
	}
}

static int write_out(struct ctl_conn *c)
{
	while (c->out_at < c->out_n) {
		ssize_t put = send(c->fd, c->out + c->out_at,
				   c->out_n - c->out_at, MSG_NOSIGNAL);

		if (put > 0)
			c->out_at += (size_t)put;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return errno == EPIPE ? ERR_NOT_FOUND : ERR_IO;
	}
	free(c->out);
	c->out = NULL;
	c->out_n = 0;
	c->out_at = 0;
	return 0;
}

static int put_reply(struct ctl_conn *c, int err, const void *value, size_t n,
		     const char *reason)
{
	size_t text_n = reason == NULL ? 0 : strlen(reason);
	size_t max = CTL_HEAD + REPLY_FRAME + n + text_n;
	struct wr w;
	uint8_t *p = malloc(max);

	if (p == NULL)
		return ERR_NOMEM;
	wr_init(&w, p + CTL_HEAD, max - CTL_HEAD);
	wr_array(&w, 2);
	wr_uint(&w, (uint64_t)-err);
	if (err != 0)
		wr_text(&w, reason == NULL ? "" : reason, text_n);
	else if (n > 0)
		wr_raw(&w, value, n);
	else
		wr_uint(&w, 0);
	assert(w.err == 0 && w.n <= CTL_MAX);
	be32_put(p, (uint32_t)w.n);
	c->out = p;
	c->out_n = CTL_HEAD + w.n;
	c->out_at = 0;
	return 0;
}

int ctl_answer(struct ctl_conn *c, int err, const void *value, size_t n,
	       const char *reason)
{
	char cut[CTL_REASON];

	if (!c->is_waiting)
		return ERR_STATE;
	if (n > CTL_MAX - REPLY_FRAME)
		err = ERR_LIMIT;
	snprintf(cut, sizeof(cut), "%s", reason == NULL ? "" : reason);
	err = put_reply(c, err, value, n, cut);
	if (err == 0)
		c->is_waiting = false;
	return err;
}

static int read_request(struct ctl_conn *c, struct ctl_request *req)
{
	struct rd *r = &req->args;
	uint32_t n;

	*req = (struct ctl_request){ .conn = c };
	rd_init(r, c->in + CTL_HEAD, c->in_n - CTL_HEAD);
	n = rd_array(r, UINT32_MAX);
	rd_plain(r, req->verb, CTL_VERB);
	if (r->err != 0)
		return ERR_FORMAT;
	req->count = n - 1;
	return 0;
}

static int handle(struct ctl_conn *c, ctl_handler *handler, void *arg)
{
	size_t max = CTL_MAX - REPLY_FRAME;
	struct ctl_reply reply = { .reason = "" };
	struct ctl_request req;
	void *room = NULL;
	int err = read_request(c, &req);
	int rc;

	if (err != 0)
		return err;
	room = malloc(max);
	if (room == NULL)
		return ERR_NOMEM;
	wr_init(&reply.value, room, max);
	rc = handler(arg, &req, &reply);
	if (rc == 0 && reply.value.err != 0)
		rc = reply.value.err;
	if (rc == CTL_LATER)
		c->is_waiting = true;
	else
		err = put_reply(c, rc, reply.value.p, reply.value.n,
				reply.reason);
	free(room);
	free(c->in);
	c->in = NULL;
	c->in_n = 0;
	c->in_max = 0;
	return err;
}

int ctl_conn_step(struct ctl_conn *c, short revents, ctl_handler *handler,
		  void *arg)
{
	bool whole = false;
	int err = 0;

	if (c->out_n > 0)
		return write_out(c);
	if (c->is_waiting)
		return (revents & (POLLHUP | POLLERR)) != 0 ? ERR_NOT_FOUND : 0;
	err = read_message(c, &whole);
	if (err == 0 && whole)
		err = handle(c, handler, arg);
	if (err == 0 && c->out_n > 0)
		err = write_out(c);
	return err;
}
