#include "proto/audit/audit.h"

#include "proto/book/closing.h"
#include "tests/audit_world.h"

/* The one finding there is. */
static const struct finding *only(const struct audited *x)
{
	assert_int_equal(x->audit->findings.n, 1);
	return &x->audit->findings.at[0];
}

static const struct audit_item *item(const struct audited *x, const char *code)
{
	for (size_t i = 0; i < x->audit->items_n; i++)
		if (strcmp(x->audit->items[i].item, code) == 0)
			return &x->audit->items[i];
	fail_msg("no figures for %s", code);
	return NULL;
}

/* A maker (1), a courier (2) and a hospital (3); 100 made, all collected, 60
 * delivered, 58 acknowledged. */
static void make_story(struct world *w)
{
	struct id d;

	world_found(w);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_COURIER);
	world_member(w, ROLE_RECIPIENT);
	world_produce(w, 1, 100, "visor/v30");
	d = world_deliver(w, 1, 2, 100, "visor/v30", false);
	world_receive(w, 2, &d, 100, "visor/v30");
	d = world_deliver(w, 2, 3, 60, "visor/v30", true);
	world_receive(w, 3, &d, 58, "visor/v30");
}

static void honest_story_is_clean_and_adds_up(void **state)
{
	struct world w;
	struct audited x;
	const int64_t *col;

	(void)state;
	make_story(&w);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	assert_true(audit_is_clean(x.audit));
	assert_int_equal(x.audit->tips_n, 4);
	assert_int_equal(x.audit->entries, 4 + 3 + 5);
	col = item(&x, "visor/v30")->col;
	assert_int_equal(col[COL_PRODUCED], 100);
	assert_int_equal(col[COL_MOVED], 100);
	assert_int_equal(col[COL_DELIVERED], 60);
	assert_int_equal(col[COL_ACK_A], 58);
	assert_int_equal(col[COL_IN_TRANSIT], 2);
	assert_int_equal(col[COL_ON_HAND], 40);
	assert_string_equal(item(&x, "visor/v30")->unit, "piece");
	assert_int_equal(x.audit->associations_n, 1);
	assert_string_equal(x.audit->associations[0].label, "hub");
	assert_int_equal(x.audit->associations[0].items[0].col[COL_PRODUCED],
			 100);
	audited_close(&x);
	world_release(&w);
}

static void cut_names_what_was_audited(void **state)
{
	struct world w;
	struct audited x, y;

	(void)state;
	make_story(&w);
	audited_open(&x, &w, false);
	audited_open(&y, &w, true);
	assert_true(id_eq(&x.audit->cut, &y.audit->cut));
	audited_close(&y);
	world_produce(&w, 1, 1, "visor/v30");
	audited_open(&y, &w, false);
	assert_false(id_eq(&x.audit->cut, &y.audit->cut));
	audited_close(&x);
	audited_close(&y);
	world_release(&w);
}

static void scan_person(struct audit_scan *s, const struct world *w, size_t i)
{
	scan_init(s, &w->who[i].feed, &w->network, false);
	for (uint64_t k = 0; k < w->who[i].seq; k++)
		assert_int_equal(scan_entry(s, w->who[i].entries[k].p,
					    w->who[i].entries[k].n),
				 0);
}

/* Scan a feed on trust and at once: if what is due holds, the same comes out.
 */
static void assert_trust(const struct world *w, size_t i, bool holds)
{
	struct audit_scan a, b;
	struct scan_due due;

	scan_person(&a, w, i);
	scan_person(&b, w, i);
	assert_int_equal(scan_end(&a), 0);
	assert_int_equal(scan_trust(&b, &due), 0);
	assert_int_equal(due_holds(&due), holds);
	if (holds) {
		assert_int_equal(a.n, b.n);
		assert_int_equal(a.is_broken, b.is_broken);
		assert_int_equal(a.broken, b.broken);
		assert_int_equal(a.broken_seq, b.broken_seq);
		assert_int_equal(a.is_certified, b.is_certified);
	}
	scan_release(&a);
	scan_release(&b);
}

