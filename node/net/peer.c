#include "node/net/peer.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "node/join/membership.h"
#include "node/net/daemon_priv.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void peer_label(char out[static PEER_LABEL], const struct peer *p)
{
	const struct roster *r = store_roster(p->d->keeper->store);
	const struct session_peer *who =
		p->session != NULL ? session_peer(p->session) : NULL;
	const struct member *m =
		who != NULL ? roster_member(r, &who->identity) : NULL;

	if (m != NULL)
		snprintf(out, PEER_LABEL, "%s", m->label);
	else
		hex_encode(out, p->key.b, 4);
}

struct session_missing peer_heard(const struct peer *p)
{
	if (p->over_ms != 0)
		return p->heard;
	return p->session != NULL ? session_missing(p->session)
				  : (struct session_missing){ .entries = 0 };
}

static void over(struct peer *p)
{
	if (p->over_ms != 0)
		return;
	p->heard = peer_heard(p);
	if (p->heard.entries > 0 && (p->link.serial != p->d->heard_of ||
				     p->heard.told != p->d->heard_told))
		session_told(p->session, heard_list_add, &p->heard_list);
	p->over_ms = p->d->now_ms;
}

void peer_weigh(struct peer *p)
{
	uint64_t now = 0;

	if (p->dial != NULL)
		now = dial_waits(p->dial);
	else if (p->conn != NULL)
		now = flow_waits(&p->conn->flow);
	p->d->waiting += now - p->waiting;
	p->waiting = now;
}

bool peer_is_full(struct peer *p)
{
	const struct daemon *d = p->d;

	if (d->waiting < PEERS_WAIT && p->waiting < PEER_WAITS)
		return false;
	peer_weigh(p);
	return p->waiting >
	       (d->waiting < PEERS_WAIT ? PEER_WAITS : LIMIT_FRAME);
}

void peer_put_off(struct peer *p)
{
	p->blocked_ms = p->d->now_ms;
	if (p->retry_ms == 0)
		p->retry_ms = PEER_RETRY_MS;
	else if (p->retry_ms < PEER_RETRY_MAX)
		p->retry_ms *= 2;
}

static int send_now(struct peer *p, const void *frame, size_t n)
{
	if (p->dial != NULL)
		return dial_send(p->dial, frame, n);
	if (p->conn != NULL)
		return net_send(p->d->net, p->conn, frame, n);
	return ERR_NOT_FOUND;
}

static int on_send(void *arg, const void *frame, size_t n)
{
	struct peer *p = arg;
	int err = peer_is_full(p) ? ERR_BUSY : send_now(p, frame, n);

	if (err == ERR_BUSY) {
		peer_put_off(p);
	} else if (err == 0) {
		p->retry_ms = 0;
		p->waiting += n;
		p->d->waiting += n;
	}
	p->is_lost = err == ERR_NOT_FOUND;
	return err;
}

/* Reasons that no node gives to whom keeps to the protocol. */
static bool is_misdeed(unsigned bye)
{
	return bye == BYE_FORMAT || bye == BYE_ORDER || bye == BYE_CREDIT ||
	       bye == BYE_FLOOD || bye == BYE_LIE;
}

static void on_bye(struct peer *p, const struct session_note *note)
{
	char label[PEER_LABEL];

	/* The connection ended before we were told: nobody said anything. */
	if (p->is_lost && note->bye == BYE_TROUBLE) {
		over(p);
		return;
	}
	peer_label(label, p);
	p->bye = (int)note->bye;
	p->bye_is_ours = note->is_ours;
	if (p->contact != NULL)
		p->contact->bye = p->bye;
	log_event(&p->d->log,
		  "event=peer-bye peer=%s by=%s reason=%u text=\"%s\"", label,
		  note->is_ours ? "us" : "peer", note->bye, note->text);
	p->has_lied = note->is_ours && is_misdeed(note->bye);
	over(p);
}

/* Up to where whoever is in step with us holds our feed. */
static uint64_t own_seq(const struct daemon *d)
{
	struct head head;

	return store_head(d->keeper->store, &d->keeper->feed, &head) == 0
		       ? head.seq
		       : 0;
}

