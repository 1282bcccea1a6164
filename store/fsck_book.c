#include "store/fsck_priv.h"

#include "crypto/err.h"
#include "store/count.h"
#include "store/ranks.h"
#include "store/standing.h"
#include "store/sums.h"
#include "store/view.h"

#include <string.h>

bool fsck_id_is_shared(struct fsck *f, struct span key, struct span held)
{
	struct feed_row row;
	struct place at;
	struct entry e;
	struct id id;

	if (place_decode(&at, held) != 0 ||
	    feeds_find_no(&f->s->feeds, &row, at.no) != 0 ||
	    view_entry(f->s, &e, &row, at.seq) != 0)
		return false;
	id = entry_id(&e);
	return memcmp(id.b, key.p, HALF_SIZE) == 0;
}

int fsck_want(struct fsck *f, uint64_t *out, const struct feed_row *row)
{
	if (f->s->roster == NULL) {
		*out = 0;
		return 0;
	}
	return standing_want(f->s, out, row);
}

/* A table of sums against sums that were made anew. */
struct compare {
	struct fsck *f;
	struct deltas *want;
	bool differs;
};

static int compare_row(void *arg, struct span key, struct span value)
{
	struct compare *c = arg;
	int64_t col[COL_COUNT];
	struct delta *row = deltas_find(c->want, key);

	c->f->report.rows++;
	if (row == NULL || columns_decode(col, value) != 0 ||
	    memcmp(col, row->col, sizeof(col)) != 0)
		c->differs = true;
	else
		memset(row->col, 0, sizeof(row->col)); /* seen */
	return 0;
}

static int compare_table(struct fsck *f, enum db_table table,
			 struct deltas *want, enum fsck_what what)
{
	struct compare c = { f, want, false };
	int err = db_each(f->s->db, table, (struct span){ NULL, 0 },
			  compare_row, &c);

	for (size_t i = 0; i < want->n && err == 0; i++)
		if (!columns_are_zero(want->at[i].col))
			c.differs = true;
	if (err == 0 && c.differs)
		fsck_say(f, what, NULL, 0);
	return err;
}

static int compare_rows(struct fsck *f, struct books *want)
{
	int err = compare_table(f, DB_BOOK, &want->stock, FSCK_BOOK);

	return err == 0 ? compare_table(f, DB_PURSE, &want->purses, FSCK_BOOK)
			: err;
}

static int compare_sums(struct fsck *f, struct books *want)
{
	int err = compare_table(f, DB_TOTAL, &want->stock, FSCK_SUM);

	return err == 0 ? compare_table(f, DB_FUND, &want->purses, FSCK_SUM)
			: err;
}

static int check_sums(struct fsck *f, struct books *rows, struct books *sums)
{
	int err = count_sum(f->s, rows, NULL);

	if (err == 0 && f->s->roster != NULL)
		err = sums_add(sums, f->s->roster, rows);
	if (err == 0)
		err = compare_sums(f, sums);
	return err == 0 ? compare_rows(f, rows) : err;
}

int store_sums_hold(struct store *s, const struct roster *roster, bool *out)
{
	struct fsck f = { .s = s };
	struct books sums;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	books_init(&sums);
	err = sums_stored(s, roster, &sums);
	if (err == 0)
		err = compare_sums(&f, &sums);
	books_clear(&sums);
	db_unpin(s->db);
	if (err == 0)
		*out = f.report.problems == 0;
	return err;
}

static int check_rank(void *arg, struct span key, struct span value)
{
	struct fsck *f = arg;
	struct span held;
	int err = db_get(f->s->db, DB_RANK, key.p, key.n, &held);

	f->expected[DB_RANK]++;
	if (err == 0 &&
	    (held.n != value.n || memcmp(held.p, value.p, value.n) != 0))
		err = ERR_NOT_FOUND;
	return err;
}

/* Every member's rows, and no more. */
static int check_ranks(struct fsck *f)
{
	const struct roster *r = f->s->roster;
	size_t members = r == NULL ? 0 : roster_count(r);
	uint64_t n;
	int err = db_rows(f->s->db, DB_RANK, &n);

	if (err != 0)
		return err;
	f->report.rows += n;
	for (size_t i = 0; i < members && err == 0; i++)
		err = ranks_each(f->s, roster_at(r, i), check_rank, f);
	if (err == ERR_NOT_FOUND || (err == 0 && n != f->expected[DB_RANK])) {
		fsck_say(f, FSCK_BOOK, NULL, 0);
		err = 0;
	}
	return err;
}

int fsck_book(struct fsck *f)
{
	struct books rows, sums;
	int err;

	books_init(&rows);
	books_init(&sums);
	err = check_sums(f, &rows, &sums);
	if (err == 0)
		err = check_ranks(f);
	if (err == ERR_FORMAT) {
		fsck_say(f, FSCK_BOOK, NULL, 0);
		err = 0;
	}
	books_clear(&rows);
	books_clear(&sums);
	return err;
}
