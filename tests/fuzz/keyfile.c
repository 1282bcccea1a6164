#include "crypto/keyfile.h"

#include "crypto/err.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* A key file in the clear comes back the same; a sealed one is only parsed,
 * since opening one takes as long as a person should wait. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char again[KEYFILE_MAX];
	uint8_t secret[KEYFILE_SECRET];
	size_t size;
	int err = keyfile_decode(secret, (const char *)p, n, "node", NULL);

	if (err == 0) {
		assert(keyfile_encode(again, &size, "node", secret, NULL) == 0);
		assert(size == n && memcmp(again, p, n) == 0);
	} else {
		assert(err == ERR_FORMAT || err == ERR_LIMIT ||
		       err == ERR_STATE);
	}
	return 0;
}
