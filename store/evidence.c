#include "store/evidence.h"

#include "crypto/err.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"
#include "store/cut.h"
#include "store/standing.h"
#include "store/view.h"

#include <stdlib.h>
#include <string.h>

static struct span all(const uint8_t *p, size_t n)
{
	return (struct span){ p, n };
}

/* Is it about a member's feed?  A fork of the first entry brings its `open`
 * along. */
static bool is_known(struct store *s, const struct evidence *e, uint8_t *buf)
{
	const struct roster_feed *feed = roster_feed(s->roster, &e->feed);
	struct pubkey identity;
	struct record rec;
	struct entry first;
	struct id id;

	if (feed != NULL)
		return roster_member(s->roster, &feed->identity) != NULL ||
		       (s->has_own && pubkey_eq(&s->own, &e->feed));
	if (e->type != EVIDENCE_FORK || e->seq != 1 ||
	    evidence_first(&first, &id, e, 0, buf) != 0 ||
	    !roster_certified(&s->network, &first) ||
	    record_decode(&rec, first.kind, first.facts, first.facts_n) != 0)
		return false;
	identity = record_key(&rec, FACT_IDENTITY);
	return roster_member(s->roster, &identity) != NULL;
}

static bool is_news(const struct store *s, const struct evidence *e)
{
	const struct feed_limit *l = roster_limit(s->roster, &e->feed);

	if (l == NULL)
		return true;
	if (e->type == EVIDENCE_FORK)
		return l->fork == 0 || e->seq < l->fork;
	return l->end.seq == 0 || e->seq < l->end.seq ||
	       (e->seq == l->end.seq && id_cmp(&e->id, &l->end.id) < 0);
}

static int check(struct store *s, const struct evidence *e)
{
	uint8_t buf[LIMIT_ENTRY];

	if (!is_known(s, e, buf))
		return ERR_DENIED;
	if (e->type == EVIDENCE_FORK)
		return evidence_check_fork(e, &s->network, buf);
	return roster_check_end(s->roster, e);
}

/* A fork of the first entry of a feed of which nothing is here cuts nothing
 * off, so the roster need not know of it before the batch ends: a dishonest
 * member can make as many as it likes. */
static bool can_wait(struct store *s, const struct evidence *e)
{
	struct feed_row row;

	return e->type == EVIDENCE_FORK && e->seq == 1 && s->pending_n == 0 &&
	       roster_feed(s->roster, &e->feed) == NULL &&
	       feeds_find(&s->feeds, &row, &e->feed) == ERR_NOT_FOUND;
}

static int take(struct store *s, const void *p, size_t n)
{
	uint8_t key[EVIDENCE_KEY];
	struct evidence e;
	struct span held;
	int err = evidence_decode(&e, p, n);
	bool waits = err == 0 && can_wait(s, &e);

	if (err != 0)
		return err;
	evidence_key(key, &e.feed, e.type);
	/* What waits may say whose the feed is. */
	if (!waits)
		err = standing_settle(s);
	else if (db_get(s->db, DB_EVIDENCE, key, sizeof(key), &held) == 0)
		err = ERR_EXISTS;
	if (err == 0 && !is_news(s, &e))
		err = ERR_EXISTS;
	if (err == 0)
		err = check(s, &e);
	if (err != 0)
		return err;
	err = db_put(s->db, DB_EVIDENCE, all(key, sizeof(key)), all(p, n));
	s->limits_moved = true;
	return err == 0 && !waits ? standing_settle(s) : err;
}

/* Errors about what came, not about the store. */
static bool is_refusal(int err)
{
	return err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_CHAIN ||
	       err == ERR_SIGNATURE;
}

int store_evidence(struct store *s, const void *p, size_t n)
{
	int err = store_may_write(s);
	bool was_taken = s->limits_moved;

	if (err == 0 && s->roster == NULL)
		err = ERR_STATE;
	if (err != 0)
		return err;
	err = take(s, p, n);
	if (is_refusal(err) && s->limits_moved == was_taken)
		return err;
	return store_spoil(s, err);
}

int store_evidence_get(struct store *s, const struct pubkey *feed,
		       enum evidence_type type,
		       uint8_t out[static LIMIT_EVIDENCE], size_t *n)
{
	uint8_t key[EVIDENCE_KEY];
	struct span value;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	evidence_key(key, feed, type);
	err = db_get(s->db, DB_EVIDENCE, key, sizeof(key), &value);
	if (err == 0 && value.n > LIMIT_EVIDENCE)
		err = ERR_FORMAT;
	if (err == 0) {
		memcpy(out, value.p, value.n);
		*n = value.n;
	}
	db_unpin(s->db);
	return err;
}

struct showing {
	entry_visit *visit;
	void *arg;
};

static int show(void *arg, struct span key, struct span value)
{
	struct showing *x = arg;

	(void)key;
	return x->visit(x->arg, value.p, value.n);
}

int store_evidence_each(struct store *s, entry_visit *visit, void *arg)
{
	struct showing x = { visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, DB_EVIDENCE, all(NULL, 0), show, &x);
	db_unpin(s->db);
	return err;
}

