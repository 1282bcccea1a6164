#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/attest/attest.h"
#include "proto/attest/cosigned.h"
#include "proto/attest/witness.h"
#include "proto/roster/roster_limit.h"

#include <stdlib.h>
#include <string.h>

/*
 * Feeds that were closed by an `end` before entries that somebody had attested:
 * what was attested is not forked away, and it does not go unseen when its own
 * author closes it away.
 */

/* One feed that an `end` closes. */
struct ended {
	const struct feed_limit *limit; /* borrowed of the roster */
	const struct member *owner;
	uint64_t to;        /* it ends there; or was attested, as told */
	struct attest tree; /* its own, as far as it goes; owned */
	uint64_t size;      /* of that tree, as told */
	bool is_told;
};

struct ends {
	struct fold *f;
	struct cases *cases;
	struct ended *row; /* rising feed, owned */
	size_t n;
};

/* An entry that counts, where it stands. */
struct place {
	size_t feed, at;
};

typedef int end_visit(struct ends *x, const struct entry *e,
		      const struct place *p);

static int each_of(struct ends *x, uint32_t kind, end_visit *visit)
{
	for (size_t i = 0; i < x->f->feeds_n; i++) {
		const struct audit_feed *f = &x->f->feeds[i];

		if (!f->is_known || !scan_has(f->scan, kind, kind))
			continue;
		for (size_t k = 0; k < f->scan->n && k < f->counted_to; k++) {
			const struct scanned *s = &f->scan->at[k];
			const struct place p = { i, k };
			struct entry e;
			int err;

			if (s->kind != kind)
				continue;
			err = entry_decode(&e, s->raw, s->raw_n);
			if (err == 0)
				err = visit(x, &e, &p);
			if (err != 0)
				return err;
		}
	}
	return 0;
}

static int by_feed(const void *key, const void *row)
{
	const struct ended *x = row;

	return pubkey_cmp(key, &x->limit->feed);
}

static struct ended *find(const struct ends *x, const struct pubkey *feed)
{
	return bsearch(feed, x->row, x->n, sizeof(*x->row), by_feed);
}

static int tell(struct ends *x, struct ended *row, const struct place *p,
		uint64_t amount)
{
	const struct audit_case c = { .code = LOG_13,
				      .feed = (uint32_t)p->feed,
				      .at = (uint32_t)p->at,
				      .who = row->owner,
				      .amount = amount };

	row->is_told = row->is_told || amount > 0;
	return cases_add(x->cases, &c);
}

/* PROTOCOL: Attested it was by the association that admitted the member, or by
 * the member itself; */
static int take_attest(struct ends *x, const struct entry *e,
		       const struct place *p)
{
	const struct pubkey *by = &x->f->feeds[p->feed].author;
	struct position *runs = calloc(LIMIT_PINS, sizeof(*runs));
	struct record rec;
	size_t n = 0;
	int err = runs == NULL ? ERR_NOMEM : 0;

	if (err == 0 && record_decode(&rec, e->kind, e->facts, e->facts_n) == 0)
		n = record_positions(&rec, FACT_RUNS, runs, LIMIT_PINS);
	for (size_t i = 0; i < n && err == 0; i++) {
		struct ended *row = find(x, &runs[i].feed);

		if (row == NULL || runs[i].seq <= row->to ||
		    (!pubkey_eq(by, &row->owner->identity) &&
		     !pubkey_eq(by, &row->owner->admitter)))
			continue;
		err = tell(x, row, p, runs[i].seq - row->to);
		row->to = runs[i].seq;
	}
	free(runs);
	return err;
}

/* PROTOCOL: or of its own tree a witness cosigned more than what the feed still
 * attests. */
static int take_cosign(struct ends *x, const struct entry *e,
		       const struct place *p)
{
	const struct fold *f = x->f;
	struct cosigned c;
	struct ended *row;
	uint64_t known;

	if (cosigned_read(&c, e, &f->feeds[p->feed].scan->at[p->at].id,
			  &f->a->network) != 0)
		return 0;
	row = find(x, &c.head.feed);
	if (row == NULL || !witness_may(f->a->roster, &f->feeds[p->feed].author,
					&row->owner->identity))
		return 0;
	known = row->tree.size > row->size ? row->tree.size : row->size;
	if (c.head.size <= known)
		return 0;
	row->size = c.head.size;
	return tell(x, row, p, c.head.size - known);
}

/* The `end` itself, wherever it stands. */
static int take_end(struct ends *x, const struct entry *e,
		    const struct place *p)
{
	struct position at;
	struct record rec;
	struct ended *row;

	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0 ||
	    record_positions(&rec, FACT_POSITION, &at, 1) != 1)
		return 0;
	row = find(x, &at.feed);
	if (row == NULL || !row->is_told || at.seq != row->limit->end.seq ||
	    !id_eq(&at.id, &row->limit->end.id))
		return 0;
	return tell(x, row, p, 0);
}

/* The tree of a feed, as far as the feed goes now. */
static int take_tree(struct ends *x, const struct entry *e,
		     const struct place *p)
{
	struct ended *row = find(x, &e->feed);

	if (row == NULL)
		return 0;
	return attest_take(&row->tree, e,
			   &x->f->feeds[p->feed].scan->at[p->at].id);
}

static int list(struct ends *x)
{
	const struct roster *r = x->f->a->roster;
	size_t n = roster_limit_count(r);

	x->row = calloc(n + 1, sizeof(*x->row));
	if (x->row == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct feed_limit *l = roster_limit_at(r, i);
		const struct roster_feed *feed = roster_feed(r, &l->feed);
		const struct member *m =
			feed == NULL ? NULL : roster_member(r, &feed->identity);
		struct ended *row = &x->row[x->n];

		if (m == NULL || l->end.seq == 0)
			continue;
		row->limit = l;
		row->owner = m;
		row->to = l->raised.seq != 0 ? l->raised.seq : l->end.seq;
		attest_init(&row->tree, &x->f->a->network, &l->feed);
		x->n++;
	}
	return 0;
}

int end_tell(struct fold *f, struct cases *cases)
{
	struct ends x = { .f = f, .cases = cases };
	int err = list(&x);

	if (err == 0 && x.n > 0)
		err = each_of(&x, KIND_ATTEST, take_attest);
	if (err == 0 && x.n > 0)
		err = each_of(&x, KIND_ATTEST, take_tree);
	if (err == 0 && x.n > 0)
		err = each_of(&x, KIND_COSIGN, take_cosign);
	if (err == 0 && x.n > 0)
		err = each_of(&x, KIND_END, take_end);
	for (size_t i = 0; i < x.n; i++)
		attest_release(&x.row[i].tree);
	free(x.row);
	return err;
}
