#include "store/count.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "store/index.h"
#include "store/ranks.h"
#include "store/sums.h"
#include "store/view.h"

#include <assert.h>
#include <stdlib.h>

static int post_in(void *arg, const struct posting *p)
{
	return books_post(arg, p, false);
}

static int post_out(void *arg, const struct posting *p)
{
	return books_post(arg, p, true);
}

/* Take out what a root that is not here posts: only re-issues can. */
static int take_out_absent(struct store *s, const struct id *id)
{
	struct book_view view = view_of(s);
	bool is_issued;
	int err = view_is_reissued(s, &is_issued, id);

	if (err != 0 || !is_issued)
		return err;
	return book_eval(&view, id, post_out, &s->books, NULL);
}

/* An id comes to the end of the line, unless somebody has been there who had
 * as many links left to go up.  Its mark is how many, then. */
static int step(struct store *s, const struct id *id, unsigned left)
{
	struct walk *w = &s->walk;
	size_t place;
	bool added;
	int err = ids_place(&s->touched, &place, &added, id);

	if (err != 0 || (!added && s->touched.mark[place] >= left))
		return err;
	s->touched.mark[place] = (uint16_t)left;
	err = grow(&w->at, &w->max, w->n, sizeof(*w->at));
	if (err == 0)
		w->at[w->n++] = (struct step){ place, added };
	return err;
}

/* The next id in line: what it refers to comes to the end of the line, and
 * what it posts is taken out (nothing, if it belongs to others). */
static int touch_one(struct store *s, const struct book_view *view,
		     struct step at)
{
	struct reference refs[REFERENCES_MAX];
	struct id id = s->touched.at[at.place];
	unsigned left = s->touched.mark[at.place];
	struct book_record rec;
	size_t n = 0;
	int err = view->get(s, &rec, &id);

	if (err == ERR_NOT_FOUND)
		return at.is_new ? take_out_absent(s, &id) : 0;
	if (err == 0 && left > 1)
		n = references(&rec.rec, refs);
	for (size_t k = 0; k < n && err == 0; k++)
		if (refs[k].ref != REF_REQUEST)
			err = step(s, &refs[k].target, left - 1);
	if (err != 0 || !at.is_new)
		return err;
	return book_eval(view, &id, post_out, &s->books, NULL);
}

int count_touch(struct store *s, const struct id *id)
{
	struct book_view view = view_of(s);
	int err;

	s->walk.n = 0;
	err = step(s, id, LIMIT_LINKS);
	for (size_t i = 0; err == 0 && i < s->walk.n; i++)
		err = touch_one(s, &view, s->walk.at[i]);
	return err;
}

int count_settle(struct store *s)
{
	struct book_view view = view_of(s);
	int err = 0;

	for (size_t i = 0; i < s->touched.n && err == 0; i++)
		err = book_eval(&view, &s->touched.at[i], post_in, &s->books,
				NULL);
	if (err == 0)
		ids_clear(&s->touched);
	return err;
}

/* Add a sum to a row, which is dropped when all of it becomes zero. */
static int write_sum(struct store *s, enum db_table table, struct span key,
		     const int64_t by[static COL_COUNT])
{
	uint8_t value[COLUMNS_SIZE];
	int64_t col[COL_COUNT] = { 0 };
	struct span old;
	bool is_there;
	int err;

	if (columns_are_zero(by))
		return 0;
	err = db_get(s->db, table, key.p, key.n, &old);
	is_there = err == 0;
	if (is_there)
		err = columns_decode(col, old);
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	columns_add(col, by, false);
	if (!columns_are_zero(col)) {
		columns_encode(value, col);
		return db_put(s->db, table, key,
			      (struct span){ value, sizeof(value) });
	}
	return is_there ? db_del(s->db, table, key.p, key.n) : 0;
}

static int write_all(struct store *s, enum db_table table, struct deltas *d)
{
	int err = 0;

	deltas_sort(d);
	for (size_t i = 0; i < d->n && err == 0; i++)
		err = write_sum(s, table,
				(struct span){ d->at[i].key, d->at[i].key_n },
				d->at[i].col);
	return err;
}

