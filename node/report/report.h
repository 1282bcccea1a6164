#ifndef NODE_REPORT_REPORT_H
#define NODE_REPORT_REPORT_H

#include "crypto/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * report -- what a report says, before it has a form.
 *
 * A report is sections, a section is a table: columns that are known when the
 * program is written, and rows of cells that are put one by one from left to
 * right.  Each report is written once (report_*.c) and printed by any of the
 * renderers below.  Titles and words are English and marked with N_(); all
 * renderers but JSON translate them.  Texts of the ledger are kept as they
 * are, and made harmless by the renderer, which knows for whom.
 */

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV, REPORT_HTML };

enum cell_type {
	CELL_NONE,  /* not known, or does not apply */
	CELL_TEXT,  /* of the ledger */
	CELL_WORD,  /* ours, translated where it is shown */
	CELL_COUNT, /* a whole number */
	CELL_MONEY, /* minor units of a currency */
	CELL_TIME,  /* ms since 1970 */
	CELL_DAY    /* the same; people are shown the day */
};

struct cell {
	enum cell_type type;
	char *text;       /* owned */
	const char *word; /* N_() */
	int64_t n;
	char currency[4];
};

struct heading {
	const char *key;   /* in JSON */
	const char *title; /* N_() */
	char align;        /* 'l' or 'r' */
	bool is_chart;     /* drawn as bars, too, one column of a section */
};

enum { REPORT_COLUMNS = 12, REPORT_SECTIONS = 24 };

struct section {
	const char *key;               /* in JSON */
	const char *title;             /* N_() */
	const char *none;              /* N_(): said when there are no rows */
	const char *note;              /* N_() or NULL: said after the rows */
	const struct heading *columns; /* borrowed */
	size_t columns_n;
	bool is_facts;     /* one row, shown as a list of names and values */
	struct cell *cell; /* owned, row by row */
	size_t n, max;
};

struct report {
	const char *name;  /* in JSON: "treasurer" */
	const char *title; /* N_() */
	struct section section[REPORT_SECTIONS];
	size_t n;
	int err; /* 0 or ERR_NOMEM; it sticks */
};

/* report_init: no sections yet.  report_release: free all. */
void report_init(struct report *r, const char *name, const char *title);
void report_release(struct report *r);

/* report_section: begin a section; columns end with a NULL key. */
struct section *report_section(struct report *r, const char *key,
			       const char *title, const struct heading *columns,
			       const char *none);

/* report_facts: the same for a section of one row. */
struct section *report_facts(struct report *r, const char *key,
			     const char *title, const struct heading *columns);

/* put_*: the next cell of the last section.  The text is copied. */
void put_none(struct report *r);
void put_text(struct report *r, const char *text);
void put_word(struct report *r, const char *word);
void put_count(struct report *r, int64_t n);
void put_money(struct report *r, int64_t minor, const char *currency);
void put_time(struct report *r, uint64_t ms);
void put_day(struct report *r, uint64_t ms);
void put_hex(struct report *r, const void *p, size_t n);

/* report_sort: the rows of the last section by their first three cells, which
 * are texts: people look for names. */
void report_sort(struct report *r);

/* section_rows: how many rows are whole.  section_scale: the largest value of
 * the column that is drawn, *column; 0 when nothing is to be drawn: of a single
 * row, or where units or currencies differ. */
size_t section_rows(const struct section *s);
int64_t section_scale(const struct section *s, size_t *column);

/* cell_text: what a cell shows to people, before it is made safe; buf serves
 * numbers. */
enum { CELL_SIZE = 64 };
const char *cell_text(const struct cell *c, char buf[static CELL_SIZE]);

/* report_text: for a terminal, with bars of blocks and bold titles where
 * has_color.  report_json: one line.  report_csv: for spreadsheets.
 * report_html: one page to print, which asks for nothing from outside.  All
 * return an exit code. */
int report_text(const struct report *r, FILE *file, bool has_color);
int report_json(const struct report *r, FILE *file);
int report_csv(const struct report *r, FILE *file);
int report_html(const struct report *r, FILE *file);

#endif
