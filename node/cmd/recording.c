#include "node/cmd/recording.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/declared.h"
#include "node/cmd/purse_remark.h"
#include "node/cmd/shelf.h"
#include "node/cmd/withdrawn.h"
#include "node/text/i18n.h"
#include "node/text/personal.h"
#include "node/text/say.h"
#include "proto/calendar.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

int recording_refuse(int err, const struct reason *why)
{
	if (why != NULL && why->text[0] != '\0')
		say_error("%s", why->text);
	else
		say_error("%s", err_reason(err));
	switch ((enum err)err) {
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_SIGNATURE:
	case ERR_CHAIN:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_CONFLICT:
	case ERR_STATE:
	case ERR_VERSION:
		return EXIT_DATA;
	case ERR_FOLDER:
	case ERR_DENIED:
	case ERR_BUSY:
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_FULL:
		break;
	}
	return exit_of(err);
}

int recording_set(struct recording *r, enum fact fact, const char *text)
{
	struct reason why = { "" };
	int err = form_set(r->form, &r->desk, fact, text, &why);

	return err == 0 ? EXIT_DONE : recording_refuse(err, &why);
}

/* One fact from an option, which a person knows by the option's name. */
static int set_option(struct recording *r, const struct option_fact *of,
		      const char *text)
{
	char called[40];
	int code;

	snprintf(called, sizeof(called), "--%s", of->option);
	r->form->called = called;
	code = recording_set(r, of->fact, text);
	r->form->called = NULL;
	return code;
}

int recording_options(struct recording *r, const struct option_fact *table)
{
	int code = EXIT_DONE;

	for (; table->option != NULL && code == EXIT_DONE; table++) {
		const char *text = args_get(r->args, table->option);

		if (text != NULL)
			code = set_option(r, table, text);
	}
	return code;
}

int recording_file(struct recording *r, const char *option, enum fact fact)
{
	const char *path = args_get(r->args, option);

	return path == NULL ? EXIT_DONE : form_doc(r->form, fact, path);
}

