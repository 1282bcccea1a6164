#include "proto/audit/audit_index.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/audit/audit_keys.h"
#include "proto/audit/audit_salt.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum {
	FILTER_BITS = 3, /* of the filter are 2^3 bits a bucket of links */
	AHEAD = 4        /* records that memory is asked for before its time */
};

/* What some records refer to; chained in its bucket of ids. */
struct node {
	const struct id *id;
	uint32_t feed; /* NONE: not here, or it does not count */
	uint32_t at;   /* index in the scan, seq - 1 */
	uint32_t next;
	uint32_t backs, backs_n; /* who refers */
};

/* One reference, seen from what is referred to. */
struct back {
	uint32_t feed, at;
	enum ref ref;
};

struct audit_index {
	struct audit_feed *feeds;
	size_t feeds_n;
	struct salt salt;
	unsigned shift;   /* to the buckets of by_id and by_target */
	uint64_t *filter; /* a bit set: perhaps a target */
	uint32_t *by_id;  /* buckets of nodes */
	/* Nodes stand in the order of the records, and who refers to them in
	 * the order of the nodes, so that whoever goes through the records
	 * goes through these too. */
	struct node *nodes;
	size_t nodes_n;
	struct back *backs; /* of one node by rising (feed, at) */
	size_t backs_n;
	size_t links; /* of all scans: room of the two above */
	uint32_t names_mask;
	uint32_t *by_name;          /* feeds, open addressing */
	struct index_reader nobody; /* of index_view: remembers nothing */
	/* only while building */
	struct scan_link **by_target; /* buckets, each in order */
};

bool index_counts(const struct audit_feed *feed, size_t at)
{
	const struct audit_scan *s = feed->scan;

	return at < s->n && at < feed->counted_to && s->at[at].is_record &&
	       !s->at[at].is_shadowed;
}

/* A power of two that is not less than n; ids fill 32 bits at most. */
static unsigned bits_for(size_t n)
{
	unsigned bits = 6;

	while ((size_t)1 << bits < n && bits < 30)
		bits++;
	return bits;
}

static uint32_t *buckets(size_t n)
{
	uint32_t *p = malloc(n * sizeof(uint32_t));

	if (p != NULL)
		memset(p, 0xff, n * sizeof(uint32_t));
	return p;
}

static size_t bucket_count(const struct audit_index *x)
{
	return (size_t)1 << (64 - x->shift);
}

static size_t bucket(const struct audit_index *x, const struct id *id)
{
	return (size_t)(salt_id(&x->salt, id) >> x->shift);
}

static size_t filter_bit(const struct audit_index *x, const struct id *id)
{
	return (size_t)(salt_id(&x->salt, id) >> (x->shift - FILTER_BITS));
}

/* Says no without a look at the tables for nearly all that is not. */
static bool may_be_target(const struct audit_index *x, const struct id *id)
{
	size_t bit = filter_bit(x, id);

	return (x->filter[bit / 64] >> bit % 64 & 1) != 0;
}

static const struct node *find_node(const struct audit_index *x,
				    const struct id *id)
{
	uint32_t i;

	if (!may_be_target(x, id))
		return NULL;
	i = x->by_id[bucket(x, id)];
	while (i != NONE && !id_eq(x->nodes[i].id, id))
		i = x->nodes[i].next;
	return i == NONE ? NULL : &x->nodes[i];
}

static int build_names(struct audit_index *x)
{
	x->names_mask = (1U << bits_for(2 * x->feeds_n)) - 1;
	x->by_name = buckets((size_t)x->names_mask + 1);
	if (x->by_name == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->feeds_n; i++) {
		uint32_t k = be32_get(x->feeds[i].scan->feed.b);

		while (x->by_name[k & x->names_mask] != NONE)
			k++;
		x->by_name[k & x->names_mask] = (uint32_t)i;
	}
	return 0;
}

size_t index_feed(const struct audit_index *x, const struct pubkey *feed)
{
	uint32_t k = be32_get(feed->b), i;

	while ((i = x->by_name[k & x->names_mask]) != NONE) {
		if (pubkey_eq(&x->feeds[i].scan->feed, feed))
			return i;
		k++;
	}
	return SIZE_MAX;
}

static void add_link(struct audit_index *x, struct scan_link *l, size_t feed)
{
	struct scan_link **slot = &x->by_target[bucket(x, &l->target)];
	size_t bit = filter_bit(x, &l->target);

	l->feed = (uint32_t)feed;
	l->is_here = false;
	l->next = *slot;
	*slot = l;
	x->filter[bit / 64] |= 1ULL << bit % 64;
}

