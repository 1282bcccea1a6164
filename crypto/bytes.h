#ifndef CRYPTO_BYTES_H
#define CRYPTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bytes -- text forms of bytes, big-endian integers, checked arithmetic.
 *
 * The decoders are strict: one byte string has exactly one accepted text.
 * Hex is lower case; base64 is RFC 4648 section 4 with padding (as C2SP notes
 * want it) or section 5 without (for links); no white space, no stray bits in
 * the last character.  Nothing here allocates.
 */

/* HEX_SIZE: room for n bytes as hex with the final NUL. */
#define HEX_SIZE(n) (2 * (size_t)(n) + 1)

/* B64_SIZE: room for n bytes as padded base64 with the final NUL; enough for
 * the unpadded URL alphabet too. */
#define B64_SIZE(n) (((size_t)(n) + 2) / 3 * 4 + 1)

/* hex_encode: write n bytes as 2n lower-case digits and a NUL.
 * out has HEX_SIZE(n) bytes.  Cannot fail. */
void hex_encode(char *out, const void *p, size_t n);

/* hex_decode: read exactly n bytes from 2n lower-case digits; text_n must be
 * 2n.  ERR_FORMAT otherwise, and out is then zeroed. */
int hex_decode(void *out, size_t n, const char *text, size_t text_n);

/* b64_encode, b64url_encode: out has B64_SIZE(n) bytes.  Cannot fail. */
void b64_encode(char *out, const void *p, size_t n);
void b64url_encode(char *out, const void *p, size_t n);

/* b64_decode, b64url_decode: at most max bytes into out, their count in *n.
 * ERR_FORMAT, or ERR_LIMIT when there is more than max. */
int b64_decode(void *out, size_t max, size_t *n, const char *text,
               size_t text_n);
int b64url_decode(void *out, size_t max, size_t *n, const char *text,
                  size_t text_n);

/* be32_put .. be64_get: big-endian integers at any alignment. */
void be32_put(uint8_t out[static 4], uint32_t v);
void be64_put(uint8_t out[static 8], uint64_t v);
uint32_t be32_get(const uint8_t p[static 4]);
uint64_t be64_get(const uint8_t p[static 8]);

/* add_u64, mul_u64: *out = a op b and true, or false when it would wrap
 * (*out is then untouched). */
bool add_u64(uint64_t *out, uint64_t a, uint64_t b);
bool mul_u64(uint64_t *out, uint64_t a, uint64_t b);

/* bytes_wipe: zero n bytes in a way the compiler keeps. */
void bytes_wipe(void *p, size_t n);

/* bytes_random: n bytes from the system's generator.  Cannot fail: libsodium
 * stops the process when the system has none. */
void bytes_random(void *p, size_t n);

#endif
