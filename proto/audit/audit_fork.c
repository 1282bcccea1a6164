#include "proto/audit/audit_fold.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/evidence/evidence.h"
#include "proto/grow.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"

#include <stdlib.h>
#include <string.h>

/* Whose the feed is; a fork of its first entry brings an `open` along. */
static bool whose(const struct fold *f, struct pubkey *out,
		  const struct evidence *e)
{
	const struct roster_feed *feed = roster_feed(f->a->roster, &e->feed);
	uint8_t buf[LIMIT_ENTRY];
	struct record rec;
	struct entry first;
	struct id id;

	if (feed != NULL) {
		*out = feed->identity;
		return true;
	}
	if (e->type != EVIDENCE_FORK || e->seq != 1 ||
	    evidence_first(&first, &id, e, 0, buf) != 0 ||
	    !roster_certified(&f->a->network, &first) ||
	    record_decode(&rec, first.kind, first.facts, first.facts_n) != 0)
		return false;
	*out = record_key(&rec, FACT_IDENTITY);
	return true;
}

static int take_proof(struct fold *f, const struct evidence *e)
{
	const struct position at = { e->feed, e->seq, e->id };
	uint8_t buf[LIMIT_ENTRY];
	struct audit_fork fork = { .feed = e->feed };
	bool changed;

	if (!whose(f, &fork.identity, e))
		return 0;
	if (e->type == EVIDENCE_END)
		return roster_check_end(f->a->roster, e) == 0
			       ? roster_end(f->a->roster, &changed, &at)
			       : 0;
	if (evidence_check_fork(e, &f->a->network, buf) != 0)
		return 0;
	if (grow(&f->a->forks, &f->forks_max, f->a->forks_n,
		 sizeof(*f->a->forks)) != 0)
		return ERR_NOMEM;
	f->a->forks[f->a->forks_n++] = fork;
	return roster_fork(f->a->roster, &changed, &e->feed, e->seq);
}

/* An `end` proves itself, wherever it stands. */
static int take_end(struct fold *f, const struct entry *e)
{
	uint8_t room[EVIDENCE_END_MAX];
	struct evidence ev;
	struct position at;
	struct record rec;
	struct sig proof;
	size_t n;

	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0 ||
	    record_positions(&rec, FACT_POSITION, &at, 1) != 1)
		return 0;
	memcpy(proof.b, rec.v[FACT_PROOF].p, SIG_SIZE);
	if (evidence_make_end(room, &n, &at, &proof) != 0 ||
	    evidence_decode(&ev, room, n) != 0)
		return 0;
	return take_proof(f, &ev);
}

/* All entries of one kind, which are few. */
static int each_of(struct fold *f, uint32_t kind,
		   int (*take)(struct fold *f, const struct entry *e))
{
	int err = 0;

	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;

		if (!scan_has(s, kind, kind))
			continue;
		for (size_t k = 0; k < s->n && err == 0; k++) {
			struct entry e;

			if (s->at[k].kind != kind)
				continue;
			err = entry_decode(&e, s->at[k].raw, s->at[k].raw_n);
			if (err == 0)
				err = take(f, &e);
		}
	}
	return err;
}

static int take_attest(struct fold *f, const struct entry *e)
{
	bool changed;

	return roster_attested(f->a->roster, &changed, e);
}

static int take_checkpoint(struct fold *f, const struct entry *e)
{
	bool changed;

	return roster_checkpointed(f->a->roster, &changed, e);
}

/* Who may end a feed follows from the rotations. */
static int take_checkpoints(struct fold *f)
{
	int err = 0;

	if (!roster_has_rotations(f->a->roster))
		return 0;
	err = each_of(f, KIND_CHECKPOINT, take_checkpoint);
	return err == 0 ? roster_solve(f->a->roster) : err;
}

static struct audit_scan *scan_of(struct fold *f, const struct pubkey *feed)
{
	size_t low = 0, high = f->feeds_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = pubkey_cmp(&f->feeds[mid].scan->feed, feed);

