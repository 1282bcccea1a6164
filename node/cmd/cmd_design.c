#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/book.h"

#include <string.h>

/*
 * What may be made: the files of a revision, and what those who use it say.
 */

static const unsigned sayers =
	ALLOWED(ROLE_ASSOCIATION) | ALLOWED(ROLE_RECIPIENT);

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

/* What a record brought: of which the verdict is, instead of all of the item.
 */
static int check_target(struct recording *r, const struct book_view *view,
			const struct id *id)
{
	const struct value *item = &r->form->rec.v[FACT_ITEM];
	struct line lines[LIMIT_LINES];
	struct book_record of;
	bool occurred = false, is_there = false;
	int err = view->get(view->cookie, &of, id);
	size_t n;

	if (err == 0)
		err = book_newest(view, &of, &occurred);
	if (err != 0 && err != ERR_NOT_FOUND)
		return recording_refuse(err, NULL);
	n = err != 0 || !occurred ||
			    (of.rec.kind != KIND_PRODUCE &&
			     of.rec.kind != KIND_SUPPLY)
		    ? 0
		    : record_lines(&of.rec, FACT_LINES, lines);
	for (size_t i = 0; i < n; i++)
		is_there = is_there ||
			   (lines[i].item_n == item->n &&
			    memcmp(lines[i].item, item->p, item->n) == 0);
	if (!is_there) {
		say_error(_("'%s' is no production or supply of %s that "
			    "counts"),
			  args_get(r->args, "of"), r->args->pos[0]);
		return EXIT_DATA;
	}
	if (pubkey_eq(&of.author, &r->desk.identity))
		return allowed_member(&r->desk);
	return allowed_role(&r->desk, sayers,
			    _("only an association or a recipient says what "
			      "may be made, and who made or brought something "
			      "what is wrong with that"));
}

static int set_target(struct recording *r)
{
	struct book_view view;
	struct ref_found found;
	int err, code = recording_ref(r, &found, args_get(r->args, "of"), 0);

	if (code != EXIT_DONE)
		return code;
	err = store_view_open(r->desk.store, &view);
	if (err != 0)
		return recording_refuse(err, NULL);
	code = check_target(r, &view, &found.id);
	store_view_close(r->desk.store);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_TARGET, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

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

	if (code == EXIT_DONE && !args_has(args, "of"))
		code = allowed_role(
			&r.desk, sayers,
			_("only an association or a recipient says what may "
			  "be made"));
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_ITEM, args->pos[0]);
	if (code == EXIT_DONE && args_has(args, "of"))
		code = set_target(&r);
	if (code == EXIT_DONE)
		code = set_verdict(&r);
	return recording_end(&r, code);
}

const struct command cmd_approve = {
	.name = "approve",
	.run = run_approve,
	.usage = "ITEM [--reject TEXT|--withdraw TEXT] [--of REF]",
	.summary = N_("say that a revision may be made, or may not"),
	.detail =
		N_("For associations and recipients. --reject says that it "
		   "never was good enough, --withdraw that it no longer is. "
		   "With --of the verdict is of what one production or "
		   "supply brought, of a lot or a spool; whoever recorded "
		   "that may say it, too. 'maillon recall' lists who has it."),
	.options =
		(const struct option_rule[]){
			{ "reject", "TEXT",
			  N_("it may not be made: why; everybody can read "
			     "this") },
			{ "withdraw", "TEXT",
			  N_("it may no longer be made: why; everybody can "
			     "read this") },
			{ "of", "REF",
			  N_("only what this production or supply brought") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
