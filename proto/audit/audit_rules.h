#ifndef PROTO_AUDIT_AUDIT_RULES_H
#define PROTO_AUDIT_AUDIT_RULES_H

#include "proto/audit/audit_case.h"
#include "proto/book/verdict.h"

/*
 * audit_rules -- what an audit holds every record against (PROTOCOL.md,
 * "Findings").
 *
 * Rules that one record can break are asked while the book is made, when the
 * record is decoded anyway; they say so with cases.  What takes two records
 * to break leaves marks, which are compared afterwards.  The other rules go
 * through the few records that they are about.  Only audit*.c include this.
 */

enum {
	CLOCK_SKEW_MS = 10 * 60 * 1000 /* what clocks may differ by */
};

/* What two records may have in common. */
enum mark_kind {
	MARK_SERIAL,   /* made: item and serial number */
	MARK_REPEAT,   /* all facts, and their moment or day */
	MARK_LENT,     /* made on behalf of an outsider: lines and day */
	MARK_LENT_LOT, /* the same, and the lot or that there is none */
	MARK_PAPER,    /* acknowledged by grade C: the paper */
	MARK_CAME      /* sent to a member: item and lot */
};

struct mark {
	struct tag hash; /* of what they have in common */
	enum mark_kind kind;
	uint32_t feed, at;
	bool is_answered; /* a delivery of which others said what arrived */
	uint64_t date_ms; /* when it happened */
	const struct member *who; /* lent: the maker; came: to whom; or NULL */
};

struct marks {
	struct mark *at; /* owned */
	size_t n, max;
};

struct rules {
	struct cases cases;
	struct marks marks;
	bool has_as_of; /* are there ages? */
	uint64_t as_of_ms;
	struct verdicts verdicts;
};

/* A record in its newest version, which occurred, and where it stands. */
struct look {
	const struct fold *f;
	const struct roster *roster;
	const struct book_view *view;
	struct cases *cases;
	struct marks *marks;
	size_t feed, at;
	const struct book_record *rec;
	/* What its delivery posted: signed_for by grades A and B, papers by
	 * grade C. */
	int64_t in_transit, claimed, signed_for, papers;
};

/* rules_prepare: what must be known before records are looked at; as_of_ms
 * may be NULL.  ERR_NOMEM.  rules_release: free; a zeroed one is fine. */
int rules_prepare(struct fold *f, const uint64_t *as_of_ms);
void rules_release(struct rules *r);

/* rules_look: ask every rule that one record can break. */
int rules_look(const struct look *l);

/* rules_join: take in what was found of a part of the records. */
int rules_join(struct rules *r, const struct cases *cases,
	       const struct marks *marks);

/* rules_tell: the rules about several records, and findings of all cases;
 * after the figures. */
int rules_tell(struct fold *f);

/* look_case: the record breaks a rule. */
int look_case(const struct look *l, enum finding_code code,
	      const struct line *line, uint64_t amount);

/* look_declaration: the declaration that governs what a line is of; NULL. */
const struct catalog_row *look_declaration(const struct look *l,
					   const struct line *line);

/* rules_each: call visit with every record that acts of the kinds from first
 * to last; rules_feed: with those of one feed. */
typedef int rules_visit(struct fold *f, const struct look *l, void *arg);
int rules_feed(struct fold *f, size_t feed, uint32_t first, uint32_t last,
	       rules_visit *visit, void *arg);
int rules_each(struct fold *f, uint32_t first, uint32_t last,
	       rules_visit *visit, void *arg);

/* The families. */
int design_prepare(struct fold *f, struct cases *cases);
int design_look(const struct look *l);
int quantity_look(const struct look *l);
int quantity_tell(struct fold *f, struct cases *cases);
int delivery_look(const struct look *l);
int delivery_tell(struct fold *f, struct cases *cases);
int paper_look(const struct look *l);
int rival_look(const struct look *l); /* of a first version */
/* m[0, n): deliveries for which one paper was entered. */
int paper_tell(struct fold *f, struct cases *cases, const struct mark *m,
	       size_t n);
int time_look(const struct look *l);
int time_tell(struct fold *f, struct cases *cases);
int dup_look(const struct look *l);
int dup_tell(struct fold *f, struct cases *cases, struct marks *marks);
int supply_tell(struct fold *f, struct cases *cases);
int member_tell(struct fold *f, struct cases *cases);
int money_tell(struct fold *f, struct cases *cases);
int witness_tell(struct fold *f, struct cases *cases);
int end_tell(struct fold *f, struct cases *cases);

#endif
