#include "proto/roster/rotation.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"

#include <string.h>

/* As for receipts: 32 zero bytes for a fact that is not there. */
static void put_hash(uint8_t *out, const struct record *rec, enum fact fact)
{
	struct id id = { { 0 } };

	if (record_has(rec, fact))
		id = hash_id(rec->v[fact].p, rec->v[fact].n);
	memcpy(out, id.b, ID_SIZE);
}

void rotation_claim(uint8_t out[static ROTATION_CLAIM],
		    const struct id *network, const struct record *rec)
{
	static const enum fact keys[] = { FACT_WHO, FACT_IDENTITY,
					  FACT_SUCCESSOR };
	uint8_t *p = out + ID_SIZE;

	memcpy(out, network->b, ID_SIZE);
	for (size_t i = 0; i < 3; i++, p += KEY_SIZE) {
		struct pubkey key = record_key(rec, keys[i]);

		memcpy(p, key.b, KEY_SIZE);
	}
	put_hash(p, rec, FACT_FEEDS);
	put_hash(p + ID_SIZE, rec, FACT_PINS);
}

static bool is_by(const struct record *rec, enum fact fact, enum fact key,
		  const uint8_t claim[static ROTATION_CLAIM])
{
	struct pubkey signer = record_key(rec, key);
	struct sig sig;

	if (!record_has(rec, fact))
		return false;
	memcpy(sig.b, rec->v[fact].p, SIG_SIZE);
	return sign_check(&sig, &signer, DOMAIN_ROTATE, claim,
			  ROTATION_CLAIM) == 0;
}

/* PROTOCOL: A rotation is *signed* if `cert` is the old key's signature and
 * `proof` the new one's */
bool rotation_is_signed(const struct id *network, const struct record *rec)
{
	uint8_t claim[ROTATION_CLAIM];

	rotation_claim(claim, network, rec);
	return is_by(rec, FACT_CERT, FACT_IDENTITY, claim) &&
	       is_by(rec, FACT_PROOF, FACT_SUCCESSOR, claim);
}

size_t roster_rotation_count(const struct roster *r)
{
	return r->fold.edges_n;
}

static enum rotation_state state_of(const struct edge *e)
{
	if (e->is_used)
		return ROTATION_IN_FORCE;
	if (e->is_void || (!e->is_signed && !e->is_entitled))
		return ROTATION_VOID;
	if (!e->is_signed && (e->missing > 0 || e->voices > 0))
		return ROTATION_WAITS;
	return ROTATION_OVERRULED;
}

struct rotation roster_rotation_at(const struct roster *r, size_t i)
{
	const struct edge *e = &r->fold.edges[i];

	return (struct rotation){ .id = e->id,
				  .at = { r->said[e->said].feed,
					  r->said[e->said].seq, e->id },
				  .who = e->who,
				  .from = e->from,
				  .to = e->to,
				  .is_signed = e->is_signed,
				  .missing = e->missing,
				  .voices = e->voices,
				  .state = state_of(e) };
}

bool roster_has_rotations(const struct roster *r)
{
	return r->has_rotations;
}

static size_t ticks_above(const struct roster *r, const struct pubkey *feed,
			  uint64_t seq, uint64_t upto)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ticks_n; i++)
		n += pubkey_eq(&r->ticks[i].feed, feed) &&
		     r->ticks[i].seq > seq && r->ticks[i].seq <= upto;
	return n;
}

bool roster_awaits(const struct roster *r, const struct pubkey *feed,
		   uint64_t seq)
{
	if (!r->has_rotations)
		return false;
	for (size_t i = 0; i < r->said_n; i++) {
		const struct said *s = &r->said[i];

		if (s->kind == KIND_ROTATE && s->seq < seq &&
		    pubkey_eq(&s->feed, feed) &&
		    ticks_above(r, feed, s->seq, UINT64_MAX) <
			    ROTATION_CHECKPOINTS)
			return true;
	}
	return false;
}

int roster_checkpointed(struct roster *r, bool *changed, const struct entry *e)
{
	struct record rec;

	*changed = false;
	if (e->kind != KIND_CHECKPOINT ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0 ||
	    !roster_awaits(r, &e->feed, e->seq))
		return 0;
	for (size_t i = 0; i < r->ticks_n; i++)
		if (r->ticks[i].seq == e->seq &&
		    pubkey_eq(&r->ticks[i].feed, &e->feed))
			return 0;
	if (grow(&r->ticks, &r->ticks_max, r->ticks_n, sizeof(*r->ticks)) != 0)
		return ERR_NOMEM;
	r->ticks[r->ticks_n++] = (struct tick){ e->feed, e->seq };
	*changed = true;
	r->is_dirty = true;
	return 0;
}

void keys_forget(struct roster *r, const struct pubkey *feed, uint64_t seq)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->ticks_n; i++)
		if (r->ticks[i].seq <= seq ||
		    !pubkey_eq(&r->ticks[i].feed, feed))
			r->ticks[kept++] = r->ticks[i];
	r->ticks_n = kept;
}

size_t rotation_ticks(const struct roster *r, const struct said *s,
		      uint64_t upto)
{
	return ticks_above(r, &s->feed, s->seq, upto);
}

bool roster_key_at(const struct roster *r, struct pubkey *out,
		   const struct pubkey *member, size_t i)
{
	const struct fold *f = &r->fold;
	size_t who = fold_person(f, member);
	const struct person *p;

	if (who == SIZE_MAX || !f->people[who].is_placed)
		return false;
	p = &f->people[who];
	if (i > p->keys_end - p->keys)
		return false;
	*out = i == 0 ? p->m.identity : f->keys[p->keys + i - 1];
	return true;
}

uint64_t roster_barred(const struct roster *r, const struct pubkey *feed)
{
	const struct bar *b = keys_bar(&r->fold, feed);

	return b == NULL ? UINT64_MAX : b->seq;
}

/* PROTOCOL: A feed may be ended by the key that certified it and by each that
 * follows it in the chain. */
int roster_check_end(const struct roster *r, const struct evidence *e)
{
	const struct roster_feed *f = roster_feed(r, &e->feed);
	struct pubkey key;
	bool is_later = false;
	int err;

	if (f == NULL)
		return ERR_NOT_FOUND;
	err = evidence_check_end(e, &r->network, &f->certifier);
	for (size_t i = 0; err != 0 && roster_key_at(r, &key, &f->identity, i);
	     i++) {
		if (is_later)
			err = evidence_check_end(e, &r->network, &key);
		is_later = is_later || pubkey_eq(&key, &f->certifier);
	}
	return err;
}