/* An entry but the last is refused by the next one's chain, so what comes
 * before is checked at once; the last has its signature only. */
static void trust_is_void_when_the_last_entry_was_altered(void **state)
{
	struct world w;

	(void)state;
	make_story(&w);
	while (w.who[1].seq < 50)
		world_produce(&w, 1, 1, "visor/v30");
	assert_trust(&w, 1, true);
	for (size_t k = 0; k < w.who[1].seq; k++) {
		struct bytes *e = &w.who[1].entries[k];

		e->p[e->n - 1] ^= 0x01;
		assert_trust(&w, 1, k + 1 < w.who[1].seq);
		e->p[e->n - 1] ^= 0x01;
	}
	world_release(&w);
}

static void trust_is_void_when_a_certificate_was_forged(void **state)
{
	struct world w;
	size_t maker, thief;

	(void)state;
	world_found(&w);
	maker = world_member(&w, ROLE_MAKER);
	thief = world_person(&w);
	w.who[thief].identity = w.who[maker].identity;
	world_open_feed(&w, thief, NULL);
	assert_trust(&w, maker, true);
	assert_trust(&w, thief, false);
	world_release(&w);
}

/* Entries are hashed some at a time: each of them counts. */
static void break_is_named_wherever_it_is(void **state)
{
	struct audit_scan s;
	struct world w;

	(void)state;
	make_story(&w);
	while (w.who[1].seq < 50)
		world_produce(&w, 1, 1, "visor/v30");
	for (size_t k = 0; k < w.who[1].seq; k++) {
		struct bytes *e = &w.who[1].entries[k];

		e->p[e->n - 1] ^= 0x01;
		scan_person(&s, &w, 1);
		assert_int_equal(scan_end(&s), 0);
		assert_int_equal(s.broken, LOG_02);
		assert_int_equal(s.broken_seq, k + 1);
		assert_int_equal(s.n, k);
		scan_release(&s);
		e->p[e->n - 1] ^= 0x01;
	}
	world_release(&w);
}

/* Not even by as much that a count of 16 bits would not show it. */
static void entry_that_is_too_long_breaks_its_feed(void **state)
{
	static uint8_t room[LIMIT_ENTRY + UINT16_MAX + 1];
	struct audit_scan s;
	struct bytes last;
	struct world w;

	(void)state;
	make_story(&w);
	last = w.who[1].entries[--w.who[1].seq];
	memcpy(room, last.p, last.n);
	scan_person(&s, &w, 1);
	assert_int_equal(scan_entry(&s, room, last.n + UINT16_MAX + 1), 0);
	assert_int_equal(scan_end(&s), 0);
	assert_true(s.is_broken);
	assert_int_equal(s.broken, LOG_05);
	assert_int_equal(s.n, w.who[1].seq);
	scan_release(&s);
	w.who[1].seq++;
	world_release(&w);
}

/* What the altered entry said is gone, so others may dangle or fall short in
 * consequence: the first finding names the cause. */
static void every_altered_byte_of_a_feed_is_named(void **state)
{
	struct world w;
	struct audited x;

	(void)state;
	make_story(&w);
	for (uint64_t seq = 1; seq <= w.who[1].seq; seq++) {
		struct bytes *e = &w.who[1].entries[seq - 1];

		for (size_t i = 0; i < e->n; i++) {
			const struct finding *f;

			e->p[i] ^= 0x01;
			audited_open(&x, &w, false);
			assert_false(audit_is_clean(x.audit));
			f = &x.audit->findings.at[0];
			if (f->code == LOG_01 || f->code == LOG_02 ||
			    f->code == LOG_03 || f->code == LOG_05)
				assert_int_equal(f->amount, seq);
			else
				fail_msg("byte %zu of entry %d: %s", i,
					 (int)seq, finding_name(f->code));
			audited_close(&x);
			e->p[i] ^= 0x01;
		}
	}
	world_release(&w);
}

