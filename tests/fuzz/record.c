#include "proto/record.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* Whatever a record holds can be taken out of it. */
static void take_apart(const struct record *rec)
{
	static struct position at[LIMIT_PINS];
	static struct id ids[LIMIT_PINS];
	struct line lines[LIMIT_LINES];

	for (unsigned k = 0; k < FACT_LIMIT; k++) {
		if (!record_has(rec, k))
			continue;
		assert(fact_rule(k) != NULL);
		switch (fact_rule(k)->type) {
		case TYPE_LINES:
		case TYPE_LINES0:
			assert(record_lines(rec, k, lines) > 0);
			break;
		case TYPE_POSITION:
		case TYPE_POSITIONS:
			assert(record_positions(rec, k, at, LIMIT_PINS) > 0);
			break;
		case TYPE_IDS:
		case TYPE_KEYS:
			assert(record_ids(rec, k, ids, LIMIT_PINS) > 0);
			break;
		default: /* nothing to take apart */
			break;
		}
	}
}

/* What is read again is what was read, though more bytes follow. */
static void read_again(const struct record *rec, const uint8_t *p, size_t n)
{
	static uint8_t longer[LIMIT_ENTRY + 1];
	struct record again;

	memcpy(longer, p, n);
	longer[n] = 0xc0;
	assert(record_again(&again, rec->kind, longer, n + 1) == 0);
	assert(again.kind == rec->kind && again.has[0] == rec->has[0] &&
	       again.has[1] == rec->has[1]);
	for (unsigned k = 0; k < FACT_LIMIT; k++) {
		const struct value *a = &again.v[k], *b = &rec->v[k];

		if (!record_has(rec, k))
			continue;
		assert(a->u == b->u && a->n == b->n);
		assert(a->p - longer == b->p - p);
	}
}

/* The kind in two bytes, then the facts.  What is read is written again, but
 * for facts that are ignored; and then nothing changes any more. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t once[LIMIT_ENTRY], twice[LIMIT_ENTRY];
	size_t once_n, twice_n;
	struct record rec;

	if (n < 2 || n > LIMIT_ENTRY ||
	    record_decode(&rec, (uint32_t)(p[0] << 8 | p[1]), p + 2, n - 2))
		return 0;
	take_apart(&rec);
	read_again(&rec, p + 2, n - 2);
	assert(record_encode(&rec, once, sizeof(once), &once_n) == 0);
	assert(once_n <= n - 2);
	assert(once_n < n - 2 || memcmp(once, p + 2, once_n) == 0);
	assert(record_decode(&rec, rec.kind, once, once_n) == 0);
	assert(record_encode(&rec, twice, sizeof(twice), &twice_n) == 0);
	assert(twice_n == once_n && memcmp(once, twice, once_n) == 0);
	return 0;
}
