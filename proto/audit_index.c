#include "proto/audit_index.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* One record; chained in its bucket of ids. */
struct node {
	uint32_t feed, at; /* at: index in the scan, seq - 1 */
	uint32_t next;
};

/* One reference, chained in the bucket of its target, oldest first. */
struct link {
	uint32_t node; /* who refers */
	uint32_t next;
	enum ref ref;
	struct id target;
};

/* One idempotency key that was seen. */
struct used {
	uint32_t next;
	struct pubkey member;
	struct tag tag;
};

struct chain {
	uint32_t first, last;
};

struct audit_index {
	const struct roster *roster;
	struct audit_feed *feeds;
	size_t feeds_n;
	uint32_t mask;
	uint32_t *by_id; /* buckets of nodes */
	struct node *nodes;
	size_t nodes_n, nodes_max;
	struct chain *by_target; /* buckets of links */
	struct link *links;
	size_t links_n, links_max;
	uint32_t *by_key; /* buckets of used; made with the first key */
	struct used *used;
	size_t used_n, used_max;
};

static uint32_t *buckets(uint32_t n)
{
	uint32_t *p = malloc((size_t)n * sizeof(*p));

	if (p != NULL)
		memset(p, 0xff, (size_t)n * sizeof(*p));
	return p;
}

int index_open(struct audit_index **out, const struct roster *roster,
	       struct audit_feed *feeds, size_t feeds_n, size_t records)
{
	struct audit_index *x = calloc(1, sizeof(*x));
	uint32_t n = 64;

	if (x == NULL)
		return ERR_NOMEM;
	while (n < records && n < 1U << 30)
		n *= 2;
	x->roster = roster;
	x->feeds = feeds;
	x->feeds_n = feeds_n;
	x->mask = n - 1;
	x->nodes_max = records;
	x->by_id = buckets(n);
	x->nodes = malloc((records + 1) * sizeof(*x->nodes));
	x->by_target = malloc((size_t)n * sizeof(*x->by_target));
	if (x->by_id == NULL || x->nodes == NULL || x->by_target == NULL) {
		index_close(x);
		return ERR_NOMEM;
	}
	memset(x->by_target, 0xff, (size_t)n * sizeof(*x->by_target));
	*out = x;
	return 0;
}

void index_close(struct audit_index *x)
{
	if (x == NULL)
		return;
	free(x->by_id);
	free(x->nodes);
	free(x->by_target);
	free(x->links);
	free(x->by_key);
	free(x->used);
	free(x);
}

/* Ids are hashes: any four of their bytes are a good bucket. */
static uint32_t bucket(const struct audit_index *x, const struct id *id)
{
	return be32_get(id->b) & x->mask;
}

static struct scanned *scanned_at(const struct audit_index *x, uint32_t node)
{
	const struct node *n = &x->nodes[node];

	return &x->feeds[n->feed].scan->at[n->at];
}

static uint32_t find_node(const struct audit_index *x, const struct id *id)
{
	uint32_t i = x->by_id[bucket(x, id)];

	while (i != NONE && !id_eq(&scanned_at(x, i)->id, id))
		i = x->nodes[i].next;
	return i;
}

bool index_has(const struct audit_index *x, const struct id *id)
{
	return find_node(x, id) != NONE;
}

static int add_link(struct audit_index *x, uint32_t node, enum ref ref,
		    const struct id *target)
{
	struct chain *c = &x->by_target[bucket(x, target)];
	int err = grow(&x->links, &x->links_max, x->links_n, sizeof(*x->links));
	uint32_t i = (uint32_t)x->links_n;

	if (err != 0)
		return err;
	x->links[x->links_n++] = (struct link){ node, NONE, ref, *target };
	if (c->first == NONE)
		c->first = i;
	else
		x->links[c->last].next = i;
	c->last = i;
	return 0;
}

/* Keys are keyed hashes of the member's own: no pattern to fear but its own.
 * PROTOCOL: Of one member's records with one key the one at the smallest
 * (feed, seq) counts. */
