#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/cmd/rescue.h"
#include "node/ctl/desk.h"
#include "node/join/membership.h"
#include "node/join/newhome.h"
#include "node/ledger.h"
#include "node/safe/recovery.h"
#include "node/text/i18n.h"
#include "node/text/qr.h"
#include "node/text/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The keys of a member in a sealed file or on paper, and back into a home.
 */

static int load(const struct home *h, uint8_t out[static KEYFILE_SECRET],
		enum home_key which, const char *passphrase)
{
	char path[HOME_PATH];
	int err = home_key_path(h, path, which);

	if (err == 0)
		err = keyfile_load(out, path, home_key_kind(which), passphrase);
	return err;
}

/* The identity, whether it is sealed or not. */
static int load_identity(struct backup *b, const struct home *h,
			 const char *passphrase)
{
	int err = load(h, b->identity, KEY_IDENTITY, NULL);

	b->is_sealed = err == ERR_STATE;
	if (b->is_sealed && passphrase != NULL)
		err = load(h, b->identity, KEY_IDENTITY, passphrase);
	return err;
}

static int keys_failed(const struct ctx *ctx, int err)
{
	if (err == ERR_STATE || err == ERR_SIGNATURE) {
		say_error(err == ERR_STATE ? _("the identity key is sealed; "
					       "give --passphrase-file")
					   : _("that is not the passphrase of "
					       "the identity key"));
		return EXIT_DENIED;
	}
	say_error(_("the keys in %s cannot be read: %s"), ctx->home.keys,
		  err_reason(err));
	return exit_of(err);
}

/* A key that another one has followed is worth keeping to nobody. */
static void warn_of_old(const struct ctx *ctx,
			const uint8_t seed[static SEED_SIZE])
{
	struct store *s = NULL;
	struct seckey *key = NULL;
	const struct member *m = NULL;
	struct pubkey me, pub = { { 0 } };

	if (ledger_open(&s, &ctx->home, STORE_READ) != 0)
		return; /* no network yet */
	if (home_identity(&ctx->home, &me) == 0 && store_roster(s) != NULL)
		m = roster_member(store_roster(s), &me);
	if (m != NULL && seckey_from_seed(&key, seed) == 0) {
		pub = seckey_pub(key);
		seckey_close(key);
		if (!pubkey_eq(&m->key, &pub))
			say_warn(_("the identity key of this home is not in "
				   "force any more, and restores nothing that "
				   "counts: take over the newest one first, "
				   "with 'maillon rotate --adopt FILE'"));
	}
	store_close(s);
}

static int load_all(struct backup *b, struct ctx *ctx, const char *passphrase)
{
	int err = load_identity(b, &ctx->home, passphrase);

	if (err == 0)
		err = load(&ctx->home, b->transport, KEY_TRANSPORT, NULL);
	if (err == 0)
		err = load(&ctx->home, b->member, KEY_MEMBER, NULL);
	if (err == 0)
		err = profile_load(&b->profile, &ctx->home);
	return err == 0 ? EXIT_DONE : keys_failed(ctx, err);
}

static int write_backup(struct backup *b, const struct desk *d,
			const char *path, const char *passphrase)
{
	int err = backup_fill(b, d->store, &d->identity);

	if (err == 0)
		err = backup_write(b, path, passphrase);
	if (err == 0)
		return EXIT_DONE;
	say_error(_("the backup cannot be written to %s: %s"), path,
		  err_reason(err));
	return err == ERR_FULL || err == ERR_IO ? EXIT_IO : EXIT_CREATE;
}

static int backup_file(struct ctx *ctx, const struct args *args)
{
	struct backup *b = calloc(1, sizeof(*b));
	char passphrase[PASSPHRASE_SIZE];
	struct desk d;
	int code = desk_read(&d, ctx);

	if (code == EXIT_DONE && b == NULL)
		code = exit_of(ERR_NOMEM);
	if (code == EXIT_DONE)
		code = rescue_passphrase(passphrase, args, true);
	if (code == EXIT_DONE)
		code = load_all(b, ctx, passphrase);
	if (code == EXIT_DONE)
		code = write_backup(b, &d, args->pos[0], passphrase);
	if (code == EXIT_DONE)
		warn_of_old(ctx, b->identity);
	bytes_wipe(passphrase, sizeof(passphrase));
	desk_close(&d);
	if (b != NULL)
		backup_release(b);
	free(b);
	return code;
}

