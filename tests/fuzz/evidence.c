#include "proto/evidence/evidence.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* What can be read is what it was written as; a fork that proves something has
 * two first entries that differ. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t buf[LIMIT_ENTRY], again[LIMIT_EVIDENCE];
	struct evidence e;
	struct entry first;
	struct id a, b;
	size_t size;

	if (evidence_decode(&e, p, n) != 0)
		return 0;
	if (e.type == EVIDENCE_END) {
		const struct position at = { e.feed, e.seq, e.id };

		assert(evidence_make_end(again, &size, &at, &e.proof) == 0);
		assert(size == n && memcmp(again, p, n) == 0);
		assert(evidence_check_end(&e, &at.id, &e.feed) <= 0);
		return 0;
	}
	assert(e.seq > 0 && e.branch[0].from == e.branch[1].from);
	if (evidence_check_fork(&e, &e.branch[0].prev, buf) != 0)
		return 0;
	assert(evidence_first(&first, &a, &e, 0, buf) == 0);
	assert(evidence_first(&first, &b, &e, 1, buf) == 0);
	assert(!id_eq(&a, &b) && first.seq == e.seq);
	return 0;
}
