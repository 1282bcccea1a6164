#include "proto/roster/enrolled.h"

#include "proto/book/countersign.h"
#include "tests/book_story.h"
#include "tests/rotation_world.h"

/*
 * What a later identity key acknowledges, towards who named it: nobody makes
 * the key that believes it.  The care home is admitted by both founders, of
 * whom the one with the smaller identity names its keys.
 */

enum { KEY = 10, FEED = 16 };

static size_t namer(const struct story *s)
{
	return pubkey_cmp(&s->w->who[HUB], &s->w->who[OTHER]) < 0 ? HUB : OTHER;
}

static size_t other(const struct story *s)
{
	return namer(s) == HUB ? OTHER : HUB;
}

/* The care home goes on under another key, in a feed of its own. */
static struct story *begin(bool is_signed)
{
	struct story *s = story_open();
	struct world_rotate x = { .who = CARE_HOME,
				  .from = CARE_HOME,
				  .to = KEY,
				  .is_signed = is_signed,
				  .feeds = { CARE_HOME },
				  .feeds_n = 1 };

	world_admit(s->w, OTHER, CARE_HOME, false);
	world_open_as(s->w, FEED, KEY, KEY);
	world_rotate(s->w, is_signed ? CARE_HOME : namer(s), &x);
	for (size_t i = 0; i < ROTATION_CHECKPOINTS; i++)
		world_checkpoint(s->w, namer(s));
	return s;
}

static void follow(struct story *s)
{
	roster_close(s->roster);
	s->roster = world_rotated(s->w);
	s->book.roster = s->roster;
	assert_true(
		pubkey_eq(&roster_member(s->roster, &s->w->who[CARE_HOME])->key,
			  &s->w->who[KEY]));
}

static size_t send(struct story *s, size_t from)
{
	struct record rec = story_deliver(s, CARE_HOME, true, "50 visor");

	return story_tell(s, from, &rec);
}

static void expect(struct story *s, size_t sender, const char *grade,
		   const char *why)
{
	char want[80];

	snprintf(want, sizeof(want),
		 strcmp(grade, "D") == 0
			 ? "delivered 50 on_hand -50 claimed 50 in_transit 50"
			 : "delivered 50 on_hand -50 %s 50",
		 grade);
	story_expect_why(s, sender, "visor", want, why);
}

