#include "node/net/host.h"

#include "crypto/err.h"
#include "node/net/daemon_priv.h"
#include "node/net/follow.h"
#include "node/net/host_priv.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/session/session.h"
#include "store/log.h"
#include "store/store.h"
#include "tests/homeworld.h"
#include "tests/unit.h"

/*
 * Two hosts over real stores, and frames that go from one session to the
 * other through an array.
 */

enum { FRAMES = 256 };

struct side {
	struct home home;
	struct keeper *k;
	struct host *host;
	struct host_link link;
	struct session *s;
	uint8_t open[LIMIT_ENTRY];
	size_t open_n;
	struct side *other;
	uint8_t *frame[FRAMES]; /* on their way to this side */
	size_t frame_n[FRAMES];
	size_t at, n;
	bool is_full; /* the pipe to this side takes nothing */
	size_t in_step;
	uint32_t paid_m;              /* for looking through all heads */
	struct session_cursor cursor; /* as of the last time */
	bool has_listed_all; /* a listing of all heads came to this side */
};

static struct id network;
static struct side hub, lea;

static int give(void *arg, const void *frame, size_t n)
{
	struct side *to = ((struct side *)arg)->other;
	size_t slot = to->n % FRAMES;

	if (to->is_full || to->n - to->at == FRAMES)
		return ERR_BUSY;
	to->frame[slot] = malloc(n);
	assert_non_null(to->frame[slot]);
	memcpy(to->frame[slot], frame, n);
	to->frame_n[slot] = n;
	to->n++;
	return 0;
}

static void note(void *arg, const struct session_note *event)
{
	struct side *side = arg;

	if (event->event == SESSION_IN_STEP) {
		side->in_step++;
		side->cursor = *event->cursor;
	}
}

static int refuse(void *arg, enum joined *status, const struct msg_join *join,
		  const struct session_peer *peer)
{
	(void)arg;
	(void)join;
	(void)peer;
	*status = JOINED_UNKNOWN;
	return 0;
}

static bool pay(void *arg, const struct pubkey *who, uint32_t cost_m)
{
	struct side *side = arg;

	(void)who;
	side->paid_m += cost_m;
	return true;
}

static void side_start(struct side *side, struct side *other, bool is_dialled)
{
	struct session_self self = { .network = network,
				     .feed = side->k->feed };
	struct session_link link = { .peer = other->k->transport.pub,
				     .is_dialled = is_dialled };
	struct session_host ops;

	assert_int_equal(host_open(&side->host, side->k), 0);
	side->other = other;
	side->at = side->n;
	side->link = (struct host_link){ .host = side->host,
					 .serial = is_dialled ? 1 : 2,
					 .arg = side,
					 .send = give,
					 .event = note,
					 .join = refuse,
					 .pay = pay };
	ops = host_ops(&side->link);
	assert_int_equal(store_entry(side->k->store, &side->k->feed, 1,
				     side->open, &side->open_n),
			 0);
	self.open = side->open;
	self.open_n = side->open_n;
	memcpy(self.instance, side->host->instance, MSG_INSTANCE);
	host_cursor(side->host, &self.cursor, &other->k->transport.pub);
	side->has_listed_all = false;
	bytes_random(link.random, sizeof(link.random));
	assert_int_equal(session_open(&side->s, &ops, &self, &link), 0);
}

static void side_stop(struct side *side)
{
	session_close(side->s);
	host_close(side->host);
	while (side->at < side->n)
		free(side->frame[side->at++ % FRAMES]);
	side->s = NULL;
	side->host = NULL;
}

/* What a daemon does between two rounds. */
static void side_settle(struct side *side, uint64_t now_ms)
{
	size_t n;

	assert_int_equal(host_flush(side->host), 0);
	n = side->host->durable_n;
	for (size_t i = 0; i < n; i++)
		if (side->host->moves[i].origin != side->link.serial)
			session_moved(side->s, side->host->moves[i].no,
				      side->host->moves[i].before, now_ms);
	host_told(side->host, n);
	if (side->host->has_roster_news)
		session_roster(side->s, now_ms);
	side->host->has_roster_news = false;
	if (side->link.is_waiting) {
		side->link.is_waiting = false;
		session_writable(side->s, now_ms);
	}
}

