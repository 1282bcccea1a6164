#include "tests/book_story.h"

/* What each kind does to the stock of its author. */
static void every_kind_posts_what_it_means(void **state)
{
	static const struct {
		enum kind kind;
		const char *lines, *use, *found, *missing;
		const char *visor, *band;
	} rows[] = {
		{ KIND_PRODUCE, "50 visor", NULL, NULL, NULL,
		  "produced 50 on_hand 50", "" },
		{ KIND_PRODUCE, "50 visor", "100 band", NULL, NULL,
		  "produced 50 on_hand 50", "consumed 100 on_hand -100" },
		{ KIND_SUPPLY, "9 band 50 visor", NULL, NULL, NULL,
		  "supplied 50 on_hand 50", "supplied 9 on_hand 9" },
		{ KIND_LOSE, "3 visor", NULL, NULL, NULL, "lost 3 on_hand -3",
		  "" },
		{ KIND_COUNT, NULL, NULL, "4 visor", "5 band",
		  "found 4 on_hand 4", "lost 5 on_hand -5" },
		{ KIND_REQUEST, "50 visor", NULL, NULL, NULL, "", "" },
		{ KIND_CAMPAIGN, NULL, NULL, NULL, NULL, "", "" },
		{ KIND_ITEM, NULL, NULL, NULL, NULL, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct story *s = story_open();
		struct record rec = story_record(rows[i].kind);
		struct book_view view = memory_view(&s->book);
		struct memory_sum alone = { .sign = 1 }, eval = { .sign = 1 };
		size_t at;

		if (rows[i].lines != NULL)
			story_lines(s, &rec, FACT_LINES, rows[i].lines);
		if (rows[i].use != NULL)
			story_lines(s, &rec, FACT_USE, rows[i].use);
		if (rows[i].found != NULL)
			story_lines(s, &rec, FACT_FOUND, rows[i].found);
		if (rows[i].missing != NULL)
			story_lines(s, &rec, FACT_MISSING, rows[i].missing);
		if (rows[i].kind == KIND_COUNT)
			story_lines(s, &rec, FACT_COUNTED, "14 visor");
		if (rows[i].kind == KIND_REQUEST)
			record_set_bytes(&rec, FACT_PLACE, "FR", 2);
		if (rows[i].kind == KIND_LOSE)
			record_set_bytes(&rec, FACT_REASON, "rain", 4);
		if (rows[i].kind == KIND_CAMPAIGN)
			record_set_bytes(&rec, FACT_CAMPAIGN, "may", 3);
		if (rows[i].kind == KIND_ITEM)
			record_set_bytes(&rec, FACT_ITEM, "visor", 5);
		at = story_tell(s, MAKER, &rec);
		story_expect(s, MAKER, "visor", rows[i].visor);
		story_expect(s, MAKER, "band", rows[i].band);
		/* whoever knows that it stands alone need not ask around */
		assert_int_equal(
			book_alone(&s->book.row[at].rec, memory_post, &alone),
			0);
		assert_int_equal(book_eval(&view, story_id(s, at), memory_post,
					   &eval, NULL),
				 0);
		assert_memory_equal(&alone, &eval, sizeof(alone));
		story_close(s);
	}
}

static void rejected_pieces_stand_with_the_first_line(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor 5 band");

	(void)state;
	record_set_uint(&rec, FACT_REJECTED, 4);
	story_tell(s, MAKER, &rec);
	/* lines stand in the order of their items */
	story_expect(s, MAKER, "band", "produced 5 rejected 4 on_hand 5");
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	story_close(s);
}

static void an_outsider_has_a_row_in_the_book_of_its_keeper(void **state)
{
	static const uint8_t handle[TAG_SIZE] = { 7 };
	struct story *s = story_open();
	struct holder out = { s->w->who[HUB], { { 7 } } };
	struct record rec = story_produce(s, "50 visor");
	size_t deliver;

	(void)state;
	record_set_bytes(&rec, FACT_FOR, handle, TAG_SIZE);
	story_tell(s, HUB, &rec);
	rec = story_deliver(s, HOSPITAL, true, "20 visor");
	record_set_bytes(&rec, FACT_FOR, handle, TAG_SIZE);
	deliver = story_tell(s, HUB, &rec);
	rec = story_receive(s, deliver, "18 visor", "2 visor");
	story_tell(s, HOSPITAL, &rec);
	story_expect_held(s, &out, "visor",
			  "produced 50 delivered 20 A 18 refused 2 on_hand 32",
			  NULL);
	story_expect(s, HUB, "visor", "");
	story_expect(s, HOSPITAL, "visor", "");
	/* what moves to a member fills its own shelf, whoever it receives for
	 */
	rec = story_deliver(s, COURIER, false, "5 visor");
	record_set_bytes(&rec, FACT_FOR, handle, TAG_SIZE);
	deliver = story_tell(s, HUB, &rec);
	rec = story_receive(s, deliver, "5 visor", NULL);
	record_set_bytes(&rec, FACT_FOR, handle, TAG_SIZE);
	story_tell(s, COURIER, &rec);
	story_expect(s, COURIER, "visor", "received 5 on_hand 5");
	story_close(s);
}

/* One delivery of 50 visors by MAKER, and what is said of it. */
struct case_said {
	size_t who;
	const char *accepted, *refused;
	bool has_paper;
};

static size_t say_receipt(struct story *s, size_t deliver,
			  const struct case_said *said)
{
	static const uint8_t paper[32] = { 9 };
	struct record rec =
		story_receive(s, deliver, said->accepted, said->refused);

	if (said->has_paper)
		record_set_bytes(&rec, FACT_PAPER, paper, sizeof(paper));
	return story_tell(s, said->who, &rec);
}

static void deliveries_end_as_their_receipts_say(void **state)
{
	static const struct {
		size_t sender, to;
		bool is_final, over;
		struct case_said said[3];
		const char *sent, *arrived;
		const char *why;
	} rows[] = {
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { 0, NULL, NULL, false } },
		  "delivered 50 in_transit 50 on_hand -50",
		  "",
		  "nobody has said anything" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "50 visor", NULL, false } },
		  "delivered 50 A 50 on_hand -50",
		  "",
		  "the recipient accepts all" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "48 visor", "2 visor", false } },
		  "delivered 50 A 48 refused 2 on_hand -48",
		  "",
		  "what is refused goes back" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "30 visor", NULL, false },
		    { HOSPITAL, "15 visor", NULL, false } },
		  "delivered 50 A 45 in_transit 5 on_hand -50",
		  "",
		  "parts add up, what is short stays in transit" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  true,
		  { { HOSPITAL, "30 visor", NULL, false },
		    { HOSPITAL, "25 visor", NULL, false } },
		  "delivered 50 A 55 in_transit -5 on_hand -50",
		  "",
		  "more than was sent" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  true,
		  { { HOSPITAL, "30 visor", "21 visor", false } },
		  "delivered 50 A 30 refused 21 in_transit -1 on_hand -29",
		  "",
		  "more than was sent, refusals included" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  true,
		  { { HOSPITAL, "1 band 50 visor", NULL, false } },
		  "delivered 50 A 50 on_hand -50",
		  "",
		  "an item that was not sent" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  true,
		  { { HOSPITAL, "50 visor", "1 band", false } },
		  "delivered 50 A 50 on_hand -50",
		  "",
		  "an item that was not sent is refused" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { MAKER, "50 visor", NULL, false } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "the sender's word is a claim" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { MAKER, "60 visor 3 band", "4 visor", true } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "whatever it claims is not too much, nor more than is sent" },
		{ HUB,
		  CARE_HOME,
		  true,
		  false,
		  { { HUB, "50 visor", NULL, false },
		    { CARE_HOME, "40 visor", NULL, false },
		    { HOSPITAL, "20 visor", "5 visor", true } },
		  "delivered 50 C 20 refused 5 claimed 25 in_transit 25 "
		  "on_hand -45",
		  "",
		  "two who claim the same goods claim them once" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { THIRD, "50 visor", NULL, true } },
		  "delivered 50 C 50 on_hand -50",
		  "",
		  "a paper brought by a third" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { THIRD, "40 visor", "10 visor", true } },
		  "delivered 50 C 40 refused 10 on_hand -40",
		  "",
		  "a paper with a refusal" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { THIRD, "50 visor", NULL, false } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "a third without a paper" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { COURIER, "50 visor", NULL, true } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "a paper brought by the carrier" },
		{ HUB,
		  HOSPITAL,
		  true,
		  false,
		  { { THIRD, "50 visor", NULL, true } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "a paper brought by one whom only the sender admitted" },
		{ HUB,
		  CARE_HOME,
		  true,
		  false,
		  { { BRANCH_HOME, "50 visor", NULL, true } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "or one whom only those below the sender did" },
		{ HUB,
		  CARE_HOME,
		  true,
		  false,
		  { { HOSPITAL, "50 visor", NULL, true } },
		  "delivered 50 C 50 on_hand -50",
		  "",
		  "a paper brought by one whom others admitted" },
		{ HUB,
		  CARE_HOME,
		  true,
		  false,
		  { { CARE_HOME, "50 visor", NULL, false } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "a recipient that only the sender admitted" },
		{ HUB,
		  BRANCH_HOME,
		  true,
		  false,
		  { { BRANCH_HOME, "50 visor", NULL, false } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "one that only those below the sender admitted" },
		{ HUB,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "50 visor", NULL, false } },
		  "delivered 50 A 50 on_hand -50",
		  "",
		  "one that another association admitted" },
		{ HUB,
		  CARE_HOME,
		  true,
		  false,
		  { { CARE_HOME, "50 visor", NULL, true } },
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "a paper does not help who is not vouched for" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "30 visor", NULL, false },
		    { THIRD, "45 visor", NULL, true },
		    { MAKER, "50 visor", NULL, false } },
		  "delivered 50 A 30 C 15 claimed 5 in_transit 5 on_hand -50",
		  "",
		  "lower grades add what they have beyond the higher" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "45 visor", NULL, false },
		    { THIRD, "30 visor", NULL, true } },
		  "delivered 50 A 45 in_transit 5 on_hand -50",
		  "",
		  "and nothing when they have less" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "30 visor", "20 visor", false },
		    { THIRD, "50 visor", NULL, true } },
		  "delivered 50 A 30 refused 20 on_hand -30",
		  "",
		  "a paper does not accept what was refused" },
		{ MAKER,
		  HOSPITAL,
		  true,
		  false,
		  { { HOSPITAL, "20 visor", NULL, false },
		    { THIRD, "45 visor", "5 visor", true } },
		  "delivered 50 A 20 C 25 refused 5 on_hand -45",
		  "",
		  "it says what became of the rest" },
		{ HUB,
		  MAKER,
		  false,
		  false,
		  { { 0, NULL, NULL, false } },
		  "moved 50 in_transit 50 on_hand -50",
		  "",
		  "goods on the move" },
		{ HUB,
		  MAKER,
		  false,
		  false,
		  { { MAKER, "48 visor", "2 visor", false } },
		  "moved 50 handed 48 refused 2 on_hand -48",
		  "received 48 on_hand 48",
		  "arrive, without a voucher" },
		{ HUB,
		  MAKER,
		  false,
		  true,
		  { { MAKER, "48 visor", NULL, false },
		    { MAKER, "3 visor", NULL, false } },
		  "moved 50 handed 51 in_transit -1 on_hand -50",
		  "received 51 on_hand 51",
		  "even when it is too much" },
		{ HUB,
		  MAKER,
		  false,
		  false,
		  { { THIRD, "50 visor", NULL, true } },
		  "moved 50 claimed 50 in_transit 50 on_hand -50",
		  "",
		  "but not by somebody else's paper" },
		{ HUB,
		  MAKER,
		  false,
		  false,
		  { { THIRD, "40 visor", "9 visor", true },
		    { MAKER, "30 visor", NULL, false } },
		  "moved 50 handed 30 claimed 10 in_transit 20 on_hand -50",
		  "received 30 on_hand 30",
		  "which remains a claim" },
		{ HUB,
		  HUB,
		  false,
		  false,
		  { { HUB, "50 visor", NULL, false } },
		  "moved 50 claimed 50 in_transit 50 on_hand -50",
		  "moved 50 claimed 50 in_transit 50 on_hand -50",
		  "nobody delivers to itself" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct story *s = story_open();
		struct record rec = story_deliver(s, rows[i].to,
						  rows[i].is_final, "50 visor");
		size_t deliver;

		record_set_bytes(&rec, FACT_BY, s->w->who[COURIER].b, KEY_SIZE);
		deliver = story_tell(s, rows[i].sender, &rec);
		for (size_t k = 0; k < ARRAY_LEN(rows[i].said); k++)
			if (rows[i].said[k].accepted != NULL)
				say_receipt(s, deliver, &rows[i].said[k]);
		story_expect_why(s, rows[i].sender, "visor", rows[i].sent,
				 rows[i].why);
		story_expect_why(s, rows[i].to, "visor", rows[i].arrived,
				 rows[i].why);
		story_expect_why(s, rows[i].sender, "band", "", rows[i].why);
		if (s->over != rows[i].over)
			fail_msg("%s: over", rows[i].why);
		story_close(s);
	}
}

