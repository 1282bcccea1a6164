#ifndef NODE_CMD_PRINTERS_H
#define NODE_CMD_PRINTERS_H

#include "node/cmd/narrow.h"
#include "node/ctl/desk.h"

/*
 * printers -- what each printer made, from the productions that count.
 */

/* printers_show: print the sums by member, printer and item, as a table or as
 * JSON; item NULL for all.  An exit code. */
int printers_show(struct desk *d, const struct narrow *narrow,
		  const char *item);

#endif
