#include "node/ctl/ctl.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The server runs in a thread of its own, as a daemon's loop would. */
static char dir[] = "/tmp/node_ctl.XXXXXX";
static char path[64];
static int listener = -1;
static pthread_t thread;
static int quit[2];

/* echo: the first value back.  fail: an error with a sentence.  big: n bytes.
 * later: answered on the next turn of the loop. */
static struct ctl_conn *waiting;

static int serve(void *arg, struct ctl_request *req, struct ctl_reply *reply)
{
	(void)arg;
	if (strcmp(req->verb, "echo") == 0) {
		wr_raw(&reply->value, req->args.p, req->args.n);
		return 0;
	}
	if (strcmp(req->verb, "count") == 0) {
		wr_uint(&reply->value, req->count);
		return 0;
	}
	if (strcmp(req->verb, "fail") == 0) {
		snprintf(reply->reason, sizeof(reply->reason), "not today");
		wr_uint(&reply->value, 7);
		return ERR_DENIED;
	}
	if (strcmp(req->verb, "big") == 0) {
		uint64_t n = rd_uint(&req->args, 2 * CTL_MAX);
		uint8_t *p = calloc(1, n);

		wr_bin(&reply->value, p, n);
		free(p);
		return 0;
	}
	if (strcmp(req->verb, "later") == 0) {
		waiting = req->conn;
		return CTL_LATER;
	}
	return strcmp(req->verb, "nothing") == 0 ? 0 : ERR_NOT_FOUND;
}

static void *loop(void *arg)
{
	struct ctl_conn conn[4];
	struct pollfd p[6];

	for (int i = 0; i < 4; i++)
		conn[i] = (struct ctl_conn){ .fd = -1 };
	for (;;) {
		for (int i = 0; i < 4; i++)
			p[i] = (struct pollfd){
				conn[i].fd,
				conn[i].fd < 0 ? (short)0
					       : ctl_conn_events(&conn[i]),
				0
			};
		p[4] = (struct pollfd){ listener, POLLIN, 0 };
		p[5] = (struct pollfd){ quit[0], POLLIN, 0 };
		poll(p, 6, -1);
		if (p[5].revents != 0)
			break;
		for (int i = 0; i < 4; i++) {
			if (conn[i].fd < 0 || p[i].revents == 0)
				continue;
			if (ctl_conn_step(&conn[i], p[i].revents, serve,
					  NULL) != 0)
				ctl_conn_close(&conn[i]);
			if (waiting == &conn[i]) {
				uint8_t two = 2;

				ctl_answer(waiting, 0, &two, 1, NULL);
				waiting = NULL;
			}
		}
		for (int i = 0; i < 4 && p[4].revents != 0; i++)
			if (conn[i].fd < 0) {
				if (ctl_accept(&conn[i], listener) != 0)
					conn[i] = (struct ctl_conn){ .fd = -1 };
				break;
			}
	}
	for (int i = 0; i < 4; i++)
		ctl_conn_close(&conn[i]);
	return arg;
}

static int start(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || pipe(quit) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/ctl.sock", dir);
	if (ctl_listen(&listener, path) != 0)
		return -1;
	return pthread_create(&thread, NULL, loop, NULL);
}

static int stop(void **state)
{
	(void)state;
	if (write(quit[1], "q", 1) != 1)
		return -1;
	pthread_join(thread, NULL);
	close(listener);
	unlink(path);
	return rmdir(dir);
}

