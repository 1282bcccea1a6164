#ifndef PROTO_AUDIT_AUDIT_INDEX_H
#define PROTO_AUDIT_AUDIT_INDEX_H

#include "crypto/hash.h"
#include "proto/audit/audit_scan.h"
#include "proto/book/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_index -- find the records that are referred to, and who refers.
 *
 * Built once from all scans; then it is the book_view of the audit.  Only
 * entries that count are in it, and of those only the ones that some record
 * refers to: most of a ledger is not, and is never looked for.  Two hash
 * tables over ids, which are hashes already.
 *
 * Once built nothing in it changes: threads may ask at the same time.
 */

/* A scan with what the roster says of its feed. */
struct audit_feed {
	struct audit_scan *scan; /* borrowed */
	struct pubkey author;    /* the member */
	bool is_known;           /* is there such a member? */
	uint64_t counted_to;     /* entries up to here count */
};

struct audit_index; /* opaque */

/* index_open: feeds are rising and borrowed, with their scans, of which the
 * links are chained, and is_here, is_shadowed and is_target set.  ERR_NOMEM.
 */
int index_open(struct audit_index **out, struct audit_feed *feeds,
	       size_t feeds_n);

/* index_close: free; NULL is fine. */
void index_close(struct audit_index *x);

/* index_feed: the number of a feed; SIZE_MAX when it is none of them. */
size_t index_feed(const struct audit_index *x, const struct pubkey *feed);

/* index_view: the book's window on all this.  The roster is borrowed; threads
 * that ask at the same time have each their own (roster_reader). */
struct book_view index_view(const struct audit_index *x,
			    const struct roster *roster);

/* What somebody remembers who goes through the records in order: most of what
 * it asks is about the target it asked about last, or the next one. */
struct index_reader {
	const struct audit_index *index;
	bool is_walking; /* else nothing is remembered */
	/* inside */
	uint32_t last;
	const struct id *alone; /* a record that nobody refers to */
};

/* index_walk: the same view for one thread that goes through the records in
 * order; r is the caller's and stays where it is. */
struct book_view index_walk(struct index_reader *r, const struct audit_index *x,
			    const struct roster *roster);

/* index_counts: is entry `at` of a feed a record that counts? */
bool index_counts(const struct audit_feed *feed, size_t at);

/* index_record: fill out for entry `at` of a feed, whose facts are known to
 * decode. */
int index_record(const struct audit_index *x, struct book_record *out,
		 size_t feed, size_t at);

#endif
