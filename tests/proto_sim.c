#include "tests/memnode.h"
#include "tests/unit.h"

#include <stdio.h>

/*
 * A network of nodes in one process, driven by a seed: they record, connect,
 * lose connections at any frame, are cut off, join, and wait to be accepted.
 * When it becomes quiet, all must hold the same and say so.
 */

enum { NODES = 6, LINKS = 9, ABSENT = 24, STEPS = 400, SETTLE_ROUNDS = 200 };

struct link {
	unsigned from, to;
	bool is_up;
	struct mempeer *a, *b; /* NULL when down */
};

struct sim {
	uint64_t rng, seed;
	struct memnode node[NODES];
	bool admitted[NODES];
	unsigned nodes, links;
	struct link link[LINKS];
	uint64_t now_ms, nonce, frames;
	unsigned byes, forks;
	bool is_forked;  /* some feeds are, between two nodes */
	bool is_scoped;  /* some nodes follow some members only */
	unsigned full_n; /* the first so many follow everybody */
};

/* splitmix64 */
static uint64_t next(struct sim *sim)
{
	uint64_t z = sim->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static unsigned below(struct sim *sim, unsigned n)
{
	return (unsigned)(next(sim) % n);
}

static void link_up(struct sim *sim, struct link *l)
{
	if (l->a != NULL)
		return;
	mem_connect(&sim->node[l->from], &sim->node[l->to], &l->a, &l->b,
		    sim->nonce += 2);
	l->a->pipe = 1 + below(sim, 8);
	l->b->pipe = 1 + below(sim, 8);
	session_start(l->a->s, sim->now_ms);
	session_start(l->b->s, sim->now_ms);
}

static void link_down(struct sim *sim, struct link *l)
{
	if (l->a == NULL)
		return;
	if (l->a->bye != -1 || l->b->bye != -1)
		fprintf(stderr, "%u -> %u: bye %d %d, ours %d %d\n", l->from,
			l->to, l->a->bye, l->b->bye, l->a->bye_ours,
			l->b->bye_ours);
	sim->byes += l->a->bye != -1 || l->b->bye != -1;
	sim->forks += l->a->forks + l->b->forks;
	mem_disconnect(l->a);
	l->a = NULL;
	l->b = NULL;
}

static void clock_on(struct sim *sim, uint64_t ms)
{
	sim->now_ms += ms;
	for (unsigned i = 0; i < sim->nodes; i++)
		sim->node[i].now_ms = sim->now_ms;
	for (unsigned i = 0; i < sim->links; i++) {
		if (sim->link[i].a == NULL)
			continue;
		session_tick(sim->link[i].a->s, sim->now_ms);
		session_tick(sim->link[i].b->s, sim->now_ms);
	}
}

/* Node 0 founds; node 1 may admit too; the others are admitted before anything
 * happens, or come with an invite of either. */
static void people(struct sim *sim, bool is_public)
{
	struct memnode *n = sim->node;
	struct id secret = { { 5 } };

	mem_found(&n[0], 100, is_public);
	n[0].secret = secret;
	sim->admitted[0] = true;
	for (unsigned i = 1; i < sim->nodes; i++) {
		mem_newcomer(&n[i], 100 + i, &n[0]);
		n[i].secret = secret;
		n[i].is_auto = below(sim, 2) == 0;
		sim->admitted[i] = i == 1 || below(sim, 2) == 0;
		if (sim->admitted[i])
			mem_admit(&n[0], &n[i].who, i == 1);
	}
	n[0].is_auto = below(sim, 2) == 0;
}

/* The first of the nodes hold everything; each of the others follows node 1,
 * who may admit, or one or two members.  All are admitted, by node 0 or 1. */
static void followers(struct sim *sim)
{
	struct memnode *n = sim->node;

	mem_found(&n[0], 100, false);
	for (unsigned i = 0; i < sim->nodes; i++) {
		unsigned by = i > 1 ? below(sim, 2) : 0;

		if (i > 0)
			mem_newcomer(&n[i], 100 + i, &n[0]);
		sim->admitted[i] = true;
		if (i == 0)
			continue;
		if (by == 1 && mem_feed(&n[1], &n[0].feed) == NULL) {
			mem_give(&n[1], &n[0], &n[0].feed);
			mem_tell(&n[1]);
		}
		mem_admit(&n[by], &n[i].who, i == 1);
	}
	sim->full_n = 2 + below(sim, sim->nodes - 1);
	for (unsigned i = sim->full_n; i < sim->nodes; i++) {
		struct msg_scope *scope = &n[i].scope;
		const struct pubkey *a = &n[1].who;
		const struct pubkey *b = &n[below(sim, sim->nodes)].who;

		scope->who[scope->n++] = below(sim, 2) == 0 ? *a : *b;
		if (below(sim, 2) == 0 && !pubkey_eq(a, b)) {
			bool rises = pubkey_cmp(a, b) < 0;

			scope->n = 2;
			scope->who[0] = rises ? *a : *b;
			scope->who[1] = rises ? *b : *a;
		}
	}
}

/* Is a feed one that this node follows, as node 0 knows it in the end? */
static bool is_followed(const struct sim *sim, unsigned i,
			const struct pubkey *feed)
{
	return mem_within(&sim->node[0], &sim->node[i].scope,
			  &sim->node[i].feed, feed);
}

static void invite(struct memnode *m, const struct memnode *inviter)
{
	struct wr w;
	size_t n;
	int err;
	static uint8_t entries[NODES * 2][LIMIT_ENTRY + 8];
	static unsigned at;
	uint8_t *p = entries[at++ % ARRAY_LEN(entries)];

	wr_init(&w, p, sizeof(entries[0]));
	wr_bin(&w, m->open, m->open_n);
	err = wr_end(&w, &n);
	assert_int_equal(err, 0);
	m->join = (struct msg_join){ .proof = inviter->secret,
				     .label = "maker",
				     .place = "FR-88",
				     .entries = { .count = 1 } };
	rd_init(&m->join.entries.rd, p, n);
	m->has_join = true;
}

/* Members whose nodes are away: their feeds are here and there, more or less
 * of each, so that heads are compared by walks. */
static unsigned full_node(struct sim *sim)
{
	return below(sim, sim->is_scoped ? sim->full_n : sim->nodes);
}

/* Two copies of a machine went on, and each told another node. */
static void forked(struct sim *sim, struct memnode *m, unsigned seed)
{
	struct memnode *twin = calloc(1, sizeof(*twin));
	unsigned a = full_node(sim), b = full_node(sim), n = 1 + below(sim, 3);

	assert_non_null(twin);
	mem_newcomer(twin, seed, &sim->node[0]);
	for (unsigned k = 0; k < n; k++) {
		mem_produce(m, 5);
		mem_produce(twin, 5);
	}
	for (n = 1 + below(sim, 3); n > 0; n--)
		mem_produce(m, 6);
	for (n = 1 + below(sim, 3); n > 0; n--)
		mem_produce(twin, 7);
	mem_give(&sim->node[a], m, &m->feed);
	mem_tell(&sim->node[a]);
	if (a != b) {
		mem_give(&sim->node[b], twin, &m->feed);
		mem_tell(&sim->node[b]);
	}
	mem_release(twin);
	free(twin);
}

static void absent(struct sim *sim)
{
	struct memnode *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	for (unsigned i = 0; i < ABSENT; i++) {
		mem_newcomer(m, 1000 + i, &sim->node[0]);
		mem_admit(&sim->node[sim->is_scoped ? i % 2 : 0], &m->who,
			  false);
		for (unsigned k = below(sim, 4) == 0 ? 40 : 0; k > 0; k--)
			mem_produce(m, 5);
		if (sim->is_forked && below(sim, 3) == 0)
			forked(sim, m, 1000 + i);
		else
			for (unsigned k = 0; k < 3; k++) {
				unsigned to = full_node(sim);

				mem_give(&sim->node[to], m, &m->feed);
				mem_tell(&sim->node[to]);
				mem_produce(m, 5);
			}
		mem_release(m);
	}
	free(m);
}

/* A tree, so that all are connected, and a few links more.  Who has an invite
 * dials the inviter. */
static void topology(struct sim *sim)
{
	for (unsigned i = 1; i < sim->nodes; i++) {
		struct link *l = &sim->link[sim->links++];
		bool is_new = !sim->admitted[i];

		l->from = i;
		l->to = is_new ? below(sim, 2) : below(sim, i);
		/* Who follows some only hears of the rest from nobody else. */
		if (sim->is_scoped)
			l->to = below(sim, i < sim->full_n ? i : sim->full_n);
		if (!is_new && below(sim, 2) == 0) {
			l->from = l->to;
			l->to = i;
		}
		if (is_new)
			invite(&sim->node[i], &sim->node[l->to]);
	}
	while (sim->links < LINKS && below(sim, 3) != 0) {
		struct link *l = &sim->link[sim->links];

		l->from = below(sim, sim->nodes);
		l->to = below(sim, sim->nodes);
		if (l->from != l->to)
			sim->links++;
	}
}

static void accept_one(struct memnode *m)
{
	if (m->pending_n > 0)
		mem_admit(m, &m->pending[--m->pending_n], false);
}

static void produce(struct sim *sim)
{
	struct memnode *m = &sim->node[below(sim, sim->nodes)];
	unsigned n = below(sim, 40) == 0 ? 300 : 1 + below(sim, 3);

	while (n-- > 0)
		mem_produce(m, below(sim, 10) == 0 ? 3000 : below(sim, 200));
}

static void deliver(struct sim *sim)
{
	struct link *l = &sim->link[below(sim, sim->links)];
	unsigned n = 1 + below(sim, 8);

	while (l->a != NULL && n-- > 0)
		sim->frames += mem_deliver(below(sim, 2) == 0 ? l->a : l->b);
}

/* What a node remembers of where it was in step is of another time. */
static void muddle(struct sim *sim)
{
	struct memnode *m = &sim->node[below(sim, sim->nodes)];
	struct session_cursor *c;

	if (m->cursors_n == 0)
		return;
	c = &m->cursors[below(sim, m->cursors_n)].at;
	switch (below(sim, 4)) {
	case 0:
		c->peer.arrival += below(sim, 20);
		break;
	case 1:
		c->peer.arrival = below(sim, 200);
		break;
	case 2:
		c->peer.instance[0] ^= 1;
		break;
	default:
		c->end = below(sim, 100);
		break;
	}
}

static void step(struct sim *sim)
{
	struct link *l = &sim->link[below(sim, sim->links)];
	unsigned dice = below(sim, 100);

	if (dice < 60)
		deliver(sim);
	else if (dice < 75)
		produce(sim);
	else if (dice < 85)
		clock_on(sim, below(sim, 300));
	else if (dice < 90)
		link_up(sim, l);
	else if (dice < 92)
		link_down(sim, l);
	else if (dice < 93)
		muddle(sim);
	else if (dice < 97)
		accept_one(&sim->node[below(sim, 2)]);
	else
		l->a == NULL ? (void)0
			     : (void)(l->a->node->is_lazy = dice == 97);
}

/* Deliver everything there is; false when nothing was. */
static bool drain(struct sim *sim)
{
	bool any = false, more;

	do {
		more = false;
		for (unsigned i = 0; i < sim->links; i++) {
			more = mem_deliver(sim->link[i].a) || more;
			more = mem_deliver(sim->link[i].b) || more;
		}
		any = any || more;
	} while (more);
	return any;
}

/* Does a node hold all that it follows, as node 0 does, and nothing else? */
static bool holds_its_part(const struct sim *sim, unsigned i)
{
	const struct memnode *m = &sim->node[i];

	for (uint32_t k = 0; k < sim->node[0].feeds_n; k++) {
		const struct memfeed *all = &sim->node[0].feeds[k];
		const struct memfeed *f = mem_feed(m, &all->feed);

		if (is_followed(sim, i, &all->feed)
			    ? f == NULL || f->n != all->n ||
				      (f->proof == NULL) != (all->proof == NULL)
			    : f != NULL)
			return false;
	}
	return true;
}

/* What is replayed is not kept as recent, too. */
static bool keeps_any(const struct memnode *m)
{
	for (uint32_t i = 0; i < m->feeds_n; i++)
		if (m->feeds[i].recent != NULL)
			return true;
	return false;
}

static bool is_settled(const struct sim *sim)
{
	for (unsigned i = 0; i < sim->nodes; i++)
		if (keeps_any(&sim->node[i]))
			return false;
	for (unsigned i = 1; i < sim->nodes; i++)
		if (sim->node[i].scope.n == 0
			    ? !mem_same(&sim->node[0], &sim->node[i])
			    : !holds_its_part(sim, i))
			return false;
	for (unsigned i = 0; i < sim->links; i++)
		if (!session_in_step(sim->link[i].a->s) ||
		    !session_in_step(sim->link[i].b->s))
			return false;
	return true;
}

static void settle(struct sim *sim)
{
	for (unsigned i = 0; i < sim->nodes; i++)
		sim->node[i].is_lazy = false;
	for (unsigned i = 0; i < sim->links; i++)
		link_up(sim, &sim->link[i]);
	for (unsigned k = 0; k < SETTLE_ROUNDS; k++) {
		drain(sim);
		for (unsigned i = 0; i < sim->nodes; i++)
			while (sim->node[i].pending_n > 0)
				accept_one(&sim->node[i]);
		if (is_settled(sim))
			return;
		clock_on(sim, 100);
	}
}

static void explain(const struct sim *sim)
{
	for (unsigned i = 0; i < sim->nodes; i++) {
		struct digest d;

		mem_frontier(&sim->node[i], &d);
		fprintf(stderr, "node %u: %u feeds, %u count, admitted %d:", i,
			(unsigned)sim->node[i].feeds_n, (unsigned)d.count,
			sim->admitted[i]);
		for (uint32_t k = 0; k < sim->node[i].feeds_n; k++)
			fprintf(stderr, " %02x:%u%s",
				sim->node[i].feeds[k].feed.b[0],
				(unsigned)sim->node[i].feeds[k].n,
				sim->node[i].feeds[k].counts ? "" : "?");
		fprintf(stderr, "\n");
	}
	for (unsigned i = 0; i < sim->links; i++) {
		const struct link *l = &sim->link[i];

		fprintf(stderr,
			"link %u -> %u: state %d %d, in step %d %d, "
			"bye %d %d, joined %d %d\n",
			l->from, l->to, (int)session_state(l->a->s),
			(int)session_state(l->b->s), session_in_step(l->a->s),
			session_in_step(l->b->s), l->a->bye, l->b->bye,
			l->a->joined, l->b->joined);
	}
}

enum sim_kind { SIM_MEMBERS, SIM_PUBLIC, SIM_SCOPED, SIM_FORKED };

/* How many entries were kept that were not replayed. */
static uint64_t sim_run(uint64_t seed, enum sim_kind kind)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	uint64_t before, recents = 0;
	bool is_good;

	assert_non_null(sim);
	sim->seed = seed;
	sim->rng = seed;
	sim->now_ms = 1000;
	sim->nodes = 2 + below(sim, NODES - 1);
	sim->is_forked = kind == SIM_FORKED;
	sim->is_scoped =
		kind == SIM_SCOPED || (sim->is_forked && below(sim, 2) == 0);
	if (sim->is_scoped)
		sim->nodes += sim->nodes == 2;
	if (sim->is_scoped)
		followers(sim);
	else
		people(sim, kind == SIM_PUBLIC);
	for (unsigned i = 0; i < sim->nodes; i++) {
		struct memnode *m = &sim->node[i];

		m->proves = sim->is_forked;
		m->is_old = below(sim, 4) == 0;
		m->recent_ms = 1 + below(sim, 200);
		m->recent_min = 1 + below(sim, 20);
	}
	if (sim->is_forked || below(sim, 2) == 0)
		absent(sim);
	topology(sim);
	for (unsigned i = 0; i < STEPS; i++)
		step(sim);
	settle(sim);
	is_good = is_settled(sim);
	if (!is_good)
		explain(sim);
	/* Once in step, nothing at all is sent. */
	before = sim->frames;
	for (unsigned i = 0; i < 50; i++) {
		clock_on(sim, 100);
		is_good = is_good && !drain(sim);
	}
	assert_int_equal(sim->frames, before);
	for (unsigned i = 0; i < sim->links; i++)
		link_down(sim, &sim->link[i]);
	is_good = is_good && sim->byes == 0 &&
		  (sim->is_forked || sim->forks == 0);
	for (unsigned i = 0; i < sim->nodes; i++)
		recents += sim->node[i].recents;
	for (unsigned i = 0; i < sim->nodes; i++)
		mem_release(&sim->node[i]);
	if (!is_good)
		fail_msg("seed %llu: byes %u, forks %u",
			 (unsigned long long)seed, sim->byes, sim->forks);
	free(sim);
	return recents;
}

