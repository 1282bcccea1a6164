#include "node/keeper.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/text/say.h"
#include "store/private.h"
#include "tests/home_world.h"
#include "tests/unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

static struct world world;
static struct home home;

/* A draft of `qty` pieces under a key (NULL: none), in its own memory. */
static struct draft draft(uint8_t room[static 128], uint64_t qty,
			  const char *key)
{
	struct draft d = { KIND_PRODUCE, 1585699300000, room, 0 };
	uint8_t tag[TAG_SIZE] = { 0 };
	struct record rec;

	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, qty, "visor/v30");
	if (key != NULL) {
		memcpy(tag, key, strlen(key));
		record_set_bytes(&rec, FACT_KEY, tag, sizeof(tag));
	}
	assert_int_equal(record_encode(&rec, room, 128, &d.facts_n), 0);
	return d;
}

static int make_home(void **state)
{
	struct keeper *k;

	(void)state;
	world_found(&world);
	home_world_make(&home, &world, 0);
	if (keeper_create(&k, &home) != 0)
		return -1;
	home_world_fill(k, &world, 0);
	keeper_close(k);
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	home_world_remove(&home);
	world_release(&world);
	return 0;
}

static uint64_t entries(struct keeper *k)
{
	uint64_t n = 0;

	assert_int_equal(store_entry_count(k->store, &n), 0);
	return n;
}

static void a_home_without_ledger_is_told_apart(void **state)
{
	struct home empty;
	struct keeper *k = NULL;

	(void)state;
	home_world_make(&empty, &world, 0);
	assert_int_equal(keeper_open(&k, &empty), ERR_NOT_FOUND);
	assert_null(k);
	/* And the lock was let go. */
	assert_int_equal(keeper_create(&k, &empty), 0);
	keeper_close(k);
	home_world_remove(&empty);
	assert_int_equal(keeper_open(&k, &empty), ERR_NOT_FOUND);
	keeper_close(NULL);
}

static void there_is_one_keeper_at_a_time(void **state)
{
	struct keeper *k, *other = NULL;

	(void)state;
	assert_int_equal(keeper_open(&k, &home), 0);
	assert_int_equal(keeper_open(&other, &home), ERR_BUSY);
	assert_null(other);
	keeper_close(k);
	assert_int_equal(keeper_open(&other, &home), 0);
	keeper_close(other);
}

static void drafts_become_the_next_entries_and_stay(void **state)
{
	uint8_t room[3][128], raw[LIMIT_ENTRY];
	struct draft drafts[3];
	struct recorded out[3];
	struct keeper *k;
	struct entry e;
	struct id id;
	size_t n, bad = 99;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		drafts[i] = draft(room[i], i + 1, NULL);
	assert_int_equal(keeper_open(&k, &home), 0);
	assert_int_equal(keeper_record(k, out, drafts, 3, &bad), 0);
	assert_int_equal(bad, 99);
	keeper_close(k);

	assert_int_equal(keeper_open(&k, &home), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(out[i].seq, 2 + i);
		assert_false(out[i].was_there);
		assert_true(pubkey_eq(&out[i].feed, &world.who[0].feed));
		assert_int_equal(store_entry(k->store, &out[i].feed, out[i].seq,
					     raw, &n),
				 0);
		assert_int_equal(entry_decode(&e, raw, n), 0);
		assert_int_equal(entry_verify(&e), 0);
		id = entry_id(&e);
		assert_true(id_eq(&id, &out[i].id));
		assert_int_equal(e.time_ms, drafts[i].time_ms);
		assert_int_equal(e.facts_n, drafts[i].facts_n);
		assert_false(e.has_seen);
	}
	keeper_close(k);
}

