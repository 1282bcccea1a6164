#include "proto/evidence/evidence.h"
#include "proto/roster/roster_limit.h"
#include "proto/run.h"
#include "proto/wr.h"
#include "store/evidence.h"
#include "store/fsck.h"
#include "store/state.h"
#include "tests/ledger_cut.h"
#include "tests/ledger_totals.h"
#include "tests/unit.h"

/*
 * Feeds that fork, end and are resolved: whatever the order in which entries,
 * proofs and resolutions come, the same roster, book and cut; and these are the
 * audit's.
 */

enum { HUB, FED, LEA, BOB, PEOPLE, STEM = 6, BRANCH = 4 };

/* A network in which LEA's machine was copied after STEM entries. */
struct forked {
	struct world w;
	struct bytes other[BRANCH]; /* her other copy's entries */
	struct id other_tip;
	uint8_t proof[LIMIT_EVIDENCE];
	size_t proof_n;
	uint8_t end[EVIDENCE_END_MAX]; /* perhaps she closes the feed, too */
	size_t end_n;
};

static void say_produce(struct world *w, size_t who, uint64_t qty)
{
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor");
	world_record(w, who, &rec);
}

static void set_place(struct record *rec, uint8_t room[static 128],
		      const struct position *at)
{
	struct wr w;
	size_t n;

	wr_init(&w, room, 128);
	wr_array(&w, 3);
	wr_bin(&w, at->feed.b, KEY_SIZE);
	wr_uint(&w, at->seq);
	wr_bin(&w, at->id.b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_set_bytes(rec, FACT_POSITION, room, n);
}

static struct id say_resolve(struct world *w, size_t by,
			     const struct position *at, enum cause cause)
{
	struct record rec;
	uint8_t room[128];

	record_init(&rec, KIND_RESOLVE);
	set_place(&rec, room, at);
	record_set_uint(&rec, FACT_CAUSE, (uint64_t)cause);
	return world_record(w, by, &rec);
}

static void say_end(struct world *w, size_t by, const struct position *at)
{
	struct record rec;
	uint8_t room[128], claim[PLACE_CLAIM];
	struct sig proof;

	record_init(&rec, KIND_END);
	set_place(&rec, room, at);
	place_claim(claim, &w->network, at);
	assert_int_equal(sign_make(&proof, w->who[by].identity_key, DOMAIN_END,
				   claim, sizeof(claim)),
			 0);
	record_set_bytes(&rec, FACT_PROOF, proof.b, SIG_SIZE);
	world_record(w, by, &rec);
}

static struct position place_at(const struct world *w, size_t who, uint64_t seq)
{
	const struct bytes *b = &w->who[who].entries[seq - 1];

	return (struct position){ w->who[who].feed, seq, hash_id(b->p, b->n) };
}

static void make(struct forked *f)
{
	struct who *lea = &f->w.who[LEA];
	uint64_t seq;
	struct id tip;

	memset(f, 0, sizeof(*f));
	world_found(&f->w);
	for (size_t i = 1; i < PEOPLE; i++)
		world_stranger(&f->w);
	world_admit(&f->w, HUB, FED, ROLE_ASSOCIATION, true);
	world_admit(&f->w, FED, LEA, ROLE_MAKER, true);
	while (lea->seq < STEM)
		say_produce(&f->w, LEA, 10);
	/* The copy goes on. */
	seq = lea->seq;
	tip = lea->tip;
	for (size_t i = 0; i < BRANCH; i++)
		say_produce(&f->w, LEA, 100);
	memcpy(f->other, lea->entries + STEM, sizeof(f->other));
	f->other_tip = lea->tip;
	memset(lea->entries + STEM, 0, sizeof(f->other));
	lea->seq = seq;
	lea->tip = tip;
	/* And so does she, who admits Bob there. */
	say_produce(&f->w, LEA, 1);
	world_admit(&f->w, LEA, BOB, ROLE_MAKER, false);
	say_produce(&f->w, LEA, 1);
	say_produce(&f->w, BOB, 1000);
	ledger_prove(f->proof, &f->proof_n, &lea->entries[STEM], &f->other[0]);
}

static void release(struct forked *f)
{
	for (size_t i = 0; i < BRANCH; i++)
		free(f->other[i].p);
	world_release(&f->w);
}

static int append_raw(struct ledger *l, const struct bytes *b)
{
	struct entry e;
	struct id id;

	assert_int_equal(entry_decode(&e, b->p, b->n), 0);
	id = entry_id(&e);
	return store_append(l->s, &e, &id);
}

/* All that may come, in one batch. */
static void fill(struct ledger *l, const struct forked *f)
{
	assert_int_equal(store_begin(l->s), 0);
	for (size_t i = 0; i < PEOPLE; i++) {
		int err = ledger_append_all(l, &f->w, i);

		assert_true(err == 0 || err == ERR_CONFLICT ||
			    err == ERR_EXISTS);
	}
	assert_int_equal(store_commit(l->s), 0);
}

static int take(struct ledger *l, const void *p, size_t n)
{
	int err;

	assert_int_equal(store_begin(l->s), 0);
	err = store_evidence(l->s, p, n);
	assert_int_equal(store_commit(l->s), 0);
	return err;
}

static int take_proof(struct ledger *l, const struct forked *f)
{
	return take(l, f->proof, f->proof_n);
}

static uint64_t head_of(struct ledger *l, const struct forked *f, size_t who)
{
	struct head head;
	int err = store_head(l->s, &f->w.who[who].feed, &head);

	return err == 0 ? head.seq : 0;
}

static int64_t produced(struct ledger *l, const struct forked *f, size_t who)
{
	return ledger_figure(l, &f->w, who, "visor", COL_PRODUCED);
}

static int count(void *arg, const uint8_t *raw, size_t n)
{
	(void)raw;
	(void)n;
	++*(size_t *)arg;
	return 0;
}

static size_t disputed(struct ledger *l, const struct forked *f)
{
	size_t n = 0;

	assert_int_equal(store_disputed(l->s, &f->w.who[LEA].feed, count, &n),
			 0);
	return n;
}

static void tell(void *arg, const struct fsck_problem *p)
{
	(void)arg;
	print_error("%s, seq %d\n", fsck_what_text(p->what), (int)p->seq);
}

static void check_sound(struct ledger *l)
{
	const struct fsck_hooks hooks = { .problem = tell };
	struct id before = ledger_books(l), after, roster;
	struct fsck_report report;

	assert_int_equal(store_fsck(l->s, &report, &hooks), 0);
	assert_int_equal(report.problems, 0);
	ledger_check_totals(l);
	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_book_rebuild(l->s), 0);
	assert_int_equal(store_commit(l->s), 0);
	after = ledger_books(l);
	assert_true(id_eq(&before, &after));
	/* And what is read from the disk is what was in memory. */
	roster = roster_digest(store_roster(l->s));
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_WRITE), 0);
	before = roster_digest(store_roster(l->s));
	assert_true(id_eq(&before, &roster));
	after = ledger_books(l);
	assert_int_equal(store_fsck(l->s, &report, &hooks), 0);
	assert_int_equal(report.problems, 0);
}

