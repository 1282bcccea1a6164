#include "proto/book/recall.h"

#include "tests/book_story.h"

#include <stdlib.h>

/* A record of `who` on a day. */
static size_t tell(struct story *s, size_t who, struct record rec, uint64_t day)
{
	record_set_uint(&rec, FACT_WHEN, day * 86400000);
	return story_tell(s, who, &rec);
}

static struct record in_lot(struct record rec, const char *lot)
{
	record_set_bytes(&rec, FACT_LOT, lot, strlen(lot));
	return rec;
}

static struct record supply(struct story *s, const char *lines)
{
	struct record rec = story_record(KIND_SUPPLY);

	story_lines(s, &rec, FACT_LINES, lines);
	return rec;
}

static struct record make(struct story *s, const char *lines, const char *use)
{
	struct record rec = story_produce(s, lines);

	if (use != NULL)
		story_lines(s, &rec, FACT_USE, use);
	return rec;
}

static struct trace_text text(const char *t)
{
	return (struct trace_text){ t, strlen(t) };
}

struct made {
	struct trace *trace;
	struct recall recall;
	int err;
};

static struct made recalled(struct story *s, const struct recall_of *of)
{
	struct book_view view = memory_view(&s->book);
	struct made m;

	assert_int_equal(trace_open(&m.trace), 0);
	for (size_t i = 0; i < s->book.n; i++)
		if (s->book.row[i].is_here)
			assert_int_equal(
				trace_add(m.trace, &view, &s->book.row[i].rec),
				0);
	assert_int_equal(trace_lay(m.trace), 0);
	m.err = recall_make(&m.recall, m.trace, of);
	return m;
}

static void done(struct made *m)
{
	recall_release(&m->recall);
	trace_close(m->trace);
}

/* Whose row it is: on whose shelf, from whose delivery, whose loss. */
static const struct pubkey *owner(const struct made *m,
				  const struct recall_row *row)
{
	return &m->trace->node[row->via].holder.member;
}

/* "share/most" summed over the rows of one owner, state and item. */
static void expect(const struct story *s, const struct made *m, size_t who,
		   enum recall_state state, const char *item, uint64_t share,
		   uint64_t most)
{
	uint64_t qty = 0, max = 0;

	assert_int_equal(m->err, 0);
	for (size_t i = 0; i < m->recall.found.n; i++) {
		const struct recall_row *row = &m->recall.found.at[i];

		if (row->state != state || row->item.n != strlen(item) ||
		    memcmp(row->item.p, item, row->item.n) != 0 ||
		    !pubkey_eq(owner(m, row), &s->w->who[who]))
			continue;
		qty += row->qty;
		max += row->most;
	}
	assert_int_equal(qty, share);
	assert_int_equal(max, most);
}

static void a_lot_is_found_wherever_it_went(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;
	size_t sent;

	(void)state;
	tell(s, MAKER, in_lot(make(s, "60 visor", NULL), "A"), 1);
	tell(s, MAKER, in_lot(make(s, "40 visor", NULL), "B"), 2);
	sent = tell(s, MAKER,
		    in_lot(story_deliver(s, HOSPITAL, true, "30 visor"), "A"),
		    3);
	tell(s, HOSPITAL, story_receive(s, sent, "20 visor", "4 visor"), 4);
	tell(s, MAKER, in_lot(story_lose(s, "5 visor"), "A"), 5);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_DELIVERED, "visor", 20, 20);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 6, 6);
	expect(s, &m, MAKER, RECALL_LOST, "visor", 5, 5);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 29, 29);
	done(&m);
	story_close(s);
}

/* Ten bad of a hundred: one piece to each of a dozen hospitals is one in ten,
 * which is none; but each may have one. */
static void who_may_have_a_piece_is_listed(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("BAD") };
	struct made m;
	size_t rows = 0;

	(void)state;
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "BAD"), 1);
	tell(s, MAKER, in_lot(make(s, "90 visor", NULL), "GOOD"), 1);
	for (uint64_t i = 0; i < 12; i++)
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "1 visor"),
		     2 + i);
	m = recalled(s, &of);
	for (size_t i = 0; i < m.recall.found.n; i++)
		rows += m.recall.found.at[i].state == RECALL_ON_WAY;
	assert_int_equal(rows, 12);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 0, 12);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 10, 10);
	done(&m);
	story_close(s);
}

