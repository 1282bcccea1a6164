#include "crypto/seal.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
	OPS_AT = 0,
	MEM_AT = 4,
	SALT_AT = 8,
	NONCE_AT = 24,
	HEAD = 48,
	KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	USE_MAX = 32
};

_Static_assert(HEAD + TAG == SEAL_EXTRA, "as seal.h says");

/* What is sealed along: the head and the use. */
struct along {
	uint8_t b[HEAD + USE_MAX];
	size_t n;
};

static void fill(struct along *a, const uint8_t *head, const char *use)
{
	size_t n = strlen(use);

	assert(n <= USE_MAX);
	memcpy(a->b, head, HEAD);
	memcpy(a->b + HEAD, use, n);
	a->n = HEAD + n;
}

static int stretch(uint8_t key[static KEY], const uint8_t *head,
		   const char *passphrase)
{
	int rc = crypto_pwhash_argon2id(
		key, KEY, passphrase, strlen(passphrase), head + SALT_AT,
		be32_get(head + OPS_AT), (size_t)be32_get(head + MEM_AT) * 1024,
		crypto_pwhash_argon2id_ALG_ARGON2ID13);

	return rc == 0 ? 0 : ERR_NOMEM;
}

int seal_make(uint8_t *out, const void *p, size_t n, const char *use,
	      const char *passphrase)
{
	struct along a;
	uint8_t key[KEY];
	int err;

	be32_put(out + OPS_AT, KEYFILE_OPS);
	be32_put(out + MEM_AT, KEYFILE_MEM);
	randombytes_buf(out + SALT_AT, HEAD - SALT_AT);
	fill(&a, out, use);
	err = stretch(key, out, passphrase);
	if (err == 0)
		crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD, NULL, p,
							   n, a.b, a.n, NULL,
							   out + NONCE_AT, key);
	sodium_memzero(key, sizeof(key));
	return err;
}

int seal_open(uint8_t *out, const uint8_t *p, size_t n, const char *use,
	      const char *passphrase)
{
	uint32_t ops, mem;
	struct along a;
	uint8_t key[KEY];
	int err;

	if (n < SEAL_EXTRA)
		return ERR_SIGNATURE;
	ops = be32_get(p + OPS_AT);
	mem = be32_get(p + MEM_AT);
	if (ops < 1 || ops > KEYFILE_OPS_MAX || mem < KEYFILE_MEM_MIN ||
	    mem > KEYFILE_MEM_MAX)
		return ERR_SIGNATURE;
	fill(&a, p, use);
	err = stretch(key, p, passphrase);
	if (err == 0 && crypto_aead_xchacha20poly1305_ietf_decrypt(
				out, NULL, NULL, p + HEAD, n - HEAD, a.b, a.n,
				p + NONCE_AT, key) != 0)
		err = ERR_SIGNATURE;
	sodium_memzero(key, sizeof(key));
	return err;
}
