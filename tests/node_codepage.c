#include "node/import/codepage.h"

#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static void every_byte_of_windows_1252_goes_there_and_back(void **state)
{
	unsigned none = 0;

	(void)state;
	for (int i = 1; i < 256; i++) {
		char byte = (char)i;
		char text[5] = "";
		char back[4];
		size_t n = 0;

		if (codepage_step(text, &n, CODEPAGE_1252, &byte, 1) == 0) {
			none++;
			continue;
		}
		text[n] = '\0';
		codepage_encode(back, sizeof(back), CODEPAGE_1252, text);
		assert_int_equal(back[0], byte);
		assert_int_equal(back[1], '\0');
	}
	assert_int_equal(none, 5);
}

static void utf8_stays_as_it_is(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const size_t length[] = { 1, 2, 3, 4 };
	const char *p = text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(length); i++) {
		char out[4];
		size_t n = 0;

		assert_int_equal(
			codepage_step(out, &n, CODEPAGE_UTF8, p, strlen(p)),
			length[i]);
		assert_int_equal(n, length[i]);
		assert_memory_equal(out, p, n);
		/* One byte less is no character. */
		if (length[i] > 1)
			assert_int_equal(codepage_step(out, &n, CODEPAGE_UTF8,
						       p, length[i] - 1),
					 0);
		p += length[i];
	}
}

static void what_is_not_there_becomes_a_question_mark(void **state)
{
	static const struct {
		enum codepage to;
		const char *text;
		const char *want;
	} row[] = {
		{ CODEPAGE_1252, "\xc3\xa9 \xe2\x82\xac", "\xe9 \x80" },
		{ CODEPAGE_1252, "\xce\xb1\xf0\x9f\x98\x80!",
		  "?"
		  "?!" },
		{ CODEPAGE_1252, "\xc2\x80", "?" },
		{ CODEPAGE_1252,
		  "\xff"
		  "a",
		  "?a" },
		{ CODEPAGE_UTF8,
		  "\xff"
		  "a\xc3\xa9",
		  "?a\xc3\xa9" },
		{ CODEPAGE_UTF8, "", "" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		codepage_encode(out, sizeof(out), row[i].to, row[i].text);
		assert_string_equal(out, row[i].want);
	}
}

static void the_end_is_cut_between_characters(void **state)
{
	char out[8];

	(void)state;
	for (size_t size = 1; size <= 6; size++) {
		memset(out, 'x', sizeof(out));
		codepage_encode(out, size, CODEPAGE_UTF8,
				"a\xc3\xa9"
				"b\xc3\xa9");
		assert_true(strlen(out) < size);
		assert_int_equal(out[size], 'x');
		assert_true(strlen(out) == 0 || out[strlen(out) - 1] != '\xc3');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_byte_of_windows_1252_goes_there_and_back),
		UNIT(utf8_stays_as_it_is),
		UNIT(what_is_not_there_becomes_a_question_mark),
		UNIT(the_end_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
