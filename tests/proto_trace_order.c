#include "proto/book/recall.h"

#include "tests/book_story.h"

#include <stdlib.h>

/*
 * Random stories: what lies on the shelves of a trace is what the book says,
 * and a trace neither makes nor loses anything.
 */

enum { STORIES = 40, RECORDS = 90 };

static const size_t people[] = { HUB, MAKER, COURIER, THIRD, HOSPITAL };
static const char *const items[] = { "petg", "band", "visor" };

static unsigned below(uint64_t *seed, unsigned n)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(*seed >> 33) % n;
}

static size_t someone(uint64_t *seed)
{
	return people[below(seed, ARRAY_LEN(people))];
}

static const char *some(uint64_t *seed, char out[static 32], unsigned max)
{
	snprintf(out, 32, "%u %s", 1 + below(seed, max),
		 items[below(seed, ARRAY_LEN(items))]);
	return out;
}

static void with_lot(struct record *rec, uint64_t *seed)
{
	static const char *const lots[] = { "A", "B" };

	if (below(seed, 2) == 0)
		record_set_bytes(rec, FACT_LOT, lots[below(seed, 2)], 1);
}

/* What of a delivery's one line is accepted and refused; not too much. */
static struct record receipt(struct story *s, size_t deliver, uint64_t *seed)
{
	const struct record *d = &s->book.row[deliver].rec.rec;
	struct line line[LIMIT_LINES];
	char acc[96], ref[96];
	unsigned a, r;

	record_lines(d, FACT_LINES, line);
	a = 1 + below(seed, (unsigned)line[0].qty);
	r = below(seed, (unsigned)line[0].qty - a + 1);
	snprintf(acc, sizeof(acc), "%u %.*s", a, (int)line[0].item_n,
		 line[0].item);
	snprintf(ref, sizeof(ref), "%u %.*s", r, (int)line[0].item_n,
		 line[0].item);
	return story_receive(s, deliver, acc, r == 0 ? NULL : ref);
}

static void tell(struct story *s, size_t who, struct record rec, uint64_t *seed)
{
	record_set_uint(&rec, FACT_WHEN, 1 + below(seed, 60));
	story_tell(s, who, &rec);
}

static void tell_one(struct story *s, uint64_t *seed)
{
	char text[32], use[32];
	struct record rec;
	size_t to = someone(seed), deliver;

	switch (below(seed, 6)) {
	case 0:
		rec = story_record(KIND_SUPPLY);
		story_lines(s, &rec, FACT_LINES, some(seed, text, 500));
		with_lot(&rec, seed);
		break;
	case 1:
		rec = story_produce(s, some(seed, text, 60));
		if (below(seed, 2) == 0)
			story_lines(s, &rec, FACT_USE, some(seed, use, 90));
		with_lot(&rec, seed);
		break;
	case 2:
		rec = story_lose(s, some(seed, text, 5));
		break;
	case 3:
		rec = story_record(KIND_COUNT);
		story_lines(s, &rec, FACT_COUNTED, "1 band");
		story_lines(s, &rec,
			    below(seed, 2) == 0 ? FACT_FOUND : FACT_MISSING,
			    some(seed, text, 9));
		break;
	default:
		rec = story_deliver(s, to, to == HOSPITAL,
				    some(seed, text, 70));
		if (to == HOSPITAL && below(seed, 3) == 0)
			record_set_uint(&rec, FACT_SERVICE, 1);
		with_lot(&rec, seed);
		tell(s, someone(seed), rec, seed);
		deliver = s->book.n - 1;
		if (below(seed, 4) != 0)
			tell(s, to, receipt(s, deliver, seed), seed);
		return;
	}
	tell(s, someone(seed), rec, seed);
}

static struct trace *laid(struct story *s, bool is_reversed)
{
	struct book_view view = memory_view(&s->book);
	struct trace *t;

	assert_int_equal(trace_open(&t), 0);
	for (size_t i = 0; i < s->book.n; i++)
		assert_int_equal(
			trace_add(t, &view,
				  &s->book.row[is_reversed ? s->book.n - 1 - i
							   : i]
					   .rec),
			0);
	assert_int_equal(trace_lay(t), 0);
	return t;
}

