#ifndef NODE_CMD_PEERING_H
#define NODE_CMD_PEERING_H

#include "node/net/daemon.h"

#include <stdbool.h>

/*
 * peering -- a node as people name it: tcp://HOST:PORT#KEY, the key in hex or
 * in base64 as in links.
 */

/* peering_parse: *has_key false when the text has none.  EXIT_USAGE, after
 * saying what is wrong. */
int peering_parse(struct daemon_peer *out, bool *has_key, const char *text);

/* peering_no_address: say why the text is no address that others could use. */
void peering_no_address(const char *text);

/* peering_is_linklocal: "tcp://[fe80:...": without the name of an interface,
 * for which there is no room in links and in the ledger, it is no way. */
bool peering_is_linklocal(const char *text);

/* peering_unequal: say what is not the same at a peer with which nothing more
 * can be exchanged. */
void peering_unequal(const struct daemon_result *r,
		     const struct roster *roster);

#endif
