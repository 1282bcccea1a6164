#include "tests/unit.h"

#include "node/export/ascii.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_ascii(const char *text, const char *want, const char *why)
{
	char *got = NULL;
	size_t n;
	FILE *file = open_memstream(&got, &n);

	assert_non_null(file);
	put_ascii(file, text);
	assert_int_equal(fclose(file), 0);
	if (strcmp(got, want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", why, got, want);
	free(got);
}

static void letters_of_europe_lose_their_marks(void **state)
{
	(void)state;
	assert_ascii("plain 12,50 EUR", "plain 12,50 EUR", "ASCII");
	assert_ascii("éèêëàâäçîïôöùûüÿñ", "eeeeaaaciioouuuyn", "small");
	assert_ascii("ÉÈÀÇÔÜÑŸ", "EEACOUNY", "capital");
	assert_ascii("œuf, Œuvre, æ, Æ, ß", "oeuf, OEuvre, ae, AE, ss", "two");
	assert_ascii("« l’été » – 5 €", "\" l'ete \" - 5 EUR", "signs");
	assert_ascii("3 × 4 ÷ 2", "3 x 4 : 2", "sums");
}

static void what_has_no_letter_is_a_question(void **state)
{
	(void)state;
	assert_ascii("日本", "??", "one for each character");
	assert_ascii("\xf0\x9f\x98\x80", "?", "four bytes");
	assert_ascii("a\xff\xc3", "a??", "not UTF-8");
	assert_ascii("\xc2\xbf", "?", "below the letters");
	assert_ascii("\xc4\x80", "?", "above them");
	assert_ascii("\x7f", "?", "a control character");
}

static void nothing_ends_a_cell_or_a_line(void **state)
{
	(void)state;
	assert_ascii("a\tb\nc\rd|e", "a b c d e", "separators");
	assert_ascii("", "", "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_of_europe_lose_their_marks),
		cmocka_unit_test(what_has_no_letter_is_a_question),
		cmocka_unit_test(nothing_ends_a_cell_or_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