static void side_step(struct side *side, uint64_t now_ms)
{
	if (side->at < side->n) {
		size_t slot = side->at++ % FRAMES;
		struct msg m;

		assert_int_equal(
			msg_decode(&m, side->frame[slot], side->frame_n[slot]),
			0);
		if (m.type == MSG_HEADS &&
		    (m.u.heads.flags & (HEADS_START | HEADS_SOME)) ==
			    HEADS_START)
			side->has_listed_all = true;
		session_recv(side->s, side->frame[slot], side->frame_n[slot],
			     now_ms);
		free(side->frame[slot]);
	}
	if (now_ms >= session_due(side->s))
		session_tick(side->s, now_ms);
	side_settle(side, now_ms);
}

static uint64_t now = 1000;

static void run(unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		now += 10;
		side_step(&hub, now);
		side_step(&lea, now);
	}
}

static void connect_both(void)
{
	side_start(&hub, &lea, false);
	side_start(&lea, &hub, true);
	session_start(hub.s, now);
	session_start(lea.s, now);
}

static void part(void)
{
	side_stop(&hub);
	side_stop(&lea);
}

static void record(struct side *side, unsigned count)
{
	struct line visor = { "visor", 5, 3 };
	struct recorded out;
	struct record rec;
	uint8_t facts[64], line[32];
	struct draft draft = { .kind = KIND_PRODUCE,
			       .time_ms = HOME_NOW_MS,
			       .facts = facts };
	size_t n;

	assert_int_equal(lines_encode(line, sizeof(line), &n, &visor, 1), 0);
	record_init(&rec, KIND_PRODUCE);
	record_set_bytes(&rec, FACT_LINES, line, n);
	assert_int_equal(
		record_encode(&rec, facts, sizeof(facts), &draft.facts_n), 0);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(keeper_record(side->k, &out, &draft, 1, NULL),
				 0);
}

static uint64_t held(struct side *side, const struct pubkey *feed)
{
	struct head head = { .seq = 0 };

	if (store_head(side->k->store, feed, &head) != 0)
		return 0;
	return head.seq;
}

static int begin(void **state)
{
	struct membership_start start = { .now_ms = HOME_NOW_MS };
	struct invite_wish w = {
		.uses = 1, .days = 1, .is_auto = true, .addresses_n = 1
	};
	struct session_peer peer;
	static uint8_t entries[JOIN_ENTRIES];
	char link[INVITE_SIZE];
	enum joined status;
	struct msg_join join;
	struct invite inv;

	(void)state;
	homes_begin();
	home_found(&hub.home, &network, "hub");
	start.network = network;
	home_make(&lea.home, "lea");
	assert_int_equal(membership_begin(&lea.home, &start), 0);
	assert_int_equal(keeper_open(&hub.k, &hub.home), 0);
	assert_int_equal(keeper_open(&lea.k, &lea.home), 0);
	snprintf(w.addresses[0], sizeof(w.addresses[0]), "tcp://hub:1");
	assert_int_equal(membership_invite(hub.k, link, &w, HOME_NOW_MS), 0);
	assert_int_equal(invite_decode(&inv, link, strlen(link)), 0);
	assert_int_equal(membership_join(lea.k, &join, entries, &inv), 0);
	peer.feed = lea.k->feed;
	peer.identity = lea.k->identity;
	peer.transport = lea.k->transport.pub;
	assert_int_equal(
		membership_ask(hub.k, &status, &join, &peer, HOME_NOW_MS), 0);
	return status == JOINED_ADMITTED ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	keeper_close(hub.k);
	keeper_close(lea.k);
	homes_end();
	return 0;
}

