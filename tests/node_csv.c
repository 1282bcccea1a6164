#include "node/import/csv.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A reader over a string constant, which may hold NUL bytes. */
#define OPEN(c, text)     \
	assert_int_equal( \
		csv_bytes((c), (text), sizeof(text) - 1, 0, CODEPAGE_UTF8), 0)

static void row_is(struct csv *c, uint64_t line, size_t n,
		   const char *const *want)
{
	assert_int_equal(csv_next(c), 0);
	assert_int_equal(c->line, line);
	assert_int_equal(c->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(c->field[i].text, want[i]);
		assert_int_equal(c->field[i].n, strlen(want[i]));
	}
}

#define ROW(c, line, ...)                                                \
	row_is((c), (line),                                              \
	       sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	       (const char *[]){ __VA_ARGS__ })

static void flawed(struct csv *c, uint64_t line, enum csv_flaw flaw)
{
	assert_int_equal(csv_next(c), ERR_FORMAT);
	assert_int_equal(c->flaw, flaw);
	assert_int_equal(c->line, line);
	assert_int_equal(c->n, 0);
}

static void ends(struct csv *c)
{
	assert_int_equal(csv_next(c), ERR_NOT_FOUND);
	assert_int_equal(csv_next(c), ERR_NOT_FOUND);
	csv_close(c);
}

static void rows_come_with_their_line_numbers(void **state)
{
	struct csv c;

	(void)state;
	OPEN(&c, "a,b\n1,\"x\ny\"\r\n\n\r\n3,4\n,\n");
	assert_int_equal(c.delimiter, ',');
	ROW(&c, 1, "a", "b");
	ROW(&c, 2, "1", "x\ny");
	assert_int_equal(c.raw_n, 7);
	assert_memory_equal(c.raw, "1,\"x\ny\"", 7);
	assert_memory_equal(c.field[1].raw, "\"x\ny\"", 5);
	ROW(&c, 6, "3", "4");
	ROW(&c, 7, "", "");
	ends(&c);
}

static void the_last_line_needs_no_end(void **state)
{
	struct csv c;

	(void)state;
	OPEN(&c, "a,b");
	ROW(&c, 1, "a", "b");
	ends(&c);
	OPEN(&c, "a,");
	ROW(&c, 1, "a", "");
	ends(&c);
	OPEN(&c, "\"a\"");
	ROW(&c, 1, "a");
	ends(&c);
	OPEN(&c, "");
	ends(&c);
}

static void quotes_hold_what_they_hold(void **state)
{
	struct csv c;

	(void)state;
	OPEN(&c, "\"\",\"\"\"\",\"a,\r\n\"\"b\"\"\",\" c \"\n");
	ROW(&c, 1, "", "\"", "a,\r\n\"b\"", " c ");
	ends(&c);
}

static void the_delimiter_is_found_in_the_first_line(void **state)
{
	static const struct {
		const char *text;
		char want;
		const char *why;
	} row[] = {
		{ "a;b;c,d\n,,,,", ';', "most often" },
		{ "a\tb,c\td", '\t', "tabs count too" },
		{ "a", ',', "none: a comma" },
		{ "a,b;c", ',', "as many: the comma" },
		{ "\",,,,\";b\n", ';', "not within quotes" },
		{ "\",\n,\";b\n,,,,", ';', "a line goes on within quotes" },
		{ "", ',', "nothing at all" },
	};
	struct csv c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		print_message("%s\n", row[i].why);
		assert_int_equal(csv_bytes(&c, row[i].text, strlen(row[i].text),
					   0, CODEPAGE_UTF8),
				 0);
		assert_int_equal(c.delimiter, row[i].want);
		csv_close(&c);
	}
	assert_int_equal(csv_bytes(&c, "a,b;c,d", 7, ';', CODEPAGE_UTF8), 0);
	ROW(&c, 1, "a,b", "c,d");
	ends(&c);
}

static void a_byte_order_mark_is_stepped_over(void **state)
{
	struct csv c;

	(void)state;
	OPEN(&c, "\xef\xbb\xbf\"a\",b\n");
	ROW(&c, 1, "a", "b");
	ends(&c);
	OPEN(&c, "\xef\xbb");
	flawed(&c, 1, CSV_ENCODED);
	ends(&c);
}

