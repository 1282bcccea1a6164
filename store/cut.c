#include "store/cut.h"

#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/grow.h"
#include "proto/roster/rotation.h"
#include "store/count.h"
#include "store/evidence.h"
#include "store/index.h"
#include "store/log.h"
#include "store/standing.h"
#include "store/view.h"

#include <stdlib.h>
#include <string.h>

void evidence_key(uint8_t out[static EVIDENCE_KEY], const struct pubkey *feed,
		  enum evidence_type type)
{
	memcpy(out, feed->b, KEY_SIZE);
	out[KEY_SIZE] = (uint8_t)type;
}

static struct span all(const uint8_t *p, size_t n)
{
	return (struct span){ p, n };
}

struct telling {
	struct store *s;
	struct roster *roster;
	bool *is_damaged;
};

static int tell_one(void *arg, struct span key, struct span value)
{
	struct telling *t = arg;
	uint8_t want[EVIDENCE_KEY];
	struct evidence e;
	struct position at;
	bool changed;

	if (evidence_decode(&e, value.p, value.n) == 0)
		evidence_key(want, &e.feed, e.type);
	else
		key.n = 0;
	if (key.n != sizeof(want) || memcmp(key.p, want, sizeof(want)) != 0) {
		*t->is_damaged = true;
		return 0;
	}
	at = (struct position){ e.feed, e.seq, e.id };
	if (e.type == EVIDENCE_FORK)
		return roster_fork(t->roster, &changed, &e.feed, e.seq);
	return roster_end(t->roster, &changed, &at);
}

/* One entry of a kind that is found by its kind. */
static int read_kind(struct store *s, struct entry *e, struct span key)
{
	struct feed_row feed;
	struct place at;
	int err = key.n == KIND_KEY_SIZE ? 0 : ERR_FORMAT;

	if (err == 0)
		err = place_decode(&at, all(key.p + 1, PLACE_SIZE));
	if (err == 0)
		err = feeds_find_no(&s->feeds, &feed, at.no);
	if (err == 0)
		err = view_entry(s, e, &feed, at.seq);
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

static int tell_attest(void *arg, struct span key, struct span value)
{
	struct telling *t = arg;
	struct entry e;
	bool changed;
	int err = read_kind(t->s, &e, key);

	(void)value;
	if (err == ERR_FORMAT) {
		*t->is_damaged = true;
		return 0;
	}
	return err == 0 ? roster_attested(t->roster, &changed, &e) : err;
}

int cut_load(struct store *s, struct roster *r, bool *is_damaged)
{
	struct telling t = { s, r, is_damaged };
	const uint8_t kind = KIND_ATTEST;
	int err;

	/* What is held keeps to the limits, but says why only in the end. */
	if (s->is_refilled)
		return 0;
	err = db_each(s->db, DB_EVIDENCE, all(NULL, 0), tell_one, &t);
	if (err == 0 && roster_has_forks(r))
		err = db_each(s->db, DB_KIND, all(&kind, 1), tell_attest, &t);
	return err;
}

/* Is there an end of this feed as low as that? */
static bool has_end(struct store *s, const uint8_t key[static EVIDENCE_KEY],
		    const struct position *at)
{
	struct span held;
	struct evidence e;

	if (db_get(s->db, DB_EVIDENCE, key, EVIDENCE_KEY, &held) != 0 ||
	    evidence_decode(&e, held.p, held.n) != 0)
		return false;
	return e.seq < at->seq ||
	       (e.seq == at->seq && id_cmp(&e.id, &at->id) <= 0);
}

int cut_end(struct store *s, const struct entry *e)
{
	uint8_t key[EVIDENCE_KEY], proof[EVIDENCE_END_MAX];
	struct position at;
	struct evidence ev;
	struct record rec;
	struct sig sig;
	size_t n;
	int err;

	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0 ||
	    record_positions(&rec, FACT_POSITION, &at, 1) != 1)
		return 0;
	memcpy(sig.b, rec.v[FACT_PROOF].p, SIG_SIZE);
	if (evidence_make_end(proof, &n, &at, &sig) != 0 ||
	    evidence_decode(&ev, proof, n) != 0 ||
	    roster_check_end(s->roster, &ev) != 0)
		return 0;
	evidence_key(key, &at.feed, EVIDENCE_END);
	if (has_end(s, key, &at))
		return 0;
	err = db_put(s->db, DB_EVIDENCE, all(key, sizeof(key)), all(proof, n));
	s->limits_moved = true;
	return err;
}

static int look_at_end(void *arg, struct span key, struct span value)
{
	struct store *s = arg;
	struct entry e;
	int err = read_kind(s, &e, key);

	(void)value;
	return err == 0 ? cut_end(s, &e) : err;
}

