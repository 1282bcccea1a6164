#include "node/net/daemon_priv.h"

#include "proto/charter.h"
#include "store/store.h"

#include <stdio.h>

enum {
	TRIES = 4,          /* rounds of addresses before one is given up */
	STRANGER_MS = 3000, /* for a peer to learn from us that we are in */
	OPTIONAL_MS = 5000, /* for a peer that nobody asked for */
	ROSTER_MS = 10000   /* join: for the rest once we are in */
};

/* Whom `up --once` has to reach: the named ones, else those that are kept,
 * else any. */
static bool is_required(const struct daemon *d, const struct contact *c)
{
	if (d->wish->named_n > 0)
		return c->is_named;
	return c->is_kept;
}

static bool is_reached(const struct daemon *d, const struct contact *c)
{
	const struct peer *p = peer_of(d, &c->key);

	return p != NULL && peer_is_in_step(p);
}

/* May anybody read this network?  As long as its charter has not come that is
 * for the peer to show. */
static bool may_read(const struct daemon *d, const struct contact *c)
{
	const struct charter *charter =
		roster_charter(store_roster(d->keeper->store));

	if (charter == NULL)
		return d->now_ms - c->told_ms <= STRANGER_MS;
	return charter->is_public && peer_of(d, &c->key) != NULL;
}

/* Has it been tried enough? */
static bool is_lost(const struct daemon *d, const struct contact *c)
{
	return !c->was_met && c->failures >= TRIES * c->address_n &&
	       peer_of(d, &c->key) == NULL;
}

static bool is_denied(const struct daemon *d, const struct contact *c)
{
	const struct peer *p = peer_of(d, &c->key);

	if (c->bye == BYE_DENIED && p == NULL)
		return true;
	switch (c->answer) {
	case -1:
	case JOINED_ADMITTED:
		return false;
	case JOINED_STRANGER:
		/* Who may only read is answered so too. */
		if (may_read(d, c))
			return false;
		/* It may not know yet: our copy of the roster tells it.  A peer
		 * that is an old copy of itself closes once it has learnt
		 * that, and comes back under a new key. */
		return !daemon_is_in(d) || d->now_ms - c->told_ms > STRANGER_MS;
	}
	return true;
}

static bool is_other(const struct daemon *d, const struct contact *c)
{
	return peer_of(d, &c->key) == NULL &&
	       (c->bye == BYE_NETWORK || c->bye == BYE_VERSION ||
		c->bye == BYE_KEY || c->bye == BYE_FORMAT ||
		c->bye == BYE_SELF);
}

static void end_with(struct daemon *d, enum daemon_end end,
		     const struct contact *c)
{
	const struct peer *p = peer_of(d, &c->key);
	struct daemon_result *r = d->result;

	snprintf(r->address, sizeof(r->address), "%s", c->address[0]);
	r->joined = c->answer;
	r->bye = c->bye >= 0 ? (unsigned)c->bye : BYE_DONE;
	unequal_look(&r->unequal, p != NULL ? p->session : NULL);
	if (p != NULL)
		peer_label(r->peer, p);
	daemon_end(d, end, 0);
}

static bool is_unequal(const struct daemon *d, const struct contact *c)
{
	const struct peer *p = peer_of(d, &c->key);

	return p != NULL && peer_is_stuck(p);
}

/* Ends the loop when this contact makes the goal impossible. */
static bool is_hopeless(struct daemon *d, const struct contact *c)
{
	if (is_denied(d, c))
		end_with(d, DAEMON_DENIED, c);
	else if (is_other(d, c))
		end_with(d, DAEMON_OTHER, c);
	else if (is_lost(d, c))
		end_with(d, DAEMON_UNREACHABLE, c);
	return d->is_over;
}

static bool is_late(const struct daemon *d)
{
	return d->now_ms - d->started_ms >= d->wish->timeout_ms;
}

/* One that is not needed is waited for as long as it looks well. */
static bool is_settled(const struct daemon *d, const struct contact *c)
{
	return is_reached(d, c) || is_unequal(d, c) || c->is_ours ||
	       c->failures > 0 || is_denied(d, c) ||
	       d->now_ms - d->started_ms > OPTIONAL_MS;
}

static void goal_once(struct daemon *d)
{
	const struct contact *missing = NULL, *unequal = NULL;
	size_t required = 0, reached = 0, open = 0;

	for (size_t i = 0; i < d->contacts.n; i++) {
		struct contact *c = &d->contacts.row[i];

		reached += is_reached(d, c);
		if (!is_required(d, c)) {
			open += !is_settled(d, c);
			continue;
		}
		required++;
		if (is_hopeless(d, c))
			return;
		if (is_unequal(d, c))
			unequal = c;
		else if (!is_reached(d, c))
			missing = c;
	}
	if (d->contacts.n == 0)
		daemon_end(d, DAEMON_ALONE, 0);
	else if (missing == NULL && open == 0 && unequal != NULL)
		end_with(d, DAEMON_UNEQUAL, unequal);
	else if (missing == NULL && open == 0 && reached > 0)
		daemon_end(d, DAEMON_DONE, 0);
	else if (missing == NULL && open == 0 && required == 0)
		end_with(d, DAEMON_UNREACHABLE, &d->contacts.row[0]);
	else if (is_late(d) && missing != NULL)
		end_with(d, missing->was_met ? DAEMON_LATE : DAEMON_UNREACHABLE,
			 missing);
	else if (is_late(d))
		daemon_end(d, DAEMON_LATE, 0);
}

static void admitted(struct daemon *d, const struct contact *c)
{
	if (!daemon_is_in(d))
		return;
	if (d->admitted_ms == 0)
		d->admitted_ms = d->now_ms;
	if (is_reached(d, c) || d->now_ms - d->admitted_ms > ROSTER_MS)
		end_with(d, DAEMON_DONE, c);
}

static void goal_join(struct daemon *d)
{
	const struct contact *c = &d->contacts.row[0];

	if (c->answer == JOINED_ADMITTED)
		admitted(d, c);
	else if (c->answer >= 0 && c->answer != JOINED_STRANGER)
		end_with(d, DAEMON_ANSWERED, c);
	else if (is_other(d, c))
		end_with(d, DAEMON_OTHER, c);
	else if (is_lost(d, c))
		end_with(d, DAEMON_UNREACHABLE, c);
	if (!d->is_over && is_late(d))
		end_with(d, c->was_met ? DAEMON_LATE : DAEMON_UNREACHABLE, c);
}

void daemon_goal(struct daemon *d)
{
	if (d->is_over)
		return;
	switch (d->wish->mode) {
	case DAEMON_LIVE:
		break;
	case DAEMON_ONCE:
		goal_once(d);
		break;
	case DAEMON_JOIN:
		goal_join(d);
		break;
	}
}
