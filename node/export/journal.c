#include "node/export/journal.h"

#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* The moves of one root under way. */
struct splitting {
	const struct exporting *x;
	struct moves *out;
	struct book_record root; /* newest version */
	struct id id;
	uint64_t outcome_ms; /* when the last word on it was said */
};

static int date_at(const struct exporting *x, uint64_t *ms,
		   const struct pubkey *feed, uint64_t seq)
{
	struct book_record rec;
	bool occurred;
	int err = store_record(x->store, feed, seq, &rec);

	if (err == 0)
		err = book_newest(x->view, &rec, &occurred);
	if (err == 0)
		*ms = export_date(&rec);
	return err;
}

static bool is_same(const struct move *a, const struct move *b)
{
	return a->part == b->part && a->seq == b->seq &&
	       pubkey_eq(&a->feed, &b->feed) && id_eq(&a->root, &b->root);
}

/* A move, unless the posting before was of it; other repeats go later. */
static int add(struct splitting *s, const struct move *m)
{
	int err;

	if (s->out->n > 0 && is_same(&s->out->at[s->out->n - 1], m))
		return 0;
	err = grow(&s->out->at, &s->out->max, s->out->n, sizeof(*m));
	if (err == 0)
		s->out->at[s->out->n++] = *m;
	return err;
}

/* What a part of a posting is: of a delivery that was sent, first all of it is
 * on the way, and then what is not any more. */
static bool cut(struct posting *p, enum move_part part)
{
	int64_t sent = p->delta[COL_DELIVERED] + p->delta[COL_MOVED];
	int64_t on_hand = p->delta[COL_ON_HAND];

	if (part == MOVE_SENT) {
		int64_t delivered = p->delta[COL_DELIVERED];

		memset(p->delta, 0, sizeof(p->delta));
		p->delta[COL_DELIVERED] = delivered;
		p->delta[COL_MOVED] = sent - delivered;
		p->delta[COL_ON_HAND] = on_hand;
		p->delta[COL_IN_TRANSIT] = -on_hand;
	} else if (part == MOVE_OUTCOME) {
		p->delta[COL_DELIVERED] = 0;
		p->delta[COL_MOVED] = 0;
		p->delta[COL_ON_HAND] = 0;
		p->delta[COL_IN_TRANSIT] += on_hand;
	}
	for (size_t c = 0; c < COL_COUNT; c++)
		if (p->delta[c] != 0)
			return true;
	return false;
}

static bool is_at(const struct posting *p, const struct pubkey *feed,
		  uint64_t seq)
{
	return p->seq == seq && pubkey_eq(&p->feed, feed);
}

static int split(void *arg, const struct posting *p)
{
	struct splitting *s = arg;
	struct posting outcome = *p;
	struct move m = { .feed = p->feed, .seq = p->seq, .root = s->id };
	int err;

	/* Money has a journal of its own. */
	if (p->currency != NULL ||
	    !narrow_member(s->x->narrow, &p->holder.member))
		return 0;
	m.date_ms = export_date(&s->root);
	if (!is_at(p, &s->root.feed, s->root.seq)) {
		m.part = MOVE_THERE;
		err = date_at(s->x, &m.date_ms, &p->feed, p->seq);
		return err == 0 ? add(s, &m) : err;
	}
	m.part = s->root.rec.kind == KIND_DELIVER ? MOVE_SENT : MOVE_WHOLE;
	err = add(s, &m);
	if (err != 0 || m.part == MOVE_WHOLE || !cut(&outcome, MOVE_OUTCOME))
		return err;
	m.part = MOVE_OUTCOME;
	m.date_ms = s->outcome_ms;
	return add(s, &m);
}

/* The newest date of what refers to a delivery. */
static int look_later(void *arg, const struct book_record *rec)
{
	struct splitting *s = arg;
	struct book_record newest = *rec;
	bool occurred;
	int err = book_newest(s->x->view, &newest, &occurred);

	if (err == 0 && occurred && export_date(&newest) > s->outcome_ms)
		s->outcome_ms = export_date(&newest);
	return err;
}

static int look_under(void *arg, const struct id *name, bool is_here)
{
	struct splitting *s = arg;

	(void)is_here;
	return s->x->view->refs(s->x->view->cookie, name, REF_DELIVER,
				look_later, s);
}

/* first: the root, or the re-issue that stands for one that is not here. */
static int split_root(struct splitting *s, const struct book_record *first)
{
	bool occurred;
	int err;

	s->root = *first;
	err = book_newest(s->x->view, &s->root, &occurred);
	if (err != 0 || !occurred)
		return err;
	s->outcome_ms = export_date(&s->root);
	if (s->root.rec.kind == KIND_DELIVER)
		err = reissue_names(s->x->view, first, look_under, s);
	if (err == 0)
		err = book_eval(s->x->view, &s->id, split, s, NULL);
	return err;
}

/* A record with an effect of its own: a root, or one that stands for it. */
static int take_record(struct splitting *s, const struct pubkey *feed,
		       uint64_t seq)
{
	struct book_record rec;
	struct id target;
	enum ref ref;
	bool acts;
	int err = store_record(s->x->store, feed, seq, &rec);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (reissue_own(&rec.rec, &ref, &target))
		return 0;
	err = reissue_acts(s->x->view, &rec, &acts);
	if (err != 0 || !acts)
		return err;
	s->id = rec.id;
	if (book_ref(&rec.rec, &ref, &target))
		err = book_root(s->x->view, &s->id, &rec.id);
	return err == 0 ? split_root(s, &rec) : err;
}

static int take_feed(void *arg, const struct head *head)
{
	struct splitting *s = arg;
	int err = 0;

	for (uint64_t seq = 1; seq <= head->counted && err == 0; seq++)
		err = take_record(s, &head->feed, seq);
	return err;
}

static int move_cmp(const void *a, const void *b)
{
	const struct move *x = a, *y = b;
	int c;

	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	c = pubkey_cmp(&x->feed, &y->feed);
	if (c == 0 && x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (c == 0 && x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return c != 0 ? c : id_cmp(&x->root, &y->root);
}

/* Several postings of one move are one move. */
static void sort_moves(struct moves *m)
{
	size_t n = 0;

	if (m->n > 0)
		qsort(m->at, m->n, sizeof(*m->at), move_cmp);
	for (size_t i = 0; i < m->n; i++)
		if (n == 0 || !is_same(&m->at[n - 1], &m->at[i]))
			m->at[n++] = m->at[i];
	m->n = n;
}

int moves_load(struct moves *out, const struct exporting *x)
{
	struct splitting s = { .x = x, .out = out };
	int err = store_heads(x->store, take_feed, &s);

	if (err == 0)
		sort_moves(out);
	return err;
}

/* Postings of one move on their way to a visitor. */
struct picking {
	const struct move *m;
	const struct exporting *x;
	book_emit *visit;
	void *arg;
};

static int pick(void *arg, const struct posting *p)
{
	const struct picking *k = arg;
	struct posting part = *p;

	if (!is_at(p, &k->m->feed, k->m->seq) ||
	    !narrow_member(k->x->narrow, &p->holder.member) ||
	    !cut(&part, k->m->part))
		return 0;
	return k->visit(k->arg, &part);
}

int moves_each(const struct move *m, const struct exporting *x,
	       book_emit *visit, void *arg)
{
	struct picking k = { m, x, visit, arg };

	return book_eval(x->view, &m->root, pick, &k, NULL);
}
