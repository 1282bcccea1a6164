#include "node/proof/logtree.h"

#include "crypto/err.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* The search for one entry's times. */
struct search {
	struct store *store;
	const struct roster *roster;
	unsigned quorum;
	const struct pubkey *feed;
	uint64_t seq;
	struct id seen; /* zero: none */
	struct logtree_interval *out;
};

/* What members said, as a list to take a quorum of. */
static int words_of(struct witnessed **out, const struct search *q,
		    const struct cosigned *rows, size_t n)
{
	struct witnessed *w = calloc(n + 1, sizeof(*w));

	if (w == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct roster_feed *f =
			roster_feed(q->roster, &rows[i].witness);

		w[i].member = f->identity; /* logtree_witnesses chose them */
		w[i].time_s = rows[i].time_s;
	}
	*out = w;
	return 0;
}

/* Is what was cosigned a state of the tree, as far as its checkpoints tell? */
static bool is_state(const struct attest *t, const struct attest_point *points,
		     const struct treehead *head)
{
	const struct attest_point *p =
		attest_point_at(points, t->marks_n, head->size);

	return p != NULL && p->is_known && sha_eq(&p->root, &head->root);
}

/* Not after: by when a quorum had cosigned a state that holds the entry. */
static int look_after(struct search *q, const struct attest *t,
		      const struct attest_point *points)
{
	struct logtree_cosigned all = { .at = NULL };
	struct witnessed *w = NULL;
	uint64_t index, time_s;
	size_t n = 0;
	int err;

	if (attest_find(t, &index, q->feed, q->seq) != 0)
		return 0;
	err = logtree_witnesses(&all, q->store, &t->feed);
	for (size_t i = 0; i < all.n; i++)
		if (all.at[i].head.size > index &&
		    is_state(t, points, &all.at[i].head))
			all.at[n++] = all.at[i];
	if (err == 0)
		err = words_of(&w, q, all.at, n);
	if (err == 0 && witnessed_by(&time_s, w, n, q->quorum) &&
	    (q->out->before_s == 0 || time_s < q->out->before_s))
		q->out->before_s = time_s;
	free(w);
	free(all.at);
	return err;
}

/* Is this word that of a witness, and a leaf below size? */
static bool is_heard(const struct search *q, const struct attest *t,
		     uint64_t size, const struct cosigned *row)
{
	const struct roster_feed *by = roster_feed(q->roster, &row->witness);
	const struct roster_feed *of = roster_feed(q->roster, &row->head.feed);
	uint64_t index;

	return by != NULL && of != NULL &&
	       witness_may(q->roster, &by->identity, &of->identity) &&
	       attest_find(t, &index, &row->at.feed, row->at.seq) == 0 &&
	       index < size;
}

/* Not before: the newest words among the leaves of the checkpoint seen. */
static int look_before(struct search *q, const struct attest *t, size_t mark)
{
	struct logtree_cosigned all = { .at = NULL };
	struct witnessed *w = NULL;
	uint64_t time_s;
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; err == 0 && i < roster_feed_count(q->roster); i++) {
		const struct roster_feed *f = roster_feed_at(q->roster, i);
		const struct member *m = roster_member(q->roster, &f->identity);

		if (m != NULL &&
		    (m->role == ROLE_ASSOCIATION || m->role == ROLE_RECIPIENT ||
		     m->role == ROLE_AUDITOR))
			err = logtree_cosigned(&all, q->store, &f->feed, NULL);
	}
	for (size_t i = 0; i < all.n; i++)
		if (is_heard(q, t, t->marks[mark].head.size, &all.at[i]))
			all.at[n++] = all.at[i];
	if (err == 0)
		err = words_of(&w, q, all.at, n);
	if (err == 0 && witnessed_since(&time_s, w, n, q->quorum))
		q->out->after_s = time_s;
	free(w);
	free(all.at);
	return err;
}

static int look_in(struct search *q, const struct pubkey *feed)
{
	struct attest_point *points = NULL;
	struct attest t;
	int err = logtree_load(&t, q->store, feed);

	if (err == 0 && t.marks_n > 0)
		err = logtree_roots(&points, &t, q->store);
	if (err == 0 && points != NULL)
		err = look_after(q, &t, points);
	for (size_t i = 0; err == 0 && points != NULL && i < t.marks_n; i++)
		if (id_eq(&t.marks[i].at.id, &q->seen) &&
		    attest_judge(&t, i, points, t.marks_n) == ATTEST_RIGHT)
			err = look_before(q, &t, i);
	free(points);
	attest_release(&t);
	return err;
}

static int take_seen(void *arg, const uint8_t *raw, size_t n)
{
	struct search *q = arg;
	struct entry e;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	if (e.seq > q->seq)
		return 1;
	if (e.has_seen)
		q->seen = e.seen;
	return 0;
}

static int look_all(struct search *q)
{
	int err = store_entries(q->store, q->feed, 1, take_seen, q);

	if (err == 1)
		err = 0;
	for (size_t i = 0; err == 0 && i < roster_feed_count(q->roster); i++) {
		const struct roster_feed *f = roster_feed_at(q->roster, i);
		const struct member *m = roster_member(q->roster, &f->identity);

		if (m != NULL && m->role == ROLE_ASSOCIATION)
			err = look_in(q, &f->feed);
	}
	return err;
}

int logtree_interval(struct logtree_interval *out, struct store *s,
		     const struct pubkey *feed, uint64_t seq)
{
	struct search q = { .store = s,
			    .roster = store_roster(s),
			    .feed = feed,
			    .seq = seq,
			    .out = out };
	const struct charter *c = roster_charter(q.roster);
	struct book_view view;
	int err;

	*out = (struct logtree_interval){ 0, 0 };
	q.quorum = c == NULL ? 1 : c->quorum;
	err = store_view_open(s, &view);
	if (err != 0)
		return err;
	err = look_all(&q);
	store_view_close(s);
	return err;
}
