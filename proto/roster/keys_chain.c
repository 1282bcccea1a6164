#include "crypto/err.h"
#include "proto/grow.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>
#include <string.h>

/* Early: before anybody is placed, when only founders have been heard. */
static bool is_named(const struct edge *e, bool is_early)
{
	return is_early ? e->was_agreed : e->is_named;
}

static bool goes_before(const struct edge *a, const struct edge *b,
			bool is_early)
{
	bool x = is_named(a, is_early), y = is_named(b, is_early);

	if (x != y)
		return x;
	if (x && a->depth != b->depth)
		return a->depth < b->depth;
	return id_cmp(&a->id, &b->id) < 0;
}

static size_t place_in(const struct chain *c, const struct pubkey *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (pubkey_eq(&c->key[i], key))
			return i;
	return SIZE_MAX;
}

/* The rotation that follows upon the last key of the chain, or NULL. */
static struct edge *next_edge(const struct fold *f, const struct chain *c,
			      bool is_early)
{
	struct edge *best = NULL, *e;

	for (size_t i = keys_first(f, &c->key[0]);
	     (e = keys_edge(f, i, &c->key[0])) != NULL; i++) {
		const struct alias *a = keys_alias_of(f, &e->to);

		if (!pubkey_eq(&e->from, &c->key[c->n - 1]) || a == NULL ||
		    !pubkey_eq(&a->who, &e->who) || e->is_void ||
		    !(e->is_signed || is_named(e, is_early)) ||
		    place_in(c, &e->to) != SIZE_MAX)
			continue;
		if (best == NULL || goes_before(e, best, is_early))
			best = e;
	}
	return best;
}

static void walk(struct chain *c, const struct fold *f,
		 const struct pubkey *who, bool is_early)
{
	struct edge *e;

	c->key[0] = *who;
	c->n = 1;
	while (c->n <= LIMIT_ROTATIONS &&
	       (e = next_edge(f, c, is_early)) != NULL)
		c->key[c->n++] = e->to;
}

/* What one rotation leaves of the feeds before it, from all that say it. */
struct leave {
	struct bar *at;
	size_t n, max;
};

static int bar_order(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;
	int c = pubkey_cmp(&x->feed, &y->feed);

	if (c != 0)
		return c;
	if (x->seq != y->seq)
		return x->seq > y->seq ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

static int add_leave(struct leave *l, const struct bar *b)
{
	if (grow(&l->at, &l->max, l->n, sizeof(*l->at)) != 0)
		return ERR_NOMEM;
	l->at[l->n++] = *b;
	return 0;
}

static int read_leave(struct leave *l, const struct roster *r,
		      const struct edge *e)
{
	struct position *pins = calloc(LIMIT_PINS, sizeof(*pins));
	struct id *feeds = calloc(LIMIT_PINS, sizeof(*feeds));
	int err = pins == NULL || feeds == NULL ? ERR_NOMEM : 0;
	size_t pins_n = 0, feeds_n = 0;
	struct record rec;

	if (err == 0) {
		said_read(&rec, &r->said[e->said]);
		pins_n = record_positions(&rec, FACT_PINS, pins, LIMIT_PINS);
		feeds_n = record_ids(&rec, FACT_FEEDS, feeds, LIMIT_PINS);
	}
	for (size_t i = 0; i < pins_n && err == 0; i++)
		err = add_leave(l, &(struct bar){ pins[i].feed, pins[i].seq,
						  pins[i].id });
	for (size_t i = 0; i < feeds_n && err == 0; i++) {
		struct bar b = { .seq = UINT64_MAX };

		memcpy(b.feed.b, feeds[i].b, KEY_SIZE);
		err = add_leave(l, &b);
	}
	free(pins);
	free(feeds);
	return err;
}

static int fill_leave(struct leave *l, const struct fold *f,
		      const struct roster *r, const struct chain *c,
		      size_t step, bool is_early)
{
	const struct edge *e;
	int err = 0;

	l->n = 0;
	for (size_t i = keys_first(f, &c->key[0]);
	     err == 0 && (e = keys_edge(f, i, &c->key[0])) != NULL; i++)
		if ((e->is_signed || is_named(e, is_early)) &&
		    pubkey_eq(&e->from, &c->key[step]) &&
		    pubkey_eq(&e->to, &c->key[step + 1]))
			err = read_leave(l, r, e);
	if (err == 0 && l->n > 0)
		qsort(l->at, l->n, sizeof(*l->at), bar_order);
	return err;
}

static struct bar look_up(const struct leave *l, const struct pubkey *feed)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&l->at[mid].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < l->n && pubkey_eq(&l->at[low].feed, feed))
		return l->at[low];
	return (struct bar){ .feed = *feed };
}

static size_t bar_slot(const struct fold *f, const struct pubkey *feed)
{
	size_t low = 0, high = f->bars_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&f->bars[mid].feed, feed) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct bar *keys_bar(const struct fold *f, const struct pubkey *feed)
{
	size_t at = f->bars_n == 0 ? 0 : bar_slot(f, feed);

	return at < f->bars_n && pubkey_eq(&f->bars[at].feed, feed)
		       ? &f->bars[at]
		       : NULL;
}

