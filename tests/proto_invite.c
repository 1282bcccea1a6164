#include "proto/invite.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static struct invite sample(void)
{
	struct invite inv;

	memset(&inv, 0, sizeof(inv));
	memset(inv.network.b, 1, sizeof(inv.network.b));
	memset(inv.transport.b, 2, sizeof(inv.transport.b));
	memset(inv.secret, 3, sizeof(inv.secret));
	inv.expires_s = 1586304000;
	inv.role = ROLE_MAKER;
	inv.is_auto = true;
	memcpy(inv.label, "visors-88", 10);
	memcpy(inv.addresses[0], "tcp://192.0.2.7:5544", 21);
	inv.addresses_n = 1;
	return inv;
}

static void a_link_brings_the_invite_back(void **state)
{
	struct invite inv = sample(), got;
	char link[INVITE_SIZE];

	(void)state;
	assert_int_equal(invite_encode(link, &inv), 0);
	assert_memory_equal(link, "maillon:2:", 10);
	assert_int_equal(strspn(link + 10, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "abcdefghijklmnopqrstuvwxyz"
					   "0123456789-_"),
			 strlen(link) - 10);
	assert_int_equal(invite_decode(&got, link, strlen(link)), 0);
	assert_memory_equal(&got, &inv, sizeof(inv));
	inv.is_auto = false;
	inv.role = ROLE_AUDITOR;
	inv.expires_s = LIMIT_TIME_MS / 1000;
	memset(inv.label, 'x', LIMIT_LABEL);
	assert_int_equal(invite_encode(link, &inv), 0);
	assert_int_equal(invite_decode(&got, link, strlen(link)), 0);
	assert_memory_equal(&got, &inv, sizeof(inv));
}

/* An address of n bytes. */
static void put_address(char *out, size_t n)
{
	memset(out, 'h', n);
	memcpy(out, "tcp://", 6);
	memcpy(out + n - 2, ":1", 3);
}

static void a_link_has_at_most_its_limit(void **state)
{
	struct invite inv = sample(), got;
	char link[INVITE_SIZE];
	size_t longest = 0;

	(void)state;
	inv.addresses_n = 6;
	for (size_t i = 0; i < 4; i++)
		put_address(inv.addresses[i], LIMIT_ADDRESS);
	put_address(inv.addresses[4], 100);
	for (size_t n = 10; n <= LIMIT_ADDRESS; n++) {
		put_address(inv.addresses[5], n);
		if (invite_encode(link, &inv) != 0) {
			assert_int_equal(invite_encode(link, &inv), ERR_LIMIT);
			break;
		}
		longest = strlen(link);
		assert_int_equal(invite_decode(&got, link, longest), 0);
		assert_memory_equal(&got, &inv, sizeof(inv));
	}
	assert_int_equal(longest, LIMIT_INVITE);
	memset(link, 'A', LIMIT_INVITE);
	memcpy(link, "maillon:1:", 10);
	assert_int_equal(invite_decode(&got, link, LIMIT_INVITE), ERR_FORMAT);
	memcpy(link, "maillon:2:", 10);
	assert_int_equal(invite_decode(&got, link, LIMIT_INVITE),
			 ERR_SIGNATURE);
	assert_int_equal(invite_decode(&got, link, LIMIT_INVITE + 1),
			 ERR_LIMIT);
}

static void eight_addresses_and_no_more(void **state)
{
	struct invite inv = sample(), got;
	char link[INVITE_SIZE];

	(void)state;
	for (size_t i = 0; i < LIMIT_ADDRESSES; i++)
		put_address(inv.addresses[i], 10);
	inv.addresses_n = LIMIT_ADDRESSES;
	assert_int_equal(invite_encode(link, &inv), 0);
	assert_int_equal(invite_decode(&got, link, strlen(link)), 0);
	assert_int_equal(got.addresses_n, LIMIT_ADDRESSES);
	inv.addresses_n = LIMIT_ADDRESSES + 1;
	assert_int_equal(invite_encode(link, &inv), ERR_LIMIT);
	inv.addresses_n = 0;
	assert_int_equal(invite_encode(link, &inv), ERR_FORMAT);
}

