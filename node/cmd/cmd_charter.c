#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/cmd/table.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/party.h"
#include "node/text/personal.h"
#include "node/text/say.h"
#include "proto/charter.h"
#include "proto/roster/amendment.h"

#include <stdlib.h>
#include <string.h>

/* A charter that is being made, or signed. */
struct drafting {
	struct recording r;
	struct charter next;
	const char *wanted; /* the id asked for, or NULL */
	size_t found;
};

static json_t *founder_json(const struct founder *f)
{
	json_t *o = json_object();

	json_put(&o, "identity", json_key(&f->identity));
	json_put(&o, "label", json_string(f->label));
	json_put(&o, "name", json_string(f->name));
	json_put(&o, "place", json_string(f->place));
	return o;
}

static void put_charter_json(json_t **o, const struct id *id,
			     const struct charter *c)
{
	json_t *founders = json_array();

	for (size_t i = 0; i < c->founders_n; i++)
		json_push(&founders, founder_json(&c->founders[i]));
	json_put(o, "id", json_id(id));
	json_put(o, "name", json_string(c->name));
	json_put(o, "currency", json_string(c->currency));
	json_put(o, "public_read", json_boolean(c->is_public));
	json_put(o, "quorum", json_integer((json_int_t)c->quorum));
	json_put(o, "founders", founders);
}

static int proposal_json(void *arg, const struct proposal *p)
{
	json_t **list = arg, *o = json_object(), *by = json_array();

	put_charter_json(&o, &p->id, &p->charter);
	for (size_t i = 0; i < p->by_n; i++)
		json_push(&by, json_key(&p->by[i]));
	json_put(&o, "signed_by", by);
	json_push(list, o);
	return 0;
}

static int show_json(const struct roster *r)
{
	json_t *o = json_object(), *proposals = json_array();
	struct id id;
	uint64_t number = roster_amended(r, &id);
	int err = roster_proposals(r, proposal_json, &proposals);

	json_put(&o, "schema", json_string("maillon.charter/1"));
	json_put(&o, "network", json_id(roster_network(r)));
	json_put(&o, "number", json_integer((json_int_t)number));
	put_charter_json(&o, &id, roster_charter(r));
	json_put(&o, "proposals", proposals);
	if (err != 0) {
		json_decref(o);
		o = NULL;
	}
	return json_line(stdout, o);
}

static void put_row(struct table *t, const char *what, const char *value)
{
	table_put(t, what);
	table_put(t, value);
}

static void put_charter(struct table *t, const struct charter *c)
{
	char quorum[DEC_SIZE];

	dec_encode(quorum, c->quorum);
	put_row(t, _("name"), c->name);
	put_row(t, _("currency"), c->currency);
	put_row(t, _("strangers may read"), c->is_public ? _("yes") : _("no"));
	put_row(t, _("quorum"), quorum);
	for (size_t i = 0; i < c->founders_n; i++)
		put_row(t, _("founder"), c->founders[i].label);
}

/* A table below the other for each proposal. */
struct showing {
	const struct roster *roster;
	struct table *t;
};

static int put_proposal(void *arg, const struct proposal *p)
{
	struct showing *s = arg;
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, p->id.b, ID_SIZE);
	put_row(s->t, "", "");
	put_row(s->t, _("proposed"), hex);
	put_charter(s->t, &p->charter);
	for (size_t i = 0; i < p->by_n; i++) {
		char who[PARTY_TEXT];

		member_text(who, s->roster, &p->by[i]);
		put_row(s->t, _("signed by"), who);
	}
	return 0;
}

static int show_text(const struct roster *r)
{
	char hex[HEX_SIZE(ID_SIZE)], number[DEC_SIZE];
	struct table t;
	struct showing s = { r, &t };
	struct id id;
	int err;

	table_init(&t, "ll");
	dec_encode(number, roster_amended(r, &id));
	hex_encode(hex, id.b, ID_SIZE);
	put_row(&t, _("charter"), hex);
	put_row(&t, _("amendments"), number);
	put_charter(&t, roster_charter(r));
	err = roster_proposals(r, put_proposal, &s);
	if (err != 0)
		say_warn("%s", err_reason(err));
	return table_print(&t, stdout);
}

