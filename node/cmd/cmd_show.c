#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/branch.h"
#include "node/cmd/outcomes.h"
#include "node/cmd/recording.h"
#include "node/cmd/tell.h"
#include "node/cmd/withdrawn.h"
#include "node/ctl/desk.h"
#include "node/proof/logtree.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* One entry, and what became of it. */
struct shown {
	struct desk desk;
	struct ref_found at;
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	struct pubkey author; /* zero when it is not known */
	bool is_disputed;     /* it stands beyond the end of its feed */
	enum branch_why why;
	uint64_t last; /* its feed counts up to there */
	struct book_view view;
	bool has_view; /* open until what it lends was shown */
	struct book_record first, newest;
	bool is_about; /* a receipt or a loss, of a delivery */
	bool counts;
	bool occurred;
	bool is_corrected;
	uint8_t facts[LIMIT_ENTRY]; /* the newest */
	size_t facts_n;
	bool has_delivery;
	struct delivery delivery;
	bool has_times; /* asked for */
	struct logtree_interval times;
};

/* What the book makes of it. */
static int look_up(struct shown *s)
{
	struct book_record *rec = &s->newest;
	struct id version;
	int err = store_view_open(s->desk.store, &s->view);

	if (err != 0)
		return err;
	s->has_view = true;
	s->occurred = true;
	err = s->view.get(s->view.cookie, rec, &s->at.id);
	if (err == ERR_NOT_FOUND)
		return 0;
	s->counts = err == 0;
	s->first = *rec;
	if (err == 0)
		err = book_version(&s->view, rec, &s->occurred, &version);
	if (err == 0) {
		s->is_corrected = !id_eq(&version, &s->at.id);
		err = record_encode(&rec->rec, s->facts, sizeof(s->facts),
				    &s->facts_n);
	}
	if (err == 0 && s->e.kind == KIND_DELIVER && s->occurred) {
		err = book_delivery(&s->view, &s->delivery, &s->at.id);
		s->has_delivery = err == 0;
	}
	s->is_about = err == 0 && s->occurred &&
		      (s->e.kind == KIND_RECEIVE || s->e.kind == KIND_LOSE) &&
		      record_has(&rec->rec, FACT_DELIVER);
	return err;
}

/* A time that witnesses said, in ms; null when they said none. */
static json_t *json_time(uint64_t time_s)
{
	return time_s == 0 ? json_null()
			   : json_integer((json_int_t)time_s * 1000);
}

static json_t *json_disputed(const struct shown *s)
{
	static const char *const names[] = {
		[BRANCH_FORKED] = "forked",
		[BRANCH_OTHER] = "other-chain",
		[BRANCH_AWAITED] = "awaited",
		[BRANCH_ENDED] = "ended",
	};
	json_t *out = json_object();

	if (!s->is_disputed) {
		json_decref(out);
		return json_null();
	}
	json_put(&out, "why", json_string(names[s->why]));
	json_put(&out, "counts_to", json_integer((json_int_t)s->last));
	return out;
}

static int show_json(struct shown *s)
{
	const struct roster *roster = desk_roster(&s->desk);
	json_t *out = json_object(), *said = NULL;
	char ref[REF_TEXT];
	int err = s->has_delivery
			  ? outcomes_json(&said, &s->desk, &s->view, &s->at.id)
			  : 0;

	if (err != 0) {
		json_decref(out);
		json_decref(said);
		return recording_refuse(err, NULL);
	}
	if (said == NULL)
		said = json_null();
	ref_text(ref, roster, &s->at.feed, s->at.seq);
	json_put(&out, "schema", json_string("maillon.show/1"));
	json_put(&out, "ref", json_string(ref));
	json_put(&out, "original",
		 s->at.is_reissue ? json_id(&s->at.original) : json_null());
	json_put(&out, "entry", json_entry(&s->e, &s->at.id, roster));
	json_put(&out, "counts", json_boolean(s->counts));
	json_put(&out, "disputed", json_disputed(s));
	json_put(&out, "occurred", json_boolean(s->occurred));
	json_put(&out, "newest",
		 s->is_corrected && s->occurred
			 ? json_facts(s->facts, s->facts_n)
			 : json_null());
	json_put(&out, "delivery",
		 s->has_delivery ? outcomes_lines(&s->delivery) : json_null());
	json_put(&out, "said", said);
	if (s->has_times) {
		json_put(&out, "not_before", json_time(s->times.after_s));
		json_put(&out, "not_after", json_time(s->times.before_s));
	}
	return json_line(stdout, out);
}

static void put_row(const char *name, const void *p, size_t n)
{
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, p, n);
	printf("  %-12s %s\n", name, hex);
}

