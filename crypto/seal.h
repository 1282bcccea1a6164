#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * seal -- bytes of any length under a passphrase.
 *
 *   OPS (4 bytes) | MEM in KiB (4) | SALT (16) | NONCE (24) | box
 *
 * The box is XChaCha20-Poly1305 under Argon2id(passphrase, SALT), with what
 * stands before it and the name of its use as additional data: no byte of the
 * whole can be changed.  Costs are big-endian, and capped on reading as those
 * of key files are (keyfile.h).
 */

enum { SEAL_EXTRA = 4 + 4 + 16 + 24 + 16 }; /* bytes beside the plain ones */

/* seal_make: write n + SEAL_EXTRA bytes to out, which is not p.  use is a
 * short name of what is sealed.  ERR_NOMEM. */
int seal_make(uint8_t *out, const void *p, size_t n, const char *use,
	      const char *passphrase);

/* seal_open: n bytes back into n - SEAL_EXTRA at out, which is not p; the
 * caller wipes them.  ERR_SIGNATURE for everything that is wrong with the
 * bytes or the passphrase, deliberately; ERR_NOMEM. */
int seal_open(uint8_t *out, const uint8_t *p, size_t n, const char *use,
	      const char *passphrase);

#endif
