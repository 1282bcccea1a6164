#include "tests/book_story.h"

static void a_correction_takes_the_place_of_the_facts(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), again;
	size_t made = story_tell(s, MAKER, &rec), first, second;

	(void)state;
	again = story_produce(s, "45 visor 5 band");
	rec = story_correct(s, story_id(s, made), &again);
	first = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "produced 45 on_hand 45");
	story_expect(s, MAKER, "band", "produced 5 on_hand 5");
	/* the correction is corrected in its turn */
	again = story_produce(s, "44 visor");
	rec = story_correct(s, story_id(s, first), &again);
	second = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "produced 44 on_hand 44");
	story_expect(s, MAKER, "band", "");
	/* it did not occur at all; then it did after all */
	rec = story_correct(s, story_id(s, second), NULL);
	first = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "");
	again = story_produce(s, "43 visor");
	rec = story_correct(s, story_id(s, first), &again);
	story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "produced 43 on_hand 43");
	/* without the middle the chain ends there */
	s->book.row[second].is_here = false;
	story_expect(s, MAKER, "visor", "produced 45 on_hand 45");
	story_close(s);
}

static void of_siblings_the_smallest_id_counts(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), again;
	size_t made = story_tell(s, MAKER, &rec), best = SIZE_MAX;
	struct book_view view = memory_view(&s->book);
	struct book_record newest;
	struct id version;
	bool occurred;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		static const char *const lines[] = { "1 visor", "2 visor",
						     "3 visor", "4 visor",
						     "5 visor", "6 visor" };
		char want[64];
		size_t at;

		again = story_produce(s, lines[i]);
		rec = story_correct(s, story_id(s, made), &again);
		at = story_tell(s, MAKER, &rec);
		if (best == SIZE_MAX ||
		    id_cmp(story_id(s, at), story_id(s, best)) < 0)
			best = at;
		snprintf(want, sizeof(want), "produced %d on_hand %d",
			 (int)(best - made), (int)(best - made));
		story_expect(s, MAKER, "visor", want);
	}
	newest = s->book.row[made].rec;
	assert_int_equal(book_version(&view, &newest, &occurred, &version), 0);
	assert_true(occurred);
	assert_true(id_eq(&version, story_id(s, best)));
	/* the record keeps its own name and place */
	assert_true(id_eq(&newest.id, story_id(s, made)));
	assert_int_equal(newest.seq, 1);
	story_close(s);
}

/* Corrections that change nothing, each alone. */
static void some_corrections_have_no_effect(void **state)
{
	enum { AUTHOR, KIND, KEY, ORPHAN, PLACE, GONE, FORMAT, ROWS };

	static const char *const why[ROWS] = {
		"by another author",
		"to another kind",
		"with a key",
		"with an orphan",
		"of another delivery",
		"of no delivery",
		"facts that are no such record",
	};

	(void)state;
	for (int row = 0; row < ROWS; row++) {
		struct story *s = story_open();
		static const uint8_t tag[TAG_SIZE] = { 1 };
		struct record rec =
			story_deliver(s, HOSPITAL, true, "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec), other, at;
		size_t author = row == AUTHOR ? THIRD : MAKER;
		struct book_view view = memory_view(&s->book);
		struct book_record newest;
		struct record again;
		bool occurred;

		other = story_tell(s, THIRD, &rec);
		rec = story_lose(s, "7 visor");
		record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b,
				 ID_SIZE);
		at = story_tell(s, MAKER, &rec);
		again = story_lose(s, "8 visor");
		record_set_bytes(&again, FACT_DELIVER, story_id(s, deliver)->b,
				 ID_SIZE);
		if (row == KIND)
			again = story_produce(s, "8 visor");
		if (row == KEY)
			record_set_bytes(&again, FACT_KEY, tag, TAG_SIZE);
		if (row == ORPHAN)
			record_set_bytes(&again, FACT_ORPHAN,
					 story_id(s, other)->b, ID_SIZE);
		if (row == PLACE)
			record_set_bytes(&again, FACT_DELIVER,
					 story_id(s, other)->b, ID_SIZE);
		if (row == GONE)
			record_unset(&again, FACT_DELIVER);
		if (row == FORMAT)
			again = story_record(KIND_ITEM),
			record_set_bytes(&again, FACT_ITEM, "visor", 5);
		rec = story_correct(s, story_id(s, at), &again);
		story_tell(s, author, &rec);
		story_expect_why(
			s, MAKER, "visor",
			"delivered 50 lost 7 in_transit 43 on_hand -50",
			why[row]);
		newest = s->book.row[at].rec;
		assert_int_equal(book_newest(&view, &newest, &occurred), 0);
		assert_true(occurred);
		/* withdrawn by the right one, it is */
		rec = story_correct(s, story_id(s, at), NULL);
		story_tell(s, author, &rec);
		story_expect_why(
			s, MAKER, "visor",
			author == MAKER
				? "delivered 50 in_transit 50 on_hand -50"
				: "delivered 50 lost 7 in_transit 43 "
				  "on_hand -50",
			why[row]);
		story_close(s);
	}
}

