#ifndef PROTO_KIND_H
#define PROTO_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * kind -- what kinds of entries there are, and which facts each one takes.
 *
 * A new kind is a new row.  A record of an unknown kind is kept, hashed,
 * forwarded and listed, and never counted.
 */

/* Numbers of PROTOCOL.md, "Kinds". */
enum kind {
	KIND_OPEN = 1,
	KIND_ADDRESS = 2,
	KIND_ROTATE = 3,
	KIND_END = 4,
	KIND_CHARTER = 5,
	KIND_ADMIT = 8,
	KIND_DISMISS = 9,
	KIND_RELEASE = 10,
	KIND_KEYS = 11,
	KIND_PARTY = 12,
	KIND_ITEM = 16,
	KIND_DESIGN = 17,
	KIND_APPROVE = 18,
	KIND_REQUEST = 20,
	KIND_PLEDGE = 21,
	KIND_PRODUCE = 24,
	KIND_DELIVER = 25,
	KIND_RECEIVE = 26,
	KIND_LOSE = 27,
	KIND_COUNT = 28,
	KIND_SUPPLY = 29,
	KIND_CAMPAIGN = 32,
	KIND_DONATE = 33,
	KIND_SPEND = 34,
	KIND_BANK = 35,
	KIND_CORRECT = 40,
	KIND_PERIOD = 41,
	KIND_ATTACH = 42,
	KIND_ATTEST = 48,
	KIND_CHECKPOINT = 49,
	KIND_COSIGN = 50,
	KIND_RESOLVE = 56
};

struct kind_rule {
	uint16_t kind;
	const char *name;
	bool is_roster;   /* folded by roster.h */
	bool is_recorded; /* takes the common facts: for when key doc orphan */
	uint8_t need[5];  /* facts it must have, 0-terminated unless full */
	uint8_t may[12];  /* facts it may have */
};

/* kind_rule: the row of a number, NULL when it is not known here. */
const struct kind_rule *kind_rule(uint32_t kind);

/* kind_named: the row of a name of n bytes, or NULL. */
const struct kind_rule *kind_named(const char *name, size_t n);

/* kind_needs, kind_takes: does the kind need the fact; does it take it (need,
 * may, or a common one of a recording kind)? */
bool kind_needs(const struct kind_rule *rule, unsigned key);
bool kind_takes(const struct kind_rule *rule, unsigned key);

/* kind_versions: so many corrections, one of the other, make versions of a
 * record of this kind. */
unsigned kind_versions(uint32_t kind);

#endif