static void a_feed_ends_before_its_fork(void **state)
{
	static struct forked f;
	struct ledger l;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(produced(&l, &f, BOB), 1000);
	assert_int_equal(produced(&l, &f, LEA), 52);
	assert_int_equal(take_proof(&l, &f), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	assert_int_equal(produced(&l, &f, LEA), 50);
	/* Whom she admitted there is nobody's any more. */
	assert_int_equal(produced(&l, &f, BOB), 0);
	assert_int_equal(disputed(&l, &f), 3);
	assert_int_equal(take_proof(&l, &f), ERR_EXISTS);
	check_sound(&l);
	/* Neither branch comes in again. */
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(ledger_append(&l, &f.w, LEA, STEM + 1), ERR_CONFLICT);
	assert_int_equal(append_raw(&l, &f.other[0]), ERR_CONFLICT);
	store_abort(l.s);
	ledger_release(&l);
	release(&f);
}

static void a_chain_that_is_named_comes_back(void **state)
{
	static struct forked f;
	struct position at;
	struct ledger l;

	(void)state;
	make(&f);
	at = place_at(&f.w, LEA, STEM + 3);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(take_proof(&l, &f), 0);
	/* By herself, and by somebody beside: nothing. */
	say_resolve(&f.w, BOB, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	say_resolve(&f.w, FED, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
	assert_int_equal(disputed(&l, &f), 0);
	assert_int_equal(produced(&l, &f, LEA), 52);
	assert_int_equal(produced(&l, &f, BOB), 1000);
	/* A lower fork, found later, takes nothing of it away. */
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

static void the_other_chain_is_fetched(void **state)
{
	static struct forked f;
	static uint8_t room[LIMIT_RUN_BYTES];
	struct run_writer w;
	struct run run;
	struct position at;
	uint64_t split;
	size_t n;
	struct ledger l;

	(void)state;
	make(&f);
	at = (struct position){ f.w.who[LEA].feed, STEM + BRANCH, f.other_tip };
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(take_proof(&l, &f), 0);
	say_resolve(&f.w, HUB, &at, CAUSE_DISHONESTY);
	/* Somebody sends the wrong one first, until another shows it. */
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
	run_writer_init(&w, room, sizeof(room), &f.w.who[LEA].feed);
	assert_int_equal(run_writer_add(&w, f.other[0].p, f.other[0].n), 0);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(run_decode(&run, room, n), 0);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_fork(l.s, &run, &split), ERR_EXISTS);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	for (size_t i = 0; i < BRANCH; i++)
		assert_int_equal(append_raw(&l, &f.other[i]), 0);
	assert_int_equal(store_commit(l.s), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM + BRANCH);
	assert_int_equal(produced(&l, &f, LEA), 50 + 400);
	assert_int_equal(produced(&l, &f, BOB), 0);
	assert_int_equal(disputed(&l, &f), 3);
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

static void an_end_closes_a_feed_at_its_lowest(void **state)
{
	static struct forked f;
	struct position at;
	struct ledger l;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	/* Not by somebody else. */
	at = place_at(&f.w, LEA, 3);
	say_end(&f.w, HUB, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
	at = place_at(&f.w, LEA, 4);
	say_end(&f.w, LEA, &at);
	at = place_at(&f.w, LEA, 5);
	say_end(&f.w, LEA, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), 4);
	check_sound(&l);
	/* A thief goes on, and is not heard. */
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(ledger_append(&l, &f.w, LEA, 5), ERR_CONFLICT);
	store_abort(l.s);
	ledger_release(&l);
	release(&f);
}

static void what_proves_nothing_changes_nothing(void **state)
{
	static struct forked f;
	static uint8_t bad[LIMIT_EVIDENCE];
	struct ledger l;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	/* Nobody knows whose feed it is. */
	assert_int_equal(take_proof(&l, &f), ERR_DENIED);
	fill(&l, &f);
	for (size_t i = 0; i < f.proof_n; i++) {
		memcpy(bad, f.proof, f.proof_n);
		bad[i] ^= 1;
		assert_true(take(&l, bad, f.proof_n) < 0);
	}
	for (size_t n = 0; n < f.proof_n; n++)
		assert_true(take(&l, f.proof, n) < 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
	assert_int_equal(take_proof(&l, &f), 0);
	ledger_release(&l);
	release(&f);
}

static void a_conflict_proves_itself(void **state)
{
	static struct forked f;
	static uint8_t room[LIMIT_EVIDENCE];
	struct run_writer w;
	struct ledger l;
	struct run run;
	uint64_t split;
	size_t n;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	run_writer_init(&w, room, sizeof(room), &f.w.who[LEA].feed);
	for (size_t i = 2; i < STEM; i++)
		assert_int_equal(run_writer_add(&w, f.w.who[LEA].entries[i].p,
						f.w.who[LEA].entries[i].n),
				 0);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(run_decode(&run, room, n), 0);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_fork(l.s, &run, &split), ERR_NOT_FOUND);
	for (size_t i = 0; i < BRANCH; i++)
		assert_int_equal(run_writer_add(&w, f.other[i].p, f.other[i].n),
				 0);
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(run_decode(&run, room, n), 0);
	assert_int_equal(store_fork(l.s, &run, &split), 0);
	assert_int_equal(split, STEM + 1);
	assert_int_equal(store_commit(l.s), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	assert_int_equal(store_evidence_get(l.s, &f.w.who[LEA].feed,
					    EVIDENCE_FORK, room, &n),
			 0);
	assert_int_equal(n, f.proof_n);
	assert_memory_equal(room, f.proof, n);
	ledger_release(&l);
	release(&f);
}

/* What one history adds to the forked feed. */
static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static size_t below(uint64_t *x, size_t n)
{
	return (size_t)((next_random(x) >> 11) % n);
}

/* A place on one of the two branches. */
static struct position some_place(const struct forked *f, uint64_t *x)
{
	size_t i = below(x, BRANCH);

	if (below(x, 2) == 0)
		return place_at(&f->w, LEA, STEM + 1 + i % 3);
	return (struct position){ f->w.who[LEA].feed, STEM + 1 + i,
				  hash_id(f->other[i].p, f->other[i].n) };
}

static void say_attest(struct forked *f, size_t by, const struct position *at)
{
	struct record rec;
	uint8_t room[160];
	struct wr w;
	size_t n;

	wr_init(&w, room, sizeof(room));
	wr_array(&w, 1);
	wr_array(&w, 3);
	wr_bin(&w, at->feed.b, KEY_SIZE);
	wr_uint(&w, at->seq);
	wr_bin(&w, at->id.b, ID_SIZE);
	assert_int_equal(wr_end(&w, &n), 0);
	record_init(&rec, KIND_ATTEST);
	record_set_bytes(&rec, FACT_RUNS, room, n);
	world_record(&f->w, by, &rec);
}

static void make_end(struct forked *f, const struct position *at)
{
	uint8_t claim[PLACE_CLAIM];
	struct sig sig;

	place_claim(claim, &f->w.network, at);
	assert_int_equal(sign_make(&sig, f->w.who[LEA].identity_key, DOMAIN_END,
				   claim, sizeof(claim)),
			 0);
	assert_int_equal(evidence_make_end(f->end, &f->end_n, at, &sig), 0);
}

static void embroider(struct forked *f, uint64_t *x)
{
	struct position at;

	for (size_t i = below(x, 4); i > 0; i--) {
		at = some_place(f, x);
		if (below(x, 2) == 0)
			say_attest(f, below(x, 2) == 0 ? FED : HUB, &at);
		else
			say_resolve(&f->w, below(x, 3), &at,
				    below(x, 2) == 0 ? CAUSE_COPIED_MACHINE
						     : CAUSE_DISHONESTY);
	}
	if (below(x, 6) == 0) {
		at = place_at(&f->w, LEA, 2 + below(x, STEM - 1));
		make_end(f, &at);
	}
	say_produce(&f->w, BOB, 5);
}

/* Hand in all of her feed as one of the copies has it, as a peer would. */
static void offer(struct ledger *l, const struct forked *f, bool is_other)
{
	static uint8_t room[LIMIT_RUN_BYTES];
	const struct who *lea = &f->w.who[LEA];
	size_t end = is_other ? STEM + BRANCH : lea->seq, n;
	struct run_writer w;
	struct run run;
	uint64_t split;
	int err = ERR_EXISTS;

	run_writer_init(&w, room, sizeof(room), &lea->feed);
	for (size_t i = 0; i < end; i++) {
		const struct bytes *b = is_other && i >= STEM
						? &f->other[i - STEM]
						: &lea->entries[i];

		assert_int_equal(run_writer_add(&w, b->p, b->n), 0);
	}
	assert_int_equal(run_writer_end(&w, &n), 0);
	assert_int_equal(run_decode(&run, room, n), 0);
	for (int tries = 0; tries < 2 && err == ERR_EXISTS; tries++) {
		err = 0;
		for (size_t i = 0; i < end && err != ERR_CONFLICT &&
				   err != ERR_CHAIN && err != ERR_DENIED;
		     i++)
			err = append_raw(l, is_other && i >= STEM
						    ? &f->other[i - STEM]
						    : &lea->entries[i]);
		if (err == ERR_CONFLICT || err == ERR_CHAIN)
			err = store_fork(l->s, &run, &split);
		else
			err = 0;
	}
}

static void bring(struct ledger *l, const struct forked *f, size_t what)
{
	int err;

	assert_int_equal(store_begin(l->s), 0);
	if (what == LEA || what == PEOPLE)
		offer(l, f, what == PEOPLE);
	else if (what < PEOPLE)
		ledger_append_all(l, &f->w, what);
	else {
		bool is_end = what == PEOPLE + 2 && f->end_n > 0;

		err = store_evidence(l->s, is_end ? f->end : f->proof,
				     is_end ? f->end_n : f->proof_n);
		assert_true(err == 0 || err == ERR_EXISTS || err == ERR_DENIED);
	}
	assert_int_equal(store_commit(l->s), 0);
}

/* Everything, in an order of its own, and again until all are told. */
static void bring_all(struct ledger *l, const struct forked *f, uint64_t order)
{
	uint64_t x = order * 0x2545f4914f6cdd1dULL | 1;

	for (int i = 0; i < 25; i++)
		bring(l, f, below(&x, PEOPLE + 3));
	for (int round = 0; round < 5; round++)
		for (size_t what = 0; what < PEOPLE + 3; what++)
			bring(l, f, (what + order) % (PEOPLE + 3));
}

static void one_history(uint64_t seed)
{
	static struct forked f;
	struct id cut = { { 0 } }, roster = { { 0 } };
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL | 1;

	make(&f);
	embroider(&f, &x);
	for (uint64_t order = 1; order <= 6; order++) {
		struct id this_cut, books, rows, digest;
		struct ledger l;
		struct hasher h;

		ledger_found(&l, &f.w);
		bring_all(&l, &f, seed * 100 + order);
		this_cut = ledger_cut(&l, &f.w, &books, false);
		hasher_init(&h);
		assert_int_equal(store_balances(l.s, ledger_hash_row, &h), 0);
		rows = hasher_id(&h);
		digest = roster_digest(store_roster(l.s));
		if (order == 1) {
			cut = this_cut;
			roster = digest;
		}
		if (!id_eq(&rows, &books))
			fail_msg("seed %d, order %d: not what the audit has",
				 (int)seed, (int)order);
		if (!id_eq(&cut, &this_cut))
			fail_msg("seed %d, order %d: another cut", (int)seed,
				 (int)order);
		if (!id_eq(&roster, &digest))
			fail_msg("seed %d, order %d: another roster", (int)seed,
				 (int)order);
		check_sound(&l);
		ledger_release(&l);
	}
	release(&f);
}

static void order_of_arrival_does_not_matter(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++)
		one_history(seed);
}

/* PROTOCOL: so nobody can erase what was attested by forking it. */
static void what_was_attested_cannot_be_forked_away(void **state)
{
	static struct forked f;
	struct position at;
	struct ledger l;

	(void)state;
	make(&f);
	at = place_at(&f.w, LEA, STEM + 2);
	say_attest(&f, HUB, &at); /* not who admitted her */
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(take_proof(&l, &f), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	say_attest(&f, FED, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), STEM + 2);
	assert_int_equal(produced(&l, &f, BOB), 1000);
	assert_int_equal(disputed(&l, &f), 1);
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

/* A machine was copied: two entries at its newest place, 7 and 8 visors, of
 * which the second is in the world. */
static void fork_now(struct forked *f, size_t who, struct position *other)
{
	struct who *w = &f->w.who[who];
	struct bytes b;

	say_produce(&f->w, who, 7);
	b = w->entries[w->seq - 1];
	w->seq--;
	w->tip = place_at(&f->w, who, w->seq).id;
	say_produce(&f->w, who, 8);
	ledger_prove(f->proof, &f->proof_n, &b, &w->entries[w->seq - 1]);
	*other = (struct position){ w->feed, w->seq, hash_id(b.p, b.n) };
	free(b.p);
}

/* `by` says of a place which chain counts, with the signature of `who`. */
static void say_signed(struct forked *f, size_t by, size_t who,
		       const struct position *at)
{
	uint8_t room[128], claim[PLACE_CLAIM];
	struct record rec;
	struct sig sig;

	record_init(&rec, KIND_RESOLVE);
	set_place(&rec, room, at);
	record_set_uint(&rec, FACT_CAUSE, CAUSE_COPIED_MACHINE);
	place_claim(claim, &f->w.network, at);
	assert_int_equal(sign_make(&sig, f->w.who[who].identity_key,
				   DOMAIN_RESOLVE, claim, sizeof(claim)),
			 0);
	record_set_bytes(&rec, FACT_PROOF, sig.b, SIG_SIZE);
	world_record(&f->w, by, &rec);
}

/* PROTOCOL: for a sole founder's by anybody, with the founder's own signature
 * as *proof* */
static void a_sole_founder_speaks_for_itself(void **state)
{
	static struct forked f;
	struct position other, at;
	struct ledger l;

	(void)state;
	make(&f);
	fork_now(&f, HUB, &other);
	at = place_at(&f.w, HUB, f.w.who[HUB].seq);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(produced(&l, &f, HUB), 8);
	assert_int_equal(take_proof(&l, &f), 0);
	assert_int_equal(head_of(&l, &f, HUB), at.seq - 1);
	/* Its admissions stand before the fork, so others go on counting; and
	 * what these say of it is nothing. */
	assert_int_equal(produced(&l, &f, BOB), 1000);
	say_resolve(&f.w, FED, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, HUB), at.seq - 1);
	/* Somebody else's signature is not the founder's. */
	say_signed(&f, BOB, FED, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, HUB), at.seq - 1);
	say_signed(&f, BOB, HUB, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, HUB), at.seq);
	assert_int_equal(produced(&l, &f, HUB), 8);
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

/* PROTOCOL: for a founder's feed by one of the other founders, a majority of
 * whom name the same position */
static void the_other_founders_speak_for_one(void **state)
{
	static struct forked f;
	struct position other, at;
	struct ledger l;

	(void)state;
	memset(&f, 0, sizeof(f));
	world_found_by(&f.w, BOB);
	world_stranger(&f.w);
	world_admit(&f.w, HUB, BOB, ROLE_ASSOCIATION, true);
	fork_now(&f, LEA, &other);
	at = place_at(&f.w, LEA, f.w.who[LEA].seq);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(take_proof(&l, &f), 0);
	assert_int_equal(head_of(&l, &f, LEA), at.seq - 1);
	/* One of two is not more than half, nor are two who name different
	 * places; whom it is about is not heard, nor is any other member. */
	say_resolve(&f.w, HUB, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), at.seq - 1);
	say_resolve(&f.w, FED, &other, CAUSE_COPIED_MACHINE);
	say_resolve(&f.w, LEA, &at, CAUSE_COPIED_MACHINE);
	say_resolve(&f.w, BOB, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), at.seq - 1);
	/* Its own signature speaks for a sole founder only. */
	say_signed(&f, BOB, LEA, &at);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), at.seq - 1);
	say_resolve(&f.w, FED, &at, CAUSE_COPIED_MACHINE);
	fill(&l, &f);
	assert_int_equal(head_of(&l, &f, LEA), at.seq);
	assert_int_equal(produced(&l, &f, LEA), 8);
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