static int print_code(struct ctx *ctx, const struct args *args)
{
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE], code[RECOVERY_SIZE];
	uint8_t seed[KEYFILE_SECRET];
	int exit = file != NULL ? passphrase_read(passphrase, file) : EXIT_DONE;
	int err = 0;

	if (exit == EXIT_DONE)
		err = load(&ctx->home, seed, KEY_IDENTITY,
			   file != NULL ? passphrase : NULL);
	if (exit == EXIT_DONE && err != 0)
		exit = keys_failed(ctx, err);
	if (exit == EXIT_DONE) {
		recovery_encode(code, seed);
		printf("%s\n", code);
		if (ctx->is_tty)
			qr_print(stdout, code, ctx->has_color);
		say_note(_("write it down and keep it as you keep money: who "
			   "has this code is this member"));
		warn_of_old(ctx, seed);
	}
	bytes_wipe(passphrase, sizeof(passphrase));
	bytes_wipe(code, sizeof(code));
	bytes_wipe(seed, sizeof(seed));
	return exit;
}

/* Either a file or --code. */
static bool is_usable(const struct args *args, const struct command *cmd)
{
	if (args_has(args, "code") == (args->pos_n == 0))
		return true;
	say_error(_("give either a FILE or --code"));
	cmd_usage(stderr, cmd);
	return false;
}

static int run_backup(struct ctx *ctx, const struct args *args)
{
	int code = need_home(ctx);

	if (!is_usable(args, &cmd_backup))
		return EXIT_USAGE;
	if (code != EXIT_DONE)
		return code;
	return args_has(args, "code") ? print_code(ctx, args)
				      : backup_file(ctx, args);
}

static int put_key(const struct home *h, enum home_key which,
		   const uint8_t secret[static KEYFILE_SECRET],
		   const char *passphrase)
{
	char path[HOME_PATH];
	int err = home_key_path(h, path, which);

	if (err == 0)
		err = keyfile_create(path, home_key_kind(which), secret,
				     passphrase);
	return err;
}

/* The keys of the backup, and those that a machine has of its own. */
static int make_keys(const struct backup *b, const struct home *h,
		     const char *passphrase, bool is_second)
{
	const char *seal = b->is_sealed ? passphrase : NULL;
	int err = home_create(h);

	if (err == 0)
		err = profile_save(&b->profile, h);
	if (err == 0)
		err = put_key(h, KEY_IDENTITY, b->identity, seal);
	if (err == 0)
		err = put_key(h, KEY_MEMBER, b->member, NULL);
	if (err == 0 && !is_second)
		err = put_key(h, KEY_TRANSPORT, b->transport, NULL);
	return err == 0 ? home_new_keys(h, seal) : err;
}

static int make_ledger(const struct backup *b, const struct ctx *ctx,
		       const char *passphrase, bool is_second)
{
	struct membership_start start = { .network = b->network,
					  .passphrase = passphrase,
					  .now_ms = ctx->now_ms };
	struct keeper *k;
	int err;

	if (b->is_founder) {
		start.charter = b->charter;
		start.charter_n = b->charter_n;
	}
	if (b->has_after && !is_second)
		start.after = &b->after;
	err = membership_begin(&ctx->home, &start);
	if (err == 0)
		err = keeper_open(&k, &ctx->home);
	if (err != 0)
		return err;
	err = backup_keep(b, k->store);
	keeper_close(k);
	return err;
}

