#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/followed.h"
#include "node/cmd/narrow.h"
#include "node/cmd/partial.h"
#include "node/cmd/pending.h"
#include "node/cmd/recalled.h"
#include "node/ctl/desk.h"
#include "node/net/heard.h"
#include "node/net/peerlist.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/roster/roster_limit.h"
#include "store/book.h"
#include "store/evidence.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

struct status {
	struct ctx *ctx;
	struct desk desk;
	struct narrow narrow;
	struct head tip; /* of our own feed; seq 0: nothing yet */
	uint64_t entries, feeds;
	uint64_t newest_ms;
	struct peerlist_row *peers; /* none when no daemon runs */
	size_t peers_n;
	struct heard heard; /* that others have told of */
	bool has_daemon;
};

static int count_feed(void *arg, const struct head *head)
{
	struct status *s = arg;

	if (!narrow_feed(&s->narrow, &head->feed))
		return 0;
	s->feeds++;
	s->entries += head->seq;
	return 0;
}

static int gather(struct status *s)
{
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err = store_heads(s->desk.store, count_feed, s);

	if (err == 0)
		err = heard_get(s->desk.store, &s->heard);
	if (err == 0)
		err = store_head(s->desk.store, &s->desk.feed, &s->tip);
	if (err == 0)
		err = store_entry(s->desk.store, &s->desk.feed, s->tip.seq, raw,
				  &n);
	if (err == 0 && entry_decode(&e, raw, n) == 0)
		s->newest_ms = e.time_ms;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static json_t *member_json(const struct status *s)
{
	const struct member *m =
		roster_member(s->narrow.roster, &s->desk.identity);
	json_t *out = json_object();

	json_put(&out, "identity", json_key(&s->desk.identity));
	json_put(&out, "label",
		 m == NULL ? json_null() : json_string(m->label));
	json_put(&out, "role",
		 m == NULL ? json_null()
			   : json_string(fact_rule(FACT_ROLE)->word[m->role]));
	json_put(&out, "place",
		 m == NULL ? json_null() : json_string(m->place));
	json_put(&out, "standing", json_boolean(m != NULL && m->is_standing));
	return out;
}

/* Keys that are to follow, of anybody: whose key it is should hear of it. */
static json_t *pending_list(const struct roster *r)
{
	json_t *list = json_array();
	struct rotation x;
	size_t at = 0;

	while (pending_next(&x, &at, r)) {
		json_t *o = pending_json(&x);

		json_put(&o, "identity", json_key(&x.who));
		json_put(&o, "label",
			 json_string(roster_member(r, &x.who)->label));
		json_push(&list, o);
	}
	return list;
}

static json_t *tip_json(const struct status *s)
{
	json_t *out = json_object();

	if (s->tip.seq == 0) {
		json_decref(out);
		return json_null();
	}
	json_put(&out, "seq", json_integer((json_int_t)s->tip.seq));
	json_put(&out, "id", json_id(&s->tip.id));
	return out;
}

/* What a line is about, as wide as the widest, accents counting once. */
static void put_head(const char *text)
{
	size_t width = 0;

	for (const char *p = text; *p != '\0'; p++)
		width += ((unsigned char)*p & 0xc0) != 0x80;
	printf("%s%*s", text, width < 9 ? (int)(10 - width) : 1, "");
}

/* Of how many feeds the newest entry is here, and of how many all of it. */
static json_t *tips_json(const struct status *s)
{
	json_t *out = json_object();
	struct partial p;

	partial_look(&p, s->desk.store);
	json_put(&out, "known", json_integer((json_int_t)p.feeds));
	json_put(&out, "seen", json_integer((json_int_t)(p.replayed + p.seen)));
	json_put(&out, "replayed", json_integer((json_int_t)p.replayed));
	return out;
}

/* What the daemon says; an empty list when none runs, or it is too busy. */
static json_t *peers_json(const struct status *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->peers_n; i++)
		json_array_append_new(list, peerlist_json(&s->peers[i]));
	return list;
}

