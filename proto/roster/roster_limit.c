#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where feed is, or would be, among limits. */
static size_t slot(const struct feed_limit *limits, size_t n,
		   const struct pubkey *feed)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&limits[mid].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct feed_limit *find(struct feed_limit *limits, size_t n,
			       const struct pubkey *feed)
{
	size_t at = n == 0 ? 0 : slot(limits, n, feed);

	return at < n && pubkey_eq(&limits[at].feed, feed) ? &limits[at] : NULL;
}

struct feed_limit *limits_find(const struct fold *f, const struct pubkey *feed)
{
	return find(f->limits, f->limits_n, feed);
}

/* PROTOCOL: Of a founder's feed that forked or was ended these entries are
 * heard up to the fork or the end, also when it is resolved */
uint64_t limits_undisputed(const struct roster *r, const struct pubkey *feed)
{
	const struct feed_limit *l = find(r->limits, r->limits_n, feed);
	uint64_t n = UINT64_MAX;

	if (l != NULL && l->fork != 0)
		n = l->fork - 1;
	if (l != NULL && l->end.seq != 0 && l->end.seq < n)
		n = l->end.seq;
	return n;
}

/* What is known of a feed, to be added to. */
static int begin(struct roster *r, struct feed_limit **out,
		 const struct pubkey *feed)
{
	struct feed_limit *l = find(r->limits, r->limits_n, feed);
	size_t at;
	int err;

	if (l != NULL) {
		*out = l;
		return 0;
	}
	err = grow(&r->limits, &r->limits_max, r->limits_n, sizeof(*l));
	if (err != 0)
		return err;
	at = slot(r->limits, r->limits_n, feed);
	memmove(r->limits + at + 1, r->limits + at,
		(r->limits_n - at) * sizeof(*l));
	r->limits_n++;
	r->limits[at] = (struct feed_limit){ .feed = *feed };
	*out = &r->limits[at];
	return 0;
}

int roster_fork(struct roster *r, bool *changed, const struct pubkey *feed,
		uint64_t seq)
{
	struct feed_limit *l;
	int err = begin(r, &l, feed);

	if (err != 0)
		return err;
	*changed = l->fork == 0 || seq < l->fork;
	if (*changed)
		l->fork = seq;
	r->is_dirty = r->is_dirty || *changed;
	return 0;
}

int roster_end(struct roster *r, bool *changed, const struct position *at)
{
	struct feed_limit *l;
	int err = begin(r, &l, &at->feed);

	if (err != 0)
		return err;
	*changed = l->end.seq == 0 || at->seq < l->end.seq ||
		   (at->seq == l->end.seq && id_cmp(&at->id, &l->end.id) < 0);
	if (*changed)
		l->end = *at;
	r->is_dirty = r->is_dirty || *changed;
	return 0;
}

static int keep_attested(struct roster *r, bool *changed, const struct entry *e,
			 const struct position *at)
{
	for (size_t i = 0; i < r->attested_n; i++) {
		const struct attested *a = &r->attested[i];

		if (a->by_seq == e->seq && pubkey_eq(&a->by, &e->feed) &&
		    pubkey_eq(&a->at.feed, &at->feed))
			return 0;
	}
	if (grow(&r->attested, &r->attested_max, r->attested_n,
		 sizeof(*r->attested)) != 0)
		return ERR_NOMEM;
	r->attested[r->attested_n++] =
		(struct attested){ e->feed, e->seq, *at };
	*changed = true;
	r->is_dirty = true;
	return 0;
}

int roster_attested(struct roster *r, bool *changed, const struct entry *e)
{
	struct position *runs;
	struct record rec;
	size_t n;
	int err = 0;

	*changed = false;
	if (!roster_has_forks(r) || e->kind != KIND_ATTEST ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	runs = calloc(LIMIT_PINS, sizeof(*runs));
	if (runs == NULL)
		return ERR_NOMEM;
	n = record_positions(&rec, FACT_RUNS, runs, LIMIT_PINS);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct feed_limit *l =
			find(r->limits, r->limits_n, &runs[i].feed);

		if (l != NULL && l->fork != 0)
			err = keep_attested(r, changed, e, &runs[i]);
	}
	free(runs);
	return err;
}

void limits_forget(struct roster *r, const struct pubkey *feed, uint64_t seq)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->attested_n; i++)
		if (r->attested[i].by_seq <= seq ||
		    !pubkey_eq(&r->attested[i].by, feed))
			r->attested[kept++] = r->attested[i];
	r->attested_n = kept;
}

