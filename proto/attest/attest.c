#include "proto/attest/attest.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

void attest_init(struct attest *a, const struct id *network,
		 const struct pubkey *feed)
{
	*a = (struct attest){ .network = *network, .feed = *feed };
}

void attest_release(struct attest *a)
{
	free(a->runs);
	free(a->tops);
	free(a->marks);
	*a = (struct attest){ .runs = NULL };
}

/* Where feed is, or would be, among the tops. */
static size_t top_slot(const struct attest *a, const struct pubkey *feed)
{
	size_t low = 0, high = a->tops_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&a->tops[mid].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_top(const struct attest *a, size_t at, const struct pubkey *feed)
{
	return at < a->tops_n && pubkey_eq(&a->tops[at].feed, feed);
}

uint64_t attest_to(const struct attest *a, const struct pubkey *feed)
{
	size_t at = top_slot(a, feed);

	return is_top(a, at, feed) ? a->tops[at].to : 0;
}

static int make_top(struct attest *a, size_t at, const struct pubkey *feed)
{
	int err = grow(&a->tops, &a->tops_max, a->tops_n, sizeof(*a->tops));

	if (err != 0)
		return err;
	memmove(a->tops + at + 1, a->tops + at,
		(a->tops_n - at) * sizeof(*a->tops));
	a->tops[at] = (struct attest_top){ *feed, 0 };
	a->tops_n++;
	return 0;
}

int attest_add(struct attest *a, const struct position *to)
{
	size_t at = top_slot(a, &to->feed);
	uint64_t from, n;
	int err = 0;

	if (to->seq == 0 ||
	    (is_top(a, at, &to->feed) && a->tops[at].to >= to->seq))
		return 0;
	if (!is_top(a, at, &to->feed))
		err = make_top(a, at, &to->feed);
	if (err == 0)
		err = grow(&a->runs, &a->runs_max, a->runs_n, sizeof(*a->runs));
	if (err != 0)
		return err;
	from = a->tops[at].to + 1;
	n = to->seq - from + 1;
	if (n > LIMIT_SEQ - a->size)
		return ERR_LIMIT;
	a->runs[a->runs_n++] =
		(struct attest_run){ to->feed, from, to->seq, to->id, a->size };
	a->tops[at].to = to->seq;
	a->size += n;
	return 0;
}

static int take_runs(struct attest *a, const struct record *rec)
{
	struct position *places = malloc(LIMIT_PINS * sizeof(*places));
	size_t n;
	int err = 0;

	if (places == NULL)
		return ERR_NOMEM;
	n = record_positions(rec, FACT_RUNS, places, LIMIT_PINS);
	for (size_t i = 0; i < n && err == 0; i++)
		err = attest_add(a, &places[i]);
	free(places);
	return err == ERR_LIMIT ? 0 : err;
}

static int take_mark(struct attest *a, const struct record *rec,
		     const struct position *at)
{
	struct attest_mark m = { .at = *at, .said = a->size };
	int err = grow(&a->marks, &a->marks_max, a->marks_n, sizeof(*a->marks));

	if (err != 0)
		return err;
	m.head = (struct treehead){ .network = a->network, .feed = a->feed };
	m.head.size = record_uint(rec, FACT_SIZE);
	memcpy(m.head.root.b, rec->v[FACT_ROOT].p, sizeof(m.head.root.b));
	memcpy(m.sig.b, rec->v[FACT_NOTE_SIG].p, SIG_SIZE);
	a->marks[a->marks_n++] = m;
	return 0;
}

int attest_take(struct attest *a, const struct entry *e, const struct id *id)
{
	const struct position at = { e->feed, e->seq, *id };
	struct record rec;

	if ((e->kind != KIND_ATTEST && e->kind != KIND_CHECKPOINT) ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	return e->kind == KIND_ATTEST ? take_runs(a, &rec)
				      : take_mark(a, &rec, &at);
}

int attest_find(const struct attest *a, uint64_t *index,
		const struct pubkey *feed, uint64_t seq)
{
	if (seq == 0 || seq > attest_to(a, feed))
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < a->runs_n; i++) {
		const struct attest_run *r = &a->runs[i];

		if (seq < r->from || seq > r->to || !pubkey_eq(&r->feed, feed))
			continue;
		*index = r->first + (seq - r->from);
		return 0;
	}
	return ERR_NOT_FOUND;
}

/* The leaves [skip, n) of one run.  ERR_NOT_FOUND: it is not held. */
static int run_leaves(const struct attest_run *r, const struct attest_source *s,
		      uint64_t skip, uint64_t n, attest_visit *visit, void *arg)
{
	struct id id;
	struct sha leaf;
	int err = s->id(s->cookie, &id, &r->feed, r->to);

	if (err == 0 && !id_eq(&id, &r->id))
		err = ERR_NOT_FOUND;
	for (uint64_t i = skip; i < n && err == 0; i++) {
		err = s->id(s->cookie, &id, &r->feed, r->from + i);
		if (err != 0)
			break;
		leaf = merkle_leaf(id.b, ID_SIZE);
		err = visit(arg, &leaf);
	}
	return err;
}

int attest_leaves(const struct attest *a, const struct attest_source *source,
		  uint64_t end, uint64_t *held, attest_visit *visit, void *arg)
{
	*held = 0;
	for (size_t i = 0; i < a->runs_n && *held < end; i++) {
		const struct attest_run *r = &a->runs[i];
		uint64_t n = r->to - r->from + 1;
		int err;

		if (n > end - *held)
			n = end - *held;
		err = run_leaves(r, source, 0, n, visit, arg);
		if (err == ERR_NOT_FOUND)
			return 0;
		if (err != 0)
			return err;
		*held += n;
	}
	return 0;
}

static int append_leaf(void *arg, const struct sha *leaf)
{
	return merkle_append(arg, leaf);
}

int attest_grow(const struct attest *a, const struct attest_source *source,
		struct merkle *tree)
{
	int err = 0;

	for (size_t i = 0; i < a->runs_n && err == 0; i++) {
		const struct attest_run *r = &a->runs[i];
		uint64_t n = r->to - r->from + 1;

		if (r->first + n > tree->size)
			err = run_leaves(r, source, tree->size - r->first, n,
					 append_leaf, tree);
	}
	return err;
}

/* Points that are filled in while the tree grows. */
struct pass {
	struct merkle tree;
	struct attest_point *points;
	size_t n, at;
};

static void fill_points(struct pass *p)
{
	while (p->at < p->n && p->points[p->at].size == p->tree.size) {
		p->points[p->at].is_known = true;
		p->points[p->at++].root = merkle_root(&p->tree);
	}
}

static int grow_tree(void *arg, const struct sha *leaf)
{
	struct pass *p = arg;
	int err = merkle_append(&p->tree, leaf);

	if (err == 0)
		fill_points(p);
	return err;
}

int attest_roots(const struct attest *a, const struct attest_source *source,
		 struct attest_point *points, size_t n)
{
	struct pass p = { .points = points, .n = n };
	uint64_t held, end = n == 0 ? 0 : points[n - 1].size;

	for (size_t i = 0; i < n; i++)
		points[i].is_known = false;
	merkle_init(&p.tree);
	fill_points(&p);
	return attest_leaves(a, source, end, &held, grow_tree, &p);
}

const struct attest_point *attest_point_at(const struct attest_point *points,
					   size_t n, uint64_t size)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (points[mid].size < size)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && points[low].size == size ? &points[low] : NULL;
}

/* Against the checkpoints before it, which no entry is needed for. */
static enum attest_fault judge_order(const struct attest *a, size_t i)
{
	const struct treehead *h = &a->marks[i].head;

	for (size_t k = 0; k < i; k++)
		if (a->marks[k].head.size > h->size)
			return ATTEST_ROLLBACK;
	for (size_t k = 0; k < i; k++)
		if (a->marks[k].head.size == h->size &&
		    !sha_eq(&a->marks[k].head.root, &h->root))
			return ATTEST_SPLIT;
	return ATTEST_RIGHT;
}

enum attest_fault attest_judge(const struct attest *a, size_t i,
			       const struct attest_point *points, size_t n)
{
	const struct attest_mark *m = &a->marks[i];
	const struct attest_point *p = attest_point_at(points, n, m->head.size);
	enum attest_fault fault = judge_order(a, i);

	if (fault != ATTEST_RIGHT)
		return fault;
	if (m->head.size != m->said || treehead_check(&m->head, &m->sig) != 0)
		return ATTEST_WRONG;
	if (p == NULL || !p->is_known)
		return ATTEST_UNCHECKED;
	return sha_eq(&p->root, &m->head.root) ? ATTEST_RIGHT : ATTEST_WRONG;
}
