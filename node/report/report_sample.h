#ifndef NODE_REPORT_REPORT_SAMPLE_H
#define NODE_REPORT_REPORT_SAMPLE_H

#include "node/report/source.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * report_sample -- some deliveries, or holders, that an auditor looks at.
 *
 * PROTOCOL.md, "Samples": the same cut and the same seed draw the same.
 */

struct sampling {
	size_t n;         /* how many */
	const char *seed; /* as the auditor wrote it */
	bool is_holders;  /* else deliveries */
};

/* report_sample: the report of a sample; the source has an audit.  Errors of
 * the store, ERR_NOMEM; r is released by the caller. */
int report_sample(struct report *r, struct source *s,
		  const struct sampling *how);

#endif
