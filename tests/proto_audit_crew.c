#include "proto/audit/audit.h"

#include "tests/unit.h"
#include "tests/world.h"

/*
 * However an audit is shared out among helpers, and in whatever order they do
 * their parts, it comes out as if nobody had helped.
 */

struct audited {
	struct audit_scan scan[WORLD_PEOPLE];
	size_t n;
	struct audit *audit;
};

static int by_feed(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct audit_scan *)a)->feed,
			  &((const struct audit_scan *)b)->feed);
}

static void audit_world(struct audited *x, const struct world *w,
			const struct audit_crew *crew)
{
	memset(x, 0, sizeof(*x));
	for (size_t i = 0; i < w->n; i++) {
		struct audit_scan *s = &x->scan[x->n++];

		scan_init(s, &w->who[i].feed, &w->network, false);
		assert_int_equal(scan_expect(s, w->who[i].seq / 2), 0);
		for (uint64_t k = 0; k < w->who[i].seq; k++)
			assert_int_equal(scan_entry(s, w->who[i].entries[k].p,
						    w->who[i].entries[k].n),
					 0);
		assert_int_equal(scan_end(s), 0);
	}
	qsort(x->scan, x->n, sizeof(x->scan[0]), by_feed);
	assert_int_equal(audit_open_with(&x->audit, &w->network, x->scan, x->n,
					 NULL, crew),
			 0);
}

static void audited_release(struct audited *x)
{
	audit_close(x->audit);
	for (size_t i = 0; i < x->n; i++)
		scan_release(&x->scan[i]);
}

/* Does the jobs from the last to the first, or the odd ones first. */
static void backwards(void *arg, void (*job)(void *jobs, size_t i), void *jobs,
		      size_t n)
{
	size_t *runs = arg;

	for (size_t i = n; i > 0; i--)
		job(jobs, i - 1);
	*runs += n;
}

static void odd_first(void *arg, void (*job)(void *jobs, size_t i), void *jobs,
		      size_t n)
{
	size_t *runs = arg;

	for (size_t i = 1; i < n; i += 2)
		job(jobs, i);
	for (size_t i = 0; i < n; i += 2)
		job(jobs, i);
	*runs += n;
}

static void correct(struct world *w, size_t i, const struct id *target)
{
	struct record rec;

	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, target->b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY, WHY_DID_NOT_OCCUR);
	record_set_bytes(&rec, FACT_REASON, "twice", 5);
	world_record(w, i, &rec);
}

/* The same again after a machine was lost; of a record that may be gone. */
static struct id reissue(struct world *w, size_t i, const struct id *orphan,
			 uint64_t qty)
{
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor/v30");
	record_set_bytes(&rec, FACT_ORPHAN, orphan->b, ID_SIZE);
	return world_record(w, i, &rec);
}

static void supply_with_key(struct world *w, size_t i, uint8_t key)
{
	uint8_t tag[TAG_SIZE] = { key };
	struct record rec;

	record_init(&rec, KIND_SUPPLY);
	world_set_line(&rec, FACT_LINES, 500, "petg");
	record_set_bytes(&rec, FACT_KEY, tag, sizeof(tag));
	world_record(w, i, &rec);
}

static void declare(struct world *w, size_t i, const char *unit)
{
	struct record rec;

	record_init(&rec, KIND_ITEM);
	record_set_bytes(&rec, FACT_ITEM, "petg", 4);
	record_set_bytes(&rec, FACT_UNIT, unit, strlen(unit));
	world_record(w, i, &rec);
}

/* Thirty makers, and everything that can go right or wrong between them and
 * an association, across many feeds. */
static void make_story(struct world *w)
{
	struct id absent = { { 7 } }, other = { { 9 } }, nowhere = { { 5 } };
	size_t asso;

	world_found(w);
	asso = world_member(w, ROLE_ASSOCIATION);
	world_stranger(w);
	declare(w, 0, "gram");
	for (size_t i = 0; i < 30; i++) {
		size_t m = world_member(w, ROLE_MAKER);
		struct id made, sent;

		made = world_produce(w, m, 20 + i, "visor/v30");
		sent = world_deliver(w, m, asso, 10 + 2 * i, "visor/v30",
				     i % 5 == 0);
		if (i % 2 == 0)
			world_receive(w, asso, &sent, 10 + i, "visor/v30");
		if (i % 7 == 0)
			world_receive(w, asso, &sent, 40, "visor/v30");
		if (i % 11 == 0)
			correct(w, m, &made);
		if (i % 6 == 0)
			reissue(w, m, &made, 5);
		if (i % 4 == 0)
			reissue(w, m, i % 8 == 0 ? &absent : &other, 3);
		if (i % 9 == 0) {
			world_receive(w, asso, &absent, 1, "visor/v30");
			world_receive(w, asso, &nowhere, 1, "visor/v30");
		}
		supply_with_key(w, m, 1);
		supply_with_key(w, m, i % 3 == 0 ? 1 : 2);
		declare(w, m, "spool");
	}
}

