#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/followed.h"
#include "node/cmd/holding.h"
#include "node/cmd/peering.h"
#include "node/join/membership.h"
#include "node/keeper.h"
#include "node/net/contact.h"
#include "node/net/daemon.h"
#include "node/safe/heldkey.h"
#include "node/safe/renewal.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/form.h"
#include "proto/roster/rotation.h"
#include "proto/session/reason.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * A node that is up: for good, or until it is in step with its peers.
 */

#define LISTEN_DEFAULT "tcp://*:4787"

enum { ONCE_S = 30, TIMEOUT_MAX_S = 86400 };

/* A port that is to be chosen is written "*", and so is any interface. */
static bool is_listen(const char *text)
{
	char address[LIMIT_ADDRESS + 1];
	const char *colon = strrchr(text, ':');
	const char *rest = text;
	int n;

	if (colon == NULL || strlen(text) > LIMIT_ADDRESS)
		return false;
	if (strncmp(text, "tcp://*:", 8) == 0)
		rest = text + 7;
	n = snprintf(address, sizeof(address), "%s%.*s:%s",
		     rest == text ? "" : "tcp://any", (int)(colon - rest), rest,
		     strcmp(colon, ":*") == 0 ? "1" : colon + 1);
	return n > 0 && (size_t)n < sizeof(address) &&
	       address_is_valid(address, (size_t)n);
}

static int bad_address(const char *text)
{
	peering_no_address(text);
	return EXIT_USAGE;
}

/* Options that this version does not know, rather than leaving them out in
 * silence. */
static int refuse_later(const struct args *args)
{
	static const char *const later[] = { "http" };

	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (args_has(args, later[i])) {
			say_error(_("this version has no --%s yet"), later[i]);
			return EXIT_USAGE;
		}
	return EXIT_DONE;
}

static int get_listen(struct daemon_wish *w, const struct args *args)
{
	const char *text;
	size_t at = 0;

	while ((text = args_each(args, "listen", &at)) != NULL) {
		if (peering_is_linklocal(text) || !is_listen(text))
			return bad_address(text);
		if (w->listen_n == DAEMON_LISTEN) {
			say_error(_("--listen may be given %d times at most"),
				  DAEMON_LISTEN);
			return EXIT_USAGE;
		}
		w->listen[w->listen_n++] = text;
	}
	if (w->listen_n == 0 && w->mode == DAEMON_LIVE) {
		w->listen[w->listen_n++] = LISTEN_DEFAULT;
		w->may_move = true;
	}
	return EXIT_DONE;
}

static int get_announce(struct daemon_wish *w, const struct args *args)
{
	const char *text;
	size_t at = 0;

	while ((text = args_each(args, "announce", &at)) != NULL) {
		if (peering_is_linklocal(text) ||
		    !address_is_valid(text, strlen(text)))
			return bad_address(text);
		if (w->announce_n == LIMIT_ADDRESSES) {
			say_error(_("--announce may be given %d times at most"),
				  LIMIT_ADDRESSES);
			return EXIT_USAGE;
		}
		w->announce[w->announce_n++] = text;
	}
	return EXIT_DONE;
}

/* Of an option; left as it is when that was not given. */
static int get_seconds(uint64_t *ms, const struct args *args, const char *name)
{
	const char *text = args_get(args, name);
	uint64_t s;

	if (text == NULL)
		return EXIT_DONE;
	if (parse_uint(&s, TIMEOUT_MAX_S, text) != 0 || s == 0) {
		say_error(_("'%s' is no time in whole seconds"), text);
		return EXIT_USAGE;
	}
	*ms = s * 1000;
	return EXIT_DONE;
}

static int get_times(struct daemon_wish *w, const struct args *args)
{
	int code;

	w->timeout_ms = ONCE_S * 1000;
	code = get_seconds(&w->timeout_ms, args, "timeout");
	if (code == EXIT_DONE)
		code = get_seconds(&w->patience_ms, args, "patience");
	return code;
}

/* Who has published this address? */
static bool find_published(struct curvekey *out, const struct roster *r,
			   const char *address)
{
	char list[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];

	for (size_t i = 0; i < roster_feed_count(r); i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		size_t n = roster_addresses(r, &f->feed, list);

		for (size_t j = 0; j < n; j++)
			if (strcmp(list[j], address) == 0) {
				*out = f->transport;
				return true;
			}
	}
	return false;
}

