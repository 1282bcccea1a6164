#include "crypto/err.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>

/* One founder's word for the key of another. */
struct word {
	struct edge *edge;
	struct pubkey by;
	unsigned missing; /* checkpoints after it */
};

static int by_all(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	int c = pubkey_cmp(&x->edge->who, &y->edge->who);

	if (c == 0)
		c = pubkey_cmp(&x->edge->from, &y->edge->from);
	if (c == 0)
		c = pubkey_cmp(&x->edge->to, &y->edge->to);
	if (c == 0)
		c = pubkey_cmp(&x->by, &y->by);
	if (c == 0)
		c = (x->missing > y->missing) - (x->missing < y->missing);
	return c != 0 ? c : id_cmp(&x->edge->id, &y->edge->id);
}

static bool may_speak(const struct fold *f, const struct roster *r,
		      const struct edge *e)
{
	const struct roster_feed *feed = roster_feed(r, &r->said[e->said].feed);
	const struct pubkey *by;

	if (feed == NULL || e->is_void ||
	    !charter_has_founder(&f->charter, &e->who))
		return false;
	by = keys_root(f, &feed->certifier);
	return charter_has_founder(&f->charter, by) && !pubkey_eq(by, &e->who);
}

/* *is_one: it is the word of another founder, and is heard. */
static int read_word(struct word *out, bool *is_one, const struct fold *f,
		     const struct roster *r, struct edge *e)
{
	const struct said *s = &r->said[e->said];
	uint64_t upto;
	size_t ticks;
	int err;

	*is_one = false;
	if (!may_speak(f, r, e))
		return 0;
	err = keys_founder(&out->by, &upto, f, r, &s->feed);
	if (err != 0 || s->seq > upto)
		return err;
	ticks = rotation_ticks(r, s, upto);
	out->edge = e;
	/* PROTOCOL: it names at once
	 * what is signed */
	out->missing = ticks >= ROTATION_CHECKPOINTS || keys_has_signed(f, e)
			       ? 0
			       : (unsigned)(ROTATION_CHECKPOINTS - ticks);
	*is_one = true;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* PROTOCOL: as soon as more than half of the founders have said the same three
 * keys */
static void judge(const struct word *w, size_t n, size_t founders)
{
	unsigned waits[LIMIT_FOUNDERS];
	size_t voices = 0, needed = founders / 2 + 1;
	bool is_agreed;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || !pubkey_eq(&w[i].by, &w[i - 1].by))
			waits[voices++] = w[i].missing;
	qsort(waits, voices, sizeof(waits[0]), by_number);
	is_agreed = voices >= needed && waits[needed - 1] == 0;
	for (size_t i = 0; i < n; i++) {
		struct edge *e = w[i].edge;

		e->is_entitled = true;
		e->voices = voices < needed ? needed - voices : 0;
		e->missing = voices < needed ? w[i].missing : waits[needed - 1];
		e->is_agreed = e->is_agreed || (is_agreed && w[i].missing == 0);
	}
}

int keys_agree(struct fold *f, const struct roster *r)
{
	struct word *w;
	bool is_one;
	size_t n = 0, end;
	int err = 0;

	if (f->edges_n == 0)
		return 0;
	w = calloc(f->edges_n, sizeof(*w));
	if (w == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->edges_n && err == 0; i++) {
		err = read_word(&w[n], &is_one, f, r, &f->edges[i]);
		n += err == 0 && is_one;
	}
	if (err == 0)
		qsort(w, n, sizeof(*w), by_all);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++)
			if (!keys_is_twin(w[i].edge, w[end].edge))
				break;
		judge(w + i, end - i, f->charter.founders_n);
	}
	free(w);
	return err;
}
