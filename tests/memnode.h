#ifndef TESTS_MEMNODE_H
#define TESTS_MEMNODE_H

#include "crypto/curve.h"
#include "crypto/err.h"
#include "crypto/sign.h"
#include "proto/charter.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/session/session.h"
#include "proto/wr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * memnode -- a node whose store is arrays, for tests of the session.
 *
 * It signs real entries, keeps a real roster and answers a session's host as
 * store/ does: feeds of strangers are denied, what a session brought is told
 * to the others after it is durable.  Everything comes from seeds, so a run
 * can be repeated exactly.
 */

enum {
	MEM_PEERS = 16,
	MEM_QUEUE = 4096,
	MEM_PENDING = 8,
	MEM_FORESEEN = 4, /* frames told of before the first of them is given */
	MEM_AHEAD = 4 * SESSION_AHEAD
};

/* What a test may make fail. */
enum mem_op {
	MEM_HEAD,
	MEM_HEAD_AT,
	MEM_READ,
	MEM_COMMIT,
	MEM_FLUSH,
	MEM_JOIN,
	MEM_SEND,
	MEM_OPS
};

struct memfeed {
	struct pubkey feed;
	bool counts;
	uint64_t arrival;         /* of the newest entry */
	uint64_t told;            /* seq that the sessions were told of */
	const struct mempeer *by; /* who brought what was not told yet */
	uint64_t n, max;
	uint8_t **raw;
	size_t *raw_n;
	struct id *id;
	uint8_t *proof; /* that it forked; NULL for none */
	size_t proof_n;
	const struct mempeer *proof_by; /* who brought it */
	bool is_proof_told;
	uint8_t *recent; /* a run of its newest entries; NULL for none */
	size_t recent_n;
};

struct memframe {
	uint8_t *p;
	size_t n;
};

struct memnode;

/* One end of a connection. */
struct mempeer {
	struct memnode *node;
	struct session *s;
	struct memframe in[MEM_QUEUE]; /* frames on their way to this end */
	unsigned in_at, in_n;
	unsigned foreseen; /* of them, from in_at on */
	struct mempeer *other;
	struct msg_scope scope; /* whom the other end follows */
	struct pubkey feed;     /* and its own feed */
	unsigned pipe;          /* frames that fit the other end's queue */
	/* what the session said */
	unsigned frames; /* that came to this end */
	unsigned asked;  /* FETCH frames among those sent */
	unsigned met, in_step, stuck, forks, asides;
	int joined, bye, aside_err;
	bool bye_ours;
};

struct memnode {
	uint64_t silence_ms; /* see struct session_link */
	struct seckey *identity, *key;
	struct pubkey who, feed;
	struct curvepair transport;
	struct id network;
	struct roster *roster;
	bool has_news; /* the roster has changed and nobody was told */
	struct memfeed *feeds;
	uint32_t feeds_n, feeds_max;
	uint64_t arrival; /* entries that came so far */
	uint8_t instance[MSG_INSTANCE];
	struct {
		struct curvekey peer;
		struct session_cursor at;
	} cursors[MEM_PEERS]; /* where it was in step with others */
	unsigned cursors_n;
	bool has_no_cursors;    /* and never keeps one */
	struct msg_scope scope; /* whom it follows */
	uint8_t open[LIMIT_ENTRY];
	size_t open_n;
	uint64_t now_ms;
	struct mempeer *peers[MEM_PEERS];
	/* joining */
	bool is_auto; /* admit whoever knows the secret */
	struct id secret;
	struct pubkey pending[MEM_PENDING];
	unsigned pending_n;
	struct msg_join join; /* to show */
	bool has_join;
	enum mem_op fail_op; /* this call answers fail_err */
	int fail_after;      /* after so many that do not; once */
	int fail_err;        /* 0: none fails */
	int fail_more;       /* so many that follow do too */
	bool is_lazy;        /* flush answers ERR_BUSY */
	bool proves;         /* of forks it makes and takes evidence */
	bool is_old;         /* it knows no rows of FETCH with an end */
	uint32_t recent_ms, recent_min; /* see struct session_link */
	uint64_t recents; /* entries kept so, whether they still are or not */
	uint64_t flushes, unflushed;
	uint32_t looks, looks_max;   /* through all heads, for peers; 0: any */
	struct run ahead[MEM_AHEAD]; /* what is said to come */
	size_t ahead_n, foretold;    /* and how often it did */
};

static inline struct memfeed *mem_feed(const struct memnode *m,
				       const struct pubkey *feed)
{
	for (uint32_t i = 0; i < m->feeds_n; i++)
		if (pubkey_eq(&m->feeds[i].feed, feed))
			return &m->feeds[i];
	return NULL;
}

static inline struct memfeed *mem_feed_add(struct memnode *m,
					   const struct pubkey *feed)
{
	struct memfeed *f = mem_feed(m, feed);

	if (f != NULL)
		return f;
	if (m->feeds_n == m->feeds_max) {
		m->feeds_max = m->feeds_max == 0 ? 8 : m->feeds_max * 2;
		m->feeds = realloc(m->feeds, m->feeds_max * sizeof(*m->feeds));
		assert(m->feeds != NULL);
	}
	f = &m->feeds[m->feeds_n++];
	memset(f, 0, sizeof(*f));
	f->feed = *feed;
	return f;
}