static void a_bad_draft_leaves_nothing_of_its_batch(void **state)
{
	uint8_t room[3][128];
	struct draft drafts[3];
	struct recorded out[3];
	struct keeper *k;
	uint64_t before;
	size_t bad = 99;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		drafts[i] = draft(room[i], i + 1, NULL);
	drafts[1].facts_n--;
	assert_int_equal(keeper_open(&k, &home), 0);
	before = entries(k);
	assert_int_equal(keeper_record(k, out, drafts, 3, &bad), ERR_FORMAT);
	assert_int_equal(bad, 1);
	drafts[1] = draft(room[1], 2, NULL);
	drafts[2].kind = 9999;
	assert_int_equal(keeper_record(k, out, drafts, 3, &bad), ERR_VERSION);
	assert_int_equal(bad, 2);
	assert_int_equal(entries(k), before);
	keeper_close(k);
}

static void a_batch_has_limits(void **state)
{
	static uint8_t room[KEEPER_DRAFTS + 1][128];
	static struct draft drafts[KEEPER_DRAFTS + 1];
	static struct recorded out[KEEPER_DRAFTS + 1];
	struct keeper *k;
	uint64_t before;

	(void)state;
	for (size_t i = 0; i <= KEEPER_DRAFTS; i++)
		drafts[i] = draft(room[i], 1, NULL);
	assert_int_equal(keeper_open(&k, &home), 0);
	before = entries(k);
	assert_int_equal(keeper_record(k, out, drafts, 0, NULL), ERR_LIMIT);
	assert_int_equal(keeper_record(k, out, drafts, KEEPER_DRAFTS + 1, NULL),
			 ERR_LIMIT);
	assert_int_equal(entries(k), before);
	assert_int_equal(keeper_record(k, out, drafts, KEEPER_DRAFTS, NULL), 0);
	assert_int_equal(entries(k), before + KEEPER_DRAFTS);
	keeper_close(k);
}

static void the_same_key_records_once(void **state)
{
	uint8_t room[4][128];
	struct draft drafts[4];
	struct recorded first, out[4];
	struct keeper *k;
	uint64_t before;
	size_t bad = 99;

	(void)state;
	drafts[0] = draft(room[0], 5, "a");
	assert_int_equal(keeper_open(&k, &home), 0);
	assert_int_equal(keeper_record(k, &first, drafts, 1, NULL), 0);
	assert_false(first.was_there);
	before = entries(k);

	/* Later, at another time of the clock. */
	drafts[0].time_ms += 1000;
	assert_int_equal(keeper_record(k, out, drafts, 1, NULL), 0);
	assert_true(out[0].was_there);
	assert_int_equal(out[0].seq, first.seq);
	assert_true(id_eq(&out[0].id, &first.id));
	assert_int_equal(entries(k), before);

	/* Twice in one call, among others. */
	drafts[1] = draft(room[1], 6, "b");
	drafts[2] = draft(room[2], 6, "b");
	drafts[3] = draft(room[3], 6, NULL);
	assert_int_equal(keeper_record(k, out, drafts, 4, NULL), 0);
	assert_true(out[0].was_there);
	assert_false(out[1].was_there);
	assert_true(out[2].was_there);
	assert_int_equal(out[2].seq, out[1].seq);
	assert_int_equal(out[3].seq, out[1].seq + 1);
	assert_int_equal(entries(k), before + 2);

	/* For something else, earlier or in the same call. */
	drafts[1] = draft(room[1], 7, "a");
	drafts[0] = draft(room[0], 8, NULL);
	assert_int_equal(keeper_record(k, out, drafts, 2, &bad), ERR_EXISTS);
	assert_int_equal(bad, 1);
	drafts[0] = draft(room[0], 1, "c");
	drafts[1] = draft(room[1], 2, "c");
	assert_int_equal(keeper_record(k, out, drafts, 2, &bad), ERR_EXISTS);
	assert_int_equal(bad, 1);
	assert_int_equal(entries(k), before + 2);
	keeper_close(k);
}

static void nothing_goes_before_open(void **state)
{
	uint8_t room[128];
	struct draft d = draft(room, 1, NULL);
	struct recorded out;
	struct home fresh;
	struct keeper *k;

	(void)state;
	home_world_make(&fresh, &world, 0);
	assert_int_equal(keeper_create(&k, &fresh), 0);
	assert_int_equal(keeper_record(k, &out, &d, 1, NULL), ERR_STATE);
	keeper_close(k);
	home_world_remove(&fresh);
}

