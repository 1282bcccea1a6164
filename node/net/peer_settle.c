#include "node/net/daemon_priv.h"

#include "crypto/err.h"
#include "node/safe/renewal.h"
#include "store/store.h"

#include <stdlib.h>

/* Between looks at what is to come, which take time with very many feeds: while
 * it comes, when it costs no sync of its own, and otherwise. */
enum { HEARD_MS = 250, HEARD_LATER_MS = 1000 };
enum { LIST_ROWS_MS = 4 }; /* rows of it that may be written in a ms */

static bool is_alive(const struct peer *p)
{
	return p->session != NULL && p->over_ms == 0;
}

void peers_bye(struct daemon *d, enum bye reason, const char *text)
{
	for (size_t i = 0; i < d->peer_n; i++)
		if (is_alive(d->peer[i]))
			session_bye(d->peer[i]->session, reason, text);
}

static void tell_moves(struct daemon *d)
{
	struct host *h = d->host;
	size_t n = h->durable_n;

	for (size_t i = 0; i < d->peer_n && n > 0; i++) {
		struct peer *p = d->peer[i];

		for (size_t j = 0; j < n && is_alive(p); j++)
			if (h->moves[j].origin != p->link.serial)
				session_moved(p->session, h->moves[j].no,
					      h->moves[j].before, d->now_ms);
	}
	host_told(h, n);
}

static void tell_proofs(struct daemon *d)
{
	struct host *h = d->host;

	for (size_t i = 0; i < d->peer_n && h->proofs_n > 0; i++) {
		struct peer *p = d->peer[i];

		for (size_t j = 0; j < h->proofs_n && is_alive(p); j++)
			if (h->proofs[j].origin != p->link.serial)
				session_proof(p->session, &h->proofs[j].feed,
					      h->proofs[j].type, d->now_ms);
	}
	h->proofs_n = 0;
}

static void tell_roster(struct daemon *d)
{
	if (!d->host->has_roster_news)
		return;
	d->host->has_roster_news = false;
	for (size_t i = 0; i < d->peer_n; i++)
		if (is_alive(d->peer[i]))
			session_roster(d->peer[i]->session, d->now_ms);
}

static void tell_waiting(struct daemon *d)
{
	for (size_t i = 0; i < d->peer_n; i++) {
		struct peer *p = d->peer[i];

		if (!p->link.is_waiting)
			continue;
		p->link.is_waiting = false;
		if (is_alive(p))
			session_writable(p->session, d->now_ms);
	}
}

static bool is_member(const struct daemon *d, const struct session_peer *who)
{
	const struct member *m =
		who != NULL ? roster_member(store_roster(d->keeper->store),
					    &who->identity)
			    : NULL;

	return m != NULL && m->is_standing;
}

/* Remember where we were in step with a member: in the batch that is open, or
 * when the session ends. */
static void keep_cursor(struct daemon *d, struct peer *p)
{
	if (!p->has_cursor || p->session == NULL ||
	    !is_member(d, session_peer(p->session)))
		return;
	p->has_cursor = false;
	if (host_keep(d->host, &p->cursor, &p->key) != 0 ||
	    renewal_met(d->keeper, p->met) != 0)
		log_event(&d->log, "event=cursor-not-kept");
}

/* Of those who are somebody, the one that tells of most, and what that is;
 * NULL: nobody tells of anything.  *is_known: we know that nothing is to come,
 * from one that is in step; and so it is when whoever told of it has lied. */
static const struct peer *who_tells_most(const struct daemon *d,
					 struct session_missing *most,
					 bool *is_known)
{
	const struct peer *best = NULL;

	*most = (struct session_missing){ .entries = 0 };
	*is_known = false;
	for (size_t i = 0; i < d->peer_n; i++) {
		const struct peer *p = d->peer[i];
		struct session_missing m = peer_heard(p);
		bool is_liar = p->has_lied && p->link.serial == d->heard_of;

		*is_known = *is_known || is_liar || peer_is_in_step(p);
		/* What somebody says who is nobody yet is no news. */
		if (p->has_lied || m.entries <= most->entries ||
		    (p->dial == NULL &&
		     !is_member(d, session_peer(p->session))))
			continue;
		*most = m;
		best = p;
	}
	return best;
}

/* Nobody tells of it any more, but what is to come may have come from
 * elsewhere: on a stick. */
static void lower_heard(struct daemon *d)
{
	if (d->heard.entries == 0 || d->heard_at == d->host->arrival)
		return;
	if (heard_lower(d->keeper->store, &d->heard) == 0)
		d->heard_at = d->host->arrival;
}

/* The sums change with all that comes, the list only with what is told; while
 * it is long it is written now and then. */
