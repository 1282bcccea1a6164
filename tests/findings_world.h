#ifndef TESTS_FINDINGS_WORLD_H
#define TESTS_FINDINGS_WORLD_H

#include "proto/book/catalog.h"
#include "proto/book/closing.h"
#include "proto/calendar.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/rotation.h"
#include "tests/attest_world.h"
#include "tests/audit_world.h"

/*
 * findings_world -- an honest story, and faults that may befall it: at least
 * one for each finding of the audit, and no other comes of it.
 */

enum { HUB, LEA, TOM, HOSPITAL, TREASURER, WITNESS };

#define DAY   DAY_MS
#define APRIL 1585699200000ULL /* 1 April 2020 */
#define AS_OF (APRIL + 20 * DAY)

static struct record produce(uint64_t qty, const char *item)
{
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, item);
	return rec;
}

static struct record text(struct record rec, enum fact f, const char *value)
{
	record_set_bytes(&rec, f, value, strlen(value));
	return rec;
}

static struct record number(struct record rec, enum fact f, uint64_t value)
{
	record_set_uint(&rec, f, value);
	return rec;
}

static struct record hash(struct record rec, enum fact f, uint8_t first)
{
	static struct sha ring[64];
	static unsigned next;
	struct sha *sha = &ring[next++ % 64];

	memset(sha, 0, sizeof(*sha));
	sha->b[0] = first;
	record_set_bytes(&rec, f, sha->b, sizeof(sha->b));
	return rec;
}

static struct record tag(struct record rec, enum fact f, uint8_t first)
{
	static struct tag ring[64];
	static unsigned next;
	struct tag *tag = &ring[next++ % 64];

	memset(tag, 0, sizeof(*tag));
	tag->b[0] = first;
	record_set_bytes(&rec, f, tag->b, sizeof(tag->b));
	return rec;
}

static struct id tell(struct world *w, size_t who, struct record rec)
{
	return world_record(w, who, &rec);
}

static struct record again(struct record rec, const struct id *orphan)
{
	record_set_bytes(&rec, FACT_ORPHAN, orphan->b, ID_SIZE);
	return rec;
}

static struct record item(const char *code)
{
	struct record rec;

	record_init(&rec, KIND_ITEM);
	return text(rec, FACT_ITEM, code);
}

static struct record approve(const char *code, uint64_t verdict)
{
	struct record rec;

	record_init(&rec, KIND_APPROVE);
	return number(text(rec, FACT_ITEM, code), FACT_VERDICT, verdict);
}

static struct record deliver(const struct world *w, size_t to, uint64_t qty,
			     const char *code, bool is_final)
{
	struct record rec;

	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, qty, code);
	record_set_bytes(&rec, FACT_TO, w->who[to].identity.b, KEY_SIZE);
	return number(rec, FACT_FINAL, is_final);
}

static struct record spend(uint64_t minor, uint8_t bill)
{
	return hash(world_cash(KIND_SPEND, minor, "EUR", ""), FACT_DOC, bill);
}

static struct record donate(uint64_t minor, const char *ref)
{
	return text(world_cash(KIND_DONATE, minor, "EUR", ""), FACT_SOURCE_REF,
		    ref);
}

static struct record bank(const char *period, uint64_t opening,
			  uint64_t closing)
{
	static uint8_t ring[16][64];
	static unsigned next;
	struct record rec;

	record_init(&rec, KIND_BANK);
	rec = text(rec, FACT_PERIOD, period);
	for (int i = 0; i < 2; i++) {
		uint8_t *p = ring[next++ % 16];
		struct wr w;

		wr_init(&w, p, sizeof(ring[0]));
		wr_array(&w, 2);
		wr_uint(&w, i == 0 ? opening : closing);
		wr_text(&w, "EUR", 3);
		record_set_bytes(&rec, i == 0 ? FACT_OPENING : FACT_CLOSING, p,
				 w.n);
	}
	return rec;
}

/* 2019, of which there are no records, closed by the hub, which had read one
 * entry of its own. */
static struct record close_reading(struct world *w, struct position at,
				   bool is_right)
{
	static uint8_t out[128];
	static struct sha sum;
	struct closing c = { .party = w->who[HUB].identity };
	struct funds none = { NULL, 0, 0 };
	struct record rec;
	struct wr wr;

	assert_int_equal(period_read(&c.period, "2019", 4), 0);
	assert_int_equal(closing_hash(&sum, &c, &w->network, &none), 0);
	sum.b[0] ^= !is_right;
	wr_init(&wr, out, sizeof(out));
	wr_array(&wr, 1);
	wr_array(&wr, 3);
	wr_bin(&wr, at.feed.b, KEY_SIZE);
	wr_uint(&wr, at.seq);
	wr_bin(&wr, at.id.b, ID_SIZE);
	record_init(&rec, KIND_PERIOD);
	rec = text(rec, FACT_PERIOD, "2019");
	record_set_bytes(&rec, FACT_RUNS, out, wr.n);
	record_set_bytes(&rec, FACT_BALANCES, sum.b, sizeof(sum.b));
	return rec;
}

static struct record close_2019(struct world *w, bool is_right)
{
	return close_reading(w, world_position(w, HUB, 1), is_right);
}

/* The honest part of every story: nothing to find. */
static inline void honest(struct world *w)
{
	struct id d;

	world_found(w);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_RECIPIENT);
	world_member(w, ROLE_TREASURER);
	world_member(w, ROLE_AUDITOR);
	tell(w, HUB, number(item("visor"), FACT_GRAMS, 40));
	tell(w, HOSPITAL, approve("visor/v30", 0));
	w->now_ms += 3 * DAY;
	tell(w, LEA,
	     number(number(text(produce(100, "visor/v30"), FACT_LOT, "A1"),
			   FACT_GRAMS, 4100),
		    FACT_SECONDS, 720000));
	tell(w, TOM, text(produce(50, "visor/v30"), FACT_LOT, "A1"));
	d = world_deliver(w, LEA, HOSPITAL, 100, "visor/v30", true);
	world_receive(w, HOSPITAL, &d, 90, "visor/v30");
	tell(w, HUB, donate(5000, "helloasso:1"));
	tell(w, TREASURER, donate(2000, "helloasso:2"));
	tell(w, TREASURER, spend(1000, 1));
	tell(w, TREASURER, spend(1000, 2));
	tell(w, HUB, bank("2020-03", 0, 0));
	tell(w, HUB, bank("2020-04", 0, 5000));
}

static void no_fault(struct world *w)
{
	(void)w;
}

static void money_by_a_maker(struct world *w)
{
	tell(w, LEA, donate(100, "x"));
}

static void verdict_by_a_maker(struct world *w)
{
	tell(w, LEA, approve("visor/v30", 2));
}

static void made_after_withdrawal(struct world *w)
{
	tell(w, HOSPITAL, approve("visor/v30", 2));
	w->now_ms += 2 * DAY;
	tell(w, LEA, produce(10, "visor/v30"));
}

/* One lot is bad, as its maker and the hospital say; the revision is not. */
static void one_lot_is_withdrawn(struct world *w)
{
	struct id lot = tell(w, LEA, produce(5, "visor/v30")), d;
	struct record rec = approve("visor/v30", 2);

	record_set_bytes(&rec, FACT_TARGET, lot.b, ID_SIZE);
	tell(w, LEA, rec);
	tell(w, HOSPITAL, rec);
	w->now_ms += 2 * DAY;
	tell(w, LEA, produce(10, "visor/v30"));
	d = world_deliver(w, LEA, HOSPITAL, 10, "visor/v30", true);
	world_receive(w, HOSPITAL, &d, 10, "visor/v30");
}

