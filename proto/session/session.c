#include "proto/session/session.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/roster/roster.h"
#include "proto/session/session_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int session_open(struct session **out, const struct session_host *host,
		 const struct session_self *self,
		 const struct session_link *link)
{
	struct session *s = calloc(1, sizeof(*s));
	struct secret salt = { { 0 } };

	if (s == NULL)
		return ERR_NOMEM;
	s->host = *host;
	s->self = *self;
	s->link = *link;
	s->owes_join = self->join != NULL;
	s->owes_joined = -1;
	s->said_joined = -1;
	s->heard_joined = -1;
	s->credit_in = SESSION_WINDOW;
	s->listed_at = UINT64_MAX;
	s->heard_at = UINT64_MAX;
	memcpy(salt.b, link->random + MSG_NONCE, MSG_NONCE);
	wants_init(&s->wants, &salt);
	*out = s;
	return 0;
}

/* Give back what only a running session needs. */
static void release(struct session *s)
{
	wants_release(&s->wants);
	bits_release(&s->dirty);
	bits_release(&s->uneven);
	bits_release(&s->differs.unseen);
	free(s->served.row);
	s->served = (struct served){ .row = NULL };
	free(s->walk);
	s->walk = NULL;
	limits_stop(s);
}

void session_close(struct session *s)
{
	if (s == NULL)
		return;
	release(s);
	bytes_wipe(s, sizeof(*s));
	free(s);
}

void session_note(struct session *s, enum session_event event,
		  const struct pubkey *feed, uint64_t seq, int err)
{
	struct session_note note = { .event = event, .feed = feed };

	if (event == SESSION_ASIDE || event == SESSION_FORK ||
	    event == SESSION_ANSWER) {
		/* A hostile peer could fill a disk with what we log. */
		if (s->notes == NOTES_MAX)
			return;
		s->notes++;
	}
	note.seq = seq;
	note.err = err;
	if (event == SESSION_IN_STEP)
		note.cursor = &s->cursor;
	if (event == SESSION_ANSWER)
		note.joined = (enum joined)s->heard_joined;
	s->host.event(s->host.cookie, &note);
}

static void closed(struct session *s, unsigned reason, const char *text,
		   bool is_ours)
{
	struct session_note note = { .event = SESSION_BYE,
				     .bye = reason,
				     .text = text,
				     .is_ours = is_ours };

	/* The tables stay until the pumps have left them. */
	s->is_closed = true;
	s->host.event(s->host.cookie, &note);
}

int session_send(struct session *s, const void *frame, size_t n)
{
	int err;

	if (s->is_closed)
		return ERR_STATE;
	if (s->is_blocked)
		return ERR_BUSY;
	err = s->host.send(s->host.cookie, frame, n);
	if (err == ERR_BUSY) {
		s->is_blocked = true;
		return ERR_BUSY;
	}
	if (err != 0) {
		closed(s, BYE_TROUBLE, err_text(err), true);
		return ERR_STATE;
	}
	s->stats.bytes_out += n;
	return 0;
}

int session_send_msg(struct session *s, const struct msg *m)
{
	uint8_t frame[LIMIT_FRAME];
	size_t n;
	int err = msg_encode(m, frame, sizeof(frame), &n);

	/* Only an invite shown with too much can be too long. */
	if (err != 0)
		session_trouble(s, err);
	return err != 0 ? ERR_STATE : session_send(s, frame, n);
}

void session_bye(struct session *s, enum bye reason, const char *text)
{
	struct msg m = { .type = MSG_BYE, .u.bye.reason = reason };
	uint8_t frame[LIMIT_BYE + 16];
	size_t n;

	if (s->is_closed)
		return;
	snprintf(m.u.bye.text, sizeof(m.u.bye.text), "%s", text);
	/* Whether it arrives is the peer's loss: nothing waits for it. */
	if (msg_encode(&m, frame, sizeof(frame), &n) == 0 &&
	    s->host.send(s->host.cookie, frame, n) == 0)
		s->stats.bytes_out += n;
	closed(s, reason, m.u.bye.text, true);
}

void session_trouble(struct session *s, int err)
{
	session_bye(s, BYE_TROUBLE, err_text(err));
}

