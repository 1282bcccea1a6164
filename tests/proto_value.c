#include "proto/value.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

#define BYTES(s) s, sizeof(s) - 1

#define X16 "0123456789abcdef"
#define X32 X16 X16
#define A32 "\xc4\x20" X32
#define B32 "\xc4\x20" X16 "0123456789abcdeg"

/* Values of every type: what is read, what is not, and why. */
static void every_type_has_its_form(void **state)
{
	static const struct {
		enum fact f;
		const char *p;
		size_t n;
		int err;
		const char *why;
	} rows[] = {
		{ FACT_GRAMS, BYTES("\x00"), 0, "a number may be zero" },
		{ FACT_GRAMS, BYTES("\xcf\0\0\0\x0f\xff\xff\xff\xff"), 0,
		  "the largest" },
		{ FACT_GRAMS, BYTES("\xcf\0\0\0\x10\0\0\0\0"), ERR_LIMIT,
		  "one more" },
		{ FACT_GRAMS,
		  BYTES("\xa1"
			"1"),
		  ERR_FORMAT, "a text for a number" },
		{ FACT_WHEN, BYTES("\xcf\0\x1f\xff\xff\xff\xff\xff\xff"), 0,
		  "the last time" },
		{ FACT_WHEN, BYTES("\xcf\0\x20\0\0\0\0\0\0"), ERR_LIMIT,
		  "after it" },
		{ FACT_WHY, BYTES("\x01"), 0, "the last word" },
		{ FACT_WHY, BYTES("\x02"), ERR_LIMIT, "no such word" },
		{ FACT_ROLE, BYTES("\x05"), 0, "the last role" },
		{ FACT_ROLE, BYTES("\x06"), ERR_LIMIT, "no such role" },
		{ FACT_UNIT, BYTES("\xa1m"), 0, "a text" },
		{ FACT_UNIT, BYTES("\xb0" X16), 0, "its longest" },
		{ FACT_UNIT, BYTES("\xb1" X16 "g"), ERR_LIMIT, "one more" },
		{ FACT_UNIT, BYTES("\xa0"), ERR_FORMAT, "no text" },
		{ FACT_UNIT, BYTES("\xa1\n"), ERR_FORMAT, "a line end" },
		{ FACT_UNIT, BYTES("\xc4\x01m"), ERR_FORMAT, "bytes" },
		{ FACT_LABEL, BYTES("\xa3lea"), 0, "a label" },
		{ FACT_LABEL, BYTES("\xa0"), ERR_FORMAT, "none" },
		{ FACT_LABEL, BYTES("\xa2-x"), ERR_FORMAT, "not a label" },
		{ FACT_LABEL, BYTES("\xd9\x20z" X16 "012345678901234"), 0,
		  "its longest" },
		{ FACT_LABEL, BYTES("\xd9\x21z" X32), ERR_LIMIT, "one more" },
		{ FACT_ITEM, BYTES("\xa9visor/v30"), 0, "an item" },
		{ FACT_ITEM, BYTES("\xa5Visor"), ERR_FORMAT, "capitals" },
		{ FACT_ITEM, BYTES("\xd9\x41" X32 "/" X32), 0, "its longest" },
		{ FACT_ITEM, BYTES("\xd9\x42" X32 "/" X32 "0"), ERR_LIMIT,
		  "one more" },
		{ FACT_PLACE,
		  BYTES("\xa5"
			"FR-88"),
		  0, "a place" },
		{ FACT_PLACE,
		  BYTES("\xa3"
			"FRA"),
		  ERR_FORMAT, "not one" },
		{ FACT_PLACE,
		  BYTES("\xa7"
			"FR-9740"),
		  ERR_LIMIT, "too long" },
		{ FACT_PERIOD,
		  BYTES("\xa7"
			"2020-Q2"),
		  0, "a period" },
		{ FACT_PERIOD,
		  BYTES("\xa7"
			"2020-Q5"),
		  ERR_FORMAT, "not one" },
		{ FACT_PERIOD,
		  BYTES("\xa8"
			"2020-Q12"),
		  ERR_LIMIT, "too long" },
		{ FACT_CHARTER, BYTES("\xc4\x01x"), 0, "opaque bytes" },
		{ FACT_CHARTER, BYTES("\xc4\x00"), ERR_FORMAT, "none" },
		{ FACT_KEY, BYTES("\xc4\x10" X16), 0, "a tag" },
		{ FACT_KEY,
		  BYTES("\xc4\x0f"
			"0123456789abcde"),
		  ERR_FORMAT, "a short tag" },
		{ FACT_KEY, BYTES("\xc4\x11" X16 "x"), ERR_LIMIT,
		  "a long tag" },
		{ FACT_ORPHAN, BYTES(A32), 0, "an id" },
		{ FACT_ORPHAN, BYTES("\xc4\x10" X16), ERR_FORMAT, "short" },
		{ FACT_ORPHAN, BYTES("\xd9\x20" X32), ERR_FORMAT, "a text" },
		{ FACT_WHO, BYTES(A32), 0, "a key" },
		{ FACT_DOC, BYTES(A32), 0, "a hash" },
		{ FACT_CERT, BYTES("\xc4\x40" X32 X32), 0, "a signature" },
		{ FACT_CERT, BYTES(A32), ERR_FORMAT, "half of one" },
		{ FACT_TO, BYTES(A32), 0, "a member" },
		{ FACT_TO, BYTES("\xc4\x10" X16), 0, "an outsider" },
		{ FACT_TO, BYTES("\xc4\x18" X16 "01234567"), ERR_FORMAT,
		  "neither" },
		{ FACT_LINES,
		  BYTES("\x91\x92\xa1"
			"a\x01"),
		  0, "a line" },
		{ FACT_LINES, BYTES("\x90"), ERR_FORMAT, "no lines" },
		{ FACT_LINES,
		  BYTES("\x91\x92\xa1"
			"a\x00"),
		  ERR_FORMAT, "nothing of it" },
		{ FACT_COUNTED,
		  BYTES("\x91\x92\xa1"
			"a\x00"),
		  0, "a count may be zero" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa1"
			"a\x01\x92\xa1"
			"b\x01"),
		  0, "two" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa1"
			"a\x01\x92\xa2"
			"aa\x01"),
		  0, "one begins the other" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa2"
			"aa\x01\x92\xa1"
			"a\x01"),
		  ERR_FORMAT, "the longer first" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa1"
			"b\x01\x92\xa1"
			"a\x01"),
		  ERR_FORMAT, "falling" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa1"
			"a\x01\x92\xa1"
			"a\x01"),
		  ERR_FORMAT, "an item twice" },
		{ FACT_LINES,
		  BYTES("\x91\x93\xa1"
			"a\x01\x01"),
		  ERR_LIMIT, "three fields" },
		{ FACT_LINES,
		  BYTES("\x91\x91\xa1"
			"a"),
		  ERR_FORMAT, "one field" },
		{ FACT_LINES,
		  BYTES("\x91\x91\xa1"
			"a\x05"),
		  ERR_FORMAT, "a quantity outside its line" },
		{ FACT_LINES,
		  BYTES("\x91\x92\xa1"
			"A\x01"),
		  ERR_FORMAT, "no item" },
		{ FACT_LINES,
		  BYTES("\x91\x92\xa1"
			"a\xcf\0\0\0\x0f\xff\xff\xff\xff"),
		  0, "the most" },
		{ FACT_LINES,
		  BYTES("\x91\x92\xa1"
			"a\xcf\0\0\0\x10\0\0\0\0"),
		  ERR_LIMIT, "one more" },
		{ FACT_LINES,
		  BYTES("\x92\x92\xa1"
			"a\xcf\0\0\0\x0f\xff\xff\xff\xff\x92\xa1"
			"b\x01"),
		  ERR_LIMIT, "one more in sum" },
		{ FACT_AMOUNT,
		  BYTES("\x92\x01\xa3"
			"EUR"),
		  0, "a cent" },
		{ FACT_AMOUNT,
		  BYTES("\x92\x00\xa3"
			"EUR"),
		  ERR_FORMAT, "no money" },
		{ FACT_OPENING,
		  BYTES("\x92\x00\xa3"
			"EUR"),
		  0, "an empty account" },
		{ FACT_AMOUNT,
		  BYTES("\x92\x01\xa3"
			"eur"),
		  ERR_FORMAT, "small letters" },
		{ FACT_AMOUNT,
		  BYTES("\x92\x01\xa2"
			"EU"),
		  ERR_FORMAT, "two letters" },
		{ FACT_AMOUNT,
		  BYTES("\x92\x01\xa4"
			"EURO"),
		  ERR_LIMIT, "four" },
		{ FACT_AMOUNT, BYTES("\x91\x01"), ERR_FORMAT, "no currency" },
		{ FACT_AMOUNT,
		  BYTES("\x91\x01\xa3"
			"EUR"),
		  ERR_FORMAT, "a currency outside" },
		{ FACT_AMOUNT,
		  BYTES("\x92\xcf\0\0\0\x10\0\0\0\0\xa3"
			"EUR"),
		  ERR_LIMIT, "too much" },
		{ FACT_AFTER, BYTES("\x93" A32 "\x01" A32), 0, "a position" },
		{ FACT_AFTER, BYTES("\x92" A32 "\x01"), ERR_FORMAT, "no id" },
		{ FACT_AFTER, BYTES("\x92" A32 "\x01" A32), ERR_FORMAT,
		  "an id outside" },
		{ FACT_AFTER, BYTES("\x93" A32 "\xcf\0\x20\0\0\0\0\0\0" A32),
		  ERR_LIMIT, "a seq beyond the last" },
		{ FACT_PINS, BYTES("\x91\x93" A32 "\x01" A32), 0, "positions" },
		{ FACT_PINS,
		  BYTES("\x92\x93" A32 "\x01" A32 "\x93" B32 "\x01" A32), 0,
		  "rising" },
		{ FACT_PINS,
		  BYTES("\x92\x93" B32 "\x01" A32 "\x93" A32 "\x01" A32),
		  ERR_FORMAT, "falling" },
		{ FACT_PINS,
		  BYTES("\x92\x93" A32 "\x01" A32 "\x93" A32 "\x02" A32),
		  ERR_FORMAT, "a feed twice" },
		{ FACT_PINS, BYTES("\x90"), ERR_FORMAT, "none" },
		{ FACT_ADMITS, BYTES("\x91" A32), 0, "ids" },
		{ FACT_ADMITS, BYTES("\x92" A32 B32), 0, "rising" },
		{ FACT_ADMITS, BYTES("\x92" B32 A32), ERR_FORMAT, "falling" },
		{ FACT_ADMITS, BYTES("\x92" A32 A32), ERR_FORMAT, "twice" },
		{ FACT_ADMITS, BYTES("\x90"), ERR_FORMAT, "none" },
		{ FACT_ENROLLED, BYTES("\x92" A32 B32), 0, "keys" },
		{ FACT_ENROLLED, BYTES("\x92" A32 A32), ERR_FORMAT, "twice" },
		{ FACT_ADDRESSES, BYTES("\x90"), 0, "not to be dialled" },
		{ FACT_ADDRESSES, BYTES("\x91\xa9tcp://h:1"), 0, "one" },
		{ FACT_ADDRESSES, BYTES("\x91\xa7tcp://h"), ERR_FORMAT,
		  "no port" },
		{ FACT_ADDRESSES,
		  BYTES("\x98\xa9tcp://h:1\xa9tcp://h:1\xa9tcp://h:1"
			"\xa9tcp://h:1\xa9tcp://h:1\xa9tcp://h:1"
			"\xa9tcp://h:1\xa9tcp://h:1"),
		  0, "eight" },
		{ FACT_ADDRESSES, BYTES("\x99"), ERR_LIMIT, "nine" },
		{ FACT_FACTS, BYTES("\x81\x11\x01"), 0, "facts" },
		{ FACT_FACTS, BYTES("\x80"), ERR_FORMAT, "no facts" },
		{ FACT_FACTS, BYTES("\x91\x01"), ERR_FORMAT, "a list" },
		{ FACT_FACTS, BYTES("\x01"), ERR_FORMAT, "a number" },
		{ FACT_FACTS, BYTES("\x81\x11\x91\x91\x91\x01"), 0,
		  "as deep as may be" },
		{ FACT_FACTS, BYTES("\x81\x11\x91\x91\x91\x90"), ERR_FORMAT,
		  "deeper" },
		{ FACT_FACTS, BYTES("\x82\x11\x01\x11\x01"), ERR_FORMAT,
		  "a key twice" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct value v;
		struct sums sums = { 0, 0 };
		struct rd r;

		rd_init(&r, rows[i].p, rows[i].n);
		value_read(&v, &r, fact_rule(rows[i].f), &sums);
		if (rd_end(&r) != rows[i].err)
			fail_msg("row %zu, %s: %d", i, rows[i].why, rd_end(&r));
	}
}