int cut_opened(struct store *s)
{
	const uint8_t kind = KIND_END;

	return db_each(s->db, DB_KIND, all(&kind, 1), look_at_end, s);
}

bool cut_refuses(const struct store *s, const struct entry *e,
		 const struct id *id)
{
	const struct feed_limit *l = roster_limit(s->roster, &e->feed);

	if (l == NULL || e->seq < l->limit)
		return false;
	return e->seq > l->limit ||
	       (!id_is_zero(&l->tip) && !id_eq(&l->tip, id));
}

/* How much of what is held belongs to the feed: another chain than the one that
 * was named may have come up to its place. */
static int belongs(struct store *s, uint64_t *out, const struct feed_row *row,
		   const struct feed_limit *l)
{
	struct entry e;
	struct id id;
	int err;

	*out = l->limit < row->seq ? l->limit : row->seq;
	if (l->fork == 0 || l->limit < l->fork || row->seq < l->limit)
		return 0;
	err = view_entry(s, &e, row, l->limit);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	id = entry_id(&e);
	if (!id_eq(&id, &l->tip))
		*out = l->fork - 1;
	return 0;
}

int cut_shrink(struct store *s)
{
	size_t n = roster_limit_count(s->roster);
	uint64_t *to = calloc(n + 1, sizeof(*to));
	bool moved = true;
	int err = to == NULL ? ERR_NOMEM : 0;

	while (err == 0 && moved) {
		moved = false;
		for (size_t i = 0; i < n && err == 0; i++) {
			const struct feed_limit *l =
				roster_limit_at(s->roster, i);
			struct pubkey feed = l->feed;
			struct feed_row row;
			uint64_t limit;

			if (feeds_find(&s->feeds, &row, &feed) != 0)
				continue;
			err = belongs(s, &limit, &row, l);
			if (row.seq <= limit ||
			    (to[i] != 0 && to[i] <= limit + 1))
				continue;
			to[i] = limit + 1;
			roster_cut(s->roster, &feed, limit);
			s->roster_moved = true;
			s->is_moved = true;
			moved = true;
		}
		if (moved)
			err = roster_solve(s->roster);
	}
	free(to);
	return err;
}

/* Take out a row that an entry made. */
static int drop_row(void *arg, enum db_table table, struct span key,
		    struct span value)
{
	struct store *s = arg;
	struct span held;
	int err;