static int show_lot(void *arg, const struct verdict *v, const char *goods)
{
	struct withdrawn *w = arg;
	char text[WITHDRAWN_TEXT], ref[REF_TEXT];

	(void)goods;
	withdrawn_text(text, w, v);
	withdrawn_ref(ref, w, v);
	printf("  ");
	put_safe(stdout, v->item, v->item_n);
	fputs(": ", stdout);
	put_safe(stdout, text, strlen(text));
	printf(_(" (who may have some: 'maillon recall %s')"), ref);
	putchar('\n');
	return 0;
}

/* Was what it brought withdrawn? */
static int show_recalled(struct shown *s)
{
	struct withdrawn w;
	int err = withdrawn_open(&w, &s->desk);

	if (err == 0)
		err = withdrawn_lots(&w, &s->at.id, show_lot, &w);
	withdrawn_close(&w);
	return err;
}

static int show_outcomes(struct shown *s)
{
	if (s->counts && s->occurred &&
	    (s->e.kind == KIND_PRODUCE || s->e.kind == KIND_SUPPLY))
		return show_recalled(s);
	if (s->counts && !s->occurred && s->e.kind == KIND_DELIVER)
		return outcomes_withdrawn(&s->view, &s->newest);
	if (s->counts && s->e.kind == KIND_REQUEST)
		return outcomes_request(&s->view, &s->first,
					s->desk.ctx->now_ms);
	if (s->has_delivery)
		return outcomes_text(&s->desk, &s->view, &s->delivery,
				     &s->at.id);
	return s->is_about ? outcomes_of_text(&s->desk, &s->view, &s->newest)
			   : 0;
}

/* Between which times it was made, whatever its author's clock said. */
static void show_times(const struct shown *s)
{
	char time[TIME_SIZE];

	if (!s->has_times)
		return;
	if (s->times.after_s > 0) {
		time_text(time, s->times.after_s * 1000);
		printf(_("  not before %s, as witnesses say\n"), time);
	}
	if (s->times.before_s > 0) {
		time_text(time, s->times.before_s * 1000);
		printf(_("  not after %s, as witnesses say\n"), time);
	}
	if (s->times.after_s == 0 && s->times.before_s == 0)
		printf("  %s\n", _("no witness has said anything of its time"));
}

/* What it means that it stands beyond the end of its feed, and what to do. */
static void show_disputed(const struct shown *s)
{
	char feed[REF_TEXT];
	unsigned long long last = s->last;

	feed_text(feed, desk_roster(&s->desk), &s->at.feed);
	switch (s->why) {
	case BRANCH_FORKED:
		printf(_("In dispute, so it does not count: this feed has two "
			 "different signed entries numbered %llu, as when a "
			 "copied machine runs twice, and ends before them for "
			 "everybody."),
		       last + 1);
		putchar('\n');
		puts(_("An honest copy records again by itself what it had "
		       "recorded."));
		if (last > 0)
			puts(_("The association that admitted the member can "
			       "say which chain counts: 'maillon resolve'."));
		else
			puts(_("The association that admitted the member can "
			       "say how it came about: 'maillon resolve'."));
		break;
	case BRANCH_OTHER:
		printf(_("It does not count: this feed forked, and counts up "
			 "to "
			 "%s/%llu of the chain that was named; this is not on "
			 "it. What was honest, the member records again."),
		       feed, last);
		putchar('\n');
		break;
	case BRANCH_AWAITED:
		printf(_("It does not count as yet: this feed forked, and a "
			 "chain was named up to %s/%llu that is not held here. "
			 "It comes when this node meets others; then it shows "
			 "whether this is on it."),
		       feed, last);
		putchar('\n');
		break;
	case BRANCH_ENDED:
		printf(_("It does not count: the member closed this feed after "
			 "%s/%llu, as for a stolen machine. What was honest, "
			 "the member records again."),
		       feed, last);
		putchar('\n');
		break;
	}
}

static bool has_left(const struct shown *s)
{
	const struct member *m =
		roster_member(desk_roster(&s->desk), &s->author);

	return m != NULL && !m->is_standing;
}

