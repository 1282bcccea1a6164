#include "crypto/curve.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_box_PUBLICKEYBYTES == sizeof(struct curvekey), "X25519");
_Static_assert(crypto_box_SECRETKEYBYTES == 32, "X25519");

void curvepair_generate(struct curvepair *out)
{
	crypto_box_keypair(out->pub.b, out->secret);
}

void curvepair_from_secret(struct curvepair *out,
			   const uint8_t secret[static 32])
{
	memmove(out->secret, secret, sizeof(out->secret));
	crypto_scalarmult_base(out->pub.b, out->secret);
}
