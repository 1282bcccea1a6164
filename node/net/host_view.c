#include "node/net/host_priv.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/net/follow.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"

#include <stdlib.h>
#include <string.h>

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

/* Tags of the members that were asked for last. */
enum { TAGS = 256 };
struct host_tags {
	struct secret salt;
	struct {
		struct pubkey who;
		uint64_t tag[2];
	} row[TAGS];
};

int host_view_open(struct host *h)
{
	h->tags = calloc(1, sizeof(*h->tags));
	if (h->tags == NULL)
		return ERR_NOMEM;
	bytes_random(h->tags->salt.b, sizeof(h->tags->salt.b));
	return 0;
}

void host_view_close(struct host *h)
{
	free(h->tags);
	free(h->scoped);
}

/* A sum over a set of members that nobody can aim at, whatever their order:
 * Bellare and Micciancio's AdHASH (EUROCRYPT 1997), keyed. */
static void add_tag(struct tag *sum, const struct host *h,
		    const struct pubkey *who)
{
	size_t at = (who->b[0] ^ who->b[1]) % TAGS;
	uint64_t a[2];

	if (!pubkey_eq(&h->tags->row[at].who, who)) {
		struct tag tag =
			hash_tag(&h->tags->salt, "member", who->b, KEY_SIZE);

		h->tags->row[at].who = *who;
		memcpy(h->tags->row[at].tag, tag.b, sizeof(tag.b));
	}
	memcpy(a, sum->b, sizeof(a));
	a[0] += h->tags->row[at].tag[0];
	a[1] += h->tags->row[at].tag[1];
	memcpy(sum->b, a, sizeof(a));
}

struct summing {
	const struct host *h;
	struct tag sum;
};

static int add_above(void *arg, const struct member *m)
{
	struct summing *s = arg;

	add_tag(&s->sum, s->h, &m->identity);
	return 0;
}

void host_view_place(const struct host *h, struct host_row *row,
		     const struct member *m)
{
	struct summing s = { .h = h };

	row->may_admit = m != NULL && m->may_admit;
	memset(&row->who, 0, sizeof(row->who));
	if (m != NULL)
		row->who = m->identity;
	if (m != NULL && h->scoped_n > 0)
		roster_above(host_roster(h), &m->identity, add_above, &s);
	row->above = s.sum;
}

/* Whom the followed are, and the peer, by the roster: their keys change. */
static struct tag parties_of(const struct host_link *link)
{
	const struct host *h = link->host;
	const struct roster *r = host_roster(h);
	const struct roster_feed *peer = roster_feed(r, &link->feed);
	const struct msg_scope *scopes[] = { &h->scope, &link->scope };
	struct tag sum = { { 0 } };

	if (peer != NULL)
		add_tag(&sum, h, &peer->identity);
	for (size_t i = 0; i < 2; i++)
		for (uint32_t k = 0; k < scopes[i]->n; k++) {
			const struct member *m =
				roster_member(r, &scopes[i]->who[k]);

			if (m != NULL)
				add_tag(&sum, h, &m->identity);
		}
	return sum;
}

static bool keeps(void *arg, const struct pubkey *feed)
{
	return is_seen(arg, feed);
}

/* PROTOCOL: so the digest of the roster has the limits of the feeds that both
 * sides follow */
struct id host_digest(struct host_link *link)
{
	const struct roster *r = host_roster(link->host);

	return link->is_scoped ? roster_digest_of(r, keeps, link)
			       : roster_digest(r);
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
			digest_take(&h->scoped[i]->frontier, &row->element);
}

void host_view_enter(struct host *h, uint32_t no)
{
	const struct host_row *row = &h->rows[no];

	for (size_t i = 0; i < h->scoped_n; i++)
		if (bits_test(&h->scoped[i]->seen, no))
			digest_put(&h->scoped[i]->frontier, &row->element);
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
	link->parties = parties_of(link);
	for (uint32_t no = 0; no < h->rows_n && err == 0; no++) {
		const struct host_row *row = &h->rows[no];

		err = look(link, no);
		if (err == 0 && bits_test(&link->seen, no))
			digest_put(&link->frontier, &row->element);
	}
	return err;
}

int host_view_again(struct host *h, bool is_anew)
{
	int err = 0;

	for (size_t i = 0; i < h->scoped_n && err == 0; i++) {
		struct tag now = parties_of(h->scoped[i]);

		if (is_anew ||
		    memcmp(&now, &h->scoped[i]->parties, sizeof(now)) != 0)
			err = view_all(h->scoped[i]);
	}
	return err;
}

/* Places are only kept up while somebody needs them.  Without this the next
 * change of the roster would be one of all feeds. */
static void place_all(struct host *h)
{
	const struct roster *r = host_roster(h);

	for (uint32_t no = 0; no < h->rows_n; no++) {
		const struct roster_feed *f = roster_feed(r, &h->rows[no].feed);

		host_view_place(h, &h->rows[no],
				f != NULL ? roster_member(r, &f->identity)
					  : NULL);
	}
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
	if (h->scoped_n == 1)
		place_all(h);
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