/* All but Bob's. */
static void fill_but_last(struct ledger *l, const struct forked *f)
{
	assert_int_equal(store_begin(l->s), 0);
	for (size_t i = 0; i < BOB; i++)
		assert_int_equal(ledger_append_all(l, &f->w, i), 0);
	assert_int_equal(store_commit(l->s), 0);
}

/* A node key that opened its feed twice. */
static void fork_opening(struct forked *f, struct position *at)
{
	struct who *bob = &f->w.who[BOB], kept = *bob;
	struct bytes b;

	bob->entries = NULL;
	bob->seq = 0;
	f->w.now_ms += 1000;
	world_open_feed(&f->w, BOB, NULL);
	b = bob->entries[0];
	free(bob->entries);
	*bob = kept;
	ledger_prove(f->proof, &f->proof_n, &b, &bob->entries[0]);
	free(b.p);
	*at = place_at(&f->w, BOB, bob->seq);
}

/* The proof, the proof again, and then the feed, in one batch. */
static void take_with_feed(struct ledger *l, const struct forked *f)
{
	int err;

	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_evidence(l->s, f->proof, f->proof_n), 0);
	assert_int_equal(store_evidence(l->s, f->proof, f->proof_n),
			 ERR_EXISTS);
	err = ledger_append_all(l, &f->w, BOB);
	assert_true(err == 0 || err == ERR_CONFLICT);
	assert_int_equal(store_commit(l->s), 0);
}

