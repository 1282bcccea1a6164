#ifndef PROTO_AUDIT_SAMPLE_H
#define PROTO_AUDIT_SAMPLE_H

#include "crypto/hash.h"

#include <stddef.h>

/*
 * sample -- what an auditor draws from a cut (PROTOCOL.md, "Samples").
 *
 * Those with the smallest ranks are drawn.  The cut is part of the rank, so
 * whoever chose the seed before it cannot have known what it draws.
 */

/* sample_rank: of a subject of n bytes, under a seed text.  Cannot fail. */
struct id sample_rank(const struct id *cut, const char *seed,
		      const void *subject, size_t n);

#endif
