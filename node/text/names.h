#ifndef NODE_TEXT_NAMES_H
#define NODE_TEXT_NAMES_H

#include "node/keeper.h"
#include "node/text/party.h"

#include <stddef.h>
#include <stdint.h>

/*
 * names -- outsiders' names on their way into the ledger and the private table.
 *
 * TABLE_PRIVATE, "handle:" and the 16 bytes of the handle -> '=' or '~' and
 * the name.  A public name also travels, as a `party` entry.
 */

enum {
	NAMES_MAX = 256, /* kept by party_keep before they are written */
	NAMES_KEY = 7 + TAG_SIZE,
	NAMES_FACTS = 128 /* bytes of a `party` entry's facts */
};

/* What is about to be written. */
struct names {
	struct keepsake rows[NAMES_MAX];
	size_t rows_n;
	struct draft drafts[NAMES_MAX];
	size_t drafts_n;
	uint8_t key[NAMES_MAX][NAMES_KEY];
	uint8_t value[NAMES_MAX][1 + PARTY_NAME];
	uint8_t facts[NAMES_MAX][NAMES_FACTS];
};

/* names_fill: rows for all n parties, drafts for the public ones.  out lends
 * from itself: do not move it. */
void names_fill(struct names *out, const struct party *parties, size_t n,
		uint64_t time_ms);

/* names_key: the key of an outsider's row. */
void names_key(uint8_t out[static NAMES_KEY], const struct tag *outsider);

#endif
