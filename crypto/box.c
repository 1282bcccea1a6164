#include "crypto/box.h"

#include "crypto/err.h"

#include <sodium.h>

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };

_Static_assert(BOX_EXTRA == NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "BOX_EXTRA");
_Static_assert(sizeof(struct secret) ==
		       crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	       "struct secret");

void box_make(uint8_t *out, const void *p, size_t n, const void *with,
	      size_t with_n, const struct secret *key)
{
	randombytes_buf(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + NONCE, NULL, p, n, with, with_n, NULL, out, key->b);
}

int box_open(uint8_t *out, const uint8_t *p, size_t n, const void *with,
	     size_t with_n, const struct secret *key)
{
	if (n < BOX_EXTRA || crypto_aead_xchacha20poly1305_ietf_decrypt(
				     out, NULL, NULL, p + NONCE, n - NONCE,
				     with, with_n, p, key->b) != 0)
		return ERR_SIGNATURE;
	return 0;
}