static int use_key(struct audit_index *x, bool *was_used,
		   const struct pubkey *member, const struct tag *tag)
{
	uint32_t *slot;
	int err;

	if (x->by_key == NULL)
		x->by_key = buckets(x->mask + 1);
	if (x->by_key == NULL)
		return ERR_NOMEM;
	slot = &x->by_key[be32_get(tag->b) & x->mask];
	for (uint32_t i = *slot; i != NONE; i = x->used[i].next)
		if (memcmp(x->used[i].tag.b, tag->b, TAG_SIZE) == 0 &&
		    pubkey_eq(&x->used[i].member, member)) {
			*was_used = true;
			return 0;
		}
	err = grow(&x->used, &x->used_max, x->used_n, sizeof(*x->used));
	if (err != 0)
		return err;
	x->used[x->used_n] = (struct used){ *slot, *member, *tag };
	*slot = (uint32_t)x->used_n++;
	*was_used = false;
	return 0;
}

int index_add(struct audit_index *x, size_t feed, size_t at,
	      const struct record *rec)
{
	struct scanned *s = &x->feeds[feed].scan->at[at];
	uint32_t i = (uint32_t)x->nodes_n, *slot;
	struct id target;
	int err = 0;

	if (record_has(rec, FACT_KEY)) {
		struct tag tag = record_tag(rec, FACT_KEY);

		err = use_key(x, &s->is_shadowed, &x->feeds[feed].author, &tag);
		if (err != 0 || s->is_shadowed)
			return err;
	}
	if (x->nodes_n == x->nodes_max)
		return ERR_NOMEM;
	slot = &x->by_id[bucket(x, &s->id)];
	x->nodes[i] = (struct node){ (uint32_t)feed, (uint32_t)at, *slot };
	*slot = i;
	x->nodes_n++;
	for (enum ref ref = 0; ref < REF_COUNT && err == 0; ref++)
		if (book_refers(rec, ref, &target))
			err = add_link(x, i, ref, &target);
	return err;
}

void index_mark(struct audit_index *x)
{
	for (size_t i = 0; i < x->links_n; i++) {
		uint32_t node = find_node(x, &x->links[i].target);

		if (node != NONE)
			scanned_at(x, node)->is_target = true;
	}
}

int index_record(const struct audit_index *x, struct book_record *out,
		 size_t feed, size_t at)
{
	const struct scanned *s = &x->feeds[feed].scan->at[at];
	struct entry e;
	int err = entry_decode(&e, s->raw, s->raw_n);

	if (err == 0)
		err = record_decode(&out->rec, e.kind, e.facts, e.facts_n);
	if (err != 0)
		return err;
	out->id = s->id;
	out->feed = e.feed;
	out->seq = e.seq;
	out->author = x->feeds[feed].author;
	out->time_ms = e.time_ms;
	return 0;
}

static int get(void *cookie, struct book_record *out, const struct id *id)
{
	const struct audit_index *x = cookie;
	uint32_t i = find_node(x, id);

	if (i == NONE)
		return ERR_NOT_FOUND;
	return index_record(x, out, x->nodes[i].feed, x->nodes[i].at);
}

static int refs(void *cookie, const struct id *target, enum ref ref,
		book_visit *visit, void *arg)
{
	const struct audit_index *x = cookie;
	uint32_t i = x->by_target[bucket(x, target)].first;

	for (; i != NONE; i = x->links[i].next) {
		const struct link *l = &x->links[i];
		const struct node *n = &x->nodes[l->node];
		struct book_record rec;
		int err;

		if (l->ref != ref || !id_eq(&l->target, target))
			continue;
		err = index_record(x, &rec, n->feed, n->at);
		if (err == 0)
			err = visit(arg, &rec);
		if (err != 0)
			return err;
	}
	return 0;
}

struct book_view index_view(struct audit_index *x)
{
	return (struct book_view){
		.cookie = x, .roster = x->roster, .get = get, .refs = refs
	};
}
