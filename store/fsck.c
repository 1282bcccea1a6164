#include "store/fsck.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/fsck_priv.h"
#include "store/index.h"
#include "store/view.h"

#include <string.h>

/* Entries between two calls of progress; a signature takes 60 microseconds. */
enum { PROGRESS_EVERY = 256 };

static const char *const whats[] = {
	[FSCK_ENTRY] = "an entry is missing or not canonical",
	[FSCK_CHAIN] = "an entry does not follow the one before",
	[FSCK_SIGNATURE] = "no valid signature stands for an entry",
	[FSCK_HEAD] = "the row of a feed is not what its entries say",
	[FSCK_INDEX] = "an index row is missing, wrong or too many",
	[FSCK_ARRIVAL] = "the arrival order is not one row a feed",
	[FSCK_COUNT] = "a feed counts further, or less far, than it may",
	[FSCK_PROOF] = "a proof or a disputed entry is not what its place says",
	[FSCK_RECENT] = "recent entries are not what their place says",
	[FSCK_BOOK] = "a balance is not the sum of its postings",
	[FSCK_SUM] = "a sum of an association, or of all, does not add up",
	[FSCK_PRIVATE] = "a private row that no key opens",
};

const char *fsck_what_text(enum fsck_what what)
{
	return whats[what];
}

void fsck_say(struct fsck *f, enum fsck_what what, const struct pubkey *feed,
	      uint64_t seq)
{
	struct fsck_problem p = { .what = what, .seq = seq };

	if (feed != NULL)
		p.feed = *feed;
	f->report.problems++;
	if (f->hooks != NULL && f->hooks->problem != NULL)
		f->hooks->problem(f->hooks->arg, &p);
}

/* One feed while its entries are walked. */
struct feed_check {
	struct fsck *f;
	const struct feed_row *row;
	struct id prev;
	uint64_t unsigned_from; /* first seq that waits for a signature, or 0 */
	bool is_index_bad;      /* said already */
};

/* The row that stands under a key, in whichever table; buf holds a place. */
static int held_row(struct fsck *f, struct span *held, enum db_table table,
		    struct span key, uint8_t buf[static PLACE_SIZE])
{
	struct id id = { { 0 } };
	struct place at;
	bool is_sure;
	int err;

	if (table != DB_ID)
		return db_get(f->s->db, table, key.p, key.n, held);
	memcpy(id.b, key.p, HALF_SIZE);
	err = byid_find(&f->s->byid, f->s->db, &at, &is_sure, &id);
	if (err != 0)
		return err == ERR_FORMAT ? ERR_NOT_FOUND : err;
	place_encode(buf, at);
	*held = (struct span){ buf, PLACE_SIZE };
	return 0;
}

/* Is the row that an entry should have made there? */
static int check_row(void *arg, enum db_table table, struct span key,
		     struct span value)
{
	struct feed_check *c = arg;
	uint8_t buf[PLACE_SIZE];
	struct span held;
	int err = held_row(c->f, &held, table, key, buf);

	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	if (err == 0 && held.n == value.n &&
	    (value.n == 0 || memcmp(held.p, value.p, value.n) == 0)) {
		c->f->expected[table]++;
		return 0;
	}
	/* Of two ids with one half the first keeps the row. */
	if (err == 0 && table == DB_ID && fsck_id_is_shared(c->f, key, held))
		return 0;
	c->is_index_bad = true;
	return 0;
}

static int check_index(struct feed_check *c, const struct entry *e,
		       const struct id *id)
{
	const struct kind_rule *rule = kind_rule(e->kind);
	struct indexed x = { .entry = e, .id = id, .feed = c->row };
	bool was_bad = c->is_index_bad;
	struct record rec;
	int err;

	if (rule != NULL && rule->is_recorded &&
	    record_decode(&rec, e->kind, e->facts, e->facts_n) == 0)
		x.rec = &rec;
	err = index_rows(&x, check_row, c);
	if (err == 0 && c->is_index_bad && !was_bad)
		fsck_say(c->f, FSCK_INDEX, &c->row->feed, e->seq);
	return err;
}