/* PROTOCOL: A feed whose first entry is in dispute is nobody's, so no chain of
 * it can be named */
static void a_feed_that_was_opened_twice_is_empty(void **state)
{
	static struct forked f;
	struct position at;
	struct ledger l;

	(void)state;
	for (int first = 0; first < 3; first++) {
		make(&f);
		fork_opening(&f, &at);
		ledger_found(&l, &f.w);
		/* The proof may come before any entry of the feed, once its
		 * member is known. */
		assert_int_equal(take_proof(&l, &f), ERR_DENIED);
		if (first == 0)
			fill(&l, &f);
		else
			fill_but_last(&l, &f);
		if (first == 2)
			take_with_feed(&l, &f);
		else
			assert_int_equal(take_proof(&l, &f), 0);
		fill(&l, &f);
		assert_int_equal(head_of(&l, &f, BOB), 0);
		assert_int_equal(produced(&l, &f, BOB), 0);
		check_sound(&l);
		/* And is nobody's: no chain of it can be named. */
		say_resolve(&f.w, LEA, &at, CAUSE_COPIED_MACHINE);
		say_attest(&f, LEA, &at);
		fill(&l, &f);
		assert_int_equal(head_of(&l, &f, BOB), 0);
		check_sound(&l);
		ledger_release(&l);
		release(&f);
	}
}