static inline bool mem_counts(const struct memnode *m,
			      const struct pubkey *feed)
{
	const struct roster_feed *f = roster_feed(m->roster, feed);

	return f != NULL && roster_member(m->roster, &f->identity) != NULL;
}

/* What is kept of a feed's newest entries; false when nothing is. */
static inline bool mem_recent(const struct memfeed *f, struct run *out)
{
	int err;

	if (f == NULL || f->recent == NULL)
		return false;
	err = run_decode(out, f->recent, f->recent_n);
	assert(err == 0);
	return true;
}

static inline void mem_forget(struct memfeed *f)
{
	free(f->recent);
	f->recent = NULL;
}

/* Append bytes that are known to be good. */
static inline void mem_append(struct memnode *m, const struct entry *e)
{
	struct memfeed *f = mem_feed_add(m, &e->feed);
	struct id id = entry_id(e);
	struct run kept;
	bool changed;
	int err;

	assert(e->seq == f->n + 1);
	if (f->n == f->max) {
		f->max = f->max == 0 ? 8 : f->max * 2;
		f->raw = realloc(f->raw, f->max * sizeof(*f->raw));
		f->raw_n = realloc(f->raw_n, f->max * sizeof(*f->raw_n));
		f->id = realloc(f->id, f->max * sizeof(*f->id));
		assert(f->raw != NULL && f->raw_n != NULL && f->id != NULL);
	}
	f->raw[f->n] = malloc(e->raw_n);
	assert(f->raw[f->n] != NULL);
	memcpy(f->raw[f->n], e->raw, e->raw_n);
	f->raw_n[f->n] = e->raw_n;
	f->id[f->n] = id;
	f->n++;
	f->arrival = ++m->arrival;
	if (mem_recent(f, &kept) && kept.from + kept.count - 1 <= f->n)
		mem_forget(f);
	err = roster_add(m->roster, &changed, e, &id);
	if (err == 0 && changed)
		err = roster_solve(m->roster);
	assert(err == 0);
	if (changed)
		m->has_news = true;
	f->counts = mem_counts(m, &f->feed);
}

/* Tell the sessions what moved, except the one that brought it. */
static inline void mem_tell(struct memnode *m)
{
	bool news = m->has_news;

	m->has_news = false;
	for (uint32_t i = 0; news && i < m->feeds_n; i++)
		m->feeds[i].counts = mem_counts(m, &m->feeds[i].feed);
	for (uint32_t i = 0; i < m->feeds_n; i++) {
		struct memfeed *f = &m->feeds[i];

		if (f->proof == NULL || f->is_proof_told)
			continue;
		f->is_proof_told = true;
		for (unsigned k = 0; k < MEM_PEERS; k++)
			if (m->peers[k] != NULL && m->peers[k]->s != NULL &&
			    m->peers[k] != f->proof_by)
				session_proof(m->peers[k]->s, &f->feed,
					      EVIDENCE_FORK, m->now_ms);
	}
	for (uint32_t i = 0; i < m->feeds_n; i++) {
		struct memfeed *f = &m->feeds[i];

		if (!f->counts || f->told == f->n)
			continue;
		for (unsigned k = 0; k < MEM_PEERS; k++)
			if (m->peers[k] != NULL && m->peers[k]->s != NULL &&
			    m->peers[k] != f->by)
				session_moved(m->peers[k]->s, i, f->told,
					      m->now_ms);
		f->told = f->n;
		f->by = NULL;
	}
	for (unsigned k = 0; news && k < MEM_PEERS; k++)
		if (m->peers[k] != NULL && m->peers[k]->s != NULL)
			session_roster(m->peers[k]->s, m->now_ms);
}

/* Hand a whole feed from one node to another, past all sessions; tells
 * nobody. */
static inline void mem_give(struct memnode *to, const struct memnode *from,
			    const struct pubkey *feed)
{
	const struct memfeed *src = mem_feed(from, feed);
	const struct memfeed *dst = mem_feed(to, feed);
	uint64_t n = dst == NULL ? 0 : dst->n;

	assert(src != NULL);
	for (; n < src->n; n++) {
		struct entry e;
		int err = entry_decode(&e, src->raw[n], src->raw_n[n]);

		assert(err == 0);
		mem_append(to, &e);
	}
}

/* Sign the next entry of the node's own feed and keep it, telling nobody. */
static inline void mem_sign(struct memnode *m, uint32_t kind, const void *facts,
			    size_t facts_n)
{
	const struct memfeed *f = mem_feed(m, &m->feed);
	uint8_t raw[LIMIT_ENTRY];
	struct entry_plan plan = { .seq = f == NULL ? 1 : f->n + 1,
				   .prev = m->network,
				   .time_ms = m->now_ms,
				   .kind = kind,
				   .facts = facts,
				   .facts_n = facts_n };
	struct entry e;
	size_t n;
	int err;

	if (f != NULL && f->n > 0)
		plan.prev = f->id[f->n - 1];
	err = entry_seal(raw, &n, &plan, m->key);
	assert(err == 0);
	err = entry_decode(&e, raw, n);
	assert(err == 0);
	mem_append(m, &e);
	if (e.seq == 1) {
		memcpy(m->open, raw, n);
		m->open_n = n;
	}
}

