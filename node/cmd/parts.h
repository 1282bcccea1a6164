#ifndef NODE_CMD_PARTS_H
#define NODE_CMD_PARTS_H

#include "node/cmd/recording.h"

/*
 * parts -- what a production uses up when nobody says.
 *
 * The bill of materials of what is made, times the good pieces, becomes the
 * `use` of the record: a fact, so that its effect never depends on a
 * declaration that arrives later.  Where the bill names a product, the
 * revisions of it that are on the shelf go first, in the order of their codes;
 * what is not there is taken under the name that the bill has.
 */

/* parts_use: set what is used from --use: "none" for nothing, the lines given,
 * or the default, which stderr tells.  An exit code, after saying why. */
int parts_use(struct recording *r);

#endif