/* Another entry of hers at a place of her feed. */
static struct bytes another(const struct forked *f, uint64_t seq, uint64_t qty)
{
	static uint8_t facts[256], raw[LIMIT_ENTRY];
	const struct who *lea = &f->w.who[LEA];
	struct entry_plan plan = { .seq = seq,
				   .prev = place_at(&f->w, LEA, seq - 1).id,
				   .time_ms = f->w.now_ms,
				   .kind = KIND_PRODUCE,
				   .facts = facts };
	struct bytes out = { NULL, 0 };
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor");
	assert_int_equal(
		record_encode(&rec, facts, sizeof(facts), &plan.facts_n), 0);
	assert_int_equal(entry_seal(raw, &out.n, &plan, lea->node_key), 0);
	out.p = malloc(out.n);
	assert_non_null(out.p);
	memcpy(out.p, raw, out.n);
	return out;
}

/* A proof that she signed twice at a place further down, too: beside what is
 * there, or, is_apart, two others. */
static void prove_below(const struct forked *f, uint64_t seq, bool is_apart,
			uint8_t *out, size_t *n)
{
	struct bytes a = another(f, seq, 70), b = another(f, seq, 71);

	ledger_prove(out, n, &a,
		     is_apart ? &b : &f->w.who[LEA].entries[seq - 1]);
	free(a.p);
	free(b.p);
}

