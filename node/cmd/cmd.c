#include "node/cmd/cmd.h"

#include "crypto/sign.h"
#include "node/cmd/cmd_help.h"
#include "node/safe/lastword.h"
#include "node/text/i18n.h"
#include "node/text/near.h"
#include "node/text/parse.h"
#include "node/text/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct option_rule record_options[] = {
	{ "when", "TIME", N_("when it happened, if not now") },
	{ "for", "PARTY",
	  N_("an outsider (=NAME, ~NAME) whose stock moves in your book") },
	{ "key", "K",
	  N_("record once only, however often the command is run with this "
	     "key") },
	{ "doc", "FILE",
	  N_("a document that goes with it; only its SHA-256 is recorded") },
	{ "public", NULL,
	  N_("a telephone number, an e-mail address or a bank account in a "
	     "text is meant to be read by everybody") },
	{ NULL, NULL, NULL },
};

const struct option_rule narrow_options[] = {
	{ "under", "PARTY",
	  N_("only this member and those it admitted, directly or not") },
	{ "place", "PLACE", N_("only members of this place") },
	{ NULL, NULL, NULL },
};

static bool env_now(uint64_t *out)
{
	const char *text = getenv("MAILLON_NOW");

	return text != NULL && (parse_uint(out, LIMIT_TIME_MS, text) == 0 ||
				parse_time(out, text) == 0);
}

