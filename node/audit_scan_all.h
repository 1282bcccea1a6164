#ifndef NODE_AUDIT_SCAN_ALL_H
#define NODE_AUDIT_SCAN_ALL_H

#include "proto/audit.h"
#include "proto/audit_scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_scan_all -- threads for an audit: scan many feeds, and help to fold.
 */

/* Where one entry's bytes lie. */
struct raw {
	const uint8_t *p;
	size_t n;
};

/* One feed's entries, in rising order of seq. */
struct raw_feed {
	struct audit_scan *scan; /* initialised */
	const struct raw *at;
	size_t n;
	bool is_torn; /* what follows them could not be read */
};

/* scan_all: scan and end each feed.  ERR_NOMEM. */
int scan_all(struct raw_feed *feeds, size_t n, unsigned threads);

/* scan_crew: so many threads, this one included, for audit_open_with; threads
 * is borrowed. */
struct audit_crew scan_crew(unsigned *threads);

#endif