static void made_and_never_approved(struct world *w)
{
	tell(w, LEA, produce(10, "visor/v99"));
}

static void sent_after_withdrawal(struct world *w)
{
	struct id d;

	tell(w, HOSPITAL, approve("visor/v30", 2));
	w->now_ms += 2 * DAY;
	d = world_deliver(w, TOM, HOSPITAL, 10, "visor/v30", true);
	world_receive(w, HOSPITAL, &d, 10, "visor/v30");
}

static void two_files_of_a_revision(struct world *w)
{
	struct record rec;

	record_init(&rec, KIND_DESIGN);
	rec = text(rec, FACT_ITEM, "visor/v30");
	tell(w, HUB, hash(rec, FACT_FILE, 1));
	tell(w, LEA, hash(rec, FACT_FILE, 2));
}

/* One of two that may be one person; a courier; and who keeps what it gets. */
static void kept_by_a_maker(struct world *w)
{
	size_t courier = world_member(w, ROLE_COURIER);
	struct id d;

	world_produce(w, LEA, 9, "visor/v30");
	d = world_deliver(w, LEA, TOM, 5, "visor/v30", true);
	world_receive(w, TOM, &d, 3, "visor/v30");
	world_receive(w, TOM, &d, 2, "visor/v30");
	d = world_deliver(w, LEA, TREASURER, 1, "visor/v30", true);
	world_receive(w, TREASURER, &d, 1, "visor/v30");
	d = world_deliver(w, LEA, courier, 1, "visor/v30", false);
	world_receive(w, courier, &d, 1, "visor/v30");
}

static void a_night_for_a_courier(struct world *w)
{
	size_t courier = world_member(w, ROLE_COURIER);
	struct id d;

	tell(w, HUB, number(item("night"), FACT_CLASS, CLASS_SERVICE));
	d = tell(
		w, LEA,
		number(deliver(w, courier, 2, "night", true), FACT_SERVICE, 1));
	world_receive(w, courier, &d, 2, "night");
}

static void kept_by_a_courier(struct world *w)
{
	size_t courier = world_member(w, ROLE_COURIER);
	struct id d;

	world_produce(w, LEA, 9, "visor/v30");
	d = world_deliver(w, LEA, courier, 5, "visor/v30", true);
	world_receive(w, courier, &d, 5, "visor/v30");
}

static void old_delivery(struct world *w)
{
	tell(w, TOM,
	     number(deliver(w, HOSPITAL, 5, "visor/v30", true), FACT_WHEN,
		    AS_OF - 40 * DAY));
}

static void expired_delivery(struct world *w)
{
	tell(w, TOM,
	     number(deliver(w, HOSPITAL, 5, "visor/v30", true), FACT_WHEN,
		    AS_OF - 200 * DAY));
}

static void paper_by_the_sender(struct world *w)
{
	struct id d = world_deliver(w, TOM, HOSPITAL, 5, "visor/v30", true);
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, 5, "visor/v30");
	tell(w, TOM, hash(rec, FACT_PAPER, 1));
}

static void paper_by_one_of_the_senders_own(struct world *w)
{
	struct record rec;
	struct id d;

	world_produce(w, HUB, 5, "visor/v30");
	d = world_deliver(w, HUB, HOSPITAL, 5, "visor/v30", true);
	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, 5, "visor/v30");
	tell(w, LEA, hash(rec, FACT_PAPER, 1));
}

/* Nobody acknowledges what it sends to itself, and nobody is accused of it. */
static void sent_to_oneself(struct world *w)
{
	struct id d;

	world_produce(w, LEA, 5, "visor/v30");
	d = world_deliver(w, LEA, LEA, 5, "visor/v30", true);
	world_receive(w, LEA, &d, 5, "visor/v30");
}

static void only_the_sender_vouches(struct world *w)
{
	struct id d;

	world_produce(w, HUB, 5, "visor/v30");
	d = world_deliver(w, HUB, HOSPITAL, 5, "visor/v30", true);
	world_receive(w, HOSPITAL, &d, 5, "visor/v30");
}

static void made_for_and_by_her(struct world *w)
{
	uint64_t day = APRIL + 2 * DAY;

	tell(w, HUB,
	     tag(number(produce(60, "visor/v30"), FACT_WHEN, day), FACT_FOR,
		 1));
	tell(w, LEA, number(produce(60, "visor/v30"), FACT_WHEN, day));
}

static struct record supply_by(struct world *w, size_t from, const char *item)
{
	struct record rec;

	record_init(&rec, KIND_SUPPLY);
	record_set_bytes(&rec, FACT_FROM, w->who[from].identity.b, KEY_SIZE);
	world_set_line(&rec, FACT_LINES, 40, item);
	return rec;
}

/* What lea sent to the hub came from outside, says the hub. */
static void supplied_by_a_member(struct world *w)
{
	world_produce(w, LEA, 90, "clip");
	world_deliver(w, LEA, HUB, 40, "clip", false);
	world_deliver(w, LEA, HUB, 50, "clip", false);
	tell(w, HUB, supply_by(w, LEA, "clip"));
}

/* What was received, or lost, or was of another sort, is another batch. */
static void supplied_by_a_member_besides(struct world *w)
{
	struct record rec;
	struct id d;

	world_produce(w, LEA, 50, "clip");
	d = world_deliver(w, LEA, HUB, 40, "clip", false);
	world_receive(w, HUB, &d, 40, "clip");
	d = world_deliver(w, LEA, HUB, 5, "clip", false);
	record_init(&rec, KIND_LOSE);
	rec = hash(text(rec, FACT_REASON, "burnt"), FACT_DOC, 72);
	world_set_line(&rec, FACT_LINES, 2, "clip");
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	tell(w, LEA, rec);
	world_receive(w, HUB, &d, 3, "clip");
	world_deliver(w, LEA, TOM, 5, "clip", false);
	world_produce(w, LEA, 5, "clip/v2");
	world_deliver(w, LEA, HUB, 5, "clip/v2", false);
	tell(w, HUB, supply_by(w, LEA, "clip"));
	tell(w, HUB, supply_by(w, TOM, "clip"));
}

/* Out of nothing, of a class that somebody said, or nobody. */
static void goods_as_a_service(struct world *w)
{
	tell(w, HUB, number(item("clip"), FACT_CLASS, 1));
	tell(w, LEA,
	     number(deliver(w, HOSPITAL, 30, "clip", true), FACT_SERVICE, 1));
}

static void goods_of_no_class_as_a_service(struct world *w)
{
	tell(w, LEA,
	     number(deliver(w, HOSPITAL, 7, "strap", true), FACT_SERVICE, 1));
	tell(w, LEA, produce(7, "clip"));
	tell(w, LEA,
	     number(deliver(w, HOSPITAL, 7, "clip", true), FACT_SERVICE, 0));
}

static void a_service(struct world *w)
{
	tell(w, LEA,
	     number(deliver(w, HOSPITAL, 2, "night", true), FACT_SERVICE, 1));
	tell(w, HUB, number(item("night"), FACT_CLASS, CLASS_SERVICE));
}

static struct id sent_outside(struct world *w, size_t who, uint8_t to,
			      uint64_t day)
{
	struct record rec = deliver(w, HOSPITAL, 4, "strap", true);

	world_produce(w, who, 4, "strap");
	rec = tag(rec, FACT_TO, to);
	return tell(w, who, number(rec, FACT_WHEN, APRIL + day * DAY));
}

