#include "proto/audit/audit_since.h"

#include "crypto/err.h"
#include "proto/attest/witness.h"
#include "proto/calendar.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

enum { LATE_DAYS = 366 };

static int place_cmp(const struct position *a, const struct pubkey *feed,
		     uint64_t seq)
{
	int c = pubkey_cmp(&a->feed, feed);

	return c != 0 ? c : a->seq < seq ? -1 : a->seq > seq;
}

static int by_place(const void *a, const void *b)
{
	const struct cosigned *const *x = a, *const *y = b;

	return place_cmp(&(*x)->at, &(*y)->at.feed, (*y)->at.seq);
}

int since_sort(struct since_source *src, const struct cosigned *all, size_t n)
{
	src->by_place = calloc(n + 1, sizeof(*src->by_place));
	if (src->by_place == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		src->by_place[i] = &all[i];
	src->by_place_n = n;
	if (n > 0)
		qsort(src->by_place, n, sizeof(*src->by_place), by_place);
	return 0;
}

/* What was heard among the leaves so far. */
struct hearing {
	const struct since_source *src;
	struct witnessed *all; /* of each member the newest */
	size_t n, max;
	bool is_moved;
};

static const struct audit_feed *find_feed(const struct since_source *src,
					  const struct pubkey *feed)
{
	size_t low = 0, high = src->feeds_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&src->feeds[mid].scan->feed, feed);

		if (c == 0)
			return &src->feeds[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int hear(struct hearing *h, const struct cosigned *row)
{
	const struct audit_feed *by = find_feed(h->src, &row->at.feed);
	const struct audit_feed *of = find_feed(h->src, &row->head.feed);
	size_t i = 0;
	int err;

	if (by == NULL || !by->is_known || of == NULL || !of->is_known ||
	    !witness_may(h->src->roster, &by->author, &of->author))
		return 0;
	while (i < h->n && !pubkey_eq(&h->all[i].member, &by->author))
		i++;
	if (i == h->n) {
		err = grow(&h->all, &h->max, h->n, sizeof(*h->all));
		if (err != 0)
			return err;
		h->all[h->n++] = (struct witnessed){ by->author, 0 };
	}
	if (row->time_s > h->all[i].time_s) {
		h->all[i].time_s = row->time_s;
		h->is_moved = true;
	}
	return 0;
}

/* The cosignatures among the entries of one run. */
static int hear_run(struct hearing *h, const struct attest_run *r)
{
	const struct since_source *src = h->src;
	size_t low = 0, high = src->by_place_n;
	int err = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (place_cmp(&src->by_place[mid]->at, &r->feed, r->from) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; err == 0 && low < src->by_place_n; low++) {
		if (place_cmp(&src->by_place[low]->at, &r->feed, r->to) > 0)
			break;
		err = hear(h, src->by_place[low]);
	}
	return err;
}

static bool time_of(const struct hearing *h, uint64_t *time_s)
{
	const struct charter *charter = roster_charter(h->src->roster);

	/* Sorting them is harmless: a member stands there once. */
	return charter != NULL &&
	       witnessed_since(time_s, h->all, h->n, charter->quorum);
}

static int add(struct audit_attested *out, const struct hearing *h,
	       const struct attest_mark *m, uint64_t time_s)
{
	const struct audit_feed *f = find_feed(h->src, &m->at.feed);
	int err = grow(&out->since, &out->since_max, out->since_n,
		       sizeof(*out->since));

	if (err != 0 || f == NULL)
		return err;
	out->since[out->since_n++] =
		(struct attest_since){ m->at.id, (size_t)(f - h->src->feeds),
				       m->at.seq, time_s * 1000 };
	return 0;
}

int audit_since(struct audit_attested *out, const struct since_source *src,
		const struct attest *tree, const bool *is_right)
{
	struct hearing h = { .src = src };
	uint64_t time_s = 0;
	bool is_said = false;
	size_t run = 0;
	int err = 0;

	for (size_t i = 0; i < tree->marks_n && err == 0; i++) {
		const struct attest_mark *m = &tree->marks[i];

		if (!is_right[i])
			continue;
		for (; run < tree->runs_n && err == 0; run++) {
			const struct attest_run *r = &tree->runs[run];

			if (r->first + (r->to - r->from + 1) > m->head.size)
				break;
			err = hear_run(&h, r);
		}
		if (err == 0 && h.is_moved)
			is_said = time_of(&h, &time_s);
		h.is_moved = false;
		if (err == 0 && is_said)
			err = add(out, &h, m, time_s);
	}
	free(h.all);
	return err;
}

static int by_id(const void *a, const void *b)
{
	const struct attest_since *x = a, *y = b;

	return id_cmp(&x->checkpoint, &y->checkpoint);
}

void since_order(struct audit_attested *out)
{
	if (out->since_n > 0)
		qsort(out->since, out->since_n, sizeof(*out->since), by_id);
}

const struct attest_since *since_find(const struct audit_attested *a,
				      const struct id *checkpoint)
{
	const struct attest_since key = { .checkpoint = *checkpoint };

	return a->since_n == 0 ? NULL
			       : bsearch(&key, a->since, a->since_n,
					 sizeof(key), by_id);
}

/* PROTOCOL: A time more than 366 days after that of the last entry of the feed
 * that has the tree is no time */
bool since_is_timely(const struct audit_feed *f, const struct cosigned *row)
{
	size_t n =
		f->scan->n < f->counted_to ? f->scan->n : (size_t)f->counted_to;
	struct entry e;

	return n > 0 &&
	       entry_decode(&e, f->scan->at[n - 1].raw,
			    f->scan->at[n - 1].raw_n) == 0 &&
	       row->time_s * 1000 <= e.time_ms + LATE_DAYS * DAY_MS;
}
