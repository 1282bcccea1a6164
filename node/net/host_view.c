#include "node/net/host_priv.h"

#include "crypto/err.h"
#include "node/net/follow.h"
#include "proto/entry.h"
#include "proto/record.h"

#include <stdlib.h>

/*
 * What a session sees of the heads when it, or this node, follows some members
 * only: one bit a feed, and the digest of these.
 */

static bool is_seen(const struct host_link *link, const struct pubkey *feed)
{
	const struct roster *r = host_roster(link->host);
	const struct roster_feed *f = roster_feed(r, feed);
	const struct roster_feed *peer = roster_feed(r, &link->feed);
	const struct member *m =
		f != NULL ? roster_member(r, &f->identity) : NULL;
	const struct host *h = link->host;

	return m != NULL && follow_has(&h->scope, r, &h->keeper->identity, m) &&
	       follow_has(&link->scope, r,
			  peer != NULL ? &peer->identity : NULL, m);
}

bool host_sees(const struct host_link *link, uint32_t no)
{
	return !link->is_scoped || bits_test(&link->seen, no);
}

void host_view_leave(struct host *h, uint32_t no)
{
	const struct host_row *row = &h->rows[no];

	for (size_t i = 0; i < h->scoped_n; i++)
		if (bits_test(&h->scoped[i]->seen, no))
			digest_remove(&h->scoped[i]->frontier, &row->feed,
				      row->seq, &row->id);
}

void host_view_enter(struct host *h, uint32_t no)
{
	const struct host_row *row = &h->rows[no];

	for (size_t i = 0; i < h->scoped_n; i++)
		if (bits_test(&h->scoped[i]->seen, no))
			digest_add(&h->scoped[i]->frontier, &row->feed,
				   row->seq, &row->id);
}

static int look(struct host_link *link, uint32_t no)
{
	const struct host_row *row = &link->host->rows[no];

	if (row->seq > 0 && row->counts && is_seen(link, &row->feed))
		return bits_set(&link->seen, no);
	bits_clear(&link->seen, no);
	return 0;
}

int host_view_new(struct host *h, uint32_t no)
{
	int err = 0;

	for (size_t i = 0; i < h->scoped_n && err == 0; i++)
		err = look(h->scoped[i], no);
	return err;
}

static int view_all(struct host_link *link)
{
	const struct host *h = link->host;
	int err = 0;

	bits_empty(&link->seen);
	digest_init(&link->frontier);
	for (uint32_t no = 0; no < h->rows_n && err == 0; no++) {
		const struct host_row *row = &h->rows[no];

		err = look(link, no);
		if (err == 0 && bits_test(&link->seen, no))
			digest_add(&link->frontier, &row->feed, row->seq,
				   &row->id);
	}
	return err;
}

int host_view_again(struct host *h)
{
	int err = 0;

	for (size_t i = 0; i < h->scoped_n && err == 0; i++)
		err = view_all(h->scoped[i]);
	return err;
}

static int keep(struct host *h, struct host_link *link)
{
	size_t max = h->scoped_n == 0 ? 8 : 2 * h->scoped_n;
	struct host_link **scoped;

	/* Full at each power of two from 8 on. */
	if (h->scoped_n == 0 ||
	    (h->scoped_n >= 8 && (h->scoped_n & (h->scoped_n - 1)) == 0)) {
		scoped = realloc(h->scoped, max * sizeof(struct host_link *));
		if (scoped == NULL)
			return ERR_NOMEM;
		h->scoped = scoped;
	}
	h->scoped[h->scoped_n++] = link;
	link->is_scoped = true;
	return 0;
}

int host_view(struct host_link *link, const struct msg_scope *theirs,
	      const struct pubkey *feed)
{
	struct host *h = link->host;
	int err = 0;

	if (theirs != NULL) {
		link->scope = *theirs;
		link->feed = *feed;
	}
	if (h->scope.n == 0 && link->scope.n == 0)
		return 0;
	if (!link->is_scoped)
		err = keep(h, link);
	return err == 0 ? view_all(link) : err;
}

void host_leave(struct host_link *link)
{
	struct host *h = link->host;

	for (size_t i = 0; i < h->scoped_n; i++)
		if (h->scoped[i] == link)
			h->scoped[i--] = h->scoped[--h->scoped_n];
	link->is_scoped = false;
	bits_release(&link->seen);
}

/* Whose feed begins with this run; NULL when that cannot be known. */
static const struct member *author_of(const struct host *h,
				      const struct run *run)
{
	const struct roster *r = host_roster(h);
	const struct roster_feed *f = roster_feed(r, &run->feed);
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct pubkey who;
	struct record rec;
	struct entry e;
	struct id id;

	if (f != NULL)
		return roster_member(r, &f->identity);
	run_walk_init(&walk, run);
	if (run->from != 1 || run_walk_next(&walk, &e, &id, buf) != 0 ||
	    e.kind != KIND_OPEN ||
	    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0)
		return NULL;
	who = record_key(&rec, FACT_IDENTITY);
	return roster_member(r, &who);
}

bool host_follows(const struct host *h, const struct run *run)
{
	const struct member *m;

	/* Before the charter nobody is a member. */
	if (h->scope.n == 0 || pubkey_eq(&run->feed, &h->keeper->feed) ||
	    roster_charter(host_roster(h)) == NULL)
		return true;
	m = author_of(h, run);
	return m != NULL &&
	       follow_has(&h->scope, host_roster(h), &h->keeper->identity, m);
}
