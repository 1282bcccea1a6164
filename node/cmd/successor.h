#ifndef NODE_CMD_SUCCESSOR_H
#define NODE_CMD_SUCCESSOR_H

#include "node/cmd/cmd.h"
#include "proto/roster/rotation.h"

/*
 * successor -- an association says which identity key follows that of a member
 * (PROTOCOL.md, "Rotation").
 */

/* successor_name: `rotate PARTY --to WHO`.  An exit code, all said. */
int successor_name(struct ctx *ctx, const struct args *args);

#endif
