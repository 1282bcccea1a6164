#ifndef NODE_CMD_REPORTING_H
#define NODE_CMD_REPORTING_H

#include "node/cmd/cmd.h"
#include "node/report/audit_load.h"
#include "node/report/source.h"

#include <stdbool.h>

/*
 * reporting -- what every verb that prints a report does in the same way.
 *
 * All functions say what is wrong, and return exit codes.
 */

struct reporting {
	struct desk desk;
	struct narrow narrow;
	struct source source;
	struct audit_load load;
	struct audit *audit;
	enum report_format format;
	bool has_view;
	bool is_verdict; /* are breaches, and what wants explaining, a no? */
};

/* reporting_open: the source, as --period, --format, --under and --place say;
 * with an audit if that is needed.  reporting_close in any case; it returns
 * code. */
int reporting_open(struct reporting *x, struct ctx *ctx,
		   const struct args *args, bool needs_audit);
int reporting_close(struct reporting *x, int code);

/* reporting_end: print what making the report has left, in the form that was
 * asked for, or say why there is none; free it, and close. */
int reporting_end(struct reporting *x, struct report *r, int err);

/* --period --format; --under and --place are narrow_options. */
extern const struct option_rule report_options[];

#endif
