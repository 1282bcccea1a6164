#include "proto/book/closing.h"
#include "proto/calendar.h"
#include "proto/roster/rotation.h"
#include "tests/attest_world.h"
#include "tests/audit_world.h"

/*
 * Each rule of the audit: one fault gives that finding and no other, and the
 * story without the fault gives none.
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
static struct record close_2019(struct world *w, bool is_right)
{
	static uint8_t out[128];
	static struct sha sum;
	struct position at = world_position(w, HUB, 1);
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

/* The honest part of every story: nothing to find. */
static void honest(struct world *w)
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

static void nothing(struct world *w)
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

static void key_used_twice(struct world *w)
{
	tell(w, LEA, tag(produce(6, "visor/v30"), FACT_KEY, 1));
	tell(w, LEA, tag(produce(7, "visor/v30"), FACT_KEY, 1));
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

static void one_serial_twice(struct world *w)
{
	tell(w, LEA, text(produce(1, "hand"), FACT_SERIAL, "0042"));
	tell(w, TOM, text(produce(1, "hand"), FACT_SERIAL, "0042"));
}

static void said_twice(struct world *w)
{
	uint64_t moment = APRIL + 3601000;

	tell(w, LEA, number(produce(6, "visor/v30"), FACT_WHEN, moment));
	tell(w, LEA, number(produce(6, "visor/v30"), FACT_WHEN, moment));
}

static void statements_with_a_gap(struct world *w)
{
	tell(w, HUB, bank("2020-05", 5001, 5001));
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

/* Money is for associations and their treasurers, verdicts are for associations
 * and recipients; what others record of these is nothing but a finding. */
static void who_may_record_what(void **state)
{
	static const struct {
		const char *why;
		size_t who;
		bool money, verdict;
	} row[] = {
		{ "an association", HUB, true, true },
		{ "a treasurer", TREASURER, true, false },
		{ "a recipient", HOSPITAL, false, true },
		{ "a maker", LEA, false, false },
		{ "an auditor", WITNESS, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (int kind = 0; kind < 5; kind++) {
			bool may = kind < 4 ? row[i].money : row[i].verdict;
			struct world w;
			struct audited x;
			size_t n = 0;

			honest(&w);
			if (kind == 0)
				tell(&w, row[i].who, donate(700, "new:1"));
			else if (kind == 1)
				tell(&w, row[i].who, spend(700, 9));
			else if (kind == 2)
				tell(&w, row[i].who, bank("2020-05", 5000, 0));
			else if (kind == 3)
				tell(&w, row[i].who, close_2019(&w, true));
			else
				tell(&w, row[i].who, approve("mask/v1", 0));
			audited_open_at(&x, &w, AS_OF);
			for (size_t k = 0; k < x.audit->findings.n; k++)
				n += x.audit->findings.at[k].code == AUT_01;
			if ((n == 0) != may)
				fail_msg("%s, kind %d: %zu", row[i].why, kind,
					 n);
			audited_close(&x);
			world_release(&w);
		}
	}
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

static const struct {
	const char *why;
	void (*fault)(struct world *w);
	enum finding_code code; /* FINDING_CODES: none */
	uint64_t amount;
	size_t proofs;
} rows[] = {
	{ "an honest story", nothing, FINDING_CODES, 0, 0 },
	{ "money by a maker", money_by_a_maker, AUT_01, 1, 1 },
	{ "a verdict by a maker", verdict_by_a_maker, AUT_01, 1, 1 },
	{ "made after", made_after_withdrawal, DES_01, 10, 1 },
	{ "never approved", made_and_never_approved, DES_02, 10, 1 },
	{ "sent after", sent_after_withdrawal, DES_03, 10, 1 },
	{ "two files", two_files_of_a_revision, DES_04, 2, 2 },
	{ "pending", old_delivery, DLV_01, 1, 1 },
	{ "expired", expired_delivery, DLV_02, 1, 1 },
	{ "the sender's paper", paper_by_the_sender, DLV_03, 1, 1 },
	{ "vouched by the sender", only_the_sender_vouches, DLV_05, 1, 1 },
	{ "for her and by her", made_for_and_by_her, DUP_01, 60, 2 },
	{ "key twice", key_used_twice, DUP_02, 1, 1 },
	{ "bill twice", one_bill_twice, DUP_03, 1, 2 },
	{ "reference twice", one_reference_twice, DUP_04, 1, 2 },
	{ "serial twice", one_serial_twice, DUP_05, 2, 2 },
	{ "said twice", said_twice, DUP_10, 1, 1 },
	{ "statements apart", statements_with_a_gap, FIN_04, 1, 1 },
	{ "bank says less", bank_says_less, FIN_05, 300, 1 },
	{ "no bill", spent_without_a_bill, FIN_06, 1, 1 },
	{ "wrong balances", wrong_balances, FIN_07, 1, 1 },
	{ "late", too_late_for_the_accounts, TIM_11, 1, 1 },
	{ "after dismissal", signed_on_after_dismissal, KEY_01, 1, 1 },
	{ "followed by two", one_key_for_two, KEY_06, 2, 2 },
	{ "by the old key", a_feed_by_the_old_key, KEY_05, 2, 2 },
	{ "a year ahead", clock_a_year_ahead, TIM_01, 1, 1 },
	{ "declared twice", declared_in_two_ways, ITM_01, 2, 2 },
	{ "65 nodes", sixty_five_nodes, KEY_04, 65, 8 },
	{ "made again", passed_on_and_made_again, QTY_10, 50, 1 },
	{ "parts not used", parts_not_used, QTY_11, 1, 1 },
	{ "too light", too_light, QTY_20, 1, 1 },
	{ "too fast", too_fast, QTY_21, 1, 1 },
	{ "far too many", far_too_many, QTY_22, 10001, 1 },
	{ "before what was seen", less_than_it_had_seen, TIM_01, 2, 3 },
	{ "1970", clock_of_1970, TIM_01, 2, 2 },
	{ "clock back", clock_goes_back, TIM_02, 1, 1 },
	{ "told before", told_before_it_was, TIM_03, 1, 1 },
};

static void judge(const struct audited *x, size_t i)
{
	const struct findings *all = &x->audit->findings;
	char text[FINDING_TEXT];

	for (size_t k = 0; k < all->n; k++)
		if (all->at[k].code != rows[i].code)
			fail_msg("%s: %s %s", rows[i].why,
				 finding_name(all->at[k].code),
				 all->at[k].subject);
	if (rows[i].code == FINDING_CODES)
		return;
	if (all->n != 1)
		fail_msg("%s: %zu findings", rows[i].why, all->n);
	if (all->at[0].amount != rows[i].amount ||
	    all->at[0].proofs != rows[i].proofs)
		fail_msg("%s: %d by %zu", rows[i].why, (int)all->at[0].amount,
			 all->at[0].proofs);
	finding_fill(text, finding_sentence(rows[i].code), &all->at[0]);
	assert_true(strchr(text, '{') == NULL);
	assert_true(text[strlen(text) - 1] == '.');
}

static void one_fault_gives_one_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct audited x;

		honest(&w);
		rows[i].fault(&w);
		audited_open_at(&x, &w, AS_OF);
		judge(&x, i);
		audited_close(&x);
		world_release(&w);
	}
}

/* A crew that does the last job first. */
static void backwards(void *arg, void (*job)(void *jobs, size_t i), void *jobs,
		      size_t n)
{
	(void)arg;
	while (n > 0)
		job(jobs, --n);
}

static void assert_same(const struct finding *a, const struct finding *b)
{
	assert_int_equal(a->code, b->code);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->who, b->who);
	assert_string_equal(a->item, b->item);
	assert_int_equal(a->amount, b->amount);
	assert_int_equal(a->proofs, b->proofs);
	for (size_t i = 0; i < a->proofs; i++)
		assert_true(id_eq(&a->proof[i].id, &b->proof[i].id));
}

static void all_faults_at_once_are_found_alike_by_any_crew(void **state)
{
	const struct audit_crew crew = { NULL, backwards };
	uint64_t as_of = AS_OF;
	const struct audit_given given = { NULL, &as_of };
	struct world w;
	struct audited x, y;

	(void)state;
	honest(&w);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].fault != sixty_five_nodes &&
		    rows[i].fault != signed_on_after_dismissal)
			rows[i].fault(&w);
	audited_open_at(&x, &w, AS_OF);
	audited_scan(&y, &w, true);
	assert_int_equal(audit_open_with(&y.audit, &w.network, y.scan, y.n,
					 &given, &crew),
			 0);
	assert_true(x.audit->findings.n > 20);
	assert_int_equal(x.audit->findings.n, y.audit->findings.n);
	for (size_t i = 0; i < x.audit->findings.n; i++)
		assert_same(&x.audit->findings.at[i], &y.audit->findings.at[i]);
	audited_close(&x);
	audited_close(&y);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(who_may_record_what),
		UNIT(one_fault_gives_one_finding),
		UNIT(all_faults_at_once_are_found_alike_by_any_crew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
