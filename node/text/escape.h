#ifndef NODE_TEXT_ESCAPE_H
#define NODE_TEXT_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/*
 * escape -- texts that other people wrote, harmless where they are read.
 *
 * All begin with put_safe: control, direction and invisible characters and
 * what is not UTF-8 become \xHH, so nothing moves a cursor, hides or turns
 * round what stands beside it.  Then comes what the format itself would take
 * for more than text.  Nothing here fails; the stream keeps its errors.
 */

/* csv_text: one cell, in double quotes where it needs them.  A text that a
 * spreadsheet would take for a formula (it begins with = + - @, in any width,
 * blanks and quotes before it or not) gets an apostrophe in front. */
void csv_text(FILE *file, const char *text, size_t n);

/* html_text: for between tags and for attributes in quotes. */
void html_text(FILE *file, const char *text, size_t n);

/* dot_text: for inside a quoted string of Graphviz. */
void dot_text(FILE *file, const char *text, size_t n);

/* text_columns: columns of a terminal that a safe text takes: letters of East
 * Asia and pictures take two, what combines with the letter before none. */
size_t text_columns(const char *text);

/* text_fit: bytes of a safe text's first line, when lines of this many columns
 * end at blanks (a word that is longer is cut); *taken is what it takes.  0 for
 * an empty text only: one character at least. */
size_t text_fit(const char *text, size_t columns, size_t *taken);

#endif
