#ifndef PROTO_RD_H
#define PROTO_RD_H

#include "proto/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * rd -- read canonical msgpack out of bytes that somebody else wrote.
 *
 * A reader borrows [p, p + n): it never allocates and never looks outside that
 * range.  The caller keeps the bytes alive as long as it uses the reader or a
 * pointer got from it.
 *
 * Errors stick.  The first failure sets err, empties the reader, and makes
 * every later call return 0 or NULL, so a decoder reads all its fields
 * straight through and asks rd_end() once.
 *
 * Canonical (PROTOCOL.md, "Canonical msgpack"): the shortest form of every
 * integer and length, no negative numbers, floats, booleans or extension
 * types, valid UTF-8, and nil only where rd_nil asks for it.  Anything else is
 * ERR_FORMAT; what is well-formed but above a given maximum is ERR_LIMIT.
 */
struct rd {
	const uint8_t *p; /* next unread byte */
	size_t n;         /* bytes left; 0 once err is set */
	int err;          /* 0, or the first error */
};

/* rd_init: start reading the n bytes at p.  Cannot fail; n may be 0. */
void rd_init(struct rd *r, const void *p, size_t n);

/* rd_uint: an integer in [0, max]. */
uint64_t rd_uint(struct rd *r, uint64_t max);

/* rd_array, rd_map: the header of at most max elements (pairs); the count.
 * A count that the bytes left cannot hold is refused here. */
uint32_t rd_array(struct rd *r, uint32_t max);
uint32_t rd_map(struct rd *r, uint32_t max);

/* rd_bin: a byte string of at most max bytes.  Returns a pointer into the
 * borrowed bytes and sets *n; NULL and 0 on failure. */
const uint8_t *rd_bin(struct rd *r, size_t max, size_t *n);

/* rd_fixed: copy a byte string of exactly n bytes to out, which is zeroed on
 * failure so that nobody acts on stale memory. */
void rd_fixed(struct rd *r, void *out, size_t n);

/* rd_text: a string of at most max bytes, valid UTF-8, not NUL-terminated.
 * Returns a pointer into the borrowed bytes and sets *n. */
const char *rd_text(struct rd *r, size_t max, size_t *n);

/* rd_plain: copy a string of at most max bytes to out with a NUL, max + 1 bytes
 * of room.  What is not plain (utf8_is_plain) is ERR_FORMAT, and out is then
 * the empty string. */
void rd_plain(struct rd *r, char *out, size_t max);

/* rd_nil: true and consumed when the next value is nil; false, and nothing
 * consumed, when it is something else. */
bool rd_nil(struct rd *r);

/* rd_skip: check and step over one value of at most depth nested containers
 * (0: no container).  Map keys must be integers in rising order. */
void rd_skip(struct rd *r, unsigned depth);

/* rd_again: step over one value of bytes that were read before and found good:
 * they are not judged again, only nothing outside of them is looked at.  Where
 * the bytes of a string lie, and *n; NULL and 0 on failure. */
const uint8_t *rd_again(struct rd *r, size_t *n);

/* rd_end: 0 if everything so far was valid and nothing is left over,
 * otherwise the first error (ERR_FORMAT for trailing bytes). */
int rd_end(const struct rd *r);

/* rd_fail: make the reader fail with err, unless it already has; for decoders
 * that find a value of the right form and the wrong meaning. */
void rd_fail(struct rd *r, int err);

#endif
