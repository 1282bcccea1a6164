#include "node/import/cell.h"

#include "crypto/err.h"
#include "proto/limit.h"
#include "tests/unit.h"

#include <string.h>

#define NBSP   "\xc2\xa0"
#define NARROW "\xe2\x80\xaf"

static void blanks_around_a_cell_are_cut(void **state)
{
	static const char *const row[][2] = {
		{ "a", "a" },
		{ "  a b ", "a b" },
		{ "\ta\r\n", "a" },
		{ NBSP NARROW "a" NARROW " " NBSP, "a" },
		{ "   ", "" },
		{ NBSP, "" },
		{ "", "" },
		{ "\xa0"
		  "a",
		  "\xa0"
		  "a" },
	};
	char out[CELL_MAX];
	struct reason why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		assert_int_equal(
			cell_trim(out, row[i][0], strlen(row[i][0]), &why), 0);
		assert_string_equal(out, row[i][1]);
	}
}

static void a_cell_has_a_limit(void **state)
{
	char text[CELL_MAX + 2];
	char out[CELL_MAX];
	struct reason why;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = ' ';
	assert_int_equal(cell_trim(out, text, CELL_MAX, &why), 0);
	assert_int_equal(strlen(out), CELL_MAX - 1);
	assert_int_equal(cell_trim(out, text, CELL_MAX + 1, &why), ERR_LIMIT);
}

static void whole_numbers_are_understood(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
		char decimal;
	} row[] = {
		{ "80", 80, '.' },
		{ "80.0", 80, '.' },
		{ "80.000", 80, '.' },
		{ "80,00", 80, ',' },
		{ "007", 7, '.' },
		{ "1 234", 1234, '.' },
		{ "1" NBSP "234", 1234, '.' },
		{ "1" NARROW "234,0", 1234, ',' },
		{ "12 345 678.0", 12345678, '.' },
		{ "68719476735", LIMIT_QTY, '.' },
		{ "68 719 476 735", LIMIT_QTY, '.' },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct reason why = { "" };
		uint64_t v = 0;

		assert_int_equal(cell_qty(&v, row[i].text, row[i].decimal, 1,
					  LIMIT_QTY, &why),
				 0);
		assert_int_equal(v, row[i].want);
		assert_string_equal(why.text, "");
	}
}

