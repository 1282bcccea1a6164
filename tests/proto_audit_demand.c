#include "proto/book/demand.h"

#include "tests/audit_world.h"

enum { HUB, MAKER, HOSPITAL, OTHER };

static void make(struct world *w)
{
	world_found(w);
	assert_int_equal(world_member(w, ROLE_MAKER), MAKER);
	assert_int_equal(world_member(w, ROLE_RECIPIENT), HOSPITAL);
	assert_int_equal(world_member(w, ROLE_MAKER), OTHER);
}

static struct record asking(uint64_t qty, const char *item, const char *place,
			    uint64_t until)
{
	struct record rec;

	record_init(&rec, KIND_REQUEST);
	world_set_line(&rec, FACT_LINES, qty, item);
	record_set_bytes(&rec, FACT_PLACE, place, strlen(place));
	if (until != 0)
		record_set_uint(&rec, FACT_UNTIL, until);
	return rec;
}

static struct id ask(struct world *w, uint64_t qty, const char *item)
{
	struct record rec = asking(qty, item, "FR-67", 0);

	return world_record(w, HOSPITAL, &rec);
}

static struct id pledge(struct world *w, size_t who, const struct id *request,
			uint64_t qty)
{
	struct record rec;

	record_init(&rec, KIND_PLEDGE);
	record_set_bytes(&rec, FACT_REQUEST, request->b, ID_SIZE);
	record_set_uint(&rec, FACT_QTY, qty);
	return world_record(w, who, &rec);
}

static struct record sending(const struct world *w, const struct id *request,
			     uint64_t qty, const char *item, bool is_final)
{
	struct record rec;

	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, qty, item);
	record_set_bytes(&rec, FACT_TO, w->who[HOSPITAL].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, is_final);
	if (request != NULL)
		record_set_bytes(&rec, FACT_REQUEST, request->b, ID_SIZE);
	return rec;
}

/* Made, sent, and accepted by the hospital. */
static struct id answer(struct world *w, const struct id *request, uint64_t qty,
			const char *item, bool is_final)
{
	struct record rec = sending(w, request, qty, item, is_final);
	struct id d;

	world_produce(w, MAKER, qty, item);
	d = world_record(w, MAKER, &rec);
	world_receive(w, HOSPITAL, &d, qty, item);
	return d;
}

/* Row i of the demand at a time. */
static bool row(const struct audited *x, uint64_t as_of, size_t i,
		struct demand *out)
{
	size_t at = 0;

	while (demands_next(&x->audit->demand, &at, as_of, out))
		if (i-- == 0)
			return true;
	return false;
}

/* The only row. */
static void check_why(struct world *w, int64_t requested, int64_t pledged,
		      int64_t acknowledged, const char *why)
{
	struct audited x;
	struct demand d;

	audited_open(&x, w, false);
	if (!row(&x, 0, 0, &d) || row(&x, 0, 1, &(struct demand){ 0 }) ||
	    d.requested != requested || d.pledged != pledged ||
	    d.acknowledged != acknowledged)
		fail_msg("%s: %d %d %d", why, (int)d.requested, (int)d.pledged,
			 (int)d.acknowledged);
	audited_close(&x);
}

static void demand_adds_up_by_item_and_place(void **state)
{
	struct world w;
	struct audited x;
	struct record rec;
	struct demand d;
	struct id a;

	(void)state;
	make(&w);
	a = ask(&w, 100, "visor/v30");
	ask(&w, 10, "visor/v30");
	rec = asking(7, "visor/v30", "FR-57", 0);
	world_record(&w, HOSPITAL, &rec);
	rec = asking(5, "clip", "FR-67", 0);
	world_record(&w, HUB, &rec);
	pledge(&w, MAKER, &a, 40);
	pledge(&w, OTHER, &a, 30);
	answer(&w, &a, 60, "visor/v30", true);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	assert_true(row(&x, 0, 0, &d));
	assert_string_equal(d.item, "clip");
	assert_int_equal(d.requested, 5);
	assert_true(row(&x, 0, 1, &d));
	assert_string_equal(d.place, "FR-57");
	assert_int_equal(d.requested, 7);
	assert_true(row(&x, 0, 2, &d));
	assert_int_equal(d.requested, 110);
	assert_int_equal(d.pledged, 70);
	assert_int_equal(d.acknowledged, 60);
	assert_false(row(&x, 0, 3, &d));
	audited_close(&x);
	world_release(&w);
}

