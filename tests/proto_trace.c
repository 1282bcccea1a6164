#include "proto/book/trace.h"

#include "proto/wr.h"
#include "tests/book_story.h"

#include <stdlib.h>

/* A record of `who` on a day. */
static size_t tell(struct story *s, size_t who, struct record rec, uint64_t day)
{
	record_set_uint(&rec, FACT_WHEN, day * 86400000);
	return story_tell(s, who, &rec);
}

static struct record cash(struct story *s, enum kind kind, uint64_t minor,
			  const char *doc)
{
	struct record rec = story_record(kind);
	uint8_t *out = s->arena + s->used;
	struct wr w;

	wr_init(&w, out, 64);
	wr_array(&w, 2);
	wr_uint(&w, minor);
	wr_text(&w, "EUR", 3);
	s->used += 64;
	record_set_bytes(&rec, FACT_AMOUNT, out, w.n);
	if (kind == KIND_SPEND)
		record_set_bytes(&rec, FACT_PURPOSE, "filament", 8);
	if (doc != NULL)
		record_set_bytes(&rec, FACT_DOC, doc, 32);
	return rec;
}

static const char bill[] = "0123456789abcdef0123456789abcdef";
static const char other_bill[] = "fedcba9876543210fedcba9876543210";

static struct record supply(struct story *s, const char *lines, const char *doc)
{
	struct record rec = story_record(KIND_SUPPLY);

	story_lines(s, &rec, FACT_LINES, lines);
	if (doc != NULL)
		record_set_bytes(&rec, FACT_DOC, doc, 32);
	return rec;
}

static struct record make(struct story *s, const char *lines, const char *use,
			  const char *lot)
{
	struct record rec = story_produce(s, lines);

	if (use != NULL)
		story_lines(s, &rec, FACT_USE, use);
	if (lot != NULL)
		record_set_bytes(&rec, FACT_LOT, lot, strlen(lot));
	return rec;
}

static struct trace *laid(struct story *s)
{
	struct book_view view = memory_view(&s->book);
	struct trace *t;

	assert_int_equal(trace_open(&t), 0);
	for (size_t i = 0; i < s->book.n; i++)
		if (s->book.row[i].is_here)
			assert_int_equal(
				trace_add(t, &view, &s->book.row[i].rec), 0);
	assert_int_equal(trace_lay(t), 0);
	return t;
}

static int trace_at(struct trace *t, const struct id *id)
{
	struct id one = *id;

	return trace_follow(t, &one, 1);
}

static struct trace *followed(struct story *s, size_t row)
{
	struct trace *t = laid(s);

	assert_int_equal(trace_at(t, story_id(s, row)), 0);
	return t;
}

/* Of what came to a record, how much is of the start; or of what left it. */
static uint64_t came(const struct trace *t, const struct story *s, size_t row)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->moves; i++)
		if (id_eq(&t->node[t->move[i].to].at.id, story_id(s, row)) &&
		    t->node[t->move[i].to].type <= TRACE_LINE)
			sum += t->move[i].forward;
	return sum;
}

static uint64_t left(const struct trace *t, const struct story *s, size_t row)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->moves; i++)
		if (id_eq(&t->node[t->move[i].from].at.id, story_id(s, row)) &&
		    t->node[t->move[i].from].type <= TRACE_LINE)
			sum += t->move[i].backward;
	return sum;
}

/* From two gifts to two hospitals, by way of two makers. */
struct way {
	size_t gift, other_gift, spending, supply, to_maker, got, made, sent,
		arrived;
};

static struct story *open_way(struct way *w)
{
	struct story *s = story_open();

