#include "node/report/report_recall.h"

#include "crypto/err.h"
#include "node/report/trace_load.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

enum {
	STATES = RECALL_LOST + 1,
	PLAIN = 2 * LIMIT_ITEM /* more than an item or a lot has */
};

static const char *const states[STATES] = {
	[RECALL_IN_STOCK] = N_("in stock"),
	[RECALL_ON_WAY] = N_("on its way"),
	[RECALL_DELIVERED] = N_("delivered"),
	[RECALL_CLAIMED] = N_("said to have arrived"),
	[RECALL_LOST] = N_("lost"),
};

/* What a report of a recall is written from. */
struct recalling {
	struct source *s;
	struct report *r;
	struct trace *trace;
	struct recall recall;
};

static void put_plain(struct report *r, const struct trace_text *t)
{
	char text[PLAIN] = "";

	if (t->n < sizeof(text) && t->n > 0)
		memcpy(text, t->p, t->n);
	put_text(r, text);
}

/* The first of several, and that there are more. */
static void put_lots(struct report *r, const struct recall_row *row)
{
	char text[PLAIN];

	snprintf(text, sizeof(text), "%.*s%s", (int)row->lot.n,
		 row->lot.n == 0 ? "" : row->lot.p,
		 row->has_more_lots ? ", ..." : "");
	put_text(r, text);
}

static void put_unit(const struct recalling *x, const struct trace_text *t)
{
	char item[LIMIT_ITEM + 1] = "";

	memcpy(item, t->p, t->n < LIMIT_ITEM ? t->n : LIMIT_ITEM);
	put_text(x->r, catalog_unit(&x->s->catalog, item));
}

/* Who was to receive a delivery: a member, or an outsider of its author. */
static int find_addressee(const struct recalling *x, struct holder *out,
			  const struct trace_node *line)
{
	const struct book_view *view = &x->s->view;
	struct book_record rec;
	bool occurred;
	int err = view->get(view->cookie, &rec, &line->at.id);

	if (err == 0)
		err = book_newest(view, &rec, &occurred);
	if (err != 0)
		return err;
	*out = (struct holder){ rec.author, { { 0 } } };
	if (rec.rec.v[FACT_TO].n == KEY_SIZE)
		out->member = record_key(&rec.rec, FACT_TO);
	else
		out->outsider = record_tag(&rec.rec, FACT_TO);
	return 0;
}

/* Whoever it is with; what is lost is nobody's, and said by its author. */
static int find_who(const struct recalling *x, struct holder *out,
		    const struct recall_row *row)
{
	switch (row->state) {
	case RECALL_ON_WAY:
	case RECALL_DELIVERED:
	case RECALL_CLAIMED:
		return find_addressee(x, out, &x->trace->node[row->via]);
	case RECALL_IN_STOCK:
	case RECALL_LOST:
		break;
	}
	*out = x->trace->node[row->node].holder;
	return 0;
}

/* Whose outsider an addressee is, the sender says. */
static void put_who(const struct recalling *x, const struct recall_row *row,
		    const struct holder *who)
{
	static const struct tag own;
	char name[PARTY_TEXT];

	if (x->trace->node[row->via].type != TRACE_LINE ||
	    memcmp(&who->outsider, &own, sizeof(own)) == 0) {
		put_holder(x->r, x->s, who);
		return;
	}
	outsider_text(name, x->s->desk, &who->member, &who->outsider);
	put_text(x->r, name);
}

static void put_place(const struct recalling *x, const struct holder *who)
{
	static const struct tag own;
	const struct member *m = roster_member(x->s->roster, &who->member);
	bool is_member = memcmp(&who->outsider, &own, sizeof(own)) == 0;

	put_text(x->r, is_member && m != NULL ? m->place : "");
}

/* Whose it is, and the evidence of it. */
static void put_record(const struct recalling *x, const struct recall_row *row)
{
	static const char *const grades[] = { "A", "B", "C", "D" };
	const struct trace_node *n = &x->trace->node[row->node];
	const struct trace_node *via = &x->trace->node[row->via];
	bool is_delivery = via->type == TRACE_LINE;
	bool has_arrived =
		row->state == RECALL_DELIVERED || row->state == RECALL_CLAIMED;

	if (is_delivery) {
		put_member(x->r, x->s, &via->holder.member);
		put_ref(x->r, x->s, &via->at.feed, via->at.seq);
	} else {
		put_none(x->r);
		if (n->type == TRACE_RECORD)
			put_ref(x->r, x->s, &n->at.feed, n->at.seq);
		else
			put_none(x->r);
	}
	if (has_arrived)
		put_text(x->r, grades[n->grade]);
	else
		put_none(x->r);
	if (n->type == TRACE_SHELF)
		put_none(x->r);
	else
		put_day(x->r, n->date);
}

static int put_row(const struct recalling *x, const struct recall_row *row)
{
	const struct trace_node *via = &x->trace->node[row->via];
	struct holder who;
	int err = find_who(x, &who, row);

	if (err != 0 || (!narrow_member(x->s->narrow, &who.member) &&
			 !narrow_member(x->s->narrow, &via->holder.member)))
		return err;
	put_who(x, row, &who);
	put_plain(x->r, &row->item);
	put_lots(x->r, row);
	put_word(x->r, states[row->state]);
	put_count(x->r, (int64_t)row->qty);
	put_count(x->r, (int64_t)row->most);
	put_place(x, &who);
	put_record(x, row);
	return 0;
}

