#include "node/report/report.h"

#include "node/text/escape.h"

#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/* Everything that a label or a name could try on its reader. */
static const char hostile[] =
	"\x1b[2J=1;\"<script>alert(1)</script>\xe2\x80\xae"
	"\\\"]};\r\n--";

static const struct heading columns[] = {
	{ "name", "who", 'l', false },  { "word", "sort", 'l', false },
	{ "count", "qty", 'r', true },  { "money", "amount", 'r', false },
	{ "time", "date", 'l', false }, { "none", "nothing", 'l', false },
	{ NULL, NULL, 0, false },
};

static void put_row(struct report *r, const char *text, int64_t n)
{
	put_text(r, text);
	put_word(r, "mission");
	put_count(r, n);
	put_money(r, n, "EUR");
	put_time(r, 1585699200000);
	put_none(r);
}

static void make(struct report *r, const char *text)
{
	report_init(r, "test", "A report");
	report_facts(r, "about", "About", columns);
	put_row(r, text, 7);
	report_section(r, "rows", "Rows", columns, "none found")->note =
		"a <note>";
	put_row(r, text, 1250);
	put_row(r, "lea", -5);
	report_section(r, "empty", "Empty", columns, "none found");
	assert_int_equal(r->err, 0);
}

typedef int render(const struct report *r, FILE *file);

static int as_text(const struct report *r, FILE *file)
{
	return report_text(r, file, false);
}

static int as_color(const struct report *r, FILE *file)
{
	return report_text(r, file, true);
}

/* What a renderer makes of it; free it. */
static char *rendered(render *with, const char *text)
{
	struct report r;
	char *out = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&out, &n);

	assert_non_null(file);
	make(&r, text);
	assert_int_equal(with(&r, file), 0);
	assert_int_equal(fclose(file), 0);
	report_release(&r);
	return out;
}

static void has(const char *all, const char *part)
{
	if (strstr(all, part) == NULL)
		fail_msg("no %s in %s", part, all);
}

static void has_not(const char *all, const char *part)
{
	if (strstr(all, part) != NULL)
		fail_msg("%s in %s", part, all);
}

static void a_report_is_rows_of_json_in_a_fixed_order(void **state)
{
	char *out = rendered(report_json, "lea");

	(void)state;
	assert_string_equal(
		out,
		"{\"schema\":\"maillon.report/1\",\"report\":\"test\","
		"\"about\":{\"name\":\"lea\",\"word\":\"mission\",\"count\":7,"
		"\"money\":7,\"time\":\"2020-04-01T00:00:00Z\",\"none\":null},"
		"\"rows\":[{\"name\":\"lea\",\"word\":\"mission\","
		"\"count\":1250,\"money\":1250,"
		"\"time\":\"2020-04-01T00:00:00Z\",\"none\":null},"
		"{\"name\":\"lea\",\"word\":\"mission\",\"count\":-5,"
		"\"money\":-5,\"time\":\"2020-04-01T00:00:00Z\","
		"\"none\":null}],\"empty\":[]}\n");
	free(out);
}

static void a_spreadsheet_gets_semicolons_and_decimal_commas(void **state)
{
	char *out = rendered(report_csv, "lea");

	(void)state;
	assert_memory_equal(out, "\xef\xbb\xbf", 3);
	has(out, "\r\nwho;sort;qty;amount;date;nothing\r\n"
		 "lea;mission;1250;12,50;2020-04-01T00:00:00Z;\r\n"
		 "lea;mission;-5;-0,05;2020-04-01T00:00:00Z;\r\n");
	has(out, "\r\nEmpty\r\nnone found\r\n");
	for (const char *p = out; (p = strchr(p, '\n')) != NULL; p++)
		assert_int_equal(p[-1], '\r');
	free(out);
}