static void paper_for(struct world *w, struct id d, uint8_t paper)
{
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, 2, "strap");
	tell(w, TREASURER, hash(rec, FACT_PAPER, paper));
}

/* Of one round, entered twice; of another day, to somebody else, by somebody
 * else. */
static void one_paper_for_a_round(struct world *w)
{
	struct id d = sent_outside(w, LEA, 1, 1);

	paper_for(w, d, 81);
	paper_for(w, d, 81);
	paper_for(w, sent_outside(w, LEA, 1, 1), 81);
	paper_for(w, sent_outside(w, LEA, 2, 1), 82);
}

static void one_paper_for_two_days(struct world *w)
{
	paper_for(w, sent_outside(w, LEA, 1, 1), 81);
	paper_for(w, sent_outside(w, LEA, 1, 2), 81);
}

static void one_paper_for_two_addressees(struct world *w)
{
	paper_for(w, sent_outside(w, LEA, 1, 1), 81);
	paper_for(w, sent_outside(w, LEA, 1, 1), 81);
	paper_for(w, sent_outside(w, LEA, 2, 1), 81);
}

static void one_paper_for_two_senders(struct world *w)
{
	paper_for(w, sent_outside(w, LEA, 1, 1), 81);
	paper_for(w, sent_outside(w, TOM, 1, 1), 81);
}

/* One after the other is how it should be; and a re-issue is the same one. */
static void corrected_in_turn(struct world *w)
{
	uint8_t facts[256];
	size_t n = 0;
	struct record rec;
	struct id d, c;

	world_produce(w, LEA, 50, "strap");
	d = world_deliver(w, LEA, HOSPITAL, 40, "strap", true);
	rec = deliver(w, HOSPITAL, 41, "strap", true);
	c = world_correct(w, LEA, &d, &rec);
	record_encode(&rec, facts, sizeof(facts), &n);
	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, d.b, ID_SIZE);
	record_set_bytes(&rec, FACT_FACTS, facts, n);
	tell(w, LEA, again(number(rec, FACT_WHY, WHY_INCORRECT_DATA), &c));
	tell(w, LEA, again(deliver(w, HOSPITAL, 40, "strap", true), &d));
	rec = deliver(w, HOSPITAL, 42, "strap", true);
	world_correct(w, LEA, &c, &rec);
	world_receive(w, HOSPITAL, &d, 42, "strap");
}

/* Whom it was sent to meanwhile, and what they said, is in no version. */
static void corrected_apart(struct world *w)
{
	struct record rec;
	struct id d, c[3];

	world_produce(w, LEA, 50, "strap");
	d = world_deliver(w, LEA, TREASURER, 40, "strap", true);
	for (int i = 0; i < 3; i++) {
		rec = deliver(w, TREASURER, (uint64_t)(41 + i), "strap", true);
		c[i] = world_correct(w, LEA, &d, &rec);
	}
	for (int i = 0; i < 3; i++) {
		rec = deliver(w, TREASURER, 45, "strap", true);
		world_correct(w, LEA, &c[i], &rec);
	}
}

static void withdrawn_and_corrected(struct world *w)
{
	struct record rec = deliver(w, TREASURER, 41, "strap", true);
	struct id d;

	world_produce(w, LEA, 50, "strap");
	d = world_deliver(w, LEA, TREASURER, 40, "strap", true);
	world_correct(w, LEA, &d, &rec);
	world_correct(w, LEA, &d, NULL);
}

static void key_used_twice(struct world *w)
{
	tell(w, LEA, tag(produce(6, "visor/v30"), FACT_KEY, 1));
	tell(w, LEA, tag(produce(7, "visor/v30"), FACT_KEY, 1));
}

/* What came back after a loss has its key from before; one more has not. */
static void one_key_again(struct world *w)
{
	const struct id other = { { 9 } };
	uint64_t when = w->now_ms;
	struct record rec = tag(produce(6, "visor/v30"), FACT_KEY, 1);
	struct id first = tell(w, LEA, rec), twin;

	tell(w, LEA, number(again(rec, &first), FACT_WHEN, when));
	rec = number(tag(produce(7, "visor/v30"), FACT_KEY, 2), FACT_WHEN,
		     when);
	tell(w, LEA, again(rec, &other));
	tell(w, LEA, again(rec, &other));
	/* so has a loss on the way, which names what was sent again, too */
	rec = number(deliver(w, HOSPITAL, 1, "visor/v30", true), FACT_WHEN,
		     when);
	first = tell(w, LEA, rec);
	twin = tell(w, LEA, again(rec, &first));
	record_init(&rec, KIND_LOSE);
	rec = number(text(rec, FACT_REASON, "stolen"), FACT_WHEN, when);
	world_set_line(&rec, FACT_LINES, 1, "visor/v30");
	rec = tag(hash(rec, FACT_DOC, 71), FACT_KEY, 3);
	record_set_bytes(&rec, FACT_DELIVER, first.b, ID_SIZE);
	first = tell(w, LEA, rec);
	record_set_bytes(&rec, FACT_DELIVER, twin.b, ID_SIZE);
	tell(w, LEA, again(rec, &first));
}

/* A re-issue in the smaller place goes before what it says to issue again: the
 * key would make one record of another, of less, of another kind, of another
 * day. */
static void again_and_otherwise(struct world *w)
{
	struct id first =
		tell(w, LEA, tag(produce(6, "visor/v30"), FACT_KEY, 1));
	struct record rec = tag(produce(5, "visor/v30"), FACT_KEY, 1);
	uint64_t when = w->now_ms - 1;

	tell(w, LEA, again(rec, &first));
	world_set_line(&rec, FACT_LINES, 6, "visor/v30");
	tell(w, LEA, again(number(rec, FACT_WHEN, when - DAY), &first));
	tell(w, LEA, again(number(rec, FACT_WHEN, when), &first));
	rec = item("visor/v30");
	tell(w, LEA, again(tag(rec, FACT_KEY, 1), &first));
}

static void one_key_of_another(struct world *w)
{
	struct id first =
		tell(w, LEA, tag(produce(6, "visor/v30"), FACT_KEY, 1));

	one_key_again(w);
	tell(w, LEA, again(tag(produce(6, "visor/v30"), FACT_KEY, 2), &first));
}

static void one_bill_twice(struct world *w)
{
	tell(w, HUB, spend(1000, 2));
	tell(w, HUB, donate(1000, "helloasso:3"));
}

static void one_reference_twice(struct world *w)
{
	tell(w, HUB, donate(1000, "helloasso:2"));
	tell(w, HUB, spend(1000, 3));
}

/* Both in the same place, and nobody said which of them is which. */
static void two_gifts_in_cash(struct world *w)
{
	tell(w, HUB, donate(400, "cash:"));
	tell(w, HUB, donate(600, "cash:"));
	tell(w, HUB, spend(1000, 3));
}

static void one_serial_twice(struct world *w)
{
	tell(w, LEA, text(produce(1, "hand"), FACT_SERIAL, "0042"));
	tell(w, TOM, text(produce(1, "hand"), FACT_SERIAL, "0042"));
}

/* However many are made with it, and in whatever company. */
static void one_serial_of_several(struct world *w)
{
	tell(w, LEA, text(produce(3, "hand"), FACT_SERIAL, "0041, 0042,0043"));
	tell(w, TOM, text(produce(1, "hand"), FACT_SERIAL, "0042"));
	tell(w, TOM, text(produce(2, "foot"), FACT_SERIAL, "0042, 0042"));
	tell(w, TOM, text(produce(1, "hand"), FACT_SERIAL, "004"));
}

