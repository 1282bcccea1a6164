#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/ctl/desk.h"
#include "node/text/form.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/wr.h"
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>

/* What a dismissal says: which admissions go, and how far the member's feeds
 * still count: as far as they are held here now. */
struct dismissal {
	struct desk desk;
	struct form *form;
	const struct member *who;
	struct id admits[LIMIT_PINS];
	size_t admits_n;
	struct position pins[LIMIT_PINS];
	size_t pins_n;
	uint8_t room[FORM_ROOM];
};

static int by_id(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* The admissions that are ours to take away: our own, and those by people
 * below us. */
static void find_admits(struct dismissal *x)
{
	const struct roster *r = desk_roster(&x->desk);
	const struct pubkey *me = &x->desk.identity;

	for (size_t i = 0; i < roster_count(r); i++) {
		const struct pubkey *author = &roster_at(r, i)->identity;
		struct id id;

		if (x->admits_n == LIMIT_PINS)
			break;
		if ((pubkey_eq(author, me) || roster_is_below(r, author, me)) &&
		    roster_standing_admit(r, &id, &x->who->identity, author))
			x->admits[x->admits_n++] = id;
	}
	qsort(x->admits, x->admits_n, sizeof(x->admits[0]), by_id);
}

static int find_pins(struct dismissal *x)
{
	const struct roster *r = desk_roster(&x->desk);

	for (size_t i = 0; i < roster_feed_count(r); i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		struct head head;
		int err;

		if (!pubkey_eq(&f->identity, &x->who->identity))
			continue;
		err = store_head(x->desk.store, &f->feed, &head);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err != 0)
			return err;
		if (x->pins_n == LIMIT_PINS)
			return ERR_LIMIT;
		x->pins[x->pins_n++] =
			(struct position){ head.feed, head.seq, head.id };
	}
	return 0;
}

static int set_lists(struct dismissal *x)
{
	struct wr w;
	int err;

	wr_init(&w, x->room, sizeof(x->room));
	wr_array(&w, (uint32_t)x->admits_n);
	for (size_t i = 0; i < x->admits_n; i++)
		wr_bin(&w, x->admits[i].b, ID_SIZE);
	err = form_bytes(x->form, FACT_ADMITS, w.p, w.n);
	return err == 0 ? form_positions(x->form, FACT_PINS, x->pins, x->pins_n)
			: err;
}

/* Who is meant, and is it ours to dismiss them? */
static int find_who(struct dismissal *x, const char *text)
{
	const struct roster *r = desk_roster(&x->desk);
	struct reason why;
	struct party party;
	int err = party_resolve(&party, r, &x->desk.member, text, &why);

	if (err != 0 || !party.is_member) {
		say_error("%s", err != 0 ? why.text
					 : _("only a member can be dismissed"));
		return EXIT_DATA;
	}
	x->who = roster_member(r, &party.member);
	if (x->who == NULL || !x->who->is_standing) {
		say_error(_("%s is dismissed already"), text);
		return EXIT_DATA;
	}
	find_admits(x);
	if (x->admits_n > 0)
		return EXIT_DONE;
	if (x->who->depth == 0)
		say_error(_("%s is a founder, whom nobody can dismiss"), text);
	else
		say_error(_("%s was admitted neither by you nor by anybody "
			    "below you: ask the association that did"),
			  text);
	return EXIT_DENIED;
}

static int record(struct dismissal *x, struct ctx *ctx, const struct args *args)
{
	struct recorded out;
	struct draft draft;
	struct reason why = { "" };
	char ref[REF_TEXT], hex[HEX_SIZE(ID_SIZE)];
	int err = form_open(&x->form, KIND_DISMISS);
	int code;

	if (err == 0) {
		x->form->may_name = args_has(args, "public");
		err = form_bytes(x->form, FACT_WHO, x->who->identity.b,
				 KEY_SIZE);
	}
	if (err == 0)
		err = find_pins(x);
	if (err == 0)
		err = set_lists(x);
	if (err == 0)
		err = form_set(x->form, NULL, FACT_REASON,
			       args_get(args, "reason"), &why);
	if (err == 0)
		err = form_end(x->form, &draft, ctx->now_ms, &why);
	if (err != 0)
		return recording_refuse(err, why.text[0] != '\0' ? &why : NULL);
	code = desk_one(&x->desk, &out, &draft);
	if (code != EXIT_DONE)
		return code;
	ref_text(ref, desk_roster(&x->desk), &out.feed, out.seq);
	hex_encode(hex, out.id.b, ID_SIZE);
	printf("%s %s\n", ref, hex);
	return out_end();
}

static int run_dismiss(struct ctx *ctx, const struct args *args)
{
	struct dismissal *x;
	int code;

	if (!args_has(args, "reason")) {
		say_error(_("'dismiss' needs --reason"));
		cmd_usage(stderr, &cmd_dismiss);
		return EXIT_USAGE;
	}
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return exit_of(ERR_NOMEM);
	code = desk_open(&x->desk, ctx);
	if (code == EXIT_DONE)
		code = find_who(x, args->pos[0]);
	if (code == EXIT_DONE)
		code = record(x, ctx, args);
	form_close(x->form);
	desk_close(&x->desk);
	free(x);
	return code;
}

static const struct option_rule options[] = {
	{ "reason", "TEXT", N_("why; everybody in the network can read this") },
	{ "public", NULL,
	  N_("a telephone number, an e-mail address or a bank account in a "
	     "text is meant to be read by everybody") },
	{ NULL, NULL, NULL },
};

const struct command cmd_dismiss = {
	.name = "dismiss",
	.run = run_dismiss,
	.usage = "PARTY --reason TEXT",
	.summary = N_("end a membership that you, or those below you, gave"),
	.detail = N_("What the member recorded until now, as far as it has "
		     "arrived here, goes on counting; what it signs later does "
		     "not, whatever date it writes on it. An admission by "
		     "another association stays, and while one stands nothing "
		     "changes."),
	.options = options,
	.pos_min = 1,
	.pos_max = 1,
};