static void members_and_newcomers_end_in_step(void **state)
{
	const char *one = getenv("SIM_SEED");
	uint64_t recents = 0;

	(void)state;
	if (one != NULL) {
		sim_run(strtoull(one, NULL, 10), SIM_MEMBERS);
		return;
	}
	for (uint64_t seed = 1; seed <= 60; seed++)
		recents += sim_run(seed, SIM_MEMBERS);
	assert_true(recents > 0);
}

static void a_public_network_ends_in_step(void **state)
{
	uint64_t recents = 0;

	(void)state;
	for (uint64_t seed = 1001; seed <= 1025; seed++)
		recents += sim_run(seed, SIM_PUBLIC);
	assert_true(recents > 0);
}

/* Nobody who follows some holds, or is told, what it does not follow. */
static void followers_end_in_step_with_their_part(void **state)
{
	const char *one = getenv("SIM_SEED");
	uint64_t recents = 0;

	(void)state;
	if (one != NULL) {
		sim_run(strtoull(one, NULL, 10), SIM_SCOPED);
		return;
	}
	for (uint64_t seed = 2001; seed <= 2050; seed++)
		recents += sim_run(seed, SIM_SCOPED);
	assert_true(recents > 0);
}

/* Everybody who holds a feed that forked ends it at the same place. */
static void feeds_that_fork_end_alike(void **state)
{
	const char *one = getenv("SIM_SEED");
	uint64_t recents = 0;

	(void)state;
	if (one != NULL) {
		sim_run(strtoull(one, NULL, 10), SIM_FORKED);
		return;
	}
	for (uint64_t seed = 3001; seed <= 3050; seed++)
		recents += sim_run(seed, SIM_FORKED);
	assert_true(recents > 0);
}

