#include "crypto/bytes.h"

#include "crypto/text.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

enum { MOST = 64 };

/* Every text form of crypto/bytes.h, and UTF-8. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p;
	char again[B64_SIZE(MOST) + HEX_SIZE(MOST)];
	uint8_t out[MOST];
	size_t size, used;
	uint32_t cp;
	uint64_t v;

	if (n <= 2 * MOST && hex_decode(out, n / 2, text, n) == 0) {
		hex_encode(again, out, n / 2);
		assert(memcmp(again, text, n) == 0);
	}
	if (b64_decode(out, sizeof(out), &size, text, n) == 0) {
		b64_encode(again, out, size);
		assert(strlen(again) == n && memcmp(again, text, n) == 0);
	}
	if (b64url_decode(out, sizeof(out), &size, text, n) == 0) {
		b64url_encode(again, out, size);
		assert(strlen(again) == n && memcmp(again, text, n) == 0);
	}
	if (dec_decode(&v, UINT64_MAX, text, n) == 0) {
		assert(dec_encode(again, v) == n);
		assert(memcmp(again, text, n) == 0);
	}
	for (size_t i = 0; i < n; i += used) {
		used = utf8_step(&cp, p + i, n - i);
		if (used == 0)
			break;
		assert(used <= n - i && cp <= 0x10ffff);
	}
	return 0;
}
