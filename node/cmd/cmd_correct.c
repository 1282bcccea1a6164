#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "crypto/hash.h"
#include "node/cmd/commitment.h"
#include "node/cmd/declared.h"
#include "node/cmd/figures.h"
#include "node/cmd/recording.h"
#include "node/cmd/recount.h"
#include "node/cmd/resend.h"
#include "node/cmd/shelf.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"

#include <string.h>

/* A record of ours that is being corrected. */
struct target {
	struct recording *r;
	const struct kind_rule *rule;
	struct id first;    /* as it was first written */
	struct id version;  /* the newest, which the correction names */
	struct form *facts; /* its facts, being changed; owned */
	struct form *was;   /* as they were, bytes lent by facts; owned */
	bool occurred;
	unsigned corrections; /* made so far, as they count */
};

/* Take over the facts of a version. */
static int take_facts(struct target *t, const uint8_t *p, size_t n)
{
	struct form *f = t->facts;

	form_init(f, (enum kind)t->rule->kind);
	if (n > FORM_ROOM)
		return ERR_LIMIT;
	memcpy(f->room, p, n);
	f->used = n;
	return record_decode(&f->rec, t->rule->kind, f->room, n);
}

/* While one waits to be admitted nothing counts, and the book shows nothing;
 * our own feed does. */
static int follow(void *arg, const uint8_t *raw, size_t n)
{
	struct target *t = arg;
	struct record rec;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0 || e.kind != KIND_CORRECT ||
	    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0)
		return err;
	id = record_id(&rec, FACT_TARGET);
	if (!id_eq(&id, &t->version))
		return 0;
	t->version = entry_id(&e);
	t->occurred = record_has(&rec, FACT_FACTS);
	return t->occurred
		       ? take_facts(t, rec.v[FACT_FACTS].p, rec.v[FACT_FACTS].n)
		       : 0;
}

static int take_version(void *arg, const struct book_record *rec,
			const struct book_record *by, bool occurred)
{
	struct target *t = arg;

	(void)rec;
	t->corrections += by->rec.kind == KIND_CORRECT;
	t->version = by->id;
	t->occurred = occurred;
	return 0;
}

static int newest_counted(struct target *t)
{
	struct book_view view;
	struct book_record rec;
	uint8_t facts[LIMIT_ENTRY];
	size_t n;
	int err = store_view_open(t->r->desk.store, &view);

	if (err != 0)
		return err;
	err = view.get(view.cookie, &rec, &t->version);
	if (err == 0)
		err = book_versions(&view, &rec, take_version, t);
	if (err == 0)
		err = record_encode(&rec.rec, facts, sizeof(facts), &n);
	if (err == 0)
		err = take_facts(t, facts, n);
	store_view_close(t->r->desk.store);
	return err;
}

/* The record as it was first written; EXIT codes. */
static int load(struct target *t, const struct ref_found *found,
		const char *text)
{
	const struct desk *d = &t->r->desk;
	const struct roster_feed *feed =
		roster_feed(desk_roster(d), &found->feed);
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err = store_entry(d->store, &found->feed, found->seq, raw, &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err != 0)
		return recording_refuse(err, NULL);
	if (feed == NULL || !pubkey_eq(&feed->identity, &d->identity)) {
		say_error(_("'%s' is somebody else's record; only its author "
			    "can correct it"),
			  text);
		return EXIT_DENIED;
	}
	t->rule = kind_rule(e.kind);
	if (t->rule == NULL || !t->rule->is_recorded ||
	    e.kind == KIND_CORRECT) {
		say_error(_("'%s' is of a kind that is not corrected"), text);
		return EXIT_DATA;
	}
	t->first = t->version = found->id;
	t->occurred = true;
	err = form_open(&t->facts, (enum kind)e.kind);
	if (err == 0)
		t->facts->may_name = args_has(t->r->args, "public");
	if (err == 0)
		err = newest_counted(t);
	if (err == ERR_NOT_FOUND) {
		err = take_facts(t, e.facts, e.facts_n);
		if (err == 0)
			err = store_entries(d->store, &found->feed,
					    found->seq + 1, follow, t);
	}
	if (err != 0)
		return recording_refuse(err, NULL);
	if (t->corrections < kind_versions(e.kind) ||
	    recording_earlier(t->r) != NULL)
		return EXIT_DONE;
	say_error(_("'%s' was corrected %d times, and more corrections do not "
		    "count: record the difference beside it"),
		  text, (int)kind_versions(e.kind));
	return EXIT_DATA;
}

/* The same command again, under its key: what it corrected then. */
static int repeat(struct target *t)
{
	const struct record *earlier = recording_earlier(t->r);
	const struct value *facts;

	if (earlier == NULL)
		return EXIT_DONE;
	t->version = record_id(earlier, FACT_TARGET);
	t->occurred = true;
	if (!record_has(earlier, FACT_FACTS))
		return EXIT_DONE;
	facts = &earlier->v[FACT_FACTS];
	return take_facts(t, facts->p, facts->n) == 0 ? EXIT_DONE : EXIT_DATA;
}