/* From the last to the first, so that each bucket is in rising order. */
static int build_links(struct audit_index *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->feeds_n; i++)
		n += x->feeds[i].scan->links_n;
	x->salt = salt_of(x->feeds, x->feeds_n);
	x->shift = 64 - bits_for(n);
	x->links = n;
	x->by_target = calloc(bucket_count(x), sizeof(*x->by_target));
	x->filter = calloc((bucket_count(x) << FILTER_BITS) / 64,
			   sizeof(*x->filter));
	if (x->by_target == NULL || x->filter == NULL)
		return ERR_NOMEM;
	for (size_t i = x->feeds_n; i > 0; i--) {
		const struct audit_feed *feed = &x->feeds[i - 1];
		struct audit_scan *s = feed->scan;

		for (size_t k = s->links_n; k > 0; k--)
			if (!s->links[k - 1].is_over &&
			    index_counts(feed, s->links[k - 1].at))
				add_link(x, &s->links[k - 1], i - 1);
	}
	return 0;
}

/* Take the links to id out of their bucket and let them stand behind one
 * another. */
static uint32_t take_links(struct audit_index *x, const struct id *id,
			   bool is_here)
{
	struct scan_link **slot = &x->by_target[bucket(x, id)];
	uint32_t n = 0;

	while (*slot != NULL) {
		struct scan_link *l = *slot;

		if (!id_eq(&l->target, id)) {
			slot = &l->next;
			continue;
		}
		l->is_here = is_here;
		*slot = l->next;
		x->backs[x->backs_n++] =
			(struct back){ l->feed, l->at, l->ref };
		n++;
	}
	return n;
}

/* What id names, unless nobody refers to it. */
static bool add_node(struct audit_index *x, const struct id *id, uint32_t feed,
		     uint32_t at)
{
	uint32_t first = (uint32_t)x->backs_n, *slot;
	uint32_t n = take_links(x, id, feed != NONE);

	if (n == 0)
		return false;
	slot = &x->by_id[bucket(x, id)];
	x->nodes[x->nodes_n] = (struct node){ id, feed, at, *slot, first, n };
	*slot = (uint32_t)x->nodes_n++;
	return true;
}

/* Links lie all over memory, so it is asked early for the bucket of a record
 * further on, and then for the first link in it. */
static void fetch_ahead(const struct audit_index *x,
			const struct audit_scan *scan, size_t k)
{
	size_t bucket_at = k + 2 * AHEAD, link_at = k + AHEAD;

	if (bucket_at < scan->n && may_be_target(x, &scan->at[bucket_at].id))
		bytes_fetch(&x->by_target[bucket(x, &scan->at[bucket_at].id)],
			    sizeof(x->by_target[0]));
	if (link_at < scan->n && may_be_target(x, &scan->at[link_at].id))
		bytes_fetch(x->by_target[bucket(x, &scan->at[link_at].id)],
			    sizeof(*x->by_target[0]));
}

static void add_records(struct audit_index *x, size_t i)
{
	const struct audit_feed *feed = &x->feeds[i];

	for (size_t k = 0; k < feed->scan->n; k++) {
		struct scanned *s = &feed->scan->at[k];

		fetch_ahead(x, feed->scan, k);
		if (may_be_target(x, &s->id) && index_counts(feed, k) &&
		    add_node(x, &s->id, (uint32_t)i, (uint32_t)k))
			s->is_target = true;
	}
}

/* What is left in the buckets refers to what is not here. */
static void add_absent(struct audit_index *x, size_t i)
{
	struct audit_scan *s = x->feeds[i].scan;

	for (size_t k = 0; k < s->links_n; k++)
		if (!s->links[k].is_here &&
		    index_counts(&x->feeds[i], s->links[k].at))
			add_node(x, &s->links[k].target, NONE, 0);
}

/* Each link is taken by one node, so neither array needs more room. */
static int build_nodes(struct audit_index *x)
{
	x->by_id = buckets(bucket_count(x));
	x->nodes = malloc((x->links + 1) * sizeof(*x->nodes));
	x->backs = malloc((x->links + 1) * sizeof(*x->backs));
	if (x->by_id == NULL || x->nodes == NULL || x->backs == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->feeds_n; i++)
		add_records(x, i);
	for (size_t i = 0; i < x->feeds_n; i++)
		add_absent(x, i);
	free(x->by_target);
	x->by_target = NULL;
	return 0;
}

