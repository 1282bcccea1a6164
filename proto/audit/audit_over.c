#include "proto/audit/audit_over.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

enum {
	HALF = 16,      /* bytes of a target that LIMIT_REFS looks at */
	COUNTERS = 4096 /* a power of two */
};

/* Could any target have too many?  Counts those that share some bits: nearly
 * always that is enough to say no. */
static bool may_be_over(const struct audit_scan *s)
{
	uint32_t count[COUNTERS] = { 0 };
	bool may = false;

	for (size_t i = 0; i < s->links_n && !may; i++) {
		const struct scan_link *l = &s->links[i];
		uint32_t k = (be32_get(l->target.b) + l->ref) % COUNTERS;

		may = ++count[k] > LIMIT_REFS;
	}
	return may;
}

static int by_half(const void *a, const void *b)
{
	const struct scan_link *x = *(struct scan_link *const *)a;
	const struct scan_link *y = *(struct scan_link *const *)b;
	int c = memcmp(x->target.b, y->target.b, HALF);

	if (x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static bool is_half(const struct scan_link *x, const struct scan_link *y)
{
	return x->ref == y->ref && memcmp(x->target.b, y->target.b, HALF) == 0;
}

/* PROTOCOL: only the first 256 refer to anything by it */
int over_mark(struct audit_scan *s)
{
	struct scan_link **all;
	size_t first = 0;

	if (s->links_n <= LIMIT_REFS || !may_be_over(s))
		return 0;
	all = malloc(s->links_n * sizeof(struct scan_link *));
	if (all == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < s->links_n; i++)
		all[i] = &s->links[i];
	qsort(all, s->links_n, sizeof(struct scan_link *), by_half);
	for (size_t i = 0; i < s->links_n; i++) {
		if (!is_half(all[first], all[i]))
			first = i;
		all[i]->is_over =
			i - first >= LIMIT_REFS && all[i]->ref != REF_REQUEST;
	}
	free(all);
	return 0;
}
