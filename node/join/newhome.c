#include "node/join/newhome.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/keeper.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/personal.h"
#include "node/text/say.h"
#include "proto/invite.h"
#include "proto/rd.h"

#include <stdio.h>
#include <string.h>

static int bad_label(const char *text)
{
	say_error(_("'%s' is no label: 1 to 32 letters, digits, dots, "
		    "underscores or dashes, a letter or digit first, and not "
		    "only hex digits"),
		  text);
	return EXIT_DATA;
}

static int set_name(struct profile *p, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > LIMIT_NAME || !utf8_is_plain(name, n)) {
		say_error(_("the name must have 1 to 64 bytes of text on one "
			    "line"));
		return EXIT_DATA;
	}
	memcpy(p->name, name, n + 1);
	return EXIT_DONE;
}

/* Label and name are in every copy of the ledger, for ever. */
static int is_impersonal(const struct profile *p, const struct args *args)
{
	struct reason why = { "" };

	if (args_has(args, "public") ||
	    (personal_text("--label", p->label, true, &why) == 0 &&
	     personal_text("--name", p->name, false, &why) == 0))
		return EXIT_DONE;
	say_error("%s", why.text);
	return EXIT_DATA;
}

/* Put what the options say into the profile. */
static int take_options(struct profile *p, const struct args *args)
{
	const char *label = args_get(args, "label");
	const char *name = args_get(args, "name");
	const char *place = args_get(args, "place");

	if (label != NULL && parse_label(p->label, label) != 0)
		return bad_label(label);
	if (place != NULL && parse_place(p->place, place) != 0) {
		say_error(_("'%s' is no place: an ISO 3166 code is wanted, "
			    "like FR-88"),
			  place);
		return EXIT_DATA;
	}
	if (name != NULL && set_name(p, name) != EXIT_DONE)
		return EXIT_DATA;
	return is_impersonal(p, args);
}

static int cannot_create(const struct ctx *ctx, int err)
{
	say_error(_("the keys cannot be written to %s: %s"), ctx->home.keys,
		  err_reason(err));
	return err == ERR_FULL || err == ERR_IO ? EXIT_IO : EXIT_CREATE;
}

static int create(struct ctx *ctx, const struct profile *p,
		  const char *passphrase)
{
	int err = home_create(&ctx->home);

	/* The keys come last: they are what makes it a home. */
	if (err == 0)
		err = profile_save(p, &ctx->home);
	if (err == 0)
		err = home_new_keys(&ctx->home, passphrase);
	return err == 0 ? EXIT_DONE : cannot_create(ctx, err);
}

static int needs_options(const struct command *cmd)
{
	say_error(_("a new member needs --label and --place"));
	cmd_usage(stderr, cmd);
	return EXIT_USAGE;
}

static void say_public(const struct profile *p)
{
	if (p->name[0] == '\0')
		say_note(_("'%s' will be public in the network, and for ever: "
			   "a person takes a pseudonym"),
			 p->label);
	else
		say_note(_("'%s' and the name '%s' will be public in the "
			   "network, and for ever: a person takes a pseudonym, "
			   "an organisation its name"),
			 p->label, p->name);
}

int newhome_make(struct ctx *ctx, const struct args *args,
		 const struct command *cmd)
{
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE];
	struct profile p = { .label = "" };
	int code;

	if (home_exists(&ctx->home)) {
		say_error(_("there are keys in %s already; they stay as they "
			    "are"),
			  ctx->home.dir);
		return EXIT_CREATE;
	}
	if (args_get(args, "label") == NULL || args_get(args, "place") == NULL)
		return needs_options(cmd);
	code = take_options(&p, args);
	if (code == EXIT_DONE && file != NULL)
		code = passphrase_read(passphrase, file);
	if (code != EXIT_DONE)
		return code;
	code = create(ctx, &p, file != NULL ? passphrase : NULL);
	bytes_wipe(passphrase, sizeof(passphrase));
	if (code == EXIT_DONE)
		say_public(&p);
	return code;
}

int newhome_reader(struct ctx *ctx)
{
	const struct profile p = { .label = "" };

	return create(ctx, &p, NULL);
}

int newhome_change(struct ctx *ctx, const struct args *args,
		   const struct command *cmd)
{
	struct profile p = { .label = "" };
	int err = profile_load(&p, &ctx->home);
	int code;

	if (err != 0 && err != ERR_NOT_FOUND) {
		say_error(_("%s cannot be read: %s"), ctx->home.profile,
			  err_reason(err));
		return exit_of(err);
	}
	code = take_options(&p, args);
	if (code != EXIT_DONE)
		return code;
	if (p.label[0] == '\0' || p.place[0] == '\0')
		return needs_options(cmd);
	if (!args_has(args, "label") && !args_has(args, "name") &&
	    !args_has(args, "place"))
		return EXIT_DONE;
	err = profile_save(&p, &ctx->home);
	return err == 0 ? EXIT_DONE : cannot_create(ctx, err);
}

int newhome_identity(const struct ctx *ctx, struct pubkey *out)
{
	int err = home_identity(&ctx->home, out);

	if (err == 0)
		return EXIT_DONE;
	say_error(_("the keys in %s cannot be read: %s"), ctx->home.keys,
		  err_reason(err));
	return exit_of(err);
}

int newhome_begin_failed(const struct ctx *ctx, int err)
{
	int code = keeper_sealed(err);

	if (code != EXIT_DONE)
		return code;
	say_error(_("the ledger in %s cannot be made: %s"), ctx->home.dir,
		  err_reason(err));
	return exit_of(err);
}