bool roster_has_forks(const struct roster *r)
{
	for (size_t i = 0; i < r->limits_n; i++)
		if (r->limits[i].fork != 0)
			return true;
	return false;
}

const struct feed_limit *roster_limit(const struct roster *r,
				      const struct pubkey *feed)
{
	return limits_find(&r->fold, feed);
}

size_t roster_limit_count(const struct roster *r)
{
	return r->fold.limits_n;
}

const struct feed_limit *roster_limit_at(const struct roster *r, size_t i)
{
	return i < r->fold.limits_n ? &r->fold.limits[i] : NULL;
}

static const struct position *end_of(const struct feed_limit *l)
{
	return l->raised.seq != 0 ? &l->raised : &l->end;
}

/* PROTOCOL: The feed then ends before the fork, or at its end, whichever is
 * lower */
static void set_limit(struct feed_limit *l)
{
	const struct position *end = end_of(l);

	l->limit = l->fork != 0 ? l->fork - 1 : UINT64_MAX;
	memset(&l->tip, 0, sizeof(l->tip));
	if (end->seq == 0 || end->seq >= l->limit)
		return;
	l->limit = end->seq;
	l->tip = l->raised.id;
}

int limits_collect(struct fold *f, const struct roster *r)
{
	f->limits = calloc(r->limits_n + 1, sizeof(*f->limits));
	if (f->limits == NULL)
		return ERR_NOMEM;
	f->limits_n = r->limits_n;
	for (size_t i = 0; i < r->limits_n; i++) {
		struct feed_limit *l = &f->limits[i];

		*l = r->limits[i];
		set_limit(l);
	}
	return 0;
}

void limits_raise(struct fold *f, const struct roster *r, size_t who)
{
	const struct person *p = &f->people[who];

	for (size_t i = p->verdict; f->limits_n > 0 && i < p->verdict_end;
	     i++) {
		const struct verdict *v = &f->verdicts[i];
		const struct roster_feed *feed;
		struct feed_limit *l;
		struct bar to;
		uint64_t end;

		if (!keys_release(&to, &end, f, r, who, v))
			continue;
		feed = roster_feed(r, &to.feed);
		l = limits_find(f, &to.feed);
		/* PROTOCOL: No feed raises its own end */
		if (feed == NULL || l == NULL || end == 0 ||
		    end != l->end.seq || to.seq <= end ||
		    !pubkey_eq(keys_root(f, &feed->certifier),
			       &p->m.identity) ||
		    pubkey_eq(&r->said[v->said].feed, &to.feed))
			continue;
		if (to.seq > l->raised.seq ||
		    (to.seq == l->raised.seq &&
		     id_cmp(&to.id, &l->raised.id) < 0))
			l->raised = (struct position){ to.feed, to.seq, to.id };
		set_limit(l);
	}
}

/* One statement about which chain counts. */
struct naming {
	const struct said *said; /* NULL: it was attested */
	struct position at;
	enum cause cause;
	size_t author;  /* person */
	bool is_proved; /* the identity of the feed signed it */
};

static bool is_proved(const struct roster *r, const struct record *rec,
		      const struct position *at, const struct fold *f,
		      const struct roster_feed *feed)
{
	uint8_t claim[PLACE_CLAIM];
	struct sig sig;

	if (!record_has(rec, FACT_PROOF))
		return false;
	memcpy(sig.b, rec->v[FACT_PROOF].p, SIG_SIZE);
	place_claim(claim, &r->network, at);
	return sign_check(&sig, &feed->certifier, DOMAIN_RESOLVE, claim,
			  sizeof(claim)) == 0 ||
	       sign_check(&sig, keys_last(f, &feed->certifier), DOMAIN_RESOLVE,
			  claim, sizeof(claim)) == 0;
}