static int print_json(struct status *s)
{
	json_t *out = json_object();

	json_put(&out, "schema", json_string("maillon.status/1"));
	json_put(&out, "network", json_id(roster_network(s->narrow.roster)));
	json_put(&out, "member", member_json(s));
	json_put(&out, "pending_keys", pending_list(s->narrow.roster));
	json_put(&out, "feed", json_key(&s->desk.feed));
	json_put(&out, "tip", tip_json(s));
	json_put(&out, "entries", json_integer((json_int_t)s->entries));
	json_put(&out, "feeds", json_integer((json_int_t)s->feeds));
	json_put(&out, "peers", peers_json(s));
	/* What others have told of, and is not here yet. */
	json_put(&out, "missing", json_integer((json_int_t)s->heard.entries));
	json_put(&out, "missing_feeds",
		 json_integer((json_int_t)s->heard.feeds));
	json_put(&out, "tips", tips_json(s));
	json_put(&out, "recalled", recalled_json(&s->desk));
	return json_line(stdout, out);
}

/* Was the home made to read a network, and never to join it? */
static bool is_reader(const struct status *s)
{
	struct profile p = { .label = "" };

	return profile_load(&p, &s->ctx->home) == 0 && p.label[0] == '\0';
}

static void print_member(const struct status *s)
{
	const struct roster *r = s->narrow.roster;
	const struct member *m = roster_member(r, &s->desk.identity);
	char name[PARTY_TEXT], above[PARTY_TEXT];

	member_text(name, r, &s->desk.identity);
	put_head(_("member"));
	fputs(name, stdout);
	if (m == NULL) {
		printf("  %s\n", is_reader(s) ? _("reads only")
					      : _("waiting to be admitted"));
		return;
	}
	printf("  %s  %s", fact_rule(FACT_ROLE)->word[m->role], m->place);
	if (!m->is_standing) {
		printf("  %s", _("dismissed"));
	} else if (!pubkey_is_zero(&m->admitter)) {
		member_text(above, r, &m->admitter);
		printf("  ");
		printf(_("admitted by %s"), above);
	}
	putchar('\n');
}

static void print_peer(const struct status *s, const struct peerlist_row *row)
{
	char text[UNEQUAL_TEXT];

	put_safe(stdout, row->label, strlen(row->label));
	printf("  ");
	put_safe(stdout, row->address, strlen(row->address));
	printf("  %s", peerlist_state(row->state));
	if (row->in_step)
		printf("  %s", _("in step"));
	if (row->unequal.is_known) {
		unequal_text(text, &row->unequal, s->narrow.roster);
		printf(" (%s)", text);
	} else if (row->aside[0] != '\0') {
		printf(_("; feed %s is set aside"), row->aside);
	}
	putchar('\n');
}

static void print_peers(const struct status *s)
{
	if (!s->has_daemon) {
		put_head(_("peers"));
		puts(_("no daemon runs here; 'maillon up' starts one"));
		return;
	}
	if (s->peers_n == 0) {
		put_head(_("peers"));
		puts(_("none"));
	}
	for (size_t i = 0; i < s->peers_n; i++) {
		put_head(i == 0 ? _("peers") : "");
		print_peer(s, &s->peers[i]);
	}
}

/* Not all that others have told of is here. */
static void print_missing(const struct status *s)
{
	char text[PARTIAL_TEXT];

	if (!partial_text(text, s->desk.store))
		return;
	put_head("");
	puts(text);
}

static void print_followed(const struct status *s)
{
	struct followed f;

	if (!followed_look(&f, s->desk.store, s->narrow.roster,
			   &s->desk.identity))
		return;
	put_head(_("follows"));
	printf(_("%s only; members outside: %zu of %zu, whose records are "
		 "not fetched: at most earlier ones are here"),
	       f.names, f.outside, f.members);
	putchar('\n');
}

enum { PENDING_LINES = 8 };

static void print_pending(const struct status *s)
{
	const struct roster *r = s->narrow.roster;
	struct rotation x;
	size_t at = 0;

	for (size_t n = 0; pending_next(&x, &at, r); n++) {
		char text[PENDING_TEXT], who[PARTY_TEXT];

		put_head(n == 0 ? _("keys") : "");
		if (n == PENDING_LINES) {
			puts(_("and more; 'maillon members' shows them all"));
			break;
		}
		member_text(who, r, &x.who);
		pending_text(text, &x);
		printf("%s: %s\n", who, text);
	}
}

