#include "node/net/host_priv.h"

#include "crypto/err.h"
#include "node/net/throttle.h"
#include "node/safe/renewal.h"
#include "proto/entry.h"
#include "proto/kind.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/recent.h"
#include "store/store.h"

enum {
	FLUSH_BYTES = 1 << 20, /* of a batch; then it is written */
	GROW_TRIES = 4,
	/* Heads that are looked through count as at least so many, and of those
	 * that are a ledger's there are at least so many. */
	PAY_HEADS = 256,
	PAY_LEDGER = 10000
};

static const struct roster *op_roster(void *cookie)
{
	const struct host_link *link = cookie;

	return host_roster(link->host);
}

static void fill(struct session_head *out, const struct host_row *row,
		 uint32_t no)
{
	*out = (struct session_head){ .feed = row->feed,
				      .seq = row->seq,
				      .id = row->id,
				      .element = row->element,
				      .arrival = row->arrival,
				      .no = no,
				      .is_first = row->is_first };
}

static int op_scope(void *cookie, const struct msg_scope *theirs,
		    const struct pubkey *feed)
{
	return host_view(cookie, theirs, feed);
}

static int op_head(void *cookie, struct session_head *out,
		   const struct pubkey *feed)
{
	const struct host_link *link = cookie;
	struct host *h = link->host;
	const struct host_row *row;
	struct head head;
	int err = store_head(h->keeper->store, feed, &head);

	if (err != 0)
		return err;
	if (head.no >= h->rows_n)
		return ERR_NOT_FOUND;
	row = &h->rows[head.no];
	if (row->seq == 0 || ((!row->counts || !host_sees(link, head.no)) &&
			      !pubkey_eq(feed, &h->keeper->feed)))
		return ERR_NOT_FOUND;
	fill(out, row, head.no);
	return 0;
}

static int op_head_at(void *cookie, struct session_head *out, uint32_t no)
{
	const struct host_link *link = cookie;
	const struct host *h = link->host;

	if (no >= h->rows_n || h->rows[no].seq == 0 || !h->rows[no].counts ||
	    !host_sees(link, no))
		return ERR_NOT_FOUND;
	fill(out, &h->rows[no], no);
	return 0;
}

static uint32_t op_head_end(void *cookie)
{
	const struct host_link *link = cookie;

	return link->host->rows_n;
}

/* PROTOCOL: Where there are fewer than 10,000 heads it is as many more times as
 * there are fewer, up to 40. */
static bool op_pay(void *cookie, const struct pubkey *who, uint32_t times)
{
	const struct host_link *link = cookie;
	uint64_t heads = link->host->rows_n;
	uint64_t cost_m = (uint64_t)times * THROTTLE_KNOCK;

	if (heads < PAY_HEADS)
		heads = PAY_HEADS;
	if (heads < PAY_LEDGER)
		cost_m = cost_m * heads / PAY_LEDGER;
	return link->pay(link->arg, who, (uint32_t)cost_m);
}

static int op_named(void *cookie, struct pubkey *out,
		    const uint8_t beginning[static MSG_SHORT])
{
	const struct host_link *link = cookie;
	int err = store_feed_named(link->host->keeper->store, out, beginning,
				   MSG_SHORT);

	return err == ERR_CONFLICT ? ERR_NOT_FOUND : err;
}

static uint64_t op_arrival(void *cookie)
{
	const struct host_link *link = cookie;

	return link->host->arrival;
}

static void op_frontier(void *cookie, struct digest *out)
{
	const struct host_link *link = cookie;

	*out = link->is_scoped ? link->frontier : link->host->frontier;
}

static struct id op_digest(void *cookie)
{
	return host_digest(cookie);
}

/* So many entries more are to be read. */
struct reading {
	struct run_writer *w;
	uint64_t left;
};

enum { READ_ENOUGH = 1 };

static int read_one(void *arg, const uint8_t *raw, size_t n)
{
	struct reading *x = arg;
	int err = run_writer_add(x->w, raw, n);

	if (err == 0 && --x->left == 0)
		return READ_ENOUGH;
	return err;
}

static int op_read(void *cookie, struct run_writer *w, uint64_t from,
		   uint64_t to, bool *more)
{
	const struct host_link *link = cookie;
	struct reading x = { w, to - from + 1 };
	int err = store_entries(link->host->keeper->store, &w->feed, from,
				read_one, &x);

	*more = err == ERR_LIMIT;
	return *more || err == READ_ENOUGH ? 0 : err;
}

static void op_ahead(void *cookie, const struct run *runs, size_t n)
{
	const struct host_link *link = cookie;

	ahead_offer(link->host->ahead, runs, n);
}