static int need_charter(const struct desk *d)
{
	if (roster_charter(desk_roster(d)) != NULL)
		return EXIT_DONE;
	say_error(_("the charter of this network is not here yet"));
	return EXIT_CONFIG;
}

static int show(struct ctx *ctx)
{
	struct desk d;
	int code = desk_read(&d, ctx);

	if (code == EXIT_DONE)
		code = need_charter(&d);
	if (code == EXIT_DONE)
		code = ctx->is_json ? show_json(desk_roster(&d))
				    : show_text(desk_roster(&d));
	desk_close(&d);
	return code;
}

static int need_founder(const struct drafting *x)
{
	const struct member *me =
		roster_member(desk_roster(&x->r.desk), &x->r.desk.identity);

	if (me != NULL && me->depth == 0)
		return EXIT_DONE;
	say_error(_("only the founders of a network amend its charter"));
	return EXIT_DENIED;
}

static int add_founder(struct drafting *x, const char *text)
{
	const struct roster *r = desk_roster(&x->r.desk);
	struct charter *c = &x->next;
	struct reason why = { "" };
	const struct member *m;
	struct party party;
	struct founder *f;
	int err = party_resolve(&party, r, &x->r.desk.member, text, &why);

	if (err != 0)
		return recording_refuse(err, &why);
	m = party.is_member ? roster_member(r, &party.member) : NULL;
	if (m == NULL || m->depth == 0 || c->founders_n == LIMIT_FOUNDERS) {
		say_error(_("%s cannot become a founder: that takes a member "
			    "who is none yet, and there are at most %d"),
			  text, LIMIT_FOUNDERS);
		return EXIT_DATA;
	}
	f = &c->founders[c->founders_n++];
	memset(f, 0, sizeof(*f));
	f->identity = m->identity;
	memcpy(f->label, m->label, sizeof(f->label));
	memcpy(f->name, m->name, sizeof(f->name));
	memcpy(f->place, m->place, sizeof(f->place));
	return EXIT_DONE;
}

static int take_quorum(struct drafting *x)
{
	const char *text = args_get(x->r.args, "quorum");
	uint64_t n;

	if (text == NULL)
		return EXIT_DONE;
	if (parse_uint(&n, LIMIT_QUORUM, text) != 0) {
		say_error(
			_("'%s' is no quorum: a number from 0 to 64 is wanted"),
			text);
		return EXIT_DATA;
	}
	x->next.quorum = (unsigned)n;
	return EXIT_DONE;
}

static int take_public(struct drafting *x)
{
	const char *text = args_get(x->r.args, "public-read");

	if (text == NULL)
		return EXIT_DONE;
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) {
		say_error(_("--public-read is 'yes' or 'no', not '%s'"), text);
		return EXIT_DATA;
	}
	x->next.is_public = text[0] == 'y';
	return EXIT_DONE;
}

static int take_name(struct drafting *x)
{
	const char *name = args_get(x->r.args, "name");
	struct reason why = { "" };
	size_t n;

	if (name == NULL)
		return EXIT_DONE;
	n = strlen(name);
	if (n == 0 || n > LIMIT_NAME || !utf8_is_plain(name, n)) {
		say_error(_("the network's name must have 1 to 64 bytes of "
			    "text on one line"));
		return EXIT_DATA;
	}
	if (!args_has(x->r.args, "public") &&
	    personal_text("--name", name, false, &why) != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	memcpy(x->next.name, name, n + 1);
	return EXIT_DONE;
}

static int change(struct drafting *x)
{
	const char *text;
	size_t at = 0;
	int code = take_name(x);

	if (code == EXIT_DONE)
		code = take_quorum(x);
	if (code == EXIT_DONE)
		code = take_public(x);
	while (code == EXIT_DONE &&
	       (text = args_each(x->r.args, "founder", &at)) != NULL)
		code = add_founder(x, text);
	return code;
}

static int match(void *arg, const struct proposal *p)
{
	struct drafting *x = arg;
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, p->id.b, ID_SIZE);
	if (strncmp(hex, x->wanted, strlen(x->wanted)) != 0)
		return 0;
	x->next = p->charter;
	x->found++;
	return 0;
}

