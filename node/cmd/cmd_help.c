#include "node/cmd/cmd_help.h"

#include "node/text/i18n.h"
#include "node/text/say.h"

#include <string.h>

enum { WIDTH = 78, OPTION_COLUMN = 25 };

static size_t width_of(const char *text, size_t n)
{
	size_t width = 0;

	/* Characters, so that accents count once. */
	for (size_t i = 0; i < n; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* Words up to the margin; what follows a break begins at `indent`. */
static void put_wrapped(FILE *file, const char *text, size_t column,
			size_t indent)
{
	bool at_start = true;

	while (*text != '\0') {
		size_t n = strcspn(text, " \n"), width = width_of(text, n);

		if (!at_start && column + 1 + width > WIDTH) {
			fprintf(file, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!at_start) {
			fputc(' ', file);
			column++;
		}
		fwrite(text, 1, n, file);
		column += width;
		text += n;
		at_start = *text == '\n';
		for (; *text == '\n'; text++, column = indent)
			fprintf(file, "\n%*s", (int)indent, "");
		text += strspn(text, " ");
	}
	fputc('\n', file);
}

void cmd_usage(FILE *file, const struct command *cmd)
{
	int n = fprintf(file, "%s maillon %s%s", _("usage:"), cmd->name,
			cmd->usage[0] == '\0' ? "" : " ");

	put_wrapped(file, cmd->usage, n < 0 ? 0 : (size_t)n, 8);
}

void help_short(FILE *file)
{
	fprintf(file, "%s maillon [--home DIR] VERB ...\n", _("usage:"));
	fprintf(file, "%s\n",
		_("'maillon help' lists the commands, 'maillon VERB --help' "
		  "explains one."));
}

int help_all(void)
{
	printf("%s maillon [--home DIR] VERB ...\n\n", _("usage:"));
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-11s %s\n", commands[i]->name,
		       _(commands[i]->summary));
	printf("\n%s\n", _("'maillon VERB --help' explains one of them."));
	return out_end();
}

static void put_option(const char *name, const char *arg, const char *help)
{
	int n = printf("  --%s%s%s", name, arg == NULL ? "" : " ",
		       arg == NULL ? "" : arg);

	if (n < OPTION_COLUMN)
		printf("%*s", OPTION_COLUMN - n, "");
	else
		printf("\n%*s", OPTION_COLUMN, "");
	put_wrapped(stdout, help, OPTION_COLUMN, OPTION_COLUMN);
}

static void put_options(const struct option_rule *o)
{
	for (; o != NULL && o->name != NULL; o++)
		put_option(o->name, o->arg, _(o->help));
}

int help_command(const struct command *cmd)
{
	cmd_usage(stdout, cmd);
	printf("\n");
	put_wrapped(stdout, _(cmd->summary), 0, 0);
	if (cmd->detail != NULL) {
		printf("\n");
		put_wrapped(stdout, _(cmd->detail), 0, 0);
	}
	printf("\n");
	put_options(cmd->options);
	put_options(cmd->more_options);
	put_option("home", "DIR", _("the folder of this node"));
	if (cmd->has_json)
		put_option("json", NULL,
			   _("for programs: one JSON object, or one a line"));
	return out_end();
}

static int run_help(struct ctx *ctx, const struct args *args)
{
	const struct command *cmd;

	(void)ctx;
	if (args->pos_n == 0)
		return help_all();
	cmd = command_named(args->pos[0]);
	if (cmd == NULL) {
		say_error(_("there is no command '%s'"), args->pos[0]);
		return EXIT_USAGE;
	}
	return help_command(cmd);
}

const struct command cmd_help = {
	.name = "help",
	.run = run_help,
	.usage = "[VERB]",
	.summary = N_("list the commands, or explain one"),
	.pos_max = 1,
};

static void put_words(const struct option_rule *o)
{
	for (; o != NULL && o->name != NULL; o++)
		printf(" --%s", o->name);
}

/* A script for bash: verbs first, then the options of the verb, files where
 * neither is asked for. */
static int run_completion(struct ctx *ctx, const struct args *args)
{
	(void)ctx;
	(void)args;
	printf("_maillon()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb= words= i\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n"
	       "\t\t--home) ((i++)) ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*)\n\t\t\tverb=${COMP_WORDS[i]}\n\t\t\tbreak\n\t\t\t;;\n"
	       "\t\tesac\n\tdone\n\tcase $verb in\n\t'') words='");
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("%s%s", i == 0 ? "" : " ", commands[i]->name);
	printf(" --home' ;;\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *c = commands[i];

		printf("\t%s) words='--home --help%s", c->name,
		       c->has_json ? " --json" : "");
		put_words(c->options);
		put_words(c->more_options);
		printf("' ;;\n");
	}
	printf("\tesac\n"
	       "\tcase $verb$cur in\n"
	       "\t\"$cur\" | *-*)\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	       "\"$cur\")\n\t\t;;\n"
	       "\t*) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	       "\tesac\n}\n"
	       "complete -o filenames -F _maillon maillon\n");
	return out_end();
}

const struct command cmd_completion = {
	.name = "completion",
	.run = run_completion,
	.usage = "",
	.summary = N_("print a completion script for bash"),
};

/* Text for troff: no escapes, no requests, hyphens that can be copied. */
static void put_troff(const char *text)
{
	bool at_start = true;

	for (; *text != '\0'; text++) {
		/* mandoc wants each sentence on a line of its own. */
		if (text[0] == '.' && text[1] == ' ') {
			fputs(".\n", stdout);
			text++;
			at_start = true;
			continue;
		}
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		at_start = *text == '\n';
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\n' && text[1] == '\n')
			fputs("\n.Pp", stdout);
		else
			putchar(*text);
	}
}

/* The same on one line, for the argument of a request. */
static void put_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text == '\n' ? ' ' : *text);
	}
}

