#include "node/safe/heldkey.h"

#include "store/private.h"
#include "store/store.h"

#include <string.h>

/* META: the public half of keys/identity.key. */
#define HELD "held"

int heldkey_put(struct store *s, const struct pubkey *key)
{
	return store_put(s, TABLE_META, HELD, sizeof(HELD) - 1, key->b,
			 KEY_SIZE);
}

bool heldkey_is_behind(struct store *s, const struct roster *r,
		       const struct pubkey *member)
{
	const struct member *m = r == NULL ? NULL : roster_member(r, member);
	struct pubkey held;
	size_t n;

	return m != NULL &&
	       store_get(s, TABLE_META, HELD, sizeof(HELD) - 1, held.b,
			 KEY_SIZE, &n) == 0 &&
	       n == KEY_SIZE && !pubkey_eq(&held, &m->key);
}