/* A line for each feed; without one it is the list of members. */
static void log_stuck(struct log *log, const char *label,
		      const struct session_note *note)
{
	char feed[HEX_SIZE(8)];

	if (note->differs_n == 0)
		log_event(log, "event=stuck peer=%s what=members", label);
	for (size_t i = 0; i < note->differs_n; i++) {
		const struct session_differ *x = &note->differs[i];

		hex_encode(feed, x->feed.b, sizeof(feed) / 2);
		log_event(log,
			  "event=stuck peer=%s what=%s feed=%s here=%llu "
			  "there=%llu",
			  label, x->is_evidence ? "evidence" : "entries", feed,
			  (unsigned long long)x->here,
			  (unsigned long long)x->there);
	}
}

/* Called from within the session: take note, act later. */
static void on_event(void *arg, const struct session_note *note)
{
	struct peer *p = arg;
	struct log *log = &p->d->log;
	char label[PEER_LABEL], feed[HEX_SIZE(8)];

	peer_label(label, p);
	switch (note->event) {
	case SESSION_MET:
		p->was_met = true;
		p->is_new = true;
		p->d->is_twice = true;
		if (p->contact != NULL)
			p->contact->was_met = true;
		log_event(log, "event=peer-met peer=%s way=%s", label,
			  p->dial != NULL ? "out" : "in");
		break;
	case SESSION_ANSWER:
		p->answer = (int)note->joined;
		if (p->contact != NULL) {
			p->contact->answer = p->answer;
			p->contact->told_ms = p->d->now_ms;
		}
		log_event(log, "event=answer peer=%s text=\"%s\"", label,
			  joined_text(note->joined));
		break;
	case SESSION_IN_STEP:
		if (!p->was_in_step)
			log_event(log, "event=in-step peer=%s", label);
		p->was_in_step = true;
		p->d->heard_ms = 0;
		p->cursor = *note->cursor;
		p->met = own_seq(p->d);
		p->has_cursor = true;
		break;
	case SESSION_ASIDE:
		hex_encode(feed, note->feed->b, sizeof(feed) / 2);
		log_event(log, "event=feed-aside peer=%s feed=%s why=\"%s\"",
			  label, feed, err_text(note->err));
		break;
	case SESSION_FORK:
		hex_encode(feed, note->feed->b, sizeof(feed) / 2);
		log_event(log, "event=feed-differs peer=%s feed=%s seq=%llu",
			  label, feed, (unsigned long long)note->seq);
		break;
	case SESSION_STUCK:
		p->stuck_ms = p->d->now_ms;
		log_stuck(log, label, note);
		break;
	case SESSION_BYE:
		on_bye(p, note);
		break;
	}
}

static int on_join(void *arg, enum joined *status, const struct msg_join *join,
		   const struct session_peer *peer)
{
	struct peer *p = arg;
	struct daemon *d = p->d;
	int err = host_flush(d->host);
	int shown;

	if (err == 0)
		err = membership_ask(d->keeper, status, join, peer, cmd_now());
	/* Part of it may be written even if all is not. */
	shown = host_refresh(d->host);
	log_event(&d->log, "event=join label=%s text=\"%s\"", join->label,
		  err == 0 ? joined_text(*status) : err_text(err));
	return err != 0 ? err : shown;
}

/* A member has many keys and connections, and one purse for all of them; of
 * others nothing is known but where they are. */
static bool on_pay(void *arg, const struct pubkey *who, uint32_t cost_m)
{
	struct peer *p = arg;
	const void *at = &p->key;
	size_t n = sizeof(p->key);

	if (who != NULL) {
		at = who;
		n = sizeof(*who);
	} else if (p->conn != NULL) {
		at = p->conn->address;
		n = throttle_part(p->conn->address, strlen(p->conn->address));
	}
	return throttle_spend(&p->d->looks, at, n, cost_m, p->d->now_ms);
}

static struct peer *add(struct daemon *d, const struct curvekey *key)
{
	struct peer *p;

	if (d->peer_n == PEERS_MAX)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->d = d;
	p->key = *key;
	p->since_ms = d->now_ms;
	p->heard_ms = d->now_ms;
	p->answer = -1;
	p->bye = -1;
	p->link = (struct host_link){ .host = d->host,
				      .serial = ++d->serial,
				      .arg = p,
				      .send = on_send,
				      .event = on_event,
				      .join = on_join,
				      .pay = on_pay };
	d->peer[d->peer_n++] = p;
	return p;
}

/* The invite goes only to the node that it names, and only while we are not
 * in; the session runs without it when it cannot be shown. */
