#include "node/text/parse.h"

#include "crypto/err.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static void quantities_are_whole_and_bounded(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t want;
	} rows[] = {
		{ "1", 0, 1 },
		{ "50", 0, 50 },
		{ "007", 0, 7 },
		{ "68719476734", 0, LIMIT_QTY - 1 },
		{ "68719476735", 0, LIMIT_QTY },
		{ "68719476736", ERR_LIMIT, 0 },
		{ "99999999999999999999999999999", ERR_LIMIT, 0 },
		{ "18446744073709551617", ERR_LIMIT, 0 },
		{ "0", ERR_LIMIT, 0 },
		{ "-1", ERR_LIMIT, 0 },
		{ "-0", ERR_LIMIT, 0 },
		{ "-", ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 },
		{ "+1", ERR_FORMAT, 0 },
		{ "1.0", ERR_FORMAT, 0 },
		{ "1e3", ERR_FORMAT, 0 },
		{ "0x10", ERR_FORMAT, 0 },
		{ " 1", ERR_FORMAT, 0 },
		{ "1 ", ERR_FORMAT, 0 },
		{ "1 000", ERR_FORMAT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t v = 77;
		int err = parse_qty(&v, rows[i].text);

		if (err != rows[i].err || v != (err == 0 ? rows[i].want : 77))
			fail_msg("'%s': %d", rows[i].text, err);
	}
}

static void items_labels_and_places_have_one_form(void **state)
{
	char item[LIMIT_ITEM + 1], label[LIMIT_LABEL + 1];
	char place[LIMIT_PLACE + 1];

	(void)state;
	assert_int_equal(parse_item(item, "visor/v30"), 0);
	assert_string_equal(item, "visor/v30");
	assert_int_equal(parse_item(item, "Visor"), ERR_FORMAT);
	assert_int_equal(parse_item(item, "visor/"), ERR_FORMAT);
	assert_int_equal(parse_label(label, "lea-88"), 0);
	assert_int_equal(parse_label(label, "deadbeef"), ERR_FORMAT);
	assert_int_equal(parse_place(place, "fr-2a"), 0);
	assert_string_equal(place, "FR-2A");
	assert_int_equal(parse_place(place, "FR-974"), 0);
	assert_int_equal(parse_place(place, "FR-9745"), ERR_FORMAT);
	assert_int_equal(parse_place(place, "F"), ERR_FORMAT);
	assert_int_equal(parse_place(place, "France"), ERR_FORMAT);
	assert_true(place_is_under("FR-88", "FR"));
	assert_true(place_is_under("FR-88", "FR-88"));
	assert_true(place_is_under("FR", "FR"));
	assert_false(place_is_under("FR", "FR-88"));
	assert_false(place_is_under("FR-974", "FR-97"));
	assert_false(place_is_under("BE", "FR"));
}

static void a_line_is_a_quantity_and_an_item(void **state)
{
	struct goods g;

	(void)state;
	assert_int_equal(parse_line(&g, "50 visor/v30"), 0);
	assert_int_equal(g.qty, 50);
	assert_string_equal(g.item, "visor/v30");
	assert_int_equal(parse_line(&g, "50 \t visor"), 0);
	assert_int_equal(parse_line(&g, "0 visor"), 0);
	assert_int_equal(g.qty, 0);
	assert_int_equal(parse_line(&g, "-5 visor"), ERR_LIMIT);
	assert_int_equal(parse_line(&g, "68719476736 visor"), ERR_LIMIT);
	assert_int_equal(parse_line(&g, "50"), ERR_FORMAT);
	assert_int_equal(parse_line(&g, "50 "), ERR_FORMAT);
	assert_int_equal(parse_line(&g, " 50 visor"), ERR_FORMAT);
	assert_int_equal(parse_line(&g, "50 visor x"), ERR_FORMAT);
	assert_int_equal(parse_line(&g, "visor 50"), ERR_FORMAT);
}

