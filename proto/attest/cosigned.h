#ifndef PROTO_ATTEST_COSIGNED_H
#define PROTO_ATTEST_COSIGNED_H

#include "proto/attest/treehead.h"
#include "proto/entry.h"
#include "proto/value.h"

#include <stddef.h>
#include <stdint.h>

/*
 * cosigned -- what a witness says in a `cosign` entry (PROTOCOL.md,
 * "Cosignatures"): by this time I have seen this state of that tree, and none
 * that does not agree with it.
 */

struct cosigned {
	struct treehead head;
	struct pubkey witness; /* the feed that said so */
	uint64_t time_s;
	struct sig sig;
	struct position at;
};

/* cosigned_read: take a `cosign` entry apart and verify its cosignature.
 * ERR_FORMAT: not such an entry, not of this network, or of the witness's own
 * tree; ERR_SIGNATURE. */
int cosigned_read(struct cosigned *out, const struct entry *e,
		  const struct id *id, const struct id *network);

/* cosigned_encode: the facts of a `cosign`. */
int cosigned_encode(uint8_t out[static 512], size_t *out_n,
		    const struct cosigned *c);

#endif