	w->gift = tell(s, HUB, cash(s, KIND_DONATE, 5000, NULL), 1);
	w->other_gift = tell(s, HUB, cash(s, KIND_DONATE, 15000, NULL), 2);
	w->spending = tell(s, HUB, cash(s, KIND_SPEND, 10000, bill), 3);
	w->supply = tell(s, HUB, supply(s, "4000 petg", bill), 4);
	w->to_maker =
		tell(s, HUB, story_deliver(s, MAKER, false, "2000 petg"), 5);
	w->got = tell(s, MAKER,
		      story_receive(s, w->to_maker, "2000 petg", NULL), 6);
	w->made = tell(s, MAKER, make(s, "60 visor/v30", "1200 petg", NULL), 7);
	w->sent = tell(s, MAKER,
		       story_deliver(s, HOSPITAL, true, "50 visor/v30"), 8);
	w->arrived = tell(
		s, HOSPITAL,
		story_receive(s, w->sent, "48 visor/v30", "2 visor/v30"), 9);
	return s;
}

static void a_gift_is_followed_to_what_arrived(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	struct trace *t = followed(s, w.gift);

	(void)state;
	assert_int_equal(came(t, s, w.spending), 2500); /* of 10000 */
	assert_int_equal(came(t, s, w.to_maker), 500);  /* of 2000 */
	assert_int_equal(came(t, s, w.got), 500);
	assert_int_equal(came(t, s, w.made), 300);   /* of 1200 */
	assert_int_equal(came(t, s, w.sent), 12);    /* of 50, rounded down */
	assert_int_equal(came(t, s, w.arrived), 11); /* of 48 */
	trace_close(t);
	story_close(s);
}

static void what_arrived_is_followed_to_all_gifts(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	struct trace *t = followed(s, w.arrived);

	(void)state;
	assert_int_equal(left(t, s, w.sent), 48);
	assert_int_equal(left(t, s, w.made), 48);
	/* 48 of 60 visors are 960 of 1200 g, which are 960 of the 2000 */
	assert_int_equal(left(t, s, w.to_maker), 960);
	assert_int_equal(left(t, s, w.supply), 960);
	/* 960 of 4000 g are 24 EUR, a quarter of them of the first gift */
	assert_int_equal(left(t, s, w.spending), 2400);
	assert_int_equal(left(t, s, w.gift), 600);
	assert_int_equal(left(t, s, w.other_gift), 1800);
	trace_close(t);
	story_close(s);
}

