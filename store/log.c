#include "store/log.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/count.h"
#include "store/cut.h"
#include "store/index.h"
#include "store/standing.h"
#include "store/view.h"

#include <string.h>

static struct span entry_key(uint8_t out[static PLACE_SIZE], struct place at)
{
	place_encode(out, at);
	return (struct span){ out, PLACE_SIZE };
}

/* An entry for a place that is taken: the same again, or a fork. */
static int compare_held(struct store *s, const struct feed *feed,
			const struct entry *e)
{
	struct entry held;
	int err = view_entry(s, &held, &feed->row, e->seq);

	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	if (held.raw_n == e->raw_n && memcmp(held.raw, e->raw, e->raw_n) == 0)
		return ERR_EXISTS;
	return ERR_CONFLICT;
}

static int begin_feed(struct store *s, struct feed **out, const struct entry *e,
		      const struct id *id)
{
	struct pubkey identity;
	int err = entry_follows(e, 0, &s->network);

	if (err == 0 && cut_refuses(s, e, id))
		err = ERR_CONFLICT;
	if (err == 0)
		err = standing_opens(s, &identity, e, id);
	if (err == 0)
		err = feeds_new(&s->feeds, out, &e->feed);
	if (err == 0)
		(*out)->row.identity = identity;
	return err;
}

/* A feed that was cut before its first entry, of which one was named. */
static int begin_again(struct store *s, struct feed *feed,
		       const struct entry *e, const struct id *id)
{
	struct pubkey identity;
	int err = entry_follows(e, 0, &s->network);

	if (err == 0 && cut_refuses(s, e, id))
		err = ERR_CONFLICT;
	if (err == 0)
		err = standing_opens(s, &identity, e, id);
	if (err == 0)
		feed->row.identity = identity;
	return err;
}

static int find_place(struct store *s, struct feed **out, const struct entry *e,
		      const struct id *id)
{
	int err = feeds_hold(&s->feeds, out, &e->feed);

	if (err == 0 && e->seq <= (*out)->row.seq)
		return compare_held(s, *out, e);
	if (err == 0 && (*out)->row.seq > 0)
		err = entry_follows(e, (*out)->row.seq, &(*out)->row.tip);
	else if (err == ERR_NOT_FOUND)
		return begin_feed(s, out, e, id);
	else if (err == 0)
		err = begin_again(s, *out, e, id);
	if (err == 0 && cut_refuses(s, e, id))
		err = ERR_CONFLICT;
	return err;
}

/* The row of the feed that e continues, or begins. */
static int find_feed(struct store *s, struct feed **out, const struct entry *e,
		     const struct id *id)
{
	int err = find_place(s, out, e, id);

	/* What waits may say that it belongs to the feed all the same. */
	if (err != ERR_CONFLICT || (s->pending_n == 0 && !s->limits_moved))
		return err;
	err = standing_settle(s);
	return err == 0 ? find_place(s, out, e, id) : err;
}

static int put_row(void *arg, enum db_table table, struct span key,
		   struct span value)
{
	struct store *s = arg;

	if (table == DB_ID)
		return 0;
	if (table == DB_REF)
		targets_add(&s->targets, key.p, key.p[HALF_SIZE]);
	return db_put(s->db, table, key, value);
}

/* The rows that an entry makes; the one by its id waits. */
static int put_rows(struct store *s, const struct indexed *x)
{
	const struct place at = { x->feed->no, x->entry->seq };
	int err = 0;

	if (index_has_id(x->entry->kind))
		err = byid_add(&s->byid, s->db, x->id, at);
	return err == 0 ? index_rows(x, put_row, s) : err;
}

static int put_entry(struct store *s, const struct feed *feed,
		     const struct entry *e)
{
	uint8_t buf[PLACE_SIZE];
	struct span key =
		entry_key(buf, (struct place){ feed->row.no, e->seq });
	struct span raw = { e->raw, e->raw_n };
	int err = ERR_EXISTS;

	if (s->is_refilled)
		return 0;
	/* Whole feeds usually come one after the other, so the newest feed's
	 * entries go behind all others, into full pages. */
	if (feed->row.no == s->feeds.last_no)
		err = db_append(s->db, DB_ENTRY, key, raw);
	if (err == ERR_EXISTS)
		err = db_put(s->db, DB_ENTRY, key, raw);
	return err;
}

/* The record in e, when it is one: true and filled. */
static bool read_record(struct book_record *out, const struct entry *e,
			const struct id *id, const struct feed *feed)
{
	const struct kind_rule *rule = kind_rule(e->kind);

	if (rule == NULL || !rule->is_recorded ||
	    record_decode(&out->rec, e->kind, e->facts, e->facts_n) != 0)
		return false;
	out->id = *id;
	out->feed = e->feed;
	out->seq = e->seq;
	out->author = feed->row.identity;
	out->time_ms = e->time_ms;
	return true;
}

