#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/branch.h"
#include "node/cmd/narrow.h"
#include "node/cmd/newest.h"
#include "node/cmd/tell.h"
#include "node/cmd/walk.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/labels.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "node/text/screen.h"

#include <string.h>

enum { MORE_AT = 16 }; /* column of a terminal where a line goes on */

/* What to list, and the feed that is being listed. */
struct listing {
	struct desk *desk;
	struct narrow narrow;
	struct labels labels; /* of text; JSON has none that is searched for */
	const struct kind_rule *kind; /* NULL: all */
	bool has_author;
	struct pubkey author;
	uint64_t since_ms;
	struct pubkey feed;
	struct pubkey feed_author; /* zero when it is not known */
	char feed_name[REF_TEXT];
	int code;
};

static int want_feed(void *arg, const struct pubkey *feed)
{
	struct listing *l = arg;
	const struct roster_feed *f = roster_feed(l->narrow.roster, feed);

	if (l->has_author &&
	    (f == NULL || !pubkey_eq(&f->identity, &l->author)))
		return 0;
	return narrow_feed(&l->narrow, feed);
}

/* Once a feed is enough. */
static void begin_feed(struct listing *l, const struct pubkey *feed)
{
	const struct roster_feed *f;

	if (l->feed_name[0] != '\0' && pubkey_eq(&l->feed, feed))
		return;
	f = roster_feed(l->narrow.roster, feed);
	l->feed = *feed;
	l->feed_author = f == NULL ? (struct pubkey){ { 0 } } : f->identity;
	labels_feed(&l->labels, l->feed_name, feed);
}

static void print_line(struct listing *l, const struct entry *e)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	char time[TIME_SIZE], ref[REF_TEXT + DEC_SIZE + 1];
	size_t columns = screen_columns(stdout), at;
	struct screen_line line;
	struct record rec;
	FILE *file;

	time_text(time, e->time_ms);
	snprintf(ref, sizeof(ref), "%s/%llu", l->feed_name,
		 (unsigned long long)e->seq);
	at = (size_t)printf("%-14s  %-20s  %-10s  ", ref, time,
			    rule == NULL ? "?" : rule->name);
	file = screen_begin(&line, stdout, columns);
	if (record_decode(&rec, e->kind, e->facts, e->facts_n) == 0)
		tell_line(file, l->desk, &l->feed_author, &rec);
	else
		fputs(_("(of a kind or form that does not count)"), file);
	screen_end(&line, stdout, at, MORE_AT, columns);
}

static int list_entry(void *arg, const struct entry *e)
{
	struct listing *l = arg;
	struct id id;

	if ((l->kind != NULL && e->kind != l->kind->kind) ||
	    e->time_ms < l->since_ms)
		return 0;
	if (l->desk->ctx->is_json) {
		id = entry_id(e);
		l->code =
			json_line(stdout, json_entry(e, &id, l->narrow.roster));
	} else {
		begin_feed(l, &e->feed);
		print_line(l, e);
	}
	/* Nobody reads on: stop here instead of at the end of the ledger. */
	if (ferror(stdout))
		l->code = EXIT_IO;
	return l->code;
}

static int list_disputed(void *arg, const uint8_t *raw, size_t n)
{
	struct listing *l = arg;
	struct entry e;

	if (entry_decode(&e, raw, n) != 0)
		return ERR_FORMAT;
	return want_feed(l, &e.feed) ? list_entry(l, &e) : 0;
}

static int list_newest(void *arg, const struct entry *e)
{
	struct listing *l = arg;

	return want_feed(l, &e->feed) ? list_entry(l, e) : 0;
}

/* The entries that the options ask for. */
static int list(struct listing *l, const struct args *args)
{
	const struct walker w = { want_feed, list_entry, l };

	if (args_has(args, "disputed"))
		return branch_each(l->desk, list_disputed, l);
	if (!args_has(args, "recent"))
		return walk(l->desk->store, &w);
	say_note(_("signed by their authors and not replayed yet: these "
		   "entries are in no figure"));
	return newest_each(l->desk->store, list_newest, l);
}

static int take_filters(struct listing *l, const struct args *args)
{
	const char *kind = args_get(args, "kind");
	const char *author = args_get(args, "author");
	const char *since = args_get(args, "since");
	struct reason why = { "" };
	struct party party;

	if (kind != NULL) {
		l->kind = kind_named(kind, strlen(kind));
		if (l->kind == NULL) {
			say_error(_("there is no kind '%s'"), kind);
			return EXIT_DATA;
		}
	}
	if (since != NULL && parse_time(&l->since_ms, since) != 0) {
		say_error(_("'%s' is not a date or an ISO 8601 time of 1970 to "
			    "9999"),
			  since);
		return EXIT_DATA;
	}
	if (author == NULL)
		return EXIT_DONE;
	if (party_resolve(&party, l->narrow.roster, &l->desk->member, author,
			  &why) != 0 ||
	    !party.is_member) {
		say_error("%s", why.text[0] == '\0' ? _("an author is a member")
						    : why.text);
		return EXIT_DATA;
	}
	l->has_author = true;
	l->author = party.member;
	return EXIT_DONE;
}

static int run_log(struct ctx *ctx, const struct args *args)
{
	struct desk desk;
	struct listing l = { .desk = &desk };
	int code = EXIT_DONE;
	int err;

	if (args_has(args, "disputed") && args_has(args, "recent")) {
		say_error(_("--disputed and --recent are two lists"));
		return EXIT_USAGE;
	}
	code = desk_read(&desk, ctx);
	if (code == EXIT_DONE)
		code = narrow_open(&l.narrow, &desk, args);
	if (code == EXIT_DONE)
		code = take_filters(&l, args);
	if (code == EXIT_DONE && !ctx->is_json &&
	    labels_open(&l.labels, l.narrow.roster) != 0)
		code = exit_of(ERR_NOMEM);
	if (code == EXIT_DONE) {
		err = list(&l, args);
		code = l.code;
		if (err < 0) {
			say_error(_("the ledger cannot be read: %s"),
				  err_reason(err));
			code = exit_of(err);
		}
	}
	labels_close(&l.labels);
	desk_close(&desk);
	return code;
}

const struct command cmd_log = {
	.name = "log",
	.run = run_log,
	.usage = "[--kind K] [--author PARTY] [--since TIME] [--disputed] "
		 "[--recent] [--under PARTY] [--place PLACE]",
	.summary = N_("list the entries of the ledger"),
	.detail = N_("Entries stand in the order of feed and number. Times are "
		     "what the authors' clocks said."),
	.options =
		(const struct option_rule[]){
			{ "kind", "K", N_("only entries of this kind") },
			{ "author", "PARTY", N_("only those of this member") },
			{ "since", "TIME", N_("only those made since then") },
			{ "disputed", NULL,
			  N_("instead, entries that do not count because their "
			     "feed ends before them") },
			{ "recent", NULL,
			  N_("instead, the newest entries of feeds whose "
			     "history "
			     "is still to come") },
			{ NULL, NULL, NULL } },
	.more_options = narrow_options,
	.has_json = true,
};
