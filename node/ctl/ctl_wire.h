#ifndef NODE_CTL_CTL_WIRE_H
#define NODE_CTL_CTL_WIRE_H

#include <sys/un.h>

/*
 * ctl_wire -- what both halves of ctl.h do to a socket.
 */

enum {
	CTL_HEAD = 4,     /* bytes of the length before a message */
	CTL_CODE_MAX = 64 /* an enum err, without its sign */
};

/* ctl_path: the address of a socket's path; ERR_LIMIT. */
int ctl_path(struct sockaddr_un *addr, const char *path);

/* ctl_is_ours: 0 when the other end runs as our user or as root; ERR_DENIED,
 * ERR_IO. */
int ctl_is_ours(int fd);

/* ctl_prepare: non-blocking, and closed on exec; ERR_IO. */
int ctl_prepare(int fd);

#endif
