#include "proto/attest/receipt.h"

#include "crypto/err.h"
#include "tests/receipt_world.h"

static void a_receipt_says_what_was_signed(void **state)
{
	enum receipt_part part;
	struct receipt r;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	assert_int_equal(receipt_read(&r, &part, s.text, s.n), 0);
	assert_true(id_eq(&r.network, &s.w.network));
	assert_true(pubkey_eq(&r.log, &s.w.who[0].feed));
	assert_int_equal(r.entry.kind, KIND_DONATE);
	assert_int_equal(r.entry.seq, 2);
	assert_int_equal(r.checkpoint.size, 7);
	assert_int_equal(r.opened_n, 1);
	assert_int_equal(r.opened[0].fact, FACT_DONOR);
	assert_memory_equal(r.opened[0].value, "Jeanne", 6);
	receipt_release(&r);
	release_story(&s);
}

static void assert_file(const char *path, const char *text, size_t n)
{
	static char buf[16384];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(buf, 1, sizeof(buf), f), n);
	fclose(f);
	assert_memory_equal(buf, text, n);
}

static void the_receipt_is_reproduced_byte_for_byte(void **state)
{
	char text[4096];
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	assert_file("tests/vectors/receipt.tlog-proof", s.text, s.n);
	assert_file("tests/vectors/receipt.policy", text,
		    policy_text(text, sizeof(text), &s, 0, "2"));
	release_story(&s);
}

static void the_quorum_tells_the_time(void **state)
{
	static const struct {
		const char *k;
		uint64_t time_s;
		const char *why;
	} rows[] = {
		{ "any", 1586908800, "the first of them" },
		{ "1", 1586908800, "the same" },
		{ "2", 1586909900, "both had by the later one" },
		{ "all", 1586909900, "the same" },
	};
	struct receipt_verdict verdict;
	enum receipt_part part;
	struct receipt r;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	assert_int_equal(receipt_read(&r, &part, s.text, s.n), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct trust *t = policy(&s, 0, rows[i].k);

		assert_int_equal(receipt_judge(&verdict, &r, t), 0);
		assert_int_equal(verdict.part, PART_NONE);
		assert_int_equal(verdict.witnesses, 2);
		assert_true(verdict.has_time);
		assert_int_equal(verdict.time_s, rows[i].time_s);
		trust_close(t);
	}
	receipt_release(&r);
	release_story(&s);
}

static void a_key_that_nobody_vouches_for_is_no_good(void **state)
{
	struct trust *t;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	t = policy(&s, 1, "1");
	assert_int_equal(part_of(s.text, s.n, t), PART_ANCHOR);
	trust_close(t);
	t = policy(&s, 0, "3");
	assert_int_equal(part_of(s.text, s.n, t), PART_QUORUM);
	trust_close(t);
	release_story(&s);
}

/* Where a line that begins with `what` stands. */
static char *line_at(struct story *s, const char *what)
{
	char *p = strstr(s->text, what);

	assert_non_null(p);
	return p;
}

static void each_part_is_named(void **state)
{
	static const struct {
		const char *line;
		size_t at;
		char to;
		enum receipt_part part;
		const char *why;
	} rows[] = {
		{ "c2sp.org/tlog-proof@v1", 21, '2', PART_FORM, "version" },
		{ "extra ", 6, 'A', PART_EXTRA, "not an array of four" },
		{ "extra ", 6 + 60, '!', PART_FORM, "no base64" },
		{ "extra ", 6 + 200, '_', PART_FORM, "another alphabet" },
		{ "index 5", 6, '4', PART_PATH, "another leaf" },
		{ "index 5", 6, '7', PART_PATH, "beyond the tree" },
		{ "\n7\n", 1, '8', PART_LOG, "another size" },
		{ "\nmaillon/", 1, 'n', PART_ORIGIN, "another origin" },
	};
	struct trust *t;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	t = policy(&s, 0, "1");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *p = line_at(&s, rows[i].line) + rows[i].at, was = *p;

		*p = rows[i].to;
		if (part_of(s.text, s.n, t) != rows[i].part)
			fail_msg("%s: part %d", rows[i].why,
				 (int)part_of(s.text, s.n, t));
		*p = was;
	}
	trust_close(t);
	release_story(&s);
}

static void swapped_siblings_do_not_lead_to_the_root(void **state)
{
	char line[45];
	struct trust *t;
	struct story s;
	char *p;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	t = policy(&s, 0, "1");
	p = strchr(line_at(&s, "index "), '\n') + 1;
	memcpy(line, p, 45);
	memcpy(p, p + 45, 45);
	memcpy(p + 45, line, 45);
	assert_int_equal(part_of(s.text, s.n, t), PART_PATH);
	/* One sibling less, and one twice. */
	memmove(p, p + 45, s.n - (size_t)(p + 45 - s.text));
	assert_int_equal(part_of(s.text, s.n - 45, t), PART_PATH);
	trust_close(t);
	release_story(&s);
}

