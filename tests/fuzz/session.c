#include "tests/fuzz/fuzz.h"
#include "tests/memnode.h"

/*
 * Two nodes talk while the input tampers with their frames.  Each input byte
 * drives one step: deliver, produce, let time pass, accept, reconnect, or
 * deliver a frame with a byte changed, cut, doubled, dropped, or replaced by
 * bytes of the input.  Nothing may crash, and no memory may grow without end.
 */

enum { STEPS = 400, CROWD = 32 };

struct input {
	const uint8_t *p;
	size_t n;
};

struct stage {
	struct memnode a, b;
	struct mempeer *pa, *pb;
	uint64_t nonce;
};

static unsigned take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static void connect_both(struct stage *st)
{
	mem_connect(&st->b, &st->a, &st->pb, &st->pa, st->nonce += 2);
	session_start(st->pa->s, st->a.now_ms);
	session_start(st->pb->s, st->b.now_ms);
}

/* The first frame on its way to p, or NULL. */
static struct memframe *waiting(struct mempeer *p)
{
	return p->in_n > 0 ? &p->in[p->in_at] : NULL;
}

static void tamper(struct input *in, struct mempeer *p, unsigned how)
{
	struct memframe *f = waiting(p);
	size_t at, left;

	if (f == NULL || f->n == 0)
		return;
	at = take(in) * 256;
	at = (at + take(in)) % f->n;
	left = in->n < 64 ? in->n : 64;
	switch (how % 5) {
	case 0:
		f->p[at] ^= (uint8_t)(1 + take(in));
		break;
	case 1:
		f->n = at;
		break;
	case 2:
		session_recv(p->s, f->p, f->n, p->node->now_ms);
		break;
	case 3:
		f->n = 0;
		break;
	default:
		session_recv(p->s, in->p, left, p->node->now_ms);
		in->p += left;
		in->n -= left;
		break;
	}
	mem_tell(p->node);
}

static void step(struct stage *st, struct input *in)
{
	unsigned what = take(in);
	struct mempeer *p = what & 1 ? st->pa : st->pb;
	struct memnode *m = p->node;

	switch (what >> 1 & 7) {
	case 0:
	case 1:
	case 2:
		mem_deliver(p);
		break;
	case 3:
		mem_produce(m, what >> 4);
		break;
	case 4:
		m->now_ms += what;
		session_tick(p->s, m->now_ms);
		break;
	case 5:
		if (st->a.pending_n > 0)
			mem_admit(&st->a, &st->a.pending[--st->a.pending_n],
				  false);
		break;
	case 6:
		tamper(in, p, what >> 4);
		break;
	default:
		if (what < 32) {
			mem_disconnect(st->pa);
			connect_both(st);
		}
		break;
	}
}

static void join_of(struct memnode *m)
{
	static uint8_t buf[LIMIT_ENTRY + 8];
	struct wr w;
	size_t n;

	wr_init(&w, buf, sizeof(buf));
	wr_bin(&w, m->open, m->open_n);
	assert(wr_end(&w, &n) == 0);
	m->join = (struct msg_join){ .label = "m",
				     .place = "FR",
				     .entries = { .count = 1 } };
	rd_init(&m->join.entries.rd, buf, n);
	m->has_join = true;
}

/* Feeds of members who are away, more here and less there, so that heads are
 * compared by walks and, after a reconnection, by cursors. */
static void crowd(struct stage *st)
{
	struct memnode *m = calloc(1, sizeof(*m));

	assert(m != NULL);
	for (unsigned i = 0; i < CROWD; i++) {
		mem_newcomer(m, 100 + i, &st->a);
		mem_admit_quietly(&st->a, &m->who, false);
		mem_give(&st->b, &st->a, &st->a.feed);
		for (unsigned k = i % 8 == 0 ? 30 : 0; k > 0; k--)
			mem_produce(m, 5);
		mem_give(&st->a, m, &m->feed);
		if (i % 4 != 0)
			mem_give(&st->b, m, &m->feed);
		mem_release(m);
	}
	free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct stage *st = calloc(1, sizeof(*st));
	unsigned how = take(&in);

	assert(st != NULL && crypto_start() == 0);
	mem_found(&st->a, 1, how & 1);
	mem_newcomer(&st->b, 2, &st->a);
	if (how & 2)
		mem_admit(&st->a, &st->b.who, how & 4);
	else
		join_of(&st->b);
	st->a.is_auto = how & 8;
	/* Before long the newest entries come first. */
	st->b.recent_ms = how & 32 ? 1 : 0;
	st->b.recent_min = st->b.recent_ms;
	if (how & 16)
		crowd(st);
	connect_both(st);
	for (unsigned i = 0; i < STEPS && in.n > 0; i++)
		step(st, &in);
	mem_disconnect(st->pa);
	mem_release(&st->a);
	mem_release(&st->b);
	free(st);
	return 0;
}
