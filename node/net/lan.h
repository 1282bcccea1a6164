#ifndef NODE_NET_LAN_H
#define NODE_NET_LAN_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * lan -- nodes of the same network on the local one, found by DNS-SD.
 *
 * The work is done by the machine's avahi daemon; a thread here talks to it
 * over D-Bus, since its library may wait.  Avahi is optional twice: a build
 * without its headers has lan_none.c, where nothing is ever found, and a
 * machine without its library or its daemon is LAN_ABSENT until one comes.
 *
 * What is found is a hint: anybody can say anything.  Nothing of it is
 * trusted, and it is bounded: so many names are looked up at once, so many
 * hints wait, so many come in a minute; what is too much is left out and found
 * again at the next look, LAN_LOOK_MS later.
 */

enum {
	LAN_HINTS = 32,      /* that wait to be taken; later ones are dropped */
	LAN_LOOKUPS = 16,    /* at once */
	LAN_BURST = 64,      /* names looked up between two looks */
	LAN_LOOK_MS = 60000, /* from one look around to the next */
	LAN_STEP_MS = 1000
};

enum lan_state {
	LAN_STARTING,
	LAN_ABSENT, /* no avahi daemon here, or no way to it */
	LAN_UP
};

struct lan; /* opaque */

struct lan_hint {
	struct curvekey key;
	char address[LIMIT_ADDRESS + 1];
};

struct lan_self {
	struct id network;
	struct curvekey key;
	uint16_t port; /* to publish; 0: look around only */
	bool has_v4, has_v6;
};

/* lan_is_built: is there more than nothing in this build? */
bool lan_is_built(void);

/* lan_open: look around, and be seen if self has a port, until lan_close.
 * ERR_NOT_FOUND: not in this build, or no library; ERR_NOMEM, ERR_IO. */
int lan_open(struct lan **out, const struct lan_self *self);

/* lan_close: be seen no more; NULL is fine. */
void lan_close(struct lan *l);

/* lan_state: how it stands now. */
enum lan_state lan_state(struct lan *l);

/* lan_take: the next hint; false when none waits. */
bool lan_take(struct lan *l, struct lan_hint *out);

#endif
