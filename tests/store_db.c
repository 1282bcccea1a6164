#include "store/db.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <sys/wait.h>

struct fixture {
	struct ledger l; /* only its folder */
	struct db *db;
};

static const struct db_options small = { .may_write = true,
					 .may_create = true,
					 .map_first = 1 << 20 };

static int setup(void **state)
{
	static struct fixture f;

	ledger_init(&f.l);
	*state = &f;
	return db_open(&f.db, f.l.dir, &small);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	ledger_release(&f->l);
	return 0;
}

static struct span text(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static void put_rows(struct fixture *f, const char *const *keys, size_t n)
{
	assert_int_equal(db_begin(f->db, 0), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			db_put(f->db, DB_ITEM, text(keys[i]), text(keys[i])),
			0);
	assert_int_equal(db_commit(f->db), 0);
}

static void nothing_without_a_transaction(void **state)
{
	struct fixture *f = *state;
	struct db_walk walk;
	struct span v;
	uint64_t n;

	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), ERR_STATE);
	assert_int_equal(db_put(f->db, DB_ITEM, text("a"), text("b")),
			 ERR_STATE);
	assert_int_equal(db_del(f->db, DB_ITEM, "a", 1), ERR_STATE);
	assert_int_equal(db_clear(f->db, DB_ITEM), ERR_STATE);
	assert_int_equal(db_rows(f->db, DB_ITEM, &n), ERR_STATE);
	assert_int_equal(db_commit(f->db), ERR_STATE);
	assert_int_equal(db_walk_open(f->db, &walk, DB_ITEM), ERR_STATE);
	db_walk_close(&walk);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_put(f->db, DB_ITEM, text("a"), text("b")),
			 ERR_STATE);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), ERR_NOT_FOUND);
	db_unpin(f->db);
}

static void writes_do_not_nest(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_begin(f->db, 0), 0);
	assert_true(db_is_writing(f->db));
	assert_int_equal(db_begin(f->db, 0), ERR_STATE);
	db_abort(f->db);
	assert_false(db_is_writing(f->db));
	db_abort(f->db);
}

static void a_pin_sees_one_moment(void **state)
{
	static const char *const a[] = { "a" }, *const b[] = { "b" };
	struct fixture *f = *state;
	struct span v;
	uint64_t serial;

	put_rows(f, a, 1);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_pin(f->db), 0);
	serial = db_serial(f->db);
	put_rows(f, b, 1);
	assert_true(db_is_pinned(f->db));
	assert_int_equal(db_get(f->db, DB_ITEM, "b", 1, &v), ERR_NOT_FOUND);
	assert_int_equal(db_serial(f->db), serial);
	db_unpin(f->db);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), 0);
	db_unpin(f->db);
	assert_false(db_is_pinned(f->db));
	assert_int_equal(db_serial(f->db), serial + 1);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "b", 1, &v), 0);
	assert_int_equal(v.n, 1);
	db_unpin(f->db);
}

static void a_pin_of_a_write_ends_with_it(void **state)
{
	struct fixture *f = *state;
	struct span v;

	assert_int_equal(db_begin(f->db, 0), 0);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_put(f->db, DB_ITEM, text("a"), text("b")), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), 0);
	assert_int_equal(db_commit(f->db), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), ERR_STATE);
	db_unpin(f->db);
}

