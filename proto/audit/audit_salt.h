#ifndef PROTO_AUDIT_AUDIT_SALT_H
#define PROTO_AUDIT_AUDIT_SALT_H

#include "proto/audit/audit_index.h"

#include <stddef.h>
#include <stdint.h>

/*
 * audit_salt -- buckets for bytes that anybody may choose.
 *
 * What an entry refers to, and its idempotency key, may be any bytes that its
 * author likes, so that many could be made to share a bucket.  Which bucket is
 * whose follows from a salt here, which is a digest of the newest entries:
 * nobody knows it before the last of them is made.  The hash is a sum of
 * products with odd factors, of which the highest bits are used: few have one
 * bucket whatever they are (Dietzfelbinger et al., "A reliable randomized
 * algorithm for the closest-pair problem", 1997).
 */

struct salt {
	uint64_t odd[4];
};

/* salt_of: of these feeds, in their order.  Cannot fail. */
struct salt salt_of(const struct audit_feed *feeds, size_t feeds_n);

/* salt_id, salt_key: a hash whose highest bits are good for a bucket; of an
 * idempotency key of a member. */
uint64_t salt_id(const struct salt *salt, const struct id *id);
uint64_t salt_key(const struct salt *salt, const struct pubkey *member,
		  const struct tag *tag);

#endif
