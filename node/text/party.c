#include "node/text/party.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/names.h"
#include "node/text/near.h"
#include "node/text/parse.h"
#include "proto/form.h"
#include "proto/rd.h"
#include "store/private.h"
#include "store/totals.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_MIN = 8, SHOWN = 4 /* candidates in a sentence */ };

struct tag party_handle(const struct secret *member, const char *name, size_t n)
{
	while (n > 0 && (name[0] == ' ' || name[0] == '\t')) {
		name++;
		n--;
	}
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	return hash_tag(member, "maillon/1 handle", name, n);
}

const void *party_bytes(const struct party *p, size_t *n)
{
	*n = p->is_member ? KEY_SIZE : TAG_SIZE;
	return p->is_member ? p->member.b : p->outsider.b;
}

static int outsider(struct party *out, const struct secret *member,
		    const char *text, struct reason *why)
{
	bool is_public = text[0] == '=';
	size_t max = is_public ? LIMIT_NAME : PARTY_NAME;
	const char *name = text + 1 + strspn(text + 1, " \t");
	size_t n = strlen(name);

	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	if (n == 0 || !utf8_is_plain(name, n))
		return reason_set(why, ERR_FORMAT,
				  _("'%s': the name after '%c' is empty, or "
				    "holds characters that cannot be shown"),
				  text, text[0]);
	if (n > max)
		return reason_set(why, ERR_LIMIT,
				  _("'%s': the name is longer than %zu bytes"),
				  text, max);
	*out = (struct party){ .is_public = is_public };
	out->outsider = party_handle(member, name, n);
	memcpy(out->name, name, n);
	out->name[n] = '\0';
	return 0;
}

/* Those that a text may mean. */
struct search {
	const struct member *found[SHOWN];
	size_t n; /* may be more than SHOWN */
	size_t standing;
	const struct member *in_standing;
};

static void offer(struct search *s, const struct member *m)
{
	if (s->n < SHOWN)
		s->found[s->n] = m;
	s->n++;
	if (m->is_standing) {
		s->standing++;
		s->in_standing = m;
	}
}

static int choose(struct party *out, const struct search *s, const char *text,
		  struct reason *why)
{
	char list[SHOWN * 20] = "";
	size_t at = 0;

	/* Who was dismissed gives way to who stands. */
	if (s->n == 1 || s->standing == 1) {
		const struct member *m =
			s->n == 1 ? s->found[0] : s->in_standing;

		*out = (struct party){ .is_member = true,
				       .member = m->identity };
		return 0;
	}
	for (size_t i = 0; i < s->n && i < SHOWN; i++) {
		char hex[HEX_SIZE(6)];

		hex_encode(hex, s->found[i]->identity.b, 6);
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
				       i == 0 ? "" : ", ", hex);
	}
	return reason_set(why, ERR_EXISTS,
			  _("'%s' may be any of %zu members: %s; give more "
			    "digits of the key"),
			  text, s->n, list);
}

