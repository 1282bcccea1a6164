#include "tests/findings_world.h"

/*
 * Each rule of the audit: one fault gives that finding and no other, and the
 * story without the fault gives none.
 */

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

/* Each proof is an entry of this world, named by where it stands. */
static void proved_by_entries(const struct world *w, const struct finding *f)
{
	for (size_t i = 0; i < f->proofs; i++) {
		const struct position *p = &f->proof[i];
		const struct bytes *e;
		struct id id;
		size_t who = 0;

		while (who < w->n && !pubkey_eq(&w->who[who].feed, &p->feed))
			who++;
		assert_true(who < w->n);
		if (f->code >= LOG_01 && f->code <= LOG_10)
			continue; /* they tell of what is no good entry */
		assert_true(p->seq >= 1 && p->seq <= w->who[who].seq);
		e = &w->who[who].entries[p->seq - 1];
		id = hash_id(e->p, e->n);
		if (!id_eq(&id, &p->id))
			fail_msg("%s is proved by another entry than %d",
				 finding_name(f->code), (int)p->seq);
	}
}

static void judge(const struct audited *x, const struct world *w, size_t i)
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
	finding_fill(text, finding_sentence(&all->at[0]), &all->at[0]);
	assert_true(strchr(text, '{') == NULL);
	assert_true(text[strlen(text) - 1] == '.');
	proved_by_entries(w, &all->at[0]);
}

/* Audited at AS_OF, or so much later that a quorum's word is stale. */
static void audited_at_end(struct audited *x, const struct world *w,
			   bool is_later)
{
	const struct audit_proof at = { proof, proof_n };
	const struct audit_proofs proofs = { &at, proof_n > 0 };
	uint64_t as_of = AS_OF + (is_later ? 19 * DAY : 0);
	const struct audit_given given = { &proofs, &as_of };

	audited_scan(x, w, false);
	assert_int_equal(audit_open_with(&x->audit, &w->network, x->scan, x->n,
					 &given, NULL),
			 0);
}

static void every_code_has_a_fault(void **state)
{
	(void)state;
	for (int code = 0; code < FINDING_CODES; code++) {
		size_t i = 0;

		while (i < ARRAY_LEN(rows) && (int)rows[i].code != code)
			i++;
		if (i == ARRAY_LEN(rows))
			fail_msg("no fault for %s",
				 finding_name((enum finding_code)code));
	}
}

static void one_fault_gives_one_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct audited x;

		proof_n = 0;
		honest(&w);
		rows[i].fault(&w);
		audited_at_end(&x, &w, rows[i].code == LOG_21);
		judge(&x, &w, i);
		audited_close(&x);
		world_release(&w);
	}
}

static size_t found(const struct audited *x, enum finding_code code)
{
	size_t n = 0;

	for (size_t i = 0; i < x->audit->findings.n; i++)
		n += x->audit->findings.at[i].code == code;
	return n;
}

/* One code, one member, one subject: what is about another is another one. */
static void each_subject_has_a_finding_of_its_own(void **state)
{
	static const size_t who[] = { LEA, TOM };
	struct world w;
	struct audited x;

	(void)state;
	proof_n = 0;
	honest(&w);
	for (size_t i = 0; i < 2; i++) {
		tell(&w, who[i], tag(produce(6, "mask"), FACT_KEY, 1));
		tell(&w, who[i], tag(produce(6, "mask"), FACT_KEY, 1));
		tell(&w, who[i], donate(700, "new:1"));
		tell(&w, who[i],
		     number(produce(1, "mask"), FACT_WHEN, w.now_ms + 2 * DAY));
	}
	tell(&w, TOM, tag(produce(6, "mask"), FACT_KEY, 1));
	for (uint64_t n = 1; n <= 2; n++) {
		struct record made =
			text(number(produce(1, "visor/v30"), FACT_SECONDS, 5),
			     FACT_PRINTER, "mk3");

		made = number(made, FACT_GRAMS, 35);
		if (n == 2)
			world_set_line(&made, FACT_LINES, 1, "blouse/v3");
		tell(&w, LEA, made);
	}
	audited_at_end(&x, &w, false);
	assert_int_equal(found(&x, DUP_02), 2);
	assert_int_equal(found(&x, AUT_01), 2);
	assert_int_equal(found(&x, TIM_03), 2);
	assert_int_equal(found(&x, QTY_21), 2);
	assert_int_equal(x.audit->findings.n, 8);
	for (size_t i = 0; i < x.audit->findings.n; i++) {
		const struct finding *f = &x.audit->findings.at[i];
		bool is_tom = f->code != QTY_21 && strcmp(f->who, "p2") == 0;

		assert_int_equal(f->amount,
				 f->code == DUP_02 && is_tom ? 2 : 1);
		for (size_t k = 0; k < f->proofs; k++)
			assert_true(pubkey_eq(&f->proof[k].feed,
					      &w.who[is_tom ? TOM : LEA].feed));
		proved_by_entries(&w, f);
	}
	audited_close(&x);
	world_release(&w);
}

