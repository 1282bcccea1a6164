#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * sign -- Ed25519 (RFC 8032) with a domain tag.
 *
 * What is signed is domain || 00 || message, so a signature made for one
 * purpose never passes for another (PROTOCOL.md, "Signatures"); text of other
 * people's formats goes bare, and can hold no 00.  Acceptance is libsodium's:
 * canonical S, no small-order points.
 *
 * A secret key lives in guarded memory (sodium_malloc) and is wiped by
 * seckey_close.  crypto_start must have been called once by the program.
 * Threads may share a key that none of them closes.
 */

enum {
	KEY_SIZE = 32,
	SIG_SIZE = 64,
	SEED_SIZE = 32,
	SIGN_MAX = 65536, /* longest message with its domain, bytes */
	SIGN_DOMAIN_MAX = 64
};

/* An Ed25519 public key: an identity, a node key (so a feed id). */
struct pubkey {
	uint8_t b[KEY_SIZE];
};

struct sig {
	uint8_t b[SIG_SIZE];
};

struct seckey; /* opaque; owns guarded memory */

/* crypto_start: initialise libsodium; ERR_IO when it cannot.  Idempotent. */
int crypto_start(void);

/* seckey_generate: a fresh key.  ERR_NOMEM.  Caller closes. */
int seckey_generate(struct seckey **out);

/* seckey_from_seed: the key of a 32-byte seed.  ERR_NOMEM. */
int seckey_from_seed(struct seckey **out, const uint8_t seed[static SEED_SIZE]);

/* seckey_seed: copy the seed out, for a key file; the caller wipes it. */
void seckey_seed(const struct seckey *key, uint8_t seed[static SEED_SIZE]);

/* seckey_pub: the public half.  Cannot fail. */
struct pubkey seckey_pub(const struct seckey *key);

/* seckey_close: wipe and free; NULL is fine. */
void seckey_close(struct seckey *key);

/* sign_make: sign domain || 00 || p.  Deterministic.  ERR_LIMIT when the whole
 * is longer than SIGN_MAX. */
int sign_make(struct sig *out, const struct seckey *key, const char *domain,
	      const void *p, size_t n);

/* sign_check: 0 when sig is key's signature of domain || 00 || p, else
 * ERR_SIGNATURE (ERR_LIMIT when too long). */
int sign_check(const struct sig *sig, const struct pubkey *key,
	       const char *domain, const void *p, size_t n);

/* sign_text, sign_text_check: the same over bare text, for formats that are
 * not ours (C2SP notes).  The text holds no NUL, else ERR_FORMAT, so it never
 * passes for domain || 00 || message. */
int sign_text(struct sig *out, const struct seckey *key, const char *text,
	      size_t n);
int sign_text_check(const struct sig *sig, const struct pubkey *key,
		    const char *text, size_t n);

/* pubkey_can_sign: is it a key that a signature may be by: a point of the large
 * group, in its one encoding?  Most strings of 32 bytes are not. */
bool pubkey_can_sign(const struct pubkey *a);

/* pubkey_cmp: order of bytes; pubkey_eq: the same key; pubkey_is_zero. */
int pubkey_cmp(const struct pubkey *a, const struct pubkey *b);
bool pubkey_eq(const struct pubkey *a, const struct pubkey *b);
bool pubkey_is_zero(const struct pubkey *a);

#endif
