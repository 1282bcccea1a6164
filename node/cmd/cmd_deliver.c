#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/asked.h"
#include "node/cmd/declared.h"
#include "node/cmd/figures.h"
#include "node/cmd/recording.h"
#include "node/cmd/resend.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/book/catalog.h"

#include <stdlib.h>
#include <string.h>

static int set_party(struct recording *r, struct party *out, const char *option,
		     enum fact fact)
{
	struct reason why = { "" };
	const char *text = args_get(r->args, option);
	int err = party_of(out, &r->desk, text, &why);

	if (err == 0)
		err = form_party(r->form, fact, out);
	return err == 0 ? EXIT_DONE : recording_refuse(err, &why);
}

/* A service is made by being delivered.  That is a fact of the record, so that
 * no declaration which arrives later changes what it did. */
static int set_service(struct recording *r, bool *is_service)
{
	const struct record *earlier = recording_earlier(r);
	struct catalog c = { 0 };
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&r->form->rec, FACT_LINES, lines), services = 0;
	int err = 0;

	if (earlier != NULL && record_uint(earlier, FACT_SERVICE) != 0) {
		services = n;
	} else if (earlier == NULL) {
		err = figures_catalog(&c, r->desk.store);
		if (err == 0)
			services = declared_services(&c, lines, n);
		catalog_release(&c);
	}
	if (err != 0)
		return recording_refuse(err, NULL);
	*is_service = services > 0;
	if (services == 0)
		return EXIT_DONE;
	if (services < n || args_has(r->args, "moved")) {
		say_error(_("a service is rendered for good, and not in one "
			    "delivery with goods: record it apart"));
		return EXIT_DATA;
	}
	form_uint(r->form, FACT_SERVICE, 1);
	return EXIT_DONE;
}

/* Does this member hand goods on? */
static bool is_between(const struct recording *r, const struct party *to)
{
	const struct member *m =
		roster_member(desk_roster(&r->desk), &to->member);

	return to->is_member && m != NULL &&
	       (m->role == ROLE_MAKER || m->role == ROLE_COURIER);
}

static int set_final(struct recording *r, const struct party *to)
{
	const struct record *earlier = recording_earlier(r);
	bool is_final = party_is_final(desk_roster(&r->desk), to);
	bool is_service = false;
	int code = set_service(r, &is_service);

	if (code != EXIT_DONE)
		return code;

	if (args_has(r->args, "final") || is_service)
		is_final = true;
	else if (args_has(r->args, "moved"))
		is_final = false;
	else if (earlier != NULL)
		is_final = record_uint(earlier, FACT_FINAL) != 0;
	form_uint(r->form, FACT_FINAL, is_final);
	if (is_final && !is_service && is_between(r, to))
		remark(&r->remarks,
		       _("a maker or courier hands goods on: what it "
			 "acknowledges as delivered for good the audit will "
			 "show; without --final it is handed on"));
	if (!is_final && !to->is_member)
		remark(&r->remarks, _("who is outside acknowledges nothing: "
				      "these goods stay "
				      "in transit; deliver them for good"));
	return EXIT_DONE;
}

/* What names a request and does not answer it is a delivery all the same, but
 * no correction makes it an answer later. */
static void remark_request(struct recording *r, struct asked *a,
			   const struct pubkey *asker, const char *ref)
{
	const struct record *rec = &r->form->rec;
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, FACT_LINES, lines), answers = 0;

	for (size_t i = 0; i < n; i++)
		answers += demand_for(a->line, a->n, &lines[i]) != NULL;
	if (!a->occurred)
		remark(&r->remarks, _("'%s' was withdrawn"), ref);
	else if (a->n > 0 && answers == 0)
		remark(&r->remarks, _("'%s' asks for nothing of this: %s"), ref,
		       a->line[0].item);
	else if (record_uint(rec, FACT_FINAL) == 0)
		remark(&r->remarks,
		       _("goods that move on answer no request: '%s' stays "
			 "open; --final says that they stay there"),
		       ref);
	else if (!demand_may_answer(desk_roster(&r->desk), asker, rec))
		remark(&r->remarks,
		       _("'%s' is answered by what is sent to who asked, and "
			 "this goes to somebody else: it stays open"),
		       ref);
}