static bool find_kept(struct curvekey *out, struct store *s,
		      const char *address)
{
	struct contacts *c = calloc(1, sizeof(*c));
	bool is_found = false;

	if (c == NULL || contacts_load(c, s) != 0) {
		free(c);
		return false;
	}
	for (size_t i = 0; i < c->n && !is_found; i++)
		for (size_t j = 0; j < c->row[i].address_n; j++)
			if (strcmp(c->row[i].address[j], address) == 0) {
				*out = c->row[i].key;
				is_found = true;
			}
	free(c);
	return is_found;
}

static int get_peer(struct daemon_peer *out, struct store *s, const char *text)
{
	bool has_key;
	int code = peering_parse(out, &has_key, text);

	if (code != EXIT_DONE)
		return code;
	if (has_key || find_kept(&out->key, s, out->address) ||
	    find_published(&out->key, store_roster(s), out->address))
		return EXIT_DONE;
	say_error(
		_("the key of the node at %s is not known; give it as %s#KEY"),
		out->address, out->address);
	return EXIT_CONFIG;
}

static int get_peers(struct daemon_wish *w, struct store *s,
		     const struct args *args)
{
	const char *text;
	size_t at = 0;
	int code = EXIT_DONE;

	while (code == EXIT_DONE &&
	       (text = args_each(args, "peer", &at)) != NULL) {
		if (w->named_n == DAEMON_NAMED) {
			say_error(_("--peer may be given %d times at most"),
				  DAEMON_NAMED);
			return EXIT_USAGE;
		}
		code = get_peer(&w->named[w->named_n++], s, text);
	}
	return code;
}

static int cannot_bind(const struct daemon_result *r)
{
	switch (r->err) {
	case ERR_EXISTS:
		say_error(_("cannot listen on %s: another program does"),
			  r->address);
		return EXIT_UNAVAILABLE;
	case ERR_NOT_FOUND:
		say_error(_("cannot listen on %s: this machine does not have "
			    "that address"),
			  r->address);
		return EXIT_CONFIG;
	case ERR_DENIED:
		say_error(_("cannot listen on %s: it is not permitted"),
			  r->address);
		return EXIT_DENIED;
	}
	say_error(_("cannot listen on %s: %s"), r->address, err_reason(r->err));
	return exit_of(r->err);
}

static int trouble(const struct daemon_result *r)
{
	if (r->err == ERR_VERSION) {
		say_error(
			_("libzmq is not here, too old, or built without what "
			  "keeps strangers out; 4.3.3 or later with CURVE is "
			  "needed"));
		return EXIT_CONFIG;
	}
	say_error(_("the node had to stop: %s"), err_reason(r->err));
	return exit_of(r->err);
}

/* Whoever is a member as far as is known here may not be one where another
 * identity key of its own is in force. */
static int not_in_roster(const struct daemon_result *r, const struct keeper *k)
{
	const struct roster *roster = store_roster(k->store);
	struct pubkey later;

	if (heldkey_is_behind(k->store, roster, &k->identity) ||
	    (roster != NULL && roster_key_at(roster, &later, &k->identity, 1)))
		say_error(
			_("the node at %s does not know this machine as one of "
			  "its member's: another identity key is in force "
			  "there. If another machine made it, read a bundle "
			  "file from there with 'maillon import bundle FILE', "
			  "then take the key over with 'maillon rotate --adopt "
			  "FILE', from a backup made there; if this home was "
			  "an old copy when it made its own, restore a backup "
			  "made before that; if two copies of a machine went "
			  "on, ask your association to say which counts "
			  "('maillon resolve')"),
			r->address);
	else
		say_error(_("the node at %s does not have this member in its "
			    "roster: %s"),
			  r->address,
			  r->joined >= 0 ? joined_text((enum joined)r->joined)
					 : bye_text(BYE_DENIED));
	return EXIT_DENIED;
}

static int print_result(const struct daemon_wish *w,
			const struct daemon_result *r, const struct keeper *k)
{
	switch (r->end) {
	case DAEMON_DONE:
		return EXIT_DONE;
	case DAEMON_STOPPED:
		return w->mode == DAEMON_LIVE ? EXIT_DONE : EXIT_AGAIN;
	case DAEMON_ALONE:
		say_error(_("no peer is known; give one with --peer"));
		return EXIT_CONFIG;
	case DAEMON_UNREACHABLE:
		say_error(_("nobody answers at %s"), r->address);
		return EXIT_UNAVAILABLE;
	case DAEMON_DENIED:
	case DAEMON_ANSWERED:
		return not_in_roster(r, k);
	case DAEMON_OTHER:
		say_error(_("the node at %s cannot talk to this one: %s"),
			  r->address, bye_text(r->bye));
		return EXIT_PROTOCOL;
	case DAEMON_UNEQUAL:
		peering_unequal(r, store_roster(k->store));
		return EXIT_AGAIN;
	case DAEMON_LATE:
		say_error(_("not in step in time; try again, or with a longer "
			    "--timeout"));
		return EXIT_AGAIN;
	case DAEMON_SEALED:
		return renewal_sealed(r->err);
	case DAEMON_BIND:
		return cannot_bind(r);
	case DAEMON_TROUBLE:
		break;
	}
	return trouble(r);
}

