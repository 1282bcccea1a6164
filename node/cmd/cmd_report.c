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
	bool is_verdict; /* exit 1 with findings, as `audit` does */
};

static const struct sort sorts[] = {
	{ "auditor", report_auditor, true, true },
	{ "treasurer", report_treasurer, false, false },
	{ "coordinator", report_coordinator, false, false },
	{ "donor", report_donor, true, false },
	{ "public", report_public, true, false },
	{ NULL, NULL, false, false },
};

static int make(struct ctx *ctx, const struct args *args,
		const struct sort *sort)
{
	struct reporting x;
	struct report r = { .n = 0 };
	int code = reporting_open(&x, ctx, args, sort->needs_audit);

	if (code != EXIT_DONE)
		return reporting_close(&x, code);
	x.is_verdict = sort->is_verdict;
	return reporting_end(&x, &r, sort->make(&r, &x.source));
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
		   "spreadsheets. The auditor's ends with 1, as 'audit' does, "
		   "when a breach is proved or something wants explaining; "
		   "the others with 0."),
	.options = report_options,
	.more_options = narrow_options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