int session_held(struct session *s, struct session_head *out,
		 const struct pubkey *feed)
{
	int err = s->host.head(s->host.cookie, out, feed);

	if (err == ERR_NOT_FOUND) {
		*out = (struct session_head){ .feed = *feed,
					      .id = s->self.network };
		return 0;
	}
	if (err == 0)
		return 0;
	session_trouble(s, err);
	return ERR_STATE;
}

void session_lie(struct session *s, const char *text)
{
	if (++s->lies > LIES_MAX)
		session_bye(s, BYE_LIE, text);
}

bool session_pay(struct session *s, uint32_t times)
{
	const struct pubkey *who = s->is_in ? &s->peer.identity : NULL;

	if (s->host.pay(s->host.cookie, who, times))
		return true;
	session_bye(s, BYE_FLOOD, "all heads again and again");
	return false;
}

void session_touch(struct session *s)
{
	s->moves++;
	s->moved_ms = s->now_ms;
	s->is_stale = true;
	s->is_stuck = false;
}

/* Both hold the same now: what moves from here on, the peer can follow. */
static void even(struct session *s)
{
	s->is_live = true;
	s->is_stuck = false;
	s->was_even = true;
	bits_empty(&s->uneven);
	memcpy(s->cursor.peer.instance, s->hello.here.instance, MSG_INSTANCE);
	s->cursor.peer.arrival = s->heard.arrival;
	s->cursor.end = s->host.head_end(s->host.cookie);
	session_note(s, SESSION_IN_STEP, NULL, 0, 0);
}

/* Send what is owed, in the order in which the peer has most use for it. */
static void pump(struct session *s)
{
	bool is_even;

	do {
		s->is_again = false;
		if (meet_pump(s) != 0 || limits_pump(s) != 0 ||
		    take_pump(s) != 0 || pull_pump(s) != 0 ||
		    walk_pump(s) != 0 || push_pump(s) != 0 || step_pump(s) != 0)
			break;
	} while (s->is_again);
	is_even = session_in_step(s);
	if (is_even && !s->was_in_step)
		even(s);
	s->was_in_step = is_even;
	if (s->is_closed)
		release(s);
}

void session_start(struct session *s, uint64_t now_ms)
{
	assert(!s->is_started);
	s->is_started = true;
	s->now_ms = now_ms;
	s->heard_ms = now_ms;
	pump(s);
}

static void refuse(struct session *s, int err)
{
	if (err == ERR_VERSION)
		session_bye(s, BYE_VERSION, "this node speaks maillon/1 only");
	else
		session_bye(s, BYE_FORMAT, err_text(err));
}

static void dispatch(struct session *s, const struct msg *m, size_t n)
{
	if (!s->has_hello && m->type != MSG_HELLO && m->type != MSG_BYE) {
		session_bye(s, BYE_ORDER, "HELLO comes first");
		return;
	}
	switch (m->type) {
	case MSG_HELLO:
		meet_hello(s, &m->u.hello);
		break;
	case MSG_OPEN:
		meet_open(s, &m->u.open);
		break;
	case MSG_HEADS:
		pull_heads(s, &m->u.heads);
		break;
	case MSG_FETCH:
		push_fetch(s, &m->u.fetch);
		break;
	case MSG_RUN:
		take_run(s, &m->u.run, n);
		break;
	case MSG_PUSH:
		take_push(s, &m->u.push, n);
		break;
	case MSG_CREDIT:
		s->credit_out += m->u.credit;
		if (s->credit_out > LIMIT_CREDIT_MAX)
			session_bye(s, BYE_CREDIT, "too much credit");
		break;
	case MSG_DIGEST:
		step_digest(s, &m->u.digest);
		break;
	case MSG_JOIN:
		meet_join(s, &m->u.join);
		break;
	case MSG_JOINED:
		meet_joined(s, m->u.joined);
		break;
	case MSG_WALK:
		walk_take(s, &m->u.walk);
		break;
	case MSG_LIMITS:
		limits_take(s, &m->u.limits);
		break;
	case MSG_PROOF:
		limits_proof(s, &m->u.proof);
		break;
	case MSG_BYE:
		closed(s, m->u.bye.reason, m->u.bye.text, false);
		break;
	}
}

