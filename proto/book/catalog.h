#ifndef PROTO_BOOK_CATALOG_H
#define PROTO_BOOK_CATALOG_H

#include "proto/book/book.h"
#include "proto/limit.h"

#include <stddef.h>
#include <stdint.h>

/*
 * catalog -- what items are, from the declarations that count.
 *
 * PROTOCOL.md, "Figures": of several declarations of one code the one by the
 * author of smallest (depth, identity) governs, of that author's the latest, in
 * its newest version.  What nobody declared is a product counted in pieces.
 */

enum { UNIT_MAX = 16 }; /* bytes */

enum { CLASS_SERVICE = 3 };

struct catalog_row {
	char item[LIMIT_ITEM + 1];
	unsigned depth; /* of the declaring author */
	struct pubkey author;
	uint64_t time_ms; /* of the entry, and where it stands */
	struct pubkey feed;
	uint64_t seq;
	char unit[UNIT_MAX + 1];
	char name[LIMIT_NAME + 1];
	uint64_t grams; /* of one, 0 when not said */
	uint64_t class; /* word of FACT_CLASS: CLASS_SERVICE among them */
	uint8_t *bom;   /* what one needs: lines, owned; NULL: nothing */
	size_t bom_n;
};

struct catalog {
	struct catalog_row *at; /* rising item, owned */
	size_t n, max;
};

/* catalog_add: take in a declaration (newest version) by an author of this
 * depth, in any order.  ERR_NOMEM. */
int catalog_add(struct catalog *c, unsigned depth,
		const struct book_record *rec);

/* catalog_find: the declaration that governs an item: its own, else that of
 * its product; NULL when there is none. */
const struct catalog_row *catalog_find(const struct catalog *c,
				       const char *item);

/* catalog_unit: the unit of an item, "piece" when nobody said. */
const char *catalog_unit(const struct catalog *c, const char *item);

/* catalog_release: free. */
void catalog_release(struct catalog *c);

#endif
