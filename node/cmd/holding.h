#ifndef NODE_CMD_HOLDING_H
#define NODE_CMD_HOLDING_H

#include "node/cmd/cmd.h"
#include "node/keeper.h"

/*
 * holding -- a command that needs the home for itself, and no node beside it.
 */

/* holding_open: the keeper, of a home that has joined a network.  Another
 * command may hold the lock for a moment; a node that is up answers, and then
 * it is EXIT_AGAIN.  Else an exit code after saying why not. */
int holding_open(struct keeper **out, struct ctx *ctx);

#endif
