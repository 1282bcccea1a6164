#include "proto/book/fund.h"

#include "tests/audit_world.h"

enum { HUB, TREASURER, MAKER };

static void make(struct world *w)
{
	world_found(w);
	assert_int_equal(world_member(w, ROLE_TREASURER), TREASURER);
	assert_int_equal(world_member(w, ROLE_MAKER), MAKER);
}

static struct id tell(struct world *w, size_t who, enum kind kind,
		      uint64_t minor, const char *fund)
{
	struct record rec = world_cash(kind, minor, "EUR", fund);

	return world_record(w, who, &rec);
}

/* The fund of an association, all zero when it has none. */
static struct fund fund(const struct audited *x, const struct pubkey *party,
			const char *label, const char *currency)
{
	static const struct fund none;

	for (size_t i = 0; i < x->audit->funds.n; i++) {
		const struct fund *f = &x->audit->funds.at[i];

		if (pubkey_eq(&f->party, party) &&
		    strcmp(f->label, label) == 0 &&
		    strcmp(f->currency, currency) == 0)
			return *f;
	}
	return none;
}

static void expect(const struct audited *x, const struct world *w,
		   int64_t donated, int64_t spent)
{
	struct fund f = fund(x, &w->who[HUB].identity, "visors", "EUR");

	assert_int_equal(f.donated, donated);
	assert_int_equal(f.spent, spent);
	assert_int_equal(fund_balance(&f), donated - spent);
}

/* What the fund "visors" of the hub holds after all that was told. */
static void check(struct world *w, int64_t donated, int64_t spent)
{
	struct audited x;

	audited_open(&x, w, false);
	expect(&x, w, donated, spent);
	audited_close(&x);
}

static void money_adds_up_by_association_fund_and_currency(void **state)
{
	struct world w;
	struct audited x;
	struct record rec;
	struct fund f;
	size_t other;

	(void)state;
	make(&w);
	other = world_member(&w, ROLE_ASSOCIATION);
	tell(&w, HUB, KIND_DONATE, 5000, "visors");
	tell(&w, TREASURER, KIND_DONATE, 700, "visors");
	tell(&w, TREASURER, KIND_SPEND, 1200, "visors");
	tell(&w, HUB, KIND_DONATE, 30, "");
	tell(&w, other, KIND_DONATE, 4, "visors");
	rec = world_cash(KIND_DONATE, 9, "USD", "visors");
	world_record(&w, HUB, &rec);
	audited_open(&x, &w, false);
	expect(&x, &w, 5700, 1200);
	assert_int_equal(x.audit->funds.n, 4);
	f = fund(&x, &w.who[HUB].identity, "", "EUR");
	assert_int_equal(f.donated, 30);
	f = fund(&x, &w.who[HUB].identity, "visors", "USD");
	assert_int_equal(f.donated, 9);
	f = fund(&x, &w.who[other].identity, "visors", "EUR");
	assert_int_equal(f.donated, 4);
	for (size_t i = 1; i < x.audit->funds.n; i++) {
		const struct fund *a = &x.audit->funds.at[i - 1];
		int c = pubkey_cmp(&a->party, &a[1].party);

		assert_true(c < 0 ||
			    (c == 0 && strcmp(a->label, a[1].label) <= 0));
	}
	assert_true(audit_is_clean(x.audit));
	audited_close(&x);
	world_release(&w);
}

