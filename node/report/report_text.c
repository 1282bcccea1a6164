#include "node/cmd/table.h"
#include "node/report/report.h"
#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "node/text/screen.h"

#include "crypto/err.h"

#include <string.h>

enum { BAR = 20, TERMINAL = 80 }; /* columns */

static void title(FILE *file, const char *text, bool has_color, char line)
{
	fprintf(file, has_color ? "\033[1m%s\033[0m\n" : "%s\n", text);
	for (size_t i = text_columns(text); !has_color && i > 0; i--)
		fputc(line, file);
	if (!has_color)
		fputc('\n', file);
}

/* A bar in eighths of a column, or of signs that every terminal has. */
static void bar(char out[static 4 * BAR], int64_t value, int64_t scale,
		bool has_color)
{
	static const char *const part[] = { "",
					    "\xe2\x96\x8f",
					    "\xe2\x96\x8e",
					    "\xe2\x96\x8d",
					    "\xe2\x96\x8c",
					    "\xe2\x96\x8b",
					    "\xe2\x96\x8a",
					    "\xe2\x96\x89",
					    "\xe2\x96\x88" };
	/* A long double holds both without wrapping; only the eye sees it. */
	long double share =
		value <= 0 ? 0 : (long double)value / (long double)scale;
	unsigned eighths = (unsigned)(share * BAR * 8);
	size_t n = 0;

	if (value > 0 && eighths == 0)
		eighths = 1;
	for (; eighths > 0; eighths -= eighths < 8 ? eighths : 8) {
		const char *p =
			has_color ? part[eighths < 8 ? eighths : 8] : "#";

		memcpy(out + n, p, strlen(p));
		n += strlen(p);
	}
	out[n] = '\0';
}

/* The rows of a section, with bars behind them if scale is not 0. */
static void fill(struct table *t, const struct section *s, int64_t scale,
		 size_t drawn, bool has_color)
{
	char buf[CELL_SIZE], bars[4 * BAR];

	for (size_t c = 0; c < s->columns_n; c++)
		table_put(t, _(s->columns[c].title));
	if (scale > 0)
		table_put(t, "");
	for (size_t i = 0; i < section_rows(s); i++) {
		const struct cell *row = s->cell + i * s->columns_n;

		for (size_t c = 0; c < s->columns_n; c++)
			table_put(t, cell_text(&row[c], buf));
		if (scale == 0)
			continue;
		bar(bars, row[drawn].n, scale, has_color);
		table_put(t, bars);
	}
}

static int print_table(const struct section *s, FILE *file, bool has_color)
{
	char align[REPORT_COLUMNS + 2];
	size_t drawn, c;
	int64_t scale = section_scale(s, &drawn);
	struct table t;

	for (c = 0; c < s->columns_n; c++)
		align[c] = s->columns[c].align;
	align[c] = scale > 0 ? 'l' : '\0';
	align[c + 1] = '\0';
	table_init(&t, align);
	fill(&t, s, scale, drawn, has_color);
	/* What bars show stands in the table, too. */
	if (scale > 0 && table_width(&t) > TERMINAL) {
		table_drop(&t);
		align[c] = '\0';
		table_init(&t, align);
		fill(&t, s, 0, drawn, has_color);
	}
	table_fit(&t, TERMINAL);
	return table_print(&t, file);
}

static int print_facts(const struct section *s, FILE *file)
{
	char buf[CELL_SIZE];
	struct table t;

	table_init(&t, "ll");
	for (size_t c = 0; c < s->n; c++) {
		if (s->cell[c].type == CELL_NONE)
			continue;
		table_put(&t, _(s->columns[c].title));
		table_put(&t, cell_text(&s->cell[c], buf));
	}
	table_fit(&t, TERMINAL);
	return table_print(&t, file);
}

int report_text(const struct report *r, FILE *file, bool has_color)
{
	int code = EXIT_DONE;

	title(file, _(r->title), has_color, '=');
	for (size_t i = 0; i < r->n && code == EXIT_DONE; i++) {
		const struct section *s = &r->section[i];

		fputc('\n', file);
		title(file, _(s->title), has_color, '-');
		if (s->is_facts)
			code = print_facts(s, file);
		else if (section_rows(s) == 0)
			fprintf(file, "%s\n", _(s->none));
		else
			code = print_table(s, file, has_color);
		if (s->note != NULL)
			screen_fold(file, _(s->note), 0, 0, TERMINAL);
	}
	return code;
}
