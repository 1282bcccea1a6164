#include "proto/audit/audit_rules.h"
#include "proto/audit/audit_since.h"
#include "proto/book/closing.h"

/*
 * Clocks: time_ms is a claim, and here is what it is held against.
 */

/* Nothing was recorded before this protocol was: 2020-01-01. */
#define EPOCH_MS 1577836800000ULL

int time_look(const struct look *l)
{
	/* A date is midnight somewhere: a day is left to time zones. */
	if (!record_has(&l->rec->rec, FACT_WHEN) ||
	    record_uint(&l->rec->rec, FACT_WHEN) <= l->rec->time_ms + DAY_MS)
		return 0;
	return look_case(l, TIM_03, NULL, 1);
}

static int time_case(const struct fold *f, struct cases *cases,
		     enum finding_code code, size_t feed, size_t at)
{
	struct audit_case c = {
		.code = code,
		.feed = (uint32_t)feed,
		.at = (uint32_t)at,
		.who = roster_member(f->a->roster, &f->feeds[feed].author),
		.amount = 1,
	};

	return cases_add(cases, &c);
}

static uint64_t time_of(const struct audit_scan *s, size_t at)
{
	return entry_time(s->at[at].raw, s->at[at].raw_n);
}

/* PROTOCOL: No entry of a network is older than its charter, or than the year
 * 2020. */
static uint64_t floor_of(const struct fold *f)
{
	const struct charter *c = roster_charter(f->a->roster);

	return c == NULL || c->created_ms < EPOCH_MS ? EPOCH_MS : c->created_ms;
}

/* Only feeds of which the scan says that there is something. */
static int tell_feed(const struct fold *f, struct cases *cases, size_t feed,
		     uint64_t floor_ms)
{
	const struct audit_scan *s = f->feeds[feed].scan;
	bool is_early = s->oldest_ms + CLOCK_SKEW_MS < floor_ms;
	uint64_t before = 0;
	int err = 0;

	if (!is_early && !s->goes_back)
		return 0;
	for (size_t k = 0; k < s->n && err == 0; k++) {
		uint64_t now = time_of(s, k);

		if (now + CLOCK_SKEW_MS < floor_ms)
			err = time_case(f, cases, TIM_01, feed, k);
		if (err == 0 && now + CLOCK_SKEW_MS < before)
			err = time_case(f, cases, TIM_02, feed, k);
		before = now;
	}
	return err;
}

/* Entry k says less than the checkpoint it knew of: both prove it. */
static int tell_early(const struct fold *f, struct cases *cases, size_t feed,
		      size_t k, const struct attest_since *since)
{
	struct audit_case seen = {
		.code = TIM_01,
		.feed = (uint32_t)since->feed,
		.at = (uint32_t)(since->seq - 1),
		.who = roster_member(f->a->roster, &f->feeds[feed].author),
	};
	int err = time_case(f, cases, TIM_01, feed, k);

	return err == 0 ? cases_add(cases, &seen) : err;
}

static int seen_by(const struct fold *f, const struct scanned *at,
		   const struct attest_since **since)
{
	const struct attest_since *found;
	struct entry e;
	int err = entry_decode(&e, at->raw, at->raw_n);

	if (err != 0)
		return err;
	found = since_find(&f->a->attested, &e.seen);
	if (found != NULL &&
	    (*since == NULL || found->time_ms > (*since)->time_ms))
		*since = found;
	return 0;
}

/* PROTOCOL: An entry was made after all checkpoints that it, or an entry before
 * it in its feed, names as `seen`, and so after the times that follow for these
 * by *not before*. */
static int tell_after_seen(const struct fold *f, struct cases *cases,
			   size_t feed)
{
	const struct audit_scan *s = f->feeds[feed].scan;
	const struct attest_since *since = NULL;
	bool is_early = false;
	int err = 0;

	for (size_t k = 0; k < s->n && err == 0; k++) {
		if (s->at[k].has_seen) {
			err = seen_by(f, &s->at[k], &since);
			is_early = true; /* to be looked at */
		}
		/* Times rise in a feed, unless its clock went back. */
		if (since == NULL || err != 0 || !(is_early || s->goes_back))
			continue;
		is_early = time_of(s, k) + CLOCK_SKEW_MS < since->time_ms;
		if (is_early)
			err = tell_early(f, cases, feed, k, since);
	}
	return err;
}

/* PROTOCOL: By the time a quorum had cosigned a state of a tree, all that it
 * holds had been made. */
static int tell_seen(const struct fold *f, struct cases *cases)
{
	const struct audit_attested *a = &f->a->attested;
	int err = 0;

	for (size_t i = 0; i < a->bounds_n && err == 0; i++) {
		const struct attest_bound *b = &a->bounds[i];
		const struct audit_scan *s = f->feeds[b->feed].scan;

		/* Times rise in a feed, unless its clock went back. */
		for (uint64_t k = b->to; k >= b->from && err == 0; k--) {
			if (time_of(s, k - 1) > b->time_ms + CLOCK_SKEW_MS)
				err = time_case(f, cases, TIM_01, b->feed,
						k - 1);
			else if (!s->goes_back)
				break;
		}
	}
	return err;
}

int time_tell(struct fold *f, struct cases *cases)
{
	uint64_t floor_ms = floor_of(f);
	int err = 0;

	for (size_t i = 0; i < f->feeds_n && err == 0; i++) {
		if (!f->feeds[i].is_known)
			continue;
		err = tell_feed(f, cases, i, floor_ms);
		if (err == 0 && f->a->attested.since_n > 0 &&
		    f->feeds[i].scan->has_seen)
			err = tell_after_seen(f, cases, i);
	}
	return err == 0 ? tell_seen(f, cases) : err;
}