static int set_bar(struct fold *f, const struct bar *b)
{
	size_t at = f->bars_n == 0 ? 0 : bar_slot(f, &b->feed);

	if (b->seq == UINT64_MAX)
		return 0;
	if (at < f->bars_n && pubkey_eq(&f->bars[at].feed, &b->feed)) {
		if (b->seq < f->bars[at].seq)
			f->bars[at] = *b;
		return 0;
	}
	if (grow(&f->bars, &f->bars_max, f->bars_n, sizeof(*f->bars)) != 0)
		return ERR_NOMEM;
	memmove(f->bars + at + 1, f->bars + at,
		(f->bars_n - at) * sizeof(*f->bars));
	f->bars[at] = *b;
	f->bars_n++;
	return 0;
}

/* PROTOCOL: At each rotation of the chain the feeds of the keys before it go on
 * counting as far as it lists them */
static int bar_feeds(struct fold *f, const struct roster *r,
		     const struct chain *c)
{
	struct leave l = { NULL, 0, 0 };
	int err = 0;

	for (size_t step = 0; step < c->n && err == 0; step++) {
		if (step + 1 < c->n)
			err = fill_leave(&l, f, r, c, step, false);
		for (size_t i = 0; i < r->feeds_n && err == 0; i++) {
			const struct roster_feed *feed = &r->feeds[i];
			size_t at;

			if (!pubkey_eq(keys_root(f, &feed->certifier),
				       &c->key[0]))
				continue;
			at = place_in(c, &feed->certifier);
			if (at == SIZE_MAX)
				err = set_bar(
					f, &(struct bar){ .feed = feed->feed });
			else if (at <= step && step + 1 < c->n) {
				struct bar b = look_up(&l, &feed->feed);

				err = set_bar(f, &b);
			}
		}
	}
	free(l.at);
	return err;
}

/* PROTOCOL: A `release` raises what a rotation lets count of a feed */
static void raise_bars(struct fold *f, const struct roster *r, size_t who,
		       const struct chain *c)
{
	const struct person *p = &f->people[who];

	for (size_t i = p->verdict; i < p->verdict_end; i++) {
		const struct roster_feed *feed;
		struct bar to;
		uint64_t end;
		size_t at;

		if (!keys_release(&to, &end, f, r, who, &f->verdicts[i]) ||
		    end != 0)
			continue;
		feed = roster_feed(r, &to.feed);
		if (feed == NULL || place_in(c, &feed->certifier) == SIZE_MAX)
			continue;
		at = f->bars_n == 0 ? 0 : bar_slot(f, &to.feed);
		if (at < f->bars_n && pubkey_eq(&f->bars[at].feed, &to.feed) &&
		    bar_order(&to, &f->bars[at]) < 0)
			f->bars[at] = to;
	}
}

static int keep_chain(struct fold *f, struct person *p, const struct chain *c)
{
	struct edge *e;

	p->keys = f->keys_n;
	for (size_t i = 1; i < c->n; i++) {
		struct alias *a = keys_alias_of(f, &c->key[i]);

		if (grow(&f->keys, &f->keys_max, f->keys_n, sizeof(*f->keys)) !=
		    0)
			return ERR_NOMEM;
		f->keys[f->keys_n++] = c->key[i];
		a->is_used = true;
	}
	p->keys_end = f->keys_n;
	p->m.key = c->key[c->n - 1];
	for (size_t i = keys_first(f, &c->key[0]);
	     (e = keys_edge(f, i, &c->key[0])) != NULL; i++) {
		size_t at = place_in(c, &e->from);

		e->is_used = (e->is_signed || e->is_named) && at != SIZE_MAX &&
			     at + 1 < c->n &&
			     pubkey_eq(&c->key[at + 1], &e->to);
	}
	return 0;
}

int keys_judge(struct fold *f, const struct roster *r, size_t who)
{
	struct person *p = &f->people[who];
	size_t first = keys_first(f, &p->m.identity);
	struct chain c;
	struct edge *e;
	int err;

	p->m.key = p->m.identity;
	if (keys_edge(f, first, &p->m.identity) == NULL)
		return 0;
	for (size_t i = first; (e = keys_edge(f, i, &p->m.identity)) != NULL;
	     i++)
		keys_name(f, r, e, who);
	walk(&c, f, &p->m.identity, false);
	err = keep_chain(f, p, &c);
	if (err == 0)
		err = bar_feeds(f, r, &c);
	if (err == 0)
		raise_bars(f, r, who, &c);
	return err;
}

int keys_founder(struct pubkey *out, uint64_t *upto, const struct fold *f,
		 const struct roster *r, const struct pubkey *feed)
{
	const struct roster_feed *found = roster_feed(r, feed);
	struct leave l = { NULL, 0, 0 };
	struct chain c;
	size_t at;
	int err = 0;

	*upto = 0;
	if (found == NULL)
		return 0;
	*out = *keys_root(f, &found->certifier);
	*upto = limits_undisputed(r, feed);
	if (f->edges_n == 0)
		return 0;
	walk(&c, f, out, true);
	at = place_in(&c, &found->certifier);
	if (at == SIZE_MAX)
		*upto = 0;
	for (size_t i = at; *upto > 0 && i + 1 < c.n && err == 0; i++) {
		uint64_t n;

		err = fill_leave(&l, f, r, &c, i, true);
		n = err == 0 ? look_up(&l, feed).seq : 0;
		*upto = n < *upto ? n : *upto;
	}
	free(l.at);
	return err;
}