static void every_truncation_is_refused(void **state)
{
	static const struct {
		enum fact f;
		const char *p;
		size_t n;
	} rows[] = {
		{ FACT_LINES, BYTES("\x92\x92\xa1"
				    "a\x01\x92\xa1"
				    "b\xcd\x01\x02") },
		{ FACT_AMOUNT, BYTES("\x92\xcd\x01\x02\xa3"
				     "EUR") },
		{ FACT_PINS, BYTES("\x91\x93" A32 "\xcd\x01\x02" A32) },
		{ FACT_ADMITS, BYTES("\x92" A32 B32) },
		{ FACT_ADDRESSES, BYTES("\x91\xa9tcp://h:1") },
		{ FACT_FACTS, BYTES("\x81\x11\x91\xa1x") },
		{ FACT_CERT, BYTES("\xc4\x40" X32 X32) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t n = 0; n < rows[i].n; n++) {
			struct value v;
			struct sums sums = { 0, 0 };
			struct rd r;

			rd_init(&r, rows[i].p, n);
			value_read(&v, &r, fact_rule(rows[i].f), &sums);
			assert_int_equal(rd_end(&r), ERR_FORMAT);
		}
}

/* Lists of n members that are each of their own form. */
static size_t put_list(uint8_t *buf, size_t max, enum fact f, uint32_t n)
{
	struct wr w;
	size_t len;

	wr_init(&w, buf, max);
	wr_array(&w, n);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t b[32] = { (uint8_t)(i >> 8), (uint8_t)i };
		char item[16];

		snprintf(item, sizeof(item), "i%03u", (unsigned)i);
		if (f == FACT_LINES) {
			wr_array(&w, 2);
			wr_text(&w, item, 4);
			wr_uint(&w, i + 1);
			continue;
		}
		if (f == FACT_PINS)
			wr_array(&w, 3);
		wr_bin(&w, b, sizeof(b));
		if (f == FACT_PINS) {
			wr_uint(&w, i);
			wr_bin(&w, b, sizeof(b));
		}
	}
	assert_int_equal(wr_end(&w, &len), 0);
	return len;
}

