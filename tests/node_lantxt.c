#include "node/net/lantxt.h"

#include "crypto/err.h"
#include "proto/form.h"
#include "tests/unit.h"

#include <string.h>

static const struct id network = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };
static const struct curvekey key = { { 0xab, 0xcd } };

static void add(struct lantxt *t, const char *text)
{
	lantxt_add(t, text, strlen(text));
}

/* The three strings of a node of this network, one of them as given. */
static bool is_of(size_t which, const char *instead)
{
	char text[LANTXT_STRINGS][LANTXT_STRING];
	struct lantxt t;

	lantxt_put(text, &network, &key);
	lantxt_init(&t);
	for (size_t i = 0; i < LANTXT_STRINGS; i++)
		add(&t, i == which ? instead : text[i]);
	return lantxt_is_of(&t, &network);
}

static void what_is_put_is_read_again(void **state)
{
	char text[LANTXT_STRINGS][LANTXT_STRING];
	struct id other = network;
	struct lantxt t;

	(void)state;
	lantxt_put(text, &network, &key);
	assert_string_equal(text[0], "v=1");
	assert_string_equal(text[1], "net=0102030405060708");
	assert_int_equal(strlen(text[2]), LANTXT_STRING - 4);
	lantxt_init(&t);
	for (size_t i = LANTXT_STRINGS; i-- > 0;) {
		assert_false(lantxt_is_of(&t, &network));
		add(&t, text[i]);
	}
	assert_true(lantxt_is_of(&t, &network));
	assert_memory_equal(&t.key, &key, sizeof(key));
	other.b[8] = 0;
	assert_true(lantxt_is_of(&t, &other));
	other.b[7] = 0;
	assert_false(lantxt_is_of(&t, &other));
}

static void what_is_not_well_formed_is_no_hint(void **state)
{
	static const struct {
		size_t which;
		const char *text, *why;
	} rows[] = {
		{ 0, "v=2", "another version" },
		{ 0, "v=", "none" },
		{ 0, "v=11", "too long" },
		{ 0, "v", "no value" },
		{ 0, "", "nothing" },
		{ 1, "net=01020304050607", "short" },
		{ 1, "net=010203040506070809", "long" },
		{ 1, "net=010203040506070A", "capitals" },
		{ 1, "net=010203040506070/", "no digit" },
		{ 1, "net", "a name only" },
		{ 2, "key=", "empty" },
		{ 2, "key=abcd", "short" },
		{ 2, "yek=abcd", "another name" },
	};

	(void)state;
	assert_true(is_of(LANTXT_STRINGS, ""));
	assert_true(is_of(0, "V=1"));
	assert_true(is_of(1, "NeT=0102030405060708"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (is_of(rows[i].which, rows[i].text))
			fail_msg("%s: %s", rows[i].text, rows[i].why);
}

static void the_first_of_a_name_counts_and_others_are_passed_over(void **state)
{
	char text[LANTXT_STRINGS][LANTXT_STRING];
	struct lantxt t;

	(void)state;
	lantxt_put(text, &network, &key);
	lantxt_init(&t);
	add(&t, "version=7");
	lantxt_add(&t, "v=1\0", 4);
	for (size_t i = 0; i < LANTXT_STRINGS; i++)
		add(&t, text[i]);
	assert_false(lantxt_is_of(&t, &network));
	lantxt_init(&t);
	for (size_t i = 0; i < LANTXT_STRINGS; i++)
		add(&t, text[i]);
	add(&t, "v=2");
	add(&t, "key=00");
	assert_true(lantxt_is_of(&t, &network));
	assert_memory_equal(&t.key, &key, sizeof(key));
}

static void a_name_has_room_for_every_number(void **state)
{
	char name[LANTXT_NAME];

	(void)state;
	lantxt_name(name, &key, 0);
	assert_string_equal(name, "maillon-abcd00000000");
	lantxt_name(name, &key, 999);
	assert_string_equal(name, "maillon-abcd00000000-999");
	lantxt_name(name, &key, 4294967295U);
	assert_true(strlen(name) < LANTXT_NAME);
}

static void an_address_is_one_of_another_machine(void **state)
{
	static const struct {
		const char *host, *address;
		int err;
	} rows[] = {
		{ "192.168.1.7", "tcp://192.168.1.7:4787", 0 },
		{ "169.254.9.9", "tcp://169.254.9.9:4787", 0 },
		{ "fd09::1", "tcp://[fd09::1]:4787", 0 },
		{ "2001:db8:0:0::7", "tcp://[2001:db8::7]:4787", 0 },
		{ "0.0.0.0", "", ERR_LIMIT },
		{ "127.0.0.1", "", ERR_LIMIT },
		{ "224.0.0.251", "", ERR_LIMIT },
		{ "239.1.1.1", "", ERR_LIMIT },
		{ "255.255.255.255", "", ERR_LIMIT },
		{ "::", "", ERR_LIMIT },
		{ "::1", "", ERR_LIMIT },
		{ "fe80::1", "", ERR_LIMIT },
		{ "ff02::fb", "", ERR_LIMIT },
		{ "::ffff:127.0.0.1", "", ERR_LIMIT },
		{ "fe80::1%eth0", "", ERR_FORMAT },
		{ "example.org", "", ERR_FORMAT },
		{ "192.168.1.7:80", "", ERR_FORMAT },
		{ "", "", ERR_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[LIMIT_ADDRESS + 1] = "";

		assert_int_equal(lantxt_address(out, rows[i].host, 4787),
				 rows[i].err);
		assert_string_equal(out, rows[i].address);
		if (rows[i].err == 0)
			assert_true(address_is_valid(out, strlen(out)));
		assert_int_not_equal(lantxt_address(out, rows[i].host, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_is_put_is_read_again),
		UNIT(what_is_not_well_formed_is_no_hint),
		UNIT(the_first_of_a_name_counts_and_others_are_passed_over),
		UNIT(a_name_has_room_for_every_number),
		UNIT(an_address_is_one_of_another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
