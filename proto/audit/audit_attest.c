#include "proto/audit/audit_attest.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/attest/attest.h"
#include "proto/attest/cosigned.h"
#include "proto/attest/witness.h"
#include "proto/audit/audit_since.h"
#include "proto/grow.h"
#include "proto/roster/roster_limit.h"

#include <stdlib.h>
#include <string.h>

/* What is needed while checking. */
struct checking {
	struct audit_attested *out;
	struct findings *findings;
	const struct roster *roster;
	const struct audit_feed *feeds;
	size_t feeds_n;
	const struct attest_names *names;
	struct cosigned *cosigned; /* by tree, then size */
	size_t cosigned_n, cosigned_max;
	struct since_source since;
	size_t hint; /* the feed that was asked for last */
};

/* One tree under way. */
struct checked {
	struct attest tree;
	uint64_t fork; /* a copied machine forked the feed there; 0: none did */
	uint64_t agreed; /* leaves that no such copy told otherwise */
	const struct cosigned *cosigned; /* of this tree */
	size_t cosigned_n;
	struct attest_point *points;
	size_t points_n;
	bool *is_right; /* of each checkpoint: as its entries are */
};

static int feed_cmp(const void *key, const void *row)
{
	const struct audit_feed *f = row;

	return pubkey_cmp(key, &f->scan->feed);
}

static const struct audit_feed *find_feed(struct checking *c,
					  const struct pubkey *feed)
{
	const struct audit_feed *f;

	if (c->hint < c->feeds_n &&
	    pubkey_eq(&c->feeds[c->hint].scan->feed, feed))
		return &c->feeds[c->hint];
	f = bsearch(feed, c->feeds, c->feeds_n, sizeof(*f), feed_cmp);
	if (f != NULL)
		c->hint = (size_t)(f - c->feeds);
	return f;
}

static int id_of(void *cookie, struct id *out, const struct pubkey *feed,
		 uint64_t seq)
{
	const struct audit_feed *f = find_feed(cookie, feed);

	if (f == NULL || seq == 0 || seq > f->scan->n)
		return ERR_NOT_FOUND;
	*out = f->scan->at[seq - 1].id;
	return 0;
}

typedef int take_entry(void *arg, const struct entry *e, const struct id *id);

/* Show every entry of these kinds that counts. */
static int each_of(const struct audit_feed *f, uint32_t first, uint32_t last,
		   take_entry *take, void *arg)
{
	const struct audit_scan *s = f->scan;

	if (!scan_has(s, first, last))
		return 0;
	for (size_t i = 0; i < s->n && i < f->counted_to; i++) {
		struct entry e;
		int err;

		if (s->at[i].kind < first || s->at[i].kind > last)
			continue;
		err = entry_decode(&e, s->at[i].raw, s->at[i].raw_n);
		if (err == 0)
			err = take(arg, &e, &s->at[i].id);
		if (err != 0)
			return err;
	}
	return 0;
}

static int take_cosigned(void *arg, const struct entry *e, const struct id *id)
{
	struct checking *c = arg;
	struct cosigned row;
	int err;

	if (cosigned_read(&row, e, id, roster_network(c->roster)) != 0)
		return 0;
	err = grow(&c->cosigned, &c->cosigned_max, c->cosigned_n,
		   sizeof(*c->cosigned));
	if (err == 0)
		c->cosigned[c->cosigned_n++] = row;
	return err;
}

static int by_tree(const void *a, const void *b)
{
	const struct cosigned *x = a, *y = b;
	int c = pubkey_cmp(&x->head.feed, &y->head.feed);

	if (c == 0 && x->head.size != y->head.size)
		c = x->head.size < y->head.size ? -1 : 1;
	if (c == 0)
		c = pubkey_cmp(&x->at.feed, &y->at.feed);
	if (c == 0 && x->at.seq != y->at.seq)
		c = x->at.seq < y->at.seq ? -1 : 1;
	return c;
}

static int take_tree(void *arg, const struct entry *e, const struct id *id)
{
	struct checked *t = arg;
	int err = attest_take(&t->tree, e, id);

	if (e->seq < t->fork)
		t->agreed = t->tree.size;
	return err;
}

