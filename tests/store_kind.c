#include "store/book.h"

#include "proto/book/demand.h"
#include "proto/book/fund.h"
#include "tests/audit_world.h"
#include "tests/ledger_totals.h"

/* A hub, its treasurer, a maker, a hospital, and the hub's second machine. */
enum { HUB, TREASURER, MAKER, HOSPITAL, SECOND, PEOPLE };

static void cash(struct world *w, size_t who, enum kind kind, uint64_t minor)
{
	struct record rec = world_cash(kind, minor, "EUR", "visors");

	world_record(w, who, &rec);
}

static struct id ask(struct world *w, size_t who, uint64_t qty)
{
	struct record rec;

	record_init(&rec, KIND_REQUEST);
	world_set_line(&rec, FACT_LINES, qty, "visor");
	record_set_bytes(&rec, FACT_PLACE, "FR-67", 5);
	return world_record(w, who, &rec);
}

static void dismiss(struct world *w, size_t who, const struct id *admit,
		    uint64_t pin)
{
	uint8_t admits[64], pins[128];
	struct record rec;
	struct wr a, p;
	struct id at = hash_id(w->who[who].entries[pin - 1].p,
			       w->who[who].entries[pin - 1].n);

	wr_init(&a, admits, sizeof(admits));
	wr_array(&a, 1);
	wr_bin(&a, admit->b, ID_SIZE);
	wr_init(&p, pins, sizeof(pins));
	wr_array(&p, 1);
	wr_array(&p, 3);
	wr_bin(&p, w->who[who].feed.b, KEY_SIZE);
	wr_uint(&p, pin);
	wr_bin(&p, at.b, ID_SIZE);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, w->who[who].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, admits, a.n);
	record_set_bytes(&rec, FACT_PINS, pins, p.n);
	world_record(w, HUB, &rec);
}

/* Gifts given, taken back, issued again, and by those who may not; a treasurer
 * who goes on after the end. */
static void make(struct world *w)
{
	struct record rec = world_cash(KIND_DONATE, 90, "EUR", "visors");
	struct id admit, gift, request, sent;

	world_found(w);
	assert_int_equal(world_stranger(w), TREASURER);
	admit = world_admit(w, HUB, TREASURER, ROLE_TREASURER, false);
	world_member(w, ROLE_MAKER);
	world_member(w, ROLE_RECIPIENT);
	assert_int_equal(world_second_node(w, HUB), SECOND);
	gift = world_record(w, HUB, &rec);
	record_set_bytes(&rec, FACT_ORPHAN, gift.b, ID_SIZE);
	world_record(w, SECOND, &rec);
	rec = world_cash(KIND_DONATE, 80, "EUR", "visors");
	world_correct(w, HUB, &gift, &rec);
	cash(w, TREASURER, KIND_DONATE, 7);
	cash(w, TREASURER, KIND_SPEND, 3);
	cash(w, TREASURER, KIND_SPEND, 100);
	cash(w, MAKER, KIND_DONATE, 1000);
	request = ask(w, HOSPITAL, 50);
	gift = ask(w, HOSPITAL, 9);
	world_correct(w, HOSPITAL, &gift, NULL);
	world_produce(w, MAKER, 20, "visor");
	record_init(&rec, KIND_DELIVER);
	world_set_line(&rec, FACT_LINES, 20, "visor");
	record_set_bytes(&rec, FACT_TO, w->who[HOSPITAL].identity.b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, 1);
	record_set_bytes(&rec, FACT_REQUEST, request.b, ID_SIZE);
	sent = world_record(w, MAKER, &rec);
	world_receive(w, HOSPITAL, &sent, 18, "visor");
	dismiss(w, TREASURER, &admit, 3);
}

/* What a store says. */
struct asked {
	struct book_view view;
	struct funds funds;
	struct demands demand;
};

static int add(void *arg, const struct book_record *rec)
{
	struct asked *s = arg;
	int err = funds_add(&s->funds, &s->view, rec);

	return err == 0 ? demands_add(&s->demand, &s->view, rec) : err;
}