/* A newcomer that knows nothing but the network's id gets charter, roster and
 * feeds in one go. */
static void two_stores_come_into_step(void **state)
{
	struct digest a, b;

	(void)state;
	record(&hub, 30);
	connect_both();
	run(200);
	assert_true(session_in_step(hub.s));
	assert_true(session_in_step(lea.s));
	assert_int_equal(held(&lea, &hub.k->feed), held(&hub, &hub.k->feed));
	a = hub.host->frontier;
	b = lea.host->frontier;
	assert_true(digest_eq(&a, &b));
	assert_int_equal(a.count, 2);
	assert_non_null(
		roster_member(store_roster(lea.k->store), &lea.k->identity));
	part();
}

static void what_is_written_beside_is_taken_over_and_told(void **state)
{
	uint64_t before;

	(void)state;
	connect_both();
	run(100);
	before = held(&hub, &hub.k->feed);
	record(&hub, 3);
	assert_int_equal(host_refresh(hub.host), 0);
	assert_int_equal(hub.host->durable_n, 1);
	assert_int_equal(hub.host->moves[0].origin, 0);
	assert_int_equal(hub.host->moves[0].before, before);
	run(100);
	assert_int_equal(held(&lea, &hub.k->feed), before + 3);
	assert_true(session_in_step(lea.s));
	part();
}

static uint64_t to_come(const struct side *side)
{
	struct heard h;

	assert_int_equal(heard_get(side->k->store, &h), 0);
	return h.entries;
}

/* What is to come, and that nothing is, outlasts a batch that sessions have
 * begun and in which nothing came. */
static void what_is_to_come_is_kept_though_nothing_came(void **state)
{
	static struct daemon d;
	static struct peer p;
	struct dial *dialled = (struct dial *)&p; /* only asked whether */

	(void)state;
	connect_both();
	run(100);
	d.keeper = lea.k;
	d.host = lea.host;
	d.peer[d.peer_n++] = &p;
	p = (struct peer){ .d = &d, .dial = dialled, .over_ms = 1 };
	p.link.serial = 7;
	p.heard.entries = 5;
	p.heard.feeds = 1;
	assert_int_equal(host_begin(lea.host), 0);
	peers_heard(&d, true);
	assert_int_equal(host_flush(lea.host), 0);
	assert_int_equal(to_come(&lea), 5);
	p.has_lied = true;
	assert_int_equal(host_begin(lea.host), 0);
	peers_heard(&d, true);
	assert_int_equal(host_flush(lea.host), 0);
	assert_int_equal(to_come(&lea), 0);
	part();
}

static void a_flush_is_put_off_until_the_owner_does_it(void **state)
{
	struct session_host ops;

	(void)state;
	connect_both();
	run(100);
	ops = host_ops(&lea.link);
	assert_int_equal(ops.flush(ops.cookie), 0);
	assert_false(lea.link.is_waiting);
	record(&hub, 1);
	assert_int_equal(host_refresh(hub.host), 0);
	side_settle(&hub, now);
	/* One frame: the entry is in lea's batch, and not durable yet. */
	assert_true(lea.at < lea.n);
	session_recv(lea.s, lea.frame[lea.at % FRAMES],
		     lea.frame_n[lea.at % FRAMES], now);
	free(lea.frame[lea.at++ % FRAMES]);
	assert_true(store_in_batch(lea.k->store));
	assert_int_equal(ops.flush(ops.cookie), ERR_BUSY);
	assert_true(lea.link.is_waiting);
	assert_int_equal(lea.host->durable_n, 0);
	side_settle(&lea, now);
	assert_false(store_in_batch(lea.k->store));
	assert_int_equal(held(&lea, &hub.k->feed), held(&hub, &hub.k->feed));
	run(100);
	part();
}