static void said_twice(struct world *w)
{
	uint64_t moment = APRIL + 3601000;

	tell(w, LEA, number(produce(6, "visor/v30"), FACT_WHEN, moment));
	tell(w, LEA, number(produce(6, "visor/v30"), FACT_WHEN, moment));
}

/* One visor with delivery note 12, at an hour of 1 April. */
static struct id send_one(struct world *w, uint64_t hour)
{
	struct record rec = deliver(w, HOSPITAL, 1, "visor/v30", true);

	tell(w, LEA, produce(2, "visor/v30"));
	rec = text(rec, FACT_NUMBER, "12");
	return tell(w, LEA, number(rec, FACT_WHEN, APRIL + hour * 3600000));
}

static void answer(struct world *w, struct id id, enum fact f)
{
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, id.b, ID_SIZE);
	world_set_line(&rec, f, 1, "visor/v30");
	if (f == FACT_REFUSED)
		rec = text(rec, FACT_REASON, "broken");
	tell(w, HOSPITAL, rec);
}

static void sent_twice(struct world *w)
{
	send_one(w, 1);
	send_one(w, 2);
}

static void sent_on_another_day(struct world *w)
{
	send_one(w, 1);
	send_one(w, 25);
}

static void one_of_them_arrived(struct world *w)
{
	send_one(w, 1);
	answer(w, send_one(w, 2), FACT_ACCEPTED);
}

static void both_arrived(struct world *w)
{
	answer(w, send_one(w, 1), FACT_ACCEPTED);
	answer(w, send_one(w, 1), FACT_ACCEPTED);
}

static void refused_and_sent_again(struct world *w)
{
	answer(w, send_one(w, 1), FACT_REFUSED);
	send_one(w, 1);
}

static void statements_with_a_gap(struct world *w)
{
	tell(w, HUB, bank("2020-05", 5001, 5001));
}

/* That of the quarter joins those before and after it, and not its months. */
static void months_with_a_gap_in_a_quarter(struct world *w)
{
	tell(w, HUB, bank("2020-05", 5000, 5000));
	tell(w, HUB, bank("2020-Q3", 7000, 7000));
	tell(w, HUB, bank("2020-07", 4000, 4000));
	tell(w, HUB, bank("2020-08", 4001, 4001));
	tell(w, HUB, bank("2020-Q4", 7000, 7000));
	tell(w, HUB, bank("2021", 7000, 7000));
	tell(w, HUB, bank("2021-Q1", 7000, 7000));
}

static void bank_says_less(struct world *w)
{
	tell(w, HUB, number(donate(300, "helloasso:4"), FACT_WHEN, APRIL));
}

static void spent_without_a_bill(struct world *w)
{
	tell(w, TREASURER, world_cash(KIND_SPEND, 700, "EUR", ""));
	tell(w, TREASURER, donate(700, "helloasso:5"));
}

/* Nobody can make the balances again, which are wrong. */
static void closed_over_what_is_not_here(struct world *w)
{
	struct position at = world_position(w, HUB, 1);

	at.seq += 100;
	tell(w, HUB, close_reading(w, at, false));
}

static void wrong_balances(struct world *w)
{
	tell(w, HUB, close_2019(w, false));
}

static void too_late_for_the_accounts(struct world *w)
{
	tell(w, HUB, close_2019(w, true));
	tell(w, TREASURER,
	     number(donate(100, "cash:1"), FACT_WHEN, APRIL - 100 * DAY));
}

static void signed_on_after_dismissal(struct world *w)
{
	struct id admit = world_position(w, HUB, 2).id;
	struct id pin = w->who[LEA].tip;

	world_dismiss(w, &admit, w->who[LEA].seq, &pin);
	tell(w, LEA, produce(500, "visor/v30"));
}

static void follow(struct world *w, struct seckey *key, bool lists_feed)
{
	struct pubkey to = seckey_pub(key);
	uint8_t claim[ROTATION_CLAIM], feeds[64];
	struct sig cert, proof;
	struct record rec;
	struct wr wr;

	record_init(&rec, KIND_ROTATE);
	record_set_bytes(&rec, FACT_WHO, w->who[LEA].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_IDENTITY, w->who[LEA].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_SUCCESSOR, to.b, KEY_SIZE);
	wr_init(&wr, feeds, sizeof(feeds));
	wr_array(&wr, 1);
	wr_bin(&wr, w->who[lists_feed ? LEA : TOM].feed.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_FEEDS, feeds, wr.n);
	rotation_claim(claim, &w->network, &rec);
	assert_int_equal(sign_make(&cert, w->who[LEA].identity_key,
				   DOMAIN_ROTATE, claim, sizeof(claim)),
			 0);
	assert_int_equal(
		sign_make(&proof, key, DOMAIN_ROTATE, claim, sizeof(claim)), 0);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	record_set_bytes(&rec, FACT_PROOF, proof.b, SIG_SIZE);
	tell(w, TOM, rec);
	seckey_close(key);
}

/* Both lists let her feed go on, so that nothing else is found. */
static void one_key_for_two(struct world *w)
{
	follow(w, world_key(7, 1), true);
	follow(w, world_key(7, 2), true);
}

static void a_feed_by_the_old_key(struct world *w)
{
	follow(w, world_key(7, 1), true);
	world_second_node(w, LEA);
	tell(w, w->n - 1, produce(5, "visor/v30"));
}

static void declared_in_two_ways(struct world *w)
{
	tell(w, LEA, number(item("visor"), FACT_GRAMS, 41));
}

/* Of each author the last word: both have come to say the same; or not. */
static void declared_anew(struct world *w)
{
	tell(w, LEA, number(item("clip"), FACT_GRAMS, 41));
	tell(w, LEA, number(item("clip"), FACT_GRAMS, 42));
	tell(w, TOM, number(item("clip"), FACT_GRAMS, 43));
	tell(w, TOM, number(item("clip"), FACT_GRAMS, 42));
}

static void declared_anew_apart(struct world *w)
{
	tell(w, LEA, number(item("clip"), FACT_GRAMS, 42));
	tell(w, LEA, number(item("clip"), FACT_GRAMS, 41));
	tell(w, TOM, number(item("clip"), FACT_GRAMS, 42));
	tell(w, TOM, number(item("clip"), FACT_GRAMS, 43));
}

static void sixty_five_nodes(struct world *w)
{
	for (int i = 0; i < 64; i++)
		world_second_node(w, LEA);
}

static void passed_on_and_made_again(struct world *w)
{
	struct id d = tell(
		w, TOM,
		text(deliver(w, HUB, 50, "visor/v30", false), FACT_LOT, "A1"));

	world_receive(w, HUB, &d, 50, "visor/v30");
	tell(w, HUB, text(produce(50, "visor/v30"), FACT_LOT, "A1"));
}

/* A courier brings back what nobody took. */
static void brought_back(struct world *w)
{
	struct record rec = text(produce(50, "visor/v30"), FACT_LOT, "A1");
	struct id d;

	tell(w, LEA, rec);
	d = tell(w, LEA,
		 text(deliver(w, TOM, 50, "visor/v30", false), FACT_LOT, "A1"));
	world_receive(w, TOM, &d, 50, "visor/v30");
	d = tell(w, TOM,
		 text(deliver(w, LEA, 50, "visor/v30", false), FACT_LOT, "A1"));
	world_receive(w, LEA, &d, 50, "visor/v30");
}

