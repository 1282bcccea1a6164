#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>
#include <string.h>

/*
 * Which chain of a feed that forked counts: what is said of it, and by whom.
 */

/* A fork, and whose the feed is: of one whose first entry is in dispute the
 * roster itself does not know. */
struct fork {
	const struct fold *fold;
	const struct roster *roster;
	const struct feed_limit *limit;
	const struct pubkey *certifier;
};

/* One statement about which chain counts. */
struct naming {
	const struct said *said; /* NULL: it was attested */
	struct position at;
	enum cause cause;
	size_t author;  /* person */
	bool is_proved; /* the identity of the feed signed it */
};

static struct fork fork_of(const struct fold *f, const struct roster *r,
			   const struct feed_limit *l)
{
	const struct roster_feed *feed = roster_feed(r, &l->feed);

	return (struct fork){ f, r, l, feed == NULL ? NULL : &feed->certifier };
}

static const struct pubkey *owner(const struct fork *x)
{
	return keys_root(x->fold, x->certifier);
}

static bool is_sole_founders(const struct fork *x)
{
	const struct charter *c = &x->fold->charter;

	return c->founders_n == 1 &&
	       pubkey_eq(owner(x), &c->founders[0].identity);
}

/* Anybody may bring such a signature, and any number, so each is checked once
 * by each key. */
static bool is_signed_by(struct proof_seen *seen, const struct fork *x,
			 const struct record *rec, const struct position *at,
			 const struct pubkey *key)
{
	uint8_t claim[PLACE_CLAIM];
	struct sig sig;

	if (seen->is_checked && pubkey_eq(&seen->key, key))
		return seen->is_good;
	memcpy(sig.b, rec->v[FACT_PROOF].p, SIG_SIZE);
	place_claim(claim, &x->roster->network, at);
	seen->is_checked = true;
	seen->key = *key;
	seen->is_good = sign_check(&sig, key, DOMAIN_RESOLVE, claim,
				   sizeof(claim)) == 0;
	return seen->is_good;
}

/* Only of a sole founder's feed does it matter. */
static bool is_proved(const struct fork *x, const struct said *s,
		      const struct record *rec, const struct position *at)
{
	const struct pubkey *last = keys_last(x->fold, x->certifier);
	struct proof_seen *seen;

	if (s->proof == 0 || !is_sole_founders(x))
		return false;
	seen = x->roster->proofs[s->proof - 1].by;
	return is_signed_by(&seen[0], x, rec, at, x->certifier) ||
	       (!pubkey_eq(x->certifier, last) &&
		is_signed_by(&seen[1], x, rec, at, last));
}

/* Does this `resolve` that is heard name a chain beyond the fork? */
static bool read_naming(struct naming *out, const struct fork *x,
			const struct said *s)
{
	const struct roster_feed *by;
	struct record rec;

	if (s->kind != KIND_RESOLVE ||
	    memcmp(s->key, x->limit->feed.b, KEY_SIZE) != 0)
		return false;
	by = roster_feed(x->roster, &s->feed);
	out->author =
		by == NULL ? SIZE_MAX : keys_person(x->fold, &by->certifier);
	said_read(&rec, s);
	if (record_positions(&rec, FACT_POSITION, &out->at, 1) != 1 ||
	    out->at.seq < x->limit->fork)
		return false;
	out->said = s;
	out->cause = (enum cause)record_uint(&rec, FACT_CAUSE);
	out->is_proved = is_proved(x, s, &rec, &out->at);
	/* What a sole founder has signed speaks for itself, whoever says it. */
	return out->is_proved ||
	       (out->author != SIZE_MAX && fold_heard(x->fold, out->author, s));
}

/* PROTOCOL: Of several the one with the smallest (depth of author, id)
 * counts, of founders' the one with the smallest id. */
static bool comes_before(const struct fold *f, const struct naming *a,
			 const struct naming *b)
{
	unsigned x = f->people[a->author].m.depth;
	unsigned y = f->people[b->author].m.depth;

	if (x != y)
		return x < y;
	return id_cmp(&a->said->id, &b->said->id) < 0;
}

/* The newest place that the association which admitted the member attested. */
static void look_at_attested(struct naming *best, bool *has, size_t admitter,
			     const struct fork *x)
{
	const struct roster *r = x->roster;

	for (size_t i = 0; i < r->attested_n; i++) {
		const struct attested *a = &r->attested[i];
		const struct roster_feed *by = roster_feed(r, &a->by);
		struct id pin;

		if (by == NULL || !pubkey_eq(&a->at.feed, &x->limit->feed) ||
		    a->at.seq < x->limit->fork ||
		    keys_person(x->fold, &by->certifier) != admitter ||
		    a->by_seq > fold_counted(x->fold, &pin, admitter, &a->by))
			continue;
		if (*has && (a->at.seq < best->at.seq ||
			     (a->at.seq == best->at.seq &&
			      (best->said != NULL ||
			       id_cmp(&a->at.id, &best->at.id) >= 0))))
			continue;
		*has = true;
		*best = (struct naming){ .at = a->at };
	}
}

