#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/branch.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/roster/roster_limit.h"

static bool is_by_or_above(const struct roster *r, const struct pubkey *who,
			   const struct pubkey *me)
{
	return pubkey_eq(who, me) || roster_is_below(r, who, me);
}

/* PROTOCOL: if it is by the association that admitted the member or by somebody
 * above that one, or by the member itself in a feed that its key in force
 * certified */
static int check_followed(const struct recording *r, const struct member *m)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct pubkey *me = &r->desk.identity;
	const struct roster_feed *own = roster_feed(roster, &r->desk.feed);

	if (pubkey_eq(&m->identity, me)) {
		if (own != NULL && pubkey_eq(&own->certifier, &m->key))
			return EXIT_DONE;
		say_error(_("do this where the newest identity key made the "
			    "node key: 'maillon rotate --adopt FILE' takes the "
			    "identity key over, and 'maillon rotate' makes a "
			    "node key with it"));
		return EXIT_DENIED;
	}
	if (m->depth > 0 && is_by_or_above(roster, &m->admitter, me))
		return EXIT_DONE;
	say_error(_("how far the old feeds of %s count is for the member "
		    "itself to raise, or for the association that admitted "
		    "it, or one above that"),
		  m->label);
	return EXIT_DENIED;
}

/* Is this entry beyond the end of its feed?  Then it is no record here, but put
 * aside. */
static int find_ended(struct recording *r, struct ref_found *out, bool *is_one)
{
	uint8_t raw[LIMIT_ENTRY];
	struct reason why = { "" };
	struct position at;
	uint64_t last;
	size_t n;
	int err = branch_find(&at, raw, &n, &r->desk, r->args->pos[0], &why);

	*is_one = err == 0;
	if (err == ERR_NOT_FOUND)
		return EXIT_DONE;
	if (err != 0)
		return recording_refuse(err, &why);
	if (branch_why(&last, &r->desk, &at) != BRANCH_ENDED) {
		say_error(_("'%s' is in dispute: 'maillon resolve' says which "
			    "of two stories counts"),
			  r->args->pos[0]);
		return EXIT_DATA;
	}
	*out = (struct ref_found){ .feed = at.feed,
				   .seq = at.seq,
				   .id = at.id };
	return EXIT_DONE;
}

/* PROTOCOL: For honest entries that turn up later a `release` raises it that
 * has the seq of the end as its `number` */
static int raise_end(struct recording *r, const struct ref_found *found)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct feed_limit *l = roster_limit(roster, &found->feed);
	const struct roster_feed *f = roster_feed(roster, &found->feed);
	const struct member *m =
		f != NULL ? roster_member(roster, &f->identity) : NULL;
	char number[DEC_SIZE];
	int code = EXIT_DATA;

	if (m != NULL && l != NULL && !pubkey_eq(&found->feed, &r->desk.feed))
		code = check_followed(r, m);
	else
		say_error(
			_("'%s' is beyond the end of this machine's own feed: "
			  "do this on another one of yours, or here after "
			  "'maillon rotate'"),
			r->args->pos[0]);
	if (code != EXIT_DONE)
		return code;
	dec_encode(number, l->end.seq);
	return recording_set(r, FACT_NUMBER, number);
}

/* Whose entry it is, and that it does not count yet. */
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
	if (found->seq <= f->counted_to) {
		say_error(_("'%s' counts already"), r->args->pos[0]);
		return EXIT_DATA;
	}
	if (m->is_standing)
		return check_followed(r, m);
	if (is_by_or_above(roster, &m->dismisser, me))
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
	bool is_ended = false;
	int code = recording_open(&r, ctx, args, KIND_RELEASE);

	if (code == EXIT_DONE)
		code = find_ended(&r, &found, &is_ended);
	if (code == EXIT_DONE && !is_ended)
		code = recording_ref(&r, &found, args->pos[0], 0);
	if (code == EXIT_DONE)
		code = is_ended ? raise_end(&r, &found) : check(&r, &found);
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
	.summary = N_("let more of a feed count that was cut off too early"),
	.detail = N_("REF and everything before it in that feed counts "
		     "after all: for honest entries that had not "
		     "arrived when the member was dismissed, when "
		     "another identity key followed, or when the feed "
		     "was ended ('maillon log --disputed' lists what "
		     "came after that). Nothing makes less of it count, "
		     "but an end that is set lower. Of a dismissed member who "
		     "dismissed it, or "
		     "somebody above, can do it; in the other cases the "
		     "member itself, on a machine of its newest "
		     "identity key, the association that admitted it, "
		     "or one above."),
	.options =
		(const struct option_rule[]){
			{ "reason", "TEXT",
			  N_("why; everybody in the network can read this") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