static void parts_not_used(struct world *w)
{
	struct bytes one = world_line(1, "headband");
	struct record rec = item("kit");

	record_set_bytes(&rec, FACT_BOM, one.p, one.n);
	tell(w, HUB, rec);
	tell(w, LEA, produce(10, "headband"));
	rec = produce(10, "kit");
	world_set_line(&rec, FACT_USE, 9, "headband");
	tell(w, LEA, rec);
}

static void too_light(struct world *w)
{
	tell(w, LEA, number(produce(100, "visor/v30"), FACT_GRAMS, 3199));
}

static void too_fast(struct world *w)
{
	tell(w, LEA,
	     number(number(text(produce(1, "arch"), FACT_PRINTER, "mk3"),
			   FACT_GRAMS, 61),
		    FACT_SECONDS, 60));
}

static void far_too_many(struct world *w)
{
	for (uint8_t i = 1; i <= 9; i++)
		tell(w, HUB, tag(produce(10, "apron"), FACT_FOR, i));
	tell(w, LEA, produce(10001, "apron"));
}

static void clock_of_1970(struct world *w)
{
	uint64_t now = w->now_ms;

	w->now_ms = 1000;
	tell(w, world_second_node(w, TOM), produce(5, "visor/v30"));
	w->now_ms = now;
}

static void clock_a_year_ahead(struct world *w)
{
	struct treehead h;

	w->now_ms += 365 * DAY;
	tell(w, LEA, produce(5, "visor/v30"));
	w->now_ms -= 365 * DAY;
	attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	h = checkpoint_now(w, HUB);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000 + 60);
}

/* The witness has said the time in the very tree of which Lea names a
 * checkpoint, and she says less; the entry after that, too. */
static void less_than_it_had_seen(struct world *w)
{
	struct id checkpoint;
	struct treehead h;
	uint64_t now;

	attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	h = checkpoint_now(w, HUB);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000);
	attest_up_to(w, HUB, WITNESS, w->who[WITNESS].seq);
	checkpoint_now(w, HUB);
	checkpoint = w->who[HUB].tip;
	now = w->now_ms;
	w->now_ms = now - 10 * 60 * 1000 + 2000;
	w->seen = &checkpoint;
	tell(w, TOM, produce(5, "visor/v30"));
	w->now_ms = now - 10 * 60 * 1000 - 2000;
	w->seen = NULL;
	tell(w, TOM, produce(6, "visor/v30"));
	tell(w, TOM, produce(7, "visor/v30"));
	w->now_ms = now;
	tell(w, TOM, produce(8, "visor/v30"));
}

static void clock_goes_back(struct world *w)
{
	w->now_ms += 3600000;
	tell(w, TOM, produce(5, "visor/v30"));
	w->now_ms -= 3000000;
	tell(w, TOM, produce(5, "visor/v30"));
}

static void told_before_it_was(struct world *w)
{
	tell(w, TOM,
	     number(produce(5, "visor/v30"), FACT_WHEN, w->now_ms + 2 * DAY));
}

/* An entry of which only the form is right. */
static void say_raw(struct world *w, size_t i, uint32_t kind,
		    const uint8_t *facts, size_t n)
{
	static uint8_t raw[LIMIT_ENTRY];
	struct who *who = &w->who[i];
	struct entry_plan plan = { .seq = who->seq + 1,
				   .prev = who->tip,
				   .time_ms = w->now_ms++,
				   .kind = kind,
				   .facts = facts,
				   .facts_n = n };
	size_t raw_n;

	assert_int_equal(entry_seal(raw, &raw_n, &plan, who->node_key), 0);
	world_keep(who, raw, raw_n);
}

static void nothing_made(struct world *w)
{
	struct record rec = produce(7, "visor/v30");
	uint8_t facts[256], *seven;
	size_t n;

	assert_int_equal(record_encode(&rec, facts, sizeof(facts), &n), 0);
	seven = memchr(facts, 7, n);
	assert_non_null(seven);
	*seven = 0;
	say_raw(w, LEA, KIND_PRODUCE, facts, n);
}

static void what_a_later_version_says(struct world *w)
{
	static const uint8_t facts[] = { 0x81, 0xcc, 0xc9, 0x00 };

	say_raw(w, LEA, KIND_PRODUCE, facts, sizeof(facts)); /* fact 201 */
	say_raw(w, LEA, 999, facts, sizeof(facts));
}

static struct id lose_on_the_way(struct world *w, size_t who,
				 const struct id *d, bool has_doc)
{
	struct record rec;

	record_init(&rec, KIND_LOSE);
	world_set_line(&rec, FACT_LINES, 5, "visor/v30");
	record_set_bytes(&rec, FACT_DELIVER, d->b, ID_SIZE);
	rec = text(rec, FACT_REASON, "fell into the river");
	return tell(w, who, has_doc ? hash(rec, FACT_DOC, 9) : rec);
}

static void lost_as_the_sender_says(struct world *w)
{
	struct id d = world_deliver(w, TOM, HOSPITAL, 5, "visor/v30", true);

	lose_on_the_way(w, TOM, &d, false);
}

/* With a document; with a word of the addressee; of goods on the shelf. */
static void lost_and_borne_out(struct world *w)
{
	struct id d = world_deliver(w, TOM, HOSPITAL, 5, "visor/v30", true);
	struct record rec;

	lose_on_the_way(w, TOM, &d, true);
	d = world_deliver(w, TOM, HOSPITAL, 6, "visor/v30", true);
	lose_on_the_way(w, TOM, &d, false);
	world_receive(w, HOSPITAL, &d, 1, "visor/v30");
	d = world_deliver(w, TOM, HOSPITAL, 5, "visor/v30", true);
	d = lose_on_the_way(w, TOM, &d, false);
	record_init(&rec, KIND_ATTACH);
	record_set_bytes(&rec, FACT_TARGET, d.b, ID_SIZE);
	tell(w, TOM, hash(rec, FACT_DOC, 8));
	record_init(&rec, KIND_LOSE);
	world_set_line(&rec, FACT_LINES, 5, "visor/v30");
	tell(w, TOM, text(rec, FACT_REASON, "scratched"));
}

static struct record named(struct world *w, size_t who, const char *label)
{
	struct record rec;

	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, w->who[who].identity.b, KEY_SIZE);
	rec = number(rec, FACT_ROLE, ROLE_MAKER);
	rec = text(rec, FACT_LABEL, label);
	return text(rec, FACT_PLACE, "FR-88");
}

static void two_of_one_name(struct world *w)
{
	tell(w, HUB, named(w, world_stranger(w), "p1"));
}

/* Who had the name before has left, with all that it recorded. */
static void a_name_that_was_left(struct world *w)
{
	struct id admit = world_position(w, HUB, 2).id;
	struct id pin = w->who[LEA].tip;

	world_dismiss(w, &admit, w->who[LEA].seq, &pin);
	tell(w, HUB, named(w, world_stranger(w), "p1"));
}

static void two_names_that_are_alike(struct world *w)
{
	tell(w, HUB, named(w, world_stranger(w), "p11"));
	tell(w, HUB, named(w, world_stranger(w), "P1"));
}

static void upkeep_out_of_a_campaign(struct world *w)
{
	struct record gift = text(world_cash(KIND_DONATE, 60, "EUR", "masks"),
				  FACT_CAMPAIGN, "masks");

	tell(w, HUB, text(gift, FACT_SOURCE_REF, "m1"));
	tell(w, TREASURER,
	     number(hash(world_cash(KIND_SPEND, 60, "EUR", "masks"), FACT_DOC,
			 61),
		    FACT_CATEGORY, 2));
}

