#include "node/proof/logtree.h"

#include "crypto/err.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

static int id_of(void *cookie, struct id *out, const struct pubkey *feed,
		 uint64_t seq)
{
	struct logtree_ids *ids = cookie;
	size_t n;
	int err = store_entry(ids->store, feed, seq, ids->raw, &n);

	if (err == 0)
		*out = hash_id(ids->raw, n);
	return err;
}

struct attest_source logtree_source(struct logtree_ids *ids)
{
	return (struct attest_source){ ids, id_of };
}

/* Entries of a feed above what counts of it say nothing. */
static uint64_t counted_to(struct store *s, const struct pubkey *feed)
{
	const struct roster_feed *f = roster_feed(store_roster(s), feed);

	return f == NULL ? 0 : f->counted_to;
}

/* A tree that is being read. */
struct loading {
	struct attest *tree;
	uint64_t end;
};

static int take(void *arg, const uint8_t *raw, size_t n)
{
	struct loading *l = arg;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0 || e.seq > l->end ||
	    (e.kind != KIND_ATTEST && e.kind != KIND_CHECKPOINT))
		return err;
	id = entry_id(&e);
	return attest_take(l->tree, &e, &id);
}

int logtree_load(struct attest *out, struct store *s, const struct pubkey *feed)
{
	struct loading l = { out, counted_to(s, feed) };
	struct id network = { { 0 } };
	int err;

	store_network(s, &network);
	attest_init(out, &network, feed);
	err = store_entries(s, feed, 1, take, &l);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int by_size(const void *a, const void *b)
{
	const struct attest_point *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

int logtree_roots(struct attest_point **out, const struct attest *tree,
		  struct store *s)
{
	struct attest_point *points =
		calloc(tree->marks_n + 1, sizeof(*points));
	struct logtree_ids *ids = malloc(sizeof(*ids));
	int err = points == NULL || ids == NULL ? ERR_NOMEM : 0;

	if (err == 0) {
		const struct attest_source source = logtree_source(ids);

		ids->store = s;
		for (size_t i = 0; i < tree->marks_n; i++)
			points[i].size = tree->marks[i].head.size;
		qsort(points, tree->marks_n, sizeof(*points), by_size);
		err = attest_roots(tree, &source, points, tree->marks_n);
	}
	free(ids);
	if (err == 0)
		*out = points;
	else
		free(points);
	return err;
}

/* Looking for cosignatures in one feed. */
struct looking {
	struct logtree_cosigned *out;
	const struct pubkey *tree; /* NULL: all */
	uint64_t end;
	struct id network;
};

static int look(void *arg, const uint8_t *raw, size_t n)
{
	struct looking *l = arg;
	struct cosigned row;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0 || e.seq > l->end || e.kind != KIND_COSIGN)
		return err;
	id = entry_id(&e);
	if (cosigned_read(&row, &e, &id, &l->network) != 0 ||
	    (l->tree != NULL && !pubkey_eq(l->tree, &row.head.feed)))
		return 0;
	err = grow(&l->out->at, &l->out->max, l->out->n, sizeof(row));
	if (err == 0)
		l->out->at[l->out->n++] = row;
	return err;
}

int logtree_cosigned(struct logtree_cosigned *out, struct store *s,
		     const struct pubkey *feed, const struct pubkey *tree)
{
	struct looking l = { .out = out, .tree = tree };
	int err;

	l.end = counted_to(s, feed);
	store_network(s, &l.network);
	err = store_entries(s, feed, 1, look, &l);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int logtree_witnesses(struct logtree_cosigned *out, struct store *s,
		      const struct pubkey *tree)
{
	const struct roster *r = store_roster(s);
	const struct roster_feed *log = roster_feed(r, tree);
	int err = 0;

	for (size_t i = 0; log != NULL && err == 0 && i < roster_feed_count(r);
	     i++) {
		const struct roster_feed *f = roster_feed_at(r, i);

		if (f->counted_to > 0 &&
		    witness_may(r, &f->identity, &log->identity))
			err = logtree_cosigned(out, s, &f->feed, tree);
	}
	return err;
}
