#include "node/net/daemon_priv.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "node/ctl/desk.h"
#include "node/import/intake.h"
#include "node/join/membership.h"
#include "node/net/clock.h"
#include "node/net/peerlist.h"
#include "node/proof/checkpointing.h"
#include "node/text/i18n.h"
#include "proto/form.h"
#include "store/store.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int do_status(struct daemon *d, struct ctl_request *req,
		     struct ctl_reply *reply)
{
	struct wr *w = &reply->value;

	(void)req;
	wr_array(w, 5);
	wr_uint(w, (uint64_t)d->wish->mode);
	wr_uint(w, daemon_is_in(d));
	wr_uint(w, clock_ms() - d->started_ms);
	wr_uint(w, net_count(d->net));
	wr_uint(w, net_ended(d->net, NET_STARVED));
	return 0;
}

static const char *state_word(const struct peer *p)
{
	if (p->session == NULL)
		return "connecting";
	if (session_is_stuck(p->session))
		return "stuck";
	switch (session_state(p->session)) {
	case SESSION_HELLO:
		return "hello";
	case SESSION_JOINING:
		return "joining";
	case SESSION_SYNC:
		return "sync";
	case SESSION_LIVE:
		return "live";
	case SESSION_CLOSED:
		return "down";
	}
	return "down";
}

static uint64_t wall_ms(const struct daemon *d, uint64_t then_ms)
{
	uint64_t ago = d->now_ms - then_ms;
	uint64_t now = cmd_now();

	return now > ago ? now - ago : 0;
}

static void fill_peer(struct peerlist_row *row, const struct peer *p)
{
	const char *where =
		p->contact != NULL ? contact_address(p->contact) : "";
	struct pubkey feed;

	memset(row, 0, sizeof(*row));
	if (p->conn != NULL)
		where = p->conn->address;
	peer_label(row->label, p);
	snprintf(row->address, sizeof(row->address), "%s", where);
	snprintf(row->state, sizeof(row->state), "%s", state_word(p));
	row->is_dialled = p->dial != NULL;
	if (p->session == NULL)
		return;
	row->in_step = peer_is_in_step(p);
	row->last_ms = wall_ms(p->d, p->heard_ms);
	row->bytes_in = session_stats(p->session).bytes_in;
	row->bytes_out = session_stats(p->session).bytes_out;
	if (session_aside(p->session, &feed))
		hex_encode(row->aside, feed.b, (PEERLIST_FEED - 1) / 2);
	unequal_look(&row->unequal, p->session);
}

static void fill_contact(struct peerlist_row *row, const struct daemon *d,
			 const struct contact *c)
{
	const struct roster *r = store_roster(d->keeper->store);

	memset(row, 0, sizeof(*row));
	hex_encode(row->label, c->key.b, 4);
	for (size_t i = 0; i < roster_feed_count(r); i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *m = roster_member(r, &f->identity);

		if (m != NULL &&
		    memcmp(&f->transport, &c->key, sizeof(c->key)) == 0)
			snprintf(row->label, sizeof(row->label), "%s",
				 m->label);
	}
	snprintf(row->address, sizeof(row->address), "%s", contact_address(c));
	snprintf(row->state, sizeof(row->state), "down");
	row->is_dialled = true;
}

/* Each living peer, and each contact without one. */
static int do_peers(struct daemon *d, struct ctl_request *req,
		    struct ctl_reply *reply)
{
	struct peerlist_row row;
	uint32_t count = 0;

	(void)req;
	for (size_t i = 0; i < d->peer_n; i++)
		count += d->peer[i]->over_ms == 0;
	for (size_t i = 0; i < d->contacts.n; i++)
		count += !d->contacts.row[i].is_ours &&
			 peer_of(d, &d->contacts.row[i].key) == NULL;
	wr_array(&reply->value, count);
	for (size_t i = 0; i < d->peer_n; i++) {
		if (d->peer[i]->over_ms != 0)
			continue;
		fill_peer(&row, d->peer[i]);
		peerlist_put(&reply->value, &row);
	}
	for (size_t i = 0; i < d->contacts.n; i++) {
		const struct contact *c = &d->contacts.row[i];

		if (c->is_ours || peer_of(d, &c->key) != NULL)
			continue;
		fill_contact(&row, d, c);
		peerlist_put(&reply->value, &row);
	}
	return 0;
}

