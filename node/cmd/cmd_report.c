#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/report/audit_json.h"
#include "node/report/audit_load.h"
#include "node/report/audit_pool.h"
#include "node/report/source.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "store/book.h"

#include <string.h>

/* One kind of report. */
struct sort {
	const char *name;
	int (*make)(struct report *r, struct source *s);
	bool needs_audit;
};

static const struct sort sorts[] = {
	{ "auditor", report_auditor, true },
	{ "treasurer", report_treasurer, false },
	{ "coordinator", report_coordinator, false },
	{ "donor", report_donor, true },
	{ "public", report_public, true },
	{ NULL, NULL, false },
};

static const char *const formats[] = { "text", "json", "csv", "html", NULL };

/* What the report is made of, and what has to be closed again. */
struct reporting {
	struct desk desk;
	struct narrow narrow;
	struct source source;
	struct audit_load load;
	struct audit *audit;
	bool has_view;
};

static int refuse(int err)
{
	say_error(_("cannot make the report: %s"), err_reason(err));
	return exit_of(err);
}

static int read_audit(struct reporting *x)
{
	struct audit_how how = { .threads = 2 };
	struct audit_crew crew = pool_crew(&how.threads);
	struct audit_say say = { .has_as_of = false };
	int err = load_store(&x->load, x->desk.store, &how);

	if (err == 0)
		err = audit_open_with(&x->audit, &x->load.network,
				      x->load.scans, x->load.scans_n, &crew);
	if (err != 0)
		return err;
	x->source.audit = x->audit;
	x->source.roster = x->audit->roster;
	x->source.as_of_ms = audit_as_of(x->audit, &say);
	return 0;
}

static int open_source(struct reporting *x, struct ctx *ctx,
		       const struct args *args, const struct sort *sort)
{
	struct source *s = &x->source;
	const char *period = args_get(args, "period");
	int code, err;

	if (period != NULL && parse_period(&s->period, period) != 0) {
		say_error(_("'%s' is not a period, like 2020, 2020-Q2 or "
			    "2020-04"),
			  period);
		return EXIT_DATA;
	}
	code = desk_read(&x->desk, ctx);
	if (code == EXIT_DONE)
		code = narrow_open(&x->narrow, &x->desk, args);
	if (code != EXIT_DONE)
		return code;
	s->has_period = period != NULL;
	s->desk = &x->desk;
	s->store = x->desk.store;
	s->narrow = &x->narrow;
	s->roster = x->narrow.roster;
	s->under = args_get(args, "under");
	s->place = x->narrow.place[0] == '\0' ? NULL : x->narrow.place;
	s->as_of_ms = ctx->now_ms;
	err = store_view_open(s->store, &s->view);
	x->has_view = err == 0;
	if (err == 0)
		err = figures_catalog(&s->catalog, s->store);
	if (err == 0 && sort->needs_audit)
		err = read_audit(x);
	return err == 0 ? EXIT_DONE : refuse(err);
}

static int close_source(struct reporting *x, int code)
{
	catalog_release(&x->source.catalog);
	audit_close(x->audit);
	load_close(&x->load);
	if (x->has_view)
		store_view_close(x->desk.store);
	desk_close(&x->desk);
	return code;
}

static int print_report(const struct ctx *ctx, const struct report *r,
			enum report_format format)
{
	int code = EXIT_DONE;

	switch (format) {
	case REPORT_TEXT:
		code = report_text(r, stdout, ctx->has_color);
		break;
	case REPORT_JSON:
		code = report_json(r, stdout);
		break;
	case REPORT_CSV:
		code = report_csv(r, stdout);
		break;
	case REPORT_HTML:
		code = report_html(r, stdout);
		break;
	}
	return code == EXIT_DONE ? out_end() : code;
}

static int make(struct ctx *ctx, const struct args *args,
		const struct sort *sort, enum report_format format)
{
	struct reporting x = { .audit = NULL };
	struct report r = { .n = 0 };
	int code = open_source(&x, ctx, args, sort);
	int err;

	x.source.is_english = format == REPORT_JSON;
	if (code == EXIT_DONE) {
		err = sort->make(&r, &x.source);
		if (err == 0)
			err = r.err;
		code = err == 0 ? print_report(ctx, &r, format) : refuse(err);
	}
	report_release(&r);
	return close_source(&x, code);
}

static int run_report(struct ctx *ctx, const struct args *args)
{
	const char *format = args_get(args, "format");
	const struct sort *sort = sorts;
	size_t f = ctx->is_json ? REPORT_JSON : REPORT_TEXT;

	while (sort->name != NULL && strcmp(sort->name, args->pos[0]) != 0)
		sort++;
	if (sort->name == NULL) {
		say_error(_("'%s' is no report: auditor, treasurer, "
			    "coordinator, donor or public, please"),
			  args->pos[0]);
		return EXIT_USAGE;
	}
	if (format != NULL)
		for (f = 0; formats[f] != NULL; f++)
			if (strcmp(formats[f], format) == 0)
				break;
	if (formats[f] == NULL) {
		say_error(_("'%s' is no format: text, json, csv or html, "
			    "please"),
			  format);
		return EXIT_USAGE;
	}
	return make(ctx, args, sort, (enum report_format)f);
}

static const struct option_rule options[] = {
	{ "period", "P", N_("only what is dated in 2020, 2020-Q2 or 2020-04") },
	{ "format", "FORMAT", N_("text, json, csv or html") },
	{ NULL, NULL, NULL },
};

const struct command cmd_report = {
	.name = "report",
	.run = run_report,
	.usage = "auditor|treasurer|coordinator|donor|public [--period P] "
		 "[--format text|json|csv|html] [--under PARTY] "
		 "[--place PLACE]",
	.summary = N_("a report for those who check, keep, give or read"),
	.detail = N_(
		"Those of auditor, donor and public recount everything from "
		"nothing and name the cut; the others are of this home's "
		"running book, and may show names that only you know. html is "
		"one page to print, csv is for spreadsheets."),
	.options = options,
	.more_options = narrow_options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