/* The sender may say that something was lost on the way, and nobody else. */
static void only_its_sender_loses_a_delivery(void **state)
{
	static const struct {
		size_t who;
		uint64_t lost;
	} rows[] = { { MAKER, 5 }, { COURIER, 0 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct story *s = story_open();
		struct record rec = story_lose(s, "5 visor");
		size_t made =
			tell(s, MAKER, make(s, "50 visor", NULL, NULL), 1);
		size_t sent =
			tell(s, MAKER,
			     story_deliver(s, HOSPITAL, true, "50 visor"), 2);
		size_t lost;
		struct trace *t;

		record_set_bytes(&rec, FACT_DELIVER, story_id(s, sent)->b,
				 ID_SIZE);
		lost = tell(s, rows[i].who, rec, 3);
		t = followed(s, made);
		assert_int_equal(came(t, s, sent), 50);
		assert_int_equal(came(t, s, lost), rows[i].lost);
		trace_close(t);
		story_close(s);
	}
}

/* Lines are told apart by what they are of, however long its name is. */
static void each_line_arrives_for_itself(void **state)
{
	struct story *s = story_open();
	size_t masks = tell(s, MAKER, make(s, "50 masks", NULL, NULL), 1);
	size_t visor = tell(s, MAKER, make(s, "40 visor", NULL, NULL), 1);
	size_t sent =
		tell(s, MAKER,
		     story_deliver(s, HOSPITAL, true, "30 masks 20 visor"), 2);
	size_t got =
		tell(s, HOSPITAL,
		     story_receive(s, sent, "25 masks 10 visor", "2 visor"), 3);
	static const uint64_t want[] = { 25, 10 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trace *t = followed(s, i == 0 ? masks : visor);

		assert_int_equal(came(t, s, got), want[i]);
		trace_close(t);
	}
	story_close(s);
}

static void a_record_in_the_middle_has_both_ways(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	struct trace *t = followed(s, w.made);

	(void)state;
	assert_int_equal(left(t, s, w.to_maker), 1200);
	assert_int_equal(left(t, s, w.spending), 3000);
	assert_int_equal(came(t, s, w.sent), 50);
	assert_int_equal(came(t, s, w.arrived), 48);
	trace_close(t);
	story_close(s);
}

/* Is the one link of a gift to a delivery followed this way? */
static bool is_thanked(const struct trace *t, bool is_forward)
{
	const struct trace_move *m = t->move;

	while (!trace_is_thanks(t, m))
		assert_true(++m < t->move + t->moves);
	return (is_forward ? m->forward : m->backward) > 0;
}

static size_t thank(struct story *s, size_t sent)
{
	struct record rec = cash(s, KIND_DONATE, 4000, NULL);

	record_set_bytes(&rec, FACT_DELIVER, story_id(s, sent)->b, ID_SIZE);
	return tell(s, HUB, rec, 10);
}

static void a_gift_on_a_delivery_is_linked_both_ways(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	size_t thanks = thank(s, w.sent);
	struct trace *t = followed(s, thanks);

	(void)state;
	assert_true(is_thanked(t, false));
	assert_int_equal(left(t, s, w.made), 50);
	/* of 25 EUR, 50 of 240: all gifts come first, this one too */
	assert_int_equal(left(t, s, w.gift), 521);
	trace_close(t);
	t = followed(s, w.gift);
	assert_true(is_thanked(t, true));
	trace_close(t);
	story_close(s);
}

/* What the gift buys later is not of the delivery; nor the other way. */
static void a_gift_on_a_delivery_makes_no_circle(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	size_t thanks = thank(s, w.sent);
	size_t spent = tell(s, HUB, cash(s, KIND_SPEND, 14000, other_bill), 11);
	struct trace *t = followed(s, w.sent);

	(void)state;
	assert_true(is_thanked(t, true));
	assert_int_equal(came(t, s, spent), 0);
	trace_close(t);
	t = followed(s, spent);
	assert_int_equal(left(t, s, thanks), 2333); /* 40 of 240 */
	assert_false(is_thanked(t, false));
	assert_int_equal(left(t, s, w.made), 0);
	trace_close(t);
	story_close(s);
}

static void nothing_is_lost_in_rounding(void **state)
{
	struct story *s = story_open();
	size_t gift = tell(s, HUB, cash(s, KIND_DONATE, 10, NULL), 1);
	size_t spent[7];
	struct trace *t;
	uint64_t sum = 0;

	(void)state;
	tell(s, HUB, cash(s, KIND_DONATE, 11, NULL), 1);
	for (size_t i = 0; i < 7; i++)
		spent[i] = tell(s, HUB, cash(s, KIND_SPEND, 3, NULL), 2 + i);
	t = followed(s, gift);
	for (size_t i = 0; i < 7; i++)
		sum += came(t, s, spent[i]);
	assert_int_equal(sum, 10);
	trace_close(t);
	story_close(s);
}

static void what_was_not_given_is_nobodys(void **state)
{
	struct story *s = story_open();
	size_t gift = tell(s, HUB, cash(s, KIND_DONATE, 100, NULL), 1);
	size_t all = tell(s, HUB, cash(s, KIND_SPEND, 130, NULL), 2);
	struct trace *t = followed(s, gift);

	(void)state;
	assert_int_equal(came(t, s, all), 100);
	trace_close(t);
	t = followed(s, all);
	assert_int_equal(left(t, s, gift), 100);
	trace_close(t);
	story_close(s);
}

static void a_lot_that_is_named_is_not_mixed(void **state)
{
	struct story *s = story_open();
	size_t a = tell(s, MAKER, make(s, "60 visor", NULL, "A"), 1);
	size_t b = tell(s, MAKER, make(s, "40 visor", NULL, "B"), 2);
	struct record rec = story_deliver(s, HOSPITAL, true, "30 visor");
	size_t of_a, mixed;
	struct trace *t;

	(void)state;
	record_set_bytes(&rec, FACT_LOT, "A", 1);
	of_a = tell(s, MAKER, rec, 3);
	mixed = tell(s, MAKER, story_deliver(s, HOSPITAL, true, "35 visor"), 4);
	t = followed(s, a);
	assert_int_equal(came(t, s, of_a), 30);
	/* 30 of A and 40 of B are left: three sevenths */
	assert_int_equal(came(t, s, mixed), 15);
	trace_close(t);
	t = followed(s, mixed);
	assert_int_equal(left(t, s, a), 15);
	assert_int_equal(left(t, s, b), 20);
	trace_close(t);
	story_close(s);
}

static void goods_that_come_back_and_go_out_again_end_the_trace(void **state)
{
	struct story *s = story_open();
	size_t made = tell(s, MAKER, make(s, "50 visor", NULL, NULL), 1);
	size_t from = MAKER, to = THIRD, sent = 0;
	struct trace *t;

	(void)state;
	/* round and round between two shelves */
	for (uint64_t day = 2; day < 20; day += 2) {
		sent = tell(s, from, story_deliver(s, to, false, "50 visor"),
			    day);
		tell(s, to, story_receive(s, sent, "30 visor", "20 visor"),
		     day + 1);
		from = from == MAKER ? THIRD : MAKER;
		to = to == MAKER ? THIRD : MAKER;
	}
	t = followed(s, made);
	assert_true(came(t, s, sent) > 0);
	assert_true(came(t, s, sent) <= 50);
	trace_close(t);
	story_close(s);
}

static void what_left_before_it_came_is_of_unknown_origin(void **state)
{
	struct story *s = story_open();
	size_t sent =
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "10 visor"), 1);
	size_t made = tell(s, MAKER, make(s, "30 visor", NULL, NULL), 2);
	size_t again =
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "20 visor"), 3);
	struct trace *t = followed(s, made);

	(void)state;
	assert_int_equal(came(t, s, sent), 0);
	assert_int_equal(came(t, s, again), 20);
	trace_close(t);
	t = followed(s, sent);
	assert_int_equal(left(t, s, made), 0);
	trace_close(t);
	story_close(s);
}

