#include "proto/book/closing.h"

#include "proto/wr.h"
#include "tests/book_story.h"

#include <stdlib.h>

/* 2020-04 is from 1585699200000 to 1588291200000. */
static const uint64_t april = 1585699200000, may = 1588291200000;

static struct record cash(struct story *s, enum kind kind, uint64_t minor,
			  uint64_t when)
{
	struct record rec = story_record(kind);
	uint8_t *out = s->arena + s->used;
	struct wr w;

	wr_init(&w, out, 64);
	wr_array(&w, 2);
	wr_uint(&w, minor);
	wr_text(&w, "EUR", 3);
	s->used += 64;
	record_set_bytes(&rec, FACT_AMOUNT, out, w.n);
	record_set_uint(&rec, FACT_WHEN, when);
	if (kind == KIND_SPEND)
		record_set_bytes(&rec, FACT_PURPOSE, "filament", 8);
	return rec;
}

static struct record bank(struct story *s, const char *period)
{
	struct record rec = story_record(KIND_BANK);
	struct record money = cash(s, KIND_DONATE, 1, 1);

	record_set_bytes(&rec, FACT_PERIOD, period, strlen(period));
	record_set_bytes(&rec, FACT_OPENING, money.v[FACT_AMOUNT].p,
			 money.v[FACT_AMOUNT].n);
	record_set_bytes(&rec, FACT_CLOSING, money.v[FACT_AMOUNT].p,
			 money.v[FACT_AMOUNT].n);
	return rec;
}

/* The record that closes April, with all feeds read as far as they are. */
static struct record closes(struct story *s, const char *period)
{
	static const uint8_t hash[32] = { 7 };
	struct record rec = story_record(KIND_PERIOD);
	uint8_t *out = s->arena + s->used;
	struct wr w;
	size_t order[2] = { HUB, OTHER };

	if (pubkey_cmp(&s->w->feed[HUB], &s->w->feed[OTHER]) > 0) {
		order[0] = OTHER;
		order[1] = HUB;
	}
	wr_init(&w, out, 512);
	wr_array(&w, s->seq[OTHER] > 0 ? 2 : 1);
	for (size_t i = 0; i < 2; i++) {
		size_t who = order[i];

		if (who == OTHER && s->seq[OTHER] == 0)
			continue;
		wr_array(&w, 3);
		wr_bin(&w, s->w->feed[who].b, KEY_SIZE);
		wr_uint(&w, s->seq[who]);
		wr_bin(&w, hash, sizeof(hash));
	}
	s->used += 512;
	record_set_bytes(&rec, FACT_PERIOD, period, strlen(period));
	record_set_bytes(&rec, FACT_BALANCES, hash, sizeof(hash));
	record_set_bytes(&rec, FACT_RUNS, out, w.n);
	return rec;
}

static bool closing(struct story *s, size_t row, struct closing *out)
{
	struct book_view view = memory_view(&s->book);
	bool is_any;

	memset(out, 0, sizeof(*out));
	assert_int_equal(closing_of(&view, &s->book.row[row].rec, out, &is_any),
			 0);
	return is_any;
}

/* What the closing makes of the records that are here now. */
static struct sha sums(struct story *s, const struct closing *c,
		       int64_t donated, int64_t spent)
{
	struct book_view view = memory_view(&s->book);
	struct closing_past past = { c, &view };
	struct funds f = { NULL, 0, 0 };
	struct sha hash;

	for (size_t i = 0; i < s->book.n; i++)
		if (s->book.row[i].is_here)
			assert_int_equal(
				closing_add(&f, &past, &s->book.row[i].rec), 0);
	assert_int_equal(closing_hash(&hash, c, &s->w->network, &f), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.at[0].donated, donated);
	assert_int_equal(f.at[0].spent, spent);
	funds_release(&f);
	return hash;
}

static bool late(struct story *s, const struct closing *c, size_t row)
{
	struct book_view view = memory_view(&s->book);
	bool out;

	assert_int_equal(closing_is_late(c, &view, &s->book.row[row].rec, &out),
			 0);
	return out;
}