static void a_receipt_of_an_outsider_is_a_third_ones_paper(void **state)
{
	static const uint8_t handle[TAG_SIZE] = { 5 };
	static const struct case_said said[] = {
		{ THIRD, "20 visor", NULL, true },
		{ COURIER, "30 visor", NULL, false },
	};
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor");
	size_t deliver;

	(void)state;
	record_set_bytes(&rec, FACT_TO, handle, TAG_SIZE);
	record_set_bytes(&rec, FACT_BY, handle, TAG_SIZE);
	deliver = story_tell(s, MAKER, &rec);
	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		say_receipt(s, deliver, &said[i]);
	story_expect(s, MAKER, "visor",
		     "delivered 50 C 20 claimed 10 in_transit 30 on_hand -50");
	story_close(s);
}

/* Who carried, or was sent, the goods is no third one because it is said to be
 * another afterwards. */
static void no_correction_makes_a_third_of_a_party(void **state)
{
	(void)state;
	for (int is_carrier = 0; is_carrier < 2; is_carrier++) {
		static const struct case_said said = { COURIER, "50 visor",
						       NULL, true };
		struct story *s = story_open();
		struct record rec = story_deliver(
			s, is_carrier ? HOSPITAL : COURIER, true, "50 visor");
		size_t deliver;

		if (is_carrier)
			record_set_bytes(&rec, FACT_BY, s->w->who[COURIER].b,
					 KEY_SIZE);
		deliver = story_tell(s, MAKER, &rec);
		rec = story_deliver(s, HOSPITAL, true, "50 visor");
		rec = story_correct(s, story_id(s, deliver), &rec);
		story_tell(s, MAKER, &rec);
		say_receipt(s, deliver, &said);
		story_expect(s, MAKER, "visor",
			     "delivered 50 claimed 50 in_transit 50 on_hand "
			     "-50");
		story_close(s);
	}
}

