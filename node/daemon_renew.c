#include "node/daemon_priv.h"

#include "crypto/err.h"
#include "node/renewal.h"
#include "store/log.h"
#include "store/store.h"

static int renew(struct daemon *d)
{
	struct keeper *k = d->keeper;
	struct position after;
	struct head head;
	int err = store_head(k->store, &k->feed, &head);

	if (err != 0)
		return err;
	after = (struct position){ head.feed, head.seq, head.id };
	err = renewal_begin(k, &after);
	if (err == 0)
		err = host_reload(d->host);
	if (err == 0)
		err = store_entry(k->store, &k->feed, 1, d->open, &d->open_n);
	return err;
}

void daemon_renew(struct daemon *d)
{
	int err;

	d->host->is_old_copy = false;
	/* Every session has told our old feed as its own. */
	peers_bye(d, BYE_DONE, "this node goes on under a new key");
	err = renew(d);
	d->host->differs = 0;
	log_event(&d->log, "event=old-copy error=\"%s\"", err_text(err));
	d->has_published = false;
	if (err == ERR_STATE || err == ERR_SIGNATURE)
		daemon_end(d, DAEMON_SEALED, err);
	else if (err != 0)
		daemon_end(d, DAEMON_TROUBLE, err);
}
