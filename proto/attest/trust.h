#ifndef PROTO_ATTEST_TRUST_H
#define PROTO_ATTEST_TRUST_H

#include "crypto/note.h"
#include "crypto/text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * trust -- whose trees and whose cosignatures a reader of receipts believes: a
 * policy file as the draft c2sp.org/tlog-policy of 2026-06-22 has it.
 *
 *   log VKEY [URL]
 *   witness NAME VKEY [URL]
 *   group NAME all|any|K MEMBER...
 *   quorum NAME|none
 *
 * One thing a line; empty lines and those that begin with # say nothing.
 * Exactly one quorum.  A name is defined once, before it is used, and is a
 * member of at most one group; a key stands once.  A group may want more
 * members than it has: then it is never met.
 */

enum {
	TRUST_MAX = 1 << 20, /* bytes of a file */
	TRUST_KEYS = 4096,   /* logs, and witnesses, and groups */
	TRUST_NAME = 64      /* bytes of a name */
};

struct trust; /* opaque */

/* trust_decode: read n bytes.  ERR_FORMAT, or ERR_LIMIT above the maxima;
 * *line is then the line at fault, from 1, or 0 when a line is missing.
 * ERR_NOMEM. */
int trust_decode(struct trust **out, const char *text, size_t n,
		 unsigned *line);

/* trust_close: free; NULL is fine. */
void trust_close(struct trust *t);

/* trust_log: the log of this name, NULL when it is not among those believed. */
const struct notekey *trust_log(const struct trust *t, struct text name);

/* trust_witnesses, trust_witness: those there are, in the order of the file. */
size_t trust_witnesses(const struct trust *t);
const struct notekey *trust_witness(const struct trust *t, size_t i);

/* trust_is_met: do the witnesses i with has[i] make the quorum?  No, when
 * memory is short. */
bool trust_is_met(const struct trust *t, const bool *has);

#endif
