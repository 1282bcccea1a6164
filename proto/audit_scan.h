#ifndef PROTO_AUDIT_SCAN_H
#define PROTO_AUDIT_SCAN_H

#include "proto/entry.h"
#include "proto/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_scan -- check one feed from its first entry: form, chain, signature.
 *
 * Feeds do not depend on one another, so scans may run in several threads, one
 * scan in one thread.  The entries' bytes are borrowed and must stay where
 * they are until the audit is closed.
 *
 * PROTOCOL.md, "Checking a feed": one valid signature covers all entries
 * before it, so the last entry's is checked and that of every 256th; where the
 * chain or a signature breaks, the feed counts up to the last entry before the
 * break that is covered by a valid signature, and the break is a finding.
 */

/* One entry that stood the checks. */
struct scanned {
	const uint8_t *raw;
	uint32_t raw_n;
	uint16_t kind;
	bool is_shadowed; /* another record with its key counts instead */
	bool is_target;   /* some record refers to it */
	struct id id;
};

struct audit_scan {
	struct pubkey feed;
	struct id network;
	bool every_signature;
	struct scanned *at; /* at[seq - 1], owned */
	size_t n, max;
	size_t signed_n; /* entries covered by a valid signature */
	bool is_broken;
	enum finding_code broken; /* which LOG finding, at entry broken_seq */
	uint64_t broken_seq;
};

/* scan_init: nothing read yet.  Cannot fail. */
void scan_init(struct audit_scan *s, const struct pubkey *feed,
	       const struct id *network, bool every_signature);

/* scan_entry: the next entry, in rising order of seq; after a break the rest
 * is ignored.  ERR_NOMEM. */
int scan_entry(struct audit_scan *s, const void *raw, size_t n);

/* scan_break: what should be the next entry cannot even be read: the feed ends
 * before it, with this finding. */
void scan_break(struct audit_scan *s, enum finding_code code);

/* scan_end: no more entries: check the last signature.  Cannot fail. */
void scan_end(struct audit_scan *s);

/* scan_release: free; a zeroed one is fine. */
void scan_release(struct audit_scan *s);

#endif
