#include "proto/audit/audit.h"
#include "tests/attest_world.h"
#include "tests/audit_world.h"
#include "tests/unit.h"
#include "tests/work.h"

/*
 * What an audit does for twice as much of what somebody may record to slow it
 * down: about twice as much (work.h).
 */

enum { HUB, LEA, TOM };

#define APRIL 1585699200000ULL /* 1 April 2020 */

static void set_text(struct record *rec, enum fact f, const char *text)
{
	record_set_bytes(rec, f, text, strlen(text));
}

/* Lea records so many times that Tom made what she then makes herself. */
static void lent_and_made(struct world *w, size_t n)
{
	const struct tag outsider = { { 1 } };

	for (size_t i = 0; i < 2 * n; i++) {
		struct record rec;

		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, 60, "visor/v30");
		record_set_uint(&rec, FACT_WHEN, APRIL);
		if (i < n)
			record_set_bytes(&rec, FACT_FOR, outsider.b, TAG_SIZE);
		world_record(w, LEA, &rec);
	}
}

static void send_lot(struct world *w, size_t to, const char *lot)
{
	struct record rec;

	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, 60, "visor/v30");
	record_set_bytes(&rec, FACT_TO, w->who[to].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, 0);
	set_text(&rec, FACT_LOT, lot);
	world_record(w, HUB, &rec);
}

/* Lea is sent one lot so many times, and Tom, who was sent another, makes it
 * so many times. */
static void sent_and_made(struct world *w, size_t n)
{
	send_lot(w, TOM, "B");
	for (size_t i = 0; i < n; i++) {
		struct record rec;

		send_lot(w, LEA, "A");
		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, 60, "visor/v30");
		set_text(&rec, FACT_LOT, "A");
		world_record(w, TOM, &rec);
	}
}

static void received(struct world *w, size_t n)
{
	const struct id id = world_deliver(w, HUB, LEA, 60, "visor/v30", true);

	for (size_t i = 0; i < n; i++)
		world_receive(w, i % 2 == 0 ? LEA : TOM, &id, 1, "visor/v30");
}

/* What the hub had read when it read its own feed up to here. */
struct readings {
	uint8_t runs[128];
	size_t n;
};

static struct readings read_so_far(const struct world *w)
{
	struct readings r;
	struct wr x;

	wr_init(&x, r.runs, sizeof(r.runs));
	wr_array(&x, 1);
	wr_array(&x, 3);
	wr_bin(&x, w->who[HUB].feed.b, KEY_SIZE);
	wr_uint(&x, w->who[HUB].seq);
	wr_bin(&x, w->who[HUB].tip.b, ID_SIZE);
	r.n = x.n;
	return r;
}

static void give(struct world *w, const char *fund)
{
	struct record rec = world_cash(KIND_DONATE, 100, "EUR", fund);

	world_record(w, HUB, &rec);
}

static void close_of(struct world *w, const char *period,
		     const struct readings *r)
{
	static const uint8_t hash[32] = { 7 };
	struct record rec;

	record_init(&rec, KIND_PERIOD);
	set_text(&rec, FACT_PERIOD, period);
	record_set_bytes(&rec, FACT_BALANCES, hash, sizeof(hash));
	record_set_bytes(&rec, FACT_RUNS, r->runs, r->n);
	world_record(w, HUB, &rec);
}

/* So many gifts, and after them so many periods closed, in which all are. */
static void closed_again(struct world *w, size_t n)
{
	struct readings r;

	for (size_t i = 0; i < n; i++)
		give(w, i % 2 ? "petg" : "");
	r = read_so_far(w);
	for (size_t i = 0; i < n; i++)
		close_of(w, "2020-04", &r);
}

/* So many gifts, each time another period closed of what was read so far. */
static void closed_each_time(struct world *w, size_t n)
{
	struct readings r;
	char period[8];

	for (size_t i = 0; i < n; i++) {
		give(w, i % 2 ? "petg" : "");
		r = read_so_far(w);
		snprintf(period, sizeof(period), "%zu", 2020 + i);
		close_of(w, period, &r);
	}
}

/* Lea corrects a delivery, and then what she said then, again and again, and
 * Tom acknowledges a piece of it each time. */
