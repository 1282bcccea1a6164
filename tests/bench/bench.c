#include "tests/bench/bench.h"

#include "crypto/err.h"
#include "crypto/sign.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

struct family {
	const char *name;
	void (*run)(struct bench *b);
};

/* Idle peers come first: what is measured beside them forks off this process,
 * and would fill what others had used and given back before it grows. */
static const struct family families[] = {
	{ "idle", bench_idle },           { "record", bench_record },
	{ "replicate", bench_replicate }, { "audit", bench_audit },
	{ "query", bench_query },         { "node", bench_node },
	{ "reconnect", bench_reconnect },
};

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void bench_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void bench_stop(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void bench_must(int err, const char *what)
{
	if (err != 0)
		bench_stop("%s: %s", what, err_text(err));
}

void bench_join(char out[static BENCH_PATH], const char *dir, const char *name)
{
	int n = snprintf(out, BENCH_PATH, "%s/%s", dir, name);

	if (n < 0 || n >= BENCH_PATH)
		bench_stop("a path is too long: %s/%s", dir, name);
}

struct gen_plan bench_plan(const struct bench *b, enum ledger_size size)
{
	struct gen_plan plan = { 1000, 100000 };

	switch (size) {
	case LEDGER_SMALL:
		plan.entries = b->is_quick ? 20000 : 100000;
		break;
	case LEDGER_1K:
		plan.entries = b->is_quick ? 20000 : 1000000;
		break;
	case LEDGER_10K:
		plan.feeds = 10000;
		plan.entries = b->is_quick ? 60000 : 1000000;
		break;
	case LEDGER_100K:
		plan.feeds = 100000;
		plan.entries = 400000;
		break;
	}
	return plan;
}

void bench_home(struct bench *b, char out[static BENCH_PATH],
		enum ledger_size size)
{
	static const char *const names[2][4] = {
		{ "home-small", "home-1k", "home-10k", "home-100k" },
		{ "quick-1k", "quick-1k", "quick-10k", "home-100k" },
	};
	struct gen_plan plan = bench_plan(b, size);
	struct gen g = { .feeds = NULL };

	bench_join(out, b->dir, names[b->is_quick][size]);
	gen_home(out, &g, &plan);
	gen_close(&g);
}

/* The processor's name, how many, and the system. */
static void machine_text(char *out, size_t max)
{
	char line[256], model[128] = "unknown processor";
	struct utsname u = { .sysname = "" };
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || colon == NULL)
			continue;
		colon[1 + strcspn(colon + 1, "\n")] = '\0';
		snprintf(model, sizeof(model), "%.120s", colon + 2);
		break;
	}
	if (f != NULL)
		fclose(f);
	uname(&u);
	snprintf(out, max, "%s, %ld cores, %s %s", model,
		 sysconf(_SC_NPROCESSORS_ONLN), u.sysname, u.release);
}

static void write_json(const struct bench *b, const char *path,
		       const char *machine)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		bench_stop("cannot write %s", path);
	bench_json(&b->figures, f, machine);
	if (fclose(f) != 0)
		bench_stop("cannot write %s", path);
}

/* Is the family among those that were asked for? */
static bool is_wanted(const char *name, char **words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return n == 0;
}

static void check_families(char **words, int n)
{
	for (int i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof(families) / sizeof(*families);
		     k++)
			known = known ||
				strcmp(words[i], families[k].name) == 0;
		if (!known)
			bench_stop("no family of figures is called '%s'",
				   words[i]);
	}
}

/* Beside the tool stand the program and the folder of the homes. */
static void find_build(struct bench *b, char *root, const char *self)
{
	const char *slash = strrchr(self, '/');

	snprintf(root, BENCH_PATH, "%.*s",
		 slash == NULL ? 1 : (int)(slash - self),
		 slash == NULL ? "." : self);
	bench_join(b->dir, root, "bench");
	bench_join(b->maillon, root, "maillon");
	mkdir(b->dir, 0755);
}

int main(int argc, char **argv)
{
	struct bench b = { .runs = 5 };
	char machine[256], root[BENCH_PATH], path[BENCH_PATH];
	bool is_json = false;
	int at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		if (strcmp(argv[at], "--quick") == 0)
			b.is_quick = true;
		else if (strcmp(argv[at], "--json") == 0)
			is_json = true;
		else
			bench_stop("usage: %s [--quick] [--json] [FAMILY]...",
				   argv[0]);
	}
	if (b.is_quick)
		b.runs = 3;
	check_families(argv + at, argc - at);
	bench_must(crypto_start(), "libsodium");
	find_build(&b, root, argv[0]);
	bench_join(path, b.dir, "log.txt"); /* what programs said last time */
	unlink(path);
	machine_text(machine, sizeof(machine));
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (is_wanted(families[i].name, argv + at, argc - at))
			families[i].run(&b);
	if (is_json)
		bench_json(&b.figures, stdout, machine);
	else
		bench_table(&b.figures, stdout);
	bench_join(path, root, "bench.json");
	write_json(&b, path, machine);
	return 0;
}
