#include "node/net/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * relay -- a bad link in user space: TCP connections are taken at one address
 * and led to another, later, slower, in part or not at all.
 *
 *   relay FROM_HOST:PORT TO_HOST:PORT FIFO [COMMAND]...
 *
 * Commands come as arguments first, then one a line through the FIFO:
 *
 *   delay MS        every byte is on its way for so long, each way
 *   rate BPS        bytes a second in all, each way; 0: no limit
 *   cut             end the connections that are there
 *   cut-after N     each new connection ends after N bytes; 0: never
 *   hold up|down|both|none   nothing passes this way, and nobody is told:
 *                   "up" is towards TO, "both" makes connections half-open
 *   refuse yes|no   take no new connection: end it at once, and say "refused"
 *
 * Prints "relay PORT" once it listens (FROM's port may be 0); "taken N" for
 * each connection.  Ends with SIGTERM, or after RELAY_S.
 */

enum {
	LINKS = 64,
	ROOM = 65536, /* bytes under way in one direction of a link */
	MARKS = 512,  /* reads under way in one direction */
	RELAY_S = 600,
	STEP_MS = 5
};

/* Bytes that were read together are due together. */
struct mark {
	uint64_t due_ms;
	size_t n;
};

/* One direction of one connection. */
struct way {
	uint8_t buf[ROOM];
	size_t at, n;
	struct mark mark[MARKS];
	size_t mark_at, mark_n;
	bool is_ended; /* its source has no more */
};

struct link {
	int fd[2]; /* who called, who was called; -1: free */
	struct way way[2];
	uint64_t bytes;
};

struct relay {
	struct sockaddr_in to;
	int listener, fifo;
	uint64_t delay_ms, rate, cut_after;
	bool is_held[2], refuses;
	uint64_t tokens[2], filled_ms;
	size_t taken;
	struct link link[LINKS];
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void link_close(struct link *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->fd[i] >= 0)
			close(l->fd[i]);
		l->fd[i] = -1;
	}
}

static void cut_all(struct relay *r)
{
	for (size_t i = 0; i < LINKS; i++)
		link_close(&r->link[i]);
}

static void hold(struct relay *r, const char *which)
{
	bool both = strcmp(which, "both") == 0;

	r->is_held[0] = both || strcmp(which, "up") == 0;
	r->is_held[1] = both || strcmp(which, "down") == 0;
}

static void obey(struct relay *r, const char *line)
{
	char word[16] = "", arg[16] = "";
	unsigned long long n;

	if (sscanf(line, "%15s %15s", word, arg) < 1)
		return;
	n = strtoull(arg, NULL, 10);
	if (strcmp(word, "delay") == 0)
		r->delay_ms = n;
	else if (strcmp(word, "rate") == 0)
		r->rate = n;
	else if (strcmp(word, "cut") == 0)
		cut_all(r);
	else if (strcmp(word, "cut-after") == 0)
		r->cut_after = n;
	else if (strcmp(word, "hold") == 0)
		hold(r, arg);
	else if (strcmp(word, "refuse") == 0)
		r->refuses = strcmp(arg, "yes") == 0;
	else
		must(false, word);
}

static void take_commands(struct relay *r)
{
	char buf[512], *line, *rest = buf;
	ssize_t n = read(r->fifo, buf, sizeof(buf) - 1);

	if (n <= 0)
		return;
	buf[n] = '\0';
	while ((line = strtok_r(rest, "\n", &rest)) != NULL)
		obey(r, line);
}

static struct link *free_link(struct relay *r)
{
	for (size_t i = 0; i < LINKS; i++)
		if (r->link[i].fd[0] < 0)
			return &r->link[i];
	return NULL;
}

