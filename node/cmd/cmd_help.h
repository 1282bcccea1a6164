#ifndef NODE_CMD_CMD_HELP_H
#define NODE_CMD_CMD_HELP_H

#include "node/cmd/cmd.h"

#include <stdio.h>

/*
 * cmd_help -- help, completion and manual, all from the table of commands.
 */

#define MAILLON_VERSION "0.1"

/* help_short: three lines for who typed nothing. */
void help_short(FILE *file);

/* help_all, help_command: to stdout; an exit code. */
int help_all(void);
int help_command(const struct command *cmd);

#endif
