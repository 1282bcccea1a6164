#include "store/lock.h"

#include "crypto/err.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void lock_path(struct ledger *l, char path[static LEDGER_PATH])
{
	ledger_init(l);
	snprintf(path, LEDGER_PATH, "%.200s/lock", l->root);
}

static void one_holder_at_a_time(void **state)
{
	char path[LEDGER_PATH];
	struct lock *a = NULL, *b = NULL;
	struct ledger l;
	struct stat st;

	(void)state;
	lock_path(&l, path);
	assert_int_equal(lock_take(&a, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(lock_take(&b, path), ERR_BUSY);
	assert_null(b);
	lock_release(a);
	assert_int_equal(lock_take(&b, path), 0);
	lock_release(b);
	lock_release(NULL);
	ledger_release(&l);
}

static void it_needs_its_folder(void **state)
{
	char path[2 * LEDGER_PATH];
	struct lock *a = NULL;
	struct ledger l;

	(void)state;
	ledger_init(&l);
	snprintf(path, sizeof(path), "%s/none/lock", l.root);
	assert_int_equal(lock_take(&a, path), ERR_NOT_FOUND);
	assert_int_equal(lock_take(&a, l.root), ERR_FOLDER);
	assert_null(a);
	ledger_release(&l);
}

static void it_ends_with_its_process(void **state)
{
	char path[LEDGER_PATH];
	struct lock *a = NULL;
	struct ledger l;
	int ready[2], status;
	pid_t child;
	char c = 0;

	(void)state;
	lock_path(&l, path);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		c = lock_take(&a, path) == 0 ? 'y' : 'n';
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	assert_int_equal(lock_take(&a, path), ERR_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(lock_take(&a, path), 0);
	lock_release(a);
	close(ready[0]);
	close(ready[1]);
	ledger_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(one_holder_at_a_time),
		UNIT(it_needs_its_folder),
		UNIT(it_ends_with_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
