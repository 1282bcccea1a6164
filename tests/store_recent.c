#include "proto/wr.h"
#include "store/evidence.h"
#include "store/fsck.h"
#include "store/recent.h"
#include "store/state.h"
#include "tests/ledger_cut.h"
#include "tests/unit.h"

/* The newest entries of feeds whose history is not here. */

enum { HUB, LEA, BOB, SAM, LAST = 20, HELD = 3 };

struct fixture {
	struct world w;
	struct ledger l;
	struct run_entry at[LAST];
};

/* An entry that means nothing, of so many bytes of facts. */
static void seal(uint8_t raw[static LIMIT_ENTRY], size_t *n, struct world *w,
		 size_t i, uint64_t seq, const struct id *prev, size_t size)
{
	static uint8_t facts[LIMIT_ENTRY], zero[LIMIT_ENTRY];
	struct entry_plan plan = { .seq = seq,
				   .prev = *prev,
				   .time_ms = w->now_ms++,
				   .kind = 60000,
				   .facts = facts };
	struct wr wr;

	wr_init(&wr, facts, sizeof(facts));
	wr_map(&wr, 1);
	wr_uint(&wr, 2);
	wr_bin(&wr, zero, size);
	assert_int_equal(wr_end(&wr, &plan.facts_n), 0);
	assert_int_equal(entry_seal(raw, n, &plan, w->who[i].node_key), 0);
}

static void say_filler(struct world *w, size_t i, size_t size)
{
	static uint8_t raw[LIMIT_ENTRY];
	struct who *who = &w->who[i];
	size_t n;

	seal(raw, &n, w, i, who->seq + 1, &who->tip, size);
	world_keep(who, raw, n);
}

/* A hub that admits Lea, who admits Bob; Sam is nobody's.  All is held but what
 * follows the third entry of Lea and Bob, who have twenty. */
static void make(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	world_found(&f->w);
	for (size_t i = LEA; i <= SAM; i++)
		world_stranger(&f->w);
	world_admit(&f->w, HUB, LEA, ROLE_ASSOCIATION, true);
	world_admit(&f->w, LEA, BOB, ROLE_MAKER, false);
	while (f->w.who[LEA].seq < LAST)
		say_filler(&f->w, LEA, 10);
	while (f->w.who[BOB].seq < LAST)
		say_filler(&f->w, BOB, 10);
	ledger_found(&f->l, &f->w);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(ledger_append_all(&f->l, &f->w, HUB), 0);
	for (size_t i = LEA; i <= BOB; i++)
		for (uint64_t seq = 1; seq <= HELD; seq++)
			assert_int_equal(ledger_append(&f->l, &f->w, i, seq),
					 0);
	assert_int_equal(store_commit(f->l.s), 0);
}

static void release(struct fixture *f)
{
	ledger_release(&f->l);
	world_release(&f->w);
}

static int put(struct fixture *f, size_t who, uint64_t from, uint64_t to)
{
	size_t n = 0;

	for (uint64_t seq = from; seq <= to; seq++, n++) {
		const struct bytes *b = &f->w.who[who].entries[seq - 1];

		assert_int_equal(entry_decode(&f->at[n].entry, b->p, b->n), 0);
		f->at[n].id = hash_id(b->p, b->n);
	}
	return store_recent_put(f->l.s, f->at, n);
}

/* The same in a batch of its own. */
static int keep(struct fixture *f, size_t who, uint64_t from, uint64_t to)
{
	int err;

	assert_int_equal(store_begin(f->l.s), 0);
	err = put(f, who, from, to);
	assert_int_equal(store_commit(f->l.s), 0);
	return err;
}

