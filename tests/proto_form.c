#include "proto/form.h"

#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *text;
	bool is_valid;
};

typedef bool form(const char *p, size_t n);

static void check(form *is_valid, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_valid(rows[i].text, strlen(rows[i].text)) !=
		    rows[i].is_valid)
			fail_msg("\"%s\"", rows[i].text);
}

/* Every single byte other than those listed makes a text of it invalid. */
static void check_bytes(form *is_valid, const char *head, const char *good,
			const char *tail)
{
	for (unsigned c = 0; c < 256; c++) {
		char text[64];
		size_t n = strlen(head);
		bool want = c != 0 && strchr(good, (int)c) != NULL;

		memcpy(text, head, n);
		text[n] = (char)c;
		memcpy(text + n + 1, tail, strlen(tail));
		if (is_valid(text, n + 1 + strlen(tail)) != want)
			fail_msg("%s, byte %02x, %s", head, c, tail);
	}
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

/* 32 characters. */
#define LONG32 "z2345678901234567890123456789012"

static void a_label_is_short_and_never_looks_like_a_key(void **state)
{
	static const struct row rows[] = {
		{ "a", true },
		{ "Z", true },
		{ "0", true },
		{ "lea_88", true },
		{ "a.b-c_d", true },
		{ LONG32, true },
		{ LONG32 "3", false },
		{ "", false },
		{ "-a", false },
		{ ".a", false },
		{ "_a", false },
		{ "two words", false },
		{ "l\xc3\xa9"
		  "a",
		  false },
		{ "abcdef0", true },     /* 7 hex digits */
		{ "abcdef01", false },   /* 8 */
		{ "ABCDEF0123", false }, /* more, in capitals */
		{ "abcdef0g", true },    /* 8 with one that is not hex */
		{ "abcdef0-", true },
		{ "12345678", false },
	};

	(void)state;
	check(label_is_valid, rows, ARRAY_LEN(rows));
	check_bytes(label_is_valid, "", LOWER UPPER DIGIT, "");
	check_bytes(label_is_valid, "x", LOWER UPPER DIGIT "._-", "y");
	check_bytes(label_is_valid, "x", LOWER UPPER DIGIT "._-", "");
}

static void an_item_is_a_product_or_a_revision(void **state)
{
	static const struct row rows[] = {
		{ "visor", true },
		{ "visor/v30", true },
		{ "2.mask_b-c/3", true },
		{ LONG32 "/" LONG32, true },
		{ LONG32 "3", false },
		{ LONG32 "/" LONG32 "3", false },
		{ "", false },
		{ "/", false },
		{ "/v30", false },
		{ "visor/", false },
		{ "visor//v30", false },
		{ "a/b/c", false },
		{ "Visor", false },
		{ "visor/V30", false },
		{ ".visor", false },
		{ "visor/-1", false },
	};

	(void)state;
	check(item_is_valid, rows, ARRAY_LEN(rows));
	check_bytes(item_is_valid, "", LOWER DIGIT, "");
	check_bytes(item_is_valid, "x", LOWER DIGIT "._-/", "y");
	check_bytes(item_is_valid, "x/", LOWER DIGIT, "y");
}

static void a_place_is_an_iso_code(void **state)
{
	static const struct row rows[] = {
		{ "FR", true },     { "FR-8", true },     { "FR-88", true },
		{ "FR-2A", true },  { "FR-974", true },   { "", false },
		{ "F", false },     { "FRA", false },     { "FR-", false },
		{ "fr", false },    { "FR88", false },    { "FR-2a", false },
		{ "F1", false },    { "FR-9745", false }, { "FR_88", false },
		{ "FR-8-", false },
	};

	(void)state;
	check(place_is_valid, rows, ARRAY_LEN(rows));
	check_bytes(place_is_valid, "F", UPPER, "");
	check_bytes(place_is_valid, "FR", "-", "88");
	check_bytes(place_is_valid, "FR-8", UPPER DIGIT, "1");
}

/* With "tcp://" and ":1" an address of 128 characters. */
#define LONG_HOST                                              \
	"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z." \
	"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.12345678901.com"

static void an_address_is_tcp_host_and_port(void **state)
{
	static const struct row rows[] = {
		{ "tcp://192.0.2.7:5544", true },
		{ "tcp://hub.example:1", true },
		{ "tcp://h:65535", true },
		{ "tcp://my_hub-2:80", true },
		{ "tcp://[2001:db8::7]:5544", true },
		{ "tcp://[::ffff:192.0.2.7]:5544", true },
		{ "tcp://" LONG_HOST "1:1", true },
		{ "tcp://" LONG_HOST "12:1", false },
		{ "", false },
		{ "tcp://", false },
		{ "tcp://h", false },
		{ "tcp://:80", false },
		{ "tcp://h:", false },
		{ "tcp://h:0", false },
		{ "tcp://h:080", false },
		{ "tcp://h:65536", false },
		{ "tcp://h:123456", false },
		{ "tcp://h:80/", false },
		{ "tcp://*:80", false },
		{ "tcp://h:*", false },
		{ "tcp://a:b:80", false },
		{ "tcp://[::1]", false },
		{ "tcp://[]:80", false },
		{ "tcp://[h]:80", false },
		{ "tcp://[::1:80", false },
		{ "tcp://h;h:80", false },
		{ "tcp://h h:80", false },
		{ "TCP://h:80", false },
		{ "udp://h:80", false },
		{ "ipc:///tmp/x:80", false },
	};

	(void)state;
	assert_int_equal(strlen("tcp://" LONG_HOST "1:1"), 128);
	check(address_is_valid, rows, ARRAY_LEN(rows));
	check_bytes(address_is_valid, "tcp://h:8", DIGIT, "");
	check_bytes(address_is_valid, "tcp://h", LOWER UPPER DIGIT "._-",
		    "h:80");
}

static void a_currency_is_three_capitals(void **state)
{
	static const struct row rows[] = {
		{ "EUR", true },  { "XOF", true },   { "", false },
		{ "EU", false },  { "EURO", false }, { "eur", false },
		{ "E1R", false },
	};

	(void)state;
	check(currency_is_valid, rows, ARRAY_LEN(rows));
}

static void a_period_is_a_year_quarter_or_month(void **state)
{
	static const struct row rows[] = {
		{ "2020", true },     { "0000", true },
		{ "2020-Q1", true },  { "2020-Q4", true },
		{ "2020-01", true },  { "2020-09", true },
		{ "2020-10", true },  { "2020-12", true },
		{ "", false },        { "202", false },
		{ "20200", false },   { "2020-", false },
		{ "2020-Q0", false }, { "2020-Q5", false },
		{ "2020-q1", false }, { "2020-00", false },
		{ "2020-13", false }, { "2020-20", false },
		{ "2020-1", false },  { "2020_01", false },
		{ "202O", false },    { "2020-01-01", false },
		{ "2020-0a", false },
	};

	(void)state;
	check(period_is_valid, rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_label_is_short_and_never_looks_like_a_key),
		UNIT(an_item_is_a_product_or_a_revision),
		UNIT(a_place_is_an_iso_code),
		UNIT(an_address_is_tcp_host_and_port),
		UNIT(a_currency_is_three_capitals),
		UNIT(a_period_is_a_year_quarter_or_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