static void a_terminal_gets_columns_and_bars(void **state)
{
	char *plain = rendered(as_text, "lea"), *color;

	(void)state;
	has(plain, "Rows\n----\n");
	has(plain,
	    "who  sort      qty  amount  date                  nothing\n");
	has(plain, "lea  mission  1250   12.50  2020-04-01T00:00:00Z"
		   "           ####################\n");
	has(plain, "Empty\n-----\nnone found\n");
	has_not(plain, "\x1b");
	free(plain);
	color = rendered(as_color, "lea");
	has(color, "\x1b[1mRows\x1b[0m\n");
	has(color, "\xe2\x96\x88\xe2\x96\x88");
	free(color);
}

static void hostile_text_is_harmless_in_every_format(void **state)
{
	static render *const all[] = { as_text, report_json, report_csv,
				       report_html };
	static const char *const never[] = { "\x1b", "\xe2\x80\xae",
					     "<script>" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char *out = rendered(all[i], hostile);

		has_not(out, never[0]);
		if (all[i] != report_json)
			has_not(out, never[1]);
		if (all[i] == report_html)
			has_not(out, never[2]);
		free(out);
	}
}

static void a_formula_stays_text(void **state)
{
	char *out = rendered(report_csv, "=HYPERLINK(\"http://x\";\"y\")");

	(void)state;
	has(out, "\r\n\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\";mission;");
	free(out);
}

static void a_page_asks_for_nothing_from_outside(void **state)
{
	char *out = rendered(report_html, "http://example.org/<img src=x>");

	(void)state;
	has(out, "default-src 'none'");
	has(out, "@media print");
	has(out, "http://example.org/&lt;img src=x&gt;");
	has_not(out, "<img");
	has_not(out, "<script");
	has_not(out, "<link");
	has_not(out, "url(");
	has_not(out, "@import");
	free(out);
}

static void columns_stay_in_line_whatever_letters_a_name_has(void **state)
{
	/* 64 bytes each, the limit of a name: wide, accented, combining */
	static const char *const names[] = {
		"\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2"
		"\xe9\x9d\xa2"
		"\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2"
		"\xe9\x9d\xa2"
		"\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2"
		"\xe9\x9d\xa2"
		"\xe9\x9d\xa2\xe9\x9d\xa2\xe9\x9d\xa2x",
		"Visi\xc3\xa8res",
		"e\xcc\x80",
		"lea",
	};
	static const struct heading two[] = {
		{ "name", "who", 'l', false },
		{ "count", "qty", 'r', false },
		{ NULL, NULL, 0, false },
	};
	struct report r;
	char *out = NULL, *line, *rest;
	size_t n = 0, width = 0;
	FILE *file = open_memstream(&out, &n);

	(void)state;
	assert_non_null(file);
	report_init(&r, "test", "A report");
	report_section(&r, "rows", "Rows", two, "none");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		put_text(&r, names[i]);
		put_count(&r, 1);
	}
	assert_int_equal(report_text(&r, file, false), 0);
	fclose(file);
	/* All lines after the titles end in the same column. */
	line = strstr(out, "who ");
	assert_non_null(line);
	for (line = strtok_r(line, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (width == 0)
			width = text_columns(line);
		assert_int_equal(text_columns(line), width);
	}
	assert_int_equal(width, 43 + 2 + 3);
	free(out);
	report_release(&r);
}