static void check_same(const struct audit *a, const struct audit *b)
{
	assert_true(id_eq(&a->cut, &b->cut));
	assert_int_equal(a->entries, b->entries);
	assert_int_equal(a->accounts_n, b->accounts_n);
	assert_memory_equal(a->accounts, b->accounts,
			    a->accounts_n * sizeof(*a->accounts));
	assert_int_equal(a->items_n, b->items_n);
	for (size_t i = 0; i < a->items_n; i++) {
		assert_string_equal(a->items[i].item, b->items[i].item);
		assert_string_equal(a->items[i].unit, b->items[i].unit);
		assert_memory_equal(a->items[i].col, b->items[i].col,
				    sizeof(a->items[i].col));
	}
	assert_int_equal(a->associations_n, b->associations_n);
	for (size_t i = 0; i < a->associations_n; i++)
		assert_int_equal(a->associations[i].items_n,
				 b->associations[i].items_n);
	assert_int_equal(a->findings.n, b->findings.n);
	for (size_t i = 0; i < a->findings.n; i++) {
		const struct finding *x = &a->findings.at[i];
		const struct finding *y = &b->findings.at[i];

		assert_int_equal(x->code, y->code);
		assert_string_equal(x->subject, y->subject);
		assert_string_equal(x->who, y->who);
		assert_int_equal(x->amount, y->amount);
		assert_int_equal(x->proofs, y->proofs);
		assert_memory_equal(x->proof, y->proof,
				    x->proofs * sizeof(x->proof[0]));
	}
}

static void helpers_change_nothing(void **state)
{
	size_t runs = 0;
	const struct audit_crew crews[] = { { &runs, backwards },
					    { &runs, odd_first } };
	struct audited alone, helped;
	struct world w;

	(void)state;
	make_story(&w);
	audit_world(&alone, &w, NULL);
	assert_true(alone.audit->findings.n > 20);
	for (size_t i = 0; i < ARRAY_LEN(crews); i++) {
		runs = 0;
		audit_world(&helped, &w, &crews[i]);
		assert_true(runs > 4);
		check_same(alone.audit, helped.audit);
		audited_release(&helped);
	}
	audited_release(&alone);
	world_release(&w);
}

static bool has(const struct audit *a, enum finding_code code)
{
	for (size_t i = 0; i < a->findings.n; i++)
		if (a->findings.at[i].code == code)
			return true;
	return false;
}

/* The story would prove little if it had nothing wrong in it. */
static void story_has_what_it_says(void **state)
{
	static const enum finding_code codes[] = { KEY_02, QTY_01, QTY_02,
						   REF_01 };
	struct audited x;
	struct world w;

	(void)state;
	make_story(&w);
	audit_world(&x, &w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		assert_true(has(x.audit, codes[i]));
	assert_int_equal(x.audit->items_n, 2);
	assert_string_equal(x.audit->items[0].item, "petg");
	assert_string_equal(x.audit->items[0].unit, "gram");
	/* ten makers used one key twice, twenty used two */
	assert_int_equal(x.audit->items[0].col[COL_SUPPLIED], 50 * 500);
	audited_release(&x);
	world_release(&w);
}

/* Who opens a feed in another's name, without that other's signature. */
static void forged_certificate_opens_nothing(void **state)
{
	struct audited x;
	struct world w;
	size_t maker, thief;

	(void)state;
	world_found(&w);
	maker = world_member(&w, ROLE_MAKER);
	thief = world_person(&w);
	w.who[thief].identity = w.who[maker].identity;
	world_open_feed(&w, thief, NULL);
	world_produce(&w, thief, 1000, "visor/v30");
	audit_world(&x, &w, NULL);
	for (size_t i = 0; i < x.n; i++)
		assert_int_equal(
			x.scan[i].is_certified,
			!pubkey_eq(&x.scan[i].feed, &w.who[thief].feed));
	assert_int_equal(x.audit->tips_n, 2);
	assert_int_equal(x.audit->items_n, 0);
	assert_int_equal(x.audit->findings.n, 1);
	assert_int_equal(x.audit->findings.at[0].code, KEY_02);
	audited_release(&x);
	world_release(&w);
}

/* A reader answers as its roster does, whoever asks first. */
static void reader_answers_alike(void **state)
{
	struct roster *reader = NULL;
	struct audited x;
	struct world w;

	(void)state;
	make_story(&w);
	audit_world(&x, &w, NULL);
	assert_int_equal(roster_reader(&reader, x.audit->roster), 0);
	for (size_t i = 0; i < w.n; i++)
		for (size_t k = 0; k < w.n; k++) {
			const struct pubkey *a = &w.who[i].identity;
			const struct pubkey *b = &w.who[k].identity;

			assert_int_equal(
				roster_is_below(reader, a, b),
				roster_is_below(x.audit->roster, a, b));
			assert_int_equal(
				roster_is_vouched(reader, a, b),
				roster_is_vouched(x.audit->roster, a, b));
		}
	roster_reader_close(reader);
	roster_reader_close(NULL);
	audited_release(&x);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(helpers_change_nothing),
		UNIT(story_has_what_it_says),
		UNIT(forged_certificate_opens_nothing),
		UNIT(reader_answers_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