static void receipts_and_deliveries_are_corrected(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor"), again;
	size_t deliver = story_tell(s, MAKER, &rec), receipt;

	(void)state;
	rec = story_receive(s, deliver, "50 visor", NULL);
	receipt = story_tell(s, HOSPITAL, &rec);
	story_expect(s, MAKER, "visor", "delivered 50 A 50 on_hand -50");
	again = story_receive(s, deliver, "48 visor", "2 visor");
	rec = story_correct(s, story_id(s, receipt), &again);
	story_tell(s, HOSPITAL, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 50 A 48 refused 2 on_hand -48");
	/* to another address: the receipt is a third's */
	again = story_deliver(s, COURIER, true, "60 visor");
	rec = story_correct(s, story_id(s, deliver), &again);
	receipt = story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor",
		     "delivered 60 claimed 48 in_transit 60 on_hand -60");
	/* withdrawn: nothing was ever received, and it does not go unseen */
	rec = story_correct(s, story_id(s, receipt), NULL);
	story_tell(s, MAKER, &rec);
	story_expect(s, MAKER, "visor", "");
	assert_true(s->over);
	story_close(s);
}

/* What a courier acknowledged in order to pass it on would otherwise be
 * acknowledged once more as delivered for good, by the sender's word alone. */
static void goods_handed_on_are_not_for_good_afterwards(void **state)
{
	static const char *const want[] = {
		"moved 50 handed 50 on_hand -50",
		"delivered 50 A 50 on_hand -50",
	};

	(void)state;
	for (int is_final = 0; is_final < 2; is_final++) {
		struct story *s = story_open();
		struct record rec =
			story_deliver(s, HOSPITAL, is_final, "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec);

		rec = story_receive(s, deliver, "50 visor", NULL);
		story_tell(s, HOSPITAL, &rec);
		story_expect(s, MAKER, "visor", want[is_final]);
		rec = story_deliver(s, HOSPITAL, !is_final, "50 visor");
		rec = story_correct(s, story_id(s, deliver), &rec);
		story_tell(s, MAKER, &rec);
		story_expect(s, MAKER, "visor", want[is_final]);
		assert_false(s->over);
		story_close(s);
	}
}

/* Whatever version the hospital saw, what it said of it is not taken away
 * unseen; and there are not more versions than are asked. */
static void no_version_is_too_late_to_be_asked(void **state)
{
	(void)state;
	for (size_t seen = 0; seen <= LIMIT_SENDINGS + 1; seen++) {
		struct story *s = story_open();
		struct record rec = story_deliver(
			s, seen == 0 ? HOSPITAL : CARE_HOME, true, "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec), last = deliver;

		for (size_t i = 1; i <= LIMIT_SENDINGS + 1; i++) {
			rec = story_deliver(s, i == seen ? HOSPITAL : CARE_HOME,
					    true, "50 visor");
			rec = story_correct(s, story_id(s, last), &rec);
			last = story_tell(s, MAKER, &rec);
		}
		rec = story_receive(s, deliver, "50 visor", NULL);
		story_tell(s, HOSPITAL, &rec);
		story_expect(s, MAKER, "visor",
			     seen == LIMIT_SENDINGS
				     ? "delivered 50 A 50 on_hand -50"
				     : "delivered 50 claimed 50 in_transit 50 "
				       "on_hand -50");
		assert_int_equal(s->over, seen < LIMIT_SENDINGS);
		story_close(s);
	}
}

/* Re-issues: MAKER's feed 20 goes on for its feed 2. */

static size_t again_in(struct story *s, size_t who, size_t feed,
		       const struct record *rec, const struct id *orphan)
{
	struct record copy = *rec;

	record_set_bytes(&copy, FACT_ORPHAN, orphan->b, ID_SIZE);
	return story_tell_in(s, who, feed, &copy);
}

static void a_record_and_its_reissues_count_once(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), two, three;
	size_t first = story_tell(s, MAKER, &rec), second, third, earlier;

	(void)state;
	two = story_produce(s, "51 visor");
	three = story_produce(s, "52 visor");
	second = again_in(s, MAKER, 20, &two, story_id(s, first));
	third = again_in(s, MAKER, 21, &three, story_id(s, first));
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	s->book.row[first].is_here = false;
	earlier = memory_place_cmp(&s->book.row[second].rec,
				   &s->book.row[third].rec) < 0
			  ? second
			  : third;
	story_expect(s, MAKER, "visor",
		     earlier == second ? "produced 51 on_hand 51"
				       : "produced 52 on_hand 52");
	s->book.row[earlier].is_here = false;
	story_expect(s, MAKER, "visor",
		     earlier == second ? "produced 52 on_hand 52"
				       : "produced 51 on_hand 51");
	s->book.row[first].is_here = true;
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	story_close(s);
}

static void a_stranger_cannot_issue_a_record_again(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), other;
	size_t first = story_tell(s, MAKER, &rec), bogus, honest;

	(void)state;
	other = story_produce(s, "999 visor");
	bogus = again_in(s, THIRD, THIRD, &other, story_id(s, first));
	honest = again_in(s, MAKER, 20, &rec, story_id(s, first));
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	story_expect(s, THIRD, "visor", "");
	/* with the original gone each speaks for itself only */
	s->book.row[first].is_here = false;
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	story_expect(s, THIRD, "visor", "produced 999 on_hand 999");
	s->book.row[honest].is_here = false;
	story_expect(s, MAKER, "visor", "");
	(void)bogus;
	/* nor can one's own record of another kind */
	s->book.row[first].is_here = true;
	other = story_record(KIND_SUPPLY);
	story_lines(s, &other, FACT_LINES, "9 visor");
	again_in(s, MAKER, 21, &other, story_id(s, first));
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	s->book.row[first].is_here = false;
	story_expect(s, MAKER, "visor", "supplied 9 on_hand 9");
	story_close(s);
}

