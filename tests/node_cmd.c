#include "node/cmd/cmd.h"

#include "node/cmd/cmd_help.h"
#include "node/text/say.h"
#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int run_nothing(struct ctx *ctx, const struct args *args)
{
	(void)ctx;
	(void)args;
	return EXIT_DONE;
}

static const struct command verb = {
	.name = "verb",
	.run = run_nothing,
	.usage = "QTY ITEM [--lot L] [--final]",
	.summary = "do it",
	.options = (const struct option_rule[]){ { "lot", "L", "the lot" },
						 { "use", "LINE...", "used" },
						 { "final", NULL, "for good" },
						 { NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
	.has_json = true,
};

static struct args args;
static struct ctx ctx;
static const char *home;

/* Words end with NULL. */
static int parse(const char *const *words)
{
	char *argv[ARGS_MAX + 8];
	int argc = 0;

	for (; words[argc] != NULL; argc++)
		memcpy(&argv[argc], &words[argc], sizeof(argv[0]));
	home = NULL;
	ctx.is_json = false;
	return args_parse(&args, &verb, &ctx, &home, argc, argv);
}

/* The same with stderr shut: cmocka's own lines go there too. */
static int parse_quietly(const char *const *words)
{
	int saved = dup(STDERR_FILENO);
	int none = open("/dev/null", O_WRONLY);
	int code;

	assert_true(saved >= 0 && none >= 0);
	dup2(none, STDERR_FILENO);
	code = parse(words);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(none);
	return code;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void options_stand_anywhere_and_have_two_forms(void **state)
{
	size_t at = 0;

	(void)state;
	assert_int_equal(parse(WORDS("--lot", "A", "5", "--use=1 x", "visor",
				     "--use", "2 y", "--final", "--final")),
			 EXIT_DONE);
	assert_int_equal(args.pos_n, 2);
	assert_string_equal(args.pos[0], "5");
	assert_string_equal(args.pos[1], "visor");
	assert_string_equal(args_get(&args, "lot"), "A");
	assert_true(args_has(&args, "final"));
	assert_false(args_has(&args, "when"));
	assert_null(args_get(&args, "when"));
	assert_string_equal(args_each(&args, "use", &at), "1 x");
	assert_string_equal(args_each(&args, "use", &at), "2 y");
	assert_null(args_each(&args, "use", &at));
}

/* Who says two lots means one of them, and only the reader could tell which. */
static void what_means_one_thing_is_given_once(void **state)
{
	(void)state;
	assert_int_equal(
		parse_quietly(WORDS("5", "visor", "--lot", "A", "--lot=B")),
		EXIT_USAGE);
	assert_int_equal(parse_quietly(WORDS("5", "--when", "2020-04-01",
					     "--when", "2020-04-01")),
			 EXIT_USAGE);
}

static void a_negative_number_is_an_argument(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("-5", "visor")), EXIT_DONE);
	assert_string_equal(args.pos[0], "-5");
	assert_int_equal(parse(WORDS("-", "visor")), EXIT_DONE);
	assert_int_equal(parse(WORDS("--", "--lot", "-x")), EXIT_DONE);
	assert_string_equal(args.pos[0], "--lot");
	assert_string_equal(args.pos[1], "-x");
	/* An option's argument may begin with a minus. */
	assert_int_equal(parse(WORDS("1", "--lot", "--final")), EXIT_DONE);
	assert_string_equal(args_get(&args, "lot"), "--final");
	assert_int_equal(parse(WORDS("1", "--lot=")), EXIT_DONE);
	assert_string_equal(args_get(&args, "lot"), "");
}

static void home_and_json_belong_to_every_command(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("1", "--home", "x", "--json")), EXIT_DONE);
	assert_string_equal(home, "x");
	assert_true(ctx.is_json);
	assert_int_equal(args.opt_n, 0);
	assert_int_equal(parse(WORDS("1", "--home=y", "--when", "2020-01-01")),
			 EXIT_DONE);
	assert_string_equal(home, "y");
	assert_true(args_has(&args, "when"));
}

static void what_is_wrong_ends_with_the_usage(void **state)
{
	const struct {
		const char *why;
		const char *const *words;
	} rows[] = {
		{ "unknown", WORDS("1", "--nothing") },
		{ "a part of a name", WORDS("1", "--lo", "x") },
		{ "more than a name", WORDS("1", "--lots", "x") },
		{ "no argument", WORDS("1", "--lot") },
		{ "an argument too many", WORDS("1", "--final=yes") },
		{ "short", WORDS("1", "-l") },
		{ "too few", WORDS("--final") },
		{ "too many", WORDS("1", "2", "3") },
		{ "home without folder", WORDS("1", "--home") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (parse_quietly(rows[i].words) != EXIT_USAGE)
			fail_msg("%s", rows[i].why);
}

static void a_command_line_is_bounded(void **state)
{
	const char *words[ARGS_MAX + 8] = { "1" };

	(void)state;
	for (size_t i = 1; i <= ARGS_MAX; i++)
		words[i] = "--final";
	assert_int_equal(parse(words), EXIT_DONE);
	assert_int_equal(args.opt_n, ARGS_MAX);
	words[ARGS_MAX + 1] = "--final";
	assert_int_equal(parse_quietly(words), EXIT_USAGE);
}

static void the_clock_can_be_set_for_tests(void **state)
{
	(void)state;
	setenv("MAILLON_NOW", "2020-04-01T00:00:00.5Z", 1);
	assert_int_equal(cmd_now(), 1585699200500);
	setenv("MAILLON_NOW", "77", 1);
	assert_int_equal(cmd_now(), 77);
	unsetenv("MAILLON_NOW");
	assert_true(cmd_now() > 1585699200000);
}

static bool has_option(const struct option_rule *o, const char *name)
{
	for (; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

/* Each --name in a usage line is an option that the command takes. */
static void check_usage(const struct command *c)
{
	for (const char *p = strstr(c->usage, "--"); p != NULL;
	     p = strstr(p + 2, "--")) {
		char name[32];
		size_t n = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");

		assert_true(n > 0 && n < sizeof(name));
		memcpy(name, p + 2, n);
		name[n] = '\0';
		if (!has_option(c->options, name) &&
		    !has_option(c->more_options, name) &&
		    strcmp(name, "json") != 0)
			fail_msg("%s: --%s", c->name, name);
	}
}

static void the_table_is_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *c = commands[i];

		assert_non_null(c->name);
		assert_non_null(c->run);
		assert_non_null(c->usage);
		assert_non_null(c->summary);
		assert_true(c->pos_min <= c->pos_max);
		assert_ptr_equal(command_named(c->name), c);
		check_usage(c);
		for (const struct option_rule *o = c->options;
		     o != NULL && o->name != NULL; o++) {
			assert_non_null(o->help);
			assert_false(has_option(c->more_options, o->name));
		}
	}
	assert_null(command_named("nothing"));
	assert_null(command_named(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(options_stand_anywhere_and_have_two_forms),
		UNIT(what_means_one_thing_is_given_once),
		UNIT(a_negative_number_is_an_argument),
		UNIT(home_and_json_belong_to_every_command),
		UNIT(the_clock_can_be_set_for_tests),
		UNIT(the_table_is_in_order),
		UNIT(what_is_wrong_ends_with_the_usage),
		UNIT(a_command_line_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
