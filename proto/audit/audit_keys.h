#ifndef PROTO_AUDIT_AUDIT_KEYS_H
#define PROTO_AUDIT_AUDIT_KEYS_H

#include "proto/audit/audit_index.h"

/*
 * audit_keys -- of the records with one idempotency key one counts.
 *
 * A step of index_open, which is the only one to call it.
 */

/* keys_shadow: set is_shadowed where another record counts instead, and
 * is_again where that one is the same, issued again.  Feeds are rising.
 * ERR_NOMEM. */
int keys_shadow(struct audit_feed *feeds, size_t feeds_n);

#endif
