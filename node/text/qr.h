#ifndef NODE_TEXT_QR_H
#define NODE_TEXT_QR_H

#include <stdbool.h>
#include <stdio.h>

/*
 * qr -- a text as a QR code that a telephone can read off a terminal.
 *
 * Two rows of squares go into one line of half blocks.  With colours the code
 * is black on white whatever the terminal's are; without it is drawn for a
 * dark background, and most telephones read it on a light one too.
 */

/* qr_print: ERR_LIMIT: the text is too long; ERR_NOMEM. */
int qr_print(FILE *file, const char *text, bool has_color);

#endif
