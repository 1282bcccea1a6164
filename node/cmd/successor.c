#include "node/cmd/successor.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/join/waiting.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

struct successor {
	struct recording r;
	const struct member *who;
	struct pubkey from, to;
	bool is_choice;  /* of a key that the old one signed for */
	size_t founders; /* who must say it; 0: it is not a founder's key */
	struct position pins[LIMIT_PINS];
	size_t pins_n;
};

static const struct roster *roster_of(const struct successor *x)
{
	return desk_roster(&x->r.desk);
}

/* PROTOCOL: as soon as more than half of the founders have said the same three
 * keys */
static int find_founder(struct successor *x, const char *text)
{
	const struct roster *r = roster_of(x);
	const struct member *me = roster_member(r, &x->r.desk.identity);

	x->founders = roster_charter(r)->founders_n / 2 + 1;
	if (x->founders >= roster_charter(r)->founders_n)
		say_error(_("the lost key of %s, a founder, is named anew by "
			    "two other founders at least, whom this network "
			    "does not have: restore it from a backup or its "
			    "recovery code ('maillon restore') or, as long as "
			    "its machine still records, make founders of "
			    "others there ('maillon charter amend --founder')"),
			  text);
	else if (me == x->who)
		say_error(_("which key follows your own is for the other "
			    "founders to say; who still has the old one makes "
			    "the next with 'maillon rotate --identity'"));
	else if (me == NULL || me->depth > 0)
		say_error(_("%s is a founder: which key follows is for the "
			    "other founders to say"),
			  text);
	else
		return EXIT_DONE;
	return EXIT_DENIED;
}

/* PROTOCOL: A rotation is *named* if it counts, and is by the association that
 * admitted the member or by somebody above that one */
static int find_who(struct successor *x, const char *text)
{
	const struct roster *r = roster_of(x);
	const struct pubkey *me = &x->r.desk.identity;
	struct reason why = { "" };
	struct party party;
	int err = party_resolve(&party, r, &x->r.desk.member, text, &why);

	if (err == 0 && party.is_member)
		x->who = roster_member(r, &party.member);
	if (x->who == NULL) {
		say_error("%s", err != 0 ? why.text
					 : _("only a member has an identity "
					     "key"));
		return EXIT_DATA;
	}
	if (x->who->depth == 0)
		return find_founder(x, text);
	if (roster_member(r, me) != NULL &&
	    (pubkey_eq(&x->who->admitter, me) ||
	     roster_is_below(r, &x->who->admitter, me)))
		return EXIT_DONE;
	say_error(_("which key follows that of %s is for the association that "
		    "admitted the member to say, or for one above it"),
		  text);
	return EXIT_DENIED;
}

/* Is it a key that the member's own key has signed for, or that another founder
 * has named? */
static bool find_said(struct successor *x, const char *text)
{
	const struct roster *r = roster_of(x);
	size_t n = strlen(text);

	for (size_t i = 0; i < roster_rotation_count(r) && n >= 8; i++) {
		const struct rotation y = roster_rotation_at(r, i);
		char hex[HEX_SIZE(KEY_SIZE)], print[FINGERPRINT_SIZE];

		hex_encode(hex, y.to.b, KEY_SIZE);
		fingerprint(print, &y.to);
		if ((!y.is_signed && y.state != ROTATION_WAITS) ||
		    !pubkey_eq(&y.who, &x->who->identity) ||
		    (strncmp(hex, text, n) != 0 && strcmp(print, text) != 0))
			continue;
		x->from = y.from;
		x->to = y.to;
		x->is_choice = y.is_signed;
		return true;
	}
	return false;
}

static int find_to(struct successor *x, const char *text)
{
	int err;

	if (find_said(x, text))
		return EXIT_DONE;
	x->from = x->who->key;
	err = waiting_find(&x->to, x->r.desk.store, text);
	if (err == 0)
		return EXIT_DONE;
	if (err == ERR_EXISTS)
		say_error(_("more than one who waits is called %s; give the "
			    "fingerprint"),
			  text);
	else
		say_error(_("nobody called %s waits: whoever lost the key "
			    "joins again on the new machine, with a link of "
			    "'maillon invite' (without --auto)"),
			  text);
	return EXIT_DATA;
}

