#include "proto/roster.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster_fold.h"

#include <stdlib.h>
#include <string.h>

int roster_open(struct roster **out, const struct id *network)
{
	struct roster *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	r->network = *network;
	*out = r;
	return 0;
}

void roster_close(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->said_n; i++)
		free(r->said[i].bytes);
	free(r->said);
	free(r->feeds);
	fold_release(r);
	free(r);
}

/* Where feed is, or would be, among the feeds. */
static size_t feed_slot(const struct roster *r, const struct pubkey *feed)
{
	size_t low = 0, high = r->feeds_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&r->feeds[mid].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_certified(const struct roster *r, const struct entry *e,
			 const struct record *rec)
{
	struct pubkey identity = record_key(rec, FACT_IDENTITY);
	uint8_t what[ID_SIZE + KEY_SIZE];
	struct sig cert;

	memcpy(what, r->network.b, ID_SIZE);
	memcpy(what + ID_SIZE, e->feed.b, KEY_SIZE);
	memcpy(cert.b, rec->v[FACT_CERT].p, SIG_SIZE);
	/* PROTOCOL: The certificate is the identity's signature, under
	 * "maillon/1 node", of network id || node key. */
	return sign_check(&cert, &identity, "maillon/1 node", what,
			  sizeof(what)) == 0;
}

static void take_charter(struct roster *r, const struct record *rec,
			 bool *changed)
{
	const struct value *v = &rec->v[FACT_CHARTER];
	struct id id;

	if (r->has_charter || !record_has(rec, FACT_CHARTER))
		return;
	id = hash_id(v->p, v->n);
	if (!id_eq(&id, &r->network) ||
	    charter_decode(&r->charter, v->p, v->n) != 0)
		return;
	r->has_charter = true;
	r->is_dirty = true;
	*changed = true;
}

static int add_feed(struct roster *r, const struct entry *e,
		    const struct record *rec)
{
	struct roster_feed row;
	size_t at = feed_slot(r, &e->feed);
	int err;

	if (at < r->feeds_n && pubkey_eq(&r->feeds[at].feed, &e->feed))
		return 0;
	err = grow(&r->feeds, &r->feeds_max, r->feeds_n, sizeof(*r->feeds));
	if (err != 0)
		return err;
	row.feed = e->feed;
	row.identity = record_key(rec, FACT_IDENTITY);
	memcpy(row.transport.b, rec->v[FACT_TRANSPORT].p, KEY_SIZE);
	row.counted_to =
		fold_counted(r, fold_person(r, &row.identity), &e->feed);
	memmove(r->feeds + at + 1, r->feeds + at,
		(r->feeds_n - at) * sizeof(*r->feeds));
	r->feeds[at] = row;
	r->feeds_n++;
	return 0;
}

static int keep(struct roster *r, const struct entry *e, const struct id *id)
{
	struct said s = { .id = *id, .feed = e->feed, .seq = e->seq };
	int err = grow(&r->said, &r->said_max, r->said_n, sizeof(*r->said));

	if (err != 0)
		return err;
	s.bytes = malloc(e->facts_n);
	if (s.bytes == NULL)
		return ERR_NOMEM;
	memcpy(s.bytes, e->facts, e->facts_n);
	s.n = e->facts_n;
	s.kind = e->kind;
	r->said[r->said_n++] = s;
	return 0;
}

static int add(struct roster *r, bool *changed, const struct entry *e,
	       const struct id *id, bool is_trusted)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct record rec;
	int err;

	*changed = false;
	if (rule == NULL || !rule->is_roster ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	if (e->kind != KIND_OPEN) {
		bool moves = e->kind != KIND_ADDRESS && e->kind != KIND_PARTY;

		err = keep(r, e, id);
		if (err == 0 && moves) {
			r->is_dirty = true;
			*changed = true;
		}
		return err;
	}
	/* PROTOCOL: A feed is opened by its first entry, whose prev is the
	 * network id. */
	if (e->seq != 1 || !id_eq(&e->prev, &r->network))
		return 0;
	if (!is_trusted && !is_certified(r, e, &rec))
		return 0;
	take_charter(r, &rec, changed);
	return add_feed(r, e, &rec);
}

int roster_add(struct roster *r, bool *changed, const struct entry *e,
	       const struct id *id)
{
	return add(r, changed, e, id, false);
}

int roster_readd(struct roster *r, bool *changed, const struct entry *e,
		 const struct id *id)
{
	return add(r, changed, e, id, true);
}

void roster_cut(struct roster *r, const struct pubkey *feed, uint64_t seq)
{
	size_t kept = 0;
	size_t at = feed_slot(r, feed);

	for (size_t i = 0; i < r->said_n; i++) {
		struct said *s = &r->said[i];

		if (pubkey_eq(&s->feed, feed) && s->seq > seq)
			free(s->bytes);
		else
			r->said[kept++] = *s;
	}
	r->said_n = kept;
	if (seq == 0 && at < r->feeds_n &&
	    pubkey_eq(&r->feeds[at].feed, feed)) {
		memmove(r->feeds + at, r->feeds + at + 1,
			(r->feeds_n - at - 1) * sizeof(*r->feeds));
		r->feeds_n--;
	}
	r->is_dirty = true;
}

int roster_solve(struct roster *r)
{
	int err;

	if (!r->is_dirty)
		return 0;
	err = roster_fold(r);
	if (err == 0)
		r->is_dirty = false;
	return err;
}

const struct id *roster_network(const struct roster *r)
{
	return &r->network;
}

const struct charter *roster_charter(const struct roster *r)
{
	return r->has_charter ? &r->charter : NULL;
}

const struct member *roster_member(const struct roster *r,
				   const struct pubkey *identity)
{
	size_t i = fold_person(r, identity);

	if (i == SIZE_MAX || !r->people[i].is_placed)
		return NULL;
	return &r->people[i].m;
}

size_t roster_count(const struct roster *r)
{
	return r->members_n;
}

const struct member *roster_at(const struct roster *r, size_t i)
{
	return i < r->members_n ? &r->members[i] : NULL;
}

const struct roster_feed *roster_feed(const struct roster *r,
				      const struct pubkey *feed)
{
	size_t at = feed_slot(r, feed);

	if (at == r->feeds_n || !pubkey_eq(&r->feeds[at].feed, feed))
		return NULL;
	return &r->feeds[at];
}

size_t roster_feed_count(const struct roster *r)
{
	return r->feeds_n;
}

const struct roster_feed *roster_feed_at(const struct roster *r, size_t i)
{
	return i < r->feeds_n ? &r->feeds[i] : NULL;
}

bool roster_is_below(const struct roster *r, const struct pubkey *who,
		     const struct pubkey *above)
{
	size_t a = fold_person(r, who), b = fold_person(r, above);

	return a != SIZE_MAX && b != SIZE_MAX && fold_is_below(r, a, b);
}

bool roster_is_vouched(const struct roster *r, const struct pubkey *who,
		       const struct pubkey *sender)
{
	size_t w = fold_person(r, who), s = fold_person(r, sender);

	if (w == SIZE_MAX || !r->people[w].m.is_standing)
		return false;
	if (r->people[w].m.depth == 0)
		return true;
	for (size_t i = 0; i < r->admissions_n; i++) {
		const struct admission *a = &r->admissions[i];

		if (a->who != w || !a->is_valid || a->is_taken ||
		    a->author == s)
			continue;
		if (s == SIZE_MAX || !fold_is_below(r, a->author, s))
			return true;
	}
	return false;
}

bool roster_may_admit(const struct roster *r, const struct pubkey *identity)
{
	const struct member *m = roster_member(r, identity);

	return m != NULL && m->is_standing && m->may_admit;
}

bool roster_standing_admit(const struct roster *r, struct id *out,
			   const struct pubkey *who,
			   const struct pubkey *author)
{
	size_t w = fold_person(r, who), by = fold_person(r, author);

	for (size_t i = 0; w != SIZE_MAX && i < r->admissions_n; i++) {
		const struct admission *a = &r->admissions[i];

		if (a->who == w && a->author == by && a->is_valid &&
		    !a->is_taken) {
			*out = r->said[a->said].id;
			return true;
		}
	}
	return false;
}

/* Does an entry at (feed, seq) count, and is it identity's? */
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
	const struct said *best = NULL;
	struct record rec;

	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];
		struct tag tag;

		if (s->kind != KIND_PARTY || !is_by(r, s, author))
			continue;
		said_read(&rec, s);
		tag = record_tag(&rec, FACT_OUTSIDER);
		if (memcmp(tag.b, outsider->b, TAG_SIZE) != 0)
			continue;
		if (best == NULL || id_cmp(&s->id, &best->id) < 0)
			best = s;
	}
	if (best == NULL)
		return false;
	said_read(&rec, best);
	memcpy(out, rec.v[FACT_NAME].p, rec.v[FACT_NAME].n);
	out[rec.v[FACT_NAME].n] = '\0';
	return true;
}

size_t roster_addresses(const struct roster *r, const struct pubkey *feed,
			char out[static LIMIT_ADDRESSES][LIMIT_ADDRESS + 1])
{
	const struct said *best = NULL;
	struct record rec;
	struct rd rd;
	uint32_t n;

	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];

		if (s->kind == KIND_ADDRESS && pubkey_eq(&s->feed, feed) &&
		    (best == NULL || s->seq > best->seq))
			best = s;
	}
	if (best == NULL)
		return 0;
	said_read(&rec, best);
	rd_init(&rd, rec.v[FACT_ADDRESSES].p, rec.v[FACT_ADDRESSES].n);
	n = rd_array(&rd, LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *p = rd_text(&rd, LIMIT_ADDRESS, &len);

		if (p == NULL)
			return i;
		memcpy(out[i], p, len);
		out[i][len] = '\0';
	}
	return n;
}

struct id roster_digest(const struct roster *r)
{
	return r->digest;
}
