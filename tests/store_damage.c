#include "crypto/err.h"
#include "store/fsck.h"
#include "store/private.h"
#include "store/state.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <fcntl.h>

/*
 * Every value of every table is replaced by something else, one at a time,
 * and everything is read and something is written: errors, never a crash, and
 * never a wrong answer that fsck does not see.
 */

enum { ROWS_MAX = 400, KEY_ROOM = 128 };

struct row {
	enum db_table table;
	uint8_t key[KEY_ROOM];
	size_t key_n;
	uint8_t value[2048];
	size_t value_n;
};

struct fixture {
	struct world w;
	struct ledger l;
	struct row rows[ROWS_MAX];
	size_t n;
	enum db_table table; /* being collected */
	char saved[2 * LEDGER_PATH];
};

static int collect_row(void *arg, struct span key, struct span value)
{
	struct fixture *f = arg;
	struct row *row = &f->rows[f->n++];

	assert_true(f->n <= ROWS_MAX && key.n <= KEY_ROOM &&
		    value.n <= sizeof(row->value));
	row->table = f->table;
	memcpy(row->key, key.p, key.n);
	row->key_n = key.n;
	if (value.n > 0)
		memcpy(row->value, value.p, value.n);
	row->value_n = value.n;
	return 0;
}

static void collect(struct fixture *f)
{
	assert_int_equal(db_pin(f->l.s->db), 0);
	for (f->table = DB_META; f->table < DB_COUNT; f->table++)
		assert_int_equal(db_each(f->l.s->db, f->table,
					 (struct span){ NULL, 0 }, collect_row,
					 f),
				 0);
	db_unpin(f->l.s->db);
}

