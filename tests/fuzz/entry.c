#include "proto/entry.h"

#include "proto/record.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* The same entry when its facts are read between its head and its rest. */
static void read_by_steps(const struct entry *e)
{
	struct record once, rec;
	struct entry steps;
	int err = record_decode(&once, e->kind, e->facts, e->facts_n);
	struct rd r;

	assert(entry_time(e->raw, e->raw_n) == e->time_ms);
	assert(entry_head(&steps, &r, e->raw, e->raw_n) == 0);
	assert((record_read(&rec, e->kind, &r) == 0) == (err == 0));
	if (err != 0)
		return;
	assert(entry_rest(&steps, &r) == 0);
	assert(steps.facts == e->facts && steps.facts_n == e->facts_n);
	assert(steps.has_seen == e->has_seen && id_eq(&steps.seen, &e->seen));
	assert(rec.has[0] == once.has[0] && rec.has[1] == once.has[1]);
}

/* An entry is what its place and its tail give back, byte for byte. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t again[LIMIT_ENTRY];
	struct entry_tail tail;
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
	read_by_steps(&e);
	return 0;
}