/* Shelves, all lots together, hold what the book has on hand. */
static void check_shelves(struct story *s, const struct trace *t)
{
	story_sum(s);
	for (size_t i = 0; i < s->sum.n; i++) {
		const struct memory_account *a = &s->sum.at[i];
		int64_t have = 0;

		for (uint32_t k = 0; k < t->nodes; k++) {
			const struct trace_node *n = &t->node[k];

			if (n->type == TRACE_SHELF &&
			    memcmp(&n->holder, &a->holder, sizeof(a->holder)) ==
				    0 &&
			    n->item.n == strlen(a->item) &&
			    memcmp(n->item.p, a->item, n->item.n) == 0)
				have += (int64_t)n->total - (int64_t)n->debt;
		}
		assert_int_equal(have, a->col[COL_ON_HAND]);
	}
}

/* Where things lie, what is marked is what came less what left. */
static void check_followed(const struct trace *t)
{
	int64_t *lies = calloc(t->nodes + 1, sizeof(*lies));

	assert_non_null(lies);
	for (size_t i = 0; i < t->moves; i++) {
		const struct trace_move *m = &t->move[i];
		struct share kept = { m->kept, m->qty };

		assert_true(m->known <= m->qty && m->kept <= m->qty);
		assert_true(m->backward <= m->qty);
		assert_true(m->forward <= m->qty);
		if (t->node[m->from].type != TRACE_RECORD)
			assert_true(m->forward <= m->known);
		lies[m->from] -= (int64_t)m->forward;
		lies[m->to] += (int64_t)share_of(
			t->node[m->to].is_start ? m->qty : m->forward, kept);
	}
	for (uint32_t i = 0; i < t->nodes; i++)
		if (t->node[i].type == TRACE_SHELF ||
		    t->node[i].type == TRACE_LINE)
			assert_int_equal(lies[i], t->node[i].marked);
	free(lies);
}

/* A recall lists no more than lies there, and no less than the share. */
static void check_recalled(struct trace *t, const struct recall_of *of,
			   bool is_all)
{
	struct recall r;
	int err = recall_make(&r, t, of);

	for (size_t i = 0; i < r.found.n && err == 0; i++) {
		const struct recall_row *row = &r.found.at[i];
		const struct trace_node *n = &t->node[row->node];

		assert_true(row->most > 0);
		assert_true(row->qty <= row->most);
		if (row->state == RECALL_IN_STOCK)
			assert_true(row->most <= n->total);
		if (row->state == RECALL_IN_STOCK && is_all &&
		    n->item.n == of->item.n)
			assert_int_equal(row->most, n->total);
	}
	recall_release(&r);
}

static void check_recalls(const struct story *s, struct trace *t)
{
	struct recall_of of = { .lot = { "A", 1 } };

	check_recalled(t, &of, false);
	of = (struct recall_of){ .item = { "visor", 5 } };
	check_recalled(t, &of, true);
	for (size_t i = 0; i < s->book.n; i += 7) {
		struct id id = *story_id(s, i);

		of = (struct recall_of){ .ids = &id, .ids_n = 1 };
		check_recalled(t, &of, false);
	}
}

static void check_same(const struct trace *a, const struct trace *b)
{
	assert_int_equal(a->moves, b->moves);
	for (size_t i = 0; i < a->moves; i++) {
		assert_int_equal(a->move[i].qty, b->move[i].qty);
		assert_int_equal(a->move[i].forward, b->move[i].forward);
		assert_int_equal(a->move[i].backward, b->move[i].backward);
	}
}

static void a_trace_is_the_book_in_motion(void **state)
{
	(void)state;
	for (uint64_t k = 0; k < STORIES; k++) {
		struct story *s = story_open();
		struct trace *t, *reversed;
		uint64_t seed = k;
		size_t followed = 0;

		while (s->book.n < RECORDS)
			tell_one(s, &seed);
		t = laid(s, false);
		reversed = laid(s, true);
		check_shelves(s, t);
		check_shelves(s, reversed);
		for (size_t i = 0; i < s->book.n; i += 7) {
			struct id id = *story_id(s, i);
			int err = trace_follow(t, &id, 1);

			assert_int_equal(trace_follow(reversed, &id, 1), err);
			if (err != 0)
				continue;
			check_followed(t);
			check_same(t, reversed);
			followed++;
		}
		assert_true(followed > 5);
		check_recalls(s, t);
		trace_close(t);
		trace_close(reversed);
		story_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_trace_is_the_book_in_motion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