/* What is wrong with the entry at seq: 0, ERR_NOT_FOUND after having said so,
 * or trouble. */
static int check_entry(struct feed_check *c, uint64_t seq)
{
	struct fsck *f = c->f;
	struct entry e;
	struct id id;
	int err = view_entry(f->s, &e, c->row, seq);

	if (err == ERR_NOT_FOUND || err == ERR_FORMAT) {
		fsck_say(f, FSCK_ENTRY, &c->row->feed, seq);
		return ERR_NOT_FOUND;
	}
	if (err != 0)
		return err;
	f->report.entries++;
	if (entry_follows(&e, seq - 1, &c->prev) != 0) {
		fsck_say(f, FSCK_CHAIN, &c->row->feed, seq);
		return ERR_NOT_FOUND;
	}
	if (entry_verify(&e) == 0) {
		if (c->unsigned_from != 0)
			f->report.covered += seq - c->unsigned_from;
		c->unsigned_from = 0;
	} else if (c->unsigned_from == 0) {
		c->unsigned_from = seq;
	}
	if (c->unsigned_from != 0 &&
	    (seq == c->row->seq || seq % SIGNED_EVERY == 0)) {
		fsck_say(f, FSCK_SIGNATURE, &c->row->feed, c->unsigned_from);
		return ERR_NOT_FOUND;
	}
	id = entry_id(&e);
	c->prev = id;
	return check_index(c, &e, &id);
}

static int tell_progress(struct fsck *f)
{
	f->done++;
	if (f->hooks == NULL || f->hooks->progress == NULL ||
	    (f->done % PROGRESS_EVERY != 0 && f->done < f->total))
		return 0;
	return f->hooks->progress(f->hooks->arg, f->done, f->total);
}

static int check_entries(struct feed_check *c)
{
	int err = 0;

	for (uint64_t seq = 1; seq <= c->row->seq && err == 0; seq++) {
		err = check_entry(c, seq);
		if (err == 0)
			err = tell_progress(c->f);
	}
	if (err == ERR_NOT_FOUND) {
		c->f->is_holed = true;
		return 0;
	}
	if (err == 0 && !id_eq(&c->prev, &c->row->tip))
		fsck_say(c->f, FSCK_HEAD, &c->row->feed, c->row->seq);
	return err;
}

/* Do the tables that lead to a feed lead to this one? */
static int check_ways(struct fsck *f, const struct feed_row *row)
{
	uint8_t no[NO_SIZE], key[8];
	struct span held;
	int err = db_get(f->s->db, DB_NAME, row->feed.b, KEY_SIZE, &held);

	no_encode(no, row->no);
	if (err == ERR_NOT_FOUND ||
	    (err == 0 &&
	     (held.n != NO_SIZE || memcmp(held.p, no, NO_SIZE) != 0)))
		fsck_say(f, FSCK_HEAD, &row->feed, row->seq);
	else if (err != 0)
		return err;
	be64_put(key, row->arrival);
	err = db_get(f->s->db, DB_ARRIVAL, key, sizeof(key), &held);
	if (err == ERR_NOT_FOUND ||
	    (err == 0 &&
	     (held.n != NO_SIZE || memcmp(held.p, no, NO_SIZE) != 0)))
		fsck_say(f, FSCK_ARRIVAL, &row->feed, row->seq);
	else if (err != 0)
		return err;
	return 0;
}

