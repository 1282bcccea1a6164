#ifndef PROTO_BOOK_OUTCOME_H
#define PROTO_BOOK_OUTCOME_H

#include "proto/book/book_tally.h"

/*
 * outcome -- what was said of a delivery: its receipts and losses, one by one.
 *
 * In their newest versions, those that are silent or withdrawn left out, under
 * all names of the delivery, and of each name in order of (feed, seq).  What
 * they say together is book_delivery's to tell.
 */

/* grade: of a receipt; GRADE_D for a loss. */
typedef int outcome_visit(void *arg, const struct book_record *rec,
			  enum grade grade);

/* outcomes_of: of the delivery that acts under this id, which may be that of a
 * re-issue.  ERR_NOT_FOUND; ERR_STATE: withdrawn; what visit returns other than
 * 0. */
int outcomes_of(const struct book_view *view, const struct id *deliver,
		outcome_visit *visit, void *arg);

/* outcomes_each: the same for who has the tally (tally_all) of a delivery whose
 * first version is `first`. */
int outcomes_each(struct tally *t, const struct book_record *first,
		  outcome_visit *visit, void *arg);

#endif