static bool is_list_due(const struct daemon *d, const struct peer *who,
			uint32_t told)
{
	uint64_t serial = who != NULL ? who->link.serial : 0;

	if (serial != d->heard_of)
		return true;
	return told != d->heard_told &&
	       (!is_alive(who) || d->now_ms >= d->list_ms);
}

/* who tells of it, NULL for nobody. */
static int keep_list(struct daemon *d, const struct heard *now,
		     const struct peer *who, uint32_t told)
{
	struct heard_list list = { .row = NULL };
	bool is_over = who != NULL && who->over_ms != 0;
	int err;

	if (who != NULL && is_alive(who))
		session_told(who->session, heard_list_add, &list);
	err = heard_put(d->keeper->store, now,
			is_over ? &who->heard_list : &list);
	d->list_ms = d->now_ms + list.n / LIST_ROWS_MS;
	if (err == 0) {
		d->heard_of = who != NULL ? who->link.serial : 0;
		d->heard_told = told;
	}
	heard_list_release(&list);
	return err;
}

/* What is here as this is told, with what the open batch brings. */
static void count_held(const struct host *h, struct heard *out)
{
	for (uint32_t no = 0; no < h->rows_n; no++) {
		out->held_entries += h->rows[no].seq;
		out->held_feeds += h->rows[no].seq > 0;
	}
}

void peers_heard(struct daemon *d, bool at_once)
{
	bool in_batch = d->host->batch_bytes > 0, is_known, is_due;
	struct session_missing most;
	const struct peer *who;
	struct heard now;

	/* The first of what is to come is not here before that is told. */
	at_once = at_once || (in_batch && d->heard.entries == 0);
	if (!at_once &&
	    d->now_ms - d->heard_ms < (in_batch ? HEARD_MS : HEARD_LATER_MS))
		return;
	d->heard_ms = d->now_ms;
	/* A batch in which nothing came would be given up, and this with it. */
	if (!in_batch && host_flush(d->host) != 0)
		return;
	who = who_tells_most(d, &most, &is_known);
	if (who == NULL && !is_known) {
		lower_heard(d);
		return;
	}
	now = (struct heard){ .entries = most.entries,
			      .feeds = most.feeds,
			      .begun = most.begun };
	is_due = is_list_due(d, who, most.told);
	if (heard_eq(&now, &d->heard) && !is_due)
		return;
	count_held(d->host, &now);
	if ((is_due ? keep_list(d, &now, who, most.told)
		    : heard_put(d->keeper->store, &now, NULL)) != 0)
		return;
	d->heard = now;
	d->heard_at = d->host->arrival;
}

void peers_settle(struct daemon *d)
{
	int err;

	for (size_t i = 0; i < d->peer_n && d->host->batch_bytes > 0; i++)
		keep_cursor(d, d->peer[i]);
	peers_heard(d, false);
	err = host_flush(d->host);
	if (err != 0 || d->host->is_failed) {
		log_event(&d->log, "event=store-failed error=\"%s\"",
			  err_text(err != 0 ? err : ERR_IO));
		d->host->is_failed = false;
		peers_bye(d, BYE_TROUBLE, "the disk failed");
	}
	tell_proofs(d);
	tell_moves(d);
	tell_roster(d);
	tell_waiting(d);
}

/* Of two sessions with one node, which one ends? */
static struct peer *loser(const struct daemon *d, struct peer *a,
			  struct peer *b)
{
	const struct session_peer *who = session_peer(a->session);
	bool ours_wins = pubkey_cmp(&d->keeper->feed, &who->feed) < 0;

	/* Two the same way: the earlier one is a connection that died. */
	if ((a->dial != NULL) == (b->dial != NULL))
		return a->link.serial < b->link.serial ? a : b;
	if (a->dial != NULL)
		return ours_wins ? b : a;
	return ours_wins ? a : b;
}

static void compare(struct daemon *d, struct peer *p)
{
	const struct session_peer *who = session_peer(p->session);

	for (size_t i = 0; i < d->peer_n && is_alive(p); i++) {
		struct peer *q = d->peer[i];
		const struct session_peer *other =
			q != p && is_alive(q) ? session_peer(q->session) : NULL;

		if (other != NULL && pubkey_eq(&other->feed, &who->feed))
			session_bye(loser(d, p, q)->session, BYE_TWICE,
				    bye_text(BYE_TWICE));
	}
}

/* Two nodes that dial each other keep one session. */
static void look_at_new(struct daemon *d)
{
	if (!d->is_twice)
		return;
	d->is_twice = false;
	for (size_t i = 0; i < d->peer_n; i++) {
		struct peer *p = d->peer[i];

		if (!p->is_new || !is_alive(p))
			continue;
		p->is_new = false;
		compare(d, p);
	}
}

