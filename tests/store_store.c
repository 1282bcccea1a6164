#include "store/store.h"

#include "crypto/err.h"
#include "store/db.h"
#include "store/private.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <sys/stat.h>
#include <sys/wait.h>

static void nothing_there_is_not_found(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_WRITE), ERR_NOT_FOUND);
	assert_int_equal(ledger_open(&l, STORE_READ), ERR_NOT_FOUND);
	assert_null(l.s);
	ledger_release(&l);
}

static mode_t mode_of(const char *dir, const char *name)
{
	char path[2 * LEDGER_PATH];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void files_are_the_owners_alone(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_int_equal(mode_of(l.dir, ""), 0700);
	assert_int_equal(mode_of(l.dir, "/data.mdb"), 0600);
	assert_int_equal(mode_of(l.dir, "/lock.mdb"), 0600);
	ledger_release(&l);
}

static void a_second_create_finds_what_is_there(void **state)
{
	struct world w;
	struct ledger l;
	struct id network;

	(void)state;
	world_found(&w);
	ledger_found(&l, &w);
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_true(store_network(l.s, &network));
	assert_true(id_eq(&network, &w.network));
	ledger_release(&l);
	world_release(&w);
}

static void no_folder_no_store(void **state)
{
	struct ledger l;
	struct store *s = NULL;
	char deep[2 * LEDGER_PATH];

	(void)state;
	ledger_init(&l);
	snprintf(deep, sizeof(deep), "%s/no/such", l.root);
	assert_int_equal(store_open(&s, deep, STORE_CREATE), ERR_NOT_FOUND);
	assert_null(s);
	ledger_release(&l);
}

static void the_network_is_set_once(void **state)
{
	struct ledger l;
	struct id a = { { 1 } }, b = { { 2 } }, got;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_false(store_network(l.s, &got));
	assert_null(store_roster(l.s));
	assert_int_equal(store_init(l.s, &a), ERR_STATE);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_init(l.s, &a), 0);
	assert_int_equal(store_init(l.s, &a), 0);
	assert_int_equal(store_init(l.s, &b), ERR_EXISTS);
	assert_int_equal(store_commit(l.s), 0);
	assert_true(store_network(l.s, &got));
	assert_true(id_eq(&got, &a));
	assert_non_null(store_roster(l.s));
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_WRITE), 0);
	assert_true(store_network(l.s, &got));
	assert_true(id_eq(&got, &a));
	ledger_release(&l);
}

static void abort_takes_all_of_it_back(void **state)
{
	struct ledger l;
	struct id a = { { 1 } }, got;
	struct pubkey own = { { 3 } }, feed;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_init(l.s, &a), 0);
	assert_int_equal(store_set_own(l.s, &own), 0);
	assert_true(store_own(l.s, &feed));
	store_abort(l.s);
	assert_false(store_network(l.s, &got));
	assert_false(store_own(l.s, &feed));
	assert_null(store_roster(l.s));
	assert_false(store_in_batch(l.s));
	store_abort(l.s); /* does nothing */
	ledger_release(&l);
}

static void closing_abandons_the_batch(void **state)
{
	struct ledger l;
	struct id a = { { 1 } }, got;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_init(l.s, &a), 0);
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_WRITE), 0);
	assert_false(store_network(l.s, &got));
	ledger_release(&l);
}

static void own_is_remembered(void **state)
{
	struct ledger l;
	struct pubkey own = { { 3 } }, feed;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_int_equal(store_set_own(l.s, &own), ERR_STATE);
	assert_int_equal(store_begin(l.s), 0);
	assert_int_equal(store_set_own(l.s, &own), 0);
	assert_int_equal(store_commit(l.s), 0);
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_READ), 0);
	assert_true(store_own(l.s, &feed));
	assert_true(pubkey_eq(&feed, &own));
	ledger_release(&l);
}

static void batches_do_not_nest_and_readers_have_none(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	assert_int_equal(store_commit(l.s), ERR_STATE);
	assert_int_equal(store_begin(l.s), 0);
	assert_true(store_in_batch(l.s));
	assert_int_equal(store_begin(l.s), ERR_STATE);
	assert_int_equal(store_refresh(l.s), ERR_STATE);
	assert_int_equal(store_commit(l.s), 0);
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_READ), 0);
	assert_int_equal(store_begin(l.s), ERR_STATE);
	assert_int_equal(store_put(l.s, TABLE_META, "a", 1, "b", 1), ERR_STATE);
	ledger_release(&l);
}

