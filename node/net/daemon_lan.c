#include "node/net/daemon_priv.h"

#include "crypto/err.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* The first socket that others on the local network can reach. */
static void find_port(struct lan_self *self, const struct daemon *d)
{
	for (size_t i = 0; i < d->bound_n && self->port == 0; i++) {
		const char *bound = d->bound[i];

		if (daemon_is_loopback(bound))
			continue;
		self->port =
			(uint16_t)strtoul(strrchr(bound, ':') + 1, NULL, 10);
		self->has_v6 = strncmp(bound, "tcp://[", 7) == 0;
		self->has_v4 =
			!self->has_v6 || strncmp(bound, "tcp://[::]", 10) == 0;
	}
}

static void tell(struct daemon *d, const char *state)
{
	log_event(&d->log, "event=lan state=%s", state);
}

void daemon_lan_open(struct daemon *d)
{
	struct lan_self self = { .key = d->keeper->transport.pub };
	int err;

	if (!d->wish->is_lan || !store_network(d->keeper->store, &self.network))
		return;
	find_port(&self, d);
	err = lan_open(&d->lan, &self);
	if (err != 0)
		tell(d, lan_is_built() ? "absent" : "not-built");
}

static void look(struct daemon *d)
{
	enum lan_state state = lan_state(d->lan);

	if (state == d->lan_state)
		return;
	d->lan_state = state;
	switch (state) {
	case LAN_STARTING:
		break;
	case LAN_ABSENT:
		tell(d, "absent");
		break;
	case LAN_UP:
		tell(d, "up");
		break;
	}
}

/* Only some dozens of hints come in a minute. */
static bool is_member(const struct daemon *d, const struct curvekey *key)
{
	const struct roster *r = store_roster(d->keeper->store);

	for (size_t i = 0; i < roster_feed_count(r); i++)
		if (memcmp(&roster_feed_at(r, i)->transport, key,
			   sizeof(*key)) == 0)
			return true;
	return false;
}

void daemon_lan_step(struct daemon *d)
{
	struct lan_hint h;

	if (d->lan == NULL)
		return;
	look(d);
	while (lan_take(d->lan, &h)) {
		const struct peer *p = peer_of(d, &h.key);

		if ((p == NULL || !p->was_met) &&
		    contacts_hint(&d->contacts, &h.key, is_member(d, &h.key),
				  h.address, d->now_ms))
			log_event(&d->log, "event=lan-hint address=%s",
				  h.address);
	}
}