static int read_list(struct value *v, const uint8_t *p, size_t n, enum fact f)
{
	struct sums sums = { 0, 0 };
	struct rd r;

	rd_init(&r, p, n);
	value_read(v, &r, fact_rule(f), &sums);
	return rd_end(&r);
}

static void a_list_has_at_most_its_limit(void **state)
{
	static const struct {
		enum fact f;
		uint32_t max;
	} rows[] = {
		{ FACT_LINES, LIMIT_LINES },   { FACT_PINS, LIMIT_PINS },
		{ FACT_RUNS, LIMIT_PINS },     { FACT_ADMITS, LIMIT_PINS },
		{ FACT_ENROLLED, LIMIT_PINS },
	};
	static uint8_t buf[64 * 1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum fact shape =
			rows[i].f == FACT_RUNS ? FACT_PINS : rows[i].f;

		for (uint32_t n = rows[i].max - 1; n <= rows[i].max + 1; n++) {
			size_t len = put_list(buf, sizeof(buf), shape, n);
			struct value v;

			assert_int_equal(read_list(&v, buf, len, rows[i].f),
					 n <= rows[i].max ? 0 : ERR_LIMIT);
		}
	}
}

static void quantities_add_up_over_a_whole_record(void **state)
{
	struct sums sums = { LIMIT_QTY - 5, LIMIT_QTY - 5 };
	struct value v;
	struct rd r;

	(void)state;
	rd_init(&r,
		"\x05\x92\x05\xa3"
		"EUR",
		7);
	value_read(&v, &r, fact_rule(FACT_QTY), &sums);
	value_read(&v, &r, fact_rule(FACT_AMOUNT), &sums);
	assert_int_equal(rd_end(&r), 0);
	assert_true(sums.qty == LIMIT_QTY);
	assert_true(sums.minor == LIMIT_QTY);
	rd_init(&r, "\x01", 1);
	value_read(&v, &r, fact_rule(FACT_REJECTED), &sums);
	assert_int_equal(rd_end(&r), ERR_LIMIT);
	sums = (struct sums){ 0, LIMIT_QTY };
	rd_init(&r,
		"\x92\x01\xa3"
		"EUR",
		6);
	value_read(&v, &r, fact_rule(FACT_VALUE), &sums);
	assert_int_equal(rd_end(&r), ERR_LIMIT);
	sums = (struct sums){ LIMIT_QTY, LIMIT_QTY };
	rd_init(&r, "\x09", 1);
	value_read(&v, &r, fact_rule(FACT_GRAMS), &sums);
	assert_int_equal(rd_end(&r), 0);
}