/* For the mission; out of a fund without a campaign, or to which only a waived
 * expense was given for one, or without a name; and in another money. */
static void upkeep_out_of_the_rest(struct world *w)
{
	struct record gift = text(world_cash(KIND_DONATE, 120, "EUR", ""),
				  FACT_CAMPAIGN, "masks");

	tell(w, HUB, text(gift, FACT_SOURCE_REF, "m0"));
	tell(w, TREASURER,
	     number(hash(world_cash(KIND_SPEND, 120, "EUR", ""), FACT_DOC, 60),
		    FACT_CATEGORY, 2));
	gift = text(world_cash(KIND_DONATE, 40, "CHF", "roads"), FACT_CAMPAIGN,
		    "masks");
	gift = number(gift, FACT_WAIVED, 1);
	tell(w, HUB, text(gift, FACT_SOURCE_REF, "m3"));
	gift = world_cash(KIND_DONATE, 40, "CHF", "roads");
	tell(w, HUB, text(gift, FACT_SOURCE_REF, "m4"));
	tell(w, TREASURER,
	     number(hash(world_cash(KIND_SPEND, 40, "CHF", "roads"), FACT_DOC,
			 64),
		    FACT_CATEGORY, 2));
	gift = text(world_cash(KIND_DONATE, 120, "EUR", "masks"), FACT_CAMPAIGN,
		    "masks");
	tell(w, HUB, text(gift, FACT_SOURCE_REF, "m1"));
	gift = text(world_cash(KIND_DONATE, 100, "CHF", "masks"),
		    FACT_SOURCE_REF, "m2");
	tell(w, HUB, gift);
	tell(w, TREASURER,
	     hash(world_cash(KIND_SPEND, 60, "EUR", "masks"), FACT_DOC, 61));
	tell(w, TREASURER,
	     number(hash(world_cash(KIND_SPEND, 60, "EUR", ""), FACT_DOC, 62),
		    FACT_CATEGORY, 2));
	tell(w, TREASURER,
	     number(hash(world_cash(KIND_SPEND, 60, "CHF", "masks"), FACT_DOC,
			 63),
		    FACT_CATEGORY, 1));
}

/* A checkpoint of the hub over one more entry of hers, days before AS_OF. */
static struct treehead checkpoint_before(struct world *w, uint64_t days)
{
	struct treehead h;

	w->now_ms = AS_OF - days * DAY;
	world_produce(w, LEA, 1, "visor/v30");
	attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	h = checkpoint_now(w, HUB);
	return h;
}

static void nobody_cosigns(struct world *w)
{
	checkpoint_before(w, 8);
	checkpoint_before(w, 6); /* is waited for */
}

static void nobody_cosigns_yet(struct world *w)
{
	checkpoint_before(w, 6);
}

/* A quorum's word of 12 days ago still holds for what came after it. */
static void nobody_cosigns_again_yet(struct world *w)
{
	struct treehead h = checkpoint_before(w, 12);

	cosign_now(w, WITNESS, &h, w->now_ms / 1000);
	checkpoint_before(w, 11);
}

/* This world begins 20 days before AS_OF: the report is made later. */
static void nobody_cosigns_any_more(struct world *w)
{
	struct id d = w->who[LEA].tip; /* what of it is under way has time */
	struct treehead h;

	world_receive(w, HOSPITAL, &d, 10, "visor/v30");
	h = checkpoint_before(w, 12);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000);
	checkpoint_before(w, 11);
}

/* Somebody keeps, and hands on, what she signed: her feed ends at seq. */
static void say_end(struct world *w, size_t who, uint64_t seq)
{
	struct position at = world_position(w, who, seq);
	uint8_t claim[PLACE_CLAIM], room[96];
	struct record rec;
	struct sig sig;
	struct wr wr;

	record_init(&rec, KIND_END);
	wr_init(&wr, room, sizeof(room));
	wr_array(&wr, 3);
	wr_bin(&wr, at.feed.b, KEY_SIZE);
	wr_uint(&wr, at.seq);
	wr_bin(&wr, at.id.b, ID_SIZE);
	record_set_bytes(&rec, FACT_POSITION, room, wr.n);
	place_claim(claim, &w->network, &at);
	assert_int_equal(sign_make(&sig, w->who[who].identity_key, DOMAIN_END,
				   claim, sizeof(claim)),
			 0);
	record_set_bytes(&rec, FACT_PROOF, sig.b, SIG_SIZE);
	tell(w, TOM, rec);
}

/* Two entries that the hub has attested, in two steps, and one that it has
 * not. */
static void attested_and_closed_away(struct world *w)
{
	uint64_t kept = w->who[LEA].seq;

	for (int i = 0; i < 2; i++) {
		tell(w, LEA, produce(5, "visor/v30"));
		attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	}
	tell(w, LEA, produce(5, "visor/v30"));
	say_end(w, LEA, kept);
}

/* What nobody attested, or somebody who had not admitted her, or again. */
static void closed_where_it_was_attested(struct world *w)
{
	attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	say_end(w, LEA, w->who[LEA].seq);
	tell(w, LEA, produce(5, "visor/v30"));
	attest_up_to(w, TOM, LEA, w->who[LEA].seq);
}

/* Her association says how honest the rest was. */
static void closed_away_and_released(struct world *w)
{
	struct position at, to;
	uint8_t room[96];
	struct record rec;
	char number[24];
	struct wr wr;

	at = world_position(w, LEA, w->who[LEA].seq);
	tell(w, LEA, produce(5, "visor/v30"));
	to = world_position(w, LEA, w->who[LEA].seq);
	attest_up_to(w, HUB, LEA, to.seq);
	say_end(w, LEA, at.seq);
	snprintf(number, sizeof(number), "%d", (int)at.seq);
	record_init(&rec, KIND_RELEASE);
	record_set_bytes(&rec, FACT_WHO, w->who[LEA].identity.b, KEY_SIZE);
	wr_init(&wr, room, sizeof(room));
	wr_array(&wr, 3);
	wr_bin(&wr, to.feed.b, KEY_SIZE);
	wr_uint(&wr, to.seq);
	wr_bin(&wr, to.id.b, ID_SIZE);
	record_set_bytes(&rec, FACT_POSITION, room, wr.n);
	tell(w, HUB, text(rec, FACT_NUMBER, number));
}

/* The founder's own feed, whose attests went with it: a witness had seen. */
static void a_tree_closed_away(struct world *w)
{
	uint64_t kept = w->who[HUB].seq;
	struct treehead h = checkpoint_before(w, 4);

	cosign_now(w, WITNESS, &h, w->now_ms / 1000);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000 + 60);
	h.size += 9; /* a maker is no witness */
	cosign_now(w, TOM, &h, w->now_ms / 1000);
	say_end(w, HUB, kept);
}

static void bad_head(struct world *w, bool is_first)
{
	struct treehead h;
	struct sig sig;

	h = checkpoint_before(w, 4);
	if (is_first) /* the only one of its size */
		attest_up_to(w, HUB, TOM, 2), h = head_now(w, HUB);
	h.root.b[7] ^= 1;
	treehead_sign(&sig, &h, w->who[HUB].node_key);
	say_checkpoint(w, HUB, &h, &sig);
}

static void another_root(struct world *w)
{
	bad_head(w, true);
}

static void two_roots(struct world *w)
{
	bad_head(w, false);
}

static void a_smaller_tree(struct world *w)
{
	struct treehead h = checkpoint_before(w, 4);
	struct sig sig;

	h.size--;
	treehead_sign(&sig, &h, w->who[HUB].node_key);
	say_checkpoint(w, HUB, &h, &sig);
}

