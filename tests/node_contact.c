#include "node/net/contact.h"

#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct curvekey key_of(unsigned n)
{
	struct curvekey k;

	memset(&k, 0, sizeof(k));
	k.b[0] = (uint8_t)n;
	k.b[1] = (uint8_t)(n >> 8);
	return k;
}

static struct contacts *contacts_new(void)
{
	struct contacts *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

static void a_key_is_one_contact_with_all_its_addresses(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey a = key_of(1), b = key_of(2);
	struct contact *row;

	(void)state;
	row = contacts_add(c, &a, "tcp://one:1");
	assert_ptr_equal(contacts_add(c, &a, "tcp://two:1"), row);
	assert_ptr_equal(contacts_add(c, &a, "tcp://one:1"), row);
	assert_ptr_equal(contacts_add(c, &a, NULL), row);
	assert_int_equal(row->address_n, 2);
	assert_ptr_equal(contacts_find(c, &a), row);
	assert_null(contacts_find(c, &b));
	assert_null(contacts_add(c, &b, NULL));
	assert_int_equal(c->n, 1);
	free(c);
}

static void addresses_and_contacts_have_a_ceiling(void **state)
{
	struct contacts *c = contacts_new();
	char address[32];

	(void)state;
	for (unsigned i = 0; i < CONTACTS_MAX; i++) {
		struct curvekey k = key_of(i);

		assert_non_null(contacts_add(c, &k, "tcp://one:1"));
	}
	for (unsigned i = 0; i < 3; i++) {
		struct curvekey k = key_of(CONTACTS_MAX + i);

		assert_null(contacts_add(c, &k, "tcp://one:1"));
	}
	for (unsigned i = 0; i < 2 * LIMIT_ADDRESSES; i++) {
		struct curvekey k = key_of(5);

		snprintf(address, sizeof(address), "tcp://one:%u", i + 1);
		contacts_add(c, &k, address);
		/* The newest is always among them. */
		assert_string_equal(c->row[5].address[c->row[5].address_n - 1],
				    address);
	}
	assert_int_equal(c->row[5].address_n, LIMIT_ADDRESSES);
	free(c);
}

static void each_address_is_tried_before_a_pause(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey k = key_of(1);
	struct contact *row = contacts_add(c, &k, "tcp://one:1");

	(void)state;
	contacts_add(c, &k, "tcp://two:1");
	contacts_add(c, &k, "tcp://three:1");
	assert_string_equal(contact_address(row), "tcp://one:1");
	contact_failed(row, false, 1000, 0);
	assert_string_equal(contact_address(row), "tcp://two:1");
	assert_int_equal(row->next_ms, 1000 + CONTACT_STEP_MS);
	contact_failed(row, false, 2000, 0);
	assert_string_equal(contact_address(row), "tcp://three:1");
	contact_failed(row, false, 3000, 0);
	assert_string_equal(contact_address(row), "tcp://one:1");
	assert_int_equal(row->next_ms, 3000 + CONTACT_PAUSE_MIN);
	free(c);
}

static void pauses_double_up_to_a_minute(void **state)
{
	static const uint64_t pauses[] = { 1000,  2000,  4000,  8000, 16000,
					   32000, 60000, 60000, 60000 };
	struct contacts *c = contacts_new();
	struct curvekey k = key_of(1);
	struct contact *row = contacts_add(c, &k, "tcp://one:1");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		contact_failed(row, false, 5000, 0);
		assert_int_equal(row->next_ms, 5000 + pauses[i]);
	}
	/* However long it goes on. */
	row->failures = UINT32_MAX - 1;
	contact_failed(row, false, 5000, 0);
	assert_int_equal(row->next_ms, 5000 + CONTACT_PAUSE_MAX);
	contact_worked(row);
	contact_failed(row, false, 5000, 0);
	assert_int_equal(row->next_ms, 5000 + CONTACT_PAUSE_MIN);
	free(c);
}

static void chance_takes_off_up_to_a_half(void **state)
{
	static const uint32_t chances[] = { 0,   1,     499,       500,
					    501, 12345, UINT32_MAX };
	struct contacts *c = contacts_new();
	struct curvekey k = key_of(1);
	struct contact *row = contacts_add(c, &k, "tcp://one:1");
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chances); i++) {
		uint64_t pause;

		contact_worked(row);
		contact_failed(row, false, 5000, chances[i]);
		pause = row->next_ms - 5000;
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
	}
	assert_int_equal(least, CONTACT_PAUSE_MIN / 2);
	assert_int_equal(most, CONTACT_PAUSE_MIN);
	free(c);
}

static void who_waits_for_the_end_does_not_wait_long(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey k = key_of(1);
	struct contact *row = contacts_add(c, &k, "tcp://one:1");
	uint64_t total = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		contact_failed(row, true, 5000, 0);
		total += row->next_ms - 5000;
	}
	assert_int_equal(total, 250 + 500 + 1000);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_key_is_one_contact_with_all_its_addresses),
		UNIT(addresses_and_contacts_have_a_ceiling),
		UNIT(each_address_is_tried_before_a_pause),
		UNIT(pauses_double_up_to_a_minute),
		UNIT(chance_takes_off_up_to_a_half),
		UNIT(who_waits_for_the_end_does_not_wait_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