/* Is this what is kept of a feed?  from 0: nothing. */
static void expect(struct fixture *f, size_t who, uint64_t from, uint64_t to)
{
	uint8_t buf[RECENT_BYTES], raw[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct run run;
	struct id id;
	int err = store_recent(f->l.s, &run, &f->w.who[who].feed, buf);

	assert_int_equal(err, from == 0 ? ERR_NOT_FOUND : 0);
	if (err != 0)
		return;
	assert_int_equal(run.from, from);
	assert_int_equal(run.count, to - from + 1);
	run_walk_init(&walk, &run);
	for (uint64_t seq = from; seq <= to; seq++) {
		const struct bytes *b = &f->w.who[who].entries[seq - 1];

		assert_int_equal(run_walk_next(&walk, &e, &id, raw), 0);
		assert_int_equal(e.raw_n, b->n);
		assert_memory_equal(e.raw, b->p, b->n);
	}
}

static int count_run(void *arg, const struct run *run)
{
	*(unsigned *)arg += run->count;
	return 0;
}

static void a_run_is_kept_and_moves_no_head(void **state)
{
	struct fixture f;
	struct head head;
	unsigned entries = 0;
	uint64_t n;

	(void)state;
	make(&f);
	assert_int_equal(keep(&f, BOB, 13, 20), 0);
	assert_int_equal(keep(&f, LEA, 15, 20), 0);
	ledger_close(&f.l);
	assert_int_equal(ledger_open(&f.l, STORE_READ), 0);
	expect(&f, BOB, 13, 20);
	expect(&f, LEA, 15, 20);
	expect(&f, HUB, 0, 0);
	assert_int_equal(store_recent_count(f.l.s, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_recent_each(f.l.s, count_run, &entries), 0);
	assert_int_equal(entries, 8 + 6);
	assert_int_equal(store_head(f.l.s, &f.w.who[BOB].feed, &head), 0);
	assert_int_equal(head.seq, HELD);
	release(&f);
}

static void what_is_no_news_or_nobodys_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(keep(&f, SAM, 1, 1), ERR_DENIED);
	assert_int_equal(keep(&f, BOB, 2, HELD), ERR_EXISTS);
	assert_int_equal(keep(&f, BOB, 10, 12), 0);
	assert_int_equal(keep(&f, BOB, 5, 12), ERR_EXISTS);
	assert_int_equal(keep(&f, BOB, 9, 11), ERR_EXISTS);
	expect(&f, BOB, 10, 12);
	/* A later one is news. */
	assert_int_equal(keep(&f, BOB, 12, 13), 0);
	expect(&f, BOB, 12, 13);
	assert_int_equal(store_recent_put(f.l.s, f.at, 1), ERR_STATE);
	assert_int_equal(store_begin(f.l.s), 0);
	assert_int_equal(store_set_own(f.l.s, &f.w.who[LEA].feed), 0);
	assert_int_equal(put(&f, LEA, 13, 20), ERR_DENIED);
	f.at[0] = f.at[1];
	assert_int_equal(put(&f, BOB, 15, 20), 0);
	f.at[3] = f.at[1];
	assert_int_equal(store_recent_put(f.l.s, f.at, 6), ERR_EXISTS);
	assert_int_equal(store_recent_drop(f.l.s, &f.w.who[BOB].feed), 0);
	assert_int_equal(store_recent_drop(f.l.s, &f.w.who[BOB].feed), 0);
	assert_int_equal(store_recent_drop(f.l.s, &f.w.who[SAM].feed), 0);
	assert_int_equal(store_recent_put(f.l.s, f.at, 6), ERR_CHAIN);
	assert_int_equal(store_commit(f.l.s), 0);
	expect(&f, BOB, 0, 0);
	release(&f);
}

/* Sizes of Bob's last three entries' facts around what fits a row. */
static void the_newest_that_fit_are_kept(void **state)
{
	struct fixture f;
	struct who *bob;
	size_t spare;
	uint64_t kept;

	(void)state;
	make(&f);
	bob = &f.w.who[BOB];
	assert_int_equal(keep(&f, BOB, 9, 17), 0);
	expect(&f, BOB, 10, 17);
	/* What one entry alone needs beside its filler: seen by trying. */
	say_filler(&f.w, BOB, 3800);
	say_filler(&f.w, BOB, 10);
	assert_int_equal(keep(&f, BOB, 20, 22), 0);
	kept = bob->seq - 1;
	expect(&f, BOB, kept, kept + 1);
	for (spare = 3800; keep(&f, BOB, bob->seq, bob->seq) != ERR_LIMIT;
	     spare++) {
		say_filler(&f.w, BOB, spare);
		if (spare > 3800 && bob->seq > 2)
			kept = bob->seq - 1;
	}
	/* The last that fit was kept, and its row is full. */
	{
		uint8_t buf[RECENT_BYTES];
		struct run run;

		assert_int_equal(store_recent(f.l.s, &run, &bob->feed, buf), 0);
		assert_int_equal(run.from, kept);
		assert_int_equal(run.count, 1);
		/* Array, feed, from, prev, array of one. */
		assert_int_equal(1 + 34 + 2 + 34 + 1 + run.tails_n,
				 RECENT_BYTES);
	}
	assert_int_equal(keep(&f, BOB, 20, 21), ERR_EXISTS);
	release(&f);
}

static void a_run_goes_when_the_head_reaches_its_end(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(keep(&f, BOB, 6, 8), 0);
	assert_int_equal(keep(&f, LEA, 6, 8), 0);
	for (uint64_t seq = HELD + 1; seq <= 8; seq++) {
		expect(&f, BOB, 6, 8);
		assert_int_equal(store_begin(f.l.s), 0);
		assert_int_equal(ledger_append(&f.l, &f.w, BOB, seq), 0);
		if (seq == 8) {
			/* A batch that is dropped drops nothing. */
			store_abort(f.l.s);
			expect(&f, BOB, 6, 8);
			assert_int_equal(store_begin(f.l.s), 0);
			assert_int_equal(ledger_append(&f.l, &f.w, BOB, seq),
					 0);
		}
		assert_int_equal(store_commit(f.l.s), 0);
	}
	expect(&f, BOB, 0, 0);
	expect(&f, LEA, 6, 8);
	/* Or passes it. */
	assert_int_equal(store_begin(f.l.s), 0);
	for (uint64_t seq = HELD + 1; seq <= LAST; seq++)
		assert_int_equal(ledger_append(&f.l, &f.w, LEA, seq), 0);
	assert_int_equal(store_commit(f.l.s), 0);
	expect(&f, LEA, 0, 0);
	release(&f);
}

/* Lea's fork at her second entry, with which she admits Bob. */
static void prove(struct fixture *f)
{
	static uint8_t raw[LIMIT_ENTRY];
	const struct bytes *held = f->w.who[LEA].entries;
	struct id first = hash_id(held[0].p, held[0].n);
	struct bytes other = { raw, 0 };
	uint8_t proof[LIMIT_EVIDENCE];
	size_t n;

	seal(raw, &other.n, &f->w, LEA, 2, &first, 20);
	ledger_prove(proof, &n, &held[1], &other);
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(store_evidence(f->l.s, proof, n), 0);
	assert_int_equal(store_commit(f->l.s), 0);
}

static void a_run_goes_with_its_feed_and_with_its_owner(void **state)
{
	struct fixture f;
	uint64_t n;

	(void)state;
	make(&f);
	assert_int_equal(keep(&f, LEA, 13, 20), 0);
	assert_int_equal(keep(&f, BOB, 13, 20), 0);
	prove(&f);
	expect(&f, LEA, 0, 0);
	expect(&f, BOB, 0, 0);
	assert_int_equal(keep(&f, LEA, 13, 20), ERR_CONFLICT);
	assert_int_equal(keep(&f, BOB, 13, 20), ERR_DENIED);
	assert_int_equal(store_recent_count(f.l.s, &n), 0);
	assert_int_equal(n, 0);
	release(&f);
}

static uint64_t problems(struct fixture *f)
{
	struct fsck_report report;

	assert_int_equal(store_fsck(f->l.s, &report, NULL), 0);
	return report.problems;
}

static void fsck_reads_every_run(void **state)
{
	struct fixture f;
	uint8_t no[NO_SIZE], bytes[RECENT_BYTES];
	struct span key = { no, sizeof(no) }, value;
	struct head head;

	(void)state;
	make(&f);
	assert_int_equal(keep(&f, BOB, 13, 20), 0);
	assert_int_equal(problems(&f), 0);
	assert_int_equal(store_head(f.l.s, &f.w.who[BOB].feed, &head), 0);
	no_encode(no, head.no);
	assert_int_equal(db_pin(f.l.s->db), 0);
	assert_int_equal(db_get(f.l.s->db, DB_RECENT, no, sizeof(no), &value),
			 0);
	memcpy(bytes, value.p, value.n);
	db_unpin(f.l.s->db);
	for (size_t i = 0; i < value.n; i += 40) {
		bytes[i] ^= 1;
		assert_int_equal(store_begin(f.l.s), 0);
		assert_int_equal(db_put(f.l.s->db, DB_RECENT, key,
					(struct span){ bytes, value.n }),
				 0);
		assert_int_equal(store_commit(f.l.s), 0);
		assert_int_equal(problems(&f), 1);
		bytes[i] ^= 1;
	}
	/* What is of no use does not stand in the way, either. */
	bytes[0] = 0xc0;
	assert_int_equal(store_begin(f.l.s), 0);
	assert_int_equal(db_put(f.l.s->db, DB_RECENT, key,
				(struct span){ bytes, value.n }),
			 0);
	assert_int_equal(ledger_append(&f.l, &f.w, BOB, HELD + 1), 0);
	assert_int_equal(store_commit(f.l.s), 0);
	expect(&f, BOB, 0, 0);
	assert_int_equal(problems(&f), 0);
	/* A row of a feed that does not exist. */
	no_encode(no, 99);
	bytes[0] = 0x94;
	assert_int_equal(store_begin(f.l.s), 0);
	assert_int_equal(db_put(f.l.s->db, DB_RECENT, key,
				(struct span){ bytes, value.n }),
			 0);
	assert_int_equal(store_commit(f.l.s), 0);
	assert_int_equal(problems(&f), 1);
	release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_run_is_kept_and_moves_no_head),
		UNIT(what_is_no_news_or_nobodys_is_refused),
		UNIT(the_newest_that_fit_are_kept),
		UNIT(a_run_goes_when_the_head_reaches_its_end),
		UNIT(a_run_goes_with_its_feed_and_with_its_owner),
		UNIT(fsck_reads_every_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