static void what_cannot_be_of_it_is_not_listed(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;

	(void)state;
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "A"), 2);
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "B"), 2);
	/* before, of another lot, and after all of it is gone */
	tell(s, THIRD, make(s, "9 visor", NULL), 1);
	tell(s, MAKER,
	     in_lot(story_deliver(s, HOSPITAL, true, "10 visor"), "B"), 3);
	tell(s, MAKER,
	     in_lot(story_deliver(s, CARE_HOME, true, "10 visor"), "A"), 4);
	tell(s, MAKER, make(s, "8 visor", NULL), 5);
	tell(s, MAKER, story_deliver(s, HOSPITAL, true, "8 visor"), 6);
	m = recalled(s, &of);
	assert_int_equal(m.recall.found.n, 1);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 10, 10);
	done(&m);
	story_close(s);
}

/* A bad spool of one kilogram among four: every visor may have a layer. */
static void a_spool_is_followed_into_what_was_made_of_it(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .item = text("petg"), .lot = text("S7") };
	struct made m;
	size_t sent;

	(void)state;
	tell(s, HUB, in_lot(supply(s, "1000 petg"), "S7"), 1);
	tell(s, HUB, in_lot(supply(s, "3000 petg"), "S8"), 1);
	sent = tell(s, HUB, story_deliver(s, MAKER, false, "2000 petg"), 2);
	tell(s, MAKER, story_receive(s, sent, "2000 petg", NULL), 3);
	tell(s, MAKER, make(s, "60 visor", "1200 petg"), 4);
	sent = tell(s, MAKER, story_deliver(s, THIRD, false, "40 visor"), 5);
	tell(s, THIRD, story_receive(s, sent, "40 visor", NULL), 6);
	tell(s, THIRD, make(s, "40 shield", "40 visor 40 band"), 7);
	sent = tell(s, THIRD, story_deliver(s, HOSPITAL, true, "40 shield"), 8);
	tell(s, HOSPITAL, story_receive(s, sent, "40 shield", NULL), 9);
	m = recalled(s, &of);
	expect(s, &m, HUB, RECALL_IN_STOCK, "petg", 500, 1000);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "petg", 200, 800);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 5, 20);
	expect(s, &m, THIRD, RECALL_IN_STOCK, "visor", 0, 0);
	expect(s, &m, THIRD, RECALL_DELIVERED, "shield", 10, 40);
	done(&m);
	story_close(s);
}

static void of_a_revision_everything_is_and_nothing_of_another(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .item = text("visor/v1") };
	struct made m;

	(void)state;
	tell(s, MAKER, make(s, "60 visor/v1 30 visor/v2 7 visor/v10", NULL), 1);
	tell(s, MAKER,
	     story_deliver(s, HOSPITAL, true, "20 visor/v1 10 visor/v2"), 2);
	m = recalled(s, &of);
	assert_int_equal(m.recall.begin.n, 1);
	assert_int_equal(m.recall.found.n, 2);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor/v1", 20, 20);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor/v1", 40, 40);
	done(&m);
	of.item = text("visor");
	m = recalled(s, &of);
	assert_int_equal(m.recall.begin.n, 3);
	assert_int_equal(m.recall.found.n, 5);
	done(&m);
	story_close(s);
}

static void a_maker_and_a_period_are_told_from_others(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .from_ms = 5 * 86400000ULL,
				.to_ms = 6 * 86400000ULL };
	struct made m;

	(void)state;
	of.author = s->w->who[MAKER];
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "A"), 4);
	tell(s, MAKER, in_lot(make(s, "20 visor", NULL), "B"), 5);
	tell(s, MAKER, in_lot(make(s, "40 visor", NULL), "C"), 6);
	tell(s, THIRD, make(s, "80 visor", NULL), 5);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 20, 20);
	assert_int_equal(m.recall.found.n, 1);
	done(&m);
	/* one name of a lot, of two makers */
	tell(s, THIRD, in_lot(make(s, "5 visor", NULL), "B"), 7);
	of = (struct recall_of){ .lot = text("B"), .author = s->w->who[THIRD] };
	m = recalled(s, &of);
	expect(s, &m, THIRD, RECALL_IN_STOCK, "visor", 5, 5);
	assert_int_equal(m.recall.found.n, 1);
	done(&m);
	story_close(s);
}

