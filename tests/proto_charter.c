#include "proto/charter.h"

#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static struct charter sample(size_t founders)
{
	struct charter c;

	memset(&c, 0, sizeof(c));
	memcpy(c.name, "Visors", 7);
	memcpy(c.currency, "EUR", 4);
	c.quorum = 2;
	c.created_ms = 1584662400000;
	c.nonce[15] = 7;
	c.founders_n = founders;
	for (size_t i = 0; i < founders && i < LIMIT_FOUNDERS; i++) {
		struct founder *f = &c.founders[i];

		f->identity.b[0] = (uint8_t)(i + 1);
		snprintf(f->label, sizeof(f->label), "founder-%u", (unsigned)i);
		memcpy(f->place, "FR-88", 6);
	}
	return c;
}

static void fill(char *out, char c, size_t n)
{
	memset(out, c, n);
	out[n] = '\0';
}

static void what_is_encoded_is_decoded(void **state)
{
	(void)state;
	for (size_t n = 1; n <= LIMIT_FOUNDERS; n++) {
		uint8_t bytes[LIMIT_CHARTER], again[LIMIT_CHARTER];
		struct charter c = sample(n), d;
		size_t bytes_n, again_n;

		c.is_public = n % 2 == 0;
		memcpy(c.founders[0].name,
		       "L\xc3\xa9"
		       "a",
		       5);
		assert_int_equal(charter_encode(bytes, &bytes_n, &c), 0);
		assert_int_equal(charter_decode(&d, bytes, bytes_n), 0);
		assert_memory_equal(&c, &d, sizeof(c));
		assert_int_equal(charter_encode(again, &again_n, &d), 0);
		assert_int_equal(again_n, bytes_n);
		assert_memory_equal(again, bytes, bytes_n);
	}
}

static void the_largest_charter_fits(void **state)
{
	uint8_t bytes[LIMIT_CHARTER];
	struct charter c = sample(LIMIT_FOUNDERS), d;
	size_t n;

	(void)state;
	fill(c.name, 'n', LIMIT_NAME);
	c.quorum = LIMIT_QUORUM;
	c.created_ms = LIMIT_TIME_MS;
	for (size_t i = 0; i < c.founders_n; i++) {
		fill(c.founders[i].label, 'l', LIMIT_LABEL);
		fill(c.founders[i].name, 'n', LIMIT_NAME);
		memcpy(c.founders[i].place, "FR-974", 7);
	}
	assert_int_equal(charter_encode(bytes, &n, &c), 0);
	assert_in_range(n, 2000, 2500);
	assert_int_equal(charter_decode(&d, bytes, n), 0);
	assert_memory_equal(&c, &d, sizeof(c));
}

static void the_order_of_founders_does_not_matter(void **state)
{
	struct charter c = sample(3), d = sample(3);
	struct founder f = d.founders[0];
	uint8_t bytes[LIMIT_CHARTER];
	struct id a, b, hash;
	size_t n;

	(void)state;
	d.founders[0] = d.founders[2];
	d.founders[2] = f;
	assert_int_equal(charter_id(&a, &c), 0);
	assert_int_equal(charter_id(&b, &d), 0);
	assert_true(id_eq(&a, &b));
	assert_int_equal(charter_encode(bytes, &n, &d), 0);
	hash = hash_id(bytes, n);
	assert_true(id_eq(&a, &hash));
	d.nonce[0]++;
	assert_int_equal(charter_id(&b, &d), 0);
	assert_false(id_eq(&a, &b));
}

