#include "node/proof/checkpointing.h"

#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "node/proof/logtree.h"
#include "proto/calendar.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

enum { LATE_DAYS = 366, FIRST_YEAR = 2020 };

/* What a witness knows of one tree. */
struct knowing {
	struct keeper *k;
	struct attest tree;
	struct logtree_cosigned ours; /* of this tree, by this node */
	struct attest_point *points;
};

static int learn(struct knowing *w, const struct pubkey *feed)
{
	struct store *s = w->k->store;
	struct book_view view;
	int err = logtree_load(&w->tree, s, feed);

	if (err == 0)
		err = logtree_cosigned(&w->ours, s, &w->k->feed, feed);
	if (err == 0)
		err = store_view_open(s, &view);
	if (err != 0)
		return err;
	err = logtree_roots(&w->points, &w->tree, s);
	store_view_close(s);
	return err;
}

/* The root that the tree had at a size which one of its checkpoints has. */
static bool is_same(const struct knowing *w, const struct treehead *h)
{
	const struct attest_point *p =
		attest_point_at(w->points, w->tree.marks_n, h->size);

	return p != NULL && p->is_known && sha_eq(&p->root, &h->root);
}

static enum cosign_answer judge(const struct knowing *w)
{
	const struct cosigned *last =
		w->ours.n == 0 ? NULL : &w->ours.at[w->ours.n - 1];
	const struct attest_mark *m;

	if (w->tree.marks_n == 0)
		return COSIGN_NOTHING;
	m = &w->tree.marks[w->tree.marks_n - 1];
	if (last != NULL && m->head.size < last->head.size)
		return COSIGN_SMALLER;
	if (last != NULL && m->head.size == last->head.size)
		return sha_eq(&m->head.root, &last->head.root) ? COSIGN_ALREADY
							       : COSIGN_SPLIT;
	switch (attest_judge(&w->tree, w->tree.marks_n - 1, w->points,
			     w->tree.marks_n)) {
	case ATTEST_RIGHT:
		break;
	case ATTEST_UNCHECKED:
		return COSIGN_UNCHECKED;
	case ATTEST_ROLLBACK:
		return COSIGN_SMALLER;
	case ATTEST_SPLIT:
		return COSIGN_SPLIT;
	case ATTEST_WRONG:
		return COSIGN_WRONG;
	}
	/* PROTOCOL: cosigns only what has the root of its entries and extends
	 * what it cosigned before of the same origin */
	return last == NULL || is_same(w, &last->head) ? COSIGN_DONE
						       : COSIGN_SPLIT;
}

/* A time that was cosigned is there for ever, and by quorum it is everybody's:
 * a clock of 1970, or of 2100, is better asked about first. */
static int check_clock(const struct knowing *w, struct cosign_result *out,
		       uint64_t now_ms)
{
	const struct position *at = &w->tree.marks[w->tree.marks_n - 1].at;
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err = store_entry(w->k->store, &at->feed, at->seq, raw, &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0 && (now_ms > e.time_ms + LATE_DAYS * DAY_MS ||
			 now_ms < days_before(FIRST_YEAR, 1) * DAY_MS))
		out->answer = COSIGN_CLOCK;
	return err;
}

static int record(struct knowing *w, struct cosign_result *out, uint64_t now_ms)
{
	struct cosigned c = { .witness = w->k->feed, .time_s = now_ms / 1000 };
	uint8_t facts[512];
	struct draft d = { KIND_COSIGN, now_ms, facts, 0 };
	struct recorded at;
	int err;

	c.head = w->tree.marks[w->tree.marks_n - 1].head;
	err = treehead_cosign(&c.sig, &c.head, w->k->node, c.time_s);
	if (err == 0)
		err = cosigned_encode(facts, &d.facts_n, &c);
	if (err == 0)
		err = keeper_record(w->k, &at, &d, 1, NULL);
	if (err == 0) {
		out->seq = at.seq;
		out->id = at.id;
	}
	return err;
}

static int answer(struct knowing *w, struct cosign_result *out, uint64_t now_ms)
{
	*out = (struct cosign_result){ .answer = judge(w) };
	if (w->tree.marks_n > 0)
		out->size = w->tree.marks[w->tree.marks_n - 1].head.size;
	if (w->ours.n > 0) {
		const struct cosigned *last = &w->ours.at[w->ours.n - 1];

		out->had = last->head.size;
		out->seq = last->at.seq;
		out->id = last->at.id;
	}
	if (out->answer == COSIGN_DONE) {
		int err = check_clock(w, out, now_ms);

		if (err != 0)
			return err;
	}
	return out->answer == COSIGN_DONE ? record(w, out, now_ms) : 0;
}

int cosign_make(struct keeper *k, struct cosign_result *out,
		const struct pubkey *feed, uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	const struct roster_feed *f = r == NULL ? NULL : roster_feed(r, feed);
	const struct member *me =
		r == NULL ? NULL : roster_member(r, &k->identity);
	struct knowing w = { .k = k };
	int err;

	if (f == NULL || me == NULL || !me->is_standing ||
	    !witness_may(r, &k->identity, &f->identity))
		return ERR_DENIED;
	err = learn(&w, feed);
	if (err == 0)
		err = answer(&w, out, now_ms);
	free(w.points);
	free(w.ours.at);
	attest_release(&w.tree);
	return err;
}

static int serve_checkpoint(struct keeper *k, struct wr *w)
{
	struct checkpointed c;
	int err = checkpoint_make(k, &c, cmd_now());

	if (err != 0)
		return err;
	wr_array(w, 4);
	wr_uint(w, c.seq);
	wr_bin(w, c.id.b, ID_SIZE);
	wr_uint(w, c.size);
	wr_uint(w, c.is_new);
	return 0;
}

static int serve_cosign(struct keeper *k, struct rd *args, struct wr *w)
{
	struct cosign_result c;
	struct pubkey feed;
	int err;

	rd_fixed(args, feed.b, KEY_SIZE);
	err = rd_end(args);
	if (err == 0)
		err = cosign_make(k, &c, &feed, cmd_now());
	if (err != 0)
		return err;
	wr_array(w, 5);
	wr_uint(w, (uint64_t)c.answer);
	wr_uint(w, c.seq);
	wr_bin(w, c.id.b, ID_SIZE);
	wr_uint(w, c.size);
	wr_uint(w, c.had);
	return 0;
}

int checkpointing_serve(struct keeper *k, struct ctl_request *req,
			struct ctl_reply *reply)
{
	if (strcmp(req->verb, "checkpoint") == 0)
		return serve_checkpoint(k, &reply->value);
	if (strcmp(req->verb, "cosign") == 0)
		return serve_cosign(k, &req->args, &reply->value);
	return ERR_NOT_FOUND;
}
