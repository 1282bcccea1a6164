#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/peering.h"
#include "node/join/membership.h"
#include "node/join/newhome.h"
#include "node/keeper.h"
#include "node/net/contact.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/invite.h"
#include "proto/session/reason.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

/*
 * Reading a network that anybody may read, without being a member.
 */

enum { READ_S = 60, READ_MAX_S = 86400 };

/* What the options ask for. */
struct reading {
	struct id network;
	struct daemon_wish wish; /* one peer is named */
};

static int read_options(struct reading *r, const struct args *args)
{
	const char *network = args_get(args, "network");
	const char *timeout = args_get(args, "timeout");
	uint64_t s = READ_S;
	bool has_key;
	int code = peering_parse(&r->wish.named[0], &has_key, args->pos[0]);

	if (code != EXIT_DONE)
		return code;
	if (!has_key) {
		say_error(_("the key of the node at %s is not known; give it "
			    "as %s#KEY"),
			  r->wish.named[0].address, r->wish.named[0].address);
		return EXIT_USAGE;
	}
	if (network == NULL ||
	    parse_bytes(r->network.b, ID_SIZE, network) != 0) {
		say_error(_("--network is needed: the 64 hex digits of the "
			    "network, as whoever runs it publishes them"));
		return EXIT_USAGE;
	}
	if (timeout != NULL &&
	    (parse_uint(&s, READ_MAX_S, timeout) != 0 || s == 0)) {
		say_error(_("'%s' is no time in whole seconds"), timeout);
		return EXIT_USAGE;
	}
	r->wish.mode = DAEMON_ONCE;
	r->wish.named_n = 1;
	r->wish.timeout_ms = s * 1000;
	return EXIT_DONE;
}

static int begin(struct ctx *ctx, const struct reading *r)
{
	struct membership_start start = { .network = r->network,
					  .now_ms = ctx->now_ms };
	int code = home_exists(&ctx->home) ? EXIT_DONE : newhome_reader(ctx);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = membership_switch(&ctx->home, &r->network);
	if (err == 0)
		err = membership_begin(&ctx->home, &start);
	if (err == ERR_EXISTS) {
		say_error(_("%s is in another network; read with a home of its "
			    "own (--home DIR)"),
			  ctx->home.dir);
		return EXIT_DATA;
	}
	return err == 0 ? EXIT_DONE : newhome_begin_failed(ctx, err);
}

/* `up` dials it from now on, by itself. */
static int keep(struct keeper *k, const struct daemon_peer *peer)
{
	struct invite inv = { .transport = peer->key, .addresses_n = 1 };

	snprintf(inv.addresses[0], sizeof(inv.addresses[0]), "%s",
		 peer->address);
	return contact_keep(k->store, &inv);
}

static void say_read(struct keeper *k)
{
	uint64_t entries = 0;

	store_entry_count(k->store, &entries);
	say_note(P_("%llu entry is here; 'maillon audit' counts it again, and "
		    "'maillon up --once' fetches what is new",
		    "%llu entries are here; 'maillon audit' counts them again, "
		    "and 'maillon up --once' fetches what is new",
		    entries),
		 (unsigned long long)entries);
}

static int fetch(struct keeper *k, const struct reading *r)
{
	struct daemon_result res;
	int err;

	daemon_run(&res, k, &r->wish);
	switch (res.end) {
	case DAEMON_DONE:
		err = keep(k, &r->wish.named[0]);
		if (err != 0)
			say_warn(_("where the node is could not be kept: %s"),
				 err_reason(err));
		say_read(k);
		return EXIT_DONE;
	case DAEMON_DENIED:
	case DAEMON_ANSWERED:
		say_error(_("this network can be read by its members only; "
			    "'maillon join LINK' joins it"));
		return EXIT_DENIED;
	case DAEMON_OTHER:
		say_error(_("the node at %s cannot talk to this one: %s"),
			  res.address, bye_text(res.bye));
		return EXIT_PROTOCOL;
	case DAEMON_UNEQUAL:
		peering_unequal(&res, store_roster(k->store));
		return EXIT_AGAIN;
	case DAEMON_LATE:
		say_error(_("not in step in time; try again, or with a longer "
			    "--timeout"));
		return EXIT_AGAIN;
	case DAEMON_STOPPED:
		return EXIT_AGAIN;
	case DAEMON_ALONE:
	case DAEMON_UNREACHABLE:
		say_error(_("nobody answers at %s"), res.address);
		return EXIT_UNAVAILABLE;
	case DAEMON_SEALED:
	case DAEMON_BIND:
	case DAEMON_TROUBLE:
		break;
	}
	say_error(_("the node had to stop: %s"), err_reason(res.err));
	return exit_of(res.err);
}

static int run_read(struct ctx *ctx, const struct args *args)
{
	struct reading r = { .wish = { .mode = DAEMON_ONCE } };
	struct keeper *k = NULL;
	int code = read_options(&r, args);
	int err;

	if (code == EXIT_DONE)
		code = begin(ctx, &r);
	if (code != EXIT_DONE)
		return code;
	err = keeper_open(&k, &ctx->home);
	if (err == ERR_BUSY) {
		say_error(_("a node of %s is up already, or a command is at "
			    "work there"),
			  ctx->home.dir);
		return EXIT_AGAIN;
	}
	if (err != 0)
		return newhome_begin_failed(ctx, err);
	code = fetch(k, &r);
	keeper_close(k);
	return code;
}

const struct command cmd_read = {
	.name = "read",
	.run = run_read,
	.usage = "PEER --network HEX [--timeout S]",
	.summary = N_("read a network that anybody may read"),
	.detail = N_("Fetches the ledger of a network that was founded with "
		     "--public-read from one of its nodes, "
		     "tcp://HOST:PORT#KEY, without being a member: to audit "
		     "it, for instance. Ends when all is here; run 'maillon "
		     "up' later, or the same again, for what is new."),
	.options =
		(const struct option_rule[]){
			{ "network", "HEX", N_("the network this must be") },
			{ "timeout", "S", N_("give up then; 60 if not said") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
