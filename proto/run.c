#include "proto/run.h"

#include "crypto/err.h"
#include "proto/wr.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
	/* The head before the tails: array of 4, feed, from, prev. */
	HEAD_MAX = 1 + 34 + 9 + 34,
	/* The array of tails has a header of one byte below this count, and
	 * of three from there on. */
	SHORT_ARRAY = 16
};

/* The shortest tail has 71 bytes: a run is full before it has too many. */
_Static_assert(LIMIT_RUN_BYTES / 71 < LIMIT_RUN, "count entries as well");

void run_writer_init(struct run_writer *w, void *buf, size_t max,
		     const struct pubkey *feed)
{
	*w = (struct run_writer){ .p = buf, .max = max, .feed = *feed };
	if (w->max > LIMIT_RUN_BYTES)
		w->max = LIMIT_RUN_BYTES;
}

static int put_head(struct run_writer *w, const struct entry *e)
{
	uint8_t head[HEAD_MAX + 1];
	struct wr wr;
	int err;

	wr_init(&wr, head, sizeof(head));
	wr_array(&wr, 4);
	wr_bin(&wr, e->feed.b, w->is_brief ? RUN_BRIEF : sizeof(e->feed.b));
	wr_uint(&wr, e->seq);
	if (w->is_brief)
		wr_nil(&wr);
	else
		wr_bin(&wr, e->prev.b, sizeof(e->prev.b));
	err = wr_end(&wr, &w->head_n);
	assert(err == 0);
	if (w->head_n + 1 > w->max)
		return ERR_LIMIT;
	memcpy(w->p, head, w->head_n);
	w->from = e->seq;
	w->prev = e->prev;
	w->n = w->head_n + 1;
	return 0;
}

static int put_tail(struct run_writer *w, const struct entry *e)
{
	/* What the tails move up when the header before them grows. */
	size_t gap = w->count == SHORT_ARRAY - 1 ? 2 : 0;
	struct entry_tail tail = entry_tail(e);
	uint8_t *tails = w->p + w->head_n + 1;
	struct wr wr;
	size_t n;
	int err;

	if (w->max - w->n < gap)
		return ERR_LIMIT;
	wr_init(&wr, w->p + w->n, w->max - w->n - gap);
	wr_array(&wr, 5);
	wr_raw(&wr, tail.p, tail.n);
	wr_bin(&wr, tail.sig.b, sizeof(tail.sig.b));
	err = wr_end(&wr, &n);
	if (err != 0)
		return err;
	w->n += n;
	if (gap > 0) {
		memmove(tails + gap, tails, w->n - w->head_n - 1);
		w->n += gap;
	}
	return 0;
}

int run_writer_add(struct run_writer *w, const void *raw, size_t n)
{
	struct entry e;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	if (!pubkey_eq(&e.feed, &w->feed))
		return ERR_CHAIN;
	if (w->count == 0)
		err = put_head(w, &e);
	else
		err = entry_follows(&e, w->from + w->count - 1, &w->tip);
	if (err == 0)
		err = put_tail(w, &e);
	if (err != 0)
		return err;
	w->tip = entry_id(&e);
	w->count++;
	return 0;
}

int run_writer_end(struct run_writer *w, size_t *n)
{
	struct wr wr;
	size_t len;

	if (w->count == 0)
		return ERR_STATE;
	/* The room for this header was left in front of the tails. */
	wr_init(&wr, w->p + w->head_n, w->max - w->head_n);
	wr_array(&wr, w->count);
	if (wr_end(&wr, &len) != 0)
		return ERR_LIMIT;
	*n = w->n;
	return 0;
}

/* What precedes the tails, in full. */
static void rd_head(struct rd *r, struct run *run)
{
	rd_fixed(r, run->feed.b, sizeof(run->feed.b));
	run->from = rd_uint(r, LIMIT_SEQ);
	rd_fixed(r, run->prev.b, sizeof(run->prev.b));
}

static void rd_brief(struct rd *r, struct run *run)
{
	rd_fixed(r, run->feed.b, RUN_BRIEF);
	run->from = rd_uint(r, LIMIT_SEQ);
	if (!rd_nil(r))
		rd_fail(r, ERR_FORMAT);
}