/* The record under our key, kept in `earlier` so that its facts stay. */
static int load_earlier(struct recording *r, const struct tag *key)
{
	struct position at;
	struct form *f = NULL;
	struct entry e;
	size_t n;
	int err = store_key_find(r->desk.store, &r->desk.identity, key, &at);

	if (err == 0)
		err = form_open(&f, r->form->rec.kind);
	if (err == 0)
		err = store_entry(r->desk.store, &at.feed, at.seq, f->room, &n);
	if (err == 0)
		err = entry_decode(&e, f->room, n);
	if (err == 0 && e.kind == f->rec.kind)
		err = record_decode(&f->rec, e.kind, e.facts, e.facts_n);
	else if (err == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		r->earlier = f;
	else
		form_close(f);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int take_key(struct recording *r)
{
	const char *text = args_get(r->args, "key");
	struct tag key;
	int err;

	if (text == NULL)
		return EXIT_DONE;
	if (text[0] == '\0') {
		say_error(_("--key is empty"));
		return EXIT_DATA;
	}
	key = desk_tag(&r->desk, text, strlen(text));
	err = form_bytes(r->form, FACT_KEY, key.b, sizeof(key.b));
	if (err == 0)
		err = load_earlier(r, &key);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

int recording_open(struct recording *r, struct ctx *ctx,
		   const struct args *args, enum kind kind)
{
	static const struct option_fact common[] = { { "when", FACT_WHEN },
						     { "for", FACT_FOR },
						     { NULL, 0 } };
	int code, err;

	*r = (struct recording){ .ctx = ctx, .args = args };
	code = desk_open(&r->desk, ctx);
	if (code == EXIT_DONE)
		code = allowed_feed(desk_roster(&r->desk), &r->desk.feed);
	if (code != EXIT_DONE)
		return code;
	err = form_open(&r->form, kind);
	if (err != 0)
		return recording_refuse(err, NULL);
	r->form->may_name = args_has(args, "public");
	code = take_key(r);
	if (code == EXIT_DONE)
		code = recording_options(r, common);
	if (code == EXIT_DONE)
		code = recording_file(r, "doc", FACT_DOC);
	return code;
}

/* What is wrong with one line, as one argument or as two. */
static int bad_line(int err, const char *first, const char *second)
{
	char text[2 * LIMIT_ITEM + 32];
	struct goods goods;

	snprintf(text, sizeof(text), "%s%s%s", first, second == NULL ? "" : " ",
		 second == NULL ? "" : second);
	if (err != ERR_LIMIT)
		say_error(_("'%s' is not a whole quantity and an item in small "
			    "letters, like 50 visor/v30"),
			  text);
	else if (parse_line(&goods, text) == 0 && goods.qty > 0)
		say_error(_("a record has at most %d lines"), LIMIT_LINES);
	else
		say_error(_("'%s': a quantity is a whole number from 1 to "
			    "%llu"),
			  text, (unsigned long long)LIMIT_QTY);
	return EXIT_DATA;
}

int recording_goods(struct recording *r, struct goods out[static LIMIT_LINES],
		    size_t *n, const char *const *arg, size_t arg_n)
{
	char text[LIMIT_ITEM + 32];
	size_t bad = 0;
	int err = parse_lines(out, n, arg, arg_n, &bad);

	(void)r;
	for (size_t i = 0; err == 0 && i < *n; i++)
		if (out[i].qty == 0) {
			snprintf(text, sizeof(text), "0 %s", out[i].item);
			return bad_line(ERR_LIMIT, text, NULL);
		}
	if (err == 0)
		return EXIT_DONE;
	return bad_line(err, arg[bad],
			strpbrk(arg[bad], " \t") == NULL && bad + 1 < arg_n
				? arg[bad + 1]
				: NULL);
}

int recording_lines(struct recording *r, enum fact fact, const char *const *arg,
		    size_t arg_n)
{
	struct goods goods[LIMIT_LINES];
	size_t n;
	int code = recording_goods(r, goods, &n, arg, arg_n);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = form_lines(r->form, fact, goods, n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

int recording_option_lines(struct recording *r, enum fact fact,
			   const char *option)
{
	const char *arg[LIMIT_LINES];
	const char *text;
	size_t n = 0, at = 0;

	while ((text = args_each(r->args, option, &at)) != NULL) {
		if (n == LIMIT_LINES) {
			say_error(_("more than %d times --%s"), LIMIT_LINES,
				  option);
			return EXIT_DATA;
		}
		arg[n++] = text;
	}
	return n == 0 ? EXIT_DONE : recording_lines(r, fact, arg, n);
}

int recording_ref(struct recording *r, struct ref_found *out, const char *text,
		  enum kind kind)
{
	uint8_t raw[LIMIT_ENTRY];
	struct reason why = { "" };
	struct entry e;
	size_t n;
	int err = ref_resolve(out, &r->desk, text, &why);

	if (err == 0)
		err = store_entry(r->desk.store, &out->feed, out->seq, raw, &n);
	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err != 0)
		return recording_refuse(err, &why);
	if (kind == 0 || e.kind == kind)
		return EXIT_DONE;
	say_error(_("'%s' is not a record of kind %s"), text,
		  kind_rule(kind)->name);
	return EXIT_DATA;
}

const struct record *recording_earlier(const struct recording *r)
{
	return r->earlier == NULL ? NULL : &r->earlier->rec;
}

uint64_t recording_date(const struct recording *r)
{
	const struct record *rec = &r->form->rec;

	return record_has(rec, FACT_WHEN) ? record_uint(rec, FACT_WHEN)
					  : r->ctx->now_ms;
}

int recording_needs(const struct recording *r, const struct command *cmd,
		    const char *option)
{
	if (args_has(r->args, option))
		return EXIT_DONE;
	say_error(_("%s needs --%s"), cmd->name, option);
	cmd_usage(stderr, cmd);
	return EXIT_USAGE;
}

static void print(const struct recording *r, const struct recorded *row)
{
	char ref[REF_TEXT], id[HEX_SIZE(ID_SIZE)];

	ref_text(ref, desk_roster(&r->desk), &row->feed, row->seq);
	hex_encode(id, row->id.b, ID_SIZE);
	printf("%s %s\n", ref, id);
}

/* Times that every kind may have. */
static void remark_times(struct recording *r)
{
	const struct record *rec = &r->form->rec;
	uint64_t date = recording_date(r);

	/* A date is midnight somewhere: a day is left to time zones. */
	if (date > r->ctx->now_ms + DAY_MS)
		remark(&r->remarks,
		       _("--when is in the future: the audit will show it"));
	if (record_has(rec, FACT_UNTIL) && record_uint(rec, FACT_UNTIL) < date)
		remark(&r->remarks, _("--until is over already"));
}

static int record(struct recording *r)
{
	struct reason why = { "" };
	struct recorded row;
	struct draft draft;
	int err = form_end(r->form, &draft, r->ctx->now_ms, &why);
	int code;

	for (size_t i = 0; i < r->desk.kept_n && err == 0; i++)
		if (r->desk.kept[i].is_public && !r->form->may_name)
			err = personal_name(r->desk.kept[i].name, &why);
	if (err != 0)
		return recording_refuse(err, &why);
	/* Asked before, said after: what was refused needs no warning. */
	shelf_remark(&r->remarks, &r->desk, NULL, &r->form->rec);
	withdrawn_remark(&r->remarks, &r->desk, &r->form->rec,
			 recording_date(r));
	remark_times(r);
	declared_remark(r);
	purse_remark(r);
	code = desk_one(&r->desk, &row, &draft);
	if (code != EXIT_DONE)
		return code;
	print(r, &row);
	if (row.was_there)
		return EXIT_DONE;
	remarks_say(&r->remarks);
	return EXIT_DONE;
}

int recording_end(struct recording *r, int code)
{
	if (code == EXIT_DONE)
		code = record(r);
	form_close(r->form);
	form_close(r->earlier);
	r->form = NULL;
	r->earlier = NULL;
	desk_close(&r->desk);
	return code;
}

bool party_is_final(const struct roster *roster, const struct party *p)
{
	const struct member *m;

	if (!p->is_member)
		return true;
	m = roster == NULL ? NULL : roster_member(roster, &p->member);
	if (m == NULL)
		return true;
	switch (m->role) {
	case ROLE_MAKER:
	case ROLE_COURIER:
	case ROLE_ASSOCIATION:
		return false;
	case ROLE_RECIPIENT:
	case ROLE_TREASURER:
	case ROLE_AUDITOR:
		return true;
	}
	return true;
}

uint64_t delivery_open(const struct delivery *d, size_t i)
{
	uint64_t gone = d->accepted[i] + d->refused[i] + d->lost[i];

	return gone >= d->line[i].qty ? 0 : d->line[i].qty - gone;
}
