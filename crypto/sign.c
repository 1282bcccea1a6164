#include "crypto/sign.h"

#include "crypto/err.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(crypto_sign_PUBLICKEYBYTES == KEY_SIZE, "RFC 8032");
_Static_assert(crypto_sign_BYTES == SIG_SIZE, "RFC 8032");
_Static_assert(crypto_sign_SEEDBYTES == SEED_SIZE, "RFC 8032");

/* libsodium's form: the seed, then the public key. */
struct seckey {
	uint8_t b[crypto_sign_SECRETKEYBYTES];
};

int crypto_start(void)
{
	return sodium_init() < 0 ? ERR_IO : 0;
}

int seckey_from_seed(struct seckey **out, const uint8_t seed[static SEED_SIZE])
{
	struct seckey *key = sodium_malloc(sizeof(*key));
	struct pubkey pub;

	if (key == NULL)
		return ERR_NOMEM;
	crypto_sign_seed_keypair(pub.b, key->b, seed);
	/* From now on only sodium_free writes here; where the system cannot
	 * protect memory the key works all the same. */
	sodium_mprotect_readonly(key);
	*out = key;
	return 0;
}

int seckey_generate(struct seckey **out)
{
	uint8_t seed[SEED_SIZE];
	int err;

	randombytes_buf(seed, sizeof(seed));
	err = seckey_from_seed(out, seed);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

void seckey_seed(const struct seckey *key, uint8_t seed[static SEED_SIZE])
{
	crypto_sign_ed25519_sk_to_seed(seed, key->b);
}

struct pubkey seckey_pub(const struct seckey *key)
{
	struct pubkey pub;

	crypto_sign_ed25519_sk_to_pk(pub.b, key->b);
	return pub;
}

void seckey_close(struct seckey *key)
{
	sodium_free(key);
}

/* Ed25519 hashes the message twice and libsodium wants it in one piece, so
 * it is joined to its domain first.  No longer than SIGN_MAX, therefore on
 * the stack: signing and checking never allocate. */
static int join(uint8_t buf[static SIGN_MAX], size_t *total, const char *domain,
		const void *p, size_t n)
{
	size_t head = strlen(domain) + 1;

	assert(head <= SIGN_DOMAIN_MAX + 1);
	if (n > SIGN_MAX - head)
		return ERR_LIMIT;
	memcpy(buf, domain, head);
	if (n > 0)
		memcpy(buf + head, p, n);
	*total = head + n;
	return 0;
}

int sign_make(struct sig *out, const struct seckey *key, const char *domain,
	      const void *p, size_t n)
{
	uint8_t buf[SIGN_MAX];
	size_t total;
	int err = join(buf, &total, domain, p, n);

	if (err != 0)
		return err;
	crypto_sign_detached(out->b, NULL, buf, total, key->b);
	return 0;
}

static int check(const struct sig *sig, const struct pubkey *key, const void *p,
		 size_t n)
{
	int rc = crypto_sign_verify_detached(sig->b, p, n, key->b);

	return rc == 0 ? 0 : ERR_SIGNATURE;
}

int sign_check(const struct sig *sig, const struct pubkey *key,
	       const char *domain, const void *p, size_t n)
{
	uint8_t buf[SIGN_MAX];
	size_t total;
	int err = join(buf, &total, domain, p, n);

	return err != 0 ? err : check(sig, key, buf, total);
}

static int check_text(const char *text, size_t n)
{
	if (n > SIGN_MAX)
		return ERR_LIMIT;
	return n > 0 && memchr(text, 0, n) != NULL ? ERR_FORMAT : 0;
}

int sign_text(struct sig *out, const struct seckey *key, const char *text,
	      size_t n)
{
	int err = check_text(text, n);

	if (err != 0)
		return err;
	crypto_sign_detached(out->b, NULL, (const uint8_t *)text, n, key->b);
	return 0;
}

int sign_text_check(const struct sig *sig, const struct pubkey *key,
		    const char *text, size_t n)
{
	int err = check_text(text, n);

	return err != 0 ? err : check(sig, key, text, n);
}

int pubkey_cmp(const struct pubkey *a, const struct pubkey *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool pubkey_eq(const struct pubkey *a, const struct pubkey *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool pubkey_can_sign(const struct pubkey *a)
{
	return crypto_core_ed25519_is_valid_point(a->b) == 1;
}

bool pubkey_is_zero(const struct pubkey *a)
{
	return sodium_is_zero(a->b, sizeof(a->b)) == 1;
}
