#include "store/byid.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/* A run, as it stands in the table. */
struct run_row {
	uint64_t turn; /* when it was written */
	uint32_t serial;
	const uint8_t *p; /* rows, in rising order */
	size_t n;         /* how many */
};

static struct fresh_row row_at(const struct run_row *run, size_t i)
{
	const uint8_t *p = run->p + i * BYID_ROW_SIZE;
	return (struct fresh_row){ half_of(p),
				   { be32_get(p + HALF_SIZE),
				     be64_get(p + HALF_SIZE + 4) } };
}

static int read_run(struct run_row *out, const struct db_walk *walk)
{
	if (walk->key.n != BYID_KEY_SIZE || walk->value.n % BYID_ROW_SIZE != 0)
		return ERR_FORMAT;
	out->turn = be64_get(walk->key.p);
	out->serial = be32_get(walk->key.p + 8);
	out->p = walk->value.p;
	out->n = walk->value.n / BYID_ROW_SIZE;
	return 0;
}

/* The newest run, which says whose turn it is; without one all begins anew. */
static int newest(struct db *db, struct run_row *out)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, DB_IDRUN);

	*out = (struct run_row){ .turn = 0 };
	if (err == 0)
		err = db_walk_last(&walk);
	if (err == 0)
		err = read_run(out, &walk);
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static unsigned slice_of(struct half half)
{
	return (unsigned)(half.hi >> 60);
}

/* Has DB_ID what a run of that turn says of this half? */
static bool is_taken(uint64_t run_turn, uint64_t turn, struct half half)
{
	return (slice_of(half) - run_turn) % BYID_SLICES < turn - run_turn;
}

/* Call visit with each run, in order; turn is whose it is now. */
typedef int run_visit(void *arg, const struct run_row *run, uint64_t turn);

static int each_run(struct db *db, run_visit *visit, void *arg)
{
	struct run_row last, run;
	struct db_walk walk;
	int stop = 0, err = newest(db, &last);

	if (err != 0)
		return err;
	err = db_walk_open(db, &walk, DB_IDRUN);
	if (err == 0)
		err = db_walk_seek(&walk, NULL, 0);
	while (err == 0 && stop == 0) {
		err = read_run(&run, &walk);
		if (err == 0)
			stop = visit(arg, &run, last.turn);
		if (err == 0 && stop == 0)
			err = db_walk_next(&walk);
	}
	db_walk_close(&walk);
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	return stop;
}

