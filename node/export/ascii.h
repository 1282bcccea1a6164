#ifndef NODE_EXPORT_ASCII_H
#define NODE_EXPORT_ASCII_H

#include <stdio.h>

/*
 * ascii -- texts for files whose character set is a matter of law.
 */

/* put_ascii: letters of Western Europe without their marks, other characters
 * beyond ASCII as "?", control characters and | as blanks.  The stream keeps
 * its errors. */
void put_ascii(FILE *file, const char *text);

#endif
