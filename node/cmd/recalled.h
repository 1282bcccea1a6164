#ifndef NODE_CMD_RECALLED_H
#define NODE_CMD_RECALLED_H

#include "node/ctl/desk.h"
#include "node/text/json.h"

/*
 * recalled -- what status says of goods that were withdrawn: one's own, of
 * revisions, and lots of whoever made them.
 *
 * Whoever may have some of a lot a trace would tell, which takes too long for a
 * glance: everybody is told of it.  What cannot be read is said on stderr.
 */

/* recalled_json: a row for each; NULL: no memory. */
json_t *recalled_json(struct desk *d);

/* recalled_print: a line for each on stdout, which head begins. */
void recalled_print(struct desk *d, void (*head)(const char *text));

#endif
