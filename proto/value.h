#ifndef PROTO_VALUE_H
#define PROTO_VALUE_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/fact.h"
#include "proto/form.h"
#include "proto/limit.h"
#include "proto/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * value -- the values that facts have, type by type (PROTOCOL.md, "Types").
 *
 * value_read checks one value in full; what it accepts, the readers below can
 * take apart without failing.  Values borrow the bytes they were read from.
 */

/* A fact's value: u for numbers, times and words; p, n (borrowed) for the
 * rest, lists being their canonical msgpack. */
struct value {
	uint64_t u;
	const uint8_t *p;
	size_t n;
};

/* What one record may add up to, over all its facts: both stay at or below
 * LIMIT_QTY. */
struct sums {
	uint64_t qty;   /* units of goods */
	uint64_t minor; /* minor units of money */
};

/* value_read: read and check the next value of r as rule says, adding what it
 * counts to sums.  The error is the reader's: ERR_FORMAT, ERR_LIMIT. */
void value_read(struct value *v, struct rd *r, const struct fact_rule *rule,
		struct sums *sums);

/* One line of goods; the item is borrowed and not NUL-terminated. */
struct line {
	const char *item;
	size_t item_n;
	uint64_t qty;
};

/* value_lines: the lines of a checked list; their count. */
size_t value_lines(const struct value *v, struct line out[static LIMIT_LINES]);

/* lines_encode: sort by item, add up repeats, and write the list value into
 * out.  ERR_LIMIT: too many lines, or a sum above LIMIT_QTY. */
int lines_encode(void *out, size_t max, size_t *n, struct line *lines,
		 size_t count);

/* A place in a feed. */
struct position {
	struct pubkey feed;
	uint64_t seq;
	struct id id;
};

/* value_positions, value_ids: the members of a checked list, at most max; their
 * count. */
size_t value_positions(const struct value *v, enum fact_type type,
		       struct position *out, size_t max);
size_t value_ids(const struct value *v, struct id *out, size_t max);

/* value_money: minor units, and the currency as a NUL-terminated text; false,
 * and nothing written, for bytes that value_read would refuse. */
bool value_money(const struct value *v, uint64_t *minor,
		 char currency[static 4]);

#endif