static void copy_file(const char *from, const char *to)
{
	static char buf[1 << 16];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		assert_int_equal(fwrite(buf, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

static void data_file(const struct fixture *f, char path[2 * LEDGER_PATH])
{
	snprintf(path, 2 * LEDGER_PATH, "%s/data.mdb", f->l.dir);
}

static void make_records(struct world *w)
{
	uint8_t key[TAG_SIZE] = { 5 };
	struct record rec;
	struct id d, r;

	d = world_deliver(w, 1, 2, 40, "visor/v30", true);
	r = world_receive(w, 2, &d, 39, "visor/v30");
	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, 48, "visor/v30");
	record_set_bytes(&rec, FACT_KEY, key, TAG_SIZE);
	world_record(w, 1, &rec);
	record_set_bytes(&rec, FACT_ORPHAN, d.b, ID_SIZE);
	world_record(w, 1, &rec);
	record_init(&rec, KIND_ITEM);
	record_set_bytes(&rec, FACT_ITEM, "visor/v30", 9);
	world_record(w, 1, &rec);
	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, r.b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY, WHY_DID_NOT_OCCUR);
	world_record(w, 2, &rec);
}

static int setup(void **state)
{
	static struct fixture f;
	char path[2 * LEDGER_PATH];

	f.n = 0;
	world_found(&f.w);
	ledger_found(&f.l, &f.w);
	world_member(&f.w, ROLE_MAKER);
	world_member(&f.w, ROLE_RECIPIENT);
	make_records(&f.w);
	assert_int_equal(ledger_fill(&f.l, &f.w), 0);
	assert_int_equal(store_put(f.l.s, TABLE_PEERS, "k", 1, "v", 1), 0);
	collect(&f);
	ledger_close(&f.l);
	data_file(&f, path);
	snprintf(f.saved, sizeof(f.saved), "%s/lock", f.l.root);
	copy_file(path, f.saved);
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

static int any_head(void *arg, const struct head *h)
{
	(void)arg, (void)h;
	return 0;
}

static int any_entry(void *arg, const uint8_t *p, size_t n)
{
	(void)arg, (void)p, (void)n;
	return 0;
}

static int any_position(void *arg, const struct position *at)
{
	(void)arg, (void)at;
	return 0;
}

static int any_record(void *arg, const struct book_record *rec)
{
	(void)arg, (void)rec;
	return 0;
}

static int any_row(void *arg, const uint8_t *key, size_t key_n,
		   const uint8_t *value, size_t value_n)
{
	(void)arg, (void)key, (void)key_n, (void)value, (void)value_n;
	return 0;
}

static void read_feed(struct fixture *f, size_t i)
{
	static uint8_t raw[LIMIT_ENTRY];
	const struct who *who = &f->w.who[i];
	struct store *s = f->l.s;
	struct tag tag = { { 5 } };
	struct book_record rec;
	struct position at;
	struct head head;
	size_t n;

	(void)store_head(s, &who->feed, &head);
	(void)store_head_at(s, (uint32_t)i + 1, &head);
	(void)store_entries(s, &who->feed, 1, any_entry, NULL);
	(void)store_key_find(s, &who->identity, &tag, &at);
	(void)store_addressed(s, &who->identity, any_record, NULL);
	for (uint64_t q = 1; q <= who->seq; q++) {
		const struct bytes *b = &who->entries[q - 1];
		struct id id = hash_id(b->p, b->n);

		(void)store_entry(s, &who->feed, q, raw, &n);
		(void)store_find(s, &id, &at);
		(void)store_record(s, &who->feed, q, &rec);
	}
}

static void read_all(struct fixture *f)
{
	struct store *s = f->l.s;
	struct book_view view;
	struct delivery how;
	struct hasher x;
	struct id id = { { 0 } };
	uint64_t n;

	hasher_init(&x);
	(void)store_heads(s, any_head, NULL);
	(void)store_heads_since(s, 0, any_head, NULL);
	(void)store_arrival(s, &n);
	(void)store_find_prefix(s, id.b, 0, any_position, NULL);
	(void)store_balances(s, ledger_hash_row, &x);
	(void)store_totals(s, ledger_hash_total, &x);
	(void)store_items(s, any_record, NULL);
	(void)store_each(s, TABLE_PEERS, NULL, 0, any_row, NULL);
	assert_int_equal(store_view_open(s, &view), 0);
	for (size_t i = 0; i < f->w.n; i++)
		read_feed(f, i);
	id = hash_id(f->w.who[1].entries[1].p, f->w.who[1].entries[1].n);
	(void)book_delivery(&view, &how, &id);
	store_view_close(s);
}

/* Append something to each feed, rebuild, and give it up. */
static void write_all(struct fixture *f)
{
	struct world *w = &f->w;

	if (store_begin(f->l.s) != 0)
		return;
	for (size_t i = 0; i < w->n; i++)
		(void)ledger_append(&f->l, w, i, w->who[i].seq);
	(void)store_settle(f->l.s);
	(void)store_book_rebuild(f->l.s);
	store_abort(f->l.s);
}

static bool is_ours(enum db_table table)
{
	return table >= DB_FEED && table < DB_LOCAL;
}

/* Put the saved file back with one row changed. */
static void damage(struct fixture *f, const struct row *row,
		   const struct span *value)
{
	const struct db_options options = { .may_write = true };
	char path[2 * LEDGER_PATH];
	struct db *db;

	data_file(f, path);
	copy_file(f->saved, path);
	assert_int_equal(db_open(&db, f->l.dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	if (value == NULL)
		assert_int_equal(db_del(db, row->table, row->key, row->key_n),
				 0);
	else
		assert_int_equal(db_put(db, row->table,
					(struct span){ row->key, row->key_n },
					*value),
				 0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

static void try_one(struct fixture *f, const struct row *row,
		    const struct span *value)
{
	struct fsck_report report = { .problems = 0 };
	int err;

	damage(f, row, value);
	err = ledger_open(&f->l, STORE_WRITE);
	if (err != 0) {
		/* Only what says what kind of store it is can do that. */
		assert_int_equal(row->table, DB_META);
		return;
	}
	read_all(f);
	assert_int_equal(store_fsck(f->l.s, &report, NULL), 0);
	if (is_ours(row->table) && report.problems == 0)
		fail_msg("table %d: fsck saw nothing", (int)row->table);
	write_all(f);
	ledger_close(&f->l);
}

static void each_row(struct fixture *f,
		     bool (*change)(struct span *out, const struct row *row))
{
	for (size_t i = 0; i < f->n; i++) {
		struct span value;

		if (change(&value, &f->rows[i]))
			try_one(f, &f->rows[i], &value);
	}
}

static bool to_nothing(struct span *out, const struct row *row)
{
	*out = (struct span){ NULL, 0 };
	return row->value_n > 0;
}

static bool to_shorter(struct span *out, const struct row *row)
{
	*out = (struct span){ row->value, row->value_n - 1 };
	return row->value_n > 1;
}

static bool to_longer(struct span *out, const struct row *row)
{
	static uint8_t buf[2049];

	memcpy(buf, row->value, row->value_n);
	buf[row->value_n] = 0;
	*out = (struct span){ buf, row->value_n + 1 };
	return true;
}

static bool to_ones(struct span *out, const struct row *row)
{
	static uint8_t buf[2048];

	memset(buf, 0xff, sizeof(buf));
	*out = (struct span){ buf, row->value_n };
	return row->value_n > 0;
}

static bool to_zeros(struct span *out, const struct row *row)
{
	static uint8_t buf[2048];

	*out = (struct span){ buf, row->value_n };
	return row->value_n > 0;
}

static bool to_one_bit_off(struct span *out, const struct row *row)
{
	static uint8_t buf[2048];

	memcpy(buf, row->value, row->value_n);
	buf[row->value_n - (row->value_n > 0)] ^= 1;
	*out = (struct span){ buf, row->value_n };
	return row->value_n > 0;
}

static void empty_values(void **state)
{
	each_row(*state, to_nothing);
}

static void shorter_values(void **state)
{
	each_row(*state, to_shorter);
}

static void longer_values(void **state)
{
	each_row(*state, to_longer);
}

static void values_of_ones(void **state)
{
	each_row(*state, to_ones);
}

static void values_of_zeros(void **state)
{
	each_row(*state, to_zeros);
}

static void values_one_bit_off(void **state)
{
	each_row(*state, to_one_bit_off);
}

static void rows_that_are_gone(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->n; i++)
		try_one(f, &f->rows[i], NULL);
}

/* Keys that no writer makes, of many lengths, with a value that looks well. */
static void keys_of_any_length(void **state)
{
	static const uint8_t zeros[512], no[NO_SIZE] = { 0, 0, 0, 2 };
	struct fixture *f = *state;

	for (enum db_table t = DB_FEED; t < DB_LOCAL; t++)
		for (size_t n = 1; n <= KEY_ROOM; n += n < 4 ? 1 : 31) {
			struct row row = { .table = t, .key_n = n };
			struct span value = { no, sizeof(no) };

			if (t >= DB_BOOK && t <= DB_FUND)
				value = (struct span){ zeros, COLUMNS_SIZE };
			memset(row.key, n % 2 == 0 ? 0 : 0xff, n);
			try_one(f, &row, &value);
		}
}

/* Bytes of entries change on the disk itself, under LMDB. */
static void bytes_change_in_the_file(void **state)
{
	struct fixture *f = *state;
	char path[2 * LEDGER_PATH];

	data_file(f, path);
	for (size_t i = 0; i < f->n; i++) {
		static uint8_t file[1 << 20];
		const struct row *row = &f->rows[i];
		struct fsck_report report = { .problems = 0 };
		ssize_t n, at = 0;
		int fd;

		if (row->table != DB_ENTRY)
			continue;
		copy_file(f->saved, path);
		fd = open(path, O_RDWR);
		assert_true(fd >= 0);
		n = read(fd, file, sizeof(file));
		while (at + (ssize_t)row->value_n <= n) {
			uint8_t flipped = file[at + 40] ^ 0x10;

			if (memcmp(file + at, row->value, row->value_n) == 0)
				assert_int_equal(
					pwrite(fd, &flipped, 1, at + 40), 1);
			at++;
		}
		close(fd);
		assert_int_equal(ledger_open(&f->l, STORE_WRITE), 0);
		read_all(f);
		assert_int_equal(store_fsck(f->l.s, &report, NULL), 0);
		assert_true(report.problems > 0);
		write_all(f);
		ledger_close(&f->l);
	}
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(empty_values),
		FRESH(shorter_values),
		FRESH(longer_values),
		FRESH(values_of_ones),
		FRESH(values_of_zeros),
		FRESH(values_one_bit_off),
		FRESH(rows_that_are_gone),
		FRESH(keys_of_any_length),
		FRESH(bytes_change_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