static void asked_open(struct asked *s, struct ledger *l)
{
	static const enum kind kinds[] = { KIND_DONATE, KIND_SPEND,
					   KIND_REQUEST };

	memset(s, 0, sizeof(*s));
	assert_int_equal(store_view_open(l->s, &s->view), 0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(store_kind(l->s, kinds[i], add, s), 0);
	store_view_close(l->s);
	funds_sort(&s->funds);
	funds_merge(&s->funds);
	demands_settle(&s->demand);
}

static void asked_close(struct asked *s)
{
	funds_release(&s->funds);
	demands_release(&s->demand);
}

static void bring(struct ledger *l, struct world *w, size_t who)
{
	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(ledger_append_all(l, w, who), 0);
	assert_int_equal(store_commit(l->s), 0);
}

static void check(struct ledger *l, const struct audit *a)
{
	struct asked s;

	asked_open(&s, l);
	assert_int_equal(s.funds.n, a->funds.n);
	for (size_t i = 0; i < s.funds.n; i++) {
		assert_true(fund_is_same(&s.funds.at[i], &a->funds.at[i]));
		assert_int_equal(s.funds.at[i].donated, a->funds.at[i].donated);
		assert_int_equal(s.funds.at[i].spent, a->funds.at[i].spent);
	}
	assert_int_equal(s.demand.n, a->demand.n);
	assert_memory_equal(s.demand.at, a->demand.at,
			    s.demand.n * sizeof(*s.demand.at));
	ledger_check_totals(l);
	asked_close(&s);
}

static void running_sums_are_those_of_the_audit_in_every_order(void **state)
{
	static const size_t orders[][PEOPLE] = {
		{ HUB, TREASURER, MAKER, HOSPITAL, SECOND },
		{ HUB, SECOND, HOSPITAL, MAKER, TREASURER },
		{ HUB, MAKER, SECOND, TREASURER, HOSPITAL },
	};
	struct world w;
	struct audited x;

	(void)state;
	make(&w);
	audited_open(&x, &w, false);
	assert_int_equal(x.audit->funds.n, 1);
	assert_int_equal(x.audit->funds.at[0].donated, 87);
	assert_int_equal(x.audit->funds.at[0].spent, 3);
	assert_int_equal(x.audit->demand.n, 1);
	assert_int_equal(x.audit->demand.at[0].acknowledged, 18);
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct ledger l;

		ledger_found(&l, &w);
		for (size_t k = 0; k < PEOPLE; k++)
			bring(&l, &w, orders[i][k]);
		check(&l, x.audit);
		ledger_release(&l);
	}
	audited_close(&x);
	world_release(&w);
}

static int count(void *arg, const struct book_record *rec)
{
	size_t *n = arg;

	assert_true(rec->rec.kind == KIND_DONATE);
	++*n;
	return 0;
}

static int stop(void *arg, const struct book_record *rec)
{
	size_t *n = arg;

	(void)rec;
	++*n;
	return 7;
}

static void only_records_of_the_kind_that_count_are_shown(void **state)
{
	struct world w;
	struct ledger l;
	size_t n = 0;

	(void)state;
	make(&w);
	ledger_found(&l, &w);
	for (size_t i = 0; i < PEOPLE; i++)
		bring(&l, &w, i);
	assert_int_equal(store_kind(l.s, KIND_DONATE, count, &n), 0);
	assert_int_equal(n, 4);
	n = 0;
	assert_int_equal(store_kind(l.s, KIND_DONATE, stop, &n), 7);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(store_kind(l.s, KIND_PRODUCE, count, &n), 0);
	assert_int_equal(store_kind(l.s, KIND_BANK, count, &n), 0);
	assert_int_equal(store_kind(l.s, UINT32_MAX, count, &n), 0);
	assert_int_equal(n, 0);
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(running_sums_are_those_of_the_audit_in_every_order),
		UNIT(only_records_of_the_kind_that_count_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
