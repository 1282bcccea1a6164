#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * utf8 -- which bytes are text (RFC 3629), and which text may be shown.
 *
 * Nearly all is ASCII, which is passed over eight bytes at once.
 */

/* utf8_is_valid: each code point in its shortest form, no surrogates. */
bool utf8_is_valid(const char *text, size_t n);

/* utf8_is_plain: valid UTF-8 without control characters (C0, DEL, C1, line and
 * paragraph separators) and without direction or invisible format characters,
 * so that it reads the same on every screen. */
bool utf8_is_plain(const char *text, size_t n);

#endif