static void missing_entry_is_a_gap(void **state)
{
	struct world w;
	struct audited x;
	struct who *maker;

	(void)state;
	make_story(&w);
	maker = &w.who[1];
	free(maker->entries[1].p);
	maker->entries[1] = maker->entries[2];
	maker->seq = 2;
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.at[0].code, LOG_03);
	assert_int_equal(x.audit->findings.at[0].amount, 2);
	/* The courier's receipt dangles now: a lag, and no accusation. */
	for (size_t i = 1; i < x.audit->findings.n; i++)
		assert_int_not_equal(
			finding_severity(x.audit->findings.at[i].code),
			SEVERITY_BREACH);
	audited_close(&x);
	world_release(&w);
}

static void chain_that_does_not_hold_is_found(void **state)
{
	struct world w;
	struct audited x;

	(void)state;
	make_story(&w);
	w.who[1].tip.b[0] ^= 1; /* validly signed, on another past */
	world_produce(&w, 1, 5, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, LOG_01);
	assert_int_equal(only(&x)->amount, 4);
	assert_int_equal(item(&x, "visor/v30")->col[COL_PRODUCED], 100);
	audited_close(&x);
	world_release(&w);
}

/* Break the signature of entry `seq` in a feed of `n`; every id after it is
 * made anew, so that only the signature is wrong. */
static void break_signature(struct world *w, uint64_t seq, uint64_t n)
{
	world_found(w);
	world_member(w, ROLE_MAKER);
	while (w->who[1].seq < n) {
		world_produce(w, 1, 1, "visor/v30");
		if (w->who[1].seq == seq) {
			struct bytes *e = &w->who[1].entries[seq - 1];

			e->p[e->n - 40] ^= 1;
			w->who[1].tip = hash_id(e->p, e->n);
		}
	}
}

static void inner_signatures_are_checked_when_asked(void **state)
{
	struct world w;
	struct audited x;

	(void)state;
	break_signature(&w, 5, 10);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	audited_close(&x);
	audited_open(&x, &w, true);
	assert_int_equal(only(&x)->code, LOG_02);
	assert_int_equal(only(&x)->amount, 5);
	audited_close(&x);
	world_release(&w);
}

static void every_256th_signature_is_checked_always(void **state)
{
	static const struct {
		uint64_t seq, n;
		const char *why;
		size_t findings;
	} rows[] = {
		{ SIGNED_EVERY - 1, SIGNED_EVERY + 2, "one before", 0 },
		{ SIGNED_EVERY, SIGNED_EVERY + 2, "the one", 1 },
		{ SIGNED_EVERY + 1, SIGNED_EVERY + 2, "one after", 0 },
		{ SIGNED_EVERY + 2, SIGNED_EVERY + 2, "the last", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct audited x;

		break_signature(&w, rows[i].seq, rows[i].n);
		audited_open(&x, &w, false);
		if (x.audit->findings.n != rows[i].findings)
			fail_msg("%s", rows[i].why);
		if (rows[i].findings == 1)
			assert_int_equal(only(&x)->amount, rows[i].seq);
		audited_close(&x);
		world_release(&w);
	}
}

static void stranger_does_not_count_and_is_named(void **state)
{
	struct world w;
	struct audited x;

	(void)state;
	make_story(&w);
	world_stranger(&w);
	world_produce(&w, 4, 1000, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, KEY_02);
	assert_int_equal(item(&x, "visor/v30")->col[COL_PRODUCED], 100);
	assert_int_equal(x.audit->tips_n, 4);
	audited_close(&x);
	world_release(&w);
}

static void stock_below_zero_is_found_where_it_happens(void **state)
{
	struct world w;
	struct audited x;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_RECIPIENT);
	world_deliver(&w, 1, 2, 30, "visor/v30", true);
	world_produce(&w, 1, 50, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, QTY_01);
	assert_int_equal(only(&x)->amount, 30);
	assert_int_equal(only(&x)->proof[0].seq, 2);
	assert_int_equal(finding_severity(QTY_01), SEVERITY_EXPLAIN);
	audited_close(&x);
	world_release(&w);
}

