#include "proto/roster/roster.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"
#include "proto/roster/rotation.h"

#include <stdlib.h>
#include <string.h>

int roster_open(struct roster **out, const struct id *network)
{
	struct roster *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	r->network = *network;
	if (roster_fold(r) != 0) {
		roster_close(r);
		return ERR_NOMEM;
	}
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
	free(r->notes);
	free(r->feeds);
	free(r->order);
	free(r->limits);
	free(r->attested);
	free(r->proofs);
	free(r->ticks);
	fold_release(&r->fold);
	free(r);
}

/* Where feed is, or would be, in the order of feeds. */
static size_t feed_slot(const struct roster *r, const struct pubkey *feed)
{
	size_t low = 0, high = r->feeds_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&r->feeds[r->order[mid]].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct roster *r, size_t slot,
		  const struct pubkey *feed)
{
	return slot < r->feeds_n &&
	       pubkey_eq(&r->feeds[r->order[slot]].feed, feed);
}

static bool is_certified(const struct id *network, const struct entry *e,
			 const struct record *rec)
{
	struct pubkey identity = record_key(rec, FACT_IDENTITY);
	uint8_t what[ID_SIZE + KEY_SIZE];
	struct sig cert;

	memcpy(what, network->b, ID_SIZE);
	memcpy(what + ID_SIZE, e->feed.b, KEY_SIZE);
	memcpy(cert.b, rec->v[FACT_CERT].p, SIG_SIZE);
	/* PROTOCOL: The certificate is the identity's signature, under
	 * `maillon/1 node`, of network id || node key. */
	return sign_check(&cert, &identity, "maillon/1 node", what,
			  sizeof(what)) == 0;
}

bool roster_certified(const struct id *network, const struct entry *e)
{
	struct record rec;

	return e->kind == KIND_OPEN &&
	       record_decode(&rec, e->kind, e->facts, e->facts_n) == 0 &&
	       is_certified(network, e, &rec);
}

/* The network id is the charter's hash, so whoever brings it brings the same;
 * it stays when its bringer is cut. */
static bool take_charter(struct roster *r, const struct record *rec)
{
	const struct value *v = &rec->v[FACT_CHARTER];
	struct id id;

	if (r->has_charter || !record_has(rec, FACT_CHARTER))
		return false;
	id = hash_id(v->p, v->n);
	r->has_charter = id_eq(&id, &r->network) &&
			 charter_decode(&r->charter, v->p, v->n) == 0;
	return r->has_charter;
}

static int add_feed(struct roster *r, const struct entry *e,
		    const struct record *rec)
{
	struct roster_feed row = { .feed = e->feed };
	size_t at = feed_slot(r, &e->feed);
	int err;

	if (is_at(r, at, &e->feed))
		return 0;
	err = grow(&r->feeds, &r->feeds_max, r->feeds_n, sizeof(*r->feeds));
	if (err == 0)
		err = grow(&r->order, &r->order_max, r->feeds_n,
			   sizeof(*r->order));
	if (err != 0)
		return err;
	row.certifier = record_key(rec, FACT_IDENTITY);
	row.identity = *keys_identity(&r->fold, &row.certifier);
	memcpy(row.transport.b, rec->v[FACT_TRANSPORT].p, KEY_SIZE);
	row.counted_to =
		fold_counted(&r->fold, &row.pin,
			     keys_person(&r->fold, &row.certifier), &e->feed);
	memmove(r->order + at + 1, r->order + at,
		(r->feeds_n - at) * sizeof(*r->order));
	r->order[at] = (uint32_t)r->feeds_n;
	r->feeds[r->feeds_n++] = row;
	return 0;
}

/* Has this feed, which opens now, said something that bears on standing? */
static bool spoke_early(const struct roster *r, const struct pubkey *feed)
{
	for (size_t i = 0; r->has_early && i < r->said_n; i++) {
		const struct said *s = &r->said[i];

		if ((s->kind == KIND_ADMIT || s->kind == KIND_DISMISS ||
		     s->kind == KIND_RELEASE || s->kind == KIND_RESOLVE ||
		     s->kind == KIND_CHARTER || s->kind == KIND_ROTATE) &&
		    pubkey_eq(&s->feed, feed))
			return true;
	}
	return false;
}

static int add_open(struct roster *r, bool *changed, const struct entry *e,
		    const struct record *rec, bool is_trusted)
{
	struct pubkey certifier = record_key(rec, FACT_IDENTITY);
	int err;

	/* PROTOCOL: A feed is opened by its first entry, which has seq 1 and
	 * the network id for its prev. */
	if (e->seq != 1 || !id_eq(&e->prev, &r->network))
		return 0;
	if (!is_trusted && !is_certified(&r->network, e, rec))
		return 0;
	err = add_feed(r, e, rec);
	if (err != 0)
		return err;
	*changed = take_charter(r, rec) || spoke_early(r, &e->feed) ||
		   roster_limit(r, &e->feed) != NULL ||
		   keys_concern(&r->fold, &certifier);
	r->is_dirty = r->is_dirty || *changed;
	return 0;
}

