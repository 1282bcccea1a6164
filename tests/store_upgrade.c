#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/wr.h"
#include "store/db.h"
#include "store/fsck.h"
#include "store/private.h"
#include "store/row.h"
#include "tests/ledger.h"
#include "tests/unit.h"

/* A hub (0), an association (1), a maker of its (2), a hospital (3), and a
 * maker (4) whom the association admitted after the hub had dismissed it. */
enum { HUB, SECOND, MAKER, HOSPITAL, LATE, PEOPLE };

enum { SOME_LAYOUT_BEFORE = 1, HALF_MADE = 0, SOME_LAYOUT_TO_COME = 1000 };

struct fixture {
	struct world w;
	struct ledger l;
	struct id books;
	uint64_t entries;
};

static void dismiss(struct world *w, size_t who, const struct id *admit,
		    uint64_t seq)
{
	uint8_t admits[64], pins[128];
	struct record rec;
	struct wr a, p;

	wr_init(&a, admits, sizeof(admits));
	wr_array(&a, 1);
	wr_bin(&a, admit->b, ID_SIZE);
	wr_init(&p, pins, sizeof(pins));
	wr_array(&p, 1);
	wr_array(&p, 3);
	wr_bin(&p, w->who[who].feed.b, KEY_SIZE);
	wr_uint(&p, seq);
	wr_bin(&p, w->who[who].tip.b, ID_SIZE);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, w->who[who].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, a.p, a.n);
	record_set_bytes(&rec, FACT_PINS, p.p, p.n);
	world_record(w, HUB, &rec);
}

static void set_layout(struct fixture *f, uint32_t layout)
{
	const struct db_options options = { .may_write = true };
	uint8_t b[4];
	struct db *db;

	be32_put(b, layout);
	ledger_close(&f->l);
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	assert_int_equal(db_put(db, DB_META,
				(struct span){ (const uint8_t *)"layout", 6 },
				(struct span){ b, sizeof(b) }),
			 0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

/* A row as only another version writes it, and none of ours. */
static void spoil(struct fixture *f, enum db_table table)
{
	static const uint8_t junk[4] = "junk";
	const struct db_options options = { .may_write = true };
	struct db *db;

	ledger_close(&f->l);
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	assert_int_equal(db_clear(db, table), 0);
	assert_int_equal(db_put(db, table, (struct span){ junk, sizeof(junk) },
				(struct span){ junk, sizeof(junk) }),
			 0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

/* One bit of the hub's third entry. */
static void spoil_entry(struct fixture *f)
{
	const struct db_options options = { .may_write = true };
	const struct bytes *b = &f->w.who[HUB].entries[2];
	uint8_t key[PLACE_SIZE], raw[LIMIT_ENTRY];
	struct db *db;

	place_encode(key, (struct place){ 1, 3 });
	memcpy(raw, b->p, b->n);
	raw[b->n / 2] ^= 1;
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	assert_int_equal(db_put(db, DB_ENTRY, (struct span){ key, sizeof(key) },
				(struct span){ raw, b->n }),
			 0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

static void remember(struct fixture *f)
{
	assert_int_equal(store_begin(f->l.s), 0);
	assert_int_equal(
		store_put(f->l.s, TABLE_PRIVATE, "k", 1, "only here", 9), 0);
	assert_int_equal(store_commit(f->l.s), 0);
}

static int setup(void **state)
{
	static struct fixture f;
	struct id admit, d;

	memset(&f, 0, sizeof(f));
	world_found(&f.w);
	ledger_found(&f.l, &f.w);
	world_stranger(&f.w);
	admit = world_admit(&f.w, HUB, SECOND, ROLE_ASSOCIATION, true);
	world_stranger(&f.w);
	world_admit(&f.w, SECOND, MAKER, ROLE_MAKER, false);
	world_member(&f.w, ROLE_RECIPIENT);
	world_produce(&f.w, MAKER, 48, "visor/v30");
	d = world_deliver(&f.w, MAKER, HOSPITAL, 40, "visor/v30", true);
	world_receive(&f.w, HOSPITAL, &d, 39, "visor/v30");
	world_stranger(&f.w);
	world_admit(&f.w, SECOND, LATE, ROLE_MAKER, false);
	world_produce(&f.w, LATE, 7, "visor/v30");
	assert_int_equal(ledger_fill(&f.l, &f.w), 0);
	dismiss(&f.w, SECOND, &admit, 2);
	assert_int_equal(ledger_fill(&f.l, &f.w), 0);
	remember(&f);
	f.books = ledger_books(&f.l);
	assert_int_equal(store_entry_count(f.l.s, &f.entries), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ledger_release(&f->l);
	world_release(&f->w);
	return 0;
}

/* All that was there is there, and nothing else. */
static void check(struct fixture *f)
{
	struct fsck_hooks hooks = { NULL, NULL, NULL };
	struct fsck_report report;
	struct head head;
	struct id books;
	char kept[16];
	size_t n;

	assert_int_equal(store_fsck(f->l.s, &report, &hooks), 0);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.entries, f->entries);
	books = ledger_books(&f->l);
	assert_true(id_eq(&books, &f->books));
	for (size_t i = 0; i < PEOPLE; i++) {
		assert_int_equal(store_head(f->l.s, &f->w.who[i].feed, &head),
				 0);
		assert_int_equal(head.seq, f->w.who[i].seq);
		assert_true(id_eq(&head.id, &f->w.who[i].tip));
	}
	assert_int_equal(store_get(f->l.s, TABLE_PRIVATE, "k", 1, kept,
				   sizeof(kept), &n),
			 0);
	assert_memory_equal(kept, "only here", n);
	ledger_close(&f->l);
}

static void an_earlier_layout_is_made_anew(void **state)
{
	static const enum db_table derived[] = {
		DB_FEED,  DB_NAME,  DB_ID,   DB_IDRUN, DB_ARRIVAL, DB_ROSTER,
		DB_REF,   DB_KEY,   DB_SENT, DB_ITEM,  DB_KIND,    DB_BOOK,
		DB_TOTAL, DB_PURSE, DB_FUND, DB_RANK,
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(derived); i++)
		spoil(f, derived[i]);
	set_layout(f, SOME_LAYOUT_BEFORE);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), 0);
	check(f);
	/* Once is enough. */
	assert_int_equal(ledger_open(&f->l, STORE_WRITE), 0);
	check(f);
	assert_int_equal(ledger_open(&f->l, STORE_READ), 0);
	check(f);
}

/* Before layout 5 private rows were as they were put. */
static void plain_private_rows_are_sealed(void **state)
{
	const struct db_options options = { .may_write = true };
	struct fixture *f = *state;
	struct db *db;

	set_layout(f, 4);
	ledger_remove(f->l.dir, "private.key");
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	assert_int_equal(
		db_put(db, DB_PRIVATE, (struct span){ (const uint8_t *)"k", 1 },
		       (struct span){ (const uint8_t *)"only here", 9 }),
		0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), 0);
	check(f);
}

static void one_that_was_left_half_made_is_begun_again(void **state)
{
	struct fixture *f = *state;

	spoil(f, DB_ARRIVAL);
	spoil(f, DB_BOOK);
	set_layout(f, HALF_MADE);
	assert_int_equal(ledger_open(&f->l, STORE_WRITE), ERR_VERSION);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), 0);
	check(f);
}

static void only_an_upgrade_touches_another_layout(void **state)
{
	static const enum store_mode modes[] = { STORE_READ, STORE_GLANCE,
						 STORE_WRITE, STORE_CREATE };
	struct fixture *f = *state;

	set_layout(f, SOME_LAYOUT_BEFORE);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		assert_int_equal(ledger_open(&f->l, modes[i]), ERR_VERSION);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), 0);
	check(f);
}