/* What a fork takes away may have admitted somebody. */
static void whom_a_forked_entry_admitted_is_nobody(void **state)
{
	struct world w;
	struct audited x;
	size_t branch, maker;
	struct record rec;

	(void)state;
	proof_n = 0;
	honest(&w);
	branch = world_stranger(&w);
	maker = world_stranger(&w);
	world_admit(&w, HUB, branch, ROLE_ASSOCIATION, true);
	tell(&w, maker, produce(7, "mask/v1"));
	record_init(&rec, KIND_ADMIT);
	rec = text(text(rec, FACT_LABEL, "max"), FACT_PLACE, "FR-88");
	record_set_bytes(&rec, FACT_WHO, w.who[maker].identity.b, KEY_SIZE);
	rec = number(rec, FACT_ROLE, ROLE_MAKER);
	fork_with(&w, branch, produce(1, "mask/v1"), rec);
	audited_at_end(&x, &w, false);
	assert_int_equal(found(&x, LOG_10), 1);
	assert_int_equal(found(&x, KEY_02), 1);
	assert_int_equal(x.audit->findings.n, 2);
	for (size_t i = 0; i < x.audit->items_n; i++)
		assert_string_not_equal(x.audit->items[i].item, "mask/v1");
	audited_close(&x);
	world_release(&w);
}

/* Two states of the hub's tree, and who saw them when. */
static void two_states(struct world *w)
{
	struct treehead h = checkpoint_before(w, 12);

	cosign_now(w, WITNESS, &h, w->now_ms / 1000 + 1);
	h = checkpoint_before(w, 6);
	cosign_now(w, WITNESS, &h, w->now_ms / 1000 + 1);
}

/* By when entries were made follows from the state that holds them, as it is,
 * and from those who may say so. */
static void no_time_follows_from_a_word_about_something_else(void **state)
{
	enum { EACH, BY_A_MAKER, ANOTHER_ROOT, ROWS };

	(void)state;
	for (int row = 0; row < ROWS; row++) {
		struct world w;
		struct audited x;
		struct treehead h;

		proof_n = 0;
		honest(&w);
		two_states(&w);
		h = head_now(&w, HUB);
		if (row == ANOTHER_ROOT)
			h.root.b[0] ^= 1;
		/* days before the last entry of it */
		if (row != EACH)
			cosign_now(&w, row == BY_A_MAKER ? TOM : WITNESS, &h,
				   w.now_ms / 1000 - 4 * 86400);
		audited_at_end(&x, &w, false);
		assert_int_equal(found(&x, TIM_01), 0);
		assert_int_equal(found(&x, LOG_11), row == ANOTHER_ROOT);
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

/* What may be found of an honest story of which a part is not here: what is
 * not here yet, and what says of itself that it may be that. */
static bool may_be_a_delay(const struct finding *f)
{
	return finding_severity(f->code) == SEVERITY_LAG ||
	       (finding_severity(f->code) == SEVERITY_EXPLAIN &&
		strstr(finding_sentence(f), " here") != NULL);
}

static uint64_t draw(uint64_t *state, uint64_t n)
{
	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return (*state >> 33) % n;
}

/* The world without the last entries of some feeds, which it leaves alone. */
static void cut_somewhere(struct world *out, const struct world *w,
			  uint64_t *state)
{
	*out = *w;
	for (size_t i = 0; i < out->n; i++)
		if (draw(state, 2) == 0)
			out->who[i].seq = draw(state, w->who[i].seq + 1);
}

static void a_part_of_an_honest_story_accuses_nobody(void **state)
{
	uint64_t seed = 1;
	struct world w, part;
	size_t seen[FINDING_CODES] = { 0 };

	(void)state;
	honest(&w);
	honest_more(&w);
	{
		struct audited all;

		audited_open_at(&all, &w, AS_OF);
		assert_true(audit_is_clean(all.audit));
		audited_close(&all);
	}
	for (int round = 0; round < 600; round++) {
		struct audited x;

		cut_somewhere(&part, &w, &seed);
		audited_open_at(&x, &part, AS_OF);
		for (size_t i = 0; i < x.audit->findings.n; i++) {
			const struct finding *f = &x.audit->findings.at[i];

			seen[f->code]++;
			if (!may_be_a_delay(f))
				fail_msg("round %d: %s %s", round,
					 finding_name(f->code), f->subject);
		}
		audited_close(&x);
	}
	/* The test sees something: each of these is found at times. */
	assert_true(seen[QTY_01] > 0 && seen[FIN_01] > 0 && seen[FIN_05] > 0);
	assert_true(seen[KEY_02] > 0 && seen[DLV_05] > 0 && seen[DES_02] > 0);
	assert_true(seen[REF_01] > 0);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(who_may_record_what),
		UNIT(every_code_has_a_fault),
		UNIT(a_part_of_an_honest_story_accuses_nobody),
		UNIT(one_fault_gives_one_finding),
		UNIT(each_subject_has_a_finding_of_its_own),
		UNIT(whom_a_forked_entry_admitted_is_nobody),
		UNIT(no_time_follows_from_a_word_about_something_else),
		UNIT(all_faults_at_once_are_found_alike_by_any_crew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