uint64_t cmd_now(void)
{
	struct timespec t;
	uint64_t ms;

	if (env_now(&ms))
		return ms;
	/* A machine without a clock begins in 1970, not before. */
	if (clock_gettime(CLOCK_REALTIME, &t) != 0 || t.tv_sec < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

const struct command *command_named(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

bool args_has(const struct args *a, const char *name)
{
	for (size_t i = 0; i < a->opt_n; i++)
		if (strcmp(a->opt[i].rule->name, name) == 0)
			return true;
	return false;
}

const char *args_get(const struct args *a, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < a->opt_n; i++)
		if (strcmp(a->opt[i].rule->name, name) == 0)
			value = a->opt[i].value;
	return value;
}

const char *args_each(const struct args *a, const char *name, size_t *at)
{
	while (*at < a->opt_n) {
		const struct arg_option *o = &a->opt[(*at)++];

		if (strcmp(o->rule->name, name) == 0)
			return o->value;
	}
	return NULL;
}

static int bad_usage(const struct command *cmd)
{
	cmd_usage(stderr, cmd);
	return EXIT_USAGE;
}

static const struct option_rule *in_table(const struct option_rule *table,
					  const char *name, size_t n)
{
	for (; table != NULL && table->name != NULL; table++)
		if (strlen(table->name) == n &&
		    memcmp(table->name, name, n) == 0)
			return table;
	return NULL;
}

static const struct option_rule everywhere[] = {
	{ "home", "DIR", N_("the folder of this node") },
	{ "json", NULL, N_("for programs: one JSON object, or one a line") },
	{ NULL, NULL, NULL },
};

static const struct option_rule *find_option(const struct command *cmd,
					     const char *name, size_t n)
{
	const struct option_rule *rule = in_table(cmd->options, name, n);

	if (rule == NULL)
		rule = in_table(cmd->more_options, name, n);
	return rule == NULL ? in_table(everywhere, name, n) : rule;
}

/* Where the arguments are being taken apart. */
struct scan {
	const struct command *cmd;
	struct args *out;
	struct ctx *ctx;
	const char **home;
	int at, argc;
	char **argv;
};

/* Of two values of one option the reader could only guess which is meant. */
static bool is_once_too_often(const struct args *a,
			      const struct option_rule *rule)
{
	size_t n = rule->arg == NULL ? 0 : strlen(rule->arg);

	if (n == 0 || (n > 3 && strcmp(rule->arg + n - 3, "...") == 0))
		return false;
	return args_has(a, rule->name);
}

static int take_option(struct scan *s)
{
	const char *name = s->argv[s->at] + 2;
	size_t n = strcspn(name, "=");
	const struct option_rule *rule = find_option(s->cmd, name, n);
	const char *value = name[n] == '=' ? name + n + 1 : NULL;

	if (rule == NULL) {
		say_error(_("%s has no option --%.*s"), s->cmd->name, (int)n,
			  name);
		return bad_usage(s->cmd);
	}
	if (rule->arg == NULL && value != NULL) {
		say_error(_("--%s takes no argument"), rule->name);
		return bad_usage(s->cmd);
	}
	if (rule->arg != NULL && value == NULL) {
		if (s->at + 1 >= s->argc) {
			say_error(_("--%s needs an argument: %s"), rule->name,
				  rule->arg);
			return bad_usage(s->cmd);
		}
		value = s->argv[++s->at];
	}
	if (rule == &everywhere[0]) {
		if (*s->home != NULL) {
			say_error(_("--%s is given twice"), rule->name);
			return bad_usage(s->cmd);
		}
		*s->home = value;
	} else if (rule == &everywhere[1]) {
		if (!s->cmd->has_json) {
			say_error(_("%s has no --json form"), s->cmd->name);
			return bad_usage(s->cmd);
		}
		s->ctx->is_json = true;
	} else if (is_once_too_often(s->out, rule)) {
		say_error(_("--%s is given twice"), rule->name);
		return bad_usage(s->cmd);
	} else if (s->out->opt_n < ARGS_MAX) {
		s->out->opt[s->out->opt_n++] =
			(struct arg_option){ rule, value };
	} else {
		say_error(_("too many options"));
		return bad_usage(s->cmd);
	}
	return EXIT_DONE;
}

static int take_argument(struct scan *s)
{
	if (s->out->pos_n == s->cmd->pos_max || s->out->pos_n == ARGS_MAX) {
		say_error(_("'%s' is one argument too many"), s->argv[s->at]);
		return bad_usage(s->cmd);
	}
	s->out->pos[s->out->pos_n++] = s->argv[s->at];
	return EXIT_DONE;
}

/* Does the word begin an option?  A minus alone, or one before a digit (a
 * negative number), does not. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' &&
	       (word[1] < '0' || word[1] > '9');
}

int args_parse(struct args *out, const struct command *cmd, struct ctx *ctx,
	       const char **home, int argc, char **argv)
{
	struct scan s = { .cmd = cmd,
			  .out = out,
			  .ctx = ctx,
			  .home = home,
			  .argc = argc,
			  .argv = argv };
	bool only_arguments = false;
	int code = EXIT_DONE;

	out->pos_n = 0;
	out->opt_n = 0;
	for (; s.at < argc && code == EXIT_DONE; s.at++) {
		const char *word = argv[s.at];

		if (only_arguments || !is_option(word)) {
			code = take_argument(&s);
		} else if (strcmp(word, "--") == 0) {
			only_arguments = true;
		} else if (word[1] == '-') {
			code = take_option(&s);
		} else {
			say_error(_("%s has no option %s"), cmd->name, word);
			code = bad_usage(cmd);
		}
	}
	if (code == EXIT_DONE && out->pos_n < cmd->pos_min) {
		say_error(_("%s needs more arguments"), cmd->name);
		code = bad_usage(cmd);
	}
	return code;
}

int need_home(const struct ctx *ctx)
{
	if (home_exists(&ctx->home))
		return EXIT_DONE;
	if (access(ctx->home.keys, X_OK) != 0 && errno == EACCES) {
		say_error(_("%s may not be read by this user"), ctx->home.dir);
		return EXIT_DENIED;
	}
	say_error(_("there is no node in %s; 'maillon init' or 'maillon join "
		    "LINK' makes one"),
		  ctx->home.dir);
	return EXIT_CONFIG;
}

static int unknown_verb(const char *verb)
{
	char text[NEAR_MAX * NEAR_WORD];
	struct near near;

	near_init(&near, verb);
	for (size_t i = 0; commands[i] != NULL; i++)
		near_offer(&near, commands[i]->name);
	near_text(&near, text, sizeof(text));
	if (near.n > 0)
		say_error(_("there is no command '%s'; did you mean %s?"), verb,
			  text);
	else
		say_error(_("there is no command '%s'; 'maillon help' lists "
			    "them"),
			  verb);
	return EXIT_USAGE;
}

static bool asks_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int set_up(struct ctx *ctx, const char *home)
{
	uint64_t ms;

	if (getenv("MAILLON_NOW") != NULL && !env_now(&ms)) {
		say_error(_("MAILLON_NOW is neither a time nor milliseconds"));
		return EXIT_USAGE;
	}
	if (home_init(&ctx->home, home) != 0) {
		say_error(_("no folder for the node: set HOME, or give --home "
			    "DIR"));
		return EXIT_CONFIG;
	}
	if (crypto_start() != 0) {
		say_error(_("libsodium does not work on this machine"));
		return EXIT_IO;
	}
	ctx->now_ms = cmd_now();
	ctx->is_tty = isatty(STDOUT_FILENO) != 0;
	ctx->has_color = ctx->is_tty && getenv("NO_COLOR") == NULL;
	return EXIT_DONE;
}

static int run(struct ctx *ctx, const char *home, int argc, char **argv)
{
	const struct command *cmd = command_named(argv[0]);
	struct args args;
	int code;

	if (cmd == NULL)
		return unknown_verb(argv[0]);
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (asks_help(argv[i]))
			return help_command(cmd);
	if (ctx->is_json && !cmd->has_json) {
		say_error(_("%s has no --json form"), cmd->name);
		return bad_usage(cmd);
	}
	code = args_parse(&args, cmd, ctx, &home, argc - 1, argv + 1);
	if (code == EXIT_DONE)
		code = set_up(ctx, home);
	if (code == EXIT_DONE)
		code = cmd->run(ctx, &args);
	/* What was printed counts for nothing if it did not arrive. */
	return out_end() == EXIT_DONE ? code : EXIT_IO;
}

/* "--home" or "--home=DIR". */
static bool names_option(const char *arg, const char *name)
{
	size_t n = strlen(name);

	return strncmp(arg, name, n) == 0 && (arg[n] == '\0' || arg[n] == '=');
}

int cmd_main(int argc, char **argv)
{
	struct ctx ctx = { .is_json = false };
	const char *home = NULL;
	int i;

	lastword_install();
	i18n_start();
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			ctx.is_json = true;
		} else if (home != NULL && names_option(argv[i], "--home")) {
			say_error(_("--%s is given twice"), "home");
			return EXIT_USAGE;
		} else if (strcmp(argv[i], "--home") == 0 && i + 1 < argc) {
			home = argv[++i];
		} else if (strncmp(argv[i], "--home=", 7) == 0) {
			home = argv[i] + 7;
		} else if (strcmp(argv[i], "--home") == 0) {
			say_error(_("--%s needs an argument: %s"), "home",
				  "DIR");
			return EXIT_USAGE;
		} else if (asks_help(argv[i])) {
			return help_all();
		} else if (strcmp(argv[i], "--version") == 0) {
			printf("maillon %s\n", MAILLON_VERSION);
			return out_end();
		} else {
			say_error(_("unknown option %s; 'maillon help' shows "
				    "what there is"),
				  argv[i]);
			return EXIT_USAGE;
		}
	}
	if (i >= argc) {
		help_short(stderr);
		return EXIT_USAGE;
	}
	return run(&ctx, home, argc - i, argv + i);
}
