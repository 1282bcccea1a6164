#ifndef NODE_CMD_TABLE_H
#define NODE_CMD_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * table -- rows of short texts in columns, for people.
 *
 * Cells are filled in from left to right, row by row; what they say is made
 * safe for a terminal.  Columns are as wide as their widest cell.
 */

enum { TABLE_COLUMNS = 20 };

struct table {
	size_t columns;
	const char *align; /* 'l' or 'r' for each column; borrowed */
	char **cell;       /* owned */
	size_t n, max;
	int err; /* 0 or ERR_NOMEM; it sticks */
};

/* table_init: as many columns as align has letters, at most TABLE_COLUMNS. */
void table_init(struct table *t, const char *align);

/* table_put, table_number: the next cell; the text is copied. */
void table_put(struct table *t, const char *text);
void table_number(struct table *t, int64_t v);

/* table_print: all of it, and release.  An exit code. */
int table_print(struct table *t, FILE *file);

#endif
