#include "proto/book/catalog.h"

#include "tests/unit.h"

#include <string.h>

/* One declaration: who, how deep, in which feed, and what it says. */
struct said {
	unsigned depth;
	uint8_t author, feed;
	uint64_t seq, time_ms;
	const char *unit;
};

static void add(struct catalog *c, const struct said *s)
{
	struct book_record rec = { .seq = s->seq, .time_ms = s->time_ms };

	memset(rec.author.b, s->author, KEY_SIZE);
	memset(rec.feed.b, s->feed, KEY_SIZE);
	record_init(&rec.rec, KIND_ITEM);
	record_set_bytes(&rec.rec, FACT_ITEM, "visor", 5);
	record_set_bytes(&rec.rec, FACT_UNIT, s->unit, strlen(s->unit));
	assert_int_equal(catalog_add(c, s->depth, &rec), 0);
}

/* Each row governs all that stand below it. */
static const struct said said[] = {
	{ 0, 5, 1, 1, 10, "nearest" },       { 1, 2, 1, 1, 30, "latest" },
	{ 1, 2, 9, 4, 20, "greater seq" },   { 1, 2, 9, 3, 20, "feed" },
	{ 1, 2, 8, 7, 20, "earlier feed" },  { 1, 3, 9, 9, 99, "other key" },
	{ 2, 1, 9, 9, 100, "farther away" },
};

static void of_any_two_in_any_order_the_same_governs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		for (size_t k = i + 1; k < ARRAY_LEN(said); k++)
			for (int turn = 0; turn < 2; turn++) {
				struct catalog c = { NULL, 0, 0 };

				add(&c, &said[turn ? i : k]);
				add(&c, &said[turn ? k : i]);
				assert_string_equal(catalog_unit(&c, "visor"),
						    said[i].unit);
				assert_string_equal(
					catalog_unit(&c, "visor/v1"),
					said[i].unit);
				catalog_release(&c);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(of_any_two_in_any_order_the_same_governs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
