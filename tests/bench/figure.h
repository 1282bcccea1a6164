#ifndef TESTS_BENCH_FIGURE_H
#define TESTS_BENCH_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * figure -- what was measured: a name, a unit, several runs, a note.
 *
 * These machines are noisy, so a figure is its smallest, middle and largest
 * run, and a figure X is held against X_limit of the same run: the library
 * calls alone over the same bytes.
 */

enum { FIGURES = 48, FIGURE_RUNS = 4096, FIGURE_NOTE = 240 };

struct figure {
	const char *name;
	const char *unit;
	double min, median, max; /* after figure_end */
	size_t n;                /* runs */
	double *runs;            /* FIGURE_RUNS of room, until figure_end */
	char note[FIGURE_NOTE];
};

struct figures {
	struct figure at[FIGURES];
	size_t n;
};

/* figure_new: a figure without runs.  name and unit are borrowed. */
struct figure *figure_new(struct figures *all, const char *name,
			  const char *unit);

/* figure_find: by name; NULL when it was not measured. */
const struct figure *figure_find(const struct figures *all, const char *name);

/* figure_run: one more run. */
void figure_run(struct figure *f, double value);

/* figure_note: add to the note, after "; " when there is one already. */
void figure_note(struct figure *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* figure_end: sort the runs into min, median and max. */
void figure_end(struct figure *f);

/* figure_against: note how f's median stands to that of `limit`, both ended,
 * when that was measured. */
void figure_against(struct figures *all, struct figure *f, const char *limit);

/* figure_drop: the newest figure could not be measured: take it away. */
void figure_drop(struct figures *all, struct figure *f);

/* bench_table: for people; bench_json: CONTRACT's one line. */
void bench_table(const struct figures *all, FILE *out);
void bench_json(const struct figures *all, FILE *out, const char *machine);

#endif
