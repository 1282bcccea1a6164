#include "proto/book/trace.h"

#include "crypto/err.h"
#include "proto/book/closing.h"
#include "proto/book/fund.h"
#include "proto/book/outcome.h"
#include "proto/book/trace_inside.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* What records do, noted down as they come; trace_lay brings it into order. */

static int note(struct trace *t, const struct trace_event *e)
{
	struct trace_inside *in = t->inside;
	int err = grow(&in->event, &in->events_max, in->events,
		       sizeof(*in->event));

	if (err == 0)
		in->event[in->events++] = *e;
	return err;
}

static struct trace_text text_of(const struct record *rec, enum fact f)
{
	if (!record_has(rec, f))
		return (struct trace_text){ NULL, 0 };
	return (struct trace_text){ (const char *)rec->v[f].p, rec->v[f].n };
}

static struct holder holder_of(const struct book_record *rec)
{
	return (struct holder){ rec->author, record_tag(&rec->rec, FACT_FOR) };
}

static struct trace_node node_of(const struct book_record *rec)
{
	return (struct trace_node){
		.type = TRACE_RECORD,
		.kind = rec->rec.kind,
		.at = { rec->feed, rec->seq, rec->id },
		.date = record_date(rec),
		.holder = { rec->author, { { 0 } } },
	};
}

/* The lines of a record, to or from the shelf of its holder. */
static int note_lines(struct trace *t, const struct book_record *rec,
		      uint32_t node, enum fact fact, enum trace_act act)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, fact, lines);
	struct trace_event e = {
		.stage = STAGE_GOODS,
		.act = act,
		.date = record_date(rec),
		.node = node,
		.other = TRACE_NONE,
		.holder = holder_of(rec),
	};
	int err = 0;

	if (act != ACT_USE)
		e.lot = text_of(&rec->rec, FACT_LOT);
	for (size_t i = 0; i < n && err == 0; i++) {
		e.line = (uint32_t)i;
		e.qty = lines[i].qty;
		e.item = (struct trace_text){ lines[i].item, lines[i].item_n };
		err = note(t, &e);
	}
	return err;
}

/* PROTOCOL: Records of one association that carry the hash of one document are
 * of one purchase */
static int note_paper(struct trace *t, const struct book_view *view,
		      const struct book_record *rec, struct trace_event e)
{
	const struct member *m = fund_keeper(view->roster, &rec->author);
	struct trace_node paper = { .type = TRACE_DOCUMENT };
	int err;

	if (m == NULL || !record_has(&rec->rec, FACT_DOC))
		return 0;
	paper.holder.member = m->association;
	memcpy(paper.doc.b, rec->rec.v[FACT_DOC].p, sizeof(paper.doc.b));
	err = trace_place(t, &paper, &e.other);
	return err == 0 ? note(t, &e) : err;
}

static int add_money(struct trace *t, const struct book_view *view,
		     const struct book_record *first,
		     const struct book_record *rec)
{
	struct trace_event e = { .other = TRACE_NONE,
				 .date = record_date(rec) };
	struct trace_node node = node_of(rec);
	uint64_t minor = 0;
	struct fund f;
	bool is_money, is_gift = rec->rec.kind == KIND_DONATE;
	int err = fund_of(view, first, &f, &is_money);

	if (err == 0)
		err = trace_new(t, &node, &e.node);
	if (err == 0)
		err = trace_note_thanks(t, view, rec, e.node);
	if (err != 0 ||
	    !record_money(&rec->rec, FACT_AMOUNT, &minor, e.currency))
		return err;
	e.qty = minor;
	if (is_money) {
		e.stage = is_gift ? STAGE_GIFT : STAGE_SPEND;
		e.holder.member = f.party;
		e.item = text_of(&rec->rec, FACT_FUND);
		err = note(t, &e);
	}
	/* What was given in kind, or spent, pays for what its document says. */
	if (err == 0 && (!is_gift || !is_money)) {
		e.stage = STAGE_PAID;
		err = note_paper(t, view, rec, e);
	}
	return err;
}

