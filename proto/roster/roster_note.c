#include "proto/grow.h"
#include "proto/roster/amendment.h"
#include "proto/roster/enrolled.h"
#include "proto/roster/roster_fold.h"

#include <string.h>

/* Notes stand in the order of what they are and whom they are about. */
static int note_cmp(const struct said *s, uint32_t kind,
		    const uint8_t key[static KEY_SIZE])
{
	if (s->kind != kind)
		return s->kind < kind ? -1 : 1;
	return memcmp(s->key, key, KEY_SIZE);
}

/* The first note of this kind and key, or where it would be. */
static size_t first_note(const struct roster *r, uint32_t kind,
			 const uint8_t key[static KEY_SIZE])
{
	size_t low = 0, high = r->notes_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (note_cmp(&r->said[r->notes[mid]], kind, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int note_keep(struct roster *r, size_t i)
{
	const struct said *s = &r->said[i];
	size_t at = first_note(r, s->kind, s->key);
	int err = grow(&r->notes, &r->notes_max, r->notes_n, sizeof(*r->notes));

	if (err != 0)
		return err;
	memmove(r->notes + at + 1, r->notes + at,
		(r->notes_n - at) * sizeof(*r->notes));
	r->notes[at] = (uint32_t)i;
	r->notes_n++;
	return 0;
}

void note_forget(struct roster *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->notes_n; i++)
		if (r->said[r->notes[i]].kind != 0)
			r->notes[kept++] = r->notes[i];
	r->notes_n = kept;
}

/* The i-th note, NULL when it is not of this kind and key. */
static const struct said *note_at(const struct roster *r, size_t i,
				  uint32_t kind,
				  const uint8_t key[static KEY_SIZE])
{
	const struct said *s;

	if (i >= r->notes_n)
		return NULL;
	s = &r->said[r->notes[i]];
	return note_cmp(s, kind, key) == 0 ? s : NULL;
}

/* Does what was said count, and is it this member's? */
static bool is_by(const struct roster *r, const struct said *s,
		  const struct pubkey *identity)
{
	const struct roster_feed *f = roster_feed(r, &s->feed);

	return f != NULL && pubkey_eq(&f->identity, identity) &&
	       s->seq <= f->counted_to;
}

bool roster_party_name(const struct roster *r, char out[static LIMIT_NAME + 1],
		       const struct pubkey *author, const struct tag *outsider)
{
	uint8_t key[KEY_SIZE] = { 0 };
	const struct said *s, *best = NULL;
	struct record rec;

	memcpy(key, outsider->b, TAG_SIZE);
	for (size_t i = first_note(r, KIND_PARTY, key);
	     (s = note_at(r, i, KIND_PARTY, key)) != NULL; i++)
		if (is_by(r, s, author) &&
		    (best == NULL || id_cmp(&s->id, &best->id) < 0))
			best = s;
	if (best == NULL)
		return false;
	said_read(&rec, best);
	memcpy(out, rec.v[FACT_NAME].p, rec.v[FACT_NAME].n);
	out[rec.v[FACT_NAME].n] = '\0';
	return true;
}

/* PROTOCOL: A key is enrolled by a `keys` entry that counts, names the member
 * and the key, and is by somebody who may admit or by the member itself. */
static bool enrols(const struct roster *r, const struct said *s,
		   const struct pubkey *who, const struct pubkey *key,
		   struct pubkey *certifier)
{
	const struct roster_feed *f = roster_feed(r, &s->feed);
	const struct member *m =
		f != NULL ? roster_member(r, &f->identity) : NULL;
	struct id keys[LIMIT_PINS];
	struct record rec;
	size_t n;

	if (m == NULL || s->seq > f->counted_to ||
	    (!m->may_admit && !pubkey_eq(&m->identity, who)))
		return false;
	said_read(&rec, s);
	*certifier = f->certifier;
	n = record_ids(&rec, FACT_ENROLLED, keys, LIMIT_PINS);
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].b, key->b, KEY_SIZE) == 0)
			return true;
	return false;
}

/* PROTOCOL: Somebody else *stands for* it towards a sender */
static bool stands_for(const struct roster *r, const struct pubkey *certifier,
		       const struct pubkey *who, const struct pubkey *sender)
{
	const struct member *m = roster_member(r, certifier);

	if (pubkey_eq(&m->identity, who))
		return roster_is_vouched(r, certifier, sender);
	return !roster_depends(r, &m->identity, sender);
}

static bool is_enrolled(const struct roster *r, const struct pubkey *who,
			const struct pubkey *key, const struct pubkey *sender)
{
	const struct member *m = roster_member(r, who), *of;
	const struct said *s;
	struct pubkey certifier;

	if (m == NULL)
		return false;
	who = &m->identity;
	of = roster_member(r, key);
	if (of != NULL && pubkey_eq(who, &of->identity) &&
	    (sender == NULL || stands_for(r, key, who, sender)))
		return true;
	for (size_t i = first_note(r, KIND_KEYS, who->b);
	     (s = note_at(r, i, KIND_KEYS, who->b)) != NULL; i++)
		if (enrols(r, s, who, key, &certifier) &&
		    (sender == NULL || stands_for(r, &certifier, who, sender)))
			return true;
	return false;
}

bool roster_is_enrolled(const struct roster *r, const struct pubkey *who,
			const struct pubkey *key, const struct pubkey *sender)
{
	return is_enrolled(r, who, key, sender);
}

bool roster_has_key(const struct roster *r, const struct pubkey *who,
		    const struct pubkey *key)
{
	return is_enrolled(r, who, key, NULL);
}

size_t roster_addresses(const struct roster *r, const struct pubkey *feed,
			char out[static LIMIT_ADDRESSES][LIMIT_ADDRESS + 1])
{
	const struct said *s, *best = NULL;
	struct record rec;
	struct rd rd;
	uint32_t n;

	for (size_t i = first_note(r, KIND_ADDRESS, feed->b);
	     (s = note_at(r, i, KIND_ADDRESS, feed->b)) != NULL; i++)
		if (best == NULL || s->seq > best->seq)
			best = s;
	if (best == NULL)
		return 0;
	said_read(&rec, best);
	rd_init(&rd, rec.v[FACT_ADDRESSES].p, rec.v[FACT_ADDRESSES].n);
	n = rd_array(&rd, LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *p = rd_text(&rd, LIMIT_ADDRESS, &len);

		memcpy(out[i], p, len);
		out[i][len] = '\0';
	}
	return n;
}
