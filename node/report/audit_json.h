#ifndef NODE_REPORT_AUDIT_JSON_H
#define NODE_REPORT_AUDIT_JSON_H

#include "crypto/hash.h"
#include "proto/audit/audit.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * audit_json -- the report of an audit as one line of JSON.
 *
 * The line up to its `report` is made of the cut and the options alone, so two
 * auditors on the same cut compare 64 hex digits.
 */

struct audit_say {
	bool every_signature;
	bool has_as_of;
	uint64_t as_of_ms;
	bool is_anchored; /* the network was not taken from what is audited */
};

/* audit_as_of: the time at which things are over: the one given, else the
 * newest that a quorum of witnesses said; 0: none. */
uint64_t audit_as_of(const struct audit *a, const struct audit_say *how);

/* audit_line: the whole line without a newline, in memory that the caller
 * frees with free(); NULL when memory is short.  *report is the BLAKE2b-256
 * of the line up to, not including, `,"report"`. */
char *audit_line(const struct audit *a, const struct audit_say *how,
		 struct id *report);

#endif