/* PROTOCOL: and a lower fork that is found later takes nothing of it away. */
static void a_lower_fork_takes_nothing_of_a_named_chain(void **state)
{
	static struct forked f;
	static uint8_t low[LIMIT_EVIDENCE];
	struct position at;
	struct ledger l;
	size_t n;

	(void)state;
	for (int row = 0; row < 8; row++) {
		bool is_apart = row & 1, is_attested = row & 2;
		bool is_first = row & 4;

		make(&f);
		at = place_at(&f.w, LEA, STEM + 3);
		prove_below(&f, STEM - 1, is_apart, low, &n);
		ledger_found(&l, &f.w);
		fill(&l, &f);
		if (is_first)
			assert_int_equal(take(&l, low, n), 0);
		assert_int_equal(take_proof(&l, &f), is_first ? ERR_EXISTS : 0);
		if (is_attested)
			say_attest(&f, FED, &at);
		else
			say_resolve(&f.w, FED, &at, CAUSE_COPIED_MACHINE);
		fill(&l, &f);
		assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
		if (!is_first)
			assert_int_equal(take(&l, low, n), 0);
		fill(&l, &f);
		assert_int_equal(head_of(&l, &f, LEA), STEM + 3);
		assert_int_equal(produced(&l, &f, LEA), 52);
		assert_int_equal(disputed(&l, &f), 0);
		check_sound(&l);
		ledger_release(&l);
		release(&f);
	}
}