static int count_one(void *arg, const uint8_t *raw, size_t n)
{
	(void)raw;
	(void)n;
	++*(unsigned long long *)arg;
	return 0;
}

/* Feeds that end before what is held of them. */
static void print_disputed(const struct status *s)
{
	const struct roster *r = s->narrow.roster;

	for (size_t i = 0; i < roster_limit_count(r); i++) {
		const struct feed_limit *l = roster_limit_at(r, i);
		unsigned long long n = 0;
		char feed[REF_TEXT];

		if (store_disputed(s->desk.store, &l->feed, count_one, &n) !=
			    0 ||
		    n == 0)
			continue;
		feed_text(feed, r, &l->feed);
		put_head(_("disputed"));
		printf(P_("%llu entry after %s/%llu, which does not count "
			  "('maillon log --disputed')",
			  "%llu entries after %s/%llu, which do not count "
			  "('maillon log --disputed')",
			  n),
		       n, feed, (unsigned long long)l->limit);
		putchar('\n');
	}
}

static int print_text(struct status *s)
{
	const struct charter *c = roster_charter(s->narrow.roster);
	const struct id *network = roster_network(s->narrow.roster);
	char hex[HEX_SIZE(KEY_SIZE)], time[TIME_SIZE];

	hex_encode(hex, network->b, 8);
	put_head(_("network"));
	if (c != NULL) {
		put_safe(stdout, c->name, strlen(c->name));
		printf("  ");
	}
	printf("%s\n", hex);
	print_member(s);
	hex_encode(hex, s->desk.feed.b, 8);
	time_text(time, s->newest_ms);
	put_head(_("feed"));
	printf("%s  ", hex);
	if (s->tip.seq == 0)
		printf("%s", _("empty"));
	else
		printf(P_("%llu entry, of %s", "%llu entries, the newest of %s",
			  s->tip.seq),
		       (unsigned long long)s->tip.seq, time);
	putchar('\n');
	put_head(_("ledger"));
	printf(P_("%llu entry", "%llu entries", s->entries),
	       (unsigned long long)s->entries);
	printf(P_(" in %llu feed", " in %llu feeds", s->feeds),
	       (unsigned long long)s->feeds);
	putchar('\n');
	if (!narrow_is_on(&s->narrow))
		print_missing(s);
	print_disputed(s);
	recalled_print(&s->desk, put_head);
	print_pending(s);
	print_followed(s);
	print_peers(s);
	return EXIT_DONE;
}

/* All of one moment of the ledger, while the node goes on taking. */
static int show(struct status *s)
{
	struct book_view view;
	int code, err = store_view_open(s->desk.store, &view);

	if (err == 0) {
		err = gather(s);
		if (err != 0)
			store_view_close(s->desk.store);
	}
	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		return exit_of(err);
	}
	if (s->ctx->is_json)
		partial_note(s->desk.store, s->narrow.roster,
			     &s->desk.identity);
	allowed_warn(s->desk.store, &s->desk.identity, &s->desk.feed);
	code = s->ctx->is_json ? print_json(s) : print_text(s);
	store_view_close(s->desk.store);
	return code;
}

static int run_status(struct ctx *ctx, const struct args *args)
{
	struct status s = { .ctx = ctx };
	int code = desk_read(&s.desk, ctx);

	if (code == EXIT_DONE)
		code = narrow_open(&s.narrow, &s.desk, args);
	if (code == EXIT_DONE) {
		s.has_daemon = peerlist_ask(&s.peers, &s.peers_n,
					    ctx->home.socket) == 0;
		code = show(&s);
	}
	free(s.peers);
	desk_close(&s.desk);
	return code;
}

const struct command cmd_status = {
	.name = "status",
	.run = run_status,
	.usage = "[--under PARTY] [--place PLACE]",
	.summary = N_("this node at a glance"),
	.detail = N_("Peers are those of a running node. What is withdrawn is "
		     "told to who still has some; of a lot everybody is told, "
		     "since the running book counts items and knows no lots: "
		     "'maillon recall' says who may have some of it."),
	.more_options = narrow_options,
	.has_json = true,
};
