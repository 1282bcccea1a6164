#include "node/net/follow.h"

#include "crypto/err.h"
#include "node/keeper.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "store/private.h"

#include <stdio.h>
#include <string.h>

/* META "follow" -> identities, one after the other; "follow-wish" -> names, a
 * NUL after each. */
static const char key[] = "follow", wish_key[] = "follow-wish";

int follow_get(struct store *s, struct msg_scope *out)
{
	uint8_t row[MSG_SCOPE * KEY_SIZE];
	size_t n = 0;
	int err = store_get(s, TABLE_META, key, strlen(key), row, sizeof(row),
			    &n);

	memset(out, 0, sizeof(*out));
	if (err == ERR_NOT_FOUND || err == ERR_LIMIT)
		return 0;
	for (size_t at = 0; err == 0 && at + KEY_SIZE <= n; at += KEY_SIZE) {
		struct pubkey who;

		memcpy(who.b, row + at, KEY_SIZE);
		err = follow_add(out, &who);
	}
	return err;
}

int follow_put(struct store *s, const struct msg_scope *scope)
{
	uint8_t row[MSG_SCOPE * KEY_SIZE];

	for (uint32_t i = 0; i < scope->n; i++)
		memcpy(row + (size_t)i * KEY_SIZE, scope->who[i].b, KEY_SIZE);
	return store_put(s, TABLE_META, key, strlen(key), row,
			 (size_t)scope->n * KEY_SIZE);
}

int follow_wish_get(struct store *s, struct follow_wish *out)
{
	char row[sizeof(out->who)];
	size_t n = 0, at = 0;
	int err = store_get(s, TABLE_META, wish_key, strlen(wish_key), row,
			    sizeof(row), &n);

	out->n = 0;
	if (err == ERR_NOT_FOUND || err == ERR_LIMIT)
		return 0;
	while (err == 0 && at < n && out->n < MSG_SCOPE) {
		size_t length = strnlen(row + at, n - at);

		if (length > FOLLOW_NAME || length == n - at)
			break;
		memcpy(out->who[out->n++], row + at, length + 1);
		at += length + 1;
	}
	return err;
}

static int forget_wish(struct store *s)
{
	int err = store_del(s, TABLE_META, wish_key, strlen(wish_key));

	return err == ERR_NOT_FOUND ? 0 : err;
}

int follow_wish_put(struct store *s, const struct follow_wish *wish,
		    const struct pubkey *who)
{
	struct msg_scope alone = { .n = 1, .who = { *who } };
	char row[sizeof(wish->who)];
	size_t n = 0;
	int err;

	if (wish->n == 0)
		return forget_wish(s);
	for (uint32_t i = 0; i < wish->n; i++) {
		size_t length = strlen(wish->who[i]) + 1;

		memcpy(row + n, wish->who[i], length);
		n += length;
	}
	err = follow_put(s, &alone);
	return err == 0 ? store_put(s, TABLE_META, wish_key, strlen(wish_key),
				    row, n)
			: err;
}

int follow_settle(struct keeper *k, struct reason *why)
{
	struct msg_scope scope = { .n = 0 };
	struct follow_wish wish;
	int err = follow_wish_get(k->store, &wish);

	if (err != 0 || wish.n == 0)
		return err;
	for (uint32_t i = 0; i < wish.n; i++) {
		struct party party;

		err = party_resolve(&party, store_roster(k->store), &k->member,
				    wish.who[i], why);
		if (err != 0)
			return err;
		if (!party.is_member)
			return reason_set(why, ERR_DENIED,
					  _("'%s' is not a member: nobody is "
					    "below someone outside"),
					  wish.who[i]);
		err = follow_add(&scope, &party.member);
		if (err != 0)
			return err;
	}
	err = follow_put(k->store, &scope);
	return err == 0 ? forget_wish(k->store) : err;
}

int follow_add(struct msg_scope *scope, const struct pubkey *who)
{
	uint32_t at = 0;

	while (at < scope->n && pubkey_cmp(&scope->who[at], who) < 0)
		at++;
	if (at < scope->n && pubkey_eq(&scope->who[at], who))
		return 0;
	if (scope->n == MSG_SCOPE)
		return ERR_LIMIT;
	memmove(&scope->who[at + 1], &scope->who[at],
		(scope->n - at) * sizeof(scope->who[0]));
	scope->who[at] = *who;
	scope->n++;
	return 0;
}

/* PROTOCOL: Then it holds the feeds of these members and of all below them,
 * those of members who may, or might, admit others, and those of its own
 * member */
bool follow_has(const struct msg_scope *scope, const struct roster *r,
		const struct pubkey *by, const struct member *m)
{
	if (scope->n == 0 || m->may_admit ||
	    (by != NULL && pubkey_eq(by, &m->identity)))
		return true;
	for (uint32_t i = 0; i < scope->n; i++)
		if (pubkey_eq(&scope->who[i], &m->identity) ||
		    roster_is_below(r, &m->identity, &scope->who[i]))
			return true;
	return false;
}