static void an_entry_names_the_newest_checkpoint_once(void **state)
{
	struct world w;
	struct home h;
	struct keeper *k;
	uint8_t room[128], raw[LIMIT_ENTRY], bytes[64] = { 3 };
	struct draft d;
	struct recorded out;
	struct record rec;
	struct entry e;
	struct id point;
	size_t n, maker;

	(void)state;
	world_found(&w);
	maker = world_member(&w, ROLE_MAKER);
	world_produce(&w, 0, 1, "visor");
	record_init(&rec, KIND_CHECKPOINT);
	record_set_uint(&rec, FACT_SIZE, 1);
	record_set_bytes(&rec, FACT_ROOT, bytes, 32);
	record_set_bytes(&rec, FACT_NOTE_SIG, bytes, 64);
	world_record(&w, 0, &rec);
	record_set_uint(&rec, FACT_SIZE, 2);
	point = world_record(&w, 0, &rec);
	home_world_make(&h, &w, maker);
	assert_int_equal(keeper_create(&k, &h), 0);
	home_world_fill(k, &w, maker);

	d = draft(room, 1, NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(keeper_record(k, &out, &d, 1, NULL), 0);
		assert_int_equal(
			store_entry(k->store, &out.feed, out.seq, raw, &n), 0);
		assert_int_equal(entry_decode(&e, raw, n), 0);
		assert_int_equal(e.has_seen, i == 0);
		if (i == 0)
			assert_true(id_eq(&e.seen, &point));
	}
	keeper_close(k);
	home_world_remove(&h);
	world_release(&w);
}

static void private_rows_are_kept(void **state)
{
	const struct keepsake rows[] = { { "k1", 2, "one", 3 },
					 { "k2", 2, "two", 3 } };
	struct keeper *k;
	char value[8];
	size_t n;

	(void)state;
	assert_int_equal(keeper_open(&k, &home), 0);
	assert_int_equal(keeper_remember(k, rows, 2), 0);
	keeper_close(k);
	assert_int_equal(keeper_open(&k, &home), 0);
	assert_int_equal(store_get(k->store, TABLE_PRIVATE, "k2", 2, value,
				   sizeof(value), &n),
			 0);
	assert_int_equal(n, 3);
	assert_memory_equal(value, "two", 3);
	keeper_close(k);
}

static int handle(void *arg, struct ctl_request *req, struct ctl_reply *reply)
{
	return desk_serve(arg, req, reply);
}

/* A daemon that serves one connection after the other, in a process of its
 * own; it says on fd that it is ready. */
static void be_daemon(int fd)
{
	struct keeper *k;
	int listener;

	if (keeper_open(&k, &home) != 0 ||
	    ctl_listen(&listener, home.socket) != 0 || write(fd, "r", 1) != 1)
		_exit(1);
	for (;;) {
		struct pollfd p = { listener, POLLIN, 0 };
		struct ctl_conn c;

		poll(&p, 1, -1);
		if (ctl_accept(&c, listener) != 0)
			continue;
		for (int err = 0; err == 0;) {
			struct pollfd q = { c.fd, ctl_conn_events(&c), 0 };

			poll(&q, 1, -1);
			err = ctl_conn_step(&c, q.revents, handle, k);
		}
		ctl_conn_close(&c);
	}
}

