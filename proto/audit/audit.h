#ifndef PROTO_AUDIT_AUDIT_H
#define PROTO_AUDIT_AUDIT_H

#include "crypto/hash.h"
#include "proto/audit/audit_attest.h"
#include "proto/audit/audit_scan.h"
#include "proto/audit/audit_sum.h"
#include "proto/audit/finding.h"
#include "proto/book/book.h"
#include "proto/book/demand.h"
#include "proto/book/fund.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit -- the whole ledger from nothing: who, what, how much, what is wrong.
 *
 * Takes the scans of all feeds and folds them: roster first, then the records
 * that count, then the book, then the findings.  The result depends on the
 * cut only (PROTOCOL.md, "Audit report"): not on the order of arrival, the
 * machine, the clock or the number of threads that scanned.
 *
 * An audit borrows the scans and their entries' bytes and owns the rest.
 */

enum { AUDIT_RULES = 32 }; /* version of the rules of the book and findings */

/* What stands behind one feed of the cut. */
struct audit_tip {
	struct pubkey feed;
	uint64_t seq;
	struct id id;
};

/* One item's figures, of the network or of one association. */
struct audit_item {
	char item[LIMIT_ITEM + 1];
	char unit[17];
	int64_t col[COL_COUNT];
};

/* An association and the figures of all who book to it. */
struct audit_association {
	struct pubkey party;
	char label[LIMIT_LABEL + 1];
	struct audit_item *items; /* rising item */
	size_t items_n;
};

/* A member's feed that forked, and ends before. */
struct audit_fork {
	struct pubkey feed;
	uint64_t seq;
	struct pubkey identity;
	bool is_healed; /* put down to a copied machine, and a chain named */
};

/* Proofs that feeds end (evidence.h): bytes, borrowed while an audit is made.
 * What proves nothing is passed over. */
struct audit_proofs {
	const struct audit_proof {
		const uint8_t *p;
		size_t n;
	} * at;
	size_t n;
};

struct audit {
	struct id network;
	struct roster *roster;
	struct audit_tip *tips; /* rising feed: members' feeds */
	size_t tips_n;
	struct audit_fork *forks; /* rising feed */
	size_t forks_n;
	uint64_t entries;
	struct id cut;                  /* digest of network, tips and forks */
	const struct account *accounts; /* by holder and item */
	size_t accounts_n;
	struct audit_item *items; /* rising item */
	size_t items_n;
	struct audit_association *associations; /* rising party */
	size_t associations_n;
	struct funds funds;    /* merged */
	struct demands demand; /* settled */
	struct audit_attested attested;
	struct findings findings; /* sorted */
	/* inside */
	struct audit_sum *sum;
};

/* Who helps: does job(jobs, i) for each i below n, in any order, several at
 * once if it likes, and returns when all are done.  proto/ has no threads. */
struct audit_crew {
	void *arg;
	void (*run)(void *arg, void (*job)(void *jobs, size_t i), void *jobs,
		    size_t n);
};

/* audit_open: fold n scans that are rising by feed and ended.  ERR_NOMEM. */
int audit_open(struct audit **out, const struct id *network,
	       struct audit_scan *scans, size_t n);

/* What an audit is given beside the feeds: proofs that some of them end, and
 * the time at which ages are measured; without it that is the newest one that a
 * quorum of witnesses said.  Either may be NULL. */
struct audit_given {
	const struct audit_proofs *proofs;
	const uint64_t *as_of_ms;
};

/* audit_open_with: the same with what is given, and a crew to help, which
 * changes no byte; either may be NULL.  Scans are cut where proofs say that
 * they end. */
int audit_open_with(struct audit **out, const struct id *network,
		    struct audit_scan *scans, size_t n,
		    const struct audit_given *given,
		    const struct audit_crew *crew);

/* audit_close: free; NULL is fine.  The scans stay the caller's. */
void audit_close(struct audit *a);

/* audit_is_clean: no breach and nothing to explain; lags are clean. */
bool audit_is_clean(const struct audit *a);

#endif
