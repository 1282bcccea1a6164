#include "tests/book_story.h"

/*
 * A running book that is kept as book.h says (take the touched roots out,
 * change what counts, put them in) is at every moment the sum from nothing,
 * whatever comes, goes and comes again, in whatever order.
 */

enum { RECORDS = 48, STEPS = 110, SEEDS = 40 };

static uint64_t rng;

static size_t below(size_t n)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return (size_t)((rng * 0x2545f4914f6cdd1dULL >> 33) % n);
}

static size_t someone(void)
{
	static const size_t who[] = { MAKER, MAKER, HOSPITAL, THIRD, HUB };

	return who[below(ARRAY_LEN(who))];
}

/* An earlier record of a kind, of anybody; else any; NULL if none. */
static const struct book_record *earlier(const struct story *s, uint32_t kind)
{
	if (s->book.n == 0)
		return NULL;
	for (int i = 0; i < 30; i++) {
		const struct book_record *r =
			&s->book.row[below(s->book.n)].rec;

		if (r->rec.kind == kind)
			return r;
	}
	return &s->book.row[below(s->book.n)].rec;
}

static const char *some_lines(void)
{
	static const char *const lines[] = { "5 visor",  "7 visor",
					     "2 band",   "3 band 9 visor",
					     "40 visor", "1 band 1 visor" };

	return lines[below(ARRAY_LEN(lines))];
}

static void refer(struct record *rec, enum fact f, const struct book_record *to)
{
	if (to != NULL)
		record_set_bytes(rec, f, to->id.b, ID_SIZE);
}

static struct record some_receipt(struct story *s)
{
	static const uint8_t paper[32] = { 9 };
	struct record rec = story_record(KIND_RECEIVE);

	refer(&rec, FACT_DELIVER, earlier(s, KIND_DELIVER));
	story_lines(s, &rec, FACT_ACCEPTED, some_lines());
	if (below(3) == 0) {
		story_lines(s, &rec, FACT_REFUSED, some_lines());
		record_set_bytes(&rec, FACT_REASON, "broken", 6);
	}
	if (below(3) == 0)
		record_set_bytes(&rec, FACT_PAPER, paper, sizeof(paper));
	if (below(2) == 0)
		record_set_bytes(&rec, FACT_FROM, s->w->who[MAKER].b, KEY_SIZE);
	if (below(3) == 0)
		record_set_uint(&rec, FACT_FINAL, below(2));
	return rec;
}

/* To members and outsiders, by a carrier perhaps; goods, and services. */
static struct record some_delivery(struct story *s)
{
	static const size_t to[] = { HOSPITAL, HOSPITAL, THIRD, MAKER };
	struct record rec = story_deliver(s, to[below(ARRAY_LEN(to))],
					  below(2) == 0, some_lines());

	if (below(5) == 0)
		record_set_bytes(&rec, FACT_TO, s->w->who[HOSPITAL].b,
				 TAG_SIZE);
	if (below(4) == 0)
		record_set_bytes(&rec, FACT_BY, s->w->who[THIRD].b, KEY_SIZE);
	if (below(4) == 0)
		record_set_uint(&rec, FACT_SERVICE, 1);
	return rec;
}

static struct record some_facts(struct story *s, uint32_t kind)
{
	struct record rec;

	switch (kind) {
	case KIND_DELIVER:
		return some_delivery(s);
	case KIND_RECEIVE:
		return some_receipt(s);
	case KIND_LOSE:
		rec = story_lose(s, some_lines());
		if (below(3) > 0)
			refer(&rec, FACT_DELIVER, earlier(s, KIND_DELIVER));
		return rec;
	case KIND_COUNT:
		rec = story_record(KIND_COUNT);
		story_lines(s, &rec, FACT_COUNTED, some_lines());
		story_lines(s, &rec, below(2) == 0 ? FACT_FOUND : FACT_MISSING,
			    some_lines());
		return rec;
	case KIND_SUPPLY:
		rec = story_record(KIND_SUPPLY);
		story_lines(s, &rec, FACT_LINES, some_lines());
		return rec;
	default:
		rec = story_produce(s, some_lines());
		if (below(3) == 0)
			story_lines(s, &rec, FACT_USE, some_lines());
		return rec;
	}
}

static struct record some_correction(struct story *s,
				     const struct book_record *of)
{
	struct record facts = of->rec;
	struct id root;
	struct book_view view = memory_view(&s->book);
	struct book_record base;

	if (below(4) == 0)
		return story_correct(s, &of->id, NULL);
	/* the kind of what the chain of corrections ends in */
	base = *of;
	while (base.rec.kind == KIND_CORRECT &&
	       book_refers(&base.rec, REF_CORRECT, &root) &&
	       view.get(view.cookie, &base, &root) == 0)
		;
	facts = some_facts(s, base.rec.kind);
	/* mostly in the same place */
	if (record_has(&facts, FACT_DELIVER) && below(4) > 0)
		record_set_bytes(&facts, FACT_DELIVER,
				 base.rec.v[FACT_DELIVER].p == NULL
					 ? of->id.b
					 : base.rec.v[FACT_DELIVER].p,
				 ID_SIZE);
	return story_correct(s, &of->id, &facts);
}