static void lines_come_as_one_argument_or_as_two(void **state)
{
	static const char *const mixed[] = { "50 visor", "2", "clip",
					     "3 band" };
	static const char *const odd[] = { "50 visor", "2" };
	static const char *const wrong[] = { "1", "visor", "2", "Clip" };
	const char *many[LIMIT_LINES + 1];
	struct goods g[LIMIT_LINES];
	size_t n, bad = 99;

	(void)state;
	assert_int_equal(parse_lines(g, &n, mixed, 4, &bad), 0);
	assert_int_equal(n, 3);
	assert_string_equal(g[1].item, "clip");
	assert_int_equal(g[1].qty, 2);
	assert_int_equal(bad, 99);
	assert_int_equal(parse_lines(g, &n, odd, 2, &bad), ERR_FORMAT);
	assert_int_equal(bad, 1);
	assert_int_equal(parse_lines(g, &n, wrong, 4, &bad), ERR_FORMAT);
	assert_int_equal(bad, 2);
	for (size_t i = 0; i <= LIMIT_LINES; i++)
		many[i] = "1 visor";
	assert_int_equal(parse_lines(g, &n, many, LIMIT_LINES, &bad), 0);
	assert_int_equal(n, LIMIT_LINES);
	assert_int_equal(parse_lines(g, &n, many, LIMIT_LINES + 1, &bad),
			 ERR_LIMIT);
	assert_int_equal(bad, LIMIT_LINES);
}

static void money_is_read_with_point_or_comma(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t minor;
		const char *back;
	} rows[] = {
		{ "50 EUR", 0, 5000, "50.00 EUR" },
		{ "12.50 EUR", 0, 1250, "12.50 EUR" },
		{ "12,5 EUR", 0, 1250, "12.50 EUR" },
		{ "1250c EUR", 0, 1250, "12.50 EUR" },
		{ "0.01 EUR", 0, 1, "0.01 EUR" },
		{ "1c EUR", 0, 1, "0.01 EUR" },
		{ "007 EUR", 0, 700, "7.00 EUR" },
		{ "687194767.35 EUR", 0, LIMIT_QTY, "687194767.35 EUR" },
		{ "687194767.36 EUR", ERR_LIMIT, 0, "" },
		{ "68719476736c EUR", ERR_LIMIT, 0, "" },
		{ "68719476735 EUR", ERR_LIMIT, 0, "" },
		{ "500 XPF", 0, 500, "500 XPF" },
		{ "500.5 XPF", ERR_FORMAT, 0, "" },
		{ "1.234 TND", 0, 1234, "1.234 TND" },
		{ "1.234 EUR", ERR_FORMAT, 0, "" },
		{ "0 EUR", ERR_LIMIT, 0, "" },
		{ "-5 EUR", ERR_LIMIT, 0, "" },
		{ "50", ERR_FORMAT, 0, "" },
		{ "50EUR", ERR_FORMAT, 0, "" },
		{ "50 eur", ERR_FORMAT, 0, "" },
		{ "50 EURO", ERR_FORMAT, 0, "" },
		{ "50. EUR", ERR_FORMAT, 0, "" },
		{ ".5 EUR", ERR_FORMAT, 0, "" },
		{ "1,234.50 EUR", ERR_FORMAT, 0, "" },
		{ "12.5c EUR", ERR_FORMAT, 0, "" },
		{ "EUR 50", ERR_FORMAT, 0, "" },
		{ "", ERR_FORMAT, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct money m = { 77, "XXX" };
		char back[MONEY_SIZE];
		int err = parse_money(&m, rows[i].text);

		if (err != rows[i].err)
			fail_msg("'%s': %d", rows[i].text, err);
		if (err != 0) {
			assert_int_equal(m.minor, 77);
			continue;
		}
		assert_int_equal(m.minor, rows[i].minor);
		money_text(back, &m);
		assert_string_equal(back, rows[i].back);
		assert_int_equal(parse_money(&m, back), 0);
		assert_int_equal(m.minor, rows[i].minor);
	}
}

