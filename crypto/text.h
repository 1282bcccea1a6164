#ifndef CRYPTO_TEXT_H
#define CRYPTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * text -- borrowed pieces of text, cut without copying.
 *
 * For the formats that are lines and words (key files, notes, proofs).  A
 * piece points into bytes that somebody else keeps, is not NUL-terminated,
 * and may hold any byte until it was looked at.  Nothing here allocates.
 */
struct text {
	const char *p;
	size_t n;
};

/* text_cut: the piece of rest before its first end, into *piece; rest then
 * goes on after that end.  False, and nothing changes, when there is none. */
bool text_cut(struct text *rest, struct text *piece, char end);

/* text_is: the same characters as the string s. */
bool text_is(struct text t, const char *s);

/* text_skip: step over prefix; false, and t stays, if it begins otherwise. */
bool text_skip(struct text *t, const char *prefix);

/* utf8_step: the first code point of the n bytes at p, n not 0.  Returns its
 * length in bytes, 0 if it is not the shortest form of a Unicode scalar value
 * (RFC 3629); *cp is then untouched. */
size_t utf8_step(uint32_t *cp, const void *p, size_t n);

#endif
