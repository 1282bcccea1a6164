#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/entry.h"
#include "proto/roster/roster.h"

#include <string.h>

static const struct roster *roster_of(const struct session *s)
{
	return s->host.roster(s->host.cookie);
}

static bool is_standing(const struct roster *r, const struct pubkey *identity)
{
	const struct member *m = roster_member(r, identity);

	return m != NULL && m->is_standing;
}

/* Are we in a position to say who is a stranger? */
static bool are_we_in(const struct session *s)
{
	const struct roster *r = roster_of(s);
	const struct roster_feed *f = roster_feed(r, &s->self.feed);

	return f != NULL && is_standing(r, &f->identity);
}

/* What the peer may do, and what it should be told of that. */
static void stand(struct session *s)
{
	const struct roster *r = roster_of(s);
	const struct charter *charter = roster_charter(r);
	bool served = s->serves, took = s->takes;

	s->is_in = s->is_met && is_standing(r, &s->peer.identity);
	/* PROTOCOL: Heads and entries are given to members in standing, and in
	 * a public-read network to anybody who has proved a transport key. */
	s->serves = s->is_in ||
		    (s->is_met && charter != NULL && charter->is_public);
	s->takes = s->is_in || s->link.is_dialled;
	if (served && !s->serves)
		push_stop(s);
	if (s->has_begun &&
	    ((s->serves && !served) || (s->takes && !took && s->has_dropped)))
		list_all(s);
	if (s->is_met && !s->is_in && !s->has_join && s->said_joined == -1 &&
	    are_we_in(s))
		s->owes_joined = JOINED_STRANGER;
	if (s->is_in && s->said_joined != -1 &&
	    s->said_joined != JOINED_ADMITTED)
		s->owes_joined = JOINED_ADMITTED;
}

void meet_roster(struct session *s)
{
	stand(s);
}

/* PROTOCOL: A cursor holds when its instance is the receiver's own, and its
 * arrival not above what the receiver said in its HELLO. */
static bool holds(const struct msg_cursor *there, const struct msg_cursor *here)
{
	return memcmp(there->instance, here->instance, MSG_INSTANCE) == 0 &&
	       there->arrival > 0 && there->arrival <= here->arrival;
}

/* Do both sides know where they were in step?  Both ask it of the same two
 * HELLOs, so both find the same. */
static bool has_cursors(const struct session *s)
{
	const struct msg_hello *h = &s->hello;
	struct msg_cursor here = { .arrival = s->said_arrival };

	memcpy(here.instance, s->self.instance, MSG_INSTANCE);
	return (h->flags & HELLO_FINDS) != 0 && holds(&h->there, &here) &&
	       holds(&s->self.cursor.peer, &h->here);
}

/* Do the digests of both HELLOs tell of the same feeds?  The first one was of
 * those that the dialler follows, the second of those that both do. */
static bool is_one_view(const struct session *s)
{
	const struct msg_scope *mine = &s->self.scope,
			       *theirs = &s->hello.scope;

	return (s->link.is_dialled ? theirs->n : mine->n) == 0 ||
	       scope_eq(mine, theirs);
}

/* Once both have said HELLO and the peer has proved who it is: are there
 * differences?  The dialler begins the listing, so that only one does; but if
 * the HELLOs were equal it will not, and who has moved since has to. */
static void begin(struct session *s)
{
	bool was_equal, must;

	if (s->has_begun || !s->has_said_hello || !s->is_met)
		return;
	s->has_begun = true;
	if (!id_eq(&s->told.roster, &s->heard.roster))
		limits_tell(s);
	was_equal = is_one_view(s) && step_is_same(&s->told, &s->heard);
	/* What is compared from here on follows from its HELLO. */
	if (!was_equal && !session_pay(s, LOOKS))
		return;
	/* Else what was told is not what is compared. */
	s->is_stale = s->is_stale || !is_one_view(s);
	must = was_equal ? s->is_stale : s->link.is_dialled;
	if (s->has_dropped) {
		list_all(s);
	} else if (!was_equal && has_cursors(s)) {
		/* PROTOCOL: Then each side lists the heads that came to it
		 * since. */
		list_since(s, s->hello.there.arrival);
		s->is_walking = !s->has_heard;
	} else if (must)
		walk_begin(s);
}

