#include "node/net/daemon_priv.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "node/net/clock.h"
#include "node/net/follow.h"
#include "node/proof/checkpointing.h"
#include "store/log.h"
#include "store/store.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	ROUND_MS = 1000,      /* a round at least that often */
	PUBLISHED_MS = 60000, /* between looks for published addresses */
	ITEMS = NET_POLL + CONTACTS_MAX * DIAL_POLL + 2 + DAEMON_CTLS
};

void daemon_end(struct daemon *d, enum daemon_end end, int err)
{
	if (d->is_over)
		return;
	d->is_over = true;
	d->result->end = end;
	d->result->err = err;
}

bool daemon_is_in(const struct daemon *d)
{
	const struct member *m = roster_member(store_roster(d->keeper->store),
					       &d->keeper->identity);

	return m != NULL && m->is_standing;
}

uint32_t daemon_random(void)
{
	uint8_t b[4];

	bytes_random(b, sizeof(b));
	return be32_get(b);
}

/* Everybody that can be dialled: named, kept, of the invite, published. */
static int fill_contacts(struct daemon *d)
{
	const struct daemon_wish *w = d->wish;
	struct contact *c;
	int err = 0;

	for (size_t i = 0; w->invite != NULL && i < w->invite->addresses_n;
	     i++) {
		c = contacts_add(&d->contacts, &w->invite->transport,
				 w->invite->addresses[i]);
		if (c != NULL)
			c->is_kept = true;
	}
	if (w->mode == DAEMON_JOIN)
		return 0;
	for (size_t i = 0; i < w->named_n; i++) {
		c = contacts_add(&d->contacts, &w->named[i].key,
				 w->named[i].address);
		if (c != NULL)
			c->is_named = true;
	}
	err = contacts_load(&d->contacts, d->keeper->store);
	contacts_publish(&d->contacts, store_roster(d->keeper->store),
			 &d->keeper->feed, daemon_random(), 0);
	c = contacts_find(&d->contacts, &d->keeper->transport.pub);
	if (c != NULL) {
		c->is_ours = true;
		c->bye = BYE_SELF;
	}
	return err;
}

static int open_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* Before ZeroMQ's threads are made: they inherit it. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_IO;
	signal(SIGPIPE, SIG_IGN);
	d->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return d->signal_fd >= 0 ? 0 : ERR_IO;
}

static int open_wish(struct daemon *d)
{
	struct follow_wish wish;
	int err = follow_wish_get(d->keeper->store, &wish);

	d->has_wish = err == 0 && wish.n > 0;
	return err;
}

static int open_all(struct daemon *d)
{
	const struct net_hooks hooks = { d, peers_frame, peers_gone };
	const struct net_tuning tuning = net_tuning();
	struct keeper *k = d->keeper;
	int err = open_signals(d);

	if (err == 0)
		err = store_entry(k->store, &k->feed, 1, d->open, &d->open_n);
	if (err == 0)
		err = heard_get(k->store, &d->heard);
	if (err == 0)
		err = open_wish(d);
	if (err == 0)
		err = host_open(&d->host, k);
	if (err == 0)
		err = fill_contacts(d);
	if (err == 0)
		err = net_open(&d->net, &k->transport, &tuning, &hooks);
	if (err == 0)
		err = ctl_listen(&d->ctl_fd, k->home.socket);
	return err;
}

static void close_all(struct daemon *d)
{
	if (d->host != NULL) {
		host_flush(d->host);
		peers_heard(d, true);
		peers_bye(d, BYE_DONE, "this node is stopping");
	}
	lan_close(d->lan);
	peers_close(d);
	net_close(d->net);
	host_close(d->host);
	for (size_t i = 0; i < DAEMON_CTLS; i++)
		ctl_conn_close(&d->ctl[i]);
	if (d->ctl_fd >= 0) {
		close(d->ctl_fd);
		unlink(d->keeper->home.socket);
	}
	if (d->signal_fd >= 0)
		close(d->signal_fd);
}

