#ifndef NODE_REPORT_TRACE_LOAD_H
#define NODE_REPORT_TRACE_LOAD_H

#include "proto/book/trace.h"
#include "store/store.h"

/*
 * trace_load -- the trace of everything that counts in a store, laid.
 *
 * The view is of that store, and stays open as long as the trace.  The trace is
 * the caller's to close, also after a failure.  Errors of the store, ERR_NOMEM,
 * ERR_LIMIT.
 */
int trace_load(struct trace **out, struct store *s,
	       const struct book_view *view);

#endif
