#include "proto/session/session_recent.h"

#include "crypto/err.h"

#include <string.h>

static uint32_t ceiling(const struct session *s)
{
	return s->takes ? SESSION_WANTED_MAX : SESSION_STRANGER_MAX;
}

void pull_aside(struct session *s, struct want *row, int err)
{
	row->err = (int8_t)err;
	row->is_again = false;
	row->back = 0;
	session_note(s, SESSION_ASIDE, &row->feed, row->target, err);
	wants_move(&s->wants, row, WANT_ASIDE);
}

void pull_refuse(struct session *s, const struct pubkey *feed, uint64_t seq,
		 int err)
{
	struct want *row = wants_find(&s->wants, feed);

	if (row != NULL && row->list == WANT_ASIDE && row->target == seq)
		return;
	/* What is under way is judged when it ends. */
	if (row != NULL && row->list == WANT_ASKED)
		return;
	if (row == NULL &&
	    wants_add(&s->wants, feed, seq, WANT_ASIDE, ceiling(s)) != 0)
		return;
	row = wants_find(&s->wants, feed);
	row->target = seq;
	pull_aside(s, row, err);
}

enum want_list pull_list(struct session *s, const struct want *row,
			 uint64_t held)
{
	uint64_t left = row->target > held ? row->target - held : 0;

	if (row->is_first)
		return WANT_FIRST;
	if (s->is_recent && !recent_is_seen(s, row))
		return WANT_RECENT;
	if (left > SESSION_LONGEST)
		return WANT_LONGEST;
	if (left > SESSION_LONG)
		return WANT_LONG;
	return held > 0 ? WANT_KNOWN : WANT_REST;
}

/* The peer says so again, or says more, of a feed that has a row. */
static void want_again(struct session *s, struct want *row, uint64_t seq,
		       uint64_t held)
{
	bool is_same = row->target == seq;

	row->target = seq;
	s->wants.told += !is_same;
	if (row->list != WANT_ASIDE || row->err == ERR_DENIED ||
	    (row->err == ERR_CONFLICT && is_same))
		return;
	if (row->tries == WANT_TRIES) {
		if (row->err != ERR_CONFLICT)
			session_lie(s, "heads that came to nothing before");
		return;
	}
	row->tries++;
	row->err = 0;
	wants_move(&s->wants, row, pull_list(s, row, held));
}

void pull_want(struct session *s, const struct pubkey *feed, uint64_t seq,
	       uint64_t held, bool is_first)
{
	struct want *row = wants_find(&s->wants, feed);
	int err;

	if (row != NULL) {
		want_again(s, row, seq, held);
		return;
	}
	/* PROTOCOL: From somebody who is not in its roster and whom it did not
	 * dial, a node takes only feeds that are said to make the roster. */
	if (!s->takes && !is_first) {
		s->has_dropped = true;
		return;
	}
	err = wants_add(&s->wants, feed, seq, WANT_REST, ceiling(s));
	if (err == ERR_LIMIT)
		s->has_dropped = true;
	else if (err != 0)
		session_trouble(s, err);
	if (err != 0)
		return;
	row = wants_find(&s->wants, feed);
	row->is_first = is_first;
	/* PROTOCOL: A node asks for its own feed before anything else. */
	if (pubkey_eq(feed, &s->self.feed))
		wants_move_first(&s->wants, row, WANT_FIRST);
	else
		wants_move(&s->wants, row, pull_list(s, row, held));
}

/* PROTOCOL: Of the peer's own feed it does not ask: an old copy hears here that
 * it is one, and what it has not sent to anybody yet is no fork. */
bool pull_is_peers(const struct session *s, const struct pubkey *feed)
{
	return s->is_met && pubkey_eq(feed, &s->peer.feed);
}

void pull_back(struct session *s, const struct pubkey *feed, uint64_t seq)
{
	struct want *row = wants_find(&s->wants, feed);

	if (pull_is_peers(s, feed) || pubkey_eq(feed, &s->self.feed)) {
		pull_refuse(s, feed, seq, ERR_CONFLICT);
		return;
	}
	/* What is under way is judged when it ends. */
	if (row != NULL && row->list == WANT_ASKED)
		return;
	pull_want(s, feed, seq, seq, false);
	row = wants_find(&s->wants, feed);
	if (row != NULL && row->list != WANT_ASIDE && row->back == 0)
		row->back = BACK_FIRST;
}

/* The peer holds no more of this feed than we do. */
static void row_held(struct session *s, const struct session_head *mine,
		     const struct msg_head *row)
{
	struct want *want = wants_find(&s->wants, &row->feed);

	list_covered(s, mine, row);
	if (row->seq == mine->seq &&
	    memcmp(row->id, mine->id.b, MSG_SHORT) != 0) {
		if (want == NULL || want->list != WANT_ASIDE ||
		    want->target != row->seq)
			session_note(s, SESSION_FORK, &row->feed, row->seq, 0);
		pull_back(s, &row->feed, row->seq);
	} else if (want != NULL && want->list == WANT_ASIDE) {
		wants_drop(&s->wants, want);
	}
}