/* What came in through another's entry has no place among one's own, so it
 * counts in one's favour from the start. */
static void goods_from_others_never_accuse_for_their_order(void **state)
{
	struct world w;
	struct audited x;
	struct record rec;
	struct id d;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_RECIPIENT);
	world_produce(&w, 1, 50, "visor/v30");
	d = world_deliver(&w, 1, 2, 50, "visor/v30", true);
	world_deliver(&w, 1, 2, 20, "visor/v30", true);
	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, d.b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, 30, "visor/v30");
	world_set_line(&rec, FACT_REFUSED, 20, "visor/v30");
	record_set_bytes(&rec, FACT_REASON, "broken", 6);
	world_record(&w, 2, &rec);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	assert_int_equal(item(&x, "visor/v30")->col[COL_REFUSED], 20);
	assert_int_equal(item(&x, "visor/v30")->col[COL_ON_HAND], 0);
	audited_close(&x);
	world_release(&w);
}

static void more_received_than_sent_is_a_breach(void **state)
{
	struct world w;
	struct audited x;
	struct id d;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_RECIPIENT);
	world_produce(&w, 1, 50, "visor/v30");
	d = world_deliver(&w, 1, 2, 50, "visor/v30", true);
	world_receive(&w, 2, &d, 30, "visor/v30");
	world_receive(&w, 2, &d, 21, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, QTY_02);
	assert_int_equal(only(&x)->proofs, 3);
	audited_close(&x);
	world_release(&w);
}

/* The maker withdraws, or redirects, what the hospital has acknowledged. */
static void acknowledgement_cannot_be_erased_unseen(void **state)
{
	(void)state;
	for (int redirects = 0; redirects < 2; redirects++) {
		struct bytes line = world_line(50, "visor/v30");
		struct world w;
		struct audited x;
		struct record rec, facts;
		uint8_t buf[512];
		size_t n;
		struct id d;

		world_found(&w);
		world_member(&w, ROLE_MAKER);
		world_member(&w, ROLE_RECIPIENT);
		world_member(&w, ROLE_RECIPIENT);
		world_produce(&w, 1, 50, "visor/v30");
		d = world_deliver(&w, 1, 2, 50, "visor/v30", true);
		world_receive(&w, 2, &d, 30, "visor/v30");
		record_init(&facts, KIND_DELIVER);
		record_set_bytes(&facts, FACT_LINES, line.p, line.n);
		record_set_bytes(&facts, FACT_TO, w.who[3].identity.b,
				 KEY_SIZE);
		record_set_uint(&facts, FACT_FINAL, 1);
		assert_int_equal(record_encode(&facts, buf, sizeof(buf), &n),
				 0);
		record_init(&rec, KIND_CORRECT);
		record_set_bytes(&rec, FACT_TARGET, d.b, ID_SIZE);
		record_set_uint(&rec, FACT_WHY,
				redirects ? WHY_INCORRECT_DATA
					  : WHY_DID_NOT_OCCUR);
		if (redirects)
			record_set_bytes(&rec, FACT_FACTS, buf, n);
		world_record(&w, 1, &rec);
		audited_open(&x, &w, false);
		assert_int_equal(only(&x)->code, QTY_02);
		assert_false(audit_is_clean(x.audit));
		audited_close(&x);
		world_release(&w);
	}
}

static void pin_counts_on_its_own_chain_only(void **state)
{
	(void)state;
	for (int is_other = 0; is_other < 2; is_other++) {
		struct world w;
		struct audited x;
		struct id admit, pin;

		world_found(&w);
		world_stranger(&w);
		admit = world_admit(&w, 0, 1, ROLE_MAKER, false);
		pin = world_produce(&w, 1, 10, "visor/v30");
		pin.b[0] ^= (uint8_t)is_other;
		world_produce(&w, 1, 500, "visor/v30");
		world_produce(&w, 0, 1, "visor/v30");
		world_dismiss(&w, &admit, 2, &pin);
		audited_open(&x, &w, false);
		assert_int_equal(item(&x, "visor/v30")->col[COL_PRODUCED],
				 is_other ? 1 : 11);
		audited_close(&x);
		world_release(&w);
	}
}

