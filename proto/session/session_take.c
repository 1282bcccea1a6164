#include "proto/session/session_recent.h"

#include "crypto/err.h"

#include <string.h>

/* PROTOCOL: RUN and PUSH frames are paid for with credit. */
static bool charge(struct session *s, size_t n)
{
	if (n > s->credit_in) {
		session_bye(s, BYE_CREDIT, bye_text(BYE_CREDIT));
		return false;
	}
	s->credit_in -= n;
	s->unflushed += n;
	return true;
}

static bool is_of(const struct want *row, const struct run *run, bool is_brief)
{
	if (is_brief)
		return row->is_short &&
		       memcmp(&row->feed, &run->feed, MSG_SHORT) == 0;
	return pubkey_eq(&row->feed, &run->feed);
}

/* What a brief answer leaves out. */
static int complete(struct session *s, struct run *run, const struct want *row)
{
	struct session_head mine;

	run->feed = row->feed;
	if (session_held(s, &mine, &run->feed) != 0)
		return ERR_STATE;
	if (run->from == 1)
		run->prev = s->self.network;
	else if (run->from <= mine.seq)
		return pull_id_at(s, &run->prev, &run->feed, run->from - 1);
	else
		run->prev = mine.id;
	return 0;
}

/* An answer from before the head, to see where the chains part. */
static void look_back(struct session *s, struct want *row,
		      const struct run *run)
{
	struct session_head mine;
	uint64_t split = 0;
	int err = s->host.fork(s->host.cookie, run, &split);

	if (session_held(s, &mine, &row->feed) != 0)
		return;
	switch (err) {
	case 0:
		/* PROTOCOL: Of that and of what it holds it makes the
		 * evidence, and gives it to the peer. */
		limits_made(s, &row->feed);
		/* fall through */
	case ERR_EXISTS:
		session_touch(s);
		row->back = 0;
		row->is_again = true;
		break;
	case ERR_NOT_FOUND:
		/* Where they parted was cut off meanwhile. */
		if (mine.seq < row->target) {
			row->back = 0;
			row->is_again = true;
		}
		break;
	case ERR_CHAIN:
		if (run->from == 1)
			row->err = ERR_CONFLICT;
		row->back *= BACK_TIMES;
		row->is_again = true;
		break;
	case ERR_SIGNATURE:
		/* What signs it comes in the run that begins there. */
		if (row->back == mine.seq + 1 - split)
			row->err = ERR_CONFLICT;
		row->back = mine.seq + 1 - split;
		row->is_again = true;
		break;
	case ERR_FORMAT:
	case ERR_LIMIT:
		session_bye(s, BYE_LIE, bye_text(BYE_LIE));
		break;
	case ERR_DENIED:
		row->err = ERR_CONFLICT;
		break;
	default:
		session_trouble(s, err);
		break;
	}
}

/* A run that begins its feed says in which network.  What is held was checked
 * when it came, so an honest peer never sends another's. */
static bool is_foreign(struct session *s, const struct run *run)
{
	if (run->from != 1 || id_eq(&run->prev, &s->self.network))
		return false;
	session_bye(s, BYE_LIE, "entries of another network");
	return true;
}

/* Does a run go on where the row that asked for it ends? */
static bool is_beyond(const struct want *row, const struct run *run)
{
	return row->to != 0 && run->from + run->count - 1 > row->to;
}

/* The part of an answer that is about one row. */
static void take_row(struct session *s, struct want *row, const struct run *run)
{
	uint32_t good;
	int err;

	row->is_met = true;
	if (row->is_recent) {
		recent_take(s, row, run);
		return;
	}
	if (row->err != 0 || row->is_again)
		return;
	if (row->back > 0) {
		look_back(s, row, run);
		return;
	}
	err = take_in(s, run, &good);
	switch (err) {
	case 0:
	case ERR_STATE:
		break;
	case ERR_CONFLICT:
		/* Our own is the node's to compare. */
		if (pull_is_peers(s, &row->feed) ||
		    pubkey_eq(&row->feed, &s->self.feed)) {
			row->err = ERR_CONFLICT;
			break;
		}
		row->back = BACK_FIRST;
		row->is_again = true;
		break;
	case ERR_NOT_FOUND:
		row->is_again = true;
		break;
	case ERR_SIGNATURE:
		/* The frame may have been full just before the entry whose
		 * signature is valid: asked alone, it will not be. */
		if (good > 0)
			row->tries = 0;
		if (good > 0 || !row->is_alone)
			row->is_again = true;
		else
			row->err = ERR_SIGNATURE;
		break;
	case ERR_DENIED:
		row->err = (int8_t)err;
		break;
	default:
		session_bye(s, BYE_LIE, bye_text(BYE_LIE));
		break;
	}
}

