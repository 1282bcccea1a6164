#include "store/fsck_priv.h"

#include "crypto/err.h"
#include "store/count.h"
#include "store/standing.h"
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
			 struct deltas *want)
{
	struct compare c = { f, want, false };
	int err = db_each(f->s->db, table, (struct span){ NULL, 0 },
			  compare_row, &c);

	for (size_t i = 0; i < want->n && err == 0; i++)
		if (!columns_are_zero(want->at[i].col))
			c.differs = true;
	if (err == 0 && c.differs)
		fsck_say(f, FSCK_BOOK, NULL, 0);
	return err;
}

static int compare_both(struct fsck *f, struct deltas *rows,
			struct deltas *totals)
{
	int err = count_totals(totals, rows);

	if (err == 0)
		err = compare_table(f, DB_TOTAL, totals);
	return err == 0 ? compare_table(f, DB_BOOK, rows) : err;
}

int fsck_book(struct fsck *f)
{
	struct deltas rows, totals;
	int err;

	deltas_init(&rows);
	deltas_init(&totals);
	err = count_sum(f->s, &rows, NULL);
	if (err == 0)
		err = compare_both(f, &rows, &totals);
	if (err == ERR_FORMAT) {
		fsck_say(f, FSCK_BOOK, NULL, 0);
		err = 0;
	}
	deltas_clear(&rows);
	deltas_clear(&totals);
	return err;
}
