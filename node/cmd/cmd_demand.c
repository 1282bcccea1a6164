#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/asked.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdlib.h>

/*
 * What is asked for, and who promises to make it.
 */

static int one_line(struct recording *r)
{
	struct goods goods[LIMIT_LINES];
	size_t n;
	int code = recording_goods(r, goods, &n, r->args->pos, r->args->pos_n);

	if (code == EXIT_DONE && n != 1) {
		say_error(_("one quantity and one item, please: what else is "
			    "needed is another request"));
		return EXIT_USAGE;
	}
	if (code == EXIT_DONE && form_lines(r->form, FACT_LINES, goods, n) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_request(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "place", FACT_PLACE },
		{ "class", FACT_CARE },
		{ "until", FACT_UNTIL },
		{ "verified-by", FACT_VERIFIED_BY },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_REQUEST);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_request, "place");
	if (code == EXIT_DONE)
		code = one_line(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	return recording_end(&r, code);
}

const struct command cmd_request = {
	.name = "request",
	.run = run_request,
	.usage = "QTY ITEM --place PLACE [--class carer|other] [--until DATE] "
		 "[--verified-by PARTY]",
	.summary = N_("ask for goods that are needed somewhere"),
	.detail = N_("Makers answer with 'pledge', and name the request in "
		     "their 'deliver'."),
	.options =
		(const struct option_rule[]){
			{ "place", "PLACE", N_("where: FR-88") },
			{ "class", "CLASS",
			  N_("who is to use them: carer or other") },
			{ "until", "DATE",
			  N_("after this day nobody needs them any more") },
			{ "verified-by", "PARTY",
			  N_("who made sure that they are needed") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
};

/* A promise may come late, or be one too many; it is a promise. */
static void remark_asked(struct recording *r, const struct demand *d)
{
	const struct record *rec = &r->form->rec;
	const char *ref = r->args->pos[0];

	if (demand_is_over(d, recording_date(r)))
		remark(&r->remarks, _("'%s' is over: nobody needs it any more"),
		       ref);
	else if (d->until_ms != 0 && record_has(rec, FACT_UNTIL) &&
		 record_uint(rec, FACT_UNTIL) > d->until_ms)
		remark(&r->remarks, _("'%s' is needed before that"), ref);
	if (d->acknowledged >= d->requested)
		remark(&r->remarks, _("all that '%s' asks for has arrived"),
		       ref);
	else if (d->pledged >= d->requested)
		remark(&r->remarks,
		       _("all that '%s' asks for is promised already"), ref);
}

/* What was withdrawn needs nobody's promise. */
static int check_request(struct recording *r, const struct id *id)
{
	struct asked *asked = malloc(sizeof(*asked));
	int err = asked == NULL ? ERR_NOMEM : asked_load(asked, &r->desk, id);
	int code = EXIT_DONE;

	if (err != 0) {
		code = recording_refuse(err, NULL);
	} else if (!asked->occurred && recording_earlier(r) == NULL) {
		say_error(_("'%s' was withdrawn"), r->args->pos[0]);
		code = EXIT_DATA;
	} else if (asked->n > 0) {
		/* Pledges are of the first line. */
		remark_asked(r, &asked->line[0]);
	}
	free(asked);
	return code;
}

static int set_request(struct recording *r)
{
	struct ref_found found;
	int code = recording_ref(r, &found, r->args->pos[0], KIND_REQUEST);

	if (code == EXIT_DONE)
		code = check_request(r, &found.id);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_REQUEST, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_pledge(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "until", FACT_UNTIL },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_PLEDGE);

	if (code == EXIT_DONE)
		code = allowed_member(&r.desk);
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_QTY, args->pos[1]);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = set_request(&r);
	return recording_end(&r, code);
}

const struct command cmd_pledge = {
	.name = "pledge",
	.run = run_pledge,
	.usage = "REF QTY [--until DATE]",
	.summary = N_("promise to make a part of what a request asks for"),
	.options =
		(const struct option_rule[]){
			{ "until", "DATE", N_("when they will be there") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 2,
	.pos_max = 2,
};
