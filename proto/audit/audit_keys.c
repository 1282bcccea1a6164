#include "proto/audit/audit_keys.h"

#include "crypto/err.h"
#include "proto/audit/audit_salt.h"
#include "proto/book/closing.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* One key that was seen; chained in its bucket. */
struct used {
	uint32_t next;
	uint32_t feed, at; /* of the record that counts */
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

/* Where the key was seen before, or NULL.  Now it is. */
static const struct used *see(struct seen *s, const struct used *now)
{
	const struct pubkey *member = &now->member;
	const struct tag *tag = &now->tag;
	uint32_t *slot =
		&s->buckets[salt_key(&s->salt, member, tag) >> s->shift];

	for (uint32_t i = *slot; i != NONE; i = s->used[i].next)
		if (pubkey_eq(&s->used[i].member, member) &&
		    memcmp(s->used[i].tag.b, tag->b, TAG_SIZE) == 0)
			return &s->used[i];
	s->used[s->n] = *now;
	s->used[s->n].next = *slot;
	*slot = (uint32_t)s->n++;
	return NULL;
}

/* What was recorded first: itself, or what it issues again. */
static const struct id *origin(const struct audit_scan *s, uint32_t at)
{
	size_t low = 0, high = s->links_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->links[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->links_n && s->links[low].at == at; low++)
		if (s->links[low].ref == REF_ORPHAN)
			return &s->links[low].target;
	return &s->at[at].id;
}

/* The facts of a record as it may be issued again: what it refers to may have
 * another name then.  *n is 0 when there is nothing to compare. */
static uint64_t what_it_says(uint8_t out[static LIMIT_ENTRY], size_t *n,
			     const struct scanned *s)
{
	static const enum fact named[] = { FACT_DELIVER, FACT_TARGET,
					   FACT_REQUEST };
	static const struct id any;
	struct book_record rec;
	struct entry e;

	*n = 0;
	if (entry_decode(&e, s->raw, s->raw_n) != 0 ||
	    record_decode(&rec.rec, e.kind, e.facts, e.facts_n) != 0)
		return 0;
	rec.time_ms = e.time_ms;
	e.time_ms = record_date(&rec);
	record_unset(&rec.rec, FACT_ORPHAN);
	record_unset(&rec.rec, FACT_WHEN);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (record_has(&rec.rec, named[i]))
			record_set_bytes(&rec.rec, named[i], any.b, ID_SIZE);
	if (record_encode(&rec.rec, out, LIMIT_ENTRY, n) != 0)
		*n = 0;
	return e.time_ms;
}

/* PROTOCOL: or one the other for its orphan, and say the same of the same time
 */
static bool says_same(const struct scanned *a, const struct scanned *b)
{
	uint8_t x[LIMIT_ENTRY], y[LIMIT_ENTRY];
	size_t x_n, y_n;

	return a->kind == b->kind &&
	       what_it_says(x, &x_n, a) == what_it_says(y, &y_n, b) &&
	       x_n > 0 && x_n == y_n && memcmp(x, y, x_n) == 0;
}

/* PROTOCOL: Of one member's records with one key the one at the smallest
 * (feed, seq) counts. */
static void shadow_feed(struct seen *seen, const struct audit_feed *feeds,
			size_t feed)
{
	struct audit_scan *s = feeds[feed].scan;

	for (size_t i = 0; i < s->keys_n; i++) {
		const struct scan_key *key = &s->keys[i];
		const struct used now = { .feed = (uint32_t)feed,
					  .at = key->at,
					  .member = feeds[feed].author,
					  .tag = key->tag };
		const struct used *first;

		if (!index_counts(&feeds[feed], key->at))
			continue;
		first = see(seen, &now);
		s->at[key->at].is_shadowed = first != NULL;
		s->at[key->at].is_again =
			first != NULL &&
			id_eq(origin(s, key->at),
			      origin(feeds[first->feed].scan, first->at)) &&
			says_same(&s->at[key->at],
				  &feeds[first->feed].scan->at[first->at]);
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
		shadow_feed(&seen, feeds, i);
	free(seen.buckets);
	free(seen.used);
	return err;
}