/* An entry of `size` bytes of facts that means nothing to anybody. */
static inline void mem_produce(struct memnode *m, size_t size)
{
	uint8_t facts[LIMIT_ENTRY], filler[LIMIT_ENTRY] = { 0 };
	struct wr w;
	size_t n;
	int err;

	wr_init(&w, facts, sizeof(facts));
	wr_map(&w, 1);
	wr_uint(&w, 2);
	wr_bin(&w, filler, size);
	err = wr_end(&w, &n);
	assert(err == 0);
	mem_sign(m, 60000, facts, n);
	mem_tell(m);
}

static inline void mem_record(struct memnode *m, const struct record *rec)
{
	uint8_t facts[LIMIT_ENTRY];
	size_t n;
	int err = record_encode(rec, facts, sizeof(facts), &n);

	assert(err == 0);
	mem_sign(m, rec->kind, facts, n);
}

/* Admit an identity; tells nobody, for use within a session. */
static inline void mem_admit_quietly(struct memnode *m,
				     const struct pubkey *who, bool may_admit)
{
	static const char digits[] = "0123456789abcdef";
	char label[8] = "maker-00";
	struct record rec;

	label[6] = digits[who->b[0] >> 4];
	label[7] = digits[who->b[0] & 15];
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, who->b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, ROLE_MAKER);
	record_set_bytes(&rec, FACT_LABEL, label, sizeof(label));
	record_set_bytes(&rec, FACT_PLACE, "FR-88", 5);
	if (may_admit)
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	mem_record(m, &rec);
}

static inline void mem_admit(struct memnode *m, const struct pubkey *who,
			     bool may_admit)
{
	mem_admit_quietly(m, who, may_admit);
	mem_tell(m);
}

/* Take away what m itself admitted. */
static inline void mem_dismiss(struct memnode *m, const struct pubkey *who)
{
	uint8_t ids[ID_SIZE + 3];
	struct record rec;
	struct id admit;
	struct wr w;
	size_t n;
	bool is_there = roster_standing_admit(m->roster, &admit, who, &m->who);

	assert(is_there);
	wr_init(&w, ids, sizeof(ids));
	wr_array(&w, 1);
	wr_bin(&w, admit.b, sizeof(admit.b));
	assert(wr_end(&w, &n) == 0);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, who->b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, ids, n);
	mem_record(m, &rec);
	mem_tell(m);
}

static inline void mem_keys(struct memnode *m, unsigned seed)
{
	uint8_t bytes[SEED_SIZE] = { 0 };
	int err;

	memset(m, 0, sizeof(*m));
	m->now_ms = 1000;
	/* Not in the first byte: X25519 ignores three of its bits. */
	bytes[1] = (uint8_t)seed;
	bytes[2] = (uint8_t)(seed >> 8);
	bytes[31] = 'i';
	err = seckey_from_seed(&m->identity, bytes);
	assert(err == 0);
	bytes[31] = 'n';
	err = seckey_from_seed(&m->key, bytes);
	assert(err == 0);
	bytes[31] = 't';
	curvepair_from_secret(&m->transport, bytes);
	m->who = seckey_pub(m->identity);
	m->feed = seckey_pub(m->key);
	memcpy(m->instance, m->who.b, MSG_INSTANCE);
}

/* The node's `open`; charter NULL for one that joins. */
static inline void mem_open(struct memnode *m, const uint8_t *charter, size_t n)
{
	uint8_t what[ID_SIZE + KEY_SIZE];
	struct record rec;
	struct sig cert;
	int err = roster_open(&m->roster, &m->network);

	assert(err == 0);
	memcpy(what, m->network.b, ID_SIZE);
	memcpy(what + ID_SIZE, m->feed.b, KEY_SIZE);
	err = sign_make(&cert, m->identity, "maillon/1 node", what,
			sizeof(what));
	assert(err == 0);
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, m->who.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, m->transport.pub.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_CERT, cert.b, SIG_SIZE);
	if (charter != NULL)
		record_set_bytes(&rec, FACT_CHARTER, charter, n);
	mem_record(m, &rec);
	mem_tell(m);
}

/* The founder of a network. */
static inline void mem_found(struct memnode *m, unsigned seed, bool is_public)
{
	struct charter c = { .name = "Vosges",
			     .currency = "EUR",
			     .is_public = is_public,
			     .created_ms = 1000,
			     .founders_n = 1 };
	uint8_t charter[LIMIT_CHARTER];
	size_t n;
	int err;

	mem_keys(m, seed);
	c.founders[0].identity = m->who;
	memcpy(c.founders[0].label, "vosges", 7);
	memcpy(c.founders[0].place, "FR-88", 6);
	err = charter_encode(charter, &n, &c);
	assert(err == 0);
	m->network = hash_id(charter, n);
	mem_open(m, charter, n);
}

/* A node that knows no more than which network it wants to be in. */
static inline void mem_newcomer(struct memnode *m, unsigned seed,
				const struct memnode *founder)
{
	mem_keys(m, seed);
	m->network = founder->network;
	mem_open(m, NULL, 0);
}

