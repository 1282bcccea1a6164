#include "proto/session/msg_list.h"

#include "crypto/err.h"
#include "proto/session/tree.h"

#include <string.h>

/* A feed, or its beginning. */
static void row_feed(struct rd *r, struct pubkey *feed, bool *is_short)
{
	size_t n;
	const uint8_t *p = rd_bin(r, sizeof(feed->b), &n);

	memset(feed, 0, sizeof(*feed));
	if (r->err == 0 && n != sizeof(feed->b) && n != MSG_SHORT)
		rd_fail(r, ERR_FORMAT);
	if (r->err == 0)
		memcpy(feed->b, p, n);
	*is_short = n == MSG_SHORT;
}

static void row_head(struct rd *r, struct msg_head *row)
{
	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	row_feed(r, &row->feed, &row->is_short);
	row->seq = rd_uint(r, LIMIT_SEQ);
	if (row->seq == 0)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, row->id, sizeof(row->id));
}

static void row_want(struct rd *r, struct msg_want *row)
{
	uint32_t n = rd_array(r, 3);

	if (n < 2)
		rd_fail(r, ERR_FORMAT);
	row_feed(r, &row->feed, &row->is_short);
	row->from = rd_uint(r, LIMIT_SEQ);
	row->to = n == 3 ? rd_uint(r, LIMIT_SEQ) : 0;
	if (row->from == 0 || (n == 3 && row->to < row->from))
		rd_fail(r, ERR_FORMAT);
}

_Static_assert(MSG_PRINTS_FEW == TREE_FEW * TREE_PRINT, "what is not split");

static void row_node(struct rd *r, struct msg_node *row)
{
	unsigned deepest = TREE_DEPTH;

	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	row->node = (uint32_t)rd_uint(r, UINT32_MAX);
	row->form = (enum msg_prints)rd_uint(r, PRINTS_FORMS - 1);
	row->prints = rd_bin(r, MSG_PRINTS_MAX, &row->prints_n);
	if (row->form == PRINTS_CHILDREN) {
		deepest--;
		if (row->prints_n != TREE_PRINTS)
			rd_fail(r, ERR_FORMAT);
	} else if (row->prints_n > MSG_PRINTS_FEW &&
		   tree_depth(row->node) < TREE_DEPTH) {
		/* Each of our heads below is looked for among them. */
		rd_fail(r, ERR_LIMIT);
	}
	if (tree_depth(row->node) > deepest || row->prints_n % TREE_PRINT != 0)
		rd_fail(r, ERR_FORMAT);
}

/* The count of a list of at most max elements; the list itself follows. */
static uint32_t begin(struct rd *r, struct msg_list *out, uint32_t max)
{
	out->count = rd_array(r, max);
	out->rd = *r;
	return out->count;
}

static void row_limit(struct rd *r, struct msg_limit *row)
{
	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, row->feed.b, sizeof(row->feed.b));
	row->fork = rd_uint(r, LIMIT_SEQ);
	row->end = rd_uint(r, LIMIT_SEQ);
	if (row->fork == 0 && row->end == 0)
		rd_fail(r, ERR_FORMAT);
}

void msg_read_limits(struct rd *r, struct msg_list *out)
{
	uint32_t n = begin(r, out, LIMIT_HEADS);
	struct msg_limit row;
	struct pubkey before;

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		row_limit(r, &row);
		if (i > 0 && pubkey_cmp(&before, &row.feed) >= 0)
			rd_fail(r, ERR_FORMAT);
		before = row.feed;
	}
}

void msg_read_heads(struct rd *r, struct msg_list *out)
{
	uint32_t n = begin(r, out, LIMIT_HEADS);
	struct msg_head row;

	for (uint32_t i = 0; i < n && r->err == 0; i++)
		row_head(r, &row);
}

void msg_read_wants(struct rd *r, struct msg_list *out)
{
	uint32_t n = begin(r, out, LIMIT_HEADS);
	struct msg_want row;

	for (uint32_t i = 0; i < n && r->err == 0; i++)
		row_want(r, &row);
}

void msg_read_nodes(struct rd *r, struct msg_list *out)
{
	uint32_t n = begin(r, out, MSG_WALK_MAX);
	struct msg_node row;
	uint32_t least = 0;

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		row_node(r, &row);
		if (row.node <= least)
			rd_fail(r, ERR_FORMAT);
		least = row.node;
	}
}

void msg_read_bins(struct rd *r, struct msg_list *out, uint32_t n, size_t max)
{
	out->count = n;
	out->rd = *r;
	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		size_t len;

		rd_bin(r, max, &len);
		if (len == 0)
			rd_fail(r, ERR_FORMAT);
	}
}

/* Is there another element?  Then it is taken. */
static bool step(struct msg_list *list)
{
	if (list->count == 0)
		return false;
	list->count--;
	return true;
}

bool msg_next_limit(struct msg_list *list, struct msg_limit *out)
{
	if (!step(list))
		return false;
	row_limit(&list->rd, out);
	return list->rd.err == 0;
}

bool msg_next_head(struct msg_list *list, struct msg_head *out)
{
	if (!step(list))
		return false;
	row_head(&list->rd, out);
	return list->rd.err == 0;
}

bool msg_next_want(struct msg_list *list, struct msg_want *out)
{
	if (!step(list))
		return false;
	row_want(&list->rd, out);
	return list->rd.err == 0;
}

bool msg_next_node(struct msg_list *list, struct msg_node *out)
{
	if (!step(list))
		return false;
	row_node(&list->rd, out);
	return list->rd.err == 0;
}

bool msg_next_bin(struct msg_list *list, const uint8_t **p, size_t *n)
{
	if (!step(list))
		return false;
	*p = rd_bin(&list->rd, LIMIT_RUN_BYTES, n);
	return list->rd.err == 0;
}
