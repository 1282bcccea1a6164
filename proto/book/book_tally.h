#ifndef PROTO_BOOK_BOOK_TALLY_H
#define PROTO_BOOK_BOOK_TALLY_H

#include "proto/book/book.h"

/*
 * book_tally -- what became of one delivery (PROTOCOL.md, "Deliveries").
 *
 * The inside of book.c and trace.c: the receipts and losses of a delivery,
 * corrected and graded, summed line by line, and the postings that follow.
 */

enum {
	GRADES = GRADE_D + 1,
	TALLY_SIGNATURES = 64 /* receipts of grade B of one delivery */
};

struct tally {
	const struct book_view *view;
	const struct book_record *deliver; /* newest version, borrowed */
	const struct book_record *first;   /* as it was first written */
	book_emit *emit;                   /* NULL: only the sums */
	void *arg;
	bool is_final;
	bool is_service; /* made by being delivered */
	bool is_absent;  /* what refers now does so to a record not here */
	bool over;       /* more came of it than was sent */
	struct pubkey refused_in; /* where the last refusal stands */
	uint64_t refused_seq;     /* 0: none */
	/* Most deliveries are of one line: only what counts is filled. */
	size_t n;
	struct line line[LIMIT_LINES];
	uint64_t accepted[GRADES][LIMIT_LINES];
	uint64_t refused[GRADES][LIMIT_LINES];
	uint64_t lost[LIMIT_LINES];
	size_t signed_n;
	struct id signatures[TALLY_SIGNATURES]; /* hashes, of grade B so far */
};

/* tally_start: nothing is known yet of a delivery in this version, and nothing
 * is to be emitted: emit and arg may be set afterwards.  Cannot fail. */
void tally_start(struct tally *t, const struct book_view *view,
		 const struct book_record *deliver);

/* tally_all: sum up all that refers to the delivery, whose first version is
 * `first`, emitting what arrives on the addressee's shelf. */
int tally_all(struct tally *t, const struct book_record *first);

/* tally_delivery: tally_start and tally_all of the delivery with this id: what
 * is first and what acts in its newest version in *first and *newest, which t
 * borrows.  ERR_NOT_FOUND; ERR_STATE: it did not occur after all. */
int tally_delivery(struct tally *t, const struct book_view *view,
		   struct book_record *first, struct book_record *newest,
		   const struct id *deliver);

/* tally_emit: the sender's postings. */
int tally_emit(struct tally *t);

/* tally_may_sign: does a receipt signed by this key count for the delivery? */
bool tally_may_sign(const struct roster *roster,
		    const struct book_record *deliver,
		    const struct pubkey *key);

/* tally_is_party: is who the addressee or the carrier of a delivery in this
 * version?  Then no paper of its counts (grade C). */
bool tally_is_party(const struct roster *roster,
		    const struct book_record *version,
		    const struct pubkey *who);

/* tally_line: of line i, what counts of each grade. */
void tally_line(const struct tally *t, size_t i,
		uint64_t accepted[static GRADES],
		uint64_t refused[static GRADES]);

/* tally_grade: what a receipt is worth for this delivery. */
enum grade tally_grade(const struct tally *t,
		       const struct book_record *receive);

/* posting_at: an empty posting for the holder of rec, at its place. */
struct posting posting_at(const struct book_record *rec,
			  const struct line *line);

#endif