static inline void mem_release(struct memnode *m)
{
	for (uint32_t i = 0; i < m->feeds_n; i++) {
		for (uint64_t k = 0; k < m->feeds[i].n; k++)
			free(m->feeds[i].raw[k]);
		free(m->feeds[i].raw);
		free(m->feeds[i].raw_n);
		free(m->feeds[i].id);
		free(m->feeds[i].proof);
		free(m->feeds[i].recent);
	}
	free(m->feeds);
	roster_close(m->roster);
	seckey_close(m->identity);
	seckey_close(m->key);
	memset(m, 0, sizeof(*m));
}

/* What the call is to answer instead; 0 most of the time. */
static inline int mem_fails(void *cookie, enum mem_op op)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	int err = m->fail_err;

	if (err == 0 || m->fail_op != op || m->fail_after-- > 0)
		return 0;
	if (m->fail_more-- <= 0)
		m->fail_err = 0;
	return err;
}

static inline const struct roster *mem_host_roster(void *cookie)
{
	return ((struct mempeer *)cookie)->node->roster;
}

static inline void mem_head(const struct memnode *m, uint32_t no,
			    struct session_head *out)
{
	const struct memfeed *f = &m->feeds[no];
	const struct roster_feed *rf = roster_feed(m->roster, &f->feed);

	out->feed = f->feed;
	out->seq = f->n;
	out->id = f->id[f->n - 1];
	out->element = digest_element(&f->feed, out->seq, &out->id);
	out->no = no;
	out->arrival = f->arrival;
	out->is_first =
		rf != NULL && roster_may_admit(m->roster, &rf->identity);
}

/* Is a feed of those that somebody follows? */
static inline bool mem_within(const struct memnode *m,
			      const struct msg_scope *scope,
			      const struct pubkey *own,
			      const struct pubkey *feed)
{
	const struct roster_feed *f = roster_feed(m->roster, feed);
	const struct roster_feed *by = roster_feed(m->roster, own);
	const struct member *of =
		f != NULL ? roster_member(m->roster, &f->identity) : NULL;

	if (scope->n == 0 || (of != NULL && of->may_admit) ||
	    (f != NULL && by != NULL && pubkey_eq(&f->identity, &by->identity)))
		return true;
	for (uint32_t i = 0; f != NULL && i < scope->n; i++)
		if (pubkey_eq(&f->identity, &scope->who[i]) ||
		    roster_is_below(m->roster, &f->identity, &scope->who[i]))
			return true;
	return false;
}

static inline bool mem_is_seen(const struct mempeer *p,
			       const struct pubkey *feed)
{
	const struct memnode *m = p->node;

	return mem_within(m, &m->scope, &m->feed, feed) &&
	       mem_within(m, &p->scope, &p->feed, feed);
}

static inline int mem_host_scope(void *cookie, const struct msg_scope *theirs,
				 const struct pubkey *feed)
{
	struct mempeer *p = cookie;

	p->scope = *theirs;
	p->feed = *feed;
	return 0;
}

static inline int mem_host_head_at(void *cookie, struct session_head *out,
				   uint32_t no)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	int bad = mem_fails(cookie, MEM_HEAD_AT);

	if (bad != 0)
		return bad;
	assert(no < m->feeds_n);
	if (m->feeds[no].n == 0 || !m->feeds[no].counts ||
	    !mem_is_seen(cookie, &m->feeds[no].feed))
		return ERR_NOT_FOUND;
	mem_head(m, no, out);
	return 0;
}

/* One's own feed is always answered. */
static inline int mem_host_head(void *cookie, struct session_head *out,
				const struct pubkey *feed)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	const struct memfeed *f = mem_feed(m, feed);
	int bad = mem_fails(cookie, MEM_HEAD);

	if (bad != 0)
		return bad;
	if (f == NULL || f->n == 0 ||
	    ((!f->counts || !mem_is_seen(cookie, feed)) &&
	     !pubkey_eq(feed, &m->feed)))
		return ERR_NOT_FOUND;
	mem_head(m, (uint32_t)(f - m->feeds), out);
	return 0;
}

static inline uint32_t mem_host_head_end(void *cookie)
{
	return ((struct mempeer *)cookie)->node->feeds_n;
}

static inline bool mem_keeps(void *arg, const struct pubkey *feed)
{
	return mem_is_seen(arg, feed);
}

static inline struct id mem_host_digest(void *cookie)
{
	const struct memnode *m = ((struct mempeer *)cookie)->node;

	return roster_digest_of(m->roster, mem_keeps, cookie);
}

static inline void mem_frontier(const struct memnode *m, struct digest *out)
{
	digest_init(out);
	for (uint32_t i = 0; i < m->feeds_n; i++) {
		const struct memfeed *f = &m->feeds[i];

		if (f->counts && f->n > 0)
			digest_add(out, &f->feed, f->n, &f->id[f->n - 1]);
	}
}

static inline void mem_host_frontier(void *cookie, struct digest *out)
{
	const struct memnode *m = ((struct mempeer *)cookie)->node;

	digest_init(out);
	for (uint32_t i = 0; i < m->feeds_n; i++) {
		const struct memfeed *f = &m->feeds[i];

		if (f->counts && f->n > 0 && mem_is_seen(cookie, &f->feed))
			digest_add(out, &f->feed, f->n, &f->id[f->n - 1]);
	}
}

