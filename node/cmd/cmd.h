#ifndef NODE_CMD_CMD_H
#define NODE_CMD_CMD_H

#include "node/home.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * cmd -- one table of commands that drives dispatch, help, completion and the
 * manual.
 *
 * A command is a `const struct command` beside its function, in the file of
 * its family (node/cmd_*.c), and one line in the table of commands.c.  Its
 * arguments are taken apart before it is called: options may stand before or
 * after the other arguments, `--name value` or `--name=value`; `--` ends them;
 * what begins with a minus and a digit is an argument (a negative quantity is
 * bad data, not bad usage).  An unknown option, one that is given twice and
 * means one thing, a missing argument or a wrong number of them ends with exit
 * 64, one line and the usage.
 */

/* What every command knows about its surroundings. */
struct ctx {
	struct home home;
	bool is_json;    /* --json */
	uint64_t now_ms; /* see cmd_now */
	bool is_tty;     /* stdout is a terminal */
	bool has_color;  /* ... and NO_COLOR is not set */
};

/* A command that starts others' now again (a daemon) asks anew: ms since 1970
 * UTC.  MAILLON_NOW in the environment, an ISO time or ms, replaces the clock:
 * an aid for tests, and harmless because a time is only ever a claim. */
uint64_t cmd_now(void);

enum { ARGS_MAX = 256 }; /* options, and arguments, of one command line */

struct option_rule {
	const char *name; /* without "--" */
	const char *arg;  /* its argument in the usage, NULL for none; one that
	                     ends with "..." may be given again and again */
	const char *help; /* N_() */
};

struct arg_option {
	const struct option_rule *rule;
	const char *value; /* NULL for an option without argument */
};

struct args {
	const char *pos[ARGS_MAX]; /* borrowed from main's argv */
	size_t pos_n;
	struct arg_option opt[ARGS_MAX];
	size_t opt_n;
};

/* args_has: was the option given?  args_get: its value, or NULL.
 * args_each: its values in order; *at starts at 0; NULL after the last.  A
 * name that the command's table does not have is our own mistake (assert in
 * tests). */
bool args_has(const struct args *a, const char *name);
const char *args_get(const struct args *a, const char *name);
const char *args_each(const struct args *a, const char *name, size_t *at);

struct command {
	const char *name;
	int (*run)(struct ctx *ctx, const struct args *args);
	const char *usage;   /* after the name: "QTY ITEM [--lot L]" */
	const char *summary; /* N_(): one line, what it does */
	const char *detail;  /* N_(): paragraphs of help, or NULL */
	const struct option_rule *options;      /* ends with a NULL name */
	const struct option_rule *more_options; /* shared ones, or NULL */
	size_t pos_min, pos_max;
	bool has_json; /* takes --json */
};

/* The options of every verb that records: --when --for --key --doc. */
extern const struct option_rule record_options[];

/* --under --place, of every verb that narrows. */
extern const struct option_rule narrow_options[];

/* commands: the table, in the order of the manual; ends with NULL. */
extern const struct command *const commands[];

/* command_named: by name, or NULL. */
const struct command *command_named(const char *name);

/* args_parse: take argv (after the verb) apart for a command.  Sets ctx's
 * json flag, and *home when --home is there.  EXIT_DONE, or EXIT_USAGE after
 * saying what is wrong. */
int args_parse(struct args *out, const struct command *cmd, struct ctx *ctx,
	       const char **home, int argc, char **argv);

/* cmd_usage: "usage: maillon VERB ..." to file. */
void cmd_usage(FILE *file, const struct command *cmd);

/* cmd_main: the whole program: choose the command, run it, exit code. */
int cmd_main(int argc, char **argv);

/* need_home: EXIT_DONE when the home has keys; else EXIT_CONFIG after saying
 * what to do (init or join). */
int need_home(const struct ctx *ctx);

/* Every verb there is; those of a file that is not written yet are missing
 * from the table of commands.c. */
extern const struct command cmd_init, cmd_found, cmd_charter, cmd_invite,
	cmd_join, cmd_accept, cmd_dismiss, cmd_release, cmd_resolve, cmd_end,
	cmd_enrol, cmd_members, cmd_trust;
extern const struct command cmd_up, cmd_peers, cmd_read;
extern const struct command cmd_item, cmd_design, cmd_approve;
extern const struct command cmd_produce, cmd_deliver, cmd_receive, cmd_lose,
	cmd_count, cmd_supply;
extern const struct command cmd_request, cmd_pledge, cmd_requests;
extern const struct command cmd_campaign, cmd_donate, cmd_spend, cmd_bank;
extern const struct command cmd_correct, cmd_attach, cmd_forget;
extern const struct command cmd_status, cmd_log, cmd_show, cmd_stock,
	cmd_balance, cmd_totals;
extern const struct command cmd_audit, cmd_report, cmd_sample;
extern const struct command cmd_checkpoint, cmd_cosign, cmd_close, cmd_resolve,
	cmd_trace, cmd_recall;
extern const struct command cmd_receipt, cmd_verify;
extern const struct command cmd_export, cmd_import;
extern const struct command cmd_fsck, cmd_backup, cmd_restore, cmd_rotate,
	cmd_doctor;
extern const struct command cmd_help, cmd_completion, cmd_manual;

#endif