static void look_at_one(struct daemon *d, struct peer *p)
{
	struct session *s = p->session;

	if (p->blocked_ms != 0 && d->now_ms - p->blocked_ms >= p->retry_ms) {
		p->blocked_ms = 0;
		if (peer_is_full(p))
			peer_put_off(p);
		else
			session_writable(s, d->now_ms);
	}
	if (d->now_ms >= session_due(s))
		session_tick(s, d->now_ms);
	if (!p->was_met && d->now_ms - p->since_ms > PEER_MEET_MS)
		session_bye(s, BYE_TIMEOUT, bye_text(BYE_TIMEOUT));
	if (p->conn != NULL && !p->conn->is_known)
		p->conn->is_known = is_member(d, session_peer(s));
}

/* What was sent to those that are quiet now has arrived meanwhile. */
static void weigh(struct daemon *d)
{
	if (d->waiting == 0 || d->now_ms - d->weighed_ms < NET_SWEEP_MS)
		return;
	d->weighed_ms = d->now_ms;
	for (size_t i = 0; i < d->peer_n; i++)
		if (d->peer[i]->waiting > 0)
			peer_weigh(d->peer[i]);
}

void peers_tick(struct daemon *d)
{
	look_at_new(d);
	weigh(d);
	for (size_t i = 0; i < d->peer_n; i++)
		if (is_alive(d->peer[i]))
			look_at_one(d, d->peer[i]);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t peers_due(const struct daemon *d)
{
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < d->peer_n; i++) {
		const struct peer *p = d->peer[i];

		if (p->over_ms != 0)
			due = least(due, p->over_ms + PEER_PARTING_MS);
		if (!is_alive(p))
			continue;
		due = least(due, session_due(p->session));
		if (p->blocked_ms != 0)
			due = least(due, p->blocked_ms + p->retry_ms);
		if (!p->was_met)
			due = least(due, p->since_ms + PEER_MEET_MS + 1);
	}
	return due;
}

/* What the contact learns from how it ended. */
static void give_back(struct daemon *d, const struct peer *p)
{
	struct contact *c = p->contact;

	if (c == NULL)
		return;
	if (p->bye == BYE_SELF)
		c->is_ours = true;
	if (p->was_in_step || p->bye == BYE_TWICE ||
	    (p->session != NULL && session_stats(p->session).entries_in > 0) ||
	    (p->was_met && p->over_ms - p->since_ms > PEER_STEADY_MS))
		contact_worked(c);
	contact_failed(c, d->contacts.is_hasty, d->now_ms, daemon_random());
}

/* Over without a word from either side.  Of a frame above the limit, or of half
 * a frame, libzmq says no more than that the connection has ended. */
static void tell_lost(struct daemon *d, const struct peer *p)
{
	char label[PEER_LABEL];

	if (p->session == NULL || p->bye >= 0)
		return;
	peer_label(label, p);
	log_event(&d->log, "event=peer-lost peer=%s why=%s", label,
		  p->cut != NULL
			  ? p->cut
			  : "\"the link broke, or a frame was too long\"");
}

static void release(struct peer *p)
{
	p->d->waiting -= p->waiting;
	keep_cursor(p->d, p);
	if (p->conn != NULL)
		p->conn->owner = NULL;
	session_close(p->session);
	host_leave(&p->link);
	dial_close(p->dial, p->bye_is_ours);
	heard_list_release(&p->heard_list);
	free(p->entries);
	free(p);
}

static bool is_parting(const struct daemon *d, const struct peer *p)
{
	return p->conn != NULL && p->bye_is_ours &&
	       d->now_ms - p->over_ms < PEER_PARTING_MS;
}

static bool is_done(const struct daemon *d, const struct peer *p)
{
	return p->over_ms != 0 && !is_parting(d, p);
}

void peers_reap(struct daemon *d)
{
	size_t kept = 0, done = 0;

	for (size_t i = 0; i < d->peer_n; i++)
		done += is_done(d, d->peer[i]);
	/* It looks at all of them, so before the first is freed. */
	if (done > 0)
		peers_heard(d, true);
	for (size_t i = 0; i < d->peer_n; i++) {
		struct peer *p = d->peer[i];

		if (!is_done(d, p)) {
			d->peer[kept++] = p;
			continue;
		}
		give_back(d, p);
		tell_lost(d, p);
		if (p->conn != NULL)
			net_cut(p->conn);
		release(p);
	}
	d->peer_n = kept;
}

void peers_close(struct daemon *d)
{
	for (size_t i = 0; i < d->peer_n; i++)
		release(d->peer[i]);
	d->peer_n = 0;
}