static inline int mem_host_read(void *cookie, struct run_writer *w,
				uint64_t from, uint64_t to, bool *more)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	const struct memfeed *f = mem_feed(m, &w->feed);
	int bad = mem_fails(cookie, MEM_READ);

	if (bad != 0)
		return bad;
	if (f == NULL || !f->counts || from > f->n)
		return ERR_NOT_FOUND;
	*more = false;
	for (uint64_t i = from - 1; i < f->n && i < to; i++) {
		int err = run_writer_add(w, f->raw[i], f->raw_n[i]);

		if (err == ERR_LIMIT) {
			*more = true;
			return 0;
		}
		if (err != 0)
			return err;
	}
	return 0;
}

/* Would the feed of this `open` be a member's? */
static inline bool mem_is_member(struct memnode *m, const struct run *run)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct record rec;
	struct pubkey who;
	struct entry e;
	struct id id;

	run_walk_init(&walk, run);
	if (run_walk_next(&walk, &e, &id, buf) != 0 ||
	    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0)
		return false;
	who = record_key(&rec, FACT_IDENTITY);
	return record_has(&rec, FACT_CHARTER) ||
	       roster_member(m->roster, &who) != NULL;
}

static inline void mem_host_ahead(void *cookie, const struct run *runs,
				  size_t n)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;

	assert(n <= SESSION_AHEAD);
	for (size_t i = 0; i < n && m->ahead_n < MEM_AHEAD; i++)
		m->ahead[m->ahead_n++] = runs[i];
}

static inline int mem_host_check(void *cookie, const struct run_entry **at,
				 uint32_t *good, const struct run *run,
				 const struct id *prev)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	static struct run_room room;

	for (size_t i = 0; i < m->ahead_n; i++)
		m->foretold += m->ahead[i].tails == run->tails &&
			       m->ahead[i].from == run->from &&
			       pubkey_eq(&m->ahead[i].feed, &run->feed) &&
			       (id_eq(&m->ahead[i].prev, prev) ||
				id_is_zero(&m->ahead[i].prev));
	*at = room.at;
	return run_check(&room, good, run, prev);
}

static inline int mem_host_commit(void *cookie, const struct run *run,
				  const struct run_entry *at, uint32_t good)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	struct memfeed *f;
	int err;

	err = mem_fails(cookie, MEM_COMMIT);
	if (err != 0)
		return err;
	if (!mem_counts(m, &run->feed) && !pubkey_eq(&run->feed, &m->feed) &&
	    (run->from != 1 || !mem_is_member(m, run)))
		return ERR_DENIED;
	for (uint32_t i = 0; i < good; i++) {
		const struct entry *e = &at[i].entry;
		const struct feed_limit *l =
			roster_limit(m->roster, &run->feed);

		if (l != NULL && e->seq > l->limit)
			return i == 0 ? ERR_EXISTS : 0;
		f = mem_feed(m, &run->feed);
		if (f != NULL && e->seq <= f->n) {
			/* Of the node's own feed what it has comes too. */
			assert(pubkey_eq(&run->feed, &m->feed));
			if (!id_eq(&f->id[e->seq - 1], &at[i].id))
				return ERR_CONFLICT;
			continue;
		}
		mem_append(m, e);
	}
	mem_feed(m, &run->feed)->by = cookie;
	m->unflushed += good;
	return 0;
}

static inline int mem_host_recent(void *cookie, struct run *out,
				  const struct pubkey *feed, uint8_t *buf)
{
	const struct memfeed *f =
		mem_feed(((struct mempeer *)cookie)->node, feed);

	if (!mem_recent(f, out))
		return ERR_NOT_FOUND;
	memcpy(buf, out->tails, out->tails_n);
	out->tails = buf;
	return 0;
}

static inline int mem_host_keep(void *cookie, const struct run *run,
				const struct run_entry *at, uint32_t n)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	struct memfeed *f = mem_feed(m, &run->feed);
	const struct feed_limit *l = roster_limit(m->roster, &run->feed);
	uint64_t end = run->from + n - 1;
	struct run_writer w;
	struct run kept;
	int err = mem_fails(cookie, MEM_COMMIT);

	if (err != 0)
		return err;
	assert(n == run->count && n <= SESSION_RECENT);
	if (f == NULL || !mem_counts(m, &run->feed))
		return ERR_DENIED;
	if (l != NULL && end > l->limit)
		return ERR_CONFLICT;
	if (end <= f->n ||
	    (mem_recent(f, &kept) && end < kept.from + kept.count))
		return ERR_EXISTS;
	mem_forget(f);
	f->recent = malloc(SESSION_RECENT_BYTES);
	assert(f->recent != NULL);
	/* As many of the newest as fit. */
	for (uint32_t first = 0; first < n; first++) {
		run_writer_init(&w, f->recent, SESSION_RECENT_BYTES,
				&run->feed);
		err = 0;
		for (uint32_t i = first; i < n && err == 0; i++)
			err = run_writer_add(&w, at[i].entry.raw,
					     at[i].entry.raw_n);
		if (err == 0)
			err = run_writer_end(&w, &f->recent_n);
		if (err == 0) {
			m->recents += n - first;
			m->unflushed++;
			return 0;
		}
	}
	mem_forget(f);
	return ERR_LIMIT;
}

