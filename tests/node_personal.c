#include "node/text/personal.h"

#include "tests/unit.h"

#include <string.h>

static void what_is_about_a_person_is_found_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		enum personal sentence, code; /* as which it is read */
		const char *why;
	} rows[] = {
		{ "filament", 0, 0, "a word" },
		{ "", 0, 0, "nothing" },
		{ "jean@exemple.fr", 1, 1, "an address" },
		{ "write to a.b+c@sub.exemple.org.", 1, 1, "in a sentence" },
		{ "50 @ 3 EUR", 0, 0, "a price" },
		{ "a@b", 0, 0, "no domain" },
		{ "@exemple.fr", 0, 0, "nobody" },
		{ "visor@v3.0", 0, 0, "a version" },
		{ "06 12 34 56 78", 2, 2, "in pairs" },
		{ "call 06.12.34.56.78!", 2, 2, "with dots" },
		{ "0612345678", 2, 0, "in a row: a number as well" },
		{ "10612345678", 0, 0, "within a longer number" },
		{ "06123456789", 0, 0, "one digit more" },
		{ "061234567", 0, 0, "one digit less" },
		{ "00 12 34 56 78", 0, 0, "no such number" },
		{ "01.04.2020 12", 0, 0, "a date" },
		{ "2020-04-11", 0, 0, "a date" },
		{ "+33 6 12 34 56 78", 2, 2, "international" },
		{ "+1234567", 0, 0, "seven digits" },
		{ "+12345678", 2, 2, "eight digits" },
		{ "+1234567890123456", 0, 0, "sixteen digits" },
		{ "0033612345678", 2, 2, "with 0033" },
		{ "3+12345678", 0, 0, "a sum" },
		{ "FR14 2004 1010 0505 0001 3M02 606", 3, 3, "an IBAN" },
		{ "FR1420041010050500013M02606", 3, 3, "in a row" },
		{ "to FR1420041010050500013M02606 please", 3, 3, "in words" },
		{ "FR1520041010050500013M02606", 0, 0, "a wrong checksum" },
		{ "DE89370400440532013000", 3, 3, "another country's" },
		{ "XFR1420041010050500013M02606", 0, 0, "within a word" },
		{ "ab12cd34ef56ab78", 0, 0, "hex digits" },
		{ "０６ １２ ３４ ５６ ７８", 2, 2, "full width" },
		{ "０６１２３４５６７８", 2, 0, "full width in a row" },
		{ "٠٦ ١٢ ٣٤ ٥٦ ٧٨", 2, 2, "Arabic digits" },
		{ "۰۶ ۱۲ ۳۴ ۵۶ ۷۸", 2, 2, "Persian digits" },
		{ "०६ १२ ३४ ५६ ७८", 2, 2, "Devanagari digits" },
		{ "𝟎𝟔 𝟏𝟐 𝟑𝟒 𝟓𝟔 𝟕𝟖", 2, 2, "bold digits" },
		{ "⁰⁶ ¹² ³⁴ ⁵⁶ ⁷⁸", 2, 2, "raised digits" },
		{ "06\u00a012\u202f34\u200956  78", 2, 2, "other blanks" },
		{ "06‐12‐34‐56‐78", 2, 2, "other dashes" },
		{ "06\u200b 12 34\u00ad 56 78", 2, 2, "invisible between" },
		{ "＋３３ ６ １２ ３４ ５６ ７８", 2, 2, "a wide plus" },
		{ "ＦＲ14 2004 1010 0505 0001 3M02 606", 3, 3, "wide letters" },
		{ "jean＠exemple．fr", 1, 1, "a wide @" },
		{ "jean @ exemple.fr", 1, 1, "blanks around the @" },
		{ "jean@ exemple.fr", 1, 1, "one behind" },
		{ "jean\u00a0@exemple.fr", 1, 1, "one before" },
		{ "jean(at)exemple.fr", 1, 1, "(at)" },
		{ "jean [AT] exemple [dot] fr", 1, 1, "[AT], [dot]" },
		{ "jean ( arobase ) exemple(point)fr", 1, 1, "in French" },
		{ "3 @ 2.50EUR", 0, 0, "a price" },
		{ "12 @ 5.kg", 0, 0, "a price" },
		{ "3D print @ home. Thanks", 0, 0, "a place" },
		{ "open (at 8.30am) daily", 0, 0, "a time" },
		{ "at exemple.fr", 0, 0, "a site" },
		{ "@", 0, 0, "a sign" },
		{ " @ a.fr", 0, 0, "nobody" },
		{ "(at)", 0, 0, "a sign spelled" },
		{ "(at", 0, 0, "an open bracket" },
		{ "\xff\xef\xbc", 0, 0, "no UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].text);

		if (personal_find(rows[i].text, n, false) != rows[i].sentence ||
		    personal_find(rows[i].text, n, true) != rows[i].code)
			fail_msg("%s: %s", rows[i].why, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_is_about_a_person_is_found_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
