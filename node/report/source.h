#ifndef NODE_REPORT_SOURCE_H
#define NODE_REPORT_SOURCE_H

#include "node/cmd/figures.h"
#include "node/cmd/narrow.h"
#include "node/ctl/desk.h"
#include "node/report/report.h"
#include "node/text/labels.h"
#include "proto/audit/audit.h"
#include "proto/book/closing.h"
#include "proto/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * source -- what reports are made of: this home's running book and, for those
 * that an auditor or the public reads, an audit from nothing.
 *
 * --under and --place leave out whose they are not, --period what is dated
 * outside of it.
 */

struct source {
	struct desk *desk;
	struct store *store;
	const struct roster *roster;
	const struct narrow *narrow;
	const struct audit *audit; /* NULL where the running book will do */
	const char *under, *place; /* as they were given, or NULL */
	bool has_period;
	struct period period;
	uint64_t as_of_ms; /* ages are measured here; 0: not known */
	bool is_english;   /* what is made of sentences: for JSON */
	struct catalog catalog;
	struct labels labels;
	struct figures goods; /* once source_goods has summed them */
	bool has_goods;
	struct book_view view; /* open while a report is made */
};

/* source_each: the records of some kinds that belong to nothing and act, and
 * corrections as they are, in order of (feed, seq); in their newest version, by
 * members and of dates that are not left out.  Errors of the store, ERR_NOMEM.
 */
#define SOURCE_KIND(kind) (UINT64_C(1) << (kind))
int source_each(struct source *s, uint64_t kinds, book_visit *visit, void *arg);

/* source_has: is this date to be reported? */
bool source_has(const struct source *s, uint64_t ms);

/* source_goods: sums by item, the source's own.  Errors of the store,
 * ERR_NOMEM. */
int source_goods(struct source *s, const struct figures **out);

/* source_about: the first section of every report: of what it is. */
void source_about(struct source *s, struct report *r);

/* The reports.  Errors of the store, ERR_NOMEM; r is released by the caller. */
int report_auditor(struct report *r, struct source *s);
int report_treasurer(struct report *r, struct source *s);
int report_coordinator(struct report *r, struct source *s);
int report_donor(struct report *r, struct source *s);
int report_public(struct report *r, struct source *s);

/* report_parts: begin a report with what it is of, and its sections one after
 * the other. */
typedef int report_part(struct report *r, struct source *s);
int report_parts(struct report *r, struct source *s, report_part *const *part);

/* What several of them have. */
report_part part_goods;    /* item by item */
report_part part_evidence; /* checkpoints */
report_part part_funds;
report_part part_campaigns; /* against goals */
report_part part_spending;  /* by category */
report_part part_demand;
report_part part_closings;
report_part part_verdicts; /* on revisions and lots */

/* put_member, put_holder, put_ref: names in place of keys. */
void put_member(struct report *r, const struct source *s,
		const struct pubkey *member);
void put_holder(struct report *r, const struct source *s,
		const struct holder *h);
void put_ref(struct report *r, const struct source *s,
	     const struct pubkey *feed, uint64_t seq);
void put_fact_text(struct report *r, const struct record *rec, enum fact f);

#endif