static void put_manual_options(const struct option_rule *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		printf(".It Fl -%s", o->name);
		if (o->arg != NULL)
			printf(" Ar %s", o->arg);
		printf("\n");
		put_troff(_(o->help));
		printf("\n");
	}
}

static void put_manual_command(const struct command *c)
{
	printf(".It Nm maillon Cm %s Li \"", c->name);
	put_line(c->usage);
	printf("\"\n");
	put_troff(_(c->summary));
	printf(".\n");
	if (c->detail != NULL) {
		printf(".Pp\n");
		put_troff(_(c->detail));
		printf("\n");
	}
	if (c->options == NULL && c->more_options == NULL)
		return;
	printf(".Bl -tag -width Ds -compact\n");
	put_manual_options(c->options);
	put_manual_options(c->more_options);
	printf(".El\n");
}

static const char manual_head[] =
	".Dd June 1, 2024\n.Dt MAILLON 1\n.Os\n"
	".Sh NAME\n.Nm maillon\n.Nd peer\\-to\\-peer production ledger\n"
	".Sh SYNOPSIS\n.Nm\n.Op Fl -home Ar DIR\n.Ar VERB\n.Op Ar ...\n"
	".Sh DESCRIPTION\n";

static const char manual_exit[] =
	".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"
	".It 0\ndone and clean\n"
	".It 1\nthe answer is no: findings, does not verify, not found\n"
	".It 64\nnot how the command is used\n"
	".It 65\nbad data\n"
	".It 66\nan input cannot be opened\n"
	".It 69\nno peer or no daemon to reach\n"
	".It 73\nan output cannot be created\n"
	".It 74\nthe disk or the network failed\n"
	".It 75\ntry again, or still waiting\n"
	".It 76\nthe other side does not keep the protocol\n"
	".It 77\nnot permitted\n"
	".It 78\nconfiguration, or no network joined yet\n"
	".El\n";

static int run_manual(struct ctx *ctx, const struct args *args)
{
	(void)ctx;
	(void)args;
	fputs(manual_head, stdout);
	put_troff(_(
		"Every maker runs a node beside the printer.  The node signs "
		"what was made and what was delivered into its own append-only "
		"log; the logs travel between makers, associations and "
		"auditors; and whoever holds a copy can audit the count."));
	printf("\n.Sh COMMANDS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		put_manual_command(commands[i]);
	printf(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
	       ".It Ev MAILLON_HOME\n");
	put_troff(_("the folder of the node, unless --home names one; else "
		    "XDG_DATA_HOME/maillon, else ~/.local/share/maillon"));
	printf("\n.It Ev MAILLON_NOW\n");
	put_troff(_("an ISO time or milliseconds that stand in for the clock, "
		    "for tests"));
	printf("\n.It Ev NO_COLOR\n");
	put_troff(_("no colours on a terminal"));
	printf("\n.El\n%s", manual_exit);
	return out_end();
}

const struct command cmd_manual = {
	.name = "manual",
	.run = run_manual,
	.usage = "",
	.summary = N_("print the manual page (mdoc)"),
};
