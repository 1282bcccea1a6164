#ifndef PROTO_BOOK_REISSUE_H
#define PROTO_BOOK_REISSUE_H

#include "proto/book/book.h"

#include <stdbool.h>

/*
 * reissue -- records that were issued again: which of them counts, and by
 * which ids it may be referred to (PROTOCOL.md, "Re-issues").
 *
 * The inside of the book.  All errors are the view's.
 */

enum { REISSUE_DEPTH = 16 }; /* links from the first record that are followed */

/* reissue_own: what a record itself refers to, its orphan apart. */
bool reissue_own(const struct record *rec, enum ref *ref, struct id *target);

/* reissue_is_silent: does another record, which counts, stand for rec? */
int reissue_is_silent(const struct book_view *view,
		      const struct book_record *rec, bool *out);

/* reissue_acts: does a record that refers to nothing itself have an effect: is
 * it no re-issue, or the one that stands for a record that is not here? */
int reissue_acts(const struct book_view *view, const struct book_record *rec,
		 bool *out);

/* One of the ids of a record; is_here: is there a record with it? */
typedef int reissue_name(void *arg, const struct id *name, bool is_here);

/* reissue_names: every id by which rec, issued once or more, may be referred
 * to. */
int reissue_names(const struct book_view *view, const struct book_record *rec,
		  reissue_name *visit, void *arg);

/* reissue_acting: the record of a kind without references of its own that acts
 * under this id.  ERR_NOT_FOUND when none does. */
int reissue_acting(const struct book_view *view, struct book_record *out,
		   const struct id *id, uint32_t kind);

#endif
