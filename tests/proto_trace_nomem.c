#include "proto/book/recall.h"
#include "tests/book_story.h"
#include "tests/nomem.h"

enum { TRIES = 400 }; /* more allocations than a small trace makes */

/* A trace of everything in the story, or what it failed with. */
static int follow(struct story *s, size_t row)
{
	struct book_view view = memory_view(&s->book);
	struct trace *t = NULL;
	struct id at = *story_id(s, row);
	const struct recall_of of = { .ids = &at, .ids_n = 1 };
	struct recall recall = { .begin = { NULL, 0, 0 } };
	int err = trace_open(&t);

	for (size_t i = 0; i < s->book.n && err == 0; i++)
		err = trace_add(t, &view, &s->book.row[i].rec);
	if (err == 0)
		err = trace_lay(t);
	if (err == 0)
		err = trace_follow(t, &at, 1);
	if (err == 0)
		err = recall_make(&recall, t, &of);
	recall_release(&recall);
	trace_close(t);
	return err;
}

static void memory_that_is_short_is_said_and_leaves_nothing(void **state)
{
	struct story *s = story_open();
	struct record rec = story_produce(s, "50 visor 20 band");
	size_t made, sent;
	int k, err = ERR_NOMEM;

	(void)state;
	record_set_bytes(&rec, FACT_LOT, "A", 1);
	made = story_tell(s, MAKER, &rec);
	rec = story_deliver(s, COURIER, false, "50 visor 20 band");
	sent = story_tell(s, MAKER, &rec);
	rec = story_receive(s, sent, "40 visor 20 band", "10 visor");
	story_tell(s, COURIER, &rec);
	/* Enough places that their table has to grow. */
	for (int i = 0; i < 9; i++) {
		char text[1024];
		int n = 0;

		for (int j = 0; j < LIMIT_LINES; j++)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "1 i%d-%d ", i, j);
		rec = story_produce(s, text);
		story_tell(s, MAKER, &rec);
	}
	for (k = 0; k < TRIES && err != 0; k++) {
		nomem_after = k;
		err = follow(s, made);
		nomem_after = -1;
		if (err != 0)
			assert_int_equal(err, ERR_NOMEM);
	}
	assert_int_equal(err, 0);
	assert_true(k > 10);
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(memory_that_is_short_is_said_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
