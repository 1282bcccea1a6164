#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_limit.h"
#include "proto/wr.h"

#include <stdlib.h>
#include <string.h>

enum {
	PIECE = LIMIT_FRAME - 64, /* bytes of a proof in one frame */
	ROW_COST = 64 /* rows that a proof which is no news counts for */
};

static const struct roster *roster_of(const struct session *s)
{
	return s->host.roster(s->host.cookie);
}

bool is_ended(const struct session *s, const struct pubkey *feed, uint64_t seq)
{
	const struct feed_limit *l = roster_limit(roster_of(s), feed);

	return l != NULL && seq >= l->limit;
}

void limits_tell(struct session *s)
{
	if (s->owes_limits || s->limits_told == s->moves + 1)
		return;
	s->owes_limits = true;
	s->is_limits_begun = false;
	s->limits_told = s->moves + 1;
	s->is_again = true;
}

void limits_stop(struct session *s)
{
	free(s->owed);
	free(s->piece);
	s->owed = NULL;
	s->piece = NULL;
	s->owed_at = s->owed_n = s->owed_max = s->owed_sent = s->piece_n = 0;
}

bool limits_are_done(const struct session *s)
{
	return !s->owes_limits && !s->is_hearing_limits && s->owed_n == 0 &&
	       s->piece_n == 0;
}

static int order_of(const struct owed_proof *a, const struct owed_proof *b)
{
	int c = pubkey_cmp(&a->feed, &b->feed);

	return c != 0 ? c : (int)a->type - (int)b->type;
}

/* In rising order, because a dishonest member may fork as many feeds as it
 * likes: each is looked for among all.  One that is half sent stays first. */
static void owe(struct session *s, const struct pubkey *feed,
		enum evidence_type type)
{
	const struct owed_proof x = { *feed, type };
	size_t low = s->owed_at, high = s->owed_n;

	if (s->owed_sent > 0 && order_of(&s->owed[low++], &x) == 0)
		return;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order_of(&s->owed[mid], &x) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < s->owed_n && order_of(&s->owed[low], &x) == 0)
		return;
	if (grow(&s->owed, &s->owed_max, s->owed_n, sizeof(*s->owed)) != 0) {
		session_trouble(s, ERR_NOMEM);
		return;
	}
	memmove(s->owed + low + 1, s->owed + low,
		(s->owed_n++ - low) * sizeof(*s->owed));
	s->owed[low] = x;
}

/* The first of them has been sent. */
static void owe_less(struct session *s)
{
	s->owed_sent = 0;
	s->owed_at++;
	/* Those before are forgotten now and then, not one by one. */
	if (2 * s->owed_at < s->owed_n)
		return;
	s->owed_n -= s->owed_at;
	memmove(s->owed, s->owed + s->owed_at, s->owed_n * sizeof(*s->owed));
	s->owed_at = 0;
}

/* What the peer does not have, of what is held of one feed. */
static void compare(struct session *s, const struct feed_limit *mine,
		    uint64_t fork, uint64_t end)
{
	if (mine->fork != 0 && (fork == 0 || mine->fork < fork))
		owe(s, &mine->feed, EVIDENCE_FORK);
	if (mine->end.seq != 0 && (end == 0 || mine->end.seq < end))
		owe(s, &mine->feed, EVIDENCE_END);
}

/* Where our list goes on after a feed. */
static size_t after(const struct roster *r, const struct pubkey *feed)
{
	size_t low = 0, high = roster_limit_count(r);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&roster_limit_at(r, mid)->feed, feed) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Both lists rise, so one pass over ours tells what the peer left out: all
 * after `limits_heard`, up to row, or to the end when that is NULL. */
static void hear_row(struct session *s, const struct msg_limit *row)
{
	const struct roster *r = roster_of(s);
	size_t n = roster_limit_count(r);

	for (size_t i = after(r, &s->limits_heard); i < n && !s->is_closed;
	     i++) {
		const struct feed_limit *l = roster_limit_at(r, i);
		int c = row == NULL ? -1 : pubkey_cmp(&l->feed, &row->feed);

		if (c > 0)
			break;
		compare(s, l, c == 0 ? row->fork : 0, c == 0 ? row->end : 0);
		if (c < 0 && s->differs.n < DIFFERS)
			differ_limit(s, &(struct msg_limit){ .feed = l->feed });
	}
	if (row != NULL) {
		s->limits_heard = row->feed;
		differ_limit(s, row);
	}
}

void limits_take(struct session *s, const struct msg_limits *m)
{
	struct msg_list rows = m->rows;
	struct msg_limit row;

	if (!s->is_hearing_limits) {
		memset(&s->limits_heard, 0, sizeof(s->limits_heard));
		differ_limits(s);
	}
	s->is_hearing_limits = !m->is_last;
	s->idle_rows += rows.count + 1;
	if (s->idle_rows > IDLE_ROWS) {
		session_bye(s, BYE_FLOOD, "limits without end");
		return;
	}
	/* All of ours are looked through, and what it lacks is given. */
	if (m->is_last && roster_limit_count(roster_of(s)) > 0 &&
	    !session_pay(s, 1))
		return;
	while (!s->is_closed && msg_next_limit(&rows, &row))
		if (s->serves || !s->has_begun)
			hear_row(s, &row);
	if (m->is_last && (s->serves || !s->has_begun))
		hear_row(s, NULL);
	limits_tell(s);
}