static void a_flaw_costs_one_line(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		enum csv_flaw flaw;
	} row[] = {
		{ "a\"b,c", 5, CSV_QUOTE_INSIDE },
		{ "\"a\"b,c", 6, CSV_AFTER_QUOTE },
		{ "\"a\" ,c", 6, CSV_AFTER_QUOTE },
		{ "\"a\"\r,c", 6, CSV_AFTER_QUOTE },
		{ "a\rb,c", 5, CSV_RETURN },
		{ "a\0b,c", 5, CSV_NUL },
		{ "\"a\0b\",c", 7, CSV_NUL },
		{ "x,\"abc", 6, CSV_UNENDED },
		{ "\xc3,c", 3, CSV_ENCODED },
		{ "\xed\xa0\x80,c", 5, CSV_ENCODED },
		{ "\"\xff\",c", 5, CSV_ENCODED },
	};
	char text[64];
	struct csv c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		size_t n = row[i].n;

		print_message("row %zu\n", i);
		memcpy(text, "h,i\n", 4);
		memcpy(text + 4, row[i].text, n);
		memcpy(text + 4 + n, "\n5,6\n", 5);
		assert_int_equal(csv_bytes(&c, text, n + 9, 0, CODEPAGE_UTF8),
				 0);
		ROW(&c, 1, "h", "i");
		flawed(&c, 2, row[i].flaw);
		assert_int_equal(c.raw_n, n);
		assert_memory_equal(c.raw, row[i].text, n);
		assert_false(c.is_cut);
		assert_string_not_equal(csv_flaw_text(c.flaw),
					csv_flaw_text(CSV_SOUND));
		ROW(&c, 3, "5", "6");
		ends(&c);
	}
}

static void windows_1252_becomes_utf8(void **state)
{
	static const char text[] =
		"Visi\xe8re,\"\x80 \x9f\xff\",\xa0\n\x81,a\n";
	struct csv c;

	(void)state;
	assert_int_equal(
		csv_bytes(&c, text, sizeof(text) - 1, 0, CODEPAGE_1252), 0);
	ROW(&c, 1, "Visi\xc3\xa8re", "\xe2\x82\xac \xc5\xb8\xc3\xbf",
	    "\xc2\xa0");
	assert_int_equal(c.field[0].raw_n, 7);
	flawed(&c, 2, CSV_ENCODED);
	ends(&c);
}

/* n fields of one letter in a line. */
static char *wide(size_t fields, size_t *n)
{
	char *text = malloc(2 * fields);

	assert_non_null(text);
	for (size_t i = 0; i < fields; i++) {
		text[2 * i] = 'x';
		text[2 * i + 1] = i + 1 < fields ? ',' : '\n';
	}
	*n = 2 * fields;
	return text;
}

static void the_number_of_fields_has_a_limit(void **state)
{
	static const size_t fields[] = { CSV_FIELDS - 1, CSV_FIELDS,
					 CSV_FIELDS + 1, 1000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct csv c;
		size_t n;
		char *text = wide(fields[i], &n);

		assert_int_equal(csv_bytes(&c, text, n, 0, CODEPAGE_UTF8), 0);
		if (fields[i] <= CSV_FIELDS) {
			assert_int_equal(csv_next(&c), 0);
			assert_int_equal(c.n, fields[i]);
		} else {
			flawed(&c, 1, CSV_MANY_FIELDS);
			assert_int_equal(c.is_cut, n > CSV_ROW);
		}
		assert_true(c.buf_max <= 4 * CSV_ROW);
		ends(&c);
		free(text);
	}
}

/* prefix, n times ch, suffix, and a second row. */
static void one_field(struct csv *c, char **text, const char *prefix, size_t n,
		      const char *suffix)
{
	size_t before = strlen(prefix);
	size_t after = strlen(suffix);

	*text = malloc(before + n + after + 5);
	assert_non_null(*text);
	memcpy(*text, prefix, before);
	memset(*text + before, 'y', n);
	memcpy(*text + before + n, suffix, after);
	memcpy(*text + before + n + after, "\n1,2\n", 5);
	assert_int_equal(
		csv_bytes(c, *text, before + n + after + 5, ',', CODEPAGE_UTF8),
		0);
}

static void a_field_has_a_limit(void **state)
{
	static const struct {
		const char *before;
		const char *after;
	} form[] = { { "", ",z" }, { "\"", "\",z" }, { "a,", "" } };

	(void)state;
	for (size_t k = 0; k < 3 * ARRAY_LEN(form); k++) {
		size_t n = CSV_FIELD - 1 + k % 3;
		struct csv c;
		char *text;

		one_field(&c, &text, form[k / 3].before, n, form[k / 3].after);
		if (n <= CSV_FIELD) {
			assert_int_equal(csv_next(&c), 0);
			assert_int_equal(c.n, 2);
			assert_int_equal(c.field[0].n + c.field[1].n, n + 1);
		} else {
			flawed(&c, 1, CSV_LONG_FIELD);
		}
		ROW(&c, 2, "1", "2");
		ends(&c);
		free(text);
	}
}

static void a_row_has_a_limit(void **state)
{
	(void)state;
	for (size_t n = CSV_ROW - 1; n <= CSV_ROW + 3; n++) {
		char *text = malloc(n + 10);
		struct csv c;

		assert_non_null(text);
		memset(text, 'x', n);
		for (size_t i = 1000; i < n; i += 1000)
			text[i] = ',';
		memcpy(text + n, "\r\n1,2\n", 6);
		assert_int_equal(csv_bytes(&c, text, n + 6, 0, CODEPAGE_UTF8),
				 0);
		if (n <= CSV_ROW) {
			assert_int_equal(csv_next(&c), 0);
			assert_int_equal(c.raw_n, n);
		} else {
			flawed(&c, 1, CSV_LONG_ROW);
			assert_true(c.is_cut);
			assert_int_equal(c.raw_n, CSV_ROW);
		}
		ROW(&c, 2, "1", "2");
		ends(&c);
		free(text);
	}
}

