#ifndef TESTS_BOOK_STORY_H
#define TESTS_BOOK_STORY_H

#include "tests/memory_book.h"
#include "tests/roster_world.h"

#include <stdio.h>

/*
 * book_story -- members who make, send and receive, told in few words, and
 * what the book should say of them.
 */

/* Who is who: 0 and 1 found the network. */
enum story_who {
	HUB,
	OTHER,
	MAKER,      /* admitted by HUB */
	HOSPITAL,   /* by OTHER */
	CARE_HOME,  /* by HUB */
	COURIER,    /* by HUB */
	THIRD,      /* by HUB */
	BRANCH,     /* by HUB, may admit */
	BRANCH_HOME /* by BRANCH */
};

struct story {
	struct world *w;
	struct roster *roster;
	struct memory_book book;
	struct memory_sum sum;
	bool over; /* of the last sum */
	uint64_t seq[WORLD_FEEDS];
	uint8_t arena[1 << 16];
	size_t used;
};

static inline struct story *story_open(void)
{
	struct story *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->w = world_open(2);
	for (size_t i = 0; i <= BRANCH_HOME; i++)
		world_begin(s->w, i);
	world_admit(s->w, HUB, MAKER, false);
	world_admit(s->w, OTHER, HOSPITAL, false);
	world_admit(s->w, HUB, CARE_HOME, false);
	world_admit(s->w, HUB, COURIER, false);
	world_admit(s->w, HUB, THIRD, false);
	world_admit(s->w, HUB, BRANCH, true);
	world_admit(s->w, BRANCH, BRANCH_HOME, false);
	s->roster = world_roster(s->w);
	assert_int_equal(roster_count(s->roster), BRANCH_HOME + 1);
	s->book.roster = s->roster;
	return s;
}

static inline void story_close(struct story *s)
{
	memory_release(&s->book);
	roster_close(s->roster);
	world_close(s->w);
	free(s);
}

static inline struct record story_record(enum kind kind)
{
	struct record rec;

	record_init(&rec, kind);
	return rec;
}

/* "50 visor 3 band" */
static inline void story_lines(struct story *s, struct record *rec, enum fact f,
			       const char *text)
{
	struct line lines[LIMIT_LINES];
	uint8_t *out = s->arena + s->used;
	size_t n = 0, size;

	while (*text != '\0') {
		char *end;

		lines[n].qty = strtoull(text, &end, 10);
		lines[n].item = end + 1;
		lines[n].item_n = strcspn(lines[n].item, " ");
		text = lines[n].item + lines[n].item_n;
		text += *text == ' ';
		n++;
	}
	assert_int_equal(
		lines_encode(out, sizeof(s->arena) - s->used, &size, lines, n),
		0);
	s->used += size;
	record_set_bytes(rec, f, out, size);
}

/* The next record of a person, in a feed of its own choice. */
static inline size_t story_tell_in(struct story *s, size_t who, size_t feed,
				   const struct record *rec)
{
	return memory_add(&s->book, &s->w->who[who], &s->w->feed[feed],
			  ++s->seq[feed], rec);
}

static inline size_t story_tell(struct story *s, size_t who,
				const struct record *rec)
{
	return story_tell_in(s, who, who, rec);
}

static inline const struct id *story_id(const struct story *s, size_t i)
{
	return &s->book.row[i].rec.id;
}

static inline struct record story_produce(struct story *s, const char *lines)
{
	struct record rec = story_record(KIND_PRODUCE);

	story_lines(s, &rec, FACT_LINES, lines);
	return rec;
}

static inline struct record story_deliver(struct story *s, size_t to,
					  bool is_final, const char *lines)
{
	struct record rec = story_record(KIND_DELIVER);

	story_lines(s, &rec, FACT_LINES, lines);
	record_set_bytes(&rec, FACT_TO, s->w->who[to].b, KEY_SIZE);
	record_set_uint(&rec, FACT_FINAL, is_final);
	return rec;
}

/* Either may be NULL. */
static inline struct record story_receive(struct story *s, size_t deliver,
					  const char *accepted,
					  const char *refused)
{
	struct record rec = story_record(KIND_RECEIVE);

	record_set_bytes(&rec, FACT_DELIVER, story_id(s, deliver)->b, ID_SIZE);
	if (accepted != NULL)
		story_lines(s, &rec, FACT_ACCEPTED, accepted);
	if (refused != NULL) {
		story_lines(s, &rec, FACT_REFUSED, refused);
		record_set_bytes(&rec, FACT_REASON, "broken", 6);
	}
	return rec;
}

static inline struct record story_lose(struct story *s, const char *lines)
{
	struct record rec = story_record(KIND_LOSE);

	story_lines(s, &rec, FACT_LINES, lines);
	record_set_bytes(&rec, FACT_REASON, "rain", 4);
	return rec;
}

/* A correction of what has this id; facts NULL: it did not occur. */
static inline struct record story_correct(struct story *s,
					  const struct id *target,
					  const struct record *facts)
{
	struct record rec = story_record(KIND_CORRECT);
	uint8_t *out = s->arena + s->used;
	size_t n;

	record_set_bytes(&rec, FACT_TARGET, target->b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY,
			facts == NULL ? WHY_DID_NOT_OCCUR : WHY_INCORRECT_DATA);
	if (facts != NULL) {
		assert_int_equal(record_encode(facts, out,
					       sizeof(s->arena) - s->used, &n),
				 0);
		s->used += n;
		record_set_bytes(&rec, FACT_FACTS, out, n);
	}
	return rec;
}

static inline void story_sum(struct story *s)
{
	s->over = memory_sum_all(&s->book, &s->sum);
	memory_check_equation(&s->sum);
}

static inline enum column story_column(const char *name, size_t n)
{
	for (enum column c = 0; c < COL_COUNT; c++)
		if (strlen(column_name(c)) == n &&
		    memcmp(column_name(c), name, n) == 0)
			return c;
	fail_msg("no column %s", name);
	return COL_COUNT;
}

/* A holder's figures as text: "produced 50 on_hand 48"; what is not named is
 * zero.  why may be NULL. */
static inline void story_expect_held(struct story *s,
				     const struct holder *holder,
				     const char *item, const char *text,
				     const char *why)
{
	int64_t want[COL_COUNT] = { 0 };
	const struct memory_account *a;

	story_sum(s);
	a = memory_account(&s->sum, holder, item, strlen(item));
	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		enum column c = story_column(text, n);
		char *end;

		want[c] = strtoll(text + n, &end, 10);
		text = end + (*end == ' ');
	}
	for (enum column c = 0; c < COL_COUNT; c++)
		if (a->col[c] != want[c])
			fail_msg("%s: %s is %lld and not %lld",
				 why == NULL ? item : why, column_name(c),
				 (long long)a->col[c], (long long)want[c]);
}

static inline void story_expect_why(struct story *s, size_t who,
				    const char *item, const char *text,
				    const char *why)
{
	struct holder holder = { s->w->who[who], { { 0 } } };

	story_expect_held(s, &holder, item, text, why);
}

static inline void story_expect(struct story *s, size_t who, const char *item,
				const char *text)
{
	story_expect_why(s, who, item, text, NULL);
}

#endif