static inline int mem_host_drop(void *cookie, const struct pubkey *feed)
{
	mem_forget(mem_feed(((struct mempeer *)cookie)->node, feed));
	return 0;
}

static inline int mem_host_named(void *cookie, struct pubkey *out,
				 const uint8_t beginning[static MSG_SHORT])
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	unsigned found = 0;

	for (uint32_t i = 0; i < m->feeds_n; i++)
		if (memcmp(m->feeds[i].feed.b, beginning, MSG_SHORT) == 0) {
			*out = m->feeds[i].feed;
			found++;
		}
	return found == 1 ? 0 : ERR_NOT_FOUND;
}

static inline uint64_t mem_host_arrival(void *cookie)
{
	return ((struct mempeer *)cookie)->node->arrival;
}

/* The cursor that is kept of a peer, a new one when there is none. */
static inline struct session_cursor *mem_cursor(struct memnode *m,
						const struct curvekey *peer)
{
	unsigned i = 0;

	while (i < m->cursors_n &&
	       memcmp(&m->cursors[i].peer, peer, sizeof(*peer)) != 0)
		i++;
	if (i == m->cursors_n) {
		assert(i < MEM_PEERS);
		m->cursors_n++;
		memset(&m->cursors[i], 0, sizeof(m->cursors[i]));
		m->cursors[i].peer = *peer;
	}
	return &m->cursors[i].at;
}

static inline bool mem_host_pay(void *cookie, const struct pubkey *who,
				uint32_t times)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;

	(void)who;
	m->looks += times;
	return m->looks_max == 0 || m->looks <= m->looks_max;
}

static inline int mem_host_flush(void *cookie)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	int bad = mem_fails(cookie, MEM_FLUSH);

	if (bad != 0)
		return bad;
	if (m->unflushed > 0 && m->is_lazy)
		return ERR_BUSY;
	m->flushes += m->unflushed > 0;
	m->unflushed = 0;
	return 0;
}

static inline int mem_host_join(void *cookie, enum joined *status,
				const struct msg_join *join,
				const struct session_peer *peer)
{
	struct memnode *m = ((struct mempeer *)cookie)->node;
	int bad = mem_fails(cookie, MEM_JOIN);

	if (bad != 0)
		return bad;
	if (!id_eq(&join->proof, &m->secret)) {
		*status = JOINED_UNKNOWN;
	} else if (m->is_auto) {
		mem_admit_quietly(m, &peer->identity, false);
		*status = JOINED_ADMITTED;
	} else {
		if (m->pending_n < MEM_PENDING)
			m->pending[m->pending_n++] = peer->identity;
		*status = JOINED_WAITING;
	}
	return 0;
}

/* A HELLO of a node from before there were rows of FETCH with an end. */
static inline void mem_date(struct memframe *f)
{
	struct msg m;
	int err = msg_decode(&m, f->p, f->n);

	assert(err == 0);
	m.u.hello.flags &= ~(uint32_t)HELLO_PARTS;
	err = msg_encode(&m, f->p, f->n, &f->n);
	assert(err == 0);
}

static inline int mem_host_send(void *cookie, const void *frame, size_t n)
{
	struct mempeer *to = ((struct mempeer *)cookie)->other;
	struct memframe *f;
	int bad = mem_fails(cookie, MEM_SEND);

	if (bad != 0)
		return bad;
	assert(n <= LIMIT_FRAME);
	if (to->in_n >= to->pipe)
		return ERR_BUSY;
	to->frames++;
	to->other->asked += ((const uint8_t *)frame)[2] == MSG_FETCH;
	f = &to->in[(to->in_at + to->in_n++) % MEM_QUEUE];
	f->p = malloc(n);
	assert(f->p != NULL);
	memcpy(f->p, frame, n);
	f->n = n;
	if (f->p[2] == MSG_HELLO &&
	    (to->node->is_old || to->other->node->is_old))
		mem_date(f);
	return 0;
}

static inline void mem_host_event(void *cookie, const struct session_note *note)
{
	struct mempeer *p = cookie;

	switch (note->event) {
	case SESSION_MET:
		p->met++;
		break;
	case SESSION_ANSWER:
		p->joined = (int)note->joined;
		break;
	case SESSION_IN_STEP:
		p->in_step++;
		if (!p->node->has_no_cursors)
			*mem_cursor(p->node, &p->other->node->transport.pub) =
				*note->cursor;
		break;
	case SESSION_ASIDE:
		p->asides++;
		p->aside_err = note->err;
		break;
	case SESSION_FORK:
		p->forks++;
		break;
	case SESSION_STUCK:
		p->stuck++;
		break;
	case SESSION_BYE:
		p->bye = (int)note->bye;
		p->bye_ours = note->is_ours;
		break;
	}
}