static int add_goods(struct trace *t, const struct book_view *view,
		     const struct book_record *rec)
{
	struct trace_node node = node_of(rec);
	struct trace_event bought = { .stage = STAGE_BOUGHT,
				      .date = record_date(rec) };
	uint32_t at;
	int err = trace_new(t, &node, &at);

	if (err != 0)
		return err;
	bought.node = at;
	if (rec->rec.kind == KIND_SUPPLY) {
		err = note_paper(t, view, rec, bought);
		if (err == 0)
			err = note_lines(t, rec, at, FACT_LINES, ACT_COME);
	} else if (rec->rec.kind == KIND_PRODUCE) {
		err = note_lines(t, rec, at, FACT_USE, ACT_USE);
		if (err == 0)
			err = note_lines(t, rec, at, FACT_LINES, ACT_MAKE);
	} else if (rec->rec.kind == KIND_COUNT) {
		err = note_lines(t, rec, at, FACT_FOUND, ACT_COME);
		if (err == 0)
			err = note_lines(t, rec, at, FACT_MISSING, ACT_LOSE);
	} else {
		err = note_lines(t, rec, at, FACT_LINES, ACT_LOSE);
	}
	return err;
}

/* A delivery and what came of it. */
struct sending {
	struct trace *t;
	const struct book_view *view;
	const struct book_record *deliver;
	struct tally tally;
	uint32_t first;  /* node of the first line */
	uint32_t record; /* what makes a service; TRACE_NONE for goods */
	/* what of each grade is still to be given to receipts */
	uint64_t accepted[GRADES][LIMIT_LINES];
	uint64_t refused[GRADES][LIMIT_LINES];
};

static struct trace_event under_way(const struct sending *s, size_t i,
				    const struct book_record *rec)
{
	uint64_t sent = record_date(s->deliver), date = record_date(rec);

	return (struct trace_event){
		.stage = STAGE_GOODS,
		.date = date > sent ? date : sent,
		.node = TRACE_NONE,
		.other = s->first + (uint32_t)i,
		.line = (uint32_t)i,
		.item = { s->tally.line[i].item, s->tally.line[i].item_n },
		.lot = text_of(&s->deliver->rec, FACT_LOT),
	};
}

static size_t line_of(const struct sending *s, const struct line *l)
{
	for (size_t i = 0; i < s->tally.n; i++)
		if (s->tally.line[i].item_n == l->item_n &&
		    memcmp(s->tally.line[i].item, l->item, l->item_n) == 0)
			return i;
	return SIZE_MAX;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t take_of(uint64_t *left, uint64_t want)
{
	uint64_t got = smaller(want, *left);

	*left -= got;
	return got;
}

/* A line of a receipt; goods that move on go on to the addressee's shelf. */
static int add_arrival(struct sending *s, const struct book_record *rec,
		       size_t i, uint64_t qty, enum grade g)
{
	struct trace_event e = under_way(s, i, rec);
	struct trace_node node = node_of(rec);
	int err;

	if (qty == 0)
		return 0;
	node.type = TRACE_LINE;
	node.grade = g;
	node.is_final = s->tally.is_final || g == GRADE_D;
	node.item = e.item;
	node.lot = e.lot;
	err = trace_new(s->t, &node, &e.node);
	e.act = ACT_ARRIVE;
	e.qty = qty;
	e.holder.member = rec->author;
	return err == 0 ? note(s->t, &e) : err;
}

static int add_receipt(struct sending *s, const struct book_record *rec,
		       enum grade g)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, FACT_ACCEPTED, lines);
	int err = 0;

	for (size_t k = 0; k < n && err == 0; k++) {
		size_t i = line_of(s, &lines[k]);

		if (i != SIZE_MAX)
			err = add_arrival(
				s, rec, i,
				take_of(&s->accepted[g][i], lines[k].qty), g);
	}
	n = g == GRADE_D || s->tally.is_service
		    ? 0
		    : record_lines(&rec->rec, FACT_REFUSED, lines);
	for (size_t k = 0; k < n && err == 0; k++) {
		size_t i = line_of(s, &lines[k]);
		struct trace_event e;

		if (i == SIZE_MAX)
			continue;
		e = under_way(s, i, rec);
		e.act = ACT_RETURN;
		e.node = e.other;
		e.other = TRACE_NONE;
		e.holder = holder_of(s->deliver);
		e.qty = take_of(&s->refused[g][i], lines[k].qty);
		err = e.qty == 0 ? 0 : note(s->t, &e);
	}
	return err;
}