static void only_an_invite_that_can_be_read_is_encoded(void **state)
{
	struct invite inv = sample();
	char link[INVITE_SIZE] = "untouched";

	(void)state;
	inv.label[0] = '\0';
	assert_int_equal(invite_encode(link, &inv), ERR_FORMAT);
	inv = sample();
	memcpy(inv.addresses[0], "udp://h:1", 10);
	assert_int_equal(invite_encode(link, &inv), ERR_FORMAT);
	inv = sample();
	inv.expires_s = LIMIT_TIME_MS / 1000 + 1;
	assert_int_equal(invite_encode(link, &inv), ERR_LIMIT);
	inv = sample();
	inv.role = (enum role)(ROLE_AUDITOR + 1);
	assert_int_equal(invite_encode(link, &inv), ERR_LIMIT);
	assert_string_equal(link, "untouched");
}

/* One letter wrong, two neighbours exchanged, letters left out at the end. */
static void a_link_that_was_typed_wrong_is_told_as_that(void **state)
{
	struct invite inv = sample(), got;
	char link[INVITE_SIZE];
	size_t n;

	(void)state;
	assert_int_equal(invite_encode(link, &inv), 0);
	n = strlen(link);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(invite_decode(&got, link, cut),
				 cut < 10 ? ERR_FORMAT : ERR_SIGNATURE);
	for (size_t i = 10; i < n; i++) {
		const char old = link[i], next = link[i + 1];

		for (const char *c = "aAxX0oO1lI-_ ="; *c != '\0'; c++) {
			link[i] = *c;
			assert_int_equal(invite_decode(&got, link, n),
					 *c == old ? 0 : ERR_SIGNATURE);
		}
		link[i] = old;
		if (i + 1 == n || next == old)
			continue;
		link[i] = next;
		link[i + 1] = old;
		assert_int_equal(invite_decode(&got, link, n), ERR_SIGNATURE);
		link[i] = old;
		link[i + 1] = next;
	}
	link[n] = 'A';
	assert_int_equal(invite_decode(&got, link, n + 1), ERR_SIGNATURE);
}

/* A link of bytes that nobody should write. */
struct odd {
	uint32_t fields, version;
	size_t network_n, secret_n;
	uint64_t flags;
	uint32_t addresses;
	const char *tail;
	int err;
	const char *why;
};

static size_t put_odd(char *link, const struct odd *o)
{
	static const uint8_t zeros[64];
	uint8_t bytes[512];
	struct wr w;
	size_t n;

	wr_init(&w, bytes, sizeof(bytes));
	wr_array(&w, o->fields);
	wr_uint(&w, o->version);
	wr_bin(&w, zeros, o->network_n);
	wr_bin(&w, zeros, 32);
	wr_bin(&w, zeros, o->secret_n);
	wr_uint(&w, 0);
	wr_uint(&w, 0);
	wr_uint(&w, o->flags);
	wr_text(&w, "lea", 3);
	wr_array(&w, o->addresses);
	for (uint32_t i = 0; i < o->addresses; i++)
		wr_text(&w, "tcp://h:1", 9);
	wr_raw(&w, o->tail, strlen(o->tail));
	assert_int_equal(wr_end(&w, &n), 0);
	memcpy(link, "maillon:1:", 10);
	b64url_encode(link + 10, bytes, n);
	return strlen(link);
}