static void lists_are_taken_apart(void **state)
{
	struct line lines[LIMIT_LINES];
	struct position at[LIMIT_PINS];
	struct id ids[LIMIT_PINS];
	static uint8_t buf[64 * 1024];
	struct value v;
	size_t n;

	(void)state;
	n = put_list(buf, sizeof(buf), FACT_LINES, LIMIT_LINES);
	assert_int_equal(read_list(&v, buf, n, FACT_LINES), 0);
	assert_int_equal(value_lines(&v, lines), LIMIT_LINES);
	assert_int_equal(lines[63].qty, 64);
	assert_int_equal(lines[63].item_n, 4);
	assert_memory_equal(lines[63].item, "i063", 4);

	n = put_list(buf, sizeof(buf), FACT_PINS, 300);
	assert_int_equal(read_list(&v, buf, n, FACT_PINS), 0);
	assert_int_equal(value_positions(&v, TYPE_POSITIONS, at, LIMIT_PINS),
			 300);
	assert_int_equal(at[299].seq, 299);
	assert_int_equal(at[299].feed.b[0], 1);
	assert_int_equal(at[299].id.b[1], 43);
	assert_int_equal(value_positions(&v, TYPE_POSITIONS, at, 7), 7);

	n = put_list(buf, sizeof(buf), FACT_ADMITS, 300);
	assert_int_equal(read_list(&v, buf, n, FACT_ADMITS), 0);
	assert_int_equal(value_ids(&v, ids, LIMIT_PINS), 300);
	assert_int_equal(ids[299].b[1], 43);
	assert_int_equal(value_ids(&v, ids, 2), 2);
}

