#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/wr.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/*
 * Pairs of branches of one feed, signed for the purpose: what proves a fork,
 * and what does not.
 */

struct branch {
	uint8_t bytes[LIMIT_RUN_BYTES];
	struct run_writer run;
	struct id prev;
	uint64_t seq;
};

static struct seckey *key;
static struct id network;

/* The next entry of a branch; is_bad: with a signature that is none. */
static void say(struct branch *b, uint64_t time_ms, bool is_bad)
{
	static const uint8_t facts[] = { 0x80 };
	struct entry_plan plan = { .seq = b->seq,
				   .prev = b->prev,
				   .time_ms = time_ms,
				   .kind = 999,
				   .facts = facts,
				   .facts_n = sizeof(facts) };
	uint8_t raw[LIMIT_ENTRY];
	size_t n;

	assert_int_equal(entry_seal(raw, &n, &plan, key), 0);
	if (is_bad)
		raw[n - 1] ^= 1;
	assert_int_equal(run_writer_add(&b->run, raw, n), 0);
	b->prev = hash_id(raw, n);
	b->seq++;
}

static struct branch *branch_at(uint64_t seq, const struct id *prev)
{
	struct branch *b = calloc(1, sizeof(*b));
	struct pubkey feed = seckey_pub(key);

	assert_non_null(b);
	run_writer_init(&b->run, b->bytes, sizeof(b->bytes), &feed);
	b->seq = seq;
	b->prev = *prev;
	return b;
}

static uint8_t proof[LIMIT_EVIDENCE];
static size_t proof_n;

/* What the pair of branches proves; both are over then. */
static int judge(struct branch *a, struct branch *b)
{
	uint8_t buf[LIMIT_ENTRY];
	struct evidence e;
	size_t n;
	int err = run_writer_end(&a->run, &n);

	if (err == 0)
		err = run_writer_end(&b->run, &n);
	if (err == 0)
		err = evidence_make_fork(proof, &proof_n, &a->run, &b->run);
	if (err == 0)
		err = evidence_decode(&e, proof, proof_n);
	if (err == 0)
		err = evidence_check_fork(&e, &network, buf);
	free(a);
	free(b);
	return err;
}

static int set_up(void **state)
{
	const uint8_t seed[SEED_SIZE] = { 7 };

	(void)state;
	network = hash_id("network", 7);
	return crypto_start() != 0 || seckey_from_seed(&key, seed) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	seckey_close(key);
	return 0;
}

static void two_signed_entries_at_one_seq_prove_a_fork(void **state)
{
	struct branch *a = branch_at(1, &network), *b = branch_at(1, &network);
	struct evidence e;

	(void)state;
	say(a, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), 0);
	assert_int_equal(evidence_decode(&e, proof, proof_n), 0);
	assert_int_equal(e.seq, 1);
	/* There is one way to write it. */
	a = branch_at(1, &network);
	b = branch_at(1, &network);
	say(a, 2, false);
	say(b, 1, false);
	assert_int_equal(judge(a, b), 0);
}

static void branches_reach_their_first_signature(void **state)
{
	struct id prev = hash_id("x", 1);

	(void)state;
	for (int bad = 0; bad < 2; bad++) {
		struct branch *a = branch_at(9, &prev);
		struct branch *b = branch_at(9, &prev);

		for (uint64_t i = 0; i < 5; i++)
			say(a, i, i < 4 || bad);
		say(b, 77, false);
		assert_int_equal(judge(a, b), bad ? ERR_SIGNATURE : 0);
	}
}

/* Beyond a seq divisible by 256 nothing is held without a signature there. */
static void a_branch_ends_at_the_next_256(void **state)
{
	struct id prev = hash_id("x", 1);

	(void)state;
	for (uint64_t n = 1; n <= 3; n++) {
		struct branch *a = branch_at(255, &prev);
		struct branch *b = branch_at(255, &prev);

		for (uint64_t i = 0; i < n; i++)
			say(a, i, false);
		say(b, 77, false);
		assert_int_equal(judge(a, b), n <= 2 ? 0 : ERR_FORMAT);
	}
}

