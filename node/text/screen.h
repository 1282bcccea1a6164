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

#endif
