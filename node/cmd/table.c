#include "node/cmd/table.h"

#include "crypto/err.h"
#include "node/text/escape.h"
#include "node/text/say.h"
#include "node/text/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer words are broken where a table has to fit. */
enum { WORD = 16 };

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

/* How a table is laid out. */
struct layout {
	size_t width[TABLE_COLUMNS];
	size_t least[TABLE_COLUMNS];
	size_t gap;               /* blanks between two columns */
	size_t at[TABLE_COLUMNS]; /* the columns that are shown */
	size_t n;
};

static void widen(size_t *width, size_t w)
{
	if (w > *width)
		*width = w;
}

/* The longest word, as far as words are not broken. */
static size_t word_columns(const char *text)
{
	size_t most = 0, w = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			w = 0;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			widen(&most, ++w);
	}
	return most < WORD ? most : WORD;
}

static void measure(struct layout *l, const struct table *t)
{
	*l = (struct layout){ .gap = 2, .n = t->columns };
	for (size_t c = 0; c < t->columns; c++)
		l->at[c] = c;
	for (size_t i = 0; i < t->n; i++) {
		size_t c = i % t->columns, w = text_columns(t->cell[i]);
		bool is_number = t->align[c] == 'r' && i >= t->columns;

		widen(&l->width[c], w);
		widen(&l->least[c], is_number ? w : word_columns(t->cell[i]));
	}
}

static size_t total(const struct layout *l)
{
	size_t sum = 0;

	for (size_t k = 0; k < l->n; k++)
		sum += l->width[l->at[k]] + (k > 0 ? l->gap : 0);
	return sum;
}

/* Take from the widest column that can give, time and again; then from the
 * gaps. */
static void squeeze(struct layout *l, size_t limit)
{
	while (total(l) > limit) {
		size_t widest = TABLE_COLUMNS;

		for (size_t k = 0; k < l->n; k++) {
			size_t c = l->at[k];

			if (l->width[c] > l->least[c] &&
			    (widest == TABLE_COLUMNS ||
			     l->width[c] > l->width[widest]))
				widest = c;
		}
		if (widest < TABLE_COLUMNS)
			l->width[widest]--;
		else if (l->gap > 1)
			l->gap--;
		else
			break;
	}
}

size_t table_width(const struct table *t)
{
	struct layout l;

	measure(&l, t);
	return total(&l);
}

void table_fit(struct table *t, size_t columns)
{
	t->limit = columns;
}

/* One line of a row; what is left of its cells then is another. */
static bool print_line(const struct table *t, const struct layout *l,
		       const char *left[static TABLE_COLUMNS], FILE *file)
{
	size_t blanks = 0;
	bool is_more = false;

	for (size_t k = 0; k < l->n; k++) {
		size_t taken, rest, c = l->at[k];
		size_t n = text_fit(left[c], l->width[c], &taken);

		/* Blanks that nothing follows are not printed. */
		if (n == 0) {
			blanks += l->width[c] + l->gap;
			continue;
		}
		rest = l->width[c] - taken;
		pad(file, blanks + (t->align[c] == 'r' ? rest : 0));
		fwrite(left[c], 1, n, file);
		blanks = l->gap + (t->align[c] == 'r' ? 0 : rest);
		left[c] += n;
		left[c] += *left[c] == ' ';
		is_more |= *left[c] != '\0';
	}
	fputc('\n', file);
	return is_more;
}

static void print_row(const struct table *t, const struct layout *l,
		      char *const *cell, FILE *file)
{
	const char *left[TABLE_COLUMNS];

	for (size_t c = 0; c < t->columns; c++)
		left[c] = cell[c];
	while (print_line(t, l, left, file))
		;
}

static void print_rows(const struct table *t, const struct layout *l,
		       FILE *file)
{
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		print_row(t, l, t->cell + i, file);
}

/* The table in parts, one below the other: as many columns as fit beside the
 * first ones, which say what a row is about. */
static void print_parts(const struct table *t, size_t keys, FILE *file)
{
	struct layout l;

	measure(&l, t);
	l.n = keys;
	squeeze(&l, t->limit / 2);
	l.gap = 2;
	for (size_t c = keys; c < t->columns;) {
		if (c > keys)
			fputc('\n', file);
		l.n = keys;
		do
			l.at[l.n++] = c++;
		while (c < t->columns &&
		       total(&l) + l.gap + l.width[c] <= t->limit);
		/* A digest may be wider than what is left on its own. */
		squeeze(&l, t->limit);
		print_rows(t, &l, file);
	}
}

void table_drop(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cell[i]);
	free(t->cell);
	*t = (struct table){ .columns = t->columns, .align = t->align };
}

int table_print(struct table *t, FILE *file)
{
	struct layout l;
	size_t keys = strspn(t->align, "l");
	int err = t->err;

	measure(&l, t);
	if (t->limit == 0)
		t->limit = screen_columns(file);
	if (t->limit > 0)
		squeeze(&l, t->limit);
	if (err == 0 && t->limit > 0 && total(&l) > t->limit &&
	    keys < t->columns)
		print_parts(t, keys, file);
	else if (err == 0)
		print_rows(t, &l, file);
	table_drop(t);
	if (err == 0)
		return EXIT_DONE;
	say_error("%s", err_reason(err));
	return exit_of(err);
}
