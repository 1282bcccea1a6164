#include "node/report/report.h"

#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <string.h>

/*
 * One page that needs nothing else: no script, no font, no picture, and a
 * policy that would keep a browser from fetching any.  Each cell is a block of
 * its own, so letters that run from right to left stay inside of it.
 */

static const char style[] =
	"body{font:15px/1.4 system-ui,sans-serif;color:#1a1a1a;"
	"background:#fff;max-width:60em;margin:2em auto;padding:0 1em}"
	"h1{font-size:1.6em;margin:0 0 .5em;border-bottom:3px solid #2a6f4e}"
	"h2{font-size:1.1em;margin:1.6em 0 .4em;color:#2a6f4e}"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
	"th,td{padding:.2em .8em .2em 0;text-align:left;vertical-align:top;"
	"unicode-bidi:isolate;overflow-wrap:anywhere}"
	"thead th{border-bottom:1px solid #888;font-weight:600;"
	"overflow-wrap:normal}"
	"tbody tr{border-bottom:1px solid #e4e4e4}"
	".r{text-align:right}.k{white-space:nowrap}"
	".h{font:.8em/1.7 ui-monospace,monospace}"
	"dl{display:grid;grid-template-columns:max-content 1fr;"
	"gap:.1em 1em;margin:0}dt{color:#555}dd{margin:0;"
	"overflow-wrap:anywhere;unicode-bidi:isolate}"
	".b{width:10em}.b i{display:block;height:.9em;margin-top:.25em;"
	"background:#2a6f4e;print-color-adjust:exact;"
	"-webkit-print-color-adjust:exact}"
	".n{color:#555;font-size:.9em;max-width:46em}"
	"@media print{body{margin:0;max-width:none;font-size:10pt}"
	"h2{break-after:avoid}tr{break-inside:avoid}"
	"thead{display:table-header-group}}"
	"@page{margin:15mm}";

static void put_escaped(FILE *file, const char *text)
{
	html_text(file, text, strlen(text));
}

static void put_cell(FILE *file, const struct cell *c)
{
	char buf[CELL_SIZE];

	put_escaped(file, cell_text(c, buf));
}

static void put_bar(FILE *file, int64_t value, int64_t scale)
{
	long double share =
		value <= 0 ? 0 : 100 * (long double)value / (long double)scale;

	fprintf(file, "<td class=\"b\"><i style=\"width:%u%%\"></i></td>",
		(unsigned)share);
}

static const char *class_of(const struct heading *c)
{
	return c->align == 'r' ? " class=\"r\"" : "";
}

/* Short texts stay on one line, digests are small. */
static void put_td(FILE *file, const struct heading *h, const struct cell *c)
{
	char buf[CELL_SIZE];
	const char *text = cell_text(c, buf);
	size_t n = strlen(text);

	fprintf(file, "<td class=\"%s%s\">", h->align == 'r' ? "r" : "",
		n <= 32                                 ? " k"
		: strspn(text, "0123456789abcdef") == n ? " h"
							: "");
}

static void put_table(FILE *file, const struct section *s)
{
	size_t drawn, rows = section_rows(s);
	int64_t scale = section_scale(s, &drawn);

	fputs("<table>\n<thead><tr>", file);
	for (size_t c = 0; c < s->columns_n; c++) {
		fprintf(file, "<th%s>", class_of(&s->columns[c]));
		put_escaped(file, _(s->columns[c].title));
		fputs("</th>", file);
	}
	fputs(scale > 0 ? "<th></th></tr></thead>\n<tbody>\n"
			: "</tr></thead>\n<tbody>\n",
	      file);
	for (size_t i = 0; i < rows; i++) {
		const struct cell *row = s->cell + i * s->columns_n;

		fputs("<tr>", file);
		for (size_t c = 0; c < s->columns_n; c++) {
			put_td(file, &s->columns[c], &row[c]);
			put_cell(file, &row[c]);
			fputs("</td>", file);
		}
		if (scale > 0)
			put_bar(file, row[drawn].n, scale);
		fputs("</tr>\n", file);
	}
	fputs("</tbody>\n</table>\n", file);
}

static void put_facts(FILE *file, const struct section *s)
{
	fputs("<dl>\n", file);
	for (size_t c = 0; c < s->n; c++) {
		if (s->cell[c].type == CELL_NONE)
			continue;
		fputs("<dt>", file);
		put_escaped(file, _(s->columns[c].title));
		fputs("</dt><dd>", file);
		put_cell(file, &s->cell[c]);
		fputs("</dd>\n", file);
	}
	fputs("</dl>\n", file);
}

static void put_section(FILE *file, const struct section *s)
{
	fputs("<section>\n<h2>", file);
	put_escaped(file, _(s->title));
	fputs("</h2>\n", file);
	if (s->is_facts) {
		put_facts(file, s);
	} else if (section_rows(s) == 0) {
		fputs("<p>", file);
		put_escaped(file, _(s->none));
		fputs("</p>\n", file);
	} else {
		put_table(file, s);
	}
	if (s->note != NULL) {
		fputs("<p class=\"n\">", file);
		put_escaped(file, _(s->note));
		fputs("</p>\n", file);
	}
	fputs("</section>\n", file);
}

int report_html(const struct report *r, FILE *file)
{
	/* TRANSLATORS: the code of your language, as HTML writes it. */
	fprintf(file,
		"<!DOCTYPE html>\n<html lang=\"%s\" dir=\"ltr\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<title>",
		_("en"));
	put_escaped(file, _(r->title));
	fprintf(file, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>",
		style);
	put_escaped(file, _(r->title));
	fputs("</h1>\n", file);
	for (size_t i = 0; i < r->n; i++)
		put_section(file, &r->section[i]);
	fputs("</body>\n</html>\n", file);
	return ferror(file) ? EXIT_IO : EXIT_DONE;
}
