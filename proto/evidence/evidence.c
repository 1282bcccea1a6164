#include "proto/evidence/evidence.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/wr.h"

#include <assert.h>
#include <string.h>

static void read_branch(struct rd *r, struct run *out)
{
	size_t n;
	const uint8_t *p = rd_bin(r, LIMIT_RUN_BYTES, &n);
	int err = r->err == 0 ? run_decode(out, p, n) : r->err;

	if (err != 0)
		rd_fail(r, err);
}

static void read_fork(struct rd *r, struct evidence *e)
{
	read_branch(r, &e->branch[0]);
	if (r->err == 0)
		read_branch(r, &e->branch[1]);
	if (r->err != 0)
		return;
	e->feed = e->branch[0].feed;
	e->seq = e->branch[0].from;
	if (!pubkey_eq(&e->feed, &e->branch[1].feed) ||
	    e->branch[1].from != e->seq ||
	    !id_eq(&e->branch[0].prev, &e->branch[1].prev))
		rd_fail(r, ERR_FORMAT);
}

static void read_end(struct rd *r, struct evidence *e)
{
	rd_fixed(r, e->feed.b, KEY_SIZE);
	e->seq = rd_uint(r, LIMIT_SEQ);
	rd_fixed(r, e->id.b, ID_SIZE);
	rd_fixed(r, e->proof.b, SIG_SIZE);
	if (e->seq == 0)
		rd_fail(r, ERR_FORMAT);
}

int evidence_decode(struct evidence *out, const void *p, size_t n)
{
	struct evidence e = { .type = EVIDENCE_FORK };
	uint32_t count;
	struct rd r;
	int err;

	if (n > LIMIT_EVIDENCE)
		return ERR_LIMIT;
	rd_init(&r, p, n);
	count = rd_array(&r, 5);
	e.type = (enum evidence_type)rd_uint(&r, EVIDENCE_END);
	if (count != (e.type == EVIDENCE_FORK ? 3 : 5))
		rd_fail(&r, ERR_FORMAT);
	if (e.type == EVIDENCE_FORK)
		read_fork(&r, &e);
	else
		read_end(&r, &e);
	err = rd_end(&r);
	if (err == 0)
		*out = e;
	return err;
}

int evidence_first(struct entry *e, struct id *id, const struct evidence *ev,
		   unsigned branch, uint8_t buf[static LIMIT_ENTRY])
{
	struct run_walk walk;

	run_walk_init(&walk, &ev->branch[branch]);
	return run_walk_next(&walk, e, id, buf);
}

/* Walk a branch to its end: *first is the id that it begins with. */
static int check_branch(struct id *first, const struct run *run,
			uint8_t buf[static LIMIT_ENTRY])
{
	/* PROTOCOL: Every seq divisible by 256 must be validly signed */
	uint64_t left = SIGNED_EVERY - (run->from - 1) % SIGNED_EVERY;
	struct run_walk walk;
	struct entry e;
	struct id id;
	int err = 0;

	if (run->count > left)
		return ERR_FORMAT;
	run_walk_init(&walk, run);
	while (walk.left > 0 && err == 0) {
		err = run_walk_next(&walk, &e, &id, buf);
		if (err == 0 && e.seq == run->from)
			*first = id;
	}
	return err == 0 ? entry_verify(&e) : err;
}

int evidence_check_fork(const struct evidence *e, const struct id *network,
			uint8_t buf[static LIMIT_ENTRY])
{
	struct id first[2];
	int err;

	if (e->seq == 1 && !id_eq(&e->branch[0].prev, network))
		return ERR_CHAIN;
	for (unsigned i = 0; i < 2; i++) {
		err = check_branch(&first[i], &e->branch[i], buf);
		if (err != 0)
			return err;
	}
	/* The order is fixed, so that there is one way to write a pair; and
	 * two branches that begin alike prove nothing. */
	return id_cmp(&first[0], &first[1]) < 0 ? 0 : ERR_FORMAT;
}

void place_claim(uint8_t out[static PLACE_CLAIM], const struct id *network,
		 const struct position *at)
{
	memcpy(out, network->b, ID_SIZE);
	memcpy(out + ID_SIZE, at->feed.b, KEY_SIZE);
	be64_put(out + ID_SIZE + KEY_SIZE, at->seq);
	memcpy(out + ID_SIZE + KEY_SIZE + 8, at->id.b, ID_SIZE);
}

int evidence_check_end(const struct evidence *e, const struct id *network,
		       const struct pubkey *identity)
{
	const struct position at = { e->feed, e->seq, e->id };
	uint8_t claim[PLACE_CLAIM];

	place_claim(claim, network, &at);
	return sign_check(&e->proof, identity, DOMAIN_END, claim,
			  sizeof(claim));
}

/* The id of the first entry that a run was made of: what it was added with is
 * gone, so it is rebuilt. */
static int first_id(struct id *out, const struct run_writer *w)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct run run;
	int err = run_decode(&run, w->p, w->n);

	if (err != 0)
		return err;
	run_walk_init(&walk, &run);
	return run_walk_next(&walk, &e, out, buf);
}

int evidence_make_fork(uint8_t out[static LIMIT_EVIDENCE], size_t *n,
		       const struct run_writer *a, const struct run_writer *b)
{
	struct evidence e;
	struct id x, y;
	struct wr w;
	int err = first_id(&x, a);

	if (err == 0)
		err = first_id(&y, b);
	if (err != 0)
		return err;
	if (id_cmp(&x, &y) > 0) {
		const struct run_writer *swap = a;

		a = b;
		b = swap;
	}
	wr_init(&w, out, LIMIT_EVIDENCE);
	wr_array(&w, 3);
	wr_uint(&w, EVIDENCE_FORK);
	wr_bin(&w, a->p, a->n);
	wr_bin(&w, b->p, b->n);
	err = wr_end(&w, n);
	return err == 0 ? evidence_decode(&e, out, *n) : err;
}

int evidence_make_end(uint8_t out[static EVIDENCE_END_MAX], size_t *n,
		      const struct position *at, const struct sig *proof)
{
	struct wr w;

	wr_init(&w, out, EVIDENCE_END_MAX);
	wr_array(&w, 5);
	wr_uint(&w, EVIDENCE_END);
	wr_bin(&w, at->feed.b, KEY_SIZE);
	wr_uint(&w, at->seq);
	wr_bin(&w, at->id.b, ID_SIZE);
	wr_bin(&w, proof->b, SIG_SIZE);
	return wr_end(&w, n);
}
