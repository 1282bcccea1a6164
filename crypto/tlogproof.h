#ifndef CRYPTO_TLOGPROOF_H
#define CRYPTO_TLOGPROOF_H

#include "crypto/merkle.h"
#include "crypto/text.h"

#include <stddef.h>
#include <stdint.h>

/*
 * tlogproof -- a receipt that one leaf is in a log, in one text file, as the
 * draft c2sp.org/tlog-proof of 2026-05-22 has it.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra BASE64              if any; nothing here vouches for it
 *   index DECIMAL             of the leaf
 *   BASE64                    each hash of the inclusion path
 *                             an empty line
 *   NOTE                      the signed checkpoint, verbatim
 *
 * Pure: decode borrows, encode fills the caller's buffer.  Decode then encode
 * gives the same text.  The note is not looked into (note_decode does that).
 */
struct tlogproof {
	struct text extra; /* base64; p NULL for no such line */
	uint64_t index;    /* below MERKLE_SIZE_MAX */
	struct merkle_path path;
	struct text note;
};

enum {
	TLOGPROOF_EXTRA_MAX = 131072, /* characters of base64 */
	TLOGPROOF_MAX = 262144        /* characters of a receipt */
};

/* tlogproof_decode: *out borrows the n bytes at text.  ERR_FORMAT, or
 * ERR_LIMIT above the maxima. */
int tlogproof_decode(struct tlogproof *out, const char *text, size_t n);

/* tlogproof_encode: the receipt into out, at most max characters of which *n
 * are used; no NUL.  ERR_LIMIT when it does not fit or is above the maxima;
 * ERR_FORMAT when extra is not base64 or the note is empty.  After an error
 * out holds nothing of use. */
int tlogproof_encode(char *out, size_t max, size_t *n,
		     const struct tlogproof *p);

#endif
