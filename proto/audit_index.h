#ifndef PROTO_AUDIT_INDEX_H
#define PROTO_AUDIT_INDEX_H

#include "crypto/hash.h"
#include "proto/audit_scan.h"
#include "proto/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_index -- find the records that count by id, and who refers to them.
 *
 * Built once from all scans in rising order of (feed, seq); then it is the
 * book_view of the audit.  Only entries that count are in it.  Two hash tables
 * over the ids themselves, which are hashes already; 24 bytes a record.
 */

/* A scan with what the roster says of its feed. */
struct audit_feed {
	struct audit_scan *scan; /* borrowed */
	struct pubkey author;    /* the member */
	bool is_known;           /* is there such a member? */
	uint64_t counted_to;     /* entries up to here count */
};

struct audit_index; /* opaque */

/* index_open: room for at most records; feeds are rising and borrowed, as is
 * the roster.  ERR_NOMEM. */
int index_open(struct audit_index **out, const struct roster *roster,
	       struct audit_feed *feeds, size_t feeds_n, size_t records);

/* index_close: free; NULL is fine. */
void index_close(struct audit_index *x);

/* index_add: take in the record of entry `at` of feed `feed`, which decoded to
 * rec.  In rising order of (feed, at).  Sets is_shadowed on a record whose key
 * was used before.  ERR_NOMEM. */
int index_add(struct audit_index *x, size_t feed, size_t at,
	      const struct record *rec);

/* index_mark: after the last index_add: set is_target on what is referred
 * to. */
void index_mark(struct audit_index *x);

/* index_has: is a record with this id here? */
bool index_has(const struct audit_index *x, const struct id *id);

/* index_view: the book's window on all this. */
struct book_view index_view(struct audit_index *x);

/* index_record: fill out for entry `at` of a feed, whose facts are known to
 * decode. */
int index_record(const struct audit_index *x, struct book_record *out,
		 size_t feed, size_t at);

#endif
