#include "node/cmd/cmd.h"

#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

/* Whose entry it is: they must be dismissed, and it must not count yet. */
static int check(struct recording *r, const struct ref_found *found)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct roster_feed *f = roster_feed(roster, &found->feed);
	const struct member *m =
		f != NULL ? roster_member(roster, &f->identity) : NULL;
	const struct pubkey *me = &r->desk.identity;

	if (m == NULL) {
		say_error(_("'%s' is of somebody who was never a member; "
			    "'maillon accept' admits"),
			  r->args->pos[0]);
		return EXIT_DATA;
	}
	if (m->is_standing || found->seq <= f->counted_to) {
		say_error(_("'%s' counts already"), r->args->pos[0]);
		return EXIT_DATA;
	}
	if (pubkey_eq(me, &m->dismisser) ||
	    roster_is_below(roster, &m->dismisser, me))
		return EXIT_DONE;
	say_error(_("%s was not dismissed by you or by anybody below you"),
		  m->label);
	return EXIT_DENIED;
}

static int set_position(struct recording *r, const struct ref_found *found)
{
	const struct roster_feed *f =
		roster_feed(desk_roster(&r->desk), &found->feed);
	struct position at = { found->feed, found->seq, found->id };
	int err = form_position(r->form, FACT_POSITION, &at);

	if (err == 0)
		err = form_bytes(r->form, FACT_WHO, f->identity.b, KEY_SIZE);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int run_release(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "reason", FACT_REASON },
		{ NULL, 0 },
	};
	struct ref_found found;
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_RELEASE);

	if (code == EXIT_DONE)
		code = recording_ref(&r, &found, args->pos[0], 0);
	if (code == EXIT_DONE)
		code = check(&r, &found);
	if (code == EXIT_DONE)
		code = set_position(&r, &found);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	return recording_end(&r, code);
}

const struct command cmd_release = {
	.name = "release",
	.run = run_release,
	.usage = "REF [--reason TEXT]",
	.summary = N_("let more of a dismissed member's entries count"),
	.detail = N_("REF and everything before it in that feed counts after "
		     "all: for honest entries that had not arrived when the "
		     "member was dismissed. Nothing makes less of it count. "
		     "Only who dismissed the member, or somebody above, can "
		     "do it."),
	.options =
		(const struct option_rule[]){
			{ "reason", "TEXT",
			  N_("why; everybody in the network can read this") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
