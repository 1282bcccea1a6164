#ifndef CRYPTO_BOX_H
#define CRYPTO_BOX_H

#include "crypto/hash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * box -- bytes of any length under a secret key.
 *
 *   NONCE (24 bytes) | box
 *
 * The box is XChaCha20-Poly1305; what it belongs to is its additional data, so
 * it opens there only.  Nonces are random: no two boxes are alike.
 */

enum { BOX_EXTRA = 24 + 16 }; /* bytes beside the plain ones */

/* box_make: write n + BOX_EXTRA bytes to out, which is not p.  Cannot fail. */
void box_make(uint8_t *out, const void *p, size_t n, const void *with,
	      size_t with_n, const struct secret *key);

/* box_open: n bytes back into n - BOX_EXTRA at out, which is not p; the caller
 * wipes them.  ERR_SIGNATURE for everything that is wrong. */
int box_open(uint8_t *out, const uint8_t *p, size_t n, const void *with,
	     size_t with_n, const struct secret *key);

#endif