static void rows_added_replaced_dropped(void **state)
{
	struct fixture *f = *state;
	struct span v;
	uint64_t n;

	assert_int_equal(db_begin(f->db, 0), 0);
	assert_int_equal(db_put_new(f->db, DB_KEY, text("b"), text("1")), 0);
	assert_int_equal(db_put_new(f->db, DB_KEY, text("b"), text("2")),
			 ERR_EXISTS);
	assert_int_equal(db_put(f->db, DB_KEY, text("b"), text("3")), 0);
	assert_int_equal(db_append(f->db, DB_KEY, text("a"), text("4")),
			 ERR_EXISTS);
	assert_int_equal(db_append(f->db, DB_KEY, text("c"), text("")), 0);
	assert_int_equal(db_get(f->db, DB_KEY, "b", 1, &v), 0);
	assert_int_equal(v.p[0], '3');
	assert_int_equal(db_rows(f->db, DB_KEY, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(db_del(f->db, DB_KEY, "b", 1), 0);
	assert_int_equal(db_del(f->db, DB_KEY, "b", 1), ERR_NOT_FOUND);
	assert_int_equal(db_clear(f->db, DB_KEY), 0);
	assert_int_equal(db_rows(f->db, DB_KEY, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(db_commit(f->db), 0);
}

static void walks_go_forward(void **state)
{
	static const char *const keys[] = { "a", "ab", "b", "d" };
	struct fixture *f = *state;
	struct db_walk walk;

	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_walk_open(f->db, &walk, DB_ITEM), 0);
	assert_int_equal(db_walk_seek(&walk, NULL, 0), ERR_NOT_FOUND);
	assert_int_equal(db_walk_last(&walk), ERR_NOT_FOUND);
	db_walk_close(&walk);
	db_unpin(f->db);
	put_rows(f, keys, ARRAY_LEN(keys));
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_walk_open(f->db, &walk, DB_ITEM), 0);
	assert_int_equal(db_walk_seek(&walk, NULL, 0), 0);
	assert_int_equal(walk.key.n, 1);
	assert_int_equal(db_walk_seek(&walk, "aa", 2), 0);
	assert_memory_equal(walk.key.p, "ab", 2);
	assert_int_equal(db_walk_next(&walk), 0);
	assert_int_equal(walk.key.p[0], 'b');
	assert_int_equal(db_walk_next(&walk), 0);
	assert_int_equal(db_walk_next(&walk), ERR_NOT_FOUND);
	assert_int_equal(db_walk_seek(&walk, "e", 1), ERR_NOT_FOUND);
	assert_int_equal(db_walk_last(&walk), 0);
	assert_int_equal(walk.value.p[0], 'd');
	db_walk_close(&walk);
	db_unpin(f->db);
}

static int count_to_two(void *arg, struct span key, struct span value)
{
	(void)key, (void)value;
	return ++*(int *)arg == 2 ? 6 : 0;
}

static void a_prefix_is_visited_and_no_more(void **state)
{
	static const char *const keys[] = { "a", "ab", "abc", "b" };
	struct fixture *f = *state;
	int n = -9;

	put_rows(f, keys, ARRAY_LEN(keys));
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_each(f->db, DB_ITEM, text("ab"), count_to_two, &n),
			 0);
	assert_int_equal(n, -7);
	assert_int_equal(db_each(f->db, DB_ITEM, text(""), count_to_two, &n),
			 0);
	assert_int_equal(n, -3);
	assert_int_equal(db_each(f->db, DB_ITEM, text("c"), count_to_two, &n),
			 0);
	assert_int_equal(n, -3);
	n = 1;
	assert_int_equal(db_each(f->db, DB_ITEM, text("a"), count_to_two, &n),
			 6);
	db_unpin(f->db);
}

/* 1,000 rows of 1,000 bytes. */
static int put_megabyte(struct db *db, uint32_t from)
{
	static uint8_t value[1000];
	int err = 0;

	for (uint32_t i = 0; i < 1000 && err == 0; i++) {
		uint8_t key[4];

		be32_put(key, from + i);
		err = db_put(db, DB_ENTRY, (struct span){ key, sizeof(key) },
			     (struct span){ value, sizeof(value) });
	}
	return err;
}

static void the_map_grows_between_transactions(void **state)
{
	struct fixture *f = *state;
	uint64_t n;

	for (uint32_t i = 0; i < 12; i++) {
		assert_int_equal(db_begin(f->db, 3 << 20), 0);
		assert_int_equal(put_megabyte(f->db, i * 1000), 0);
		assert_int_equal(db_commit(f->db), 0);
	}
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_rows(f->db, DB_ENTRY, &n), 0);
	assert_int_equal(n, 12000);
	db_unpin(f->db);
	/* And it stays so when opened again. */
	db_close(f->db);
	assert_int_equal(db_open(&f->db, f->l.dir, &small), 0);
	assert_int_equal(db_begin(f->db, 0), 0);
	assert_int_equal(put_megabyte(f->db, 12000), 0);
	assert_int_equal(db_commit(f->db), 0);
}

static void a_full_map_is_busy_and_grows_at_the_next_begin(void **state)
{
	struct fixture *f = *state;
	uint64_t n;
	int err = 0;

	assert_int_equal(db_begin(f->db, 0), 0);
	for (uint32_t i = 0; i < 12 && err == 0; i++)
		err = put_megabyte(f->db, i * 1000);
	if (err == 0)
		err = db_commit(f->db);
	else
		db_abort(f->db);
	assert_int_equal(err, ERR_BUSY);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_rows(f->db, DB_ENTRY, &n), 0);
	assert_int_equal(n, 0);
	db_unpin(f->db);
	assert_int_equal(db_begin(f->db, 32 << 20), 0);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(put_megabyte(f->db, i * 1000), 0);
	assert_int_equal(db_commit(f->db), 0);
}

static void a_map_does_not_grow_under_a_reader(void **state)
{
	struct fixture *f = *state;
	struct span v;

	assert_int_equal(db_begin(f->db, 0), 0);
	assert_int_equal(put_megabyte(f->db, 0), ERR_BUSY);
	db_abort(f->db);
	assert_int_equal(db_begin(f->db, 0), 0);
	assert_int_equal(db_put(f->db, DB_ITEM, text("a"), text("b")), 0);
	assert_int_equal(db_commit(f->db), 0);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), 0);
	assert_int_equal(db_begin(f->db, 64 << 20), 0);
	db_abort(f->db);
	assert_int_equal(v.p[0], 'b'); /* still mapped where it was */
	db_unpin(f->db);
}

