#include "crypto/err.h"
#include "store/fsck.h"
#include "tests/ledger.h"
#include "tests/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/*
 * A process that appends is killed at a random moment, again and again.  What
 * it reported as committed is there, nothing is torn, and the next one goes
 * on from there.
 */

enum { ENTRIES = 3000, ROUNDS = 40, BUDGET_MS = 5000 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Append and report the seq of each commit, until killed or done. */
static int append_on(struct ledger *l, const struct world *w, int report)
{
	uint64_t seq = 0, x = now_ms() * 2654435761U | 1;
	struct head head;

	if (ledger_open(l, STORE_WRITE) != 0)
		return 1;
	if (store_head(l->s, &w->who[0].feed, &head) == 0)
		seq = head.seq;
	while (seq < w->who[0].seq) {
		if (store_begin(l->s) != 0)
			return 2;
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		for (uint64_t n = x % 20 + 1; n > 0 && seq < w->who[0].seq; n--)
			if (ledger_append(l, w, 0, ++seq) != 0)
				return 3;
		if (store_commit(l->s) != 0)
			return 4;
		if (write(report, &seq, sizeof(seq)) != sizeof(seq))
			return 5;
	}
	return 0;
}

/* One child, killed after a while; what it last reported. */
static uint64_t kill_one(struct ledger *l, const struct world *w,
			 uint64_t after_us, bool *is_done)
{
	const struct timespec wait = { .tv_nsec = (long)after_us * 1000 };
	uint64_t seq, last = 0;
	int report[2], status;
	pid_t child;

	assert_int_equal(pipe(report), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(report[0]);
		_exit(append_on(l, w, report[1]));
	}
	close(report[1]);
	nanosleep(&wait, NULL);
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(report[0], &seq, sizeof(seq)) == sizeof(seq))
		last = seq;
	close(report[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	*is_done = WIFEXITED(status);
	if (*is_done)
		assert_int_equal(WEXITSTATUS(status), 0);
	return last;
}

/* What is held, after checking that all of it is sound. */
static uint64_t held(struct ledger *l, const struct world *w)
{
	struct fsck_report report;
	struct head head = { .seq = 0 };
	int err;

	assert_int_equal(ledger_open(l, STORE_READ), 0);
	err = store_head(l->s, &w->who[0].feed, &head);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	assert_int_equal(store_fsck(l->s, &report, NULL), 0);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.entries, head.seq);
	ledger_close(l);
	return head.seq;
}

static void what_was_committed_survives_a_kill(void **state)
{
	uint64_t committed = 0, end = now_ms() + BUDGET_MS, rounds = 0;
	struct world w;
	struct ledger l;
	bool is_done = false;

	(void)state;
	world_found(&w);
	for (int i = 0; i < ENTRIES; i++)
		world_produce(&w, 0, 1, "visor/v30");
	ledger_found(&l, &w);
	ledger_close(&l);
	while (rounds < ROUNDS && now_ms() < end && !is_done) {
		uint64_t seq =
			kill_one(&l, &w, rounds * 7919 % 40000, &is_done);

		if (seq > committed)
			committed = seq;
		seq = held(&l, &w);
		assert_true(seq >= committed);
		committed = seq;
		rounds++;
	}
	assert_true(rounds > 1);
	assert_true(committed > 0);
	ledger_release(&l);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_was_committed_survives_a_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