static void what_ended_is_left_out_when_the_time_is_known(void **state)
{
	static const struct {
		uint64_t as_of;
		int64_t requested;
		const char *why;
	} rows[] = { { 0, 111, "no time is known" },
		     { 1999, 111, "before" },
		     { 2000, 111, "at its end" },
		     { 2001, 101, "after" },
		     { 3001, 1, "after all that end" } };
	struct world w;
	struct audited x;
	struct demand d;
	struct record rec;

	(void)state;
	make(&w);
	rec = asking(10, "visor", "FR-67", 2000);
	world_record(&w, HOSPITAL, &rec);
	rec = asking(100, "visor", "FR-67", 3000);
	world_record(&w, HOSPITAL, &rec);
	rec = asking(1, "visor", "FR-67", 0);
	world_record(&w, HOSPITAL, &rec);
	rec = asking(1, "apron", "FR-67", 1000);
	world_record(&w, HOSPITAL, &rec);
	audited_open(&x, &w, false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* of aprons no row is left when nobody asks any more */
		assert_int_equal(row(&x, rows[i].as_of, 1, &d),
				 rows[i].as_of == 0);
		assert_true(row(&x, rows[i].as_of, rows[i].as_of == 0, &d));
		if (d.requested != rows[i].requested)
			fail_msg("%s: %d", rows[i].why, (int)d.requested);
	}
	audited_close(&x);
	world_release(&w);
}

static void only_what_was_acknowledged_answers(void **state)
{
	struct world w;
	struct record rec;
	struct id r, d;

	(void)state;
	make(&w);
	r = ask(&w, 100, "visor");
	world_produce(&w, MAKER, 50, "visor");
	rec = sending(&w, &r, 50, "visor", true);
	d = world_record(&w, MAKER, &rec);
	check_why(&w, 100, 0, 0, "sent");
	world_receive(&w, MAKER, &d, 50, "visor");
	check_why(&w, 100, 0, 0, "claimed by the sender");
	world_receive(&w, HOSPITAL, &d, 20, "visor");
	check_why(&w, 100, 0, 20, "received in part");
	world_receive(&w, HOSPITAL, &d, 30, "visor");
	check_why(&w, 100, 0, 50, "received");
	world_correct(&w, MAKER, &d, NULL);
	check_why(&w, 100, 0, 0, "withdrawn");
	world_release(&w);
}

/* A friend's receipt is not the hospital's; who asks for somebody else knows
 * who got it. */