static void another_past(struct world *w)
{
	w->who[LEA].tip.b[0] ^= 1;
	world_produce(w, LEA, 5, "visor/v30");
}

static void an_altered_signature(struct world *w)
{
	struct bytes *e;

	world_produce(w, LEA, 5, "visor/v30");
	e = &w->who[LEA].entries[w->who[LEA].seq - 1];
	e->p[e->n - 40] ^= 1;
}

static void an_entry_is_missing(struct world *w)
{
	struct who *lea = &w->who[LEA];

	world_produce(w, LEA, 5, "visor/v30");
	world_produce(w, LEA, 6, "visor/v30");
	free(lea->entries[lea->seq - 2].p);
	lea->entries[lea->seq - 2] = lea->entries[lea->seq - 1];
	lea->seq--;
}

static void not_written_as_it_should(struct world *w)
{
	struct bytes *e;

	world_produce(w, LEA, 5, "visor/v30");
	e = &w->who[LEA].entries[w->who[LEA].seq - 1];
	e->p[0] ^= 1;
}

static void unknown_to_all(struct world *w)
{
	world_produce(w, world_stranger(w), 5, "visor/v30");
}

static void more_than_there_was(struct world *w)
{
	world_deliver(w, TOM, LEA, 60, "visor/v30", false);
}

static void more_came_than_was_sent(struct world *w)
{
	struct id d = world_deliver(w, TOM, HOSPITAL, 5, "visor/v30", true);

	world_receive(w, HOSPITAL, &d, 6, "visor/v30");
}

static void spent_and_never_given(struct world *w)
{
	tell(w, TREASURER,
	     hash(world_cash(KIND_SPEND, 60, "CHF", "masks"), FACT_DOC, 61));
}

static void about_what_is_not_here(struct world *w)
{
	struct id nothing = { { 1 } };

	world_receive(w, HOSPITAL, &nothing, 6, "visor/v30");
}

/* The clinic has it, and the maker issues it again as one for good. */
static void issued_again_on_other_terms(struct world *w)
{
	struct id gone = { { 2 } };
	struct record rec;

	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, gone.b, ID_SIZE);
	record_set_bytes(&rec, FACT_FROM, w->who[LEA].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, 0);
	world_set_line(&rec, FACT_ACCEPTED, 6, "visor/v30");
	tell(w, HOSPITAL, rec);
	tell(w, LEA, produce(6, "visor/v30"));
	tell(w, LEA, again(deliver(w, HOSPITAL, 6, "visor/v30", true), &gone));
}

static uint8_t proof[LIMIT_EVIDENCE];
static size_t proof_n; /* 0: there is none */

/* Two runs of one entry each, of the same feed at the same place. */
static void fork_with(struct world *w, size_t who, struct record one,
		      struct record two)
{
	static uint8_t a_bytes[LIMIT_RUN_BYTES], b_bytes[LIMIT_RUN_BYTES];
	struct who *it = &w->who[who];
	struct run_writer a, b;
	struct id before = it->tip;
	struct bytes *e;
	size_t n;

	tell(w, who, one);
	e = &it->entries[it->seq - 1];
	run_writer_init(&a, a_bytes, sizeof(a_bytes), &it->feed);
	assert_int_equal(run_writer_add(&a, e->p, e->n), 0);
	it->tip = before;
	it->seq--;
	free(e->p);
	tell(w, who, two);
	e = &it->entries[it->seq - 1];
	run_writer_init(&b, b_bytes, sizeof(b_bytes), &it->feed);
	assert_int_equal(run_writer_add(&b, e->p, e->n), 0);
	assert_int_equal(run_writer_end(&a, &n), 0);
	assert_int_equal(run_writer_end(&b, &n), 0);
	assert_int_equal(evidence_make_fork(proof, &proof_n, &a, &b), 0);
}

static void two_stories(struct world *w)
{
	fork_with(w, LEA, produce(5, "visor/v30"), produce(6, "visor/v30"));
}

