#ifndef PROTO_AUDIT_AUDIT_OVER_H
#define PROTO_AUDIT_AUDIT_OVER_H

#include "proto/audit/audit_scan.h"

/*
 * audit_over -- the references of a feed that are too many.
 *
 * Of one feed's records that refer to one target in one way only the first
 * LIMIT_REFS do (PROTOCOL.md, "Limits"), so that nobody can make one record
 * that costs everybody the time of a million.
 */

/* over_mark: set is_over of a scan's links, all of which are there.  ERR_NOMEM.
 */
int over_mark(struct audit_scan *s);

#endif