static int restore_file(struct ctx *ctx, const struct args *args)
{
	struct backup *b = calloc(1, sizeof(*b));
	bool is_second = args_has(args, "second");
	char passphrase[PASSPHRASE_SIZE];
	int code = b == NULL ? exit_of(ERR_NOMEM)
			     : rescue_passphrase(passphrase, args, false);
	int err;

	if (code != EXIT_DONE)
		goto done;
	code = rescue_file(b, args->pos[0], passphrase);
	if (code != EXIT_DONE)
		goto done;
	err = make_keys(b, &ctx->home, passphrase, is_second);
	if (err == 0)
		err = make_ledger(b, ctx, passphrase, is_second);
	if (err != 0) {
		say_error(_("%s cannot be restored: %s"), ctx->home.dir,
			  err_reason(err));
		code = err == ERR_FULL || err == ERR_IO ? EXIT_IO : EXIT_CREATE;
		goto done;
	}
	say_note(_("'maillon up' fetches what this member has recorded from "
		   "the others"));
done:
	bytes_wipe(passphrase, sizeof(passphrase));
	if (b != NULL)
		backup_release(b);
	free(b);
	return code;
}

static int restore_code(struct ctx *ctx, const struct args *args)
{
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE], path[HOME_PATH];
	uint8_t seed[SEED_SIZE];
	int code = file != NULL ? passphrase_read(passphrase, file) : EXIT_DONE;
	int err;

	if (code == EXIT_DONE)
		code = rescue_code(seed);
	if (code != EXIT_DONE)
		goto done;
	err = home_create(&ctx->home);
	if (err == 0)
		err = put_key(&ctx->home, KEY_IDENTITY, seed,
			      file != NULL ? passphrase : NULL);
	if (err != 0) {
		say_error(_("the keys cannot be written to %s: %s"),
			  ctx->home.keys, err_reason(err));
		code = EXIT_CREATE;
		goto done;
	}
	code = newhome_make(ctx, args, &cmd_restore);
	if (code != EXIT_DONE) {
		if (home_key_path(&ctx->home, path, KEY_IDENTITY) == 0)
			unlink(path);
		goto done;
	}
	say_note(_("now join the network again with any link of it; the "
		   "member is known there"));
done:
	bytes_wipe(passphrase, sizeof(passphrase));
	bytes_wipe(seed, sizeof(seed));
	return code;
}

static int run_restore(struct ctx *ctx, const struct args *args)
{
	if (!is_usable(args, &cmd_restore))
		return EXIT_USAGE;
	if (home_exists(&ctx->home)) {
		say_error(_("there are keys in %s already; restore into an "
			    "empty home (--home DIR)"),
			  ctx->home.dir);
		return EXIT_CREATE;
	}
	return args_has(args, "code") ? restore_code(ctx, args)
				      : restore_file(ctx, args);
}

const struct command cmd_backup = {
	.name = "backup",
	.run = run_backup,
	.usage = "FILE|--code [--passphrase-file F]",
	.summary = N_("keep this member's keys in a sealed file or on paper"),
	.detail = N_("The file holds the keys of the member, where its network "
		     "is and what only this home knows, sealed with a "
		     "passphrase; if the identity key is sealed, with the "
		     "same one. With --code the identity key is printed as a "
		     "code to write down. The node key is never in a backup: "
		     "a restored home writes a feed of its own."),
	.options =
		(const struct option_rule[]){
			{ "code", NULL, N_("print the recovery code") },
			{ "passphrase-file", "F",
			  N_("the passphrase is its first line; - for "
			     "stdin") },
			{ NULL, NULL, NULL } },
	.pos_max = 1,
};

const struct command cmd_restore = {
	.name = "restore",
	.run = run_restore,
	.usage = "FILE [--second] | --code --label LABEL --place PLACE "
		 "[--passphrase-file F]",
	.summary = N_("make a home out of a backup or a recovery code"),
	.detail = N_("The home must be empty. It gets a node key of its own "
		     "and fetches what the member has recorded from the "
		     "others. With --second the other machine goes on: this "
		     "one gets an address of its own too. The code is read "
		     "from stdin."),
	.options =
		(const struct option_rule[]){
			{ "second", NULL, N_("beside a machine that goes on") },
			{ "code", NULL, N_("read the recovery code") },
			{ "label", "LABEL", N_("with --code: the label") },
			{ "name", "TEXT", N_("with --code: the name") },
			{ "place", "PLACE", N_("with --code: the place") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ "passphrase-file", "F",
			  N_("the passphrase is its first line; - for "
			     "stdin") },
			{ NULL, NULL, NULL } },
	.pos_max = 1,
};
