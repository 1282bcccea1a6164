#include "proto/entry.h"

#include "proto/record.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* An entry is what its place and its tail give back, byte for byte. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t again[LIMIT_ENTRY];
	struct entry_tail tail;
	struct record rec;
	struct entry e;
	size_t size;

	if (entry_decode(&e, p, n) != 0)
		return 0;
	assert(e.raw == p && e.raw_n == n);
	assert(e.facts > p && e.facts_n < n);
	assert(entry_follows(&e, e.seq - 1, &e.prev) == 0);
	tail = entry_tail(&e);
	assert(entry_rebuild(again, &size, &e.feed, e.seq, &e.prev, &tail) ==
	       0);
	assert(size == n && memcmp(again, p, n) == 0);
	record_decode(&rec, e.kind, e.facts, e.facts_n);
	return 0;
}