int index_open(struct audit_index **out, struct audit_feed *feeds,
	       size_t feeds_n)
{
	struct audit_index *x = calloc(1, sizeof(*x));
	int err;

	if (x == NULL)
		return ERR_NOMEM;
	x->feeds = feeds;
	x->feeds_n = feeds_n;
	x->nobody.index = x;
	err = build_names(x);
	if (err == 0)
		err = keys_shadow(x->feeds, x->feeds_n);
	if (err == 0)
		err = build_links(x);
	if (err == 0)
		err = build_nodes(x);
	if (err != 0) {
		index_close(x);
		return err;
	}
	*out = x;
	return 0;
}

void index_close(struct audit_index *x)
{
	if (x == NULL)
		return;
	free(x->by_target);
	free(x->filter);
	free(x->by_id);
	free(x->nodes);
	free(x->backs);
	free(x->by_name);
	free(x);
}

int index_record(const struct audit_index *x, struct book_record *out,
		 size_t feed, size_t at)
{
	const struct audit_scan *scan = x->feeds[feed].scan;
	const struct scanned *s = &scan->at[at];

	out->id = s->id;
	out->feed = scan->feed;
	out->seq = at + 1;
	out->author = x->feeds[feed].author;
	out->time_ms = entry_time(s->raw, s->raw_n);
	return record_again(&out->rec, s->kind, s->raw + s->facts,
			    s->raw_n - (size_t)s->facts);
}

/* The first record that refers to node i. */
static const struct scanned *first_back(const struct audit_index *x, size_t i)
{
	const struct back *b = &x->backs[x->nodes[i].backs];

	return &x->feeds[b->feed].scan->at[b->at];
}

/* Who refers to a record stands in another feed, so memory is asked for that
 * when the walk is a few nodes before it. */
static void walk_to(struct index_reader *r, uint32_t i)
{
	const struct audit_index *x = r->index;

	r->last = i;
	if (i + 2 * AHEAD < x->nodes_n)
		bytes_fetch(first_back(x, i + 2 * AHEAD),
			    sizeof(struct scanned));
	if (i + AHEAD < x->nodes_n) {
		const struct scanned *s = first_back(x, i + AHEAD);

		bytes_fetch(s->raw, s->raw_n);
	}
}

static const struct node *look_up(struct index_reader *r, const struct id *id)
{
	const struct audit_index *x = r->index;
	const struct node *n;

	if (!r->is_walking)
		return find_node(x, id);
	if (r->last < x->nodes_n && id_eq(x->nodes[r->last].id, id))
		return &x->nodes[r->last];
	if (r->alone != NULL && id_eq(r->alone, id))
		return NULL;
	if (r->last + 1 < x->nodes_n && id_eq(x->nodes[r->last + 1].id, id)) {
		walk_to(r, r->last + 1);
		return &x->nodes[r->last];
	}
	n = find_node(x, id);
	if (n != NULL)
		r->last = (uint32_t)(n - x->nodes);
	return n;
}

static int get(void *cookie, struct book_record *out, const struct id *id)
{
	const struct index_reader *r = cookie;
	const struct audit_index *x = r->index;
	const struct node *n = look_up(cookie, id);

	if (n == NULL || n->feed == NONE)
		return ERR_NOT_FOUND;
	return index_record(x, out, n->feed, n->at);
}

static void remember_alone(struct index_reader *r, const struct scanned *s)
{
	if (r->is_walking && !s->is_target)
		r->alone = &s->id;
}

static int refs(void *cookie, const struct id *target, enum ref ref,
		book_visit *visit, void *arg)
{
	struct index_reader *r = cookie;
	const struct audit_index *x = r->index;
	const struct node *n = look_up(r, target);

	for (uint32_t i = 0; n != NULL && i < n->backs_n; i++) {
		const struct back *b = &x->backs[n->backs + i];
		struct book_record rec;
		int err;

		if (b->ref != ref)
			continue;
		remember_alone(r, &x->feeds[b->feed].scan->at[b->at]);
		err = index_record(x, &rec, b->feed, b->at);
		if (err == 0)
			err = visit(arg, &rec);
		if (err != 0)
			return err;
	}
	return 0;
}

struct book_view index_view(const struct audit_index *x,
			    const struct roster *roster)
{
	struct book_view view = { .roster = roster, .get = get, .refs = refs };
	const struct index_reader *r = &x->nobody;

	memcpy(&view.cookie, &r, sizeof(r)); /* both only read */
	return view;
}

struct book_view index_walk(struct index_reader *r, const struct audit_index *x,
			    const struct roster *roster)
{
	*r = (struct index_reader){ .index = x, .is_walking = true };
	return (struct book_view){
		.cookie = r, .roster = roster, .get = get, .refs = refs
	};
}
