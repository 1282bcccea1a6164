#include "proto/book/recall.h"

#include "crypto/err.h"
#include "proto/book/trace_inside.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * Passes over the moves of a trace, in their order.  One is enough unless goods
 * left a shelf before the records that brought them: only at these is it seen
 * that what had left may have been of them, so it is told to the next pass.
 */

enum { PASSES = 16 }; /* then all that left too early may have been of it */

/* Goods that were poured together, or sent without a word of their lot. */
struct lots {
	struct trace_text first;
	bool has_more;
};

struct pass {
	struct recall *out;
	struct trace *t;
	const struct recall_of *of;
	uint32_t *whole;   /* of a shelf's lot: the shelf; owned */
	uint64_t *most;    /* that can lie here; of records: did any go in? */
	uint64_t *debt;    /* of shelves: what left before it came */
	bool *is_owed;     /* did some of it come later? */
	struct lots *lots; /* of what is recalled and lies here; owned */
	bool is_new;       /* ... which is not known to this pass */
	bool is_all;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool is_text(const struct trace_text *a, const struct trace_text *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

bool recall_is_of(const struct trace_text *item, const struct trace_text *of)
{
	return of->n == 0 ||
	       (item->n >= of->n && memcmp(item->p, of->p, of->n) == 0 &&
		(item->n == of->n || item->p[of->n] == '/'));
}

static int id_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static bool is_named(const struct recall_of *of, const struct trace_node *n)
{
	return bsearch(&n->at.id, of->ids, of->ids_n, sizeof(*of->ids),
		       id_order) != NULL;
}

/* Whose it is, and when that happened. */
static bool is_within(const struct recall_of *of, const struct holder *holder,
		      uint64_t date)
{
	static const struct tag any;

	return (pubkey_is_zero(&of->author) ||
		pubkey_eq(&of->author, &holder->member)) &&
	       (memcmp(&of->outsider, &any, sizeof(any)) == 0 ||
		memcmp(&of->outsider, &holder->outsider, sizeof(any)) == 0) &&
	       (of->to_ms == 0 || (date >= of->from_ms && date < of->to_ms));
}

/* PROTOCOL: It begins at the supplies, productions and stock takes that brought
 * such goods, and at the deliveries that name such a lot. */
static bool begins(const struct pass *p, const struct trace_move *m)
{
	const struct trace_node *from = &p->t->node[m->from];
	const struct trace_node *to = &p->t->node[m->to];

	if (from->type != TRACE_RECORD)
		return false;
	if (!recall_is_of(&m->item, &p->of->item))
		return false;
	if (p->of->ids_n > 0)
		return is_named(p->of, from);
	return (p->of->lot.n == 0 || is_text(&to->lot, &p->of->lot)) &&
	       is_within(p->of, &to->holder, from->date);
}

static bool is_start_line(const struct recall_of *of,
			  const struct trace_node *n)
{
	if (n->type != TRACE_LINE || !recall_is_of(&n->item, &of->item))
		return false;
	if (of->ids_n > 0)
		return is_named(of, n);
	return n->kind == KIND_DELIVER && of->lot.n > 0 &&
	       is_text(&n->lot, &of->lot) && is_within(of, &n->holder, n->date);
}

static int put(struct recall_rows *rows, struct recall_row row)
{
	int err = grow(&rows->at, &rows->max, rows->n, sizeof(*rows->at));

	if (err == 0)
		rows->at[rows->n++] = row;
	return err;
}

/* What left a shelf before it came there may have been what came later, and, of
 * all that is recalled by its item, what nobody recorded. */
static bool may_be_of_it(const struct pass *p, const struct trace_move *m)
{
	const struct trace_node *from = &p->t->node[m->from];

	if (from->type != TRACE_SHELF)
		return false;
	return p->is_all || p->is_owed[p->whole[m->from]] ||
	       (p->of->ids_n == 0 && p->of->lot.n == 0 &&
		recall_is_of(&from->item, &p->of->item) &&
		is_within(p->of, &from->holder, p->t->node[m->to].date));
}

/* PROTOCOL: Of n that lie together, m of them at most of what is recalled, q
 * that leave are so at most min(q, m), and of what stays min(m, n - q) are. */
static uint64_t leave(struct pass *p, const struct trace_move *m)
{
	uint64_t unknown = m->qty - m->known, most;

	if (!trace_holds(&p->t->node[m->from]))
		return p->most[m->from] > 0 ? m->qty : 0;
	most = smaller(m->known, p->most[m->from]);
	p->most[m->from] = smaller(p->most[m->from], m->from_total - m->known);
	if (unknown == 0)
		return most;
	p->debt[p->whole[m->from]] += unknown;
	return may_be_of_it(p, m) ? most + unknown : most;
}

static void owe(struct pass *p, uint32_t shelf)
{
	p->is_new = p->is_new || !p->is_owed[shelf];
	p->is_owed[shelf] = true;
}

static void add_lot(struct lots *to, const struct trace_text *lot)
{
	if (lot->n == 0)
		return;
	if (to->first.n == 0)
		to->first = *lot;
	else if (!is_text(&to->first, lot))
		to->has_more = true;
}

/* What has a lot is called by it; else goods are of the lots they were of.  A
 * record makes something else of them. */
static void carry_lots(struct pass *p, const struct trace_move *m)
{
	const struct lots *from = &p->lots[m->from];
	struct lots *to = &p->lots[m->to];

	if (p->t->node[m->to].lot.n > 0) {
		to->first = p->t->node[m->to].lot;
	} else if (trace_holds(&p->t->node[m->from])) {
		add_lot(to, &from->first);
		to->has_more = to->has_more || from->has_more;
	}
}

static void arrive(struct pass *p, const struct trace_move *m, uint64_t most)
{
	const struct trace_node *to = &p->t->node[m->to];
	uint32_t whole = p->whole[m->to];

	if (!trace_holds(to)) {
		p->most[m->to] |= most;
		return;
	}
	p->most[m->to] += smaller(most, m->kept);
	if (most > 0)
		carry_lots(p, m);
	if (to->type != TRACE_SHELF)
		return;
	if (most > 0 && p->debt[whole] > 0)
		owe(p, whole);
	p->debt[whole] -= m->qty - m->kept;
}

static int lost(struct pass *p, const struct trace_move *m, uint64_t most)
{
	const struct trace_node *to = &p->t->node[m->to];

	if (to->type != TRACE_RECORD || most == 0 ||
	    (to->kind != KIND_LOSE && to->kind != KIND_COUNT))
		return 0;
	return put(&p->out->found,
		   (struct recall_row){ RECALL_LOST, m->to, m->from, m->item,
					p->lots[m->from].first,
					p->lots[m->from].has_more, m->forward,
					most });
}

static int go(struct pass *p, struct trace_move *m)
{
	struct trace_node *from = &p->t->node[m->from];
	struct trace_node *to = &p->t->node[m->to];
	bool is_begin = begins(p, m);
	uint64_t most = is_begin ? m->qty : leave(p, m);

	m->forward = is_begin ? m->qty : trace_leaving(from, m);
	trace_arriving(to, m, from);
	if (to->is_start)
		most = m->qty;
	arrive(p, m, most);
	if (is_begin || to->is_start) {
		int err = put(
			&p->out->begin,
			(struct recall_row){ .node = is_begin ? m->from : m->to,
					     .via = m->to,
					     .item = m->item,
					     .lot = to->lot,
					     .qty = m->qty,
					     .most = m->qty });

		if (err != 0)
			return err;
	}
	return lost(p, m, most);
}

static int run(struct pass *p)
{
	struct trace *t = p->t;
	int err = 0;

	p->is_new = false;
	p->out->begin.n = p->out->found.n = 0;
	for (uint32_t i = 0; i < t->nodes; i++) {
		t->node[i].is_start = is_start_line(p->of, &t->node[i]);
		t->node[i].marked = 0;
		t->node[i].share = (struct share){ 0, 0 };
		p->most[i] = p->debt[i] = 0;
		p->lots[i] = (struct lots){ .has_more = false };
	}
	for (size_t i = 0; i < t->moves && err == 0; i++) {
		struct trace_move *m = &t->move[i];

		m->forward = m->backward = 0;
		if (m->item.n > 0 && m->qty > 0)
			err = go(p, m);
	}
	return err;
}

/* The shelf that a shelf's lot stands on; everything else is its own. */
static int find_wholes(struct pass *p)
{
	struct trace *t = p->t;
	int err = 0;

	for (uint32_t i = 0; i < t->nodes && err == 0; i++) {
		struct trace_node like = { .type = TRACE_SHELF,
					   .holder = t->node[i].holder,
					   .item = t->node[i].item };

		p->whole[i] = i;
		if (t->node[i].type == TRACE_SHELF)
			err = trace_place(t, &like, &p->whole[i]);
	}
	return err;
}

static int put_node(struct pass *p, uint32_t i, uint32_t via,
		    enum recall_state state)
{
	const struct trace_node *n = &p->t->node[i];

	if (p->most[i] == 0)
		return 0;
	return put(&p->out->found,
		   (struct recall_row){ state, i, via, n->item,
					p->lots[i].first, p->lots[i].has_more,
					n->marked, p->most[i] });
}

/* What lies where now; what was lost is there already. */
static int put_all(struct pass *p)
{
	const struct trace *t = p->t;
	int err = 0;

	for (uint32_t i = 0; i < t->nodes && err == 0; i++) {
		const struct trace_node *n = &t->node[i];

		if (n->type == TRACE_SHELF)
			err = put_node(p, i, i, RECALL_IN_STOCK);
		else if (n->type == TRACE_LINE && n->kind == KIND_DELIVER)
			err = put_node(p, i, i, RECALL_ON_WAY);
	}
	for (size_t i = 0; i < t->moves && err == 0; i++) {
		const struct trace_move *m = &t->move[i];
		const struct trace_node *to = &t->node[m->to];

		if (m->qty > 0 && to->type == TRACE_LINE &&
		    to->kind == KIND_RECEIVE)
			err = put_node(p, m->to, m->from,
				       to->grade == GRADE_D ? RECALL_CLAIMED
							    : RECALL_DELIVERED);
	}
	return err;
}

int recall_make(struct recall *out, struct trace *t, const struct recall_of *of)
{
	struct pass p = { .out = out, .t = t, .of = of };
	size_t n = (size_t)t->nodes + 1;
	int err;

	*out = (struct recall){ .begin = { NULL, 0, 0 } };
	p.whole = calloc(n, sizeof(*p.whole));
	p.most = calloc(n, sizeof(*p.most));
	p.debt = calloc(n, sizeof(*p.debt));
	p.is_owed = calloc(n, sizeof(*p.is_owed));
	p.lots = calloc(n, sizeof(*p.lots));
	err = p.whole == NULL || p.most == NULL || p.debt == NULL ||
			      p.is_owed == NULL || p.lots == NULL
		      ? ERR_NOMEM
		      : find_wholes(&p);
	p.is_new = true;
	for (int i = 0; i <= PASSES && err == 0 && p.is_new; i++) {
		p.is_all = i == PASSES;
		err = run(&p);
	}
	if (err == 0)
		err = put_all(&p);
	free(p.whole);
	free(p.most);
	free(p.debt);
	free(p.is_owed);
	free(p.lots);
	return err == 0 && out->begin.n == 0 && out->found.n == 0
		       ? ERR_NOT_FOUND
		       : err;
}

void recall_release(struct recall *r)
{
	free(r->begin.at);
	free(r->found.at);
	*r = (struct recall){ .begin = { NULL, 0, 0 } };
}
