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
};

/* reporting_open: the source, as --period, --format, --under and --place say;
 * with an audit if that is needed.  reporting_close in any case; it returns
 * code. */
int reporting_open(struct reporting *x, struct ctx *ctx,
		   const struct args *args, bool needs_audit);
int reporting_close(struct reporting *x, int code);

/* reporting_print: in the form that was asked for. */
int reporting_print(const struct reporting *x, const struct report *r);

/* reporting_refuse: say why there is no report. */
int reporting_refuse(int err);

/* --period --format; --under and --place are narrow_options. */
extern const struct option_rule report_options[];

#endif