static int op_check(void *cookie, const struct run_entry **at, uint32_t *good,
		    const struct run *run, const struct id *prev)
{
	const struct host_link *link = cookie;
	struct ahead_known known;
	int err = ahead_check(link->host->ahead, &known, run, prev);

	if (known.is_certified)
		store_certified(link->host->keeper->store, &known.at->id);
	*at = known.at;
	*good = known.good;
	return err;
}

/* Can the entry change who counts?  A member's own `open` and `address` do
 * not, and there is one for each feed. */
static bool is_for_roster(const struct entry *e)
{
	const struct kind_rule *rule = kind_rule(e->kind);

	if (rule == NULL || !rule->is_roster || e->kind == KIND_ADDRESS)
		return false;
	return e->kind != KIND_OPEN || e->seq != 1;
}

/* What a commit did so far. */
struct taking {
	uint64_t taken;
	uint64_t at; /* seq of the last one */
	bool has_roster;
};

static int append_run(struct host *h, const struct run_entry *at, uint32_t good,
		      struct taking *t)
{
	for (uint32_t i = 0; i < good; i++) {
		const struct entry *e = &at[i].entry;
		int err = store_append(h->keeper->store, e, &at[i].id);

		t->at = e->seq;
		if (err == ERR_EXISTS)
			continue;
		if (err != 0)
			return err;
		t->taken++;
		t->has_roster = t->has_roster || is_for_roster(e) ||
				roster_charter(host_roster(h)) == NULL;
		h->batch_bytes += e->raw_n;
	}
	return 0;
}

/* The store's map has to grow, which takes a new batch: as long as nobody
 * else's entries are in this one, that is our own affair. */
static int append_growing(struct host *h, const struct run_entry *at,
			  uint32_t good, struct taking *t)
{
	bool is_ours = h->batch_bytes == 0;
	int err = append_run(h, at, good, t);

	for (int i = 1; err == ERR_BUSY && is_ours && i < GROW_TRIES; i++) {
		store_abort(h->keeper->store);
		*t = (struct taking){ .taken = 0 };
		err = host_begin(h);
		if (err == 0)
			err = append_run(h, at, good, t);
	}
	return err;
}

/* Entries of our own feed, validly signed, come from elsewhere only after they
 * were lost here. */
static void look_at_own(struct host *h, const struct taking *t, int err)
{
	if (t->taken == 0 && err != ERR_CONFLICT)
		return;
	h->is_old_copy = true;
	if (err == ERR_CONFLICT && (h->differs == 0 || t->at < h->differs))
		h->differs = t->at;
}

/* A feed of ours that we do not know, opened by a later state of this home. */
static void look_at_next(struct host *h, const struct pubkey *feed)
{
	const struct roster_feed *f = roster_feed(host_roster(h), feed);
	struct position after;
	uint64_t differs;

	if (f == NULL || !pubkey_eq(&f->identity, &h->keeper->identity) ||
	    !renewal_is_overtaken(h->keeper, &after, &differs))
		return;
	h->is_old_copy = true;
	h->is_overtaken = true;
	if (differs > 0 && (h->differs == 0 || differs < h->differs))
		h->differs = differs;
}

static int op_commit(void *cookie, const struct run *run,
		     const struct run_entry *at, uint32_t good)
{
	const struct host_link *link = cookie;
	struct host *h = link->host;
	struct taking t = { .taken = 0 };
	int err = host_begin(h);
	int shown = 0;

	if (err != 0)
		return err;
	if (!host_follows(h, run))
		return ERR_DENIED;
	err = append_growing(h, at, good, &t);
	if (err == ERR_CHAIN)
		err = ERR_CONFLICT;
	if (err != 0 && err != ERR_DENIED && err != ERR_CONFLICT)
		return host_lose(h, err);
	if (pubkey_eq(&run->feed, &h->keeper->feed))
		look_at_own(h, &t, err);
	if (t.taken > 0)
		shown = host_show(h, &run->feed, link->serial, t.has_roster);
	if (shown == 0)
		shown = host_turn(h);
	if (shown != 0)
		return host_lose(h, shown);
	if (t.taken > 0 && run->from == 1)
		look_at_next(h, &run->feed);
	if (err == 0 && h->batch_bytes >= FLUSH_BYTES)
		err = host_flush(h);
	return err;
}

/* Refusals that leave the batch as it was. */
static bool is_refusal(int err)
{
	return err == ERR_EXISTS || err == ERR_CHAIN || err == ERR_SIGNATURE ||
	       err == ERR_NOT_FOUND || err == ERR_DENIED || err == ERR_FORMAT ||
	       err == ERR_LIMIT;
}