static int run_up(struct ctx *ctx, const struct args *args)
{
	struct daemon_wish w = { .mode = args_has(args, "once") ? DAEMON_ONCE
								: DAEMON_LIVE };
	const char *file = args_get(args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE];
	struct daemon_result result;
	struct invite invite;
	struct keeper *k = NULL;
	int code = refuse_later(args);

	if (code == EXIT_DONE)
		code = get_listen(&w, args);
	if (code == EXIT_DONE)
		code = get_announce(&w, args);
	if (code == EXIT_DONE)
		code = get_times(&w, args);
	if (code == EXIT_DONE)
		code = need_home(ctx);
	if (code == EXIT_DONE && file != NULL)
		code = passphrase_read(passphrase, file);
	if (code != EXIT_DONE)
		return code;
	if (file != NULL)
		ctx->home.passphrase = passphrase;
	code = holding_open(&k, ctx);
	if (code != EXIT_DONE) {
		bytes_wipe(passphrase, sizeof(passphrase));
		return code;
	}
	code = followed_take(k, args);
	if (code == EXIT_DONE)
		code = get_peers(&w, k->store, args);
	if (code == EXIT_DONE) {
		if (membership_link(k, &invite) == 0)
			w.invite = &invite;
		followed_note(k->store, store_roster(k->store), &k->identity);
		w.is_lan = w.mode == DAEMON_LIVE && !args_has(args, "no-lan");
		daemon_run(&result, k, &w);
		if (result.end != DAEMON_DENIED &&
		    result.end != DAEMON_ANSWERED)
			allowed_warn(k->store, &k->identity, &k->feed);
		code = print_result(&w, &result, k);
	}
	bytes_wipe(&invite, sizeof(invite));
	bytes_wipe(passphrase, sizeof(passphrase));
	keeper_close(k);
	return code;
}

const struct command cmd_up = {
	.name = "up",
	.run = run_up,
	.usage = "[--listen ADDR]... [--announce ADDR]... [--peer ADDR]... "
		 "[--follow PARTY]... [--no-lan] [--patience S] "
		 "[--once] [--timeout S] [--passphrase-file F]",
	.summary = N_("run this node: exchange entries with others"),
	.detail = N_("Prints 'ready ADDR' for each address it listens on; "
		     "tcp://*:4787 if none is given. It dials those that are "
		     "named with --peer, the node that invited it, and those "
		     "that members have published. An address that is given "
		     "with --announce, or in full with --listen and not this "
		     "machine's alone, is published in the ledger. Nodes of "
		     "this network on the local one are found without an "
		     "address where an avahi daemon runs, and find this one "
		     "if it listens for more than this machine; what is told "
		     "there is the node's key and eight bytes of the "
		     "network's id. With --once it ends as soon as it holds "
		     "the same as its peers. With --follow it fetches only "
		     "what these members and those below them record, beside "
		     "what makes the roster; it says so wherever it shows "
		     "figures, and remembers it."),
	.options =
		(const struct option_rule[]){
			{ "listen", "ADDR...",
			  N_("tcp://HOST:PORT; * for any port or interface") },
			{ "announce", "ADDR...",
			  N_("where others reach this node, if elsewhere") },
			{ "peer", "ADDR...",
			  N_("dial this node: tcp://HOST:PORT#KEY") },
			{ "once", NULL, N_("end when in step with the peers") },
			{ "timeout", "S",
			  N_("with --once: give up then; 30 if not said") },
			{ "passphrase-file", "F",
			  N_("the passphrase of a sealed identity key, for "
			     "a home that was put back from a copy") },
			{ "follow", "PARTY...",
			  N_("hold the records of this member and those below "
			     "only, from now on; 'all' for everybody's") },
			{ "patience", "S",
			  N_("end with a node that owes a frame and says "
			     "nothing for so long; 120 if not said") },
			{ "no-lan", NULL,
			  N_("neither look around on the local network nor be "
			     "seen there") },
			{ "http", "HOST:PORT", N_("not in this version") },
			{ NULL, NULL, NULL } },
};