/* What is polled, and where the parts of it stand. */
struct polling {
	zmq_pollitem_t item[ITEMS];
	size_t n;
	size_t signal_at, ctl_at, conn_at;
	short conn[DAEMON_CTLS];
};

static size_t put_fd(struct polling *p, int fd, short events)
{
	p->item[p->n] = (zmq_pollitem_t){ NULL, fd, events, 0 };
	return p->n++;
}

static short to_zmq(short events)
{
	return (short)((events & POLLIN ? ZMQ_POLLIN : 0) |
		       (events & POLLOUT ? ZMQ_POLLOUT : 0));
}

static void fill_polling(struct polling *p, const struct daemon *d)
{
	p->n = net_poll(d->net, p->item);
	for (size_t i = 0; i < d->peer_n; i++)
		if (d->peer[i]->dial != NULL && d->peer[i]->over_ms == 0)
			p->n += dial_poll(d->peer[i]->dial, p->item + p->n);
	p->signal_at = put_fd(p, d->signal_fd, ZMQ_POLLIN);
	p->ctl_at = put_fd(p, d->ctl_fd, ZMQ_POLLIN);
	p->conn_at = p->n;
	for (size_t i = 0; i < DAEMON_CTLS; i++)
		if (d->ctl[i].fd >= 0)
			put_fd(p, d->ctl[i].fd,
			       to_zmq(ctl_conn_events(&d->ctl[i])));
}

static void read_polling(struct polling *p, const struct daemon *d)
{
	size_t at = p->conn_at;

	memset(p->conn, 0, sizeof(p->conn));
	for (size_t i = 0; i < DAEMON_CTLS; i++) {
		short events;

		if (d->ctl[i].fd < 0)
			continue;
		events = p->item[at++].revents;
		p->conn[i] = (short)((events & ZMQ_POLLIN ? POLLIN : 0) |
				     (events & ZMQ_POLLOUT ? POLLOUT : 0) |
				     (events & ZMQ_POLLERR ? POLLHUP : 0));
	}
}

static void least(uint64_t *a, uint64_t b)
{
	if (b < *a)
		*a = b;
}

static long wait_ms(const struct daemon *d)
{
	uint64_t now_ms = clock_ms();
	uint64_t due = now_ms + ROUND_MS;

	least(&due, peers_due(d));
	if (net_count(d->net) > 0)
		least(&due, now_ms + NET_SWEEP_MS);
	for (size_t i = 0; i < d->contacts.n; i++) {
		const struct contact *c = &d->contacts.row[i];

		if (c->next_ms > now_ms)
			least(&due, c->next_ms);
	}
	return due > now_ms ? (long)(due - now_ms) : 0;
}

static void dial_due(struct daemon *d)
{
	for (size_t i = 0; i < d->contacts.n; i++) {
		struct contact *c = &d->contacts.row[i];

		if (c->is_ours || d->now_ms < c->next_ms ||
		    peer_of(d, &c->key) != NULL)
			continue;
		if (peer_dial(d, c) != 0)
			contact_failed(c, d->contacts.is_hasty, d->now_ms,
				       daemon_random());
	}
}

static bool is_anybody_there(const struct daemon *d)
{
	for (size_t i = 0; i < d->peer_n; i++)
		if (d->peer[i]->was_met && d->peer[i]->over_ms == 0)
			return true;
	return false;
}

static void look_for_contacts(struct daemon *d)
{
	if (d->wish->mode != DAEMON_LIVE ||
	    d->now_ms - d->published_ms < PUBLISHED_MS)
		return;
	d->published_ms = d->now_ms;
	if (!is_anybody_there(d))
		contacts_hurry(&d->contacts, d->now_ms, daemon_random());
	contacts_publish(&d->contacts, store_roster(d->keeper->store),
			 &d->keeper->feed, daemon_random(), d->now_ms);
}

