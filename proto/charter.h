#ifndef PROTO_CHARTER_H
#define PROTO_CHARTER_H

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * charter -- what a network is, agreed before its first entry (PROTOCOL.md,
 * "Charter").
 *
 *   [1, name, currency, [[identity, label, name | "", place]...],
 *    public, quorum, created_ms, nonce(16)]
 *
 * The BLAKE2b-256 of these bytes is the network id, so a charter has exactly
 * one encoding: founders stand in rising order of identity, each once.
 */

enum { CHARTER_NONCE = 16 };

/* A founding identity: member at depth 0, an association that may admit. */
struct founder {
	struct pubkey identity;
	char label[LIMIT_LABEL + 1];
	char name[LIMIT_NAME + 1]; /* "": the label serves */
	char place[LIMIT_PLACE + 1];
};

struct charter {
	char name[LIMIT_NAME + 1]; /* plain UTF-8, not empty */
	char currency[4];          /* "EUR" */
	bool is_public;            /* strangers may pull */
	unsigned quorum;           /* cosignatures that make a time */
	uint64_t created_ms;
	uint8_t nonce[CHARTER_NONCE]; /* random: no two networks are one */
	struct founder founders[LIMIT_FOUNDERS];
	size_t founders_n; /* at least 1 */
};

/* charter_encode: the canonical bytes, founders sorted whatever their order in
 * c; their number in *n.  What comes out was decoded again: ERR_FORMAT for
 * what charter_decode refuses, ERR_LIMIT. */
int charter_encode(uint8_t out[static LIMIT_CHARTER], size_t *n,
		   const struct charter *c);

/* charter_decode: exactly n bytes.  Copies; borrows nothing.  ERR_FORMAT,
 * ERR_LIMIT; ERR_VERSION for a charter of another version. */
int charter_decode(struct charter *out, const void *p, size_t n);

/* charter_id: the network id of c, as charter_encode would write it; its
 * errors.  Whoever holds the bytes takes hash_id of them instead. */
int charter_id(struct id *out, const struct charter *c);

/* charter_has_founder: is this the first identity of one of them? */
bool charter_has_founder(const struct charter *c, const struct pubkey *who);

#endif
