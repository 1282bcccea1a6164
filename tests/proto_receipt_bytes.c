#include "tests/receipt_world.h"

/*
 * Every byte of a receipt of each kind counts.
 */

static const struct {
	enum receipt_kind kind;
	const char *quorum; /* of the two witnesses */
	const char *why;
} rows[RECEIPT_KINDS] = {
	{ RECEIPT_PLAIN, NULL, "plain" },
	{ RECEIPT_COSIGNED, "2", "cosigned" },
	{ RECEIPT_OPENED_ONE, "2", "with a field opened" },
	{ RECEIPT_CLOSED_ONE, "2", "with a field forgotten" },
	{ RECEIPT_ROTATE, "2", "of an identity key that follows another" },
};

/* The lines of a receipt. */
enum place {
	HEADER,
	EXTRA,
	INDEX,
	SIBLING,
	BREAK, /* the empty line before the checkpoint */
	ORIGIN,
	SIZE,
	ROOT,
	EMPTY, /* the one before the signatures */
	LOG,
	COSIGNATURE,
	PLACES
};

/* The line that follows one at `place`. */
static enum place after(enum place place, bool is_empty)
{
	switch (place) {
	case INDEX:
	case SIBLING:
		return is_empty ? BREAK : SIBLING;
	case BREAK:
		return ORIGIN;
	case ROOT:
		return EMPTY;
	case COSIGNATURE:
	case PLACES:
		return COSIGNATURE;
	case HEADER:
	case EXTRA:
	case ORIGIN:
	case SIZE:
	case EMPTY:
	case LOG:
		break;
	}
	return place + 1;
}

/* On which line each byte stands; lines go to the end of line. */
static enum place *places_of(const struct story *s)
{
	enum place *out = calloc(s->n, sizeof(*out)), at = HEADER;

	assert_non_null(out);
	for (size_t i = 0; i < s->n; i++) {
		out[i] = at;
		if (s->text[i] == '\n' && i + 1 < s->n)
			at = after(at, s->text[i + 1] == '\n');
	}
	return out;
}

/* A policy that believes the tree, and wants these. */
static struct trust *policy_for(const struct story *s, const char *quorum)
{
	char text[1024];
	struct trust *t = NULL;
	unsigned line;
	size_t n;

	if (quorum != NULL)
		return policy(s, 0, quorum);
	n = put_key(text, sizeof(text), "log", s, 0, NOTEKEY_ED25519);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "quorum none\n");
	assert_int_equal(trust_decode(&t, text, n, &line), 0);
	return t;
}

#define BIT(part) (1U << (part))

/* What may be said to be at fault when a byte of a line was changed. */
static const unsigned expected[PLACES] = {
	[HEADER] = BIT(PART_FORM),
	/* The network is that of the checkpoint. */
	[EXTRA] = BIT(PART_FORM) | BIT(PART_EXTRA) | BIT(PART_ENTRY) |
		  BIT(PART_SIGNATURE) | BIT(PART_OPENED) | BIT(PART_ORIGIN),
	[INDEX] = BIT(PART_FORM) | BIT(PART_PATH),
	[SIBLING] = BIT(PART_FORM) | BIT(PART_PATH),
	[BREAK] = BIT(PART_FORM),
	/* Of another feed's tree the signature is not there. */
	[ORIGIN] = BIT(PART_CHECKPOINT) | BIT(PART_ORIGIN) | BIT(PART_LOG),
	[SIZE] = BIT(PART_CHECKPOINT) | BIT(PART_LOG),
	[ROOT] = BIT(PART_CHECKPOINT) | BIT(PART_LOG),
	[EMPTY] = BIT(PART_CHECKPOINT),
	[LOG] = BIT(PART_LOG),
	[COSIGNATURE] = BIT(PART_COSIGN),
};

static void every_byte_changed_is_refused_and_the_part_is_named(void **state)
{
	static const uint8_t flips[] = { 1, 2, 4, 0x10, 0x20, 0x80 };
	unsigned seen[PLACES] = { 0 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct trust *t;
		struct story s;
		enum place *at;

		make_story_of(&s, rows[k].kind);
		t = policy_for(&s, rows[k].quorum);
		at = places_of(&s);
		assert_int_equal(part_of(s.text, s.n, t), PART_NONE);
		for (size_t i = 0; i < s.n; i++)
			for (size_t f = 0; f < ARRAY_LEN(flips); f++) {
				enum receipt_part part;

				s.text[i] ^= (char)flips[f];
				part = part_of(s.text, s.n, t);
				s.text[i] ^= (char)flips[f];
				seen[at[i]] |= BIT(part);
				if ((expected[at[i]] & BIT(part)) == 0)
					fail_msg("%s: byte %zu, line %d: %d",
						 rows[k].why, i, (int)at[i],
						 (int)part);
			}
		free(at);
		trust_close(t);
		release_story(&s);
	}
	for (size_t i = 0; i < PLACES; i++)
		assert_int_equal(seen[i], expected[i]);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct trust *t;
		struct story s;

		make_story_of(&s, rows[k].kind);
		t = policy_for(&s, rows[k].quorum);
		for (size_t n = 0; n < s.n; n++) {
			char *copy = malloc(n + 1);

			assert_non_null(copy);
			memcpy(copy, s.text, n); /* a byte too far is seen */
			if (part_of(copy, n, t) == PART_NONE)
				fail_msg("%s: cut at %zu", rows[k].why, n);
			free(copy);
		}
		trust_close(t);
		release_story(&s);
	}
}

/* What is left after a whole line of signature is a receipt with a witness
 * less: good where fewer are enough. */
static void one_truncation_has_a_witness_less(void **state)
{
	struct trust *one;
	struct story s;
	size_t good = 0;

	(void)state;
	make_story_of(&s, RECEIPT_COSIGNED);
	one = policy(&s, 0, "1");
	for (size_t n = 0; n < s.n; n++)
		good += part_of(s.text, n, one) == PART_NONE;
	assert_int_equal(good, 1);
	trust_close(one);
	release_story(&s);
}

/* Every part of it is right, and it is believed as little as any other. */
static void a_key_that_nobody_vouches_for_is_refused(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct story s;
		struct trust *t;

		make_story_of(&s, rows[k].kind);
		t = policy(&s, 1, "any");
		assert_int_equal(part_of(s.text, s.n, t), PART_ANCHOR);
		trust_close(t);
		release_story(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_byte_changed_is_refused_and_the_part_is_named),
		UNIT(every_truncation_is_refused),
		UNIT(one_truncation_has_a_witness_less),
		UNIT(a_key_that_nobody_vouches_for_is_refused),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