/* An association's node closes what came in, once an hour. */
static void make_checkpoint(struct daemon *d)
{
	struct checkpointed c = { .size = 0 };
	int err;

	if (d->wish->mode != DAEMON_LIVE ||
	    !checkpoint_due(&d->checkpoint_ms, d->now_ms) ||
	    !checkpoint_may(d->keeper))
		return;
	peers_settle(d);
	err = checkpoint_make(d->keeper, &c, cmd_now());
	if (err == 0 && !c.is_new)
		return;
	if (err == 0)
		err = host_refresh(d->host);
	log_event(&d->log, "event=checkpoint size=%llu error=\"%s\"",
		  (unsigned long long)c.size, err_text(err));
	peers_settle(d);
}

static void look_after(struct daemon *d)
{
	if (!net_is_safe(d->net)) {
		log_event(&d->log, "event=zap-died");
		daemon_end(d, DAEMON_TROUBLE, ERR_IO);
	}
	for (enum net_cause c = 0; c < NET_CAUSES; c++) {
		const char *from = net_ended_from(d->net, c);

		/* Of a handshake that failed it is not known where from. */
		if (net_ended(d->net, c) != d->ended[c])
			log_event(&d->log, "event=%s count=%llu%s%s",
				  net_cause_text(c),
				  (unsigned long long)net_ended(d->net, c),
				  from[0] != '\0' ? " from=" : "", from);
		d->ended[c] = net_ended(d->net, c);
	}
	keeper_whose(d->keeper);
	look_for_contacts(d);
	daemon_lan_step(d);
	daemon_publish(d);
	make_checkpoint(d);
}

/* Everything that came in, then everything that follows from it. */
static void round_of(struct daemon *d, struct polling *p)
{
	d->now_ms = clock_ms();
	if (p->item[p->signal_at].revents != 0)
		daemon_end(d, DAEMON_STOPPED, 0);
	net_step(d->net, d->now_ms);
	for (size_t i = 0; i < d->peer_n; i++)
		peer_step(d->peer[i]);
	held_flush(d);
	peers_settle(d);
	if (d->host->is_old_copy || d->host->is_forked)
		daemon_renew(d);
	else if (d->host->was_ours)
		daemon_reissue(d);
	daemon_ctl_step(d, p->conn);
	peers_tick(d);
	peers_settle(d);
	daemon_follow(d);
	daemon_goal(d);
	peers_reap(d);
	dial_due(d);
	look_after(d);
}

static void loop(struct daemon *d)
{
	struct polling p;

	dial_due(d);
	while (!d->is_over) {
		fill_polling(&p, d);
		if (zmq_poll(p.item, (int)p.n, wait_ms(d)) < 0) {
			for (size_t i = 0; i < p.n; i++)
				p.item[i].revents = 0;
		}
		read_polling(&p, d);
		round_of(d, &p);
	}
}

void daemon_run(struct daemon_result *out, struct keeper *k,
		const struct daemon_wish *wish)
{
	struct daemon *d = calloc(1, sizeof(*d));
	int err;

	*out = (struct daemon_result){ .end = DAEMON_TROUBLE,
				       .err = ERR_NOMEM,
				       .joined = -1 };
	if (d == NULL)
		return;
	d->keeper = k;
	d->wish = wish;
	d->result = out;
	d->signal_fd = -1;
	d->ctl_fd = -1;
	for (size_t i = 0; i < DAEMON_CTLS; i++)
		d->ctl[i].fd = -1;
	log_init(&d->log, wish->mode == DAEMON_LIVE);
	throttle_init(&d->looks, PEER_LOOKS, PEER_LOOKS_RATE);
	/* Frames go back to the system when they are out, so that the most
	 * that ever waited does not stay with us. */
	mallopt(M_MMAP_THRESHOLD, LIMIT_FRAME / 4);
	d->started_ms = clock_ms();
	d->now_ms = d->started_ms;
	d->contacts.is_hasty = wish->mode != DAEMON_LIVE;
	err = open_all(d);
	if (err != 0)
		daemon_end(d, DAEMON_TROUBLE, err);
	else if (daemon_listen(d)) {
		daemon_lan_open(d);
		loop(d);
	}
	close_all(d);
	free(d);
}