static void a_single_position_is_a_list_of_one(void **state)
{
	static const char one[] = "\x93" A32 "\x09" B32;
	struct position at[2];
	struct value v;

	(void)state;
	assert_int_equal(read_list(&v, (const uint8_t *)one, sizeof(one) - 1,
				   FACT_POSITION),
			 0);
	assert_int_equal(value_positions(&v, TYPE_POSITION, at, 2), 1);
	assert_int_equal(at[0].seq, 9);
	assert_memory_equal(at[0].feed.b, X32, 32);
	assert_int_equal(value_positions(&v, TYPE_POSITION, at, 0), 0);
}

static void what_is_not_a_list_has_no_members(void **state)
{
	struct value v = { 0, (const uint8_t *)"\x91\xc0", 2 };
	struct line lines[LIMIT_LINES];
	char currency[4] = "XXX";
	struct position at;
	uint64_t minor = 7;
	struct id id;

	(void)state;
	assert_int_equal(value_lines(&v, lines), 0);
	assert_int_equal(value_positions(&v, TYPE_POSITIONS, &at, 1), 0);
	assert_int_equal(value_ids(&v, &id, 1), 0);
	assert_false(value_money(&v, &minor, currency));
	assert_int_equal(minor, 7);
	v = (struct value){ 0,
			    (const uint8_t *)"\x92\x01\xa2"
					     "EU",
			    5 };
	assert_false(value_money(&v, &minor, currency));
	assert_int_equal(minor, 7);
	assert_string_equal(currency, "XXX");
}