static void change_nothing(struct charter *c)
{
	(void)c;
}
static void no_name(struct charter *c)
{
	c->name[0] = '\0';
}
static void name_with_a_line_end(struct charter *c)
{
	c->name[1] = '\n';
}
static void name_not_utf8(struct charter *c)
{
	c->name[0] = '\xff';
}
static void small_currency(struct charter *c)
{
	memcpy(c->currency, "eur", 4);
}
static void short_currency(struct charter *c)
{
	c->currency[2] = '\0';
}
static void no_founders(struct charter *c)
{
	c->founders_n = 0;
}
static void too_many_founders(struct charter *c)
{
	c->founders_n = LIMIT_FOUNDERS + 1;
}
static void a_founder_twice(struct charter *c)
{
	c->founders[1].identity = c->founders[0].identity;
}
static void no_label(struct charter *c)
{
	c->founders[0].label[0] = '\0';
}
static void label_like_a_key(struct charter *c)
{
	memcpy(c->founders[0].label, "deadbeef", 9);
}
static void bad_founder_name(struct charter *c)
{
	memcpy(c->founders[1].name, "\xe2\x80\xae", 4);
}
static void no_place(struct charter *c)
{
	c->founders[1].place[0] = '\0';
}
static void quorum_of_64(struct charter *c)
{
	c->quorum = LIMIT_QUORUM;
}
static void quorum_of_65(struct charter *c)
{
	c->quorum = LIMIT_QUORUM + 1;
}
static void time_too_late(struct charter *c)
{
	c->created_ms = LIMIT_TIME_MS + 1;
}

static void only_a_charter_that_can_be_read_is_encoded(void **state)
{
	static const struct {
		void (*change)(struct charter *c);
		int err;
	} rows[] = {
		{ change_nothing, 0 },
		{ no_name, ERR_FORMAT },
		{ name_with_a_line_end, ERR_FORMAT },
		{ name_not_utf8, ERR_FORMAT },
		{ small_currency, ERR_FORMAT },
		{ short_currency, ERR_FORMAT },
		{ no_founders, ERR_FORMAT },
		{ too_many_founders, ERR_LIMIT },
		{ a_founder_twice, ERR_FORMAT },
		{ no_label, ERR_FORMAT },
		{ label_like_a_key, ERR_FORMAT },
		{ bad_founder_name, ERR_FORMAT },
		{ no_place, ERR_FORMAT },
		{ quorum_of_64, 0 },
		{ quorum_of_65, ERR_LIMIT },
		{ time_too_late, ERR_LIMIT },
	};
	uint8_t bytes[LIMIT_CHARTER];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct charter c = sample(2);
		struct id id;
		size_t n;

		rows[i].change(&c);
		if (charter_encode(bytes, &n, &c) != rows[i].err)
			fail_msg("row %zu", i);
		assert_int_equal(charter_id(&id, &c), rows[i].err);
	}
}

static void every_truncation_is_refused(void **state)
{
	uint8_t bytes[LIMIT_CHARTER + 1];
	struct charter c = sample(2), d;
	size_t n;

	(void)state;
	assert_int_equal(charter_encode(bytes, &n, &c), 0);
	for (size_t cut = 0; cut < n; cut++)
		assert_true(charter_decode(&d, bytes, cut) < 0);
	bytes[n] = 0;
	assert_int_equal(charter_decode(&d, bytes, n + 1), ERR_FORMAT);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(charter_decode(&d, bytes, LIMIT_CHARTER + 1),
			 ERR_LIMIT);
}

/* The bytes of a charter as nobody should write it. */
struct odd {
	uint32_t fields, version, founders;
	int step; /* from one founder's key to the next */
	uint32_t founder_fields;
	size_t key_n, nonce_n;
	uint64_t is_public;
	int err;
	const char *why;
};