/* Sixty makers, of whom two have recorded most of it all, before the others. */
static const struct {
	unsigned makers, entries;
} crowd[] = { { 2, 4300 }, { 8, 300 }, { 50, 12 } };

static void fill_crowd(struct memnode *hub)
{
	unsigned seed = 2000;

	for (size_t i = 0; i < ARRAY_LEN(crowd); i++)
		for (unsigned k = 0; k < crowd[i].makers; k++) {
			struct memnode *m = calloc(1, sizeof(*m));

			assert_non_null(m);
			mem_newcomer(m, seed++, hub);
			mem_admit(hub, &m->who, false);
			for (unsigned n = 1; n < crowd[i].entries; n++)
				mem_produce(m, 5);
			mem_give(hub, m, &m->feed);
			mem_release(m);
			free(m);
		}
	mem_tell(hub);
}

static uint64_t entries_of(const struct memnode *m)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < m->feeds_n; i++)
		n += m->feeds[i].n;
	return n;
}

static unsigned whole_feeds(const struct memnode *m, const struct memnode *of)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < of->feeds_n; i++) {
		const struct memfeed *f = mem_feed(m, &of->feeds[i].feed);

		n += f != NULL && f->n == of->feeds[i].n;
	}
	return n;
}

/* A node that holds nothing yet, on a link that breaks every few frames. */
static void most_feeds_are_whole_long_before_all(void **state)
{
	struct memnode hub, fresh;
	struct mempeer *a, *b;
	struct session_missing missing;
	uint64_t all, begun_at = 0;
	unsigned frames = 0;

	(void)state;
	mem_found(&hub, 1, false);
	mem_newcomer(&fresh, 2, &hub);
	mem_admit(&hub, &fresh.who, false);
	fill_crowd(&hub);
	all = entries_of(&hub);
	mem_connect(&fresh, &hub, &a, &b, 5);
	session_start(a->s, 1000);
	session_start(b->s, 1000);
	while (entries_of(&fresh) < all / 3) {
		if (++frames % 40 == 0) {
			mem_disconnect(a);
			mem_connect(&fresh, &hub, &a, &b, 5 + frames);
			session_start(a->s, 1000);
			session_start(b->s, 1000);
		}
		if (!mem_deliver(a) && !mem_deliver(b))
			mem_wait(a, 100);
		if (begun_at == 0 && whole_feeds(&fresh, &hub) >= 50)
			begun_at = entries_of(&fresh);
	}
	/* All but the two; and it is known what these lack. */
	assert_int_equal(whole_feeds(&fresh, &hub), hub.feeds_n - 2);
	assert_true(begun_at < all / 8);
	missing = session_missing(a->s);
	/* One is its own, which was not there yet. */
	assert_int_equal(entries_of(&fresh) + missing.entries, all + 1);
	assert_int_equal(missing.feeds, 2);
	assert_in_range(missing.begun, 0, 2);
	mem_run(a);
	mem_wait(a, 300);
	assert_true(session_in_step(a->s));
	assert_true(mem_same(&hub, &fresh));
	missing = session_missing(a->s);
	assert_int_equal(missing.entries + missing.feeds + missing.begun, 0);
	mem_disconnect(a);
	mem_release(&fresh);
	mem_release(&hub);
}

