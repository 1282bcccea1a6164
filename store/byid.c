#include "store/byid.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/idrun.h"

#include <stdlib.h>
#include <string.h>

/* The filter: two bits a row, a quarter of a megabyte.  It is made anew when
 * twice as many rows went into it as wait: two of a hundred ids that no run has
 * are looked for all the same. */
enum { FILTER_BITS = 1 << 21, FILTER_ROWS = 2 * BYID_MAX };

static void filter_add(struct byid *b, uint64_t bit)
{
	bit %= FILTER_BITS;
	b->filter[bit / 64] |= 1ULL << bit % 64;
}

static bool filter_has(const struct byid *b, uint64_t bit)
{
	bit %= FILTER_BITS;
	return (b->filter[bit / 64] >> bit % 64 & 1) != 0;
}

static void filter_row(struct byid *b, const struct half_row *row)
{
	filter_add(b, row->hi);
	filter_add(b, row->lo);
	b->filtered++;
}

static void filter_forget(struct byid *b)
{
	free(b->filter);
	b->filter = NULL;
	b->filtered = 0;
}

void byid_init(struct byid *b)
{
	*b = (struct byid){ .small = BYID_SMALL, .max = BYID_MAX };
}

void byid_forget(struct byid *b)
{
	fresh_forget(&b->batch);
	filter_forget(b);
}

/* Some rows of the runs that wait, beside the table's. */
struct gathering {
	struct halves rows; /* owned */
	struct span prefix; /* of their halves */
	uint64_t turn;
	size_t waiting; /* in all runs */
	struct byid *b; /* whose filter they go into */
	db_visit *visit;
	void *arg;
	size_t shown;
};

static int count_run(void *arg, const struct idrun *run)
{
	struct gathering *g = arg;

	g->waiting += idrun_waiting(run, g->turn);
	return 0;
}

static int filter_run(void *arg, const struct idrun *run)
{
	struct gathering *g = arg;

	for (size_t i = 0; i < run->n; i++) {
		const uint8_t *p = run->p + i * HALF_ROW_SIZE;
		struct half_row row = half_row_decode(p);

		if (!idrun_is_taken(run, g->turn, p[0]))
			filter_row(g->b, &row);
	}
	return 0;
}

int byid_load(struct byid *b, struct db *db)
{
	struct gathering g = { .b = b };
	struct idrun last;
	int err;

	if (b->filter != NULL)
		return 0;
	err = idrun_newest(db, &last);
	if (err != 0)
		return err;
	b->filter = calloc(FILTER_BITS / 64, sizeof(*b->filter));
	if (b->filter == NULL)
		return ERR_NOMEM;
	g.turn = last.turn;
	err = idrun_each(db, filter_run, &g);
	if (err != 0)
		filter_forget(b);
	return err;
}

int byid_add(struct byid *b, struct db *db, const struct id *id,
	     struct place at)
{
	int err = 0;

	if (b->batch.n >= BYID_RUN)
		err = byid_flush(b, db);
	if (err == 0 && b->batch.n >= b->small)
		err = byid_load(b, db);
	return err == 0 ? fresh_add(&b->batch, id, at) : err;
}

struct seeking {
	const uint8_t *half;
	struct place *out;
};

/* In a run the row says the same whether it was taken or not. */
static int seek_in(void *arg, const struct idrun *run)
{
	const struct seeking *x = arg;
	size_t i = idrun_bound(run, x->half, HALF_SIZE);
	const uint8_t *p = run->p + i * HALF_ROW_SIZE;

	if (i == run->n || memcmp(p, x->half, HALF_SIZE) != 0)
		return 0;
	*x->out = half_row_decode(p).at;
	return 1;
}

static bool may_run(const struct byid *b, const uint8_t *half)
{
	return b->filter == NULL || (filter_has(b, be64_get(half)) &&
				     filter_has(b, be64_get(half + 8)));
}

int byid_find(const struct byid *b, struct db *db, struct place *out,
	      bool *is_sure, const struct id *id)
{
	const struct fresh_row *row = fresh_find(&b->batch, id);
	struct seeking x = { id->b, out };
	struct span value;
	int found = 0, err;

	*is_sure = row != NULL && id_eq(&row->id, id);
	if (row != NULL) {
		*out = row->at;
		return 0;
	}
	if (may_run(b, id->b))
		found = idrun_each(db, seek_in, &x);
	if (found != 0)
		return found == 1 ? 0 : found;
	err = db_get(db, DB_ID, id->b, HALF_SIZE, &value);
	return err == 0 ? place_decode(out, value) : err;
}

/* The batch's rows, sorted. */
static int sort_batch(const struct byid *b, struct halves *out)
{
	int err = 0;

	for (size_t i = 0; i < b->batch.n && err == 0; i++) {
		const struct fresh_row *row = &b->batch.row[i];
		struct half_row half = half_row_of(row->id.b, row->at);

		err = halves_add(out, &half);
	}
	halves_sort(out);
	return err;
}

