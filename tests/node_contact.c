#include "node/net/contact.h"

#include "tests/roster_world.h"
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
	row->is_kept = true;
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

/* Their members have published an address, who named or knows them not. */
static void pauses_of_the_published_double_up_to_an_hour(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey k = key_of(1);
	struct contact *row = contacts_add(c, &k, "tcp://one:1");
	uint64_t pause = CONTACT_PAUSE_MIN;

	(void)state;
	for (unsigned i = 0; i < CONTACT_TRIES; i++) {
		contact_failed(row, false, 5000, 0);
		assert_int_equal(row->next_ms, 5000 + pause);
		pause = 2 * pause < CONTACT_PAUSE_LONG ? 2 * pause
						       : CONTACT_PAUSE_LONG;
	}
	assert_int_equal(pause, CONTACT_PAUSE_LONG);
	/* Unless there is nobody else. */
	contacts_hurry(c, 7000, 0);
	assert_int_equal(row->next_ms, 7000 + CONTACT_PAUSE_MAX);
	contacts_hurry(c, 7000, CONTACT_PAUSE_MAX / 2 - 1);
	assert_int_equal(row->next_ms, 7001 + CONTACT_PAUSE_MAX / 2);
	contacts_hurry(c, 17000, 0);
	assert_int_equal(row->next_ms, 7001 + CONTACT_PAUSE_MAX / 2);
	free(c);
}

/* Whoever publishes for many nodes has one place, and the others theirs. */
static void a_member_has_one_place(void **state)
{
	struct world *w = world_open(1);
	struct contacts *c = contacts_new();
	struct pubkey nobody = { { 0 } };
	struct roster *r;

	(void)state;
	world_begin(w, 0);
	for (size_t i = 1; i < 4; i++) {
		world_admit(w, 0, i, false);
		world_begin(w, i);
		world_addresses(w, i, "tcp://home:1", NULL);
	}
	for (size_t i = WORLD_PEOPLE; i < WORLD_FEEDS; i++) {
		world_open_as(w, i, 1, 1);
		world_addresses(w, i, "tcp://victim:80", "tcp://victim:443");
	}
	r = world_roster(w);
	for (uint32_t start = 0; start < 12; start++) {
		contacts_publish(c, r, &nobody, start, 1000);
		assert_int_equal(c->n, 3);
		for (size_t i = 0; i < 3; i++)
			for (size_t k = 0; k < i; k++)
				assert_false(pubkey_eq(&c->row[i].who,
						       &c->row[k].who));
		c->n = 0;
	}
	roster_close(r);
	world_close(w);
	free(c);
}

static void who_leads_nowhere_gives_its_place_to_another(void **state)
{
	struct world *w = world_open(1);
	struct contacts *c = contacts_new();
	struct pubkey nobody = { { 0 } };
	struct curvekey gone;
	struct roster *r;

	(void)state;
	world_begin(w, 0);
	for (size_t i = 1; i <= CONTACTS_PUBLISHED + 1; i++) {
		world_admit(w, 0, i, false);
		world_begin(w, i);
		world_addresses(w, i, "tcp://home:1", NULL);
	}
	r = world_roster(w);
	contacts_publish(c, r, &nobody, 0, 1000);
	assert_int_equal(c->n, CONTACTS_PUBLISHED);
	gone = c->row[3].key;
	for (unsigned i = 1; i < CONTACT_TRIES; i++)
		contact_failed(&c->row[3], false, 1000, 0);
	contacts_publish(c, r, &nobody, 0, 1001);
	assert_non_null(contacts_find(c, &gone));
	contact_failed(&c->row[3], false, 1000, 0);
	/* While it is dialled it stays. */
	contacts_publish(c, r, &nobody, 0, c->row[3].next_ms);
	assert_non_null(contacts_find(c, &gone));
	contacts_publish(c, r, &nobody, 0, 1001);
	assert_null(contacts_find(c, &gone));
	assert_int_equal(c->n, CONTACTS_PUBLISHED);
	assert_int_equal(c->row[3].failures, 0);
	assert_string_equal(contact_address(&c->row[3]), "tcp://home:1");
	roster_close(r);
	world_close(w);
	free(c);
}

