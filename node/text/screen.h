#ifndef NODE_TEXT_SCREEN_H
#define NODE_TEXT_SCREEN_H

#include <stddef.h>
#include <stdio.h>

/*
 * screen -- what people read on a terminal keeps to its width; what goes to a
 * file or to another program does not.
 */

/* screen_columns: columns of the terminal that a stream goes to, 80 where it
 * does not say; 0: it goes to none. */
size_t screen_columns(FILE *file);

/* screen_fold: a safe text in lines of at most this many columns, 0 for one
 * line whatever it takes.  The first begins at column `at`, all others at
 * `indent`; the last is ended. */
void screen_fold(FILE *file, const char *text, size_t at, size_t indent,
		 size_t columns);

/* What is written to a line before it is folded. */
struct screen_line {
	char *text; /* owned */
	size_t n;
	FILE *held; /* NULL: there was no memory */
};

/* screen_begin: a stream for the safe text of one line; `file` itself where it
 * goes to no terminal, columns 0, or without memory.  screen_end: the line is
 * folded as by screen_fold, and ended. */
FILE *screen_begin(struct screen_line *line, FILE *file, size_t columns);
void screen_end(struct screen_line *line, FILE *file, size_t at, size_t indent,
		size_t columns);

#endif
