#include "node/cmd/allowed.h"

#include "node/safe/heldkey.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/roster/rotation.h"
#include "store/store.h"

static const struct member *self(const struct desk *d)
{
	return roster_member(desk_roster(d), &d->identity);
}

static const char *barred_text(void)
{
	return _("another identity key has followed that of this home, and "
		 "what you record here now would not count: take it over with "
		 "'maillon rotate --adopt FILE', from a backup made since, or "
		 "ask your association");
}

int allowed_feed(const struct roster *r, const struct pubkey *feed)
{
	if (r == NULL || roster_barred(r, feed) == UINT64_MAX)
		return EXIT_DONE;
	say_error("%s", barred_text());
	return EXIT_DENIED;
}

void allowed_warn(struct store *s, const struct pubkey *identity,
		  const struct pubkey *feed)
{
	const struct roster *r = store_roster(s);

	if (r != NULL && roster_barred(r, feed) != UINT64_MAX)
		say_warn("%s", barred_text());
	else if (heldkey_is_behind(s, r, identity))
		say_warn(_("another identity key of this member is in force "
			   "than the one of this home, and what is made here "
			   "with it would not count, a new node key, a backup "
			   "or a recovery code: take that one over with "
			   "'maillon rotate --adopt FILE', from a backup made "
			   "where it was made"));
}

int allowed_as(const struct roster *r, const struct pubkey *identity,
	       const struct pubkey *feed)
{
	const struct member *m = r == NULL ? NULL : roster_member(r, identity);

	if (m == NULL) {
		say_error(_("you are not admitted yet, and only members record "
			    "this; try again once you are"));
		return EXIT_AGAIN;
	}
	if (m->is_standing)
		return allowed_feed(r, feed);
	say_error(_("your membership has ended; what you record now would not "
		    "count"));
	return EXIT_DENIED;
}

int allowed_member(const struct desk *d)
{
	return allowed_as(desk_roster(d), &d->identity, &d->feed);
}

int allowed_role(const struct desk *d, unsigned roles, const char *who)
{
	int code = allowed_member(d);

	if (code != EXIT_DONE || (roles & ALLOWED(self(d)->role)) != 0)
		return code;
	say_error("%s", who);
	return EXIT_DENIED;
}
