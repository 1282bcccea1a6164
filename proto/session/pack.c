#include "proto/session/pack.h"

#include "proto/wr.h"

#include <assert.h>
#include <string.h>

enum {
	FRONT = 16, /* room for what precedes the elements */
	BIN16 = 3,  /* the header of a byte string of 256 bytes or more */
	BIN8 = 2    /* and of fewer */
};

void pack_init(struct pack *p)
{
	p->n = FRONT;
	p->count = 0;
}

/* Take in what w has written behind the elements. */
static void take(struct pack *p, const struct wr *w)
{
	size_t n;
	int err = wr_end(w, &n);

	assert(err == 0);
	p->n += n;
	p->count++;
}

static void put_feed(struct wr *w, const struct pubkey *feed, bool is_short)
{
	wr_bin(w, feed->b, is_short ? MSG_SHORT : sizeof(feed->b));
}

void pack_head(struct pack *p, const struct msg_head *row)
{
	struct wr w;

	assert(p->count < LIMIT_HEADS);
	wr_init(&w, p->buf + p->n, sizeof(p->buf) - p->n);
	wr_array(&w, 3);
	put_feed(&w, &row->feed, row->is_short);
	wr_uint(&w, row->seq);
	wr_bin(&w, row->id, sizeof(row->id));
	take(p, &w);
}

void pack_want(struct pack *p, const struct msg_want *row)
{
	struct wr w;

	assert(p->count < LIMIT_HEADS);
	wr_init(&w, p->buf + p->n, sizeof(p->buf) - p->n);
	wr_array(&w, row->to != 0 ? 3 : 2);
	put_feed(&w, &row->feed, row->is_short);
	wr_uint(&w, row->from);
	if (row->to != 0)
		wr_uint(&w, row->to);
	take(p, &w);
}

void pack_node(struct pack *p, const struct msg_node *row)
{
	struct wr w;

	wr_init(&w, p->buf + p->n, sizeof(p->buf) - p->n);
	wr_array(&w, 3);
	wr_uint(&w, row->node);
	wr_uint(&w, row->form);
	wr_bin(&w, row->prints, row->prints_n);
	take(p, &w);
}

size_t pack_room(const struct pack *p)
{
	size_t left = sizeof(p->buf) - p->n;

	return left > BIN16 ? left - BIN16 : 0;
}

void pack_run_begin(struct pack *p, struct run_writer *w,
		    const struct pubkey *feed, size_t max)
{
	size_t room = pack_room(p);

	run_writer_init(w, p->buf + p->n + BIN16, max < room ? max : room,
			feed);
}

void pack_run_end(struct pack *p, struct run_writer *w)
{
	size_t n, head_n;
	uint8_t *at = p->buf + p->n;
	int err;

	if (w->count == 0)
		return;
	err = run_writer_end(w, &n);
	assert(err == 0 && n <= UINT16_MAX);
	head_n = n <= UINT8_MAX ? BIN8 : BIN16;
	at[0] = n <= UINT8_MAX ? 0xc4 : 0xc5;
	at[1] = (uint8_t)(n >> 8);
	at[head_n - 1] = (uint8_t)n;
	/* A short run moves up by the byte that its header does not need. */
	memmove(at + head_n, at + BIN16, n);
	p->n += head_n + n;
	p->count++;
}

const uint8_t *pack_end(struct pack *p, size_t *n, enum msg_type type,
			uint32_t first)
{
	bool has_first = type == MSG_HEADS || type == MSG_RUN;
	uint8_t front[FRONT];
	size_t front_n;
	struct wr w;
	int err;

	wr_init(&w, front, sizeof(front));
	wr_array(&w, has_first ? 4 : 3);
	wr_uint(&w, MSG_VERSION);
	wr_uint(&w, type);
	if (has_first)
		wr_uint(&w, first);
	if (type != MSG_PUSH)
		wr_array(&w, p->count);
	err = wr_end(&w, &front_n);
	assert(err == 0);
	memcpy(p->buf + FRONT - front_n, front, front_n);
	*n = p->n - FRONT + front_n;
	return p->buf + FRONT - front_n;
}
