#ifndef PROTO_BOOK_RECALL_H
#define PROTO_BOOK_RECALL_H

#include "proto/book/trace.h"

#include <stddef.h>
#include <stdint.h>

/*
 * recall -- who has, or was given, what may be made of bad goods.
 *
 * PROTOCOL.md, "Recalls": a trace forward, in which everything has two figures:
 * the proportional share, which is what to expect, and what it can be at most,
 * however the goods lay together.  Who may have a piece is always listed, also
 * where the share is rounded down to nothing.
 *
 * Pure.  Texts are borrowed from the trace.
 */

/* What is recalled: of the records with these ids, rising, the goods of an
 * item; or, where there are no ids, all such goods; empty and zero: any. */
struct recall_of {
	const struct id *ids; /* borrowed */
	size_t ids_n;
	struct trace_text item; /* with the revisions of it */
	struct trace_text lot;
	struct pubkey author;
	struct tag outsider;     /* of the author's book */
	uint64_t from_ms, to_ms; /* dated in [from_ms, to_ms); 0: any */
};

enum recall_state {
	RECALL_IN_STOCK,
	RECALL_ON_WAY,
	RECALL_DELIVERED, /* for good, acknowledged: grades A to C */
	RECALL_CLAIMED,   /* said to have arrived: grade D */
	RECALL_LOST
};

struct recall_row {
	enum recall_state state;
	uint32_t node; /* shelf, line, or record that says it is lost */
	uint32_t via;  /* what arrived: the line of the delivery; what was lost:
			* where it was; else the node */
	struct trace_text item;
	struct trace_text lot; /* that it is called by, else that it was of */
	bool has_more_lots;
	uint64_t qty;  /* the share */
	uint64_t most; /* not less */
};

struct recall_rows {
	struct recall_row *at; /* owned */
	size_t n, max;
};

struct recall {
	struct recall_rows begin; /* what is recalled: state is not used */
	struct recall_rows found; /* where it is */
};

/* recall_make: of a trace that is laid; what trace_follow left in it is lost.
 * recall_release in any case.  ERR_NOT_FOUND: nothing that counts is such;
 * ERR_NOMEM, ERR_LIMIT. */
int recall_make(struct recall *out, struct trace *t,
		const struct recall_of *of);
void recall_release(struct recall *r);

/* recall_is_of: is item the one asked for, or a revision of it? */
bool recall_is_of(const struct trace_text *item, const struct trace_text *of);

#endif