/* What was lost on the way is not claimed to have arrived, too. */
static void nobody_claims_what_was_lost(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor");
	size_t deliver = story_tell(s, MAKER, &rec);

	(void)state;
	rec = story_receive(s, deliver, "50 visor", NULL);
	story_tell(s, MAKER, &rec);
	rec = story_lose(s, "20 visor");
	record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b, ID_SIZE);
	story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 lost 20 claimed 30 in_transit 30 on_hand "
		     "-50");
	assert_false(s->over);
	story_close(s);
}

static void a_service_is_made_by_being_delivered(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 night");
	size_t deliver;

	(void)state;
	record_set_uint(&rec, FACT_SERVICE, 1);
	deliver = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "night",
		     "produced 50 delivered 50 in_transit 50");
	rec = story_receive(s, deliver, "40 night", "3 night");
	story_tell(s, HOSPITAL, &rec);
	story_expect(s, MAKER, "night",
		     "produced 47 delivered 50 A 40 refused 3 in_transit 7");
	story_close(s);
}

static void what_is_lost_on_the_way_leaves_transit(void **state)
{
	static const struct {
		size_t who;
		const char *lines;
		bool over;
		const char *sent;
		const char *why;
	} rows[] = {
		{ MAKER, "5 visor", false,
		  "delivered 50 A 45 lost 5 on_hand -50", "by the sender" },
		{ THIRD, "5 visor", false,
		  "delivered 50 A 45 in_transit 5 on_hand -50",
		  "somebody else cannot say so" },
		{ HOSPITAL, "5 visor", false,
		  "delivered 50 A 45 in_transit 5 on_hand -50",
		  "nor can the recipient" },
		{ MAKER, "6 visor", true,
		  "delivered 50 A 45 lost 6 in_transit -1 on_hand -50",
		  "too much" },
		{ MAKER, "5 band", true,
		  "delivered 50 A 45 in_transit 5 on_hand -50",
		  "an item that was not sent" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct story *s = story_open();
		struct record rec =
			story_deliver(s, HOSPITAL, true, "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec);

		rec = story_receive(s, deliver, "45 visor", NULL);
		story_tell(s, HOSPITAL, &rec);
		rec = story_lose(s, rows[i].lines);
		record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b,
				 ID_SIZE);
		story_tell(s, rows[i].who, &rec);
		story_expect_why(s, MAKER, "visor", rows[i].sent, rows[i].why);
		if (s->over != rows[i].over)
			fail_msg("%s: over", rows[i].why);
		story_expect_why(s, rows[i].who, "band", "", rows[i].why);
		story_close(s);
	}
}

static void a_receipt_waits_for_its_delivery(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, COURIER, false, "50 visor");
	size_t deliver = story_tell(s, MAKER, &rec);
	bool over = false;
	struct book_view view = memory_view(&s->book);
	struct memory_sum sum = { .sign = 1 };

	(void)state;
	rec = story_receive(s, deliver, "60 visor", NULL);
	story_tell(s, COURIER, &rec);
	s->book.row[deliver].is_here = false;
	story_expect(s, COURIER, "visor", "");
	story_expect(s, MAKER, "visor", "");
	assert_int_equal(book_eval(&view, story_id(s, deliver), memory_post,
				   &sum, &over),
			 0);
	assert_int_equal(sum.n, 0);
	assert_false(over);
	s->book.row[deliver].is_here = true;
	story_expect(s, COURIER, "visor", "received 60 on_hand 60");
	assert_int_equal(book_eval(&view, story_id(s, deliver), memory_post,
				   &sum, &over),
			 0);
	assert_true(over);
	story_close(s);
}