static int part_where(const struct recalling *x)
{
	static const struct heading columns[] = {
		{ "who", N_("who"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "lot", N_("lot"), 'l', false },
		{ "state", N_("state"), 'l', false },
		{ "quantity", N_("share"), 'r', false },
		{ "at_most", N_("at most"), 'r', false },
		{ "place", N_("place"), 'l', false },
		{ "from", N_("from"), 'l', false },
		{ "ref", N_("record"), 'l', false },
		{ "grade", N_("grade"), 'l', false },
		{ "date", N_("date"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	const struct recall_rows *rows = &x->recall.found;
	struct section *s = report_section(x->r, "where", N_("Where it is"),
					   columns, N_("nothing is left"));
	int err = 0;

	s->note = N_("Share: where goods lay together, in proportion and "
		     "rounded down. At most: what can be of it however they "
		     "lay together; whoever stands here may have a piece.");
	for (size_t i = 0; i < rows->n && err == 0; i++)
		err = put_row(x, &rows->at[i]);
	if (err == 0)
		report_sort(x->r);
	return err;
}

static const char *word_of(const struct trace_node *n)
{
	switch (n->kind) {
	case KIND_SUPPLY:
		return N_("supply");
	case KIND_PRODUCE:
		return N_("production");
	case KIND_DELIVER:
		return N_("delivery");
	case KIND_RECEIVE:
		return N_("receipt");
	}
	return N_("stock take");
}

static void part_what(const struct recalling *x)
{
	static const struct heading columns[] = {
		{ "who", N_("who"), 'l', false },
		{ "item", N_("item"), 'l', false },
		{ "lot", N_("lot"), 'l', false },
		{ "kind", N_("what"), 'l', false },
		{ "quantity", N_("quantity"), 'r', false },
		{ "unit", N_("unit"), 'l', false },
		{ "ref", N_("record"), 'l', false },
		{ "date", N_("date"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	const struct recall_rows *rows = &x->recall.begin;

	report_section(x->r, "what", N_("What is recalled"), columns,
		       N_("nobody recorded where it came from"));
	for (size_t i = 0; i < rows->n; i++) {
		const struct recall_row *row = &rows->at[i];
		const struct trace_node *n = &x->trace->node[row->node];
		const struct trace_node *on = &x->trace->node[row->via];

		put_holder(x->r, x->s,
			   n->type == TRACE_RECORD ? &on->holder : &n->holder);
		put_plain(x->r, &row->item);
		put_plain(x->r, &row->lot);
		put_word(x->r, word_of(n));
		put_count(x->r, (int64_t)row->qty);
		put_unit(x, &row->item);
		put_ref(x->r, x->s, &n->at.feed, n->at.seq);
		put_day(x->r, n->date);
	}
	report_sort(x->r);
}

static int by_item(const void *a, const void *b)
{
	const struct recall_row *x = a, *y = b;
	size_t n = x->item.n < y->item.n ? x->item.n : y->item.n;
	int c = memcmp(x->item.p, y->item.p, n);

	return c != 0 ? c : (x->item.n > y->item.n) - (x->item.n < y->item.n);
}

/* Sums of the shares, of everybody, whatever is narrowed. */
static void part_sums(const struct recalling *x)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "unit", N_("unit"), 'l', false },
		{ "in_stock", N_("in stock"), 'r', false },
		{ "on_way", N_("on its way"), 'r', false },
		{ "delivered", N_("delivered"), 'r', false },
		{ "claimed", N_("said to have arrived"), 'r', false },
		{ "lost", N_("lost"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	const struct recall_rows *rows = &x->recall.found;
	size_t end;

	if (rows->n > 0)
		qsort(rows->at, rows->n, sizeof(*rows->at), by_item);
	report_section(x->r, "items", N_("Shares by item"), columns,
		       N_("none"));
	for (size_t i = 0; i < rows->n; i = end) {
		uint64_t sum[STATES] = { 0 };

		for (end = i; end < rows->n &&
			      by_item(&rows->at[i], &rows->at[end]) == 0;
		     end++)
			sum[rows->at[end].state] += rows->at[end].qty;
		put_plain(x->r, &rows->at[i].item);
		put_unit(x, &rows->at[i].item);
		for (size_t k = 0; k < STATES; k++)
			put_count(x->r, (int64_t)sum[k]);
	}
}

static bool is_of_several(const struct recalling *x)
{
	const struct recall_rows *rows = &x->recall.begin;
	const struct pubkey *first = NULL;

	for (size_t i = 0; i < rows->n; i++) {
		const struct trace_node *n = &x->trace->node[rows->at[i].node];

		if (n->kind != KIND_SUPPLY && n->kind != KIND_PRODUCE)
			continue;
		if (first != NULL && !pubkey_eq(first, &n->holder.member))
			return true;
		first = &n->holder.member;
	}
	return false;
}

int report_recall(struct report *r, struct source *s,
		  const struct recall_of *of, bool *is_shared)
{
	struct recalling x = { .s = s, .r = r };
	int err = trace_load(&x.trace, s->store, &s->view);

	report_init(r, "recall", N_("Recall"));
	if (err == 0)
		err = recall_make(&x.recall, x.trace, of);
	if (err == 0) {
		*is_shared = is_of_several(&x);
		source_about(s, r);
		part_what(&x);
		err = part_where(&x);
	}
	if (err == 0)
		part_sums(&x);
	recall_release(&x.recall);
	trace_close(x.trace);
	return err;
}
