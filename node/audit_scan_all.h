#ifndef NODE_AUDIT_SCAN_ALL_H
#define NODE_AUDIT_SCAN_ALL_H

#include "proto/audit_scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_scan_all -- scan many feeds with several threads.
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

#endif
