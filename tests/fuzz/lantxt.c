#include "node/net/lantxt.h"

#include "proto/form.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

static const struct id network = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

/* The strings as in a TXT record: each after a byte that says how long it is.
 * What is read as a hint, put again, reads the same. */
static void fuzz_strings(const uint8_t *p, size_t n)
{
	char text[LANTXT_STRINGS][LANTXT_STRING];
	struct lantxt t, again;

	lantxt_init(&t);
	while (n > 0 && p[0] <= n - 1) {
		size_t size = p[0];

		lantxt_add(&t, p + 1, size);
		p += 1 + size;
		n -= 1 + size;
	}
	if (!lantxt_is_of(&t, &network))
		return;
	lantxt_put(text, &network, &t.key);
	lantxt_init(&again);
	for (size_t i = 0; i < LANTXT_STRINGS; i++)
		lantxt_add(&again, text[i], strlen(text[i]));
	assert(lantxt_is_of(&again, &network));
	assert(memcmp(&again.key, &t.key, sizeof(t.key)) == 0);
}

static void fuzz_address(const uint8_t *p, size_t n)
{
	char host[64], out[LIMIT_ADDRESS + 1];

	if (n >= sizeof(host))
		return;
	memcpy(host, p, n);
	host[n] = '\0';
	if (lantxt_address(out, host, 4787) == 0)
		assert(address_is_valid(out, strlen(out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_strings(p, n);
	fuzz_address(p, n);
	return 0;
}