static void only_the_canonical_form_is_decoded(void **state)
{
	static const struct odd rows[] = {
		{ 9, 1, 32, 16, 0, 1, "", 0, "as it should be" },
		{ 9, 1, 32, 16, 1, 8, "", 0, "eight addresses" },
		{ 9, 1, 32, 16, 0, 9, "", ERR_LIMIT, "nine" },
		{ 9, 1, 32, 16, 0, 0, "", ERR_FORMAT, "none" },
		{ 8, 1, 32, 16, 0, 1, "", ERR_FORMAT, "8 fields" },
		{ 10, 1, 32, 16, 0, 1, "\x01", ERR_FORMAT, "10 fields" },
		{ 9, 2, 32, 16, 0, 1, "", ERR_VERSION, "version 2" },
		{ 10, 2, 32, 16, 0, 1, "\x01", ERR_VERSION,
		  "version 2 with more fields" },
		{ 9, 1, 31, 16, 0, 1, "", ERR_FORMAT, "short network" },
		{ 9, 1, 32, 17, 0, 1, "", ERR_LIMIT, "long secret" },
		{ 9, 1, 32, 16, 2, 1, "", ERR_LIMIT, "an unknown flag" },
		{ 9, 1, 32, 16, 0, 1, "\x01", ERR_FORMAT, "something after" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct invite inv = { .expires_s = 77 };
		char link[1024];
		size_t n = put_odd(link, &rows[i]);
		int err = invite_decode(&inv, link, n);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].why, err);
		if (err != 0)
			assert_int_equal(inv.expires_s, 77);
	}
}

static void other_texts_are_no_links(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", ERR_FORMAT },
		{ "maillon:", ERR_FORMAT },
		{ "maillon:1:", ERR_FORMAT },
		{ "https://example.org/", ERR_FORMAT },
		{ "Maillon:1:mQE", ERR_FORMAT },
		{ "maillon:2:", ERR_SIGNATURE },
		{ "maillon:2:mQE", ERR_SIGNATURE },
		{ "maillon:3:mQE", ERR_VERSION },
		{ "maillon:10:mQE", ERR_VERSION },
		{ "maillon:1:mQE=", ERR_FORMAT },
		{ "maillon:1:m+E", ERR_FORMAT },
		{ " maillon:1:mQE", ERR_FORMAT },
	};
	struct invite inv;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (invite_decode(&inv, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].err)
			fail_msg("\"%s\"", rows[i].text);
}

static void a_proof_is_of_every_part(void **state)
{
	struct pubkey feed = { { 1 } }, identity = { { 2 } };
	struct curvekey transport = { { 3 } };
	uint8_t secret[INVITE_SECRET] = { 4 };
	struct id network = { { 5 } };
	uint8_t *const parts[] = { feed.b, identity.b, transport.b, secret,
				   network.b };
	struct id proof, other;

	(void)state;
	proof = invite_proof(secret, &network, &feed, &identity, &transport);
	other = invite_proof(secret, &network, &feed, &identity, &transport);
	assert_true(id_eq(&proof, &other));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		parts[i][15] ^= 1;
		other = invite_proof(secret, &network, &feed, &identity,
				     &transport);
		assert_false(id_eq(&proof, &other));
		parts[i][15] ^= 1;
	}
}

static void a_fingerprint_is_four_groups_without_confusable_letters(
	void **state)
{
	char text[FINGERPRINT_SIZE];
	bool seen[128] = { false };
	unsigned letters = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct pubkey key = { { (uint8_t)i } };

		fingerprint(text, &key);
		assert_int_equal(strlen(text), 19);
		for (size_t k = 0; k < 19; k++)
			if (k % 5 == 4)
				assert_int_equal(text[k], '-');
			else
				seen[(unsigned char)text[k]] = true;
	}
	for (unsigned c = 0; c < 128; c++) {
		letters += seen[c];
		if (seen[c])
			assert_non_null(strchr(
				"0123456789ABCDEFGHJKMNPQRSTVWXYZ", (int)c));
	}
	assert_int_equal(letters, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_link_brings_the_invite_back),
		UNIT(a_link_has_at_most_its_limit),
		UNIT(eight_addresses_and_no_more),
		UNIT(only_an_invite_that_can_be_read_is_encoded),
		UNIT(a_link_that_was_typed_wrong_is_told_as_that),
		UNIT(only_the_canonical_form_is_decoded),
		UNIT(other_texts_are_no_links),
		UNIT(a_proof_is_of_every_part),
		UNIT(a_fingerprint_is_four_groups_without_confusable_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
