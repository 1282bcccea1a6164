#ifndef PROTO_BOOK_BOOK_H
#define PROTO_BOOK_BOOK_H

#include "proto/book/posting.h"
#include "proto/record.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * book -- what records do to stock and to money, as a sum over roots.
 *
 * A root is a record that refers to no other one (a produce, a deliver, a
 * supply ...); what refers to it (receipts, losses, corrections, re-issues)
 * belongs to it.  book_eval turns one root and all that belongs to it, as far
 * as they count, into postings.  The book is the sum of the postings of all
 * roots, so it cannot depend on the order of arrival: whoever keeps a running
 * book takes the postings of the touched roots out, changes what counts, and
 * puts the new postings in (store/book.h); an audit adds all up (audit.h).
 *
 * Pure: everything comes through the view.  Roots are touched by records
 * (book_touched), and by the roster (roster_is_vouched).
 */

/* A record that counts.  Borrows the entry's bytes. */
struct book_record {
	struct id id;
	struct pubkey feed;
	uint64_t seq;
	struct pubkey author; /* the member */
	uint64_t time_ms;
	struct pubkey said_in; /* by book_newest: feed of the newest version */
	struct record rec;
};

/* book_copy: no more than there is of a record. */
void book_copy(struct book_record *to, const struct book_record *from);

/* How one record refers to another. */
enum ref {
	REF_CORRECT, /* correct, attach: target */
	REF_DELIVER, /* receive, lose: deliver */
	REF_ORPHAN,  /* any: orphan */
	REF_REQUEST, /* pledge, deliver: request */
	REF_COUNT
};

/* book_refers: does rec refer in this way, and to what?  It may do so in two
 * (a receipt issued again).  book_has_refs: false for most, which never do. */
bool book_refers(const struct record *rec, enum ref ref, struct id *target);
bool book_has_refs(const struct record *rec);

/* book_ref: to what a record refers in the one way that makes it belong to it;
 * false for a record that stands alone. */
bool book_ref(const struct record *rec, enum ref *ref, struct id *target);

typedef int book_visit(void *arg, const struct book_record *rec);

/* Where records come from.  Only records that count are ever shown: of a feed
 * counted that far, decoded, and of all with one idempotency key the one at
 * the smallest (feed, seq). */
struct book_view {
	void *cookie;
	const struct roster *roster;
	/* get: the record with this id; ERR_NOT_FOUND.  out borrows memory
	 * that stays valid for the whole evaluation. */
	int (*get)(void *cookie, struct book_record *out, const struct id *id);
	/* refs: call visit with each record that book_refers to target in
	 * this way, in rising order of (feed, seq), but for requests with the
	 * first LIMIT_REFS of a feed only; stop when it does not return 0, and
	 * return that.  Visits nest; what is borrowed stays as for get. */
	int (*refs)(void *cookie, const struct id *target, enum ref ref,
		    book_visit *visit, void *arg);
};

/* book_root: the root that the record `id` belongs to, itself perhaps: the last
 * id of the chain that could be followed.  The view's errors. */
int book_root(const struct book_view *view, struct id *root,
	      const struct id *id);

/* book_touched: the roots, at most two and perhaps twice the same, whose
 * postings may change when rec begins or ceases to count (of several at once:
 * all of the view before, and of the one after). */
int book_touched(const struct book_view *view, struct id out[static 2],
		 const struct book_record *rec);

/* book_newest: rec with its corrections applied; *occurred: not withdrawn.
 * A correction is left as it is.  book_version: and which entry says so. */
int book_newest(const struct book_view *view, struct book_record *rec,
		bool *occurred);
int book_version(const struct book_view *view, struct book_record *rec,
		 bool *occurred, struct id *version);

/* book_acting: the newest version of a record that refers to nothing itself;
 * *is_any is false when it was withdrawn or silent.  out is not rec. */
int book_acting(const struct book_view *view, const struct book_record *rec,
		struct book_record *out, bool *is_any);

/* book_versions: visit rec as each entry `by` made it, first to last; a
 * withdrawal leaves the facts.  rec counts, and ends as the newest. */
typedef int book_version_visit(void *arg, const struct book_record *rec,
			       const struct book_record *by, bool occurred);
int book_versions(const struct book_view *view, struct book_record *rec,
		  book_version_visit *visit, void *arg);

/* book_eval: the postings of a root, in an order fixed by the records alone.
 * Nothing is emitted for a root that is not here, does not count, or is of a
 * kind without effect on stock.  over, when not NULL, is set when more was
 * accepted, refused and lost of a delivery than was sent (QTY-02), and left
 * alone otherwise.  book_eval_record: of a root that is here. */
int book_eval(const struct book_view *view, const struct id *root,
	      book_emit *emit, void *arg, bool *over);
int book_eval_record(const struct book_view *view,
		     const struct book_record *root, book_emit *emit, void *arg,
		     bool *over);

/* book_alone: the same without a view, of a record between which and any other
 * there is no reference; most of a ledger is such. */
int book_alone(const struct book_record *rec, book_emit *emit, void *arg);

/* Grades of an acknowledgement (PROTOCOL.md, "Grades"). */
enum grade { GRADE_A, GRADE_B, GRADE_C, GRADE_D };

/* book_grade: what a receipt is worth for a delivery. */
enum grade book_grade(const struct roster *roster,
		      const struct book_record *deliver,
		      const struct book_record *receive);

/* How a delivery stands: what was sent and what became of each line. */
struct delivery {
	size_t n;
	struct line line[LIMIT_LINES];
	uint64_t accepted[LIMIT_LINES]; /* grades A to C, or received */
	uint64_t refused[LIMIT_LINES];
	uint64_t lost[LIMIT_LINES];
	uint64_t graded[GRADE_D + 1][LIMIT_LINES]; /* accepted; D: claimed */
	/* accepted and refused as said in each grade; what is beyond the
	 * quantity of the line in one grade is too much */
	uint64_t said[GRADE_D + 1][LIMIT_LINES];
};

/* book_delivery: how the delivery with this id stands, for those who receive
 * against it; the id may be that of a re-issue, or of a record that is not here
 * and was issued again.  ERR_NOT_FOUND; ERR_STATE: withdrawn.  Lines borrow. */
int book_delivery(const struct book_view *view, struct delivery *out,
		  const struct id *deliver);

#endif
