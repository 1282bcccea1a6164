#include "crypto/err.h"
#include "proto/book/trace_inside.h"

#include <stdlib.h>
#include <string.h>

/* One pass forward, one backward, over moves that have one order. */

static void more(struct share *s, uint64_t part, uint64_t whole)
{
	struct share x = { part, whole };

	if (share_is_more(x, *s))
		*s = x;
}

static void reset(struct trace *t)
{
	for (uint32_t i = 0; i < t->nodes; i++) {
		struct trace_node *n = &t->node[i];

		n->marked = 0;
		n->share = n->is_start ? (struct share){ 1, 1 }
				       : (struct share){ 0, 0 };
	}
}

uint64_t trace_leaving(struct trace_node *n, const struct trace_move *m)
{
	uint64_t part;

	/* What comes out of a record, or was bought by a document, in the
	 * proportion of what went in. */
	if (!trace_holds(n))
		return share_of(m->qty, n->share);
	part = share_of(m->known, (struct share){ n->marked, m->from_total });
	if (part > n->marked)
		part = n->marked;
	n->marked -= part;
	return part;
}

/* Is some of the start, or all of it, what a move without an amount is of? */
static bool is_marked(const struct trace_node *n)
{
	return trace_holds(n) ? n->marked > 0 : n->share.part > 0;
}

bool trace_is_thanks(const struct trace *t, const struct trace_move *m)
{
	return m->qty == 0 && t->node[m->from].type == TRACE_LINE;
}

void trace_arriving(struct trace_node *n, const struct trace_move *m,
		    const struct trace_node *from)
{
	if (n->is_start) {
		if (trace_holds(n))
			n->marked += m->kept;
		return;
	}
	if (trace_holds(n))
		n->marked +=
			share_of(m->forward, (struct share){ m->kept, m->qty });
	else if (from->type == TRACE_DOCUMENT)
		more(&n->share, from->share.part, from->share.whole);
	else if (n->type == TRACE_DOCUMENT)
		n->share = (struct share){ n->share.part + m->forward, n->in };
	else
		more(&n->share, m->forward, m->qty);
}

static void go_forward(struct trace *t)
{
	for (size_t i = 0; i < t->moves; i++) {
		struct trace_move *m = &t->move[i];
		struct trace_node *from = &t->node[m->from];

		m->forward =
			m->qty == 0 ? is_marked(from) : trace_leaving(from, m);
		if (!trace_is_thanks(t, m))
			trace_arriving(&t->node[m->to], m, from);
	}
}

/* What of a move came to be what the start is. */
static uint64_t returning(struct trace_node *n, const struct trace_move *m)
{
	uint64_t part;

	if (n->is_start)
		return m->qty;
	if (!trace_holds(n))
		return share_of(m->qty, n->share);
	part = share_of(m->kept, (struct share){ n->marked, m->to_total });
	if (part > n->marked)
		part = n->marked;
	n->marked -= part;
	return part;
}

static void give_back(struct trace_node *n, const struct trace_move *m,
		      const struct trace_node *to)
{
	if (n->is_start)
		return;
	if (trace_holds(n))
		n->marked += share_of(m->backward,
				      (struct share){ m->known, m->qty });
	else if (n->type == TRACE_DOCUMENT)
		more(&n->share, to->share.part, to->share.whole);
	else
		more(&n->share, m->backward, m->qty);
}

static void go_backward(struct trace *t)
{
	for (size_t i = t->moves; i-- > 0;) {
		struct trace_move *m = &t->move[i];
		struct trace_node *to = &t->node[m->to];

		m->backward = m->qty == 0 ? is_marked(to) : returning(to, m);
		if (!trace_is_thanks(t, m))
			give_back(&t->node[m->from], m, to);
		else if (m->backward > 0 && !t->node[m->from].is_start)
			t->node[m->from].marked = t->node[m->from].in;
	}
}

static int id_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

int trace_follow(struct trace *t, struct id *ids, size_t n_ids)
{
	bool is_any = false;

	if (n_ids > 0)
		qsort(ids, n_ids, sizeof(*ids), id_order);

	for (uint32_t i = 0; i < t->nodes; i++) {
		struct trace_node *n = &t->node[i];

		n->is_start = n->type <= TRACE_LINE && n_ids > 0 &&
			      bsearch(&n->at.id, ids, n_ids, sizeof(*ids),
				      id_order) != NULL;
		is_any = is_any || n->is_start;
	}
	if (!is_any)
		return ERR_NOT_FOUND;
	reset(t);
	go_backward(t);
	reset(t);
	go_forward(t);
	return 0;
}
