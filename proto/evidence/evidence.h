#ifndef PROTO_EVIDENCE_EVIDENCE_H
#define PROTO_EVIDENCE_EVIDENCE_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/entry.h"
#include "proto/limit.h"
#include "proto/run.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * evidence -- why a feed ends before its newest entry (PROTOCOL.md,
 * "Evidence").
 *
 *   fork  [0, run, run]                 two entries of one feed at one seq,
 *                                       each covered by a valid signature
 *   end   [1, feed, seq, id, proof]     the identity closes the feed there
 *
 * Whoever holds such a proof can show it to anybody: nothing but the network
 * id, and for an end the feed's identity, is needed to verify it.  A decoded
 * one borrows the bytes it was read from.  Nothing here allocates.
 */

enum evidence_type { EVIDENCE_FORK = 0, EVIDENCE_END = 1 };

struct evidence {
	enum evidence_type type;
	struct pubkey feed;
	uint64_t seq;         /* fork: the first in dispute; end: the last that
	                         counts */
	struct run branch[2]; /* fork: from seq on; rising id of the first */
	struct id id;         /* end: of the entry at seq */
	struct sig proof;     /* end: the identity's */
};

/* evidence_decode: read the form only.  ERR_FORMAT, ERR_LIMIT. */
int evidence_decode(struct evidence *out, const void *p, size_t n);

/* evidence_check_fork: 0 when the two branches prove a fork in this network;
 * at most two signatures and 2 * SIGNED_EVERY hashes.  ERR_FORMAT: they are
 * equal, do not begin at one place, or hold what is no entry; ERR_CHAIN: of
 * another network; ERR_SIGNATURE. */
int evidence_check_fork(const struct evidence *e, const struct id *network,
			uint8_t buf[static LIMIT_ENTRY]);

/* evidence_check_end: 0 when identity closed the feed there.
 * ERR_SIGNATURE. */
int evidence_check_end(const struct evidence *e, const struct id *network,
		       const struct pubkey *identity);

/* evidence_first: the first entry of a branch, rebuilt in buf, which *e then
 * borrows.  ERR_FORMAT, ERR_LIMIT. */
int evidence_first(struct entry *e, struct id *id, const struct evidence *ev,
		   unsigned branch, uint8_t buf[static LIMIT_ENTRY]);

/* evidence_make_fork: the proof made of the bytes of two runs, in any order.
 * Errors of evidence_decode. */
int evidence_make_fork(uint8_t out[static LIMIT_EVIDENCE], size_t *n,
		       const struct run_writer *a, const struct run_writer *b);

/* evidence_make_end: out has room for EVIDENCE_END_MAX bytes. */
enum { EVIDENCE_END_MAX = 192 };
int evidence_make_end(uint8_t out[static EVIDENCE_END_MAX], size_t *n,
		      const struct position *at, const struct sig *proof);

/* A statement of an identity about a place of a feed, which is signed: network
 * || feed || seq (8 bytes, big-endian) || id. */
enum { PLACE_CLAIM = ID_SIZE + KEY_SIZE + 8 + ID_SIZE };
#define DOMAIN_END     "maillon/1 end"
#define DOMAIN_RESOLVE "maillon/1 resolve"
void place_claim(uint8_t out[static PLACE_CLAIM], const struct id *network,
		 const struct position *at);

#endif