		if (c == 0)
			return f->feeds[mid].scan;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* How much of what was read belongs to the feed. */
static uint64_t belongs(const struct audit_scan *s, const struct feed_limit *l)
{
	if (l->limit > s->n)
		return s->n;
	if (l->fork != 0 && l->limit >= l->fork &&
	    !id_eq(&s->at[l->limit - 1].id, &l->tip))
		return l->fork - 1;
	return l->limit;
}

static bool cut_one(struct fold *f, const struct feed_limit *l)
{
	struct audit_scan *s = scan_of(f, &l->feed);
	uint64_t n = s == NULL ? 0 : belongs(s, l);

	if (s == NULL)
		return false;
	if (s->is_broken && s->broken_seq > l->limit)
		s->is_broken = false;
	if (n == s->n)
		return false;
	s->n = (size_t)n;
	roster_cut(f->a->roster, &s->feed, n);
	return true;
}

/* What is cut may have named how far others go. */
static int cut_all(struct fold *f)
{
	bool moved = true;
	int err = roster_solve(f->a->roster);

	while (err == 0 && moved) {
		moved = false;
		for (size_t i = 0; i < roster_limit_count(f->a->roster); i++) {
			struct feed_limit l = *roster_limit_at(f->a->roster, i);

			moved = cut_one(f, &l) || moved;
		}
		if (moved)
			err = roster_solve(f->a->roster);
	}
	return err;
}

static int by_feed(const void *a, const void *b)
{
	const struct audit_fork *x = a, *y = b;

	return pubkey_cmp(&x->feed, &y->feed);
}

/* Did who may say so put it down to a copied machine? */
static bool is_healed(const struct audit *a, const struct audit_fork *fork,
		      const struct feed_limit *l)
{
	enum cause cause;

	if (l->fork != 1)
		return feed_is_healed(l);
	/* PROTOCOL: A feed whose first entry is in dispute is nobody's, so no
	 * chain of it can be named: a `resolve` of it names none and says only
	 * how the fork came about */
	return roster_explained(a->roster, &cause, &fork->feed,
				&fork->identity) &&
	       cause == CAUSE_COPIED_MACHINE;
}

/* Those of members, each feed once. */
static void keep_forks(struct fold *f)
{
	struct audit *a = f->a;
	size_t kept = 0;

	if (a->forks_n > 0)
		qsort(a->forks, a->forks_n, sizeof(*a->forks), by_feed);
	for (size_t i = 0; i < a->forks_n; i++) {
		struct audit_fork fork = a->forks[i];
		const struct feed_limit *l =
			roster_limit(a->roster, &fork.feed);

		if (roster_member(a->roster, &fork.identity) == NULL ||
		    (kept > 0 && by_feed(&a->forks[kept - 1], &fork) == 0))
			continue;
		fork.seq = l->fork;
		fork.is_healed = is_healed(a, &fork, l);
		a->forks[kept++] = fork;
	}
	a->forks_n = kept;
}

int fold_forks(struct fold *f, const struct audit_proofs *proofs)
{
	int err = take_checkpoints(f);

	for (size_t i = 0; proofs != NULL && i < proofs->n && err == 0; i++) {
		struct evidence e;

		if (evidence_decode(&e, proofs->at[i].p, proofs->at[i].n) == 0)
			err = take_proof(f, &e);
	}
	if (err == 0)
		err = each_of(f, KIND_END, take_end);
	if (err == 0 && roster_has_forks(f->a->roster))
		err = each_of(f, KIND_ATTEST, take_attest);
	if (err == 0)
		err = cut_all(f);
	if (err == 0)
		keep_forks(f);
	return err;
}

/* PROTOCOL: a member's feed forked, and no `resolve` that counts put it down to
 * a copied machine */
int find_forks(struct fold *f)
{
	int err = 0;

	for (size_t i = 0; i < f->a->forks_n && err == 0; i++) {
		const struct audit_fork *fork = &f->a->forks[i];
		const struct member *m =
			roster_member(f->a->roster, &fork->identity);
		const struct position at = { fork->feed, fork->seq, { { 0 } } };
		struct finding x = { .code = LOG_10, .amount = fork->seq };

		if (fork->is_healed)
			continue;
		hex_encode(x.subject, fork->feed.b, KEY_SIZE);
		memcpy(x.who, m->label, sizeof(m->label));
		finding_prove(&x, &at);
		err = findings_add(&f->a->findings, &x);
	}
	return err;
}