static pid_t start_daemon(void)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_daemon(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void stop_daemon(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	unlink(home.socket);
}

static void commands_write_through_the_daemon(void **state)
{
	struct ctx ctx = { .home = home, .now_ms = 1585699400000 };
	static uint8_t room[300][128];
	static struct draft drafts[300];
	static struct recorded out[300];
	const struct keepsake row = { "k3", 2, "three", 5 };
	struct desk d;
	struct head head;
	uint64_t before;
	char value[8];
	size_t n, done = 0, bad = 999;
	pid_t pid = start_daemon();

	(void)state;
	assert_int_equal(desk_open(&d, &ctx), EXIT_DONE);
	assert_null(d.keeper);
	assert_int_equal(store_head(d.store, &d.feed, &head), 0);
	before = head.seq;
	/* More than one batch takes. */
	for (size_t i = 0; i < 300; i++)
		drafts[i] = draft(room[i], i + 1, NULL);
	assert_int_equal(desk_record(&d, out, drafts, 300, &done, NULL),
			 EXIT_DONE);
	assert_int_equal(done, 300);
	assert_int_equal(out[299].seq, before + 300);
	/* The reader beside the daemon sees it at once. */
	assert_int_equal(store_head(d.store, &d.feed, &head), 0);
	assert_int_equal(head.seq, before + 300);
	assert_true(id_eq(&head.id, &out[299].id));

	drafts[0] = draft(room[0], 1, "daemon");
	drafts[1] = draft(room[1], 2, "daemon");
	assert_int_equal(desk_record(&d, out, drafts, 2, &done, &bad),
			 EXIT_DATA);
	assert_int_equal(bad, 1);
	assert_int_equal(done, 0);
	/* The second batch is refused, the first is safe. */
	for (size_t i = 0; i < 300; i++)
		drafts[i] = draft(room[i], i + 1, NULL);
	drafts[280].facts_n--;
	assert_int_equal(desk_record(&d, NULL, drafts, 300, &done, &bad),
			 EXIT_DATA);
	assert_int_equal(bad, 280);
	assert_int_equal(done, KEEPER_DRAFTS);

	assert_int_equal(desk_remember(&d, &row, 1), EXIT_DONE);
	assert_int_equal(store_get(d.store, TABLE_PRIVATE, "k3", 2, value,
				   sizeof(value), &n),
			 0);
	assert_memory_equal(value, "three", 5);
	desk_close(&d);
	stop_daemon(pid);
}

static void a_lock_without_a_socket_means_try_again(void **state)
{
	struct ctx ctx = { .home = home };
	struct desk d;
	pid_t pid = start_daemon();

	(void)state;
	unlink(home.socket);
	assert_int_equal(desk_open(&d, &ctx), EXIT_AGAIN);
	desk_close(&d);
	stop_daemon(pid);
	assert_int_equal(desk_open(&d, &ctx), EXIT_DONE);
	assert_non_null(d.keeper);
	desk_close(&d);
}

static void what_a_killed_daemon_answered_is_there(void **state)
{
	struct ctx ctx = { .home = home };
	uint8_t room[128], raw[LIMIT_ENTRY];
	struct draft one = draft(room, 77, NULL);
	struct recorded out;
	struct desk d;
	size_t n;
	pid_t pid = start_daemon();

	(void)state;
	assert_int_equal(desk_open(&d, &ctx), EXIT_DONE);
	assert_int_equal(desk_one(&d, &out, &one), EXIT_DONE);
	stop_daemon(pid);
	/* And nobody is left to take the next one. */
	assert_int_equal(desk_one(&d, &out, &one), EXIT_UNAVAILABLE);
	desk_close(&d);
	assert_int_equal(desk_open(&d, &ctx), EXIT_DONE);
	assert_int_equal(store_entry(d.store, &out.feed, out.seq, raw, &n), 0);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_home_without_ledger_is_told_apart),
		UNIT(there_is_one_keeper_at_a_time),
		UNIT(drafts_become_the_next_entries_and_stay),
		UNIT(a_bad_draft_leaves_nothing_of_its_batch),
		UNIT(a_batch_has_limits),
		UNIT(the_same_key_records_once),
		UNIT(nothing_goes_before_open),
		UNIT(an_entry_names_the_newest_checkpoint_once),
		UNIT(private_rows_are_kept),
		UNIT(commands_write_through_the_daemon),
		UNIT(a_lock_without_a_socket_means_try_again),
		UNIT(what_a_killed_daemon_answered_is_there),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
