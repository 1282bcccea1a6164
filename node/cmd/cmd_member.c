#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/join/membership.h"
#include "node/join/newhome.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/personal.h"
#include "node/text/say.h"
#include "proto/charter.h"
#include "proto/form.h"
#include "proto/rd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Making a member, and a network.
 */

static int run_init(struct ctx *ctx, const struct args *args)
{
	char print[FINGERPRINT_SIZE];
	struct pubkey identity;
	int code = newhome_make(ctx, args, &cmd_init);

	if (code == EXIT_DONE)
		code = newhome_identity(ctx, &identity);
	if (code != EXIT_DONE)
		return code;
	fingerprint(print, &identity);
	say_note(_("keys are in %s; the fingerprint of this member is %s"),
		 ctx->home.dir, print);
	return EXIT_DONE;
}

const struct command cmd_init = {
	.name = "init",
	.run = run_init,
	.usage = "--label LABEL [--name TEXT] --place PLACE [--public] "
		 "[--passphrase-file F]",
	.summary = N_("make this member's keys"),
	.detail = N_("Label and name are public in the network, for ever: a "
		     "person takes a pseudonym, an organisation its name. "
		     "With --passphrase-file the identity "
		     "key is sealed under the first line of that file, and "
		     "asked for when a network is founded or joined."),
	.options =
		(const struct option_rule[]){
			{ "label", "LABEL", N_("how others refer to you") },
			{ "name", "TEXT", N_("a name to show, public too") },
			{ "place", "PLACE", N_("country or region: FR-88") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ "passphrase-file", "F", N_("seal the identity key") },
			{ NULL, NULL, NULL } },
};

/* What the founder says about itself, and the network it makes. */
static int fill_charter(struct charter *c, struct ctx *ctx,
			const struct args *args)
{
	const char *name = args->pos[0];
	const char *currency = args_get(args, "currency");
	const char *quorum = args_get(args, "quorum");
	struct reason why = { "" };
	uint64_t n = 1;

	memset(c, 0, sizeof(*c));
	if (name[0] == '\0' || strlen(name) > LIMIT_NAME ||
	    !utf8_is_plain(name, strlen(name))) {
		say_error(_("the network's name must have 1 to 64 bytes of "
			    "text on one line"));
		return EXIT_DATA;
	}
	if (!args_has(args, "public") &&
	    personal_text("NAME", name, false, &why) != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	if (currency == NULL)
		currency = "EUR";
	if (!currency_is_valid(currency, strlen(currency))) {
		say_error(_("'%s' is no currency: three capitals are wanted, "
			    "like EUR"),
			  currency);
		return EXIT_DATA;
	}
	if (quorum != NULL && parse_uint(&n, LIMIT_QUORUM, quorum) != 0) {
		say_error(
			_("'%s' is no quorum: a number from 0 to 64 is wanted"),
			quorum);
		return EXIT_DATA;
	}
	snprintf(c->name, sizeof(c->name), "%s", name);
	memcpy(c->currency, currency, sizeof(c->currency));
	c->is_public = args_has(args, "public-read");
	c->quorum = (unsigned)n;
	c->created_ms = ctx->now_ms;
	bytes_random(c->nonce, sizeof(c->nonce));
	return EXIT_DONE;
}

static int fill_founder(struct charter *c, struct ctx *ctx)
{
	struct founder *f = &c->founders[0];
	struct profile p;
	int err = profile_load(&p, &ctx->home);

	if (err != 0) {
		say_error(_("%s cannot be read: %s"), ctx->home.profile,
			  err_reason(err));
		return exit_of(err);
	}
	c->founders_n = 1;
	memcpy(f->label, p.label, sizeof(f->label));
	memcpy(f->name, p.name, sizeof(f->name));
	memcpy(f->place, p.place, sizeof(f->place));
	return newhome_identity(ctx, &f->identity);
}

static int begin_failed(const struct ctx *ctx, int err)
{
	if (err == ERR_EXISTS) {
		say_error(_("%s is in a network already"), ctx->home.dir);
		return EXIT_CREATE;
	}
	return newhome_begin_failed(ctx, err);
}

static int found(struct ctx *ctx, const struct args *args,
		 const struct charter *c)
{
	const char *file = args_get(args, "passphrase-file");
	struct membership_start start = { .now_ms = ctx->now_ms };
	char passphrase[PASSPHRASE_SIZE];
	uint8_t bytes[LIMIT_CHARTER];
	char hex[HEX_SIZE(ID_SIZE)];
	int code = file != NULL ? passphrase_read(passphrase, file) : EXIT_DONE;
	int err;

	if (code != EXIT_DONE)
		return code;
	start.passphrase = file != NULL ? passphrase : NULL;
	err = charter_encode(bytes, &start.charter_n, c);
	start.charter = bytes;
	start.network = hash_id(bytes, start.charter_n);
	if (err == 0)
		err = membership_begin(&ctx->home, &start);
	bytes_wipe(passphrase, sizeof(passphrase));
	if (err != 0)
		return begin_failed(ctx, err);
	hex_encode(hex, start.network.b, ID_SIZE);
	printf("%s\n", hex);
	say_note(_("the network '%s' and its founder '%s' are public, and for "
		   "ever: a person goes by a pseudonym"),
		 c->name, c->founders[0].label);
	return EXIT_DONE;
}

static int run_found(struct ctx *ctx, const struct args *args)
{
	struct charter *c = malloc(sizeof(*c));
	int code = c != NULL ? need_home(ctx) : EXIT_AGAIN;

	if (code == EXIT_DONE)
		code = fill_charter(c, ctx, args);
	if (code == EXIT_DONE)
		code = fill_founder(c, ctx);
	if (code == EXIT_DONE)
		code = found(ctx, args, c);
	free(c);
	return code;
}

const struct command cmd_found = {
	.name = "found",
	.run = run_found,
	.usage = "NAME [--currency EUR] [--public-read] [--quorum N] "
		 "[--public] [--passphrase-file F]",
	.summary = N_("found a network; this member is its first association"),
	.detail =
		N_("Prints the network's id, which stands for its charter: "
		   "name, currency and founder cannot be changed by anybody "
		   "alone. They are public, for ever: NAME is an "
		   "organisation's, and a person who founds it goes by a "
		   "pseudonym. In a public-read network strangers may copy the "
		   "ledger."),
	.options =
		(const struct option_rule[]){
			{ "currency", "EUR",
			  N_("ISO 4217 code; EUR if not said") },
			{ "public-read", NULL,
			  N_("whoever connects may read the ledger") },
			{ "quorum", "N",
			  N_("cosignatures that make a time certain; 1 if not "
			     "said") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ "passphrase-file", "F",
			  N_("of the sealed identity key") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
