#ifndef PROTO_ATTEST_WITNESS_H
#define PROTO_ATTEST_WITNESS_H

#include "crypto/sign.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * witness -- whose cosignatures count, and what time they make (PROTOCOL.md,
 * "Cosignatures").  Pure.
 */

/* One witness's word about one tree. */
struct witnessed {
	struct pubkey member;
	uint64_t time_s;
};

/* witness_may: does what this member's feeds cosign count, for a tree of
 * `log`'s?  Associations, recipients and auditors, and nobody for its own. */
bool witness_may(const struct roster *roster, const struct pubkey *member,
		 const struct pubkey *log);

/* witnessed_by: by when `quorum` members had said so, each with its earliest
 * word; witnessed_since: since when they say so, each with its newest.  False
 * when they are fewer.  A quorum of 0 is one of 1.  Sorts w. */
bool witnessed_by(uint64_t *time_s, struct witnessed *w, size_t n,
		  unsigned quorum);
bool witnessed_since(uint64_t *time_s, struct witnessed *w, size_t n,
		     unsigned quorum);

#endif