/* Postings and where they act. */
struct places {
	struct pubkey feed[8];
	uint64_t seq[8];
	int64_t on_hand[8];
	size_t n;
};

static int note_place(void *arg, const struct posting *p)
{
	struct places *x = arg;

	x->feed[x->n] = p->feed;
	x->seq[x->n] = p->seq;
	x->on_hand[x->n++] = p->delta[COL_ON_HAND];
	return 0;
}

static int stop_at_once(void *arg, const struct posting *p)
{
	(void)p;
	++*(int *)arg;
	return ERR_FULL;
}

static void postings_act_where_the_stock_moved(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_produce(s, "1 visor");
	struct places x = { .n = 0 };
	int calls = 0;
	size_t deliver;

	(void)state;
	story_tell(s, MAKER, &rec);
	story_tell(s, COURIER, &rec);
	rec = story_deliver(s, COURIER, false, "50 visor");
	deliver = story_tell(s, MAKER, &rec);
	rec = story_deliver(s, COURIER, false, "40 visor");
	rec = story_correct(s, story_id(s, deliver), &rec);
	story_tell(s, MAKER, &rec);
	rec = story_receive(s, deliver, "30 visor", "4 visor");
	story_tell(s, COURIER, &rec);
	rec = story_receive(s, deliver, NULL, "1 visor");
	story_tell(s, COURIER, &rec);
	/* a claim takes nothing back */
	rec = story_receive(s, deliver, NULL, "1 visor");
	story_tell(s, MAKER, &rec);
	assert_int_equal(
		book_eval(&view, story_id(s, deliver), note_place, &x, NULL),
		0);
	assert_int_equal(x.n, 3);
	/* the courier's shelf fills where it said so */
	assert_true(pubkey_eq(&x.feed[0], &s->w->feed[COURIER]));
	assert_int_equal(x.seq[0], 2);
	assert_int_equal(x.on_hand[0], 30);
	/* the correction acts where the delivery stands */
	assert_true(pubkey_eq(&x.feed[1], &s->w->feed[MAKER]));
	assert_int_equal(x.seq[1], 2);
	assert_int_equal(x.on_hand[1], -40);
	/* and what comes back, where it was last refused */
	assert_true(pubkey_eq(&x.feed[2], &s->w->feed[COURIER]));
	assert_int_equal(x.seq[2], 3);
	assert_int_equal(x.on_hand[2], 5);
	assert_int_equal(book_eval(&view, story_id(s, deliver), stop_at_once,
				   &calls, NULL),
			 ERR_FULL);
	assert_int_equal(calls, 1);
	story_close(s);
}

