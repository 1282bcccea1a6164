#include "proto/attest/receipt.h"

#include "crypto/err.h"
#include "tests/attest_world.h"
#include "tests/unit.h"

enum { SALT = 7 };

/* The hub's tree of two makers and a hospital; the receipt is of a gift that
 * maker 1 recorded, with a note and a donor. */
struct story {
	struct world w;
	struct treehead head;
	char *text;
	size_t n;
};

static struct opened donor;

static void give(struct world *w, size_t i)
{
	static const uint8_t money[] = { 0x92, 0xcd, 0x13, 0x88,
					 0xa3, 'E',  'U',  'R' };
	static const char name[] = "Jeanne";
	struct record rec;
	struct id hidden;

	donor.fact = FACT_DONOR;
	memset(donor.salt, SALT, sizeof(donor.salt));
	donor.value = (const uint8_t *)name;
	donor.value_n = strlen(name);
	hidden = private_commit(FACT_DONOR, donor.salt, name, strlen(name));
	record_init(&rec, KIND_DONATE);
	record_set_bytes(&rec, FACT_AMOUNT, money, sizeof(money));
	record_set_bytes(&rec, FACT_DONOR, hidden.b, ID_SIZE);
	world_record(w, i, &rec);
}

struct leaves {
	struct sha at[64];
	size_t n;
};

static int take_leaf(void *arg, const struct sha *leaf)
{
	struct leaves *l = arg;

	l->at[l->n++] = *leaf;
	return 0;
}

static int leaf_at(void *cookie, struct sha *out, unsigned int level,
		   uint64_t index)
{
	const struct leaves *l = cookie;

	if (level > 0)
		return ERR_NOT_FOUND;
	*out = l->at[index];
	return 0;
}

static void make_story(struct story *s)
{
	struct receipt_plan plan = { .opened = &donor, .opened_n = 1 };
	struct leaves leaves = { .n = 0 };
	const struct merkle_source source = { leaf_at, &leaves };
	const struct attest_source ids = world_source(&s->w);
	struct cosigned cosigned[2];
	struct attest a;
	uint64_t held;
	int err;

	memset(s, 0, sizeof(*s));
	world_found(&s->w);
	world_member(&s->w, ROLE_MAKER);
	world_member(&s->w, ROLE_RECIPIENT);
	world_member(&s->w, ROLE_AUDITOR);
	give(&s->w, 1);
	world_produce(&s->w, 1, 60, "visor/v30");
	attest_up_to(&s->w, 0, 0, 4);
	attest_up_to(&s->w, 0, 1, 3);
	s->head = checkpoint_now(&s->w, 0);
	cosigned[0] = cosign_now(&s->w, 2, &s->head, 1586908800);
	cosigned[1] = cosign_now(&s->w, 3, &s->head, 1586909900);
	fold_tree(&a, &s->w, 0);
	err = attest_leaves(&a, &ids, s->head.size, &held, take_leaf, &leaves);
	assert_int_equal(err, 0);
	plan.raw = s->w.who[1].entries[1].p;
	plan.raw_n = s->w.who[1].entries[1].n;
	plan.head = s->head;
	plan.sig = a.marks[0].sig;
	plan.cosigned = cosigned;
	plan.cosigned_n = 2;
	assert_int_equal(attest_find(&a, &plan.index, &s->w.who[1].feed, 2), 0);
	assert_int_equal(merkle_prove_inclusion(&plan.path, &source, plan.index,
						s->head.size),
			 0);
	assert_int_equal(receipt_encode(&s->text, &s->n, &plan), 0);
	attest_release(&a);
}

static void release_story(struct story *s)
{
	world_release(&s->w);
	free(s->text);
}

static size_t put_key(char *out, size_t max, const char *what,
		      const struct story *s, size_t i, uint8_t type)
{
	char vkey[NOTEKEY_SIZE];
	struct notekey key;

	treehead_key(&key, &s->w.network, &s->w.who[i].feed, type);
	notekey_encode(vkey, &key);
	return (size_t)snprintf(out, max, "%s %s\n", what, vkey);
}

/* A policy that believes the tree of person `log` and wants k of the hospital
 * and the auditor. */
