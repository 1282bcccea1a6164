#ifndef NODE_CMD_REMARK_H
#define NODE_CMD_REMARK_H

#include <stddef.h>

/*
 * remark -- what is recorded all the same, and wants a second look.
 *
 * What a person typed wrong is refused.  What is odd, and may be right for all
 * that is known here, is recorded and remarked upon: a promise for a request
 * that is over, a time to come.  Remarks are collected while a record is made,
 * and said on stderr once it is safe: what was refused, and what a --key had
 * recorded before, needs no warning.
 */

enum {
	REMARKS = 8,      /* of one record; what is more is counted */
	REMARK_SIZE = 512 /* bytes of one, cut there */
};

struct remarks {
	char text[REMARKS][REMARK_SIZE];
	size_t n;
	size_t more; /* that found no room */
};

/* remark: add a sentence.  Cannot fail. */
void remark(struct remarks *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* remarks_say: warn of all, in their order. */
void remarks_say(const struct remarks *r);

#endif