/* Those that wait of a run and begin with the prefix. */
static int gather(void *arg, const struct idrun *run)
{
	struct gathering *g = arg;
	size_t i = idrun_bound(run, g->prefix.p, g->prefix.n);
	int err = 0;

	for (; i < run->n && err == 0; i++) {
		const uint8_t *p = run->p + i * HALF_ROW_SIZE;
		struct half_row row;

		if (g->prefix.n > 0 && memcmp(p, g->prefix.p, g->prefix.n) != 0)
			break;
		if (idrun_is_taken(run, g->turn, p[0]))
			continue;
		row = half_row_decode(p);
		err = halves_add(&g->rows, &row);
	}
	return err;
}

/* Bring one slice to DB_ID, a byte of ids after the other. */
static int take_turn(struct db *db, uint64_t turn)
{
	struct gathering g = { .turn = turn };
	int err = 0;

	for (unsigned i = 0; i < 16 && err == 0; i++) {
		uint8_t first = (uint8_t)(turn % BYID_SLICES << 4 | i);

		g.prefix = (struct span){ &first, 1 };
		err = idrun_each(db, gather, &g);
	}
	halves_sort(&g.rows);
	if (err == 0)
		err = halves_put(&g.rows, db);
	halves_free(&g.rows);
	return err;
}

/* Take turns until there is room for n more rows. */
static int take_turns(const struct byid *b, struct db *db, uint64_t *turn,
		      size_t n)
{
	int err = 0;

	while (err == 0) {
		struct gathering g = { .turn = *turn, .waiting = n };

		err = idrun_each(db, count_run, &g);
		if (err != 0 || g.waiting <= b->max || g.waiting == n)
			return err;
		err = take_turn(db, *turn);
		++*turn;
	}
	return err;
}

static int write_run(struct byid *b, struct db *db, const struct halves *rows)
{
	struct idrun last;
	uint64_t turn;
	int err = idrun_newest(db, &last);

	turn = last.turn;
	if (err == 0)
		err = take_turns(b, db, &turn, rows->n);
	if (err == 0)
		err = idrun_put(db, rows, turn, last.serial + 1);
	if (err == 0)
		err = idrun_drop(db, turn);
	for (size_t i = 0; i < rows->n && err == 0; i++)
		filter_row(b, &rows->row[i]);
	if (err != 0 || b->filtered > FILTER_ROWS)
		filter_forget(b);
	return err;
}

int byid_flush(struct byid *b, struct db *db)
{
	struct halves rows = { .row = NULL };
	int err;

	if (b->batch.n == 0)
		return 0;
	err = sort_batch(b, &rows);
	if (err == 0 && b->batch.n > b->small)
		err = byid_load(b, db);
	if (err == 0)
		err = b->batch.n > b->small ? write_run(b, db, &rows)
					    : halves_put(&rows, db);
	halves_free(&rows);
	fresh_clear(&b->batch);
	return err;
}

int byid_merge(struct byid *b, struct db *db)
{
	struct gathering g = { .turn = 0 };
	struct idrun last;
	int err = idrun_newest(db, &last);

	g.turn = last.turn;
	if (err == 0)
		err = idrun_each(db, gather, &g);
	if (err == 0)
		err = sort_batch(b, &g.rows);
	if (err == 0)
		err = halves_put(&g.rows, db);
	if (err == 0)
		err = db_clear(db, DB_IDRUN);
	halves_free(&g.rows);
	fresh_clear(&b->batch);
	filter_forget(b);
	return err;
}

static int show_row(struct gathering *g)
{
	uint8_t p[HALF_ROW_SIZE];

	half_row_encode(p, &g->rows.row[g->shown++]);
	return g->visit(g->arg, (struct span){ p, HALF_SIZE },
			(struct span){ p + HALF_SIZE, PLACE_SIZE });
}

static int show_stored(void *arg, struct span key, struct span value)
{
	struct gathering *g = arg;
	int stop = 0;

	while (stop == 0 && g->shown < g->rows.n && key.n == HALF_SIZE) {
		struct half_row next = half_row_of(key.p, (struct place){ 0 });
		int c = half_row_cmp(&g->rows.row[g->shown], &next);

		if (c > 0)
			break;
		if (c == 0)
			g->shown++;
		else
			stop = show_row(g);
	}
	return stop != 0 ? stop : g->visit(g->arg, key, value);
}

int byid_each(struct db *db, struct span prefix, db_visit *visit, void *arg)
{
	struct gathering g = { .prefix = prefix, .visit = visit, .arg = arg };
	struct idrun last;
	int err = idrun_newest(db, &last);

	g.turn = last.turn;
	if (err == 0)
		err = idrun_each(db, gather, &g);
	if (err == 0) {
		halves_sort(&g.rows);
		err = db_each(db, DB_ID, prefix, show_stored, &g);
	}
	while (err == 0 && g.shown < g.rows.n)
		err = show_row(&g);
	halves_free(&g.rows);
	return err;
}

static int count_row(void *arg, struct span key, struct span value)
{
	(void)key;
	(void)value;
	++*(uint64_t *)arg;
	return 0;
}

int byid_rows(struct db *db, uint64_t *out)
{
	*out = 0;
	return byid_each(db, (struct span){ NULL, 0 }, count_row, out);
}