/* A maker who writes down in the evening what went out at noon. */
static void what_left_before_it_came_may_be_of_it(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;
	size_t sent =
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "10 visor"), 1);

	(void)state;
	tell(s, HOSPITAL, story_receive(s, sent, "10 visor", NULL), 2);
	tell(s, MAKER, in_lot(make(s, "30 visor", NULL), "A"), 3);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_DELIVERED, "visor", 0, 10);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 30, 30);
	done(&m);
	story_close(s);
}

/* Who only writes delivery notes names lots there. */
/* What was owed came, good, before the bad lot did: nobody waits for that. */
static void what_was_made_up_for_is_not_of_what_came_later(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;
	size_t sent =
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "10 visor"), 1);

	(void)state;
	tell(s, HOSPITAL, story_receive(s, sent, "10 visor", NULL), 2);
	tell(s, MAKER, make(s, "10 visor", NULL), 3);
	tell(s, MAKER, in_lot(make(s, "30 visor", NULL), "A"), 4);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_DELIVERED, "visor", 0, 0);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 30, 30);
	done(&m);
	story_close(s);
}

static void a_delivery_that_names_the_lot_is_of_it(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;

	(void)state;
	tell(s, MAKER, make(s, "30 visor", NULL), 1);
	tell(s, MAKER,
	     in_lot(story_deliver(s, HOSPITAL, true, "10 visor"), "A"), 2);
	tell(s, MAKER, in_lot(story_deliver(s, HOSPITAL, true, "7 visor"), "B"),
	     3);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 10, 10);
	assert_int_equal(m.recall.found.n, 1);
	done(&m);
	story_close(s);
}

/* Records that come late, along more shelves than there are passes. */
static void a_chain_of_late_records_loses_nobody(void **state)
{
	enum { LINKS = 24 };
	struct story *s = story_open();
	char item[LINKS][8];
	struct recall_of of = { .lot = text("A") };
	struct made m;

	(void)state;
	for (size_t i = 0; i < LINKS; i++)
		snprintf(item[i], sizeof(item[i]), "p%zu", i);
	/* each is used a day before it is made */
	for (size_t i = 0; i < LINKS; i++) {
		char made[16], used[16];

		snprintf(made, sizeof(made), "1 p%zu", i);
		snprintf(used, sizeof(used), i == 0 ? "1 raw" : "1 p%zu",
			 i - 1);
		tell(s, MAKER, make(s, made, used), LINKS - i);
	}
	tell(s, MAKER, in_lot(supply(s, "1 raw"), "A"), LINKS + 1);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_IN_STOCK, item[LINKS - 1], 0, 1);
	done(&m);
	story_close(s);
}

static void what_nobody_recorded_is_of_the_item_that_is_recalled(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .item = text("visor") };
	struct made m;

	(void)state;
	tell(s, MAKER, story_deliver(s, HOSPITAL, true, "10 visor 3 band"), 1);
	m = recalled(s, &of);
	assert_int_equal(m.recall.begin.n, 0);
	assert_int_equal(m.recall.found.n, 1);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 0, 10);
	done(&m);
	story_close(s);
}

static void a_record_is_recalled_and_what_does_not_count_is_not(void **state)
{
	struct story *s = story_open();
	size_t a = tell(s, MAKER, make(s, "10 visor 5 band", NULL), 1);
	size_t b = tell(s, MAKER, make(s, "10 visor", NULL), 2);
	size_t sent =
		tell(s, MAKER, story_deliver(s, HOSPITAL, true, "10 visor"), 3);
	struct id id = *story_id(s, a);
	struct recall_of of = { .ids = &id, .ids_n = 1 };
	struct made m = recalled(s, &of);

	(void)state;
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 5, 10);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "visor", 5, 10);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "band", 5, 5);
	done(&m);
	/* a delivery is all that it holds */
	id = *story_id(s, sent);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 10, 10);
	assert_int_equal(m.recall.found.n, 1);
	done(&m);
	tell(s, MAKER, story_correct(s, story_id(s, b), NULL), 4);
	id = *story_id(s, b);
	m = recalled(s, &of);
	assert_int_equal(m.err, ERR_NOT_FOUND);
	done(&m);
	story_close(s);
}