/* The newest entries of Lea's feed as a run, without what leads up to them. */
static void newest_of_lea(struct run *out, struct run_entry *at, unsigned n,
			  uint8_t raw[][LIMIT_ENTRY])
{
	uint64_t last = held(&lea, &lea.k->feed);

	for (unsigned i = 0; i < n; i++) {
		size_t raw_n;

		assert_int_equal(store_entry(lea.k->store, &lea.k->feed,
					     last - n + 1 + i, raw[i], &raw_n),
				 0);
		assert_int_equal(entry_decode(&at[i].entry, raw[i], raw_n), 0);
		at[i].id = entry_id(&at[i].entry);
	}
	*out = (struct run){ .feed = lea.k->feed,
			     .from = last - n + 1,
			     .prev = at[0].entry.prev,
			     .count = n };
}

static void the_newest_entries_are_kept_once_durable(void **state)
{
	static uint8_t raw[3][LIMIT_ENTRY], buf[SESSION_RECENT_BYTES];
	const struct pubkey somebody = { { 9 } };
	struct run_entry at[3];
	struct session_host ops;
	struct run now_is, kept;
	struct digest before;
	uint64_t head;

	(void)state;
	connect_both();
	run(100);
	record(&lea, 5);
	ops = host_ops(&hub.link);
	newest_of_lea(&now_is, at, 3, raw);
	head = held(&hub, &lea.k->feed);
	before = hub.host->frontier;
	assert_int_equal(ops.recent(&hub.link, &kept, &lea.k->feed, buf),
			 ERR_NOT_FOUND);
	assert_int_equal(ops.keep(&hub.link, &now_is, at, 3), 0);
	assert_int_equal(ops.keep(&hub.link, &now_is, at, 3), ERR_EXISTS);
	assert_int_equal(ops.recent(&hub.link, &kept, &lea.k->feed, buf), 0);
	assert_int_equal(kept.from, now_is.from);
	/* They are paid for when they are on the disk, as entries are. */
	assert_int_equal(ops.flush(&hub.link), ERR_BUSY);
	assert_int_equal(host_flush(hub.host), 0);
	assert_int_equal(ops.flush(&hub.link), 0);
	assert_int_equal(held(&hub, &lea.k->feed), head);
	assert_true(digest_eq(&before, &hub.host->frontier));
	part();
	keeper_close(hub.k);
	assert_int_equal(keeper_open(&hub.k, &hub.home), 0);
	connect_both();
	ops = host_ops(&hub.link);
	assert_int_equal(ops.recent(&hub.link, &kept, &lea.k->feed, buf), 0);
	assert_int_equal(kept.count, 3);
	/* The node's own are nobody's news. */
	now_is.feed = hub.k->feed;
	assert_int_equal(ops.recent(&hub.link, &kept, &hub.k->feed, buf),
			 ERR_NOT_FOUND);
	assert_int_equal(ops.drop(&hub.link, &lea.k->feed), 0);
	assert_int_equal(host_flush(hub.host), 0);
	assert_int_equal(ops.recent(&hub.link, &kept, &lea.k->feed, buf),
			 ERR_NOT_FOUND);
	/* Whom the hub does not follow it does not see, either. */
	hub.host->scope.n = 1;
	hub.host->scope.who[0] = somebody;
	now_is.feed = lea.k->feed;
	assert_int_equal(ops.keep(&hub.link, &now_is, at, 3), ERR_DENIED);
	hub.host->scope.n = 0;
	run(200);
	assert_int_equal(held(&hub, &lea.k->feed), held(&lea, &lea.k->feed));
	part();
}

