#include "node/text/say.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/text/near.h"
#include "node/text/screen.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

static void what_could_move_a_cursor_is_spelled_out(void **state)
{
	static const struct {
		const char *why, *text, *want;
	} rows[] = {
		{ "plain", "CHU Nancy", "CHU Nancy" },
		{ "accents", "œuvre é ü", "œuvre é ü" },
		{ "four bytes", "\xf0\x9f\x98\xb7", "\xf0\x9f\x98\xb7" },
		{ "escape", "a\x1b[2Jb", "a\\x1b[2Jb" },
		{ "newline", "a\nb\r", "a\\x0ab\\x0d" },
		{ "delete", "\x7f", "\\x7f" },
		{ "C1", "\xc2\x9b", "\\xc2\\x9b" },
		{ "right to left", "\xe2\x80\xae!", "\\xe2\\x80\\xae!" },
		{ "not UTF-8", "a\xff\xc3", "a\\xff\\xc3" },
		{ "overlong", "\xc0\xaf", "\\xc0\\xaf" },
		{ "nothing", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[TEXT_SAFE_SIZE(64)];
		size_t n = strlen(rows[i].text);

		text_safe(out, sizeof(out), rows[i].text, n);
		if (strcmp(out, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].why, out);
	}
}

static void a_cut_never_splits_a_character(void **state)
{
	char out[8];

	(void)state;
	for (size_t size = 1; size <= sizeof(out); size++) {
		memset(out, 'x', sizeof(out));
		text_safe(out, size, "é\x01é", 5);
		assert_true(strlen(out) < size);
		assert_true(strlen(out) == 0 || strlen(out) == 2 ||
			    strlen(out) == 6);
	}
}

static void a_stream_is_as_safe_as_a_buffer(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *file = open_memstream(&text, &n);

	(void)state;
	assert_non_null(file);
	put_safe(file, "é\x1b]0;x\x07", 8);
	fclose(file);
	assert_string_equal(text, "é\\x1b]0;x\\x07");
	free(text);
}

static void every_error_has_a_reason_and_an_exit_code(void **state)
{
	(void)state;
	assert_int_equal(exit_of(0), EXIT_DONE);
	for (int err = ERR_FORMAT; err >= ERR_FOLDER; err--) {
		int code = exit_of(err);

		assert_true(code == EXIT_NO ||
			    (code >= EXIT_USAGE && code <= EXIT_CONFIG));
		assert_true(strlen(err_reason(err)) > 8);
	}
	assert_int_equal(exit_of(ERR_DENIED), EXIT_DENIED);
	assert_int_equal(exit_of(ERR_BUSY), EXIT_AGAIN);
	assert_int_equal(exit_of(ERR_FULL), EXIT_IO);
	assert_int_equal(exit_of(ERR_FORMAT), EXIT_DATA);
}

static void a_reason_is_cut_and_keeps_its_error(void **state)
{
	struct reason why = { "" };
	char text[2 * REASON_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(reason_set(&why, ERR_LIMIT, "%s", text), ERR_LIMIT);
	assert_int_equal(strlen(why.text), REASON_SIZE - 1);
	assert_int_equal(reason_set(NULL, ERR_IO, "%s", text), ERR_IO);
}

static void near_words_come_best_first(void **state)
{
	static const char *const words[] = { "produce", "product", "lose",
					     "log",     "totals",  "deliver" };
	static const struct {
		const char *typed, *want;
	} rows[] = {
		{ "prduce", "produce, product" },
		{ "PRODUCE", "produce, product" },
		{ "lgo", "" },
		{ "lo", "log" },
		{ "dleiver", "deliver" },
		{ "xxxxxxx", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[NEAR_MAX * NEAR_WORD];
		struct near near;

		near_init(&near, rows[i].typed);
		for (size_t j = 0; j < ARRAY_LEN(words); j++)
			near_offer(&near, words[j]);
		near_text(&near, text, sizeof(text));
		if (strcmp(text, rows[i].want) != 0)
			fail_msg("'%s': %s", rows[i].typed, text);
	}
}

static void only_the_nearest_are_kept_each_once(void **state)
{
	char text[NEAR_MAX * NEAR_WORD], longer[NEAR_WORD + 1];
	struct near near;

	(void)state;
	near_init(&near, "maker");
	near_offer(&near, "makerxx");
	near_offer(&near, "makerx");
	near_offer(&near, "maker");
	near_offer(&near, "maker");
	near_offer(&near, "makery");
	near_text(&near, text, sizeof(text));
	assert_string_equal(text, "maker, makerx, makery");
	memset(longer, 'm', sizeof(longer));
	longer[NEAR_WORD] = '\0';
	near_offer(&near, longer);
	near_init(&near, longer);
	near_offer(&near, "maker");
	assert_int_equal(near.n, 0);
}

static void columns_line_up_whatever_the_letters(void **state)
{
	char *text = NULL;
	struct table t;
	size_t n;
	FILE *file = open_memstream(&text, &n);

	(void)state;
	assert_non_null(file);
	table_init(&t, "lrl");
	table_put(&t, "réseau");
	table_put(&t, "qty");
	table_put(&t, "x");
	table_put(&t, "a");
	table_number(&t, -1234);
	table_put(&t, "\x1b");
	assert_int_equal(table_print(&t, file), EXIT_DONE);
	fclose(file);
	assert_string_equal(text, "réseau    qty  x\n"
				  "a       -1234  \\x1b\n");
	free(text);
}

/* Six numbers beside two texts do not fit in 32 columns. */
static void columns_that_do_not_fit_go_below(void **state)
{
	static const char *const row[] = {
		"item",    "unit", "made",      "moved", "lost", "on hand",
		"refused", "rest", "visor/v30", "piece", "1",    "22",
		"333",     "4444", "55555",     "666666"
	};
	char *text = NULL;
	struct table t;
	size_t n;
	FILE *file = open_memstream(&text, &n);

	(void)state;
	assert_non_null(file);
	table_init(&t, "llrrrrrr");
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		table_put(&t, row[i]);
	table_fit(&t, 32);
	assert_int_equal(table_print(&t, file), EXIT_DONE);
	fclose(file);
	assert_string_equal(text, "item       unit   made  moved\n"
				  "visor/v30  piece     1     22\n"
				  "\n"
				  "item       unit   lost  on hand\n"
				  "visor/v30  piece   333     4444\n"
				  "\n"
				  "item       unit   refused\n"
				  "visor/v30  piece    55555\n"
				  "\n"
				  "item       unit     rest\n"
				  "visor/v30  piece  666666\n");
	free(text);
}

static void a_sentence_goes_on_below_itself(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *file = open_memstream(&text, &n);

	(void)state;
	assert_non_null(file);
	screen_fold(file, "one two three four five six", 30, 4, 50);
	screen_fold(file, "one two", 0, 4, 0);
	screen_fold(file, "one two three four five", 0, 2, 1);
	assert_int_equal(screen_columns(file), 0);
	fclose(file);
	assert_string_equal(text, "one two three four\n    five six\n"
				  "one two\n"
				  "one two three four\n  five\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(what_could_move_a_cursor_is_spelled_out),
		UNIT(a_cut_never_splits_a_character),
		UNIT(a_stream_is_as_safe_as_a_buffer),
		UNIT(every_error_has_a_reason_and_an_exit_code),
		UNIT(a_reason_is_cut_and_keeps_its_error),
		UNIT(near_words_come_best_first),
		UNIT(only_the_nearest_are_kept_each_once),
		UNIT(columns_line_up_whatever_the_letters),
		UNIT(columns_that_do_not_fit_go_below),
		UNIT(a_sentence_goes_on_below_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
