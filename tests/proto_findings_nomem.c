#include "crypto/err.h"
#include "tests/findings_world.h"
#include "tests/nomem.h"

/*
 * An audit with each finding, and with many at once, while memory fails at each
 * point: an error, or the same report; never another one.
 */

/* All faults in one story. The 65 nodes are many and add nothing, and what the
 * dismissed signs comes last, lest the others be about nobody. */
static void go_wrong(struct world *w)
{
	proof_n = 0;
	honest(w);
	honest_more(w);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].fault != sixty_five_nodes &&
		    rows[i].fault != signed_on_after_dismissal)
			rows[i].fault(w);
	signed_on_after_dismissal(w);
}

/* One try, of which allocation k, counted from 0, fails. */
static int try(struct audited *x, const struct world *w, uint64_t as_of, int k)
{
	const struct audit_proof at = { proof, proof_n };
	const struct audit_proofs proofs = { &at, proof_n > 0 };
	const struct audit_given given = { &proofs, &as_of };
	int err;

	audited_scan(x, w, false);
	nomem_after = k;
	err = audit_open_with(&x->audit, &w->network, x->scan, x->n, &given,
			      NULL);
	nomem_after = -1;
	return err;
}

static void assert_same(const struct audit *a, const struct audit *b)
{
	assert_true(id_eq(&a->cut, &b->cut));
	assert_int_equal(a->items_n, b->items_n);
	assert_int_equal(a->findings.n, b->findings.n);
	for (size_t i = 0; i < a->findings.n; i++) {
		const struct finding *x = &a->findings.at[i];
		const struct finding *y = &b->findings.at[i];

		assert_int_equal(x->code, y->code);
		assert_string_equal(x->subject, y->subject);
		assert_int_equal(x->amount, y->amount);
		assert_int_equal(x->proofs, y->proofs);
	}
}

/* How many allocations there were to fail. */
static int fail_each(const struct world *w, uint64_t as_of,
		     enum finding_code code)
{
	struct audited whole;
	int err = ERR_NOMEM, k = 0;

	assert_int_equal(try(&whole, w, as_of, -1), 0);
	if (code != FINDING_CODES)
		assert_int_equal(whole.audit->findings.at[0].code, code);
	for (; err != 0; k++) {
		struct audited x;

		err = try(&x, w, as_of, k);
		if (err != 0)
			assert_int_equal(err, ERR_NOMEM);
		else
			assert_same(whole.audit, x.audit);
		audited_close(&x);
	}
	audited_close(&whole);
	return k - 1;
}

static void an_audit_survives_each_failing_allocation(void **state)
{
	struct world w;

	(void)state;
	go_wrong(&w);
	assert_true(fail_each(&w, AS_OF, FINDING_CODES) > 50);
	world_release(&w);
}

/* Some hide others when they are all in one story. */
static void each_finding_survives_each_failing_allocation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_later = rows[i].code == LOG_21;
		struct world w;

		proof_n = 0;
		honest(&w);
		rows[i].fault(&w);
		fail_each(&w, AS_OF + (is_later ? 19 * DAY : 0), rows[i].code);
		world_release(&w);
	}
}

/* One feed read; an error ends it. */
static int scan(struct audit_scan *s, const struct world *w, size_t i)
{
	int err = 0;

	scan_init(s, &w->who[i].feed, &w->network, false);
	for (uint64_t k = 0; k < w->who[i].seq && err == 0; k++)
		err = scan_entry(s, w->who[i].entries[k].p,
				 w->who[i].entries[k].n);
	return err == 0 ? scan_end(s) : err;
}

static void a_scan_survives_each_failing_allocation(void **state)
{
	struct world w;

	(void)state;
	go_wrong(&w);
	for (size_t i = 0; i < w.n; i++) {
		struct audit_scan whole;
		int err = ERR_NOMEM;

		assert_int_equal(scan(&whole, &w, i), 0);
		for (int k = 0; err != 0; k++) {
			struct audit_scan s;

			nomem_after = k;
			err = scan(&s, &w, i);
			nomem_after = -1;
			assert_true(err == 0 || err == ERR_NOMEM);
			if (err == 0)
				assert_int_equal(s.n, whole.n);
			assert_true(err == 0 || k < 100);
			scan_release(&s);
		}
		scan_release(&whole);
	}
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_scan_survives_each_failing_allocation),
		UNIT(an_audit_survives_each_failing_allocation),
		UNIT(each_finding_survives_each_failing_allocation),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
