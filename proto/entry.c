#include "proto/entry.h"

#include "crypto/err.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <assert.h>
#include <string.h>

static const char domain[] = "maillon/1 entry";

int entry_head(struct entry *e, struct rd *r, const void *p, size_t n)
{
	e->raw = p;
	e->raw_n = n;
	if (n > LIMIT_ENTRY)
		return ERR_LIMIT;
	if (n < SIG_SIZE)
		return ERR_FORMAT;
	rd_init(r, p, n - SIG_SIZE);
	if (rd_array(r, 8) != 8 || rd_uint(r, UINT64_MAX) != 1)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, e->feed.b, sizeof(e->feed.b));
	e->seq = rd_uint(r, LIMIT_SEQ);
	if (e->seq == 0)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, e->prev.b, sizeof(e->prev.b));
	e->time_ms = rd_uint(r, LIMIT_TIME_MS);
	e->kind = (uint32_t)rd_uint(r, LIMIT_KIND);
	e->facts = r->p;
	e->facts_n = r->n;
	if (r->n > 0 && (*r->p & 0xf0) != 0x80 && *r->p < 0xde)
		rd_fail(r, ERR_FORMAT);
	return r->err;
}

int entry_rest(struct entry *e, struct rd *r)
{
	e->facts_n -= r->n;
	e->has_seen = !rd_nil(r);
	if (e->has_seen)
		rd_fixed(r, e->seen.b, sizeof(e->seen.b));
	else
		memset(e->seen.b, 0, sizeof(e->seen.b));
	if (rd_end(r) != 0)
		return rd_end(r);
	memcpy(e->sig.b, e->raw + e->raw_n - SIG_SIZE, SIG_SIZE);
	return 0;
}

int entry_decode(struct entry *out, const void *p, size_t n)
{
	struct entry e;
	struct rd r;
	int err = entry_head(&e, &r, p, n);

	if (err != 0)
		return err;
	/* PROTOCOL: Containers nest at most 6 deep, the body being the
	 * first. */
	rd_skip(&r, LIMIT_DEPTH - 1);
	err = entry_rest(&e, &r);
	if (err == 0)
		*out = e;
	return err;
}

uint64_t entry_time(const void *p, size_t n)
{
	/* The array's head and the version take a byte each, and a key or an
	 * id two beside its own. */
	const size_t seq = 2 + 2 + KEY_SIZE, prev = 2 + ID_SIZE;
	struct rd r;

	rd_init(&r, p, n);
	r.p += seq;
	r.n -= seq;
	rd_uint(&r, LIMIT_SEQ);
	r.p += prev;
	r.n -= prev;
	return rd_uint(&r, LIMIT_TIME_MS);
}

struct id entry_id(const struct entry *e)
{
	return hash_id(e->raw, e->raw_n);
}

int entry_verify(const struct entry *e)
{
	return sign_check(&e->sig, &e->feed, domain, e->raw,
			  e->raw_n - SIG_SIZE);
}

int entry_follows(const struct entry *e, uint64_t seq, const struct id *id)
{
	if (e->seq != seq + 1 || !id_eq(&e->prev, id))
		return ERR_CHAIN;
	return 0;
}

static void put_head(struct wr *w, const struct pubkey *feed, uint64_t seq,
		     const struct id *prev)
{
	wr_array(w, 8);
	wr_uint(w, 1);
	wr_bin(w, feed->b, sizeof(feed->b));
	wr_uint(w, seq);
	wr_bin(w, prev->b, sizeof(prev->b));
}

int entry_seal(uint8_t out[static LIMIT_ENTRY], size_t *n,
	       const struct entry_plan *plan, const struct seckey *key)
{
	struct pubkey feed = seckey_pub(key);
	struct entry check;
	struct sig sig;
	struct wr w;
	size_t body_n;
	int err;

	wr_init(&w, out, LIMIT_ENTRY - SIG_SIZE);
	put_head(&w, &feed, plan->seq, &plan->prev);
	wr_uint(&w, plan->time_ms);
	wr_uint(&w, plan->kind);
	wr_raw(&w, plan->facts, plan->facts_n);
	if (plan->seen == NULL)
		wr_nil(&w);
	else
		wr_bin(&w, plan->seen->b, sizeof(plan->seen->b));
	err = wr_end(&w, &body_n);
	if (err != 0)
		return err;

	memset(out + body_n, 0, SIG_SIZE);
	err = entry_decode(&check, out, body_n + SIG_SIZE);
	if (err != 0)
		return err;
	err = sign_make(&sig, key, domain, out, body_n);
	if (err != 0)
		return err;
	memcpy(out + body_n, sig.b, SIG_SIZE);
	*n = body_n + SIG_SIZE;
	return 0;
}

struct entry_tail entry_tail(const struct entry *e)
{
	struct entry_tail t = { .sig = e->sig };
	uint8_t head[96];
	struct wr w;
	size_t head_n = 0;
	int err;

	wr_init(&w, head, sizeof(head));
	put_head(&w, &e->feed, e->seq, &e->prev);
	err = wr_end(&w, &head_n);
	assert(err == 0 && head_n + SIG_SIZE < e->raw_n);
	t.p = e->raw + head_n;
	t.n = e->raw_n - SIG_SIZE - head_n;
	return t;
}

int entry_rebuild(uint8_t out[static LIMIT_ENTRY], size_t *n,
		  const struct pubkey *feed, uint64_t seq,
		  const struct id *prev, const struct entry_tail *tail)
{
	struct wr w;

	wr_init(&w, out, LIMIT_ENTRY);
	put_head(&w, feed, seq, prev);
	wr_raw(&w, tail->p, tail->n);
	wr_raw(&w, tail->sig.b, sizeof(tail->sig.b));
	return wr_end(&w, n);
}
