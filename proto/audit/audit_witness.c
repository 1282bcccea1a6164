#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/book/closing.h"

#include <stdlib.h>

/*
 * Checkpoints that nobody else vouches for: a lag, never a reproach, for the
 * cosignatures may exist and not be here.
 */

enum { ALONE_DAYS = 7, STALE_DAYS = 30 };

/* The newest time that a quorum said of any tree of a member. */
struct quorum {
	const struct pubkey *author; /* borrowed of the feeds */
	uint64_t newest;             /* 0: none has */
};

static int by_author(const void *a, const void *b)
{
	const struct quorum *x = a, *y = b;

	return pubkey_cmp(x->author, y->author);
}

/* One row for each member with trees, in order; to free.  NULL: no memory. */
static struct quorum *quorums(const struct fold *f, size_t *n)
{
	const struct audit_attested *a = &f->a->attested;
	struct quorum *q = calloc(a->trees_n + 1, sizeof(*q));
	size_t kept = 0;

	if (q == NULL)
		return NULL;
	for (size_t i = 0; i < a->trees_n; i++) {
		const struct attest_tree *t = &a->trees[i];

		q[i] = (struct quorum){ &f->feeds[t->feed].author,
					t->has_time ? t->time_ms : 0 };
	}
	qsort(q, a->trees_n, sizeof(*q), by_author);
	for (size_t i = 0; i < a->trees_n; i++)
		if (kept == 0 || by_author(&q[kept - 1], &q[i]) != 0)
			q[kept++] = q[i];
		else if (q[i].newest > q[kept - 1].newest)
			q[kept - 1].newest = q[i].newest;
	*n = kept;
	return q;
}

/* PROTOCOL: A checkpoint is waited for 7 days before anybody asks, and a
 * quorum's last word holds for 30. */
static int tell_tree(const struct fold *f, struct cases *cases, size_t feed,
		     uint64_t since)
{
	const struct audit_feed *at = &f->feeds[feed];
	uint64_t as_of = f->rules->as_of_ms;
	bool is_alone = since == 0;
	int err = 0;

	if (!is_alone && since + STALE_DAYS * DAY_MS >= as_of)
		return 0;
	for (size_t k = 0; k < at->scan->n && k < at->counted_to && err == 0;
	     k++) {
		const struct scanned *s = &at->scan->at[k];
		struct audit_case c = {
			.code = is_alone ? LOG_20 : LOG_21,
			.feed = (uint32_t)feed,
			.at = (uint32_t)k,
			.who = roster_member(f->a->roster, &at->author),
			.amount = 1,
		};
		uint64_t time_ms = entry_time(s->raw, s->raw_n);

		if (s->kind == KIND_CHECKPOINT &&
		    time_ms > since + CLOCK_SKEW_MS &&
		    time_ms + ALONE_DAYS * DAY_MS < as_of)
			err = cases_add(cases, &c);
	}
	return err;
}

int witness_tell(struct fold *f, struct cases *cases)
{
	const struct audit_attested *a = &f->a->attested;
	struct quorum *all;
	size_t n;
	int err = 0;

	if (!f->rules->has_as_of || a->trees_n == 0)
		return 0;
	all = quorums(f, &n);
	if (all == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < a->trees_n && err == 0; i++) {
		size_t feed = a->trees[i].feed;
		const struct quorum key = { &f->feeds[feed].author, 0 };
		const struct quorum *q =
			bsearch(&key, all, n, sizeof(key), by_author);

		err = tell_tree(f, cases, feed, q->newest);
	}
	free(all);
	return err;
}