/* Whom it is about. */
static void take_key(struct said *s, const struct record *rec)
{
	struct position at;
	struct id id;

	if (s->kind == KIND_ADDRESS)
		memcpy(s->key, s->feed.b, KEY_SIZE);
	else if (s->kind == KIND_PARTY)
		memcpy(s->key, rec->v[FACT_OUTSIDER].p, TAG_SIZE);
	else if (s->kind == KIND_RESOLVE &&
		 record_positions(rec, FACT_POSITION, &at, 1) == 1)
		memcpy(s->key, at.feed.b, KEY_SIZE);
	else if (s->kind == KIND_CHARTER) {
		id = hash_id(rec->v[FACT_CHARTER].p, rec->v[FACT_CHARTER].n);
		memcpy(s->key, id.b, ID_SIZE);
	} else
		memcpy(s->key, rec->v[FACT_WHO].p, KEY_SIZE);
}

/* To be checked when it matters. */
static int keep_proof(struct roster *r, struct said *s,
		      const struct record *rec)
{
	int err;

	if (s->kind != KIND_RESOLVE || !record_has(rec, FACT_PROOF))
		return 0;
	err = grow(&r->proofs, &r->proofs_max, r->proofs_n, sizeof(*r->proofs));
	if (err != 0)
		return err;
	r->proofs[r->proofs_n++] = (struct proof){ 0 };
	s->proof = (uint32_t)r->proofs_n;
	return 0;
}

static int keep(struct roster *r, bool *changed, const struct entry *e,
		const struct id *id, const struct record *rec)
{
	struct said s = {
		.kind = e->kind, .id = *id, .feed = e->feed, .seq = e->seq
	};
	bool is_note = e->kind == KIND_ADDRESS || e->kind == KIND_PARTY ||
		       e->kind == KIND_KEYS;
	int err = grow(&r->said, &r->said_max, r->said_n, sizeof(*r->said));

	if (err != 0)
		return err;
	s.bytes = malloc(e->facts_n);
	if (s.bytes == NULL)
		return ERR_NOMEM;
	memcpy(s.bytes, e->facts, e->facts_n);
	s.n = e->facts_n;
	s.is_signed =
		e->kind == KIND_ROTATE && rotation_is_signed(&r->network, rec);
	take_key(&s, rec);
	err = keep_proof(r, &s, rec);
	r->said[r->said_n] = s;
	if (err == 0 && is_note)
		err = note_keep(r, r->said_n);
	if (err != 0) {
		free(s.bytes);
		return err;
	}
	r->said_n++;
	r->has_rotations = r->has_rotations || e->kind == KIND_ROTATE;
	r->has_early = r->has_early || roster_feed(r, &e->feed) == NULL;
	*changed = !is_note;
	r->is_dirty = r->is_dirty || !is_note;
	return 0;
}

static int add(struct roster *r, bool *changed, const struct entry *e,
	       const struct id *id, bool is_trusted)
{
	struct record rec;

	*changed = false;
	if (e->kind != KIND_OPEN && e->kind != KIND_ADDRESS &&
	    e->kind != KIND_ADMIT && e->kind != KIND_DISMISS &&
	    e->kind != KIND_RELEASE && e->kind != KIND_PARTY &&
	    e->kind != KIND_KEYS && e->kind != KIND_RESOLVE &&
	    e->kind != KIND_CHARTER && e->kind != KIND_ROTATE)
		return 0;
	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	if (e->kind == KIND_OPEN)
		return add_open(r, changed, e, &rec, is_trusted);
	return keep(r, changed, e, id, &rec);
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

/* The last feed takes the place in memory of the one that goes. */
static void remove_feed(struct roster *r, size_t slot)
{
	uint32_t gap = r->order[slot], last = (uint32_t)--r->feeds_n;

	memmove(r->order + slot, r->order + slot + 1,
		(r->feeds_n - slot) * sizeof(*r->order));
	for (size_t i = 0; i < r->feeds_n; i++)
		if (r->order[i] == last)
			r->order[i] = gap;
	r->feeds[gap] = r->feeds[last];
}

void roster_cut(struct roster *r, const struct pubkey *feed, uint64_t seq)
{
	size_t at = feed_slot(r, feed);

	for (size_t i = 0; i < r->said_n; i++) {
		struct said *s = &r->said[i];

		if (s->seq <= seq || !pubkey_eq(&s->feed, feed))
			continue;
		free(s->bytes);
		s->bytes = NULL;
		s->kind = 0;
	}
	note_forget(r);
	limits_forget(r, feed, seq);
	keys_forget(r, feed, seq);
	if (seq == 0 && is_at(r, at, feed))
		remove_feed(r, at);
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

const struct roster_feed *roster_feed(const struct roster *r,
				      const struct pubkey *feed)
{
	size_t at = feed_slot(r, feed);

	return is_at(r, at, feed) ? &r->feeds[r->order[at]] : NULL;
}

size_t roster_feed_count(const struct roster *r)
{
	return r->feeds_n;
}

const struct roster_feed *roster_feed_at(const struct roster *r, size_t i)
{
	return i < r->feeds_n ? &r->feeds[r->order[i]] : NULL;
}