/* Texts and digests go on in the next line, numbers do not. */
static void a_wide_table_fits_a_terminal(void **state)
{
	static const struct heading wide[] = {
		{ "what", "what", 'l', false },
		{ "count", "recorded later than that", 'r', true },
		{ "hash", "hash", 'l', false },
		{ NULL, NULL, 0, false },
	};
	static const char hash[] = "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef";
	struct report r;
	char *out = NULL, *line, *rest;
	size_t n = 0;
	FILE *file = open_memstream(&out, &n);

	(void)state;
	assert_non_null(file);
	report_init(&r, "test", "A report");
	report_section(&r, "rows", "Rows", wide, "none")->note =
		"The first of two sentences that do not fit in one line of a "
		"terminal. The second.";
	for (int i = 0; i < 2; i++) {
		put_text(&r, "\xc3\xa9t\xc3\xa9 of two years ago, says the "
			     "courier of the hospital of the town");
		put_count(&r, INT64_MAX);
		put_text(&r, hash);
	}
	assert_int_equal(report_text(&r, file, false), 0);
	fclose(file);
	has(out, " 9223372036854775807 ");
	has(out, " 0123456789abcdef01");
	has(out, "\n\xc3\xa9t\xc3\xa9 of two years ");
	has(out, "terminal. The\nsecond.\n");
	has_not(out, "#");
	for (line = strtok_r(out, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		assert_in_range(text_columns(line), 1, 80);
	free(out);
	report_release(&r);
}

/* So wide that columns go below the others, and the last is a digest. */
static void a_digest_beside_what_rows_are_about_fits_too(void **state)
{
	static const struct heading wide[] = {
		{ "one", "ref", 'l', false },
		{ "two", "date", 'l', false },
		{ "three", "to", 'l', false },
		{ "four", "item", 'l', false },
		{ "count", "acknowledged by anybody", 'r', true },
		{ "count", "claimed by the sender of it", 'r', true },
		{ "hash", "hash", 'l', false },
		{ NULL, NULL, 0, false },
	};
	static const char hash[] = "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef";
	struct report r;
	char *out = NULL, *line, *rest;
	size_t n = 0;
	FILE *file = open_memstream(&out, &n);

	(void)state;
	assert_non_null(file);
	report_init(&r, "test", "A report");
	report_section(&r, "rows", "Rows", wide, "none");
	put_text(&r, "hub/4");
	put_text(&r, "2026-11-27");
	put_text(&r, "~Hospital-of-a-long-name");
	put_text(&r, "headband/prusa-rc3-long");
	put_count(&r, INT64_MAX);
	put_count(&r, INT64_MAX);
	put_text(&r, hash);
	assert_int_equal(report_text(&r, file, false), 0);
	fclose(file);
	for (line = strtok_r(out, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		assert_in_range(text_columns(line), 1, 80);
	free(out);
	report_release(&r);
}

static void people_are_shown_days(void **state)
{
	struct cell c = { .type = CELL_DAY, .n = 1585699200000 };
	char buf[CELL_SIZE];

	(void)state;
	assert_string_equal(cell_text(&c, buf), "2020-04-01");
}

static void bars_of_different_units_are_not_drawn(void **state)
{
	static const struct heading units[] = {
		{ "unit", "unit", 'l', false },
		{ "count", "qty", 'r', true },
		{ NULL, NULL, 0, false },
	};
	struct report r;
	struct section *s;
	size_t column;

	(void)state;
	report_init(&r, "test", "A report");
	s = report_section(&r, "rows", "Rows", units, "none");
	put_text(&r, "gram");
	put_count(&r, 3);
	/* A row alone would always be full. */
	assert_int_equal(section_scale(s, &column), 0);
	put_text(&r, "gram");
	put_count(&r, INT64_MAX);
	assert_int_equal(section_scale(s, &column), INT64_MAX);
	put_text(&r, "piece");
	put_count(&r, 3);
	assert_int_equal(section_scale(s, &column), 0);
	report_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_report_is_rows_of_json_in_a_fixed_order),
		UNIT(a_spreadsheet_gets_semicolons_and_decimal_commas),
		UNIT(a_terminal_gets_columns_and_bars),
		UNIT(hostile_text_is_harmless_in_every_format),
		UNIT(a_formula_stays_text),
		UNIT(a_page_asks_for_nothing_from_outside),
		UNIT(columns_stay_in_line_whatever_letters_a_name_has),
		UNIT(a_wide_table_fits_a_terminal),
		UNIT(a_digest_beside_what_rows_are_about_fits_too),
		UNIT(people_are_shown_days),
		UNIT(bars_of_different_units_are_not_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