static void dangling_reference_is_a_lag(void **state)
{
	struct id nowhere = { { 7 } };
	struct world w;
	struct audited x;

	(void)state;
	make_story(&w);
	world_receive(&w, 3, &nowhere, 5, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, REF_01);
	assert_true(audit_is_clean(x.audit));
	audited_close(&x);
	world_release(&w);
}

static void key_used_twice_counts_once(void **state)
{
	struct tag key = { { 1, 2, 3 } };
	struct world w;
	struct audited x;
	struct record rec;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, 10, "visor/v30");
	record_set_bytes(&rec, FACT_KEY, key.b, TAG_SIZE);
	world_record(&w, 1, &rec);
	world_set_line(&rec, FACT_LINES, 70, "visor/v30");
	world_record(&w, 1, &rec);
	world_set_line(&rec, FACT_LINES, 500, "visor/v30");
	world_record(&w, 0, &rec); /* another member's key is another key */
	audited_open(&x, &w, false);
	assert_int_equal(item(&x, "visor/v30")->col[COL_PRODUCED], 510);
	audited_close(&x);
	world_release(&w);
}

static void declared_unit_is_shown_for_every_revision(void **state)
{
	struct world w;
	struct audited x;
	struct record rec;

	(void)state;
	world_found(&w);
	record_init(&rec, KIND_ITEM);
	record_set_bytes(&rec, FACT_ITEM, "petg", 4);
	record_set_bytes(&rec, FACT_UNIT, "g", 1);
	world_record(&w, 0, &rec);
	world_produce(&w, 0, 10, "petg");
	world_produce(&w, 0, 10, "petg/blue");
	world_produce(&w, 0, 10, "pet");
	audited_open(&x, &w, false);
	assert_string_equal(item(&x, "petg")->unit, "g");
	assert_string_equal(item(&x, "petg/blue")->unit, "g");
	assert_string_equal(item(&x, "pet")->unit, "piece");
	audited_close(&x);
	world_release(&w);
}

static void give(struct world *w, uint64_t minor)
{
	struct record rec = world_cash(KIND_DONATE, minor, "EUR", "");

	world_record(w, 0, &rec);
}

/* `by` closes April as far as `read` has recorded. */
static struct id close_fund(struct world *w, size_t by, size_t read,
			    const char *label, int64_t donated)
{
	/* The treasurer (1) keeps the accounts of the hub (0). */
	struct closing c = { .party = w->who[by == 1 ? 0 : by].identity };
	struct fund fund = { .party = c.party,
			     .currency = "EUR",
			     .donated = donated };
	struct funds funds = { &fund, donated != 0, 1 };
	struct record rec;
	uint8_t runs[128];
	struct sha sum;
	struct wr x;

	if (label != NULL)
		memcpy(fund.label, label, strlen(label));
	assert_int_equal(period_read(&c.period, "2020-04", 7), 0);
	assert_int_equal(closing_hash(&sum, &c, &w->network, &funds), 0);
	wr_init(&x, runs, sizeof(runs));
	wr_array(&x, 1);
	wr_array(&x, 3);
	wr_bin(&x, w->who[read].feed.b, KEY_SIZE);
	wr_uint(&x, w->who[read].seq);
	wr_bin(&x, w->who[read].tip.b, ID_SIZE);
	record_init(&rec, KIND_PERIOD);
	record_set_bytes(&rec, FACT_PERIOD, "2020-04", 7);
	record_set_bytes(&rec, FACT_RUNS, runs, x.n);
	record_set_bytes(&rec, FACT_BALANCES, sum.b, sizeof(sum.b));
	return world_record(w, by, &rec);
}

static struct id close_april(struct world *w, size_t by, size_t read,
			     int64_t donated)
{
	return close_fund(w, by, read, NULL, donated);
}