static void other_quantities_are_refused_with_their_reason(void **state)
{
	static const struct {
		const char *text;
		int err;
		const char *why;
	} row[] = {
		{ "", ERR_FORMAT, "empty" },
		{ "0", ERR_LIMIT, "zero" },
		{ "0.0", ERR_LIMIT, "zero" },
		{ "-0", ERR_LIMIT, "zero" },
		{ "-1", ERR_LIMIT, "negative" },
		{ "-99999999999999999999", ERR_LIMIT, "negative" },
		{ "0.5", ERR_FORMAT, "whole" },
		{ "80.01", ERR_FORMAT, "whole" },
		{ "68719476736", ERR_LIMIT, "above" },
		{ "199999999999998", ERR_LIMIT, "above" },
		{ "99999999999999999999999999", ERR_LIMIT, "above" },
		{ "80,0", ERR_FORMAT, "number" },
		{ "1,234", ERR_FORMAT, "number" },
		{ "1.234.567", ERR_FORMAT, "number" },
		{ "80.", ERR_FORMAT, "number" },
		{ ".5", ERR_FORMAT, "number" },
		{ "1 23", ERR_FORMAT, "number" },
		{ "1 2345", ERR_FORMAT, "number" },
		{ "1234 567", ERR_FORMAT, "number" },
		{ "1  234", ERR_FORMAT, "number" },
		{ "+5", ERR_FORMAT, "number" },
		{ "--5", ERR_FORMAT, "number" },
		{ "5e3", ERR_FORMAT, "number" },
		{ "0x10", ERR_FORMAT, "number" },
		{ "ten", ERR_FORMAT, "number" },
		{ "=5", ERR_FORMAT, "number" },
		{ "nan", ERR_FORMAT, "number" },
		{ "1111111111111111111111111111111111111111111", ERR_FORMAT,
		  "number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct reason why = { "" };
		uint64_t v = 42;

		assert_int_equal(
			cell_qty(&v, row[i].text, '.', 1, LIMIT_QTY, &why),
			row[i].err);
		assert_int_equal(v, 42);
		if (strstr(why.text, row[i].why) == NULL)
			fail_msg("%s: %s", row[i].text, why.text);
	}
}

static void a_stock_take_may_count_none(void **state)
{
	struct reason why;
	uint64_t v = 42;

	(void)state;
	assert_int_equal(cell_qty(&v, "0", '.', 0, LIMIT_QTY, &why), 0);
	assert_int_equal(v, 0);
	assert_int_equal(cell_qty(&v, "-1", '.', 0, LIMIT_QTY, &why),
			 ERR_LIMIT);
}

static void money_takes_the_currency_of_the_cell_first(void **state)
{
	static const struct {
		const char *text;
		char decimal;
		const char *currency;
		const char *want; /* NULL: refused */
	} row[] = {
		{ "12,50", ',', "EUR", "12.50 EUR" },
		{ "12.50", '.', "EUR", "12.50 EUR" },
		{ "12", '.', "EUR", "12 EUR" },
		{ "1 234,50 \xe2\x82\xac", ',', "CHF", "1234.50 EUR" },
		{ "12,50\xe2\x82\xac", ',', "", "12.50 EUR" },
		{ "12.50 CHF", '.', "EUR", "12.50 CHF" },
		{ "12.50", '.', "", NULL },
		{ "12,50", '.', "EUR", NULL },
		{ "12.50 eur", '.', "", NULL },
		{ "12.50 EUR ", '.', "", NULL },
		{ "-5", '.', "EUR", NULL },
		{ "", '.', "EUR", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct reason why = { "" };
		char out[64] = "";
		int err = cell_money(out, sizeof(out), row[i].text,
				     row[i].decimal, row[i].currency, &why);

		assert_int_equal(err, row[i].want != NULL ? 0 : ERR_FORMAT);
		if (row[i].want != NULL)
			assert_string_equal(out, row[i].want);
		else
			assert_string_not_equal(why.text, "");
	}
}

static void dates_are_iso_or_as_the_map_says(void **state)
{
	static const struct {
		const char *text;
		const char *format;
		uint64_t want;
	} row[] = {
		{ "2020-04-01", NULL, 1585699200000 },
		{ "2021-01-05 15:33:25.882 UTC", NULL, 1609860805882 },
		{ "2021-03-26 00:00:00 UTC", NULL, 1616716800000 },
		{ "2020-04-01T02:00:00+02:00", NULL, 1585699200000 },
		{ "01/04/2020", "%d/%m/%Y", 1585699200000 },
		{ "1/4/2020", "%d/%m/%Y", 1585699200000 },
		{ "1/4/20", "%d/%m/%y", 1585699200000 },
		{ "20200401", "%Y%m%d", 1585699200000 },
		{ "01.04.2020 14:30", "%d.%m.%Y %H:%M", 1585751400000 },
		{ "04/01/2020 14:30:05", "%m/%d/%Y %H:%M:%S", 1585751405000 },
		{ "2020-04-01 02:00 +02:00", "%Y-%m-%d %H:%M %z",
		  1585699200000 },
		{ "100% 1-4-2020", "100%% %d-%m-%Y", 1585699200000 },
		{ "29/02/2020", "%d/%m/%Y", 1582934400000 },
		{ "01/01/70", "%d/%m/%y", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct reason why = { "" };
		uint64_t v = 42;

		if (cell_time(&v, row[i].text, row[i].format, &why) != 0)
			fail_msg("%s: %s", row[i].text, why.text);
		assert_int_equal(v, row[i].want);
	}
}

static void impossible_dates_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *format;
		int err;
		const char *why;
	} row[] = {
		{ "", NULL, ERR_FORMAT, "missing" },
		{ "", "%d/%m/%Y", ERR_FORMAT, "missing" },
		{ "2021-02-29", NULL, ERR_FORMAT, "possible" },
		{ "01/04/2020", NULL, ERR_FORMAT, "possible" },
		{ "2020-04-01 25:00", NULL, ERR_FORMAT, "possible" },
		{ "1969-12-31", NULL, ERR_LIMIT, "1970" },
		{ "31/12/69", "%d/%m/%y", ERR_LIMIT, "1970" },
		{ "30/02/2020", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "01/13/2020", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "00/01/2020", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "01/04/20", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "01/04/2020 ", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "01/04/2020x", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "1/4/202", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "/4/2020", "%d/%m/%Y", ERR_FORMAT, "possible" },
		{ "1/4/2020 +9", "%d/%m/%Y %z", ERR_FORMAT, "possible" },
		{ "43922", NULL, ERR_FORMAT, "possible" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct reason why = { "" };
		uint64_t v = 42;

		assert_int_equal(
			cell_time(&v, row[i].text, row[i].format, &why),
			row[i].err);
		assert_int_equal(v, 42);
		if (strstr(why.text, row[i].why) == NULL)
			fail_msg("%s: %s", row[i].text, why.text);
	}
}

static void a_format_says_day_month_and_year_once(void **state)
{
	static const struct {
		const char *format;
		bool want;
	} row[] = {
		{ "%d/%m/%Y", true },
		{ "%d/%m/%y", true },
		{ "%Y%m%d", true },
		{ "%d.%m.%Y %H:%M:%S %z", true },
		{ "%d%%%m%Y", true },
		{ "%d/%m", false },
		{ "%m/%Y", false },
		{ "%d/%m/%Y %y", false },
		{ "%d/%d/%m/%Y", false },
		{ "%d %b %Y", false },
		{ "%d/%m/%Y %", false },
		{ "%z%d/%m/%Y", false },
		{ "", false },
		{ "dd/mm/yyyy", false },
		{ "%d/%m/%Y %H%H", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (cell_format_is_valid(row[i].format) != row[i].want)
			fail_msg("%s", row[i].format);
}

static void a_sign_is_told_from_its_number(void **state)
{
	static const struct {
		const char *text;
		int sign;
		const char *bare;
	} row[] = {
		{ "-12,00", -1, "12,00" },
		{ "- 12,00", -1, "12,00" },
		{ "\xe2\x88\x92"
		  "12,00",
		  -1, "12,00" },
		{ "-" NBSP "1" NARROW "234,56 EUR", -1,
		  "1" NARROW "234,56 EUR" },
		{ "1 234,56", 1, "1 234,56" },
		{ "+0,01", 1, "0,01" },
		{ "0,00", 0, "0,00" },
		{ "-0", 0, "0" },
		{ "", 0, "" },
		{ "-", 2, "" },
		{ "--1", 2, "-1" },
		{ "+-1", 2, "-1" },
		{ "\xe2\x88"
		  "1",
		  2,
		  "\xe2\x88"
		  "1" },
		{ "douze", 2, "douze" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const char *bare = NULL;

		if (cell_sign(&bare, row[i].text, ',') != row[i].sign)
			fail_msg("%s: not %d", row[i].text, row[i].sign);
		assert_string_equal(bare, row[i].bare);
		assert_int_equal(cell_sign(NULL, row[i].text, ','),
				 row[i].sign);
	}
}

static void only_ascii_becomes_lower_case(void **state)
{
	char out[32];

	(void)state;
	cell_lower(out, "VISOR/V30 \xc3\x89t\xc3\xa9 Z[");
	assert_string_equal(out, "visor/v30 \xc3\x89t\xc3\xa9 z[");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(blanks_around_a_cell_are_cut),
		UNIT(a_cell_has_a_limit),
		UNIT(whole_numbers_are_understood),
		UNIT(other_quantities_are_refused_with_their_reason),
		UNIT(a_stock_take_may_count_none),
		UNIT(money_takes_the_currency_of_the_cell_first),
		UNIT(dates_are_iso_or_as_the_map_says),
		UNIT(impossible_dates_are_refused),
		UNIT(a_format_says_day_month_and_year_once),
		UNIT(a_sign_is_told_from_its_number),
		UNIT(only_ascii_becomes_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