static int check_request(struct recording *r, const struct ref_found *request,
			 const char *ref)
{
	const struct roster_feed *by =
		roster_feed(desk_roster(&r->desk), &request->feed);
	struct asked *asked = malloc(sizeof(*asked));
	int err = asked == NULL ? ERR_NOMEM
				: asked_load(asked, &r->desk, &request->id);

	if (err == 0)
		remark_request(r, asked,
			       by == NULL ? &request->feed : &by->identity,
			       ref);
	free(asked);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int set_request(struct recording *r)
{
	const char *text = args_get(r->args, "request");
	struct ref_found found;
	int code;

	if (text == NULL)
		return EXIT_DONE;
	code = recording_ref(r, &found, text, KIND_REQUEST);
	if (code == EXIT_DONE)
		code = check_request(r, &found, text);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_REQUEST, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_deliver(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "by", FACT_BY },   { "note", FACT_NUMBER },
		{ "lot", FACT_LOT }, { "serial", FACT_SERIAL },
		{ NULL, 0 },
	};
	struct recording r;
	struct party to;
	int code = recording_open(&r, ctx, args, KIND_DELIVER);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_deliver, "to");
	if (code == EXIT_DONE && args_has(args, "final") &&
	    args_has(args, "moved")) {
		say_error(_("either --final or --moved, not both"));
		cmd_usage(stderr, &cmd_deliver);
		code = EXIT_USAGE;
	}
	if (code == EXIT_DONE)
		code = recording_lines(&r, FACT_LINES, args->pos, args->pos_n);
	if (code == EXIT_DONE)
		code = set_party(&r, &to, "to", FACT_TO);
	if (code == EXIT_DONE && resend_is_same_shelf(&r.desk, &r.form->rec)) {
		say_error(_("goods are not delivered to the shelf that they "
			    "are on"));
		code = EXIT_DATA;
	}
	if (code == EXIT_DONE)
		code = set_final(&r, &to);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = set_request(&r);
	/* Who gives keys has said which deliveries are the same. */
	if (code == EXIT_DONE && !args_has(args, "key"))
		resend_repeat(&r.remarks, &r.desk, recording_date(&r),
			      &r.form->rec);
	return recording_end(&r, code);
}

const struct command cmd_deliver = {
	.name = "deliver",
	.run = run_deliver,
	.usage = "LINE... --to PARTY [--by PARTY] [--note N] [--request REF] "
		 "[--lot L] [--final|--moved]",
	.summary = N_("record goods that left for somebody"),
	.detail = N_("A LINE is a quantity and an item, as one argument or as "
		     "two. Goods are in transit until they are acknowledged "
		     "with 'receive'. A delivery is final to recipients and to "
		     "people outside, and moved on to makers, couriers and "
		     "associations, unless --final or --moved says otherwise. "
		     "A service (see 'item --class') is made by being "
		     "delivered: nights, journeys, meals served."),
	.options =
		(const struct option_rule[]){
			{ "to", "PARTY",
			  N_("who gets it: a member, =NAME or ~NAME") },
			{ "by", "PARTY", N_("who carries it") },
			{ "note", "N", N_("the number of the delivery note") },
			{ "request", "REF", N_("the request that it answers") },
			{ "lot", "L", N_("the lot, for recalls") },
			{ "serial", "TEXT",
			  N_("a serial number, or several with commas "
			     "between") },
			{ "final", NULL, N_("it stays there") },
			{ "moved", NULL, N_("it is passed on from there") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = ARGS_MAX,
};
