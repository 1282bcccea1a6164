#ifndef NODE_REPORT_AUDIT_POOL_H
#define NODE_REPORT_AUDIT_POOL_H

#include "proto/audit/audit.h"

#include <stddef.h>

/*
 * audit_pool -- threads for an audit, of which none waits while there is work.
 *
 * One thread, the caller's, reads and folds, and gives away what can be done
 * apart from that: soon what it waits for itself, later what has time until
 * all is done.  Others take what is to be done soon first; whoever has to wait
 * for them takes from both.  With one thread nothing is started.
 */

enum pool_when { POOL_SOON, POOL_LATER };

/* Job number i of some; in any thread, several at once. */
typedef void pool_job(void *jobs, size_t i);

struct audit_pool; /* opaque */

/* pool_open: so many threads, the caller's included.  ERR_NOMEM. */
int pool_open(struct audit_pool **out, unsigned threads);

/* pool_add: have a job done, in time for pool_wait.  Soon may be now: what
 * waits to be done soon is bounded. */
void pool_add(struct audit_pool *p, enum pool_when when, pool_job *job,
	      void *jobs, size_t i);

/* pool_wait: when all is done that was to be soon, or simply all.  Helps. */
void pool_wait(struct audit_pool *p, enum pool_when when);

/* pool_close: what was not begun is not done.  NULL is fine. */
void pool_close(struct audit_pool *p);

/* pool_crew: for audit_open_with; the pool is borrowed. */
struct audit_crew pool_crew(struct audit_pool *p);

#endif
