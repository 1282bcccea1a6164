#include "crypto/err.h"
#include "proto/book/trace_inside.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* Events become moves, in order, with what lies where before and after. */

/* An event with where its record stands, to be sorted. */
struct placed {
	const struct trace_event *e;
	const struct position *at;
	size_t no; /* as it was noted */
};

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int placed_cmp(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int c = order(x->e->stage, y->e->stage);

	if (c == 0)
		c = order(x->e->date, y->e->date);
	if (c == 0)
		c = order(x->e->act, y->e->act);
	if (c == 0)
		c = pubkey_cmp(&x->at->feed, &y->at->feed);
	if (c == 0)
		c = order(x->at->seq, y->at->seq);
	if (c == 0)
		c = order(x->e->line, y->e->line);
	return c != 0 ? c : order(x->no, y->no);
}

/* What leaves a place that has less is owed by it: it came from there before
 * it had come there. */
static void leave(struct trace_node *n, struct trace_move *m)
{
	m->from_total = n->total;
	m->known = m->qty;
	if (!trace_holds(n))
		return;
	if (m->known > n->total)
		m->known = n->total;
	n->total -= m->known;
	n->debt += m->qty - m->known;
}

/* And what comes there afterwards has left already. */
static void arrive(struct trace_node *n, struct trace_move *m)
{
	uint64_t late = n->debt < m->qty ? n->debt : m->qty;

	m->kept = m->qty;
	n->in += m->qty;
	if (trace_holds(n)) {
		m->kept -= late;
		n->debt -= late;
		n->total += m->kept;
	}
	m->to_total = n->total;
}

static int move(struct trace *t, const struct trace_event *e, uint32_t from,
		uint32_t to, uint64_t qty)
{
	struct trace_move *m;
	int err = grow(&t->move, &t->moves_max, t->moves, sizeof(*t->move));

	if (err != 0)
		return err;
	m = &t->move[t->moves++];
	*m = (struct trace_move){ .from = from, .to = to, .qty = qty };
	if (e->stage == STAGE_GOODS)
		m->item = e->item;
	memcpy(m->currency, e->currency, sizeof(m->currency));
	leave(&t->node[from], m);
	arrive(&t->node[to], m);
	return 0;
}

static int shelf(struct trace *t, const struct trace_event *e,
		 struct trace_text lot, uint32_t *out)
{
	struct trace_node like = { .type = TRACE_SHELF,
				   .holder = e->holder,
				   .item = e->item,
				   .lot = lot };

	return trace_place(t, &like, out);
}

static const struct trace_text no_lot;

/* A lot with something in it is listed with the shelf that it stands on. */
static int put_on_shelf(struct trace *t, const struct trace_event *e,
			uint32_t from)
{
	uint32_t whole, lot;
	int err = shelf(t, e, no_lot, &whole);

	if (err == 0)
		err = shelf(t, e, e->lot, &lot);
	if (err == 0 && lot != whole && !t->node[lot].is_listed) {
		t->node[lot].is_listed = true;
		t->node[lot].next = t->node[whole].next;
		t->node[whole].next = lot;
	}
	return err == 0 ? move(t, e, from, lot, e->qty) : err;
}

/* PROTOCOL: When that is not enough, all its lots are poured together, and it
 * takes of the mixture. */
static int pour(struct trace *t, const struct trace_event *e, uint32_t whole)
{
	uint32_t lot = t->node[whole].next;
	int err = 0;

	t->node[whole].next = TRACE_NONE;
	while (lot != TRACE_NONE && err == 0) {
		uint32_t next = t->node[lot].next;

		t->node[lot].is_listed = false;
		t->node[lot].next = TRACE_NONE;
		if (t->node[lot].total > 0)
			err = move(t, e, lot, whole, t->node[lot].total);
		lot = next;
	}
	return err;
}

static int take_from_shelf(struct trace *t, const struct trace_event *e,
			   uint32_t to)
{
	uint64_t left = e->qty, had;
	uint32_t whole, lot;
	int err = shelf(t, e, no_lot, &whole);

	if (err == 0)
		err = shelf(t, e, e->lot, &lot);
	if (err != 0)
		return err;
	had = lot == whole ? 0 : t->node[lot].total;
	if (had > left)
		had = left;
	if (had > 0)
		err = move(t, e, lot, to, had);
	left -= had;
	if (err == 0 && t->node[whole].total < left)
		err = pour(t, e, whole);
	return err == 0 && left > 0 ? move(t, e, whole, to, left) : err;
}

