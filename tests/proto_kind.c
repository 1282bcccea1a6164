#include "proto/kind.h"

#include "proto/fact.h"
#include "proto/limit.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PROTOCOL.md's tables against the tables of the code. */

enum { COLUMNS = 7, CELL = 200 };

/* A table being read: the rows of one section. */
struct table {
	FILE *f;
	size_t n; /* cells of this row */
	char cell[COLUMNS][CELL];
};

static void table_open(struct table *t, const char *heading)
{
	char line[1024];

	t->f = fopen("proto/PROTOCOL.md", "r");
	assert_non_null(t->f);
	while (fgets(line, sizeof(line), t->f) != NULL)
		if (strncmp(line, "## ", 3) == 0 &&
		    strncmp(line + 3, heading, strlen(heading)) == 0 &&
		    line[3 + strlen(heading)] == '\n')
			return;
	fail_msg("no section %s", heading);
}

/* The text between two bars, without the spaces and quotes around it. */
static void copy_cell(char *out, const char *p, size_t n)
{
	while (n > 0 && strchr(" `", *p) != NULL) {
		p++;
		n--;
	}
	while (n > 0 && strchr(" `", p[n - 1]) != NULL)
		n--;
	assert_true(n < CELL);
	memcpy(out, p, n);
	out[n] = '\0';
}

static void split(struct table *t, const char *line)
{
	const char *p = line + 1;

	for (t->n = 0; t->n < COLUMNS; t->n++) {
		const char *end = strchr(p, '|');

		if (end == NULL)
			return;
		copy_cell(t->cell[t->n], p, (size_t)(end - p));
		p = end + 1;
	}
}

/* The next row whose first cell is not a title or a rule; false at the end of
 * the section. */
static bool table_next(struct table *t, const char *title)
{
	char line[1024];

	while (fgets(line, sizeof(line), t->f) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			break;
		if (line[0] != '|')
			continue;
		split(t, line);
		if (strcmp(t->cell[0], title) != 0 && t->cell[0][0] != '-')
			return true;
	}
	fclose(t->f);
	return false;
}

static const char *const types[] = {
	[TYPE_UINT] = "uint",
	[TYPE_TIME] = "time",
	[TYPE_WORD] = "word",
	[TYPE_TEXT] = "text",
	[TYPE_LABEL] = "label",
	[TYPE_ITEM] = "item",
	[TYPE_PLACE] = "place",
	[TYPE_PERIOD] = "period",
	[TYPE_BYTES] = "bytes",
	[TYPE_TAG] = "tag",
	[TYPE_ID] = "id",
	[TYPE_KEY] = "key",
	[TYPE_SHA] = "sha",
	[TYPE_SIG] = "sig",
	[TYPE_PARTY] = "party",
	[TYPE_LINES] = "lines",
	[TYPE_LINES0] = "lines0",
	[TYPE_MONEY] = "money",
	[TYPE_MONEY0] = "money0",
	[TYPE_POSITION] = "position",
	[TYPE_POSITIONS] = "positions",
	[TYPE_IDS] = "ids",
	[TYPE_KEYS] = "keys",
	[TYPE_ADDRESSES] = "addresses",
	[TYPE_FACTS] = "facts",
};

static void check_fact(const struct table *t)
{
	unsigned key = (unsigned)strtoul(t->cell[0], NULL, 10);
	const struct fact_rule *rule = fact_rule(key);
	char max[24] = "-";

	if (rule == NULL)
		fail_msg("no fact %u", key);
	assert_int_equal(t->n, 6);
	assert_int_equal(rule->key, key);
	assert_string_equal(t->cell[1], rule->name);
	assert_string_equal(t->cell[2], types[rule->type]);
	if (rule->type == TYPE_UINT || rule->type == TYPE_TEXT ||
	    rule->type == TYPE_BYTES)
		snprintf(max, sizeof(max), "%llu",
			 (unsigned long long)rule->max);
	assert_string_equal(t->cell[3], max);
	assert_string_equal(t->cell[4], key % 2 == 1 ? "yes" : "no");
	assert_true(strlen(t->cell[5]) > 0);
}

static void facts_are_those_of_the_protocol(void **state)
{
	unsigned count = 0, known = 0;
	struct table t;

	(void)state;
	table_open(&t, "Facts");
	while (table_next(&t, "number")) {
		check_fact(&t);
		count++;
	}
	for (unsigned k = 0; k < 2 * FACT_LIMIT; k++)
		known += fact_rule(k) != NULL;
	assert_int_equal(count, known);
}

