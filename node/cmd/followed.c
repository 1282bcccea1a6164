#include "node/cmd/followed.h"

#include "crypto/err.h"
#include "node/net/follow.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static int cannot_write(int err)
{
	say_error(_("the ledger cannot be written: %s"), err_reason(err));
	return exit_of(err);
}

static int too_many(void)
{
	say_error(_("--follow may be given %d times at most"), MSG_SCOPE);
	return EXIT_USAGE;
}

static int add_named(struct msg_scope *scope, const struct keeper *k,
		     const char *text)
{
	struct reason why = { "" };
	struct party party;

	if (party_resolve(&party, store_roster(k->store), &k->member, text,
			  &why) != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	if (!party.is_member) {
		say_error(_("'%s' is not a member: nobody is below someone "
			    "outside"),
			  text);
		return EXIT_DATA;
	}
	return follow_add(scope, &party.member) == 0 ? EXIT_DONE : too_many();
}

int followed_take(struct keeper *k, const struct args *args)
{
	const struct follow_wish none = { .n = 0 };
	struct msg_scope scope = { .n = 0 };
	const char *text;
	size_t at = 0;
	int err;

	if (!args_has(args, "follow"))
		return EXIT_DONE;
	while ((text = args_each(args, "follow", &at)) != NULL) {
		int code = strcmp(text, "all") == 0
				   ? EXIT_DONE
				   : add_named(&scope, k, text);

		if (code != EXIT_DONE)
			return code;
	}
	err = follow_put(k->store, &scope);
	if (err == 0)
		err = follow_wish_put(k->store, &none, &k->identity);
	return err == 0 ? EXIT_DONE : cannot_write(err);
}

int followed_wish(struct keeper *k, const struct args *args)
{
	struct follow_wish wish = { .n = 0 };
	const char *text;
	size_t at = 0;
	int err;

	while ((text = args_each(args, "follow", &at)) != NULL) {
		if (strcmp(text, "all") == 0)
			return followed_take(k, args);
		if (wish.n == MSG_SCOPE)
			return too_many();
		if (strlen(text) > FOLLOW_NAME) {
			say_error(_("'%s' is too long for a name of a member"),
				  text);
			return EXIT_DATA;
		}
		memcpy(wish.who[wish.n++], text, strlen(text) + 1);
	}
	if (wish.n == 0)
		return EXIT_DONE;
	err = follow_wish_put(k->store, &wish, &k->identity);
	return err == 0 ? EXIT_DONE : cannot_write(err);
}

int followed_left(struct keeper *k)
{
	struct reason why = { "" };
	int err = follow_settle(k, &why);

	if (err == 0)
		return EXIT_DONE;
	say_error(_("%s; until 'maillon up --follow' names a member, this home "
		    "holds nobody's records but its own, and the roster"),
		  why.text[0] != '\0' ? why.text : err_reason(err));
	return EXIT_DATA;
}

bool followed_look(struct followed *out, struct store *s,
		   const struct roster *roster, const struct pubkey *identity)
{
	struct msg_scope scope;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	if (follow_get(s, &scope) != 0 || scope.n == 0)
		return false;
	/* Not every command has needed the roster so far. */
	if (roster == NULL && store_refresh(s) == 0)
		roster = store_roster(s);
	if (roster == NULL)
		return false;
	for (uint32_t i = 0; i < scope.n && n < sizeof(out->names); i++) {
		char name[PARTY_TEXT];

		member_text(name, roster, &scope.who[i]);
		n += (size_t)snprintf(out->names + n, sizeof(out->names) - n,
				      "%s%s", i == 0 ? "" : ", ", name);
	}
	out->members = roster_count(roster);
	for (size_t i = 0; i < out->members; i++)
		out->outside += !follow_has(&scope, roster, identity,
					    roster_at(roster, i));
	return true;
}

void followed_note(struct store *s, const struct roster *roster,
		   const struct pubkey *identity)
{
	struct followed f;

	if (!followed_look(&f, s, roster, identity))
		return;
	say_note(P_("this home follows %s only and is not the whole: %llu "
		    "member is outside of it, whose records are not "
		    "fetched: at most earlier ones are here",
		    "this home follows %s only and is not the whole: %llu "
		    "members are outside of it, whose records are not "
		    "fetched: at most earlier ones are here",
		    f.outside),
		 f.names, (unsigned long long)f.outside);
}
