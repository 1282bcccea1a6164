#include "crypto/keyfile.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "tests/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The cheapest seal there is, so that a test can open it a thousand times. */
static const struct keyfile_seal cheap = { "sesame", 1, KEYFILE_MEM_MIN };

static char dir[] = "/tmp/crypto_keyfile.XXXXXX";
static char path[64];
static uint8_t secret[KEYFILE_SECRET];

static int decode(const char *text, size_t n, const char *passphrase)
{
	static const uint8_t untouched[KEYFILE_SECRET] = { 1, 2, 3 };
	uint8_t out[KEYFILE_SECRET] = { 1, 2, 3 };
	int err = keyfile_decode(out, text, n, "node", passphrase);

	assert_memory_equal(out, err == 0 ? secret : untouched, sizeof(out));
	return err;
}

static void put_file(const char *text, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_clear_file_is_one_line_of_text(void **state)
{
	static const char want[] =
		"maillon-key/1 node 000102030405060708090a0b0c0d0e0f1011121314"
		"15161718191a1b1c1d1e1f\n";
	char text[KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, NULL), 0);
	assert_string_equal(text, want);
	assert_int_equal(n, strlen(want));
	assert_int_equal(decode(text, n, NULL), 0);
	/* A passphrase for what is not sealed is no reason to refuse. */
	assert_int_equal(decode(text, n, "sesame"), 0);
}

static void a_clear_file_cut_or_changed_anywhere_is_refused(void **state)
{
	char text[KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, NULL), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(decode(text, i, NULL), ERR_FORMAT);
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		for (int c = 0; c < 256; c++) {
			uint8_t out[KEYFILE_SECRET];

			text[i] = (char)c;
			/* Any other digit is another key: only a seal can
			 * tell.  Everything else must be as it was. */
			if (i < n - 65 || i == n - 1 ||
			    strchr("0123456789abcdef", c) == NULL || c == 0)
				assert_int_equal(keyfile_decode(out, text, n,
								"node", NULL),
						 text[i] == was ? 0
								: ERR_FORMAT);
		}
		text[i] = was;
	}
	assert_int_equal(decode("\n", 1, NULL), ERR_FORMAT);
	assert_int_equal(decode("", 0, NULL), ERR_FORMAT);
}

static void bytes_after_the_line_are_refused(void **state)
{
	char text[2 * KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, NULL), 0);
	text[n] = '\n';
	assert_int_equal(decode(text, n + 1, NULL), ERR_FORMAT);
	memmove(text + 1, text, n);
	text[0] = ' ';
	assert_int_equal(decode(text, n + 1, NULL), ERR_FORMAT);
	memset(text, 'a', sizeof(text));
	text[KEYFILE_MAX - 1] = '\n';
	assert_int_equal(decode(text, KEYFILE_MAX, NULL), ERR_FORMAT);
	memset(text, ' ', 64);
	text[63] = '\n';
	assert_int_equal(decode(text, 64, NULL), ERR_FORMAT);
}

static void a_sealed_file_opens_with_its_passphrase_only(void **state)
{
	char text[KEYFILE_MAX], again[KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, &cheap), 0);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(text, "maillon-key/1 node sealed 1 8 ", 30);
	assert_int_equal(decode(text, n, "sesame"), 0);
	assert_int_equal(decode(text, n, "sesamf"), ERR_SIGNATURE);
	assert_int_equal(decode(text, n, "sesam"), ERR_SIGNATURE);
	assert_int_equal(decode(text, n, ""), ERR_SIGNATURE);
	assert_int_equal(decode(text, n, NULL), ERR_STATE);
	assert_null(strstr(text, "000102030405"));

	/* Salt and nonce are fresh every time. */
	assert_int_equal(keyfile_encode(again, &n, "node", secret, &cheap), 0);
	assert_memory_not_equal(text + 30, again + 30, 32);
	assert_memory_not_equal(text + 63, again + 63, 48);
}

static void a_sealed_file_cut_anywhere_is_refused(void **state)
{
	char text[KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, &cheap), 0);
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		assert_int_equal(decode(text, i, "sesame"), ERR_FORMAT);
		/* And with its newline again. */
		text[i] = '\n';
		assert_int_equal(decode(text, i + 1, "sesame"),
				 i == n - 1 ? 0 : ERR_FORMAT);
		text[i] = was;
	}
}

static void a_sealed_file_changed_anywhere_is_refused(void **state)
{
	char text[KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, &cheap), 0);
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		/* Another digit where there is one, a letter elsewhere. */
		text[i] = was == '2' ? '9' : '2';
		assert_int_not_equal(decode(text, n, "sesame"), 0);
		text[i] = 'A';
		assert_int_equal(decode(text, n, "sesame"), ERR_FORMAT);
		text[i] = was;
	}
	assert_int_equal(decode(text, n, "sesame"), 0);
}