static size_t put_odd(uint8_t *out, const struct odd *o)
{
	static const uint8_t zeros[64];
	struct wr w;
	size_t n;

	wr_init(&w, out, LIMIT_CHARTER);
	wr_array(&w, o->fields);
	wr_uint(&w, o->version);
	wr_text(&w, "Visors", 6);
	wr_text(&w, "EUR", 3);
	wr_array(&w, o->founders);
	for (uint32_t i = 0; i < o->founders; i++) {
		uint8_t key[64] = { (uint8_t)(99 + (int)i * o->step) };

		wr_array(&w, o->founder_fields);
		wr_bin(&w, key, o->key_n);
		wr_text(&w, "lea", 3);
		wr_text(&w, "", 0);
		wr_text(&w, "FR", 2);
	}
	wr_uint(&w, o->is_public);
	wr_uint(&w, 0);
	wr_uint(&w, 0);
	wr_bin(&w, zeros, o->nonce_n);
	assert_int_equal(wr_end(&w, &n), 0);
	return n;
}

static void only_the_canonical_form_is_decoded(void **state)
{
	static const struct odd rows[] = {
		{ 8, 1, 2, 1, 4, 32, 16, 0, 0, "as it should be" },
		{ 8, 1, 16, 1, 4, 32, 16, 1, 0, "sixteen founders" },
		{ 8, 1, 17, 1, 4, 32, 16, 0, ERR_LIMIT, "seventeen" },
		{ 8, 1, 2, -1, 4, 32, 16, 0, ERR_FORMAT, "falling" },
		{ 8, 1, 2, 0, 4, 32, 16, 0, ERR_FORMAT, "twice the same" },
		{ 8, 2, 2, 1, 4, 32, 16, 0, ERR_VERSION, "version 2" },
		{ 9, 2, 2, 1, 4, 32, 16, 0, ERR_VERSION,
		  "version 2 with more fields" },
		{ 7, 1, 2, 1, 4, 32, 16, 0, ERR_FORMAT, "7 fields" },
		{ 9, 1, 2, 1, 4, 32, 16, 0, ERR_FORMAT, "9 fields" },
		{ 8, 1, 2, 1, 3, 32, 16, 0, ERR_FORMAT,
		  "a founder of three fields" },
		{ 8, 1, 2, 1, 4, 31, 16, 0, ERR_FORMAT, "a short key" },
		{ 8, 1, 2, 1, 4, 33, 16, 0, ERR_LIMIT, "a long key" },
		{ 8, 1, 2, 1, 4, 32, 15, 0, ERR_FORMAT, "a short nonce" },
		{ 8, 1, 2, 1, 4, 32, 17, 0, ERR_LIMIT, "a long nonce" },
		{ 8, 1, 2, 1, 4, 32, 16, 2, ERR_LIMIT, "half public" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[LIMIT_CHARTER];
		size_t n = put_odd(bytes, &rows[i]);
		struct charter c = { .quorum = 77 };
		int err = charter_decode(&c, bytes, n);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		if (err != 0)
			assert_int_equal(c.quorum, 77);
	}
}

static void a_currency_has_three_letters(void **state)
{
	static const struct {
		const char *text; /* header and currency */
		int err;
	} rows[] = {
		{ "\xa3"
		  "EUR",
		  0 },
		{ "\xa2"
		  "EU",
		  ERR_FORMAT },
		{ "\xa4"
		  "EURO",
		  ERR_LIMIT },
	};
	uint8_t bytes[LIMIT_CHARTER], odd[LIMIT_CHARTER];
	struct charter c = sample(1);
	size_t n;

	(void)state;
	assert_int_equal(charter_encode(bytes, &n, &c), 0);
	assert_memory_equal(bytes + 9, rows[0].text, 4);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].text);

		memcpy(odd, bytes, 9);
		memcpy(odd + 9, rows[i].text, len);
		memcpy(odd + 9 + len, bytes + 13, n - 13);
		assert_int_equal(charter_decode(&c, odd, n + len - 4),
				 rows[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_is_encoded_is_decoded),
		UNIT(the_largest_charter_fits),
		UNIT(the_order_of_founders_does_not_matter),
		UNIT(only_a_charter_that_can_be_read_is_encoded),
		UNIT(every_truncation_is_refused),
		UNIT(only_the_canonical_form_is_decoded),
		UNIT(a_currency_has_three_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