	if (table == DB_ID) {
		/* Of two ids with one half the other may keep the row. */
		err = db_get(s->db, table, key.p, key.n, &held);
		if (err == 0 && (held.n != value.n ||
				 memcmp(held.p, value.p, value.n) != 0))
			return 0;
		if (err != 0)
			return err == ERR_NOT_FOUND ? 0 : err;
	}
	err = db_del(s->db, table, key.p, key.n);
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

static void aside_key(uint8_t out[static ASIDE_KEY_SIZE], struct place at,
		      const struct id *id)
{
	place_encode(out, at);
	memcpy(out + PLACE_SIZE, id->b, HALF_SIZE);
}

/* Take out the newest entry of a feed, to keep it aside or not. */
static int take_out(struct store *s, struct feed *feed, bool is_kept)
{
	const struct place at = { feed->row.no, feed->row.seq };
	uint8_t raw[LIMIT_ENTRY], key[ASIDE_KEY_SIZE];
	const struct kind_rule *rule;
	struct indexed x = { .feed = &feed->row };
	struct record rec;
	struct entry e;
	struct id id;
	size_t n;
	int err = view_entry(s, &e, &feed->row, at.seq);

	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	n = e.raw_n;
	memcpy(raw, e.raw, n);
	err = entry_decode(&e, raw, n);
	id = entry_id(&e);
	rule = kind_rule(e.kind);
	x.entry = &e;
	x.id = &id;
	if (err == 0 && rule != NULL && rule->is_recorded &&
	    record_decode(&rec, e.kind, e.facts, e.facts_n) == 0)
		x.rec = &rec;
	if (err == 0)
		err = index_rows(&x, drop_row, s);
	aside_key(key, at, &id);
	if (err == 0 && is_kept)
		err = db_put(s->db, DB_ASIDE, all(key, sizeof(key)),
			     all(raw, n));
	if (err == 0)
		err = db_del(s->db, DB_ENTRY, key, PLACE_SIZE);
	feed->row.seq--;
	feed->row.tip = e.prev;
	return err;
}

static int cut_to(struct store *s, const struct pubkey *name, uint64_t limit,
		  bool is_kept)
{
	struct feed *feed;
	int err = feeds_hold(&s->feeds, &feed, name);

	if (err != 0 || feed->row.seq <= limit)
		return err == ERR_NOT_FOUND ? 0 : err;
	err = byid_merge(&s->byid, s->db);
	while (err == 0 && feed->row.counted > limit)
		err = count_down(s, feed);
	while (err == 0 && feed->row.seq > limit)
		err = take_out(s, feed, is_kept);
	feed->row.arrival = ++s->feeds.arrival;
	s->cuts++;
	if (err == 0)
		err = feeds_mark(&s->feeds, feed);
	return err;
}

int cut_apply(struct store *s)
{
	int err = 0;

	for (size_t i = 0; i < roster_limit_count(s->roster) && err == 0; i++) {
		const struct feed_limit *l = roster_limit_at(s->roster, i);
		struct feed_row row;
		uint64_t limit;

		if (feeds_find(&s->feeds, &row, &l->feed) != 0)
			continue;
		err = belongs(s, &limit, &row, l);
		if (err == 0)
			err = cut_to(s, &l->feed, limit, true);
	}
	return err;
}

static int cut_and_settle(struct store *s, const struct pubkey *name,
			  uint64_t limit, bool is_kept)
{
	struct pubkey feed = *name;
	int err = cut_to(s, &feed, limit, is_kept);

	if (err == 0)
		err = standing_disturb(s);
	if (err != 0)
		return err;
	roster_cut(s->roster, &feed, limit);
	s->roster_moved = true;
	return standing_settle(s);
}

int cut_back(struct store *s, const struct feed_limit *l)
{
	return cut_and_settle(s, &l->feed, l->fork - 1, true);
}

uint64_t store_cuts(const struct store *s)
{
	return s->cuts;
}

int store_take_back(struct store *s, const struct pubkey *feed, uint64_t from)
{
	int err = store_may_write(s);

	if (err == 0 && (s->roster == NULL || from == 0))
		err = ERR_STATE;
	if (err != 0)
		return err;
	return store_spoil(s, cut_and_settle(s, feed, from - 1, false));
}

/* The ids of a chain that stands aside, newest first. */
struct chain {
	struct id *id;
	size_t n, max;
};

static int get_aside(struct store *s, struct span *raw, uint32_t no,
		     uint64_t seq, const struct id *id)
{
	uint8_t key[ASIDE_KEY_SIZE];

	aside_key(key, (struct place){ no, seq }, id);
	return db_get(s->db, DB_ASIDE, key, sizeof(key), raw);
}

/* Does the chain that l names stand aside, down to what is held?
 * ERR_NOT_FOUND when not. */
static int find_chain(struct store *s, struct chain *c,
		      const struct feed_row *row, const struct feed_limit *l)
{
	struct id want = l->tip;

	for (uint64_t seq = l->limit; seq > row->seq; seq--) {
		struct span raw;
		struct entry e;
		int err = get_aside(s, &raw, row->no, seq, &want);

		if (err == 0)
			err = entry_decode(&e, raw.p, raw.n);
		if (err == 0)
			err = grow(&c->id, &c->max, c->n, sizeof(*c->id));
		if (err != 0)
			return err;
		c->id[c->n++] = want;
		want = e.prev;
	}
	return id_eq(&want, &row->tip) ? 0 : ERR_NOT_FOUND;
}

static int bring_back(struct store *s, const struct chain *c,
		      const struct feed_row *row)
{
	uint8_t raw[LIMIT_ENTRY], key[ASIDE_KEY_SIZE];
	uint64_t seq = row->seq;
	int err = 0;

	for (size_t i = c->n; i > 0 && err == 0; i--) {
		const struct id *id = &c->id[i - 1];
		struct span value;
		struct entry e;

		err = get_aside(s, &value, row->no, ++seq, id);
		if (err != 0)
			break;
		memcpy(raw, value.p, value.n);
		err = entry_decode(&e, raw, value.n);
		if (err == 0)
			err = store_append(s, &e, id);
		aside_key(key, (struct place){ row->no, seq }, id);
		if (err == 0)
			err = db_del(s->db, DB_ASIDE, key, sizeof(key));
	}
	return err;
}

static int restore_one(struct store *s, bool *any, const struct feed_limit *l)
{
	struct chain c = { .id = NULL };
	struct feed_row row;
	int err = feeds_find(&s->feeds, &row, &l->feed);

	if (err != 0 || row.seq >= l->limit || id_is_zero(&l->tip))
		return err == ERR_NOT_FOUND ? 0 : err;
	err = find_chain(s, &c, &row, l);
	if (err == 0) {
		err = bring_back(s, &c, &row);
		s->cuts++;
	}
	*any = *any || err == 0;
	free(c.id);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int cut_restore(struct store *s, bool *any)
{
	int err = 0;

	*any = false;
	for (size_t i = 0; i < roster_limit_count(s->roster) && err == 0; i++) {
		const struct feed_limit l = *roster_limit_at(s->roster, i);

		err = restore_one(s, any, &l);
	}
	return err;
}