/* Take in a proof that a feed forked: it ends before that. */
static inline int mem_prove(struct memnode *m, const void *p, size_t n,
			    const struct mempeer *by)
{
	uint8_t buf[LIMIT_ENTRY];
	const struct feed_limit *l;
	struct evidence e;
	struct memfeed *f;
	bool changed;
	int err = evidence_decode(&e, p, n);

	if (err != 0)
		return err;
	if (!m->proves || e.type != EVIDENCE_FORK || !mem_counts(m, &e.feed))
		return ERR_DENIED;
	l = roster_limit(m->roster, &e.feed);
	if (l != NULL && l->fork <= e.seq)
		return ERR_EXISTS;
	err = evidence_check_fork(&e, &m->network, buf);
	if (err != 0)
		return err;
	f = mem_feed(m, &e.feed);
	assert(f != NULL && e.seq > 1);
	free(f->proof);
	f->proof = malloc(n);
	assert(f->proof != NULL);
	memcpy(f->proof, p, n);
	f->proof_n = n;
	f->proof_by = by;
	f->is_proof_told = false;
	err = roster_fork(m->roster, &changed, &e.feed, e.seq);
	if (err == 0)
		err = roster_solve(m->roster);
	assert(err == 0);
	m->has_news = true;
	if (f->n >= e.seq)
		f->arrival = ++m->arrival;
	while (f->n >= e.seq)
		free(f->raw[--f->n]);
	mem_forget(f);
	return 0;
}

/* One branch: entries until one is validly signed; false when none is. */
static inline bool mem_branch(struct run_writer *w, const struct entry *e)
{
	int err = run_writer_add(w, e->raw, e->raw_n);

	assert(err == 0);
	return entry_verify(e) == 0;
}

static inline void mem_branch_end(struct run_writer *w)
{
	size_t n;
	int err = run_writer_end(w, &n);

	assert(err == 0);
}

/* Where a run leaves what is held, and the proof of it. */
static inline int mem_host_fork(void *cookie, const struct run *run,
				uint64_t *split)
{
	struct mempeer *p = cookie;
	struct memnode *m = p->node;
	const struct memfeed *f = mem_feed(m, &run->feed);
	static uint8_t a[LIMIT_RUN_BYTES], b[LIMIT_RUN_BYTES];
	static uint8_t proof[LIMIT_EVIDENCE];
	struct run_writer ours, theirs;
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	bool done = false;
	struct entry e;
	struct id id;
	size_t n;
	int err;

	if (!m->proves || f == NULL)
		return ERR_DENIED;
	*split = 0;
	if (run->from > f->n)
		return run->from == f->n + 1 ? ERR_CHAIN : ERR_NOT_FOUND;
	if (!id_eq(&run->prev,
		   run->from == 1 ? &m->network : &f->id[run->from - 2]))
		return ERR_CHAIN;
	run_writer_init(&theirs, a, sizeof(a), &run->feed);
	run_walk_init(&walk, run);
	while (!done && walk.left > 0) {
		if (*split == 0 && walk.seq > f->n)
			return ERR_NOT_FOUND;
		err = run_walk_next(&walk, &e, &id, buf);
		if (err != 0)
			return err;
		if (*split == 0 && id_eq(&id, &f->id[e.seq - 1]))
			continue;
		if (*split == 0)
			*split = e.seq;
		done = mem_branch(&theirs, &e);
	}
	if (!done)
		return *split == 0 ? ERR_NOT_FOUND : ERR_SIGNATURE;
	mem_branch_end(&theirs);
	run_writer_init(&ours, b, sizeof(b), &run->feed);
	done = false;
	for (uint64_t seq = *split; seq <= f->n && !done; seq++) {
		err = entry_decode(&e, f->raw[seq - 1], f->raw_n[seq - 1]);
		assert(err == 0);
		done = mem_branch(&ours, &e);
	}
	assert(done);
	mem_branch_end(&ours);
	err = evidence_make_fork(proof, &n, &ours, &theirs);
	return err == 0 ? mem_prove(m, proof, n, p) : err;
}

static inline int mem_host_proof(void *cookie, const struct pubkey *feed,
				 enum evidence_type type, uint8_t *out,
				 size_t *n)
{
	const struct memfeed *f =
		mem_feed(((struct mempeer *)cookie)->node, feed);

	if (f == NULL || f->proof == NULL || type != EVIDENCE_FORK)
		return ERR_NOT_FOUND;
	memcpy(out, f->proof, f->proof_n);
	*n = f->proof_n;
	return 0;
}

static inline int mem_host_prove(void *cookie, const void *p, size_t n)
{
	return mem_prove(((struct mempeer *)cookie)->node, p, n, cookie);
}

static inline void mem_host(struct session_host *host, struct mempeer *p)
{
	*host = (struct session_host){ .cookie = p,
				       .roster = mem_host_roster,
				       .scope = mem_host_scope,
				       .head = mem_host_head,
				       .head_at = mem_host_head_at,
				       .head_end = mem_host_head_end,
				       .pay = mem_host_pay,
				       .named = mem_host_named,
				       .frontier = mem_host_frontier,
				       .digest = mem_host_digest,
				       .arrival = mem_host_arrival,
				       .read = mem_host_read,
				       .ahead = mem_host_ahead,
				       .check = mem_host_check,
				       .commit = mem_host_commit,
				       .recent = mem_host_recent,
				       .keep = mem_host_keep,
				       .drop = mem_host_drop,
				       .fork = mem_host_fork,
				       .proof = mem_host_proof,
				       .prove = mem_host_prove,
				       .flush = mem_host_flush,
				       .join = mem_host_join,
				       .send = mem_host_send,
				       .event = mem_host_event };
}

