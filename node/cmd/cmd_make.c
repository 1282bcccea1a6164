#include "node/cmd/cmd.h"
#include "node/cmd/parts.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/value.h"

#include <string.h>

/*
 * What comes onto a shelf: items are declared, made, or brought from outside.
 */

/* Nothing is a part of itself; a product as a part is any revision of it. */
static int check_bill(const struct recording *r, const char *item)
{
	struct line part[LIMIT_LINES];
	size_t n = record_lines(&r->form->rec, FACT_BOM, part);

	for (size_t i = 0; i < n; i++)
		if (strncmp(item, part[i].item, part[i].item_n) == 0 &&
		    (item[part[i].item_n] == '\0' ||
		     item[part[i].item_n] == '/')) {
			say_error(_("--bom: '%s' is not a part of itself"),
				  item);
			return EXIT_DATA;
		}
	return EXIT_DONE;
}

static int run_item(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "name", FACT_NAME },     { "unit", FACT_UNIT },
		{ "class", FACT_CLASS },   { "grams", FACT_GRAMS },
		{ "serial", FACT_SERIAL }, { NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_ITEM);

	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_ITEM, args->pos[0]);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = recording_option_lines(&r, FACT_BOM, "bom");
	if (code == EXIT_DONE)
		code = check_bill(&r, args->pos[0]);
	return recording_end(&r, code);
}

const struct command cmd_item = {
	.name = "item",
	.run = run_item,
	.usage = "CODE [--name TEXT] [--unit U] [--class "
		 "part|product|material|service] [--grams G] [--bom LINE]...",
	.summary = N_("declare what is made or used"),
	.detail = N_("CODE is a product, like visor, or one revision of it, "
		     "like visor/v30. What is not declared is a product "
		     "counted in pieces, so declaring is optional. --bom names "
		     "what one piece needs, once for each part. Declaring an "
		     "item again replaces the whole of what you said of it."),
	.options =
		(const struct option_rule[]){
			{ "name", "TEXT", N_("what people call it") },
			{ "unit", "U",
			  N_("what it is counted in; pieces if not said") },
			{ "class", "CLASS",
			  N_("part, product, material or service") },
			{ "grams", "G", N_("what one unit weighs") },
			{ "bom", "LINE...",
			  N_("what one unit needs: \"2 clip\"") },
			{ "serial", "TEXT", N_("a serial number") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};

/* Exactly one line of goods out of the arguments. */
static int one_line(struct recording *r)
{
	struct goods goods[LIMIT_LINES];
	size_t n;
	int code = recording_goods(r, goods, &n, r->args->pos, r->args->pos_n);

	if (code == EXIT_DONE && n != 1) {
		say_error(_("one quantity and one item, please: what else was "
			    "made is another record"));
		return EXIT_USAGE;
	}
	if (code == EXIT_DONE && form_lines(r->form, FACT_LINES, goods, n) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_produce(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "rejected", FACT_REJECTED }, { "lot", FACT_LOT },
		{ "printer", FACT_PRINTER },   { "grams", FACT_GRAMS },
		{ "seconds", FACT_SECONDS },   { "source", FACT_SOURCE },
		{ "serial", FACT_SERIAL },     { NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_PRODUCE);

	if (code == EXIT_DONE)
		code = one_line(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = parts_use(&r);
	return recording_end(&r, code);
}

const struct command cmd_produce = {
	.name = "produce",
	.run = run_produce,
	.usage = "QTY ITEM [--rejected N] [--lot L] [--printer P] [--grams G] "
		 "[--seconds S] [--use LINE]... [--source "
		 "measured|reported|inferred|declared]",
	.summary = N_("record what was made"),
	.detail = N_("QTY counts good pieces; what failed is told with "
		     "--rejected and never counts as made. --use takes "
		     "materials and parts off the shelf; without it, what "
		     "the bill of materials of the item names, if it has "
		     "one. --use none takes nothing. Run again with its --key "
		     "and without --use, a record is the one that was made "
		     "the first time, whatever it used."),
	.options =
		(const struct option_rule[]){
			{ "rejected", "N", N_("pieces that came out bad") },
			{ "lot", "L", N_("the lot, for recalls") },
			{ "printer", "P", N_("which printer") },
			{ "grams", "G", N_("material that went in, in grams") },
			{ "seconds", "S", N_("how long it took") },
			{ "use", "LINE...",
			  N_("what was used up: \"300 pla\"; or none "
			     "(nothing)") },
			{ "source", "SOURCE",
			  N_("how this is known: measured, reported, inferred "
			     "or declared") },
			{ "serial", "TEXT",
			  N_("a serial number, or several with commas "
			     "between") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = ARGS_MAX,
};

/* Supplies come from outside: what a member had is in the ledger already. */
static int check_source(struct recording *r)
{
	struct pubkey from = record_key(&r->form->rec, FACT_FROM);

	if (pubkey_is_zero(&from))
		return EXIT_DONE;
	if (pubkey_eq(&from, &r->desk.identity)) {
		say_error(_("you cannot be supplied by yourself; record what "
			    "you made with 'produce'"));
		return EXIT_DATA;
	}
	remark(&r->remarks,
	       _("%s is a member: goods that a member delivers are "
		 "acknowledged with 'receive', or they count twice"),
	       args_get(r->args, "from"));
	return EXIT_DONE;
}

static int run_supply(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "from", FACT_FROM }, { "value", FACT_VALUE },
		{ "lot", FACT_LOT },   { "number", FACT_NUMBER },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_SUPPLY);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_supply, "from");
	if (code == EXIT_DONE)
		code = recording_lines(&r, FACT_LINES, args->pos, args->pos_n);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = check_source(&r);
	return recording_end(&r, code);
}

const struct command cmd_supply = {
	.name = "supply",
	.run = run_supply,
	.usage = "LINE... --from PARTY [--value MONEY] [--lot L] [--number N]",
	.summary = N_("record material or goods that came from outside"),
	.detail = N_(
		"A LINE is a quantity and an item, as one argument or as two."),
	.options =
		(const struct option_rule[]){
			{ "from", "PARTY", N_("who brought or sold it") },
			{ "value", "MONEY", N_("what it is worth: 50 EUR") },
			{ "lot", "L", N_("the lot, for recalls") },
			{ "number", "N", N_("the number on the bill or note") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = ARGS_MAX,
};
