#include "proto/book/glimpse.h"

#include "tests/unit.h"
#include "tests/world.h"

static int say(struct glimpse *g, enum kind kind, enum fact f, uint64_t qty,
	       const char *item)
{
	struct record rec;

	record_init(&rec, kind);
	world_set_line(&rec, f, qty, item);
	return glimpse_add(g, &rec);
}

static void goods_are_added_up_by_item(void **state)
{
	struct glimpse g = { .n = 0 };

	(void)state;
	assert_int_equal(say(&g, KIND_PRODUCE, FACT_LINES, 5, "visor"), 0);
	assert_int_equal(say(&g, KIND_DELIVER, FACT_LINES, 4, "cap"), 0);
	assert_int_equal(say(&g, KIND_PRODUCE, FACT_LINES, 7, "visor"), 0);
	assert_int_equal(say(&g, KIND_DELIVER, FACT_LINES, 2, "visor"), 0);
	assert_int_equal(say(&g, KIND_RECEIVE, FACT_ACCEPTED, 1, "visor"), 0);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.at[0].item, "cap");
	assert_int_equal(g.at[0].produced, 0);
	assert_int_equal(g.at[0].delivered, 4);
	assert_string_equal(g.at[1].item, "visor");
	assert_int_equal(g.at[1].produced, 12);
	assert_int_equal(g.at[1].delivered, 2);
	assert_int_equal(g.at[1].received, 1);
	glimpse_release(&g);
	glimpse_release(&g);
}

static void what_is_none_or_was_said_before_adds_nothing(void **state)
{
	static const struct id before = { { 1 } };
	struct glimpse g = { .n = 0 };
	struct record rec;

	(void)state;
	assert_int_equal(say(&g, KIND_LOSE, FACT_LINES, 5, "visor"), 0);
	assert_int_equal(say(&g, KIND_SUPPLY, FACT_LINES, 5, "visor"), 0);
	assert_int_equal(say(&g, KIND_RECEIVE, FACT_REFUSED, 5, "visor"), 0);
	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, 5, "visor");
	record_set_bytes(&rec, FACT_ORPHAN, before.b, sizeof(before));
	assert_int_equal(glimpse_add(&g, &rec), 0);
	assert_int_equal(g.n, 0);
	glimpse_release(&g);
}

static void items_have_a_ceiling(void **state)
{
	struct glimpse g = { .n = 0 };
	char item[16];

	(void)state;
	for (int i = GLIMPSE_ITEMS; i > 0; i--) {
		snprintf(item, sizeof(item), "item%d", i);
		assert_int_equal(say(&g, KIND_PRODUCE, FACT_LINES, 1, item), 0);
	}
	assert_int_equal(g.n, GLIMPSE_ITEMS);
	assert_false(g.is_cut);
	for (int i = 1; i < GLIMPSE_ITEMS; i++)
		assert_true(strcmp(g.at[i - 1].item, g.at[i].item) < 0);
	assert_int_equal(say(&g, KIND_PRODUCE, FACT_LINES, 1, "more"), 0);
	assert_int_equal(g.n, GLIMPSE_ITEMS);
	assert_true(g.is_cut);
	/* Those that are there go on. */
	assert_int_equal(say(&g, KIND_PRODUCE, FACT_LINES, 1, "item1"), 0);
	assert_int_equal(g.at[0].produced, 2);
	glimpse_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(goods_are_added_up_by_item),
		UNIT(what_is_none_or_was_said_before_adds_nothing),
		UNIT(items_have_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
