#include "store/private.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "store/fsck.h"
#include "store/state.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* What is looked for in the files, and what stands beside it. */
static const char secret[] = "Odile Exemple, 12 rue des Lilas";

enum { KEY_FILE = 80, SLOT = KEY_FILE / 2 };

static int setup(void **state)
{
	static struct ledger l;

	assert_int_equal(crypto_start(), 0);
	ledger_init(&l);
	*state = &l;
	return ledger_open(&l, STORE_CREATE);
}

static int teardown(void **state)
{
	ledger_release(*state);
	return 0;
}

static void put(struct ledger *l, const char *key, const char *value)
{
	assert_int_equal(store_put(l->s, TABLE_PRIVATE, key, strlen(key), value,
				   strlen(value)),
			 0);
}

/* Is the value of this key that one? */
static void has(struct ledger *l, const char *key, const char *value)
{
	char out[64];
	size_t n;

	assert_int_equal(store_get(l->s, TABLE_PRIVATE, key, strlen(key), out,
				   sizeof(out), &n),
			 0);
	assert_int_equal(n, strlen(value));
	assert_memory_equal(out, value, n);
}

/* How often n bytes stand in a file of the ledger. */
static size_t count(const struct ledger *l, const char *name, const void *p,
		    size_t n)
{
	char path[2 * LEDGER_PATH], *all;
	size_t size, times = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", l->dir, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = (size_t)ftell(file);
	rewind(file);
	all = malloc(size + 1);
	assert_non_null(all);
	assert_int_equal(fread(all, 1, size, file), size);
	fclose(file);
	for (size_t i = 0; i + n <= size; i++)
		times += memcmp(all + i, p, n) == 0;
	free(all);
	return times;
}

static void read_keys(const struct ledger *l, uint8_t out[static KEY_FILE])
{
	char path[2 * LEDGER_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/private.key", l->dir);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(out, 1, KEY_FILE, file), KEY_FILE);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
}

static void write_keys(const struct ledger *l, const void *p, size_t n)
{
	char path[2 * LEDGER_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/private.key", l->dir);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* The key of the only slot that holds one. */
static const uint8_t *only_key(const uint8_t file[static KEY_FILE])
{
	bool first = be64_get(file) != 0, second = be64_get(file + SLOT) != 0;

	assert_int_not_equal(first, second);
	return file + (first ? 0 : SLOT) + 8;
}

static void values_never_stand_in_the_files(void **state)
{
	struct ledger *l = *state;

	for (int i = 0; i < 40; i++)
		put(l, "k", i % 2 == 0 ? secret : "short");
	put(l, "k", secret);
	has(l, "k", secret);
	assert_int_equal(count(l, "data.mdb", secret, 8), 0);
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_READ), 0);
	has(l, "k", secret);
	/* What stands there opens under its own key only. */
	assert_int_equal(
		store_get(l->s, TABLE_PRIVATE, "l", 1, NULL, 0, &(size_t){ 0 }),
		ERR_NOT_FOUND);
}

static void what_was_shredded_has_no_key_any_more(void **state)
{
	struct ledger *l = *state;
	uint8_t before[KEY_FILE], after[KEY_FILE];

	put(l, "k", secret);
	put(l, "other", "stays");
	read_keys(l, before);
	assert_int_equal(store_shred_begin(l->s), 0);
	put(l, "k", "forgotten");
	assert_int_equal(store_shred(l->s), 0);
	has(l, "k", "forgotten");
	has(l, "other", "stays");
	read_keys(l, after);
	assert_memory_not_equal(only_key(before), only_key(after), 32);
	assert_int_equal(count(l, "private.key", only_key(before), 8), 0);
	assert_int_equal(count(l, "data.mdb", only_key(before), 8), 0);
	ledger_close(l);
	/* With the key that was there before, nothing opens. */
	write_keys(l, before, sizeof(before));
	assert_int_equal(ledger_open(l, STORE_READ), 0);
	assert_int_equal(store_get(l->s, TABLE_PRIVATE, "other", 5, NULL, 0,
				   &(size_t){ 0 }),
			 ERR_FORMAT);
}

static void one_that_was_not_ended_is_ended_on_opening(void **state)
{
	struct ledger *l = *state;
	uint8_t before[KEY_FILE], after[KEY_FILE];

	put(l, "k", secret);
	put(l, "other", "stays");
	read_keys(l, before);
	assert_int_equal(store_shred_begin(l->s), 0);
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_READ), 0);
	has(l, "k", secret);
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_WRITE), 0);
	has(l, "k", secret);
	assert_int_equal(store_shred_begin(l->s), 0);
	put(l, "k", "forgotten");
	ledger_close(l);
	assert_int_equal(ledger_open(l, STORE_WRITE), 0);
	has(l, "k", "forgotten");
	has(l, "other", "stays");
	read_keys(l, after);
	assert_int_equal(count(l, "private.key", only_key(before), 8), 0);
	assert_int_equal(be64_get(after) + be64_get(after + SLOT), 3);
}

