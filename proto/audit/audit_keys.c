#include "proto/audit/audit_keys.h"

#include "crypto/err.h"
#include "proto/audit/audit_salt.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* One key that was seen; chained in its bucket. */
struct used {
	uint32_t next;
	struct pubkey member;
	struct tag tag;
};

struct seen {
	struct salt salt;
	unsigned shift;
	uint32_t *buckets; /* of used */
	struct used *used; /* room for all that there can be */
	size_t n;
};

static int seen_open(struct seen *s, size_t keys)
{
	size_t size = 64;

	s->shift = 64 - 6;
	for (; size < keys && size < 1U << 30; size *= 2)
		s->shift--;
	s->buckets = malloc(size * sizeof(*s->buckets));
	s->used = calloc(keys, sizeof(*s->used));
	if (s->buckets == NULL || s->used == NULL)
		return ERR_NOMEM;
	memset(s->buckets, 0xff, size * sizeof(*s->buckets));
	return 0;
}

/* Was the key seen before?  Now it is. */
static bool see(struct seen *s, const struct pubkey *member,
		const struct tag *tag)
{
	uint32_t *slot =
		&s->buckets[salt_key(&s->salt, member, tag) >> s->shift];

	for (uint32_t i = *slot; i != NONE; i = s->used[i].next)
		if (pubkey_eq(&s->used[i].member, member) &&
		    memcmp(s->used[i].tag.b, tag->b, TAG_SIZE) == 0)
			return true;
	s->used[s->n] = (struct used){ *slot, *member, *tag };
	*slot = (uint32_t)s->n++;
	return false;
}

/* PROTOCOL: Of one member's records with one key the one at the smallest
 * (feed, seq) counts. */
static void shadow_feed(struct seen *seen, struct audit_feed *feed)
{
	struct audit_scan *s = feed->scan;

	for (size_t i = 0; i < s->keys_n; i++) {
		const struct scan_key *key = &s->keys[i];

		if (index_counts(feed, key->at))
			s->at[key->at].is_shadowed =
				see(seen, &feed->author, &key->tag);
	}
}

int keys_shadow(struct audit_feed *feeds, size_t feeds_n)
{
	struct seen seen = { .n = 0 };
	size_t keys = 0;
	int err;

	for (size_t i = 0; i < feeds_n; i++)
		keys += feeds[i].scan->keys_n;
	if (keys == 0)
		return 0;
	seen.salt = salt_of(feeds, feeds_n);
	err = seen_open(&seen, keys);
	for (size_t i = 0; i < feeds_n && err == 0; i++)
		shadow_feed(&seen, &feeds[i]);
	free(seen.buckets);
	free(seen.used);
	return err;
}