static void values_go_there_and_come_back(void **state)
{
	struct ctl c = { .fd = -1 };
	uint8_t room[64];
	struct rd reply;
	struct wr w;

	(void)state;
	assert_int_equal(ctl_connect(&c, path), 0);
	for (uint64_t i = 0; i < 100; i++) {
		wr_init(&w, room, sizeof(room));
		wr_uint(&w, i * 1000003);
		assert_int_equal(ctl_call(&c, &reply, "echo", &w, 1, 2000), 0);
		assert_int_equal(rd_uint(&reply, UINT64_MAX), i * 1000003);
		assert_int_equal(rd_end(&reply), 0);
	}
	wr_init(&w, room, sizeof(room));
	wr_uint(&w, 1);
	wr_text(&w, "two", 3);
	assert_int_equal(ctl_call(&c, &reply, "count", &w, 2, 2000), 0);
	assert_int_equal(rd_uint(&reply, 9), 2);
	assert_int_equal(ctl_call(&c, &reply, "count", NULL, 0, 2000), 0);
	assert_int_equal(rd_uint(&reply, 9), 0);
	/* A handler that writes nothing says 0. */
	assert_int_equal(ctl_call(&c, &reply, "nothing", NULL, 0, 2000), 0);
	assert_int_equal(rd_uint(&reply, 9), 0);
	ctl_close(&c);
}

static void an_error_comes_with_its_sentence(void **state)
{
	struct ctl c = { .fd = -1 };
	struct rd reply;

	(void)state;
	assert_int_equal(ctl_connect(&c, path), 0);
	assert_int_equal(ctl_call(&c, &reply, "fail", NULL, 0, 2000),
			 ERR_DENIED);
	assert_string_equal(c.reason, "not today");
	/* And the connection serves on. */
	assert_int_equal(ctl_call(&c, &reply, "unheard", NULL, 0, 2000),
			 ERR_NOT_FOUND);
	assert_string_equal(c.reason, "");
	assert_int_equal(ctl_call(&c, &reply, "count", NULL, 0, 2000), 0);
	ctl_close(&c);
}

static void an_answer_may_come_later(void **state)
{
	struct ctl c = { .fd = -1 };
	struct rd reply;

	(void)state;
	assert_int_equal(ctl_connect(&c, path), 0);
	assert_int_equal(ctl_call(&c, &reply, "later", NULL, 0, 2000), 0);
	assert_int_equal(rd_uint(&reply, 9), 2);
	assert_int_equal(ctl_call(&c, &reply, "count", NULL, 0, 2000), 0);
	ctl_close(&c);
}

static void messages_have_a_ceiling_on_both_ways(void **state)
{
	size_t big = CTL_MAX + 10;
	uint8_t *p = calloc(1, big);
	struct ctl c = { .fd = -1 };
	struct rd reply;
	uint8_t room[16];
	struct wr w;
	size_t n;

	(void)state;
	assert_non_null(p);
	assert_int_equal(ctl_connect(&c, path), 0);
	wr_init(&w, room, sizeof(room));
	wr_uint(&w, CTL_MAX - 100);
	assert_int_equal(ctl_call(&c, &reply, "big", &w, 1, 5000), 0);
	assert_non_null(rd_bin(&reply, CTL_MAX, &n));
	assert_int_equal(n, CTL_MAX - 100);
	wr_init(&w, room, sizeof(room));
	wr_uint(&w, CTL_MAX);
	assert_int_equal(ctl_call(&c, &reply, "big", &w, 1, 5000), ERR_LIMIT);

	wr_init(&w, p, big);
	wr_bin(&w, room, sizeof(room));
	w.n = CTL_MAX - 64;
	memset(p, 0, w.n);
	be32_put(p + 1, (uint32_t)(w.n - 5));
	p[0] = 0xc6;
	assert_int_equal(ctl_call(&c, &reply, "echo", &w, 1, 5000), 0);
	assert_non_null(rd_bin(&reply, CTL_MAX, &n));
	w.n = CTL_MAX;
	assert_int_equal(ctl_call(&c, &reply, "echo", &w, 1, 5000), ERR_LIMIT);
	ctl_close(&c);
	free(p);
}

static int raw_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

