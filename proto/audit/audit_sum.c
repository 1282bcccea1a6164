#include "proto/audit/audit_sum.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* One change of stock at its place. */
struct event {
	int64_t delta;
	struct event *next; /* of the same account, in order of coming */
	uint32_t feed;
	uint32_t seq; /* an audit holds its entries by 32-bit numbers */
};

enum { BLOCK = 1000 };

/* Events stay where they are made: accounts chain them. */
struct block {
	struct block *next;
	size_t n;
	struct event at[BLOCK];
};

struct chain {
	struct event *first, *last;
	size_t n;
};

struct audit_sum {
	uint32_t *slot; /* open addressing; a power of two, half full at most */
	uint32_t mask;
	struct account *at;
	struct chain *chains; /* of the account at the same place */
	size_t n, max, chains_max;
	struct block *blocks; /* newest first */
};

int sum_open(struct audit_sum **out)
{
	struct audit_sum *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->mask = 1023;
	s->slot = malloc((size_t)(s->mask + 1) * sizeof(*s->slot));
	if (s->slot == NULL) {
		free(s);
		return ERR_NOMEM;
	}
	memset(s->slot, 0xff, (size_t)(s->mask + 1) * sizeof(*s->slot));
	*out = s;
	return 0;
}

static void free_blocks(struct audit_sum *s)
{
	while (s->blocks != NULL) {
		struct block *b = s->blocks;

		s->blocks = b->next;
		free(b);
	}
}

void sum_close(struct audit_sum *s)
{
	if (s == NULL)
		return;
	free_blocks(s);
	free(s->slot);
	free(s->at);
	free(s->chains);
	free(s);
}

/* FNV-1a over the item, mixed with bytes of the key, which is random. */
static uint32_t hash_of(const struct holder *h, const char *item, size_t n)
{
	uint32_t v = 2166136261U ^ be32_get(h->member.b) ^
		     be32_get(h->outsider.b) * 31U;

	for (size_t i = 0; i < n; i++)
		v = (v ^ (uint8_t)item[i]) * 16777619U;
	return v ^ v >> 15;
}

static bool is_same(const struct account *a, const struct holder *h,
		    const char *item, size_t n)
{
	return memcmp(a->item, item, n) == 0 && a->item[n] == '\0' &&
	       memcmp(&a->holder, h, sizeof(*h)) == 0;
}

static int widen(struct audit_sum *s, uint32_t mask)
{
	uint32_t *slot = malloc((size_t)(mask + 1) * sizeof(*slot));

	if (slot == NULL)
		return ERR_NOMEM;
	memset(slot, 0xff, (size_t)(mask + 1) * sizeof(*slot));
	for (uint32_t i = 0; i < s->n; i++) {
		const struct account *a = &s->at[i];
		uint32_t k = hash_of(&a->holder, a->item, strlen(a->item));

		while (slot[k & mask] != NONE)
			k++;
		slot[k & mask] = i;
	}
	free(s->slot);
	s->slot = slot;
	s->mask = mask;
	return 0;
}

int sum_expect(struct audit_sum *s, size_t n)
{
	uint32_t mask = s->mask;
	int err;

	while (n * 2 > mask && mask < UINT32_MAX / 2)
		mask = mask * 2 + 1;
	err = mask > s->mask ? widen(s, mask) : 0;
	if (err == 0)
		err = grow_to(&s->at, &s->max, n, sizeof(*s->at));
	if (err == 0)
		err = grow_to(&s->chains, &s->chains_max, n,
			      sizeof(*s->chains));
	return err;
}

size_t sum_count(const struct audit_sum *s)
{
	return s->n;
}

static int make_room(struct audit_sum *s)
{
	int err = 0;

	if (s->n * 2 > s->mask)
		err = widen(s, s->mask * 2 + 1);
	if (err == 0)
		err = grow(&s->at, &s->max, s->n, sizeof(*s->at));
	if (err == 0)
		err = grow(&s->chains, &s->chains_max, s->n,
			   sizeof(*s->chains));
	return err;
}

