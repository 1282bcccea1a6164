#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/commitment.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * Money: what is asked for, what was given, what was spent, what the bank says.
 * Only associations and their treasurers speak for the association's purse.
 */

static int open_purse(struct recording *r, struct ctx *ctx,
		      const struct args *args, enum kind kind)
{
	int code = recording_open(r, ctx, args, kind);

	if (code != EXIT_DONE)
		return code;
	return allowed_role(
		&r->desk, ALLOWED(ROLE_ASSOCIATION) | ALLOWED(ROLE_TREASURER),
		_("only an association or its treasurer records money"));
}

/* "50 EUR" as one argument or as two. */
static int set_amount(struct recording *r)
{
	char text[80];

	if (r->args->pos_n == 1)
		return recording_set(r, FACT_AMOUNT, r->args->pos[0]);
	snprintf(text, sizeof(text), "%.40s %.30s", r->args->pos[0],
		 r->args->pos[1]);
	return recording_set(r, FACT_AMOUNT, text);
}

/* "500 eur" is a slip of the pen, and no goods. */
static bool is_goods(const struct recording *r, const char *text)
{
	const struct charter *c = roster_charter(desk_roster(&r->desk));
	struct goods one = { .qty = 0 };

	if (strchr(text, ',') != NULL)
		return true;
	return parse_line(&one, text) != ERR_FORMAT &&
	       (c == NULL || strcasecmp(one.item, c->currency) != 0);
}

/* Add one goal in goods to the others. */
static int join_goal(char *list, size_t size, const char *text)
{
	size_t n = strlen(list);

	if ((size_t)snprintf(list + n, size - n, "%s%s", n == 0 ? "" : ", ",
			     text) < size - n)
		return EXIT_DONE;
	say_error(_("the goals are too long a list"));
	return EXIT_DATA;
}

/* A goal is money, or goods. */
static int set_goals(struct recording *r)
{
	char goods[LIMIT_LINES * (LIMIT_ITEM + 16)] = "";
	const char *text;
	size_t at = 0;
	int code = EXIT_DONE;

	while (code == EXIT_DONE &&
	       (text = args_each(r->args, "goal", &at)) != NULL) {
		struct money m;

		if (parse_money(&m, text) == ERR_FORMAT) {
			if (!is_goods(r, text)) {
				say_error(_("--goal: '%s' is neither money, "
					    "like 500 EUR, nor goods, like 200 "
					    "visor"),
					  text);
				return EXIT_DATA;
			}
			code = join_goal(goods, sizeof(goods), text);
		} else if (record_has(&r->form->rec, FACT_GOAL)) {
			say_error(_("one goal in money, please: another one is "
				    "another campaign"));
			code = EXIT_USAGE;
		} else {
			code = recording_set(r, FACT_GOAL, text);
		}
	}
	if (code == EXIT_DONE && goods[0] != '\0')
		code = recording_set(r, FACT_GOAL_LINES, goods);
	return code;
}

static int run_campaign(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "until", FACT_UNTIL },
		{ "name", FACT_NAME },
		{ "purpose", FACT_PURPOSE },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_CAMPAIGN);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_campaign, "goal");
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_CAMPAIGN, args->pos[0]);
	if (code == EXIT_DONE)
		code = set_goals(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	return recording_end(&r, code);
}