/* The first row of a run that is not below these n bytes. */
static size_t lower_bound(const struct run_row *run, const uint8_t *p, size_t n)
{
	size_t from = 0, to = run->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (memcmp(run->p + mid * BYID_ROW_SIZE, p, n) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct seeking {
	const uint8_t *bytes;
	struct half half;
	struct place *out;
};

static int seek_in(void *arg, const struct run_row *run, uint64_t turn)
{
	const struct seeking *x = arg;
	size_t i;

	if (is_taken(run->turn, turn, x->half))
		return 0;
	i = lower_bound(run, x->bytes, HALF_SIZE);
	if (i == run->n ||
	    memcmp(run->p + i * BYID_ROW_SIZE, x->bytes, HALF_SIZE) != 0)
		return 0;
	*x->out = row_at(run, i).at;
	return 1;
}

static int in_table(struct db *db, struct place *out, const uint8_t *half)
{
	struct span value;
	int err = db_get(db, DB_ID, half, HALF_SIZE, &value);

	return err == 0 ? place_decode(out, value) : err;
}

int byid_find(const struct byid *r, struct db *db, struct place *out,
	      const uint8_t half[static HALF_SIZE])
{
	struct seeking x = { half, half_of(half), out };
	int found = 0;

	if (fresh_find(&r->slice[slice_of(x.half)], out, x.half))
		return 0;
	if (!r->is_loaded)
		found = each_run(db, seek_in, &x);
	if (found == 0)
		return in_table(db, out, half);
	return found == 1 ? 0 : found;
}

void byid_init(struct byid *r)
{
	*r = (struct byid){ .small = BYID_SMALL, .max = BYID_MAX };
}

void byid_forget(struct byid *r)
{
	for (size_t i = 0; i < BYID_SLICES; i++)
		fresh_forget(&r->slice[i]);
	free(r->batch);
	*r = (struct byid){ .small = r->small, .max = r->max };
}

static int load_run(void *arg, const struct run_row *run, uint64_t turn)
{
	struct byid *r = arg;
	int err = 0;

	for (size_t i = 0; i < run->n && err == 0; i++) {
		struct fresh_row row = row_at(run, i);

		if (!is_taken(run->turn, turn, row.half))
			err = fresh_add(&r->slice[slice_of(row.half)], row.half,
					row.at);
	}
	return err;
}

int byid_load(struct byid *r, struct db *db)
{
	int err = r->is_loaded ? 0 : each_run(db, load_run, r);

	r->is_loaded = err == 0;
	return err;
}

int byid_add(struct byid *r, struct db *db, const struct id *id,
	     struct place at)
{
	struct half half = half_of(id->b);
	struct fresh *slice = &r->slice[slice_of(half)];
	size_t n;
	int err = 0;

	if (r->batch_n >= BYID_RUN)
		err = byid_flush(r, db);
	if (err == 0 && r->batch_n >= r->small)
		err = byid_load(r, db);
	if (err == 0)
		err = grow(&r->batch, &r->batch_max, r->batch_n,
			   sizeof(*r->batch));
	n = slice->n;
	if (err == 0)
		err = fresh_add(slice, half, at);
	if (err != 0 || slice->n == n)
		return err;
	r->batch[r->batch_n++] = (struct fresh_row){ half, at };
	return 0;
}

static size_t waiting(const struct byid *r)
{
	size_t n = 0;

	for (size_t i = 0; i < BYID_SLICES; i++)
		n += r->slice[i].n;
	return n;
}

/* Runs of which nothing is left. */
static int drop_taken(struct db *db, uint64_t turn)
{
	int err = 0;

	while (err == 0) {
		uint8_t key[BYID_KEY_SIZE];
		struct run_row run;
		struct db_walk walk;

		err = db_walk_open(db, &walk, DB_IDRUN);
		if (err == 0)
			err = db_walk_seek(&walk, NULL, 0);
		if (err == 0)
			err = read_run(&run, &walk);
		if (err == 0 && turn - run.turn < BYID_SLICES)
			err = ERR_NOT_FOUND;
		if (err == 0)
			memcpy(key, walk.key.p, sizeof(key));
		db_walk_close(&walk);
		if (err == 0)
			err = db_del(db, DB_IDRUN, key, sizeof(key));
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int put_run(struct byid *r, struct db *db, uint64_t turn,
		   uint32_t serial)
{
	size_t n = r->batch_n * BYID_ROW_SIZE;
	uint8_t key[BYID_KEY_SIZE];
	uint8_t *value = malloc(n);
	int err;

	if (value == NULL)
		return ERR_NOMEM;
	be64_put(key, turn);
	be32_put(key + 8, serial);
	for (size_t i = 0; i < r->batch_n; i++) {
		uint8_t *p = value + i * BYID_ROW_SIZE;

		half_put(p, r->batch[i].half);
		place_encode(p + HALF_SIZE, r->batch[i].at);
	}
	err = db_append(db, DB_IDRUN, (struct span){ key, sizeof(key) },
			(struct span){ value, n });
	free(value);
	return err == ERR_EXISTS ? ERR_FORMAT : err;
}

/* Make room by turns, then write the batch as a run. */
static int write_run(struct byid *r, struct db *db)
{
	struct run_row last;
	uint64_t turn;
	int err = newest(db, &last);

	turn = last.turn;
	while (err == 0 && waiting(r) > r->max) {
		err = fresh_flush(&r->slice[turn % BYID_SLICES], db);
		turn++;
	}
	if (err == 0)
		err = put_run(r, db, turn, last.serial + 1);
	if (err == 0)
		err = drop_taken(db, turn);
	r->batch_n = 0;
	return err;
}

int byid_flush(struct byid *r, struct db *db)
{
	int err;

	if (r->batch_n == 0)
		return 0;
	fresh_sort(r->batch, r->batch_n);
	if (r->batch_n > r->small && r->is_loaded)
		return write_run(r, db);
	err = fresh_put(r->batch, r->batch_n, db);
	byid_forget(r);
	return err;
}

int byid_merge(struct byid *r, struct db *db)
{
	int err = byid_load(r, db);

	for (size_t i = 0; i < BYID_SLICES && err == 0; i++)
		err = fresh_flush(&r->slice[i], db);
	if (err == 0)
		err = db_clear(db, DB_IDRUN);
	byid_forget(r);
	return err;
}

/* The runs' rows that begin with a prefix, beside the table's. */
struct merging {
	struct span prefix;
	db_visit *visit;
	void *arg;
	struct fresh_row *row; /* owned */
	size_t n, max, shown;
};

static int collect(void *arg, const struct run_row *run, uint64_t turn)
{
	struct merging *m = arg;
	size_t i = m->prefix.n == 0
			   ? 0
			   : lower_bound(run, m->prefix.p, m->prefix.n);
	int err = 0;

	for (; i < run->n && err == 0; i++) {
		struct fresh_row row = row_at(run, i);

		if (m->prefix.n > 0 && memcmp(run->p + i * BYID_ROW_SIZE,
					      m->prefix.p, m->prefix.n) != 0)
			break;
		if (is_taken(run->turn, turn, row.half))
			continue;
		err = grow(&m->row, &m->max, m->n, sizeof(*m->row));
		if (err == 0)
			m->row[m->n++] = row;
	}
	return err;
}

static int show_row(struct merging *m)
{
	const struct fresh_row *row = &m->row[m->shown++];
	uint8_t half[HALF_SIZE], place[PLACE_SIZE];

	half_put(half, row->half);
	place_encode(place, row->at);
	return m->visit(m->arg, (struct span){ half, HALF_SIZE },
			(struct span){ place, PLACE_SIZE });
}

static int show_stored(void *arg, struct span key, struct span value)
{
	struct merging *m = arg;
	int stop = 0;

	while (stop == 0 && m->shown < m->n && key.n == HALF_SIZE) {
		struct fresh_row next = { .half = half_of(key.p) };
		int c = fresh_cmp(&m->row[m->shown], &next);

		if (c > 0)
			break;
		if (c == 0)
			m->shown++;
		else
			stop = show_row(m);
	}
	return stop != 0 ? stop : m->visit(m->arg, key, value);
}

int byid_each(struct db *db, struct span prefix, db_visit *visit, void *arg)
{
	struct merging m = { .prefix = prefix, .visit = visit, .arg = arg };
	int err = each_run(db, collect, &m);

	if (err == 0) {
		fresh_sort(m.row, m.n);
		err = db_each(db, DB_ID, prefix, show_stored, &m);
	}
	while (err == 0 && m.shown < m.n)
		err = show_row(&m);
	free(m.row);
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