static void the_senders_word_is_told_apart(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .item = text("visor") };
	struct made m;
	size_t sent;

	(void)state;
	tell(s, MAKER, make(s, "50 visor", NULL), 1);
	sent = tell(s, MAKER, story_deliver(s, HOSPITAL, true, "50 visor"), 2);
	tell(s, HOSPITAL, story_receive(s, sent, "30 visor", NULL), 3);
	tell(s, MAKER, story_receive(s, sent, "45 visor", NULL), 4);
	m = recalled(s, &of);
	expect(s, &m, MAKER, RECALL_DELIVERED, "visor", 30, 30);
	expect(s, &m, MAKER, RECALL_CLAIMED, "visor", 15, 15);
	expect(s, &m, MAKER, RECALL_ON_WAY, "visor", 5, 5);
	done(&m);
	story_close(s);
}

static void a_service_is_made_where_it_is_delivered(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .item = text("night") };
	struct record rec = story_deliver(s, HOSPITAL, true, "9 night");
	struct made m;
	size_t sent;

	(void)state;
	record_set_uint(&rec, FACT_SERVICE, 1);
	sent = tell(s, MAKER, rec, 1);
	tell(s, HOSPITAL, story_receive(s, sent, "5 night", "3 night"), 2);
	m = recalled(s, &of);
	assert_int_equal(m.recall.begin.n, 1);
	assert_int_equal(m.recall.begin.at[0].qty, 6);
	expect(s, &m, MAKER, RECALL_DELIVERED, "night", 5, 5);
	expect(s, &m, MAKER, RECALL_ON_WAY, "night", 1, 1);
	expect(s, &m, MAKER, RECALL_IN_STOCK, "night", 0, 0);
	done(&m);
	story_close(s);
}

/* Is there one row in this state, with this lot? */
static void expect_lot(const struct made *m, enum recall_state state,
		       const char *lot, bool has_more)
{
	size_t n = 0;

	for (size_t i = 0; i < m->recall.found.n; i++) {
		const struct recall_row *row = &m->recall.found.at[i];

		if (row->state != state)
			continue;
		n++;
		assert_int_equal(row->lot.n, strlen(lot));
		assert_memory_equal(row->lot.p, lot, row->lot.n);
		assert_int_equal(row->has_more_lots, has_more);
	}
	assert_int_equal(n, 1);
}

static void the_lots_that_are_recalled_are_named_when_nobody_did(void **state)
{
	struct story *s = story_open();
	struct recall_of of = { .lot = text("A") };
	struct made m;
	size_t sent;

	(void)state;
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "A"), 1);
	tell(s, MAKER, in_lot(make(s, "10 visor", NULL), "B"), 1);
	sent = tell(s, MAKER, story_deliver(s, HOSPITAL, true, "12 visor"), 2);
	tell(s, HOSPITAL, story_receive(s, sent, "9 visor", "3 visor"), 3);
	tell(s, MAKER, story_lose(s, "1 visor"), 4);
	m = recalled(s, &of);
	expect_lot(&m, RECALL_DELIVERED, "A", false);
	expect_lot(&m, RECALL_IN_STOCK, "A", false);
	expect_lot(&m, RECALL_LOST, "A", false);
	done(&m);
	of = (struct recall_of){ .item = text("visor") };
	m = recalled(s, &of);
	expect_lot(&m, RECALL_DELIVERED, "B", true);
	done(&m);
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_lot_is_found_wherever_it_went),
		UNIT(who_may_have_a_piece_is_listed),
		UNIT(what_cannot_be_of_it_is_not_listed),
		UNIT(a_spool_is_followed_into_what_was_made_of_it),
		UNIT(of_a_revision_everything_is_and_nothing_of_another),
		UNIT(a_maker_and_a_period_are_told_from_others),
		UNIT(what_left_before_it_came_may_be_of_it),
		UNIT(what_was_made_up_for_is_not_of_what_came_later),
		UNIT(a_delivery_that_names_the_lot_is_of_it),
		UNIT(a_chain_of_late_records_loses_nobody),
		UNIT(what_nobody_recorded_is_of_the_item_that_is_recalled),
		UNIT(a_record_is_recalled_and_what_does_not_count_is_not),
		UNIT(the_senders_word_is_told_apart),
		UNIT(the_lots_that_are_recalled_are_named_when_nobody_did),
		UNIT(a_service_is_made_where_it_is_delivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
