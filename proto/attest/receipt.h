#ifndef PROTO_ATTEST_RECEIPT_H
#define PROTO_ATTEST_RECEIPT_H

#include "crypto/checkpoint.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "crypto/tlogproof.h"
#include "proto/attest/cosigned.h"
#include "proto/attest/trust.h"
#include "proto/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * receipt -- one text file that proves an entry without its ledger
 * (PROTOCOL.md, "Receipts").
 *
 * receipt_read checks everything that the file itself can prove, down to the
 * last byte: whatever it accepts says the entry that was signed, at its place
 * in a tree, under signatures that verify.  Whether those who signed are to be
 * believed is for receipt_judge, with a policy.  No I/O.
 */

enum {
	RECEIPT_OPENED = 8, /* private fields of one receipt */
	RECEIPT_SALT = 32,
	RECEIPT_VALUE = 1024 /* bytes of a private value */
};

/* A private field and what hides it; the value is borrowed.  Of one that was
 * forgotten by whoever made the receipt the value is the commitment. */
struct opened {
	unsigned fact;
	bool is_forgotten;
	uint8_t salt[RECEIPT_SALT];
	const uint8_t *value;
	size_t value_n;
};

/* Which part of a receipt is at fault. */
enum receipt_part {
	PART_NONE,
	PART_FORM,       /* it is no receipt */
	PART_EXTRA,      /* the line that holds the entry */
	PART_ENTRY,      /* the entry's bytes */
	PART_SIGNATURE,  /* the signature of the entry */
	PART_OPENED,     /* a private field that is not the one committed to */
	PART_CHECKPOINT, /* the three lines of the checkpoint */
	PART_ORIGIN,     /* the checkpoint is of another network */
	PART_LOG,        /* the signature of the checkpoint */
	PART_COSIGN,     /* a cosignature */
	PART_PATH,       /* index, path and root do not lead to the entry */
	PART_ANCHOR,     /* nobody vouches for the key of the tree */
	PART_QUORUM      /* too few witnesses that are believed */
};

struct receipt {
	struct tlogproof proof; /* borrows the text */
	struct note note;       /* the same */
	struct checkpoint checkpoint;
	struct id network;
	struct pubkey log;  /* the feed whose tree it is */
	struct entry entry; /* borrows extra */
	struct id id;
	struct opened opened[RECEIPT_OPENED];
	size_t opened_n;
	uint8_t *extra; /* owned */
};

/* receipt_read: take n characters apart and check what needs no trust.
 * ERR_FORMAT, ERR_LIMIT, ERR_SIGNATURE with *part, ERR_NOMEM.  *out borrows
 * the text and is released by the caller after success only. */
int receipt_read(struct receipt *out, enum receipt_part *part, const char *text,
		 size_t n);
void receipt_release(struct receipt *r);

/* What a policy makes of a receipt. */
struct receipt_verdict {
	enum receipt_part part; /* PART_NONE: it is to be believed */
	size_t witnesses;       /* believed ones that cosigned */
	bool has_time;
	uint64_t time_s; /* the entry was there by then, says the quorum */
};

/* receipt_judge: with a policy.  ERR_NOMEM. */
int receipt_judge(struct receipt_verdict *out, const struct receipt *r,
		  const struct trust *trust);

/* What a receipt is made of. */
struct receipt_plan {
	const uint8_t *raw; /* the entry */
	size_t raw_n;
	const struct opened *opened; /* rising fact */
	size_t opened_n;
	uint64_t index;
	struct merkle_path path;
	struct treehead head;
	struct sig sig;                  /* of the tree's node */
	const struct cosigned *cosigned; /* of this head */
	size_t cosigned_n;
};

/* receipt_encode: the file, at most TLOGPROOF_MAX characters, into memory that
 * the caller frees.  ERR_LIMIT, ERR_NOMEM; and the errors of receipt_read: it
 * is read again before it is handed out. */
int receipt_encode(char **out, size_t *n, const struct receipt_plan *plan);

/* private_commit: what a fact commits to (PROTOCOL.md, "Private
 * commitments"). */
struct id private_commit(unsigned fact, const uint8_t salt[static RECEIPT_SALT],
			 const void *value, size_t n);

#endif