static int lay_goods(struct trace *t, const struct trace_event *e)
{
	int err;

	switch (e->act) {
	case ACT_COME:
	case ACT_MAKE:
	case ACT_RETURN:
		return put_on_shelf(t, e, e->node);
	case ACT_USE:
		return take_from_shelf(t, e, e->node);
	case ACT_SEND:
		return e->other == TRACE_NONE
			       ? take_from_shelf(t, e, e->node)
			       : move(t, e, e->other, e->node, e->qty);
	case ACT_ARRIVE:
		err = move(t, e, e->other, e->node, e->qty);
		if (err != 0 || t->node[e->node].is_final)
			return err;
		return put_on_shelf(t, e, e->node);
	case ACT_THANK:
		return move(t, e, e->other, e->node, 0);
	case ACT_LOSE:
		return e->other == TRACE_NONE
			       ? take_from_shelf(t, e, e->node)
			       : move(t, e, e->other, e->node, e->qty);
	}
	return 0;
}

static int lay_money(struct trace *t, const struct trace_event *e)
{
	struct trace_node fund = { .type = TRACE_FUND,
				   .holder = e->holder,
				   .item = e->item };
	uint32_t at;
	int err;

	memcpy(fund.currency, e->currency, sizeof(fund.currency));
	err = trace_place(t, &fund, &at);
	if (err != 0)
		return err;
	return e->stage == STAGE_GIFT ? move(t, e, e->node, at, e->qty)
				      : move(t, e, at, e->node, e->qty);
}

/* Each currency apart, listed with the document. */
static int lay_paid(struct trace *t, const struct trace_event *e)
{
	struct trace_node paid = t->node[e->other];
	uint32_t at;
	int err;

	memcpy(paid.currency, e->currency, sizeof(paid.currency));
	err = trace_place(t, &paid, &at);
	if (err != 0)
		return err;
	if (!t->node[at].is_listed) {
		t->node[at].is_listed = true;
		t->node[at].next = t->node[e->other].next;
		t->node[e->other].next = at;
	}
	return move(t, e, e->node, at, e->qty);
}

static int lay_bought(struct trace *t, const struct trace_event *e)
{
	int err = 0;

	for (uint32_t at = t->node[e->other].next; at != TRACE_NONE && err == 0;
	     at = t->node[at].next)
		err = move(t, e, at, e->node, 0);
	return err;
}

static int lay(struct trace *t, const struct trace_event *e)
{
	switch (e->stage) {
	case STAGE_GIFT:
	case STAGE_SPEND:
		return lay_money(t, e);
	case STAGE_PAID:
		return lay_paid(t, e);
	case STAGE_BOUGHT:
		return lay_bought(t, e);
	case STAGE_GOODS:
		break;
	}
	return lay_goods(t, e);
}

/* The nodes that events name stand still; places are added behind. */
static int lay_all(struct trace *t)
{
	struct trace_inside *in = t->inside;
	struct placed *all = calloc(in->events + 1, sizeof(*all));
	struct position *at = calloc(t->nodes + 1, sizeof(*at));
	int err = all == NULL || at == NULL ? ERR_NOMEM : 0;

	for (uint32_t i = 0; i < t->nodes && err == 0; i++)
		at[i] = t->node[i].at;
	for (size_t i = 0; i < in->events && err == 0; i++)
		all[i] = (struct placed){ &in->event[i], &at[in->event[i].node],
					  i };
	if (err == 0)
		qsort(all, in->events, sizeof(*all), placed_cmp);
	for (size_t i = 0; i < in->events && err == 0; i++)
		err = lay(t, all[i].e);
	free(all);
	free(at);
	return err;
}

int trace_lay(struct trace *t)
{
	struct trace_inside *in = t->inside;
	int err = trace_lay_thanks(t);

	if (err == 0)
		err = lay_all(t);
	free(in->event); /* a large ledger's are as large as its moves */
	in->event = NULL;
	in->events = in->events_max = 0;
	return err;
}
