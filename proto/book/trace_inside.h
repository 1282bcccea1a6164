#ifndef PROTO_BOOK_TRACE_INSIDE_H
#define PROTO_BOOK_TRACE_INSIDE_H

#include "proto/book/trace.h"

/*
 * trace_inside -- what the parts of a trace share; only trace*.c include this.
 */

#define TRACE_NONE UINT32_MAX

/* What happens, in the order of the stages. */
enum trace_stage {
	STAGE_GIFT, /* record -> fund, or -> document when it never was money */
	STAGE_SPEND,  /* fund -> record */
	STAGE_PAID,   /* record -> document */
	STAGE_BOUGHT, /* document -> record */
	STAGE_GOODS   /* in order of date */
};

/* What goods do, in order when it happens at the same instant. */
enum trace_act {
	ACT_COME, /* record -> shelf */
	ACT_USE,  /* shelf -> record */
	ACT_MAKE, /* record -> shelf */
	ACT_SEND, /* shelf, or the record of a service, -> line of a delivery */
	ACT_THANK,  /* line of a delivery -> gift; no amount */
	ACT_ARRIVE, /* line of a delivery -> line of a receipt (-> shelf) */
	ACT_RETURN, /* line of a delivery -> shelf */
	ACT_LOSE    /* shelf or line -> record */
};

struct trace_event {
	enum trace_stage stage;
	enum trace_act act;
	uint64_t date;
	uint32_t node;  /* the record or line it is of */
	uint32_t other; /* a line or document, TRACE_NONE: a shelf or fund */
	uint32_t line;  /* of several of one record */
	uint64_t qty;
	struct holder holder; /* of the shelf or fund */
	struct trace_text item, lot;
	char currency[4];
};

/* A gift that names the delivery for which it was given. */
struct trace_thanks {
	struct id deliver; /* the one that acts */
	uint32_t gift;
};

struct trace_inside {
	struct trace_event *event; /* owned */
	size_t events, events_max;
	struct trace_thanks *thanks; /* owned */
	size_t n_thanks, max_thanks;
	uint32_t *slot; /* places by what they are; open addressing */
	uint32_t mask;
	uint32_t places;
};

/* trace_node: a new node.  ERR_NOMEM, ERR_LIMIT. */
int trace_new(struct trace *t, const struct trace_node *like, uint32_t *out);

/* trace_place: the fund, document or shelf that is like this one, made if there
 * is none yet.  ERR_NOMEM, ERR_LIMIT. */
int trace_place(struct trace *t, const struct trace_node *like, uint32_t *out);

/* trace_holds: does a node hold what comes, until it leaves? */
static inline bool trace_holds(const struct trace_node *n)
{
	return n->type == TRACE_LINE || n->type == TRACE_FUND ||
	       n->type == TRACE_SHELF;
}

/* trace_leaving: of a move, how much is of what is marked where it leaves, and
 * is no longer there.  trace_arriving: mark m->forward of it where it comes. */
uint64_t trace_leaving(struct trace_node *from, const struct trace_move *m);
void trace_arriving(struct trace_node *to, const struct trace_move *m,
		    const struct trace_node *from);

/* trace_note_thanks: keep that this gift, a node, names a delivery, if it does;
 * the delivery may come later, or not at all.  trace_lay_thanks: make events of
 * them.  ERR_NOMEM, or the view's. */
int trace_note_thanks(struct trace *t, const struct book_view *view,
		      const struct book_record *rec, uint32_t gift);
int trace_lay_thanks(struct trace *t);

#endif
