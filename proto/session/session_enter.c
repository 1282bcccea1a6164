#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/entry.h"

/* What is left of run after the entries up to (seq, id), which we hold:
 * another session may have brought them meanwhile. */
static int skip_held(struct run *rest, const struct run *run, uint64_t seq,
		     const struct id *id)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct id at;

	*rest = *run;
	if (run->from > seq)
		return 0;
	if (seq - run->from >= run->count - 1) {
		rest->count = 0;
		return 0;
	}
	run_walk_init(&walk, run);
	while (walk.seq <= seq) {
		int err = run_walk_next(&walk, &e, &at, buf);

		if (err != 0)
			return err;
	}
	if (!id_eq(&walk.prev, id))
		return ERR_CHAIN;
	rest->from = walk.seq;
	rest->prev = walk.prev;
	rest->count = walk.left;
	rest->tails = walk.rd.p;
	rest->tails_n = walk.rd.n;
	return 0;
}

static int commit(struct session *s, const struct run *run,
		  const struct run_entry *at, uint32_t good)
{
	int err = s->host.commit(s->host.cookie, run, at, good);
	struct session_head head;

	switch (err) {
	case 0:
		s->stats.entries_in += good;
		s->idle_rows = 0;
		session_touch(s);
		/* It need not be told what it has brought. */
		if (s->is_live && session_held(s, &head, &run->feed) == 0 &&
		    head.seq > 0)
			push_know(s, head.no, run->from + good - 1);
		return s->is_closed ? ERR_STATE : 0;
	case ERR_EXISTS:
		return 0;
	case ERR_DENIED:
	case ERR_CONFLICT:
		return err;
	default:
		session_trouble(s, err);
		return ERR_STATE;
	}
}

/* What a peer holds of the receiver's own feed stands for itself: the
 * node says where it leaves what is held here. */
static int take_own(struct session *s, const struct run *run, uint32_t *good)
{
	const struct id *prev = run->from == 1 ? &s->self.network : &run->prev;
	const struct run_entry *at = NULL;
	int err = s->host.check(s->host.cookie, &at, good, run, prev);
	int why = *good > 0 ? commit(s, run, at, *good) : 0;

	if (why == ERR_CONFLICT)
		session_note(s, SESSION_FORK, &run->feed, run->from, 0);
	return why != 0 ? why : err;
}

int take_in(struct session *s, const struct run *run, uint32_t *good)
{
	const struct run_entry *at = NULL;
	struct session_head mine;
	struct run rest;
	int err, why;

	bool is_own = pubkey_eq(&run->feed, &s->self.feed);

	*good = 0;
	if (is_own && s->own_whole)
		return take_own(s, run, good);
	if (session_held(s, &mine, &run->feed) != 0)
		return ERR_STATE;
	if (run->from > mine.seq + 1)
		return ERR_NOT_FOUND;
	err = skip_held(&rest, run, mine.seq, &mine.id);
	if (err == 0 && rest.count == 0)
		return 0;
	if (err == 0)
		err = s->host.check(s->host.cookie, &at, good, &rest, &mine.id);
	if (err == ERR_CHAIN && is_own) {
		s->own_whole = true;
		return ERR_NOT_FOUND;
	}
	if (err == ERR_CHAIN) {
		session_note(s, SESSION_FORK, &run->feed, run->from - 1, 0);
		return ERR_CONFLICT;
	}
	if (is_ended(s, &run->feed, mine.seq))
		return 0;
	why = *good > 0 ? commit(s, &rest, at, *good) : 0;
	return why != 0 ? why : err;
}