static void who_named_a_key_is_not_believed_by_it(void **state)
{
	static const struct {
		bool is_signed, is_by_namer;
		size_t feed;
		const char *grade, *why;
	} row[] = {
		{ false, true, FEED, "D", "the sender named the key" },
		{ false, false, FEED, "A", "somebody else did" },
		{ true, true, FEED, "A", "the old key signed for it" },
		{ false, true, CARE_HOME, "A", "by the first key" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct story *s = begin(row[i].is_signed);
		size_t by = row[i].is_by_namer ? namer(s) : other(s);
		struct record rec;

		follow(s);
		rec = story_receive(s, send(s, by), "50 visor", NULL);
		story_tell_in(s, CARE_HOME, row[i].feed, &rec);
		expect(s, by, row[i].grade, row[i].why);
		story_close(s);
	}
}

/* A signature of the key, or of one that it enrolled, on paper. */
static void nor_are_the_keys_it_signs_with(void **state)
{
	static const struct {
		bool is_by_namer;
		size_t enrolled_in; /* 0: the key itself signs */
		const char *grade, *why;
	} row[] = {
		{ true, 0, "D", "the sender named the key" },
		{ false, 0, "B", "somebody else did" },
		{ true, FEED, "D", "the key enrolled it" },
		{ false, FEED, "B", "the key, which somebody else named" },
		{ true, CARE_HOME, "B", "the first key enrolled it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct story *s = begin(false);
		size_t by = row[i].is_by_namer ? namer(s) : other(s);
		size_t signer = row[i].enrolled_in == 0 ? KEY : KEY + 1;
		struct record rec = story_record(KIND_KEYS);
		struct pubkey pub = s->w->who[signer];
		struct sig sig;
		uint8_t raw[64];
		struct wr w;

		wr_init(&w, raw, sizeof(raw));
		wr_array(&w, 1);
		wr_bin(&w, pub.b, KEY_SIZE);
		record_set_bytes(&rec, FACT_WHO, s->w->who[CARE_HOME].b,
				 KEY_SIZE);
		record_set_bytes(&rec, FACT_ENROLLED, raw, w.n);
		if (row[i].enrolled_in != 0)
			world_say(s->w, row[i].enrolled_in, &rec);
		follow(s);
		rec = story_receive(s, send(s, by), "50 visor", NULL);
		record_set_bytes(&rec, FACT_NUMBER, "n1", 2);
		assert_int_equal(countersign_make(&sig, s->w->key[signer],
						  &s->w->network, &rec),
				 0);
		record_set_bytes(&rec, FACT_RECEIPT_KEY, pub.b, KEY_SIZE);
		record_set_bytes(&rec, FACT_RECEIPT_SIG, sig.b, SIG_SIZE);
		story_tell(s, by, &rec);
		expect(s, by, row[i].grade, row[i].why);
		story_close(s);
	}
}

/* A correction is said by the key of its own feed. */
static void nor_what_it_says_anew(void **state)
{
	static const struct {
		size_t feed, corrected_in;
		const char *grade, *why;
	} row[] = {
		{ CARE_HOME, FEED, "D", "the first key said less" },
		{ FEED, CARE_HOME, "A", "the first key says so" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct story *s = begin(false);
		struct record rec, more;
		size_t sent, at;

		follow(s);
		sent = send(s, namer(s));
		rec = story_receive(s, sent, "5 visor", NULL);
		more = story_receive(s, sent, "50 visor", NULL);
		at = story_tell_in(s, CARE_HOME, row[i].feed, &rec);
		rec = story_correct(s, story_id(s, at), &more);
		story_tell_in(s, CARE_HOME, row[i].corrected_in, &rec);
		expect(s, namer(s), row[i].grade, row[i].why);
		story_close(s);
	}
}

static void key_of(struct story *s, struct record *rec, enum fact f)
{
	record_set_bytes(rec, f, s->w->who[KEY].b, KEY_SIZE);
}

/* A member is named by its first identity, and is no third one under another
 * of its keys. */
static void nobody_hides_behind_a_later_key(void **state)
{
	static const uint8_t paper[32] = { 9 };
	static const struct {
		size_t sender;
		enum fact named; /* by the later key of the care home */
		bool is_signed;  /* else with a paper */
		const char *why;
	} row[] = {
		{ CARE_HOME, FACT_TO, true, "to oneself, signed" },
		{ MAKER, FACT_TO, true, "to it, signed" },
		{ MAKER, FACT_TO, false, "to it, on paper" },
		{ MAKER, FACT_BY, false, "carried by it, on paper" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct story *s = begin(true);
		struct record rec =
			story_deliver(s, HOSPITAL, true, "50 visor");
		struct sig sig;

		follow(s);
		key_of(s, &rec, row[i].named);
		rec = story_receive(s, story_tell(s, row[i].sender, &rec),
				    "50 visor", NULL);
		record_set_bytes(&rec, FACT_NUMBER, "n1", 2);
		assert_int_equal(countersign_make(&sig, s->w->key[KEY],
						  &s->w->network, &rec),
				 0);
		if (row[i].is_signed) {
			key_of(s, &rec, FACT_RECEIPT_KEY);
			record_set_bytes(&rec, FACT_RECEIPT_SIG, sig.b,
					 SIG_SIZE);
		} else {
			record_set_bytes(&rec, FACT_PAPER, paper,
					 sizeof(paper));
		}
		story_tell(s, CARE_HOME, &rec);
		expect(s, row[i].sender, "D", row[i].why);
		story_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(who_named_a_key_is_not_believed_by_it),
		UNIT(nor_are_the_keys_it_signs_with),
		UNIT(nor_what_it_says_anew),
		UNIT(nobody_hides_behind_a_later_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