/* What the newer key sealed before the next begins is not kept by it. */
static void a_second_one_begins_after_the_first(void **state)
{
	struct ledger *l = *state;
	uint8_t between[KEY_FILE], after[KEY_FILE];

	put(l, "other", "stays");
	assert_int_equal(store_shred_begin(l->s), 0);
	put(l, "k", secret);
	read_keys(l, between);
	assert_int_equal(store_shred_begin(l->s), 0);
	put(l, "k", "forgotten");
	assert_int_equal(store_shred(l->s), 0);
	read_keys(l, after);
	assert_int_equal(count(l, "private.key", between + 8, 32), 0);
	assert_int_equal(count(l, "private.key", between + SLOT + 8, 32), 0);
	has(l, "other", "stays");
	assert_int_equal(store_begin(l->s), 0);
	assert_int_equal(store_shred_begin(l->s), ERR_STATE);
	store_abort(l->s);
}

static void many_rows_take_many_batches(void **state)
{
	static char big[9000];
	struct ledger *l = *state;
	char key[16];
	static char out[sizeof(big)];
	size_t n;

	assert_int_equal(store_begin(l->s), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "row%d", i);
		memset(big, 'a' + i % 26, sizeof(big));
		assert_int_equal(store_put(l->s, TABLE_PRIVATE, key,
					   strlen(key), big, sizeof(big)),
				 0);
	}
	assert_int_equal(store_commit(l->s), 0);
	assert_int_equal(store_shred_begin(l->s), 0);
	assert_int_equal(store_shred(l->s), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "row%d", i);
		assert_int_equal(store_get(l->s, TABLE_PRIVATE, key,
					   strlen(key), out, sizeof(out), &n),
				 0);
		assert_int_equal(n, sizeof(out));
		assert_int_equal(out[n - 1], 'a' + i % 26);
	}
}

/* A process that has read under the old key reads on under the new one. */
static void a_reader_beside_follows(void **state)
{
	struct ledger *l = *state;
	int go[2], done[2], code = 0;
	char c = 0;
	pid_t pid;

	put(l, "k", secret);
	ledger_close(l);
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		char out[64];
		size_t n;
		bool ok = ledger_open(l, STORE_READ) == 0 &&
			  store_get(l->s, TABLE_PRIVATE, "k", 1, out,
				    sizeof(out), &n) == 0 &&
			  write(done[1], "x", 1) == 1 &&
			  read(go[0], &c, 1) == 1 &&
			  store_get(l->s, TABLE_PRIVATE, "k", 1, out,
				    sizeof(out), &n) == 0 &&
			  n == 3 && memcmp(out, "new", 3) == 0;

		_exit(ok ? 0 : 1);
	}
	assert_true(pid > 0);
	close(done[1]);
	close(go[0]);
	assert_int_equal(read(done[0], &c, 1), 1);
	assert_int_equal(ledger_open(l, STORE_WRITE), 0);
	assert_int_equal(store_shred_begin(l->s), 0);
	put(l, "k", "new");
	assert_int_equal(store_shred(l->s), 0);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
}

static void a_damaged_file_of_keys_is_said(void **state)
{
	static const uint8_t zero[KEY_FILE];
	struct ledger *l = *state;
	struct fsck_report report;
	char out[64];
	size_t n;

	put(l, "k", secret);
	ledger_close(l);
	for (size_t size = 0; size <= KEY_FILE; size += SLOT) {
		write_keys(l, zero, size);
		assert_int_equal(ledger_open(l, STORE_READ), 0);
		assert_int_equal(store_get(l->s, TABLE_PRIVATE, "k", 1, out,
					   sizeof(out), &n),
				 ERR_FORMAT);
		/* There is no row to visit. */
		assert_int_equal(
			store_each(l->s, TABLE_PRIVATE, NULL, 0, NULL, NULL),
			0);
		assert_int_equal(store_fsck(l->s, &report, NULL), 0);
		assert_int_equal(report.problems, 1);
		ledger_close(l);
		assert_int_equal(ledger_open(l, STORE_WRITE), 0);
		assert_int_equal(store_put(l->s, TABLE_PRIVATE, "n", 1, "v", 1),
				 ERR_FORMAT);
		assert_int_equal(store_shred_begin(l->s), ERR_FORMAT);
		ledger_close(l);
	}
	/* Without one at all another is made. */
	ledger_remove(l->dir, "private.key");
	assert_int_equal(ledger_open(l, STORE_WRITE), 0);
	put(l, "n", "v");
	has(l, "n", "v");
	assert_int_equal(store_fsck(l->s, &report, NULL), 0);
	assert_int_equal(report.problems, 1);
	assert_int_equal(store_shred_begin(l->s), 0);
	assert_int_equal(store_shred(l->s), 0);
	has(l, "n", "v");
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(values_never_stand_in_the_files),
		FRESH(what_was_shredded_has_no_key_any_more),
		FRESH(one_that_was_not_ended_is_ended_on_opening),
		FRESH(a_second_one_begins_after_the_first),
		FRESH(many_rows_take_many_batches),
		FRESH(a_reader_beside_follows),
		FRESH(a_damaged_file_of_keys_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
