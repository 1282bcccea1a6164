#include "node/report/report.h"

#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <string.h>

/*
 * For the spreadsheets of Europe: semicolons, decimal commas, a byte order mark
 * so that they take it for UTF-8, lines that end with CR LF.  Sections follow
 * one another with an empty line between.
 */

static void put_cell(const struct cell *c, FILE *file)
{
	char buf[CELL_SIZE];
	const char *text = cell_text(c, buf);

	switch (c->type) {
	case CELL_MONEY:
		for (; *text != '\0'; text++)
			fputc(*text == '.' ? ',' : *text, file);
		break;
	case CELL_COUNT:
	case CELL_NONE:
	case CELL_TIME:
	case CELL_DAY:
		fputs(text, file);
		break;
	case CELL_TEXT:
	case CELL_WORD:
		csv_text(file, text, strlen(text));
		break;
	}
}

static void put_line(const char *text, FILE *file)
{
	csv_text(file, text, strlen(text));
	fputs("\r\n", file);
}

static void put_table(const struct section *s, FILE *file)
{
	for (size_t c = 0; c < s->columns_n; c++) {
		const char *text = _(s->columns[c].title);

		csv_text(file, text, strlen(text));
		fputs(c + 1 < s->columns_n ? ";" : "\r\n", file);
	}
	for (size_t i = 0; i < section_rows(s) * s->columns_n; i++) {
		put_cell(&s->cell[i], file);
		fputs((i + 1) % s->columns_n != 0 ? ";" : "\r\n", file);
	}
}

static void put_facts(const struct section *s, FILE *file)
{
	for (size_t c = 0; c < s->n; c++) {
		const char *text = _(s->columns[c].title);

		csv_text(file, text, strlen(text));
		fputc(';', file);
		put_cell(&s->cell[c], file);
		fputs("\r\n", file);
	}
}

int report_csv(const struct report *r, FILE *file)
{
	fputs("\xef\xbb\xbf", file);
	put_line(_(r->title), file);
	for (size_t i = 0; i < r->n; i++) {
		const struct section *s = &r->section[i];

		fputs("\r\n", file);
		put_line(_(s->title), file);
		if (s->is_facts)
			put_facts(s, file);
		else if (section_rows(s) == 0)
			put_line(_(s->none), file);
		else
			put_table(s, file);
		if (s->note != NULL)
			put_line(_(s->note), file);
	}
	return ferror(file) ? EXIT_IO : EXIT_DONE;
}
