#ifndef NODE_PROOF_VERIFY_H
#define NODE_PROOF_VERIFY_H

#include "proto/attest/receipt.h"
#include "proto/attest/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * verify -- receipts in files, checked without a home and without a network:
 * what `maillon verify` and the program maillon-verify share.
 *
 * Messages are said here.
 */

/* What became of one file. */
struct verified {
	int err;                        /* it could not be read at all */
	enum receipt_part part;         /* at fault, PART_NONE for none */
	bool is_judged;                 /* there was a policy */
	struct receipt_verdict verdict; /* when judged */
	struct receipt receipt;         /* when part is none, or of a policy */
	char *text;                     /* the receipt borrows it */
	bool has_receipt;
};

/* verify_trust: the policy in the file at path.  EXIT_DONE; EXIT_INPUT,
 * EXIT_DATA after saying why. */
int verify_trust(struct trust **out, const char *path);

/* verify_file: check the receipt in the file at path; trust may be NULL.  The
 * caller releases *out in any case. */
void verify_file(struct verified *out, const char *path,
		 const struct trust *trust);
void verified_release(struct verified *v);

/* verified_code: the exit code.  EXIT_DONE: to be believed; EXIT_NO: refused,
 * or nobody vouches for it; EXIT_INPUT: not to be read. */
int verified_code(const struct verified *v);

/* verified_print: what a person is told: what the receipt says on file, or
 * which part is at fault on stderr. */
void verified_print(FILE *file, const struct verified *v, const char *path);

/* part_word: a part as a word of JSON; "none" for none. */
const char *part_word(enum receipt_part part);

/* verify_files: all of them; the worst exit code. */
int verify_files(const char *trust, const char *const *paths, size_t n);

#endif