static int set_one(struct target *t, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t n = equals == NULL ? 0 : (size_t)(equals - text);
	const struct fact_rule *fact = fact_named(text, n);
	struct reason why = { "" };
	int err;

	if (equals == NULL) {
		say_error(_("'%s' is not FACT=VALUE"), text);
		return EXIT_DATA;
	}
	if (fact == NULL || !kind_takes(t->rule, fact->key)) {
		say_error(_("a record of kind %s has no fact '%.*s'"),
			  t->rule->name, (int)n, text);
		return EXIT_DATA;
	}
	if (fact->key == FACT_KEY || fact->key == FACT_ORPHAN) {
		say_error(_("a correction never changes %s"), fact->name);
		return EXIT_DATA;
	}
	if (fact->key == FACT_FINAL) {
		say_error(_("whether goods are delivered for good was "
			    "acknowledged with them: withdraw the delivery, "
			    "and record it anew"));
		return EXIT_DATA;
	}
	if (equals[1] != '\0' && commitment_is_of((enum fact)fact->key))
		return commitment_set(t->r, t->facts, &t->facts->rec,
				      fact->name, (enum fact)fact->key,
				      equals + 1);
	if (equals[1] != '\0') {
		err = form_set(t->facts, &t->r->desk, fact->key, equals + 1,
			       &why);
		return err == 0 ? EXIT_DONE : recording_refuse(err, &why);
	}
	if (kind_needs(t->rule, fact->key)) {
		say_error(_("a record of kind %s cannot be without %s"),
			  t->rule->name, fact->name);
		return EXIT_DATA;
	}
	record_unset(&t->facts->rec, fact->key);
	return EXIT_DONE;
}

static int set_all(struct target *t)
{
	struct id before = { { 0 } }, after = { { 0 } };
	enum ref ref;
	const char *text;
	size_t at = 0;
	int code = EXIT_DONE;

	book_ref(&t->facts->rec, &ref, &before);
	while (code == EXIT_DONE &&
	       (text = args_each(t->r->args, "set", &at)) != NULL)
		code = set_one(t, text);
	if (code != EXIT_DONE)
		return code;
	book_ref(&t->facts->rec, &ref, &after);
	if (!id_eq(&before, &after)) {
		say_error(_("a correction never makes a record belong to "
			    "another one: withdraw it, and record it anew"));
		return EXIT_DATA;
	}
	return EXIT_DONE;
}

/* The whole new facts, as one fact of the correction. */
static int put_facts(struct target *t)
{
	struct reason why = { "" };
	struct draft draft;
	int err = form_end(t->facts, &draft, 0, &why);

	if (err == 0)
		err = form_bytes(t->r->form, FACT_FACTS, draft.facts,
				 draft.facts_n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, &why);
}

/* Is a fact among those that --set names? */
static bool is_set(const struct target *t, enum fact fact)
{
	const char *name = fact_rule(fact)->name;
	size_t n = strlen(name), at = 0;
	const char *text;

	while ((text = args_each(t->r->args, "set", &at)) != NULL)
		if (strncmp(text, name, n) == 0 && text[n] == '=')
			return true;
	return false;
}

/* Whoever counts again says what was counted, not how the book was then. */
static int count_again(struct target *t)
{
	int err;

	if (t->rule->kind != KIND_COUNT || !is_set(t, FACT_COUNTED) ||
	    is_set(t, FACT_FOUND) || is_set(t, FACT_MISSING))
		return EXIT_DONE;
	err = recount(t->facts, &t->was->rec);
	if (err != ERR_NOT_FOUND)
		return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
	say_error(_("what was not counted then is another stock take: see "
		    "'maillon help count'"));
	return EXIT_DATA;
}

/* A service is made by being delivered, goods are not: a correction that made
 * one of the other would make them out of nothing. */
static int check_service(struct target *t)
{
	struct catalog c = { 0 };
	bool fits = true;
	int err = 0;

	if (t->rule->kind != KIND_DELIVER || recording_earlier(t->r) != NULL)
		return EXIT_DONE;
	err = figures_catalog(&c, t->r->desk.store);
	/* What was declared later, or never, was odd before. */
	if (err == 0)
		fits = declared_fits(&c, &t->facts->rec) ||
		       !declared_fits(&c, &t->was->rec);
	catalog_release(&c);
	if (err != 0)
		return recording_refuse(err, NULL);
	if (fits)
		return EXIT_DONE;
	say_error(_("a service is rendered for good, and not in one delivery "
		    "with goods: record it apart"));
	return EXIT_DATA;
}