static void a_hint_is_worth_one_dial(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey a = key_of(1);
	struct contact *row = contacts_add(c, &a, "tcp://far:1");

	(void)state;
	assert_false(contacts_hint(c, &a, false, "tcp://far:1", 1000));
	row->next_ms = 9000;
	assert_true(contacts_hint(c, &a, false, "tcp://near:1", 1000));
	assert_int_equal(row->next_ms, 1000);
	assert_string_equal(contact_address(row), "tcp://near:1");
	assert_false(contacts_hint(c, &a, false, "tcp://nearer:1", 1001));
	contact_dialled(row);
	contact_failed(row, false, 1100, 0);
	assert_string_equal(contact_address(row), "tcp://far:1");
	assert_int_equal(row->next_ms, 1100 + CONTACT_STEP_MS);
	assert_int_equal(row->failures, 0);
	/* The next has to wait, and longer each time. */
	assert_false(contacts_hint(c, &a, false, "tcp://near:1",
				   1000 + CONTACT_HINT_MS - 1));
	assert_true(contacts_hint(c, &a, false, "tcp://near:1",
				  1000 + CONTACT_HINT_MS));
	contact_dialled(row);
	contact_failed(row, false, 20000, 0);
	assert_false(contacts_hint(c, &a, false, "tcp://near:1",
				   1000 + 3 * CONTACT_HINT_MS - 1));
	assert_true(contacts_hint(c, &a, false, "tcp://near:1",
				  1000 + 3 * CONTACT_HINT_MS));
	contact_worked(row);
	assert_int_equal(row->hint_pause, 0);
	free(c);
}

static void a_hint_that_comes_during_a_dial_is_tried_after_it(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey a = key_of(1);
	struct contact *row = contacts_add(c, &a, "tcp://far:1");

	(void)state;
	contact_dialled(row);
	assert_true(contacts_hint(c, &a, false, "tcp://near:1", 1000));
	contact_failed(row, false, 2000, 0);
	assert_string_equal(contact_address(row), "tcp://near:1");
	assert_int_equal(row->next_ms, 2000 + CONTACT_STEP_MS);
	free(c);
}

/* It rests after so many failures. */
static void give_up(struct contact *row, unsigned failures, uint64_t now_ms)
{
	for (unsigned i = 0; i < failures; i++) {
		contact_dialled(row);
		contact_failed(row, false, now_ms, 0);
	}
}

static void keys_that_only_hints_tell_of_have_few_places(void **state)
{
	struct contacts *c = contacts_new();
	struct curvekey asked = key_of(99), late = key_of(50),
			member = key_of(51);

	(void)state;
	contacts_add(c, &asked, "tcp://far:1");
	for (unsigned i = 0; i < CONTACTS_HINTED; i++) {
		struct curvekey k = key_of(i);

		assert_true(contacts_hint(c, &k, false, "tcp://near:1", 1000));
	}
	assert_int_equal(c->n, CONTACTS_HINTED + 1);
	assert_false(contacts_hint(c, &late, false, "tcp://near:1", 1000));
	give_up(&c->row[0], CONTACT_HINT_TRIES, 1000);
	give_up(&c->row[1], CONTACT_HINT_TRIES - 1, 1000);
	c->row[2].was_met = true;
	give_up(&c->row[2], CONTACT_HINT_TRIES, 1000);
	assert_false(contacts_hint(c, &late, false, "tcp://near:1", 1001));
	give_up(&c->row[1], 1, 1000);
	assert_true(contacts_hint(c, &late, false, "tcp://near:1", 1001));
	assert_ptr_equal(contacts_find(c, &late), &c->row[1]);
	assert_int_equal(c->row[1].failures, 0);
	/* Strangers take no place of a member. */
	assert_true(contacts_hint(c, &member, true, "tcp://near:1", 1001));
	assert_int_equal(c->n, CONTACTS_HINTED + 2);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_key_is_one_contact_with_all_its_addresses),
		UNIT(addresses_and_contacts_have_a_ceiling),
		UNIT(each_address_is_tried_before_a_pause),
		UNIT(pauses_double_up_to_a_minute),
		UNIT(pauses_of_the_published_double_up_to_an_hour),
		UNIT(a_member_has_one_place),
		UNIT(who_leads_nowhere_gives_its_place_to_another),
		UNIT(chance_takes_off_up_to_a_half),
		UNIT(who_waits_for_the_end_does_not_wait_long),
		UNIT(a_hint_is_worth_one_dial),
		UNIT(a_hint_that_comes_during_a_dial_is_tried_after_it),
		UNIT(keys_that_only_hints_tell_of_have_few_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
