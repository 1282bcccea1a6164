#include "proto/charter.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* A charter has one encoding, and its hash is the network id. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t again[LIMIT_CHARTER];
	struct id id, hash;
	struct charter c;
	size_t size;

	if (charter_decode(&c, p, n) != 0)
		return 0;
	assert(c.founders_n >= 1 && c.founders_n <= LIMIT_FOUNDERS);
	assert(charter_encode(again, &size, &c) == 0);
	assert(size == n && memcmp(again, p, n) == 0);
	assert(charter_id(&id, &c) == 0);
	hash = hash_id(p, n);
	assert(id_eq(&id, &hash));
	return 0;
}
