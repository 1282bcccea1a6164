#include "store/recent.h"

#include "crypto/err.h"
#include "proto/roster/roster_limit.h"
#include "store/recent_priv.h"
#include "store/state.h"

#include <string.h>

static struct span key_of(uint8_t out[static NO_SIZE], uint32_t no)
{
	no_encode(out, no);
	return (struct span){ out, NO_SIZE };
}

/* The seq of a run's newest entry. */
static uint64_t end_of(const struct run *run)
{
	return run->from + run->count - 1;
}

static int decode(struct run *out, struct span value)
{
	int err = value.n > RECENT_BYTES ? ERR_LIMIT
					 : run_decode(out, value.p, value.n);

	if (err == 0 && out->count > RECENT_MAX)
		err = ERR_LIMIT;
	return err == ERR_LIMIT ? ERR_FORMAT : err;
}

/* What is kept under a number, lent.  ERR_NOT_FOUND; ERR_FORMAT, and then it
 * is of no use to anybody. */
static int look(struct db *db, struct run *out, uint32_t no)
{
	uint8_t buf[NO_SIZE];
	struct span key = key_of(buf, no), value;
	int err = db_get(db, DB_RECENT, key.p, key.n, &value);

	return err == 0 ? decode(out, value) : err;
}

/* May a run of this feed that ends at seq stand? */
static int judge(const struct store *s, const struct feed_row *row,
		 uint64_t seq)
{
	const struct feed_limit *l = roster_limit(s->roster, &row->feed);

	if (roster_member(s->roster, &row->identity) == NULL ||
	    (s->has_own && pubkey_eq(&s->own, &row->feed)))
		return ERR_DENIED;
	return l != NULL && seq > l->limit ? ERR_CONFLICT : 0;
}

/* Write those of the entries from at[i] on; *n bytes. */
static int write_run(uint8_t out[static RECENT_BYTES], size_t *n,
		     const struct run_entry *at, size_t at_n, size_t i)
{
	struct run_writer w;
	int err = 0;

	run_writer_init(&w, out, RECENT_BYTES, &at[0].entry.feed);
	for (; i < at_n && err == 0; i++)
		err = run_writer_add(&w, at[i].entry.raw, at[i].entry.raw_n);
	return err == 0 ? run_writer_end(&w, n) : err;
}

/* The newest of the entries that fit. */
static int write_newest(uint8_t out[static RECENT_BYTES], size_t *n,
			const struct run_entry *at, size_t at_n)
{
	size_t i = at_n > RECENT_MAX ? at_n - RECENT_MAX : 0;
	int err = ERR_LIMIT;

	for (; i < at_n && err == ERR_LIMIT; i++)
		err = write_run(out, n, at, at_n, i);
	return err;
}

static int put(struct store *s, const struct run_entry *at, size_t n)
{
	uint8_t buf[NO_SIZE], bytes[RECENT_BYTES];
	uint64_t end = at[n - 1].entry.seq;
	struct span value = { bytes, 0 };
	struct feed_row row;
	struct run kept;
	int err = feeds_find(&s->feeds, &row, &at[0].entry.feed);

	if (err == ERR_NOT_FOUND || (err == 0 && row.seq == 0))
		return ERR_DENIED;
	if (err == 0 && end <= row.seq)
		return ERR_EXISTS;
	if (err == 0)
		err = judge(s, &row, end);
	if (err != 0)
		return err;
	err = look(s->db, &kept, row.no);
	if (err == 0 && end <= end_of(&kept))
		return ERR_EXISTS;
	if (err != 0 && err != ERR_NOT_FOUND && err != ERR_FORMAT)
		return err;
	err = write_newest(bytes, &value.n, at, n);
	return err == 0 ? db_put(s->db, DB_RECENT, key_of(buf, row.no), value)
			: err;
}

int store_recent_put(struct store *s, const struct run_entry *at, size_t n)
{
	int err = store_may_write(s);

	if (err == 0 && s->roster == NULL)
		err = ERR_STATE;
	if (err != 0)
		return err;
	err = put(s, at, n);
	return err == ERR_LIMIT ? err : store_spoil(s, err);
}

int store_recent(struct store *s, struct run *out, const struct pubkey *feed,
		 uint8_t buf[static RECENT_BYTES])
{
	struct feed_row row;
	struct run run;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (err == 0)
		err = look(s->db, &run, row.no);
	if (err == 0) {
		memcpy(buf, run.tails, run.tails_n);
		run.tails = buf;
		*out = run;
	}
	db_unpin(s->db);
	return err;
}

static int drop(struct db *db, uint32_t no)
{
	uint8_t buf[NO_SIZE];
	struct span key = key_of(buf, no);
	int err = db_del(db, DB_RECENT, key.p, key.n);

	return err == ERR_NOT_FOUND ? 0 : err;
}

int store_recent_drop(struct store *s, const struct pubkey *feed)
{
	struct feed_row row;
	int err = store_may_write(s);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (err == ERR_NOT_FOUND)
		return 0;
	return store_spoil(s, err == 0 ? drop(s->db, row.no) : err);
}

struct showing {
	recent_visit *visit;
	void *arg;
};

static int show(void *arg, struct span key, struct span value)
{
	struct showing *x = arg;
	struct run run;
	int err = decode(&run, value);

	(void)key;
	return err == 0 ? x->visit(x->arg, &run) : err;
}

int store_recent_each(struct store *s, recent_visit *visit, void *arg)
{
	struct showing x = { visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, DB_RECENT, (struct span){ NULL, 0 }, show, &x);
	db_unpin(s->db);
	return err;
}

int store_recent_count(struct store *s, uint64_t *out)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_rows(s->db, DB_RECENT, out);
	db_unpin(s->db);
	return err;
}

int recent_passed(struct db *db, uint32_t no, uint64_t seq)
{
	uint64_t rows;
	struct run run;
	int err = db_rows(db, DB_RECENT, &rows);

	if (err != 0 || rows == 0)
		return err;
	err = look(db, &run, no);
	if (err == ERR_NOT_FOUND || (err == 0 && seq > 0 && seq < end_of(&run)))
		return 0;
	return err == 0 || err == ERR_FORMAT ? drop(db, no) : err;
}

/* The first run after number *no that may not stand.  ERR_NOT_FOUND. */
static int find_fallen(struct store *s, uint32_t *no)
{
	uint8_t buf[NO_SIZE];
	struct span start = key_of(buf, *no + 1);
	struct db_walk walk;
	struct feed_row row;
	struct run run;
	int err = db_walk_open(s->db, &walk, DB_RECENT);

	if (err == 0)
		err = db_walk_seek(&walk, start.p, start.n);
	for (; err == 0; err = db_walk_next(&walk)) {
		err = no_decode(no, walk.key);
		if (err != 0 || decode(&run, walk.value) != 0 ||
		    feeds_find_no(&s->feeds, &row, *no) != 0 ||
		    judge(s, &row, end_of(&run)) != 0)
			break;
	}
	db_walk_close(&walk);
	return err;
}

int recent_settle(struct store *s)
{
	uint32_t no = 0;
	int err = 0;

	if (s->recent_epoch == s->epoch || s->roster == NULL)
		return 0;
	while (err == 0) {
		err = find_fallen(s, &no);
		if (err == 0)
			err = drop(s->db, no);
	}
	if (err != ERR_NOT_FOUND)
		return err;
	s->recent_epoch = s->epoch;
	return 0;
}