static void references_reach_a_record_by_any_of_its_names(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor"), other;
	size_t first = story_tell(s, MAKER, &rec), second, third;
	struct book_view view = memory_view(&s->book);
	struct delivery d;

	(void)state;
	second = again_in(s, MAKER, 20, &rec, story_id(s, first));
	third = again_in(s, MAKER, 21, &rec, story_id(s, second));
	other = story_receive(s, first, "10 visor", NULL);
	record_set_bytes(&other, FACT_FROM, s->w->who[MAKER].b, KEY_SIZE);
	story_tell(s, HOSPITAL, &other);
	other = story_receive(s, second, "11 visor", NULL);
	story_tell(s, HOSPITAL, &other);
	other = story_receive(s, third, "12 visor", NULL);
	story_tell(s, HOSPITAL, &other);
	other = story_deliver(s, HOSPITAL, true, "40 visor");
	other = story_correct(s, story_id(s, third), &other);
	story_tell(s, MAKER, &other);
	/* whichever of the three are here, as long as they hang together */
	for (unsigned here = 1; here < 8; here++) {
		static const char *const want[8] = {
			NULL,
			"delivered 50 A 10 in_transit 40 on_hand -50",
			"delivered 50 A 21 in_transit 29 on_hand -50",
			"delivered 50 A 21 in_transit 29 on_hand -50",
			/* of a name that is not here only claims come */
			"delivered 40 A 12 in_transit 28 on_hand -40",
			/* the link between them is missing: two records */
			"delivered 90 A 22 in_transit 68 on_hand -90",
			"delivered 40 A 33 in_transit 7 on_hand -40",
			"delivered 40 A 33 in_transit 7 on_hand -40",
		};

		s->book.row[first].is_here = (here & 1) != 0;
		s->book.row[second].is_here = (here & 2) != 0;
		s->book.row[third].is_here = (here & 4) != 0;
		story_expect(s, MAKER, "visor", want[here]);
		if ((here & 2) == 0)
			continue;
		assert_int_equal(book_delivery(&view, &d, story_id(s, second)),
				 0);
		assert_int_equal(d.line[0].qty, here < 4 ? 50 : 40);
		assert_int_equal(d.accepted[0], here < 4 ? 21 : 33);
		assert_int_equal(book_delivery(&view, &d, story_id(s, first)),
				 0);
		assert_int_equal(d.accepted[0], here < 4 ? 21 : 33);
	}
	story_close(s);
}

