#include "proto/audit/audit_rules.h"
#include "proto/book/closing.h"

/*
 * Checkpoints that nobody else vouches for: a lag, never a reproach, for the
 * cosignatures may exist and not be here.
 */

enum { ALONE_DAYS = 7, STALE_DAYS = 30 };

/* The newest time that a quorum said of any tree of a member; 0: none has. */
static uint64_t quorum_time(const struct fold *f, const struct pubkey *author)
{
	const struct audit_attested *a = &f->a->attested;
	uint64_t newest = 0;

	for (size_t i = 0; i < a->trees_n; i++)
		if (pubkey_eq(&f->feeds[a->trees[i].feed].author, author) &&
		    a->trees[i].has_time && a->trees[i].time_ms > newest)
			newest = a->trees[i].time_ms;
	return newest;
}

/* PROTOCOL: A checkpoint is waited for 7 days before anybody asks, and a
 * quorum's last word holds for 30. */
static int tell_tree(const struct fold *f, struct cases *cases, size_t feed)
{
	const struct audit_feed *at = &f->feeds[feed];
	uint64_t as_of = f->rules->as_of_ms;
	uint64_t since = quorum_time(f, &at->author);
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
	int err = 0;

	for (size_t i = 0; i < a->trees_n && f->rules->has_as_of && err == 0;
	     i++)
		err = tell_tree(f, cases, a->trees[i].feed);
	return err;
}