static void types_are_those_of_the_protocol(void **state)
{
	unsigned count = 0;
	struct table t;

	(void)state;
	table_open(&t, "Types");
	while (table_next(&t, "type")) {
		if (strcmp(t.cell[0], "fact") == 0)
			break;
		assert_true(count < ARRAY_LEN(types));
		assert_string_equal(t.cell[0], types[count++]);
	}
	fclose(t.f);
	assert_int_equal(count, ARRAY_LEN(types));
}

static unsigned count_words(const struct fact_rule *rule)
{
	unsigned n = 0;

	while (rule->word[n] != NULL)
		n++;
	return n;
}

static void words_are_those_of_the_protocol(void **state)
{
	unsigned rows = 0, known = 0;
	struct table t;

	(void)state;
	table_open(&t, "Types");
	while (table_next(&t, "fact")) {
		const struct fact_rule *rule =
			fact_named(t.cell[0], strlen(t.cell[0]));
		unsigned n = 0;

		if (t.n != 7)
			continue;
		assert_non_null(rule);
		assert_int_equal(rule->type, TYPE_WORD);
		for (size_t i = 1; i < t.n && t.cell[i][0] != '\0'; i++) {
			const char *word = t.cell[i];

			assert_int_equal(
				word_index(rule->key, word, strlen(word)), n++);
		}
		assert_int_equal(n, count_words(rule));
		rows++;
	}
	for (unsigned k = 0; k < FACT_LIMIT; k++)
		known +=
			fact_rule(k) != NULL && fact_rule(k)->type == TYPE_WORD;
	assert_int_equal(rows, known);
}

/* "a, b, c" or "-" against the facts for which is_in holds. */
static void check_names(const char *names,
			bool (*is_in)(const struct kind_rule *, unsigned),
			const struct kind_rule *rule)
{
	bool want[FACT_LIMIT] = { false };

	while (strcmp(names, "-") != 0 && *names != '\0') {
		size_t n = strcspn(names, ",");
		const struct fact_rule *fact = fact_named(names, n);

		if (fact == NULL)
			fail_msg("%s: no fact %s", rule->name, names);
		want[fact->key] = true;
		names += n + strspn(names + n, ", ");
	}
	for (unsigned k = 0; k < FACT_LIMIT; k++)
		if (is_in(rule, k) != want[k])
			fail_msg("%s: %u", rule->name, k);
}

/* May have it, by its own row and not because it records something. */
static bool is_optional(const struct kind_rule *rule, unsigned key)
{
	struct kind_rule bare = *rule;

	bare.is_recorded = false;
	return kind_takes(&bare, key) && !kind_needs(rule, key);
}

static void kinds_are_those_of_the_protocol(void **state)
{
	unsigned count = 0, known = 0;
	struct table t;

	(void)state;
	table_open(&t, "Kinds");
	while (table_next(&t, "number")) {
		uint32_t kind = (uint32_t)strtoul(t.cell[0], NULL, 10);
		const struct kind_rule *rule = kind_rule(kind);

		assert_int_equal(t.n, 5);
		if (rule == NULL)
			fail_msg("no kind %u", (unsigned)kind);
		assert_int_equal(rule->kind, kind);
		assert_string_equal(t.cell[1], rule->name);
		assert_string_equal(t.cell[2], rule->is_roster     ? "roster"
					       : rule->is_recorded ? "record"
								   : "log");
		check_names(t.cell[3], kind_needs, rule);
		check_names(t.cell[4], is_optional, rule);
		count++;
	}
	for (uint32_t k = 0; k < 1000; k++)
		known += kind_rule(k) != NULL;
	assert_int_equal(count, known);
}

static const struct {
	const char *name;
	unsigned long long value;
} limits[] = {
#define LIMIT(name)         \
	{                   \
#name, name \
	}
	LIMIT(LIMIT_ENTRY),
	LIMIT(LIMIT_DEPTH),
	LIMIT(LIMIT_SEQ),
	LIMIT(LIMIT_TIME_MS),
	LIMIT(LIMIT_KIND),
	LIMIT(SIGNED_EVERY),
	LIMIT(LIMIT_QTY),
	LIMIT(LIMIT_LINES),
	LIMIT(LIMIT_FACTS),
	LIMIT(LIMIT_ITEM_PART),
	LIMIT(LIMIT_ITEM),
	LIMIT(LIMIT_LABEL),
	LIMIT(LIMIT_NAME),
	LIMIT(LIMIT_PLACE),
	LIMIT(LIMIT_ADDRESS),
	LIMIT(LIMIT_ADDRESSES),
	LIMIT(LIMIT_REASON),
	LIMIT(LIMIT_CHARTER),
	LIMIT(LIMIT_FOUNDERS),
	LIMIT(LIMIT_QUORUM),
	LIMIT(LIMIT_INVITE),
	LIMIT(LIMIT_PINS),
	LIMIT(LIMIT_REFS),
	LIMIT(LIMIT_VERSIONS),
	LIMIT(LIMIT_SENDINGS),
	LIMIT(LIMIT_LINKS),
	LIMIT(LIMIT_FRAME),
	LIMIT(LIMIT_HEADS),
	LIMIT(LIMIT_RUN),
	LIMIT(LIMIT_RUN_BYTES),
	LIMIT(LIMIT_PENDING),
	LIMIT(LIMIT_EVIDENCE),
	LIMIT(LIMIT_CREDIT_MIN),
	LIMIT(LIMIT_CREDIT_MAX),
	LIMIT(LIMIT_BYE),
	LIMIT(LIMIT_ROTATIONS),
	LIMIT(ROTATION_CHECKPOINTS),
};

