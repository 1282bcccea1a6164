#ifndef PROTO_AUDIT_AUDIT_SINCE_H
#define PROTO_AUDIT_AUDIT_SINCE_H

#include "proto/attest/attest.h"
#include "proto/attest/cosigned.h"
#include "proto/audit/audit_attest.h"

/*
 * audit_since -- from when a checkpoint is, as its own leaves tell
 * (PROTOCOL.md, "Cosignatures": *not before*).
 *
 * A tree may hold `cosign` entries, and these say times: whoever names one of
 * its checkpoints as `seen` wrote after them.  Only audit*.c include this.
 */

/* What is asked for one tree after another. */
struct since_source {
	const struct roster *roster;
	const struct audit_feed *feeds; /* rising */
	size_t feeds_n;
	const struct cosigned **by_place; /* all, rising (feed, seq) */
	size_t by_place_n;
};

/* since_sort: fill by_place, owned by the caller, with all n cosignatures.
 * ERR_NOMEM. */
int since_sort(struct since_source *src, const struct cosigned *all, size_t n);

/* audit_since: add to out->since what is known of the checkpoints of a tree, of
 * which is_right[i] says that it is as its entries are.  ERR_NOMEM. */
int audit_since(struct audit_attested *out, const struct since_source *src,
		const struct attest *tree, const bool *is_right);

/* since_is_timely: may a cosignature of the tree of this feed say a time? */
bool since_is_timely(const struct audit_feed *f, const struct cosigned *row);

/* since_order: once all trees are added, so that since_find can be asked.
 * since_find: of a checkpoint; NULL when nothing is known. */
void since_order(struct audit_attested *out);
const struct attest_since *since_find(const struct audit_attested *a,
				      const struct id *checkpoint);

#endif
