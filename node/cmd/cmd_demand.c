#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/book.h"

#include <string.h>

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
			  N_("after this nobody needs them any more") },
			{ "verified-by", "PARTY",
			  N_("who made sure that they are needed") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
};

/* What was withdrawn needs nobody's promise. */
static int check_request(struct recording *r, const struct id *id)
{
	struct book_record rec;
	struct book_view view;
	bool occurred = true;
	int err = store_view_open(r->desk.store, &view);

	if (err != 0)
		return recording_refuse(err, NULL);
	err = view.get(view.cookie, &rec, id);
	if (err == 0)
		err = book_newest(&view, &rec, &occurred);
	store_view_close(r->desk.store);
	if (err != 0 && err != ERR_NOT_FOUND)
		return recording_refuse(err, NULL);
	if (occurred || recording_earlier(r) != NULL)
		return EXIT_DONE;
	say_error(_("'%s' was withdrawn"), r->args->pos[0]);
	return EXIT_DATA;
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
		code = set_request(&r);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
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
