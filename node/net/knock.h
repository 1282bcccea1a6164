#ifndef NODE_NET_KNOCK_H
#define NODE_NET_KNOCK_H

/*
 * knock -- does anything accept a connection at an address?
 *
 * A bare TCP connection that says nothing and is closed at once: it tells
 * whether there is a way and somebody at its end, not who.
 */

enum { KNOCK_MS = 2000 }; /* for each of the host's addresses */

/* knock: at tcp://HOST:PORT.  0: somebody is there; ERR_FORMAT: no address;
 * ERR_NOT_FOUND: no such host; ERR_DENIED: the machine is there, nobody
 * listens; ERR_IO: no way to it, or no answer in time. */
int knock(const char *address);

#endif
