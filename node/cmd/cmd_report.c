#include "node/cmd/cmd.h"

#include "node/cmd/reporting.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

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

static int make(struct ctx *ctx, const struct args *args,
		const struct sort *sort)
{
	struct reporting x;
	struct report r = { .n = 0 };
	int code = reporting_open(&x, ctx, args, sort->needs_audit);
	int err;

	if (code == EXIT_DONE) {
		err = sort->make(&r, &x.source);
		if (err == 0)
			err = r.err;
		code = err == 0 ? reporting_print(&x, &r)
				: reporting_refuse(err);
	}
	report_release(&r);
	return reporting_close(&x, code);
}

static int run_report(struct ctx *ctx, const struct args *args)
{
	const struct sort *sort = sorts;

	while (sort->name != NULL && strcmp(sort->name, args->pos[0]) != 0)
		sort++;
	if (sort->name == NULL) {
		say_error(_("'%s' is no report: auditor, treasurer, "
			    "coordinator, donor or public, please"),
			  args->pos[0]);
		return EXIT_USAGE;
	}
	return make(ctx, args, sort);
}

const struct command cmd_report = {
	.name = "report",
	.run = run_report,
	.usage = "auditor|treasurer|coordinator|donor|public [--period P] "
		 "[--format text|json|csv|html] [--under PARTY] "
		 "[--place PLACE]",
	.summary = N_("a report for those who check, keep, give or read"),
	.detail =
		N_("Those of auditor, donor and public recount everything from "
		   "nothing and name the cut; the others are of this home's "
		   "running book, and may show names that only you know. "
		   "--period, --under and --place narrow goods and money, and "
		   "never findings. html is one page to print, csv is for "
		   "spreadsheets."),
	.options = report_options,
	.more_options = narrow_options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
