#include "node/report/audit_load.h"

#include "node/report/audit_json.h"
#include "proto/bundle.h"
#include "proto/run.h"
#include "tests/unit.h"
#include "tests/world.h"

#include <unistd.h>

/*
 * A bundle is audited by several threads, its signatures meanwhile: one that is
 * not good voids what was made, and the second, strict audit names it.
 */

enum { MAKERS = 40, RECORDS = 30 };

static char path[] = "/tmp/maillon-load-XXXXXX";

static void make_world(struct world *w)
{
	world_found(w);
	for (size_t i = 0; i < MAKERS; i++) {
		size_t maker = world_member(w, ROLE_MAKER);

		for (size_t k = 0; k < RECORDS; k++)
			world_produce(w, maker, 1 + k, "visor/v30");
	}
}

static void put(FILE *f, struct bundle_writer *b, enum bundle_type type,
		const void *body, size_t body_n)
{
	static uint8_t out[BUNDLE_ROOM];
	size_t n;

	if (type == BUNDLE_END)
		assert_int_equal(bundle_put_end(b, out, &n), 0);
	else
		assert_int_equal(bundle_put(b, out, &n, type, body, body_n), 0);
	assert_int_equal(fwrite(out, 1, n, f), n);
}

static void put_charter(FILE *f, struct bundle_writer *b, const struct bytes *e)
{
	struct record rec;
	struct entry first;

	assert_int_equal(entry_decode(&first, e->p, e->n), 0);
	assert_int_equal(
		record_decode(&rec, first.kind, first.facts, first.facts_n), 0);
	put(f, b, BUNDLE_CHARTER, rec.v[FACT_CHARTER].p, rec.v[FACT_CHARTER].n);
}

static void write_bundle(const struct world *w)
{
	static uint8_t buf[LIMIT_RUN_BYTES];
	struct bundle_writer b;
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	bundle_writer_init(&b);
	put_charter(f, &b, &w->who[0].entries[0]);
	for (size_t i = 0; i < w->n; i++) {
		const struct who *who = &w->who[i];
		struct run_writer run;
		size_t n;

		run_writer_init(&run, buf, sizeof(buf), &who->feed);
		for (uint64_t k = 0; k < who->seq; k++)
			assert_int_equal(run_writer_add(&run, who->entries[k].p,
							who->entries[k].n),
					 0);
		assert_int_equal(run_writer_end(&run, &n), 0);
		put(f, &b, BUNDLE_RUN, buf, n);
	}
	put(f, &b, BUNDLE_END, NULL, 0);
	assert_int_equal(fclose(f), 0);
}

/* The line of an audit of the bundle, malloc'ed; does it hold? */
static char *line_of(bool *holds, bool is_strict, unsigned threads)
{
	const struct audit_how how = { .is_strict = is_strict,
				       .threads = threads };
	const struct audit_say say = { .has_as_of = false };
	struct audit_load load = { .scans = NULL };
	struct audit *audit = NULL;
	struct reason why;
	struct id report;
	char *line;

	assert_int_equal(load_bundle(&load, path, &how, &why), 0);
	assert_int_equal(load_audit(&audit, &load, NULL), 0);
	line = audit_line(audit, &say, &report);
	assert_non_null(line);
	*holds = load_holds(&load);
	audit_close(audit);
	load_close(&load);
	return line;
}

/* One line for any number of threads, and whether nothing is checked first. */
static void assert_lines(bool holds, const char *finding)
{
	bool is_so;
	char *strict = line_of(&is_so, true, 1);

	assert_true(is_so);
	assert_int_equal(strstr(strict, finding) != NULL, !holds);
	for (unsigned threads = 1; threads < 6; threads++) {
		char *other = line_of(&is_so, true, threads);

		assert_true(is_so);
		assert_string_equal(other, strict);
		free(other);
		other = line_of(&is_so, false, threads);
		assert_int_equal(is_so, holds);
		if (holds)
			assert_string_equal(other, strict);
		free(other);
	}
	free(strict);
}

static void what_holds_is_the_same_for_any_number_of_threads(void **state)
{
	struct world w;

	(void)state;
	make_world(&w);
	write_bundle(&w);
	assert_lines(true, "LOG-02");
	world_release(&w);
}

static void one_bad_signature_voids_what_was_taken_on_trust(void **state)
{
	struct world w;
	struct bytes *last;

	(void)state;
	make_world(&w);
	last = &w.who[MAKERS / 2].entries[w.who[MAKERS / 2].seq - 1];
	last->p[last->n - 1] ^= 0x01;
	write_bundle(&w);
	assert_lines(false, "LOG-02");
	world_release(&w);
}

static void one_forged_certificate_voids_what_was_taken_on_trust(void **state)
{
	struct world w;
	size_t thief;

	(void)state;
	make_world(&w);
	thief = world_person(&w);
	w.who[thief].identity = w.who[1].identity;
	world_open_feed(&w, thief, NULL);
	write_bundle(&w);
	assert_lines(false, "KEY-02");
	world_release(&w);
}

/* What was not begun is not done, and nothing is lost. */
static void closing_does_not_wait_for_signatures(void **state)
{
	const struct audit_how how = { .threads = 3 };
	struct audit_load load = { .scans = NULL };
	struct reason why;
	struct world w;

	(void)state;
	make_world(&w);
	write_bundle(&w);
	assert_int_equal(load_bundle(&load, path, &how, &why), 0);
	load_close(&load);
	load_close(&load);
	world_release(&w);
}

static int make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_holds_is_the_same_for_any_number_of_threads),
		UNIT(one_bad_signature_voids_what_was_taken_on_trust),
		UNIT(one_forged_certificate_voids_what_was_taken_on_trust),
		UNIT(closing_does_not_wait_for_signatures),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