static void quantities_do_not_wrap(void **state)
{
	struct story *s = story_open();
	struct record rec;
	size_t deliver;

	(void)state;
	for (int i = 0; i < 20; i++) {
		rec = story_produce(s, "68719476735 visor");
		story_tell(s, MAKER, &rec);
	}
	rec = story_deliver(s, HOSPITAL, true, "68719476735 visor");
	deliver = story_tell(s, MAKER, &rec);
	for (int i = 0; i < 5; i++) {
		rec = story_receive(s, deliver, "68719476735 visor", NULL);
		story_tell(s, HOSPITAL, &rec);
	}
	rec = story_receive(s, deliver, NULL, "68719476735 visor");
	story_tell(s, HOSPITAL, &rec);
	story_expect(s, MAKER, "visor",
		     "produced 1374389534700 delivered 68719476735 "
		     "A 343597383675 refused 68719476735 "
		     "in_transit -343597383675 on_hand 1374389534700");
	assert_true(s->over);
	story_close(s);
}

/* Whichever version it was that they answered. */
static void what_others_answered_for_is_not_taken_back_unseen(void **state)
{
	struct story *s = story_open();
	struct record there = story_deliver(s, CARE_HOME, true, "50 visor");
	struct record here = story_deliver(s, HOSPITAL, true, "50 visor"), rec;
	size_t deliver = story_tell(s, MAKER, &there), version;

	(void)state;
	rec = story_correct(s, story_id(s, deliver), &here);
	version = story_tell(s, MAKER, &rec);
	rec = story_receive(s, deliver, "30 visor", NULL);
	story_tell(s, HOSPITAL, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 A 30 in_transit 20 on_hand -50");
	assert_false(s->over);
	rec = story_correct(s, story_id(s, version), &there);
	version = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 claimed 30 in_transit 50 on_hand -50");
	assert_true(s->over);
	rec = story_correct(s, story_id(s, version), &here);
	version = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 A 30 in_transit 20 on_hand -50");
	assert_false(s->over);
	rec = story_correct(s, story_id(s, version), NULL);
	story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "");
	assert_true(s->over);
	story_close(s);
}