_Static_assert((int)SESSION_RECENT_BYTES == (int)RECENT_BYTES, "one limit");
_Static_assert((int)SESSION_RECENT == (int)RECENT_MAX, "one limit");

static int op_recent(void *cookie, struct run *out, const struct pubkey *feed,
		     uint8_t buf[static SESSION_RECENT_BYTES])
{
	const struct host_link *link = cookie;

	return store_recent(link->host->keeper->store, out, feed, buf);
}

static int op_keep(void *cookie, const struct run *run,
		   const struct run_entry *at, uint32_t n)
{
	const struct host_link *link = cookie;
	struct host *h = link->host;
	int err = host_begin(h);

	if (err != 0)
		return err;
	if (!host_follows(h, run))
		return ERR_DENIED;
	err = store_recent_put(h->keeper->store, at, n);
	if (err != 0)
		return is_refusal(err) ? err : host_lose(h, err);
	for (uint32_t i = 0; i < n; i++)
		h->batch_bytes += at[i].entry.raw_n;
	return h->batch_bytes >= FLUSH_BYTES ? host_flush(h) : 0;
}

static int op_drop(void *cookie, const struct pubkey *feed)
{
	const struct host_link *link = cookie;
	struct host *h = link->host;
	int err = host_begin(h);

	if (err != 0)
		return err;
	err = store_recent_drop(h->keeper->store, feed);
	h->batch_bytes += 1;
	return err == 0 ? 0 : host_lose(h, err);
}

/* What came of evidence of this feed, or of the attempt to make some. */
static int proved(struct host_link *link, const struct pubkey *feed,
		  enum evidence_type type, int err)
{
	const struct host_proof proof = { *feed, type, link->serial };
	struct host *h = link->host;
	int shown = 0;

	if (err == 0)
		shown = host_proved(h, &proof, LIMIT_EVIDENCE);
	else if (is_refusal(err))
		shown = host_turn(h);
	else
		return host_lose(h, err);
	return shown != 0 ? host_lose(h, shown) : err;
}

static int op_fork(void *cookie, const struct run *run, uint64_t *split)
{
	struct host_link *link = cookie;
	struct host *h = link->host;
	int err = host_begin(h);

	if (err != 0)
		return err;
	err = store_fork(h->keeper->store, run, split);
	return proved(link, &run->feed, EVIDENCE_FORK, err);
}

static int op_proof(void *cookie, const struct pubkey *feed,
		    enum evidence_type type, uint8_t out[static LIMIT_EVIDENCE],
		    size_t *n)
{
	const struct host_link *link = cookie;

	return store_evidence_get(link->host->keeper->store, feed, type, out,
				  n);
}

static int op_prove(void *cookie, const void *p, size_t n)
{
	struct host_link *link = cookie;
	struct host *h = link->host;
	struct evidence e;
	int err = evidence_decode(&e, p, n);

	if (err == 0)
		err = host_begin(h);
	if (err != 0)
		return err;
	err = store_evidence(h->keeper->store, p, n);
	return proved(link, &e.feed, e.type, err);
}

static int op_flush(void *cookie)
{
	struct host_link *link = cookie;

	if (!store_in_batch(link->host->keeper->store) ||
	    link->host->batch_bytes == 0)
		return 0;
	link->is_waiting = true;
	return ERR_BUSY;
}

static int op_join(void *cookie, enum joined *status,
		   const struct msg_join *join, const struct session_peer *peer)
{
	const struct host_link *link = cookie;

	return link->join(link->arg, status, join, peer);
}

static int op_send(void *cookie, const void *frame, size_t n)
{
	const struct host_link *link = cookie;

	return link->send(link->arg, frame, n);
}

static void op_event(void *cookie, const struct session_note *note)
{
	const struct host_link *link = cookie;

	link->event(link->arg, note);
}

struct session_host host_ops(struct host_link *link)
{
	return (struct session_host){
		.cookie = link,
		.roster = op_roster,
		.scope = op_scope,
		.head = op_head,
		.head_at = op_head_at,
		.head_end = op_head_end,
		.pay = op_pay,
		.named = op_named,
		.frontier = op_frontier,
		.digest = op_digest,
		.arrival = op_arrival,
		.read = op_read,
		.ahead = op_ahead,
		.check = op_check,
		.commit = op_commit,
		.recent = op_recent,
		.keep = op_keep,
		.drop = op_drop,
		.fork = op_fork,
		.proof = op_proof,
		.prove = op_prove,
		.flush = op_flush,
		.join = op_join,
		.send = op_send,
		.event = op_event,
	};
}
