#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "proto/book/book.h"
#include "proto/limit.h"
#include "proto/value.h"
#include "store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * row -- keys and values of the tables, as bytes.
 *
 * Integers are big-endian, so that rows stand in the order of what they say.
 * The decoders check every length and every bound: what they refuse is
 * ERR_FORMAT, damage of the file.  Nothing here allocates.
 */

enum {
	NO_SIZE = 4,        /* a feed's number */
	PLACE_SIZE = 4 + 8, /* number and seq */
	HALF_SIZE = 16,     /* the beginning of an id or a key: enough to
	                          find it by, checked against the whole */
	FEED_ROW_SIZE = 3 * 32 + 3 * 8,
	REF_KEY_SIZE = HALF_SIZE + 1 + KEY_SIZE + 8,
	KEY_KEY_SIZE = HALF_SIZE + TAG_SIZE + KEY_SIZE + 8,
	SENT_KEY_SIZE = KEY_SIZE + PLACE_SIZE,
	KIND_KEY_SIZE = 1 + PLACE_SIZE,
	ITEM_KEY_SIZE = LIMIT_ITEM + 1 + KEY_SIZE + 8,    /* at most */
	BOOK_KEY_SIZE = KEY_SIZE + TAG_SIZE + LIMIT_ITEM, /* at most */
	COLUMNS_SIZE = COL_COUNT * 8
};

/* Where an entry stands, locally. */
struct place {
	uint32_t no;
	uint64_t seq;
};

/* What is kept of a feed. */
struct feed_row {
	uint32_t no;
	struct pubkey feed;
	struct pubkey identity; /* as its `open` says; zero without one */
	struct id tip;
	uint64_t seq;
	uint64_t counted; /* at most seq */
	uint64_t arrival;
};

void feed_row_encode(uint8_t out[static FEED_ROW_SIZE],
		     const struct feed_row *row);
int feed_row_decode(struct feed_row *out, uint32_t no, struct span value);

void no_encode(uint8_t out[static NO_SIZE], uint32_t no);
int no_decode(uint32_t *out, struct span bytes);

void place_encode(uint8_t out[static PLACE_SIZE], struct place at);
int place_decode(struct place *out, struct span bytes);

void columns_encode(uint8_t out[static COLUMNS_SIZE],
		    const int64_t col[static COL_COUNT]);
int columns_decode(int64_t out[static COL_COUNT], struct span value);

/* columns_add: to += by, or -= by; wraps (only damage makes sums so large). */
void columns_add(int64_t to[static COL_COUNT],
		 const int64_t by[static COL_COUNT], bool is_minus);
bool columns_are_zero(const int64_t col[static COL_COUNT]);

/* ref_key, key_key, item_key: keys of the tables of that name; the place is
 * the referring record's.  item_key returns its length. */
void ref_key(uint8_t out[static REF_KEY_SIZE], const struct id *target,
	     enum ref ref, const struct pubkey *feed, uint64_t seq);
void key_key(uint8_t out[static KEY_KEY_SIZE], const struct pubkey *member,
	     const struct tag *tag, const struct pubkey *feed, uint64_t seq);
void sent_key(uint8_t out[static SENT_KEY_SIZE], const struct pubkey *member,
	      struct place at);
size_t item_key(uint8_t out[static ITEM_KEY_SIZE], const char *item,
		size_t item_n, const struct pubkey *feed, uint64_t seq);

/* tail_seq: the seq with which those keys end; they are at least 8 long. */
uint64_t tail_seq(struct span key);

/* purse_key: the key of the money that a posting speaks of; its length. */
size_t purse_key(uint8_t out[static BOOK_KEY_SIZE], const struct posting *p);

/* book_key: the key of a balance; its length.  book_key_decode: its parts;
 * the item borrows from the key. */
size_t book_key(uint8_t out[static BOOK_KEY_SIZE], const struct holder *holder,
		const char *item, size_t item_n);
int book_key_decode(struct holder *holder, const char **item, size_t *item_n,
		    struct span key);

#endif