static void a_balance_may_be_zero_and_print_below_it(void **state)
{
	struct money m;
	char out[MONEY_SIZE];

	(void)state;
	assert_int_equal(parse_balance(&m, "0 EUR"), 0);
	assert_int_equal(m.minor, 0);
	assert_int_equal(parse_balance(&m, "-1 EUR"), ERR_LIMIT);
	money_plain(out, -5, "EUR");
	assert_string_equal(out, "-0.05");
	money_plain(out, INT64_MIN, "EUR");
	assert_string_equal(out, "-92233720368547758.08");
	money_plain(out, -12, "JPY");
	assert_string_equal(out, "-12");
}

static const struct {
	const char *text;
	int err;
	uint64_t ms;
} times[] = {
	{ "1970-01-01", 0, 0 },
	{ "1970-01-01T00:00:00.001Z", 0, 1 },
	{ "2020-04-01", 0, 1585699200000 },
	{ "2020-04-01T14:30", 0, 1585751400000 },
	{ "2020-04-01 14:30:05", 0, 1585751405000 },
	{ "2020-04-01t14:30:05Z", 0, 1585751405000 },
	{ "2020-04-01 14:30:05 UTC", 0, 1585751405000 },
	{ "2020-04-01T14:30:05UTC", 0, 1585751405000 },
	{ "2020-04-01T16:30:05+02:00", 0, 1585751405000 },
	{ "2020-04-01T16:30:05+0200", 0, 1585751405000 },
	{ "2020-04-01 16:30:05 +02", 0, 1585751405000 },
	{ "2020-04-01T11:00:05-03:30", 0, 1585751405000 },
	{ "2020-04-01T14:30:05.25Z", 0, 1585751405250 },
	{ "2020-04-01T14:30:05,25Z", 0, 1585751405250 },
	{ "2020-04-01T14:30:05.1239999999Z", 0, 1585751405123 },
	{ "2020-02-29", 0, 1582934400000 },
	{ "2000-02-29", 0, 951782400000 },
	{ "2019-02-29", ERR_FORMAT, 0 },
	{ "2100-02-29", ERR_FORMAT, 0 },
	{ "2020-02-30", ERR_FORMAT, 0 },
	{ "2020-04-31", ERR_FORMAT, 0 },
	{ "2020-12-31", 0, 1609372800000 },
	{ "2020-13-01", ERR_FORMAT, 0 },
	{ "2020-00-01", ERR_FORMAT, 0 },
	{ "2020-01-00", ERR_FORMAT, 0 },
	{ "2020-1-1", ERR_FORMAT, 0 },
	{ "20200401", ERR_FORMAT, 0 },
	{ "2020-04-01T24:00", ERR_FORMAT, 0 },
	{ "2020-04-01T14:60", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30:60", ERR_FORMAT, 0 },
	{ "2020-04-01T14", ERR_FORMAT, 0 },
	{ "2020-04-01T", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30:05.", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30Zx", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30+", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30+2", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30+02:0", ERR_FORMAT, 0 },
	{ "2020-04-01T14:30+24:00", ERR_FORMAT, 0 },
	{ "2020-04-01x", ERR_FORMAT, 0 },
	{ "", ERR_FORMAT, 0 },
	{ "yesterday", ERR_FORMAT, 0 },
	{ "1969-12-31", ERR_LIMIT, 0 },
	{ "0001-01-01", ERR_LIMIT, 0 },
	{ "0000-01-01", ERR_FORMAT, 0 },
	{ "1970-01-01T00:00+00:01", ERR_LIMIT, 0 },
	{ "1970-01-01T00:00-00:01", 0, 60000 },
	{ "9999-12-31T23:59:59.999Z", 0, 253402300799999 },
	{ "9999-12-31T23:59:59-00:01", ERR_LIMIT, 0 },
};

static void times_are_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		uint64_t ms = 77;
		int err = parse_time(&ms, times[i].text);

		if (err != times[i].err || ms != (err == 0 ? times[i].ms : 77))
			fail_msg("'%s': %d, %llu", times[i].text, err,
				 (unsigned long long)ms);
	}
}

