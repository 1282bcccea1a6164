#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/followed.h"
#include "node/ctl/ctl.h"
#include "node/join/membership.h"
#include "node/join/newhome.h"
#include "node/keeper.h"
#include "node/net/contact.h"
#include "node/net/daemon.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/invite.h"
#include "proto/session/reason.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

/*
 * Joining a network with a link.
 */

enum { JOIN_MS = 30000, CALL_MS = 30000 };

static int bad_link(int err)
{
	if (err == ERR_VERSION)
		say_error(_(
			"this invite was made by another version of Maillon"));
	else if (err == ERR_SIGNATURE)
		say_error(_("a letter of this link is wrong or missing; copy "
			    "it again, as a whole and as it was sent"));
	else
		say_error(_("this is not an invite link; check that it was "
			    "copied as a whole"));
	return EXIT_DATA;
}

static int print_standing(const struct ctx *ctx, const char *word, int code)
{
	char print[FINGERPRINT_SIZE];
	struct pubkey identity;
	int failed = newhome_identity(ctx, &identity);

	if (failed != EXIT_DONE)
		return failed;
	fingerprint(print, &identity);
	printf("%s %s\n", word, print);
	return code;
}

static int print_admitted(const struct ctx *ctx)
{
	return print_standing(ctx, "admitted", EXIT_DONE);
}

static int print_waiting(const struct ctx *ctx)
{
	say_note(_("somebody has to accept this member; compare the "
		   "fingerprint with them, and run join again later"));
	return print_standing(ctx, "waiting", EXIT_AGAIN);
}

/* What the inviter said, other than yes. */
static int print_answer(const struct ctx *ctx, int joined)
{
	switch (joined) {
	case JOINED_WAITING:
		return print_waiting(ctx);
	case JOINED_EXPIRED:
		say_error(_("this invite has expired; ask for a new one"));
		return EXIT_DENIED;
	case JOINED_USED:
		say_error(_("this invite has been used already; ask for a new "
			    "one"));
		return EXIT_DENIED;
	case JOINED_UNKNOWN:
		say_error(_("the other side does not know this invite: it is "
			    "forged, or from another node"));
		return EXIT_DATA;
	case JOINED_PERSONAL:
		say_error(_("the other side lets nobody in by itself whose "
			    "label or name holds an e-mail address, a "
			    "telephone or a bank account number: change it, or "
			    "ask for an invite without --auto"));
		return EXIT_DATA;
	}
	say_error(_("the other side refuses this member"));
	return EXIT_DENIED;
}

static int begin_failed(const struct ctx *ctx, int err)
{
	if (err == ERR_EXISTS) {
		say_error(_("%s is in another network; join with a home of its "
			    "own (--home DIR)"),
			  ctx->home.dir);
		return EXIT_DATA;
	}
	return newhome_begin_failed(ctx, err);
}

/* Somebody else writes in this home: if it is its daemon, that one asks. */
static int ask_daemon(const struct ctx *ctx, const struct args *args)
{
	uint64_t joined = JOINED_COUNT;
	struct ctl c;
	struct rd r;
	int err;

	if (args_has(args, "follow"))
		say_warn(_("--follow changes nothing while the node is up: "
			   "'maillon up --follow' does, when it starts"));
	err = ctl_connect(&c, ctx->home.socket);
	if (err == 0)
		err = ctl_call(&c, &r, "join", NULL, 0, CALL_MS);
	if (err == 0) {
		joined = rd_uint(&r, JOINED_COUNT - 1);
		err = rd_end(&r);
	}
	ctl_close(&c);
	if (err != 0) {
		say_error(_("%s is in use by a process that does not answer; "
			    "try again"),
			  ctx->home.dir);
		return EXIT_AGAIN;
	}
	return joined == JOINED_ADMITTED ? print_admitted(ctx)
					 : print_answer(ctx, (int)joined);
}

static int begin(struct ctx *ctx, const struct args *args,
		 const struct invite *inv)
{
	const char *file = args_get(args, "passphrase-file");
	struct membership_start start = { .network = inv->network,
					  .now_ms = ctx->now_ms };
	char passphrase[PASSPHRASE_SIZE];
	int code = file != NULL ? passphrase_read(passphrase, file) : EXIT_DONE;
	int err;

	if (code != EXIT_DONE)
		return code;
	start.passphrase = file != NULL ? passphrase : NULL;
	err = membership_switch(&ctx->home, &inv->network);
	if (err == 0)
		err = membership_begin(&ctx->home, &start);
	bytes_wipe(passphrase, sizeof(passphrase));
	if (err == ERR_BUSY)
		return EXIT_AGAIN;
	return err == 0 ? EXIT_DONE : begin_failed(ctx, err);
}

static bool is_member(const struct keeper *k)
{
	const struct member *m =
		roster_member(store_roster(k->store), &k->identity);

	return m != NULL && m->is_standing;
}