static void what_a_recipient_asks_for_is_sent_to_it(void **state)
{
	static const struct {
		const char *why;
		size_t asks, gets;
		int64_t answered;
	} rows[] = {
		{ "to who asked", HOSPITAL, HOSPITAL, 20 },
		{ "to a friend", HOSPITAL, 4, 0 },
		{ "asked by the hub", HUB, HOSPITAL, 20 },
		{ "asked by a maker", OTHER, 4, 20 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record rec = asking(100, "visor", "FR-67", 0);
		struct world w;
		struct id d, r;

		make(&w);
		assert_int_equal(world_member(&w, ROLE_RECIPIENT), 4);
		r = world_record(&w, rows[i].asks, &rec);
		world_produce(&w, MAKER, 20, "visor");
		rec = sending(&w, &r, 20, "visor", true);
		record_set_bytes(&rec, FACT_TO, w.who[rows[i].gets].identity.b,
				 KEY_SIZE);
		d = world_record(&w, MAKER, &rec);
		world_receive(&w, rows[i].gets, &d, 20, "visor");
		check_why(&w, 100, 0, rows[i].answered, rows[i].why);
		world_release(&w);
	}
}

static void lines_answer_their_item_or_its_product(void **state)
{
	static const struct {
		const char *asked, *sent;
		bool is_final;
		int64_t acknowledged;
		const char *why;
	} rows[] = {
		{ "visor", "visor", true, 9, "the item" },
		{ "visor", "visor/v30", true, 9, "a revision of the product" },
		{ "visor/v30", "visor/v30", true, 9, "the revision" },
		{ "visor/v30", "visor/v29", true, 0, "another revision" },
		{ "visor/v30", "visor", true, 0, "no revision in particular" },
		{ "visor", "visors", true, 0, "a longer name" },
		{ "visor", "viso", true, 0, "a shorter name" },
		{ "visor", "visor", false, 0, "not for good" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct id r;

		make(&w);
		r = ask(&w, 100, rows[i].asked);
		answer(&w, &r, 9, rows[i].sent, rows[i].is_final);
		check_why(&w, 100, 0, rows[i].acknowledged, rows[i].why);
		world_release(&w);
	}
}

static void the_item_itself_comes_before_its_product(void **state)
{
	struct line lines[] = { { "visor", 5, 10 }, { "visor/v30", 9, 20 } };
	struct world w;
	struct audited x;
	struct record rec = asking(1, "visor", "FR-67", 0);
	struct demand d;
	uint8_t buf[64];
	struct id r;
	size_t n;

	(void)state;
	make(&w);
	assert_int_equal(lines_encode(buf, sizeof(buf), &n, lines, 2), 0);
	record_set_bytes(&rec, FACT_LINES, buf, n);
	r = world_record(&w, HOSPITAL, &rec);
	pledge(&w, MAKER, &r, 3);
	answer(&w, &r, 4, "visor/v30", true);
	answer(&w, &r, 2, "visor/v29", true);
	audited_open(&x, &w, false);
	assert_true(row(&x, 0, 0, &d));
	assert_int_equal(d.requested, 10);
	assert_int_equal(d.pledged, 3);
	assert_int_equal(d.acknowledged, 2);
	assert_true(row(&x, 0, 1, &d));
	assert_int_equal(d.requested, 20);
	assert_int_equal(d.pledged, 0);
	assert_int_equal(d.acknowledged, 4);
	audited_close(&x);
	world_release(&w);
}

static void corrections_change_demand(void **state)
{
	struct world w;
	struct audited x;
	struct demand d;
	struct record rec;
	struct id r, p, sent, version;

	(void)state;
	make(&w);
	r = ask(&w, 100, "visor");
	p = pledge(&w, MAKER, &r, 40);
	sent = answer(&w, &r, 9, "visor", true);
	check_why(&w, 100, 40, 9, "as told");
	rec = asking(80, "visor", "FR-67", 0);
	version = world_correct(&w, HOSPITAL, &r, &rec);
	check_why(&w, 80, 40, 9, "less is needed");
	world_correct(&w, MAKER, &p, NULL);
	check_why(&w, 80, 0, 9, "the pledge is taken back");
	rec = sending(&w, NULL, 9, "visor", true);
	world_correct(&w, MAKER, &sent, &rec);
	check_why(&w, 80, 0, 0, "it was for somebody else");
	sent = answer(&w, NULL, 9, "visor", true);
	rec = sending(&w, &r, 9, "visor", true);
	world_correct(&w, MAKER, &sent, &rec);
	check_why(&w, 80, 0, 0, "a correction gives no answer");
	world_correct(&w, HOSPITAL, &version, NULL);
	audited_open(&x, &w, false);
	assert_false(row(&x, 0, 0, &d));
	audited_close(&x);
	world_release(&w);
}

static void a_request_that_is_issued_again_counts_once(void **state)
{
	struct record rec = asking(100, "visor", "FR-67", 0);
	struct world w;
	struct id r, again;
	size_t node;

	(void)state;
	make(&w);
	node = world_second_node(&w, HOSPITAL);
	r = ask(&w, 100, "visor");
	record_set_bytes(&rec, FACT_ORPHAN, r.b, ID_SIZE);
	again = world_record(&w, node, &rec);
	pledge(&w, MAKER, &r, 1);
	pledge(&w, MAKER, &again, 2);
	check_why(&w, 100, 3, 0, "pledges reach it by either name");
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(demand_adds_up_by_item_and_place),
		UNIT(what_ended_is_left_out_when_the_time_is_known),
		UNIT(only_what_was_acknowledged_answers),
		UNIT(what_a_recipient_asks_for_is_sent_to_it),
		UNIT(lines_answer_their_item_or_its_product),
		UNIT(the_item_itself_comes_before_its_product),
		UNIT(corrections_change_demand),
		UNIT(a_request_that_is_issued_again_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