static void a_file_of_another_kind_is_refused(void **state)
{
	char text[KEYFILE_MAX], *kind;
	uint8_t out[KEYFILE_SECRET];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "identity", secret, NULL), 0);
	assert_int_equal(decode(text, n, NULL), ERR_FORMAT);
	assert_int_equal(keyfile_encode(text, &n, "mode", secret, &cheap), 0);
	assert_int_equal(decode(text, n, "sesame"), ERR_FORMAT);

	/* Renaming the kind in the file breaks the seal. */
	kind = strstr(text, "mode");
	assert_non_null(kind);
	*kind = 'n';
	assert_int_equal(decode(text, n, "sesame"), ERR_SIGNATURE);

	/* The longest kind there may be. */
	assert_int_equal(
		keyfile_encode(text, &n, "abcdefghijklmnop", secret, &cheap),
		0);
	assert_int_equal(
		keyfile_decode(out, text, n, "abcdefghijklmnop", "sesame"), 0);
}

static const struct {
	const char *why;
	const char *costs;
	int err;
} costs[] = {
	{ "the cheapest", "1 8", ERR_SIGNATURE },
	{ "no pass", "0 8", ERR_FORMAT },
	{ "most passes", "16 8", ERR_SIGNATURE },
	{ "too many passes", "17 8", ERR_LIMIT },
	{ "hours of passes", "4294967295 8", ERR_LIMIT },
	{ "passes beyond 64 bits", "18446744073709551617 8", ERR_LIMIT },
	{ "too little memory", "1 7", ERR_FORMAT },
	{ "no memory", "1 0", ERR_FORMAT },
	{ "a little more memory", "1 9", ERR_SIGNATURE },
	{ "most memory", "1 262144", ERR_SIGNATURE },
	{ "too much memory", "1 262145", ERR_LIMIT },
	{ "memory that wraps in bytes", "1 18014398509481984", ERR_LIMIT },
	{ "a leading zero", "01 8", ERR_FORMAT },
	{ "a sign", "+1 8", ERR_FORMAT },
	{ "hexadecimal", "0x1 8", ERR_FORMAT },
	{ "two spaces", "1  8", ERR_FORMAT },
	{ "one number", "8", ERR_FORMAT },
	{ "three numbers", "1 8 1", ERR_FORMAT },
};

static void hostile_costs_are_refused(void **state)
{
	char text[KEYFILE_MAX], forged[2 * KEYFILE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keyfile_encode(text, &n, "node", secret, &cheap), 0);
	for (size_t i = 0; i < ARRAY_LEN(costs); i++) {
		int len = snprintf(forged, sizeof(forged),
				   "maillon-key/1 node sealed %s %s",
				   costs[i].costs, text + 30);
		const char *pass =
			i == 0 ? "wrong" : "sesame"; /* same costs as made */
		int err = decode(forged, (size_t)len, pass);

		if (err != costs[i].err)
			fail_msg("%s: %d", costs[i].why, err);
	}
}

