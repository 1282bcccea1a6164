#ifndef CRYPTO_BYTES_H
#define CRYPTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bytes -- text forms of bytes and integers, big-endian, checked arithmetic.
 *
 * The decoders are strict: one value has exactly one accepted text.  Hex is
 * lower case; base64 is RFC 4648 section 4 with padding (as C2SP notes want
 * it) or section 5 without (for links); decimals have no sign and no leading
 * zero; nowhere white space, nor stray bits in a last character.  Nothing
 * here allocates.
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
 * ERR_FORMAT, or ERR_LIMIT when the text is well formed but holds more than
 * max; out may be NULL when max is 0, to ask just that. */
int b64_decode(void *out, size_t max, size_t *n, const char *text,
	       size_t text_n);
int b64url_decode(void *out, size_t max, size_t *n, const char *text,
		  size_t text_n);

/* DEC_SIZE: room for any uint64_t in decimal with the final NUL. */
enum { DEC_SIZE = 21 };

/* dec_encode: v in decimal and a NUL; returns the digits.  Cannot fail. */
size_t dec_encode(char out[static DEC_SIZE], uint64_t v);

/* dec_decode: all n characters as a decimal of at most max.  ERR_FORMAT, or
 * ERR_LIMIT above max. */
int dec_decode(uint64_t *out, uint64_t max, const char *text, size_t n);

/* bytes_fetch: the n bytes at p will be read soon: memory may bring them here
 * meanwhile.  For loops over much that lies far apart.  Does nothing else. */
void bytes_fetch(const void *p, size_t n);

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
