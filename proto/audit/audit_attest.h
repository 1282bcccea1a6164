#ifndef PROTO_AUDIT_AUDIT_ATTEST_H
#define PROTO_AUDIT_AUDIT_ATTEST_H

#include "proto/audit/audit_index.h"
#include "proto/audit/finding.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_attest -- are checkpoints those of the entries, and do the witnesses
 * agree (PROTOCOL.md, "Checkpoints")?
 *
 * Rebuilds the tree of each feed that counts from the entries of the cut.  A
 * checkpoint that covers entries which are not here is not checked, and
 * counted as such.
 */

/* Entries that had been made by a time, as a quorum of witnesses says. */
struct attest_bound {
	size_t feed; /* its number */
	uint64_t from, to;
	uint64_t time_ms;
};

/* A checkpoint that was made after a time, as a quorum of witnesses says. */
struct attest_since {
	struct id checkpoint;
	size_t feed; /* its number, and where the checkpoint stands in it */
	uint64_t seq;
	uint64_t time_ms;
};

/* A feed that has checkpoints, and the newest time that a quorum said of
 * them. */
struct attest_tree {
	size_t feed; /* its number */
	bool has_time;
	uint64_t time_ms;
};

struct audit_attested {
	size_t checkpoints;  /* that count */
	size_t unchecked;    /* of these */
	size_t cosignatures; /* that verify */
	bool has_time;
	uint64_t time_ms; /* the newest that a quorum of witnesses said */
	struct attest_bound *bounds; /* owned */
	size_t bounds_n, bounds_max;
	struct attest_since *since; /* by checkpoint, owned; audit_since.h */
	size_t since_n, since_max;
	struct attest_tree *trees; /* rising feed, owned */
	size_t trees_n, trees_max;
};

/* audit_attest: add what is wrong to findings; feeds are rising.  name makes
 * the text by which a feed is shown.  ERR_NOMEM. */
struct attest_names {
	void *arg;
	void (*name)(void *arg, char *out, size_t max,
		     const struct pubkey *feed);
};
int audit_attest(struct audit_attested *out, struct findings *findings,
		 const struct roster *roster, const struct audit_feed *feeds,
		 size_t feeds_n, const struct attest_names *names);

#endif
