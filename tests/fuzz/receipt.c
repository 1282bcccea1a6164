#include "proto/attest/receipt.h"

#include "crypto/err.h"
#include "crypto/sign.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is read says who signed it, and is not believed for that. */
static void fuzz_receipt(const char *p, size_t n)
{
	enum receipt_part part = PART_NONE;
	struct receipt r;
	int err = receipt_read(&r, &part, p, n);

	assert((err == 0) == (part == PART_NONE) || err == ERR_NOMEM);
	if (err != 0)
		return;
	assert(entry_verify(&r.entry) == 0);
	assert(r.proof.index < r.checkpoint.size);
	assert(r.opened_n <= RECEIPT_OPENED);
	receipt_release(&r);
}

/* A policy that is read wants something, and says so the same twice. */
static void fuzz_policy(const char *p, size_t n)
{
	struct trust *t;
	unsigned line;
	bool *has;

	if (trust_decode(&t, p, n, &line) != 0)
		return;
	assert(line == 0);
	has = calloc(trust_witnesses(t) + 1, sizeof(*has));
	assert(has != NULL);
	(void)trust_is_met(t, has);
	for (size_t i = 0; i < trust_witnesses(t); i++)
		has[i] = trust_witness(t, i)->name[0] != '\0';
	(void)trust_is_met(t, has);
	free(has);
	trust_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (crypto_start() != 0)
		abort();
	fuzz_receipt((const char *)p, n);
	fuzz_policy((const char *)p, n);
	return 0;
}