static void a_delivery_tells_how_it_stands(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_deliver(s, HOSPITAL, true, "9 band 50 visor");
	size_t deliver = story_tell(s, MAKER, &rec), lose;
	struct delivery d;
	struct id unknown = { { 1 } };

	(void)state;
	rec = story_receive(s, deliver, "20 visor", "2 visor");
	story_tell(s, HOSPITAL, &rec);
	rec = story_receive(s, deliver, "25 visor 4 band", NULL);
	story_tell(s, MAKER, &rec);
	rec = story_lose(s, "3 visor");
	record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b, ID_SIZE);
	lose = story_tell(s, MAKER, &rec);
	assert_int_equal(book_delivery(&view, &d, story_id(s, deliver)), 0);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.line[0].qty, 9);
	assert_memory_equal(d.line[0].item, "band", 4);
	assert_int_equal(d.graded[GRADE_D][0], 4);
	assert_int_equal(d.accepted[0] + d.refused[0] + d.lost[0], 0);
	assert_int_equal(d.line[1].qty, 50);
	assert_int_equal(d.accepted[1], 20);
	assert_int_equal(d.refused[1], 2);
	assert_int_equal(d.lost[1], 3);
	assert_int_equal(d.graded[GRADE_D][1], 3);
	assert_int_equal(d.said[GRADE_A][1], 22);
	assert_int_equal(d.said[GRADE_C][1], 0);
	assert_int_equal(d.said[GRADE_D][1], 25);
	assert_int_equal(book_delivery(&view, &d, &unknown), ERR_NOT_FOUND);
	assert_int_equal(book_delivery(&view, &d, story_id(s, lose)),
			 ERR_NOT_FOUND);
	rec = story_correct(s, story_id(s, deliver), NULL);
	story_tell(s, MAKER, &rec);
	assert_int_equal(book_delivery(&view, &d, story_id(s, deliver)),
			 ERR_STATE);
	story_close(s);
}

