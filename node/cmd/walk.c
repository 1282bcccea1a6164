#include "node/cmd/walk.h"

#include "crypto/err.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 * 1024 };

/* The feeds to walk, and how far. */
struct tips {
	struct tip {
		struct pubkey feed;
		uint64_t seq;
	} * at;
	size_t n, max;
	const struct walker *w;
};

static int note_tip(void *arg, const struct head *head)
{
	struct tips *t = arg;

	if (t->w->want != NULL && !t->w->want(t->w->arg, &head->feed))
		return 0;
	if (t->n == t->max) {
		size_t max = t->max == 0 ? 64 : 2 * t->max;
		struct tip *at = realloc(t->at, max * sizeof(*at));

		if (at == NULL)
			return ERR_NOMEM;
		t->at = at;
		t->max = max;
	}
	t->at[t->n++] = (struct tip){ head->feed, head->seq };
	return 0;
}

/* Entries copied out of the store, one behind the other. */
struct piece {
	uint8_t *p; /* PIECE bytes */
	size_t n;
	uint64_t last; /* copy no further than this seq */
	uint64_t next; /* the one to copy next */
	size_t len[PIECE / 128];
	size_t count;
};

static int copy_out(void *arg, const uint8_t *raw, size_t n)
{
	struct piece *x = arg;

	if (x->next > x->last || n > PIECE - x->n ||
	    x->count == sizeof(x->len) / sizeof(x->len[0]))
		return 1;
	memcpy(x->p + x->n, raw, n);
	x->len[x->count++] = n;
	x->n += n;
	x->next++;
	return 0;
}

static int show_piece(const struct piece *x, const struct walker *w)
{
	const uint8_t *p = x->p;

	for (size_t i = 0; i < x->count; i++) {
		struct entry e;
		int err = entry_decode(&e, p, x->len[i]);

		if (err == 0)
			err = w->visit(w->arg, &e);
		if (err != 0)
			return err;
		p += x->len[i];
	}
	return 0;
}

static int walk_feed(struct store *s, const struct tip *tip, struct piece *x,
		     const struct walker *w)
{
	x->next = 1;
	x->last = tip->seq;
	while (x->next <= x->last) {
		uint64_t from = x->next;
		int err;

		x->n = 0;
		x->count = 0;
		err = store_entries(s, &tip->feed, from, copy_out, x);
		if (err < 0)
			return err;
		err = show_piece(x, w);
		if (err != 0)
			return err;
		/* A feed that was cut meanwhile ends sooner. */
		if (x->next == from)
			break;
	}
	return 0;
}

int walk(struct store *s, const struct walker *w)
{
	struct tips tips = { .w = w };
	struct piece *x = malloc(sizeof(*x));
	int err = ERR_NOMEM;

	if (x == NULL)
		return ERR_NOMEM;
	x->p = malloc(PIECE);
	if (x->p != NULL)
		err = store_heads(s, note_tip, &tips);
	for (size_t i = 0; i < tips.n && err == 0; i++)
		err = walk_feed(s, &tips.at[i], x, w);
	free(x->p);
	free(x);
	free(tips.at);
	return err;
}
