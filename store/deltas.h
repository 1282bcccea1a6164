#ifndef STORE_DELTAS_H
#define STORE_DELTAS_H

#include "proto/book/book.h"
#include "store/row.h"

#include <stddef.h>
#include <stdint.h>

/*
 * deltas -- postings added up in memory, per holder and item, or per fund.
 *
 * While a root is evaluated nothing is written (the evaluation borrows from
 * the map), so what it posts waits here.  A fsck adds a whole book up in one.
 */
struct delta {
	uint8_t key_n;
	uint8_t key[BOOK_KEY_SIZE]; /* of the table of balances */
	int64_t col[COL_COUNT];
};

struct deltas {
	struct delta *at;
	size_t n, max;
	uint32_t *slots; /* index + 1, 0 empty */
	size_t slots_n;
	uint64_t salt;
};

/* deltas_init: none.  deltas_clear: none again, and nothing held. */
void deltas_init(struct deltas *d);
void deltas_clear(struct deltas *d);

/* deltas_add: add col to the row of a key (book_key), or take it away.
 * ERR_NOMEM. */
int deltas_add(struct deltas *d, struct span key,
	       const int64_t col[static COL_COUNT], bool is_minus);

/* deltas_find: the row of a key, NULL when there is none. */
struct delta *deltas_find(const struct deltas *d, struct span key);

/* deltas_sort: put the rows in order of keys; nothing may be added or found
 * after that. */
void deltas_sort(struct deltas *d);

/* Postings of both kinds: of stock by holder and item (book_key), and of money
 * by member, currency and fund (purse_key), in the first two columns. */
struct books {
	struct deltas stock;
	struct deltas purses;
};

/* books_init: none.  books_clear: none again, and nothing held. */
void books_init(struct books *b);
void books_clear(struct books *b);

/* books_post: add a posting, or take it away.  ERR_NOMEM. */
int books_post(struct books *b, const struct posting *p, bool is_minus);

#endif