static void deliveries_that_move_tell_what_was_received(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_deliver(s, COURIER, false, "50 visor");
	size_t deliver = story_tell(s, MAKER, &rec);
	struct delivery d;

	(void)state;
	rec = story_receive(s, deliver, "30 visor", "2 visor");
	story_tell(s, COURIER, &rec);
	rec = story_receive(s, deliver, "40 visor", NULL);
	story_tell(s, THIRD, &rec);
	assert_int_equal(book_delivery(&view, &d, story_id(s, deliver)), 0);
	assert_int_equal(d.accepted[0], 30);
	assert_int_equal(d.refused[0], 2);
	assert_int_equal(d.graded[GRADE_D][0], 8);
	story_close(s);
}

static void whoever_takes_the_postings_may_stop(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_produce(s, "50 visor 3 band");
	size_t made = story_tell(s, MAKER, &rec), deliver;
	struct memory_sum sum = { .sign = 1 };
	int calls = 0;

	(void)state;
	assert_int_equal(
		book_eval(&view, story_id(s, made), stop_at_once, &calls, NULL),
		ERR_FULL);
	assert_int_equal(calls, 1);
	rec = story_deliver(s, HOSPITAL, true, "1 band 50 visor");
	deliver = story_tell(s, MAKER, &rec);
	assert_int_equal(
		book_alone(&s->book.row[deliver].rec, stop_at_once, &calls),
		ERR_FULL);
	assert_int_equal(calls, 2);
	assert_int_equal(
		book_alone(&s->book.row[deliver].rec, memory_post, &sum), 0);
	assert_int_equal(sum.n, 2);
	assert_int_equal(sum.at[1].col[COL_IN_TRANSIT], 50);
	story_close(s);
}

/* A view that fails at its n-th call. */
struct failing {
	struct memory_book *m;
	int left;
};

static int failing_get(void *cookie, struct book_record *out,
		       const struct id *id)
{
	struct failing *f = cookie;

	return f->left-- == 0 ? ERR_IO : memory_get(f->m, out, id);
}

static int failing_refs(void *cookie, const struct id *target, enum ref ref,
			book_visit *visit, void *arg)
{
	struct failing *f = cookie;

	return f->left-- == 0 ? ERR_IO
			      : memory_refs(f->m, target, ref, visit, arg);
}