static size_t policy_text(char *text, size_t max, const struct story *s,
			  size_t log, const char *k)
{
	size_t n = 0;

	n += put_key(text + n, max - n, "log", s, log, NOTEKEY_ED25519);
	n += put_key(text + n, max - n, "witness hospital", s, 2,
		     NOTEKEY_COSIGNER);
	n += put_key(text + n, max - n, "witness auditor", s, 3,
		     NOTEKEY_COSIGNER);
	n += (size_t)snprintf(text + n, max - n,
			      "group all %s hospital auditor\nquorum all\n", k);
	return n;
}

static struct trust *policy(const struct story *s, size_t log, const char *k)
{
	char text[4096];
	struct trust *t = NULL;
	unsigned line;
	size_t n = policy_text(text, sizeof(text), s, log, k);

	assert_int_equal(trust_decode(&t, text, n, &line), 0);
	return t;
}

/* The part at fault, by reading alone or by this policy. */
static enum receipt_part part_of(const char *text, size_t n,
				 const struct trust *t)
{
	struct receipt_verdict verdict;
	enum receipt_part part;
	struct receipt r;

	if (receipt_read(&r, &part, text, n) != 0) {
		assert_true(part != PART_NONE);
		return part;
	}
	assert_int_equal(receipt_judge(&verdict, &r, t), 0);
	receipt_release(&r);
	return verdict.part;
}

static void a_receipt_says_what_was_signed(void **state)
{
	enum receipt_part part;
	struct receipt r;
	struct story s;

	(void)state;
	make_story(&s);
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
	make_story(&s);
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
	make_story(&s);
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

static void every_changed_byte_is_refused(void **state)
{
	static const uint8_t flips[] = { 1, 2, 0x20, 0x80 };
	struct trust *t;
	struct story s;

	(void)state;
	make_story(&s);
	t = policy(&s, 0, "1");
	assert_int_equal(part_of(s.text, s.n, t), PART_NONE);
	for (size_t i = 0; i < s.n; i++) {
		char was = s.text[i];

		for (size_t k = 0; k < ARRAY_LEN(flips); k++) {
			s.text[i] = (char)(was ^ flips[k]);
			if (part_of(s.text, s.n, t) == PART_NONE)
				fail_msg("byte %zu of %zu: %s", i, s.n, s.text);
		}
		s.text[i] = was;
	}
	trust_close(t);
	release_story(&s);
}

/* What is left after a whole line of signature is a receipt with a witness
 * less: good where fewer are enough. */
static void every_truncation_is_refused_or_has_a_witness_less(void **state)
{
	struct trust *one, *two;
	struct story s;
	size_t good = 0;

	(void)state;
	make_story(&s);
	one = policy(&s, 0, "1");
	two = policy(&s, 0, "2");
	for (size_t n = 0; n < s.n; n++) {
		char *copy = malloc(n + 1);

		assert_non_null(copy);
		memcpy(copy, s.text, n); /* a byte too far is seen */
		assert_int_not_equal(part_of(copy, n, two), PART_NONE);
		good += part_of(copy, n, one) == PART_NONE;
		free(copy);
	}
	assert_int_equal(good, 1);
	trust_close(one);
	trust_close(two);
	release_story(&s);
}

static void a_key_that_nobody_vouches_for_is_no_good(void **state)
{
	struct trust *t;
	struct story s;

	(void)state;
	make_story(&s);
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
	make_story(&s);
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
	make_story(&s);
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
	struct story s;
	char *text;
	size_t n;

	(void)state;
	make_story(&s);
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
	make_story(&s);
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
	make_story(&s);
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
		UNIT(every_changed_byte_is_refused),
		UNIT(every_truncation_is_refused_or_has_a_witness_less),
		UNIT(a_key_that_nobody_vouches_for_is_no_good),
		UNIT(each_part_is_named),
		UNIT(swapped_siblings_do_not_lead_to_the_root),
		UNIT(an_opened_field_must_be_the_one_committed_to),
		UNIT(a_strangers_cosignature_must_be_known),
		UNIT(policies_are_read_line_by_line),
		UNIT(groups_are_met_from_the_bottom),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
