#ifndef NODE_CMD_ADOPTING_H
#define NODE_CMD_ADOPTING_H

#include "node/cmd/cmd.h"

/*
 * adopting -- this home takes the identity key over that another machine of
 * the member has made.
 */

/* adopting_key: `rotate --adopt FILE` or `--code`.  An exit code, all said. */
int adopting_key(struct ctx *ctx, const struct args *args);

#endif