/* A delivery issued again, with receipts issued again and corrected. */
static size_t tell_a_long_story(struct story *s)
{
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor");
	size_t deliver = story_tell(s, MAKER, &rec), receipt;

	record_set_bytes(&rec, FACT_ORPHAN, story_id(s, deliver)->b, ID_SIZE);
	story_tell_in(s, MAKER, 20, &rec);
	rec = story_receive(s, deliver, "50 visor", NULL);
	receipt = story_tell(s, HOSPITAL, &rec);
	record_set_bytes(&rec, FACT_ORPHAN, story_id(s, receipt)->b, ID_SIZE);
	story_tell_in(s, HOSPITAL, 21, &rec);
	rec = story_receive(s, deliver, "48 visor", NULL);
	rec = story_correct(s, story_id(s, receipt), &rec);
	story_tell(s, HOSPITAL, &rec);
	rec = story_lose(s, "1 visor");
	record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b, ID_SIZE);
	story_tell(s, MAKER, &rec);
	return deliver;
}

static void errors_of_the_view_come_through(void **state)
{
	struct story *s = story_open();
	size_t deliver = tell_a_long_story(s), fails[4] = { 0 };
	struct failing f = { .m = &s->book };
	struct book_view view = memory_view(&s->book);
	const struct id *id = story_id(s, deliver + 2);
	struct memory_sum sum = { .sign = 1 };
	struct book_record rec;
	struct delivery d;
	struct id out[2];
	bool occurred;

	(void)state;
	view.cookie = &f;
	view.get = failing_get;
	view.refs = failing_refs;
	for (int here = 0; here < 2; here++) {
		int done = 0;

		s->book.row[deliver].is_here = here == 1;
		for (int k = 0; done < 4; k++) {
			int err[4];

			assert_true(k < 1000);
			f.left = k;
			err[0] = book_eval(&view, story_id(s, deliver),
					   memory_post, &sum, NULL);
			f.left = k;
			err[1] = book_delivery(&view, &d, story_id(s, deliver));
			f.left = k;
			rec = s->book.row[deliver + 2].rec;
			err[2] = book_newest(&view, &rec, &occurred);
			f.left = k;
			rec = s->book.row[deliver + 2].rec;
			err[3] = book_touched(&view, out, &rec);
			done = 0;
			for (size_t i = 0; i < 4; i++) {
				assert_true(err[i] == 0 || err[i] == ERR_IO);
				done += err[i] == 0;
				fails[i] += err[i] != 0;
			}
		}
	}
	for (size_t i = 0; i < 4; i++)
		assert_true(fails[i] > 0);
	f.left = 0;
	assert_int_equal(book_root(&view, &out[0], id), ERR_IO);
	s->book.row[deliver].is_here = true;
	story_expect(s, MAKER, "visor",
		     "delivered 50 A 48 lost 1 in_transit 1 on_hand -50");
	story_close(s);
}

static void columns_have_names(void **state)
{
	(void)state;
	for (enum column a = 0; a < COL_COUNT; a++) {
		assert_non_null(column_name(a));
		for (enum column b = 0; b < a; b++)
			assert_string_not_equal(column_name(a), column_name(b));
	}
	assert_string_equal(column_name(COL_ON_HAND), "on_hand");
	assert_string_equal(column_name(COL_HANDED), "handed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_kind_posts_what_it_means),
		UNIT(rejected_pieces_stand_with_the_first_line),
		UNIT(an_outsider_has_a_row_in_the_book_of_its_keeper),
		UNIT(deliveries_end_as_their_receipts_say),
		UNIT(a_receipt_of_an_outsider_is_a_third_ones_paper),
		UNIT(no_correction_makes_a_third_of_a_party),
		UNIT(nobody_claims_what_was_lost),
		UNIT(a_service_is_made_by_being_delivered),
		UNIT(what_is_lost_on_the_way_leaves_transit),
		UNIT(a_receipt_waits_for_its_delivery),
		UNIT(postings_act_where_the_stock_moved),
		UNIT(quantities_do_not_wrap),
		UNIT(what_others_answered_for_is_not_taken_back_unseen),
		UNIT(a_delivery_tells_how_it_stands),
		UNIT(deliveries_that_move_tell_what_was_received),
		UNIT(whoever_takes_the_postings_may_stop),
		UNIT(errors_of_the_view_come_through),
		UNIT(columns_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