int store_disputed(struct store *s, const struct pubkey *feed,
		   entry_visit *visit, void *arg)
{
	struct showing x = { visit, arg };
	uint8_t no[NO_SIZE];
	struct feed_row row;
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = feeds_find(&s->feeds, &row, feed);
	if (err == 0) {
		no_encode(no, row.no);
		err = db_each(s->db, DB_ASIDE, all(no, sizeof(no)), show, &x);
	}
	db_unpin(s->db);
	return err;
}

/* The two branches as they are gathered. */
struct pair {
	struct run_writer ours, theirs;
	uint8_t our_bytes[LIMIT_RUN_BYTES], their_bytes[LIMIT_RUN_BYTES];
	uint8_t proof[LIMIT_EVIDENCE];
	uint8_t buf[LIMIT_ENTRY];
};

static int end_branch(struct run_writer *w)
{
	size_t n;

	return run_writer_end(w, &n);
}

/* Add to a branch; *done once a valid signature covers it. */
static int add_to_branch(struct run_writer *w, const struct entry *e,
			 bool *done)
{
	int err = run_writer_add(w, e->raw, e->raw_n);

	*done = err == 0 && entry_verify(e) == 0;
	return err;
}

static int gather_ours(struct store *s, struct pair *p,
		       const struct feed_row *row, uint64_t split)
{
	bool done = false;
	int err = 0;

	run_writer_init(&p->ours, p->our_bytes, sizeof(p->our_bytes),
			&row->feed);
	for (uint64_t seq = split; seq <= row->seq && err == 0 && !done;
	     seq++) {
		struct entry e;

		err = view_entry(s, &e, row, seq);
		if (err == 0)
			err = add_to_branch(&p->ours, &e, &done);
	}
	if (err == 0 && !done)
		err = ERR_FORMAT; /* held, and nothing signs it */
	return err == 0 ? end_branch(&p->ours) : err;
}

/* The id held at seq; of 0 the network's. */
static int id_held(struct store *s, struct id *out, const struct feed_row *row,
		   uint64_t seq)
{
	struct entry e;
	int err;

	if (seq == 0) {
		*out = s->network;
		return 0;
	}
	err = view_entry(s, &e, row, seq);
	if (err == 0)
		*out = entry_id(&e);
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

/* Walk the run beside what is held: where they part, and what of the run
 * follows up to a valid signature. */
static int gather_theirs(struct store *s, struct pair *p,
			 const struct feed_row *row, const struct run *run,
			 uint64_t *split)
{
	struct run_walk walk;
	struct entry e;
	struct id id, held;
	bool done = false;
	int err = 0;

	*split = 0;
	run_writer_init(&p->theirs, p->their_bytes, sizeof(p->their_bytes),
			&row->feed);
	run_walk_init(&walk, run);
	while (!done && walk.left > 0) {
		if (walk.seq > row->seq && *split == 0)
			return ERR_NOT_FOUND;
		err = run_walk_next(&walk, &e, &id, p->buf);
		if (err == 0 && *split == 0)
			err = id_held(s, &held, row, e.seq);
		if (err != 0)
			return err;
		if (*split == 0 && id_eq(&id, &held))
			continue;
		if (*split == 0)
			*split = e.seq;
		err = add_to_branch(&p->theirs, &e, &done);
		if (err != 0)
			return err;
	}
	if (*split == 0)
		return ERR_NOT_FOUND;
	return done ? end_branch(&p->theirs) : ERR_SIGNATURE;
}

static int fork_of(struct store *s, struct pair *p, const struct run *run,
		   uint64_t *split)
{
	struct feed_row row;
	struct id prev;
	size_t n;
	int err = feeds_find(&s->feeds, &row, &run->feed);

	if (err == 0 && run->from > row.seq)
		err = run->from == row.seq + 1 ? ERR_CHAIN : ERR_NOT_FOUND;
	if (err == 0)
		err = id_held(s, &prev, &row, run->from - 1);
	if (err == 0 && !id_eq(&prev, &run->prev))
		err = ERR_CHAIN;
	if (err == 0)
		err = gather_theirs(s, p, &row, run, split);
	if (err == 0)
		err = gather_ours(s, p, &row, *split);
	if (err == 0)
		err = evidence_make_fork(p->proof, &n, &p->ours, &p->theirs);
	return err == 0 ? take(s, p->proof, n) : err;
}

int store_fork(struct store *s, const struct run *run, uint64_t *split)
{
	const struct feed_limit *l;
	struct feed_row row;
	struct pair *p;
	int err = store_may_write(s);

	if (err != 0)
		return err;
	l = roster_limit(s->roster, &run->feed);
	err = feeds_find(&s->feeds, &row, &run->feed);
	if (err != 0)
		return store_spoil(s, err);
	if (l != NULL && l->fork != 0 && row.seq >= l->fork &&
	    row.seq < l->limit) {
		err = store_spoil(s, cut_back(s, l));
		return err == 0 ? ERR_EXISTS : err;
	}
	p = malloc(sizeof(*p));
	if (p == NULL)
		return store_spoil(s, ERR_NOMEM);
	err = fork_of(s, p, run, split);
	free(p);
	return is_refusal(err) ? err : store_spoil(s, err);
}
