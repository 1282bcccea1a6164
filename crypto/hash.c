#include "crypto/hash.h"

#include "crypto/err.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(crypto_generichash_state) <=
		       sizeof(((struct hasher *)NULL)->state),
	       "libsodium's hash state fits into struct hasher");
_Static_assert(_Alignof(crypto_generichash_state) <= _Alignof(struct hasher),
	       "libsodium's hash state is aligned inside struct hasher");

static crypto_generichash_state *state(struct hasher *h)
{
	return (crypto_generichash_state *)(void *)h->state;
}

struct id hash_id(const void *p, size_t n)
{
	struct id id;

	crypto_generichash(id.b, sizeof(id.b), p, n, NULL, 0);
	return id;
}

void hasher_init(struct hasher *h)
{
	crypto_generichash_init(state(h), NULL, 0, ID_SIZE);
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
	crypto_generichash_update(state(h), p, n);
}

struct id hasher_id(struct hasher *h)
{
	struct id id;

	crypto_generichash_final(state(h), id.b, sizeof(id.b));
	return id;
}

/* BLAKE2b of out_n bytes, keyed, over domain || 00 || p. */
static void keyed(uint8_t *out, size_t out_n, const struct secret *secret,
		  const char *domain, const void *p, size_t n)
{
	crypto_generichash_state st;
	int rc;

	rc = crypto_generichash_init(&st, secret->b, sizeof(secret->b), out_n);
	assert(rc == 0); /* it fails for impossible sizes only */
	crypto_generichash_update(&st, (const uint8_t *)domain,
				  strlen(domain) + 1);
	crypto_generichash_update(&st, p, n);
	crypto_generichash_final(&st, out, out_n);
	sodium_memzero(&st, sizeof(st));
}

struct tag hash_tag(const struct secret *secret, const char *domain,
		    const void *p, size_t n)
{
	struct tag tag;

	keyed(tag.b, sizeof(tag.b), secret, domain, p, n);
	return tag;
}

struct id hash_mac(const struct secret *secret, const char *domain,
		   const void *p, size_t n)
{
	struct id id;

	keyed(id.b, sizeof(id.b), secret, domain, p, n);
	return id;
}

struct sha hash_sha(const void *p, size_t n)
{
	struct sha sha;

	crypto_hash_sha256(sha.b, p, n);
	return sha;
}

int hash_sha_file(struct sha *out, const char *path)
{
	crypto_hash_sha256_state st;
	uint8_t buf[16384];
	ssize_t n;
	int err = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_from_errno(errno);
	crypto_hash_sha256_init(&st);
	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		crypto_hash_sha256_update(&st, buf, (size_t)n);
	}
	if (n < 0)
		err = ERR_IO;
	else
		crypto_hash_sha256_final(&st, out->b);
	close(fd);
	return err;
}

int id_cmp(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool id_eq(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool id_is_zero(const struct id *a)
{
	return sodium_is_zero(a->b, sizeof(a->b)) == 1;
}

bool sha_eq(const struct sha *a, const struct sha *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
