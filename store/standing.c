#include "store/standing.h"

#include "crypto/err.h"
#include "proto/charter.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"
#include "store/count.h"
#include "store/cut.h"
#include "store/keychange.h"
#include "store/ranks.h"
#include "store/view.h"

#include <stdlib.h>
#include <string.h>

struct loading {
	struct store *s;
	struct roster *roster;
	bool is_damaged;
};

static int load_one(void *arg, struct span key, struct span value)
{
	struct loading *l = arg;
	struct feed_row feed;
	struct place at;
	struct entry e;
	struct id id;
	bool changed;
	int err = place_decode(&at, key);

	(void)value;
	if (err == 0)
		err = feeds_find_no(&l->s->feeds, &feed, at.no);
	if (err == 0)
		err = view_entry(l->s, &e, &feed, at.seq);
	if (err == ERR_NOT_FOUND || err == ERR_FORMAT) {
		l->is_damaged = true;
		return 0;
	}
	if (err != 0)
		return err;
	id = entry_id(&e);
	return roster_readd(l->roster, &changed, &e, &id);
}

int standing_load(struct store *s)
{
	struct loading l = { .s = s };
	uint64_t rows = 0;
	int err;

	if (!s->has_network) {
		roster_close(s->roster);
		s->roster = NULL;
		s->roster_rows = 0;
		return 0;
	}
	err = roster_open(&l.roster, &s->network);
	if (err == 0)
		err = db_rows(s->db, DB_ROSTER, &rows);
	if (err == 0)
		err = db_each(s->db, DB_ROSTER, (struct span){ NULL, 0 },
			      load_one, &l);
	if (err == 0)
		err = cut_load(s, l.roster, &l.is_damaged);
	if (err == 0)
		err = roster_solve(l.roster);
	if (err == 0)
		err = keychange_load(s, l.roster, &l.is_damaged);
	if (err != 0) {
		roster_close(l.roster);
		return err;
	}
	roster_close(s->roster);
	s->roster = l.roster;
	s->roster_rows = rows;
	s->is_damaged = l.is_damaged;
	s->epoch++;
	return 0;
}

/* Is it a founder's `open` that brings the charter we wait for? */
static bool brings_charter(const struct store *s, const struct record *rec,
			   const struct pubkey *identity)
{
	const struct value *v = &rec->v[FACT_CHARTER];
	struct charter charter;
	struct id id;

	if (!record_has(rec, FACT_CHARTER) || roster_charter(s->roster) != NULL)
		return false;
	id = hash_id(v->p, v->n);
	if (!id_eq(&id, &s->network) ||
	    charter_decode(&charter, v->p, v->n) != 0)
		return false;
	for (size_t i = 0; i < charter.founders_n; i++)
		if (pubkey_eq(&charter.founders[i].identity, identity))
			return true;
	return false;
}

static int add(struct store *s, bool *changed, const struct entry *e,
	       const struct id *id)
{
	s->roster_moved = true;
	s->epoch++;
	return id_eq(id, &s->certified)
		       ? roster_readd(s->roster, changed, e, id)
		       : roster_add(s->roster, changed, e, id);
}

/* One delivery, or one paper for any, that may be graded anew. */
static int touch_sent(void *arg, struct span key, struct span value)
{
	struct store *s = arg;
	struct book_record rec;
	struct feed_row feed;
	struct place at;
	int err;

	(void)value;
	if (key.n != SENT_KEY_SIZE)
		return ERR_FORMAT;
	err = place_decode(&at, (struct span){ key.p + KEY_SIZE, PLACE_SIZE });
	if (err == 0)
		err = feeds_find_no(&s->feeds, &feed, at.no);
	if (err == 0 && at.seq <= feed.counted)
		err = view_load(s, &rec, &feed, at.seq, NULL);
	else if (err == 0)
		return 0;
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	return count_touch(s, &rec.id);
}

/* What a batch of roster entries may change. */
struct scope {
	bool is_deep;    /* standing of whole branches */
	bool is_rebuild; /* too much to take out one by one */
};

static int touch_all(struct store *s, struct scope *scope)
{
	uint64_t rows;
	int err = db_rows(s->db, DB_SENT, &rows);

	if (err == 0 && rows > s->regrade_max) {
		scope->is_rebuild = true;
		return 0;
	}
	if (err != 0)
		return err;
	return db_each(s->db, DB_SENT, (struct span){ NULL, 0 }, touch_sent, s);
}

/* What this entry may change.  The admission of somebody new who may not admit
 * others, or receipt keys, can change only what is sent to that member; what
 * else there is may move whole branches. */
static int look_at(struct store *s, struct scope *scope, const struct entry *e)
{
	struct record rec;
	struct pubkey who;

	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	who = record_key(&rec, FACT_WHO);
	if (e->kind != KIND_KEYS &&
	    (e->kind != KIND_ADMIT || record_uint(&rec, FACT_MAY_ADMIT) != 0 ||
	     record_has(&rec, FACT_REPLACES) ||
	     roster_member(s->roster, &who) != NULL)) {
		scope->is_deep = true;
		return 0;
	}
	return db_each(s->db, DB_SENT, (struct span){ who.b, KEY_SIZE },
		       touch_sent, s);
}

