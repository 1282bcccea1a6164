#ifndef PROTO_BOOK_TRACE_H
#define PROTO_BOOK_TRACE_H

#include "proto/book/book.h"
#include "proto/book/share.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * trace -- from the gift to the visor, and back.
 *
 * PROTOCOL.md, "Traces": the ledger as amounts that move from node to node.
 * Nodes are records, lines of deliveries and receipts, and places where things
 * lie together: funds, documents that were paid, shelves.  The moves have one
 * order, in which nothing leaves a place before it came, so a trace is one pass
 * over them forward and one backward: it takes time in proportion to the
 * ledger and cannot run in circles.
 *
 *   trace_open, trace_add for every record that counts, trace_lay once;
 *   then trace_follow for any record, as often as wanted.
 *
 * Texts are borrowed from the view, which stays open as long as the trace.
 */

enum trace_type {
	TRACE_RECORD,   /* what comes in becomes something else */
	TRACE_LINE,     /* goods on the way, or received */
	TRACE_FUND,     /* an association's money */
	TRACE_DOCUMENT, /* what was paid for by one invoice */
	TRACE_SHELF     /* a holder's stock of an item, of a lot */
};

struct trace_text {
	const char *p; /* borrowed, without NUL */
	size_t n;
};

struct trace_node {
	enum trace_type type;
	bool is_final;          /* a line that stays where it goes */
	enum grade grade;       /* of a line of a receipt */
	uint32_t kind;          /* of records and lines */
	struct position at;     /* of records and lines */
	uint64_t date;          /* the same */
	struct holder holder;   /* author, or whose it is; the association */
	struct trace_text item; /* or the label of a fund */
	struct trace_text lot;
	char currency[4]; /* of funds and documents */
	struct sha doc;   /* of documents */
	/* the book's, while moves are laid; afterwards as it is now */
	uint64_t total; /* lies here */
	uint64_t debt;  /* left before it came */
	uint64_t in;    /* all that came, of funds and shelves */
	/* the last trace's */
	bool is_start;
	uint64_t marked;    /* of it lies here */
	struct share share; /* of what comes out of a record, or went in */
	/* inside */
	uint32_t next; /* the next lot of this shelf with something in it, or
			* currency of this document */
	bool is_listed;
};

/* An amount that moves. */
struct trace_move {
	uint32_t from, to;      /* nodes */
	struct trace_text item; /* n 0: money */
	char currency[4];
	uint64_t qty;   /* 0: a document and what it bought, a delivery and the
			 * gift on it */
	uint64_t known; /* of it was there when it left */
	uint64_t kept;  /* of it had not left already when it came */
	uint64_t from_total, to_total; /* before, and after */
	/* the last trace's share of qty; where qty is 0, as between a document
	 * and what it bought, 1 when there is one */
	uint64_t forward, backward;
};

struct trace {
	struct trace_node *node; /* owned */
	uint32_t nodes, nodes_max;
	struct trace_move *move; /* owned, in their order */
	size_t moves, moves_max;
	struct trace_inside *inside;
};

/* trace_open, trace_close: ERR_NOMEM; NULL is fine. */
int trace_open(struct trace **out);
void trace_close(struct trace *t);

/* trace_add: take in a record that counts, of any kind; in order of (feed,
 * seq), so that the same ledger gives the same numbers to nodes.  ERR_NOMEM, or
 * the view's; ERR_LIMIT: more than 2^32 - 2 nodes. */
int trace_add(struct trace *t, const struct book_view *view,
	      const struct book_record *rec);

/* trace_lay: bring the moves into order.  ERR_NOMEM, ERR_LIMIT. */
int trace_lay(struct trace *t);

/* trace_follow: fill forward and backward of all moves, and marked, with what
 * comes of the records with these ids, together, and what they came of.  Ids
 * that nothing has are passed over; all are put in order.  ERR_NOT_FOUND: none
 * of them moves anything. */
int trace_follow(struct trace *t, struct id *ids, size_t n_ids);

/* trace_is_thanks: does this move link a delivery and the gift on it? */
bool trace_is_thanks(const struct trace *t, const struct trace_move *m);

/* trace_starts: where a trace of this record begins: at itself, under all its
 * ids; at what is corrected; at the deliveries that answer a request; at those
 * of them that the author of a pledge made.  The ids (owned by the caller) are
 * added to the n that are there.  ERR_NOMEM, or the view's. */
int trace_starts(const struct book_view *view, const struct book_record *rec,
		 struct id **ids, size_t *n, size_t *max);

#endif