static void take_connection(struct relay *r)
{
	int fd = accept(r->listener, NULL, NULL);
	struct link *l = free_link(r);
	int other;

	if (fd < 0)
		return;
	if (r->refuses)
		printf("refused\n");
	other = l == NULL || r->refuses ? -1 : socket(AF_INET, SOCK_STREAM, 0);
	if (other < 0 ||
	    connect(other, (struct sockaddr *)&r->to, sizeof(r->to)) != 0) {
		close(fd);
		if (other >= 0)
			close(other);
		fflush(stdout);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(other, F_SETFL, O_NONBLOCK);
	memset(l, 0, sizeof(*l));
	l->fd[0] = fd;
	l->fd[1] = other;
	printf("taken %zu\n", ++r->taken);
	fflush(stdout);
}

/* Read what there is room for; false when the connection broke. */
static bool take_in(struct relay *r, int from, struct way *w, uint64_t now_ms)
{
	size_t end = (w->at + w->n) % ROOM;
	size_t room = end >= w->at && w->n < ROOM ? ROOM - end : ROOM - w->n;
	ssize_t got;

	if (w->is_ended || w->n == ROOM || w->mark_n == MARKS)
		return true;
	got = recv(from, w->buf + end, room, 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0) {
		w->is_ended = true;
		return true;
	}
	w->mark[(w->mark_at + w->mark_n++) % MARKS] =
		(struct mark){ now_ms + r->delay_ms, (size_t)got };
	w->n += (size_t)got;
	return true;
}

/* Give on what is due; false when the connection is over. */
static bool give_out(struct relay *r, int way_no, struct link *l,
		     uint64_t now_ms)
{
	struct way *w = &l->way[way_no];
	int to = l->fd[1 - way_no];

	while (w->mark_n > 0 && w->mark[w->mark_at].due_ms <= now_ms) {
		struct mark *m = &w->mark[w->mark_at];
		size_t n = m->n < ROOM - w->at ? m->n : ROOM - w->at;
		ssize_t sent;

		if (r->rate != 0 && n > r->tokens[way_no])
			n = r->tokens[way_no];
		if (n == 0)
			return true;
		sent = send(to, w->buf + w->at, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return sent < 0 && (errno == EAGAIN || errno == EINTR);
		if (r->rate != 0)
			r->tokens[way_no] -= (uint64_t)sent;
		l->bytes += (uint64_t)sent;
		w->at = (w->at + (size_t)sent) % ROOM;
		w->n -= (size_t)sent;
		m->n -= (size_t)sent;
		if (m->n == 0) {
			w->mark_at = (w->mark_at + 1) % MARKS;
			w->mark_n--;
		}
	}
	return !(w->is_ended && w->n == 0) &&
	       (r->cut_after == 0 || l->bytes < r->cut_after);
}

static void carry(struct relay *r, struct link *l, uint64_t now_ms)
{
	for (int i = 0; i < 2 && l->fd[0] >= 0; i++) {
		if (r->is_held[i])
			continue;
		if (!take_in(r, l->fd[i], &l->way[i], now_ms) ||
		    !give_out(r, i, l, now_ms))
			link_close(l);
	}
}

static void fill_tokens(struct relay *r, uint64_t now_ms)
{
	uint64_t passed = now_ms - r->filled_ms;

	for (int i = 0; i < 2; i++) {
		r->tokens[i] += r->rate * passed / 1000;
		if (r->tokens[i] > r->rate)
			r->tokens[i] = r->rate;
	}
	if (r->rate == 0 || r->rate * passed >= 1000)
		r->filled_ms = now_ms;
}

static struct sockaddr_in address_of(char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char *colon = strrchr(text, ':');

	must(colon != NULL, "HOST:PORT is wanted");
	*colon = '\0';
	must(inet_pton(AF_INET, text, &a.sin_addr) == 1, text);
	a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	return a;
}

static void listen_at(struct relay *r, struct sockaddr_in from)
{
	socklen_t size = sizeof(from);
	int on = 1;

	r->listener = socket(AF_INET, SOCK_STREAM, 0);
	must(r->listener >= 0, "socket");
	setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(r->listener, (struct sockaddr *)&from, size) == 0 &&
		     listen(r->listener, LINKS) == 0 &&
		     getsockname(r->listener, (struct sockaddr *)&from,
				 &size) == 0,
	     "listen");
	printf("relay %u\n", ntohs(from.sin_port));
	fflush(stdout);
}

/* One round: wait for whatever may move, at most STEP_MS while bytes are under
 * way. */
static void step(struct relay *r)
{
	struct pollfd fds[2 + 2 * LINKS];
	nfds_t n = 0;
	int wait_ms = 1000;

	fds[n++] = (struct pollfd){ r->listener, POLLIN, 0 };
	fds[n++] = (struct pollfd){ r->fifo, POLLIN, 0 };
	for (size_t i = 0; i < LINKS; i++) {
		struct link *l = &r->link[i];

		for (int j = 0; j < 2 && l->fd[0] >= 0; j++) {
			if (l->way[j].n > 0)
				wait_ms = STEP_MS;
			else if (!r->is_held[j] && !l->way[j].is_ended)
				fds[n++] =
					(struct pollfd){ l->fd[j], POLLIN, 0 };
		}
	}
	poll(fds, n, wait_ms);
	fill_tokens(r, clock_ms());
	if (fds[1].revents != 0)
		take_commands(r);
	if (fds[0].revents != 0)
		take_connection(r);
	for (size_t i = 0; i < LINKS; i++)
		carry(r, &r->link[i], clock_ms());
}

int main(int argc, char **argv)
{
	static struct relay r;
	uint64_t end_ms = clock_ms() + RELAY_S * 1000;

	must(argc >= 4, "usage: relay FROM:PORT TO:PORT FIFO [COMMAND]...");
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < LINKS; i++)
		r.link[i].fd[0] = r.link[i].fd[1] = -1;
	r.to = address_of(argv[2]);
	/* Both ends, so that it never ends. */
	r.fifo = open(argv[3], O_RDWR | O_NONBLOCK);
	must(r.fifo >= 0, argv[3]);
	for (int i = 4; i < argc; i++)
		obey(&r, argv[i]);
	listen_at(&r, address_of(argv[1]));
	while (clock_ms() < end_ms)
		step(&r);
	return 0;
}