/* The proposal that somebody else made. */
static int choose(struct drafting *x)
{
	int err;

	x->wanted = x->r.args->pos[1];
	err = strlen(x->wanted) < 8
		      ? 0
		      : roster_proposals(desk_roster(&x->r.desk), match, x);
	if (err != 0)
		return recording_refuse(err, NULL);
	if (x->found == 1)
		return EXIT_DONE;
	say_error(_("'%s' is no charter that is proposed now: 'maillon "
		    "charter' lists them; give 8 digits or more"),
		  x->wanted);
	return EXIT_DATA;
}

static int fill(struct drafting *x)
{
	const struct roster *r = desk_roster(&x->r.desk);
	uint8_t bytes[LIMIT_CHARTER];
	char number[DEC_SIZE];
	struct id now, next;
	size_t n;
	int err;

	dec_encode(number, roster_amended(r, &now) + 1);
	err = charter_encode(bytes, &n, &x->next);
	if (err == 0) {
		next = hash_id(bytes, n);
		/* An amendment that changes nothing only uses a number up. */
		charter_id(&now, roster_charter(r));
		if (id_eq(&now, &next)) {
			say_error(_("nothing is changed: see 'maillon charter "
				    "--help'"));
			return EXIT_DATA;
		}
		err = form_bytes(x->r.form, FACT_CHARTER, bytes, n);
	}
	if (err == 0)
		err = form_text(x->r.form, FACT_NUMBER, number);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int amend(struct ctx *ctx, const struct args *args, bool is_new)
{
	struct drafting *x = calloc(1, sizeof(*x));
	int code;

	if (x == NULL)
		return exit_of(ERR_NOMEM);
	code = recording_open(&x->r, ctx, args, KIND_CHARTER);
	if (code == EXIT_DONE)
		code = need_charter(&x->r.desk);
	if (code == EXIT_DONE)
		code = need_founder(x);
	if (code == EXIT_DONE) {
		x->next = *roster_charter(desk_roster(&x->r.desk));
		code = is_new ? change(x) : choose(x);
	}
	if (code == EXIT_DONE)
		code = fill(x);
	code = recording_end(&x->r, code);
	free(x);
	return code;
}

static int run_charter(struct ctx *ctx, const struct args *args)
{
	const char *what = args->pos_n > 0 ? args->pos[0] : "";

	if (args->pos_n == 0 && args->opt_n == 0)
		return show(ctx);
	if (strcmp(what, "amend") == 0 && args->pos_n == 1)
		return amend(ctx, args, true);
	if (strcmp(what, "sign") == 0 && args->pos_n == 2 && args->opt_n == 0)
		return amend(ctx, args, false);
	cmd_usage(stderr, &cmd_charter);
	return EXIT_USAGE;
}

const struct command cmd_charter = {
	.name = "charter",
	.run = run_charter,
	.usage = "[amend [--name TEXT] [--quorum N] [--public-read yes|no] "
		 "[--founder PARTY]... | sign ID]",
	.summary = N_("show the network's charter, or amend it"),
	.detail = N_("The founders amend their charter: 'charter amend' "
		     "proposes, and signs, a new one; the others, once they "
		     "have received it, say 'charter sign ID'. It is in force "
		     "when more than half of them have signed. A founder is "
		     "never taken away again, and the currency stays."),
	.options =
		(const struct option_rule[]){
			{ "name", "TEXT", N_("another name of the network") },
			{ "quorum", "N",
			  N_("cosignatures that make a time certain") },
			{ "public-read", "yes|no",
			  N_("may strangers read the ledger") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ "founder", "PARTY...",
			  N_("a member who becomes a founder too") },
			{ NULL, NULL, NULL } },
	.pos_max = 2,
	.has_json = true,
};