/* From slot k on: true, and k is the account's; or k is free. */
static bool find_slot(const struct audit_sum *s, uint32_t *k,
		      const struct holder *h, const char *item, size_t n)
{
	uint32_t i;

	while ((i = s->slot[*k & s->mask]) != NONE) {
		if (is_same(&s->at[i], h, item, n))
			return true;
		++*k;
	}
	return false;
}

static int find_account(struct audit_sum *s, uint32_t *out,
			const struct holder *h, const char *item, size_t n)
{
	uint32_t first = hash_of(h, item, n), k = first;
	struct account *a;
	int err;

	if (find_slot(s, &k, h, item, n)) {
		*out = s->slot[k & s->mask];
		return 0;
	}
	err = make_room(s);
	if (err != 0)
		return err;
	k = first; /* there may be more slots now */
	find_slot(s, &k, h, item, n);
	a = &s->at[s->n];
	memset(a, 0, sizeof(*a));
	a->holder = *h;
	memcpy(a->item, item, n);
	s->chains[s->n] = (struct chain){ .first = NULL };
	*out = (uint32_t)s->n;
	s->slot[k & s->mask] = (uint32_t)s->n++;
	return 0;
}

/* Put the events of `more` behind those of c. */
static void chain_join(struct chain *c, const struct chain *more)
{
	if (more->first == NULL)
		return;
	if (c->first == NULL)
		c->first = more->first;
	else
		c->last->next = more->first;
	c->last = more->last;
	c->n += more->n;
}

static int add_event(struct audit_sum *s, uint32_t account,
		     const struct posting *p, uint32_t feed)
{
	struct block *b = s->blocks;
	struct event *e;

	if (b == NULL || b->n == BLOCK) {
		b = malloc(sizeof(*b));
		if (b == NULL)
			return ERR_NOMEM;
		b->n = 0;
		b->next = s->blocks;
		s->blocks = b;
	}
	e = &b->at[b->n++];
	*e = (struct event){ p->delta[COL_ON_HAND], NULL, feed,
			     (uint32_t)p->seq };
	chain_join(&s->chains[account], &(struct chain){ e, e, 1 });
	return 0;
}

int sum_add(struct audit_sum *s, const struct posting *p, uint32_t feed)
{
	uint32_t i;
	int err = find_account(s, &i, &p->holder, p->item, p->item_n);

	if (err != 0)
		return err;
	for (size_t c = 0; c < COL_COUNT; c++)
		s->at[i].col[c] += p->delta[c];
	return p->delta[COL_ON_HAND] == 0 ? 0 : add_event(s, i, p, feed);
}

