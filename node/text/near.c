#include "node/text/near.h"

#include <stdio.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters have to be changed, added or dropped. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NEAR_WORD];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		unsigned before = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned same = lower(a[i - 1]) == lower(b[j - 1]);
			unsigned best = before + (same ? 0 : 1);

			before = row[j];
			best = least(best, row[j] + 1);
			row[j] = least(best, row[j - 1] + 1);
		}
	}
	return row[n];
}

void near_init(struct near *near, const char *word)
{
	near->word = word;
	near->n = 0;
}

void near_offer(struct near *near, const char *word)
{
	size_t n = strlen(word), typed = strlen(near->word);
	unsigned d, i;

	if (n >= NEAR_WORD || typed >= NEAR_WORD)
		return;
	d = distance(near->word, word);
	/* Two letters of five may be wrong, and one always may. */
	if (d > 1 && 5 * d > 2 * typed)
		return;
	for (i = 0; i < near->n && near->distance[i] <= d; i++)
		if (strcmp(near->best[i], word) == 0)
			return;
	if (i == NEAR_MAX)
		return;
	if (near->n < NEAR_MAX)
		near->n++;
	for (size_t j = near->n - 1; j > i; j--) {
		memcpy(near->best[j], near->best[j - 1], NEAR_WORD);
		near->distance[j] = near->distance[j - 1];
	}
	memcpy(near->best[i], word, n + 1);
	near->distance[i] = d;
}

void near_text(const struct near *near, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < near->n; i++) {
		int put = snprintf(out + at, size - at, "%s%s",
				   i == 0 ? "" : ", ", near->best[i]);

		if (put < 0 || (size_t)put >= size - at)
			return;
		at += (size_t)put;
	}
}