static int decode(struct run *out, bool is_brief, const void *p, size_t n)
{
	struct run run = { .from = 0 };
	struct rd r;

	if (n > LIMIT_RUN_BYTES)
		return ERR_LIMIT;
	rd_init(&r, p, n);
	if (rd_array(&r, 4) != 4)
		rd_fail(&r, ERR_FORMAT);
	if (is_brief)
		rd_brief(&r, &run);
	else
		rd_head(&r, &run);
	run.count = rd_array(&r, LIMIT_RUN);
	if (run.from == 0 || run.count == 0)
		rd_fail(&r, ERR_FORMAT);
	if (run.count > LIMIT_SEQ - run.from + 1)
		rd_fail(&r, ERR_LIMIT);
	if (r.err != 0)
		return r.err;
	run.tails = r.p;
	run.tails_n = r.n;
	*out = run;
	return 0;
}

int run_decode(struct run *out, const void *p, size_t n)
{
	return decode(out, false, p, n);
}

int run_decode_answer(struct run *out, bool *is_brief, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	/* The header of the feed's byte string tells: array, bin 8, length. */
	*is_brief = n > 2 && bytes[2] == RUN_BRIEF;
	return decode(out, *is_brief, p, n);
}

void run_walk_init(struct run_walk *walk, const struct run *run)
{
	rd_init(&walk->rd, run->tails, run->tails_n);
	walk->feed = run->feed;
	walk->seq = run->from;
	walk->prev = run->prev;
	walk->left = run->count;
}

/* Step over one tail.  Only its extent matters: the entry that is rebuilt from
 * it is decoded strictly. */
static int rd_tail(struct rd *r, struct entry_tail *tail)
{
	if (rd_array(r, 5) != 5)
		rd_fail(r, ERR_FORMAT);
	tail->p = r->p;
	tail->n = r->n;
	rd_uint(r, LIMIT_TIME_MS);
	rd_uint(r, LIMIT_KIND);
	rd_skip(r, LIMIT_DEPTH - 1);
	if (!rd_nil(r))
		rd_skip(r, 0);
	tail->n -= r->n;
	rd_fixed(r, tail->sig.b, sizeof(tail->sig.b));
	return r->err;
}

int run_walk_next(struct run_walk *walk, struct entry *e, struct id *id,
		  uint8_t buf[static LIMIT_ENTRY])
{
	struct entry_tail tail;
	size_t n;
	int err;

	if (walk->rd.err != 0)
		return walk->rd.err;
	if (walk->left == 0)
		return ERR_NOT_FOUND;
	err = rd_tail(&walk->rd, &tail);
	if (err == 0 && walk->left == 1)
		err = rd_end(&walk->rd);
	if (err == 0)
		err = entry_rebuild(buf, &n, &walk->feed, walk->seq,
				    &walk->prev, &tail);
	if (err == 0)
		err = entry_decode(e, buf, n);
	if (err != 0) {
		rd_fail(&walk->rd, err);
		return err;
	}
	*id = entry_id(e);
	walk->prev = *id;
	walk->seq++;
	walk->left--;
	return 0;
}

/* How far the forward pass of a run came. */
struct pass {
	uint32_t proved; /* entries up to the newest valid signature */
	uint32_t walked; /* entries of good form, proved or not */
};

/* Walk until the end or the first fault, checking the signatures that must be
 * valid, and the last. */
static int walk_forward(struct pass *pass, struct run_room *room,
			const struct run *run)
{
	uint8_t *bytes = room->bytes;
	struct run_walk walk;
	int err = 0;

	run_walk_init(&walk, run);
	while (walk.left > 0) {
		struct run_entry *x = &room->at[pass->walked];
		bool must;

		err = run_walk_next(&walk, &x->entry, &x->id, bytes);
		if (err != 0)
			return err;
		bytes += x->entry.raw_n;
		must = x->entry.seq % SIGNED_EVERY == 0;
		if (must || walk.left == 0)
			err = entry_verify(&x->entry);
		if (must && err != 0)
			return err;
		pass->walked++;
		if (err == 0 && (must || walk.left == 0))
			pass->proved = pass->walked;
	}
	return err;
}

/* The last valid signature between what is proved and where the pass ended:
 * fewer than SIGNED_EVERY entries, because one of those would be proved. */
static uint32_t last_proved(const struct pass *pass,
			    const struct run_room *room)
{
	uint32_t i = pass->walked;

	while (i > pass->proved && entry_verify(&room->at[i - 1].entry) != 0)
		i--;
	return i;
}

int run_check(struct run_room *room, uint32_t *good, const struct run *run,
	      const struct id *prev)
{
	struct pass pass = { .proved = 0 };
	int err;

	*good = 0;
	if (!id_eq(&run->prev, prev))
		return ERR_CHAIN;
	err = walk_forward(&pass, room, run);
	/* PROTOCOL: Of a run, a node commits up to the last valid signature and
	 * asks for the rest again. */
	*good = last_proved(&pass, room);
	return err;
}
