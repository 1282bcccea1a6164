#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/reporting.h"
#include "node/report/report_recall.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* What the arguments name. */
struct wanted {
	struct recall_of of;
	struct id *ids; /* owned */
	size_t n, max;
	char item[LIMIT_ITEM + 1];
	bool is_lot; /* only of what the records with these ids brought */
	bool is_shared;
};

static int want_item(struct wanted *w, const char *text)
{
	if (parse_item(w->item, text) != 0) {
		say_error(_("'%s' is not an item, like visor or visor/v30"),
			  text);
		return EXIT_DATA;
	}
	w->of.item = (struct trace_text){ w->item, strlen(w->item) };
	return EXIT_DONE;
}

static int want_author(struct wanted *w, struct source *s, const char *text)
{
	struct reason why = { "" };
	struct party party;

	if (party_resolve(&party, s->roster, &s->desk->member, text, &why) !=
	    0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	w->of.author = party.is_member ? party.member : s->desk->identity;
	if (!party.is_member)
		w->of.outsider = party.outsider;
	return EXIT_DONE;
}

/* A verdict or a design is about an item, other records about goods. */
static int want_ref(struct wanted *w, struct source *s, const char *text)
{
	struct reason why = { "" };
	struct ref_found ref;
	struct book_record rec;
	int err = ref_resolve(&ref, s->desk, text, &why);

	if (err != 0) {
		say_error("%s", why.text);
		return err == ERR_NOT_FOUND ? EXIT_NO : exit_of(err);
	}
	err = s->view.get(s->view.cookie, &rec, &ref.id);
	if (err == 0 &&
	    (rec.rec.kind == KIND_APPROVE || rec.rec.kind == KIND_DESIGN)) {
		const struct value *item = &rec.rec.v[FACT_ITEM];
		struct id target = record_id(&rec.rec, FACT_TARGET);

		memcpy(w->item, item->p, item->n);
		w->of.item = (struct trace_text){ w->item, item->n };
		if (!record_has(&rec.rec, FACT_TARGET))
			return EXIT_DONE;
		w->is_lot = true;
		err = s->view.get(s->view.cookie, &rec, &target);
	}
	if (err == 0)
		err = trace_starts(&s->view, &rec, &w->ids, &w->n, &w->max);
	if (err == 0 || err == ERR_NOT_FOUND)
		return EXIT_DONE;
	say_error(_("the ledger cannot be read: %s"), err_reason(err));
	return exit_of(err);
}

static int id_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static int read_wanted(struct wanted *w, struct source *s,
		       const struct args *args)
{
	const char *item = args_get(args, "item");
	const char *lot = args_get(args, "lot");
	const char *author = args_get(args, "author");
	int code = EXIT_DONE;

	if (item != NULL)
		code = want_item(w, item);
	if (code == EXIT_DONE && author != NULL)
		code = want_author(w, s, author);
	if (lot != NULL)
		w->of.lot = (struct trace_text){ lot, strlen(lot) };
	if (s->has_period) {
		w->of.from_ms = s->period.from_ms;
		w->of.to_ms = s->period.to_ms;
	}
	if (code == EXIT_DONE && args->pos_n > 0)
		code = want_ref(w, s, args->pos[0]);
	if (w->n > 0)
		qsort(w->ids, w->n, sizeof(*w->ids), id_order);
	w->of.ids = w->ids;
	w->of.ids_n = w->n;
	return code;
}

/* A record, or goods that options describe. */
static int check(const struct args *args)
{
	bool has_filter = args_has(args, "item") || args_has(args, "lot") ||
			  args_has(args, "author") || args_has(args, "period");

	if ((args->pos_n > 0) != has_filter)
		return EXIT_DONE;
	if (has_filter)
		say_error(_("a record, or --item, --lot, --author and "
			    "--period, not both"));
	else
		say_error(_("what is recalled? A record, or one of --item, "
			    "--lot, --author and --period"));
	cmd_usage(stderr, &cmd_recall);
	return EXIT_USAGE;
}

static int answer(struct reporting *x, struct wanted *w, struct report *r,
		  const struct args *args)
{
	int err = ERR_NOT_FOUND;

	if (w->n > 0 || args->pos_n == 0 || (w->of.item.n > 0 && !w->is_lot))
		err = report_recall(r, &x->source, &w->of, &w->is_shared);
	if (err == ERR_NOT_FOUND) {
		say_error(_("nothing that counts is such goods: supplies, "
			    "productions, deliveries and receipts can be "
			    "recalled, and revisions"));
		report_release(r);
		return reporting_close(x, EXIT_NO);
	}
	if (err == 0 && w->is_shared && w->of.lot.n > 0)
		say_note(_("several members use this name of a lot; --author "
			   "PARTY tells them apart"));
	return reporting_end(x, r, err);
}

static int run_recall(struct ctx *ctx, const struct args *args)
{
	struct report r = { .n = 0 };
	struct wanted w = { .n = 0 };
	struct reporting x;
	int code = check(args);

	if (code != EXIT_DONE)
		return code;
	code = reporting_open(&x, ctx, args, false);
	if (code == EXIT_DONE)
		code = read_wanted(&w, &x.source, args);
	code = code == EXIT_DONE ? answer(&x, &w, &r, args)
				 : reporting_close(&x, code);
	free(w.ids);
	return code;
}

static const struct option_rule options[] = {
	{ "item", "I", N_("goods of this item, and of all revisions of it") },
	{ "lot", "L", N_("goods of this lot, and what was made of them") },
	{ "author", "PARTY", N_("only what this member made or supplied") },
	{ "period", "P", N_("only what is dated in 2020, 2020-Q2 or 2020-04") },
	{ "format", "FORMAT", N_("text, json, csv or html") },
	{ NULL, NULL, NULL },
};

const struct command cmd_recall = {
	.name = "recall",
	.run = run_recall,
	.usage = "REF | [--item I] [--lot L] [--author PARTY] [--period P] "
		 "[--format text|json|csv|html] [--under PARTY] "
		 "[--place PLACE]",
	.summary = N_("who has goods of a lot or a revision, or got them"),
	.detail = N_(
		"Follows a supply (a spool, say), a production, a delivery, a "
		"lot, an item or revision, or what somebody made in a period, "
		"to all who may have a piece of it: through what was made of "
		"it, transfers and assemblers, to what is in stock, on its "
		"way, delivered and by which proof, or lost. REF may be a "
		"verdict: of what 'approve --withdraw' withdrew. --under and "
		"--place narrow the list to what those members have or sent."),
	.options = options,
	.more_options = narrow_options,
	.pos_max = 1,
	.has_json = true,
};
