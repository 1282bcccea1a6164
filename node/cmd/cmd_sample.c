#include "node/cmd/cmd.h"

#include "node/cmd/reporting.h"
#include "node/report/report_sample.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"

#include <string.h>

enum { SAMPLE_MAX = 10000 };

static int read_sampling(struct sampling *how, const struct args *args)
{
	const char *of = args_get(args, "of");
	uint64_t n;

	if (parse_uint(&n, SAMPLE_MAX, args->pos[0]) != 0 || n == 0) {
		say_error(_("a sample is of 1 to %d, not '%s'"), SAMPLE_MAX,
			  args->pos[0]);
		return EXIT_DATA;
	}
	how->n = (size_t)n;
	how->seed = args_get(args, "seed");
	if (how->seed == NULL || how->seed[0] == '\0') {
		say_error(_("--seed is missing: any text, for instance the "
			    "numbers of a public lottery drawn after the "
			    "cut"));
		return EXIT_USAGE;
	}
	how->is_holders = of != NULL && strcmp(of, "holders") == 0;
	if (of == NULL || how->is_holders || strcmp(of, "deliveries") == 0)
		return EXIT_DONE;
	say_error(_("--of takes deliveries or holders, not '%s'"), of);
	return EXIT_USAGE;
}

static int run_sample(struct ctx *ctx, const struct args *args)
{
	struct report r = { .n = 0 };
	struct reporting x;
	struct sampling how;
	int code = read_sampling(&how, args);

	if (code != EXIT_DONE)
		return code;
	code = reporting_open(&x, ctx, args, true);
	if (code != EXIT_DONE)
		return reporting_close(&x, code);
	return reporting_end(&x, &r, report_sample(&r, &x.source, &how));
}

static const struct option_rule options[] = {
	{ "seed", "S", N_("any text; the same cut and seed draw the same") },
	{ "of", "WHAT", N_("deliveries (if nothing is said) or holders") },
	{ "period", "P", N_("only what is dated in 2020, 2020-Q2 or 2020-04") },
	{ "format", "FORMAT", N_("text, json, csv or html") },
	{ NULL, NULL, NULL },
};

const struct command cmd_sample = {
	.name = "sample",
	.run = run_sample,
	.usage = "N --seed S [--of deliveries|holders] [--period P] [--format "
		 "text|json|csv|html] [--under PARTY] [--place PLACE]",
	.summary = N_("draw what an auditor goes to see"),
	.detail = N_(
		"Draws N deliveries, or holders of stock, by the hashes of "
		"the cut, the seed and each one's id: nobody can know them "
		"before the seed is said, and everybody can draw them again. "
		"Settle the cut first, then the seed."),
	.options = options,
	.more_options = narrow_options,
	.pos_min = 1,
	.pos_max = 1,
	.has_json = true,
};
