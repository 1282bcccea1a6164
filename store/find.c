#include "store/log.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/view.h"

#include <string.h>

/* Reading single entries, runs of them, and what an id leads to. */

int store_entry(struct store *s, const struct pubkey *feed, uint64_t seq,
		uint8_t out[static LIMIT_ENTRY], size_t *n)
{
	struct feed_row row;
	struct entry e;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (err == 0 && (seq == 0 || seq > row.seq))
		err = ERR_NOT_FOUND;
	else if (err == 0)
		err = view_entry(s, &e, &row, seq) == 0 ? 0 : ERR_FORMAT;
	if (err == 0) {
		memcpy(out, e.raw, e.raw_n);
		*n = e.raw_n;
	}
	db_unpin(s->db);
	return err;
}

/* Entries up to the feed's newest; a hole is damage. */
static int show_entries(struct db_walk *walk, const struct feed_row *row,
			uint64_t from, entry_visit *visit, void *arg)
{
	uint8_t key[PLACE_SIZE];
	int err;

	place_encode(key, (struct place){ row->no, from });
	err = db_walk_seek(walk, key, sizeof(key));
	for (uint64_t seq = from; err == 0; seq++) {
		struct place at;
		int stop;

		if (walk->value.n > LIMIT_ENTRY ||
		    place_decode(&at, walk->key) != 0 || at.no != row->no ||
		    at.seq != seq)
			return ERR_FORMAT;
		stop = visit(arg, walk->value.p, walk->value.n);
		if (stop != 0 || seq == row->seq)
			return stop;
		err = db_walk_next(walk);
	}
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

int store_entries(struct store *s, const struct pubkey *feed, uint64_t from,
		  entry_visit *visit, void *arg)
{
	struct feed_row row;
	struct db_walk walk;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (from == 0)
		from = 1;
	if (err == 0 && from <= row.seq) {
		err = db_walk_open(s->db, &walk, DB_ENTRY);
		if (err == 0)
			err = show_entries(&walk, &row, from, visit, arg);
		db_walk_close(&walk);
	}
	db_unpin(s->db);
	return err;
}

int store_find(struct store *s, const struct id *id, struct position *out)
{
	struct feed_row row;
	struct entry e;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = view_place(s, &row, &e, id);
	if (err == 0)
		*out = (struct position){ e.feed, e.seq, *id };
	db_unpin(s->db);
	return err;
}

struct prefix {
	struct store *s;
	const uint8_t *p;
	size_t nibbles;
	position_visit *visit;
	void *arg;
};

static bool begins(const struct prefix *x, const uint8_t *p, size_t nibbles)
{
	size_t whole = nibbles / 2;

	if (memcmp(p, x->p, whole) != 0)
		return false;
	return nibbles % 2 == 0 || p[whole] >> 4 == x->p[whole] >> 4;
}

static int show_found(void *arg, struct span key, struct span value)
{
	struct prefix *x = arg;
	struct position found;
	struct feed_row row;
	struct place at;
	struct entry e;
	size_t half = 2 * (size_t)HALF_SIZE;
	int err = place_decode(&at, value);

	if (err == 0 && key.n != HALF_SIZE)
		err = ERR_FORMAT;
	if (err == 0 &&
	    !begins(x, key.p, x->nibbles < half ? x->nibbles : half))
		return 0;
	if (err == 0)
		err = feeds_find_no(&x->s->feeds, &row, at.no);
	if (err == 0)
		err = view_entry(x->s, &e, &row, at.seq);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	found = (struct position){ e.feed, e.seq, entry_id(&e) };
	if (!begins(x, found.id.b, x->nibbles))
		return 0;
	return x->visit(x->arg, &found);
}

int store_find_prefix(struct store *s, const uint8_t *prefix, size_t nibbles,
		      position_visit *visit, void *arg)
{
	struct prefix x = { s, prefix, nibbles, visit, arg };
	size_t whole = nibbles / 2;
	int err;

	if (nibbles > 2 * ID_SIZE)
		return ERR_LIMIT;
	err = store_spoil(s, byid_flush(&s->byid, s->db));
	if (err == 0)
		err = db_pin(s->db);
	if (err != 0)
		return err;
	if (whole > HALF_SIZE)
		whole = HALF_SIZE;
	err = byid_each(s->db, (struct span){ prefix, whole }, show_found, &x);
	db_unpin(s->db);
	return err;
}

static int count(struct store *s, enum db_table table, uint64_t *out)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_rows(s->db, table, out);
	db_unpin(s->db);
	return err;
}

int store_entry_count(struct store *s, uint64_t *out)
{
	return count(s, DB_ENTRY, out);
}

int store_feed_count(struct store *s, uint64_t *out)
{
	return count(s, DB_NAME, out);
}