typedef int entry_step(struct store *s, struct scope *scope,
		       const struct entry *e);

static int add_step(struct store *s, struct scope *scope, const struct entry *e)
{
	struct id id = entry_id(e);
	bool changed;

	(void)scope;
	if (e->kind == KIND_ATTEST)
		return roster_attested(s->roster, &changed, e);
	if (e->kind == KIND_CHECKPOINT)
		return roster_checkpointed(s->roster, &changed, e);
	return add(s, &changed, e, &id);
}

/* Who is new is written down; when more has moved, everybody is. */
static int rank_step(struct store *s, struct scope *scope,
		     const struct entry *e)
{
	struct record rec;
	struct pubkey who;

	if (scope->is_deep || e->kind != KIND_ADMIT ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	who = record_key(&rec, FACT_WHO);
	return ranks_put(s, &who);
}

static int each_pending(struct store *s, struct scope *scope, entry_step *step)
{
	int err = 0;

	for (size_t i = 0; i < s->pending_n && err == 0; i++) {
		struct feed_row feed;
		struct entry e;

		err = feeds_find_no(&s->feeds, &feed, s->pending[i].no);
		if (err == 0)
			err = view_entry(s, &e, &feed, s->pending[i].seq);
		if (err == 0)
			err = step(s, scope, &e);
	}
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

/* PROTOCOL: A feed whose entry at the seq of its pin has another id than the
 * pin counts for nothing */
int standing_want(struct store *s, uint64_t *out, const struct feed_row *row)
{
	const struct roster_feed *rf = roster_feed(s->roster, &row->feed);
	uint64_t want = rf == NULL ? 0 : rf->counted_to;
	bool is_pinned = want > 0 && !id_is_zero(&rf->pin);
	struct id id = row->tip;
	struct entry e;
	int err = 0;

	if (is_pinned && want < row->seq) {
		err = view_entry(s, &e, row, want);
		if (err != 0)
			return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
		id = entry_id(&e);
	}
	if (want > row->seq)
		want = row->seq;
	else if (is_pinned && !id_eq(&id, &rf->pin))
		want = 0;
	*out = want;
	return 0;
}

/* Let a feed count up to `want`, entry by entry. */
static int follow(struct store *s, struct feed *feed, uint64_t want)
{
	int err = 0;

	while (err == 0 && feed->row.counted < want)
		err = count_up(s, feed, NULL, false);
	while (err == 0 && feed->row.counted > want)
		err = count_down(s, feed);
	return err;
}

static int recount_feed(struct store *s, const struct roster_feed *rf)
{
	struct feed_row row;
	struct feed *feed;
	uint64_t want;
	bool is_moved;
	int err = feeds_find(&s->feeds, &row, &rf->feed);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	is_moved = keychange_is_due(s, &row);
	err = standing_want(s, &want, &row);
	if (err != 0 || (want == row.counted && !is_moved))
		return err;
	err = feeds_hold(&s->feeds, &feed, &rf->feed);
	if (err == 0)
		err = is_moved ? follow(s, feed, 0) : 0;
	if (err == 0)
		err = keychange_feed(s, feed);
	return err == 0 ? follow(s, feed, want) : err;
}

static int recount(struct store *s)
{
	size_t n = roster_feed_count(s->roster);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		err = recount_feed(s, roster_feed_at(s->roster, i));
	return err;
}

int standing_rebuild(struct store *s)
{
	struct feed *feed;
	int err = 0;

	for (uint32_t no = 1; no <= s->feeds.last_no && err == 0; no++) {
		uint64_t want;

		err = feeds_hold_no(&s->feeds, &feed, no);
		feed->row.counted = 0; /* the book is made anew */
		if (err == 0)
			err = keychange_feed(s, feed);
		if (err == 0)
			err = standing_want(s, &want, &feed->row);
		if (err != 0)
			break;
		feed->row.counted = want;
		err = feeds_mark(&s->feeds, feed);
	}
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	return count_rebuild(s);
}

/* After the roster was added to: solve it, and let feeds count. */
static int resolve(struct store *s, const struct scope *scope)
{
	int err = roster_solve(s->roster);

	if (err == 0)
		err = cut_shrink(s);
	s->epoch++;
	s->is_moved = s->is_moved || scope->is_deep;
	if (err == 0)
		err = scope->is_rebuild ? standing_rebuild(s) : recount(s);
	return err == 0 ? cut_apply(s) : err;
}

int standing_disturb(struct store *s)
{
	struct scope scope = { true, false };
	int err = touch_all(s, &scope);

	s->must_rebuild = s->must_rebuild || scope.is_rebuild;
	s->limits_moved = true;
	return err;
}

static int settle_once(struct store *s)
{
	struct scope scope = { s->limits_moved, s->must_rebuild };
	bool is_damaged = false, has_rotate = s->has_rotate;
	int err = each_pending(s, &scope, look_at);

	if (err == 0 && scope.is_deep)
		err = touch_all(s, &scope);
	if (err == 0)
		err = each_pending(s, &scope, add_step);
	if (err == 0 && s->limits_moved) {
		s->roster_moved = true;
		err = cut_load(s, s->roster, &is_damaged);
	}
	if (err == 0 && is_damaged)
		err = ERR_FORMAT;
	s->limits_moved = s->must_rebuild = false;
	if (err == 0)
		err = resolve(s, &scope);
	if (err == 0 && !scope.is_deep)
		err = each_pending(s, &scope, rank_step);
	s->pending_n = 0;
	s->has_rotate = false;
	/* Who may end a feed has changed. */
	return err == 0 && has_rotate ? cut_opened(s) : err;
}

/* What a chain that was named brings back may change the roster again, of
 * members who are deeper; so it comes to an end. */
int standing_settle(struct store *s)
{
	bool again = s->pending_n > 0 || s->limits_moved;
	int err = 0;

	while (err == 0 && again) {
		err = settle_once(s);
		if (err == 0)
			err = cut_restore(s, &again);
		again = s->limits_moved || (again && s->pending_n > 0);
	}
	return err;
}

/* The charter places the founders: everything may change. */
static int take_charter(struct store *s, const struct entry *e,
			const struct id *id)
{
	struct scope scope = { true, false };
	bool changed;
	int err = touch_all(s, &scope);

	if (err == 0)
		err = add(s, &changed, e, id);
	return err == 0 ? resolve(s, &scope) : err;
}

int standing_opens(struct store *s, struct pubkey *identity,
		   const struct entry *e, const struct id *id)
{
	struct record rec;
	bool changed = false, is_own, is_first;
	int err = 0;

	if (e->kind != KIND_OPEN ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return ERR_DENIED;
	*identity = record_key(&rec, FACT_IDENTITY);
	is_own = s->has_own && pubkey_eq(&s->own, &e->feed);
	is_first = brings_charter(s, &rec, identity);
	if (!is_own && !is_first && !s->is_refilled &&
	    roster_member(s->roster, identity) == NULL) {
		err = standing_settle(s);
		if (err != 0)
			return err;
		if (roster_member(s->roster, identity) == NULL)
			return ERR_DENIED;
	}
	if (is_first)
		err = take_charter(s, e, id);
	else
		err = add(s, &changed, e, id);
	if (err == 0 && roster_feed(s->roster, &e->feed) == NULL)
		err = ERR_DENIED;
	if (err == 0 && changed)
		err = roster_solve(s->roster);
	if (err == 0)
		*identity = roster_feed(s->roster, &e->feed)->identity;
	return err == 0 ? cut_opened(s) : err;
}

static int wait(struct store *s, struct place at)
{
	if (s->pending_n == s->pending_max) {
		size_t max = s->pending_max == 0 ? 16 : s->pending_max * 2;
		struct place *p = realloc(s->pending, max * sizeof(*p));

		if (p == NULL)
			return ERR_NOMEM;
		s->pending = p;
		s->pending_max = max;
	}
	s->pending[s->pending_n++] = at;
	return 0;
}

int standing_take(struct store *s, struct place at, const struct entry *e,
		  const struct id *id)
{
	bool changed;

	if (e->kind == KIND_OPEN)
		return 0;
	if (e->kind == KIND_ADDRESS || e->kind == KIND_PARTY)
		return add(s, &changed, e, id);
	if (e->kind == KIND_ATTEST && !roster_has_forks(s->roster))
		return 0;
	if (e->kind == KIND_END)
		return cut_end(s, e);
	if (e->kind == KIND_CHECKPOINT && !keychange_awaits(s, e))
		return 0;
	if (e->kind == KIND_ROTATE || e->kind == KIND_CHECKPOINT)
		s->has_rotate = true;
	return wait(s, at);
}

int standing_follow(struct store *s, struct feed *feed,
		    const struct book_record *hot)
{
	struct feed_row *row = &feed->row;
	uint64_t want;
	int err;

	/* Nearly all feeds are somebody's in good standing. */
	if (feed->epoch != s->epoch) {
		const struct roster_feed *rf =
			roster_feed(s->roster, &row->feed);

		feed->is_all = rf != NULL && rf->counted_to == UINT64_MAX;
		feed->epoch = s->epoch;
	}
	want = row->seq;
	if (!feed->is_all) {
		err = standing_want(s, &want, row);
		if (err != 0)
			return err;
	}
	if (want == row->seq && row->counted + 1 == want)
		return count_up(s, feed, hot, true);
	return follow(s, feed, want);
}

void standing_forget(struct store *s)
{
	free(s->pending);
	s->pending = NULL;
	s->pending_n = s->pending_max = 0;
	s->has_rotate = false;
}