int pull_id_at(struct session *s, struct id *out, const struct pubkey *feed,
	       uint64_t seq)
{
	uint8_t buf[LIMIT_RUN_BYTES];
	struct run_writer w;
	bool more;
	int err;

	run_writer_init(&w, buf, sizeof(buf), feed);
	err = s->host.read(s->host.cookie, &w, seq + 1, seq + 1, &more);
	if (err != 0) {
		session_trouble(s, err);
		return ERR_STATE;
	}
	*out = w.prev;
	return 0;
}

/* A peer that holds another entry of the receiver's own feed is asked
 * for the whole feed.  False when it is the same, or cannot be known. */
static bool own_differs(struct session *s, const struct session_head *mine,
			const struct msg_head *row)
{
	struct id id = mine->id;

	if (row->seq < mine->seq &&
	    pull_id_at(s, &id, &row->feed, row->seq) != 0)
		return false;
	if (memcmp(row->id, id.b, MSG_SHORT) == 0)
		return false;
	s->own_whole = true;
	pull_want(s, &row->feed, row->seq, mine->seq, true);
	return true;
}

/* The feed that a row tells of in short.  False when nothing here begins so:
 * then the digests will differ, and a walk says it in full. */
static bool complete(struct session *s, struct msg_head *row)
{
	struct pubkey feed;
	int err;

	if (!row->is_short)
		return true;
	err = s->host.named(s->host.cookie, &feed, row->feed.b);
	if (err == 0)
		row->feed = feed;
	else if (err != ERR_NOT_FOUND)
		session_trouble(s, err);
	return err == 0;
}

static void pull_row(struct session *s, struct msg_head *row, bool is_first)
{
	struct session_head mine;

	if (!complete(s, row) || session_held(s, &mine, &row->feed) != 0)
		return;
	differ_row(s, &mine, row);
	if (row->seq <= mine.seq) {
		if (pubkey_eq(&row->feed, &s->self.feed) && row->seq > 0 &&
		    own_differs(s, &mine, row))
			return;
		row_held(s, &mine, row);
		return;
	}
	if (mine.seq > 0)
		list_covered(s, &mine, row);
	/* It has not heard yet that the feed ends here. */
	if (is_ended(s, &row->feed, mine.seq))
		return;
	pull_want(s, &row->feed, row->seq, mine.seq, is_first);
}

void pull_heads(struct session *s, const struct msg_heads *m)
{
	struct msg_list rows = m->rows;
	struct msg_head row;

	if ((m->flags & HEADS_START) != 0) {
		if (s->is_hearing) {
			session_bye(s, BYE_ORDER, "a listing within another");
			return;
		}
		if ((m->flags & HEADS_SOME) == 0 && !session_pay(s, LOOKS))
			return;
		s->is_hearing = true;
		list_hear(s, (m->flags & HEADS_SOME) != 0);
	} else if ((m->flags & HEADS_END) != 0 && !s->is_hearing) {
		session_bye(s, BYE_ORDER, "the end of no listing");
		return;
	}
	s->idle_rows += rows.count;
	if (s->idle_rows > IDLE_ROWS) {
		session_bye(s, BYE_FLOOD, "heads without end");
		return;
	}
	while (!s->is_closed && msg_next_head(&rows, &row))
		pull_row(s, &row, (m->flags & HEADS_FIRST) != 0);
	if ((m->flags & HEADS_END) != 0) {
		s->is_hearing = false;
		differ_end(s);
	}
}

void pull_roster(struct session *s)
{
	s->has_news = true;
}

static void add_missing(const struct session *s, struct session_missing *sum,
			const struct want *row)
{
	struct session_head mine;
	uint64_t held = 0;

	if (s->host.head(s->host.cookie, &mine, &row->feed) == 0)
		held = mine.seq;
	if (row->target <= held)
		return;
	/* What a peer claims adds up to something even if it lies. */
	sum->entries += row->target - held < UINT32_MAX ? row->target - held
							: UINT32_MAX;
	sum->feeds++;
	sum->begun += held > 0;
}

struct session_missing session_missing(const struct session *s)
{
	struct session_missing sum = { .told = s->wants.told };

	for (unsigned list = 0; list < WANT_LISTS; list++) {
		const struct want *row =
			wants_head(&s->wants, (enum want_list)list);

		for (; row != NULL && list != WANT_ASIDE;
		     row = wants_next(&s->wants, row))
			add_missing(s, &sum, row);
	}
	return sum;
}

void session_told(const struct session *s, session_told_visit *visit, void *arg)
{
	for (unsigned list = 0; list < WANT_LISTS; list++) {
		const struct want *row =
			wants_head(&s->wants, (enum want_list)list);

		for (; row != NULL && list != WANT_ASIDE;
		     row = wants_next(&s->wants, row))
			visit(arg, &row->feed, row->target);
	}
}

bool session_aside(const struct session *s, struct pubkey *feed)
{
	const struct want *row = wants_head(&s->wants, WANT_ASIDE);

	if (row != NULL)
		*feed = row->feed;
	return row != NULL;
}

bool pull_is_done(const struct session *s)
{
	return !s->is_hearing && !s->has_news && s->unflushed == 0 &&
	       wants_total(&s->wants) == s->wants.count[WANT_ASIDE];
}
