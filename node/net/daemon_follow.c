#include "node/net/daemon_priv.h"

#include "crypto/err.h"
#include "node/net/follow.h"

static bool is_in_step(const struct daemon *d)
{
	for (size_t i = 0; i < d->peer_n; i++)
		if (peer_is_in_step(d->peer[i]))
			return true;
	return false;
}

void daemon_follow(struct daemon *d)
{
	struct reason why = { "" };
	int err;

	/* The roster may come in pieces: all of it is to tell who is meant. */
	if (!d->has_wish || id_eq(&d->host->roster, &d->wish_roster) ||
	    !is_in_step(d))
		return;
	d->wish_roster = d->host->roster;
	err = host_flush(d->host);
	if (err == 0)
		err = follow_settle(d->keeper, &why);
	if (err == 0)
		err = follow_get(d->keeper->store, &d->host->scope);
	log_event(&d->log, "event=follow error=\"%s\"", err_text(err));
	if (err != 0)
		return;
	d->has_wish = false;
	peers_bye(d, BYE_DONE, "this node follows others from now on");
	for (size_t i = 0; i < d->peer_n; i++)
		d->peer[i]->has_cursor = false;
}