static int show_text(struct shown *s)
{
	const struct roster *roster = desk_roster(&s->desk);
	const struct kind_rule *rule = kind_rule(s->e.kind);
	char ref[REF_TEXT], author[PARTY_TEXT], time[TIME_SIZE];
	struct record rec;
	int err;

	ref_text(ref, roster, &s->at.feed, s->at.seq);
	member_text(author, roster, &s->author);
	time_text(time, s->e.time_ms);
	if (s->at.is_reissue)
		put_row(_("asked for"), s->at.original.b, ID_SIZE);
	printf("%s  %s  %s  %s\n", ref, rule == NULL ? "?" : rule->name, time,
	       pubkey_is_zero(&s->author) ? "?" : author);
	put_row("id", s->at.id.b, ID_SIZE);
	put_row("feed", s->at.feed.b, KEY_SIZE);
	if (record_decode(&rec, s->e.kind, s->e.facts, s->e.facts_n) == 0)
		tell_all(stdout, &s->desk, &s->author, &rec);
	else
		printf("  %s\n", _("(of a kind or form that does not count)"));
	if (s->is_disputed)
		show_disputed(s);
	else if (rule != NULL && rule->is_recorded && !s->counts)
		printf("%s\n", _("It does not count: its author is not "
				 "admitted, or not that far."));
	else if (s->counts && has_left(s))
		puts(_("Its author is a member no longer; it counts all the "
		       "same."));
	if (!s->occurred) {
		printf("%s\n", _("It was withdrawn: it did not occur."));
	} else if (s->is_corrected &&
		   record_decode(&rec, s->e.kind, s->facts, s->facts_n) == 0) {
		printf("%s\n", _("It was corrected; this counts:"));
		tell_all(stdout, &s->desk, &s->author, &rec);
	}
	err = show_outcomes(s);
	show_times(s);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

/* The exact bytes, for b2sum and openssl; digits where a person looks on. */
static int show_raw(const struct shown *s)
{
	if (!s->desk.ctx->is_tty) {
		fwrite(s->raw, 1, s->e.raw_n, stdout);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < s->e.raw_n; i++)
		printf("%02x", (unsigned)s->raw[i]);
	putchar('\n');
	return EXIT_DONE;
}

/* An entry beyond the end of its feed; or what it was recorded again as. */
static int find_disputed(struct shown *s, size_t *n, const char *text,
			 struct reason *why)
{
	char hex[HEX_SIZE(ID_SIZE)];
	struct reason none;
	struct position at;
	int err = branch_find(&at, s->raw, n, &s->desk, text, why);

	if (err != 0)
		return err;
	hex_encode(hex, at.id.b, ID_SIZE);
	err = ref_resolve(&s->at, &s->desk, hex, &none);
	if (err == 0)
		return store_entry(s->desk.store, &s->at.feed, s->at.seq,
				   s->raw, n);
	s->at = (struct ref_found){ .feed = at.feed,
				    .seq = at.seq,
				    .id = at.id };
	s->is_disputed = true;
	s->why = branch_why(&s->last, &s->desk, &at);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int find(struct shown *s, const char *text)
{
	const struct roster_feed *f;
	struct reason why = { "" };
	size_t n;
	int err = ref_resolve(&s->at, &s->desk, text, &why);

	if (err == 0)
		err = store_entry(s->desk.store, &s->at.feed, s->at.seq, s->raw,
				  &n);
	else if (err == ERR_NOT_FOUND)
		err = find_disputed(s, &n, text, &why);
	if (err == ERR_NOT_FOUND) {
		say_error("%s", why.text);
		return EXIT_NO;
	}
	if (err == 0)
		err = entry_decode(&s->e, s->raw, n);
	if (err == 0)
		err = look_up(s);
	if (err != 0)
		return recording_refuse(err, &why);
	f = roster_feed(desk_roster(&s->desk), &s->at.feed);
	if (f != NULL)
		s->author = f->identity;
	return EXIT_DONE;
}

static int find_times(struct shown *s)
{
	int err = logtree_interval(&s->times, s->desk.store, &s->at.feed,
				   s->at.seq);

	s->has_times = err == 0;
	if (err != 0)
		say_error(_("its times cannot be worked out: %s"),
			  err_reason(err));
	return exit_of(err);
}

static int run_show(struct ctx *ctx, const struct args *args)
{
	struct shown *s = calloc(1, sizeof(*s));
	int code;

	if (s == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return EXIT_AGAIN;
	}
	code = desk_read(&s->desk, ctx);
	if (code == EXIT_DONE)
		code = find(s, args->pos[0]);
	if (code == EXIT_DONE && args_has(args, "times") && !s->is_disputed)
		code = find_times(s);
	if (code == EXIT_DONE) {
		if (args_has(args, "raw"))
			code = show_raw(s);
		else
			code = ctx->is_json ? show_json(s) : show_text(s);
	}
	if (s->has_view)
		store_view_close(s->desk.store);
	desk_close(&s->desk);
	free(s);
	return code;
}

const struct command cmd_show = {
	.name = "show",
	.run = run_show,
	.usage = "REF [--raw] [--times]",
	.summary = N_("show one record, and what became of it"),
	.detail = N_(
		"REF is LABEL/NUMBER, or at least 8 digits of an id. --raw "
		"gives the exact signed bytes, whose BLAKE2b-256 is the id."),
	.options =
		(const struct option_rule[]){
			{ "raw", NULL, N_("the signed bytes as they are") },
			{ "times", NULL,
			  N_("between which times it was made, as witnesses "
			     "say") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