static void what_never_was_in_the_bank_is_in_no_fund(void **state)
{
	static const struct {
		enum fact fact;
		const char *why;
	} rows[] = { { FACT_IN_KIND, "goods" },
		     { FACT_WAIVED, "a refund given up" },
		     { FACT_HOURS, "work" },
		     { FACT_KM, "journeys" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct record rec =
			world_cash(KIND_DONATE, 50, "EUR", "visors");

		make(&w);
		tell(&w, HUB, KIND_DONATE, 7, "visors");
		if (rows[i].fact == FACT_IN_KIND)
			world_set_line(&rec, FACT_IN_KIND, 3, "pla");
		else
			record_set_uint(&rec, rows[i].fact, 1);
		world_record(&w, HUB, &rec);
		print_message("%s\n", rows[i].why);
		check(&w, 7, 0);
		world_release(&w);
	}
}

static void a_refund_that_was_not_given_up_is_money(void **state)
{
	struct record rec = world_cash(KIND_DONATE, 50, "EUR", "visors");
	struct world w;

	(void)state;
	make(&w);
	record_set_uint(&rec, FACT_WAIVED, 0);
	world_record(&w, HUB, &rec);
	check(&w, 50, 0);
	world_release(&w);
}

static void only_associations_and_treasurers_record_money(void **state)
{
	static const struct {
		enum role role;
		bool counts;
	} rows[] = { { ROLE_MAKER, false },
		     { ROLE_COURIER, false },
		     { ROLE_RECIPIENT, false },
		     { ROLE_AUDITOR, false },
		     { ROLE_TREASURER, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		size_t who;

		make(&w);
		who = world_member(&w, rows[i].role);
		tell(&w, who, KIND_DONATE, 50, "visors");
		tell(&w, who, KIND_SPEND, 20, "visors");
		check(&w, rows[i].counts ? 50 : 0, rows[i].counts ? 20 : 0);
		world_release(&w);
	}
}

static void corrections_replace_what_they_correct(void **state)
{
	struct record rec = world_cash(KIND_DONATE, 60, "EUR", "visors");
	struct id gift, spending, version;
	struct world w;

	(void)state;
	make(&w);
	gift = tell(&w, HUB, KIND_DONATE, 50, "visors");
	spending = tell(&w, HUB, KIND_SPEND, 20, "visors");
	check(&w, 50, 20);
	version = world_correct(&w, HUB, &gift, &rec);
	check(&w, 60, 20);
	world_correct(&w, HUB, &spending, NULL);
	check(&w, 60, 0);
	/* somebody else's correction is none */
	world_correct(&w, TREASURER, &version, NULL);
	check(&w, 60, 0);
	record_set_uint(&rec, FACT_HOURS, 3);
	version = world_correct(&w, HUB, &version, &rec);
	check(&w, 0, 0);
	rec = world_cash(KIND_DONATE, 61, "EUR", "masks");
	world_correct(&w, HUB, &version, &rec);
	check(&w, 0, 0);
	rec = world_cash(KIND_DONATE, 1, "EUR", "visors");
	tell(&w, HUB, KIND_DONATE, 1, "visors");
	check(&w, 1, 0);
	world_release(&w);
}

static void a_gift_that_is_issued_again_counts_once(void **state)
{
	struct record rec = world_cash(KIND_DONATE, 50, "EUR", "visors");
	struct id gone = { { 9 } }, gift;
	struct world w;
	size_t again, third;

	(void)state;
	make(&w);
	again = world_second_node(&w, HUB);
	third = world_second_node(&w, HUB);
	gift = tell(&w, HUB, KIND_DONATE, 50, "visors");
	record_set_bytes(&rec, FACT_ORPHAN, gift.b, ID_SIZE);
	world_record(&w, again, &rec);
	check(&w, 50, 0);
	/* of one that is not here the first of two */
	record_set_bytes(&rec, FACT_ORPHAN, gone.b, ID_SIZE);
	world_record(&w, again, &rec);
	world_record(&w, third, &rec);
	check(&w, 100, 0);
	/* the gift of another is not issued again by anybody */
	rec = world_cash(KIND_DONATE, 7, "EUR", "visors");
	record_set_bytes(&rec, FACT_ORPHAN, gift.b, ID_SIZE);
	world_record(&w, TREASURER, &rec);
	check(&w, 100, 0);
	world_release(&w);
}

static void one_key_records_one_gift(void **state)
{
	static const uint8_t tag[TAG_SIZE] = { 1 };
	struct record rec = world_cash(KIND_DONATE, 50, "EUR", "visors");
	struct world w;

	(void)state;
	make(&w);
	record_set_bytes(&rec, FACT_KEY, tag, TAG_SIZE);
	world_record(&w, HUB, &rec);
	world_record(&w, HUB, &rec);
	check(&w, 50, 0);
	world_release(&w);
}

static void the_largest_amounts_do_not_wrap(void **state)
{
	struct world w;

	(void)state;
	make(&w);
	for (int i = 0; i < 3; i++)
		tell(&w, HUB, KIND_DONATE, LIMIT_QTY, "visors");
	check(&w, 3 * (int64_t)LIMIT_QTY, 0);
	world_release(&w);
}

static void attach_bill(struct world *w, const struct id *spending)
{
	const struct sha bill = { { 1 } };
	struct record rec;

	record_init(&rec, KIND_ATTACH);
	record_set_bytes(&rec, FACT_TARGET, spending->b, ID_SIZE);
	record_set_bytes(&rec, FACT_DOC, bill.b, sizeof(bill.b));
	world_record(w, HUB, &rec);
}

static void overspending_is_found_from_the_first_cent(void **state)
{
	static const struct {
		uint64_t spent;
		size_t findings;
	} rows[] = { { 999, 0 }, { 1000, 0 }, { 1001, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct audited x;
		struct id spending;

		make(&w);
		tell(&w, HUB, KIND_DONATE, 1000, "visors");
		tell(&w, HUB, KIND_DONATE, 1000, "masks");
		spending = tell(&w, TREASURER, KIND_SPEND, rows[i].spent,
				"visors");
		attach_bill(&w, &spending);
		audited_open(&x, &w, false);
		assert_int_equal(x.audit->findings.n, rows[i].findings);
		if (rows[i].findings > 0) {
			const struct finding *f = &x.audit->findings.at[0];

			assert_int_equal(f->code, FIN_01);
			assert_int_equal(f->amount, 1);
			assert_string_equal(f->who, "hub");
			assert_int_equal(f->proofs, 1);
			assert_true(id_eq(&f->proof[0].id, &spending));
			assert_non_null(strstr(f->subject, " visors EUR"));
		}
		audited_close(&x);
		world_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(money_adds_up_by_association_fund_and_currency),
		UNIT(what_never_was_in_the_bank_is_in_no_fund),
		UNIT(a_refund_that_was_not_given_up_is_money),
		UNIT(only_associations_and_treasurers_record_money),
		UNIT(corrections_replace_what_they_correct),
		UNIT(a_gift_that_is_issued_again_counts_once),
		UNIT(one_key_records_one_gift),
		UNIT(the_largest_amounts_do_not_wrap),
		UNIT(overspending_is_found_from_the_first_cent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