/* A whole proof has come. */
static void take_proof(struct session *s)
{
	int err = s->takes ? s->host.prove(s->host.cookie, s->piece, s->piece_n)
			   : ERR_EXISTS;

	s->piece_n = 0;
	switch (err) {
	case 0:
		session_touch(s);
		break;
	case ERR_EXISTS:
	case ERR_DENIED:
		s->idle_rows += ROW_COST;
		if (s->idle_rows > IDLE_ROWS)
			session_bye(s, BYE_FLOOD, "proofs without end");
		break;
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_CHAIN:
	case ERR_SIGNATURE:
		session_lie(s, "proofs that prove nothing");
		break;
	default:
		session_trouble(s, err);
		break;
	}
}

void limits_proof(struct session *s, const struct msg_proof *m)
{
	if (s->piece == NULL)
		s->piece = malloc(LIMIT_EVIDENCE);
	if (s->piece == NULL) {
		session_trouble(s, ERR_NOMEM);
		return;
	}
	if (m->n > LIMIT_EVIDENCE - s->piece_n) {
		session_bye(s, BYE_FORMAT, "a proof that is too long");
		return;
	}
	memcpy(s->piece + s->piece_n, m->p, m->n);
	s->piece_n += m->n;
	if (m->is_last)
		take_proof(s);
}

void limits_made(struct session *s, const struct pubkey *feed)
{
	if (s->serves)
		owe(s, feed, EVIDENCE_FORK);
}

void session_proof(struct session *s, const struct pubkey *feed,
		   enum evidence_type type, uint64_t now_ms)
{
	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	if (s->has_begun && s->serves)
		owe(s, feed, type);
	session_touch(s);
	session_writable(s, now_ms);
}

/* One frame of our list. */
static int say_limits(struct session *s)
{
	uint8_t frame[64 * LIMIT_HEADS];
	struct msg m = { .type = MSG_LIMITS };
	size_t n = roster_limit_count(roster_of(s)), at = 0;
	struct pubkey last = s->limits_at;
	struct wr w;
	int err;

	if (s->is_limits_begun)
		at = after(roster_of(s), &s->limits_at);
	wr_init(&w, frame, sizeof(frame));
	while (s->serves && at < n && m.u.limits.rows.count < LIMIT_HEADS) {
		const struct feed_limit *l =
			roster_limit_at(roster_of(s), at++);

		wr_array(&w, 3);
		wr_bin(&w, l->feed.b, KEY_SIZE);
		wr_uint(&w, l->fork);
		wr_uint(&w, l->end.seq);
		last = l->feed;
		m.u.limits.rows.count++;
	}
	m.u.limits.is_last = !s->serves || at == n;
	rd_init(&m.u.limits.rows.rd, w.p, w.n);
	err = session_send_msg(s, &m);
	if (err != 0)
		return err;
	s->limits_at = last;
	s->is_limits_begun = true;
	s->owes_limits = !m.u.limits.is_last;
	return 0;
}

/* One piece of the proof that is owed first. */
static int say_proof(struct session *s)
{
	struct owed_proof *first = &s->owed[s->owed_at];
	struct msg m = { .type = MSG_PROOF };
	uint8_t *proof = malloc(LIMIT_EVIDENCE);
	size_t n = 0;
	int err = proof == NULL ? ERR_NOMEM
				: s->host.proof(s->host.cookie, &first->feed,
						first->type, proof, &n);

	if (err == 0 && s->owed_sent < n) {
		m.u.proof.p = proof + s->owed_sent;
		m.u.proof.n = n - s->owed_sent;
		m.u.proof.is_last = m.u.proof.n <= PIECE;
		if (!m.u.proof.is_last)
			m.u.proof.n = PIECE;
		err = session_send_msg(s, &m);
		if (err == 0)
			s->owed_sent += m.u.proof.n;
	}
	free(proof);
	if (err == 0 && s->owed_sent < n)
		return 0;
	if (err == ERR_NOT_FOUND)
		err = 0;
	if (err != 0) {
		if (err != ERR_BUSY && err != ERR_STATE)
			session_trouble(s, err);
		return err;
	}
	owe_less(s);
	return 0;
}

/* PROTOCOL: Evidence goes before heads and entries, and to everybody who may
 * have these, whatever its scope. */
int limits_pump(struct session *s)
{
	int err = 0;

	/* PROTOCOL: A list that comes before it is known who tells it is
	 * answered when that is known. */
	if (!s->has_begun)
		return 0;
	if (!s->serves)
		s->owed_at = s->owed_n = s->owed_sent = 0;
	while (err == 0 && s->owed_n > 0)
		err = say_proof(s);
	while (err == 0 && s->owes_limits)
		err = say_limits(s);
	return err;
}
