#define _XOPEN_SOURCE 700 /* posix_openpt */

#include "node/text/progress.h"

#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a terminal instead of stderr was sent while work ran. */
static const char *shown(void (*work)(void))
{
	static char text[1024];
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int saved = dup(STDERR_FILENO);
	size_t n = 0;
	int tty;

	assert_true(master >= 0 && saved >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	tty = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(tty >= 0);
	assert_true(dup2(tty, STDERR_FILENO) >= 0);
	work();
	/* Something to read in any case. */
	fputs("end", stderr);
	fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	/* What was written may come in pieces. */
	do {
		ssize_t more = read(master, text + n, sizeof(text) - 1 - n);

		assert_true(more > 0);
		n += (size_t)more;
		text[n] = '\0';
	} while (n < 3 || strcmp(text + n - 3, "end") != 0);
	close(saved);
	close(tty);
	close(master);
	return text;
}

static void at_once(void)
{
	struct progress p;

	progress_start(&p, "reading");
	progress_at(&p, 5, 10);
	progress_end(&p);
}

static void later(void)
{
	struct progress p;

	progress_start(&p, "reading");
	p.next_ms = 0;
	progress_at(&p, 5, 10);
	/* Too soon after the last one. */
	progress_at(&p, 6, 10);
	p.next_ms = 0;
	progress_at(&p, 20, 10);
	progress_end(&p);
	progress_at(&p, 7, 10);
}

static void without_total(void)
{
	struct progress p;

	progress_start(&p, "reading");
	p.next_ms = 0;
	progress_at(&p, 1234, 0);
	progress_end(&p);
}

static void short_work_stays_silent(void **state)
{
	(void)state;
	assert_string_equal(shown(at_once), "end");
}

static void long_work_draws_a_bar_and_takes_it_away(void **state)
{
	const char *text = shown(later);

	(void)state;
	assert_non_null(strstr(text, "[###############               ]  50 %"));
	assert_null(strstr(text, "60 %"));
	assert_null(strstr(text, "70 %"));
	assert_non_null(strstr(text, "100 %  reading\r\033[Kend"));
}

static void what_has_no_total_is_counted(void **state)
{
	(void)state;
	assert_string_equal(shown(without_total), "\rreading 1234\r\033[Kend");
}

static void nothing_is_drawn_without_a_terminal(void **state)
{
	struct progress p;
	int saved = dup(STDERR_FILENO);
	int none = open("/dev/null", O_WRONLY);

	(void)state;
	assert_true(dup2(none, STDERR_FILENO) >= 0);
	progress_start(&p, "reading");
	p.next_ms = 0;
	progress_at(&p, 5, 10);
	assert_false(p.is_drawn);
	progress_end(&p);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(none);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(short_work_stays_silent),
		UNIT(long_work_draws_a_bar_and_takes_it_away),
		UNIT(what_has_no_total_is_counted),
		UNIT(nothing_is_drawn_without_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
