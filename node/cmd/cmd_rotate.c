#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/adopting.h"
#include "node/cmd/allowed.h"
#include "node/cmd/holding.h"
#include "node/cmd/successor.h"
#include "node/safe/newkey.h"
#include "node/safe/renewal.h"
#include "node/safe/secretfile.h"
#include "node/safe/unsent.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>

/*
 * Keys that follow others: of this node, of this member, and of a member who
 * lost everything.
 */

static int failed(const struct ctx *ctx, int err)
{
	switch (err) {
	case ERR_STATE:
	case ERR_SIGNATURE:
		return keeper_sealed(err);
	case ERR_DENIED:
		say_error(_("the identity key of this home is not in force "
			    "any more: do this where the newest one is"));
		return EXIT_DENIED;
	case ERR_LIMIT:
		say_error(_("no more keys can follow: at most %d do, with at "
			    "most %d feeds"),
			  LIMIT_ROTATIONS, LIMIT_PINS);
		return EXIT_DATA;
	}
	say_error(_("the key in %s cannot be replaced: %s"), ctx->home.keys,
		  err_reason(err));
	return exit_of(err);
}

static int print(const struct keeper *k, const struct pubkey *feed,
		 uint64_t seq, const struct id *id)
{
	char ref[REF_TEXT], hex[HEX_SIZE(ID_SIZE)];

	ref_text(ref, store_roster(k->store), feed, seq);
	hex_encode(hex, id->b, ID_SIZE);
	printf("%s %s\n", ref, hex);
	return out_end();
}

/* Beforehand: once begun, the old node key signs no more.  And only the
 * identity key in force makes a node that counts. */
static int check_identity(const struct keeper *k, const char *passphrase)
{
	const struct member *m =
		roster_member(store_roster(k->store), &k->identity);
	struct seckey *identity = NULL;
	int err = keeper_unseal(k, &identity, passphrase);
	struct pubkey pub;

	if (err != 0)
		return err;
	pub = seckey_pub(identity);
	seckey_close(identity);
	return m != NULL && pubkey_eq(&m->key, &pub) ? 0 : ERR_DENIED;
}

static int rotate_node(struct ctx *ctx, struct keeper *k)
{
	struct head head;
	int err = check_identity(k, ctx->home.passphrase);

	if (err == 0)
		err = renewal_begin(k, NULL);
	if (err == 0)
		err = unsent_reissue(k);
	if (err == 0)
		err = store_head(k->store, &k->feed, &head);
	return err == 0 ? print(k, &head.feed, head.seq, &head.id)
			: failed(ctx, err);
}

static int rotate_identity(struct ctx *ctx, struct keeper *k)
{
	struct recorded out;
	int err = newkey_make(k, &out, ctx->home.passphrase, ctx->now_ms);

	if (err != 0)
		return failed(ctx, err);
	say_note(
		_("the identity key of this member is a new one: what you "
		  "recorded stays yours, and the old key makes no more nodes"));
	say_note(_("let the others know of it now, with 'maillon up': before "
		   "they do, a machine that has only the new key reaches "
		   "nobody"));
	say_note(_("backups and recovery codes made so far restore nothing "
		   "that counts any more: run 'maillon backup' again"));
	say_note(_("your other machines go on recording; each takes the new "
		   "key over with 'maillon rotate --adopt FILE', from that "
		   "backup"));
	return print(k, &out.feed, out.seq, &out.id);
}

static int rotate_here(struct ctx *ctx, const struct args *args)
{
	struct keeper *k = NULL;
	int code = holding_open(&k, ctx);

	if (code == EXIT_DONE)
		code = allowed_as(store_roster(k->store), &k->identity,
				  &k->feed);
	if (code == EXIT_DONE)
		code = args_has(args, "identity") ? rotate_identity(ctx, k)
						  : rotate_node(ctx, k);
	keeper_close(k);
	return code;
}

static int check_usage(const struct args *args)
{
	bool is_other = args->pos_n > 0;
	int here = args_has(args, "identity") + args_has(args, "adopt") +
		   args_has(args, "code");

	if (here > 1) {
		cmd_usage(stderr, &cmd_rotate);
		return EXIT_USAGE;
	}
	if (is_other == args_has(args, "to") &&
	    (is_other || !args_has(args, "from")) && !(is_other && here > 0))
		return EXIT_DONE;
	say_error(_("of another member say who, and which key follows: "
		    "'rotate PARTY --to WHO'"));
	cmd_usage(stderr, &cmd_rotate);
	return EXIT_USAGE;
}

static int run_rotate(struct ctx *ctx, const struct args *args)
{
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE] = "";
	int code = check_usage(args);

	if (code == EXIT_DONE && args->pos_n > 0)
		return successor_name(ctx, args);
	if (code == EXIT_DONE)
		code = need_home(ctx);
	if (code == EXIT_DONE &&
	    (args_has(args, "adopt") || args_has(args, "code")))
		return adopting_key(ctx, args);
	if (code == EXIT_DONE && file != NULL)
		code = passphrase_read(passphrase, file);
	if (file != NULL)
		ctx->home.passphrase = passphrase;
	if (code == EXIT_DONE)
		code = rotate_here(ctx, args);
	ctx->home.passphrase = NULL;
	bytes_wipe(passphrase, sizeof(passphrase));
	return code;
}

const struct command cmd_rotate = {
	.name = "rotate",
	.run = run_rotate,
	.usage = "[--identity | --adopt FILE | --code] [--passphrase-file F] | "
		 "PARTY --to WHO [--from KEY]",
	.summary = N_("go on under a new key of this node, or of a member"),
	.detail = N_("Makes a new node key, whose feed follows the old one: "
		     "what was recorded so far stays and counts, the member "
		     "is the same, and the old key signs no more here. For a "
		     "machine that changes hands. It does not stop somebody "
		     "who has a copy of the old key. With --identity it is "
		     "the member's identity key that is new, for a member "
		     "whose key may be known to others: the old one signs the "
		     "new one, and makes no node any more. The member's other "
		     "machines, and one restored from an older backup, take "
		     "it over with --adopt or --code; where what they "
		     "recorded does not count any more, they go on under a "
		     "new node key and record it again. Should this machine "
		     "be lost before anybody has heard of the new key, the "
		     "old one is still in force: restore a backup made before "
		     "that; who has only the new one joins again and is named "
		     "by the association. None of these while the node is up. "
		     "With PARTY an association says which key "
		     "follows for a member it admitted: WHO is somebody who "
		     "waits, the member itself on a new machine after all was "
		     "lost, and then it takes effect after some checkpoints; "
		     "or one of several keys that the old one signed for. "
		     "Of a founder the other founders say it, more than half "
		     "of all: the first names who waits at its machine, the "
		     "others the fingerprint that 'maillon members' shows. So "
		     "it takes three founders; who founded alone, or with one "
		     "other, keeps a backup or the recovery code, since "
		     "without these, and without the machine, nobody amends "
		     "the charter any more."),
	.options =
		(const struct option_rule[]){
			{ "identity", NULL,
			  N_("a new identity key, not only a node's") },
			{ "adopt", "FILE",
			  N_("take over the identity key that another machine "
			     "made, from a backup made there since") },
			{ "code", NULL,
			  N_("the same, from its recovery code on stdin") },
			{ "to", "WHO",
			  N_("who waits, or a key, that goes on as PARTY") },
			{ "from", "KEY",
			  N_("the key it follows, if not the newest: one "
			     "before a thief's") },
			{ "passphrase-file", "F",
			  N_("of the sealed identity key") },
			{ NULL, NULL, NULL } },
	.pos_max = 1,
};