static int add_lost(struct sending *s, const struct book_record *rec)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, FACT_LINES, lines);
	struct trace_node node = node_of(rec);
	uint32_t at;
	int err;

	if (!pubkey_eq(&rec->author, &s->deliver->author))
		return 0;
	err = trace_new(s->t, &node, &at);
	for (size_t k = 0; k < n && err == 0; k++) {
		size_t i = line_of(s, &lines[k]);
		struct trace_event e;

		if (i == SIZE_MAX)
			continue;
		e = under_way(s, i, rec);
		e.act = ACT_LOSE;
		e.node = at;
		e.qty = lines[k].qty;
		err = note(s->t, &e);
	}
	return err;
}

static int add_outcome(void *arg, const struct book_record *rec, enum grade g)
{
	struct sending *s = arg;

	return rec->rec.kind == KIND_LOSE ? add_lost(s, rec)
					  : add_receipt(s, rec, g);
}

static int add_line(struct sending *s, size_t i)
{
	struct trace_event e = under_way(s, i, s->deliver);
	struct trace_node node = node_of(s->deliver);
	uint64_t acc[GRADES], ref[GRADES];
	int err;

	node.type = TRACE_LINE;
	node.grade = GRADE_D;
	node.item = e.item;
	node.lot = e.lot;
	e.act = ACT_SEND;
	e.other = s->record;
	e.holder = holder_of(s->deliver);
	e.qty = s->tally.line[i].qty;
	tally_line(&s->tally, i, acc, ref);
	for (size_t g = 0; g < GRADES; g++) {
		s->accepted[g][i] = acc[g];
		s->refused[g][i] = ref[g];
		/* What is refused of a service was never made. */
		if (s->tally.is_service && g != GRADE_D)
			e.qty -= smaller(e.qty, ref[g]);
	}
	if (e.qty == 0)
		return trace_new(s->t, &node, &e.node);
	err = trace_new(s->t, &node, &e.node);
	return err == 0 ? note(s->t, &e) : err;
}

static int add_deliver(struct trace *t, const struct book_view *view,
		       const struct book_record *first,
		       const struct book_record *rec)
{
	struct trace_node record = node_of(rec);
	struct sending *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL)
		return ERR_NOMEM;
	s->t = t;
	s->view = view;
	s->deliver = rec;
	s->record = TRACE_NONE;
	tally_start(&s->tally, view, rec);
	err = tally_all(&s->tally, first);
	if (err == 0 && s->tally.is_service)
		err = trace_new(t, &record, &s->record);
	s->first = t->nodes;
	for (size_t i = 0; i < s->tally.n && err == 0; i++)
		err = add_line(s, i);
	if (err == 0)
		err = outcomes_each(&s->tally, first, add_outcome, s);
	free(s);
	return err;
}

int trace_add(struct trace *t, const struct book_view *view,
	      const struct book_record *rec)
{
	struct book_record newest;
	struct id target;
	enum ref ref;
	bool is_any;
	int err;

	if (book_ref(&rec->rec, &ref, &target) && ref != REF_ORPHAN)
		return 0;
	err = book_acting(view, rec, &newest, &is_any);
	if (err != 0 || !is_any)
		return err;
	switch (newest.rec.kind) {
	case KIND_DONATE:
	case KIND_SPEND:
		return add_money(t, view, rec, &newest);
	case KIND_SUPPLY:
	case KIND_PRODUCE:
	case KIND_COUNT:
	case KIND_LOSE:
		return add_goods(t, view, &newest);
	case KIND_DELIVER:
		return add_deliver(t, view, rec, &newest);
	}
	return 0;
}
