#include "crypto/note.h"

#include "crypto/checkpoint.h"
#include "crypto/err.h"
#include "crypto/tlogproof.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* The pieces of a note lie in it, one after another, and make it up. */
static void fuzz_note(const char *p, size_t n)
{
	static const struct notekey key = { .name = "visieres.example" };
	struct checkpoint c;
	char again[CHECKPOINT_SIZE];
	struct note note;
	uint64_t time_s;
	size_t size;

	if (note_decode(&note, p, n) != 0)
		return;
	assert(note.text.p == p && note.text.p[note.text.n - 1] == '\n');
	size = note.text.n + 1;
	for (size_t i = 0; i < note.n; i++) {
		assert(note.sig[i].name.p == p + size + 4);
		size += 4 + note.sig[i].name.n + 1;
		assert(note.sig[i].blob.p == p + size);
		size += note.sig[i].blob.n + 1;
	}
	assert(size == n);
	assert(note_check(&note, &key) != 0);
	assert(note_check_cosign(&note, &time_s, &key) != 0);
	if (checkpoint_decode(&c, note.text.p, note.text.n) != 0)
		return;
	assert(checkpoint_encode(again, &size, &c) == 0);
	assert(size == note.text.n && memcmp(again, p, size) == 0);
}

static void fuzz_proof(const char *p, size_t n)
{
	static char again[TLOGPROOF_MAX];
	struct tlogproof proof;
	size_t size;

	if (tlogproof_decode(&proof, p, n) != 0)
		return;
	assert(tlogproof_encode(again, sizeof(again), &size, &proof) == 0);
	assert(size == n && memcmp(again, p, n) == 0);
	fuzz_note(proof.note.p, proof.note.n);
}

static void fuzz_key(const char *p, size_t n)
{
	char again[NOTEKEY_SIZE];
	struct notekey key;

	if (notekey_decode(&key, p, n) != 0)
		return;
	notekey_encode(again, &key);
	assert(strlen(again) == n && memcmp(again, p, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_note((const char *)p, n);
	fuzz_proof((const char *)p, n);
	fuzz_key((const char *)p, n);
	return 0;
}
