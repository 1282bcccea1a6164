#include "proto/book/verdict.h"

#include "tests/book_story.h"

#include <stdlib.h>

enum { GOOD, REJECTED, WITHDRAWN };

/* What `who` says of an item on a day; of what a row brought, or -1. */
static size_t say(struct story *s, size_t who, const char *item, uint64_t word,
		  uint64_t day, int of)
{
	struct record rec = story_record(KIND_APPROVE);

	record_set_bytes(&rec, FACT_ITEM, item, strlen(item));
	record_set_uint(&rec, FACT_VERDICT, word);
	record_set_uint(&rec, FACT_WHEN, day);
	if (of >= 0)
		record_set_bytes(&rec, FACT_TARGET, story_id(s, (size_t)of)->b,
				 ID_SIZE);
	return story_tell(s, who, &rec);
}

/* All that may be said, settled; taken in from either end. */
static struct verdicts settled(struct story *s, bool is_reversed)
{
	struct book_view view = memory_view(&s->book);
	struct verdicts v = { .at = NULL };

	for (size_t i = 0; i < s->book.n; i++) {
		const struct book_record *rec =
			&s->book.row[is_reversed ? s->book.n - 1 - i : i].rec;
		int err;

		if (rec->rec.kind != KIND_APPROVE)
			continue;
		err = verdicts_add(&v, &view, rec);
		assert_true(err == 0 || err == ERR_DENIED);
	}
	verdicts_settle(&v);
	return v;
}

static bool is_bad(const struct verdicts *v, const char *item)
{
	const struct verdict *last = verdicts_last(v, item, strlen(item));

	return last != NULL && last->is_bad;
}

static bool is_bad_lot(const struct story *s, const struct verdicts *v,
		       size_t row, const char *item)
{
	const struct verdict *last =
		verdicts_lot(v, story_id(s, row), item, strlen(item));

	return last != NULL && last->is_bad;
}

static void the_last_word_in_time_counts_in_any_order(void **state)
{
	(void)state;
	for (int reversed = 0; reversed < 2; reversed++) {
		struct story *s = story_open();
		struct verdicts v;
		bool is_known;

		say(s, OTHER, "a/1", WITHDRAWN, 5, -1);
		say(s, HUB, "a/1", GOOD, 3, -1);
		say(s, HUB, "a/2", GOOD, 3, -1);
		say(s, OTHER, "a/2", REJECTED, 4, -1); /* it is good */
		say(s, HUB, "a/3", REJECTED, 1, -1);
		v = settled(s, reversed != 0);
		assert_true(is_bad(&v, "a/1"));
		assert_false(is_bad(&v, "a/2"));
		assert_true(is_bad(&v, "a/3"));
		assert_false(is_bad(&v, "a"));
		assert_false(is_bad(&v, "a/10"));
		assert_false(
			verdicts_before(&v, &is_known, "a/1", 3, 5)->is_bad);
		assert_null(verdicts_before(&v, &is_known, "a/1", 3, 3));
		assert_true(is_known);
		assert_null(verdicts_before(&v, &is_known, "b/1", 3, 9));
		assert_false(is_known);
		assert_int_equal(verdicts_kin(&v, "a/9", 3), 3);
		assert_true(verdicts_kin(&v, "b/1", 3) == UINT64_MAX);
		verdicts_release(&v);
		story_close(s);
	}
}

static void a_lot_is_withdrawn_by_itself(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "5 a/1 5 b");
	int one = (int)story_tell(s, MAKER, &rec);
	int two = (int)story_tell(s, MAKER, &rec);
	struct verdicts v;

	(void)state;
	say(s, OTHER, "a/1", WITHDRAWN, 3, one);
	say(s, HUB, "a/1", WITHDRAWN, 3, two);
	say(s, HUB, "a/1", GOOD, 4, two);
	v = settled(s, false);
	assert_false(is_bad(&v, "a/1"));
	assert_true(is_bad_lot(s, &v, (size_t)one, "a/1"));
	assert_false(is_bad_lot(s, &v, (size_t)one, "b"));
	assert_false(is_bad_lot(s, &v, (size_t)two, "a/1"));
	for (size_t i = 0; i < v.lots; i++)
		assert_true(verdicts_is_last(&v, i) ==
			    (&v.lot[i] == verdicts_lot(&v, &v.lot[i].target,
						       v.lot[i].item,
						       v.lot[i].item_n)));
	verdicts_release(&v);
	story_close(s);
}

static void makers_speak_of_what_they_brought_and_of_nothing_else(void **state)
{
	struct story *s = story_open();
	struct book_view view = memory_view(&s->book);
	struct record rec = story_produce(s, "5 a/1");
	struct verdicts none = { .at = NULL };
	int own = (int)story_tell(s, MAKER, &rec);
	int others = (int)story_tell(s, THIRD, &rec);
	const struct {
		size_t who;
		int of, err;
		const char *why;
	} row[] = {
		{ MAKER, own, 0, "its own lot" },
		{ MAKER, others, ERR_DENIED, "the lot of another maker" },
		{ MAKER, -1, ERR_DENIED, "a revision" },
		{ OTHER, others, 0, "an association, any lot" },
		{ HUB, -1, 0, "an association, a revision" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct verdicts v = { .at = NULL };
		size_t at = say(s, row[i].who, "a/1", WITHDRAWN, 1, row[i].of);
		int err = verdicts_add(&v, &view, &s->book.row[at].rec);

		if (err != row[i].err)
			fail_msg("%s: %d", row[i].why, err);
		verdicts_release(&v);
	}
	/* What is not here is nobody's own. */
	s->book.row[own].is_here = false;
	say(s, MAKER, "a/1", WITHDRAWN, 2, own);
	assert_int_equal(
		verdicts_add(&none, &view, &s->book.row[s->book.n - 1].rec),
		ERR_DENIED);
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_last_word_in_time_counts_in_any_order),
		UNIT(a_lot_is_withdrawn_by_itself),
		UNIT(makers_speak_of_what_they_brought_and_of_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