static void a_layout_to_come_is_left_alone(void **state)
{
	struct fixture *f = *state;

	assert_false(store_is_later(f->l.dir));
	set_layout(f, SOME_LAYOUT_BEFORE);
	assert_false(store_is_later(f->l.dir));
	set_layout(f, SOME_LAYOUT_TO_COME);
	assert_true(store_is_later(f->l.dir));
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), ERR_VERSION);
	assert_int_equal(ledger_open(&f->l, STORE_READ), ERR_VERSION);
}

static void one_of_our_layout_is_only_opened(void **state)
{
	struct fixture *f = *state;

	ledger_close(&f->l);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), 0);
	check(f);
}

/* What was altered on the disk is no entry any more: the ledger stays half
 * made, and says so, rather than go on without it. */
static void a_damaged_entry_ends_the_upgrade(void **state)
{
	struct fixture *f = *state;

	set_layout(f, SOME_LAYOUT_BEFORE);
	spoil_entry(f);
	assert_int_equal(ledger_open(&f->l, STORE_UPGRADE), ERR_FORMAT);
	assert_int_equal(ledger_open(&f->l, STORE_READ), ERR_VERSION);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(an_earlier_layout_is_made_anew),
		FRESH(plain_private_rows_are_sealed),
		FRESH(one_that_was_left_half_made_is_begun_again),
		FRESH(only_an_upgrade_touches_another_layout),
		FRESH(a_layout_to_come_is_left_alone),
		FRESH(one_of_our_layout_is_only_opened),
		FRESH(a_damaged_entry_ends_the_upgrade),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
