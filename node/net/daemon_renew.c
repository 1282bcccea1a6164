#include "node/net/daemon_priv.h"

#include "crypto/err.h"
#include "node/safe/renewal.h"
#include "node/safe/unsent.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>

static int renew(struct daemon *d)
{
	struct keeper *k = d->keeper;
	int err = host_flush(d->host);

	store_abort(k->store);
	if (err == 0)
		err = unsent_disputed(k);
	/* Where the peer's entries leave ours, ours can never be on the feed:
	 * nobody has them. */
	if (err == 0 && d->host->differs > 0)
		err = unsent_cut(k, d->host->differs);
	/* It has met who could tell, and what is left is on the feed. */
	if (err == 0 && !d->host->is_overtaken)
		err = renewal_met(k, UINT64_MAX);
	if (err == 0)
		err = renewal_begin(k, NULL);
	if (err == 0)
		err = unsent_reissue(k);
	if (err == 0)
		err = host_reload(d->host);
	if (err == 0)
		err = store_entry(k->store, &k->feed, 1, d->open, &d->open_n);
	return err;
}

void daemon_reissue(struct daemon *d)
{
	struct keeper *k = d->keeper;
	int err = host_flush(d->host);

	d->host->was_ours = false;
	store_abort(k->store);
	if (err == 0)
		err = unsent_disputed(k);
	if (err == 0)
		err = unsent_reissue(k);
	if (err == 0)
		err = host_refresh(d->host);
	log_event(&d->log, "event=copied-machine error=\"%s\"", err_text(err));
	if (err != 0)
		daemon_end(d, DAEMON_TROUBLE, err);
}

void daemon_renew(struct daemon *d)
{
	const char *why = d->host->is_forked ? "copied-machine" : "old-copy";
	int err;

	d->host->is_old_copy = false;
	d->host->is_forked = false;
	/* Every session has told our old feed as its own. */
	peers_bye(d, BYE_DONE, "this node goes on under a new key");
	/* And where it was in step with others is that of the copy. */
	for (size_t i = 0; i < d->peer_n; i++)
		d->peer[i]->has_cursor = false;
	err = renew(d);
	d->host->differs = 0;
	d->host->is_overtaken = false;
	log_event(&d->log, "event=%s error=\"%s\"", why, err_text(err));
	d->has_published = false;
	if (err == ERR_STATE || err == ERR_SIGNATURE)
		daemon_end(d, DAEMON_SEALED, err);
	else if (err != 0)
		daemon_end(d, DAEMON_TROUBLE, err);
}
