#include "store/feeds.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/recent_priv.h"

#include <stdlib.h>
#include <string.h>

/* Rows kept in memory between batches: 200 bytes each. */
enum { KEEP_MAX = 2048 };

void feeds_init(struct feeds *f, struct db *db)
{
	*f = (struct feeds){ .db = db };
	bytes_random(&f->salt, sizeof(f->salt));
}

/* The newest number of a table whose keys are numbers; 0 when empty. */
static int newest(struct db *db, enum db_table table, size_t size,
		  uint64_t *out)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, table);

	if (err == 0)
		err = db_walk_last(&walk);
	if (err == 0 && walk.key.n != size)
		err = ERR_FORMAT;
	if (err == 0)
		*out = size == 4 ? be32_get(walk.key.p) : be64_get(walk.key.p);
	db_walk_close(&walk);
	if (err != ERR_NOT_FOUND)
		return err;
	*out = 0;
	return 0;
}

int feeds_start(struct feeds *f)
{
	uint64_t no, arrival;
	int err = newest(f->db, DB_FEED, 4, &no);

	if (err == 0)
		err = newest(f->db, DB_ARRIVAL, 8, &arrival);
	if (err != 0)
		return err;
	f->last_no = (uint32_t)no;
	f->arrival = arrival;
	return 0;
}

void feeds_forget(struct feeds *f)
{
	for (size_t i = 0; i < f->at_n; i++)
		free(f->at[i]);
	free(f->at);
	free(f->slots);
	free(f->dirty);
	*f = (struct feeds){ .db = f->db, .salt = f->salt };
}

void feeds_end(struct feeds *f)
{
	if (f->known > KEEP_MAX)
		feeds_forget(f);
}

static size_t slot_of(const struct feeds *f, const struct pubkey *feed)
{
	uint64_t h;

	memcpy(&h, feed->b, sizeof(h));
	h = (h ^ f->salt) * 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 20) & (f->slots_n - 1);
}

static void enter(struct feeds *f, const struct feed *feed)
{
	size_t i = slot_of(f, &feed->row.feed);

	while (f->slots[i] != 0)
		i = (i + 1) & (f->slots_n - 1);
	f->slots[i] = feed->row.no;
}