static int append(struct store *s, const struct entry *e, const struct id *id)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct book_record rec;
	struct indexed x = { .entry = e, .id = id };
	struct feed *feed;
	bool is_record;
	int err = find_feed(s, &feed, e, id);

	if (err == 0)
		err = targets_grow(&s->targets, s->db);
	if (err == 0)
		err = put_entry(s, feed, e);
	if (err != 0)
		return err;
	is_record = read_record(&rec, e, id, feed);
	x.rec = is_record ? &rec.rec : NULL;
	x.feed = &feed->row;
	err = put_rows(s, &x);
	if (err != 0)
		return err;
	feed->row.seq = e->seq;
	feed->row.tip = *id;
	feed->row.arrival = ++s->feeds.arrival;
	err = feeds_mark(&s->feeds, feed);
	if (err == 0 && rule != NULL &&
	    (rule->is_roster || e->kind == KIND_ATTEST ||
	     e->kind == KIND_CHECKPOINT))
		err = standing_take(s, (struct place){ feed->row.no, e->seq },
				    e, id);
	if (err == 0)
		err = standing_follow(s, feed, is_record ? &rec : NULL);
	return err;
}

int store_append(struct store *s, const struct entry *e, const struct id *id)
{
	int err = store_may_write(s);

	if (err == 0 && s->roster == NULL)
		err = ERR_STATE;
	return err == 0 ? store_spoil(s, append(s, e, id)) : err;
}

void store_certified(struct store *s, const struct id *id)
{
	s->certified = *id;
}

static struct head to_head(const struct feed_row *row)
{
	return (struct head){ .feed = row->feed,
			      .no = row->no,
			      .seq = row->seq,
			      .id = row->tip,
			      .arrival = row->arrival,
			      .counted = row->counted };
}

int store_head(struct store *s, const struct pubkey *feed, struct head *out)
{
	struct feed_row row;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (err == 0 && row.seq == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		*out = to_head(&row);
	db_unpin(s->db);
	return err;
}

int store_head_at(struct store *s, uint32_t no, struct head *out)
{
	struct feed_row row;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find_no(&s->feeds, &row, no);
	if (err == 0)
		*out = to_head(&row);
	db_unpin(s->db);
	return err;
}

static int take_name(void *arg, struct span key, struct span value)
{
	struct span *found = arg;

	(void)value;
	if (found->p != NULL)
		return ERR_CONFLICT;
	if (key.n != KEY_SIZE)
		return ERR_FORMAT;
	*found = key;
	return 0;
}

int store_feed_named(struct store *s, struct pubkey *out, const void *beginning,
		     size_t n)
{
	struct span found = { NULL, 0 };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, DB_NAME, (struct span){ beginning, n }, take_name,
		      &found);
	if (err == 0 && found.p == NULL)
		err = ERR_NOT_FOUND;
	if (err == 0)
		memcpy(out->b, found.p, KEY_SIZE);
	db_unpin(s->db);
	return err;
}

struct heads {
	struct store *s;
	bool with_empty; /* those that were cut before their first entry */
	head_visit *visit;
	void *arg;
};

/* Rows of both tables that lead to feeds have the number as their value. */
static int show_head(void *arg, struct span key, struct span value)
{
	struct heads *h = arg;
	struct feed_row row;
	struct head head;
	uint32_t no;
	int err = no_decode(&no, value);

	(void)key;
	if (err == 0)
		err = feeds_find_no(&h->s->feeds, &row, no);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	if (row.seq == 0 && !h->with_empty)
		return 0;
	head = to_head(&row);
	return h->visit(h->arg, &head);
}

int store_heads(struct store *s, head_visit *visit, void *arg)
{
	struct heads h = { s, false, visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, DB_NAME, (struct span){ NULL, 0 }, show_head, &h);
	db_unpin(s->db);
	return err;
}

static int show_since(struct heads *h, uint64_t since)
{
	struct db_walk walk;
	uint8_t start[8];
	int err = db_walk_open(h->s->db, &walk, DB_ARRIVAL);

	be64_put(start, since + 1);
	if (err == 0)
		err = db_walk_seek(&walk, start, sizeof(start));
	while (err == 0) {
		int stop = show_head(h, walk.key, walk.value);

		if (stop != 0) {
			db_walk_close(&walk);
			return stop;
		}
		err = db_walk_next(&walk);
	}
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int store_heads_since(struct store *s, uint64_t since, head_visit *visit,
		      void *arg)
{
	struct heads h = { s, true, visit, arg };
	int err = 0;

	if (since == UINT64_MAX)
		return 0;
	if (s->in_batch) {
		if (db_is_pinned(s->db))
			return ERR_STATE;
		err = store_may_write(s);
		if (err == 0)
			err = store_spoil(s, feeds_flush(&s->feeds));
	}
	if (err == 0)
		err = db_pin(s->db);
	if (err != 0)
		return err;
	err = show_since(&h, since);
	db_unpin(s->db);
	return err;
}

int store_arrival(struct store *s, uint64_t *out)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_newest(&s->feeds, out);
	db_unpin(s->db);
	return err;
}
