#ifndef CRYPTO_CURVE_H
#define CRYPTO_CURVE_H

#include <stdint.h>

/*
 * curve -- X25519 transport keys for ZeroMQ's CURVE.
 *
 * A transport key is random, certified by being named in a signed `open`
 * entry, and signs nothing.  It is part of a backup so that a restored hub
 * keeps the address that others dial.
 */

/* An X25519 public key, the 32 raw bytes that ZMQ_CURVE_* options take. */
struct curvekey {
	uint8_t b[32];
};

/* Both halves.  Holders wipe it with bytes_wipe when done. */
struct curvepair {
	struct curvekey pub;
	uint8_t secret[32];
};

/* curvepair_generate: a fresh pair.  Cannot fail. */
void curvepair_generate(struct curvepair *out);

/* curvepair_from_secret: the pair of a stored secret.  Cannot fail. */
void curvepair_from_secret(struct curvepair *out,
			   const uint8_t secret[static 32]);

#endif