static void met(struct session *s, const struct pubkey *identity)
{
	s->is_met = true;
	s->peer.feed = s->hello.feed;
	s->peer.identity = *identity;
	s->peer.transport = s->link.peer;
	session_note(s, SESSION_MET, &s->peer.feed, 0, 0);
	stand(s);
	begin(s);
}

/* Is this the transport key of the connection? */
static bool is_peer_key(struct session *s, const struct curvekey *transport)
{
	if (memcmp(transport, &s->link.peer, sizeof(*transport)) == 0)
		return true;
	session_bye(s, BYE_KEY, "the open entry names another transport key");
	return false;
}

void meet_hello(struct session *s, const struct msg_hello *m)
{
	const struct roster_feed *f;
	int err;

	if (s->has_hello) {
		session_bye(s, BYE_ORDER, "HELLO comes once");
		return;
	}
	if (!id_eq(&m->network, &s->self.network)) {
		session_bye(s, BYE_NETWORK, bye_text(BYE_NETWORK));
		return;
	}
	if (pubkey_eq(&m->feed, &s->self.feed)) {
		session_bye(s, BYE_SELF, bye_text(BYE_SELF));
		return;
	}
	f = roster_feed(roster_of(s), &m->feed);
	if (f != NULL && !is_peer_key(s, &f->transport))
		return;
	if (f != NULL) {
		s->peer.identity = f->identity;
		s->is_in = is_standing(roster_of(s), &f->identity);
	}
	if (m->scope.n > 0 && !session_pay(s, SCOPE_LOOKS))
		return;
	err = s->host.scope(s->host.cookie, &m->scope, &m->feed);
	if (err != 0) {
		session_trouble(s, err);
		return;
	}
	s->has_hello = true;
	s->hello = *m;
	s->credit_out = m->credit;
	s->heard.feeds = m->feeds;
	s->heard.frontier = m->frontier;
	s->heard.roster = m->roster;
	s->heard.arrival = m->here.arrival;
	if (f == NULL)
		s->owes_ask = true;
	else
		met(s, &f->identity);
}

/* Is raw a valid first entry of the peer's feed in our network?  The roster
 * knows what makes one, so an empty one is asked. */
static int read_open(struct session *s, struct roster_feed *out,
		     const uint8_t *raw, size_t n)
{
	struct roster *scratch;
	const struct roster_feed *f;
	struct entry e;
	struct id id;
	bool changed;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	if (!pubkey_eq(&e.feed, &s->hello.feed))
		return ERR_DENIED;
	err = entry_verify(&e);
	if (err != 0)
		return err;
	err = roster_open(&scratch, &s->self.network);
	if (err != 0)
		return err;
	id = entry_id(&e);
	err = roster_add(scratch, &changed, &e, &id);
	f = roster_feed(scratch, &s->hello.feed);
	if (err == 0 && f == NULL)
		err = ERR_FORMAT;
	if (err == 0)
		*out = *f;
	roster_close(scratch);
	return err;
}

/* The peer shows its `open`; false when that ended the session. */
static bool shown(struct session *s, const uint8_t *raw, size_t n)
{
	struct roster_feed f;
	int err = read_open(s, &f, raw, n);

	if (err == ERR_NOMEM) {
		session_trouble(s, err);
		return false;
	}
	if (err != 0) {
		session_bye(s, BYE_KEY, "the open entry is not valid");
		return false;
	}
	if (!is_peer_key(s, &f.transport))
		return false;
	met(s, &f.identity);
	return true;
}

void meet_open(struct session *s, const struct msg_open *m)
{
	if (m->raw == NULL) {
		if (s->owes_open || s->gave_open)
			session_bye(s, BYE_ORDER, "OPEN is asked for once");
		s->owes_open = true;
		return;
	}
	if (!s->has_asked) {
		session_bye(s, BYE_ORDER, "OPEN was not asked for");
		return;
	}
	s->has_asked = false;
	/* JOIN may have brought it meanwhile. */
	if (!s->is_met)
		shown(s, m->raw, m->raw_n);
}