static void corrected_again(struct world *w, size_t n)
{
	struct id id = world_deliver(w, LEA, TOM, 60, "visor/v30", true);
	const struct id first = id;

	for (size_t i = 0; i < n; i++) {
		struct record rec;

		record_init(&rec, KIND_DELIVER);
		world_set_line(&rec, FACT_LINES, 60 + i % 2, "visor/v30");
		record_set_bytes(&rec, FACT_TO, w->who[TOM].identity.b,
				 KEY_SIZE);
		record_set_uint(&rec, FACT_FINAL, 1);
		id = world_correct(w, LEA, &id, &rec);
		if (i < 250)
			world_receive(w, TOM, &first, 1, "visor/v30");
	}
}

/* Each receipt says that it is the same one, issued again, of another
 * delivery. */
static void issued_again(struct world *w, size_t n)
{
	const struct id lost = { { 7 } };

	for (size_t i = 0; i < n; i++) {
		struct id id = world_deliver(w, HUB, LEA, 1, "visor/v30", true);
		struct record rec;

		record_init(&rec, KIND_RECEIVE);
		record_set_bytes(&rec, FACT_DELIVER, id.b, ID_SIZE);
		world_set_line(&rec, FACT_ACCEPTED, 1, "visor/v30");
		record_set_bytes(&rec, FACT_ORPHAN, lost.b, ID_SIZE);
		world_record(w, LEA, &rec);
	}
}

/* Receipts of deliveries that never were, whose ids begin alike. */
static void of_nothing(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct id id = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

		id.b[20] = (uint8_t)i;
		id.b[21] = (uint8_t)(i >> 8);
		world_receive(w, LEA, &id, 1, "visor/v30");
	}
}

static void keys_alike(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tag tag = { { 1, 2, 3, 4, 5, 6, 7, 8 } };
		struct record rec;

		tag.b[8] = (uint8_t)i;
		tag.b[9] = (uint8_t)(i >> 8);
		record_init(&rec, KIND_PRODUCE);
		world_set_line(&rec, FACT_LINES, 1, "visor/v30");
		record_set_bytes(&rec, FACT_KEY, tag.b, TAG_SIZE);
		world_record(w, LEA, &rec);
	}
}

/* Every member says the state of its own tree. */
static void trees(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t who = world_member(w, ROLE_MAKER);

		attest_up_to(w, who, who, 1);
		checkpoint_now(w, who);
	}
}

typedef void story(struct world *w, size_t n);

static size_t work(story *tell, size_t n)
{
	static struct world w;
	struct audited x;
	size_t before;

	world_found(&w);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_MAKER);
	tell(&w, n);
	before = calls;
	audited_open_at(&x, &w, APRIL + 40 * 86400000ULL);
	before = calls - before;
	audited_close(&x);
	world_release(&w);
	return before;
}

static const struct {
	const char *why;
	story *tell;
	size_t n;
} rows[] = {
	{ "made for others and again", lent_and_made, 300 },
	{ "a lot sent and made", sent_and_made, 300 },
	{ "receipts of one delivery", received, 300 },
	{ "issued again", issued_again, 500 },
	{ "gifts, and periods of them", closed_again, 200 },
	{ "gifts, and a period for each", closed_each_time, 200 },
	{ "corrections of corrections", corrected_again, 120 },
	{ "references that begin alike", of_nothing, 1000 },
	{ "keys that begin alike", keys_alike, 1000 },
	{ "trees", trees, 90 },
};

static void twice_as_much_is_twice_the_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t none = work(rows[i].tell, 1);
		size_t once = work(rows[i].tell, rows[i].n) - none;
		size_t twice = work(rows[i].tell, 2 * rows[i].n) - none;

		/* n log n is a little more than twice. */
		if (twice > once * 5 / 2)
			fail_msg("%s: %zu calls, then %zu", rows[i].why, once,
				 twice);
	}
}

/* One production of a random story. */
struct made {
	size_t by;
	bool is_lent;
	unsigned lot, day, qty; /* lot 0: none */
	uint64_t seq;
};

enum { MAKERS = 6, MADE = 60 };