static void settle(struct feed_limit *l, const struct naming *n)
{
	const struct position *end = limits_end(l);

	l->limit = n->at.seq;
	l->tip = n->at.id;
	l->cause = n->cause;
	if (n->said != NULL)
		l->named = n->said->id;
	if (end->seq == 0 || end->seq >= l->limit)
		return;
	l->limit = end->seq;
	l->tip = end->seq >= l->fork ? end->id : l->raised.id;
}

static bool is_of(const struct fork *x, const struct pubkey *identity)
{
	return x->limit->fork != 0 && x->certifier != NULL &&
	       pubkey_eq(owner(x), identity);
}

/* PROTOCOL: by the association that admitted the member, as *Replacing and
 * dismissing* says which governs, or by somebody above that one */
static bool judge_member(struct naming *best, const struct fork *x,
			 size_t admitter)
{
	bool has = false;

	for (size_t i = 0; i < x->roster->said_n; i++) {
		struct naming n;

		if (!read_naming(&n, x, &x->roster->said[i]))
			continue;
		if (n.author != admitter &&
		    !fold_is_below(x->fold, admitter, n.author))
			continue;
		if (!has || comes_before(x->fold, &n, best))
			*best = n;
		has = true;
	}
	return has;
}

void limits_judge(struct fold *f, const struct roster *r, size_t who)
{
	const struct member *m = &f->people[who].m;
	size_t admitter = fold_person(f, &m->admitter);

	for (size_t i = 0; i < f->limits_n; i++) {
		struct fork x = fork_of(f, r, &f->limits[i]);
		struct naming best = { .said = NULL };
		bool has;

		if (!is_of(&x, &m->identity))
			continue;
		has = judge_member(&best, &x, admitter);
		look_at_attested(&best, &has, admitter, &x);
		if (has)
			settle(&f->limits[i], &best);
	}
}

/* How many of the other founders name this place? */
static size_t count_voices(const struct fork *x, const struct position *at)
{
	const struct charter *c = &x->fold->charter;
	size_t n = 0;

	for (size_t i = 0; i < c->founders_n; i++) {
		const struct pubkey *who = &c->founders[i].identity;
		size_t person = fold_person(x->fold, who);
		struct naming y;
		bool said = false;

		if (pubkey_eq(who, owner(x)))
			continue;
		for (size_t k = 0; k < x->roster->said_n && !said; k++)
			said = read_naming(&y, x, &x->roster->said[k]) &&
			       y.author == person && y.at.seq == at->seq &&
			       id_eq(&y.at.id, &at->id);
		n += said;
	}
	return n;
}

/* PROTOCOL: by one of the other founders, a majority of whom name the same
 * position; for a sole founder's by anybody, with the founder's own signature
 * as *proof* */
static bool is_agreed(const struct fork *x, const struct naming *n)
{
	size_t others = x->fold->charter.founders_n - 1;

	if (others == 0)
		return n->is_proved;
	return x->fold->people[n->author].m.depth == 0 &&
	       2 * count_voices(x, &n->at) > others;
}

static void judge_founder(struct naming *best, const struct fork *x)
{
	struct naming n;

	for (size_t i = 0; i < x->roster->said_n; i++)
		if (read_naming(&n, x, &x->roster->said[i]) &&
		    is_agreed(x, &n) &&
		    (best->said == NULL ||
		     id_cmp(&n.said->id, &best->said->id) < 0))
			*best = n;
}

/* What founders say of one another's feeds is heard up to where these forked,
 * so that no two of them wait for each other: all are judged before the first
 * is settled. */
int limits_founders(struct fold *f, const struct roster *r)
{
	struct naming *best;

	if (!roster_has_forks(r) || !r->has_charter)
		return 0;
	best = calloc(f->limits_n, sizeof(*best));
	if (best == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->limits_n; i++) {
		struct fork x = fork_of(f, r, &f->limits[i]);

		if (x.certifier != NULL && x.limit->fork != 0 &&
		    charter_has_founder(&f->charter, owner(&x)))
			judge_founder(&best[i], &x);
	}
	for (size_t i = 0; i < f->limits_n; i++)
		if (best[i].said != NULL)
			settle(&f->limits[i], &best[i]);
	free(best);
	return 0;
}

/* PROTOCOL: a `resolve` of it names none and says only how the fork came
 * about */
bool roster_explained(const struct roster *r, enum cause *out,
		      const struct pubkey *feed, const struct pubkey *certifier)
{
	const struct fold *f = &r->fold;
	const struct fork x = { f, r, roster_limit(r, feed), certifier };
	struct naming best = { .said = NULL };
	size_t who = keys_person(f, certifier);

	if (x.limit == NULL || x.limit->fork == 0 || who == SIZE_MAX ||
	    !f->people[who].is_placed)
		return false;
	if (charter_has_founder(&f->charter, owner(&x)))
		judge_founder(&best, &x);
	else
		judge_member(&best, &x,
			     fold_person(f, &f->people[who].m.admitter));
	*out = best.cause;
	return best.said != NULL;
}