/* The last entry that was read is covered, and the next one is late. */
static void a_period_covers_what_was_read_and_no_more(void **state)
{
	struct audited x;
	struct world w;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_TREASURER);
	give(&w, 100);
	give(&w, 50);
	close_april(&w, 1, 0, 150);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	audited_close(&x);
	give(&w, 7);
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, TIM_11);
	assert_int_equal(only(&x)->amount, 1);
	assert_int_equal(only(&x)->proof[0].seq, w.who[0].seq);
	audited_close(&x);
	world_release(&w);
}

/* What a closing had read does not count any more: that is said of whose
 * entries it were, and not of who closed. */
static void a_closing_is_not_judged_without_what_it_read(void **state)
{
	struct record gift = world_cash(KIND_DONATE, 50, "EUR", "");
	struct audited x;
	struct world w;
	struct id admit, pin;

	(void)state;
	world_found(&w);
	world_stranger(&w);
	admit = world_admit(&w, 0, 1, ROLE_TREASURER, false);
	pin = w.who[1].tip;
	world_record(&w, 1, &gift);
	close_april(&w, 0, 1, 50);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 0);
	audited_close(&x);
	world_dismiss(&w, &admit, 1, &pin);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 2);
	assert_int_equal(x.audit->findings.at[0].code, KEY_01);
	assert_int_equal(x.audit->findings.at[1].code, REF_01);
	audited_close(&x);
	world_release(&w);
}

/* The treasurer becomes a maker: what she recorded is no money any more, and
 * who had closed the accounts has closed them rightly. */
static void whose_role_was_changed_has_closed_nothing_wrongly(void **state)
{
	struct record gift = world_cash(KIND_DONATE, 50, "EUR", ""), rec;
	struct audited x;
	struct world w;
	struct id admit;

	(void)state;
	world_found(&w);
	world_stranger(&w);
	admit = world_admit(&w, 0, 1, ROLE_TREASURER, false);
	world_record(&w, 1, &gift);
	close_april(&w, 0, 1, 50);
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, w.who[1].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, "p1", 2);
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	record_set_bytes(&rec, FACT_REPLACES, admit.b, ID_SIZE);
	world_record(&w, 0, &rec);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 2);
	assert_int_equal(x.audit->findings.at[0].code, AUT_01);
	assert_int_equal(x.audit->findings.at[1].code, REF_01);
	audited_close(&x);
	world_release(&w);
}

/* What one closing had read says nothing of the next one; and what never was in
 * the bank is in no balance. */
static void each_closing_has_read_what_it_says(void **state)
{
	struct record gift = world_cash(KIND_DONATE, 50, "EUR", "");
	struct record waived = world_cash(KIND_DONATE, 7, "EUR", "");
	struct audited x;
	struct world w;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_TREASURER);
	record_set_uint(&waived, FACT_WAIVED, 1);
	world_record(&w, 0, &waived);
	world_record(&w, 1, &waived);
	world_record(&w, 1, &gift);
	close_april(&w, 0, 1, 50);
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code,
			 TIM_11); /* the hub had not read its own */
	assert_int_equal(only(&x)->amount, 1);
	assert_true(pubkey_eq(&only(&x)->proof[0].feed, &w.who[0].feed));
	audited_close(&x);
	close_april(&w, 0, 0, 0);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 2); /* of each its own */
	for (size_t i = 0; i < 2; i++) {
		const struct finding *f = &x.audit->findings.at[i];
		bool is_hub = pubkey_eq(&f->proof[0].feed, &w.who[0].feed);

		assert_int_equal(f->code, TIM_11);
		assert_int_equal(f->amount, is_hub ? 1 : 2);
	}
	audited_close(&x);
	world_release(&w);
}

