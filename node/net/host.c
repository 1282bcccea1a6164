#include "node/net/host_priv.h"

#include "crypto/err.h"
#include "node/net/follow.h"
#include "node/safe/unsent.h"
#include "proto/grow.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

const struct roster *host_roster(const struct host *h)
{
	return store_roster(h->keeper->store);
}

/* The table grows by feeds that the store has taken in, so admission is its
 * ceiling. */
static int make_room(struct host *h, uint32_t no)
{
	uint32_t max = h->rows_max == 0 ? 64 : h->rows_max;
	struct host_row *rows;

	while (max <= no)
		max *= 2;
	if (max > h->rows_max) {
		rows = realloc(h->rows, max * sizeof(*rows));
		if (rows == NULL)
			return ERR_NOMEM;
		memset(rows + h->rows_max, 0,
		       (max - h->rows_max) * sizeof(*rows));
		h->rows = rows;
		h->rows_max = max;
	}
	if (no >= h->rows_n)
		h->rows_n = no + 1;
	return 0;
}

static int add_move(struct host *h, uint32_t no, uint64_t before,
		    uint64_t origin)
{
	struct host_move *moves;
	size_t max;

	/* Many steps of one feed are one move. */
	if (h->moves_n > h->durable_n && h->moves[h->moves_n - 1].no == no &&
	    h->moves[h->moves_n - 1].origin == origin)
		return 0;
	if (h->moves_n == h->moves_max) {
		max = h->moves_max == 0 ? 64 : 2 * h->moves_max;
		moves = realloc(h->moves, max * sizeof(*moves));
		if (moves == NULL)
			return ERR_NOMEM;
		h->moves = moves;
		h->moves_max = max;
	}
	h->moves[h->moves_n++] = (struct host_move){ no, before, origin };
	return 0;
}

static void row_leave(struct host *h, uint32_t no)
{
	const struct host_row *row = &h->rows[no];

	if (!row->counts || row->seq == 0)
		return;
	digest_take(&h->frontier, &row->element);
	host_view_leave(h, no);
}

static void row_enter(struct host *h, uint32_t no)
{
	const struct host_row *row = &h->rows[no];

	if (!row->counts || row->seq == 0)
		return;
	digest_put(&h->frontier, &row->element);
	host_view_enter(h, no);
}

/* Does a feed make the roster?  Those of our own member do when its identity
 * key is a later one: who has not heard of that takes us for a stranger, and of
 * a stranger takes nothing else. */
static bool makes_roster(const struct host *h, const struct member *m)
{
	return (m->is_standing && m->may_admit) ||
	       (pubkey_eq(&m->identity, &h->keeper->identity) &&
		!pubkey_eq(&m->identity, &m->key));
}

/* Whether a feed counts is the roster's to say, once it was solved. */
static void judge(const struct host *h, struct host_row *row)
{
	const struct roster *r = host_roster(h);
	const struct roster_feed *f = roster_feed(r, &row->feed);
	const struct member *m =
		f != NULL ? roster_member(r, &f->identity) : NULL;

	row->counts = m != NULL;
	row->is_first = m != NULL && makes_roster(h, m);
	host_view_place(h, row, m);
}

static int put_head(struct host *h, const struct head *head, uint64_t origin)
{
	struct host_row *row;
	bool is_new;
	int err = make_room(h, head->no);

	if (err != 0)
		return err;
	row = &h->rows[head->no];
	row->arrival = origin == 0 ? head->arrival : UINT64_MAX;
	if (row->seq == head->seq && id_eq(&row->id, &head->id))
		return 0;
	err = add_move(h, head->no, row->seq, origin);
	if (err != 0)
		return err;
	row_leave(h, head->no);
	is_new = row->seq == 0;
	if (is_new) {
		row->feed = head->feed;
		judge(h, row);
		/* The store takes in a stranger's feed only if a peer may have
		 * it; the roster in memory may learn of it a moment later. */
		if (origin != 0)
			row->counts = true;
	}
	row->seq = head->seq;
	row->id = head->id;
	row->element = digest_element(&row->feed, row->seq, &row->id);
	if (is_new)
		err = host_view_new(h, head->no);
	row_enter(h, head->no);
	return err;
}

/* The roster has changed: of most feeds that says nothing new. */
static int recount(struct host *h)
{
	int err = 0;

	for (uint32_t no = 0; no < h->rows_n && err == 0; no++) {
		struct host_row *row = &h->rows[no], now = *row;

		if (row->seq == 0)
			continue;
		judge(h, &now);
		row->is_first = now.is_first;
		if (now.counts == row->counts &&
		    now.may_admit == row->may_admit &&
		    pubkey_eq(&now.who, &row->who) &&
		    memcmp(&now.above, &row->above, sizeof(now.above)) == 0)
			continue;
		row_leave(h, no);
		*row = now;
		err = host_view_new(h, no);
		row_enter(h, no);
	}
	return err != 0 ? err : host_view_again(h, false);
}

