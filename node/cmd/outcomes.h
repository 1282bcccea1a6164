#ifndef NODE_CMD_OUTCOMES_H
#define NODE_CMD_OUTCOMES_H

#include "node/ctl/desk.h"
#include "node/text/json.h"
#include "proto/book/book.h"

/*
 * outcomes -- how a delivery stands and what was said of it, by whom and with
 * which proof; what a receipt or a loss is worth; what came of a request.
 *
 * The view is open.  Errors are the view's.
 */

/* outcomes_text: how each line stands, then what was said, to stdout. */
int outcomes_text(struct desk *d, const struct book_view *view,
		  const struct delivery *how, const struct id *deliver);

/* outcomes_withdrawn: of a delivery that did not occur, whether others had said
 * something of it; to stdout. */
int outcomes_withdrawn(const struct book_view *view,
		       const struct book_record *deliver);

/* outcomes_lines: how each line stands, as JSON.  outcomes_json: what was
 * said. */
json_t *outcomes_lines(const struct delivery *how);
int outcomes_json(json_t **out, struct desk *d, const struct book_view *view,
		  const struct id *deliver);

/* outcomes_request: what came of a request, in its first version; to stdout. */
int outcomes_request(const struct book_view *view,
		     const struct book_record *request, uint64_t now_ms);

/* outcomes_of_text: of which delivery a receipt or a loss, in its newest
 * version, is, and what it is worth, on one line of stdout. */
int outcomes_of_text(struct desk *d, const struct book_view *view,
		     const struct book_record *rec);

#endif