/* Forty makers, each of whom has recorded as much as the others. */
enum { EQUAL = 40, EQUAL_ENTRIES = 300 };

static void fill_equal(struct memnode *hub)
{
	for (unsigned i = 0; i < EQUAL; i++) {
		struct memnode *m = calloc(1, sizeof(*m));

		assert_non_null(m);
		mem_newcomer(m, 3000 + i, hub);
		mem_admit(hub, &m->who, false);
		while (mem_feed(m, &m->feed)->n < EQUAL_ENTRIES)
			mem_produce(m, 5);
		mem_give(hub, m, &m->feed);
		mem_release(m);
		free(m);
	}
	mem_tell(hub);
}

/* Of how many feeds of the hub is the newest entry here, replayed or not? */
static unsigned seen_feeds(const struct memnode *m, const struct memnode *hub)
{
	unsigned n = whole_feeds(m, hub);

	for (uint32_t i = 0; i < hub->feeds_n; i++) {
		const struct memfeed *all = &hub->feeds[i];
		struct run kept;

		n += mem_recent(mem_feed(m, &all->feed), &kept) &&
		     kept.from + kept.count == all->n + 1;
	}
	return n;
}

/* One frame each so many ms; 300 are some 200 kilobytes a second. */
static void deliver_slowly(struct mempeer *a, uint64_t ms)
{
	if (!mem_deliver(a) && !mem_deliver(a->other)) {
		mem_wait(a, 100);
		return;
	}
	a->node->now_ms += ms;
	a->other->node->now_ms = a->node->now_ms;
}