/* What is right, in place of what was; or nothing. */
static void look_around(struct target *t, bool is_new)
{
	const struct record *before = t->occurred ? &t->was->rec : NULL;
	const struct record *after = is_new ? &t->facts->rec : NULL;

	shelf_remark(&t->r->remarks, &t->r->desk, before, after);
	if (t->rule->kind == KIND_DELIVER && before != NULL)
		resend_remark(&t->r->remarks, &t->r->desk, &t->first, before,
			      after);
}

static int check_shelf(const struct target *t)
{
	if (t->rule->kind != KIND_DELIVER ||
	    !resend_is_same_shelf(&t->r->desk, &t->facts->rec))
		return EXIT_DONE;
	say_error(_("goods are not delivered to the shelf that they are on"));
	return EXIT_DATA;
}

static int keep(struct target *t)
{
	int err = form_open(&t->was, (enum kind)t->rule->kind);

	if (err == 0)
		*t->was = *t->facts;
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

/* What the facts are now, in 32 bytes. */
static int sum_up(struct id *out, struct form *f)
{
	int err =
		record_encode(&f->rec, f->facts, sizeof(f->facts), &f->facts_n);

	if (err == 0)
		*out = hash_id(f->facts, f->facts_n);
	return err;
}

/* The facts after all --set; what says again what is there corrects nothing. */
static int change(struct target *t)
{
	bool is_again = recording_earlier(t->r) != NULL;
	struct id before, after;
	int code, err;

	record_unset(&t->facts->rec, FACT_KEY);
	record_unset(&t->facts->rec, FACT_ORPHAN);
	err = sum_up(&before, t->facts);
	if (err != 0)
		return recording_refuse(err, NULL);
	code = set_all(t);
	if (code == EXIT_DONE)
		code = count_again(t);
	/* What is wrong with the whole put_facts says. */
	if (code != EXIT_DONE || is_again || !t->occurred ||
	    sum_up(&after, t->facts) != 0 || !id_eq(&before, &after))
		return code;
	say_error(_("this changes nothing: the record says so already"));
	return EXIT_DATA;
}

static int fill(struct target *t)
{
	bool has_set = args_has(t->r->args, "set");
	bool is_new =
		record_uint(&t->r->form->rec, FACT_WHY) == WHY_INCORRECT_DATA;
	int code = EXIT_DONE;

	if (is_new && t->rule->kind == KIND_PERIOD) {
		say_error(_("the balances of a period are what they were: "
			    "withdraw it with did-not-occur, and close it "
			    "again; the audit goes on showing what came after "
			    "the first time"));
		return EXIT_DATA;
	}
	if (has_set != is_new) {
		say_error(is_new ? _("incorrect-data needs --set FACT=VALUE: "
				     "what is right")
				 : _("did-not-occur takes no --set: nothing is "
				     "left of the record"));
		return EXIT_USAGE;
	}
	if (!is_new && !t->occurred && recording_earlier(t->r) == NULL) {
		say_error(_("this record was withdrawn already"));
		return EXIT_DATA;
	}
	code = keep(t);
	if (code == EXIT_DONE && is_new)
		code = change(t);
	if (code == EXIT_DONE && is_new)
		code = check_service(t);
	if (code == EXIT_DONE && is_new)
		code = check_shelf(t);
	if (code == EXIT_DONE && is_new)
		code = put_facts(t);
	if (code == EXIT_DONE &&
	    form_bytes(t->r->form, FACT_TARGET, t->version.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	if (code == EXIT_DONE)
		look_around(t, is_new);
	return code;
}

static int run_correct(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = { { "reason", FACT_WHY },
						    { NULL, 0 } };
	struct recording r;
	struct target t = { .r = &r };
	struct ref_found found;
	int code = recording_open(&r, ctx, args, KIND_CORRECT);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_correct, "reason");
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = recording_ref(&r, &found, args->pos[0], 0);
	if (code == EXIT_DONE)
		code = load(&t, &found, args->pos[0]);
	if (code == EXIT_DONE)
		code = repeat(&t);
	if (code == EXIT_DONE)
		code = fill(&t);
	form_close(t.was);
	form_close(t.facts);
	return recording_end(&r, code);
}

const struct command cmd_correct = {
	.name = "correct",
	.run = run_correct,
	.usage = "REF --reason did-not-occur|incorrect-data [--set "
		 "FACT=VALUE]...",
	.summary = N_("correct or withdraw a record of your own"),
	.detail = N_("The record stays visible with its correction. FACT is a "
		     "name as 'maillon show REF' prints it: --set \"lines=48 "
		     "visor/v30\" --set lot=; an empty VALUE takes a fact "
		     "away. Of a stock take set 'counted': what was found or "
		     "missing follows. Who gave, who was paid and a private "
		     "note are given as text and stay in this home. A "
		     "correction may be corrected again."),
	.options =
		(const struct option_rule[]){
			{ "reason", "WHY",
			  N_("did-not-occur withdraws it, incorrect-data "
			     "changes it") },
			{ "set", "FACT=VALUE...",
			  N_("a fact as it should be") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
