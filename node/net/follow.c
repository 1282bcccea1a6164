#include "node/net/follow.h"

#include "crypto/err.h"
#include "store/private.h"

#include <string.h>

static const char key[] = "follow";

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
