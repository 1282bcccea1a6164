#include "crypto/err.h"
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

const struct position *limits_end(const struct feed_limit *l)
{
	return l->raised.seq != 0 ? &l->raised : &l->end;
}

/* PROTOCOL: The feed then ends before the fork, or at its end, whichever is
 * lower */
static void set_limit(struct feed_limit *l)
{
	const struct position *end = limits_end(l);

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
