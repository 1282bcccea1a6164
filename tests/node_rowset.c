#include "node/import/rowset.h"

#include "crypto/err.h"
#include "node/import/tagset.h"
#include "proto/kind.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static struct tag tag_of(uint64_t i)
{
	struct tag t = { { 0 } };

	/* Many of them want the same slot. */
	t.b[0] = (uint8_t)(i % 7);
	memcpy(t.b + 8, &i, sizeof(i));
	return t;
}

static void a_tag_keeps_its_first_value(void **state)
{
	struct tagset s = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= 2000; i++) {
		struct tag t = tag_of(i);

		assert_int_equal(tagset_get(&s, &t), 0);
		assert_int_equal(tagset_put(&s, &t, i), 0);
		assert_int_equal(tagset_put(&s, &t, i + 1), ERR_EXISTS);
	}
	assert_int_equal(s.n, 2000);
	assert_true(4 * s.n <= 3 * s.max);
	for (uint64_t i = 1; i <= 2000; i++) {
		struct tag t = tag_of(i);

		assert_int_equal(tagset_get(&s, &t), i);
	}
	tagset_release(&s);
	tagset_release(&s);
	tagset_release(NULL);
}

static void rows_stand_by_time_then_rank_then_place(void **state)
{
	/* In the order that they must come out; `facts` says which it was. */
	static const struct row want[] = {
		{ .when_ms = 0, .rank = RANK_SAYS, .file = 1, .line = 9 },
		{ .when_ms = 0, .rank = RANK_TAKES, .file = 0, .line = 2 },
		{ .when_ms = 5, .rank = RANK_GIVES, .file = 1, .line = 7 },
		{ .when_ms = 5, .rank = RANK_TAKES, .file = 0, .line = 3 },
		{ .when_ms = 5, .rank = RANK_TAKES, .file = 0, .line = 4 },
		{ .when_ms = 5, .rank = RANK_TAKES, .file = 1, .line = 2 },
		{ .when_ms = 6, .rank = RANK_SAYS, .file = 0, .line = 1 },
		{ .when_ms = UINT64_MAX, .rank = RANK_SAYS, .file = 0 },
	};
	struct rowset s = { 0 };

	(void)state;
	for (size_t step = 1; step < ARRAY_LEN(want); step += 2) {
		for (size_t i = 0; i < ARRAY_LEN(want); i++) {
			uint8_t at = (uint8_t)(i * step % ARRAY_LEN(want));
			struct row row = want[at];

			row.facts = &at;
			row.facts_n = 1;
			assert_int_equal(rowset_add(&s, &row), 0);
		}
		rowset_sort(&s);
		for (size_t i = 0; i < ARRAY_LEN(want); i++)
			assert_int_equal(s.row[i].facts[0], i);
		rowset_release(&s);
	}
	rowset_sort(&s);
	rowset_release(NULL);
}

static void facts_and_texts_never_move(void **state)
{
	struct rowset s = { 0 };
	const char *text[300];
	uint8_t facts[4000];

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		struct row row = { .line = i, .facts = facts };
		char name[16];

		row.facts_n = (uint16_t)(i * 13 % sizeof(facts));
		memset(facts, (int)i, sizeof(facts));
		assert_int_equal(rowset_add(&s, &row), 0);
		snprintf(name, sizeof(name), "~name %u", i);
		text[i] = rowset_text(&s, name);
	}
	for (unsigned i = 0; i < 300; i++) {
		char name[16];

		for (unsigned k = 0; k < s.row[i].facts_n; k++)
			assert_int_equal(s.row[i].facts[k], (uint8_t)i);
		snprintf(name, sizeof(name), "~name %u", i);
		assert_string_equal(text[i], name);
	}
	assert_true(s.bytes > 300 * sizeof(struct row));
	rowset_release(&s);
}

static void what_gives_comes_before_what_takes(void **state)
{
	(void)state;
	assert_int_equal(rank_of(KIND_ITEM), RANK_SAYS);
	assert_int_equal(rank_of(KIND_PRODUCE), RANK_GIVES);
	assert_int_equal(rank_of(KIND_SUPPLY), RANK_GIVES);
	assert_int_equal(rank_of(KIND_DONATE), RANK_GIVES);
	assert_int_equal(rank_of(KIND_DELIVER), RANK_TAKES);
	assert_int_equal(rank_of(KIND_LOSE), RANK_TAKES);
	assert_int_equal(rank_of(KIND_COUNT), RANK_TAKES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_tag_keeps_its_first_value),
		UNIT(rows_stand_by_time_then_rank_then_place),
		UNIT(facts_and_texts_never_move),
		UNIT(what_gives_comes_before_what_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