/* Whatever the order of associations and of the names of their funds. */
static void each_association_closes_its_own(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		static const char *const label[] = { "a", "b" };
		struct audited x;
		struct world w;

		world_found(&w);
		world_member(&w, ROLE_TREASURER);
		world_member(&w, ROLE_ASSOCIATION);
		for (size_t i = 0; i < 3; i += 2) {
			struct record gift =
				world_cash(KIND_DONATE, 50 + i, "EUR",
					   label[(i > 0) ^ turn]);

			world_record(&w, i, &gift);
			close_fund(&w, i, i, label[(i > 0) ^ turn],
				   50 + (int64_t)i);
		}
		audited_open(&x, &w, false);
		assert_int_equal(x.audit->findings.n, 0);
		audited_close(&x);
		world_release(&w);
	}
}

/* Of one feed all records with references act, up to 256 for each that they
 * refer to. */
static void a_feed_refers_to_one_record_so_often(void **state)
{
	enum { MANY = LIMIT_REFS + 20 };
	struct audited x;
	struct world w;
	struct id d;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_RECIPIENT);
	world_produce(&w, 1, 2 * MANY, "visor/v30");
	for (int i = 0; i < MANY; i++) {
		d = world_deliver(&w, 1, 2, 1, "visor/v30", true);
		world_receive(&w, 2, &d, 1, "visor/v30");
	}
	d = world_deliver(&w, 1, 2, MANY, "visor/v30", true);
	for (int i = 0; i < MANY; i++)
		world_receive(&w, 2, &d, 1, "visor/v30");
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->items_n, 1);
	assert_int_equal(x.audit->items[0].col[COL_ACK_A], MANY + LIMIT_REFS);
	audited_close(&x);
	world_release(&w);
}

/* Who withdraws a closing and closes again has late gifts covered, and is seen
 * to have; what the withdrawn one froze is held against it, too. */
static void what_was_closed_stays_closed(void **state)
{
	struct audited x;
	struct world w;
	struct id closed;

	(void)state;
	world_found(&w);
	world_member(&w, ROLE_TREASURER);
	give(&w, 100);
	closed = close_april(&w, 1, 0, 100);
	give(&w, 7);
	world_correct(&w, 1, &closed, NULL);
	close_april(&w, 1, 0, 107);
	audited_open(&x, &w, false);
	assert_int_equal(only(&x)->code, TIM_11);
	assert_int_equal(only(&x)->amount, 1);
	assert_int_equal(only(&x)->proof[0].seq, w.who[0].seq);
	audited_close(&x);
	closed = close_april(&w, 1, 0, 108);
	world_correct(&w, 1, &closed, NULL);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->findings.n, 2);
	assert_int_equal(x.audit->findings.at[0].code, FIN_07);
	audited_close(&x);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(honest_story_is_clean_and_adds_up),
		UNIT(cut_names_what_was_audited),
		UNIT(trust_is_void_when_the_last_entry_was_altered),
		UNIT(trust_is_void_when_a_certificate_was_forged),
		UNIT(break_is_named_wherever_it_is),
		UNIT(entry_that_is_too_long_breaks_its_feed),
		UNIT(every_altered_byte_of_a_feed_is_named),
		UNIT(missing_entry_is_a_gap),
		UNIT(chain_that_does_not_hold_is_found),
		UNIT(inner_signatures_are_checked_when_asked),
		UNIT(every_256th_signature_is_checked_always),
		UNIT(stranger_does_not_count_and_is_named),
		UNIT(stock_below_zero_is_found_where_it_happens),
		UNIT(goods_from_others_never_accuse_for_their_order),
		UNIT(more_received_than_sent_is_a_breach),
		UNIT(acknowledgement_cannot_be_erased_unseen),
		UNIT(pin_counts_on_its_own_chain_only),
		UNIT(dangling_reference_is_a_lag),
		UNIT(key_used_twice_counts_once),
		UNIT(declared_unit_is_shown_for_every_revision),
		UNIT(a_period_covers_what_was_read_and_no_more),
		UNIT(a_closing_is_not_judged_without_what_it_read),
		UNIT(whose_role_was_changed_has_closed_nothing_wrongly),
		UNIT(each_closing_has_read_what_it_says),
		UNIT(each_association_closes_its_own),
		UNIT(a_feed_refers_to_one_record_so_often),
		UNIT(what_was_closed_stays_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
