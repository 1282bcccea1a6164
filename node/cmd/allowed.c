#include "node/cmd/allowed.h"

#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/roster/roster.h"

static const struct member *self(const struct desk *d)
{
	return roster_member(desk_roster(d), &d->identity);
}

int allowed_member(const struct desk *d)
{
	const struct member *m = self(d);

	if (m == NULL) {
		say_error(_("you are not admitted yet, and only members record "
			    "this; try again once you are"));
		return EXIT_AGAIN;
	}
	if (m->is_standing)
		return EXIT_DONE;
	say_error(_("your membership has ended; what you record now would not "
		    "count"));
	return EXIT_DENIED;
}

int allowed_role(const struct desk *d, unsigned roles, const char *who)
{
	int code = allowed_member(d);

	if (code != EXIT_DONE || (roles & ALLOWED(self(d)->role)) != 0)
		return code;
	say_error("%s", who);
	return EXIT_DENIED;
}