static void an_opened_field_must_be_the_one_committed_to(void **state)
{
	struct receipt_plan plan = { .opened = &donor, .opened_n = 1 };
	static const struct {
		unsigned fact;
		const char *value;
		uint8_t salt;
		const char *why;
	} rows[] = {
		{ FACT_DONOR, "Jeannot", SALT, "another name" },
		{ FACT_DONOR, "Jeanne", SALT + 1, "another salt" },
		{ FACT_PAYEE, "Jeanne", SALT, "a fact that is not there" },
		{ FACT_AMOUNT, "Jeanne", SALT, "a fact that hides nothing" },
		{ 1, "Jeanne", SALT, "no such commitment" },
	};
	static const uint8_t other[ID_SIZE] = { 1 };
	struct story s;
	char *text;
	size_t n;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	plan.raw = s.w.who[1].entries[1].p;
	plan.raw_n = s.w.who[1].entries[1].n;
	plan.head = s.head;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		donor.fact = rows[i].fact;
		donor.value = (const uint8_t *)rows[i].value;
		donor.value_n = strlen(rows[i].value);
		memset(donor.salt, rows[i].salt, sizeof(donor.salt));
		assert_int_equal(receipt_encode(&text, &n, &plan),
				 ERR_SIGNATURE);
	}
	/* Nor is another one forgotten. */
	donor = (struct opened){ FACT_DONOR, true, { 0 }, other, ID_SIZE };
	assert_int_equal(receipt_encode(&text, &n, &plan), ERR_SIGNATURE);
	donor.fact = FACT_PAYEE;
	assert_int_equal(receipt_encode(&text, &n, &plan), ERR_SIGNATURE);
	donor.is_forgotten = false;
	release_story(&s);
}

static void a_forgotten_field_is_told_and_stays_closed(void **state)
{
	enum receipt_part part;
	struct receipt r;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_CLOSED_ONE);
	assert_int_equal(receipt_read(&r, &part, s.text, s.n), 0);
	assert_int_equal(r.opened_n, 1);
	assert_int_equal(r.opened[0].fact, FACT_DONOR);
	assert_true(r.opened[0].is_forgotten);
	receipt_release(&r);
	release_story(&s);
}

static void a_strangers_cosignature_must_be_known(void **state)
{
	static const char line[] =
		"\xe2\x80\x94 example.com/foo "
		"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ"
		"XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
	enum receipt_part part;
	struct receipt r;
	struct trust *t;
	struct story s;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	t = policy(&s, 0, "1");
	s.text = realloc(s.text, s.n + sizeof(line));
	assert_non_null(s.text);
	memcpy(s.text + s.n, line, sizeof(line));
	assert_int_equal(
		receipt_read(&r, &part, s.text, s.n + sizeof(line) - 1), 0);
	receipt_release(&r);
	assert_int_equal(part_of(s.text, s.n + sizeof(line) - 1, t),
			 PART_COSIGN);
	trust_close(t);
	release_story(&s);
}

/* A witness that is in no network of ours may cosign as well, for who names it,
 * by its name and its key. */
