#ifndef NODE_NET_LANTXT_H
#define NODE_NET_LANTXT_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * lantxt -- what a node says of itself to the local network (DNS-SD).
 *
 * The TXT record of the service _maillon._tcp is three strings: "v=1", "net="
 * and the first eight bytes of the network's id, "key=" and the transport key,
 * both as lower-case digits.  Neither says who the member is.  Anybody on the
 * local network can say anything, so what is read here is a hint about where
 * to dial and no more.  RFC 6763, section 6: names are compared without regard
 * to case, the first of a name counts, unknown ones are passed over.
 *
 * Pure: no I/O, nothing is allocated.  See PROTOCOL.md, On the local network.
 */

#define LANTXT_TYPE "_maillon._tcp"

enum {
	LANTXT_STRINGS = 3,
	LANTXT_STRING = 72, /* the longest, with its NUL */
	LANTXT_NETWORK = 8, /* bytes of the network's id */
	LANTXT_NAME = 28    /* of an instance, with its NUL */
};

struct lantxt {
	uint8_t network[LANTXT_NETWORK];
	struct curvekey key;
	unsigned seen; /* which strings came, good or not */
	unsigned good;
};

/* lantxt_put: the strings of a node.  Cannot fail. */
void lantxt_put(char out[static LANTXT_STRINGS][LANTXT_STRING],
		const struct id *network, const struct curvekey *key);

/* lantxt_name: what the service of a node is called; of several machines that
 * say they have this key, nth counts from 0 to 999.  Cannot fail. */
void lantxt_name(char out[static LANTXT_NAME], const struct curvekey *key,
		 unsigned nth);

/* lantxt_init: nothing read yet. */
void lantxt_init(struct lantxt *t);

/* lantxt_add: the next string of a record, n bytes at p, any bytes. */
void lantxt_add(struct lantxt *t, const void *p, size_t n);

/* lantxt_is_of: did all three come, each well formed, and are they of this
 * network? */
bool lantxt_is_of(const struct lantxt *t, const struct id *network);

/* lantxt_address: where to dial, of an IPv4 or IPv6 address as text.
 * ERR_FORMAT: not one, or port 0; ERR_LIMIT: one that no other machine has, or
 * that means none or many: loopback, any, link-local IPv6, multicast. */
int lantxt_address(char out[static LIMIT_ADDRESS + 1], const char *host,
		   uint16_t port);

#endif
