#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/report/trace_print.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/book.h"
#include "store/log.h"

#include <string.h>

struct reading {
	struct store *store;
	struct book_view view;
	struct trace *trace;
};

static int read_feed(void *arg, const struct head *head)
{
	struct reading *r = arg;
	uint64_t end = head->counted < head->seq ? head->counted : head->seq;
	int err = 0;

	for (uint64_t seq = 1; seq <= end && err == 0; seq++) {
		struct book_record rec;

		err = store_record(r->store, &head->feed, seq, &rec);
		if (err == 0)
			err = trace_add(r->trace, &r->view, &rec);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

/* A correction is traced as what it corrects. */
static int follow(struct reading *r, const struct id *id)
{
	struct book_record rec;
	struct id at = *id;
	int err = r->view.get(r->view.cookie, &rec, &at);

	while (err == 0 && rec.rec.kind == KIND_CORRECT) {
		at = record_id(&rec.rec, FACT_TARGET);
		err = r->view.get(r->view.cookie, &rec, &at);
	}
	return err == 0 ? trace_follow(r->trace, &at) : err;
}

static int show(const struct ctx *ctx, const struct args *args,
		const struct tracing *x)
{
	int code;

	if (ctx->is_json)
		code = trace_json(x, stdout);
	else if (args_has(args, "dot"))
		code = trace_dot(x, stdout);
	else
		code = trace_text(x, stdout);
	return code == EXIT_DONE ? out_end() : code;
}

static int trace(struct ctx *ctx, const struct args *args, struct desk *desk,
		 const struct ref_found *ref)
{
	struct reading r = { .store = desk->store };
	struct labels labels = { .roster = NULL };
	struct tracing x = { desk, &labels, NULL, ref };
	int code, err = store_view_open(r.store, &r.view);

	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		return exit_of(err);
	}
	err = trace_open(&r.trace);
	if (err == 0)
		err = store_heads(r.store, read_feed, &r);
	if (err == 0)
		err = trace_lay(r.trace);
	if (err == 0)
		err = labels_open(&labels, desk_roster(desk));
	if (err == 0)
		err = follow(&r, &ref->id);
	if (err == 0) {
		x.trace = r.trace;
		code = show(ctx, args, &x);
	} else if (err == ERR_NOT_FOUND) {
		say_error(_("'%s' moves nothing that counts: gifts, spendings, "
			    "supplies, productions, deliveries and receipts "
			    "can be traced"),
			  args->pos[0]);
		code = EXIT_NO;
	} else {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		code = exit_of(err);
	}
	labels_close(&labels);
	trace_close(r.trace);
	store_view_close(r.store);
	return code;
}

static int run_trace(struct ctx *ctx, const struct args *args)
{
	struct reason why = { "" };
	struct ref_found ref;
	struct desk desk;
	int code, err;

	if (ctx->is_json && args_has(args, "dot")) {
		say_error(_("--json and --dot are two forms; choose one"));
		return EXIT_USAGE;
	}
	code = desk_read(&desk, ctx);
	if (code == EXIT_DONE) {
		err = ref_resolve(&ref, &desk, args->pos[0], &why);
		if (err != 0) {
			say_error("%s", why.text);
			code = err == ERR_NOT_FOUND ? EXIT_NO : exit_of(err);
		}
	}
	if (code == EXIT_DONE)
		code = trace(ctx, args, &desk, &ref);
	desk_close(&desk);
	return code;
}

static const struct option_rule options[] = {
	{ "dot", NULL, N_("a graph for Graphviz: | dot -Tsvg >trace.svg") },
	{ NULL, NULL, NULL },
};

const struct command cmd_trace = {
	.name = "trace",
	.run = run_trace,
	.usage = "REF [--json|--dot]",
	.summary = N_("follow a gift to what arrived, or goods to who paid"),
	.detail = N_(
		"From any gift, spending, supply, production, delivery or "
		"receipt, both ways: to the fund, the purchase (records with "
		"the same --doc), the material, the makers, the lots, the "
		"deliveries and their receipts. Where money or goods lay "
		"together the share is proportional, in whole numbers."),
	.options = options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
