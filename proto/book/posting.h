#ifndef PROTO_BOOK_POSTING_H
#define PROTO_BOOK_POSTING_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

/*
 * posting -- one effect of a record on one holder's stock of one item, or on
 * the money of one fund in its hands.
 *
 * All columns are sums (PROTOCOL.md, "Columns").  On every row, and so in
 * every total,
 *   produced + supplied + found + received =
 *       on_hand + in_transit + A + B + C + consumed + lost + handed
 * and over all holders received = handed.
 */

/* What is counted, per holder and item. */
enum column {
	COL_PRODUCED,
	COL_REJECTED,
	COL_SUPPLIED,
	COL_FOUND,
	COL_CONSUMED,
	COL_MOVED,     /* sent on to a maker, courier or association */
	COL_DELIVERED, /* sent for good */
	COL_ACK_A,
	COL_ACK_B,
	COL_ACK_C,
	COL_CLAIMED,
	COL_REFUSED,
	COL_IN_TRANSIT,
	COL_ON_HAND,
	COL_LOST,
	COL_RECEIVED, /* arrived from another holder */
	COL_HANDED,   /* moved and received by the other holder */
	COL_COUNT
};

/* What is counted of money, per member, currency and fund; minor units. */
enum purse_column { PURSE_DONATED, PURSE_SPENT };

/* column_name: as in JSON. */
const char *column_name(enum column c);

/* Whose stock: a member's own, or that of an outsider kept in its book. */
struct holder {
	struct pubkey member;
	struct tag outsider; /* zero for the member's own */
};

/* One effect on one holder and item. */
struct posting {
	struct holder holder;
	const char *item; /* borrowed, valid during the call */
	size_t item_n;
	const char *currency; /* NULL; or three letters, and then this is
	                         money: item is the fund, perhaps empty, and
	                         delta has the columns of a purse */
	struct pubkey feed;   /* the entry at whose place it acts */
	uint64_t seq;
	int64_t delta[COL_COUNT];
};

/* Takes a posting; other than 0 ends the evaluation, which returns that. */
typedef int book_emit(void *arg, const struct posting *p);

#endif