int sum_join(struct audit_sum *s, struct audit_sum *part)
{
	struct block **end = &part->blocks;

	for (size_t i = 0; i < part->n; i++) {
		const struct account *a = &part->at[i];
		uint32_t k;
		int err = find_account(s, &k, &a->holder, a->item,
				       strlen(a->item));

		if (err != 0)
			return err;
		for (size_t c = 0; c < COL_COUNT; c++)
			s->at[k].col[c] += a->col[c];
		chain_join(&s->chains[k], &part->chains[i]);
		part->chains[i] = (struct chain){ .first = NULL };
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = s->blocks;
	s->blocks = part->blocks;
	part->blocks = NULL;
	part->n = 0;
	memset(part->slot, 0xff,
	       (size_t)(part->mask + 1) * sizeof(*part->slot));
	return 0;
}

/* The events of one account, side by side. */
struct events {
	struct event *at;
	size_t n, max;
};

static int event_cmp(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->feed != y->feed)
		return x->feed < y->feed ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* By feed and seq.  Most come so, because feeds are read in that order. */
static int line_up(struct events *v, const struct chain *c)
{
	bool is_sorted = true;

	if (c->n > v->max) {
		free(v->at);
		v->max = 2 * c->n;
		v->at = malloc(v->max * sizeof(*v->at));
		if (v->at == NULL)
			return ERR_NOMEM;
	}
	v->n = 0;
	for (const struct event *e = c->first; e != NULL; e = e->next) {
		v->at[v->n++] = *e;
		if (v->n > 1 && event_cmp(&v->at[v->n - 2], e) > 0)
			is_sorted = false;
	}
	if (!is_sorted)
		qsort(v->at, v->n, sizeof(*v->at), event_cmp);
	return 0;
}

/* The end of the events in one feed. */
static size_t end_of_feed(const struct events *v, size_t i)
{
	size_t j = i;

	while (j < v->n && v->at[j].feed == v->at[i].feed)
		j++;
	return j;
}

/* All that came in, in events [from, to). */
static int64_t credits(const struct events *v, size_t from, size_t to)
{
	int64_t sum = 0;

	for (size_t i = from; i < to; i++)
		if (v->at[i].delta > 0)
			sum += v->at[i].delta;
	return sum;
}

/* Follow the balance through events [from, to) of one feed, `favour` having
 * come in elsewhere.  One entry may both give and take (an assembly that uses
 * what it makes): its changes are taken together. */
static void follow(const struct events *v, size_t from, size_t to,
		   int64_t favour, struct shortfall *out)
{
	int64_t balance = favour, worst = 0;

	for (size_t i = from; i < to; i++) {
		const struct event *e = &v->at[i];

		balance += e->delta;
		if (i + 1 < to && v->at[i + 1].seq == e->seq)
			continue;
		if (balance < 0 && out->amount == 0 && worst == 0) {
			out->feed = e->feed;
			out->seq = e->seq;
		}
		if (balance < worst)
			worst = balance;
	}
	if ((uint64_t)-worst > out->amount)
		out->amount = (uint64_t)-worst;
}

struct watch {
	bool (*is_own)(void *arg, uint32_t feed, const struct pubkey *member);
	int (*visit)(void *arg, const struct shortfall *f);
	void *arg;
};

/* v holds the events of one account, one at least. */
static int watch_account(const struct account *a, const struct events *v,
			 const struct watch *w)
{
	struct shortfall f = { .account = a };
	int64_t all = credits(v, 0, v->n);
	int64_t end = a->col[COL_ON_HAND];

	for (size_t i = 0; i < v->n;) {
		size_t next = end_of_feed(v, i);

		if (w->is_own(w->arg, v->at[i].feed, &a->holder.member))
			follow(v, i, next, all - credits(v, i, next), &f);
		i = next;
	}
	if (end < 0 && (uint64_t)-end > f.amount) {
		if (f.amount == 0) {
			f.feed = v->at[v->n - 1].feed;
			f.seq = v->at[v->n - 1].seq;
		}
		f.amount = (uint64_t)-end;
	}
	return f.amount == 0 ? 0 : w->visit(w->arg, &f);
}

int sum_shortfalls(struct audit_sum *s,
		   bool (*is_own)(void *arg, uint32_t feed,
				  const struct pubkey *member),
		   int (*visit)(void *arg, const struct shortfall *f),
		   void *arg)
{
	struct watch w = { is_own, visit, arg };
	struct events v = { .n = 0 };
	int err = 0;

	for (size_t i = 0; i < s->n && err == 0; i++) {
		if (s->chains[i].n == 0)
			continue;
		err = line_up(&v, &s->chains[i]);
		if (err == 0)
			err = watch_account(&s->at[i], &v, &w);
	}
	free(v.at);
	return err;
}

static int account_cmp(const void *a, const void *b)
{
	const struct account *x = a, *y = b;
	int c = memcmp(&x->holder, &y->holder, sizeof(x->holder));

	return c != 0 ? c : strcmp(x->item, y->item);
}

/* Sorting moves the accounts, so slots and chains are void from here. */
const struct account *sum_accounts(struct audit_sum *s, size_t *n)
{
	free_blocks(s);
	if (s->n > 0)
		qsort(s->at, s->n, sizeof(*s->at), account_cmp);
	*n = s->n;
	return s->at;
}