static int by_size(const void *a, const void *b)
{
	const struct attest_point *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

/* All sizes at which a root is spoken of. */
static int make_points(struct checked *t, struct checking *c)
{
	const struct attest_source source = { c, id_of };

	t->points_n = t->tree.marks_n + t->cosigned_n;
	t->points = calloc(t->points_n + 1, sizeof(*t->points));
	if (t->points == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < t->tree.marks_n; i++)
		t->points[i].size = t->tree.marks[i].head.size;
	for (size_t i = 0; i < t->cosigned_n; i++)
		t->points[t->tree.marks_n + i].size = t->cosigned[i].head.size;
	if (t->points_n > 0)
		qsort(t->points, t->points_n, sizeof(*t->points), by_size);
	return attest_roots(&t->tree, &source, t->points, t->points_n);
}

static struct finding about_tree(const struct checking *c,
				 enum finding_code code,
				 const struct treehead *head)
{
	struct finding x = { .code = code, .amount = head->size };

	hex_encode(x.subject, head->feed.b, KEY_SIZE);
	c->names->name(c->names->arg, x.who, sizeof(x.who), &head->feed);
	return x;
}

static int find_mark(struct checking *c, const struct checked *t, size_t i,
		     enum attest_fault fault)
{
	const struct attest_mark *m = &t->tree.marks[i];
	enum finding_code code = fault == ATTEST_ROLLBACK ? LOG_12
				 : fault == ATTEST_SPLIT  ? LOG_11
							  : LOG_04;
	struct finding x = about_tree(c, code, &m->head);

	finding_prove(&x, &m->at);
	for (size_t k = 0; k < i && fault != ATTEST_WRONG; k++)
		if (t->tree.marks[k].head.size >= m->head.size) {
			finding_prove(&x, &t->tree.marks[k].at);
			break;
		}
	return findings_add(c->findings, &x);
}

static int judge_marks(struct checking *c, struct checked *t)
{
	int err = 0;

	t->is_right = calloc(t->tree.marks_n + 1, sizeof(*t->is_right));
	if (t->is_right == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < t->tree.marks_n && err == 0; i++) {
		enum attest_fault fault =
			attest_judge(&t->tree, i, t->points, t->points_n);

		t->is_right[i] = fault == ATTEST_RIGHT;
		c->out->checkpoints++;
		if (fault == ATTEST_UNCHECKED)
			c->out->unchecked++;
		else if (fault != ATTEST_RIGHT)
			err = find_mark(c, t, i, fault);
	}
	return err;
}

/* Does a cosignature contradict the tree, or, where nothing is known of that
 * size, the first one of it?  *by: who else said what, NULL for the tree.
 * Where the checkpoint is what was cosigned, it is the one to judge. */
static bool contradicts(const struct checked *t, const struct cosigned *row,
			const struct cosigned *first,
			const struct position **by)
{
	const struct attest_point *p =
		attest_point_at(t->points, t->points_n, row->head.size);

	*by = NULL;
	for (size_t i = 0; i < t->tree.marks_n; i++) {
		const struct attest_mark *m = &t->tree.marks[i];

		if (m->head.size != row->head.size)
			continue;
		if (sha_eq(&m->head.root, &row->head.root))
			return false;
		*by = &m->at;
	}
	if (*by != NULL)
		return true;
	if (p != NULL && p->is_known)
		return !sha_eq(&p->root, &row->head.root);
	*by = &first->at;
	return !sha_eq(&first->head.root, &row->head.root);
}

static int judge_cosigned(struct checking *c, const struct checked *t)
{
	const struct cosigned *first = t->cosigned;

	for (size_t i = 0; i < t->cosigned_n; i++) {
		const struct cosigned *row = &t->cosigned[i];
		const struct position *by;
		struct finding x;
		int err;

		if (row->head.size != first->head.size)
			first = row;
		/* PROTOCOL: Of a feed whose fork was put down to a copied
		 * machine no cosignature is told that goes beyond what was
		 * attested before the fork. */
		if (row->head.size > t->agreed ||
		    !contradicts(t, row, first, &by))
			continue;
		x = about_tree(c, LOG_11, &row->head);
		finding_prove(&x, &row->at);
		if (by != NULL)
			finding_prove(&x, by);
		err = findings_add(c->findings, &x);
		if (err != 0)
			return err;
	}
	return 0;
}

/* The newest time that a quorum said of this tree. */
static int take_time(struct checking *c, const struct checked *t,
		     const struct audit_feed *f)
{
	const struct charter *charter = roster_charter(c->roster);
	struct witnessed *w = calloc(t->cosigned_n + 1, sizeof(*w));
	struct audit_attested *out = c->out;
	struct attest_tree *tree;
	uint64_t time_s;
	size_t n = 0;
	int err = w == NULL ? ERR_NOMEM : 0;

	if (err == 0)
		err = grow(&out->trees, &out->trees_max, out->trees_n,
			   sizeof(*out->trees));
	if (err != 0) {
		free(w);
		return err;
	}
	tree = &out->trees[out->trees_n++];
	*tree = (struct attest_tree){ .feed = (size_t)(f - c->feeds) };
	for (size_t i = 0; i < t->cosigned_n; i++) {
		const struct roster_feed *by =
			roster_feed(c->roster, &t->cosigned[i].witness);

		if (by != NULL && since_is_timely(f, &t->cosigned[i]) &&
		    witness_may(c->roster, &by->identity, &f->author))
			w[n++] = (struct witnessed){ by->identity,
						     t->cosigned[i].time_s };
	}
	if (charter != NULL &&
	    witnessed_since(&time_s, w, n, charter->quorum)) {
		tree->has_time = true;
		tree->time_ms = time_s * 1000;
	}
	if (tree->has_time &&
	    (!out->has_time || tree->time_ms > out->time_ms)) {
		out->has_time = true;
		out->time_ms = tree->time_ms;
	}
	free(w);
	return 0;
}

/* Who cosigned one state: rows [i, end). */
static bool time_of_state(struct checking *c, const struct checked *t,
			  const struct pubkey *log, struct witnessed *w,
			  size_t i, size_t end, uint64_t *time_s)
{
	const struct charter *charter = roster_charter(c->roster);
	const struct attest_point *p = attest_point_at(
		t->points, t->points_n, t->cosigned[i].head.size);
	size_t n = 0;

	for (; i < end; i++) {
		const struct roster_feed *f =
			roster_feed(c->roster, &t->cosigned[i].witness);

		if (f != NULL && p != NULL && p->is_known &&
		    sha_eq(&p->root, &t->cosigned[i].head.root) &&
		    witness_may(c->roster, &f->identity, log))
			w[n++] = (struct witnessed){ f->identity,
						     t->cosigned[i].time_s };
	}
	return charter != NULL && witnessed_by(time_s, w, n, charter->quorum);
}

/* The runs that end at or below size, and above the state before it. */
static int add_bounds(struct checking *c, const struct checked *t, size_t *run,
		      uint64_t size, uint64_t time_s)
{
	struct audit_attested *out = c->out;

	for (; *run < t->tree.runs_n; (*run)++) {
		const struct attest_run *r = &t->tree.runs[*run];
		const struct audit_feed *f = find_feed(c, &r->feed);
		uint64_t to = r->to;
		int err;

		if (r->first + (r->to - r->from + 1) > size)
			break;
		if (f == NULL || time_s == UINT64_MAX)
			continue;
		if (to > f->scan->n)
			to = f->scan->n;
		if (to < r->from)
			continue;
		err = grow(&out->bounds, &out->bounds_max, out->bounds_n,
			   sizeof(*out->bounds));
		if (err != 0)
			return err;
		out->bounds[out->bounds_n++] =
			(struct attest_bound){ (size_t)(f - c->feeds), r->from,
					       to, time_s * 1000 };
	}
	return 0;
}

/* By when all that a state holds had been made: the earliest time at which a
 * quorum cosigned that state or a later one.  Rows are rising by size, so the
 * earliest is known from the last one back. */
static int take_bounds(struct checking *c, const struct checked *t,
		       const struct pubkey *log)
{
	size_t n = t->cosigned_n, run = 0, end;
	struct witnessed *w = calloc(n + 1, sizeof(*w));
	uint64_t *by = calloc(n + 1, sizeof(*by));
	int err = w == NULL || by == NULL ? ERR_NOMEM : 0;

	for (size_t i = n; i > 0 && err == 0; i = end) {
		uint64_t least = i == n ? UINT64_MAX : by[i], time_s;

		for (end = i; end > 0 && t->cosigned[end - 1].head.size ==
						 t->cosigned[i - 1].head.size;
		     end--)
			;
		if (time_of_state(c, t, log, w, end, i, &time_s) &&
		    time_s < least)
			least = time_s;
		for (size_t k = end; k < i; k++)
			by[k] = least;
	}
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_bounds(c, t, &run, t->cosigned[i].head.size, by[i]);
	free(w);
	free(by);
	return err;
}

/* The cosignatures of one tree are together. */
static void find_cosigned(struct checked *t, const struct checking *c,
			  const struct pubkey *feed)
{
	size_t low = 0, high = c->cosigned_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&c->cosigned[mid].head.feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	t->cosigned = c->cosigned + low;
	while (low + t->cosigned_n < c->cosigned_n &&
	       pubkey_eq(&t->cosigned[t->cosigned_n].head.feed, feed))
		t->cosigned_n++;
}

/* What was cosigned of feeds that are not here. */
static int check_absent(struct checking *c)
{
	int err = 0;

	for (size_t i = 0; i < c->cosigned_n && err == 0;) {
		const struct pubkey *feed = &c->cosigned[i].head.feed;
		const struct audit_feed *f = find_feed(c, feed);
		struct checked t = { .agreed = UINT64_MAX };

		find_cosigned(&t, c, feed);
		i += t.cosigned_n;
		if (f == NULL || !f->is_known)
			err = judge_cosigned(c, &t);
	}
	return err;
}

static int check_feed(struct checking *c, const struct audit_feed *f)
{
	const struct feed_limit *l = roster_limit(c->roster, &f->scan->feed);
	bool is_healed = l != NULL && feed_is_healed(l);
	struct checked t = { .fork = is_healed ? l->fork : 0,
			     .agreed = is_healed ? 0 : UINT64_MAX };
	int err;

	attest_init(&t.tree, roster_network(c->roster), &f->scan->feed);
	find_cosigned(&t, c, &f->scan->feed);
	err = each_of(f, KIND_ATTEST, KIND_CHECKPOINT, take_tree, &t);
	if (err == 0 && t.tree.marks_n + t.cosigned_n > 0) {
		err = make_points(&t, c);
		if (err == 0)
			err = judge_marks(c, &t);
		if (err == 0)
			err = judge_cosigned(c, &t);
		if (err == 0)
			err = take_time(c, &t, f);
		if (err == 0)
			err = take_bounds(c, &t, &f->author);
		if (err == 0 && c->since.by_place_n > 0)
			err = audit_since(c->out, &c->since, &t.tree,
					  t.is_right);
	}
	free(t.is_right);
	free(t.points);
	attest_release(&t.tree);
	return err;
}

int audit_attest(struct audit_attested *out, struct findings *findings,
		 const struct roster *roster, const struct audit_feed *feeds,
		 size_t feeds_n, const struct attest_names *names)
{
	struct checking c = { .out = out,
			      .findings = findings,
			      .roster = roster,
			      .feeds = feeds,
			      .feeds_n = feeds_n,
			      .names = names };
	int err = 0;

	*out = (struct audit_attested){ .checkpoints = 0 };
	for (size_t i = 0; i < feeds_n && err == 0; i++)
		if (feeds[i].is_known)
			err = each_of(&feeds[i], KIND_COSIGN, KIND_COSIGN,
				      take_cosigned, &c);
	if (c.cosigned_n > 0)
		qsort(c.cosigned, c.cosigned_n, sizeof(*c.cosigned), by_tree);
	out->cosignatures = c.cosigned_n;
	c.since = (struct since_source){ roster, feeds, feeds_n, NULL, 0 };
	if (err == 0)
		err = since_sort(&c.since, c.cosigned, c.cosigned_n);
	for (size_t i = 0; i < feeds_n && err == 0; i++)
		if (feeds[i].is_known)
			err = check_feed(&c, &feeds[i]);
	if (err == 0)
		err = check_absent(&c);
	since_order(out);
	free(c.since.by_place);
	free(c.cosigned);
	return err;
}