void meet_join(struct session *s, const struct msg_join *m)
{
	struct msg_list entries = m->entries;
	const uint8_t *raw;
	enum joined status;
	size_t n;
	int err;

	if (s->has_join) {
		session_bye(s, BYE_ORDER, "JOIN comes once");
		return;
	}
	s->has_join = true;
	if (!msg_next_bin(&entries, &raw, &n) ||
	    (!s->is_met && !shown(s, raw, n)))
		return;
	if (s->is_in) {
		s->owes_joined = JOINED_ADMITTED;
		return;
	}
	err = s->host.join(s->host.cookie, &status, m, &s->peer);
	if (err != 0) {
		session_trouble(s, err);
		return;
	}
	s->owes_joined = (int)status;
	stand(s);
}

void meet_joined(struct session *s, enum joined status)
{
	/* Said before our JOIN was read, or said before. */
	if ((s->self.join != NULL && status == JOINED_STRANGER) ||
	    s->heard_joined == (int)status)
		return;
	s->heard_joined = (int)status;
	session_note(s, SESSION_ANSWER, NULL, 0, 0);
}

static int say_hello(struct session *s)
{
	struct msg m = { .type = MSG_HELLO };
	struct msg_hello *h = &m.u.hello;
	int err = s->host.flush(s->host.cookie);

	if (err == ERR_BUSY)
		return err;
	if (err != 0) {
		session_trouble(s, err);
		return ERR_STATE;
	}
	step_stand(s, &s->told);
	h->network = s->self.network;
	h->feed = s->self.feed;
	h->feeds = s->told.feeds;
	h->frontier = s->told.frontier;
	h->roster = s->told.roster;
	memcpy(h->here.instance, s->self.instance, MSG_INSTANCE);
	h->here.arrival = s->told.arrival;
	h->there = s->self.cursor.peer;
	h->credit = SESSION_WINDOW;
	h->flags = HELLO_FINDS | HELLO_PARTS;
	memcpy(h->nonce, s->link.random, MSG_NONCE);
	h->scope = s->self.scope;
	err = session_send_msg(s, &m);
	if (err != 0)
		return err;
	s->has_said_hello = true;
	s->said_arrival = s->told.arrival;
	s->is_stale = false;
	begin(s);
	return 0;
}

static int say_open(struct session *s, const uint8_t *raw, size_t n)
{
	struct msg m = { .type = MSG_OPEN };

	m.u.open.raw = raw;
	m.u.open.raw_n = n;
	return session_send_msg(s, &m);
}

/* Send one thing and forget that it is owed. */
static int pay(bool *owed, int err)
{
	if (err == 0)
		*owed = false;
	return err;
}

static int say_joined(struct session *s)
{
	struct msg m = { .type = MSG_JOINED };
	int err;

	m.u.joined = (enum joined)s->owes_joined;
	err = session_send_msg(s, &m);
	if (err == 0) {
		s->said_joined = s->owes_joined;
		s->owes_joined = -1;
	}
	return err;
}

int meet_pump(struct session *s)
{
	struct msg join = { .type = MSG_JOIN };
	int err = 0;

	if (s->is_closed)
		return ERR_STATE;
	if (!s->has_said_hello && s->is_started &&
	    (s->link.is_dialled || s->has_hello))
		err = say_hello(s);
	if (err != 0 || !s->has_hello || !s->has_said_hello)
		return err != 0 ? err : ERR_STATE;
	if (s->owes_ask) {
		err = pay(&s->owes_ask, say_open(s, NULL, 0));
		s->has_asked = err == 0;
	}
	if (err == 0 && s->owes_open) {
		err = pay(&s->owes_open,
			  say_open(s, s->self.open, s->self.open_n));
		s->gave_open = err == 0;
	}
	if (err == 0 && s->owes_join) {
		join.u.join = *s->self.join;
		err = pay(&s->owes_join, session_send_msg(s, &join));
	}
	if (err == 0 && s->owes_joined != -1)
		err = say_joined(s);
	return err;
}