static int check_feed(void *arg, struct span key, struct span value)
{
	struct fsck *f = arg;
	struct feed_row row;
	struct feed_check c = { .f = f, .row = &row, .prev = f->s->network };
	uint64_t want;
	uint32_t no;
	int err;

	f->report.feeds++;
	if (no_decode(&no, key) != 0 || no != f->report.feeds ||
	    feed_row_decode(&row, no, value) != 0) {
		fsck_say(f, FSCK_HEAD, NULL, 0);
		f->is_holed = true;
		return 0;
	}
	f->rows += row.seq;
	err = check_ways(f, &row);
	if (err == 0)
		err = check_entries(&c);
	if (err != 0)
		return err;
	err = fsck_want(f, &want, &row);
	if (err == 0 && want != row.counted)
		fsck_say(f, FSCK_COUNT, &row.feed, row.counted);
	return err;
}

static int check_private(void *arg, struct span key, struct span value)
{
	struct fsck *f = arg;
	int err = private_check(f->s, key, value);

	f->report.rows++;
	if (err == ERR_FORMAT)
		fsck_say(f, FSCK_PRIVATE, NULL, 0);
	return err == ERR_FORMAT ? 0 : err;
}

static int count_rows(struct fsck *f, enum db_table table, uint64_t *out)
{
	int err = table == DB_ID ? byid_rows(f->s->db, out)
				 : db_rows(f->s->db, table, out);

	if (err != ERR_FORMAT)
		return err;
	fsck_say(f, FSCK_INDEX, NULL, 0);
	*out = 0;
	return 0;
}

/* As many rows as there should be, and no more. */
static int check_numbers(struct fsck *f)
{
	static const struct {
		enum db_table table;
		enum fsck_what what;
	} tables[] = {
		{ DB_NAME, FSCK_HEAD },       { DB_ENTRY, FSCK_ENTRY },
		{ DB_ARRIVAL, FSCK_ARRIVAL }, { DB_ID, FSCK_INDEX },
		{ DB_ROSTER, FSCK_INDEX },    { DB_REF, FSCK_INDEX },
		{ DB_KEY, FSCK_INDEX },       { DB_SENT, FSCK_INDEX },
		{ DB_ITEM, FSCK_INDEX },      { DB_KIND, FSCK_INDEX },
	};
	int err = 0;

	f->expected[DB_NAME] = f->report.feeds;
	f->expected[DB_ARRIVAL] = f->report.feeds;
	f->expected[DB_ENTRY] = f->rows;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && err == 0;
	     i++) {
		uint64_t n;

		err = count_rows(f, tables[i].table, &n);
		if (err != 0)
			break;
		f->report.rows += n;
		/* Behind a hole rows cannot be told from too many. */
		if (n > f->expected[tables[i].table] && !f->is_holed)
			fsck_say(f, tables[i].what, NULL, 0);
	}
	return err;
}

static int check_all(struct fsck *f)
{
	struct span all = { NULL, 0 };
	int err = db_rows(f->s->db, DB_ENTRY, &f->total);

	/* What of the runs is damaged shows entry by entry. */
	if (err == 0)
		err = byid_load(&f->s->byid, f->s->db);
	if (err == 0 || err == ERR_FORMAT)
		err = db_each(f->s->db, DB_FEED, all, check_feed, f);
	byid_forget(&f->s->byid);
	if (err == 0)
		err = check_numbers(f);
	if (err == 0)
		err = fsck_cut(f);
	if (err == 0)
		err = fsck_recent(f);
	if (err == 0)
		err = fsck_book(f);
	if (err == 0)
		err = db_each(f->s->db, DB_PRIVATE, all, check_private, f);
	return err;
}

int store_fsck(struct store *s, struct fsck_report *out,
	       const struct fsck_hooks *hooks)
{
	struct fsck f = { .s = s, .hooks = hooks };
	int err;

	if (s->in_batch)
		return ERR_STATE;
	err = db_pin(s->db);
	if (err != 0)
		return err;
	err = store_refresh(s);
	if (err == 0)
		err = check_all(&f);
	db_unpin(s->db);
	if (err == 0)
		*out = f.report;
	return err;
}