static struct made make(struct world *w, unsigned *seed)
{
	static const char *const lots[] = { "", "A", "B" };
	const struct tag outsider = { { 1 } };
	struct made m;
	struct record rec;

	*seed = *seed * 1103515245U + 12345;
	m.by = 2 + (*seed >> 16) % MAKERS; /* founders are 0 and 1 */
	m.lot = (*seed >> 19) % 3;
	m.day = (*seed >> 21) % 2;
	m.qty = 1 + (*seed >> 22) % 2;
	m.is_lent = (*seed >> 24) % 2 == 0;
	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, m.qty, "visor/v30");
	record_set_uint(&rec, FACT_WHEN, APRIL + m.day * 86400000ULL);
	if (m.lot > 0)
		set_text(&rec, FACT_LOT, lots[m.lot]);
	if (m.is_lent)
		record_set_bytes(&rec, FACT_FOR, outsider.b, TAG_SIZE);
	world_record(w, m.by, &rec);
	m.seq = w->who[m.by].seq;
	return m;
}

static bool is_before(const struct world *w, const struct made *a,
		      const struct made *b)
{
	int c = pubkey_cmp(&w->who[a->by].feed, &w->who[b->by].feed);

	return c < 0 || (c == 0 && a->seq < b->seq);
}

/* By comparing all with all: what m has in common with, the first of all. */
static const struct made *lent_twice(const struct world *w,
				     const struct made *all,
				     const struct made *m)
{
	const struct made *first = NULL;

	for (size_t i = 0; i < MADE; i++)
		if (all[i].is_lent && all[i].by != m->by &&
		    all[i].by % 2 == m->by % 2 && all[i].day == m->day &&
		    all[i].qty == m->qty &&
		    (all[i].lot == 0 || m->lot == 0 || all[i].lot == m->lot) &&
		    (first == NULL || is_before(w, &all[i], first)))
			first = &all[i];
	return first;
}

static bool is_proved(const struct finding *x, const struct world *w,
		      const struct made *m)
{
	for (size_t i = 0; i < x->proofs; i++)
		if (pubkey_eq(&x->proof[i].feed, &w->who[m->by].feed) &&
		    x->proof[i].seq == m->seq)
			return true;
	return x->proofs == FINDING_PROOFS;
}

/* What the audit says of person i. */
static const struct finding *said(const struct audited *x, size_t i)
{
	char label[24];

	snprintf(label, sizeof(label), "p%zu", i);
	for (size_t k = 0; k < x->audit->findings.n; k++)
		if (x->audit->findings.at[k].code == DUP_01 &&
		    strcmp(x->audit->findings.at[k].who, label) == 0)
			return &x->audit->findings.at[k];
	return NULL;
}

static void compare(const struct world *w, const struct audited *x,
		    const struct made *all)
{
	for (size_t i = 2; i < w->n; i++) {
		const struct finding *f = said(x, i);
		uint64_t amount = 0;

		for (size_t k = 0; k < MADE; k++) {
			const struct made *m = &all[k], *lent;

			if (m->by != i || m->is_lent)
				continue;
			lent = lent_twice(w, all, m);
			if (lent == NULL)
				continue;
			amount += m->qty;
			assert_non_null(f);
			assert_true(is_proved(f, w, m));
			assert_true(is_proved(f, w, lent));
		}
		assert_int_equal(f == NULL ? 0 : f->amount, amount);
	}
}

/* Two associations, whose makers take turns. */
static void lent_is_found_as_if_all_were_compared(void **state)
{
	static struct world w;

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		struct made all[MADE];
		struct audited x;
		unsigned seed = round;

		world_found_by(&w, 2);
		for (size_t i = 2; i < 2 + MAKERS; i++) {
			world_stranger(&w);
			world_admit(&w, i % 2, i, ROLE_MAKER, false);
		}
		for (size_t i = 0; i < MADE; i++)
			all[i] = make(&w, &seed);
		audited_open(&x, &w, false);
		compare(&w, &x, all);
		audited_close(&x);
		world_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(lent_is_found_as_if_all_were_compared),
		UNIT(twice_as_much_is_twice_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
