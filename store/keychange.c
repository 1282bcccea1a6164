#include "store/keychange.h"

#include "crypto/err.h"
#include "proto/roster/rotation.h"
#include "store/index.h"
#include "store/view.h"

#include <assert.h>
#include <string.h>

/* The checkpoints of one feed after seq, as far as they are waited for. */
static int load_feed(struct store *s, struct roster *r,
		     const struct position *at)
{
	struct feed_row row;
	bool changed;
	int err = feeds_find(&s->feeds, &row, &at->feed);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	for (uint64_t seq = at->seq + 1; seq <= row.seq && err == 0; seq++) {
		struct entry e;

		err = view_entry(s, &e, &row, seq);
		if (err != 0 || e.kind != KIND_CHECKPOINT)
			continue;
		err = roster_checkpointed(r, &changed, &e);
		if (!roster_awaits(r, &at->feed, row.seq + 1))
			break;
	}
	return err;
}

/* Of several rotations of one feed the first one finds the checkpoints for
 * all. */
static bool is_first(const struct roster *r, const struct rotation *x)
{
	for (size_t i = 0; i < roster_rotation_count(r); i++) {
		const struct rotation y = roster_rotation_at(r, i);

		if (!y.is_signed && y.at.seq < x->at.seq &&
		    pubkey_eq(&y.at.feed, &x->at.feed))
			return false;
	}
	return true;
}

int keychange_load(struct store *s, struct roster *r, bool *is_damaged)
{
	size_t n = roster_rotation_count(r);
	int err = 0;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n && err == 0; i++) {
		struct rotation x = roster_rotation_at(r, i);

		if (!x.is_signed && is_first(r, &x))
			err = load_feed(s, r, &x.at);
		if (err == ERR_NOT_FOUND || err == ERR_FORMAT) {
			*is_damaged = true;
			err = 0;
		}
	}
	return err == 0 ? roster_solve(r) : err;
}

bool keychange_awaits(const struct store *s, const struct entry *e)
{
	return s->has_rotate || roster_awaits(s->roster, &e->feed, e->seq);
}

struct moving {
	struct store *s;
	bool is_out;
};

static int move_row(void *arg, enum db_table table, struct span key,
		    struct span value)
{
	const struct moving *m = arg;
	int err;

	if (table != DB_KEY)
		return 0;
	if (!m->is_out)
		return db_put(m->s->db, table, key, value);
	err = db_del(m->s->db, table, key.p, key.n);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int move_rows(struct store *s, const struct feed_row *row, uint64_t seq,
		     const struct feed_row *was)
{
	struct indexed x = { .feed = was };
	struct moving m = { s, true };
	const struct kind_rule *rule;
	uint8_t raw[LIMIT_ENTRY];
	struct record rec;
	struct entry e;
	struct id id;
	int err = view_entry(s, &e, row, seq);

	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	rule = kind_rule(e.kind);
	/* Writing moves what was lent. */
	memcpy(raw, e.raw, e.raw_n);
	err = entry_decode(&e, raw, e.raw_n);
	if (err != 0 || rule == NULL || !rule->is_recorded ||
	    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0 ||
	    !record_has(&rec, FACT_KEY))
		return err;
	id = entry_id(&e);
	x.entry = &e;
	x.id = &id;
	x.rec = &rec;
	err = index_rows(&x, move_row, &m);
	x.feed = row;
	m.is_out = false;
	return err == 0 ? index_rows(&x, move_row, &m) : err;
}

bool keychange_is_due(const struct store *s, const struct feed_row *row)
{
	const struct roster_feed *rf = roster_feed(s->roster, &row->feed);

	return rf != NULL && !pubkey_eq(&rf->identity, &row->identity);
}

int keychange_feed(struct store *s, struct feed *feed)
{
	struct feed_row was = feed->row;
	int err = 0;

	if (!keychange_is_due(s, &was))
		return 0;
	assert(was.counted == 0);
	feed->row.identity = roster_feed(s->roster, &was.feed)->identity;
	for (uint64_t seq = 1; seq <= was.seq && err == 0; seq++)
		err = move_rows(s, &feed->row, seq, &was);
	return err == 0 ? feeds_mark(&s->feeds, feed) : err;
}
