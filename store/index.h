#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "proto/entry.h"
#include "proto/record.h"
#include "store/db.h"
#include "store/row.h"

/*
 * index -- which rows follow from one entry.
 *
 * Appending writes them, a fsck expects them: both take them from here.  What
 * an entry says never changes, so they are written once.
 */

/* An entry and what is known of it. */
struct indexed {
	const struct entry *entry;
	const struct id *id;
	const struct record *rec; /* NULL: not a recording kind, or not
	                             decodable */
	const struct feed_row *feed;
};

typedef int index_visit(void *arg, enum db_table table, struct span key,
			struct span value);

/* index_rows: call visit with each row of the tables DB_ID to DB_KIND that the
 * entry makes; stop when it does not return 0, and return that. */
int index_rows(const struct indexed *x, index_visit *visit, void *arg);

/* index_has_id: is an entry of this kind found by its id? */
bool index_has_id(uint32_t kind);

/* index_has_kind: are records of this kind found by their kind?  Few a network,
 * and figures are made of them. */
bool index_has_kind(uint32_t kind);

/* One way in which a record refers to another. */
struct reference {
	enum ref ref;
	struct id target;
};

enum { REFERENCES_MAX = REF_COUNT };

/* references: all that a record refers to, in any way; their count. */
size_t references(const struct record *rec,
		  struct reference out[static REFERENCES_MAX]);

#endif