/* Is text at least 8 and at most 64 hex digits?  Their lower-case form. */
static bool is_prefix(char out[static HEX_SIZE(KEY_SIZE)], const char *text)
{
	size_t n = strlen(text);

	if (n < PREFIX_MIN || n > 2 * KEY_SIZE)
		return false;
	for (size_t i = 0; i <= n; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (i < n && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		out[i] = c;
	}
	return true;
}

static bool has_prefix(const struct pubkey *key, const char *prefix)
{
	char hex[HEX_SIZE(KEY_SIZE)];

	hex_encode(hex, key->b, KEY_SIZE);
	return strncmp(hex, prefix, strlen(prefix)) == 0;
}

static int nobody(const struct roster *r, const char *text, struct reason *why)
{
	char list[NEAR_MAX * NEAR_WORD];
	struct near near;

	near_init(&near, text);
	for (size_t i = 0; r != NULL && i < roster_count(r); i++)
		near_offer(&near, roster_at(r, i)->label);
	near_text(&near, list, sizeof(list));
	if (near.n > 0)
		return reason_set(why, ERR_NOT_FOUND,
				  _("'%s' is not a member; did you mean %s? "
				    "(=NAME or ~NAME for someone outside)"),
				  text, list);
	return reason_set(why, ERR_NOT_FOUND,
			  _("'%s' is not a member, as far as is known here; "
			    "write =NAME or ~NAME for someone outside"),
			  text);
}

int party_resolve(struct party *out, const struct roster *roster,
		  const struct secret *member, const char *text,
		  struct reason *why)
{
	char prefix[HEX_SIZE(KEY_SIZE)];
	struct search s = { .n = 0 };
	bool by_key;

	if (text[0] == '=' || text[0] == '~')
		return outsider(out, member, text, why);
	by_key = is_prefix(prefix, text);
	for (size_t i = 0; roster != NULL && i < roster_count(roster); i++) {
		const struct member *m = roster_at(roster, i);

		if (by_key ? has_prefix(&m->identity, prefix)
			   : strcmp(m->label, text) == 0)
			offer(&s, m);
	}
	return s.n == 0 ? nobody(roster, text, why)
			: choose(out, &s, text, why);
}

int party_of(struct party *out, struct desk *d, const char *text,
	     struct reason *why)
{
	int err = party_resolve(out, desk_roster(d), &d->member, text, why);

	return err == 0 ? party_keep(d, out) : err;
}

static bool is_only_label(const struct roster *r, const struct member *m)
{
	for (size_t i = 0; i < roster_count(r); i++) {
		const struct member *o = roster_at(r, i);

		if (o != m && strcmp(o->label, m->label) == 0)
			return false;
	}
	return true;
}

bool member_label(char out[static LIMIT_LABEL + 1], const struct roster *r,
		  const struct pubkey *identity)
{
	const struct member *m = r == NULL ? NULL : roster_member(r, identity);

	if (m == NULL || !is_only_label(r, m))
		return false;
	memcpy(out, m->label, sizeof(m->label));
	return true;
}

void member_text(char out[static PARTY_TEXT], const struct roster *roster,
		 const struct pubkey *member)
{
	char label[LIMIT_LABEL + 1];

	if (member_label(label, roster, member))
		memcpy(out, label, sizeof(label));
	else
		hex_encode(out, member->b, PREFIX_MIN / 2);
}

void rank_text(char out[static PARTY_TEXT], struct store *s,
	       const struct pubkey *member)
{
	struct rank_row m, only;

	if (store_rank(s, &m, member) == 0 &&
	    store_rank_named(s, &only, m.label) == 0)
		memcpy(out, m.label, sizeof(m.label));
	else
		hex_encode(out, member->b, PREFIX_MIN / 2);
}

void outsider_text(char out[static PARTY_TEXT], struct desk *d,
		   const struct pubkey *author, const struct tag *tag)
{
	const struct roster *r = desk_roster(d);
	char name[LIMIT_NAME + 1];
	uint8_t key[NAMES_KEY];
	char value[1 + PARTY_NAME];
	size_t n = 0;

	out[0] = '=';
	if (r != NULL && roster_party_name(r, name, author, tag)) {
		text_safe(out + 1, PARTY_TEXT - 1, name, strlen(name));
		return;
	}
	names_key(key, tag);
	if (pubkey_eq(author, &d->identity) &&
	    store_get(d->store, TABLE_PRIVATE, key, sizeof(key), value,
		      sizeof(value), &n) == 0 &&
	    n > 1) {
		out[0] = value[0] == '=' ? '=' : '~';
		text_safe(out + 1, PARTY_TEXT - 1, value + 1, n - 1);
		return;
	}
	out[0] = '~';
	hex_encode(out + 1, tag->b, PREFIX_MIN / 2);
}
