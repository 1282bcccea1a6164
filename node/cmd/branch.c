#include "node/cmd/branch.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/entry.h"
#include "proto/evidence/evidence.h"
#include "proto/roster/roster_limit.h"
#include "store/evidence.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

struct visiting {
	entry_visit *visit;
	void *arg;
};

static int walk_branch(const struct run *run, const struct visiting *v)
{
	uint8_t buf[LIMIT_ENTRY];
	struct run_walk walk;
	struct entry e;
	struct id id;
	int err = 0;

	run_walk_init(&walk, run);
	while (err == 0 && run_walk_next(&walk, &e, &id, buf) == 0)
		err = v->visit(v->arg, e.raw, e.raw_n);
	return err;
}

static int visit_proof(void *arg, const uint8_t *raw, size_t n)
{
	const struct visiting *v = arg;
	struct evidence e;
	int err;

	if (evidence_decode(&e, raw, n) != 0 || e.type != EVIDENCE_FORK)
		return 0;
	err = walk_branch(&e.branch[0], v);
	return err == 0 ? walk_branch(&e.branch[1], v) : err;
}

int branch_each(struct desk *d, entry_visit *visit, void *arg)
{
	struct visiting v = { visit, arg };
	size_t n = roster_limit_count(desk_roster(d));
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		const struct feed_limit *l = roster_limit_at(desk_roster(d), i);

		err = store_disputed(d->store, &l->feed, visit, arg);
		err = err == ERR_NOT_FOUND ? 0 : err;
	}
	return err == 0 ? store_evidence_each(d->store, visit_proof, &v) : err;
}

/* What is looked for, and what was found. */
struct search {
	struct desk *desk;
	const char *text;
	struct position at;
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
	if (!is_named(x, &e, &id) || (x->n > 0 && id_eq(&id, &x->at.id)))
		return 0;
	if (x->n++ == 0)
		x->at = (struct position){ e.feed, e.seq, id };
	len = strlen(x->why->text);
	hex_encode(hex, id.b, ID_SIZE);
	snprintf(x->why->text + len, sizeof(x->why->text) - len, "%s%s",
		 len > 0 ? ", " : "", hex);
	return 0;
}

int branch_find(struct position *out, struct desk *d, const char *text,
		struct reason *why)
{
	struct reason found = { "" };
	struct search x = { .desk = d, .text = text, .why = &found };
	int err = branch_each(d, look, &x);

	if (err == 0 && x.n == 0)
		err = ERR_NOT_FOUND;
	if (err == 0 && x.n > 1) {
		reason_set(why, ERR_EXISTS, _("'%s' may be one of: %s"), text,
			   found.text);
		err = ERR_EXISTS;
	}
	if (err == 0)
		*out = x.at;
	return err;
}