static void a_witness_of_elsewhere_is_known_by_name_and_key(void **state)
{
	static const struct {
		const char *name;
		uint8_t key;
		enum receipt_part part;
	} rows[] = {
		{ "witness.example.org", 1, PART_NONE },
		{ "witness.example.com", 1, PART_COSIGN },
		{ "witness.example.org", 2, PART_COSIGN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seckey *signs = world_key(77, 1);
		struct seckey *named = world_key(77, rows[i].key);
		char line[NOTE_LINE_SIZE], vkey[NOTEKEY_SIZE], text[5120];
		struct notekey key = { .type = NOTEKEY_COSIGNER };
		enum receipt_part part;
		struct receipt r;
		struct trust *t;
		struct story s;
		unsigned at;
		size_t n;

		make_story_of(&s, RECEIPT_OPENED_ONE);
		assert_int_equal(receipt_read(&r, &part, s.text, s.n), 0);
		assert_int_equal(note_cosign(line, signs, "witness.example.org",
					     1586908900, r.note.text.p,
					     r.note.text.n),
				 0);
		receipt_release(&r);
		snprintf(key.name, sizeof(key.name), "%s", rows[i].name);
		key.pub = seckey_pub(named);
		notekey_encode(vkey, &key);
		n = (size_t)snprintf(text, sizeof(text), "witness far %s\n",
				     vkey);
		n += policy_text(text + n, sizeof(text) - n, &s, 0, "1");
		assert_int_equal(trust_decode(&t, text, n, &at), 0);
		s.text = realloc(s.text, s.n + sizeof(line));
		assert_non_null(s.text);
		memcpy(s.text + s.n, line, strlen(line));
		assert_int_equal(part_of(s.text, s.n + strlen(line), t),
				 rows[i].part);
		trust_close(t);
		release_story(&s);
		seckey_close(signs);
		seckey_close(named);
	}
}

#define VKEY                        \
	"example.com/foo+530d903a+" \
	"AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

static void policies_are_read_line_by_line(void **state)
{
	static const struct {
		const char *text;
		int err;
		unsigned line;
		const char *why;
	} rows[] = {
		{ "log " VKEY "\nquorum none\n", 0, 0, "the smallest" },
		{ "# a\n\n\tlog  " VKEY " https://x\nquorum none\n", 0, 0,
		  "comments, blanks, an address" },
		{ "quorum none\n", ERR_FORMAT, 0, "no log" },
		{ "log " VKEY "\n", ERR_FORMAT, 0, "no quorum" },
		{ "log " VKEY "\nquorum none", ERR_FORMAT, 2, "not ended" },
		{ "log " VKEY "\nquorum none\nquorum none\n", ERR_FORMAT, 3,
		  "two quorums" },
		{ "log " VKEY "\nlog " VKEY "\nquorum none\n", ERR_FORMAT, 2,
		  "a key twice" },
		{ "log " VKEY " a b\nquorum none\n", ERR_FORMAT, 1,
		  "a word too many" },
		{ "log x+530d903a+AekyeRrm\nquorum none\n", ERR_FORMAT, 1,
		  "no key" },
		{ "log " VKEY "\nquorum w\n", ERR_FORMAT, 2, "not defined" },
		{ "log " VKEY "\nwitness w " VKEY "\nquorum w\n", 0, 0,
		  "one witness" },
		{ "log " VKEY "\nwitness w " VKEY "\ngroup g 0 w\nquorum g\n",
		  ERR_FORMAT, 3, "a group of none" },
		{ "log " VKEY "\nwitness w " VKEY "\ngroup g 2 w\nquorum g\n",
		  0, 0, "a group that is never met" },
		{ "log " VKEY "\nwitness w " VKEY
		  "\ngroup g any w\ngroup h any w\nquorum g\n",
		  ERR_FORMAT, 4, "a member of two groups" },
		{ "log " VKEY "\nwitness w " VKEY "\ngroup w any\nquorum w\n",
		  ERR_FORMAT, 3, "nobody in it" },
		{ "frog " VKEY "\nquorum none\n", ERR_FORMAT, 1, "a frog" },
	};
	unsigned line;
	struct trust *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int err = trust_decode(&t, rows[i].text, strlen(rows[i].text),
				       &line);

		if (err != rows[i].err || line != rows[i].line)
			fail_msg("%s: %d, line %u", rows[i].why, err, line);
		if (err == 0)
			trust_close(t);
	}
	assert_int_equal(trust_decode(&t, "", TRUST_MAX + 1, &line), ERR_LIMIT);
}

static void groups_are_met_from_the_bottom(void **state)
{
	static const char *const how[] = { "any", "all", "1", "2" };
	char text[2048];
	struct story s;
	unsigned line;
	struct trust *t;

	(void)state;
	make_story_of(&s, RECEIPT_OPENED_ONE);
	for (size_t i = 0; i < ARRAY_LEN(how); i++) {
		size_t n = put_key(text, sizeof(text), "log", &s, 0,
				   NOTEKEY_ED25519);

		for (size_t k = 0; k < 3; k++) {
			char what[16];

			snprintf(what, sizeof(what), "witness w%zu", k);
			n += put_key(text + n, sizeof(text) - n, what, &s,
				     k + 1, NOTEKEY_COSIGNER);
		}
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "group g %s w0 w1\n"
				      "group h all g w2\nquorum h\n",
				      how[i]);
		assert_int_equal(trust_decode(&t, text, n, &line), 0);
		for (unsigned m = 0; m < 8; m++) {
			bool has[3] = { m & 1, m & 2, m & 4 };
			bool g = i % 2 == 0 ? has[0] || has[1]
					    : has[0] && has[1];

			assert_int_equal(trust_is_met(t, has), g && has[2]);
		}
		trust_close(t);
	}
	release_story(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_receipt_says_what_was_signed),
		UNIT(the_receipt_is_reproduced_byte_for_byte),
		UNIT(the_quorum_tells_the_time),
		UNIT(a_key_that_nobody_vouches_for_is_no_good),
		UNIT(each_part_is_named),
		UNIT(swapped_siblings_do_not_lead_to_the_root),
		UNIT(an_opened_field_must_be_the_one_committed_to),
		UNIT(a_forgotten_field_is_told_and_stays_closed),
		UNIT(a_strangers_cosignature_must_be_known),
		UNIT(a_witness_of_elsewhere_is_known_by_name_and_key),
		UNIT(policies_are_read_line_by_line),
		UNIT(groups_are_met_from_the_bottom),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
