#ifndef PROTO_BUNDLE_H
#define PROTO_BUNDLE_H

#include "crypto/hash.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bundle -- a network, or a part of it, in one file (PROTOCOL.md, "Bundle").
 *
 *   maillon-bundle/1\n
 *   u32 length, [0, charter]           once, first
 *   u32 length, [1, evidence]          any number
 *   u32 length, [2, run]               any number
 *   u32 length, [3, entries, check]    once, last
 *
 * check is the BLAKE2b-256 of every byte before this record, so a file that
 * was cut or spoiled on the way is noticed; who may be believed is for the
 * signatures inside to say.  Neither half does I/O: the writer formats one
 * record at a time, the reader walks memory that the caller mapped.
 */

enum bundle_type {
	BUNDLE_CHARTER = 0,
	BUNDLE_EVIDENCE = 1,
	BUNDLE_RUN = 2,
	BUNDLE_END = 3
};

enum {
	BUNDLE_MAGIC = 17,                  /* bytes of the first line */
	BUNDLE_PROOF = LIMIT_EVIDENCE + 16, /* payload of evidence, at most */
	BUNDLE_ROOM = BUNDLE_MAGIC + 4 + BUNDLE_PROOF /* for any one record */
};

/* A file being written: what its end record will say. */
struct bundle_writer {
	struct hasher hasher;
	uint64_t entries;
	bool has_charter;
	bool has_end;
};

/* bundle_writer_init: nothing written yet.  Cannot fail. */
void bundle_writer_init(struct bundle_writer *w);

/* bundle_put: format a record into out, its bytes in *n: append them to the
 * file.  body is for BUNDLE_CHARTER the charter's bytes (the first line comes
 * with it), for BUNDLE_EVIDENCE one canonical value, for BUNDLE_RUN a run's
 * bytes.  ERR_STATE when the charter is not exactly the first record or the
 * file is ended; ERR_FORMAT, ERR_LIMIT for a body that is not such a thing;
 * BUNDLE_END is ERR_STATE here. */
int bundle_put(struct bundle_writer *w, uint8_t out[static BUNDLE_ROOM],
	       size_t *n, enum bundle_type type, const void *body,
	       size_t body_n);

/* bundle_put_end: format the last record.  ERR_STATE. */
int bundle_put_end(struct bundle_writer *w, uint8_t out[static BUNDLE_ROOM],
		   size_t *n);

/* One record of a file that is read; borrows from it. */
struct bundle_record {
	enum bundle_type type;
	size_t offset;       /* of its length field in the file */
	const uint8_t *body; /* as for bundle_put; NULL for BUNDLE_END */
	size_t body_n;
};

/* A file being read from memory, which the caller keeps. */
struct bundle {
	const uint8_t *p;
	size_t n;
	size_t at;        /* offset of the next record, or of the fault */
	int err;          /* 0, or the first error; it sticks */
	uint64_t entries; /* of the runs so far */
	bool has_end;
	struct hasher hasher;
};

/* bundle_open: stand before the first record of n bytes.  ERR_FORMAT when it
 * is not a bundle, ERR_VERSION when it is one of another version. */
int bundle_open(struct bundle *b, const void *p, size_t n);

/* bundle_next: the next record, the end record included, whose count and check
 * then agreed.  ERR_NOT_FOUND after it.  ERR_FORMAT (a file cut short is
 * this), ERR_LIMIT, ERR_VERSION (a type not known here), ERR_SIGNATURE (the
 * check does not agree): b->at is then the offset of the fault, and all
 * records given before are still good for use. */
int bundle_next(struct bundle *b, struct bundle_record *out);

#endif