static void only_who_keeps_the_accounts_closes_them(void **state)
{
	struct story *s = story_open();
	struct record rec = closes(s, "2020-04"), gone;
	struct closing c;
	size_t row;

	(void)state;
	assert_false(closing(s, story_tell(s, MAKER, &rec), &c));
	row = story_tell(s, HUB, &rec);
	assert_true(closing(s, row, &c));
	assert_true(pubkey_eq(&c.party, &s->w->who[HUB]));
	assert_string_equal(c.period.text, "2020-04");
	assert_int_equal(c.period.from_ms, april);
	assert_int_equal(c.period.to_ms, may);
	closing_release(&c);
	gone = story_correct(s, story_id(s, row), NULL);
	story_tell(s, HUB, &gone);
	assert_false(closing(s, row, &c));
	story_close(s);
}

static void balances_are_of_what_is_dated_before_the_end(void **state)
{
	struct story *s = story_open();
	struct closing c;
	struct record rec;

	(void)state;
	rec = cash(s, KIND_DONATE, 500, april - 1);
	story_tell(s, HUB, &rec);
	rec = cash(s, KIND_DONATE, 30, may - 1);
	story_tell(s, HUB, &rec);
	rec = cash(s, KIND_DONATE, 7, may);
	story_tell(s, HUB, &rec);
	rec = cash(s, KIND_SPEND, 40, april);
	story_tell(s, HUB, &rec);
	rec = cash(s, KIND_DONATE, 1000, april); /* another association's */
	story_tell(s, OTHER, &rec);
	rec = closes(s, "2020-04");
	assert_true(closing(s, story_tell(s, HUB, &rec), &c));
	sums(s, &c, 530, 40);
	closing_release(&c);
	story_close(s);
}

static void what_comes_later_does_not_change_what_was_frozen(void **state)
{
	struct story *s = story_open();
	struct record rec, other;
	struct closing c;
	struct sha before, after;
	size_t gift;

	(void)state;
	rec = cash(s, KIND_DONATE, 500, april);
	gift = story_tell(s, HUB, &rec);
	rec = closes(s, "2020-04");
	assert_true(closing(s, story_tell(s, HUB, &rec), &c));
	before = sums(s, &c, 500, 0);
	rec = cash(s, KIND_DONATE, 30, april);
	assert_true(late(s, &c, story_tell(s, HUB, &rec)));
	other = cash(s, KIND_DONATE, 400, april);
	rec = story_correct(s, story_id(s, gift), &other);
	assert_false(late(s, &c, story_tell(s, HUB, &rec)));
	after = sums(s, &c, 500, 0);
	assert_true(sha_eq(&before, &after));
	closing_release(&c);
	story_close(s);
}

static void the_hash_is_that_of_the_documented_array(void **state)
{
	struct story *s = story_open();
	struct closing c;
	struct record rec;
	struct sha hash, want;
	uint8_t buf[256];
	struct wr w;

	(void)state;
	rec = cash(s, KIND_DONATE, 500, april);
	story_tell(s, HUB, &rec);
	rec = closes(s, "2020-Q2");
	assert_true(closing(s, story_tell(s, HUB, &rec), &c));
	hash = sums(s, &c, 500, 0);
	wr_init(&w, buf, sizeof(buf));
	wr_array(&w, 5);
	wr_uint(&w, 1);
	wr_bin(&w, s->w->network.b, ID_SIZE);
	wr_bin(&w, s->w->who[HUB].b, KEY_SIZE);
	wr_text(&w, "2020-Q2", 7);
	wr_array(&w, 1);
	wr_array(&w, 4);
	wr_text(&w, "", 0);
	wr_text(&w, "EUR", 3);
	wr_uint(&w, 500);
	wr_uint(&w, 0);
	want = hash_sha(buf, w.n);
	assert_true(sha_eq(&hash, &want));
	closing_release(&c);
	story_close(s);
}

