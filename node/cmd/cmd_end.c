#include "node/cmd/cmd.h"

#include "node/cmd/place.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/roster_limit.h"

/* It must be of another machine of this member's, and lower than before. */
static int check(struct recording *r, const struct ref_found *found)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct roster_feed *f = roster_feed(roster, &found->feed);
	const struct feed_limit *l = roster_limit(roster, &found->feed);
	const char *ref = r->args->pos[0];

	if (f == NULL || !pubkey_eq(&f->identity, &r->desk.identity)) {
		say_error(_("'%s' is not of a machine of yours; 'maillon "
			    "dismiss' is for other members"),
			  ref);
		return EXIT_DENIED;
	}
	if (pubkey_eq(&found->feed, &r->desk.feed)) {
		say_error(_("'%s' is of this very machine, which could record "
			    "nothing any more; do this on another one of "
			    "yours"),
			  ref);
		return EXIT_DATA;
	}
	if (l != NULL && l->end.seq != 0 && l->end.seq <= found->seq) {
		say_error(l->raised.seq == 0
				  ? _("that feed ends at its entry %llu "
				      "already")
				  : _("that feed was ended at its entry %llu, "
				      "and that was raised: only a lower place "
				      "ends it again"),
			  (unsigned long long)l->end.seq);
		return EXIT_DATA;
	}
	return EXIT_DONE;
}

static int run_end(struct ctx *ctx, const struct args *args)
{
	struct ref_found found;
	struct position at;
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_END);

	if (code == EXIT_DONE)
		code = recording_ref(&r, &found, args->pos[0], 0);
	if (code == EXIT_DONE)
		code = check(&r, &found);
	if (code == EXIT_DONE) {
		at = (struct position){ found.feed, found.seq, found.id };
		code = place_set(&r, &at);
	}
	if (code == EXIT_DONE)
		code = place_sign(&r, &at, DOMAIN_END);
	return recording_end(&r, code);
}

const struct command cmd_end = {
	.name = "end",
	.run = run_end,
	.usage = "REF [--passphrase-file F]",
	.summary = N_("close the feed of a machine that was stolen"),
	.detail = N_("REF is the last entry that you made there yourself. What "
		     "comes after it counts for nothing, whoever records it, "
		     "and no later 'end' moves the place up again ('maillon "
		     "release' does, for honest entries). Only the "
		     "member's identity key can do this, on another machine "
		     "of the same member ('maillon restore' makes one)."),
	.options =
		(const struct option_rule[]){
			{ "passphrase-file", "F",
			  N_("file whose first line unseals the identity key; "
			     "- reads standard input") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
