#include "tests/bench/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A node that is not ready by then is broken. */
enum { READY_MS = 60000 };

extern char **environ; /* POSIX declares it in no header */

/* Nodes keep marks outside their homes of how far a key has written, so that a
 * home that was put back from a copy is noticed.  Here homes have the same keys
 * and are made anew all the time: each has its marks with it. */
static void keep_state_apart(const char *home)
{
	char state[BENCH_PATH], here[BENCH_PATH] = "";

	if (home[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		bench_stop("there is no current folder");
	if (snprintf(state, sizeof(state), "%s%s%s/state", here,
		     here[0] == '\0' ? "" : "/", home) >= BENCH_PATH ||
	    setenv("MAILLON_STATE", state, 1) != 0)
		bench_stop("a path is too long: %s", home);
}

/* stdout to `out`, stderr to the log.  Not by fork, which takes as long as this
 * process is big. */
static pid_t start(const struct bench *b, const char *const *args, int out)
{
	posix_spawn_file_actions_t acts;
	char log[BENCH_PATH], *argv[RUN_ARGS + 2];
	size_t n = 0;
	pid_t pid;
	int err = posix_spawn_file_actions_init(&acts);

	keep_state_apart(args[1]);
	bench_join(log, b->dir, "log.txt");
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&acts, out, 1);
	if (err == 0)
		err = posix_spawn_file_actions_addopen(
			&acts, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	argv[n++] = strdup(b->maillon);
	while (n <= RUN_ARGS && args[n - 1] != NULL) {
		argv[n] = strdup(args[n - 1]);
		n++;
	}
	argv[n] = NULL;
	if (err == 0)
		err = posix_spawn(&pid, b->maillon, &acts, NULL, argv, environ);
	if (err != 0)
		bench_stop("cannot start %s", b->maillon);
	posix_spawn_file_actions_destroy(&acts);
	while (n > 0)
		free(argv[--n]);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			bench_stop("a process was lost");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

double run_command(const struct bench *b, const char *const *args,
		   const char *out, int *code)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	double at;

	if (fd < 0)
		bench_stop("cannot write %s", out);
	at = bench_now();
	*code = wait_for(start(b, args, fd));
	at = bench_now() - at;
	close(fd);
	return at;
}

/* Read up to a line's end. */
static void read_ready(const struct bench *b, struct node *n)
{
	struct pollfd p = { n->out, POLLIN, 0 };
	char line[256];
	size_t got = 0;

	while (got < sizeof(line) - 1 && (got == 0 || line[got - 1] != '\n')) {
		if (poll(&p, 1, READY_MS) != 1 ||
		    read(n->out, line + got, 1) != 1) {
			node_kill(n);
			bench_stop("a node did not start: see %s/log.txt",
				   b->dir);
		}
		got++;
	}
	line[got] = '\0';
	if (sscanf(line, "ready %159s", n->address) != 1)
		bench_stop("a node said '%s'", line);
}

void node_start(const struct bench *b, struct node *n, const char *home,
		const char *peer)
{
	const char *args[RUN_ARGS] = { "--home", home, "up", "--listen",
				       "tcp://127.0.0.1:*" };
	int ends[2];
	double at;

	if (peer != NULL) {
		args[5] = "--peer";
		args[6] = peer;
	}
	if (pipe(ends) != 0)
		bench_stop("no pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	at = bench_now();
	n->pid = start(b, args, ends[1]);
	n->out = ends[0];
	close(ends[1]);
	read_ready(b, n);
	n->ready_s = bench_now() - at;
}

static void end(struct node *n, int signal)
{
	kill(n->pid, signal);
	wait_for(n->pid);
	close(n->out);
	n->pid = 0;
}

void node_stop(struct node *n)
{
	end(n, SIGTERM);
}

void node_kill(struct node *n)
{
	end(n, SIGKILL);
}

size_t node_private_kb(const struct node *n)
{
	char path[64], line[256];
	size_t kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)n->pid);
	f = fopen(path, "r");
	if (f == NULL)
		bench_stop("cannot read %s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "RssAnon: %zu", &kb) == 1)
			break;
	fclose(f);
	return kb;
}
