#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/branch.h"
#include "node/cmd/place.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/roster_limit.h"

/* Whose the feed is; NULL when that is nobody. */
static const struct member *owner_of(struct recording *r,
				     const struct position *at)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct roster_feed *f = roster_feed(roster, &at->feed);
	struct pubkey key;

	if (f != NULL)
		return roster_member(roster, &f->identity);
	return branch_owner(&key, &r->desk, &at->feed) == 0
		       ? roster_member(roster, &key)
		       : NULL;
}

/* PROTOCOL: by the association that admitted the member, as *Replacing and
 * dismissing* says which governs, or by somebody above that one */
static int check(struct recording *r, const struct position *at)
{
	const struct roster *roster = desk_roster(&r->desk);
	const struct charter *charter = roster_charter(roster);
	const struct member *m = owner_of(r, at);
	const struct member *me = roster_member(roster, &r->desk.identity);
	bool may = false;

	if (m != NULL && me != NULL && m->depth == 0)
		may = charter->founders_n == 1 ? m == me
					       : me->depth == 0 && m != me;
	else if (m != NULL && me != NULL)
		may = pubkey_eq(&m->admitter, &me->identity) ||
		      roster_is_below(roster, &m->admitter, &me->identity);
	if (!may) {
		say_error(
			_("which chain of %s counts is not yours to say: that "
			  "is for the association that admitted the member, or "
			  "one above it; for a founder, for the other "
			  "founders"),
			m == NULL ? r->args->pos[0] : m->label);
		return EXIT_DENIED;
	}
	/* PROTOCOL: A feed whose first entry is in dispute is nobody's, so no
	 * chain of it can be named: a `resolve` of it names none and says only
	 * how the fork came about */
	if (roster_feed(roster, &at->feed) == NULL)
		say_note(_("the first entry of this feed is in dispute, so no "
			   "chain of it can be named; what its copies "
			   "recorded, they record again, and how it came about "
			   "is said now"));
	return EXIT_DONE;
}

/* A chain that was attested counts without a word, but how the fork came about
 * is to be said all the same. */
static const struct feed_limit *attested(struct recording *r,
					 const struct pubkey *feed)
{
	const struct feed_limit *l = roster_limit(desk_roster(&r->desk), feed);

	return l != NULL && l->fork != 0 && l->limit >= l->fork &&
			       id_is_zero(&l->named)
		       ? l
		       : NULL;
}

static int not_in_dispute(const struct recording *r)
{
	say_error(_("'%s' is not in dispute; 'maillon log --disputed' lists "
		    "what is"),
		  r->args->pos[0]);
	return EXIT_DATA;
}

/* An entry that counts because it was attested stands for all of them. */
static int find_attested(struct recording *r, struct position *at)
{
	const struct feed_limit *l;
	struct ref_found found;
	int code = recording_ref(r, &found, r->args->pos[0], 0);

	if (code != EXIT_DONE)
		return code;
	l = attested(r, &found.feed);
	if (l == NULL || found.seq < l->fork)
		return not_in_dispute(r);
	*at = (struct position){ found.feed, l->limit, l->tip };
	return EXIT_DONE;
}

/* PROTOCOL: a `resolve` at least as high goes before it */
static int check_height(struct recording *r, const struct position *at)
{
	const struct feed_limit *l = attested(r, &at->feed);
	char tip[2 * ID_SIZE + 1];

	if (l == NULL || at->seq >= l->limit)
		return EXIT_DONE;
	hex_encode(tip, l->tip.b, ID_SIZE);
	say_error(_("the association has attested the other chain up to its "
		    "entry %llu, and nothing below that is named instead; to "
		    "say how the fork came about, name that one: %s"),
		  (unsigned long long)l->limit, tip);
	return EXIT_DATA;
}

static int find(struct recording *r, struct position *at)
{
	uint8_t raw[LIMIT_ENTRY];
	struct reason why = { "" };
	size_t n;
	int err = branch_find(at, raw, &n, &r->desk, r->args->pos[0], &why);

	if (err == 0)
		return check_height(r, at);
	if (err == ERR_NOT_FOUND)
		return find_attested(r, at);
	return recording_refuse(err, &why);
}

/* A sole founder has nobody beside it: its identity says so itself. */
static int sign(struct recording *r, const struct position *at)
{
	const struct member *m = owner_of(r, at);

	if (m == NULL || m->depth != 0 ||
	    !pubkey_eq(&m->identity, &r->desk.identity))
		return EXIT_DONE;
	return place_sign(r, at, DOMAIN_RESOLVE);
}

static int run_resolve(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "cause", FACT_CAUSE },
		{ NULL, 0 },
	};
	struct position at;
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_RESOLVE);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_resolve, "cause");
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = find(&r, &at);
	if (code == EXIT_DONE)
		code = check(&r, &at);
	if (code == EXIT_DONE)
		code = place_set(&r, &at);
	if (code == EXIT_DONE)
		code = sign(&r, &at);
	return recording_end(&r, code);
}

const struct command cmd_resolve = {
	.name = "resolve",
	.run = run_resolve,
	.usage = "REF --cause copied-machine|dishonesty [--passphrase-file F]",
	.summary = N_("say which of two signed stories of a feed counts"),
	.detail = N_("A feed with two different signed entries of one number "
		     "ends before them, for everybody. REF names the newest "
		     "entry, in dispute, that is to count after all, with "
		     "everything that leads to it; of two with one number give "
		     "the id. Where the association had attested one chain, "
		     "that one counts already, and REF is an entry of it. Of a "
		     "feed whose first entry is in dispute no chain can be "
		     "named, and it is only said how it came about. The "
		     "association that admitted the member says "
		     "so, or one above it. A copied machine is an accident: "
		     "what its copies recorded, they record again by "
		     "themselves. So is one old copy that recorded, and met "
		     "nobody at first who held what it had lost."),
	.options =
		(const struct option_rule[]){
			{ "cause", "copied-machine|dishonesty",
			  N_("how it came about; everybody can read this") },
			{ "passphrase-file", "F",
			  N_("file whose first line unseals the identity key; "
			     "- reads standard input") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