/* Does this `resolve` that is heard name a chain beyond the fork of l? */
static bool read_naming(struct naming *out, const struct fold *f,
			const struct roster *r, const struct said *s,
			const struct feed_limit *l)
{
	const struct roster_feed *feed = roster_feed(r, &l->feed), *by;
	const struct pubkey *owner = keys_root(f, &feed->certifier);
	struct record rec;

	if (s->kind != KIND_RESOLVE || memcmp(s->key, l->feed.b, KEY_SIZE) != 0)
		return false;
	by = roster_feed(r, &s->feed);
	out->author = by == NULL ? SIZE_MAX : keys_person(f, &by->certifier);
	said_read(&rec, s);
	if (record_positions(&rec, FACT_POSITION, &out->at, 1) != 1 ||
	    out->at.seq < l->fork)
		return false;
	out->said = s;
	out->cause = (enum cause)record_uint(&rec, FACT_CAUSE);
	out->is_proved = is_proved(r, &rec, &out->at, f, feed);
	/* What a sole founder has signed speaks for itself, whoever says it. */
	if (out->is_proved && f->charter.founders_n == 1 &&
	    pubkey_eq(owner, &f->charter.founders[0].identity))
		return true;
	return out->author != SIZE_MAX && fold_heard(f, out->author, s);
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
			     const struct fold *f, const struct roster *r,
			     const struct feed_limit *l)
{
	for (size_t i = 0; i < r->attested_n; i++) {
		const struct attested *a = &r->attested[i];
		const struct roster_feed *by = roster_feed(r, &a->by);
		struct id pin;

		if (by == NULL || !pubkey_eq(&a->at.feed, &l->feed) ||
		    a->at.seq < l->fork ||
		    keys_person(f, &by->certifier) != admitter ||
		    a->by_seq > fold_counted(f, &pin, admitter, &a->by))
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
	const struct position *end = end_of(l);

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

static bool is_of(const struct fold *f, const struct roster *r,
		  const struct feed_limit *l, const struct pubkey *identity)
{
	const struct roster_feed *feed = roster_feed(r, &l->feed);

	return l->fork != 0 && feed != NULL &&
	       pubkey_eq(keys_root(f, &feed->certifier), identity);
}

static void judge_one(struct fold *f, const struct roster *r, size_t who,
		      struct feed_limit *l)
{
	size_t admitter = fold_person(f, &f->people[who].m.admitter);
	struct naming best = { .said = NULL }, n;
	bool has = false;

	for (size_t i = 0; i < r->said_n; i++) {
		if (!read_naming(&n, f, r, &r->said[i], l))
			continue;
		if (n.author != admitter &&
		    !fold_is_below(f, admitter, n.author))
			continue;
		if (!has || comes_before(f, &n, &best))
			best = n;
		has = true;
	}
	look_at_attested(&best, &has, admitter, f, r, l);
	if (has)
		settle(l, &best);
}

void limits_judge(struct fold *f, const struct roster *r, size_t who)
{
	const struct pubkey *identity = &f->people[who].m.identity;

	for (size_t i = 0; i < f->limits_n; i++)
		if (is_of(f, r, &f->limits[i], identity))
			judge_one(f, r, who, &f->limits[i]);
}

/* How many of the other founders name this place? */
static size_t count_voices(const struct fold *f, const struct roster *r,
			   const struct feed_limit *l,
			   const struct position *at)
{
	const struct pubkey *own =
		keys_root(f, &roster_feed(r, &l->feed)->certifier);
	size_t n = 0;

	for (size_t i = 0; i < f->charter.founders_n; i++) {
		const struct pubkey *who = &f->charter.founders[i].identity;
		size_t person = fold_person(f, who);
		struct naming x;
		bool said = false;

		if (pubkey_eq(who, own))
			continue;
		for (size_t k = 0; k < r->said_n && !said; k++)
			said = read_naming(&x, f, r, &r->said[k], l) &&
			       x.author == person && x.at.seq == at->seq &&
			       id_eq(&x.at.id, &at->id);
		n += said;
	}
	return n;
}

/* PROTOCOL: by one of the other founders, a majority of whom name the same
 * position; for a sole founder's by anybody, with the founder's own signature
 * as *proof* */
static bool is_agreed(const struct fold *f, const struct roster *r,
		      const struct feed_limit *l, const struct naming *n)
{
	size_t others = f->charter.founders_n - 1;

	if (others == 0)
		return n->is_proved;
	return f->people[n->author].m.depth == 0 &&
	       2 * count_voices(f, r, l, &n->at) > others;
}

static void judge_founder(struct naming *best, const struct fold *f,
			  const struct roster *r, const struct feed_limit *l)
{
	struct naming n;

	for (size_t i = 0; i < r->said_n; i++)
		if (read_naming(&n, f, r, &r->said[i], l) &&
		    is_agreed(f, r, l, &n) &&
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
		const struct feed_limit *l = &f->limits[i];
		const struct roster_feed *feed = roster_feed(r, &l->feed);

		if (feed != NULL && l->fork != 0 &&
		    charter_has_founder(&f->charter,
					keys_root(f, &feed->certifier)))
			judge_founder(&best[i], f, r, l);
	}
	for (size_t i = 0; i < f->limits_n; i++)
		if (best[i].said != NULL)
			settle(&f->limits[i], &best[i]);
	free(best);
	return 0;
}
