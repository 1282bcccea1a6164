#include "node/import/csv.h"

#include "crypto/err.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a sound row holds, put again, is the same row. */
static void put_again(const struct csv *c)
{
	char *out = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&out, &n);
	struct csv again;

	if (file == NULL)
		abort();
	for (size_t i = 0; i < c->n; i++) {
		if (i > 0)
			putc(c->delimiter, file);
		csv_put(file, c->field[i].text, c->field[i].n, c->delimiter);
	}
	/* A row of one empty field is an empty line, and no row. */
	if (fclose(file) != 0 || out == NULL)
		abort();
	if (n > 0) {
		if (csv_bytes(&again, out, n, c->delimiter, CODEPAGE_1252))
			abort();
		again.encoding = CODEPAGE_UTF8;
		assert(csv_next(&again) == 0);
		assert(again.n == c->n);
		for (size_t i = 0; i < c->n; i++)
			assert(!strcmp(again.field[i].text, c->field[i].text));
		assert(csv_next(&again) == ERR_NOT_FOUND);
		csv_close(&again);
	}
	free(out);
}

/* The first byte chooses delimiter and encoding. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char delimiter[] = { '\0', ',', ';', '\t' };
	uint64_t line = 0;
	struct csv c;
	int err;

	if (n == 0)
		return 0;
	if (csv_bytes(&c, p + 1, n - 1, delimiter[p[0] % 4],
		      p[0] & 4 ? CODEPAGE_1252 : CODEPAGE_UTF8) != 0)
		abort();
	while ((err = csv_next(&c)) != ERR_NOT_FOUND) {
		assert(err == 0 || err == ERR_FORMAT);
		assert(c.line > line);
		assert((err == 0) == (c.n > 0));
		assert(c.raw_n > 0 && c.raw_n <= CSV_ROW);
		line = c.line;
		for (size_t i = 0; i < c.n; i++)
			assert(strlen(c.field[i].text) == c.field[i].n);
		if (err == 0)
			put_again(&c);
	}
	csv_close(&c);
	return 0;
}