/* The part of a feed that was asked for is here: what comes next? */
static void go_on(struct session *s, struct want *row)
{
	struct session_head mine;

	recent_join(s, &row->feed);
	if (s->is_closed || session_held(s, &mine, &row->feed) != 0)
		return;
	if (mine.seq >= row->target)
		wants_drop(&s->wants, row);
	else
		wants_move_first(&s->wants, row, pull_list(s, row, mine.seq));
}

/* All of a row has come: did it bring what was said? */
static void finish(struct session *s, struct want *row)
{
	struct session_head mine;
	int err = row->err;

	if (session_held(s, &mine, &row->feed) != 0)
		return;
	s->first_asked -= row->is_first;
	s->long_asked -= pull_weight(row);
	s->asked_n -= row->span;
	row->is_long = row->is_longest = false;
	if (err == 0 && row->back == 0 &&
	    (mine.seq >= row->target || is_ended(s, &row->feed, mine.seq))) {
		wants_drop(&s->wants, row);
		return;
	}
	if (row->is_recent) {
		recent_done(s, row);
		return;
	}
	if (err == 0 && row->back == 0 && !row->is_again && row->to != 0 &&
	    mine.seq >= row->to) {
		go_on(s, row);
		return;
	}
	/* Others may begin like it: it is asked for by its whole name. */
	if (err == 0 && row->is_short && !row->is_met)
		row->is_again = true;
	if (err == 0 && row->is_again && row->tries < WANT_TRIES) {
		row->tries++;
		row->is_again = false;
		wants_move(&s->wants, row, WANT_ALONE);
		return;
	}
	/* It differs somewhere, and does not show where. */
	if (err == 0 && row->back > 0)
		err = ERR_CONFLICT;
	pull_aside(s, row, err != 0 ? err : ERR_NOT_FOUND);
	if (err == 0 || err == ERR_SIGNATURE ||
	    (err == ERR_DENIED && !s->takes))
		session_lie(s, "heads that come to nothing");
}

/* The runs of an answer in order, and the rows that ask for them. */
struct answer {
	struct msg_list runs;
	uint32_t over; /* rows that end with this answer */
	struct want *row;
	struct run run;
	bool is_brief;
};

static struct answer answer_of(struct session *s, const struct msg_run *m)
{
	return (struct answer){ .runs = m->runs,
				.over = m->done,
				.row = wants_head(&s->wants, WANT_ASKED) };
}

/* The next run.  ERR_NOT_FOUND after the last, ERR_STATE for one that was not
 * asked for; errors of run_decode. */
static int answer_next(struct session *s, struct answer *a)
{
	const uint8_t *p;
	size_t n;
	int err;

	if (!msg_next_bin(&a->runs, &p, &n))
		return ERR_NOT_FOUND;
	err = run_decode_answer(&a->run, &a->is_brief, p, n);
	if (err != 0)
		return err;
	/* PROTOCOL: Answers come in the order of the questions. */
	for (; a->row != NULL; a->over--) {
		if (is_of(a->row, &a->run, a->is_brief))
			return 0;
		if (a->over == 0)
			break;
		a->row = wants_next(&s->wants, a->row);
	}
	return ERR_STATE;
}

/* Is it the usual case, a run that goes on where we are, or shall be?  Then all
 * of it is known before its turn, but what it follows there. */
static bool goes_on(struct session *s, struct answer *a)
{
	const struct want *row = a->row;
	struct session_head mine;

	if (row->err != 0 || row->is_again || row->back > 0 || row->is_recent ||
	    session_held(s, &mine, &row->feed) != 0)
		return false;
	a->run.feed = row->feed;
	if (a->run.from == mine.seq + 1)
		a->run.prev = mine.id;
	else if (a->run.from == s->foreseen_seq + 1 &&
		 pubkey_eq(&s->foreseen_feed, &row->feed))
		a->run.prev = (struct id){ { 0 } };
	else
		return false;
	s->foreseen_feed = row->feed;
	s->foreseen_seq = a->run.from + a->run.count - 1;
	return true;
}