static void money_is_taken_apart(void **state)
{
	struct value v = { 0,
			   (const uint8_t *)"\x92\xcd\x04\xe2\xa3"
					    "EUR",
			   8 };
	char currency[4];
	uint64_t minor;

	(void)state;
	assert_true(value_money(&v, &minor, currency));
	assert_int_equal(minor, 1250);
	assert_string_equal(currency, "EUR");
}

static void lines_are_sorted_and_added_up(void **state)
{
	struct line lines[] = { { "b", 1, 2 },
				{ "a", 1, 3 },
				{ "ab", 2, 5 },
				{ "b", 1, 7 },
				{ "a", 1, 4 } };
	uint8_t buf[64];
	size_t n;

	(void)state;
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 5), 0);
	assert_int_equal(n, 14);
	assert_memory_equal(buf,
			    "\x93\x92\xa1"
			    "a\x07\x92\xa2"
			    "ab\x05\x92\xa1"
			    "b\x09",
			    n);
	assert_int_equal(lines_encode(buf, n, &n, lines, 3), 0);
	assert_int_equal(lines_encode(buf, n - 1, &n, lines, 3), ERR_LIMIT);
}

static void lines_that_are_too_many_or_too_much_are_not_encoded(void **state)
{
	static struct line lines[LIMIT_LINES + 2];
	static char items[LIMIT_LINES + 1][16];
	uint8_t buf[1024];
	size_t n = 99;

	(void)state;
	for (size_t i = 0; i <= LIMIT_LINES; i++) {
		snprintf(items[i], sizeof(items[i]), "i%02u", (unsigned)i);
		lines[i] = (struct line){ items[i], 3, 1 };
	}
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 0),
			 ERR_LIMIT);
	assert_int_equal(
		lines_encode(buf, sizeof(buf), &n, lines, LIMIT_LINES + 1),
		ERR_LIMIT);
	assert_int_equal(n, 99);
	lines[LIMIT_LINES] = lines[0];
	assert_int_equal(
		lines_encode(buf, sizeof(buf), &n, lines, LIMIT_LINES + 1), 0);
	lines[0] = (struct line){ "a", 1, LIMIT_QTY };
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 1), 0);
	lines[0].qty = LIMIT_QTY - 1;
	lines[1] = (struct line){ "a", 1, 1 };
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 2), 0);
	lines[0] = (struct line){ "a", 1, LIMIT_QTY };
	lines[1] = (struct line){ "a", 1, 1 };
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 2),
			 ERR_LIMIT);
	lines[0].qty = LIMIT_QTY + 1;
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 1),
			 ERR_LIMIT);
}

/* Whoever takes lines apart has room for items of LIMIT_ITEM, whatever the
 * bytes are. */
static void a_line_taken_apart_is_never_too_long(void **state)
{
	struct line lines[LIMIT_LINES];
	char item[LIMIT_ITEM + 1];
	uint8_t buf[128];

	(void)state;
	memset(item, 'a', sizeof(item));
	for (size_t n = LIMIT_ITEM; n <= LIMIT_ITEM + 1; n++) {
		struct value v = { .p = buf };
		struct wr w;

		wr_init(&w, buf, sizeof(buf));
		wr_array(&w, 1);
		wr_array(&w, 2);
		wr_text(&w, item, n);
		wr_uint(&w, 1);
		assert_int_equal(wr_end(&w, &v.n), 0);
		assert_int_equal(value_lines(&v, lines), n <= LIMIT_ITEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_type_has_its_form),
		UNIT(every_truncation_is_refused),
		UNIT(a_list_has_at_most_its_limit),
		UNIT(quantities_add_up_over_a_whole_record),
		UNIT(lists_are_taken_apart),
		UNIT(a_single_position_is_a_list_of_one),
		UNIT(what_is_not_a_list_has_no_members),
		UNIT(money_is_taken_apart),
		UNIT(lines_are_sorted_and_added_up),
		UNIT(lines_that_are_too_many_or_too_much_are_not_encoded),
		UNIT(a_line_taken_apart_is_never_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