static void look_at_roster(struct host *h)
{
	struct id now = roster_digest(host_roster(h));

	if (id_eq(&now, &h->roster))
		return;
	h->roster = now;
	h->has_roster_news = true;
	if (recount(h) != 0)
		h->is_failed = true;
}

static int visit_head(void *arg, const struct head *head)
{
	struct host *h = arg;
	int err = put_head(h, head, 0);

	if (err == 0 && head->arrival > h->arrival)
		h->arrival = head->arrival;
	return err;
}

int host_refresh(struct host *h)
{
	int err =
		store_heads_since(h->keeper->store, h->arrival, visit_head, h);

	h->cuts = store_cuts(h->keeper->store);
	if (!store_in_batch(h->keeper->store))
		h->durable_n = h->moves_n;
	look_at_roster(h);
	return err;
}

int host_reload(struct host *h)
{
	int err;

	memset(h->rows, 0, h->rows_max * sizeof(*h->rows));
	h->rows_n = 0;
	h->arrival = 0;
	h->moves_n = 0;
	h->durable_n = 0;
	h->batch_bytes = 0;
	digest_init(&h->frontier);
	err = host_view_again(h, true);
	if (err == 0)
		err = host_instance(h);
	if (err == 0)
		err = host_refresh(h);
	h->moves_n = 0;
	h->durable_n = 0;
	return err;
}

int host_open(struct host **out, struct keeper *k)
{
	struct host *h = calloc(1, sizeof(*h));
	int err;

	if (h == NULL)
		return ERR_NOMEM;
	h->keeper = k;
	err = host_view_open(h);
	if (err == 0)
		err = make_room(h, 0);
	if (err == 0)
		err = ahead_open(&h->ahead);
	if (err == 0)
		err = follow_get(k->store, &h->scope);
	if (err == 0)
		err = host_reload(h);
	if (err != 0) {
		host_close(h);
		return err;
	}
	h->has_roster_news = false;
	*out = h;
	return 0;
}

void host_close(struct host *h)
{
	if (h == NULL)
		return;
	store_abort(h->keeper->store);
	ahead_close(h->ahead);
	free(h->rows);
	free(h->moves);
	host_view_close(h);
	free(h->proofs);
	free(h);
}

int host_lose(struct host *h, int err)
{
	store_abort(h->keeper->store);
	h->is_failed = true;
	/* What went wrong first is what to tell. */
	host_reload(h);
	return err;
}

int host_flush(struct host *h)
{
	int err;

	if (!store_in_batch(h->keeper->store))
		return 0;
	if (h->batch_bytes == 0) {
		store_abort(h->keeper->store);
		return 0;
	}
	err = store_commit(h->keeper->store);
	if (err != 0)
		return host_lose(h, err);
	h->batch_bytes = 0;
	/* Our own arrival numbers: what sessions committed is in the rows. */
	return host_refresh(h);
}

void host_told(struct host *h, size_t n)
{
	memmove(h->moves, h->moves + n, (h->moves_n - n) * sizeof(*h->moves));
	h->moves_n -= n;
	h->durable_n -= n;
}

int host_proved(struct host *h, const struct host_proof *proof, size_t bytes)
{
	int err = grow(&h->proofs, &h->proofs_max, h->proofs_n,
		       sizeof(*h->proofs));

	if (err != 0)
		return err;
	h->proofs[h->proofs_n++] = *proof;
	h->batch_bytes += bytes;
	if (proof->type == EVIDENCE_FORK &&
	    pubkey_eq(&proof->feed, &h->keeper->feed))
		h->is_forked = true;
	else if (proof->type == EVIDENCE_FORK &&
		 unsent_was_own(h->keeper, &proof->feed))
		h->was_ours = true;
	return host_refresh(h);
}

int host_begin(struct host *h)
{
	int err;

	if (store_in_batch(h->keeper->store))
		return 0;
	err = store_begin(h->keeper->store);
	if (err == 0) {
		h->batch_bytes = 0;
		h->durable_n = h->moves_n;
	}
	return err;
}

int host_turn(struct host *h)
{
	if (store_cuts(h->keeper->store) == h->cuts)
		return 0;
	/* It is written even if nothing else is in the batch. */
	h->batch_bytes += 1;
	return host_refresh(h);
}

int host_show(struct host *h, const struct pubkey *feed, uint64_t origin,
	      bool has_roster)
{
	struct store *s = h->keeper->store;
	struct head head;
	int err = store_head(s, feed, &head);

	if (err == 0)
		err = put_head(h, &head, origin);
	if (err == 0 && has_roster)
		err = store_settle(s);
	if (err == 0 && has_roster)
		look_at_roster(h);
	return err;
}