static void a_file_is_private_and_comes_back(void **state)
{
	uint8_t out[KEYFILE_SECRET] = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(keyfile_create(path, "node", secret, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(keyfile_load(out, path, "node", NULL), 0);
	assert_memory_equal(out, secret, sizeof(out));
	assert_int_equal(keyfile_load(out, path, "member", NULL), ERR_FORMAT);
}

static void a_sealed_file_comes_back(void **state)
{
	uint8_t out[KEYFILE_SECRET] = { 0 };

	(void)state;
	assert_int_equal(keyfile_create(path, "node", secret, "sesame"), 0);
	assert_int_equal(keyfile_load(out, path, "node", NULL), ERR_STATE);
	assert_int_equal(keyfile_load(out, path, "node", "x"), ERR_SIGNATURE);
	assert_int_equal(keyfile_load(out, path, "node", "sesame"), 0);
	assert_memory_equal(out, secret, sizeof(out));
}

static void a_file_that_is_there_is_left_alone(void **state)
{
	char text[8] = { 0 };
	int fd;

	(void)state;
	put_file("mine", 4, 0600);
	assert_int_equal(keyfile_create(path, "node", secret, NULL),
			 ERR_EXISTS);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 4);
	assert_string_equal(text, "mine");
	close(fd);
}

static void a_file_that_others_may_read_is_denied(void **state)
{
	static const mode_t open_modes[] = {
		0640, 0620, 0610, 0604, 0602, 0601
	};
	uint8_t out[KEYFILE_SECRET];

	(void)state;
	assert_int_equal(keyfile_create(path, "node", secret, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
		assert_int_equal(chmod(path, open_modes[i]), 0);
		assert_int_equal(keyfile_load(out, path, "node", NULL),
				 ERR_DENIED);
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(keyfile_load(out, path, "node", NULL), 0);
}

static void what_is_no_key_file_is_refused(void **state)
{
	char big[2 * KEYFILE_MAX];
	uint8_t out[KEYFILE_SECRET];

	(void)state;
	assert_int_equal(keyfile_load(out, path, "node", NULL), ERR_NOT_FOUND);
	assert_int_equal(keyfile_load(out, dir, "node", NULL), ERR_FORMAT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(keyfile_load(out, path, "node", NULL), ERR_FORMAT);
	unlink(path);
	put_file("", 0, 0600);
	assert_int_equal(keyfile_load(out, path, "node", NULL), ERR_FORMAT);
	unlink(path);
	memset(big, '\n', sizeof(big));
	put_file(big, sizeof(big), 0600);
	assert_int_equal(keyfile_load(out, path, "node", NULL), ERR_FORMAT);
}

static void without_a_folder_there_is_no_file(void **state)
{
	char deep[128], wide[5000];

	(void)state;
	snprintf(deep, sizeof(deep), "%s/no/key", dir);
	assert_int_equal(keyfile_create(deep, "node", secret, NULL),
			 ERR_NOT_FOUND);
	assert_int_equal(file_sync_dir(deep), ERR_NOT_FOUND);
	snprintf(deep, sizeof(deep), "%s/key", path);
	put_file("", 0, 0600);
	assert_int_equal(file_sync_dir(deep), ERR_NOT_FOUND);
	memset(wide, 'd', sizeof(wide));
	wide[4096] = '/';
	wide[4999] = '\0';
	assert_int_equal(file_sync_dir(wide), ERR_IO);
	assert_int_equal(file_sync_dir(path), 0);
	assert_int_equal(file_sync_dir("Makefile"), 0);
	assert_int_equal(file_sync_dir("/tmp"), 0);
}

static void in_a_folder_of_somebody_else_it_is_denied(void **state)
{
	uint8_t out[KEYFILE_SECRET];
	int create, load;

	(void)state;
	assert_int_equal(keyfile_create(path, "node", secret, NULL), 0);
	assert_int_equal(chmod(dir, 0), 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	create = keyfile_create(path, "node", secret, NULL);
	load = keyfile_load(out, path, "node", NULL);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(create, ERR_DENIED);
	assert_int_equal(load, ERR_DENIED);
}

/* In a child that may write ten bytes to a file and no more. */
static void a_file_that_cannot_be_written_whole_is_removed(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit ten = { 10, 10 };
		int err = 0;

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &ten) == 0)
			err = keyfile_create(path, "node", secret, NULL);
		_exit(-err);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), -ERR_IO);
	assert_int_equal(access(path, F_OK), -1);
}

/* In a child that may map no more memory. */
static void without_memory_nothing_is_sealed(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	skip(); /* its shadow needs an address space without limit */
#endif
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 1 << 20, 1 << 20 };
		int err = 0;

		if (setrlimit(RLIMIT_AS, &none) == 0)
			err = keyfile_create(path, "node", secret, "sesame");
		_exit(-err);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), -ERR_NOMEM);
	assert_int_equal(access(path, F_OK), -1);
}

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	if (crypto_start() != 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/key", dir);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
#define FILE_UNIT(f) cmocka_unit_test_teardown(f, clean)
	const struct CMUnitTest tests[] = {
		UNIT(a_clear_file_is_one_line_of_text),
		UNIT(a_clear_file_cut_or_changed_anywhere_is_refused),
		UNIT(bytes_after_the_line_are_refused),
		UNIT(a_sealed_file_opens_with_its_passphrase_only),
		UNIT(a_sealed_file_cut_anywhere_is_refused),
		UNIT(a_sealed_file_changed_anywhere_is_refused),
		UNIT(a_file_of_another_kind_is_refused),
		UNIT(hostile_costs_are_refused),
		FILE_UNIT(a_file_is_private_and_comes_back),
		FILE_UNIT(a_sealed_file_comes_back),
		FILE_UNIT(a_file_that_is_there_is_left_alone),
		FILE_UNIT(a_file_that_others_may_read_is_denied),
		FILE_UNIT(what_is_no_key_file_is_refused),
		FILE_UNIT(without_a_folder_there_is_no_file),
		FILE_UNIT(in_a_folder_of_somebody_else_it_is_denied),
		FILE_UNIT(a_file_that_cannot_be_written_whole_is_removed),
		FILE_UNIT(without_memory_nothing_is_sealed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
