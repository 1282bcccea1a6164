#include "proto/roster/enrolled.h"

#include "proto/book/countersign.h"
#include "tests/book_story.h"

/* Whose enrolment of a receipt key makes its word count, and how often. */

enum { NOBODY = 99 };

#define ACKNOWLEDGED "delivered 50 on_hand -50 B 50"
#define CLAIMED      "delivered 50 on_hand -50 claimed 50 in_transit 50"

static uint8_t ward = 99; /* whose key it is: nobody's else */

static struct seckey *ward_key(void)
{
	uint8_t seed[SEED_SIZE] = { ward };
	struct seckey *key;

	assert_int_equal(seckey_from_seed(&key, seed), 0);
	return key;
}

/* The roster anew, of all that was said. */
static void follow(struct story *s)
{
	roster_close(s->roster);
	s->roster = world_roster(s->w);
	s->book.roster = s->roster;
}

static size_t enrol(struct story *s, size_t by, size_t who)
{
	struct seckey *key = ward_key();
	struct pubkey pub = seckey_pub(key);
	struct record rec = story_record(KIND_KEYS);
	uint8_t raw[64];
	struct wr w;
	size_t at;

	wr_init(&w, raw, sizeof(raw));
	wr_array(&w, 1);
	wr_bin(&w, pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_WHO, s->w->who[who].b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ENROLLED, raw, w.n);
	at = world_say(s->w, by, &rec);
	seckey_close(key);
	follow(s);
	return at;
}

/* What the ward signs. */
struct slip {
	struct record rec;
	struct pubkey pub;
	struct sig sig;
};

static void sign(struct story *s, struct slip *x, size_t deliver,
		 const char *lines, const char *number)
{
	struct seckey *key = ward_key();

	x->rec = story_receive(s, deliver, lines, NULL);
	record_set_bytes(&x->rec, FACT_NUMBER, number, strlen(number));
	x->pub = seckey_pub(key);
	assert_int_equal(
		countersign_make(&x->sig, key, &s->w->network, &x->rec), 0);
	record_set_bytes(&x->rec, FACT_RECEIPT_KEY, x->pub.b, KEY_SIZE);
	record_set_bytes(&x->rec, FACT_RECEIPT_SIG, x->sig.b, SIG_SIZE);
	seckey_close(key);
}

static size_t send(struct story *s, size_t from, size_t to)
{
	struct record rec = story_deliver(s, to, true, "50 visor");

	return story_tell(s, from, &rec);
}

/* Everything at once: 50 sent, and 50 signed for. */
static void exchange(struct story *s, struct slip *x, size_t from, size_t to)
{
	sign(s, x, send(s, from, to), "50 visor", "n1");
	story_tell(s, from, &x->rec);
}

static void the_enroller_is_neither_sender_nor_below_it(void **state)
{
	static const struct {
		const char *why;
		size_t enroller, sender, to;
		bool counts;
	} row[] = {
		{ "whoever admitted it", HUB, MAKER, CARE_HOME, true },
		{ "the sender", HUB, HUB, CARE_HOME, false },
		{ "one below the sender", BRANCH, HUB, CARE_HOME, false },
		{ "another association", OTHER, HUB, CARE_HOME, true },
		{ "one beside the sender", BRANCH, MAKER, CARE_HOME, true },
		{ "nobody", NOBODY, MAKER, CARE_HOME, false },
		{ "for somebody else", OTHER, MAKER, HOSPITAL, true },
		{ "one who may not admit", THIRD, MAKER, CARE_HOME, false },
		{ "itself, whom the sender admitted", CARE_HOME, HUB, CARE_HOME,
		  false },
		{ "itself, whom another admitted", HOSPITAL, HUB, HOSPITAL,
		  true },
		{ "itself, whom the sender admitted, too", HOSPITAL, OTHER,
		  HOSPITAL, false },
		{ "whoever admitted it, when it sends to itself", HUB, MAKER,
		  MAKER, false },
		{ "itself, to itself", MAKER, MAKER, MAKER, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct story *s = story_open();
		struct slip x;

		if (row[i].enroller != NOBODY)
			enrol(s, row[i].enroller, row[i].to);
		exchange(s, &x, row[i].sender, row[i].to);
		story_expect_why(s, row[i].sender, "visor",
				 row[i].counts ? ACKNOWLEDGED : CLAIMED,
				 row[i].why);
		story_close(s);
	}
}

/* Whatever it was that somebody was made to enrol. */
static void the_senders_own_key_signs_for_nobody_else(void **state)
{
	static const size_t of[] = { MAKER, THIRD };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		struct story *s = story_open();
		struct slip x;

		ward = (uint8_t)(of[i] + 1); /* as roster_world.h seeds them */
		enrol(s, HUB, CARE_HOME);
		exchange(s, &x, MAKER, CARE_HOME);
		assert_true(pubkey_eq(&x.pub, &s->w->who[of[i]]));
		story_expect(s, MAKER, "visor",
			     of[i] == MAKER ? CLAIMED : ACKNOWLEDGED);
		story_close(s);
		ward = 99;
	}
}