static void a_quote_without_end_gives_the_lines_back(void **state)
{
	char *text = malloc(3 * CSV_ROW);
	size_t n = 3 * CSV_ROW;
	struct csv c;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 64 == 63 ? '\n' : 'z';
	text[0] = '"';
	assert_int_equal(csv_bytes(&c, text, n, 0, CODEPAGE_UTF8), 0);
	flawed(&c, 1, CSV_LONG_FIELD);
	assert_int_equal(c.raw_n, 63);
	for (uint64_t line = 2; line <= n / 64; line++) {
		assert_int_equal(csv_next(&c), 0);
		assert_int_equal(c.line, line);
	}
	ends(&c);
	free(text);
}

static void every_prefix_ends_without_a_crash(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf"
		"a;\"b\"\"c\";d\r\n\"\xc3\xa9\";;\"\n\"\n;x\"y;\n";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *exact = malloc(n > 0 ? n : 1);
		size_t rows = 0;
		struct csv c;
		int err;

		assert_non_null(exact);
		memcpy(exact, text, n);
		assert_int_equal(csv_bytes(&c, exact, n, 0, CODEPAGE_UTF8), 0);
		while ((err = csv_next(&c)) != ERR_NOT_FOUND) {
			assert_true(err == 0 || err == ERR_FORMAT);
			assert_true(++rows < 6);
		}
		csv_close(&c);
		free(exact);
	}
}

static void a_file_is_read_as_a_stream(void **state)
{
	char path[] = "/tmp/maillon-csv-XXXXXX";
	int fd = mkstemp(path);
	struct csv c;
	char line[64];
	int n;

	(void)state;
	assert_true(fd >= 0);
	for (int i = 0; i < 20000; i++) {
		n = snprintf(line, sizeof(line), "%d,\"row\n%d\"\n", i, i);
		assert_int_equal(write(fd, line, (size_t)n), n);
	}
	close(fd);
	assert_int_equal(csv_open(&c, path, 0, CODEPAGE_UTF8), 0);
	assert_true(c.file_bytes > 0);
	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "row\n%d", i);
		assert_int_equal(csv_next(&c), 0);
		assert_int_equal(c.line, 1 + 2 * i);
		assert_string_equal(c.field[1].text, line);
	}
	assert_int_equal(c.read_bytes, c.file_bytes);
	assert_true(c.buf_max <= 4 * CSV_CHUNK);
	ends(&c);
	unlink(path);
	assert_int_equal(csv_open(&c, path, 0, CODEPAGE_UTF8), ERR_NOT_FOUND);
	csv_close(&c);
	assert_true(csv_open(&c, "/", 0, CODEPAGE_UTF8) < 0);
	csv_close(&c);
	csv_close(&c);
	csv_close(NULL);
}

static void what_is_put_is_read_again(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} row[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "a;b", "\"a;b\"" },
		{ "a,b", "a,b" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" },
		{ "two\nlines", "\"two\nlines\"" },
		{ "-1", "\"-1\"" },
		{ "=1+1", "\"=1+1\"" },
		{ "+33", "\"+33\"" },
		{ "@SUM", "\"@SUM\"" },
		{ "\tx", "\"\tx\"" },
		{ "1-1", "1-1" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		FILE *file;
		struct csv c;

		memset(out, 0, sizeof(out));
		file = fmemopen(out, sizeof(out), "w");
		assert_non_null(file);
		csv_put(file, row[i].text, strlen(row[i].text), ';');
		fclose(file);
		assert_string_equal(out, row[i].want);
		if (out[0] == '\0')
			continue;
		assert_int_equal(
			csv_bytes(&c, out, strlen(out), ';', CODEPAGE_UTF8), 0);
		ROW(&c, 1, row[i].text);
		ends(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(rows_come_with_their_line_numbers),
		UNIT(the_last_line_needs_no_end),
		UNIT(quotes_hold_what_they_hold),
		UNIT(the_delimiter_is_found_in_the_first_line),
		UNIT(a_byte_order_mark_is_stepped_over),
		UNIT(a_flaw_costs_one_line),
		UNIT(windows_1252_becomes_utf8),
		UNIT(the_number_of_fields_has_a_limit),
		UNIT(a_field_has_a_limit),
		UNIT(a_row_has_a_limit),
		UNIT(a_quote_without_end_gives_the_lines_back),
		UNIT(every_prefix_ends_without_a_crash),
		UNIT(a_file_is_read_as_a_stream),
		UNIT(what_is_put_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
