#include "node/text/escape.h"

#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

typedef void escape(FILE *file, const char *text, size_t n);

static void expect(escape *with, const char *text, size_t n, const char *want)
{
	char *got = NULL;
	size_t got_n = 0;
	FILE *file = open_memstream(&got, &got_n);

	assert_non_null(file);
	with(file, text, n);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(got, want);
	free(got);
}

static void a_csv_cell_is_text_and_never_a_formula(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "lea", "lea" },
		{ "", "" },
		{ "Visi\xc3\xa8res", "Visi\xc3\xa8res" },
		{ "a;b", "\"a;b\"" },
		{ "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" },
		{ " a", "\" a\"" },
		{ "a ", "\"a \"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+33 1", "\"'+33 1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "  =1", "\"'  =1\"" },
		{ "'=1", "\"''=1\"" },
		{ "\"=1", "\"'\"\"=1\"" },
		{ "\xc2\xa0=1", "\"'\xc2\xa0=1\"" },
		{ "\xe3\x80\x80=1", "\"'\xe3\x80\x80=1\"" },
		{ "\xef\xbc\x9d"
		  "1",
		  "\"'\xef\xbc\x9d"
		  "1\"" },
		{ "\xe2\x88\x92"
		  "1",
		  "\"'\xe2\x88\x92"
		  "1\"" },
		{ "a=1", "a=1" },
		{ "a-1", "a-1" },
		{ "\t=1", "\\x09=1" },
		{ "a\r\n=1", "a\\x0d\\x0a=1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(csv_text, rows[i].text, strlen(rows[i].text),
		       rows[i].want);
	expect(csv_text, "a\0b", 3, "a\\x00b");
}

static void markup_is_shown_and_not_obeyed(void **state)
{
	(void)state;
	expect(html_text, "<script>", 8, "&lt;script&gt;");
	expect(html_text, "\"><b x='1'&amp;", 15,
	       "&quot;&gt;&lt;b x=&#39;1&#39;&amp;amp;");
	/* turned round, U+202E, and a terminal's escape */
	expect(html_text,
	       "a\xe2\x80\xae"
	       "b",
	       5, "a\\xe2\\x80\\xaeb");
	expect(html_text, "\x1b[2J", 4, "\\x1b[2J");
}

static void a_graph_keeps_its_strings_closed(void **state)
{
	(void)state;
	expect(dot_text, "a\"b", 3, "a\\\"b");
	expect(dot_text, "a\\", 2, "a\\\\");
	expect(dot_text, "\\N \\G", 5, "\\\\N \\\\G");
	expect(dot_text, "a\n];", 4, "a\\\\x0a];");
}

static void long_texts_come_out_whole(void **state)
{
	char text[3001], want[3001];

	(void)state;
	memset(text, 'x', 3000);
	text[3000] = '\0';
	memcpy(want, text, sizeof(want));
	for (size_t n = 1023; n <= 1025; n++) {
		want[n] = '\0';
		expect(csv_text, text, n, want);
		want[n] = 'x';
	}
	expect(html_text, text, 3000, want);
}

static void columns_are_what_a_terminal_shows(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *why;
	} rows[] = {
		{ "", 0, "nothing" },
		{ "visor", 5, "ASCII" },
		{ "Visi\xc3\xa8re", 7, "an accent of its own" },
		{ "e\xcc\x80", 1, "an accent that combines" },
		{ "\xe9\x9d\xa2", 2, "a Chinese letter" },
		{ "\xef\xbc\xa1", 2, "a wide A" },
		{ "\xf0\x9f\x98\xb7", 2, "a face with a mask" },
		{ "\xd7\xa9\xd7\x9c", 2, "two Hebrew letters" },
		{ "\xff", 1, "what is not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].why);
		assert_int_equal(text_columns(rows[i].text), rows[i].columns);
	}
}

static void a_line_ends_at_a_blank_where_there_is_one(void **state)
{
	static const struct {
		const char *text;
		size_t columns, bytes, taken;
	} rows[] = {
		{ "", 8, 0, 0 },
		{ "lea", 8, 3, 3 },
		{ "lea and max", 8, 7, 7 },
		{ "lea and max", 7, 7, 7 },
		{ "lea and max", 6, 3, 3 },
		{ "lea and max", 2, 2, 2 },
		{ "lea", 0, 1, 1 },
		{ "\xc3\xa9t\xc3\xa9s", 3, 5, 3 },
		{ "e\xcc\x80"
		  "e",
		  1, 3, 1 },                             /* combining */
		{ "\xe9\x9d\xa2\xe9\x9d\xa2", 3, 3, 2 }, /* wide */
		{ "\xff\xff", 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t taken;

		assert_int_equal(
			text_fit(rows[i].text, rows[i].columns, &taken),
			rows[i].bytes);
		assert_int_equal(taken, rows[i].taken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_csv_cell_is_text_and_never_a_formula),
		UNIT(markup_is_shown_and_not_obeyed),
		UNIT(a_graph_keeps_its_strings_closed),
		UNIT(long_texts_come_out_whole),
		UNIT(columns_are_what_a_terminal_shows),
		UNIT(a_line_ends_at_a_blank_where_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
