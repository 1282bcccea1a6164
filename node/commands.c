#include "node/cmd.h"

/* In the order of the manual; a command is one line here. */
const struct command *const commands[] = {
	&cmd_help,
	&cmd_completion,
	&cmd_manual,
	NULL,
};
