#include "node/cmd/branch.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/hash.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/entry.h"
#include "proto/evidence/evidence.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "store/evidence.h"
#include "store/ids.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct visiting {
	struct desk *desk;
	entry_visit *visit;
	void *arg;
	struct ids seen;
	uint8_t held[LIMIT_ENTRY];
	uint8_t proof[LIMIT_EVIDENCE];
};

static int visit_once(void *arg, const uint8_t *raw, size_t n)
{
	struct visiting *v = arg;
	struct id id = hash_id(raw, n);
	bool is_new;
	int err = ids_add(&v->seen, &is_new, &id);

	return err == 0 && is_new ? v->visit(v->arg, raw, n) : err;
}

/* Is this the entry that counts at its place? */
static int is_held(struct visiting *v, bool *out, const struct entry *e)
{
	size_t n = 0;
	int err = store_entry(v->desk->store, &e->feed, e->seq, v->held, &n);

	*out = err == 0 && n == e->raw_n && memcmp(v->held, e->raw, n) == 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int walk_branch(const struct run *run, struct visiting *v)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct id id;
	int err = 0;

	run_walk_init(&walk, run);
	while (err == 0 && run_walk_next(&walk, &e, &id, buf) == 0) {
		bool is_there;

		err = is_held(v, &is_there, &e);
		if (err == 0 && !is_there)
			err = visit_once(v, e.raw, e.raw_n);
	}
	return err;
}

static int visit_proof(struct visiting *v, const struct pubkey *feed)
{
	struct evidence e;
	size_t n;
	int err = store_evidence_get(v->desk->store, feed, EVIDENCE_FORK,
				     v->proof, &n);

	if (err == 0)
		err = evidence_decode(&e, v->proof, n);
	if (err == 0)
		err = walk_branch(&e.branch[0], v);
	return err == 0 ? walk_branch(&e.branch[1], v) : err;
}

int branch_each(struct desk *d, entry_visit *visit, void *arg)
{
	struct visiting *v = calloc(1, sizeof(*v));
	size_t n = roster_limit_count(desk_roster(d));
	int err = v == NULL ? ERR_NOMEM : 0;

	if (err != 0)
		return err;
	*v = (struct visiting){ .desk = d, .visit = visit, .arg = arg };
	ids_init(&v->seen);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct feed_limit *l = roster_limit_at(desk_roster(d), i);

		err = store_disputed(d->store, &l->feed, visit_once, v);
		if (err == 0 || err == ERR_NOT_FOUND)
			err = visit_proof(v, &l->feed);
		err = err == ERR_NOT_FOUND ? 0 : err;
	}
	ids_clear(&v->seen);
	free(v);
	return err;
}

int branch_owner(struct pubkey *out, struct desk *d, const struct pubkey *feed)
{
	uint8_t *proof = malloc(LIMIT_EVIDENCE + LIMIT_ENTRY);
	struct evidence e;
	struct record rec;
	struct entry first;
	struct id id;
	size_t n;
	int err = proof == NULL ? ERR_NOMEM
				: store_evidence_get(d->store, feed,
						     EVIDENCE_FORK, proof, &n);

	if (err == 0)
		err = evidence_decode(&e, proof, n);
	if (err == 0)
		err = evidence_first(&first, &id, &e, 0,
				     proof + LIMIT_EVIDENCE);
	if (err == 0 && (first.seq != 1 || first.kind != KIND_OPEN))
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = record_decode(&rec, first.kind, first.facts,
				    first.facts_n);
	if (err == 0)
		*out = record_key(&rec, FACT_IDENTITY);
	free(proof);
	return err;
}

enum branch_why branch_why(uint64_t *last, struct desk *d,
			   const struct position *at)
{
	const struct feed_limit *l = roster_limit(desk_roster(d), &at->feed);
	struct head head;

	*last = l == NULL ? 0 : l->limit;
	if (l == NULL || l->fork == 0 ||
	    (l->end.seq != 0 && l->end.seq < l->fork))
		return BRANCH_ENDED;
	if (l->limit < l->fork)
		return BRANCH_FORKED;
	if (store_head(d->store, &at->feed, &head) != 0 || head.seq < l->fork)
		return BRANCH_AWAITED;
	return BRANCH_OTHER;
}

/* What is looked for, and what was found. */
struct search {
	struct desk *desk;
	const char *text;
	struct position at;
	uint8_t *raw;
	size_t raw_n;
	size_t n;
	struct reason *why;
};

static bool is_named(struct search *x, const struct entry *e,
		     const struct id *id)
{
	char hex[2 * ID_SIZE + 1], ref[REF_TEXT + 24], feed[2 * KEY_SIZE + 24];
	size_t n = strlen(x->text);

	hex_encode(hex, id->b, ID_SIZE);
	if (n >= 8 && n <= 2 * ID_SIZE && strncmp(hex, x->text, n) == 0)
		return true;
	feed_text(ref, desk_roster(x->desk), &e->feed);
	snprintf(ref + strlen(ref), 24, "/%llu", (unsigned long long)e->seq);
	hex_encode(feed, e->feed.b, KEY_SIZE);
	snprintf(hex, sizeof(hex), "/%llu", (unsigned long long)e->seq);
	return strcmp(ref, x->text) == 0 ||
	       (n > strlen(hex) + 7 &&
		strcmp(x->text + n - strlen(hex), hex) == 0 &&
		strncmp(feed, x->text, n - strlen(hex)) == 0);
}

static int look(void *arg, const uint8_t *raw, size_t n)
{
	struct search *x = arg;
	char hex[2 * ID_SIZE + 1];
	struct entry e;
	struct id id;
	size_t len;

	if (entry_decode(&e, raw, n) != 0)
		return ERR_FORMAT;
	id = entry_id(&e);
	if (!is_named(x, &e, &id))
		return 0;
	if (x->n++ == 0) {
		x->at = (struct position){ e.feed, e.seq, id };
		x->raw_n = n;
		memcpy(x->raw, raw, n);
	}
	len = strlen(x->why->text);
	hex_encode(hex, id.b, ID_SIZE);
	snprintf(x->why->text + len, sizeof(x->why->text) - len, "%s%s",
		 len > 0 ? ", " : "", hex);
	return 0;
}

int branch_find(struct position *out, uint8_t raw[static LIMIT_ENTRY],
		size_t *n, struct desk *d, const char *text, struct reason *why)
{
	struct reason found = { "" };
	struct search x = {
		.desk = d, .text = text, .raw = raw, .why = &found
	};
	int err = branch_each(d, look, &x);

	if (err == 0 && x.n == 0)
		err = ERR_NOT_FOUND;
	if (err == 0 && x.n > 1) {
		reason_set(why, ERR_EXISTS, _("'%s' may be one of: %s"), text,
			   found.text);
		err = ERR_EXISTS;
	}
	if (err == 0) {
		*out = x.at;
		*n = x.raw_n;
	}
	return err;
}