static void prepare_join(struct peer *p)
{
	const struct invite *inv = p->d->wish->invite;

	if (inv == NULL || p->dial == NULL || daemon_is_in(p->d) ||
	    memcmp(&inv->transport, &p->key, sizeof(p->key)) != 0)
		return;
	p->entries = malloc(JOIN_ENTRIES);
	if (p->entries == NULL ||
	    membership_join(p->d->keeper, &p->join, p->entries, inv) == 0)
		return;
	free(p->entries);
	p->entries = NULL;
}

static int start_session(struct peer *p)
{
	struct session_host ops = host_ops(&p->link);
	struct session_link link = { .peer = p->key,
				     .is_dialled = p->dial != NULL,
				     .silence_ms = p->d->wish->patience_ms };
	struct session_self self = { .feed = p->d->keeper->feed,
				     .open = p->d->open,
				     .open_n = p->d->open_n };
	int err;

	store_network(p->d->keeper->store, &self.network);
	memcpy(self.instance, p->d->host->instance, MSG_INSTANCE);
	host_cursor(p->d->host, &self.cursor, &p->key);
	self.scope = p->d->host->scope;
	prepare_join(p);
	if (p->entries != NULL)
		self.join = &p->join;
	bytes_random(link.random, sizeof(link.random));
	err = host_view(&p->link, NULL, NULL);
	if (err == 0)
		err = session_open(&p->session, &ops, &self, &link);
	bytes_wipe(&link, sizeof(link));
	if (err == 0)
		session_start(p->session, p->d->now_ms);
	return err;
}

static void frame(struct peer *p, const void *data, size_t n)
{
	p->heard_ms = p->d->now_ms;
	if (p->session != NULL && p->over_ms == 0)
		held_put(p->d, p, data, n);
}

void peers_frame(void *arg, struct net_conn *conn, const void *data, size_t n)
{
	struct daemon *d = arg;
	struct peer *p = conn->owner;

	if (p == NULL) {
		p = add(d, &conn->peer);
		if (p == NULL) {
			net_cut(conn);
			return;
		}
		p->conn = conn;
		conn->owner = p;
		if (start_session(p) != 0)
			over(p);
	}
	frame(p, data, n);
}

void peers_gone(void *arg, struct net_conn *conn)
{
	struct peer *p = conn->owner;

	/* What came before the end still counts: a BYE says why it ended. */
	held_flush(arg);
	p->cut = conn->why;
	p->conn = NULL;
	over(p);
}

int peer_dial(struct daemon *d, struct contact *c)
{
	struct dial *dial;
	struct peer *p;
	int err = dial_open(&dial, d->net, contact_address(c), &c->key,
			    d->now_ms);

	if (err != 0)
		return err;
	p = add(d, &c->key);
	if (p == NULL) {
		dial_close(dial, false);
		return ERR_LIMIT;
	}
	p->dial = dial;
	p->contact = c;
	contact_dialled(c);
	return 0;
}

static void dial_frame_came(void *arg, const void *data, size_t n)
{
	frame(arg, data, n);
}

void peer_step(struct peer *p)
{
	enum dial_state state;
	int taken = 0;

	if (p->dial == NULL || p->over_ms != 0)
		return;
	state = dial_watch(p->dial, p->d->now_ms);
	if (state == DIAL_UP && p->session == NULL && start_session(p) != 0)
		over(p);
	while (p->session != NULL && p->over_ms == 0 && taken < NET_FRAMES &&
	       dial_recv(p->dial, dial_frame_came, p))
		taken++;
	if (state == DIAL_DOWN && taken < NET_FRAMES) {
		held_flush(p->d);
		over(p);
	}
}

struct peer *peer_of(const struct daemon *d, const struct curvekey *key)
{
	struct peer *best = NULL;

	for (size_t i = 0; i < d->peer_n; i++) {
		struct peer *p = d->peer[i];

		if (p->over_ms != 0 || memcmp(&p->key, key, sizeof(*key)) != 0)
			continue;
		if (best == NULL || (p->was_met && !best->was_met))
			best = p;
	}
	return best;
}

bool peer_is_in_step(const struct peer *p)
{
	return p->over_ms == 0 && p->session != NULL &&
	       session_in_step(p->session);
}

bool peer_is_stuck(const struct peer *p)
{
	return p->over_ms == 0 && p->session != NULL &&
	       session_is_stuck(p->session) &&
	       p->d->now_ms - p->stuck_ms > PEER_STUCK_MS;
}
