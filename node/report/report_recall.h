#ifndef NODE_REPORT_REPORT_RECALL_H
#define NODE_REPORT_REPORT_RECALL_H

#include "node/report/source.h"
#include "proto/book/recall.h"

/*
 * report_recall -- who has, or was given, what may be made of bad goods.
 *
 * Three sections: what is recalled, where it is (a row for each shelf,
 * delivery, receipt and loss), and sums by item.  --under and --place narrow
 * the rows to what those members hold, were given, or sent.
 */

/* report_recall: a report, to be released by the caller; *is_shared is set when
 * goods of several members begin it.  ERR_NOT_FOUND: no such goods; errors of
 * the store, ERR_NOMEM. */
int report_recall(struct report *r, struct source *s,
		  const struct recall_of *of, bool *is_shared);

#endif