static int write_books(struct store *s, struct books *b, enum db_table stock,
		       enum db_table purses)
{
	int err = write_all(s, stock, &b->stock);

	return err == 0 ? write_all(s, purses, &b->purses) : err;
}

/* Write what waits, and what of it goes into the sums; when members have moved
 * these are made anew at the end. */
static int flush(struct store *s)
{
	struct books sums;
	int err = 0;

	books_init(&sums);
	if (!s->is_moved)
		err = sums_add(&sums, s->roster, &s->books);
	if (err == 0)
		err = write_books(s, &sums, DB_TOTAL, DB_FUND);
	if (err == 0)
		err = write_books(s, &s->books, DB_BOOK, DB_PURSE);
	books_clear(&sums);
	if (err == 0)
		books_clear(&s->books);
	return err;
}

static int flush_moved(struct store *s)
{
	struct books sums;
	int err = db_clear(s->db, DB_TOTAL);

	books_init(&sums);
	if (err == 0)
		err = db_clear(s->db, DB_FUND);
	if (err == 0)
		err = sums_stored(s, s->roster, &sums);
	if (err == 0)
		err = write_books(s, &sums, DB_TOTAL, DB_FUND);
	if (err == 0)
		err = ranks_rebuild(s);
	books_clear(&sums);
	if (err == 0)
		s->is_moved = false;
	return err;
}

int count_flush(struct store *s)
{
	int err = 0;

	assert(s->touched.n == 0);
	if (s->books.stock.n > 0 || s->books.purses.n > 0)
		err = flush(s);
	return err == 0 && s->is_moved ? flush_moved(s) : err;
}

void count_forget(struct store *s)
{
	ids_clear(&s->touched);
	free(s->walk.at);
	s->walk = (struct walk){ NULL, 0, 0 };
	books_clear(&s->books);
	s->is_moved = false;
	s->hot = NULL;
}

/* Between two entries memory may be given back: what is in it is a sum, so it
 * may be written before roots that are still out. */
int count_make_room(struct store *s)
{
	int err = 0;

	if (s->touched.n > s->touched_max)
		err = count_settle(s);
	if (err == 0 && s->books.stock.n + s->books.purses.n > s->deltas_max)
		err = flush(s);
	return err;
}

/* A record that begins to count is not here yet, which saves looking for it.
 * One that belongs to another posts nothing under its own id, neither before
 * nor after, unless it was known by its re-issues. */
static int touch_new(struct store *s, const struct book_record *rec)
{
	bool is_root = true, added = false;
	struct id target;
	enum ref ref;
	int err = 0;

	if (book_ref(&rec->rec, &ref, &target))
		err = view_is_reissued(s, &is_root, &rec->id);
	if (err == 0 && is_root)
		err = ids_add(&s->touched, &added, &rec->id);
	if (err == 0 && added)
		err = take_out_absent(s, &rec->id);
	return err;
}

int count_touch_record(struct store *s, const struct book_record *rec,
		       bool is_here)
{
	struct reference refs[REFERENCES_MAX];
	size_t n = references(&rec->rec, refs);
	int err = is_here ? count_touch(s, &rec->id) : touch_new(s, rec);

	for (size_t i = 0; i < n && err == 0; i++)
		if (refs[i].ref != REF_REQUEST)
			err = count_touch(s, &refs[i].target);
	return err;
}

/* The record that gives its key up, or takes it. */
static int touch_rival(struct store *s, const struct holding *at)
{
	struct book_record rec;
	struct feed_row feed;
	int err = feeds_find_no(&s->feeds, &feed, at->no);

	if (err == 0)
		err = view_load(s, &rec, &feed, at->seq, NULL);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	return count_touch_record(s, &rec, true);
}

/* The key of a record about to begin or cease to count: *has_effect is false
 * when an earlier record holds it, *rival is a later one that gives the place
 * up or takes it (no 0: none). */
