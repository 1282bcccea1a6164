#ifndef PROTO_BOOK_DEMAND_H
#define PROTO_BOOK_DEMAND_H

#include "proto/book/book.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * demand -- what was asked for, what is promised, what was acknowledged of it.
 *
 * PROTOCOL.md, "Demand": a pure sum over requests and what refers to them.
 */

/* One line of a request, or the sum of several. */
struct demand {
	char item[LIMIT_ITEM + 1];
	char place[LIMIT_PLACE + 1];
	uint64_t until_ms; /* 0: for ever */
	int64_t requested;
	int64_t pledged;
	int64_t acknowledged; /* grades A to C */
};

/* What is being added up. */
struct demands {
	struct demand *at; /* owned */
	size_t n, max;
};

/* demand_of: the lines of a request, *n of them: 0 for another kind of record,
 * for a request that was withdrawn and for one that is issued again elsewhere.
 * The error is the view's, or ERR_NOMEM. */
int demand_of(const struct book_view *view, const struct book_record *rec,
	      struct demand out[static LIMIT_LINES], size_t *n);

/* demand_for: which of the n lines of a request a line of goods answers: that
 * with its item, else the one with its product; NULL: none. */
struct demand *demand_for(struct demand *at, size_t n, const struct line *l);

/* demand_may_answer: can this delivery answer a request by asker, as far as who
 * gets it goes? */
bool demand_may_answer(const struct roster *roster, const struct pubkey *asker,
		       const struct record *deliver);

/* demand_answers: visit each delivery that answers a request, in no order that
 * matters.  The error is the view's, or what visit returned. */
int demand_answers(const struct book_view *view,
		   const struct book_record *request, book_visit *visit,
		   void *arg);

/* demands_add: take in a record that counts, of any kind, in any order.
 * ERR_NOMEM, or the view's. */
int demands_add(struct demands *d, const struct book_view *view,
		const struct book_record *rec);

/* demands_settle: add up what has the same item, place and end, in that
 * order. */
void demands_settle(struct demands *d);

/* demand_is_over: did it end before this time (0: not known)? */
bool demand_is_over(const struct demand *d, uint64_t as_of_ms);

/* demands_next: after demands_settle, item by item and place by place the sum
 * of what is not over; *at starts at 0; false after the last. */
bool demands_next(const struct demands *d, size_t *at, uint64_t as_of_ms,
		  struct demand *out);

/* demands_release: free; a zeroed one is fine. */
void demands_release(struct demands *d);

#endif
