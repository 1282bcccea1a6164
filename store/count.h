#ifndef STORE_COUNT_H
#define STORE_COUNT_H

#include "store/state.h"

/*
 * count -- keeps the balances in step with what counts.
 *
 * One entry of one feed begins or ceases to count at a time.  Before it does,
 * every root that it belongs to, or may become, has its postings taken out;
 * such roots are `touched` and are evaluated again at the end, once, however
 * much happened to them meanwhile.
 *
 * All in a write batch.  Errors spoil the batch.
 */

/* The version of the rules by which balances are made; another one on the
 * disk means that they are rebuilt. */
enum { BOOK_RULES = 18 };

/* count_up, count_down: the entry after feed->row.counted begins to count, or
 * the one at it ceases to.  hot is its record when the caller has it (and for
 * an entry that is no record, NULL and is_known true). */
int count_up(struct store *s, struct feed *feed, const struct book_record *hot,
	     bool is_known);
int count_down(struct store *s, struct feed *feed);

/* count_touch: take out the postings of the roots that the record `id` belongs
 * to, here or not, before something else about them changes. */
int count_touch(struct store *s, const struct id *id);

/* count_touch_record: the same for a record at hand that is about to begin to
 * count (is_here false) or to cease (true, or not known). */
int count_touch_record(struct store *s, const struct book_record *rec,
		       bool is_here);

/* count_settle: put in the postings of all that was touched. */
int count_settle(struct store *s);

/* count_flush: write the balances and their sums; nothing may be touched. */
int count_flush(struct store *s);

/* count_forget: drop what was not written. */
void count_forget(struct store *s);

/* count_sum: add up the postings of all roots into b, reading only.  between,
 * when not NULL, is called after each record. */
int count_sum(struct store *s, struct books *b,
	      int (*between)(struct store *s));

/* count_make_room: when what waits in memory has become much, work it off. */
int count_make_room(struct store *s);

/* count_rebuild: all balances from nothing; feeds' `counted` must be right. */
int count_rebuild(struct store *s);

#endif
