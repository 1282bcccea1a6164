#include "proto/bundle.h"

#include "crypto/err.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

static void put(struct bundle_writer *w, uint8_t *out, size_t *n,
		const struct bundle_record *rec)
{
	if (rec->type == BUNDLE_END)
		assert(bundle_put_end(w, out, n) == 0);
	else
		assert(bundle_put(w, out, n, rec->type, rec->body,
				  rec->body_n) == 0);
}

/* What is read of a file, written again, is what the file begins with. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t out[BUNDLE_ROOM];
	struct bundle_record rec;
	struct bundle_writer w;
	size_t at = 0, part;
	struct bundle b;

	if (bundle_open(&b, p, n) != 0)
		return 0;
	bundle_writer_init(&w);
	while (bundle_next(&b, &rec) == 0) {
		put(&w, out, &part, &rec);
		assert(part <= n - at && memcmp(out, p + at, part) == 0);
		at += part;
		assert(b.at == at && b.entries == w.entries);
	}
	assert(b.err != 0 && b.at <= n);
	assert(b.err != ERR_NOT_FOUND || at == n);
	return 0;
}
