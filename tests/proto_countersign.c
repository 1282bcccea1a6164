#include "proto/book/countersign.h"

#include "tests/unit.h"
#include "tests/world.h"

struct fixture {
	struct world w;
	struct seckey *key;
	struct pubkey pub;
	struct record receive;
	struct sig sig;
};

static void sign(struct fixture *f)
{
	f->pub = seckey_pub(f->key);
	assert_int_equal(
		countersign_make(&f->sig, f->key, &f->w.network, &f->receive),
		0);
	record_set_bytes(&f->receive, FACT_RECEIPT_KEY, f->pub.b, KEY_SIZE);
	record_set_bytes(&f->receive, FACT_RECEIPT_SIG, f->sig.b, SIG_SIZE);
}

static int setup(void **state)
{
	static struct fixture f;
	static const struct id deliver = { { 7 } };

	memset(&f, 0, sizeof(f));
	world_found(&f.w);
	f.key = world_key(9, 1);
	record_init(&f.receive, KIND_RECEIVE);
	record_set_bytes(&f.receive, FACT_DELIVER, deliver.b, ID_SIZE);
	world_set_line(&f.receive, FACT_ACCEPTED, 48, "visor/v30");
	record_set_bytes(&f.receive, FACT_NUMBER, "n1", 2);
	sign(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	seckey_close(f->key);
	world_release(&f->w);
	return 0;
}

static bool holds(struct fixture *f)
{
	return countersign_check(&f->w.network, &f->receive);
}

static void what_was_signed_verifies(void **state)
{
	assert_true(holds(*state));
}

/* Each thing that a receipt says of the goods, changed. */
static void nothing_that_was_said_can_be_changed(void **state)
{
	static const struct id other = { { 8 } };
	struct fixture *f = *state;
	const struct record was = f->receive;

	record_set_bytes(&f->receive, FACT_DELIVER, other.b, ID_SIZE);
	assert_false(holds(f));
	f->receive = was;
	world_set_line(&f->receive, FACT_ACCEPTED, 49, "visor/v30");
	assert_false(holds(f));
	f->receive = was;
	world_set_line(&f->receive, FACT_REFUSED, 2, "visor/v30");
	assert_false(holds(f));
	f->receive = was;
	record_set_bytes(&f->receive, FACT_NUMBER, "n2", 2);
	assert_false(holds(f));
	f->receive = was;
	assert_false(countersign_check(&other, &f->receive));
	assert_true(holds(f));
}

/* A quantity that was refused is not one that was accepted. */
static void the_parts_do_not_change_places(void **state)
{
	struct fixture *f = *state;
	struct bytes line = world_line(48, "visor/v30");

	f->receive.has[FACT_ACCEPTED / 64] &= ~(1ULL << FACT_ACCEPTED % 64);
	record_set_bytes(&f->receive, FACT_REFUSED, line.p, line.n);
	assert_false(holds(f));
}

static void every_bit_of_key_and_signature_matters(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < 8 * SIG_SIZE; i++) {
		struct sig bad = f->sig;

		bad.b[i / 8] ^= (uint8_t)(1 << i % 8);
		record_set_bytes(&f->receive, FACT_RECEIPT_SIG, bad.b,
				 SIG_SIZE);
		assert_false(holds(f));
	}
	record_set_bytes(&f->receive, FACT_RECEIPT_SIG, f->sig.b, SIG_SIZE);
	for (size_t i = 0; i < 8 * KEY_SIZE; i++) {
		struct pubkey bad = f->pub;

		bad.b[i / 8] ^= (uint8_t)(1 << i % 8);
		record_set_bytes(&f->receive, FACT_RECEIPT_KEY, bad.b,
				 KEY_SIZE);
		assert_false(holds(f));
	}
}

static void one_without_key_or_signature_holds_nothing(void **state)
{
	struct fixture *f = *state;
	struct record bare = f->receive;

	bare.has[FACT_RECEIPT_SIG / 64] &= ~(1ULL << FACT_RECEIPT_SIG % 64);
	assert_false(countersign_check(&f->w.network, &bare));
	bare = f->receive;
	bare.has[FACT_RECEIPT_KEY / 64] &= ~(1ULL << FACT_RECEIPT_KEY % 64);
	assert_false(countersign_check(&f->w.network, &bare));
}

/* A node key's signature under another domain is none. */
static void a_signature_of_another_domain_is_none(void **state)
{
	static const uint8_t message[160];
	struct fixture *f = *state;
	struct sig sig;

	assert_int_equal(sign_make(&sig, f->key, "maillon/1 node", message,
				   sizeof(message)),
			 0);
	record_set_bytes(&f->receive, FACT_RECEIPT_SIG, sig.b, SIG_SIZE);
	assert_false(holds(f));
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_was_signed_verifies),
		FRESH(nothing_that_was_said_can_be_changed),
		FRESH(the_parts_do_not_change_places),
		FRESH(every_bit_of_key_and_signature_matters),
		FRESH(one_without_key_or_signature_holds_nothing),
		FRESH(a_signature_of_another_domain_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