static const struct {
	const char *why;
	void (*fault)(struct world *w);
	enum finding_code code; /* FINDING_CODES: none */
	uint64_t amount;
	size_t proofs;
} rows[] = {
	{ "an honest story", no_fault, FINDING_CODES, 0, 0 },
	{ "money by a maker", money_by_a_maker, AUT_01, 1, 1 },
	{ "a verdict by a maker", verdict_by_a_maker, AUT_01, 1, 1 },
	{ "made after", made_after_withdrawal, DES_01, 10, 1 },
	{ "never approved", made_and_never_approved, DES_02, 10, 1 },
	{ "sent after", sent_after_withdrawal, DES_03, 10, 1 },
	{ "two files", two_files_of_a_revision, DES_04, 2, 2 },
	{ "pending", old_delivery, DLV_01, 1, 1 },
	{ "expired", expired_delivery, DLV_02, 1, 1 },
	{ "the sender's paper", paper_by_the_sender, DLV_03, 1, 1 },
	{ "a paper by its own", paper_by_one_of_the_senders_own, DLV_03, 1, 1 },
	{ "sent to oneself", sent_to_oneself, FINDING_CODES, 0, 0 },
	{ "vouched by the sender", only_the_sender_vouches, DLV_05, 1, 1 },
	{ "kept by a maker", kept_by_a_maker, DLV_06, 1, 1 },
	{ "by a courier", kept_by_a_courier, DLV_06, 1, 1 },
	{ "a courier's night", a_night_for_a_courier, FINDING_CODES, 0, 0 },
	{ "for her and by her", made_for_and_by_her, DUP_01, 60, 2 },
	{ "sent and supplied", supplied_by_a_member, DUP_06, 40, 2 },
	{ "another batch", supplied_by_a_member_besides, FINDING_CODES, 0, 0 },
	{ "as a service", goods_as_a_service, ITM_02, 30, 1 },
	{ "of no class", goods_of_no_class_as_a_service, ITM_02, 7, 1 },
	{ "a service", a_service, FINDING_CODES, 0, 0 },
	{ "a round", one_paper_for_a_round, FINDING_CODES, 0, 0 },
	{ "a paper, two days", one_paper_for_two_days, DUP_07, 2, 2 },
	{ "two addressees", one_paper_for_two_addressees, DUP_07, 3, 3 },
	{ "two senders", one_paper_for_two_senders, DUP_07, 2, 2 },
	{ "in turn", corrected_in_turn, FINDING_CODES, 0, 0 },
	{ "or withdrawn", withdrawn_and_corrected, DUP_08, 1, 1 },
	{ "apart", corrected_apart, DUP_08, 2, 1 },
	{ "key twice", key_used_twice, DUP_02, 1, 1 },
	{ "key again", one_key_again, FINDING_CODES, 0, 0 },
	{ "another record", again_and_otherwise, DUP_02, 3, 3 },
	{ "key of another", one_key_of_another, DUP_02, 3, 3 },
	{ "bill twice", one_bill_twice, DUP_03, 1, 2 },
	{ "reference twice", one_reference_twice, DUP_04, 1, 2 },
	{ "a bad lot", one_lot_is_withdrawn, FINDING_CODES, 0, 0 },
	{ "cash twice", two_gifts_in_cash, FINDING_CODES, 0, 0 },
	{ "serial twice", one_serial_twice, DUP_05, 2, 2 },
	{ "one of several", one_serial_of_several, DUP_05, 2, 2 },
	{ "said twice", said_twice, DUP_10, 1, 1 },
	{ "sent twice", sent_twice, DUP_10, 1, 1 },
	{ "one arrived", one_of_them_arrived, DUP_10, 1, 1 },
	{ "both arrived", both_arrived, FINDING_CODES, 0, 0 },
	{ "sent again", refused_and_sent_again, FINDING_CODES, 0, 0 },
	{ "the next day", sent_on_another_day, FINDING_CODES, 0, 0 },
	{ "statements apart", statements_with_a_gap, FIN_04, 1, 1 },
	{ "months apart", months_with_a_gap_in_a_quarter, FIN_04, 1, 1 },
	{ "bank says less", bank_says_less, FIN_05, 300, 1 },
	{ "no bill", spent_without_a_bill, FIN_06, 1, 1 },
	{ "wrong balances", wrong_balances, FIN_07, 1, 1 },
	{ "nothing to read", closed_over_what_is_not_here, REF_01, 0, 1 },
	{ "late", too_late_for_the_accounts, TIM_11, 1, 1 },
	{ "after dismissal", signed_on_after_dismissal, KEY_01, 1, 1 },
	{ "followed by two", one_key_for_two, KEY_06, 2, 2 },
	{ "by the old key", a_feed_by_the_old_key, KEY_05, 2, 2 },
	{ "a year ahead", clock_a_year_ahead, TIM_01, 1, 1 },
	{ "declared twice", declared_in_two_ways, ITM_01, 2, 2 },
	{ "declared anew", declared_anew, FINDING_CODES, 0, 0 },
	{ "anew and apart", declared_anew_apart, ITM_01, 2, 2 },
	{ "65 nodes", sixty_five_nodes, KEY_04, 65, 8 },
	{ "made again", passed_on_and_made_again, QTY_10, 50, 1 },
	{ "brought back", brought_back, FINDING_CODES, 0, 0 },
	{ "parts not used", parts_not_used, QTY_11, 1, 1 },
	{ "too light", too_light, QTY_20, 1, 1 },
	{ "too fast", too_fast, QTY_21, 1, 1 },
	{ "far too many", far_too_many, QTY_22, 10001, 1 },
	{ "before what was seen", less_than_it_had_seen, TIM_01, 2, 3 },
	{ "1970", clock_of_1970, TIM_01, 2, 2 },
	{ "clock back", clock_goes_back, TIM_02, 1, 1 },
	{ "told before", told_before_it_was, TIM_03, 1, 1 },
	{ "nothing made", nothing_made, QTY_04, 1, 1 },
	{ "a later version", what_a_later_version_says, FINDING_CODES, 0, 0 },
	{ "lost alone", lost_as_the_sender_says, DLV_04, 1, 1 },
	{ "lost by two", lost_and_borne_out, FINDING_CODES, 0, 0 },
	{ "one name", two_of_one_name, DUP_11, 2, 2 },
	{ "a name left", a_name_that_was_left, FINDING_CODES, 0, 0 },
	{ "names alike", two_names_that_are_alike, FINDING_CODES, 0, 0 },
	{ "upkeep", upkeep_out_of_a_campaign, FIN_02, 1, 1 },
	{ "no campaign's", upkeep_out_of_the_rest, FINDING_CODES, 0, 0 },
	{ "no witness", nobody_cosigns, LOG_20, 1, 1 },
	{ "no witness yet", nobody_cosigns_yet, FINDING_CODES, 0, 0 },
	{ "a fresh witness", nobody_cosigns_again_yet, FINDING_CODES, 0, 0 },
	{ "no witness more", nobody_cosigns_any_more, LOG_21, 1, 1 },
	{ "closed away", attested_and_closed_away, LOG_13, 2, 3 },
	{ "closed there", closed_where_it_was_attested, FINDING_CODES, 0, 0 },
	{ "released", closed_away_and_released, FINDING_CODES, 0, 0 },
	{ "a tree closed", a_tree_closed_away, LOG_13, 4, 2 },
	{ "another root", another_root, LOG_04, 6, 1 },
	{ "two roots", two_roots, LOG_11, 4, 2 },
	{ "smaller", a_smaller_tree, LOG_12, 3, 2 },
	{ "another past", another_past, LOG_01, 4, 1 },
	{ "altered", an_altered_signature, LOG_02, 4, 1 },
	{ "missing", an_entry_is_missing, LOG_03, 4, 1 },
	{ "not written so", not_written_as_it_should, LOG_05, 4, 1 },
	{ "two stories", two_stories, LOG_10, 4, 1 },
	{ "unknown", unknown_to_all, KEY_02, 2, 1 },
	{ "below zero", more_than_there_was, QTY_01, 10, 1 },
	{ "more came", more_came_than_was_sent, QTY_02, 0, 2 },
	{ "never given", spent_and_never_given, FIN_01, 60, 1 },
	{ "not here", about_what_is_not_here, REF_01, 0, 1 },
	{ "other terms", issued_again_on_other_terms, REF_01, 0, 1 },
};

/* What is more delicate, and as honest: goods passed on, of parts, sent back
 * and lost, vouched for by two, a tree. */
static inline void honest_more(struct world *w)
{
	struct bytes one = world_line(1, "headband");
	struct record rec = item("kit");
	struct treehead h;
	size_t branch, clinic;
	struct id d;

	record_set_bytes(&rec, FACT_BOM, one.p, one.n);
	tell(w, HUB, rec);
	tell(w, TOM, text(produce(20, "headband"), FACT_LOT, "B1"));
	d = tell(w, TOM,
		 text(deliver(w, HUB, 20, "headband", false), FACT_LOT, "B1"));
	world_receive(w, HUB, &d, 20, "headband");
	rec = produce(20, "kit");
	world_set_line(&rec, FACT_USE, 20, "headband");
	tell(w, HUB, rec);
	d = world_deliver(w, HUB, TREASURER, 20, "kit", false);
	world_receive(w, TREASURER, &d, 20, "kit");
	d = world_deliver(w, TREASURER, HOSPITAL, 20, "kit", true);
	world_receive(w, HOSPITAL, &d, 20, "kit");
	d = world_deliver(w, TOM, HOSPITAL, 30, "visor/v30", true);
	world_receive(w, HOSPITAL, &d, 20, "visor/v30");
	record_init(&rec, KIND_LOSE);
	rec = text(rec, FACT_REASON, "stolen");
	world_set_line(&rec, FACT_LINES, 10, "visor/v30");
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	tell(w, TOM, rec);
	tell(w, HUB, close_2019(w, true));
	tell(w, HUB, donate(900, "masks:1"));
	tell(w, TREASURER, spend(900, 7));
	attest_up_to(w, HUB, LEA, w->who[LEA].seq);
	attest_up_to(w, HUB, TOM, w->who[TOM].seq);
	h = checkpoint_now(w, HUB);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000 + 60);
	/* A branch admits a clinic, which the hub vouches for as well. */
	branch = world_stranger(w);
	clinic = world_stranger(w);
	world_admit(w, HUB, branch, ROLE_ASSOCIATION, true);
	world_admit(w, branch, clinic, ROLE_RECIPIENT, false);
	tell(w, branch, produce(5, "visor/v30"));
	d = world_deliver(w, branch, clinic, 5, "visor/v30", true);
	world_receive(w, clinic, &d, 5, "visor/v30");
	world_admit(w, HUB, clinic, ROLE_RECIPIENT, false);
	/* One revision is approved by the one, the other by the other. */
	tell(w, HUB, approve("visor/v31", 0));
	w->now_ms += 2 * DAY;
	tell(w, LEA, produce(3, "visor/v30"));
	tell(w, LEA, produce(3, "visor/v31"));
	closed_away_and_released(w);
}

#endif
