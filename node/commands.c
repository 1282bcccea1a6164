#include "node/cmd.h"

/* In the order of the manual; a command is one line here. */
const struct command *const commands[] = {
	&cmd_item, &cmd_produce,    &cmd_deliver, &cmd_receive,
	&cmd_lose, &cmd_count,      &cmd_supply,  &cmd_correct,
	&cmd_help, &cmd_completion, &cmd_manual,  NULL,
};