static void a_batch_that_is_lost_leaves_the_heads_as_they_were(void **state)
{
	struct session_head head;
	struct session_host ops;
	struct digest frontier;
	uint64_t before;

	(void)state;
	connect_both();
	run(100);
	before = held(&lea, &hub.k->feed);
	frontier = lea.host->frontier;
	record(&hub, 1);
	assert_int_equal(host_refresh(hub.host), 0);
	side_settle(&hub, now);
	session_recv(lea.s, lea.frame[lea.at % FRAMES],
		     lea.frame_n[lea.at % FRAMES], now);
	free(lea.frame[lea.at++ % FRAMES]);
	ops = host_ops(&lea.link);
	assert_int_equal(ops.head(ops.cookie, &head, &hub.k->feed), 0);
	assert_int_equal(head.seq, before + 1);
	assert_int_equal(host_lose(lea.host, ERR_FULL), ERR_FULL);
	assert_true(lea.host->is_failed);
	assert_int_equal(lea.host->moves_n, 0);
	assert_int_equal(ops.head(ops.cookie, &head, &hub.k->feed), 0);
	assert_int_equal(head.seq, before);
	assert_true(digest_eq(&lea.host->frontier, &frontier));
	part();
	/* All sessions end then; a new one brings it after all. */
	connect_both();
	run(200);
	assert_int_equal(held(&lea, &hub.k->feed), before + 1);
	part();
}

/* Small ledgers cost less, and never nothing. */
static void a_look_costs_by_the_number_of_heads(void **state)
{
	static const struct {
		uint32_t heads, times, cost_m;
	} rows[] = {
		{ 1, 1, 25 },       { 256, 1, 25 },      { 1000, 2, 200 },
		{ 10000, 1, 1000 }, { 100000, 2, 2000 },
	};
	struct session_host ops;
	uint32_t heads;

	(void)state;
	connect_both();
	run(100);
	ops = host_ops(&hub.link);
	heads = hub.host->rows_n;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		hub.paid_m = 0;
		hub.host->rows_n = rows[i].heads;
		assert_true(ops.pay(ops.cookie, NULL, rows[i].times));
		assert_int_equal(hub.paid_m, rows[i].cost_m);
	}
	hub.host->rows_n = heads;
	part();
}

static void heads_are_numbered_and_strangers_do_not_count(void **state)
{
	struct session_head head;
	struct session_host ops;
	struct pubkey nobody;
	size_t found = 0;

	(void)state;
	memset(&nobody, 9, sizeof(nobody));
	connect_both();
	run(100);
	ops = host_ops(&hub.link);
	assert_int_equal(ops.head(ops.cookie, &head, &nobody), ERR_NOT_FOUND);
	for (uint32_t no = 0; no < ops.head_end(ops.cookie) + 3; no++) {
		struct session_head same;

		if (ops.head_at(ops.cookie, &head, no) != 0)
			continue;
		found++;
		assert_int_equal(head.no, no);
		assert_int_equal(ops.head(ops.cookie, &same, &head.feed), 0);
		assert_true(id_eq(&same.id, &head.id));
		assert_int_equal(head.is_first,
				 pubkey_eq(&head.feed, &hub.k->feed));
	}
	assert_int_equal(found, 2);
	part();
}

static void a_full_pipe_loses_nothing(void **state)
{
	(void)state;
	connect_both();
	run(100);
	lea.is_full = true;
	record(&hub, 50);
	assert_int_equal(host_refresh(hub.host), 0);
	run(20);
	lea.is_full = false;
	session_writable(hub.s, now);
	run(200);
	assert_int_equal(held(&lea, &hub.k->feed), held(&hub, &hub.k->feed));
	assert_true(session_in_step(hub.s));
	part();
}

static void keep_both(void)
{
	assert_int_equal(
		host_keep(hub.host, &hub.cursor, &lea.k->transport.pub), 0);
	assert_int_equal(
		host_keep(lea.host, &lea.cursor, &hub.k->transport.pub), 0);
}

/* What is remembered survives the process, and the next meeting lists no more
 * than what has come since. */
