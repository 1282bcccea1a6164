#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/keeper.h"
#include "node/safe/renewal.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>

static int failed(const struct ctx *ctx, int err)
{
	switch (err) {
	case ERR_STATE:
		say_error(_(
			"the identity key is sealed; give --passphrase-file"));
		return EXIT_DENIED;
	case ERR_SIGNATURE:
		say_error(_("that is not the passphrase of the identity key"));
		return EXIT_DENIED;
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

/* Who waits is known to its inviter by the feed that it asked with. */
static int may_rotate(const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m =
		r != NULL ? roster_member(r, &k->identity) : NULL;

	if (m == NULL) {
		say_error(_("you are not admitted yet, and only members record "
			    "this; try again once you are"));
		return EXIT_AGAIN;
	}
	if (m->is_standing)
		return EXIT_DONE;
	say_error(_("your membership has ended; what you record now would not "
		    "count"));
	return EXIT_DENIED;
}

static int print(const struct keeper *k)
{
	char ref[REF_TEXT], id[HEX_SIZE(ID_SIZE)];
	struct head head;
	int err = store_head(k->store, &k->feed, &head);

	if (err != 0)
		return exit_of(err);
	ref_text(ref, store_roster(k->store), &head.feed, head.seq);
	hex_encode(id, head.id.b, ID_SIZE);
	printf("%s %s\n", ref, id);
	return out_end();
}

static int renew(struct keeper *k, const char *passphrase)
{
	struct seckey *identity = NULL;
	struct position after;
	struct head head;
	/* Beforehand: once begun, the old key signs no more. */
	int err = keeper_unseal(k, &identity, passphrase);

	seckey_close(identity);
	if (err == 0)
		err = store_head(k->store, &k->feed, &head);
	if (err != 0)
		return err;
	after = (struct position){ head.feed, head.seq, head.id };
	return renewal_begin(k, &after);
}

static int rotate(struct ctx *ctx)
{
	struct keeper *k = NULL;
	int err = keeper_open(&k, &ctx->home);
	int code;

	if (err != 0)
		return failed(ctx, err);
	code = may_rotate(k);
	if (code == EXIT_DONE) {
		err = renew(k, ctx->home.passphrase);
		code = err == 0 ? print(k) : failed(ctx, err);
	}
	keeper_close(k);
	return code;
}

static int run_rotate(struct ctx *ctx, const struct args *args)
{
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE] = "";
	int code = need_home(ctx);

	if (code == EXIT_DONE && file != NULL)
		code = passphrase_read(passphrase, file);
	if (file != NULL)
		ctx->home.passphrase = passphrase;
	if (code == EXIT_DONE)
		code = rotate(ctx);
	ctx->home.passphrase = NULL;
	bytes_wipe(passphrase, sizeof(passphrase));
	return code;
}

const struct command cmd_rotate = {
	.name = "rotate",
	.run = run_rotate,
	.usage = "[--passphrase-file F]",
	.summary = N_("go on under a new key of this node"),
	.detail = N_("Makes a new node key, whose feed follows the old one: "
		     "what was recorded so far stays and counts, the member "
		     "is the same, and the old key signs no more here. For a "
		     "machine that changes hands. It does not stop somebody "
		     "who has a copy of the old key. Not while the node is "
		     "up."),
	.options =
		(const struct option_rule[]){
			{ "passphrase-file", "F",
			  N_("of the sealed identity key") },
			{ NULL, NULL, NULL } },
};
