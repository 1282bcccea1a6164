#include "node/cmd/reporting.h"

#include "crypto/err.h"
#include "node/cmd/partial.h"
#include "node/report/audit_json.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "store/book.h"

#include <string.h>

static int read_format(enum report_format *out, const struct ctx *ctx,
		       const struct args *args)
{
	static const char *const formats[] = { "text", "json", "csv", "html" };
	const char *text = args_get(args, "format");

	*out = ctx->is_json ? REPORT_JSON : REPORT_TEXT;
	if (text == NULL)
		return EXIT_DONE;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i], text) == 0) {
			*out = (enum report_format)i;
			return EXIT_DONE;
		}
	say_error(_("'%s' is no format: text, json, csv or html, please"),
		  text);
	return EXIT_USAGE;
}

static int refuse(int err)
{
	say_error(_("cannot make the report: %s"), err_reason(err));
	return exit_of(err);
}

static int read_audit(struct reporting *x)
{
	struct audit_how how = { .threads = 2 };
	struct audit_say say = { .has_as_of = false };
	int err = load_store(&x->load, x->desk.store, &how);

	if (err == 0)
		err = load_audit(&x->audit, &x->load, NULL);
	if (err == 0 && !load_holds(&x->load)) {
		audit_close(x->audit);
		load_close(&x->load);
		x->audit = NULL;
		how.is_strict = true;
		err = load_store(&x->load, x->desk.store, &how);
		if (err == 0)
			err = load_audit(&x->audit, &x->load, NULL);
	}
	if (err != 0)
		return err;
	x->source.audit = x->audit;
	x->source.roster = x->audit->roster;
	x->source.as_of_ms = audit_as_of(x->audit, &say);
	return 0;
}

int reporting_open(struct reporting *x, struct ctx *ctx,
		   const struct args *args, bool needs_audit)
{
	struct source *s = &x->source;
	const char *period = args_get(args, "period");
	int code, err;

	*x = (struct reporting){ .audit = NULL };
	code = read_format(&x->format, ctx, args);
	if (code != EXIT_DONE)
		return code;
	s->is_english = x->format == REPORT_JSON;
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
	partial_note(x->desk.store, x->narrow.roster, &x->desk.identity);
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
	if (err == 0 && needs_audit)
		err = read_audit(x);
	if (err == 0)
		err = labels_open(&s->labels, s->roster);
	return err == 0 ? EXIT_DONE : refuse(err);
}

int reporting_close(struct reporting *x, int code)
{
	catalog_release(&x->source.catalog);
	figures_release(&x->source.goods);
	labels_close(&x->source.labels);
	audit_close(x->audit);
	load_close(&x->load);
	if (x->has_view)
		store_view_close(x->desk.store);
	desk_close(&x->desk);
	return code;
}

static int print(const struct reporting *x, const struct report *r)
{
	int code = EXIT_DONE;

	switch (x->format) {
	case REPORT_TEXT:
		code = report_text(r, stdout, x->desk.ctx->has_color);
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

int reporting_end(struct reporting *x, struct report *r, int err)
{
	int code;

	if (err == 0)
		err = r->err;
	code = err == 0 ? print(x, r) : refuse(err);
	if (code == EXIT_DONE && x->is_verdict &&
	    (!audit_is_clean(x->audit) || x->load.was_cut))
		code = EXIT_NO;
	report_release(r);
	return reporting_close(x, code);
}

const struct option_rule report_options[] = {
	{ "period", "P", N_("only what is dated in 2020, 2020-Q2 or 2020-04") },
	{ "format", "FORMAT", N_("text, json, csv or html") },
	{ NULL, NULL, NULL },
};
