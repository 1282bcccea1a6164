#include "node/cmd/narrow.h"

#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"

int narrow_open(struct narrow *n, const struct desk *d, const struct args *args)
{
	const char *under = args_get(args, "under");
	const char *place = args_get(args, "place");
	struct reason why = { "" };
	struct party party;

	*n = (struct narrow){ .roster = desk_roster(d) };
	if (place != NULL && parse_place(n->place, place) != 0) {
		say_error(_("'%s' is not a place, like FR or FR-88"), place);
		return EXIT_DATA;
	}
	if (under == NULL)
		return EXIT_DONE;
	if (party_resolve(&party, n->roster, &d->member, under, &why) != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	if (!party.is_member) {
		say_error(_("'%s' is not a member: nobody is below someone "
			    "outside"),
			  under);
		return EXIT_DATA;
	}
	n->has_under = true;
	n->under = party.member;
	return EXIT_DONE;
}

bool narrow_is_on(const struct narrow *n)
{
	return n->has_under || n->place[0] != '\0';
}

bool narrow_member(const struct narrow *n, const struct pubkey *member)
{
	const struct member *m;

	if (!narrow_is_on(n))
		return true;
	m = roster_member(n->roster, member);
	if (m == NULL ||
	    (n->place[0] != '\0' && !place_is_under(m->place, n->place)))
		return false;
	return !n->has_under || pubkey_eq(member, &n->under) ||
	       roster_is_below(n->roster, member, &n->under);
}

bool narrow_feed(const struct narrow *n, const struct pubkey *feed)
{
	const struct roster_feed *f;

	if (!narrow_is_on(n))
		return true;
	f = roster_feed(n->roster, feed);
	return f != NULL && narrow_member(n, &f->identity);
}