static void the_newest_of_all_feeds_come_before_history(void **state)
{
	struct memnode hub, fresh;
	struct mempeer *a, *b;
	uint64_t all, at_most;

	(void)state;
	mem_found(&hub, 1, false);
	mem_newcomer(&fresh, 2, &hub);
	mem_admit(&hub, &fresh.who, false);
	fill_equal(&hub);
	all = entries_of(&hub);
	mem_connect(&fresh, &hub, &a, &b, 5);
	session_start(a->s, 1000);
	session_start(b->s, 1000);
	/* All feeds are seen when not even a third is here. */
	while (seen_feeds(&fresh, &hub) < hub.feeds_n)
		deliver_slowly(a, 300);
	assert_true(entries_of(&fresh) < all * 3 / 10);
	assert_true(keeps_any(&fresh));
	/* They stay when the connection breaks, and are not asked for again. */
	mem_disconnect(a);
	mem_connect(&fresh, &hub, &a, &b, 7);
	session_start(a->s, fresh.now_ms);
	session_start(b->s, fresh.now_ms);
	at_most = all - entries_of(&fresh) - fresh.recents + EQUAL;
	while (!session_in_step(a->s)) {
		assert_true(seen_feeds(&fresh, &hub) >= EQUAL);
		deliver_slowly(a, 300);
	}
	assert_true(session_stats(b->s).entries_out <= at_most);
	assert_true(mem_same(&hub, &fresh));
	assert_false(keeps_any(&fresh));
	mem_disconnect(a);
	mem_release(&fresh);
	mem_release(&hub);
}

static void what_comes_soon_comes_in_its_order(void **state)
{
	struct memnode hub, fresh;
	struct mempeer *a, *b;

	(void)state;
	mem_found(&hub, 1, false);
	mem_newcomer(&fresh, 2, &hub);
	mem_admit(&hub, &fresh.who, false);
	fill_equal(&hub);
	mem_connect(&fresh, &hub, &a, &b, 5);
	session_start(a->s, 1000);
	session_start(b->s, 1000);
	while (fresh.now_ms < 1000 + SESSION_RECENT_MS)
		deliver_slowly(a, 110);
	assert_true(session_missing(a->s).entries > 4 * SESSION_RECENT_MIN);
	while (!session_in_step(a->s))
		deliver_slowly(a, 110);
	assert_int_equal(fresh.recents, 0);
	mem_disconnect(a);
	mem_release(&fresh);
	mem_release(&hub);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(members_and_newcomers_end_in_step),
		UNIT(a_public_network_ends_in_step),
		UNIT(followers_end_in_step_with_their_part),
		UNIT(feeds_that_fork_end_alike),
		UNIT(most_feeds_are_whole_long_before_all),
		UNIT(the_newest_of_all_feeds_come_before_history),
		UNIT(what_comes_soon_comes_in_its_order),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