static void a_client_that_talks_nonsense_is_hung_up_on(void **state)
{
	static const struct {
		const char *why;
		const char *bytes;
		size_t n;
	} rows[] = {
		{ "a length above the ceiling", "\x00\x10\x00\x01", 4 },
		{ "the longest length there is", "\xff\xff\xff\xff", 4 },
		{ "an empty message", "\x00\x00\x00\x00", 4 },
		{ "not an array", "\x00\x00\x00\x01\x05", 5 },
		{ "an empty array", "\x00\x00\x00\x01\x90", 5 },
		{ "a verb that is a number", "\x00\x00\x00\x02\x91\x07", 6 },
		{ "a verb with a control byte", "\x00\x00\x00\x03\x91\xa1\x1b",
		  7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = raw_socket();
		struct pollfd p = { fd, POLLIN, 0 };
		char byte;

		assert_int_equal(write(fd, rows[i].bytes, rows[i].n),
				 (ssize_t)rows[i].n);
		assert_int_equal(poll(&p, 1, 2000), 1);
		if (read(fd, &byte, 1) != 0)
			fail_msg("%s was answered", rows[i].why);
		close(fd);
	}
}

static void a_request_may_arrive_byte_by_byte(void **state)
{
	static const char request[] = "\x00\x00\x00\x07\x91\xa5"
				      "count";
	static const char want[] = "\x00\x00\x00\x03\x92\x00\x00";
	char got[7];
	int fd = raw_socket();
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(request) - 1; i++) {
		assert_int_equal(write(fd, request + i, 1), 1);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	while (n < sizeof(got)) {
		ssize_t r = read(fd, got + n, sizeof(got) - n);

		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_memory_equal(got, want, sizeof(got));
	close(fd);
}

static void a_daemon_that_is_silent_is_not_waited_for(void **state)
{
	char mute[64];
	struct ctl c = { .fd = -1 };
	struct rd reply;
	int fd;

	(void)state;
	snprintf(mute, sizeof(mute), "%s/mute.sock", dir);
	assert_int_equal(ctl_listen(&fd, mute), 0);
	assert_int_equal(ctl_connect(&c, mute), 0);
	assert_int_equal(ctl_call(&c, &reply, "count", NULL, 0, 50), ERR_BUSY);
	assert_int_equal(ctl_call(&c, &reply, "count", NULL, 0, 50), ERR_IO);
	ctl_close(&c);
	close(fd);
	unlink(mute);
}

static void nobody_there_is_told_from_not_permitted(void **state)
{
	char other[64];
	struct ctl c = { .fd = -1 };
	struct stat st;
	int fd;

	(void)state;
	snprintf(other, sizeof(other), "%s/none.sock", dir);
	assert_int_equal(ctl_connect(&c, other), ERR_NOT_FOUND);
	/* A socket whose daemon died. */
	assert_int_equal(ctl_listen(&fd, other), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
	assert_int_equal(ctl_connect(&c, other), ERR_NOT_FOUND);
	/* It is replaced by the next one. */
	assert_int_equal(ctl_listen(&fd, other), 0);
	assert_int_equal(ctl_connect(&c, other), 0);
	ctl_close(&c);
	close(fd);
	unlink(other);
	/* A folder where others may write. */
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(ctl_listen(&fd, other), ERR_DENIED);
	assert_int_equal(chmod(dir, 0700), 0);
	memset(other, 'x', sizeof(other));
	other[sizeof(other) - 1] = '\0';
	assert_int_equal(ctl_listen(&fd, other), ERR_DENIED);
}

static void only_who_was_promised_an_answer_gets_one(void **state)
{
	struct ctl_conn c = { .fd = -1 };

	(void)state;
	assert_int_equal(ctl_answer(&c, 0, NULL, 0, NULL), ERR_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(values_go_there_and_come_back),
		UNIT(an_error_comes_with_its_sentence),
		UNIT(an_answer_may_come_later),
		UNIT(messages_have_a_ceiling_on_both_ways),
		UNIT(a_client_that_talks_nonsense_is_hung_up_on),
		UNIT(a_request_may_arrive_byte_by_byte),
		UNIT(a_daemon_that_is_silent_is_not_waited_for),
		UNIT(nobody_there_is_told_from_not_permitted),
		UNIT(only_who_was_promised_an_answer_gets_one),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
