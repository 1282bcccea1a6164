#ifndef NODE_TEXT_COMPAT_H
#define NODE_TEXT_COMPAT_H

#include <stddef.h>

/*
 * compat -- a text as it is read, whatever its characters are.
 *
 * For looking at what a text says, never for showing or keeping it.  Digits of
 * every script (the decimal digits, Nd, of the Unicode Character Database) and
 * what is a digit by compatibility become 0 to 9; full-width characters, blanks
 * and dashes those of ASCII; invisible characters go; blanks in a row are one.
 * "(at)", "[at]" and "(dot)" are @ and a dot.  Everything else stays, bytes
 * that are not UTF-8 included.
 */

/* compat_fold: the n bytes at text into out, which has room for as many; never
 * more.  Returns how many.  Cannot fail. */
size_t compat_fold(char *out, const char *text, size_t n);

#endif