static void a_delivery_is_found_by_any_of_its_names(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor"), other;
	size_t first = story_tell(s, MAKER, &rec), at[2], bogus;
	struct delivery d;

	(void)state;
	at[0] = again_in(s, MAKER, 20, &rec, story_id(s, first));
	rec = story_deliver(s, HOSPITAL, true, "51 visor");
	at[1] = again_in(s, MAKER, 21, &rec, story_id(s, first));
	other = story_produce(s, "1 visor");
	bogus = again_in(s, MAKER, 0, &other, story_id(s, first));
	assert_int_equal(book_delivery(&view, &d, story_id(s, at[1])), 0);
	assert_int_equal(d.line[0].qty, 50);
	/* something else that says to be it again is nothing */
	assert_int_equal(book_delivery(&view, &d, story_id(s, bogus)),
			 ERR_NOT_FOUND);
	rec = story_deliver(s, HOSPITAL, true, "52 visor");
	bogus = again_in(s, THIRD, 1, &rec, story_id(s, first));
	assert_int_equal(book_delivery(&view, &d, story_id(s, bogus)),
			 ERR_NOT_FOUND);
	s->book.row[bogus].is_here = false;
	s->book.row[first].is_here = false;
	for (int i = 0; i < 3; i++) {
		size_t acts = memory_place_cmp(&s->book.row[at[0]].rec,
					       &s->book.row[at[1]].rec) < 0
				      ? 50
				      : 51;

		assert_int_equal(book_delivery(&view, &d,
					       i == 2 ? story_id(s, first)
						      : story_id(s, at[i])),
				 0);
		assert_int_equal(d.line[0].qty, acts);
	}
	story_close(s);
}

/* A receipt of a delivery that is not here: whoever claims to issue it again
 * may not be who sent it. */