const struct command cmd_campaign = {
	.name = "campaign",
	.run = run_campaign,
	.usage = "NAME --goal MONEY|LINE [--until DATE] [--name TEXT] "
		 "[--purpose TEXT]",
	.summary = N_("announce what money or goods are collected for"),
	.detail = N_("NAME is short, like visors2020: gifts name it. --goal "
		     "may be given more than once: in money, and for each sort "
		     "of goods."),
	.options =
		(const struct option_rule[]){
			{ "goal", "MONEY|LINE...",
			  N_("how much: \"500 EUR\" or \"200 visor\"") },
			{ "until", "DATE", N_("when it ends") },
			{ "name", "TEXT", N_("what people call it") },
			{ "purpose", "TEXT",
			  N_("what it is for; everybody can read this") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};

/* Where a gift was collected, and its reference there, are one fact; without
 * one, it says so by ending there. */
static int set_source(struct recording *r)
{
	const char *source = args_get(r->args, "source");
	const char *ref = args_get(r->args, "source-ref");
	char text[160];

	if (source == NULL && ref == NULL)
		return EXIT_DONE;
	if (source == NULL)
		return recording_set(r, FACT_SOURCE_REF, ref);
	snprintf(text, sizeof(text), "%.78s:%.78s", source,
		 ref == NULL ? "" : ref);
	return recording_set(r, FACT_SOURCE_REF, text);
}

static int set_delivery(struct recording *r)
{
	const char *text = args_get(r->args, "delivery");
	struct ref_found found;
	int code;

	if (text == NULL)
		return EXIT_DONE;
	code = recording_ref(r, &found, text, KIND_DELIVER);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_DELIVER, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_donate(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "fund", FACT_FUND },
		{ "campaign", FACT_CAMPAIGN },
		{ "hours", FACT_HOURS },
		{ "km", FACT_KM },
		{ NULL, 0 },
	};
	struct recording r;
	int code = open_purse(&r, ctx, args, KIND_DONATE);

	if (code == EXIT_DONE)
		code = set_amount(&r);
	if (code == EXIT_DONE)
		code = set_source(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = set_delivery(&r);
	if (code == EXIT_DONE)
		code = recording_option_lines(&r, FACT_IN_KIND, "in-kind");
	if (code == EXIT_DONE && args_has(args, "waived"))
		code = recording_set(&r, FACT_WAIVED, "yes");
	if (code == EXIT_DONE)
		code = commitment_option(&r, "donor", FACT_DONOR);
	return recording_end(&r, code);
}

const struct command cmd_donate = {
	.name = "donate",
	.run = run_donate,
	.usage = "MONEY [--source TEXT] [--source-ref TEXT] [--fund F] "
		 "[--campaign NAME] [--donor TEXT] [--delivery REF] "
		 "[--in-kind LINE]... [--waived] [--hours N] [--km N]",
	.summary = N_("record what was given"),
	.detail = N_("For associations and their treasurers. MONEY is what "
		     "came in or, with --in-kind, --waived, --hours or --km, "
		     "what the gift is worth: it never was in the bank, and "
		     "is kept apart from money. Who gave stays in this home; "
		     "a salted hash travels."),
	.options =
		(const struct option_rule[]){
			{ "source", "TEXT",
			  N_("where it was collected: helloasso, cash") },
			{ "source-ref", "TEXT",
			  N_("its reference there; never a name") },
			{ "fund", "F", N_("the fund it belongs to") },
			{ "campaign", "NAME", N_("the campaign it answers") },
			{ "donor", "TEXT",
			  N_("who gave; kept in this home only") },
			{ "delivery", "REF",
			  N_("the delivery for which it was given") },
			{ "in-kind", "LINE...",
			  N_("goods that were given: \"3 pla\"; their stock "
			     "comes in with 'supply'") },
			{ "waived", NULL,
			  N_("an expense whose refund was given up") },
			{ "hours", "N", N_("hours of work given") },
			{ "km", "N", N_("kilometres driven") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
};

static int run_spend(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "purpose", FACT_PURPOSE },
		{ "fund", FACT_FUND },
		{ "category", FACT_CATEGORY },
		{ NULL, 0 },
	};
	struct recording r;
	int code = open_purse(&r, ctx, args, KIND_SPEND);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_spend, "purpose");
	if (code == EXIT_DONE)
		code = set_amount(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = commitment_option(&r, "payee", FACT_PAYEE);
	return recording_end(&r, code);
}

const struct command cmd_spend = {
	.name = "spend",
	.run = run_spend,
	.usage = "MONEY --purpose TEXT [--payee TEXT] [--fund F] [--category "
		 "mission|fundraising|running]",
	.summary = N_("record what was spent"),
	.detail = N_("For associations and their treasurers. Who was paid "
		     "stays in this home; a salted hash travels. The invoice "
		     "goes along with --doc."),
	.options =
		(const struct option_rule[]){
			{ "purpose", "TEXT",
			  N_("what for; everybody can read this") },
			{ "payee", "TEXT",
			  N_("who was paid; kept in this home only") },
			{ "fund", "F", N_("the fund it is taken from") },
			{ "category", "CATEGORY",
			  N_("mission, fundraising or running") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
};

/* One statement is in one currency. */
static int check_currency(const struct recording *r)
{
	struct money opening, closing;

	if (parse_balance(&opening, args_get(r->args, "opening")) != 0 ||
	    parse_balance(&closing, args_get(r->args, "closing")) != 0 ||
	    strcmp(opening.currency, closing.currency) == 0)
		return EXIT_DONE;
	say_error(_("--opening and --closing are in different currencies"));
	return EXIT_DATA;
}

static int run_bank(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "opening", FACT_OPENING },
		{ "closing", FACT_CLOSING },
		{ NULL, 0 },
	};
	struct recording r;
	int code = open_purse(&r, ctx, args, KIND_BANK);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_bank, "opening");
	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_bank, "closing");
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_PERIOD, args->pos[0]);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = check_currency(&r);
	return recording_end(&r, code);
}

const struct command cmd_bank = {
	.name = "bank",
	.run = run_bank,
	.usage = "PERIOD --opening MONEY --closing MONEY",
	.summary = N_("record what a bank statement says"),
	.detail = N_("For associations and their treasurers. PERIOD is a year, "
		     "a quarter or a month: 2020, 2020-Q2, 2020-04. The "
		     "statement itself goes along with --doc."),
	.options =
		(const struct option_rule[]){
			{ "opening", "MONEY",
			  N_("the balance when it began: 0 EUR") },
			{ "closing", "MONEY", N_("the balance when it ended") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