void session_recv(struct session *s, const void *frame, size_t n,
		  uint64_t now_ms)
{
	struct msg m;
	int err;

	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	s->heard_ms = now_ms;
	s->stats.bytes_in += n;
	err = msg_decode(&m, frame, n);
	if (err != 0)
		refuse(s, err);
	else
		dispatch(s, &m, n);
	pump(s);
}

void session_foresee(struct session *s, const void *frame, size_t n)
{
	struct msg m;

	if (!s->is_closed && msg_decode(&m, frame, n) == 0 && m.type == MSG_RUN)
		take_foresee(s, &m.u.run);
}

/* Does the peer owe us a frame? */
static bool is_owed(const struct session *s)
{
	return !s->is_met || s->is_hearing || s->is_hearing_limits ||
	       s->is_walking || s->asks || s->is_blocked ||
	       s->wants.count[WANT_ASKED] > 0 ||
	       (s->served.n > 0 && s->credit_out < LIMIT_FRAME);
}

/* PROTOCOL: A side that is owed a frame and hears nothing for 120 seconds
 * closes. */
static uint64_t silence_due(const struct session *s)
{
	uint64_t borne_ms = s->link.silence_ms != 0 ? s->link.silence_ms
						    : SESSION_SILENCE_MS;

	return is_owed(s) ? s->heard_ms + borne_ms : UINT64_MAX;
}

/* PROTOCOL: After five minutes it begins a listing all the same, in case the
 * cause has gone away. */
static uint64_t stuck_due(const struct session *s)
{
	return s->is_stuck ? s->stuck_ms + SESSION_STUCK_MS : UINT64_MAX;
}

uint64_t session_due(const struct session *s)
{
	uint64_t silence = silence_due(s);
	uint64_t quiet = s->moved_ms + SESSION_QUIET_MS;
	uint64_t stuck = stuck_due(s);
	uint64_t due = silence < stuck ? silence : stuck;

	if (s->is_closed || !s->is_started)
		return UINT64_MAX;
	/* Once that is over, what is missing comes by session_recv. */
	if (s->is_stale && s->now_ms < quiet && quiet < due)
		return quiet;
	return due;
}

void session_tick(struct session *s, uint64_t now_ms)
{
	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	if (now_ms >= silence_due(s))
		session_bye(s, BYE_TIMEOUT, bye_text(BYE_TIMEOUT));
	else if (now_ms >= stuck_due(s))
		list_all(s);
	s->is_blocked = false;
	pump(s);
}

void session_writable(struct session *s, uint64_t now_ms)
{
	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	s->is_blocked = false;
	pump(s);
}

void session_moved(struct session *s, uint32_t no, uint64_t before,
		   uint64_t now_ms)
{
	int err = 0;

	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	if (s->was_even && !bits_test(&s->uneven, no)) {
		push_know(s, no, before);
		err = bits_set(&s->uneven, no);
	}
	session_touch(s);
	if (err == 0 && s->serves)
		err = bits_set(&s->dirty, no);
	if (err != 0)
		session_trouble(s, err);
	pump(s);
}

void session_roster(struct session *s, uint64_t now_ms)
{
	if (s->is_closed)
		return;
	s->now_ms = now_ms;
	session_touch(s);
	meet_roster(s);
	pull_roster(s);
	pump(s);
}

/* Does the peer give us nothing because we are not in its roster? */
static bool is_out(const struct session *s)
{
	const struct charter *charter =
		roster_charter(s->host.roster(s->host.cookie));

	return s->heard_joined != -1 && s->heard_joined != JOINED_ADMITTED &&
	       (charter == NULL || !charter->is_public);
}

enum session_state session_state(const struct session *s)
{
	if (s->is_closed)
		return SESSION_CLOSED;
	if (!s->is_met)
		return SESSION_HELLO;
	if (!s->serves || is_out(s))
		return SESSION_JOINING;
	return s->is_live ? SESSION_LIVE : SESSION_SYNC;
}

bool session_is_stuck(const struct session *s)
{
	return !s->is_closed && s->is_stuck;
}

struct session_stats session_stats(const struct session *s)
{
	struct session_stats stats = s->stats;

	stats.aside = s->wants.count[WANT_ASIDE];
	stats.wanted = wants_total(&s->wants) - stats.aside;
	return stats;
}

const struct session_peer *session_peer(const struct session *s)
{
	return s->is_met ? &s->peer : NULL;
}