static void corrections_and_grades_are_the_books(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	struct record rec = story_receive(s, w.sent, "50 visor/v30", NULL);
	struct trace *t;
	size_t claim = tell(s, MAKER, rec, 10);

	(void)state;
	/* the sender's word adds nothing to what the hospital said */
	t = followed(s, w.made);
	assert_int_equal(came(t, s, w.arrived), 48);
	assert_int_equal(came(t, s, claim), 0);
	trace_close(t);
	rec = story_correct(s, story_id(s, w.arrived), NULL);
	tell(s, HOSPITAL, rec, 11);
	t = followed(s, w.made);
	assert_int_equal(came(t, s, claim), 50);
	trace_close(t);
	rec = story_correct(s, story_id(s, w.made), NULL);
	tell(s, MAKER, rec, 12);
	t = laid(s);
	assert_int_equal(trace_at(t, story_id(s, w.made)), ERR_NOT_FOUND);
	trace_close(t);
	story_close(s);
}

static void a_gift_in_kind_pays_for_what_its_document_says(void **state)
{
	struct story *s = story_open();
	struct record rec = cash(s, KIND_DONATE, 3000, bill);
	size_t gift, in, other;
	struct trace *t;

	(void)state;
	story_lines(s, &rec, FACT_IN_KIND, "1000 petg");
	gift = tell(s, HUB, rec, 1);
	in = tell(s, HUB, supply(s, "1000 petg", bill), 1);
	other = tell(s, HUB, supply(s, "500 petg", other_bill), 1);
	t = followed(s, gift);
	for (size_t i = 0; i < t->moves; i++) {
		const struct trace_node *from = &t->node[t->move[i].from];

		if (id_eq(&from->at.id, story_id(s, in)))
			assert_int_equal(t->move[i].forward, 1000);
		if (id_eq(&from->at.id, story_id(s, other)))
			assert_int_equal(t->move[i].forward, 0);
	}
	trace_close(t);
	t = followed(s, in);
	assert_int_equal(left(t, s, gift), 3000);
	trace_close(t);
	story_close(s);
}

