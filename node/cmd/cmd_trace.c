#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/report/trace_load.h"
#include "node/report/trace_print.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	struct store *store;
	struct book_view view;
	struct trace *trace;
	uint32_t kind; /* of what is traced; 0: not known */
};

/* A campaign, and the gifts to it. */
struct gifts {
	struct reading *r;
	const struct member *owner;
	const struct value *label;
	struct id *ids; /* owned by the caller */
	size_t n, max;
};

static int add_gift(void *arg, const struct book_record *rec)
{
	struct gifts *g = arg;
	const struct member *m = roster_member(g->r->view.roster, &rec->author);
	struct book_record newest;
	const struct value *label = &newest.rec.v[FACT_CAMPAIGN];
	bool is_any;
	int err = book_acting(&g->r->view, rec, &newest, &is_any);

	if (err != 0 || !is_any || m == NULL ||
	    !pubkey_eq(&m->association, &g->owner->association) ||
	    !record_has(&newest.rec, FACT_CAMPAIGN) ||
	    label->n != g->label->n ||
	    memcmp(label->p, g->label->p, label->n) != 0)
		return err;
	err = grow(&g->ids, &g->max, g->n, sizeof(*g->ids));
	if (err == 0)
		g->ids[g->n++] = rec->id;
	return err;
}

static int add_gifts(struct gifts *g, const struct book_record *campaign)
{
	struct book_record newest;
	bool is_any;
	int err = book_acting(&g->r->view, campaign, &newest, &is_any);

	g->owner = roster_member(g->r->view.roster, &campaign->author);
	if (err != 0 || !is_any || g->owner == NULL)
		return err;
	g->label = &newest.rec.v[FACT_CAMPAIGN];
	return store_kind(g->r->store, KIND_DONATE, add_gift, g);
}

static int follow(struct reading *r, const struct id *id)
{
	struct gifts g = { .r = r };
	struct book_record rec;
	int err = r->view.get(r->view.cookie, &rec, id);

	if (err == 0) {
		r->kind = rec.rec.kind;
		err = r->kind == KIND_CAMPAIGN
			      ? add_gifts(&g, &rec)
			      : trace_starts(&r->view, &rec, &g.ids, &g.n,
					     &g.max);
	}
	if (err == 0)
		err = trace_follow(r->trace, g.ids, g.n);
	free(g.ids);
	return err;
}

static int nothing(const struct reading *r, const char *ref)
{
	if (r->kind == KIND_REQUEST)
		say_error(_("nothing that counts was delivered for the request "
			    "'%s' yet: deliver with --request"),
			  ref);
	else if (r->kind == KIND_PLEDGE)
		say_error(_("whoever made the pledge '%s' delivered nothing "
			    "for that request yet"),
			  ref);
	else if (r->kind == KIND_CAMPAIGN)
		say_error(_("no gift that counts names the campaign '%s' yet: "
			    "donate with --campaign"),
			  ref);
	else
		say_error(_("'%s' moves nothing that counts: gifts, spendings, "
			    "supplies, productions, deliveries, receipts, "
			    "requests, pledges and campaigns can be traced"),
			  ref);
	return EXIT_NO;
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
	err = trace_load(&r.trace, r.store, &r.view);
	if (err == 0)
		err = labels_open(&labels, desk_roster(desk));
	if (err == 0)
		err = follow(&r, &ref->id);
	if (err == 0) {
		x.trace = r.trace;
		code = show(ctx, args, &x);
	} else if (err == ERR_NOT_FOUND) {
		code = nothing(&r, args->pos[0]);
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
		"deliveries and their receipts. A request or a pledge is "
		"traced by the deliveries that answer it, a campaign by its "
		"gifts. Where money or goods lay together the share is "
		"proportional, in whole numbers."),
	.options = options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