static void every_day_of_a_century_comes_back(void **state)
{
	(void)state;
	for (uint64_t day = 0; day < 365 * 140; day++) {
		uint64_t ms = day * 86400000 + day % 86400000, back;
		char text[TIME_SIZE];

		time_text(text, ms);
		assert_int_equal(parse_time(&back, text), 0);
		assert_int_equal(back, ms);
	}
}

static void times_print_in_one_form(void **state)
{
	char out[TIME_SIZE];

	(void)state;
	time_text(out, 0);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
	time_text(out, 1585751405250);
	assert_string_equal(out, "2020-04-01T14:30:05.250Z");
	time_text(out, 253402300799999);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	time_text(out, 253402300800000);
	assert_string_equal(out, "253402300800000");
	time_text(out, LIMIT_TIME_MS);
	assert_string_equal(out, "9007199254740991");
	time_text(out, UINT64_MAX);
	assert_string_equal(out, "18446744073709551615");
}

static void periods_are_years_quarters_and_months(void **state)
{
	static const struct {
		const char *text;
		int err;
		const char *from, *to;
	} rows[] = {
		{ "2020", 0, "2020-01-01", "2021-01-01" },
		{ "2020-Q1", 0, "2020-01-01", "2020-04-01" },
		{ "2020-Q2", 0, "2020-04-01", "2020-07-01" },
		{ "2020-Q4", 0, "2020-10-01", "2021-01-01" },
		{ "2020-02", 0, "2020-02-01", "2020-03-01" },
		{ "2020-12", 0, "2020-12-01", "2021-01-01" },
		{ "1970", 0, "1970-01-01", "1971-01-01" },
		{ "9998-12", 0, "9998-12-01", "9999-01-01" },
		{ "9999", ERR_LIMIT, "", "" },
		{ "1969-12", ERR_LIMIT, "", "" },
		{ "2020-Q5", ERR_FORMAT, "", "" },
		{ "2020-Q0", ERR_FORMAT, "", "" },
		{ "2020-13", ERR_FORMAT, "", "" },
		{ "2020-00", ERR_FORMAT, "", "" },
		{ "2020-4", ERR_FORMAT, "", "" },
		{ "20", ERR_FORMAT, "", "" },
		{ "", ERR_FORMAT, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct period p;
		uint64_t from, to;
		int err = parse_period(&p, rows[i].text);

		if (err != rows[i].err)
			fail_msg("'%s': %d", rows[i].text, err);
		if (err != 0)
			continue;
		assert_string_equal(p.text, rows[i].text);
		assert_int_equal(parse_time(&from, rows[i].from), 0);
		assert_int_equal(parse_time(&to, rows[i].to), 0);
		assert_int_equal(p.from_ms, from);
		assert_int_equal(p.to_ms, to);
	}
}

static void bytes_are_hex_of_either_case(void **state)
{
	uint8_t out[2] = { 9, 9 };

	(void)state;
	assert_int_equal(parse_bytes(out, 2, "aB0f"), 0);
	assert_int_equal(out[0], 0xab);
	assert_int_equal(out[1], 0x0f);
	assert_int_equal(parse_bytes(out, 2, "aB0"), ERR_FORMAT);
	assert_int_equal(parse_bytes(out, 2, "aB0f0"), ERR_FORMAT);
	assert_int_equal(parse_bytes(out, 2, "aB0g"), ERR_FORMAT);
	assert_int_equal(out[1], 0x0f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(quantities_are_whole_and_bounded),
		UNIT(items_labels_and_places_have_one_form),
		UNIT(a_line_is_a_quantity_and_an_item),
		UNIT(lines_come_as_one_argument_or_as_two),
		UNIT(money_is_read_with_point_or_comma),
		UNIT(a_balance_may_be_zero_and_print_below_it),
		UNIT(times_are_read_strictly),
		UNIT(every_day_of_a_century_comes_back),
		UNIT(times_print_in_one_form),
		UNIT(periods_are_years_quarters_and_months),
		UNIT(bytes_are_hex_of_either_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