static void a_stranger_cannot_take_the_receipt_of_another(void **state)
{
	static const struct {
		size_t thief, from;
		bool is_final;
		const char *text, *arrived;
		const char *why;
	} rows[] = {
		{ THIRD, MAKER, true,
		  "delivered 50 claimed 50 in_transit 50 on_hand -50", "",
		  "the receipt names another sender" },
		{ THIRD, HOSPITAL, true,
		  "delivered 50 claimed 50 in_transit 50 on_hand -50", "",
		  "the receipt names none" },
		{ THIRD, MAKER, false,
		  "moved 50 claimed 50 in_transit 50 on_hand -50", "",
		  "nothing arrives from it either" },
		{ MAKER, MAKER, true, "delivered 50 A 50 on_hand -50", "",
		  "the sender itself may" },
		{ MAKER, MAKER, false, "moved 50 handed 50 on_hand -50",
		  "received 50 on_hand 50", "and move things" },
		{ MAKER, HOSPITAL, true,
		  "delivered 50 claimed 50 in_transit 50 on_hand -50", "",
		  "if it is known to be the sender" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct story *s = story_open();
		struct record rec = story_deliver(s, HOSPITAL, rows[i].is_final,
						  "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec);
		struct record receipt =
			story_receive(s, deliver, "50 visor", NULL);

		if (rows[i].from != HOSPITAL)
			record_set_bytes(&receipt, FACT_FROM,
					 s->w->who[rows[i].from].b, KEY_SIZE);
		story_tell(s, HOSPITAL, &receipt);
		again_in(s, rows[i].thief, 20, &rec, story_id(s, deliver));
		s->book.row[deliver].is_here = false;
		story_expect_why(s, rows[i].thief, "visor", rows[i].text,
				 rows[i].why);
		story_expect_why(s, HOSPITAL, "visor", rows[i].arrived,
				 rows[i].why);
		/* once it is here there is no doubt */
		s->book.row[deliver].is_here = true;
		story_expect_why(s, MAKER, "visor",
				 rows[i].is_final
					 ? "delivered 50 A 50 on_hand -50"
					 : "moved 50 handed 50 on_hand -50",
				 rows[i].why);
		if (rows[i].thief != MAKER)
			story_expect_why(s, rows[i].thief, "visor", "",
					 rows[i].why);
		story_close(s);
	}
}

/* Goods that moved on were received, and handed on; the sender ends its feed
 * before the delivery, and issues it again as one for good. */
static void what_moved_on_is_not_issued_again_for_good(void **state)
{
	static const struct {
		bool was_final, is_final;
		const char *sent, *arrived;
	} rows[] = {
		{ false, true,
		  "delivered 50 claimed 50 in_transit 50 on_hand -50",
		  "delivered 50 A 50 on_hand -50" },
		{ false, false, "moved 50 handed 50 on_hand -50",
		  "delivered 50 received 50 A 50" },
		{ true, true, "delivered 50 A 50 on_hand -50",
		  "delivered 50 A 50 on_hand -50" },
		{ true, false, "moved 50 claimed 50 in_transit 50 on_hand -50",
		  "delivered 50 A 50 on_hand -50" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct story *s = story_open();
		struct record rec = story_deliver(
			s, HOSPITAL, rows[i].was_final, "50 visor");
		size_t deliver = story_tell(s, MAKER, &rec), onward;

		rec = story_receive(s, deliver, "50 visor", NULL);
		record_set_bytes(&rec, FACT_FROM, s->w->who[MAKER].b, KEY_SIZE);
		record_set_uint(&rec, FACT_FINAL, rows[i].was_final);
		story_tell(s, HOSPITAL, &rec);
		rec = story_deliver(s, THIRD, true, "50 visor");
		onward = story_tell(s, HOSPITAL, &rec);
		rec = story_receive(s, onward, "50 visor", NULL);
		story_tell(s, THIRD, &rec);
		rec = story_deliver(s, HOSPITAL, rows[i].is_final, "50 visor");
		again_in(s, MAKER, 20, &rec, story_id(s, deliver));
		s->book.row[deliver].is_here = false;
		story_expect(s, MAKER, "visor", rows[i].sent);
		story_expect(s, HOSPITAL, "visor", rows[i].arrived);
		story_close(s);
	}
}

static void receipts_losses_and_corrections_are_issued_again(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor"), two;
	size_t deliver = story_tell(s, MAKER, &rec), receipt, lose, copy;
	size_t correction, other;

	(void)state;
	other = story_tell(s, MAKER, &rec);
	rec = story_receive(s, deliver, "40 visor", NULL);
	receipt = story_tell(s, HOSPITAL, &rec);
	copy = again_in(s, HOSPITAL, 20, &rec, story_id(s, receipt));
	rec = story_lose(s, "5 visor");
	record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b, ID_SIZE);
	lose = story_tell(s, MAKER, &rec);
	again_in(s, MAKER, 21, &rec, story_id(s, lose));
	story_expect(s, MAKER, "visor",
		     "delivered 100 A 40 lost 5 in_transit 55 on_hand -100");
	s->book.row[receipt].is_here = false;
	s->book.row[lose].is_here = false;
	story_expect(s, MAKER, "visor",
		     "delivered 100 A 40 lost 5 in_transit 55 on_hand -100");
	/* a correction of the copy reaches the original, and the other way */
	two = story_receive(s, deliver, "38 visor", NULL);
	rec = story_correct(s, story_id(s, copy), &two);
	correction = story_tell_in(s, HOSPITAL, 20, &rec);
	again_in(s, HOSPITAL, 22, &rec, story_id(s, correction));
	for (int k = 0; k < 2; k++) {
		s->book.row[receipt].is_here = k == 1;
		story_expect(s, MAKER, "visor",
			     "delivered 100 A 38 lost 5 in_transit 57 "
			     "on_hand -100");
	}
	s->book.row[correction].is_here = false;
	story_expect(s, MAKER, "visor",
		     "delivered 100 A 38 lost 5 in_transit 57 on_hand -100");
	/* a receipt of another delivery is no re-issue of this one */
	rec = story_receive(s, other, "7 visor", NULL);
	again_in(s, HOSPITAL, 23, &rec, story_id(s, receipt));
	story_expect(s, MAKER, "visor",
		     "delivered 100 A 45 lost 5 in_transit 50 on_hand -100");
	story_close(s);
}

static void a_correction_issued_again_does_not_outrank_the_first(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), facts;
	size_t made = story_tell(s, MAKER, &rec), first, copy;

	(void)state;
	facts = story_produce(s, "49 visor");
	rec = story_correct(s, story_id(s, made), &facts);
	first = story_tell(s, MAKER, &rec);
	/* other facts, under an id that is smaller */
	facts = story_produce(s, "9 visor");
	rec = story_correct(s, story_id(s, made), &facts);
	do
		copy = again_in(s, MAKER, 20, &rec, story_id(s, first));
	while (id_cmp(story_id(s, copy), story_id(s, first)) > 0);
	story_expect(s, MAKER, "visor", "produced 49 on_hand 49");
	s->book.row[first].is_here = false;
	story_expect(s, MAKER, "visor", "produced 9 on_hand 9");
	story_close(s);
}

/* Two re-issues of a correction that is not here, one of which corrects what
 * corrects the other: from the outside a chain, from within a circle. */
static void a_correction_has_no_versions_of_its_own(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor");
	size_t made = story_tell(s, MAKER, &rec), early = 20, one, between;
	struct book_view view = memory_view(&s->book);
	static const struct id gone = { { 1 } };
	struct book_record newest;
	struct id version;
	bool occurred;

	(void)state;
	/* the later one comes first in (feed, seq), and so speaks for both */
	if (pubkey_cmp(&s->w->feed[20], &s->w->feed[21]) > 0)
		early = 21;
	rec = story_correct(s, story_id(s, made), NULL);
	one = again_in(s, MAKER, 41 - early, &rec, &gone);
	rec = story_correct(s, story_id(s, one), NULL);
	between = story_tell(s, MAKER, &rec);
	rec = story_correct(s, story_id(s, between), NULL);
	again_in(s, MAKER, early, &rec, &gone);
	newest = s->book.row[between].rec;
	assert_int_equal(book_version(&view, &newest, &occurred, &version), 0);
	assert_true(occurred);
	assert_true(id_eq(&version, story_id(s, between)));
	/* what is silent corrects nothing */
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	story_close(s);
}

static void links_of_reissues_are_followed_sixteen_deep(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor");
	size_t at[20], feed = 9;
	struct record receipt;

	(void)state;
	at[0] = story_tell(s, MAKER, &rec);
	for (size_t i = 1; i < 20; i++)
		at[i] = again_in(s, MAKER, feed++ % 8 + 10, &rec,
				 story_id(s, at[i - 1]));
	for (size_t i = 14; i < 20; i++) {
		receipt = story_receive(s, at[i], "1 visor", NULL);
		story_tell(s, HOSPITAL, &receipt);
	}
	/* of 14 to 19, the receipts of 14, 15 and 16 */
	story_expect(s, MAKER, "visor",
		     "delivered 50 A 3 in_transit 47 on_hand -50");
	story_close(s);
}

static void a_key_counts_once_and_hides_no_reissue(void **state)
{
	static const uint8_t key[TAG_SIZE] = { 3 };
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor"), two;
	size_t first, copy;

	(void)state;
	record_set_bytes(&rec, FACT_KEY, key, TAG_SIZE);
	first = story_tell(s, MAKER, &rec);
	two = story_produce(s, "51 visor");
	record_set_bytes(&two, FACT_KEY, key, TAG_SIZE);
	story_tell(s, MAKER, &two);
	story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	/* another member's key is another key */
	story_tell(s, THIRD, &two);
	story_expect(s, THIRD, "visor", "produced 51 on_hand 51");
	/* a re-issue has the key of its original */
	copy = again_in(s, MAKER, 20, &rec, story_id(s, first));
	s->book.row[first + 1].is_here = false;
	for (int k = 1; k < 4; k++) {
		s->book.row[first].is_here = (k & 1) != 0;
		s->book.row[copy].is_here = (k & 2) != 0;
		story_expect(s, MAKER, "visor", "produced 50 on_hand 50");
	}
	story_close(s);
}

static bool belongs_to(struct story *s, size_t at, const struct id *root)
{
	struct book_view view = memory_view(&s->book);
	struct id got, touched[2];

	assert_int_equal(book_root(&view, &got, story_id(s, at)), 0);
	assert_int_equal(book_touched(&view, touched, &s->book.row[at].rec), 0);
	assert_true(id_eq(&touched[0], story_id(s, at)));
	assert_true(id_eq(&touched[1], root) || !s->book.row[at].is_here);
	return id_eq(&got, root);
}

static void a_root_is_found_as_far_as_the_chain_is_here(void **state)
{
	struct story *s = story_open();
	struct record rec = story_deliver(s, HOSPITAL, true, "50 visor"), two;
	size_t deliver = story_tell(s, MAKER, &rec), copy, receipt, correction;
	size_t again, attach;
	uint8_t doc[32] = { 1 };

	(void)state;
	copy = again_in(s, MAKER, 20, &rec, story_id(s, deliver));
	two = story_receive(s, copy, "50 visor", NULL);
	receipt = story_tell(s, HOSPITAL, &two);
	rec = story_correct(s, story_id(s, receipt), &two);
	correction = story_tell(s, HOSPITAL, &rec);
	rec = story_correct(s, story_id(s, correction), NULL);
	again = story_tell(s, HOSPITAL, &rec);
	rec = story_record(KIND_ATTACH);
	record_set_bytes(&rec, FACT_TARGET, story_id(s, again)->b, ID_SIZE);
	record_set_bytes(&rec, FACT_DOC, doc, sizeof(doc));
	attach = story_tell(s, HOSPITAL, &rec);
	assert_true(belongs_to(s, deliver, story_id(s, deliver)));
	assert_true(belongs_to(s, attach, story_id(s, deliver)));
	s->book.row[deliver].is_here = false;
	assert_true(belongs_to(s, deliver, story_id(s, deliver)));
	assert_true(belongs_to(s, attach, story_id(s, deliver)));
	s->book.row[correction].is_here = false;
	assert_true(belongs_to(s, attach, story_id(s, correction)));
	assert_true(belongs_to(s, receipt, story_id(s, deliver)));
	s->book.row[deliver].is_here = true;
	s->book.row[copy].is_here = false;
	assert_true(belongs_to(s, receipt, story_id(s, copy)));
	story_close(s);
}

static void records_refer_in_the_ways_of_their_kind(void **state)
{
	static const struct id a = { { 1 } }, b = { { 2 } }, c = { { 3 } };
	static const struct {
		enum kind kind;
		enum fact fact;
		enum ref ref;
		bool belongs;
	} rows[] = {
		{ KIND_CORRECT, FACT_TARGET, REF_CORRECT, true },
		{ KIND_ATTACH, FACT_TARGET, REF_CORRECT, true },
		{ KIND_RECEIVE, FACT_DELIVER, REF_DELIVER, true },
		{ KIND_LOSE, FACT_DELIVER, REF_DELIVER, true },
		{ KIND_PLEDGE, FACT_REQUEST, REF_REQUEST, true },
		{ KIND_DELIVER, FACT_REQUEST, REF_REQUEST, false },
		{ KIND_DONATE, FACT_DELIVER, REF_COUNT, false },
		{ KIND_PRODUCE, FACT_TARGET, REF_COUNT, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record rec = story_record(rows[i].kind);
		struct id got = c;
		enum ref ref = REF_COUNT;

		assert_false(book_ref(&rec, &ref, &got));
		record_set_bytes(&rec, rows[i].fact, a.b, ID_SIZE);
		for (enum ref r = 0; r < REF_COUNT; r++) {
			got = c;
			assert_int_equal(book_refers(&rec, r, &got),
					 r == rows[i].ref);
			assert_true(id_eq(&got, r == rows[i].ref ? &a : &c));
		}
		assert_int_equal(book_ref(&rec, &ref, &got), rows[i].belongs);
		record_set_bytes(&rec, FACT_ORPHAN, b.b, ID_SIZE);
		assert_true(book_refers(&rec, REF_ORPHAN, &got));
		assert_true(id_eq(&got, &b));
		/* what it says itself comes before what it re-issues */
		assert_true(book_ref(&rec, &ref, &got));
		assert_int_equal(ref,
				 rows[i].belongs ? rows[i].ref : REF_ORPHAN);
		assert_true(id_eq(&got, rows[i].belongs ? &a : &b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_correction_takes_the_place_of_the_facts),
		UNIT(of_siblings_the_smallest_id_counts),
		UNIT(some_corrections_have_no_effect),
		UNIT(receipts_and_deliveries_are_corrected),
		UNIT(no_version_is_too_late_to_be_asked),
		UNIT(goods_handed_on_are_not_for_good_afterwards),
		UNIT(a_record_and_its_reissues_count_once),
		UNIT(a_stranger_cannot_issue_a_record_again),
		UNIT(references_reach_a_record_by_any_of_its_names),
		UNIT(a_delivery_is_found_by_any_of_its_names),
		UNIT(a_stranger_cannot_take_the_receipt_of_another),
		UNIT(what_moved_on_is_not_issued_again_for_good),
		UNIT(receipts_losses_and_corrections_are_issued_again),
		UNIT(a_correction_issued_again_does_not_outrank_the_first),
		UNIT(a_correction_has_no_versions_of_its_own),
		UNIT(links_of_reissues_are_followed_sixteen_deep),
		UNIT(a_key_counts_once_and_hides_no_reissue),
		UNIT(a_root_is_found_as_far_as_the_chain_is_here),
		UNIT(records_refer_in_the_ways_of_their_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
