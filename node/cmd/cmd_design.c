#include "node/cmd/cmd.h"

#include "node/cmd/allowed.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

/*
 * What may be made: the files of a revision, and what those who use it say.
 */

static int run_design(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "licence", FACT_LICENCE },
		{ "link", FACT_LINK },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_DESIGN);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_design, "file");
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_ITEM, args->pos[0]);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = recording_file(&r, "file", FACT_FILE);
	return recording_end(&r, code);
}

const struct command cmd_design = {
	.name = "design",
	.run = run_design,
	.usage = "ITEM --file FILE [--licence L] [--link URL]",
	.summary = N_("record the design file of a revision"),
	.detail = N_("Only the SHA-256 of FILE is recorded, so anybody who has "
		     "the file can tell that it is the one. ITEM is usually a "
		     "revision, like visor/v30."),
	.options =
		(const struct option_rule[]){
			{ "file", "FILE", N_("the design file") },
			{ "licence", "L",
			  N_("its licence, like CC-BY-SA-4.0") },
			{ "link", "URL", N_("where it is to be found") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};

static int set_verdict(struct recording *r)
{
	const char *reject = args_get(r->args, "reject");
	const char *withdraw = args_get(r->args, "withdraw");
	const char *verdict = reject != NULL     ? "rejected"
			      : withdraw != NULL ? "withdrawn"
						 : "approved";
	int code;

	if (reject != NULL && withdraw != NULL) {
		say_error(_("--reject or --withdraw, not both"));
		return EXIT_USAGE;
	}
	code = recording_set(r, FACT_VERDICT, verdict);
	if (code == EXIT_DONE && reject != NULL)
		code = recording_set(r, FACT_REASON, reject);
	if (code == EXIT_DONE && withdraw != NULL)
		code = recording_set(r, FACT_REASON, withdraw);
	return code;
}

static int run_approve(struct ctx *ctx, const struct args *args)
{
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_APPROVE);

	if (code == EXIT_DONE)
		code = allowed_role(
			&r.desk,
			ALLOWED(ROLE_ASSOCIATION) | ALLOWED(ROLE_RECIPIENT),
			_("only an association or a recipient says what may "
			  "be made"));
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_ITEM, args->pos[0]);
	if (code == EXIT_DONE)
		code = set_verdict(&r);
	return recording_end(&r, code);
}

const struct command cmd_approve = {
	.name = "approve",
	.run = run_approve,
	.usage = "ITEM [--reject TEXT|--withdraw TEXT]",
	.summary = N_("say that a revision may be made, or may not"),
	.detail = N_("For associations and recipients. --reject says that it "
		     "never was good enough, --withdraw that it no longer is."),
	.options =
		(const struct option_rule[]){
			{ "reject", "TEXT",
			  N_("it may not be made: why; everybody can read "
			     "this") },
			{ "withdraw", "TEXT",
			  N_("it may no longer be made: why; everybody can "
			     "read this") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
