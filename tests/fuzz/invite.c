#include "proto/invite.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* A link with a check that is read is the link of what was read. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char again[INVITE_SIZE];
	struct invite inv;

	if (invite_decode(&inv, (const char *)p, n) != 0)
		return 0;
	assert(inv.addresses_n >= 1 && inv.addresses_n <= LIMIT_ADDRESSES);
	if (memcmp(p, "maillon:1:", 10) == 0)
		return 0;
	assert(invite_encode(again, &inv) == 0);
	assert(strlen(again) == n && memcmp(again, p, n) == 0);
	return 0;
}