static void a_cursor_is_kept_and_used(void **state)
{
	uint8_t instance[MSG_INSTANCE];

	(void)state;
	connect_both();
	run(200);
	assert_true(session_in_step(hub.s) && session_in_step(lea.s));
	assert_int_equal(lea.cursor.peer.arrival, hub.host->arrival);
	assert_memory_equal(lea.cursor.peer.instance, hub.host->instance,
			    MSG_INSTANCE);
	memcpy(instance, hub.host->instance, MSG_INSTANCE);
	keep_both();
	part();
	keeper_close(hub.k);
	assert_int_equal(keeper_open(&hub.k, &hub.home), 0);
	record(&hub, 3);
	record(&lea, 2);
	connect_both();
	assert_memory_equal(instance, hub.host->instance, MSG_INSTANCE);
	run(200);
	assert_true(session_in_step(hub.s) && session_in_step(lea.s));
	assert_int_equal(held(&lea, &hub.k->feed), held(&hub, &hub.k->feed));
	assert_int_equal(held(&hub, &lea.k->feed), held(&lea, &lea.k->feed));
	assert_false(hub.has_listed_all || lea.has_listed_all);
	part();
	/* Without it on one side, which has nothing else to compare few heads
	 * by, all are listed. */
	connect_both();
	run(200);
	lea.cursor = (struct session_cursor){ .end = 7 };
	keep_both();
	part();
	record(&hub, 1);
	connect_both();
	run(200);
	assert_true(session_in_step(hub.s) && session_in_step(lea.s));
	assert_true(hub.has_listed_all);
	part();
}

/* A home that goes on under another feed has another copy of the ledger. */
static void another_feed_is_another_instance(void **state)
{
	uint8_t instance[MSG_INSTANCE];
	struct session_cursor c;
	struct pubkey feed;

	(void)state;
	connect_both();
	run(200);
	keep_both();
	memcpy(instance, hub.host->instance, MSG_INSTANCE);
	part();
	connect_both();
	host_cursor(hub.host, &c, &lea.k->transport.pub);
	assert_true(c.peer.arrival > 0);
	feed = hub.k->feed;
	hub.k->feed.b[0] ^= 1;
	assert_int_equal(host_instance(hub.host), 0);
	assert_memory_not_equal(instance, hub.host->instance, MSG_INSTANCE);
	host_cursor(hub.host, &c, &lea.k->transport.pub);
	assert_int_equal(c.peer.arrival, 0);
	hub.k->feed = feed;
	part();
}

/* Makers who come to hub or lea; of each as much as asking takes. */
enum { MAKERS = 4, VIEWS = 6 };
static struct keeper *maker[MAKERS];

static void come(unsigned i, struct side *to)
{
	struct invite_wish w = {
		.uses = 1, .days = 1, .is_auto = true, .addresses_n = 1
	};
	char link[INVITE_SIZE], label[8];
	static uint8_t entries[JOIN_ENTRIES];
	struct session_peer peer;
	enum joined status;
	struct msg_join join;
	struct invite inv;
	struct home home;

	snprintf(label, sizeof(label), "m%u", i);
	home_newcomer(&home, &network, label);
	assert_int_equal(keeper_open(&maker[i], &home), 0);
	snprintf(w.addresses[0], sizeof(w.addresses[0]), "tcp://hub:1");
	assert_int_equal(membership_invite(to->k, link, &w, HOME_NOW_MS), 0);
	assert_int_equal(invite_decode(&inv, link, strlen(link)), 0);
	assert_int_equal(membership_join(maker[i], &join, entries, &inv), 0);
	peer.feed = maker[i]->feed;
	peer.identity = maker[i]->identity;
	peer.transport = maker[i]->transport.pub;
	assert_int_equal(
		membership_ask(to->k, &status, &join, &peer, HOME_NOW_MS), 0);
	assert_int_equal(status, JOINED_ADMITTED);
}

static void let_admit(struct side *by, const struct pubkey *who, bool may)
{
	const struct admit_wish w = { .who = *who,
				      .has_role = true,
				      .role = ROLE_ASSOCIATION,
				      .may_admit = may };
	struct admitted out;

	assert_int_equal(membership_accept(by->k, &out, &w, HOME_NOW_MS), 0);
}

/* Whom the watching links follow: of hub, lea and the makers those set. */
static const unsigned follows[VIEWS] = { 1, 2, 4, 2 | 8, 16, 4 | 32 };
static struct host_link view[VIEWS];