static int print_result(const struct ctx *ctx, const struct daemon_result *res)
{
	switch (res->end) {
	case DAEMON_DONE:
		return print_admitted(ctx);
	case DAEMON_ANSWERED:
		return print_answer(ctx, res->joined);
	case DAEMON_OTHER:
		say_error(_("the node at %s cannot let this member in: %s"),
			  res->address, bye_text(res->bye));
		return res->bye == BYE_NETWORK ? EXIT_DATA : EXIT_PROTOCOL;
	case DAEMON_UNEQUAL:
	case DAEMON_LATE:
		if (res->joined == JOINED_ADMITTED)
			say_error(_("this member is admitted, but the roster "
				    "has not come yet; run join again"));
		else
			say_error(_("the node at %s did not answer in time; "
				    "try again"),
				  res->address);
		return EXIT_AGAIN;
	case DAEMON_STOPPED:
		return EXIT_AGAIN;
	case DAEMON_ALONE:
	case DAEMON_UNREACHABLE:
	case DAEMON_DENIED:
		say_error(_("nobody answers at %s; is the inviter's node "
			    "running?"),
			  res->address);
		return EXIT_UNAVAILABLE;
	case DAEMON_SEALED:
	case DAEMON_BIND:
	case DAEMON_TROUBLE:
		break;
	}
	say_error(_("joining failed: %s"), err_reason(res->err));
	return exit_of(res->err);
}

/* What the inviter said is worth keeping: where it is, and the link itself as
 * long as it has to be shown again. */
static int keep(struct keeper *k, const struct daemon_result *res,
		const struct invite *inv, const char *link)
{
	bool is_in = res->joined == JOINED_ADMITTED;
	int err;

	if (!is_in && res->joined != JOINED_WAITING)
		return 0;
	err = contact_keep(k->store, inv);
	if (err == 0)
		err = res->end == DAEMON_DONE ? membership_drop_link(k)
					      : membership_keep_link(k, link);
	return err;
}

static int ask(struct ctx *ctx, struct keeper *k, const struct args *args,
	       const struct invite *inv)
{
	const char *link = args->pos[0];
	const struct daemon_wish wish = { .mode = DAEMON_JOIN,
					  .timeout_ms = JOIN_MS,
					  .invite = inv };
	struct daemon_result res;
	int code =
		is_member(k) ? followed_take(k, args) : followed_wish(k, args);
	int err;

	if (code != EXIT_DONE)
		return code;
	if (is_member(k))
		return print_admitted(ctx);
	if (inv->expires_s < ctx->now_ms / 1000)
		return print_answer(ctx, JOINED_EXPIRED);
	daemon_run(&res, k, &wish);
	err = keep(k, &res, inv, link);
	if (err != 0)
		say_warn(_("where the inviter is could not be kept: %s"),
			 err_reason(err));
	code = print_result(ctx, &res);
	return code == EXIT_DONE ? followed_left(k) : code;
}

static int join(struct ctx *ctx, const struct args *args,
		const struct invite *inv)
{
	struct keeper *k;
	int code = home_exists(&ctx->home)
			   ? newhome_change(ctx, args, &cmd_join)
			   : newhome_make(ctx, args, &cmd_join);
	int err;

	if (code == EXIT_DONE)
		code = begin(ctx, args, inv);
	if (code == EXIT_AGAIN)
		return ask_daemon(ctx, args);
	if (code != EXIT_DONE)
		return code;
	err = keeper_open(&k, &ctx->home);
	if (err == ERR_BUSY)
		return ask_daemon(ctx, args);
	if (err != 0)
		return begin_failed(ctx, err);
	code = ask(ctx, k, args, inv);
	keeper_close(k);
	return code;
}

static int run_join(struct ctx *ctx, const struct args *args)
{
	const char *link = args->pos[0];
	struct invite inv;
	int err = invite_decode(&inv, link, strlen(link));
	int code;

	if (err != 0)
		return bad_link(err);
	code = join(ctx, args, &inv);
	bytes_wipe(&inv, sizeof(inv));
	return code;
}

const struct command cmd_join = {
	.name = "join",
	.run = run_join,
	.usage = "LINK [--label LABEL] [--name TEXT] [--place PLACE] "
		 "[--follow PARTY]... [--public] [--passphrase-file F]",
	.summary = N_("join a network with an invite"),
	.detail = N_("Makes the keys if there are none yet; then --label and "
		     "--place are needed; label and name are public, for "
		     "ever: for a person take a pseudonym. Prints 'admitted' "
		     "or 'waiting' and "
		     "this member's fingerprint. Who waits may record, and "
		     "asks again by running the same command. With --follow it "
		     "fetches from the start only what these members and those "
		     "below them record, beside what makes the roster."),
	.options =
		(const struct option_rule[]){
			{ "label", "LABEL", N_("how others refer to you") },
			{ "name", "TEXT", N_("a name to show, public too") },
			{ "place", "PLACE", N_("country or region: FR-88") },
			{ "follow", "PARTY...",
			  N_("hold the records of this member and those below "
			     "only, from now on; 'all' for everybody's") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ "passphrase-file", "F",
			  N_("of the identity key: to seal it, or sealed") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
