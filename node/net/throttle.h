#ifndef NODE_NET_THROTTLE_H
#define NODE_NET_THROTTLE_H

#include "crypto/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * throttle -- how often somebody may knock: token buckets in a fixed table.
 *
 * Who knocks is any bytes (an address, a key); a secret made at the start
 * decides where in the table they stand, so nobody can aim at another's place.
 * When the places for someone new are taken, whoever may knock most often still
 * is forgotten, and of several the one who knocked longest ago: who keeps
 * knocking is remembered, the table never grows, and under an attack from very
 * many places it forgives too much rather than shutting honest people out.
 *
 * Not thread-safe; nothing here fails or allocates.
 */

enum {
	THROTTLE_SETS = 256,
	THROTTLE_WAYS = 4,
	THROTTLE_KNOCK = 1000 /* thousandths */
};

struct throttle_slot {
	struct tag who;
	uint64_t seen_ms;  /* 0: empty */
	uint32_t tokens_m; /* thousandths of a knock */
};

struct throttle {
	struct secret secret;
	uint32_t burst; /* knocks at once, 1 to 1000000 */
	uint32_t per_s; /* knocks a second in the long run, 1 to 1000000 */
	struct throttle_slot slot[THROTTLE_SETS][THROTTLE_WAYS];
};

/* throttle_init: nobody has knocked yet. */
void throttle_init(struct throttle *t, uint32_t burst, uint32_t per_s);

/* throttle_take: may the n bytes at p knock now?  now_ms is monotonic and not
 * 0; one that went back counts as no time passed.  throttle_spend: the same of
 * something that counts as cost_m thousandths of a knock. */
bool throttle_take(struct throttle *t, const void *p, size_t n,
		   uint64_t now_ms);
bool throttle_spend(struct throttle *t, const void *p, size_t n,
		    uint32_t cost_m, uint64_t now_ms);

/* throttle_part: how many of the n bytes of an IP address, as text, say whose
 * it is: all of IPv4's, those of the /64 of IPv6's. */
size_t throttle_part(const void *address, size_t n);

#endif
