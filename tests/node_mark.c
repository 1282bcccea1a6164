#include "node/safe/mark.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct id network = { { 9 } };
static char dir[] = "/tmp/maillon-mark.XXXXXX";
static struct home home;
static const struct pubkey feed = { { 7 } }, other = { { 8 } };

static int start(void **state)
{
	(void)state;
	if (crypto_start() != 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(home.dir, sizeof(home.dir), "%s/home", dir);
	return setenv("MAILLON_STATE", dir, 1);
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void name_of(char hex[static HEX_SIZE(ID_SIZE)],
		    const struct pubkey *key)
{
	uint8_t both[ID_SIZE + KEY_SIZE];
	struct id name;

	memcpy(both, network.b, ID_SIZE);
	memcpy(both + ID_SIZE, key->b, KEY_SIZE);
	name = hash_id(both, sizeof(both));
	hex_encode(hex, name.b, ID_SIZE);
}

static void path_of(char out[static HOME_PATH], const struct pubkey *key)
{
	char hex[HEX_SIZE(ID_SIZE)];

	name_of(hex, key);
	snprintf(out, HOME_PATH, "%s/%s.mark", dir, hex);
}

static struct mark *reopen(struct mark *m)
{
	mark_close(m);
	assert_int_equal(mark_open(&m, &home, &network, &feed), 0);
	return m;
}

static void put(struct mark *m, uint64_t seq, bool is_ended)
{
	struct mark_place p = { seq, { { (uint8_t)seq } }, is_ended };

	assert_int_equal(mark_put(m, &p), 0);
}

static void assert_at(const struct mark *m, uint64_t seq, bool is_ended)
{
	struct mark_place p;

	assert_int_equal(mark_get(m, &p), 0);
	assert_int_equal(p.seq, seq);
	assert_int_equal(p.id.b[0], (uint8_t)seq);
	assert_int_equal(p.is_ended, is_ended);
}

/* Change one byte of the file. */
static void spoil(long at)
{
	char path[HOME_PATH];
	uint8_t b;
	int fd;

	path_of(path, &feed);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &b, 1, at), 1);
	b ^= 1;
	assert_int_equal(pwrite(fd, &b, 1, at), 1);
	close(fd);
}

static void remove_mark(void)
{
	char path[HOME_PATH];

	path_of(path, &feed);
	unlink(path);
}

static void what_was_put_comes_back(void **state)
{
	struct mark *m = NULL;
	struct mark_place p;
	struct stat st;
	char path[HOME_PATH];

	(void)state;
	remove_mark();
	m = reopen(m);
	assert_int_equal(mark_get(m, &p), ERR_NOT_FOUND);
	for (uint64_t seq = 1; seq < 6; seq++) {
		put(m, seq, false);
		assert_at(m, seq, false);
		m = reopen(m);
		assert_at(m, seq, false);
	}
	mark_close(m);
	path_of(path, &feed);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(mark_open(&m, &home, &network, &other), 0);
	assert_int_equal(mark_get(m, &p), ERR_NOT_FOUND);
	mark_close(m);
}

static void an_end_is_not_taken_back(void **state)
{
	struct mark *m = NULL;

	(void)state;
	remove_mark();
	m = reopen(m);
	put(m, 9, false);
	put(m, 4, true);
	m = reopen(m);
	assert_at(m, 4, true);
	mark_close(m);
}

/* Each byte of the newer slot's line: the older one is believed. */
static void any_byte_spoiled_leaves_the_mark_before(void **state)
{
	struct mark *m = NULL;
	char line[256] = { 0 }, path[HOME_PATH];
	size_t n;
	int fd;

	(void)state;
	remove_mark();
	m = reopen(m);
	put(m, 3, false);
	put(m, 5, false);
	path_of(path, &feed);
	fd = open(path, O_RDONLY);
	assert_true(pread(fd, line, sizeof(line) - 1, 4096) > 0);
	close(fd);
	n = strcspn(line, "\n") + 1;
	assert_true(n > 80);
	for (size_t i = 0; i < n; i++) {
		spoil((long)(4096 + i));
		m = reopen(m);
		assert_at(m, 3, false);
		spoil((long)(4096 + i));
	}
	m = reopen(m);
	assert_at(m, 5, false);
	mark_close(m);
}

static void a_file_that_says_nothing_is_no_mark(void **state)
{
	struct mark *m = NULL;
	struct mark_place p;

	(void)state;
	remove_mark();
	m = reopen(m);
	put(m, 3, false);
	spoil(20);
	m = reopen(m);
	assert_int_equal(mark_get(m, &p), ERR_NOT_FOUND);
	mark_close(m);
}

static void a_mark_of_another_feed_is_none(void **state)
{
	char from[HOME_PATH], to[HOME_PATH];
	struct mark *m = NULL;
	struct mark_place p;

	(void)state;
	remove_mark();
	m = reopen(m);
	put(m, 3, false);
	mark_close(m);
	path_of(from, &feed);
	path_of(to, &other);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(mark_open(&m, &home, &network, &other), 0);
	assert_int_equal(mark_get(m, &p), ERR_NOT_FOUND);
	mark_close(m);
}

static void the_folder_is_chosen_by_the_environment(void **state)
{
	char sub[HOME_PATH], hex[HEX_SIZE(KEY_SIZE)], path[HOME_PATH + 200];
	struct mark *m = NULL;

	(void)state;
	name_of(hex, &feed);
	snprintf(sub, sizeof(sub), "%s/deep/er", dir);
	assert_int_equal(unsetenv("MAILLON_STATE"), 0);
	assert_int_equal(setenv("XDG_STATE_HOME", sub, 1), 0);
	m = reopen(m);
	snprintf(path, sizeof(path), "%s/maillon/%s.mark", sub, hex);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	assert_int_equal(setenv("HOME", sub, 1), 0);
	m = reopen(m);
	snprintf(path, sizeof(path), "%s/.local/state/maillon/%s.mark", sub,
		 hex);
	assert_int_equal(access(path, F_OK), 0);
	mark_close(m);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(mark_open(&m, &home, &network, &feed), ERR_NOT_FOUND);
	assert_int_equal(setenv("MAILLON_STATE", "/dev/null/x", 1), 0);
	assert_int_not_equal(mark_open(&m, &home, &network, &feed), 0);
	assert_int_equal(setenv("MAILLON_STATE", dir, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_comes_back),
		cmocka_unit_test(an_end_is_not_taken_back),
		cmocka_unit_test(any_byte_spoiled_leaves_the_mark_before),
		cmocka_unit_test(a_file_that_says_nothing_is_no_mark),
		cmocka_unit_test(a_mark_of_another_feed_is_none),
		cmocka_unit_test(the_folder_is_chosen_by_the_environment),
	};

	return cmocka_run_group_tests(tests, start, end);
}