/* Open a session at one end. */
static inline void mem_session(struct mempeer *p, const struct curvekey *peer,
			       bool is_dialled, uint64_t nonce)
{
	struct memnode *m = p->node;
	struct session_self self = { .network = m->network,
				     .feed = m->feed,
				     .open = m->open,
				     .open_n = m->open_n,
				     .join = m->has_join ? &m->join : NULL,
				     .cursor = *mem_cursor(m, peer) };
	struct session_link link = { .peer = *peer,
				     .is_dialled = is_dialled,
				     .silence_ms = m->silence_ms,
				     .recent_ms = m->recent_ms,
				     .recent_min = m->recent_min };
	struct session_host host;
	int err;

	memcpy(self.instance, m->instance, MSG_INSTANCE);
	self.scope = m->scope;
	mem_host(&host, p);
	memcpy(link.random, &nonce, sizeof(nonce));
	p->joined = -1;
	p->bye = -1;
	err = session_open(&p->s, &host, &self, &link);
	assert(err == 0);
}

static inline void mem_plug(struct memnode *m, struct mempeer *p)
{
	for (unsigned k = 0; k < MEM_PEERS; k++)
		if (m->peers[k] == NULL) {
			m->peers[k] = p;
			return;
		}
	assert(false);
}

/* Make the two ends of one connection; a dials b. */
static inline void mem_connect(struct memnode *a, struct memnode *b,
			       struct mempeer **pa, struct mempeer **pb,
			       uint64_t nonce)
{
	struct mempeer *x = calloc(1, sizeof(*x));
	struct mempeer *y = calloc(1, sizeof(*y));

	assert(x != NULL && y != NULL);
	x->node = a;
	y->node = b;
	x->other = y;
	y->other = x;
	x->pipe = MEM_QUEUE;
	y->pipe = MEM_QUEUE;
	mem_session(x, &b->transport.pub, true, nonce);
	mem_session(y, &a->transport.pub, false, nonce + 1);
	mem_plug(a, x);
	mem_plug(b, y);
	*pa = x;
	*pb = y;
}

/* What a frame said is over. */
static inline void mem_is_over(struct memnode *m, const struct memframe *f)
{
	size_t n = 0;

	for (size_t i = 0; i < m->ahead_n; i++)
		if (m->ahead[i].tails < f->p ||
		    m->ahead[i].tails >= f->p + f->n)
			m->ahead[n++] = m->ahead[i];
	m->ahead_n = n;
}

static inline void mem_hang_up(struct mempeer *p)
{
	for (unsigned k = 0; k < MEM_PEERS; k++)
		if (p->node->peers[k] == p)
			p->node->peers[k] = NULL;
	session_close(p->s);
	while (p->in_n > 0) {
		mem_is_over(p->node, &p->in[p->in_at]);
		free(p->in[p->in_at].p);
		p->in_at = (p->in_at + 1) % MEM_QUEUE;
		p->in_n--;
	}
	free(p);
}

/* Both ends go, and the frames on their way are lost. */
static inline void mem_disconnect(struct mempeer *a)
{
	struct mempeer *b = a->other;

	mem_hang_up(a);
	mem_hang_up(b);
}

static inline void mem_foresee(struct mempeer *p)
{
	for (; p->foreseen < p->in_n && p->foreseen < MEM_FORESEEN;
	     p->foreseen++) {
		unsigned i = (p->in_at + p->foreseen) % MEM_QUEUE;

		session_foresee(p->s, p->in[i].p, p->in[i].n);
	}
}

/* Hand the next frame on its way to p to its session; false if none is. */
static inline bool mem_deliver(struct mempeer *p)
{
	struct memframe f;

	if (p->in_n == 0)
		return false;
	mem_foresee(p);
	f = p->in[p->in_at];
	p->in_at = (p->in_at + 1) % MEM_QUEUE;
	p->in_n--;
	p->foreseen--;
	session_recv(p->s, f.p, f.n, p->node->now_ms);
	mem_is_over(p->node, &f);
	free(f.p);
	mem_tell(p->node);
	if (p->other->s != NULL)
		session_writable(p->other->s, p->other->node->now_ms);
	return true;
}

/* Deliver until nothing is on its way between the two ends. */
static inline void mem_run(struct mempeer *a)
{
	bool any;

	do {
		any = mem_deliver(a);
		any = mem_deliver(a->other) || any;
	} while (any);
}

/* Let time pass for both ends of a connection, and deliver. */
static inline void mem_wait(struct mempeer *a, uint64_t ms)
{
	struct mempeer *b = a->other;

	a->node->now_ms += ms;
	b->node->now_ms = a->node->now_ms;
	session_tick(a->s, a->node->now_ms);
	session_tick(b->s, b->node->now_ms);
	mem_run(a);
}

static inline bool mem_same(const struct memnode *a, const struct memnode *b)
{
	struct id ra = roster_digest(a->roster), rb = roster_digest(b->roster);
	struct digest da, db;

	mem_frontier(a, &da);
	mem_frontier(b, &db);
	return digest_eq(&da, &db) && id_eq(&ra, &rb);
}

#endif