void take_foresee(struct session *s, const struct msg_run *m)
{
	struct run runs[SESSION_AHEAD];
	struct answer a = answer_of(s, m);
	size_t n = 0;

	/* Those that end with frames foreseen before. */
	for (uint64_t i = 0; i < s->foreseen_over && a.row != NULL; i++)
		a.row = wants_next(&s->wants, a.row);
	while (n < SESSION_AHEAD && answer_next(s, &a) == 0)
		if (goes_on(s, &a))
			runs[n++] = a.run;
	s->foreseen++;
	s->foreseen_over += m->done;
	if (n > 0)
		s->host.ahead(s->host.cookie, runs, n);
}

static void take_answer(struct session *s, const struct msg_run *m)
{
	struct answer a = answer_of(s, m);
	int err = 0;

	while (!s->is_closed && err == 0) {
		err = answer_next(s, &a);
		if (err == 0 && a.is_brief && complete(s, &a.run, a.row) != 0)
			return;
		if (err == 0 && is_beyond(a.row, &a.run))
			session_bye(s, BYE_ORDER, "entries not asked for");
		else if (err == 0 && !is_foreign(s, &a.run))
			take_row(s, a.row, &a.run);
	}
	if (err == ERR_STATE)
		session_bye(s, BYE_ORDER, "a feed not asked for");
	else if (err != 0 && err != ERR_NOT_FOUND)
		session_bye(s, BYE_FORMAT, err_text(err));
}

void take_run(struct session *s, const struct msg_run *m, size_t n)
{
	if (s->foreseen > 0) {
		s->foreseen--;
		s->foreseen_over -= m->done;
	}
	if (!charge(s, n))
		return;
	if (m->done > s->wants.count[WANT_ASKED]) {
		session_bye(s, BYE_ORDER, "an answer without a question");
		return;
	}
	take_answer(s, m);
	for (uint32_t i = 0; i < m->done && !s->is_closed; i++)
		finish(s, wants_head(&s->wants, WANT_ASKED));
}

void take_push(struct session *s, const struct msg_run *m, size_t n)
{
	struct msg_list list = m->runs;
	struct session_head mine;
	const uint8_t *p;
	struct run run;
	uint32_t good;
	size_t p_n;
	int err;

	if (!charge(s, n) || !msg_next_bin(&list, &p, &p_n))
		return;
	err = p_n > SESSION_PUSH_MAX ? ERR_LIMIT : run_decode(&run, p, p_n);
	if (err != 0) {
		session_bye(s, BYE_FORMAT, err_text(err));
		return;
	}
	if (is_foreign(s, &run) || session_held(s, &mine, &run.feed) != 0)
		return;
	/* PROTOCOL: each PUSH that brings no entry counts for 16 rows that
	 * brought none. */
	s->idle_rows += PUSH_ROWS;
	if (s->idle_rows > IDLE_ROWS) {
		session_bye(s, BYE_FLOOD, "pushes without end");
		return;
	}
	if (!s->takes && !mine.is_first) {
		s->has_dropped = true;
		return;
	}
	err = take_in(s, &run, &good);
	if (err == ERR_NOT_FOUND)
		pull_want(s, &run.feed, run.from + run.count - 1, mine.seq,
			  mine.is_first);
	else if (err == ERR_CONFLICT)
		pull_back(s, &run.feed, run.from + run.count - 1);
	else if (err == ERR_DENIED)
		pull_refuse(s, &run.feed, run.from + run.count - 1, err);
	else if (err != 0 && err != ERR_STATE)
		session_bye(s, BYE_LIE, bye_text(BYE_LIE));
}

int take_pump(struct session *s)
{
	struct msg m = { .type = MSG_CREDIT };
	int err;

	/* What is withheld, durable or not, counts as one: a peer that waits
	 * for it has the other half of the window. */
	/* PROTOCOL: Credit is given again once what came is durable. */
	if (s->unflushed > 0 && (s->unflushed + s->grant >= GRANT ||
				 s->wants.count[WANT_ASKED] == 0)) {
		err = s->host.flush(s->host.cookie);
		if (err == ERR_BUSY)
			return 0;
		if (err != 0) {
			session_trouble(s, err);
			return ERR_STATE;
		}
		s->grant += s->unflushed;
		s->unflushed = 0;
	}
	if (s->grant < GRANT)
		return 0;
	m.u.credit = s->grant;
	err = session_send_msg(s, &m);
	if (err != 0)
		return err;
	s->credit_in += s->grant;
	s->grant = 0;
	return 0;
}