static void the_same_twice_proves_nothing(void **state)
{
	struct branch *a = branch_at(4, &network), *b = branch_at(4, &network);

	(void)state;
	say(a, 1, false);
	say(b, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), ERR_FORMAT);
}

static void branches_begin_at_one_place(void **state)
{
	struct id prev = hash_id("x", 1);
	struct branch *a = branch_at(4, &network), *b = branch_at(5, &network);

	(void)state;
	say(a, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), ERR_FORMAT);
	a = branch_at(4, &network);
	b = branch_at(4, &prev);
	say(a, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), ERR_FORMAT);
}

static void another_network_is_told_at_once(void **state)
{
	struct id other = hash_id("other", 5);
	struct branch *a = branch_at(1, &other), *b = branch_at(1, &other);

	(void)state;
	say(a, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), ERR_CHAIN);
}

static void no_byte_of_a_proof_may_change(void **state)
{
	struct branch *a = branch_at(1, &network), *b = branch_at(1, &network);
	uint8_t buf[LIMIT_ENTRY];
	struct evidence e;

	(void)state;
	say(a, 1, false);
	say(b, 2, false);
	assert_int_equal(judge(a, b), 0);
	for (size_t i = 0; i < proof_n; i++) {
		int err;

		proof[i] ^= 4;
		err = evidence_decode(&e, proof, proof_n);
		if (err == 0 && e.type == EVIDENCE_FORK)
			err = evidence_check_fork(&e, &network, buf);
		assert_int_not_equal(err, 0);
		proof[i] ^= 4;
	}
	for (size_t n = 0; n < proof_n; n++)
		assert_true(evidence_decode(&e, proof, n) < 0);
}

static void an_end_is_the_identitys(void **state)
{
	struct position at = { .seq = 12, .id = hash_id("at", 2) };
	struct pubkey pub = seckey_pub(key), other = { { 9 } };
	uint8_t claim[PLACE_CLAIM], room[EVIDENCE_END_MAX];
	struct evidence e;
	struct sig sig;
	size_t n;

	(void)state;
	at.feed.b[0] = 3;
	place_claim(claim, &network, &at);
	assert_int_equal(sign_make(&sig, key, DOMAIN_END, claim, sizeof(claim)),
			 0);
	assert_int_equal(evidence_make_end(room, &n, &at, &sig), 0);
	assert_int_equal(evidence_decode(&e, room, n), 0);
	assert_int_equal(evidence_check_end(&e, &network, &pub), 0);
	assert_int_not_equal(evidence_check_end(&e, &network, &other), 0);
	assert_int_not_equal(evidence_check_end(&e, &at.id, &pub), 0);
	e.seq++;
	assert_int_not_equal(evidence_check_end(&e, &network, &pub), 0);
	for (size_t i = 0; i < n; i++)
		assert_true(evidence_decode(&e, room, i) < 0);
	/* What names a chain does not end a feed. */
	assert_int_equal(
		sign_make(&sig, key, DOMAIN_RESOLVE, claim, sizeof(claim)), 0);
	assert_int_equal(evidence_make_end(room, &n, &at, &sig), 0);
	assert_int_equal(evidence_decode(&e, room, n), 0);
	assert_int_not_equal(evidence_check_end(&e, &network, &pub), 0);
}

/* A whole run each is the most that a proof holds. */
static void the_longest_pair_fits(void **state)
{
	struct id prev = hash_id("x", 1);
	struct branch *a = branch_at(257, &prev), *b = branch_at(257, &prev);

	(void)state;
	for (uint64_t i = 0; i < 256; i++) {
		say(a, i, i < 255);
		say(b, i + 9, i < 255);
	}
	assert_int_equal(judge(a, b), 0);
	assert_true(proof_n <= LIMIT_EVIDENCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(two_signed_entries_at_one_seq_prove_a_fork),
		UNIT(branches_reach_their_first_signature),
		UNIT(a_branch_ends_at_the_next_256),
		UNIT(the_same_twice_proves_nothing),
		UNIT(branches_begin_at_one_place),
		UNIT(another_network_is_told_at_once),
		UNIT(no_byte_of_a_proof_may_change),
		UNIT(an_end_is_the_identitys),
		UNIT(the_longest_pair_fits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
