#ifndef NODE_REPORT_AUDIT_POOL_H
#define NODE_REPORT_AUDIT_POOL_H

#include "proto/audit/audit.h"
#include "proto/audit/audit_scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * audit_pool -- threads for an audit.
 *
 * Feeds are scanned while the next ones are still being read.  Whoever reads
 * them scans too when the others have enough to do, so what waits is bounded;
 * with one thread nothing waits, and nothing is started.
 */

/* One feed's entries, in rising order of seq. */
struct raw_feed {
	struct audit_scan *scan; /* initialised */
	struct message *at;      /* malloc'ed; the pool frees it */
	size_t n;
	bool is_torn; /* what follows them could not be read */
};

struct audit_pool; /* opaque */

/* pool_open: so many threads, the caller's included.  ERR_NOMEM. */
int pool_open(struct audit_pool **out, unsigned threads);

/* pool_scan: have a feed scanned and its scan ended, now or later. */
void pool_scan(struct audit_pool *p, const struct raw_feed *feed);

/* pool_is_full: have the others enough to do, so that the caller would scan the
 * next feed itself? */
bool pool_is_full(struct audit_pool *p);

/* pool_close: when all is scanned: 0, or ERR_NOMEM.  NULL is fine. */
int pool_close(struct audit_pool *p);

/* pool_crew: so many threads, the caller's included, for audit_open_with;
 * threads is borrowed. */
struct audit_crew pool_crew(unsigned *threads);

#endif
