#ifndef NODE_IMPORT_CODEPAGE_H
#define NODE_IMPORT_CODEPAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * codepage -- the encodings that tables come in.
 *
 * UTF-8, and what spreadsheets in western Europe wrote before: Windows-1252.
 * A table of 32 rows does without iconv, whose tables a small system may lack.
 * Pure; nothing here allocates.
 */
enum codepage { CODEPAGE_UTF8, CODEPAGE_1252 };

/* codepage_step: the first character of the n bytes at p (n not 0) as UTF-8
 * into out, *out_n bytes of at most 4.  Returns its bytes in p, 0 if it is no
 * character of this encoding. */
size_t codepage_step(char out[static 4], size_t *out_n, enum codepage from,
		     const char *p, size_t n);

/* codepage_encode: UTF-8 text in another encoding, with a NUL, cut at size.
 * What it does not have becomes a question mark.  Cannot fail. */
void codepage_encode(char *out, size_t size, enum codepage to,
		     const char *text);

#endif