/* A key before the last one of the chain, which somebody else has followed. */
static int find_from(struct successor *x, const char *text)
{
	struct pubkey key;
	size_t n = text == NULL ? 0 : strlen(text);

	if (text == NULL)
		return EXIT_DONE;
	for (size_t i = 0;
	     n >= 8 && roster_key_at(roster_of(x), &key, &x->who->identity, i);
	     i++) {
		char hex[HEX_SIZE(KEY_SIZE)], print[FINGERPRINT_SIZE];

		hex_encode(hex, key.b, KEY_SIZE);
		fingerprint(print, &key);
		if (strncmp(hex, text, n) == 0 || strcmp(print, text) == 0) {
			x->from = key;
			return EXIT_DONE;
		}
	}
	say_error(_("'%s' is not an identity key of this member; 'maillon "
		    "members --json' lists them"),
		  text);
	return EXIT_DATA;
}

/* Is the key one of those that go on: from the first up to x->from? */
static bool goes_on(const struct successor *x, const struct pubkey *certifier)
{
	struct pubkey key;

	for (size_t i = 0;
	     roster_key_at(roster_of(x), &key, &x->who->identity, i); i++) {
		if (pubkey_eq(&key, certifier))
			return true;
		if (pubkey_eq(&key, &x->from))
			return false;
	}
	return false;
}

/* What is here of the member's feeds goes on counting, and no more of them:
 * nobody writes there any longer. */
static int find_pins(struct successor *x)
{
	const struct roster *r = roster_of(x);

	for (size_t i = 0; i < roster_feed_count(r); i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		struct head head;
		int err;

		if (!pubkey_eq(&f->identity, &x->who->identity) ||
		    !goes_on(x, &f->certifier))
			continue;
		err = store_head(x->r.desk.store, &f->feed, &head);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err != 0 || x->pins_n == LIMIT_PINS)
			return err != 0 ? err : ERR_LIMIT;
		x->pins[x->pins_n++] =
			(struct position){ head.feed, head.seq, head.id };
	}
	return 0;
}

static int fill(struct successor *x)
{
	struct form *f = x->r.form;
	int err = form_bytes(f, FACT_WHO, x->who->identity.b, KEY_SIZE);

	if (err == 0)
		err = form_bytes(f, FACT_IDENTITY, x->from.b, KEY_SIZE);
	if (err == 0)
		err = form_bytes(f, FACT_SUCCESSOR, x->to.b, KEY_SIZE);
	if (err == 0 && !x->is_choice)
		err = find_pins(x);
	if (err == 0)
		err = form_positions(f, FACT_PINS, x->pins, x->pins_n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static void tell(const struct successor *x, const char *who, const char *to)
{
	char print[FINGERPRINT_SIZE];

	fingerprint(print, &x->to);
	if (x->founders > 0)
		say_note(_("%s goes on under the key %s once %zu founders have "
			   "said so, each with 'maillon rotate %s --to %s', "
			   "and their machines have made %d checkpoints since "
			   "then, at most one an hour (none, if the old key "
			   "signed for it); 'maillon members' shows what is "
			   "missing"),
			 who, print, x->founders, who, print,
			 ROTATION_CHECKPOINTS);
	else if (x->is_choice)
		say_note(_("%s goes on under that key, whatever else the old "
			   "one signed"),
			 who);
	else
		say_note(_("%s becomes %s once this association has made %d "
			   "more checkpoints, at most one an hour; until then "
			   "'maillon members' shows it, and 'maillon accept "
			   "%s' takes it back"),
			 to, who, ROTATION_CHECKPOINTS, to);
}

int successor_name(struct ctx *ctx, const struct args *args)
{
	const char *to = args_get(args, "to");
	struct successor *x = calloc(1, sizeof(*x));
	int code;

	if (x == NULL)
		return exit_of(ERR_NOMEM);
	code = recording_open(&x->r, ctx, args, KIND_ROTATE);
	if (code == EXIT_DONE)
		code = find_who(x, args->pos[0]);
	if (code == EXIT_DONE)
		code = find_to(x, to);
	if (code == EXIT_DONE)
		code = find_from(x, args_get(args, "from"));
	if (code == EXIT_DONE)
		code = fill(x);
	code = recording_end(&x->r, code);
	if (code == EXIT_DONE)
		tell(x, args->pos[0], to);
	free(x);
	return code;
}
