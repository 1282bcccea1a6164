#include "crypto/merkle.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* The first bytes are sizes, the rest a path: none that was not made from a
 * tree leads to the root of one. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct sha root = hash_sha("root", 4), leaf = hash_sha("leaf", 4);
	struct merkle_path path = { 0 };
	uint64_t a, b;

	if (n < 2 * sizeof(a))
		return 0;
	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + sizeof(a), sizeof(b));
	p += 2 * sizeof(a);
	n -= 2 * sizeof(a);
	path.n = n / sizeof(struct sha);
	if (path.n <= MERKLE_PATH_MAX)
		memcpy(path.hash, p, path.n * sizeof(struct sha));
	assert(merkle_check_inclusion(&path, a, b, &leaf, &root) != 0);
	assert(merkle_check_consistency(&path, a, &leaf, b, &root) != 0);
	return 0;
}