static int contest_key(struct store *s, bool *has_effect, struct holding *rival,
		       const struct book_record *rec)
{
	struct holding first, self = { .feed = rec->feed, .seq = rec->seq };
	struct tag tag = record_tag(&rec->rec, FACT_KEY);
	int err, c;

	*has_effect = true;
	rival->no = 0;
	if (!record_has(&rec->rec, FACT_KEY))
		return 0;
	err = view_holder(s, &first, &rec->author, &tag, NULL);
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	c = pubkey_cmp(&first.feed, &self.feed);
	if (c < 0 || (c == 0 && first.seq < self.seq)) {
		*has_effect = false;
		return 0;
	}
	if (c == 0 && first.seq == self.seq)
		err = view_holder(s, &first, &rec->author, &tag, &self);
	if (err == 0)
		*rival = first;
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* Is the record a root, and not out yet?  Most are, and belong to no other. */
static bool is_root_in(const struct store *s, const struct book_record *rec)
{
	struct reference refs[REFERENCES_MAX];

	for (size_t i = references(&rec->rec, refs); i > 0; i--)
		if (refs[i - 1].ref != REF_REQUEST)
			return false;
	return !ids_have(&s->touched, &rec->id);
}

/* Has such a root no others that belong to it?  Deliveries usually will have,
 * soon. */
static int stands_alone(struct store *s, bool *out,
			const struct book_record *rec)
{
	int err;

	*out = false;
	if (rec->rec.kind == KIND_DELIVER)
		return 0;
	err = view_is_target(s, out, &rec->id);
	*out = !*out;
	return err;
}

static int move(struct store *s, struct feed *feed, bool is_up)
{
	feed->row.counted =
		is_up ? feed->row.counted + 1 : feed->row.counted - 1;
	return feeds_mark(&s->feeds, feed);
}

/* A record that is a root by itself: its own postings, while it counts. */
static int post_alone(struct store *s, struct feed *feed,
		      const struct book_record *rec, bool is_up)
{
	int err = book_alone(rec, is_up ? post_in : post_out, &s->books);

	return err == 0 ? move(s, feed, is_up) : err;
}

/* A root that begins to count goes in at once, while its record is at hand:
 * what touches it later takes it out as what was there before. */
static int post_new(struct store *s, struct feed *feed,
		    const struct book_record *rec)
{
	struct book_view view = view_of(s);
	int err = take_out_absent(s, &rec->id);

	if (err == 0)
		err = move(s, feed, true);
	s->hot = rec;
	if (err == 0)
		err = book_eval(&view, &rec->id, post_in, &s->books, NULL);
	s->hot = NULL;
	return err;
}

static int flip(struct store *s, struct feed *feed,
		const struct book_record *rec, bool is_up)
{
	struct holding rival;
	bool has_effect, is_root, is_alone = false;
	int err = contest_key(s, &has_effect, &rival, rec);

	if (err == 0 && !has_effect)
		return move(s, feed, is_up);
	is_root = err == 0 && rival.no == 0 && is_root_in(s, rec);
	if (is_root)
		err = stands_alone(s, &is_alone, rec);
	if (err == 0 && is_alone)
		return post_alone(s, feed, rec, is_up);
	if (err == 0 && is_root && is_up)
		return post_new(s, feed, rec);
	if (err == 0)
		err = count_touch_record(s, rec, !is_up);
	if (err == 0 && rival.no != 0)
		err = touch_rival(s, &rival);
	return err == 0 ? move(s, feed, is_up) : err;
}

int count_up(struct store *s, struct feed *feed, const struct book_record *hot,
	     bool is_known)
{
	struct book_record rec;
	int err = count_make_room(s);

	if (err == 0 && hot == NULL && is_known)
		return move(s, feed, true);
	if (err == 0 && hot == NULL) {
		err = view_load(s, &rec, &feed->row, feed->row.counted + 1,
				NULL);
		if (err == ERR_NOT_FOUND)
			return move(s, feed, true);
		hot = &rec;
	}
	return err == 0 ? flip(s, feed, hot, true) : err;
}

int count_down(struct store *s, struct feed *feed)
{
	struct book_record rec;
	int err = count_make_room(s);

	if (err == 0)
		err = view_load(s, &rec, &feed->row, feed->row.counted, NULL);
	if (err == ERR_NOT_FOUND)
		return move(s, feed, false);
	return err == 0 ? flip(s, feed, &rec, false) : err;
}
