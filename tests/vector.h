#ifndef TESTS_VECTOR_H
#define TESTS_VECTOR_H

#include "crypto/bytes.h"
#include "tests/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * vector -- read the blocks of "key value" lines in tests/vectors/
 * (tests/vectors/README.md).  Whatever is not as it should be fails the test.
 */

enum { VECTOR_LINES = 16, VECTOR_LINE = 4096 };

struct vector {
	FILE *f;
	size_t n;
	char line[VECTOR_LINES][VECTOR_LINE];
};

static inline void vector_open(struct vector *v, const char *path)
{
	v->f = fopen(path, "r");
	v->n = 0;
	assert_non_null(v->f);
}

/* The next block; false, and the file is closed, after the last. */
static inline bool vector_next(struct vector *v)
{
	char line[VECTOR_LINE];

	v->n = 0;
	while (fgets(line, sizeof(line), v->f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (line[0] == '\0' && v->n > 0)
			return true;
		if (line[0] == '\0')
			continue;
		assert_true(v->n < VECTOR_LINES);
		memcpy(v->line[v->n++], line, strlen(line) + 1);
	}
	if (v->n == 0)
		fclose(v->f);
	return v->n > 0;
}

/* The value of a key, which must be there. */
static inline const char *vector_text(const struct vector *v, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < v->n; i++)
		if (strncmp(v->line[i], key, len) == 0 &&
		    v->line[i][len] == ' ')
			return v->line[i] + len + 1;
	fail_msg("%s: no %s", v->line[0], key);
	return "";
}

static inline uint64_t vector_uint(const struct vector *v, const char *key)
{
	return strtoull(vector_text(v, key), NULL, 10);
}

/* Bytes written as hex, at most max of them; their count. */
static inline size_t vector_hex(const struct vector *v, const char *key,
				void *out, size_t max)
{
	const char *hex = vector_text(v, key);
	size_t n = strlen(hex) / 2;

	assert_true(n <= max);
	assert_int_equal(hex_decode(out, n, hex, strlen(hex)), 0);
	return n;
}

/* The block of this name in a file. */
static inline void vector_find(struct vector *v, const char *path,
			       const char *name)
{
	vector_open(v, path);
	while (vector_next(v))
		if (strcmp(vector_text(v, "name"), name) == 0) {
			fclose(v->f);
			return;
		}
	fail_msg("%s: no %s", path, name);
}

#endif