static void a_key_is_of_one_recipient(void **state)
{
	struct story *s = story_open();
	struct slip x;

	(void)state;
	enrol(s, HUB, HOSPITAL);
	exchange(s, &x, MAKER, CARE_HOME);
	story_expect(s, MAKER, "visor", CLAIMED);
	story_close(s);
}

/* The admission of somebody by the hub. */
static size_t admission(const struct story *s, size_t who)
{
	for (size_t i = 0; i < s->w->n; i++) {
		const struct entry *e = &s->w->entry[i].e;
		struct record rec;
		struct pubkey key;

		if (e->kind != KIND_ADMIT)
			continue;
		assert_int_equal(
			record_decode(&rec, e->kind, e->facts, e->facts_n), 0);
		key = record_key(&rec, FACT_WHO);
		if (pubkey_eq(&key, &s->w->who[who]))
			return i;
	}
	fail_msg("nobody admitted %zu", who);
	return 0;
}

static void who_dismisses_the_enroller_says_whether_it_stays(void **state)
{
	(void)state;
	for (unsigned pinned = 0; pinned < 2; pinned++) {
		struct story *s = story_open();
		struct slip x;
		size_t at = enrol(s, BRANCH, CARE_HOME);
		uint64_t seq = s->w->entry[at].e.seq;

		exchange(s, &x, MAKER, CARE_HOME);
		story_expect(s, MAKER, "visor", ACKNOWLEDGED);
		world_dismiss_one(s->w, HUB, BRANCH, admission(s, BRANCH),
				  BRANCH, pinned ? seq : seq - 1);
		follow(s);
		story_expect_why(s, MAKER, "visor",
				 pinned ? ACKNOWLEDGED : CLAIMED,
				 pinned ? "within the pin" : "beyond it");
		story_close(s);
	}
}

static void a_signature_counts_once_whoever_repeats_it(void **state)
{
	struct story *s = story_open();
	struct slip x, y;
	size_t deliver;

	(void)state;
	enrol(s, HUB, CARE_HOME);
	deliver = send(s, MAKER, CARE_HOME);
	sign(s, &x, deliver, "20 visor", "n1");
	story_tell(s, MAKER, &x.rec);
	story_tell(s, THIRD, &x.rec);
	story_tell(s, MAKER, &x.rec);
	/* what is told again is a claim, like anything that anybody says */
	story_expect(s, MAKER, "visor",
		     "delivered 50 on_hand -50 B 20 claimed 20 in_transit 30");
	sign(s, &y, deliver, "20 visor", "n2");
	story_tell(s, THIRD, &y.rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 on_hand -50 B 40 in_transit 10");
	assert_false(s->over);
	story_close(s);
}

static void a_signature_is_of_one_delivery(void **state)
{
	struct story *s = story_open();
	struct record moved;
	struct slip x;
	size_t other;

	(void)state;
	enrol(s, HUB, CARE_HOME);
	exchange(s, &x, THIRD, CARE_HOME);
	other = send(s, MAKER, CARE_HOME);
	moved = x.rec;
	record_set_bytes(&moved, FACT_DELIVER, story_id(s, other)->b, ID_SIZE);
	story_tell(s, MAKER, &moved);
	story_expect(s, MAKER, "visor", CLAIMED);
	story_expect(s, THIRD, "visor", ACKNOWLEDGED);
	story_close(s);
}

static void goods_that_move_on_do_not_arrive_by_a_receipt_key(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, CARE_HOME, false, "50 visor");
	struct slip x;

	(void)state;
	enrol(s, HUB, CARE_HOME);
	sign(s, &x, story_tell(s, MAKER, &rec), "50 visor", "n1");
	story_tell(s, MAKER, &x.rec);
	story_expect(s, MAKER, "visor",
		     "moved 50 on_hand -50 claimed 50 in_transit 50");
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_enroller_is_neither_sender_nor_below_it),
		UNIT(the_senders_own_key_signs_for_nobody_else),
		UNIT(a_key_is_of_one_recipient),
		UNIT(who_dismisses_the_enroller_says_whether_it_stays),
		UNIT(a_signature_counts_once_whoever_repeats_it),
		UNIT(a_signature_is_of_one_delivery),
		UNIT(goods_that_move_on_do_not_arrive_by_a_receipt_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
