#include "node/cmd.h"

/* In the order of the manual; a command is one line here. */
/* clang-format off: a line each */
const struct command *const commands[] = {
	&cmd_item,
	&cmd_produce,
	&cmd_deliver,
	&cmd_receive,
	&cmd_lose,
	&cmd_count,
	&cmd_supply,
	&cmd_correct,
	&cmd_log,
	&cmd_show,
	&cmd_stock,
	&cmd_balance,
	&cmd_totals,
	&cmd_audit,
	&cmd_export,
	&cmd_fsck,
	&cmd_help,
	&cmd_completion,
	&cmd_manual,
	NULL,
};
