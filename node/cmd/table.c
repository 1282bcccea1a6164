#include "node/cmd/table.h"

#include "crypto/err.h"
#include "node/text/escape.h"
#include "node/text/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *t, const char *align)
{
	*t = (struct table){ .columns = strlen(align), .align = align };
}

/* Room for one more cell. */
static int grow(struct table *t)
{
	size_t max = t->max == 0 ? 64 : 2 * t->max;
	char **cell;

	if (t->n < t->max)
		return 0;
	cell = realloc(t->cell, max * sizeof(*cell));
	if (cell == NULL)
		return ERR_NOMEM;
	t->cell = cell;
	t->max = max;
	return 0;
}

void table_put(struct table *t, const char *text)
{
	size_t n = TEXT_SAFE_SIZE(strlen(text));
	char *copy;

	if (t->err == 0)
		t->err = grow(t);
	if (t->err != 0)
		return;
	copy = malloc(n);
	if (copy == NULL) {
		t->err = ERR_NOMEM;
		return;
	}
	t->cell[t->n++] = text_safe(copy, n, text, strlen(text));
}

void table_number(struct table *t, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	table_put(t, text);
}

static void pad(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fputc(' ', file);
}

static void print_row(const struct table *t, const size_t *width,
		      char *const *cell, FILE *file)
{
	size_t blanks = 0;

	for (size_t c = 0; c < t->columns; c++) {
		size_t rest = width[c] - text_columns(cell[c]);

		/* Blanks that nothing follows are not printed. */
		if (cell[c][0] == '\0') {
			blanks += width[c] + 2;
			continue;
		}
		pad(file, blanks + (t->align[c] == 'r' ? rest : 0));
		fputs(cell[c], file);
		blanks = 2 + (t->align[c] == 'r' ? 0 : rest);
	}
	fputc('\n', file);
}

int table_print(struct table *t, FILE *file)
{
	size_t width[TABLE_COLUMNS] = { 0 };
	int err = t->err;

	for (size_t i = 0; i < t->n; i++) {
		size_t w = text_columns(t->cell[i]);

		if (w > width[i % t->columns])
			width[i % t->columns] = w;
	}
	for (size_t i = 0; err == 0 && i + t->columns <= t->n; i += t->columns)
		print_row(t, width, t->cell + i, file);
	for (size_t i = 0; i < t->n; i++)
		free(t->cell[i]);
	free(t->cell);
	*t = (struct table){ .columns = t->columns, .align = t->align };
	if (err == 0)
		return EXIT_DONE;
	say_error("%s", err_reason(err));
	return exit_of(err);
}