static int keep_last(void *arg, const uint8_t *raw, size_t n)
{
	struct bytes *b = arg;

	assert_true(n <= LIMIT_EVIDENCE);
	memcpy(b->p, raw, n);
	b[0].n = n;
	b[1].n++;
	return 0;
}

/* PROTOCOL: Of a feed the pair at the lowest seq is kept and replaced only by
 * one at a lower seq. */
static void of_many_pairs_the_lowest_is_kept(void **state)
{
	static struct forked f;
	static uint8_t pair[LIMIT_EVIDENCE], room[LIMIT_EVIDENCE];
	struct bytes held[2] = { { room, 0 }, { NULL, 0 } };
	struct ledger l;
	size_t n;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	for (uint64_t seq = STEM; seq >= 2; seq--) {
		prove_below(&f, seq, false, pair, &n);
		assert_int_equal(take(&l, pair, n), 0);
		assert_int_equal(head_of(&l, &f, LEA), seq - 1);
		held[1].n = 0;
		assert_int_equal(store_evidence_each(l.s, keep_last, held), 0);
		assert_int_equal(held[1].n, 1);
		assert_int_equal(held[0].n, n);
		assert_memory_equal(room, pair, n);
		/* Others at that place or above are not news. */
		for (int i = 0; i < 20; i++) {
			prove_below(&f, seq, i % 2 == 0, pair, &n);
			assert_int_equal(take(&l, pair, n), ERR_EXISTS);
		}
		assert_int_equal(take_proof(&l, &f), ERR_EXISTS);
		held[1].n = 0;
		assert_int_equal(store_evidence_each(l.s, keep_last, held), 0);
		assert_int_equal(held[1].n, 1);
	}
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

/* An old copy's own entries that nobody was told: gone without a trace, and the
 * feed goes on as its peers have it. */
static void what_was_told_to_nobody_is_taken_back(void **state)
{
	static struct forked f;
	struct ledger l;

	(void)state;
	make(&f);
	ledger_found(&l, &f.w);
	fill(&l, &f);
	assert_int_equal(produced(&l, &f, BOB), 1000);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_take_back(l.s, &f.w.who[LEA].feed, 0),
			 ERR_STATE);
	assert_int_equal(store_take_back(l.s, &f.w.who[LEA].feed, STEM + 1), 0);
	assert_int_equal(store_commit(l.s), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM);
	assert_int_equal(produced(&l, &f, LEA), 50);
	assert_int_equal(produced(&l, &f, BOB), 0);
	assert_int_equal(disputed(&l, &f), 0);
	check_sound(&l);
	assert_int_equal(store_begin(l.s), 0);
	for (size_t i = 0; i < BRANCH; i++)
		assert_int_equal(append_raw(&l, &f.other[i]), 0);
	assert_int_equal(store_commit(l.s), 0);
	assert_int_equal(head_of(&l, &f, LEA), STEM + BRANCH);
	assert_int_equal(produced(&l, &f, LEA), 450);
	check_sound(&l);
	/* From the first one: nothing is left of it. */
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_take_back(l.s, &f.w.who[LEA].feed, 1), 0);
	assert_int_equal(store_commit(l.s), 0);
	assert_int_equal(head_of(&l, &f, LEA), 0);
	assert_int_equal(produced(&l, &f, LEA), 0);
	check_sound(&l);
	fill(&l, &f);
	assert_int_equal(produced(&l, &f, LEA), 52);
	assert_int_equal(produced(&l, &f, BOB), 1000);
	check_sound(&l);
	ledger_release(&l);
	release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_feed_ends_before_its_fork),
		UNIT(a_chain_that_is_named_comes_back),
		UNIT(the_other_chain_is_fetched),
		UNIT(an_end_closes_a_feed_at_its_lowest),
		UNIT(what_proves_nothing_changes_nothing),
		UNIT(a_conflict_proves_itself),
		UNIT(what_was_attested_cannot_be_forked_away),
		UNIT(a_sole_founder_speaks_for_itself),
		UNIT(the_other_founders_speak_for_one),
		UNIT(a_feed_that_was_opened_twice_is_empty),
		UNIT(a_lower_fork_takes_nothing_of_a_named_chain),
		UNIT(of_many_pairs_the_lowest_is_kept),
		UNIT(what_was_told_to_nobody_is_taken_back),
		UNIT(order_of_arrival_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
