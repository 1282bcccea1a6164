#include "node/cmd/holding.h"

#include "crypto/err.h"
#include "node/ctl/ctl.h"
#include "node/safe/renewal.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/store.h"

#include <time.h>

static int cannot_open(const struct ctx *ctx, int err)
{
	switch (err) {
	case ERR_STATE:
	case ERR_SIGNATURE:
		return renewal_sealed(err);
	case ERR_BUSY:
		say_error(_("a node of %s is up already, or a command is at "
			    "work there"),
			  ctx->home.dir);
		return EXIT_AGAIN;
	case ERR_NOT_FOUND:
		say_error(_("no network joined yet; 'maillon join LINK' joins "
			    "one, 'maillon found NAME' founds one"));
		return EXIT_CONFIG;
	}
	say_error(_("the ledger in %s cannot be opened: %s"), ctx->home.dir,
		  err_reason(err));
	return exit_of(err);
}

static int take(struct keeper **out, const struct home *home)
{
	const struct timespec pause = { 0, 10 * 1000000L };
	struct ctl ctl;
	int err = keeper_open(out, home);

	for (int i = 0; i < 200 && err == ERR_BUSY; i++) {
		if (ctl_connect(&ctl, home->socket) == 0) {
			ctl_close(&ctl);
			return ERR_BUSY;
		}
		nanosleep(&pause, NULL);
		err = keeper_open(out, home);
	}
	return err;
}

int holding_open(struct keeper **out, struct ctx *ctx)
{
	struct keeper *k = NULL;
	struct pubkey own;
	int err = take(&k, &ctx->home);

	if (err == 0 && !store_own(k->store, &own))
		err = ERR_NOT_FOUND;
	if (err == 0) {
		*out = k;
		return EXIT_DONE;
	}
	keeper_close(k);
	return cannot_open(ctx, err);
}