static const struct keeper *person(unsigned i)
{
	return i == 0 ? hub.k : i == 1 ? lea.k : maker[i - 2];
}

static void look(struct host_link *link, unsigned i)
{
	struct msg_scope scope = { .n = 0 };

	memset(link, 0, sizeof(*link));
	link->host = hub.host;
	link->serial = 100 + i;
	for (unsigned k = 0; k < 2 + MAKERS; k++)
		if ((follows[i] >> k & 1) != 0)
			assert_int_equal(
				follow_add(&scope, &person(k)->identity), 0);
	assert_int_equal(host_view(link, &scope, &person(i)->feed), 0);
}

/* What changes in the roster changes each view as if it were taken anew. */
static unsigned views_hold(void)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < VIEWS; i++) {
		struct host_link anew;

		look(&anew, i);
		assert_true(digest_eq(&anew.frontier, &view[i].frontier));
		for (uint32_t no = 0; no < hub.host->rows_n; no++)
			assert_int_equal(bits_test(&anew.seen, no),
					 bits_test(&view[i].seen, no));
		seen += (unsigned)anew.frontier.count;
		host_leave(&anew);
	}
	return seen;
}

/* Written beside the hosts, then told to both. */
static unsigned after_that(void)
{
	assert_int_equal(host_refresh(hub.host), 0);
	assert_int_equal(host_refresh(lea.host), 0);
	run(200);
	assert_true(session_in_step(hub.s));
	return views_hold();
}

static void a_view_follows_the_roster(void **state)
{
	unsigned seen[5];

	(void)state;
	connect_both();
	run(200);
	let_admit(&hub, &lea.k->identity, true);
	assert_int_equal(host_refresh(hub.host), 0);
	run(200);
	for (unsigned i = 0; i < MAKERS; i++)
		come(i, i % 2 == 0 ? &lea : &hub);
	for (unsigned i = 0; i < VIEWS; i++)
		look(&view[i], i);
	seen[0] = after_that();
	/* Below a maker, who may admit from now on, everybody sees it. */
	let_admit(&lea, &maker[0]->identity, true);
	seen[1] = after_that();
	assert_true(seen[1] > seen[0]);
	/* Below hub too, and above lea's: another place for one maker. */
	let_admit(&hub, &maker[2]->identity, false);
	seen[2] = after_that();
	let_admit(&lea, &maker[0]->identity, false);
	seen[3] = after_that();
	assert_true(seen[3] < seen[2]);
	record(&lea, 3);
	after_that();
	/* With nobody left who needs it, and somebody again. */
	for (unsigned i = 0; i < VIEWS; i++)
		host_leave(&view[i]);
	let_admit(&lea, &maker[0]->identity, true);
	assert_int_equal(host_refresh(lea.host), 0);
	run(200);
	for (unsigned i = 0; i < VIEWS; i++)
		look(&view[i], i);
	let_admit(&lea, &maker[0]->identity, false);
	seen[4] = after_that();
	assert_int_equal(seen[4], seen[3]);
	for (unsigned i = 0; i < VIEWS; i++)
		host_leave(&view[i]);
	for (unsigned i = 0; i < MAKERS; i++)
		keeper_close(maker[i]);
	part();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(two_stores_come_into_step),
		UNIT(what_is_written_beside_is_taken_over_and_told),
		UNIT(a_flush_is_put_off_until_the_owner_does_it),
		UNIT(what_is_to_come_is_kept_though_nothing_came),
		UNIT(the_newest_entries_are_kept_once_durable),
		UNIT(a_batch_that_is_lost_leaves_the_heads_as_they_were),
		UNIT(heads_are_numbered_and_strangers_do_not_count),
		UNIT(a_look_costs_by_the_number_of_heads),
		UNIT(a_full_pipe_loses_nothing),
		UNIT(a_cursor_is_kept_and_used),
		UNIT(another_feed_is_another_instance),
		UNIT(a_view_follows_the_roster),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