/* Write a value into a table behind the store's back. */
static void overwrite(const char *dir, enum db_table table, const char *key,
		      const void *value, size_t n)
{
	const struct db_options options = { .may_write = true };
	struct db *db;

	assert_int_equal(db_open(&db, dir, &options), 0);
	assert_int_equal(db_begin(db, 0), 0);
	assert_int_equal(
		db_put(db, table,
		       (struct span){ (const uint8_t *)key, strlen(key) },
		       (struct span){ value, n }),
		0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

static void another_layout_is_refused(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_int_equal(ledger_open(&l, STORE_CREATE), 0);
	ledger_close(&l);
	overwrite(l.dir, DB_META, "layout", "\0\0\0\1", 4);
	assert_int_equal(ledger_open(&l, STORE_WRITE), ERR_VERSION);
	assert_int_equal(ledger_open(&l, STORE_CREATE), ERR_VERSION);
	assert_int_equal(ledger_open(&l, STORE_READ), ERR_VERSION);
	overwrite(l.dir, DB_META, "layout", "\0\0\2", 3);
	assert_int_equal(ledger_open(&l, STORE_WRITE), ERR_FORMAT);
	ledger_release(&l);
}

static void other_rules_rebuild_the_book(void **state)
{
	struct world w;
	struct ledger l;
	struct id before, after;
	uint8_t junk[COL_COUNT * 8] = { 1 };

	(void)state;
	world_found(&w);
	world_produce(&w, 0, 48, "visor/v30");
	ledger_found(&l, &w);
	assert_int_equal(ledger_fill(&l, &w), 0);
	before = ledger_books(&l);
	ledger_close(&l);
	overwrite(l.dir, DB_TOTAL, "visor/v29", junk, sizeof(junk));
	overwrite(l.dir, DB_META, "rules", "\0\0\0\0", 4);
	assert_int_equal(ledger_open(&l, STORE_READ), ERR_VERSION);
	assert_int_equal(ledger_open(&l, STORE_WRITE), 0);
	after = ledger_books(&l);
	assert_true(id_eq(&before, &after));
	ledger_close(&l);
	assert_int_equal(ledger_open(&l, STORE_READ), 0);
	ledger_release(&l);
	world_release(&w);
}

/* A child that reads while the parent writes; its exit code is the verdict. */
static int reader(const char *dir, int ready, int go)
{
	struct store *s;
	uint64_t feeds = 0;
	char c = 'r';

	if (store_open(&s, dir, STORE_READ) != 0)
		return 1;
	if (roster_feed_count(store_roster(s)) != 1)
		return 2;
	if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
		return 3;
	if (store_feed_count(s, &feeds) != 0 || feeds != 3)
		return 4;
	if (roster_feed_count(store_roster(s)) != 1)
		return 5;
	if (store_refresh(s) != 0 || roster_feed_count(store_roster(s)) != 3)
		return 6;
	store_close(s);
	return 0;
}

static void another_process_reads_along(void **state)
{
	struct world w;
	struct ledger l;
	int ready[2], go[2], status;
	pid_t child;
	char c = 'g';

	(void)state;
	world_found(&w);
	ledger_found(&l, &w);
	assert_int_equal(ledger_fill(&l, &w), 0);
	ledger_close(&l);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(reader(l.dir, ready[1], go[0]));
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(ledger_open(&l, STORE_WRITE), 0);
	world_member(&w, ROLE_MAKER);
	world_member(&w, ROLE_MAKER);
	assert_int_equal(ledger_fill(&l, &w), 0);
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	ledger_release(&l);
	world_release(&w);
}

static void a_full_disk_is_said_before_writing(void **state)
{
	struct ledger l;
	char command[3 * LEDGER_PATH];
	struct store *s = NULL;

	(void)state;
	ledger_init(&l);
	snprintf(command, sizeof(command),
		 "mkdir %s && mount -t tmpfs -o size=1m none %s 2>/dev/null",
		 l.dir, l.dir);
	if (geteuid() != 0 || system(command) != 0) {
		rmdir(l.dir);
		ledger_release(&l);
		print_message("no small file system can be mounted here\n");
		skip();
	}
	assert_int_equal(store_open(&s, l.dir, STORE_CREATE), 0);
	assert_int_equal(store_begin(s), ERR_FULL);
	store_close(s);
	snprintf(command, sizeof(command), "umount %s", l.dir);
	assert_int_equal(system(command), 0);
	ledger_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nothing_there_is_not_found),
		UNIT(files_are_the_owners_alone),
		UNIT(a_second_create_finds_what_is_there),
		UNIT(no_folder_no_store),
		UNIT(the_network_is_set_once),
		UNIT(abort_takes_all_of_it_back),
		UNIT(closing_abandons_the_batch),
		UNIT(own_is_remembered),
		UNIT(batches_do_not_nest_and_readers_have_none),
		UNIT(another_layout_is_refused),
		UNIT(other_rules_rebuild_the_book),
		UNIT(another_process_reads_along),
		UNIT(a_full_disk_is_said_before_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
