#ifndef NODE_REPORT_TRACE_PRINT_H
#define NODE_REPORT_TRACE_PRINT_H

#include "node/ctl/desk.h"
#include "node/text/labels.h"
#include "proto/book/trace.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * trace_print -- a trace as a tree of text, as JSON, as a graph.
 *
 * Only nodes and moves that have a share in what was followed are shown.  All
 * return an exit code.
 */

struct tracing {
	struct desk *desk;
	const struct labels *labels;
	const struct trace *trace;   /* followed */
	const struct ref_found *ref; /* from here */
};

int trace_text(const struct tracing *x, FILE *file);
int trace_json(const struct tracing *x, FILE *file);
int trace_dot(const struct tracing *x, FILE *file);

/* trace_name: what a node is, in a few words, before they are made safe. */
enum { TRACE_NAME = 1400 };
void trace_name(char out[static TRACE_NAME], const struct tracing *x,
		const struct trace_node *n);

/* trace_amount: "12 of 50 visor", "25.00 of 100.00 EUR"; "" between a document
 * and what it bought. */
enum { TRACE_AMOUNT = 192 };
void trace_amount(char out[static TRACE_AMOUNT], const struct trace_move *m,
		  uint64_t share);

/* What arrived of what was followed, by item and grade. */
struct trace_arrival {
	char item[LIMIT_ITEM + 1];
	enum grade grade;
	uint64_t qty;
};

/* trace_arrivals: at most max rows, in order of item and grade; their count.
 * What does not fit is left out. */
size_t trace_arrivals(const struct trace *t, struct trace_arrival *out,
		      size_t max);

#endif