static void two_currencies_on_one_bill_are_not_added(void **state)
{
	struct story *s = story_open();
	size_t gift = tell(s, HUB, cash(s, KIND_DONATE, 100, NULL), 1);
	struct record rec = cash(s, KIND_SPEND, 900, bill);
	uint8_t *money = s->arena + s->used;
	size_t in;
	struct trace *t;

	(void)state;
	memcpy(money, rec.v[FACT_AMOUNT].p, rec.v[FACT_AMOUNT].n);
	memcpy(money + rec.v[FACT_AMOUNT].n - 3, "USD", 3);
	s->used += 64;
	record_set_bytes(&rec, FACT_AMOUNT, money, rec.v[FACT_AMOUNT].n);
	tell(s, HUB, rec, 2);
	tell(s, HUB, cash(s, KIND_SPEND, 100, bill), 2);
	in = tell(s, HUB, supply(s, "1000 petg", bill), 3);
	t = followed(s, gift);
	/* all of the euros that were paid came from this gift */
	for (size_t i = 0; i < t->moves; i++)
		if (id_eq(&t->node[t->move[i].from].at.id, story_id(s, in)))
			assert_int_equal(t->move[i].forward, 1000);
	trace_close(t);
	story_close(s);
}

static void the_largest_amounts_do_not_wrap(void **state)
{
	struct story *s = story_open();
	size_t first =
		tell(s, MAKER, make(s, "68719476735 visor", NULL, NULL), 1);
	size_t sent;
	struct trace *t;

	(void)state;
	for (int i = 0; i < 7; i++)
		tell(s, MAKER, make(s, "68719476735 visor", NULL, NULL), 2);
	sent = tell(s, MAKER,
		    story_deliver(s, HOSPITAL, true, "68719476735 visor"), 3);
	t = followed(s, first);
	assert_int_equal(came(t, s, sent), 68719476735 / 8);
	trace_close(t);
	story_close(s);
}

/* The same moves whatever the order in which records were taken in. */
static void the_order_of_arrival_does_not_matter(void **state)
{
	struct way w;
	struct story *s = open_way(&w);
	struct book_view view = memory_view(&s->book);
	struct trace *one = followed(s, w.gift), *two;

	(void)state;
	assert_int_equal(trace_open(&two), 0);
	for (size_t i = s->book.n; i-- > 0;)
		assert_int_equal(trace_add(two, &view, &s->book.row[i].rec), 0);
	assert_int_equal(trace_lay(two), 0);
	assert_int_equal(trace_at(two, story_id(s, w.gift)), 0);
	assert_int_equal(one->moves, two->moves);
	for (size_t i = 0; i < one->moves; i++) {
		assert_int_equal(one->move[i].qty, two->move[i].qty);
		assert_int_equal(one->move[i].forward, two->move[i].forward);
		assert_int_equal(one->move[i].backward, two->move[i].backward);
	}
	trace_close(one);
	trace_close(two);
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_gift_is_followed_to_what_arrived),
		UNIT(what_arrived_is_followed_to_all_gifts),
		UNIT(only_its_sender_loses_a_delivery),
		UNIT(each_line_arrives_for_itself),
		UNIT(a_record_in_the_middle_has_both_ways),
		UNIT(a_gift_on_a_delivery_is_linked_both_ways),
		UNIT(a_gift_on_a_delivery_makes_no_circle),
		UNIT(nothing_is_lost_in_rounding),
		UNIT(what_was_not_given_is_nobodys),
		UNIT(a_lot_that_is_named_is_not_mixed),
		UNIT(goods_that_come_back_and_go_out_again_end_the_trace),
		UNIT(what_left_before_it_came_is_of_unknown_origin),
		UNIT(corrections_and_grades_are_the_books),
		UNIT(a_gift_in_kind_pays_for_what_its_document_says),
		UNIT(two_currencies_on_one_bill_are_not_added),
		UNIT(the_largest_amounts_do_not_wrap),
		UNIT(the_order_of_arrival_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
