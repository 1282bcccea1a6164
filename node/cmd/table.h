#ifndef NODE_CMD_TABLE_H
#define NODE_CMD_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * table -- rows of short texts in columns, for people.
 *
 * Cells are filled in from left to right, row by row; what they say is made
 * safe for a terminal.  Columns are as wide as their widest cell, unless the
 * table has to fit: then texts go on in the next line, and numbers never do; if
 * that is not enough, columns go below the others, beside the texts that the
 * rows begin with.
 */

enum { TABLE_COLUMNS = 20 };

struct table {
	size_t columns;
	const char *align; /* 'l' or 'r' for each column; borrowed */
	size_t limit;      /* columns of a terminal; 0: as the stream has */
	char **cell;       /* owned */
	size_t n, max;
	int err; /* 0 or ERR_NOMEM; it sticks */
};

/* table_init: as many columns as align has letters, at most TABLE_COLUMNS. */
void table_init(struct table *t, const char *align);

/* table_put, table_number: the next cell; the text is copied. */
void table_put(struct table *t, const char *text);
void table_number(struct table *t, int64_t v);

/* table_width: columns of a terminal that it takes with nothing broken. */
size_t table_width(const struct table *t);

/* table_fit: keep to this many columns of a terminal, as far as numbers and
 * words of up to 16 letters allow; the first row has the titles. */
void table_fit(struct table *t, size_t columns);

/* table_print: all of it, and release.  An exit code.  table_drop: release
 * only. */
int table_print(struct table *t, FILE *file);
void table_drop(struct table *t);

#endif