/* A child that opens early and reads after the parent has grown the map. */
static int reader(const char *dir, int ready, int go)
{
	const struct db_options options = { .may_write = false };
	struct db *db;
	uint64_t n = 0;
	char c = 'r';

	if (db_open(&db, dir, &options) != 0 || db_pin(db) != 0)
		return 1;
	db_unpin(db);
	if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
		return 2;
	if (db_pin(db) != 0)
		return 3;
	if (db_rows(db, DB_ENTRY, &n) != 0 || n != 8000)
		return 4;
	db_unpin(db);
	if (db_begin(db, 0) != ERR_STATE)
		return 5;
	db_close(db);
	return 0;
}

static void a_reader_follows_a_map_that_grew(void **state)
{
	struct fixture *f = *state;
	int ready[2], go[2], status;
	pid_t child;
	char c = 'g';

	db_close(f->db);
	f->db = NULL;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(reader(f->l.dir, ready[1], go[0]));
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(db_open(&f->db, f->l.dir, &small), 0);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(db_begin(f->db, 3 << 20), 0);
		assert_int_equal(put_megabyte(f->db, i * 1000), 0);
		assert_int_equal(db_commit(f->db), 0);
	}
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void a_map_that_cannot_grow_stays_as_it_was(void **state)
{
	static const char *const a[] = { "a" };
	struct fixture *f = *state;
	struct span v;

	put_rows(f, a, 1);
	/* More than any address space has: the write goes on all the same. */
	assert_int_equal(db_begin(f->db, SIZE_MAX / 4), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "a", 1, &v), 0);
	assert_int_equal(db_put(f->db, DB_ITEM, text("b"), text("c")), 0);
	assert_int_equal(db_commit(f->db), 0);
	assert_int_equal(db_begin(f->db, SIZE_MAX / 2 + 2), 0);
	db_abort(f->db);
	assert_int_equal(db_pin(f->db), 0);
	assert_int_equal(db_get(f->db, DB_ITEM, "b", 1, &v), 0);
	db_unpin(f->db);
}

static void a_disk_that_fills_up_loses_nothing(void **state)
{
	static const char *const a[] = { "a" };
	struct fixture tiny = { .db = NULL };
	char command[3 * LEDGER_PATH];
	struct span v;
	int err = 0;

	(void)state;
	ledger_init(&tiny.l);
	snprintf(command, sizeof(command),
		 "mkdir %s && mount -t tmpfs -o size=1m none %s 2>/dev/null",
		 tiny.l.dir, tiny.l.dir);
	if (geteuid() != 0 || system(command) != 0) {
		ledger_release(&tiny.l);
		print_message("no small file system can be mounted here\n");
		skip();
	}
	assert_int_equal(db_open(&tiny.db, tiny.l.dir, &small), 0);
	put_rows(&tiny, a, 1);
	assert_int_equal(db_begin(tiny.db, 16 << 20), 0);
	for (uint32_t i = 0; i < 3 && err == 0; i++)
		err = put_megabyte(tiny.db, i * 1000);
	assert_int_equal(err, 0);
	assert_int_equal(db_commit(tiny.db), ERR_FULL);
	assert_int_equal(db_pin(tiny.db), 0);
	assert_int_equal(db_get(tiny.db, DB_ITEM, "a", 1, &v), 0);
	db_unpin(tiny.db);
	assert_int_equal(db_begin(tiny.db, 0), 0);
	assert_int_equal(db_del(tiny.db, DB_ITEM, "a", 1), 0);
	assert_int_equal(db_commit(tiny.db), 0);
	db_close(tiny.db);
	snprintf(command, sizeof(command), "umount %s", tiny.l.dir);
	assert_int_equal(system(command), 0);
	ledger_release(&tiny.l);
}

static void space_is_told(void **state)
{
	struct fixture *f = *state;
	uint64_t n = 0;

	assert_int_equal(db_space(f->db, &n), 0);
	assert_true(n > 0);
}

static void a_file_that_is_none_is_an_error(void **state)
{
	struct fixture *f = *state;
	char path[2 * LEDGER_PATH], junk[8192];
	struct db *db = NULL;
	FILE *file;

	memset(junk, 0x5a, sizeof(junk));
	db_close(f->db);
	f->db = NULL;
	snprintf(path, sizeof(path), "%s/data.mdb", f->l.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(junk, 1, sizeof(junk), file), sizeof(junk));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(db_open(&db, f->l.dir, &small), ERR_FORMAT);
	assert_null(db);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(nothing_without_a_transaction),
		FRESH(writes_do_not_nest),
		FRESH(a_pin_sees_one_moment),
		FRESH(a_pin_of_a_write_ends_with_it),
		FRESH(rows_added_replaced_dropped),
		FRESH(walks_go_forward),
		FRESH(a_prefix_is_visited_and_no_more),
		FRESH(the_map_grows_between_transactions),
		FRESH(a_full_map_is_busy_and_grows_at_the_next_begin),
		FRESH(a_map_does_not_grow_under_a_reader),
		FRESH(a_reader_follows_a_map_that_grew),
		FRESH(a_map_that_cannot_grow_stays_as_it_was),
		FRESH(a_disk_that_fills_up_loses_nothing),
		FRESH(space_is_told),
		FRESH(a_file_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