static void tell_something(struct story *s)
{
	static const uint32_t kinds[] = { KIND_PRODUCE, KIND_DELIVER,
					  KIND_DELIVER, KIND_RECEIVE,
					  KIND_RECEIVE, KIND_RECEIVE,
					  KIND_LOSE,    KIND_CORRECT,
					  KIND_SUPPLY,  KIND_COUNT };
	uint32_t kind = kinds[below(ARRAY_LEN(kinds))];
	const struct book_record *of;
	size_t who = someone();
	uint8_t tag[TAG_SIZE] = { 1 };
	struct record rec;

	if (s->book.n == 0)
		kind = KIND_DELIVER;
	of = earlier(s, kind == KIND_CORRECT ? KIND_RECEIVE : kind);
	if (kind == KIND_CORRECT) {
		if (below(6) > 0)
			for (who = 0; !pubkey_eq(&s->w->who[who], &of->author);)
				who++;
		rec = some_correction(s, of);
	} else {
		rec = some_facts(s, kind);
	}
	/* issued again: mostly as it was, by the same author */
	if (below(3) == 0 && of != NULL) {
		if (below(4) > 0) {
			rec = of->rec;
			for (who = 0; !pubkey_eq(&s->w->who[who], &of->author);)
				who++;
		}
		refer(&rec, FACT_ORPHAN, of);
	}
	tag[1] = (uint8_t)below(3);
	if (below(6) == 0)
		record_set_bytes(&rec, FACT_KEY, tag, TAG_SIZE);
	story_tell_in(s, who, below(WORLD_FEEDS), &rec);
}

/* Roots that a change of row i touches, as things are. */
struct touched {
	struct id at[4 * RECORDS];
	size_t n;
};

static void touch(struct touched *t, const struct id *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (id_eq(&t->at[i], id))
			return;
	assert_true(t->n < ARRAY_LEN(t->at));
	t->at[t->n++] = *id;
}

static void touch_row(struct story *s, struct touched *t, size_t i)
{
	struct book_view view = memory_view(&s->book);

	for (size_t k = 0; k < s->book.n; k++) {
		const struct book_record *r = &s->book.row[k].rec;
		struct id out[2];

		if (k != i && !memory_are_rivals(r, &s->book.row[i].rec))
			continue;
		assert_int_equal(book_touched(&view, out, r), 0);
		touch(t, &out[0]);
		touch(t, &out[1]);
	}
}

static void post(struct story *s, struct memory_sum *running,
		 const struct touched *t, int sign)
{
	struct book_view view = memory_view(&s->book);

	running->sign = sign;
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(
			book_eval(&view, &t->at[i], memory_post, running, NULL),
			0);
}

static void flip(struct story *s, struct memory_sum *running, size_t i)
{
	struct touched t = { .n = 0 };
	bool *is_here = &s->book.row[i].is_here;

	touch_row(s, &t, i);
	*is_here = !*is_here;
	touch_row(s, &t, i);
	*is_here = !*is_here;
	post(s, running, &t, -1);
	*is_here = !*is_here;
	post(s, running, &t, 1);
}

/* The same rows, those that are all zero apart. */
static void sums_are_equal(struct memory_sum *a, struct memory_sum *b)
{
	for (size_t i = 0; i < a->n; i++) {
		struct memory_account *x = &a->at[i];
		struct memory_account *y =
			memory_account(b, &x->holder, x->item, strlen(x->item));

		assert_memory_equal(x->col, y->col, sizeof(x->col));
	}
}

static void a_running_book_is_the_sum_from_nothing(void **state)
{
	size_t moves = 0, silent = 0, over = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct story *s = story_open();
		struct memory_sum running = { .n = 0 }, before;

		print_message("seed %d\r", (int)seed);
		rng = seed * 0x9e3779b97f4a7c15ULL;
		for (size_t i = 0; i < RECORDS; i++)
			tell_something(s);
		for (size_t i = 0; i < RECORDS; i++)
			s->book.row[i].is_here = false;
		for (size_t step = 0; step < STEPS; step++) {
			before = s->sum;
			flip(s, &running, below(RECORDS));
			story_sum(s);
			sums_are_equal(&s->sum, &running);
			sums_are_equal(&running, &s->sum);
			if (before.n == s->sum.n &&
			    memcmp(before.at, s->sum.at,
				   before.n * sizeof(before.at[0])) == 0)
				silent++;
			else
				moves++;
			over += s->over;
		}
		story_close(s);
	}
	/* and it was not for nothing */
	assert_true(moves > SEEDS * STEPS / 4);
	assert_true(silent > SEEDS * STEPS / 10);
	assert_true(over > SEEDS);
}

/* What a sum says must not depend on who looked first. */
static void order_of_arrival_is_of_no_account(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct story *s = story_open();
		struct memory_sum want, running;

		print_message("seed %d\r", (int)seed);
		rng = seed * 0xd1342543de82ef95ULL;
		for (size_t i = 0; i < RECORDS; i++)
			tell_something(s);
		story_sum(s);
		want = s->sum;
		for (int order = 0; order < 3; order++) {
			size_t left = RECORDS;

			memset(&running, 0, sizeof(running));
			for (size_t i = 0; i < RECORDS; i++)
				s->book.row[i].is_here = false;
			while (left > 0) {
				size_t i = below(RECORDS);

				while (s->book.row[i].is_here)
					i = (i + 1) % RECORDS;
				flip(s, &running, i);
				left--;
			}
			sums_are_equal(&want, &running);
			sums_are_equal(&running, &want);
		}
		story_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_running_book_is_the_sum_from_nothing),
		UNIT(order_of_arrival_is_of_no_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
