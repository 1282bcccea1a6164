#include "node/net/knock.h"

#include "crypto/err.h"
#include "proto/form.h"
#include "proto/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "tcp://[::1]:80" into "::1" and "80". */
static int split(char host[static LIMIT_ADDRESS + 1], const char **port,
		 const char *address)
{
	const char *from = address + strlen("tcp://");
	size_t n;

	if (!address_is_valid(address, strlen(address)))
		return ERR_FORMAT;
	*port = strrchr(address, ':') + 1;
	n = (size_t)(*port - 1 - from);
	if (from[0] == '[') {
		from++;
		n -= 2;
	}
	snprintf(host, LIMIT_ADDRESS + 1, "%.*s", (int)n, from);
	return 0;
}

static int connect_to(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd wait = { fd, POLLOUT, 0 };
	socklen_t size = sizeof(int);
	int code = ETIMEDOUT;

	if (fd < 0)
		return ERR_IO;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    (connect(fd, to->ai_addr, to->ai_addrlen) != 0 &&
	     errno != EINPROGRESS))
		code = errno;
	else if (poll(&wait, 1, KNOCK_MS) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
	close(fd);
	if (code == ECONNREFUSED)
		return ERR_DENIED;
	return code == 0 ? 0 : ERR_IO;
}

int knock(const char *address)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	char host[LIMIT_ADDRESS + 1];
	struct addrinfo *all;
	const char *port;
	int err = split(host, &port, address);

	if (err != 0)
		return err;
	if (getaddrinfo(host, port, &hints, &all) != 0)
		return ERR_NOT_FOUND;
	err = ERR_IO;
	for (const struct addrinfo *i = all; i != NULL && err != 0;
	     i = i->ai_next)
		err = connect_to(i);
	freeaddrinfo(all);
	return err;
}
