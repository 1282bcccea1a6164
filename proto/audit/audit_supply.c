#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * Goods that one member recorded as come from outside, while another one, who
 * is named as their source, has recorded that it sent them.
 */

/* One line of a supply by a member. */
struct supplied {
	struct pubkey from, to;
	struct line line;
	uint32_t feed, at;
	bool is_told;
};

struct supplies {
	struct supplied *at; /* owned */
	size_t n, max;
	struct cases *cases;
	struct delivery *d; /* scratch */
};

static int by_goods(const void *a, const void *b)
{
	const struct supplied *x = a, *y = b;
	size_t n = x->line.item_n < y->line.item_n ? x->line.item_n
						   : y->line.item_n;
	int c = pubkey_cmp(&x->from, &y->from);

	if (c == 0)
		c = pubkey_cmp(&x->to, &y->to);
	if (c == 0)
		c = memcmp(x->line.item, y->line.item, n);
	return c != 0 ? c
		      : (x->line.item_n > y->line.item_n) -
				(x->line.item_n < y->line.item_n);
}

static int by_place(const void *a, const void *b)
{
	const struct supplied *x = a, *y = b;
	int c = by_goods(a, b);

	if (c != 0)
		return c;
	if (x->feed != y->feed)
		return x->feed < y->feed ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int take_supply(struct fold *f, const struct look *l, void *arg)
{
	struct supplies *all = arg;
	struct pubkey from = record_key(&l->rec->rec, FACT_FROM);
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&l->rec->rec, FACT_LINES, lines);
	const struct member *m = roster_member(f->a->roster, &from);

	if (m == NULL || pubkey_eq(&m->identity, &l->rec->author))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (grow(&all->at, &all->max, all->n, sizeof(*all->at)) != 0)
			return ERR_NOMEM;
		all->at[all->n++] = (struct supplied){
			.from = m->identity,
			.to = l->rec->author,
			.line = lines[i],
			.feed = (uint32_t)l->feed,
			.at = (uint32_t)l->at,
		};
	}
	return 0;
}

/* The first supply of these goods that is not told of yet, or NULL. */
static struct supplied *find(const struct supplies *all,
			     const struct supplied *key)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_goods(&all->at[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == all->n || by_goods(&all->at[low], key) != 0 ||
	    all->at[low].is_told)
		return NULL;
	return &all->at[low];
}

/* Is something of this line still on its way?  What nobody refers to is not
 * found, and all of it is. */
static int is_open(const struct supplies *all, const struct look *l,
		   const struct line *line, bool *out)
{
	const struct delivery *d = all->d;
	int err = book_delivery(l->view, all->d, &l->rec->id);

	*out = err == ERR_NOT_FOUND;
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	for (size_t i = 0; i < d->n; i++)
		if (d->line[i].item_n == line->item_n &&
		    memcmp(d->line[i].item, line->item, line->item_n) == 0)
			*out = d->line[i].qty >
			       d->accepted[i] + d->refused[i] + d->lost[i];
	return 0;
}

/* PROTOCOL: of one item, sender and receiver the first supply and the first
 * delivery are told of */
static int tell(const struct supplies *all, const struct look *l,
		struct supplied *s)
{
	struct look here = *l;
	struct audit_case c;
	int err;

	here.cases = all->cases;
	here.feed = s->feed;
	here.at = s->at;
	err = look_case(&here, DUP_06, &s->line, s->line.qty);
	if (err != 0)
		return err;
	c = all->cases->at[all->cases->n - 1];
	c.feed = (uint32_t)l->feed;
	c.at = (uint32_t)l->at;
	c.amount = 0;
	s->is_told = true;
	return cases_add(all->cases, &c);
}

static int take_delivery(struct fold *f, const struct look *l, void *arg)
{
	struct supplies *all = arg;
	struct pubkey to = record_key(&l->rec->rec, FACT_TO);
	const struct member *m = roster_member(f->a->roster, &to);
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&l->rec->rec, FACT_LINES, lines);
	int err = 0;

	for (size_t i = 0; m != NULL && i < n && err == 0; i++) {
		const struct supplied key = { .from = l->rec->author,
					      .to = m->identity,
					      .line = lines[i] };
		struct supplied *s = find(all, &key);
		bool open = false;

		if (s != NULL)
			err = is_open(all, l, &lines[i], &open);
		if (err == 0 && open)
			err = tell(all, l, s);
	}
	return err;
}

/* Only who is named as the source of something is asked what it sent. */
static bool is_source(const struct supplies *all, const struct pubkey *who)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pubkey_cmp(&all->at[mid].from, who) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < all->n && pubkey_eq(&all->at[low].from, who);
}

int supply_tell(struct fold *f, struct cases *cases)
{
	struct supplies all = { .cases = cases };
	int err = rules_each(f, KIND_SUPPLY, KIND_SUPPLY, take_supply, &all);

	if (err == 0 && all.n > 0) {
		qsort(all.at, all.n, sizeof(*all.at), by_place);
		all.d = calloc(1, sizeof(*all.d));
		err = all.d == NULL ? ERR_NOMEM : 0;
	}
	for (size_t i = 0; all.n > 0 && i < f->feeds_n && err == 0; i++)
		if (is_source(&all, &f->feeds[i].author))
			err = rules_feed(f, i, KIND_DELIVER, KIND_DELIVER,
					 take_delivery, &all);
	free(all.d);
	free(all.at);
	return err;
}