static int grow_slots(struct feeds *f)
{
	size_t n = f->slots_n == 0 ? 64 : f->slots_n * 2;
	uint32_t *slots;

	if (2 * (f->known + 1) < f->slots_n)
		return 0;
	slots = calloc(n, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	free(f->slots);
	f->slots = slots;
	f->slots_n = n;
	for (size_t i = 0; i < f->at_n; i++)
		if (f->at[i] != NULL)
			enter(f, f->at[i]);
	return 0;
}

static int grow_at(struct feeds *f, uint32_t no)
{
	size_t n = f->at_n == 0 ? 64 : f->at_n;
	struct feed **at;

	if (no < f->at_n)
		return 0;
	while (n <= no)
		n *= 2;
	at = realloc(f->at, n * sizeof(struct feed *));
	if (at == NULL)
		return ERR_NOMEM;
	for (size_t i = f->at_n; i < n; i++)
		at[i] = NULL;
	f->at = at;
	f->at_n = n;
	return 0;
}

/* Keep a row in memory. */
static int adopt(struct feeds *f, struct feed **out, const struct feed_row *row)
{
	struct feed *feed;
	int err = grow_at(f, row->no);

	if (err == 0)
		err = grow_slots(f);
	if (err != 0)
		return err;
	feed = calloc(1, sizeof(*feed));
	if (feed == NULL)
		return ERR_NOMEM;
	feed->row = *row;
	feed->stored_arrival = row->arrival;
	f->at[row->no] = feed;
	f->known++;
	enter(f, feed);
	*out = feed;
	return 0;
}

static struct feed *in_memory(const struct feeds *f, const struct pubkey *feed)
{
	size_t i;

	if (f->slots_n == 0)
		return NULL;
	for (i = slot_of(f, feed); f->slots[i] != 0;
	     i = (i + 1) & (f->slots_n - 1)) {
		struct feed *at = f->at[f->slots[i]];

		if (pubkey_eq(&at->row.feed, feed))
			return at;
	}
	return NULL;
}

static int read_no(struct db *db, struct feed_row *out, uint32_t no)
{
	uint8_t key[NO_SIZE];
	struct span value;
	int err;

	no_encode(key, no);
	err = db_get(db, DB_FEED, key, sizeof(key), &value);
	return err == 0 ? feed_row_decode(out, no, value) : err;
}

static int read_feed(struct db *db, struct feed_row *out,
		     const struct pubkey *feed)
{
	struct span value;
	uint32_t no;
	int err = db_get(db, DB_NAME, feed->b, KEY_SIZE, &value);

	if (err == 0)
		err = no_decode(&no, value);
	if (err != 0)
		return err;
	err = read_no(db, out, no);
	if (err == 0 && pubkey_eq(&out->feed, feed))
		return 0;
	return err == 0 || err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

int feeds_hold(struct feeds *f, struct feed **out, const struct pubkey *feed)
{
	struct feed *known = in_memory(f, feed);
	struct feed_row row;
	int err;

	if (known != NULL) {
		*out = known;
		return 0;
	}
	err = read_feed(f->db, &row, feed);
	if (err == 0 && (row.no > f->last_no || row.arrival > f->arrival))
		err = ERR_FORMAT;
	return err == 0 ? adopt(f, out, &row) : err;
}

int feeds_hold_no(struct feeds *f, struct feed **out, uint32_t no)
{
	struct feed_row row;
	int err;

	if (no < f->at_n && f->at[no] != NULL) {
		*out = f->at[no];
		return 0;
	}
	err = read_no(f->db, &row, no);
	if (err == 0 && (no > f->last_no || row.arrival > f->arrival))
		err = ERR_FORMAT;
	return err == 0 ? adopt(f, out, &row) : err;
}

int feeds_new(struct feeds *f, struct feed **out, const struct pubkey *feed)
{
	struct feed_row row = { .feed = *feed };
	uint8_t value[NO_SIZE];
	int err;

	if (f->last_no == UINT32_MAX)
		return ERR_LIMIT;
	row.no = f->last_no + 1;
	no_encode(value, row.no);
	err = db_put(f->db, DB_NAME, (struct span){ feed->b, KEY_SIZE },
		     (struct span){ value, sizeof(value) });
	if (err == 0)
		err = adopt(f, out, &row);
	if (err == 0)
		f->last_no = row.no;
	return err;
}

int feeds_mark(struct feeds *f, struct feed *feed)
{
	if (feed->is_dirty)
		return 0;
	if (f->dirty_n == f->dirty_max) {
		size_t max = f->dirty_max == 0 ? 64 : f->dirty_max * 2;
		uint32_t *dirty = realloc(f->dirty, max * sizeof(*dirty));

		if (dirty == NULL)
			return ERR_NOMEM;
		f->dirty = dirty;
		f->dirty_max = max;
	}
	f->dirty[f->dirty_n++] = feed->row.no;
	feed->is_dirty = true;
	return 0;
}

int feeds_find(struct feeds *f, struct feed_row *out, const struct pubkey *feed)
{
	const struct feed *known = NULL;

	if (db_is_writing(f->db))
		known = in_memory(f, feed);
	if (known == NULL)
		return read_feed(f->db, out, feed);
	*out = known->row;
	return 0;
}

int feeds_find_no(struct feeds *f, struct feed_row *out, uint32_t no)
{
	if (!db_is_writing(f->db) || no >= f->at_n || f->at[no] == NULL)
		return read_no(f->db, out, no);
	*out = f->at[no]->row;
	return 0;
}

int feeds_newest(struct feeds *f, uint64_t *out)
{
	if (!db_is_writing(f->db))
		return newest(f->db, DB_ARRIVAL, 8, out);
	*out = f->arrival;
	return 0;
}

static int write_row(struct feeds *f, struct feed *feed)
{
	uint8_t no[NO_SIZE], value[FEED_ROW_SIZE], key[8];
	struct span key_span = { key, sizeof(key) };
	int err;

	no_encode(no, feed->row.no);
	feed_row_encode(value, &feed->row);
	err = db_put(f->db, DB_FEED, (struct span){ no, sizeof(no) },
		     (struct span){ value, sizeof(value) });
	if (err == 0)
		err = recent_passed(f->db, feed->row.no, feed->row.seq);
	if (err != 0 || feed->stored_arrival == feed->row.arrival)
		return err;
	if (feed->stored_arrival != 0) {
		be64_put(key, feed->stored_arrival);
		err = db_del(f->db, DB_ARRIVAL, key, sizeof(key));
		if (err != 0)
			return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	}
	be64_put(key, feed->row.arrival);
	err = db_append(f->db, DB_ARRIVAL, key_span,
			(struct span){ no, sizeof(no) });
	if (err == 0)
		feed->stored_arrival = feed->row.arrival;
	return err == ERR_EXISTS ? ERR_FORMAT : err;
}

/* Sorted by arrival, so that the arrival table is only ever appended to. */
struct waiting {
	uint64_t arrival;
	struct feed *feed;
};

static int by_arrival(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->arrival == y->arrival)
		return 0;
	return x->arrival < y->arrival ? -1 : 1;
}

int feeds_flush(struct feeds *f)
{
	struct waiting *list;
	int err = 0;

	if (f->dirty_n == 0)
		return 0;
	list = malloc(f->dirty_n * sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->dirty_n; i++) {
		struct feed *feed = f->at[f->dirty[i]];

		list[i] = (struct waiting){ feed->row.arrival, feed };
	}
	qsort(list, f->dirty_n, sizeof(*list), by_arrival);
	for (size_t i = 0; i < f->dirty_n && err == 0; i++) {
		err = write_row(f, list[i].feed);
		list[i].feed->is_dirty = err != 0;
	}
	if (err == 0)
		f->dirty_n = 0;
	free(list);
	return err;
}