static size_t limit_named(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(limits) && strcmp(limits[i].name, name) != 0)
		i++;
	if (i == ARRAY_LEN(limits))
		fail_msg("this test does not know %s", name);
	return i;
}

static void limits_are_those_of_the_protocol(void **state)
{
	bool seen[ARRAY_LEN(limits)] = { false };
	struct table t;

	(void)state;
	table_open(&t, "Limits");
	while (table_next(&t, "name")) {
		size_t i = limit_named(t.cell[0]);

		seen[i] = true;
		if (strtoull(t.cell[1], NULL, 10) != limits[i].value)
			fail_msg("%s is %llu", limits[i].name, limits[i].value);
	}
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (!seen[i])
			fail_msg("%s is not in PROTOCOL.md", limits[i].name);
}

/* So that a limit that is added later cannot be left out of the document. */
static void no_limit_is_forgotten(void **state)
{
	FILE *f = fopen("proto/limit.h", "r");
	char line[256], name[64];
	size_t count = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "#define %63[A-Z_] ", name) == 1 &&
		    strcmp(name, "PROTO_LIMIT_H") != 0) {
			limit_named(name);
			count++;
		}
	fclose(f);
	assert_int_equal(count, ARRAY_LEN(limits));
}

static void names_are_found_and_stand_once(void **state)
{
	(void)state;
	for (unsigned k = 0; k < FACT_LIMIT; k++)
		if (fact_rule(k) != NULL)
			assert_ptr_equal(fact_named(fact_rule(k)->name,
						    strlen(fact_rule(k)->name)),
					 fact_rule(k));
	for (uint32_t k = 0; k <= KIND_RESOLVE; k++)
		if (kind_rule(k) != NULL)
			assert_ptr_equal(kind_named(kind_rule(k)->name,
						    strlen(kind_rule(k)->name)),
					 kind_rule(k));
	assert_null(fact_named("", 0));
	assert_null(fact_named("line", 4));
	assert_null(fact_named("linesx", 6));
	assert_null(kind_named("produces", 8));
	assert_null(kind_named("", 0));
}

static void there_is_nothing_beside_the_tables(void **state)
{
	(void)state;
	assert_null(fact_rule(0));
	assert_null(fact_rule(84));
	assert_null(fact_rule(FACT_LIMIT));
	assert_null(fact_rule(UINT32_MAX));
	assert_null(kind_rule(0));
	assert_null(kind_rule(KIND_RESOLVE + 1));
	assert_null(kind_rule(UINT32_MAX));
	assert_int_equal(word_index(FACT_ROLE, "auditor", 7), ROLE_AUDITOR);
	assert_int_equal(word_index(FACT_ROLE, "audit", 5), -1);
	assert_int_equal(word_index(FACT_LINES, "maker", 5), -1);
	assert_int_equal(word_index(FACT_LIMIT, "maker", 5), -1);
}

static void common_facts_go_with_records_only(void **state)
{
	(void)state;
	for (uint32_t k = 0; k <= KIND_RESOLVE; k++) {
		const struct kind_rule *rule = kind_rule(k);

		if (rule == NULL)
			continue;
		for (unsigned f = FACT_FOR; f <= FACT_NOTE; f++)
			if (k != KIND_ATTACH || f != FACT_DOC)
				assert_int_equal(kind_takes(rule, f),
						 rule->is_recorded);
		assert_false(kind_takes(rule, 0));
		assert_false(kind_needs(rule, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(facts_are_those_of_the_protocol),
		UNIT(types_are_those_of_the_protocol),
		UNIT(words_are_those_of_the_protocol),
		UNIT(kinds_are_those_of_the_protocol),
		UNIT(limits_are_those_of_the_protocol),
		UNIT(no_limit_is_forgotten),
		UNIT(names_are_found_and_stand_once),
		UNIT(there_is_nothing_beside_the_tables),
		UNIT(common_facts_go_with_records_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