static int do_addresses(struct daemon *d, struct ctl_request *req,
			struct ctl_reply *reply)
{
	char address[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	size_t n = daemon_addresses(d, address);

	(void)req;
	wr_array(&reply->value, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		wr_text(&reply->value, address[i], strlen(address[i]));
	return 0;
}

static int do_invite(struct daemon *d, struct ctl_request *req,
		     struct ctl_reply *reply)
{
	struct invite_wish wish = { .role = ROLE_MAKER };
	char link[INVITE_SIZE];
	struct rd *r = &req->args;
	int err;

	wish.role = (enum role)rd_uint(r, ROLE_AUDITOR);
	wish.uses = (uint32_t)rd_uint(r, UINT32_MAX);
	wish.days = (uint32_t)rd_uint(r, UINT32_MAX);
	wish.is_auto = rd_uint(r, 1) == 1;
	wish.addresses_n = rd_array(r, LIMIT_ADDRESSES);
	for (size_t i = 0; i < wish.addresses_n; i++)
		rd_plain(r, wish.addresses[i], LIMIT_ADDRESS);
	if (rd_end(r) != 0)
		return rd_end(r);
	if (wish.addresses_n == 0)
		wish.addresses_n = daemon_addresses(d, wish.addresses);
	err = membership_invite(d->keeper, link, &wish, cmd_now());
	if (err == 0)
		wr_text(&reply->value, link, strlen(link));
	bytes_wipe(link, sizeof(link));
	return err;
}

static int do_accept(struct daemon *d, struct ctl_request *req,
		     struct ctl_reply *reply)
{
	struct admit_wish wish = { .has_role = false };
	struct wr *w = &reply->value;
	struct rd *r = &req->args;
	struct admitted out;
	int err;

	rd_fixed(r, wish.who.b, KEY_SIZE);
	wish.has_role = !rd_nil(r);
	if (wish.has_role)
		wish.role = (enum role)rd_uint(r, ROLE_AUDITOR);
	wish.may_admit = rd_uint(r, 1) == 1;
	if (rd_end(r) != 0)
		return rd_end(r);
	err = membership_accept(d->keeper, &out, &wish, cmd_now());
	if (err != 0)
		return err;
	wr_array(w, 5);
	wr_bin(w, out.at.feed.b, KEY_SIZE);
	wr_uint(w, out.at.seq);
	wr_bin(w, out.at.id.b, ID_SIZE);
	wr_text(w, out.label, strlen(out.label));
	wr_uint(w, out.is_renamed);
	return 0;
}

static int do_join(struct daemon *d, struct ctl_request *req,
		   struct ctl_reply *reply)
{
	int answer = JOINED_WAITING;

	(void)req;
	for (size_t i = 0; i < d->contacts.n; i++)
		if (d->contacts.row[i].answer >= 0)
			answer = d->contacts.row[i].answer;
	if (daemon_is_in(d))
		answer = JOINED_ADMITTED;
	wr_uint(&reply->value, (uint64_t)answer);
	return 0;
}

static int do_stop(struct daemon *d, struct ctl_request *req,
		   struct ctl_reply *reply)
{
	(void)req;
	(void)reply;
	daemon_end(d, DAEMON_STOPPED, 0);
	return 0;
}

static const struct verb {
	const char *name;
	int (*run)(struct daemon *d, struct ctl_request *req,
		   struct ctl_reply *reply);
	uint32_t args;
} verbs[] = {
	{ "status", do_status, 0 },       { "peers", do_peers, 0 },
	{ "addresses", do_addresses, 0 }, { "invite", do_invite, 5 },
	{ "accept", do_accept, 3 },       { "join", do_join, 0 },
	{ "stop", do_stop, 0 },
};

/* Of our own feed a bundle may show what we have lost. */
static int intake(struct daemon *d, struct ctl_request *req,
		  struct ctl_reply *reply)
{
	uint64_t differs = 0;
	bool is_new = false;
	int err = intake_serve(d->keeper, req, reply, &differs, &is_new);

	if (err != 0 || (differs == 0 && !is_new))
		return err;
	d->host->is_old_copy = true;
	if (d->host->differs == 0 ||
	    (differs > 0 && differs < d->host->differs))
		d->host->differs = differs;
	return 0;
}

static int serve(void *arg, struct ctl_request *req, struct ctl_reply *reply)
{
	struct daemon *d = arg;
	int err;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, req->verb) == 0)
			return req->count == verbs[i].args
				       ? verbs[i].run(d, req, reply)
				       : ERR_FORMAT;
	err = desk_serve(d->keeper, req, reply);
	if (err == ERR_NOT_FOUND)
		err = checkpointing_serve(d->keeper, req, reply);
	if (err == ERR_NOT_FOUND && reply->reason[0] == '\0')
		err = intake(d, req, reply);
	if (err == ERR_NOT_FOUND && reply->reason[0] == '\0')
		snprintf(reply->reason, sizeof(reply->reason), "%s",
			 _("the running node is of another version and does "
			   "not know this; restart it"));
	return err;
}

static void take_new(struct daemon *d)
{
	for (size_t i = 0; i < DAEMON_CTLS; i++)
		if (d->ctl[i].fd < 0 && ctl_accept(&d->ctl[i], d->ctl_fd) != 0)
			return;
}

void daemon_ctl_step(struct daemon *d, const short revents[static DAEMON_CTLS])
{
	bool has_work = false;

	for (size_t i = 0; i < DAEMON_CTLS; i++) {
		struct ctl_conn *c = &d->ctl[i];

		if (c->fd < 0 || revents[i] == 0)
			continue;
		/* Commands write to the store beside the sessions. */
		if (!has_work)
			peers_settle(d);
		has_work = true;
		if (ctl_conn_step(c, revents[i], serve, d) != 0)
			ctl_conn_close(c);
	}
	if (has_work) {
		if (host_refresh(d->host) != 0)
			daemon_end(d, DAEMON_TROUBLE, ERR_IO);
		peers_settle(d);
	}
	take_new(d);
}