static void late_is_what_is_dated_inside_and_was_not_read(void **state)
{
	static const struct {
		enum kind kind;
		uint64_t when;
		bool is_late;
		const char *why;
	} rows[] = {
		{ KIND_DONATE, 1585699199999, false, "the day before" },
		{ KIND_DONATE, 1585699200000, true, "the first instant" },
		{ KIND_SPEND, 1588291199999, true, "the last instant" },
		{ KIND_SPEND, 1588291200000, false, "the day after" },
	};
	struct story *s = story_open();
	struct record rec, moved;
	struct closing c;
	size_t early, row;

	(void)state;
	rec = cash(s, KIND_DONATE, 1, april);
	early = story_tell(s, HUB, &rec);
	rec = closes(s, "2020-04");
	assert_true(closing(s, story_tell(s, HUB, &rec), &c));
	assert_false(late(s, &c, early));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].why);
		rec = cash(s, rows[i].kind, 1, rows[i].when);
		row = story_tell(s, HUB, &rec);
		assert_int_equal(late(s, &c, row), rows[i].is_late);
	}
	/* in a feed that was not read at all, and of other accounts */
	rec = cash(s, KIND_DONATE, 1, april);
	assert_true(late(s, &c, story_tell_in(s, HUB, THIRD, &rec)));
	assert_false(late(s, &c, story_tell(s, OTHER, &rec)));
	assert_false(late(s, &c, story_tell(s, MAKER, &rec)));
	rec = bank(s, "2020-04");
	assert_true(late(s, &c, story_tell(s, HUB, &rec)));
	rec = bank(s, "2020-Q2");
	assert_false(late(s, &c, story_tell(s, HUB, &rec)));
	rec = bank(s, "2020-03");
	assert_false(late(s, &c, story_tell(s, HUB, &rec)));
	/* goods are no accounts */
	rec = story_produce(s, "5 visor");
	record_set_uint(&rec, FACT_WHEN, april);
	assert_false(late(s, &c, story_tell(s, HUB, &rec)));
	/* dated later, and then moved inside */
	rec = cash(s, KIND_DONATE, 1, may);
	row = story_tell(s, HUB, &rec);
	assert_false(late(s, &c, row));
	rec = cash(s, KIND_DONATE, 1, april);
	moved = story_correct(s, story_id(s, row), &rec);
	story_tell(s, HUB, &moved);
	assert_true(late(s, &c, row));
	closing_release(&c);
	story_close(s);
}

static void a_gift_that_is_issued_again_is_late_only_if_it_is_new(void **state)
{
	struct story *s = story_open();
	struct id gone = { { 9 } };
	struct closing c;
	struct record rec;
	size_t gift, again;

	(void)state;
	rec = cash(s, KIND_DONATE, 5, april);
	gift = story_tell(s, HUB, &rec);
	rec = closes(s, "2020-04");
	assert_true(closing(s, story_tell(s, HUB, &rec), &c));
	/* in a new feed, the old one being here */
	rec = cash(s, KIND_DONATE, 5, april);
	record_set_bytes(&rec, FACT_ORPHAN, story_id(s, gift)->b, ID_SIZE);
	again = story_tell_in(s, HUB, THIRD, &rec);
	assert_false(late(s, &c, again));
	/* nobody read what is not here */
	record_set_bytes(&rec, FACT_ORPHAN, gone.b, ID_SIZE);
	again = story_tell_in(s, HUB, THIRD, &rec);
	assert_true(late(s, &c, again));
	closing_release(&c);
	story_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(only_who_keeps_the_accounts_closes_them),
		UNIT(balances_are_of_what_is_dated_before_the_end),
		UNIT(what_comes_later_does_not_change_what_was_frozen),
		UNIT(the_hash_is_that_of_the_documented_array),
		UNIT(late_is_what_is_dated_inside_and_was_not_read),
		UNIT(a_gift_that_is_issued_again_is_late_only_if_it_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
